//! `verify`: of one subject and of all of them.

use std::fs;

use super::{LOG, MANIFEST, check_keys, error, unreadable};
use crate::scratch::Scratch;

const VERIFY: &str = "verify --subject W-1";

fn answer(count: u64, error: &str, subject: Option<&str>, tip: Option<&str>) -> String {
    let subject = subject.map_or(String::new(), |subject| format!(r#","subject":"{subject}""#));
    let tip = tip.map_or("null".to_owned(), |tip| format!("\"{tip}\""));
    format!(r#"{{"count":{count},"error":{error}{subject},"tip":{tip},"verified":{}}}"#, error == "null")
}

fn genesis(scratch: &Scratch) -> String {
    let manifest = scratch.read(MANIFEST).expect("it is there");
    manifest.split('"').nth(7).expect("it holds the genesis").to_owned()
}

#[test]
fn one_subject() {
    let scratch = Scratch::new();
    let tips = [scratch.append(), scratch.append()];
    let [first, second] = tips.each_ref().map(|tip| Some(tip.as_str()));
    let unanchored = error(LOG, "unanchored", None, "no-anchor");
    scratch.check_unchanged(VERIFY, &answer(2, &unanchored, None, second), 3);
    scratch.check_unchanged(&format!("{VERIFY} --anchor 2:{}", tips[1]), &answer(2, "null", None, second), 0);
    let truncated = error(LOG, "tampered", Some(3), "truncated");
    scratch.check_unchanged(&format!("{VERIFY} --anchor 3:{}", tips[1]), &answer(2, &truncated, None, second), 1);
    let other = error(LOG, "tampered", Some(2), "anchor");
    scratch.check_unchanged(&format!("{VERIFY} --anchor 2:{}", tips[0]), &answer(1, &other, None, first), 1);

    let log = scratch.read(LOG).expect("it is there");
    scratch.write(LOG, log.trim_end());
    scratch.check_unchanged(VERIFY, &answer(1, &error(LOG, "torn", Some(2), "unfinished"), None, first), 4);
    scratch.write(LOG, log.replace("\"seq\":2", "\"seq\":3"));
    scratch.check_unchanged(VERIFY, &answer(1, &error(LOG, "tampered", Some(2), "mac"), None, first), 1);
    scratch.write(MANIFEST, "{}");
    scratch.check_unchanged(VERIFY, &answer(0, &error(MANIFEST, "tampered", Some(1), "mac-form"), None, None), 1);
}

#[test]
fn files_that_cannot_be_read() {
    let scratch = Scratch::new();
    check_keys(&scratch, VERIFY, |error| answer(0, error, None, None));
    let missing = error(MANIFEST, "unreadable", None, "missing");
    scratch.check_unchanged(VERIFY, &answer(0, &missing, None, None), 5);
    scratch.append();
    let (genesis, manifest) = (genesis(&scratch), scratch.read(MANIFEST).expect("it is there"));
    unreadable(&scratch, LOG, |reason| {
        let error = error(LOG, "unreadable", None, reason);
        scratch.check_unchanged(VERIFY, &answer(0, &error, None, Some(&genesis)), 5);
    });
    unreadable(&scratch, MANIFEST, |reason| {
        scratch.check_unchanged(VERIFY, &answer(0, &error(MANIFEST, "unreadable", None, reason), None, None), 5);
    });
    scratch.write(MANIFEST, manifest);
    scratch.write(LOG, "");
    let unanchored = error(LOG, "unanchored", None, "no-anchor");
    scratch.check_unchanged(VERIFY, &answer(0, &unanchored, None, Some(&genesis)), 3);
}

#[test]
fn nothing_to_verify_is_not_green() {
    let scratch = Scratch::new();
    scratch.check_unchanged("verify", r#"{"subjects":[]}"#, 5);
    fs::create_dir(scratch.path("subjects")).expect("it can be made");
    scratch.check_unchanged("verify", r#"{"subjects":[]}"#, 5);
    for name in ["W-1.torn", ".manifest.json", "W 1.audit.jsonl", "..manifest.json", "W-1.manifest", "W-1.audit.jsonl~"]
    {
        scratch.write(&format!("subjects/{name}"), "x");
    }
    scratch.check_unchanged("verify", r#"{"subjects":[]}"#, 5);
    fs::remove_dir_all(scratch.path("subjects")).expect("it is there");
    scratch.write("subjects", "a file");
    scratch.check_unchanged("verify", r#"{"subjects":[]}"#, 5);
}

#[test]
fn all_subjects_in_the_order_of_their_bytes() {
    let scratch = Scratch::new();
    for subject in ["b", "B", "a.b", "a-b", "_"] {
        assert_eq!(scratch.run(&format!("append --subject {subject} --event event.json")).exit, 0);
    }
    scratch.write("subjects/lost.audit.jsonl", "x");
    scratch.write("subjects/x.torn", "x");
    let outcome = scratch.run("verify");
    let text = outcome.answer.expect("there is one");
    let subjects: Vec<_> = text.split("\"subject\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(subjects, ["B", "_", "a-b", "a.b", "b", "lost"]);
    assert_eq!(outcome.exit, 5);
    let lost = error("subjects/lost.manifest.json", "unreadable", None, "missing");
    assert!(text.ends_with(&format!("{}]}}", answer(0, &lost, Some("lost"), None))), "{text}");
    assert!(text.starts_with("{\"subjects\":[{\"count\":1,\"error\":{"), "{text}");
}

#[test]
fn the_exit_code_is_the_worst_one() {
    let scratch = Scratch::new();
    let tip = scratch.append();
    let log = scratch.read(LOG).expect("it is there");
    let check = |exit: u8| {
        let outcome = scratch.run("verify --anchors anchors.json");
        assert_eq!(outcome.exit, exit, "{:?}", outcome.answer);
    };
    let anchored = |more: &str| scratch.write("anchors.json", format!(r#"{{"W-1":"1:{tip}"{more}}}"#));
    anchored("");
    check(0);
    assert_eq!(scratch.run("append --subject W-2 --event event.json").exit, 0);
    check(3);
    assert_eq!(scratch.run("append --subject W-3 --event event.json").exit, 0);
    scratch.write("subjects/W-3.audit.jsonl", "torn");
    check(4);
    // A subject that is gone altogether is missed by its anchor.
    anchored(&format!(r#","gone":"0:{tip}""#));
    check(5);
    scratch.write(LOG, log.replace("api", "gui"));
    check(1);
}

#[test]
fn an_anchored_subject_is_answered_for_even_if_it_is_gone() {
    let scratch = Scratch::new();
    fs::create_dir(scratch.path("subjects")).expect("it can be made");
    scratch.write("anchors.json", format!(r#" {{"gone":"0:{}"}} "#, "0".repeat(64)));
    let missing = error("subjects/gone.manifest.json", "unreadable", None, "missing");
    let expected = format!(r#"{{"subjects":[{}]}}"#, answer(0, &missing, Some("gone"), None));
    scratch.check_unchanged("verify --anchors anchors.json", &expected, 5);
    // So is it where all subjects are gone, and their folder too.
    fs::remove_dir(scratch.path("subjects")).expect("it is there");
    scratch.check_unchanged("verify --anchors anchors.json", &expected, 5);
}

#[test]
fn what_is_wrong_with_the_anchors_is_told_behind_the_key_and_before_any_subject() {
    const ALL: &str = "verify --anchors anchors.json";
    let scratch = Scratch::new();
    scratch.append();
    let failed = |error: &str| format!(r#"{{"error":{error},"subjects":[]}}"#);
    check_keys(&scratch, ALL, failed);
    check_keys(&scratch, "verify", failed);
    let check =
        |reason: &str| scratch.check_unchanged(ALL, &failed(&error("anchors.json", "unreadable", None, reason)), 5);
    unreadable(&scratch, "anchors.json", check);
    let tip = "0".repeat(64);
    for (text, reason) in [
        (String::new(), "not-json"),
        (r#"{"a":1,"a":1}"#.to_owned(), "not-json"),
        ("[]".to_owned(), "anchors-shape"),
        (r#"{"W-1":1}"#.to_owned(), "anchors-shape"),
        (r#"{"W-1":"1"}"#.to_owned(), "anchors-shape"),
        (format!(r#"{{"W-1":"01:{tip}"}}"#), "anchors-shape"),
        (format!(r#"{{".W":"1:{tip}"}}"#), "anchors-shape"),
        (format!(r#"{{"W-1":"0:{tip}","":"0:{tip}"}}"#), "anchors-shape"),
        (format!("{{}}{}", " ".repeat(1_048_575)), "anchors-shape"),
    ] {
        scratch.write("anchors.json", text);
        check(reason);
    }
    scratch.write("anchors.json", format!("{{}}{}", " ".repeat(1_048_574)));
    assert_eq!(scratch.run(ALL).exit, 3);
}
