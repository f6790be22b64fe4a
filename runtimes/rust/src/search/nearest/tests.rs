use std::sync::Arc;

use super::{Ties, nearest};
use crate::search::index::Entry;
use crate::search::unit::Unit;
use crate::search::unit::tests::scattered;

fn entry(id: &str, born: u64, components: &[f64]) -> Entry {
    let vector = Unit::new(components).expect("it has a direction");
    Entry { id: Arc::from(id), vector, metadata: Arc::from("{}"), born }
}

fn found(query: &[f64], entries: &[Entry], most: usize, ties: Ties) -> Vec<(u32, String)> {
    let query = Unit::new(query).expect("it has a direction");
    let hits = nearest(&query, entries.iter(), most, ties);
    hits.into_iter().map(|hit| (hit.distance, hit.id.to_string())).collect()
}

#[test]
fn rough_looks_change_nothing() {
    // Of a few directions, so that there are ties at every threshold.
    let entries: Vec<_> = (0..400)
        .map(|number| entry(&format!("{}", number * 7919 % 1000), number, &scattered(number % 90, 24)))
        .collect();
    for seed in 0..10 {
        let query = scattered(1000 + seed, 24);
        let unit = Unit::new(&query).expect("it has a direction");
        let mut all: Vec<_> =
            entries.iter().map(|entry| (unit.millionths_to(&entry.vector), entry.id.to_string())).collect();
        all.sort();
        for most in [1, 2, 10, 33, 399, 400, 1000] {
            assert_eq!(found(&query, &entries, most, Ties::ById), all[..most.min(400)], "{most}");
        }
    }
}

#[test]
fn hits_of_one_distance_are_ordered() {
    let entries = [
        entry("b", 0, &[1.0, 1.0]),
        entry("\u{1f600}", 1, &[1.0, -1.0]),
        entry("\u{fb33}", 2, &[2.0, 2.0]),
        entry("B", 3, &[1.0, 1.0]),
    ];
    let ids = |ties| -> Vec<_> { found(&[1.0, 0.0], &entries, 9, ties).into_iter().map(|(_, id)| id).collect() };
    assert_eq!(ids(Ties::ById), ["B", "b", "\u{fb33}", "\u{1f600}"]);
    assert_eq!(ids(Ties::ByInsertion), ["b", "\u{1f600}", "\u{fb33}", "B"]);
}

#[test]
fn nobody_is_found_among_none() {
    assert_eq!(found(&[1.0], &[], 5, Ties::ById), []);
}
