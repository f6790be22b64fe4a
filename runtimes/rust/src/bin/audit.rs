//! The program `audit`: keeps audit chains and baselines in the current directory, as `audit.md` has it.

#![forbid(unsafe_code)]

use std::env;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use lakehouse::audit::{self, Audit};
use lakehouse::protocol;

/// The answer could not be written.
const UNANSWERED: u8 = 7;

fn main() -> ExitCode {
    // An argument that is not UTF-8 becomes one that is understood by nobody.
    let arguments = env::args_os().skip(1).map(|argument| argument.into_string().unwrap_or_default());
    let arguments: Vec<_> = arguments.collect();
    if arguments == ["serve"] {
        return protocol::run(&audit::SURFACES, |options| {
            let mut audit = Audit::new(options.audit);
            move |_, input: &[u8]| audit.answer(input)
        });
    }
    let outcome = Audit::default().run(&arguments, Path::new("."));
    let printed = outcome.answer.map_or(Ok(()), |answer| print(&answer));
    // Nobody has to listen to the sentences.
    let mut log = io::stderr();
    if let Some(sentence) = &outcome.sentence {
        _ = writeln!(log, "{sentence}");
    }
    match printed {
        Ok(()) => ExitCode::from(outcome.exit),
        Err(error) => {
            _ = writeln!(log, "the answer cannot be written: {error}");
            ExitCode::from(UNANSWERED)
        }
    }
}

fn print(answer: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(format!("{answer}\n").as_bytes())?;
    output.flush()
}
