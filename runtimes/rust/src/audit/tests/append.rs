//! `append`: what it makes, what it goes on from, and what it refuses.

use std::fs;

use super::{LOG, MANIFEST, check_keys, error, unreadable};
use crate::lines::MAX_LINE;
use crate::scratch::{EVENT, Scratch};

const APPEND: &str = "append --subject W-1 --event event.json";

fn failed(error: &str) -> String {
    format!(r#"{{"count":null,"error":{error},"tip":null}}"#)
}

#[test]
fn the_first_row_makes_a_chain() {
    let scratch = Scratch::new();
    scratch.check(
        "append --subject WORKER-1 --event event.json",
        r#"{"count":1,"error":null,"tip":"858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd"}"#,
        0,
    );
    let manifest = concat!(
        r#"{"created_at":"2026-05-03T10:11:12.461439210Z","#,
        r#""genesis":"83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b","#,
        r#""schema":"subject_manifest.v1","subject":"WORKER-1"}"#,
        "\n",
    );
    let (log, name) = ("subjects/WORKER-1.audit.jsonl", "subjects/WORKER-1.manifest.json");
    assert_eq!(scratch.read(name).as_deref(), Some(manifest));
    let row = scratch.read(log).expect("it is there");
    assert!(
        row.starts_with(r#"{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""},"#),
        "{row}"
    );
    assert_eq!(row.matches('\n').count(), 1);
    assert_eq!(["subjects", name, log].map(|name| scratch.mode(name)), [0o700, 0o600, 0o600]);
    assert_eq!(scratch.listing().len(), 5, "nothing else is left");
}

#[test]
fn rows_go_on_from_the_last_one() {
    let scratch = Scratch::new();
    let tips: Vec<_> = (0..3).map(|_| scratch.append()).collect();
    let log = scratch.read(LOG).expect("it is there");
    for (line, tip) in log.lines().skip(1).zip(&tips) {
        assert!(line.contains(&format!(r#""prev":"{tip}""#)), "{line}");
    }
    let verified = format!(r#"{{"count":3,"error":null,"tip":"{}","verified":true}}"#, tips[2]);
    scratch.check(&format!("verify --subject W-1 --anchor 3:{}", tips[2]), &verified, 0);

    // What lies before the last row is verify's to check.
    let rubbish = log.replacen(&tips[0], "rubbish", 1);
    scratch.write(LOG, &rubbish);
    scratch.append();
    assert!(scratch.read(LOG).expect("it is there").starts_with(&rubbish));
}

#[test]
fn another_key_may_be_named() {
    let scratch = Scratch::new();
    scratch.write("keys/other", "k".repeat(4096));
    scratch.set_mode("keys/other", 0o400);
    scratch.remove("audit.key");
    assert_eq!(scratch.run("append --subject W-1 --event event.json --key keys/other").exit, 0);
    assert_eq!(scratch.run("verify --subject W-1 --key keys/other").exit, 3);
    let missing = error("audit.key", "unreadable", None, "missing");
    scratch.check_unchanged(APPEND, &failed(&missing), 5);
}

#[test]
fn the_key_comes_first_and_then_the_event() {
    let scratch = Scratch::new();
    scratch.write("event.json", "{");
    check_keys(&scratch, APPEND, failed);
    unreadable(&scratch, "event.json", |reason| {
        scratch.check_unchanged(APPEND, &failed(&error("event.json", "unreadable", None, reason)), 5);
    });
    scratch.check_unchanged(
        "append --subject W-1 --event audit.key/event",
        &failed(&error("audit.key/event", "unreadable", None, "missing")),
        5,
    );
}

#[test]
fn an_event_is_refused_before_anything_is_looked_at() {
    let scratch = Scratch::new();
    scratch.write(LOG, "torn");
    let more = |more: &str| EVENT.replace("\"ts\"", &format!("\"x\":{more},\"ts\""));
    let fitting = MAX_LINE - EVENT.len();
    for (event, reason) in [
        ("{".to_owned(), "not-json"),
        ("[]".to_owned(), "event-shape"),
        (EVENT.replace("\"ts\"", "\"seq\":1,\"ts\""), "event-shape"),
        (more("1e20"), "not-storable"),
        (more(&format!("\"{}\"", "x".repeat(fitting - 10))), "line-too-long"),
        (EVENT.to_owned() + &" ".repeat(fitting + 1), "line-too-long"),
    ] {
        scratch.write("event.json", event);
        scratch.check_unchanged(APPEND, &failed(&error("event.json", "refused", None, reason)), 6);
    }
    scratch.remove(LOG);
    scratch.write("event.json", EVENT.to_owned() + &" ".repeat(fitting));
    scratch.append();
}

#[test]
fn nothing_is_appended_behind_a_broken_manifest() {
    let scratch = Scratch::new();
    scratch.append();
    let manifest = scratch.read(MANIFEST).expect("it is there");
    for (broken, reason) in [
        (manifest.replace("W-1", "W-2"), "mac"),
        (manifest.trim_end().to_owned(), "not-canonical"),
        (String::new(), "not-json"),
    ] {
        scratch.write(MANIFEST, broken);
        scratch.check_unchanged(APPEND, &failed(&error(MANIFEST, "tampered", Some(1), reason)), 1);
    }
    // The manifest is checked before the last row.
    scratch.write(LOG, "torn");
    scratch.check_unchanged(APPEND, &failed(&error(MANIFEST, "tampered", Some(1), "not-json")), 1);
}

#[test]
fn nothing_is_appended_behind_a_last_row_that_is_not_sound() {
    let scratch = Scratch::new();
    for _ in 0..3 {
        scratch.append();
    }
    let log = scratch.read(LOG).expect("it is there");
    let lines: Vec<_> = log.lines().collect();
    let two = format!("{}\n{}\n", lines[0], lines[1]);
    let endless = "x".repeat(MAX_LINE + 1);
    for (broken, kind, line, reason, exit) in [
        (log.replace("\"seq\":3", "\"seq\":4"), "tampered", 3, "mac", 1),
        (log.replace("\"seq\":3", "\"seq\": 3"), "tampered", 3, "not-canonical", 1),
        (format!("{two}{{}}\n"), "tampered", 3, "mac-form", 1),
        (format!("{two}\n"), "tampered", 3, "not-json", 1),
        (log.trim_end().to_owned(), "torn", 3, "unfinished", 4),
        (format!("{log}x"), "torn", 4, "unfinished", 4),
        (format!("{two}{endless}\n"), "unreadable", 3, "line-too-long", 5),
        (format!("{two}{endless}"), "unreadable", 3, "line-too-long", 5),
        (endless.clone(), "unreadable", 1, "line-too-long", 5),
    ] {
        scratch.write(LOG, broken);
        scratch.check_unchanged(APPEND, &failed(&error(LOG, kind, Some(line), reason)), exit);
    }
    assert_eq!(scratch.run("append --subject W-2 --event event.json").exit, 0);
    let other = scratch.read("subjects/W-2.audit.jsonl").expect("it is there");
    scratch.write(LOG, other);
    scratch.check_unchanged(APPEND, &failed(&error(LOG, "tampered", Some(1), "subject")), 1);
}

#[test]
fn what_is_half_there_does_not_begin_anew() {
    let scratch = Scratch::new();
    scratch.append();
    let log = scratch.read(LOG).expect("it is there");
    scratch.remove(LOG);
    scratch.check_unchanged(APPEND, &failed(&error(LOG, "unreadable", None, "missing")), 5);
    // An empty log behind a manifest has no row yet.
    scratch.write(LOG, "");
    scratch.append();
    assert_eq!(scratch.read(LOG).as_deref(), Some(log.as_str()));

    scratch.remove(MANIFEST);
    scratch.check_unchanged(APPEND, &failed(&error(MANIFEST, "unreadable", None, "missing")), 5);
    scratch.write(LOG, "x");
    scratch.check_unchanged(APPEND, &failed(&error(MANIFEST, "unreadable", None, "missing")), 5);
    // An empty log without a manifest is none at all.
    scratch.write(LOG, "");
    scratch.append();
    assert_eq!(scratch.read(LOG).as_deref(), Some(log.as_str()));
}

#[test]
fn whatever_stands_in_place_of_a_file_is_not_opened() {
    let scratch = Scratch::new();
    scratch.append();
    scratch.put_folder(LOG);
    scratch.check_unchanged(APPEND, &failed(&error(LOG, "unreadable", None, "not-a-file")), 5);
    fs::remove_dir(scratch.path(LOG)).expect("it is there");
    scratch.write(LOG, "");
    scratch.put_socket(MANIFEST);
    scratch.check_unchanged(APPEND, &failed(&error(MANIFEST, "unreadable", None, "not-a-file")), 5);
    scratch.remove(LOG);
    scratch.check_unchanged(APPEND, &failed(&error(LOG, "unreadable", None, "missing")), 5);
}

#[test]
fn a_chain_that_cannot_be_made_is_unwritten() {
    let scratch = Scratch::new();
    scratch.write("subjects", "a file");
    scratch.check_unchanged(APPEND, &failed(&error(LOG, "unwritten", None, "write-failed")), 7);
}
