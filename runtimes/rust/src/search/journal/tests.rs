use std::fs;
use std::path::Path;

use super::{Journal, Unreadable, read_snapshot, write_snapshot};
use crate::scratch::Scratch;
use crate::search::record::{self, Record};
use crate::search::unit::Unit;

/// Three records: an item, a delete, and an item whose metadata and id are out of the ordinary.
fn records() -> Vec<String> {
    let vector = Unit::new(&[3.0, 4.0]).expect("it has a direction");
    let strange = r#"{"":1e+21,"\n":100000000000000000000}"#;
    vec![
        record::add(2, [("a", &vector, "{}")].into_iter()),
        record::delete("a\n\"\u{0}"),
        record::add(2, [("\u{1f600} ", &vector, strange)].into_iter()),
    ]
}

fn read(path: &Path) -> Result<Vec<Record>, Unreadable> {
    let mut records = Vec::new();
    Journal::open(path, |record| records.push(record))?;
    Ok(records)
}

/// A journal with all records, and how long it was behind each.
fn written(scratch: &Scratch) -> (Vec<u8>, Vec<usize>) {
    let path = scratch.path("a.journal");
    let mut journal = Journal::new(path.clone());
    let mut lengths = vec![0];
    for record in records() {
        journal.append(record, false).expect("it can be written");
        lengths.push(fs::read(&path).expect("it is there").len());
    }
    (fs::read(&path).expect("it is there"), lengths)
}

#[test]
fn records_come_back() {
    let scratch = Scratch::new();
    written(&scratch);
    let expected: Vec<_> =
        records().iter().map(|text| record::read(text.as_bytes()).expect("it is a record")).collect();
    assert_eq!(read(&scratch.path("a.journal")).expect("it is sound"), expected);
    // Whatever is read is written alike again.
    let Some(Record::Add { dimension, items }) = expected.last() else { panic!("the last one is an item") };
    let again = record::add(*dimension, items.iter().map(|item| (&*item.id, &item.vector, &*item.metadata)));
    assert_eq!(again, records()[2]);
}

#[test]
fn an_end_torn_off_anywhere_is_cut_off() {
    let scratch = Scratch::new();
    let (bytes, lengths) = written(&scratch);
    for length in 0..bytes.len() {
        scratch.write("torn.journal", &bytes[..length]);
        let whole = lengths.iter().rposition(|whole| *whole <= length).expect("the first is 0");
        assert_eq!(read(&scratch.path("torn.journal")).expect("it is sound").len(), whole, "{length}");
        assert_eq!(fs::read(scratch.path("torn.journal")).expect("it is there").len(), lengths[whole]);
    }
}

#[test]
fn a_byte_changed_anywhere_is_damage() {
    let scratch = Scratch::new();
    let (bytes, lengths) = written(&scratch);
    for at in 0..bytes.len() {
        for change in [1, b'\n' ^ bytes[at].max(1)] {
            let mut changed = bytes.clone();
            changed[at] ^= change;
            if changed == bytes {
                continue;
            }
            scratch.write("changed.journal", &changed);
            let line = lengths.iter().filter(|length| **length <= at).count();
            match read(&scratch.path("changed.journal")) {
                Err(Unreadable::Damaged(damaged)) => assert_eq!(damaged, line, "byte {at}"),
                other => panic!("byte {at}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_record_taken_out_or_put_twice_is_damage() {
    let scratch = Scratch::new();
    let (bytes, lengths) = written(&scratch);
    let [first, second] = [&bytes[..lengths[1]], &bytes[lengths[1]..lengths[2]]];
    for other in [bytes[lengths[1]..].to_vec(), [first, first, second].concat(), [second, first].concat()] {
        scratch.write("other.journal", &other);
        assert!(matches!(read(&scratch.path("other.journal")), Err(Unreadable::Damaged(_))));
    }
}

#[test]
fn writing_goes_on_behind_what_was_cut_off() {
    let scratch = Scratch::new();
    let (bytes, lengths) = written(&scratch);
    let path = scratch.path("a.journal");
    scratch.write("a.journal", &bytes[..lengths[3] - 1]);
    let mut journal = Journal::open(&path, |_| {}).expect("it is sound");
    journal.append(records().remove(2), false).expect("it can be written");
    assert_eq!(fs::read(&path).expect("it is there"), bytes);
    let shorter = Journal::replace(&path, records().into_iter().take(1)).expect("it can be written");
    assert!(!shorter.is_empty());
    assert_eq!(fs::read(&path).expect("it is there"), bytes[..lengths[1]]);
}

#[test]
fn a_planted_bug_writes_one_behind() {
    let scratch = Scratch::new();
    let path = scratch.path("late.journal");
    let mut journal = Journal::new(path.clone());
    for expected in [0, 1, 2] {
        journal.append(records().remove(expected), true).expect("it can be written");
        assert_eq!(read(&path).map_or(0, |records| records.len()), expected);
    }
    journal.flush().expect("it can be written");
    assert_eq!(read(&path).expect("it is sound").len(), 3);
}

#[test]
fn a_snapshot_is_whole_or_damaged() {
    let scratch = Scratch::new();
    let path = scratch.path("a.snapshot");
    write_snapshot(&path, records().into_iter(), 1).expect("it can be written");
    let mut read = 0;
    read_snapshot(&path, |_| read += 1).expect("it is sound");
    assert_eq!(read, 4);
    let bytes = fs::read(&path).expect("it is there");
    let is_damaged = |bytes: &[u8]| {
        scratch.write("b.snapshot", bytes);
        matches!(read_snapshot(&scratch.path("b.snapshot"), |_| {}), Err(Unreadable::Damaged(_)))
    };
    for at in 0..bytes.len() {
        assert!(is_damaged(&bytes[..at]), "cut to {at}");
        let mut changed = bytes.clone();
        changed[at] ^= 32;
        assert!(is_damaged(&changed), "byte {at} changed");
        changed[at] ^= 32;
        changed.insert(at, b'0');
        assert!(is_damaged(&changed), "byte {at} added");
    }
    assert!(is_damaged(&[&bytes[..], b"\n"].concat()));
    assert!(is_damaged(&[&bytes[..], b"0"].concat()));
    assert!(!is_damaged(&bytes));
    assert!(matches!(read_snapshot(&scratch.path("c.snapshot"), |_| {}), Err(Unreadable::Io(_))));
}
