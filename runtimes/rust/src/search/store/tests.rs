use std::sync::Arc;

use super::{Added, Shape, Store};
use crate::scratch::Scratch;
use crate::search::Options;
use crate::search::index::Search;
use crate::search::record::Item;
use crate::search::refusal::State;
use crate::search::unit::Unit;

fn open(scratch: &Scratch) -> Store {
    Store::open(&scratch.path("data"), Options::default()).expect("it can be used")
}

fn unit(components: &[f64]) -> Unit {
    Unit::new(components).expect("it has a direction")
}

fn item(id: &str, components: &[f64]) -> Item {
    Item { id: Arc::from(id), vector: unit(components), metadata: Arc::from("{}") }
}

fn ids(store: &Store, tenant: &str, name: &str) -> Result<Vec<String>, State> {
    let search = Search { query: &unit(&[1.0, 0.0]), k: 10, excluded: &[], only: None };
    let (hits, _) = store.search(tenant, name, &search)?;
    Ok(hits.into_iter().map(|hit| hit.id.to_string()).collect())
}

#[test]
fn what_was_told_is_there_again() {
    let scratch = Scratch::new();
    let mut store = open(&scratch);
    let items = vec![item("x", &[1.0, 0.0]), item("y", &[0.0, 1.0])];
    assert_eq!(store.add("t", "a", items), Ok(Added { added: 2, updated: 0, size: 2 }));
    let items = vec![item("y", &[2.0, 0.1]), item("z", &[-1.0, 0.0])];
    assert_eq!(store.add("t", "a", items), Ok(Added { added: 1, updated: 1, size: 3 }));
    assert_eq!(store.delete("t", "a", "x"), Ok(2));
    assert_eq!(store.add("t", "b", vec![item("x", &[1.0])]), Ok(Added { added: 1, updated: 0, size: 1 }));
    assert_eq!(store.drop_index("t", "b"), Ok(()));
    for _ in 0..2 {
        drop(store);
        store = open(&scratch);
        assert_eq!(ids(&store, "t", "a").as_deref(), Ok(&["y".to_owned(), "z".to_owned()][..]));
        assert_eq!(ids(&store, "t", "b"), Err(State::UnknownIndex));
    }
}

#[test]
fn a_refusal_changes_nothing() {
    let scratch = Scratch::new();
    let mut store = open(&scratch);
    let mixed = vec![item("x", &[1.0, 0.0]), item("y", &[1.0])];
    assert_eq!(store.add("t", "a", mixed.clone()), Err(State::WrongDimension));
    assert_eq!(store.shape("t", "a"), Err(State::UnknownIndex));
    assert_eq!(scratch.listing().iter().filter(|(name, ..)| name.contains("journal")).count(), 0);
    store.add("t", "a", vec![item("x", &[0.0, 1.0])]).expect("it fits");
    assert_eq!(store.add("t", "a", mixed), Err(State::WrongDimension));
    assert_eq!(store.delete("t", "a", "y"), Err(State::UnknownId));
    assert_eq!(store.delete("u", "a", "x"), Err(State::UnknownIndex));
    assert_eq!(store.shape("t", "a"), Ok(Shape { dimension: 2, size: 1 }));
}

#[test]
fn tenants_know_nothing_of_each_other() {
    let scratch = Scratch::new();
    let mut store = open(&scratch);
    for tenant in ["t", "u"] {
        store.add(tenant, "a", vec![item(tenant, &[1.0, 0.0])]).expect("it fits");
    }
    let (snapshot, _) = store.save("t", "a").expect("it is there");
    assert_eq!(store.reload("u", "a", &snapshot), Err(State::UnknownSnapshot));
    assert_eq!((store.forget("t"), store.forget("t"), store.forget("nobody")), (1, 0, 0));
    assert_eq!(store.reload("t", "a", &snapshot), Err(State::UnknownSnapshot));
    drop(store);
    assert_eq!(ids(&open(&scratch), "u", "a"), Ok(vec!["u".to_owned()]));
    assert!(!scratch.path("data/t").exists());
}

#[test]
fn a_snapshot_outlives_its_index() {
    let scratch = Scratch::new();
    let mut store = open(&scratch);
    store.add("t", "a", vec![item("x", &[1.0, 0.0]), item("y", &[0.0, 1.0])]).expect("it fits");
    let (first, size) = store.save("t", "a").expect("it is there");
    assert_eq!(size, 2);
    store.delete("t", "a", "x").expect("it is there");
    let (second, _) = store.save("t", "a").expect("it is there");
    assert_ne!(first, second);
    store.drop_index("t", "a").expect("it is there");
    assert_eq!(store.save("t", "a"), Err(State::UnknownIndex));
    store.add("t", "a", vec![item("z", &[1.0, 2.0, 3.0])]).expect("it is made anew");
    for (snapshot, size) in [(&first, 2), (&second, 1), (&first, 2)] {
        drop(store);
        store = open(&scratch);
        assert_eq!(store.reload("t", "a", snapshot), Ok(Shape { dimension: 2, size }));
    }
    assert_eq!(store.reload("t", "b", &first), Err(State::UnknownSnapshot));
    drop(store);
    assert_eq!(ids(&open(&scratch), "t", "a").expect("it is there").len(), 2);
}

#[test]
fn only_a_snapshots_name_leads_to_a_file() {
    let scratch = Scratch::new();
    let mut store = open(&scratch);
    store.add("t", "a", vec![item("x", &[1.0])]).expect("it fits");
    let (snapshot, _) = store.save("t", "a").expect("it is there");
    for name in ["", "none", "s-", "../t/a", "s-0123456789ABCDEF", &format!("{snapshot}0"), "s-0123456789abcdef"] {
        assert_eq!(store.reload("t", "a", name), Err(State::UnknownSnapshot), "{name}");
    }
    scratch.write(&format!("data/t/a.{snapshot}.snapshot"), "");
    assert_eq!(store.reload("t", "a", &snapshot), Err(State::DamagedSnapshot));
    assert_eq!(store.shape("t", "a"), Ok(Shape { dimension: 1, size: 1 }));
}

#[test]
fn what_is_left_of_a_crash_is_taken_away() {
    let scratch = Scratch::new();
    for name in ["t/a.journal", "t/b.journal.tmp", ".gone-s-1/c.journal", "t/notes.txt"] {
        scratch.write(&format!("data/{name}"), "0123");
    }
    let store = open(&scratch);
    assert_eq!(store.shape("t", "a"), Err(State::UnknownIndex));
    let left: Vec<_> =
        scratch.listing().into_iter().map(|(name, ..)| name).filter(|name| name.starts_with("data/")).collect();
    assert_eq!(left, ["data/.lock", "data/t", "data/t/notes.txt"]);
}

#[test]
fn a_folder_that_cannot_be_used_is_named() {
    let scratch = Scratch::new();
    let refused = |folder: &str| Store::open(&scratch.path(folder), Options::default()).err().unwrap_or_default();
    scratch.write("file", "");
    assert!(refused("file").contains("file cannot be used"));
    scratch.write("damaged/t/a.journal", "0123456789abcdef {}\n");
    assert!(refused("damaged").contains("damaged/t/a.journal is damaged at record 1"));
    let _store = open(&scratch);
    assert!(refused("data").contains("is in use by another process"));
}
