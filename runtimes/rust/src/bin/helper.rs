//! The helper: answers cases on standard input and output, as `helper.md` has it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

use lakehouse::{helper, protocol};

fn main() -> ExitCode {
    protocol::run(&helper::SURFACES, |options| move |surface, input: &[u8]| helper::answer(surface, input, &options))
}
