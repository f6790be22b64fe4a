//! The helper: answers cases on standard input and output, as `helper.md` has it.

#![forbid(unsafe_code)]

use std::error::Error;
use std::io;
use std::process::ExitCode;

use lakehouse::plant::Plant;
use lakehouse::protocol::{self, Stop};

/// The caller is at fault: an unknown plant, or a request that no helper could answer.
const CALLER_AT_FAULT: u8 = 2;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            match error.downcast_ref() {
                Some(Stop::Io(_)) => ExitCode::FAILURE,
                Some(Stop::Request(_)) | None => ExitCode::from(CALLER_AT_FAULT),
            }
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let plant = Plant::of_environment(&protocol::SURFACES)?;
    protocol::serve(io::stdin().lock(), io::stdout().lock(), plant)?;
    Ok(())
}
