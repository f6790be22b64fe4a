//! Files on disk: looked at before they are opened, appended to whole or not at all, replaced as a whole.
//!
//! Decisions:
//! - [`File::lock`] is `flock(LOCK_EX)`, and belongs to the opened file: two threads that open it each exclude one
//!   another as two processes do, and the end of a process lets go of it.
//! - What makes a file sets its mode once more behind the umask: the contract names the modes.
//! - A folder is synced behind what was made in it, so that a crash does not lose the name of a synced file. Where a
//!   file system cannot do that, the file is there all the same.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::fault::Reason;
use crate::lines::MAX_LINE;

/// The mode of files, unless a planted bug has another.
pub const FILE_MODE: u32 = 0o600;

/// The mode of folders.
const FOLDER_MODE: u32 = 0o700;

/// Nearly every line lies in the last so many bytes of its file.
const NEAR_END: usize = 4 << 10;

/// Opens the file at `path` to be read.
///
/// # Errors
///
/// The reason why it cannot be, in the contract's words.
pub fn open(path: &Path) -> Result<File, Reason> {
    open_with(path, OpenOptions::new().read(true))
}

/// Opens the file at `path` to be read and appended to.
///
/// # Errors
///
/// The reason why it cannot be, in the contract's words.
pub fn open_to_append(path: &Path) -> Result<File, Reason> {
    open_with(path, OpenOptions::new().read(true).append(true))
}

fn open_with(path: &Path, options: &OpenOptions) -> Result<File, Reason> {
    // Opening a pipe would wait for somebody at its other end.
    if !fs::metadata(path).map_err(|error| reason(&error))?.is_file() {
        return Err(Reason::NotAFile);
    }
    options.open(path).map_err(|error| reason(&error))
}

/// Why a file cannot be had.
#[must_use]
pub fn reason(error: &io::Error) -> Reason {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Reason::Missing,
        ErrorKind::PermissionDenied => Reason::NoPermission,
        _ => Reason::Io,
    }
}

/// Makes the file at `path`, where nothing stands, to be read and appended to.
///
/// # Errors
///
/// If it cannot be made; [`ErrorKind::AlreadyExists`] if somebody was faster.
pub fn make(path: &Path, mode: u32) -> io::Result<File> {
    let file = OpenOptions::new().read(true).append(true).create_new(true).mode(mode).open(path)?;
    file.set_permissions(Permissions::from_mode(mode))?;
    sync_folder_of(path);
    Ok(file)
}

/// Makes the folder at `path`, unless it is there.
///
/// # Errors
///
/// If it cannot be made.
pub fn make_folder(path: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(FOLDER_MODE).create(path) {
        Ok(()) => {
            fs::set_permissions(path, Permissions::from_mode(FOLDER_MODE))?;
            sync_folder_of(path);
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

fn sync_folder_of(path: &Path) {
    if let Some(folder) = path.parent() {
        _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

/// What `file` holds, or its first `most` bytes and one more if it holds more.
///
/// # Errors
///
/// If reading fails.
pub fn read_at_most(file: impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Appends `bytes` to `file`, which is opened for that and locked: all of them, synced, or none.
///
/// # Errors
///
/// If writing or syncing fails, be it for a part of the bytes.
pub fn append(mut file: &File, bytes: &[u8]) -> io::Result<()> {
    let length = file.metadata()?.len();
    let appended = match file.write(bytes) {
        Ok(written) if written == bytes.len() => file.sync_data(),
        Ok(_) => Err(ErrorKind::WriteZero.into()),
        Err(error) => Err(error),
    };
    if appended.is_err() {
        // If this fails as well, a torn line is left, as by a crash; there is nothing more to be done here.
        _ = cut(file, length);
    }
    appended
}

/// Cuts `file` to its first `length` bytes.
///
/// # Errors
///
/// If cutting or syncing fails.
pub fn cut(file: &File, length: u64) -> io::Result<()> {
    file.set_len(length)?;
    file.sync_data()
}

/// Puts a file in place of whatever stands at `path`: `write` fills another beside it, which is then renamed.
///
/// # Errors
///
/// If any of that fails; then nothing has changed.
pub fn replace(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let (beside, file) = make_beside(path)?;
    let replaced = write(&file).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&beside, path));
    match replaced {
        Ok(()) => sync_folder_of(path),
        Err(_) => _ = fs::remove_file(&beside),
    }
    replaced
}

/// A new file in the folder of `path`, under a name that no subject has.
fn make_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    loop {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let beside = path.with_file_name(format!(".audit-{}-{number}.tmp", process::id()));
        match make(&beside, FILE_MODE) {
            Ok(file) => return Ok((beside, file)),
            // A process of the same number died here.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}

/// The last line of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct LastLine {
    /// Its bytes, without the LF; only its end if it is longer than [`MAX_LINE`].
    pub bytes: Vec<u8>,
    /// Whether an LF ends it.
    pub ended: bool,
}

impl LastLine {
    /// Whether it has more than [`MAX_LINE`] bytes.
    #[must_use]
    pub fn is_too_long(&self) -> bool {
        self.bytes.len() > MAX_LINE
    }

    /// Its number in `file`, which has `length` bytes.
    ///
    /// # Errors
    ///
    /// If reading fails.
    pub fn number(&self, file: &File, length: u64) -> io::Result<u64> {
        let mut piece = vec![0; 64 << 10];
        let (mut at, mut feeds) = (0, 0);
        while at < length {
            let read = file.read_at(&mut piece, at)?;
            if read == 0 {
                return Err(ErrorKind::UnexpectedEof.into());
            }
            feeds += piece[..read].iter().map(|byte| u64::from(*byte == b'\n')).sum::<u64>();
            at += read as u64;
        }
        Ok(feeds + 1 - u64::from(self.ended))
    }
}

/// The last line of `file`, which has `length` bytes; none if it is empty. No more is read than it takes.
///
/// # Errors
///
/// If reading fails.
pub fn last_line(file: &File, length: u64) -> io::Result<Option<LastLine>> {
    if length == 0 {
        return Ok(None);
    }
    // The longest line, its LF, and a byte that tells a longer one.
    let furthest = MAX_LINE + 2;
    for reach in [NEAR_END, furthest] {
        let reach = usize::try_from(length).map_or(reach, |length| reach.min(length));
        let mut bytes = vec![0; reach];
        file.read_exact_at(&mut bytes, length - reach as u64)?;
        let ended = bytes.pop_if(|byte| *byte == b'\n').is_some();
        let feed = bytes.iter().rposition(|byte| *byte == b'\n');
        if feed.is_some() || reach as u64 == length || reach == furthest {
            bytes.drain(..feed.map_or(0, |feed| feed + 1));
            return Ok(Some(LastLine { bytes, ended }));
        }
    }
    unreachable!("the furthest reach is decisive")
}

#[cfg(test)]
mod tests;
