//! What a file of entries may hold, and the first thing wrong with it.

use super::check;
use super::entry::Entry;
use crate::fault::{Fault, Kind, Reason};
use crate::lines::{Lines, MAX_LINE};

pub(crate) fn entry(metrics: &str) -> String {
    format!(r#"{{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{{{metrics}}}}}"#)
}

/// So many sound entries, and the first fault.
fn load(file: &str) -> (u64, Option<Fault>) {
    match check("b.jsonl", &mut Lines::new(file.as_bytes())) {
        Ok(summary) => {
            assert_eq!(summary.length, file.len() as u64);
            (summary.count, None)
        }
        Err((count, fault)) => (count, Some(fault)),
    }
}

#[track_caller]
fn check_fault(file: &str, count: u64, kind: Kind, reason: Reason) {
    let fault = Fault { file: "b.jsonl".into(), kind, line: Some(count + 1), reason };
    assert_eq!(load(file), (count, Some(fault)), "{file:.200}");
}

#[test]
fn entries_are_counted_in_whatever_spelling() {
    assert_eq!(load(""), (0, None));
    let plain = entry(r#""a":12"#);
    let spaced = format!(" {} \r", plain.replace(':', " : ").replace("10 : 11 : 12", "10:11:12"));
    let more = plain.replace("{\"at\"", "{\"x\":[1e20,0.5],\"at\"").replace("\"a\":12", "\"b\":12.0,\"a\":1.2e1");
    let known = plain.replace("unknown", &"0123456789".repeat(4));
    let empty = entry("");
    assert_eq!(load(&[plain, spaced, more, known, empty, String::new()].join("\n")), (5, None));
}

#[test]
fn a_line_that_is_no_entry_has_the_first_reason_that_fits() {
    let good = entry(r#""a":12"#);
    for bad in ["", " ", "{", "{}{}", r#"{"a":1,"a":1}"#, r#"{"metrics":{"a":9007199254740993}}"#, "\u{feff}{}"] {
        check_fault(&format!("{good}\n{bad}\nrubbish"), 1, Kind::Malformed, Reason::NotJson);
    }
    let mut bad = vec!["[]".to_owned(), "1".to_owned(), "{}".to_owned()];
    for (text, other) in [
        ("\"at\"", "\"ts\""),
        ("2026-05-03T10:11:12Z", "2026-05-03"),
        ("\"commit\"", "\"Commit\""),
        ("unknown", "3f2a91c"),
        ("\"unknown\"", "null"),
        ("\"metrics\"", "\"metric\""),
        ("{\"a\":12}", "[12]"),
        ("12}", "\"12\"}"),
        ("12}", "null}"),
        ("12}", "12.5}"),
        ("12}", "1e-1}"),
        ("12}", "9007199254740994.0}"),
        ("12}", "-1e16}"),
    ] {
        assert!(good.contains(text));
        bad.push(good.replace(text, other));
    }
    for bad in bad {
        check_fault(&format!("{good}\n{good}\n{bad}\n"), 2, Kind::Malformed, Reason::EntryShape);
    }
    let long = "x".repeat(MAX_LINE + 1);
    check_fault(&format!("{good}\n{long}\n"), 1, Kind::Unreadable, Reason::LineTooLong);
    check_fault(&format!("{good}\n{long}"), 1, Kind::Unreadable, Reason::LineTooLong);
}

#[test]
fn a_last_line_without_lf_is_torn() {
    let good = entry("");
    check_fault(&good, 0, Kind::Torn, Reason::Unfinished);
    check_fault(&format!("{good}\n{{"), 1, Kind::Torn, Reason::Unfinished);
    check_fault(&format!("{{\n{good}"), 0, Kind::Malformed, Reason::NotJson);
}

#[test]
fn the_ends_of_a_file_are_its_first_entry_and_its_last() {
    let ends = |count: u64| {
        let lines: String = (1..=count).map(|number| entry(&format!("\"a\":{number}")) + "\n").collect();
        let summary = check("b", &mut Lines::new(lines.as_bytes())).expect("it is sound");
        summary.ends().map(|(first, last)| [first, last].map(|entry| entry.metrics().next().expect("it has one").1))
    };
    assert_eq!([0, 1, 2, 3].map(ends), [None, Some([1, 1]), Some([1, 2]), Some([1, 3])]);
}

#[test]
fn a_line_to_append_is_canonical_and_can_be_read_again() {
    let line = |text: String| Entry::read(text.as_bytes()).expect("it is an entry").line();
    let text = format!(" {} ", entry(r#""b":1.2e1,"a":-0.0"#).replace("unknown", "unkn\\u006fwn"));
    assert_eq!(line(text), Ok(entry(r#""a":0,"b":12"#) + "\n"));
    let more = |value: &str| entry("").replace("{\"at\"", &format!("{{\"a\":{value},\"at\""));
    assert_eq!(line(more("1e20")), Err(Reason::NotStorable));
    let most = MAX_LINE - more("\"\"").len();
    let filled = |length: usize| line(more(&format!("\"{}\"", "x".repeat(length))));
    assert_eq!(filled(most).map(|line| line.len()), Ok(MAX_LINE + 1));
    assert_eq!(filled(most + 1), Err(Reason::LineTooLong));
}
