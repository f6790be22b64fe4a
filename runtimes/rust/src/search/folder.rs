//! The data folder: who owns it, what lies in it, and what things are called there.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use super::digits_of;
use super::index::Index;
use super::journal::{UNFINISHED, Unreadable};
use super::request::{is_name, is_tenant};

/// The file by which a process says that the folder is its own.
const LOCK: &str = ".lock";

/// How the name of a tenant's folder begins from the moment on that it counts as gone.
pub const GONE: &str = ".gone";

/// The ending of an index's journal.
pub const JOURNAL: &str = "journal";

/// The ending of a snapshot.
pub const SNAPSHOT: &str = "snapshot";

fn unusable(path: &Path, error: &io::Error) -> String {
    format!("{} cannot be used: {error}", path.display())
}

/// Makes `folder`, and keeps other processes away from it as long as the file lives.
///
/// # Errors
///
/// A sentence that names it.
pub fn own(folder: &Path) -> Result<File, String> {
    fs::create_dir_all(folder).map_err(|error| unusable(folder, &error))?;
    let path = folder.join(LOCK);
    let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
    let lock = lock.map_err(|error| unusable(&path, &error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => {
            Err(format!("{} is in use by another process: end that one, or take another folder", folder.display()))
        }
        Err(TryLockError::Error(error)) => Err(unusable(&path, &error)),
    }
}

/// The names and folders of the tenants; what is left of those that are gone is taken away.
///
/// # Errors
///
/// A sentence that names the file that cannot be used.
pub fn tenants(folder: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let mut tenants = Vec::new();
    for path in listing(folder)? {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with(GONE) {
            fs::remove_dir_all(&path).map_err(|error| unusable(&path, &error))?;
        } else if is_tenant(name) && path.is_dir() {
            tenants.push((name.to_owned(), path));
        }
    }
    Ok(tenants)
}

/// The indexes of a tenant, by their names; what was never finished is taken away.
///
/// # Errors
///
/// A sentence that names the file that cannot be used.
pub fn indexes(folder: &Path) -> Result<BTreeMap<String, Index>, String> {
    let mut indexes = BTreeMap::new();
    for path in listing(folder)? {
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        match path.extension().and_then(|ending| ending.to_str()) {
            Some(UNFINISHED) => fs::remove_file(&path).map_err(|error| unusable(&path, &error))?,
            Some(JOURNAL) if is_name(name) => {
                let index = Index::open(&path).map_err(|error| match error {
                    Unreadable::Io(error) => unusable(&path, &error),
                    Unreadable::Damaged(line) => format!(
                        "{} is damaged at record {line}: put it back from a backup, or take it away to do without",
                        path.display()
                    ),
                })?;
                indexes.extend(index.map(|index| (name.to_owned(), index)));
            }
            _ => {}
        }
    }
    Ok(indexes)
}

fn listing(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let paths = fs::read_dir(folder).and_then(|entries| entries.map(|entry| Ok(entry?.path())).collect());
    paths.map_err(|error| unusable(folder, &error))
}

/// A name for a snapshot, new each time.
#[must_use]
pub fn new_name() -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    format!("s-{}", digits_of(Sha256::new_with_prefix(format!("{now} {} {number}", process::id()))))
}

/// Whether a snapshot may be called so.
#[must_use]
pub fn is_snapshot(name: &str) -> bool {
    let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    name.strip_prefix("s-").is_some_and(|digits| digits.len() == 16 && digits.bytes().all(is_digit))
}
