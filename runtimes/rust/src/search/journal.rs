//! The files below the data folder: journals, which grow by a record a write, and snapshots, which are whole.
//!
//! A record is a line: 16 hex digits, a space, and its text, which holds no line feed. The digits are those of a
//! SHA-256 over the digits before and the text, so every line vouches for all that stand before it. A crash may leave
//! the beginning of a line behind, which was never acknowledged and has no line feed. Anything else that is not as it
//! was written is damage. A snapshot has an end, which vouches for all of it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::digits_of;
use super::record::{self, Record};
use crate::files::FILE_MODE;

/// So many hex digits begin a line.
const DIGITS: usize = 16;

/// What a file's first line stands behind.
const START: &str = "0000000000000000";

/// Why a file cannot be read.
#[derive(Debug)]
pub enum Unreadable {
    /// It cannot be had.
    Io(io::Error),
    /// The line of this number is not what was written.
    Damaged(usize),
}

impl From<io::Error> for Unreadable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// A journal that is written to.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    /// None until something is written.
    file: Option<File>,
    /// So many bytes are in order; what stands behind is written over.
    length: u64,
    sum: String,
    /// A planted bug: what was acknowledged and not yet written.
    late: Option<String>,
}

impl Journal {
    /// The journal of an index that is about to be made.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path, file: None, length: 0, sum: START.to_owned(), late: None }
    }

    /// Reads the journal at `path`, hands its records to `take`, and cuts off what a crash left behind them.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is damaged.
    pub fn open(path: &Path, take: impl FnMut(Record)) -> Result<Self, Unreadable> {
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        let read = read(&file, take)?;
        if !read.is_whole {
            file.set_len(read.length)?;
        }
        Ok(Self { path: path.to_owned(), file: Some(file), length: read.length, sum: read.sum, late: None })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether no record was ever written to it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// Puts a journal of these records in place of whatever is at `path`.
    ///
    /// # Errors
    ///
    /// If it cannot be written; then nothing has changed.
    pub fn replace(path: &Path, records: impl Iterator<Item = String>) -> io::Result<Self> {
        let (file, length, sum) = write_whole(path, records)?;
        Ok(Self { path: path.to_owned(), file: Some(file), length, sum, late: None })
    }

    /// Writes a record, or with a plant only remembers it.
    ///
    /// # Errors
    ///
    /// If it cannot be written; then nothing has changed.
    pub fn append(&mut self, text: String, write_late: bool) -> io::Result<()> {
        self.flush()?;
        if write_late {
            self.late = Some(text);
            return Ok(());
        }
        self.write(&text)
    }

    /// Writes what was not yet written.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        match self.late.take() {
            Some(text) => self.write(&text),
            None => Ok(()),
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        let (line, sum) = line(&self.sum, text);
        let file = match &self.file {
            Some(file) => file,
            None => self.file.insert(create(&self.path)?),
        };
        if let Err(error) = file.write_all_at(line.as_bytes(), self.length) {
            // If this fails as well, a torn line is left, as by a crash, over which the next one is written.
            _ = file.set_len(self.length);
            return Err(error);
        }
        self.length += line.len() as u64;
        self.sum = sum;
        Ok(())
    }

    /// Takes the file away, if there is one.
    ///
    /// # Errors
    ///
    /// If that fails.
    pub fn remove(&self) -> io::Result<()> {
        if self.file.is_some() { fs::remove_file(&self.path) } else { Ok(()) }
    }
}

/// Writes a snapshot of `size` items to `path`.
///
/// # Errors
///
/// If it cannot be written; then there is none.
pub fn write_snapshot(path: &Path, records: impl Iterator<Item = String>, size: usize) -> io::Result<()> {
    write_whole(path, records.chain([record::end(size)])).map(drop)
}

/// Reads the snapshot at `path`, and hands its records to `take`.
///
/// # Errors
///
/// If it cannot be read, or is not to the byte what was written.
pub fn read_snapshot(path: &Path, mut take: impl FnMut(Record)) -> Result<(), Unreadable> {
    let mut has_ended = false;
    let mut goes_on = false;
    let read = read(&File::open(path)?, |record| {
        goes_on |= has_ended;
        has_ended = matches!(record, Record::End(_));
        take(record);
    })?;
    if has_ended && read.is_whole && !goes_on { Ok(()) } else { Err(Unreadable::Damaged(read.lines + 1)) }
}

/// What there is to say of a file behind its records.
struct Read {
    length: u64,
    lines: usize,
    sum: String,
    /// Whether nothing stands behind the last record.
    is_whole: bool,
}

fn read(file: &File, mut take: impl FnMut(Record)) -> Result<Read, Unreadable> {
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut read = Read { length: 0, lines: 0, sum: START.to_owned(), is_whole: true };
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes)? > 0 {
        let damaged = || Unreadable::Damaged(read.lines + 1);
        if bytes == b"\n" && reader.fill_buf()?.is_empty() {
            read.is_whole = false; // behind the last record, and no record itself
            break;
        }
        let Some(text) = bytes.strip_suffix(b"\n") else {
            // A whole record of which the line feed was made another byte is no crash's doing.
            let without_last = bytes.split_last().map(|(_, others)| others);
            if without_last.is_some_and(|line| understood(&read.sum, line).is_some()) {
                return Err(damaged());
            }
            read.is_whole = false;
            break;
        };
        let (record, sum) = understood(&read.sum, text).ok_or_else(damaged)?;
        take(record);
        read.sum = sum;
        read.length += bytes.len() as u64;
        read.lines += 1;
        bytes.clear();
    }
    Ok(read)
}

/// The record of a line behind one of this sum, and the line's own sum.
fn understood(before: &str, line: &[u8]) -> Option<(Record, String)> {
    let (digits, [b' ', text @ ..]) = line.split_at_checked(DIGITS)? else { return None };
    let sum = sum(before, text);
    (digits == sum.as_bytes()).then(|| record::read(text)).flatten().map(|record| (record, sum))
}

fn line(before: &str, text: &str) -> (String, String) {
    let sum = sum(before, text.as_bytes());
    (format!("{sum} {text}\n"), sum)
}

fn sum(before: &str, text: &[u8]) -> String {
    digits_of(Sha256::new_with_prefix(before).chain_update(text))
}

/// A file that is opened to be read and written, with nothing in it.
fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(FILE_MODE).open(path)
}

/// Writes these records to another file beside `path`, and renames it: the file, its length and its last sum.
fn write_whole(path: &Path, records: impl Iterator<Item = String>) -> io::Result<(File, u64, String)> {
    let beside = path.with_added_extension(UNFINISHED);
    let written = write_all(&beside, records).and_then(|written| {
        fs::rename(&beside, path)?;
        Ok(written)
    });
    if written.is_err() {
        _ = fs::remove_file(&beside);
    }
    written
}

/// The ending of a file that is not yet what it is to be; a start takes such files away.
pub const UNFINISHED: &str = "tmp";

fn write_all(path: &Path, records: impl Iterator<Item = String>) -> io::Result<(File, u64, String)> {
    let mut out = BufWriter::with_capacity(1 << 16, create(path)?);
    let (mut length, mut before) = (0, START.to_owned());
    for text in records {
        let (line, sum) = line(&before, &text);
        out.write_all(line.as_bytes())?;
        length += line.len() as u64;
        before = sum;
    }
    let file = out.into_inner().map_err(|error| io::Error::other(error.to_string()))?;
    Ok((file, length, before))
}

#[cfg(test)]
mod tests;
