//! The program `audit`: from arguments and a directory to an answer, an exit code and a sentence for a person.
//!
//! The command line and `audit serve` are two thin shells over [`Audit::run`].
//!
//! Decisions where the contract leaves room:
//! - A file's name that is empty, a subject or an anchor that is none, and an argument that is not UTF-8 make a command
//!   line that is not understood. What begins with `--` is an option, unless it stands behind one as its value.
//! - `serve` in a request is not understood either.
//! - A last line that is too long is that before it is torn, for every command.
//! - A folder, a log or a file that cannot be made is `unwritten`; a file of baselines that was made stays, empty, if the
//!   entry cannot be written, since somebody else may be waiting for its lock.
//! - Anchors of more than 1 MiB have the wrong shape. Without the folder `subjects` no subject is answered for, not even
//!   an anchored one. A log that is missing is told before what an anchor says of `genesis`.
//! - `copy`, as `append`, counts nothing where it fails.
//! - A request that is not as `files.md` has it is a fault of the caller, as one that the helper cannot parse.

mod append;
mod baselines;
mod command;
mod place;
mod recover;
mod verify;

use std::collections::HashMap;
use std::path::Path;

use serde::Deserialize;

use crate::baselines::drift;
use crate::fault::Fault;
use crate::surface::Surface;
use command::Command;
use place::Place;

/// The surfaces that `audit serve` serves. A request of either may hold any command.
pub static SURFACES: [Surface; 2] = [Surface::SubjectAuditFiles, Surface::AuditBaselines];

/// Departures from the contract, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Accept a key that others may touch, if its group may not.
    pub accept_key_for_others: bool,
    /// Let the group read the file that `recover` makes.
    pub group_reads_torn: bool,
    /// Verify a log only as far as it went when it was last appended to.
    pub remember_tips: bool,
    /// How the drift table is made.
    pub drift: drift::Options,
}

/// What came of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The answer, canonical; none to a command line that was not understood.
    pub answer: Option<String>,
    /// The exit code.
    pub exit: u8,
    /// What is wrong, for a person; none where the exit code is 0.
    pub sentence: Option<String>,
}

impl Outcome {
    /// The exit code of a command line that is not understood.
    const NOT_UNDERSTOOD: u8 = 2;

    fn of(answer: String, fault: Option<&Fault>) -> Self {
        let exit = fault.map_or(0, |fault| fault.kind.exit_code());
        Self { answer: Some(answer), exit, sentence: fault.map(ToString::to_string) }
    }

    fn not_understood(why: &str) -> Self {
        let sentence = format!("the command line is not understood: {why}; it is one of: {}", command::USAGE);
        Self { answer: None, exit: Self::NOT_UNDERSTOOD, sentence: Some(sentence) }
    }
}

/// The program. Sound, it remembers nothing from one command to the next.
#[derive(Debug, Default)]
pub struct Audit {
    options: Options,
    /// How long logs were behind the last append, by device and number: what a planted bug remembers.
    appended: HashMap<(u64, u64), u64>,
}

/// A request's text, as `files.md` has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    arguments: Vec<String>,
    directory: String,
}

impl Audit {
    /// The program with the planted bugs of `options`.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self { options, appended: HashMap::new() }
    }

    /// Does what the command line `arguments` says, in `directory`.
    pub fn run(&mut self, arguments: &[String], directory: &Path) -> Outcome {
        let place = Place::new(directory);
        match Command::parse(arguments) {
            Ok(Command::Append { subject, event, key }) => self.append(&place, subject, event, key),
            Ok(Command::Verify { of, key }) => self.verify(&place, &of, key),
            Ok(Command::Recover { subject }) => recover::run(&place, subject, self.options),
            Ok(Command::Baselines(command)) => baselines::run(&place, &command, self.options.drift),
            Err(why) => Outcome::not_understood(&why),
        }
    }

    /// Answers a request of `audit serve`.
    ///
    /// # Errors
    ///
    /// Why `text` is no request.
    pub fn answer(&mut self, text: &[u8]) -> Result<String, String> {
        // Serde would fill the request from an array as well, member by member.
        if !text.trim_ascii_start().starts_with(b"{") {
            return Err("its text is not a JSON object".to_owned());
        }
        let request: Request = serde_json::from_slice(text).map_err(|error| format!("its text: {error}"))?;
        let outcome = self.run(&request.arguments, Path::new(&request.directory));
        // Canonical as it stands: the answer is, and "answer" sorts before "exit".
        let answer = outcome.answer.as_deref().unwrap_or("null");
        Ok(format!("{{\"answer\":{answer},\"exit\":{}}}", outcome.exit))
    }
}

#[cfg(test)]
mod tests;
