//! The service `validatord`: answers `validate` over HTTP on the loopback, as `service.md` has it.

#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use lakehouse::service::program;
use lakehouse::validatord::PROGRAM;

fn main() -> ExitCode {
    program::run(&PROGRAM, env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()))
}
