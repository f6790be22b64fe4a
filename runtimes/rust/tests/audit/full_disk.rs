//! A disk that is full, played by a limit on how long a file may become: a write then stops half way, or fails.

use std::process::{Command, Output};

use crate::command_line::{APPEND, LOG, check, run};
use crate::scratch::Scratch;

const MANIFEST: &str = "subjects/W-1.manifest.json";
const TORN: &str = "subjects/W-1.torn";

/// Runs the program where no file may have more than `limit` bytes, and a write beyond that is an error, not a signal.
fn run_limited(scratch: &Scratch, limit: usize, arguments: &[&str]) -> Output {
    let script = r#"trap "" XFSZ; limit=$1; shift; exec prlimit --fsize="$limit" "$@""#;
    let mut command = Command::new("sh");
    command.args(["-c", script, "sh", &limit.to_string(), env!("CARGO_BIN_EXE_audit")]).args(arguments);
    command.current_dir(scratch.directory()).output().expect("there is a shell")
}

#[track_caller]
fn check_unwritten(scratch: &Scratch, limit: usize, arguments: &[&str], file: &str) {
    let output = run_limited(scratch, limit, arguments);
    let error = format!(r#""error":{{"file":"{file}","kind":"unwritten","line":null,"reason":"write-failed"}}"#);
    let answer = match arguments[0] {
        "append" => format!("{{\"count\":null,{error},\"tip\":null}}\n"),
        "recover" => format!("{{{error},\"kept\":null}}\n"),
        _ => format!("{{\"count\":null,{error}}}\n"),
    };
    check(&output, &answer, 7);
}

#[test]
fn a_row_is_written_whole_or_not_at_all() {
    let scratch = Scratch::new();
    run(&scratch, &APPEND);
    let before = scratch.listing();
    let length = scratch.read(LOG).expect("it is there").len();
    for limit in [length, length + 1, length + 100, 2 * length - 1] {
        check_unwritten(&scratch, limit, &APPEND, LOG);
        assert_eq!(scratch.listing(), before, "{limit}");
    }
    assert_eq!(run_limited(&scratch, 2 * length, &APPEND).status.code(), Some(0));
    assert_eq!(run(&scratch, &["verify", "--subject", "W-1"]).status.code(), Some(3));
}

#[test]
fn a_chain_that_does_not_begin_leaves_an_empty_log() {
    let scratch = Scratch::new();
    run(&scratch, &APPEND);
    let [row, manifest] = [LOG, MANIFEST].map(|name| scratch.read(name).expect("it is there").len());
    assert!(manifest < row);
    let scratch = Scratch::new();
    for (limit, file) in [(0, MANIFEST), (manifest - 1, MANIFEST), (manifest, LOG), (row - 1, LOG)] {
        check_unwritten(&scratch, limit, &APPEND, file);
        let names: Vec<_> =
            scratch.listing().into_iter().map(|(name, _, bytes)| (name, bytes.map(|b| b.len()))).collect();
        let left = [("subjects".to_owned(), None), (LOG.to_owned(), Some(0))];
        assert_eq!(names[2..], left, "{limit}");
    }
    assert_eq!(run_limited(&scratch, row, &APPEND).status.code(), Some(0));
}

#[test]
fn what_was_torn_stays_where_it_is_unless_it_can_be_kept() {
    let scratch = Scratch::new();
    scratch.write(LOG, "row\ntorn line");
    let before = scratch.listing();
    for limit in [0, 8] {
        check_unwritten(&scratch, limit, &["recover", "--subject", "W-1"], TORN);
        assert_eq!(scratch.listing(), before, "{limit}");
    }
    scratch.write(TORN, "older");
    let before = scratch.listing();
    check_unwritten(&scratch, 13, &["recover", "--subject", "W-1"], TORN);
    assert_eq!(scratch.listing(), before);
    assert_eq!(run_limited(&scratch, 14, &["recover", "--subject", "W-1"]).status.code(), Some(0));
    assert_eq!((scratch.read(LOG).as_deref(), scratch.read(TORN).as_deref()), (Some("row\n"), Some("oldertorn line")));
}

#[test]
fn baselines_are_written_whole_or_not_at_all() {
    let scratch = Scratch::new();
    let entry = r#"{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{"m":1}}"#;
    scratch.write("entry.json", entry);
    scratch.write("b.jsonl", entry.to_owned() + "\n");
    scratch.write("to.jsonl", "old");
    let before = scratch.listing();
    for limit in [0, 10, 100] {
        check_unwritten(&scratch, limit, &["baselines", "append", "b.jsonl", "--entry", "entry.json"], "b.jsonl");
        check_unwritten(&scratch, limit.min(50), &["baselines", "copy", "b.jsonl", "to.jsonl"], "to.jsonl");
        assert_eq!(scratch.listing(), before, "{limit}");
    }
}
