//! `audit append`: rules `first-append`, `append`, `append-tip`, `append-unsound`, `append-torn` and `half-there`.
//!
//! Whoever makes a chain makes the log, then the manifest, then the first row. So a manifest without a log is never
//! somebody's beginning, and an empty log without a manifest always may be: it is what stays of an attempt that failed.
//! It is not removed, since somebody else may be waiting for its lock.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::fs::MetadataExt;

use crate::chain::Chain;
use crate::chain::event::Event;
use crate::fault::{Fault, Kind, Reason};
use crate::files;
use crate::lines::Lines;
use crate::mac::{Key, Mac};

use super::place::{self, KeyGuard, Place, SUBJECTS};
use super::{Audit, Outcome};

/// The row that was written: its number and its MAC.
type Written = (u64, Mac);

impl Audit {
    pub(super) fn append(&mut self, place: &Place<'_>, subject: &str, event: &str, key: &str) -> Outcome {
        match self.written(place, subject, event, key) {
            Ok((count, tip)) => {
                let answer = format!("{{\"count\":{count},\"error\":null,\"tip\":\"{}\"}}", tip.as_str());
                Outcome::of(answer, None)
            }
            Err(fault) => {
                let answer = format!("{{\"count\":null,\"error\":{},\"tip\":null}}", Fault::json(Some(&fault)));
                Outcome::of(answer, Some(&fault))
            }
        }
    }

    /// The guard that the key's file has to pass.
    pub(super) fn key_guard(&self) -> KeyGuard {
        if self.options.accept_key_for_others { KeyGuard::Group } else { KeyGuard::Others }
    }

    fn written(&mut self, place: &Place<'_>, subject: &str, event: &str, key: &str) -> Result<Written, Fault> {
        let key = place.key(key, self.key_guard())?;
        let event = Refusable { event: read_event(place, event, subject, &key)?, name: event };
        let chain = Chain {
            subject,
            key: &key,
            manifest: place::manifest(subject).into(),
            log: place::log(subject).into(),
            options: crate::chain::Options::default(),
        };
        let log = lock(place, &chain)?;
        let written = append_to(place, &chain, &log, &event)?;
        if self.options.remember_tips
            && let Ok(log) = log.metadata()
        {
            self.appended.insert((log.dev(), log.ino()), log.len());
        }
        Ok(written)
    }
}

/// An event, and the name of its file, which is to blame where there can be no row of it.
struct Refusable<'a> {
    event: Event,
    name: &'a str,
}

impl Refusable<'_> {
    fn row(&self, chain: &Chain<'_>, prev: &Mac, seq: u64) -> Result<(String, Mac), Fault> {
        self.event.row(chain.subject, prev, seq, chain.key).map_err(|reason| refused(self.name, reason))
    }
}

fn refused(name: &str, reason: Reason) -> Fault {
    Fault::of_file(name, Kind::Refused, reason)
}

/// The event in the file `name`. What can be said against its row is said here, before anything is made.
fn read_event(place: &Place<'_>, name: &str, subject: &str, key: &Key) -> Result<Event, Fault> {
    let text = place.text(name)?.ok_or_else(|| refused(name, Reason::LineTooLong))?;
    let event = Event::read(&text).map_err(|reason| refused(name, reason))?;
    event.check_storable(subject, key).map_err(|reason| refused(name, reason))?;
    Ok(event)
}

/// The log, locked; made where neither it nor a manifest is there.
fn lock(place: &Place<'_>, chain: &Chain<'_>) -> Result<File, Fault> {
    // The manifest is looked at first: it is made behind the log, so where it is there, the log has to be.
    let manifest = fs::metadata(place.path(&chain.manifest));
    let is_new = manifest.is_err_and(|error| files::reason(&error) == Reason::Missing);
    if !is_new {
        return place.lock(&chain.log);
    }
    match place.lock(&chain.log) {
        Err(Fault { reason: Reason::Missing, .. }) => {
            files::make_folder(&place.path(SUBJECTS)).map_err(|_| Fault::unwritten(&chain.log))?;
            place.lock_or_make(&chain.log, files::FILE_MODE)
        }
        locked => locked,
    }
}

/// Appends the row of `event` to `log`, which is locked.
fn append_to(place: &Place<'_>, chain: &Chain<'_>, log: &File, event: &Refusable<'_>) -> Result<Written, Fault> {
    let unreadable = |_| Fault::unreadable(&chain.log, Reason::Io);
    let length = log.metadata().map_err(unreadable)?.len();
    let genesis = match place.open(&chain.manifest) {
        Err(Fault { reason: Reason::Missing, .. }) if length == 0 => return begin(place, chain, log, event),
        manifest => chain.genesis(&mut Lines::new(manifest?))?,
    };
    let (prev, seq) = match files::last_line(log, length).map_err(unreadable)? {
        None => (genesis, 0),
        Some(line) => {
            let last = if line.is_too_long() {
                Err(Reason::LineTooLong)
            } else if line.ended {
                chain.last_row(&line.bytes)
            } else {
                Err(Reason::Unfinished)
            };
            match last {
                Ok(last) => last,
                Err(reason) => {
                    let number = line.number(log, length).map_err(unreadable)?;
                    return Err(Fault::of_chain(&chain.log, number, reason));
                }
            }
        }
    };
    let (row, mac) = event.row(chain, &prev, seq + 1)?;
    files::append(log, row.as_bytes()).map_err(|_| Fault::unwritten(&chain.log))?;
    Ok((seq + 1, mac))
}

/// Makes the manifest, and appends the first row to the empty `log`.
fn begin(place: &Place<'_>, chain: &Chain<'_>, log: &File, event: &Refusable<'_>) -> Result<Written, Fault> {
    let (manifest, genesis) = chain.new_manifest(event.event.ts());
    let (row, mac) = event.row(chain, &genesis, 1)?;
    let path = place.path(&chain.manifest);
    files::replace(&path, |mut file| file.write_all(manifest.as_bytes()))
        .map_err(|_| Fault::unwritten(&chain.manifest))?;
    files::append(log, row.as_bytes()).map_err(|_| {
        // Nothing is made by a command that fails; the lock is still ours.
        _ = fs::remove_file(path);
        Fault::unwritten(&chain.log)
    })?;
    Ok((1, mac))
}
