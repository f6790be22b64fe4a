//! The worked example of `audit.md`, every reason of a line in the contract's order, and every end of a log.

use super::anchor::Anchor;
use super::verify::Verification;
use super::{Chain, Options, line};
use crate::fault::{Fault, Kind, Reason};
use crate::ijson::{self, Value};
use crate::lines::{Lines, MAX_LINE};
use crate::mac::{Key, Mac};
use line::Role;

pub(crate) const KEY: &[u8] = b"0123456789abcdef0123456789abcdef";

const GENESIS: &str = "83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b";

const TIP: &str = "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd";

const MANIFEST: &str = concat!(
    r#"{"created_at":"2026-05-03T10:11:12.461439210Z","#,
    r#""genesis":"83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b","#,
    r#""schema":"subject_manifest.v1","subject":"WORKER-1"}"#,
    "\n",
);

const ROW: &str = concat!(
    r#"{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""},"fields":["name","phone"],"#,
    r#""mac":"858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd","#,
    r#""prev":"83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b","#,
    r#""result":"ok","schema":"subject_audit_row.v1","seq":1,"subject":"WORKER-1","#,
    r#""ts":"2026-05-03T10:11:12.461439210Z"}"#,
    "\n",
);

fn chain(key: &Key) -> Chain<'_> {
    let options = Options::default();
    Chain { subject: "WORKER-1", key, manifest: "manifest".into(), log: "log".into(), options }
}

fn mac(text: &str) -> Mac {
    Mac::parse(text).expect("it is a MAC")
}

/// `text`, an object, as a canonical line with the right MAC in its member `name`.
fn sealed(text: &str, name: &str) -> String {
    let value = ijson::read(text.as_bytes(), ijson::Options::default()).expect("it is JSON");
    let (line, _) = super::sealed(value, name, &Key::new(KEY));
    line
}

