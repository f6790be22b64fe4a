//! The service `matrixd`: answers `vectors` and `matrix` over HTTP on the loopback, as `search.md` has it.

#![forbid(unsafe_code)]

use std::env;
use std::process::ExitCode;

use lakehouse::matrixd::PROGRAM;
use lakehouse::service::program;

fn main() -> ExitCode {
    program::run(&PROGRAM, env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()))
}
