//! The audit chain of a subject: a manifest, and rows that each bind the one before (`audit.md`).
//!
//! [`mod@line`] checks a line by itself, [`verify`] a whole log, and [`event`] makes a row. Nothing here opens a file: a
//! manifest and a log are whatever can be read, under the names that answers are to give them.
//!
//! Decisions:
//! - What is signed and what is compared comes from the bytes of the line, by the strict reader and the canonical
//!   writer. No struct stands between, so there is nothing that could get lost. `ordinary` finds the same out faster
//!   for the lines that nearly all are.
//! - The checks are those of the contract and no more: a row without `accessor` whose MAC is right is sound.

pub mod anchor;
pub mod event;
pub mod line;
mod ordinary;
pub mod verify;

use std::borrow::Cow;
use std::io::Read;

use crate::fault::{Fault, Reason};
use crate::ijson::{MAX_INTEGER, Value};
use crate::jcs;
use crate::lines::Lines;
use crate::mac::{Key, Mac};
use line::{Claims, Role};

/// Departures from the contract, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// How a line is checked by itself.
    pub line: line::Options,
    /// Do not compare a row's subject.
    pub ignore_row_subject: bool,
    /// Count the last complete line of a log unchecked, if it has a well-formed MAC.
    pub trust_last_row: bool,
    /// Call a torn last line tampered.
    pub torn_is_tampered: bool,
}

/// The chain of a subject, and what its files are called in answers.
pub struct Chain<'a> {
    /// Whose rows they are.
    pub subject: &'a str,
    /// The key of its MACs.
    pub key: &'a Key,
    /// What the manifest's file is called.
    pub manifest: Cow<'a, str>,
    /// What the log's file is called.
    pub log: Cow<'a, str>,
    /// Planted bugs.
    pub options: Options,
}

impl Chain<'_> {
    /// Checks the manifest, which is the whole file `lines`, and returns its `genesis`.
    ///
    /// # Errors
    ///
    /// The first fault in the contract's order.
    pub fn genesis(&self, lines: &mut Lines<impl Read>) -> Result<Mac, Fault> {
        let failed = |_| Fault::unreadable(&self.manifest, Reason::Io);
        let mut first = Vec::new();
        let mut ended = false;
        if let Some(line) = lines.read().map_err(failed)? {
            if line.is_too_long() {
                return Err(Fault::of_chain(&self.manifest, 1, Reason::LineTooLong));
            }
            first.extend_from_slice(line.bytes);
            ended = line.ended;
        }
        let is_one_line = ended && lines.read().map_err(failed)?.is_none();
        let checked = line::check(&first, Role::Manifest { is_one_line }, self.key, self.options.line);
        let checked = checked.and_then(|(genesis, claims)| self.of_subject(&claims).map(|()| genesis));
        checked.map_err(|reason| Fault::of_chain(&self.manifest, 1, reason))
    }

    /// Checks the row `bytes`, which is line `number` and behind the MAC `tip`, and returns its own MAC.
    ///
    /// # Errors
    ///
    /// The first reason in the contract's order.
    pub fn row(&self, bytes: &[u8], number: u64, tip: &Mac) -> Result<Mac, Reason> {
        let (mac, claims) = self.row_by_itself(bytes)?;
        let goes_on = claims.prev.as_deref() == Some(tip.as_str()) && claims.seq == Some(number);
        if goes_on { Ok(mac) } else { Err(Reason::Chain) }
    }

    /// Checks the row `bytes`, whose predecessors nobody looks at, and returns its MAC and its number.
    ///
    /// # Errors
    ///
    /// The first reason in the contract's order; `chain` if its number leaves none for the next row.
    pub fn last_row(&self, bytes: &[u8]) -> Result<(Mac, u64), Reason> {
        let (mac, claims) = self.row_by_itself(bytes)?;
        let seq = claims.seq.filter(|seq| (1..MAX_INTEGER).contains(seq));
        Ok((mac, seq.ok_or(Reason::Chain)?))
    }

    fn row_by_itself<'b>(&self, bytes: &'b [u8]) -> Result<(Mac, Claims<'b>), Reason> {
        let (mac, claims) = line::check(bytes, Role::Row, self.key, self.options.line)?;
        if !self.options.ignore_row_subject {
            self.of_subject(&claims)?;
        }
        Ok((mac, claims))
    }

    fn of_subject(&self, claims: &Claims<'_>) -> Result<(), Reason> {
        if claims.subject.as_deref() == Some(self.subject) { Ok(()) } else { Err(Reason::Subject) }
    }

    /// A new manifest, its LF included, and its `genesis`.
    #[must_use]
    pub fn new_manifest(&self, created_at: &str) -> (String, Mac) {
        let members = [("created_at", created_at), ("schema", "subject_manifest.v1"), ("subject", self.subject)];
        let member = |(name, text): (&str, &str)| (name.to_owned(), Value::String(text.to_owned()));
        sealed(Value::Object(members.map(member).into()), "genesis", self.key)
    }
}

/// The canonical line of `value` with its MAC as the member `name`, and that MAC.
fn sealed(mut value: Value, name: &str, key: &Key) -> (String, Mac) {
    let mut line = String::new();
    jcs::write(&value, jcs::Options::default(), &mut line);
    let mac = key.mac(&[line.as_bytes()]);
    if let Value::Object(members) = &mut value {
        members.insert(name.to_owned(), Value::String(mac.as_str().to_owned()));
    }
    line.clear();
    jcs::write(&value, jcs::Options::default(), &mut line);
    line.push('\n');
    (line, mac)
}

#[cfg(test)]
pub(crate) mod tests;
