//! The plants of the audit chain, of its files, and of the baselines.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;

use super::{ALL, check};
use crate::audit::Audit;
use crate::baselines::drift;
use crate::baselines::entry::Entry;
use crate::baselines::tests::entry;
use crate::mac::Key;
use crate::plant::{Options, Plant};
use crate::scratch::Scratch;
use crate::subject_audit;

const SUBJECT: &str = r#""subject":"S""#;
const LOG: &str = "subjects/S.audit.jsonl";

/// The MAC of `{members}` under the key without bytes.
fn mac(members: &str) -> String {
    Key::new(b"").mac(&[format!("{{{members}}}").as_bytes()]).as_str().to_owned()
}

/// A row with these canonical members, and the MAC that is made of its own by `spoil`.
fn row(prev: &str, seq: u64, more: &str, spoil: fn(&str) -> String) -> (String, String) {
    let members = format!(r#""prev":"{prev}","seq":{seq},{more}"#);
    let mac = spoil(&mac(&members));
    (format!("{{\"mac\":\"{mac}\",{members}}}\n"), mac)
}

fn last_digit_changed(mac: &str) -> String {
    let digit = if mac.ends_with('0') { "1" } else { "0" };
    mac[..63].to_owned() + digit
}

/// How the verification of a log of `rows` and what stands behind them ends.
fn verify(log: &str, options: &Options) -> String {
    let manifest = format!("{{\\\"genesis\\\":\\\"{}\\\",\\\"subject\\\":\\\"S\\\"}}\\n", mac(SUBJECT));
    let header = format!(r#"{{"op":"verify","key":"",{SUBJECT},"manifest":"{manifest}"}}"#);
    let answer = subject_audit::answer(format!("{header}\n{log}").as_bytes(), &options.chain);
    let count = answer.split([':', ',']).nth(1).expect("it holds a count");
    let reason = answer.split("\"reason\":\"").nth(1).and_then(|rest| rest.split('"').next());
    format!("{count} {}", reason.expect("it is never verified without an anchor"))
}

/// What is signed of the row `body`.
fn signed(body: &str, options: &Options) -> String {
    let answer = subject_audit::answer(format!("{{\"op\":\"row\",\"key\":\"\"}}\n{body}").as_bytes(), &options.chain);
    let canonical = answer.split("\",\"mac\":").next().expect("there is a first part");
    canonical.trim_start_matches("{\"canonical\":\"").replace("\\\"", "\"")
}

/// For each plant of what is signed a row that it spoils, what is signed of it, and the spoilt form.
const OF_SIGNING: [(&str, &str, &str, &str); 3] = [
    ("trace-id-omitted", r#"{"accessor":{"trace_id":""}}"#, r#"{"accessor":{"trace_id":""}}"#, r#"{"accessor":{}}"#),
    (
        "nanos-trimmed",
        r#"{"ts":"2026-05-03T10:11:12.120Z"}"#,
        r#"{"ts":"2026-05-03T10:11:12.120Z"}"#,
        r#"{"ts":"2026-05-03T10:11:12.12Z"}"#,
    ),
    (
        "row-code-point-order",
        "{\"\u{fb33}\":1,\"\u{1f600}\":2}",
        "{\"\u{1f600}\":2,\"\u{fb33}\":1}",
        "{\"\u{fb33}\":1,\"\u{1f600}\":2}",
    ),
];

/// For each other plant of the chain a log that it spoils, how its verification ends, and how it does with the plant.
fn of_log() -> [(&'static str, String, &'static str, &'static str); 4] {
    let sound = |mac: &str| mac.to_owned();
    let genesis = mac(SUBJECT);
    let (first, tip) = row(&genesis, 1, SUBJECT, sound);
    let (other, other_tip) = row(&genesis, 1, r#""subject":"T""#, sound);
    let (changed, changed_tip) = row(&genesis, 1, SUBJECT, last_digit_changed);
    let second = |tip: &str| row(tip, 2, SUBJECT, sound).0;
    [
        ("last-row-unchecked", first.clone() + &row(&tip, 7, SUBJECT, sound).0 + "{", "1 chain", "2 unfinished"),
        ("torn-is-tampered", first + "{", "1 unfinished", "1 not-json"),
        ("subject-unbound", other + &second(&other_tip), "0 subject", "2 no-anchor"),
        ("mac-prefix", changed + &second(&changed_tip), "0 mac", "2 no-anchor"),
    ]
}

fn run(audit: &mut Audit, scratch: &Scratch, line: &str) -> u8 {
    let arguments: Vec<_> = line.split(' ').map(ToOwned::to_owned).collect();
    audit.run(&arguments, scratch.directory()).exit
}

/// For each plant of the files what is done, how it ends, and how it does with the plant.
type Deed = fn(&mut Audit, &Scratch) -> String;

const APPEND: &str = "append --subject S --event event.json";

const OF_FILES: [(&str, Deed, &str, &str); 3] = [
    (
        "key-for-all",
        |audit, scratch| {
            let modes = [0o604, 0o602, 0o601, 0o640, 0o677];
            let exits = modes.map(|mode| {
                scratch.set_mode("audit.key", mode);
                run(audit, scratch, APPEND)
            });
            format!("{exits:?}")
        },
        "[5, 5, 5, 5, 5]",
        "[0, 0, 0, 5, 5]",
    ),
    (
        "torn-mode",
        |audit, scratch| {
            run(audit, scratch, APPEND);
            let mut log = OpenOptions::new().append(true).open(scratch.path(LOG)).expect("it is there");
            log.write_all(b"{").expect("there is room");
            run(audit, scratch, "recover --subject S");
            let names = ["subjects", LOG, "subjects/S.torn"];
            let mode = |name| fs::metadata(scratch.path(name)).expect("it is there").permissions().mode() & 0o777;
            format!("{:o} {:o} {:o}", mode(names[0]), mode(names[1]), mode(names[2]))
        },
        "700 600 600",
        "700 600 640",
    ),
    (
        "tip-remembered",
        |audit, scratch| {
            run(audit, scratch, APPEND);
            let mut log = OpenOptions::new().append(true).open(scratch.path(LOG)).expect("it is there");
            log.write_all(b"rubbish\n").expect("there is room");
            let of_another_process = run(&mut Audit::default(), scratch, "verify");
            format!("{of_another_process} {}", run(audit, scratch, "verify --subject S"))
        },
        "1 1",
        "1 3",
    ),
];

/// For each plant of the baselines a metric, its verdict, and the spoilt one.
const OF_BASELINES: [(&str, [i64; 2], &str, &str); 2] =
    [("drift-at-20-warn", [10, 8], "ok", "warn"), ("drift-zero-zero-warn", [0, 0], "ok", "warn")];

fn verdict([first, last]: [i64; 2], options: &Options) -> String {
    let read = |number| Entry::read(entry(&format!("\"m\":{number}")).as_bytes()).expect("it is an entry");
    let table = drift::table(&read(first), &read(last), options.audit.drift);
    table.split('"').nth_back(1).expect("it ends with the verdict").to_owned()
}

/// Their names, in the order of `plants.toml`.
pub(super) const OF_CHAIN_NAMES: [&str; 7] = [
    "trace-id-omitted",
    "nanos-trimmed",
    "last-row-unchecked",
    "row-code-point-order",
    "torn-is-tampered",
    "subject-unbound",
    "mac-prefix",
];
pub(super) const OF_FILES_NAMES: [&str; 3] = ["key-for-all", "torn-mode", "tip-remembered"];
pub(super) const OF_BASELINES_NAMES: [&str; 2] = ["drift-at-20-warn", "drift-zero-zero-warn"];

#[test]
fn each_plant_of_the_chain_spoils_its_own_case_and_no_other() {
    let mut names: Vec<_> = OF_SIGNING.iter().map(|(name, ..)| *name).collect();
    for (name, body, right, spoilt) in OF_SIGNING {
        check(name, |options| signed(body, options), right, spoilt);
    }
    for (name, log, right, spoilt) in of_log() {
        check(name, |options| verify(&log, options), right, spoilt);
        names.push(name);
    }
    names.sort_unstable();
    let mut all = OF_CHAIN_NAMES;
    all.sort_unstable();
    assert_eq!(names, all);
}

#[test]
fn each_plant_of_the_files_spoils_its_own_case_and_no_other() {
    for (name, deed, right, spoilt) in OF_FILES {
        check(name, |options| deed(&mut Audit::new(options.audit), &Scratch::new()), right, spoilt);
    }
    assert_eq!(OF_FILES.map(|(name, ..)| name), OF_FILES_NAMES);
}

#[test]
fn each_plant_of_the_baselines_spoils_its_own_case_and_no_other() {
    for (name, numbers, right, spoilt) in OF_BASELINES {
        check(name, |options| verdict(numbers, options), right, spoilt);
    }
    assert_eq!(OF_BASELINES.map(|(name, ..)| name), OF_BASELINES_NAMES);
}

fn planted(name: &str) -> Options {
    Plant::by_name(name, &ALL).expect("the plant is known").options()
}

/// What else a plant leaves alone.
#[track_caller]
fn check_same(name: &str, logs: &[&str]) {
    for log in logs {
        assert_eq!(verify(log, &planted(name)), verify(log, &Options::default()), "{name}: {log}");
    }
}

#[test]
fn a_plant_of_the_chain_changes_nothing_else() {
    let sound = |mac: &str| mac.to_owned();
    let genesis = mac(SUBJECT);
    let (first, tip) = row(&genesis, 1, SUBJECT, sound);
    let (bad, _) = row(&tip, 3, SUBJECT, sound);
    let more = r#""subject":"S","ts":"2026-05-03T10:11:12.12Z""#;
    let (stamped, _) = row(&genesis, 1, more, sound);
    let not_last = format!("{first}{bad}{{}}\n");
    let without_mac = format!("{first}{{}}\n");
    check_same("last-row-unchecked", &["", "x", &first, &not_last, &without_mac, "[]\n"]);
    check_same("torn-is-tampered", &["", &first, &not_last]);
    check_same("nanos-trimmed", &[&first, &stamped]);
    check_same("trace-id-omitted", &[&first, &stamped]);
    check_same("row-code-point-order", &[&first, &stamped, &not_last]);
    check_same("mac-prefix", &[&first.replace("\"mac\":\"", "\"mac\":\"0"), &row(&tip, 1, SUBJECT, sound).0]);
    check_same("subject-unbound", &[&first, &not_last, &row(&genesis, 1, "\"subject\":\"T\"", last_digit_changed).0]);
}

#[test]
fn a_plant_of_the_baselines_changes_nothing_else() {
    for name in OF_BASELINES_NAMES {
        for numbers in [[10, 11], [10, 13], [0, 1], [1, 0], [100, 119], [100, 121], [7, 7]] {
            assert_eq!(verdict(numbers, &planted(name)), verdict(numbers, &Options::default()), "{name}: {numbers:?}");
        }
    }
}
