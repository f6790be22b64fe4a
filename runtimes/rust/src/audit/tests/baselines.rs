//! `baselines`.

use std::fs;

use super::{error, unreadable};
use crate::baselines::tests::entry;
use crate::lines::MAX_LINE;
use crate::scratch::Scratch;

const APPEND: &str = "baselines append b.jsonl --entry entry.json";

/// Two entries that are not canonical.
fn two() -> String {
    format!(" {}\r\n{}\n", entry(r#""m":1.2e1"#), entry(r#""n":0,"m":82.0"#))
}

fn scratch() -> Scratch {
    let scratch = Scratch::new();
    scratch.write("b.jsonl", two());
    scratch.write("entry.json", format!(" {}\n", entry(r#""m":1.0"#)));
    scratch
}

fn counted(count: &str, error: &str) -> String {
    format!(r#"{{"count":{count},"error":{error}}}"#)
}

#[test]
fn load_and_last() {
    let scratch = scratch();
    scratch.check_unchanged("baselines load b.jsonl", &counted("2", "null"), 0);
    let last = entry(r#""m":82,"n":0"#);
    scratch.check_unchanged("baselines last b.jsonl", &format!(r#"{{"error":null,"last":{last}}}"#), 0);
    scratch.write("b.jsonl", "");
    scratch.check_unchanged("baselines load b.jsonl", &counted("0", "null"), 0);
    scratch.check_unchanged("baselines last b.jsonl", r#"{"error":null,"last":null}"#, 0);
}

#[test]
fn drift_goes_from_the_first_entry_to_the_last() {
    let scratch = scratch();
    let rows = concat!(
        r#"{"change":"+583 %","first":12,"last":82,"metric":"m","verdict":"warn"},"#,
        r#"{"change":null,"first":null,"last":0,"metric":"n","verdict":"warn"}"#,
    );
    scratch.check_unchanged("baselines drift b.jsonl", &format!(r#"{{"drift":[{rows}],"error":null}}"#), 0);
    scratch.write("b.jsonl", entry(r#""m":7"#) + "\n");
    let row = r#"{"change":"+0 %","first":7,"last":7,"metric":"m","verdict":"ok"}"#;
    scratch.check_unchanged("baselines drift b.jsonl", &format!(r#"{{"drift":[{row}],"error":null}}"#), 0);
    scratch.write("b.jsonl", "");
    scratch.check_unchanged("baselines drift b.jsonl", r#"{"drift":[],"error":null}"#, 0);
}

#[test]
fn every_command_checks_the_whole_file() {
    let scratch = scratch();
    let check = |count: u64, kind: &str, line: Option<u64>, reason: &str, exit: u8| {
        let error = error("b.jsonl", kind, line, reason);
        scratch.check_unchanged("baselines load b.jsonl", &counted(&count.to_string(), &error), exit);
        scratch.check_unchanged("baselines last b.jsonl", &format!(r#"{{"error":{error},"last":null}}"#), exit);
        scratch.check_unchanged("baselines drift b.jsonl", &format!(r#"{{"drift":null,"error":{error}}}"#), exit);
        scratch.check_unchanged("baselines copy b.jsonl to.jsonl", &counted("null", &error), exit);
        if reason != "missing" {
            scratch.check_unchanged(APPEND, &counted("null", &error), exit);
        }
    };
    scratch.write("b.jsonl", two() + "\n");
    check(2, "malformed", Some(3), "not-json", 1);
    scratch.write("b.jsonl", two() + "{}\n" + &two());
    check(2, "malformed", Some(3), "entry-shape", 1);
    scratch.write("b.jsonl", two() + &entry(""));
    check(2, "torn", Some(3), "unfinished", 4);
    scratch.write("b.jsonl", two() + &"x".repeat(MAX_LINE + 1));
    check(2, "unreadable", Some(3), "line-too-long", 5);
    unreadable(&scratch, "b.jsonl", |reason| check(0, "unreadable", None, reason, 5));
}

#[test]
fn append_writes_a_canonical_line_behind_the_others() {
    let scratch = scratch();
    scratch.set_mode("b.jsonl", 0o644);
    scratch.check(APPEND, &counted("3", "null"), 0);
    let appended = entry(r#""m":1"#) + "\n";
    assert_eq!(scratch.read("b.jsonl"), Some(two() + &appended));
    assert_eq!(scratch.mode("b.jsonl"), 0o644);
    scratch.remove("b.jsonl");
    scratch.check(APPEND, &counted("1", "null"), 0);
    assert_eq!((scratch.read("b.jsonl"), scratch.mode("b.jsonl")), (Some(appended), 0o600));
}

#[test]
fn an_entry_that_is_refused_makes_nothing() {
    let scratch = scratch();
    let more = |value: &str| entry("").replace("{\"at\"", &format!("{{\"x\":{value},\"at\""));
    let cases = [
        ("{".to_owned(), "not-json"),
        ("[]".to_owned(), "entry-shape"),
        (entry("\"m\":0.5"), "entry-shape"),
        (more("1e20"), "not-storable"),
        // Short as it is written, and too long as it is stored.
        (more(&format!("[{}1]", "1e15,".repeat(200_000))), "line-too-long"),
        (entry("") + &" ".repeat(MAX_LINE), "line-too-long"),
    ];
    scratch.remove("b.jsonl");
    for (text, reason) in cases {
        scratch.write("entry.json", text);
        let error = error("entry.json", "refused", None, reason);
        scratch.check_unchanged(APPEND, &counted("null", &error), 6);
    }
    unreadable(&scratch, "entry.json", |reason| {
        scratch.check_unchanged(APPEND, &counted("null", &error("entry.json", "unreadable", None, reason)), 5);
    });
    scratch.write("entry.json", entry(""));
    let error = error("no/b.jsonl", "unwritten", None, "write-failed");
    scratch.check_unchanged("baselines append no/b.jsonl --entry entry.json", &counted("null", &error), 7);
}

#[test]
fn copy_keeps_every_byte() {
    let scratch = scratch();
    scratch.write("to.jsonl", "old");
    scratch.set_mode("to.jsonl", 0o644);
    scratch.check("baselines copy b.jsonl to.jsonl", &counted("2", "null"), 0);
    assert_eq!((scratch.read("to.jsonl"), scratch.mode("to.jsonl")), (Some(two()), 0o600));
    scratch.check_unchanged("baselines copy b.jsonl b.jsonl", &counted("2", "null"), 0);
    scratch.put_socket("socket");
    scratch.check("baselines copy b.jsonl socket", &counted("2", "null"), 0);
    assert_eq!(scratch.read("socket"), Some(two()), "whatever stood there is replaced");
    fs::create_dir(scratch.path("folder")).expect("it can be made");
    for to in ["folder", "no/to.jsonl", "entry.json/to"] {
        let error = error(to, "unwritten", None, "write-failed");
        scratch.check_unchanged(&format!("baselines copy b.jsonl {to}"), &counted("null", &error), 7);
    }
}
