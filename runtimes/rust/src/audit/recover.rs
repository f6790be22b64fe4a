//! `audit recover`: rules `recover` and `recover-nothing`.

use std::fs::{self, File};

use crate::fault::{Fault, Reason};
use crate::files;

use super::place::{self, Place};
use super::{Options, Outcome};

/// The mode of the file that a planted bug makes.
const GROUP_READS: u32 = 0o640;

pub fn run(place: &Place<'_>, subject: &str, options: Options) -> Outcome {
    let mode = if options.group_reads_torn { GROUP_READS } else { files::FILE_MODE };
    match recover(place, subject, mode) {
        Ok(kept) => Outcome::of(format!("{{\"error\":null,\"kept\":{kept}}}"), None),
        Err(fault) => {
            let answer = format!("{{\"error\":{},\"kept\":null}}", Fault::json(Some(&fault)));
            Outcome::of(answer, Some(&fault))
        }
    }
}

/// Moves what stands behind the last LF of the log, and returns how many bytes that are.
fn recover(place: &Place<'_>, subject: &str, mode: u32) -> Result<u64, Fault> {
    let name = place::log(subject);
    let unreadable = |_| Fault::unreadable(&name, Reason::Io);
    let log = place.lock(&name)?;
    let length = log.metadata().map_err(unreadable)?.len();
    let Some(line) = files::last_line(&log, length).map_err(unreadable)?.filter(|line| !line.ended) else {
        return Ok(0);
    };
    if line.is_too_long() {
        let number = line.number(&log, length).map_err(unreadable)?;
        return Err(Fault::of_chain(&name, number, Reason::LineTooLong));
    }
    let kept = line.bytes.len() as u64;
    let torn = Torn::open(place, place::torn(subject), mode)?;
    torn.keep(&line.bytes, || files::cut(&log, length - kept).map_err(|_| Fault::unwritten(&name)))?;
    Ok(kept)
}

/// The file of what was torn.
struct Torn<'a> {
    place: &'a Place<'a>,
    name: String,
    file: File,
    length: u64,
    is_new: bool,
}

impl<'a> Torn<'a> {
    fn open(place: &'a Place<'a>, name: String, mode: u32) -> Result<Self, Fault> {
        let is_new = fs::symlink_metadata(place.path(&name)).is_err();
        let file = place.lock_or_make(&name, mode)?;
        let length = file.metadata().map_err(|_| Fault::unreadable(&name, Reason::Io))?.len();
        Ok(Self { place, name, file, length, is_new })
    }

    /// Appends `bytes`, and only then does `cut`; if either fails, it becomes what it was.
    fn keep(&self, bytes: &[u8], cut: impl FnOnce() -> Result<(), Fault>) -> Result<(), Fault> {
        let kept = files::append(&self.file, bytes).map_err(|_| Fault::unwritten(&self.name)).and_then(|()| cut());
        if kept.is_err() {
            _ = files::cut(&self.file, self.length);
            if self.is_new {
                _ = fs::remove_file(self.place.path(&self.name));
            }
        }
        kept
    }
}
