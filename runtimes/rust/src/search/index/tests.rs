use std::collections::HashSet;
use std::fs;
use std::sync::Arc;

use super::{Index, Search, Sight};
use crate::scratch::Scratch;
use crate::search::Options;
use crate::search::nearest::Hit;
use crate::search::record::{Item, Record};
use crate::search::unit::Unit;
use crate::search::unit::tests;

const DIMENSION: usize = 24;

/// Enough for a graph.
const MANY: u64 = 3000;

/// A vector of one of a hundred clusters.
fn clustered(number: u64) -> Unit {
    tests::clustered(number, 100, DIMENSION, 0.3)
}

fn item(id: &str, vector: Unit) -> Item {
    Item { id: Arc::from(id), vector, metadata: Arc::from("{}") }
}

fn add(index: &mut Index, items: Vec<Item>) {
    let dimension = items[0].vector.dimension();
    index.change(Record::Add { dimension, items }, Options::default()).expect("it can be written");
}

fn delete(index: &mut Index, id: &str) {
    index.change(Record::Delete(id.to_owned()), Options::default()).expect("it can be written");
}

fn search(index: &Index, query: &Unit, k: usize, excluded: &[String], only: Option<&[String]>) -> Vec<Hit> {
    index.content().search(&Search { query, k, excluded, only }, Options::default())
}

fn ids(hits: &[Hit]) -> Vec<&str> {
    hits.iter().map(|hit| &*hit.id).collect()
}

/// An index of [`MANY`] vectors, whose graph has come as far as it goes by itself.
fn large(scratch: &Scratch) -> Index {
    let mut index = Index::new(&scratch.path("a.journal"), DIMENSION, super::Content::default());
    for batch in 0..MANY / 1000 {
        let numbers = batch * 1000..(batch + 1) * 1000;
        add(&mut index, numbers.map(|number| item(&number.to_string(), clustered(number))).collect());
    }
    while let Some(growing) = index.content.hasten() {
        growing.wait();
    }
    assert!(index.content.graph.covered() > 2500);
    index
}

/// How many of the ten nearest are found, in thousandths of all that there are.
fn recall(index: &Index, options: Options) -> usize {
    let everyone: Vec<String> = index.content().entries().map(|entry| entry.id.to_string()).collect();
    let mut found = 0;
    for number in 0..100 {
        let query = clustered(100_000 + number);
        let exact = search(index, &query, 10, &[], Some(&everyone));
        let exact: HashSet<_> = ids(&exact).into_iter().collect();
        let ten = Search { query: &query, k: 10, excluded: &[], only: None };
        let hits = index.content().search(&ten, options);
        assert_eq!(hits.len(), 10);
        assert!(hits.is_sorted_by_key(|hit| (hit.distance, Arc::clone(&hit.id))));
        found += ids(&hits).into_iter().filter(|id| exact.contains(id)).count();
    }
    found
}

#[test]
fn a_graph_finds_the_nearest_through_updates_and_deletes() {
    let scratch = Scratch::new();
    let mut index = large(&scratch);
    let sound = Options::default();
    assert!(recall(&index, sound) >= 990, "as it was built");
    assert!(recall(&index, Options { sight: Sight::NotEveryFifth, ..sound }) < 990, "a planted bug");
    for number in 0..500 {
        delete(&mut index, &number.to_string());
    }
    // Moved to other clusters, and new keys with that.
    add(&mut index, (500..1000).map(|number| item(&number.to_string(), clustered(number + 31))).collect());
    let gone = clustered(0);
    assert!(ids(&search(&index, &gone, 1000, &[], None)).iter().all(|id| id.parse::<u64>().is_ok_and(|id| id >= 500)));
    assert!(recall(&index, sound) >= 990, "with updates and deletes");
    assert_eq!(ids(&search(&index, &clustered(500 + 31), 1, &[], None)), ["500"]);
}

#[test]
fn there_are_k_hits_where_there_are_as_many() {
    let scratch = Scratch::new();
    let mut index = large(&scratch);
    let query = clustered(7);
    let nearest = search(&index, &query, 1000, &[], None);
    assert_eq!(nearest.len(), 1000);
    let excluded: Vec<_> = nearest.iter().map(|hit| hit.id.to_string()).collect();
    let others = search(&index, &query, 1000, &excluded, None);
    assert_eq!(others.len(), 1000);
    assert!(others.iter().all(|hit| !excluded.contains(&hit.id.to_string())));
    for number in 0..MANY - 3 {
        delete(&mut index, &number.to_string());
    }
    assert_eq!(search(&index, &query, 10, &[], None).len(), 3);
    let left = Index::open(&scratch.path("a.journal")).expect("it is sound").expect("it is there");
    assert_eq!(left.content().size(), 3);
}

#[test]
fn only_some_are_looked_at_exactly() {
    let scratch = Scratch::new();
    let mut index = Index::new(&scratch.path("a.journal"), DIMENSION, super::Content::default());
    add(&mut index, (0..50).map(|number| item(&number.to_string(), clustered(number))).collect());
    let only = ["3", "4", "4", "none"].map(str::to_owned);
    assert_eq!(ids(&search(&index, &clustered(4), 10, &[], Some(&only))), ["4", "3"]);
    assert_eq!(ids(&search(&index, &clustered(4), 10, &only[1..2], Some(&only))), ["3"]);
    assert!(search(&index, &clustered(4), 10, &[], Some(&[])).is_empty());
}

#[test]
fn what_was_written_over_makes_the_journal_shorter_in_the_end() {
    let scratch = Scratch::new();
    let path = scratch.path("a.journal");
    let mut index = Index::new(&path, DIMENSION, super::Content::default());
    let mut longest = 0;
    for number in 0..3000 {
        add(&mut index, vec![item("a", clustered(number))]);
        longest = longest.max(fs::metadata(&path).expect("it is there").len());
    }
    assert!(longest < 1100 * 250, "{longest} bytes");
    assert!(index.content.slots.len() < 1100);
    drop(index);
    let mut index = Index::open(&path).expect("it is sound").expect("it is there");
    assert_eq!(search(&index, &clustered(2999), 1, &[], None)[0].distance, 0);
    delete(&mut index, "a");
    let empty = Index::replace(&path, index.remove().expect("it can be taken away")).expect("it can be written");
    assert_eq!((empty.content().size(), empty.content().dimension()), (0, DIMENSION));
    let again = Index::open(&path).expect("it is sound").expect("it is there");
    assert_eq!((again.content().size(), again.content().dimension()), (0, DIMENSION));
}

#[test]
fn an_update_keeps_its_age() {
    let scratch = Scratch::new();
    let mut index = Index::new(&scratch.path("a.journal"), DIMENSION, super::Content::default());
    add(&mut index, vec![item("b", clustered(1)), item("a", clustered(1))]);
    add(&mut index, vec![item("b", clustered(1))]);
    let born =
        |index: &Index, id: &str| index.content().entries().find(|entry| &*entry.id == id).map(|entry| entry.born);
    assert!(born(&index, "b") < born(&index, "a"));
    delete(&mut index, "b");
    add(&mut index, vec![item("b", clustered(1))]);
    assert!(born(&index, "b") > born(&index, "a"));
}
