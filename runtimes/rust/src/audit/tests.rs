//! The commands on a directory. `tests/audit` drives the program as a whole.

mod append;
mod baselines;
mod recover;
mod verify;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;

use super::{Audit, Outcome};
use crate::scratch::{KEY, Scratch};

const LOG: &str = "subjects/W-1.audit.jsonl";
const MANIFEST: &str = "subjects/W-1.manifest.json";

impl Scratch {
    /// Runs a command line, whose words stand between spaces.
    fn run(&self, line: &str) -> Outcome {
        let arguments: Vec<_> = line.split(' ').map(ToOwned::to_owned).collect();
        Audit::default().run(&arguments, self.directory())
    }

    /// Runs a command line, and checks its answer and its exit code, and that a sentence tells what is wrong.
    #[track_caller]
    fn check(&self, line: &str, answer: &str, exit: u8) {
        let outcome = self.run(line);
        assert_eq!((outcome.answer.as_deref(), outcome.exit), (Some(answer), exit), "{line}");
        assert_eq!(outcome.sentence.is_some(), exit != 0, "{line}");
    }

    /// The same with a command that fails with this answer, and leaves everything as it is.
    #[track_caller]
    fn check_unchanged(&self, line: &str, answer: &str, exit: u8) {
        let before = self.listing();
        self.check(line, answer, exit);
        assert_eq!(self.listing(), before, "{line}");
    }

    /// Appends an event to W-1, and returns the new tip.
    #[track_caller]
    fn append(&self) -> String {
        let outcome = self.run("append --subject W-1 --event event.json");
        assert_eq!(outcome.exit, 0, "{:?}", outcome.sentence);
        let answer = outcome.answer.expect("there is one");
        answer.split('"').nth(7).expect("it holds a tip").to_owned()
    }

    fn mode(&self, name: &str) -> u32 {
        fs::metadata(self.path(name)).expect("it is there").permissions().mode() & 0o7777
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).expect("it is there");
    }

    /// Puts a folder in place of whatever is there.
    fn put_folder(&self, name: &str) {
        _ = fs::remove_file(self.path(name));
        fs::create_dir_all(self.path(name)).expect("it can be made");
    }

    /// Puts a socket in place of whatever is there.
    fn put_socket(&self, name: &str) {
        _ = fs::remove_file(self.path(name));
        UnixListener::bind(self.path(name)).expect("it can be bound");
    }
}

/// The canonical form of a fault.
fn error(file: &str, kind: &str, line: Option<u64>, reason: &str) -> String {
    let line = line.map_or("null".to_owned(), |line| line.to_string());
    format!(r#"{{"file":"{file}","kind":"{kind}","line":{line},"reason":"{reason}"}}"#)
}

/// What makes a file named `name` unreadable, for each reason that holds for root as well.
fn unreadable(scratch: &Scratch, name: &str, check: impl Fn(&str)) {
    _ = fs::remove_file(scratch.path(name));
    check("missing");
    scratch.put_socket(name);
    check("not-a-file");
    scratch.put_folder(name);
    check("not-a-file");
    fs::remove_dir(scratch.path(name)).expect("it is there");
}

/// Tries every fault of a key with a command line, whose answer `answer` makes of the error.
fn check_keys(scratch: &Scratch, line: &str, answer: impl Fn(&str) -> String) {
    let check =
        |reason: &str| scratch.check_unchanged(line, &answer(&error("audit.key", "unreadable", None, reason)), 5);
    for mode in [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o677] {
        scratch.set_mode("audit.key", mode);
        check("key-permissions");
    }
    for (length, reason) in [(0, "key-too-short"), (31, "key-too-short"), (4097, "key-too-long")] {
        scratch.write("audit.key", "k".repeat(length));
        check(reason);
        // Who may touch it is looked at before how long it is.
        scratch.set_mode("audit.key", 0o644);
        check("key-permissions");
    }
    unreadable(scratch, "audit.key", check);
    scratch.write("audit.key", KEY);
}

#[test]
fn a_command_line_that_is_not_understood_has_no_answer() {
    let scratch = Scratch::new();
    let before = scratch.listing();
    for line in ["", "serve", "append --subject W-1", "baselines", "verify --subject .. --key audit.key"] {
        let outcome = scratch.run(line);
        assert_eq!((outcome.answer, outcome.exit), (None, 2), "{line}");
        assert!(outcome.sentence.expect("there is one").contains("not understood"), "{line}");
    }
    assert_eq!(scratch.listing(), before);
}

#[test]
fn a_sentence_names_file_and_line_and_stays_one_line() {
    let scratch = Scratch::new();
    scratch.append();
    scratch.write(LOG, "{}\n");
    let sentence = scratch.run("verify --subject W-1").sentence.expect("there is one");
    assert!(sentence.starts_with("subjects/W-1.audit.jsonl, line 1: tampered, mac-form: "), "{sentence}");
    let sentence = scratch.run("baselines load no\nthing").sentence.expect("there is one");
    assert!(sentence.starts_with("no\\nthing: unreadable, missing: "), "{sentence}");
    let sentence = scratch.run("verify").sentence.expect("there is one");
    assert!(sentence.starts_with("1 of 1 subjects are not verified; subjects/W-1.audit.jsonl, line 1: "), "{sentence}");
}

#[test]
fn a_request_is_a_command_line_and_a_directory() {
    let scratch = Scratch::new();
    let directory = scratch.directory().display();
    let answer = |arguments: &str| {
        let text = format!(r#"{{"directory":"{directory}","arguments":{arguments}}}"#);
        Audit::default().answer(text.as_bytes())
    };
    assert_eq!(answer(r#"["verify"]"#), Ok(r#"{"answer":{"subjects":[]},"exit":5}"#.to_owned()));
    assert_eq!(answer(r#"["serve"]"#), Ok(r#"{"answer":null,"exit":2}"#.to_owned()));
    assert_eq!(answer("[]"), Ok(r#"{"answer":null,"exit":2}"#.to_owned()));
    for bad in ["null", "[1]", "\"verify\"", "[],\"more\":1", "[],\"directory\":\"\""] {
        assert!(answer(bad).is_err(), "{bad}");
    }
    for bad in ["", "{}", r#"[["verify"],"/"]"#, r#"{"arguments":[]}"#, r#"{"directory":"/"}"#] {
        assert!(Audit::default().answer(bad.as_bytes()).is_err(), "{bad}");
    }
}
