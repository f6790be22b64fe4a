//! The directory that a command works in, and the files that it names there.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::fault::{Fault, Reason};
use crate::files;
use crate::lines::MAX_LINE;
use crate::mac::Key;

/// The folder of the chains.
pub const SUBJECTS: &str = "subjects";

/// What the manifests' names end with.
pub const MANIFEST: &str = ".manifest.json";

/// What the logs' names end with.
pub const LOG: &str = ".audit.jsonl";

/// The shortest key in bytes.
const MIN_KEY: usize = 32;

/// The longest key in bytes.
const MAX_KEY: usize = 4096;

/// The name of a subject's manifest.
pub fn manifest(subject: &str) -> String {
    format!("{SUBJECTS}/{subject}{MANIFEST}")
}

/// The name of a subject's log.
pub fn log(subject: &str) -> String {
    format!("{SUBJECTS}/{subject}{LOG}")
}

/// The name of the file that a subject's torn lines go to.
pub fn torn(subject: &str) -> String {
    format!("{SUBJECTS}/{subject}.torn")
}

/// Who may not touch a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyGuard {
    /// Anybody but its owner.
    Others = 0o077,
    /// Its group: a planted bug.
    Group = 0o070,
}

/// A directory.
pub struct Place<'a> {
    directory: &'a Path,
}

impl<'a> Place<'a> {
    pub fn new(directory: &'a Path) -> Self {
        Self { directory }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Opens the file `name` to be read.
    pub fn open(&self, name: &str) -> Result<File, Fault> {
        files::open(&self.path(name)).map_err(|reason| Fault::unreadable(name, reason))
    }

    /// Opens the file `name` to be read and appended to, and waits until nobody else does the like.
    pub fn lock(&self, name: &str) -> Result<File, Fault> {
        let file = files::open_to_append(&self.path(name)).map_err(|reason| Fault::unreadable(name, reason))?;
        locked(file, name)
    }

    /// The same with a file that is made if it is missing, with the mode `mode`.
    pub fn lock_or_make(&self, name: &str, mode: u32) -> Result<File, Fault> {
        match self.lock(name) {
            Err(Fault { reason: Reason::Missing, .. }) => match files::make(&self.path(name), mode) {
                Ok(file) => locked(file, name),
                // Somebody else made it meanwhile, or it cannot be made.
                Err(_) => self.lock(name).map_err(|fault| match fault.reason {
                    Reason::Missing => Fault::unwritten(name),
                    _ => fault,
                }),
            },
            locked => locked,
        }
    }

    /// What the file `name` holds; none if that is more than a line may be long.
    pub fn text(&self, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        let text = files::read_at_most(self.open(name)?, MAX_LINE).map_err(|_| Fault::unreadable(name, Reason::Io))?;
        Ok((text.len() <= MAX_LINE).then_some(text))
    }

    /// The key in the file `name`.
    pub fn key(&self, name: &str, guard: KeyGuard) -> Result<Key, Fault> {
        let fault = |reason| Fault::unreadable(name, reason);
        let file = self.open(name)?;
        let mode = file.metadata().map_err(|_| fault(Reason::Io))?.permissions().mode();
        if mode & guard as u32 != 0 {
            return Err(fault(Reason::KeyPermissions));
        }
        let bytes = files::read_at_most(file, MAX_KEY).map_err(|_| fault(Reason::Io))?;
        match bytes.len() {
            ..MIN_KEY => Err(fault(Reason::KeyTooShort)),
            MIN_KEY..=MAX_KEY => Ok(Key::new(&bytes)),
            _ => Err(fault(Reason::KeyTooLong)),
        }
    }
}

fn locked(file: File, name: &str) -> Result<File, Fault> {
    file.lock().map_err(|_| Fault::unreadable(name, Reason::Io))?;
    Ok(file)
}
