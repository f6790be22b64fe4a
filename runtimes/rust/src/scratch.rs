//! A directory for a test, with what the commands of `audit` need in it; gone with the test.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, process};

/// The key of the contract's example.
pub const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

/// An event.
pub const EVENT: &str = concat!(
    r#"{"ts":"2026-05-03T10:11:12.461439210Z","accessor":{"daemon":"gateway","kind":"api","purpose":"fill"},"#,
    r#""fields":["name","phone"],"result":"ok"}"#,
);

/// A directory with a key and an event in it.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let scratch = Self(env::temp_dir().join(format!("lakehouse-{}-{number}", process::id())));
        fs::create_dir(&scratch.0).expect("nobody else uses this name");
        scratch.write("audit.key", KEY);
        scratch.write("event.json", EVENT);
        scratch
    }

    pub fn directory(&self) -> &Path {
        &self.0
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file with mode 600, and the folders on the way to it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("it lies in the directory")).expect("folders can be made");
        fs::write(&path, bytes).expect("it can be written");
        self.set_mode(name, 0o600);
    }

    pub fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.path(name), Permissions::from_mode(mode)).expect("the mode can be set");
    }

    /// What a file holds; none where there is none.
    pub fn read(&self, name: &str) -> Option<String> {
        fs::read(self.path(name)).ok().map(|bytes| String::from_utf8(bytes).expect("it is text"))
    }

    /// Everything that is in the directory: names, modes and bytes.
    pub fn listing(&self) -> Vec<(String, u32, Option<Vec<u8>>)> {
        let mut listing = Vec::new();
        let mut folders = vec![self.0.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).expect("it can be read") {
                let path = entry.expect("it can be read").path();
                let mode = fs::symlink_metadata(&path).expect("it is there").permissions().mode() & 0o7777;
                let name = path.strip_prefix(&self.0).expect("it lies in the directory").display().to_string();
                let bytes = path.is_file().then(|| fs::read(&path).expect("it can be read"));
                if path.is_dir() {
                    folders.push(path);
                }
                listing.push((name, mode, bytes));
            }
        }
        listing.sort();
        listing
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}
