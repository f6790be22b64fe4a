//! `recover`.

use super::{LOG, MANIFEST, error, unreadable};
use crate::lines::MAX_LINE;
use crate::scratch::Scratch;

const RECOVER: &str = "recover --subject W-1";
const TORN: &str = "subjects/W-1.torn";

fn failed(error: &str) -> String {
    format!(r#"{{"error":{error},"kept":null}}"#)
}

fn kept(bytes: usize) -> String {
    format!(r#"{{"error":null,"kept":{bytes}}}"#)
}

#[test]
fn a_torn_line_is_kept_and_append_goes_on() {
    let scratch = Scratch::new();
    scratch.append();
    let whole = scratch.read(LOG).expect("it is there");
    scratch.write(LOG, whole.clone() + "{\"torn");
    scratch.check(RECOVER, &kept(6), 0);
    assert_eq!(scratch.read(LOG).as_deref(), Some(whole.as_str()));
    assert_eq!((scratch.read(TORN).as_deref(), scratch.mode(TORN)), (Some("{\"torn"), 0o600));
    scratch.append();

    // The next one goes behind it, and neither key nor manifest is needed.
    let whole = scratch.read(LOG).expect("it is there");
    scratch.write(LOG, whole.clone() + "x");
    scratch.remove(MANIFEST);
    scratch.remove("audit.key");
    scratch.check(RECOVER, &kept(1), 0);
    assert_eq!(scratch.read(LOG).as_deref(), Some(whole.as_str()));
    assert_eq!(scratch.read(TORN).as_deref(), Some("{\"tornx"));
}

#[test]
fn a_log_may_be_torn_from_its_first_line_on() {
    let scratch = Scratch::new();
    let torn = "x".repeat(MAX_LINE);
    scratch.write(LOG, &torn);
    scratch.check(RECOVER, &kept(MAX_LINE), 0);
    assert_eq!(scratch.read(LOG).as_deref(), Some(""));
    assert_eq!(scratch.read(TORN), Some(torn));
}

#[test]
fn what_is_not_torn_stays_as_it_is() {
    let scratch = Scratch::new();
    scratch.write(LOG, "");
    scratch.check_unchanged(RECOVER, &kept(0), 0);
    // Whether the lines are sound is not looked at.
    scratch.write(LOG, "rubbish\n\n");
    scratch.check_unchanged(RECOVER, &kept(0), 0);
    scratch.write(LOG, "x".repeat(MAX_LINE + 1) + "\n");
    scratch.check_unchanged(RECOVER, &kept(0), 0);
}

#[test]
fn more_than_a_line_is_not_moved() {
    let scratch = Scratch::new();
    scratch.write(LOG, "a\nb\n".to_owned() + &"x".repeat(MAX_LINE + 1));
    scratch.check_unchanged(RECOVER, &failed(&error(LOG, "unreadable", Some(3), "line-too-long")), 5);
}

#[test]
fn files_that_cannot_be_had() {
    let scratch = Scratch::new();
    scratch.check_unchanged(RECOVER, &failed(&error(LOG, "unreadable", None, "missing")), 5);
    scratch.write(LOG, "");
    unreadable(&scratch, LOG, |reason| {
        scratch.check_unchanged(RECOVER, &failed(&error(LOG, "unreadable", None, reason)), 5);
    });
    scratch.write(LOG, "x");
    scratch.put_folder(TORN);
    scratch.check_unchanged(RECOVER, &failed(&error(TORN, "unreadable", None, "not-a-file")), 5);
}