/// A row of this chain behind `prev`, and its MAC.
fn row(prev: &Mac, seq: u64, more: &str) -> (String, Mac) {
    let prev = prev.as_str();
    let line = sealed(&format!(r#"{{"prev":"{prev}","seq":{seq},"subject":"WORKER-1"{more}}}"#), "mac");
    let mac = line::mac_of(line.trim_end().as_bytes()).expect("it has a MAC");
    (line, mac)
}

/// The genesis, and `count` rows.
fn rows(count: u64) -> (Mac, Vec<String>, Vec<Mac>) {
    let genesis = mac(GENESIS);
    let (mut lines, mut macs, mut tip) = (vec![], vec![], genesis);
    for seq in 1..=count {
        let (line, mac) = row(&tip, seq, "");
        lines.push(line);
        macs.push(mac);
        tip = mac;
    }
    (genesis, lines, macs)
}

fn verify(log: impl AsRef<[u8]>, anchor: Option<(u64, Mac)>) -> Verification {
    let key = Key::new(KEY);
    let anchor = anchor.map(|(count, tip)| Anchor { count, tip });
    let genesis = chain(&key).genesis(&mut Lines::new(MANIFEST.as_bytes())).expect("the manifest is sound");
    chain(&key).verify(genesis, &mut Lines::new(log.as_ref()), anchor.as_ref())
}

#[track_caller]
fn check(verification: &Verification, count: u64, tip: Mac, kind: Kind, line: Option<u64>, reason: Reason) {
    let error = Some(Fault { file: "log".into(), kind, line, reason });
    assert_eq!(*verification, Verification { count, error, tip: Some(tip) });
}

#[test]
fn the_example_is_verified() {
    let (genesis, tip) = (mac(GENESIS), mac(TIP));
    assert!(MANIFEST.contains(GENESIS) && ROW.contains(GENESIS) && ROW.contains(TIP));
    assert_eq!(verify(ROW, Some((1, tip))), Verification { count: 1, error: None, tip: Some(tip) });
    assert_eq!(verify(ROW, Some((0, genesis))).error, None, "a chain may have grown");
    check(&verify(ROW, None), 1, tip, Kind::Unanchored, None, Reason::NoAnchor);
    let verified = verify(ROW, Some((1, tip))).json(None);
    assert_eq!(verified, format!(r#"{{"count":1,"error":null,"tip":"{tip:?}","verified":true}}"#));
}

#[test]
fn a_new_manifest_is_that_of_the_example() {
    let key = Key::new(KEY);
    let (manifest, genesis) = chain(&key).new_manifest("2026-05-03T10:11:12.461439210Z");
    assert_eq!(manifest, MANIFEST);
    assert_eq!(genesis.as_str(), GENESIS);
}

#[test]
fn a_manifest_that_is_not_sound_has_the_first_reason_that_fits() {
    let key = Key::new(KEY);
    let genesis = r#""genesis":"83db"#;
    let other = sealed(r#"{"subject":"WORKER-2"}"#, "genesis");
    let cases = [
        (format!("{}\n", "x".repeat(MAX_LINE + 1)), Reason::LineTooLong),
        ("x".repeat(MAX_LINE + 1), Reason::LineTooLong),
        (String::new(), Reason::NotJson),
        ("\n".to_owned() + MANIFEST, Reason::NotJson),
        ("[]\n".to_owned(), Reason::NotJson),
        ("\u{feff}".to_owned() + MANIFEST, Reason::NotJson),
        ("{}".to_owned(), Reason::MacForm),
        (MANIFEST.replace(genesis, r#""genesis":"83DB"#), Reason::MacForm),
        (MANIFEST.replace(":\"83db", ":  \"84db"), Reason::NotCanonical),
        (MANIFEST.trim_end().to_owned(), Reason::NotCanonical),
        (MANIFEST.to_owned() + "\n", Reason::NotCanonical),
        (MANIFEST.to_owned() + "x", Reason::NotCanonical),
        (MANIFEST.replace('\n', "\r\n"), Reason::NotCanonical),
        (MANIFEST.replace(genesis, r#""genesis":"83dc"#), Reason::Mac),
        (MANIFEST.replace("WORKER-1", "WORKER-2"), Reason::Mac),
        (other, Reason::Subject),
        (sealed("{}", "genesis"), Reason::Subject),
        (sealed(r#"{"subject":1}"#, "genesis"), Reason::Subject),
    ];
    for (manifest, reason) in cases {
        let kind = if reason == Reason::LineTooLong { Kind::Unreadable } else { Kind::Tampered };
        let fault = chain(&key).genesis(&mut Lines::new(manifest.as_bytes())).expect_err("it is not sound");
        assert_eq!(fault, Fault { file: "manifest".into(), kind, line: Some(1), reason }, "{manifest:.100}");
    }
}

#[test]
fn more_members_of_a_manifest_are_bound() {
    let key = Key::new(KEY);
    let line = sealed(r#"{"subject":"WORKER-1","é":[1.5]}"#, "genesis");
    assert!(chain(&key).genesis(&mut Lines::new(line.as_bytes())).is_ok());
}

#[test]
fn a_row_that_is_not_sound_has_the_first_reason_that_fits() {
    let (genesis, lines, macs) = rows(2);
    let (first, second) = (&lines[0], lines[1].trim_end());
    let sealed = |text: &str| sealed(text, "mac");
    let tip = macs[0];
    let prev = format!(r#""prev":"{tip:?}""#);
    let of = |text: &str| sealed(&format!("{{{prev}{text}}}"));
    let cases = [
        ("x".repeat(MAX_LINE + 1) + "\n", Reason::LineTooLong),
        (String::from("\n"), Reason::NotJson),
        ("[]\n".to_owned(), Reason::NotJson),
        (second.replace("\"seq\":2", "\"seq\":2,\"seq\":2") + "\n", Reason::NotJson),
        (second.replace("\"seq\":2", "\"seq\":9007199254740993") + "\n", Reason::NotJson),
        ("\u{feff}".to_owned() + second + "\n", Reason::NotJson),
        ("{}\n".to_owned(), Reason::MacForm),
        ("{\"mac\":1}\n".to_owned(), Reason::MacForm),
        (second.replace(macs[1].as_str(), &macs[1].as_str().to_uppercase()) + " \n", Reason::MacForm),
        (second.to_owned() + " \n", Reason::NotCanonical),
        (second.to_owned() + "\r\n", Reason::NotCanonical),
        (second.replace("\"seq\":2", "\"seq\":2.0") + "\n", Reason::NotCanonical),
        (second.replace("WORKER", "W\\u004fRKER") + "\n", Reason::NotCanonical),
        (second.replace("WORKER-1", "WORKER-2") + "\n", Reason::Mac),
        (second.replace("\"seq\":2", "\"seq\":3") + "\n", Reason::Mac),
        (of(r#","seq":2,"subject":"WORKER-2""#), Reason::Subject),
        (of(r#","seq":9,"subject":7"#), Reason::Subject),
        (of(r#","seq":2"#), Reason::Subject),
        (of(r#","seq":3,"subject":"WORKER-1""#), Reason::Chain),
        (of(r#","seq":"2","subject":"WORKER-1""#), Reason::Chain),
        (of(r#","seq":2.5,"subject":"WORKER-1""#), Reason::Chain),
        (of(r#","subject":"WORKER-1""#), Reason::Chain),
        (row(&genesis, 2, "").0, Reason::Chain),
        (sealed(r#"{"seq":2,"subject":"WORKER-1"}"#), Reason::Chain),
        (sealed(r#"{"prev":null,"seq":2,"subject":"WORKER-1"}"#), Reason::Chain),
    ];
    for (bad, reason) in cases {
        let kind = if reason == Reason::LineTooLong { Kind::Unreadable } else { Kind::Tampered };
        // What stands behind the first fault, the anchor's row included, is not looked at.
        let log = format!("{first}{bad}rubbish\n{first}torn");
        for anchor in [None, Some((3, genesis))] {
            check(&verify(&log, anchor), 1, tip, kind, Some(2), reason);
        }
    }
}

#[test]
fn rows_are_sound_whatever_else_they_hold() {
    let (genesis, ..) = rows(0);
    for more in [
        "",
        r#","accessor":null,"mac2":"x","ts":"never""#,
        r#","a":{"mac":"x","trace_id":""},"é":1.5,"\ue000":[true],"\ud83d\ude00":[false]"#,
        r#","a":9007199254740992,"b":-1e-7,"c":"\u001f\"","d":[[[[[[[[[[[[1]]]]]]]]]]]]"#,
    ] {
        let (line, mac) = row(&genesis, 1, more);
        assert_eq!(verify(&line, Some((1, mac))).error, None, "{line}");
    }
}

#[test]
fn a_row_may_be_as_long_as_a_line() {
    let (genesis, ..) = rows(0);
    let (line, _) = row(&genesis, 1, r#","x":"""#);
    let fill = |more: usize| format!(r#","x":"{}""#, "x".repeat(MAX_LINE + 1 - line.len() + more));
    let (longest, mac) = row(&genesis, 1, &fill(0));
    assert_eq!(longest.len(), MAX_LINE + 1);
    assert_eq!(verify(&longest, Some((1, mac))).error, None);
    let (longer, _) = row(&genesis, 1, &fill(1));
    check(&verify(&longer, None), 0, genesis, Kind::Unreadable, Some(1), Reason::LineTooLong);
}

#[test]
fn every_end_of_a_log() {
    let (genesis, lines, macs) = rows(3);
    let whole = lines.concat();
    let (two, torn) = (lines[..2].concat(), whole.trim_end().to_owned());
    let sound = |verification: Verification| (verification.count, verification.error);

    check(&verify("", None), 0, genesis, Kind::Unanchored, None, Reason::NoAnchor);
    assert_eq!(sound(verify("", Some((0, genesis)))), (0, None));
    assert_eq!(sound(verify(&whole, Some((0, genesis)))), (3, None));
    assert_eq!(sound(verify(&whole, Some((2, macs[1])))), (3, None));
    assert_eq!(sound(verify(&whole, Some((3, macs[2])))), (3, None));

    // Another tip at the anchor's row, told before anything behind it.
    check(&verify("x\n", Some((0, macs[0]))), 0, genesis, Kind::Tampered, Some(0), Reason::Anchor);
    check(&verify(&whole, Some((1, genesis))), 0, genesis, Kind::Tampered, Some(1), Reason::Anchor);
    check(&verify(two.clone() + "x\n", Some((2, macs[0]))), 1, macs[0], Kind::Tampered, Some(2), Reason::Anchor);
    check(&verify(two.clone() + "x\n", Some((2, macs[1]))), 2, macs[1], Kind::Tampered, Some(3), Reason::NotJson);

    // Rows that are missing, torn or not.
    check(&verify(&two, Some((3, macs[2]))), 2, macs[1], Kind::Tampered, Some(3), Reason::Truncated);
    check(&verify(&torn, Some((3, macs[2]))), 2, macs[1], Kind::Tampered, Some(3), Reason::Truncated);
    check(&verify(&two, Some((1 << 53, macs[2]))), 2, macs[1], Kind::Tampered, Some(3), Reason::Truncated);
    check(&verify("", Some((1, macs[0]))), 0, genesis, Kind::Tampered, Some(1), Reason::Truncated);

    // A line without its LF, whatever its bytes are.
    for anchor in [None, Some((0, genesis)), Some((2, macs[1]))] {
        check(&verify(&torn, anchor), 2, macs[1], Kind::Torn, Some(3), Reason::Unfinished);
        check(&verify(two.clone() + "\0", anchor), 2, macs[1], Kind::Torn, Some(3), Reason::Unfinished);
        let long = two.clone() + &"x".repeat(MAX_LINE);
        check(&verify(&long, anchor), 2, macs[1], Kind::Torn, Some(3), Reason::Unfinished);
    }
    for anchor in [None, Some((3, macs[2]))] {
        let too_long = two.clone() + &"x".repeat(MAX_LINE + 1);
        check(&verify(&too_long, anchor), 2, macs[1], Kind::Unreadable, Some(3), Reason::LineTooLong);
    }
    check(&verify("{", Some((0, macs[0]))), 0, genesis, Kind::Tampered, Some(0), Reason::Anchor);
}

#[test]
fn a_log_that_cannot_be_read_is_unreadable() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::InvalidData.into())
        }
    }
    let (genesis, lines, macs) = rows(1);
    let key = Key::new(KEY);
    let log = std::io::Read::chain(lines[0].as_bytes(), Broken);
    let verification = chain(&key).verify(genesis, &mut Lines::new(log), None);
    check(&verification, 1, macs[0], Kind::Unreadable, None, Reason::Io);
    let fault = chain(&key).genesis(&mut Lines::new(Broken)).expect_err("it cannot be read");
    assert_eq!(fault, Fault::unreadable("manifest", Reason::Io));
}

#[test]
fn the_last_row_by_itself_leaves_a_number_for_the_next() {
    let key = Key::new(KEY);
    let (genesis, ..) = rows(0);
    for (seq, expected) in [(1, Ok(1)), (7, Ok(7)), ((1 << 53) - 1, Ok((1 << 53) - 1))] {
        let (line, mac) = row(&genesis, seq, "");
        assert_eq!(chain(&key).last_row(line.trim_end().as_bytes()), expected.map(|seq| (mac, seq)));
    }
    for seq in ["0", "-1", "9007199254740992", "1.5", "\"1\"", "null", "1e+21"] {
        let line = sealed(&format!(r#"{{"seq":{seq},"subject":"WORKER-1"}}"#), "mac");
        assert_eq!(chain(&key).last_row(line.trim_end().as_bytes()), Err(Reason::Chain), "{seq}");
    }
    let unchained = sealed(r#"{"seq":4,"subject":"WORKER-1"}"#, "mac");
    assert!(chain(&key).last_row(unchained.trim_end().as_bytes()).is_ok(), "what lies before it is not looked at");
    let other = sealed(r#"{"seq":4,"subject":"WORKER-2"}"#, "mac");
    assert_eq!(chain(&key).last_row(other.trim_end().as_bytes()), Err(Reason::Subject));
    assert_eq!(chain(&key).last_row(b"{}"), Err(Reason::MacForm));
}

#[test]
fn what_is_signed_is_the_row_without_its_own_mac() {
    let text = r#"{"mac":[1],"b":{"mac":"in","trace_id":""},"a":1.0,"ts":"2026-05-03T10:11:12.120Z"}"#;
    let value = ijson::read(text.as_bytes(), ijson::Options::default()).expect("it is JSON");
    assert!(matches!(value, Value::Object(_)));
    let signed = line::signed(value, Role::Row, line::Options::default());
    assert_eq!(signed, r#"{"a":1,"b":{"mac":"in","trace_id":""},"ts":"2026-05-03T10:11:12.120Z"}"#);
}
