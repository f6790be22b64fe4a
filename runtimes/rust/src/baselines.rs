//! The baselines: a file of entries, one a line, each the metrics of a commit.
//!
//! Nothing here opens a file. Lines are kept as they are, however an entry is spelled (rule `round-trip`).

pub mod drift;
pub mod entry;

use std::io::Read;

use crate::fault::{Fault, Kind, Reason};
use crate::lines::{Line, Lines};
use entry::Entry;

/// What a sound file of entries holds, as far as anybody asks.
#[derive(Debug, Default, PartialEq)]
pub struct Summary {
    /// So many entries.
    pub count: u64,
    /// The first of them.
    pub first: Option<Entry>,
    /// The last of them.
    pub last: Option<Entry>,
    /// So many bytes in all.
    pub length: u64,
}

/// Checks the whole file `lines`, called `name`, in memory that does not grow with it.
///
/// # Errors
///
/// The first fault, and how many sound entries there are before it.
pub fn check(name: &str, lines: &mut Lines<impl Read>) -> Result<Summary, (u64, Fault)> {
    let mut summary = Summary::default();
    loop {
        let number = summary.count + 1;
        let fault = |kind, reason| (summary.count, Fault::of_line(name, kind, number, reason));
        let line = match lines.read() {
            Err(_) => return Err((summary.count, Fault::unreadable(name, Reason::Io))),
            Ok(None) => return Ok(summary),
            Ok(Some(line)) if line.is_too_long() => return Err(fault(Kind::Unreadable, Reason::LineTooLong)),
            Ok(Some(Line { ended: false, .. })) => return Err(fault(Kind::Torn, Reason::Unfinished)),
            Ok(Some(Line { bytes, .. })) => bytes,
        };
        let entry = Entry::read(line).map_err(|reason| fault(Kind::Malformed, reason))?;
        summary.count = number;
        summary.length += line.len() as u64 + 1;
        // The only entry of a file is its first and its last.
        let replaced = summary.last.replace(entry);
        if summary.first.is_none() {
            summary.first = replaced;
        }
    }
}

impl Summary {
    /// The first entry and the last, which may be one; none of an empty file.
    #[must_use]
    pub fn ends(&self) -> Option<(&Entry, &Entry)> {
        let last = self.last.as_ref()?;
        Some((self.first.as_ref().unwrap_or(last), last))
    }
}

#[cfg(test)]
pub(crate) mod tests;
