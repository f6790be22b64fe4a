//! What can be had, and that nothing half-done stays.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::net::UnixListener;

use super::{append, cut, last_line, make, make_folder, open, open_to_append, read_at_most, replace};
use crate::fault::Reason;
use crate::lines::MAX_LINE;
use crate::scratch::Scratch;

fn mode(scratch: &Scratch, name: &str) -> u32 {
    fs::metadata(scratch.path(name)).expect("it is there").permissions().mode() & 0o7777
}

#[test]
fn only_ordinary_files_are_opened() {
    let scratch = Scratch::new();
    let _socket = UnixListener::bind(scratch.path("socket")).expect("it can be bound");
    symlink("nowhere", scratch.path("dangling")).expect("it can be made");
    symlink("loop", scratch.path("loop")).expect("it can be made");
    symlink("event.json", scratch.path("link")).expect("it can be made");
    for (name, expected) in [
        ("event.json", None),
        ("link", None),
        ("nothing", Some(Reason::Missing)),
        ("no/folder", Some(Reason::Missing)),
        ("event.json/below", Some(Reason::Missing)),
        ("dangling", Some(Reason::Missing)),
        (".", Some(Reason::NotAFile)),
        ("socket", Some(Reason::NotAFile)),
        ("/dev/null", Some(Reason::NotAFile)),
        ("loop", Some(Reason::Io)),
        ("a\0b", Some(Reason::Io)),
        (&"x".repeat(300), Some(Reason::Io)),
    ] {
        assert_eq!(open(&scratch.path(name)).err(), expected, "{name}");
        assert_eq!(open_to_append(&scratch.path(name)).err(), expected, "{name}");
    }
    assert_eq!(super::reason(&io::ErrorKind::PermissionDenied.into()), Reason::NoPermission);
}

#[test]
fn what_is_made_has_its_mode() {
    let scratch = Scratch::new();
    make_folder(&scratch.path("folder")).expect("it can be made");
    assert_eq!(mode(&scratch, "folder"), 0o700);
    fs::set_permissions(scratch.path("folder"), Permissions::from_mode(0o750)).expect("it can be set");
    make_folder(&scratch.path("folder")).expect("it is there");
    assert_eq!(mode(&scratch, "folder"), 0o750, "a folder that is there is left alone");
    for wanted in [0o600, 0o640, 0o666] {
        let name = format!("folder/{wanted:o}");
        make(&scratch.path(&name), wanted).expect("it can be made");
        assert_eq!(mode(&scratch, &name), wanted);
        let again = make(&scratch.path(&name), wanted).expect_err("it is there");
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
    }
    assert!(make_folder(&scratch.path("no/folder")).is_err());
}

#[test]
fn bytes_are_appended_and_cut() {
    let scratch = Scratch::new();
    let file = make(&scratch.path("log"), 0o600).expect("it can be made");
    append(&file, b"one\n").expect("there is room");
    append(&file, b"two\n").expect("there is room");
    assert_eq!(scratch.read("log").as_deref(), Some("one\ntwo\n"));
    cut(&file, 4).expect("it can be cut");
    append(&file, b"3\n").expect("there is room");
    assert_eq!(scratch.read("log").as_deref(), Some("one\n3\n"));
}

#[test]
fn a_device_without_room_is_an_error() {
    let full = OpenOptions::new().append(true).open("/dev/full").expect("Linux has it");
    let error = append(&full, b"row\n").expect_err("it is full");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
}

#[test]
fn a_file_is_replaced_whole_or_not_at_all() {
    let scratch = Scratch::new();
    scratch.write("to", "old");
    scratch.set_mode("to", 0o644);
    let before = scratch.listing();
    let failed = replace(&scratch.path("to"), |mut file| {
        file.write_all(b"half")?;
        Err(io::ErrorKind::StorageFull.into())
    });
    assert!(failed.is_err());
    assert_eq!(scratch.listing(), before);

    replace(&scratch.path("to"), |mut file| file.write_all(b"new")).expect("it can be replaced");
    assert_eq!((scratch.read("to").as_deref(), mode(&scratch, "to")), (Some("new"), 0o600));
    symlink("event.json", scratch.path("link")).expect("it can be made");
    replace(&scratch.path("link"), |mut file| file.write_all(b"new")).expect("it can be replaced");
    assert!(fs::symlink_metadata(scratch.path("link")).expect("it is there").is_file(), "the link itself is replaced");
    assert_eq!(scratch.listing().len(), before.len() + 1);

    make_folder(&scratch.path("folder")).expect("it can be made");
    let before = scratch.listing();
    for name in ["folder", "folder/", ".", "..", "no/folder", "to/below", ""] {
        assert!(replace(&scratch.path(name), |_| Ok(())).is_err(), "{name}");
    }
    assert_eq!(scratch.listing(), before);
}

#[test]
fn no_more_is_read_than_tells_that_it_is_too_much() {
    assert_eq!(read_at_most(&b"abc"[..], 3).expect("it can be read"), b"abc");
    assert_eq!(read_at_most(io::repeat(b'x'), 3).expect("it can be read").len(), 4);
}

/// The last line of a file of these bytes: its length, whether it is ended, and its number.
fn last(bytes: &[u8]) -> Option<(usize, bool, u64)> {
    let scratch = Scratch::new();
    scratch.write("log", bytes);
    let file = File::open(scratch.path("log")).expect("it is there");
    let line = last_line(&file, bytes.len() as u64).expect("it can be read")?;
    assert!(line.is_too_long() || bytes.ends_with(&line.bytes) || bytes.ends_with(&[&line.bytes[..], b"\n"].concat()));
    assert_eq!(line.is_too_long(), line.bytes.len() > MAX_LINE);
    Some((line.bytes.len(), line.ended, line.number(&file, bytes.len() as u64).expect("it can be read")))
}

#[test]
fn the_last_line_is_found_from_the_end() {
    assert_eq!(last(b""), None);
    assert_eq!(last(b"\n"), Some((0, true, 1)));
    assert_eq!(last(b"a"), Some((1, false, 1)));
    assert_eq!(last(b"a\n"), Some((1, true, 1)));
    assert_eq!(last(b"a\n\n"), Some((0, true, 2)));
    assert_eq!(last(b"a\nbc\ndef"), Some((3, false, 3)));
    assert_eq!(last(b"a\nbc\ndef\n"), Some((3, true, 3)));
    // Around the two reaches, with a line before and without.
    for length in [4094, 4095, 4096, 4097, MAX_LINE - 1, MAX_LINE, MAX_LINE + 1] {
        let line = vec![b'x'; length];
        assert_eq!(last(&line), Some((length, false, 1)), "{length}");
        assert_eq!(last(&[&line, &b"\n"[..]].concat()), Some((length, true, 1)), "{length}");
        assert_eq!(last(&[&b"a\n\n"[..], &line].concat()), Some((length, false, 3)), "{length}");
        assert_eq!(last(&[&b"a\n\n"[..], &line, b"\n"].concat()), Some((length, true, 3)), "{length}");
    }
    // Of a longer one no more is read than tells that it is longer.
    let longer = [&b"a\n"[..], &vec![b'x'; 2 * MAX_LINE]].concat();
    assert_eq!(last(&longer), Some((MAX_LINE + 2, false, 2)));
    assert_eq!(last(&[&longer, &b"\n"[..]].concat()), Some((MAX_LINE + 1, true, 2)));
}
