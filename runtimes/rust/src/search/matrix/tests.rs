use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Options, PLAYBOOKS, Searching, entry, search};
use crate::search::answer;
use crate::search::nearest::Hit;
use crate::search::refusal::{Refusal, State};
use crate::search::request::{Learned, Query, Recording};

/// Indexes in which every id has the distance that it was given.
#[derive(Default)]
struct Given(BTreeMap<&'static str, Vec<Hit>>);

impl Searching for Given {
    fn search(&self, name: &str, k: usize, excluded: &[String], only: Option<&[String]>) -> Result<Vec<Hit>, Refusal> {
        let hits = self.0.get(name).ok_or(State::UnknownIndex)?.iter();
        let wanted = hits.filter(|hit| only.is_none_or(|only| only.contains(&hit.id.to_string())));
        let mut hits: Vec<_> = wanted.filter(|hit| !excluded.contains(&hit.id.to_string())).cloned().collect();
        hits.sort_by_key(|hit| (hit.distance, Arc::clone(&hit.id)));
        hits.truncate(k);
        Ok(hits)
    }
}

fn hit(id: &str, distance: u32, metadata: &str) -> Hit {
    Hit { id: Arc::from(id), distance, metadata: Arc::from(metadata) }
}

fn recording(number: u32, distance: u32, role: &str, answer_id: &str, score: f64) -> Hit {
    let metadata = format!(r#"{{"answer_id":"{answer_id}","role":"{role}","score":{score}}}"#);
    hit(&number.to_string(), distance, &metadata)
}

fn learned(k: usize, excluded: &[&str]) -> Learned<'static> {
    let excluded = excluded.iter().map(|id| (*id).to_owned()).collect();
    Learned { query: Query { k, excluded, index: "workers" }, role: "Welder", use_playbook: true }
}

fn given(recordings: Vec<Hit>) -> Given {
    let workers = vec![hit("a", 444_900, "{}"), hit("b", 500_000, "{}"), hit("c", 900_001, "{}")];
    Given(BTreeMap::from([("workers", workers), (PLAYBOOKS, recordings)]))
}

/// The hits, each with what was done to it, and the counts.
fn outcome(given: &Given, learned: &Learned<'_>, options: Options) -> String {
    let outcome = search(given, learned, options).expect("there is such an index");
    let told = outcome.hits.iter().map(|hit| {
        let done = if hit.boosted { "+" } else { "" }.to_owned() + if hit.injected { "!" } else { "" };
        format!("{}{done} {}", hit.hit.id, hit.hit.distance)
    });
    format!("{}; {} {}", told.collect::<Vec<_>>().join(", "), outcome.boosted, outcome.injected)
}

#[track_caller]
fn check(recordings: Vec<Hit>, k: usize, excluded: &[&str], expected: &str) {
    assert_eq!(outcome(&given(recordings), &learned(k, excluded), Options::default()), expected);
}

#[test]
fn an_answer_that_was_good_comes_nearer() {
    check(vec![], 2, &[], "a 444900, b 500000; 0 0");
    check(vec![recording(1, 0, "Welder", "a", 1.0)], 2, &[], "a+ 222450, b 500000; 1 0");
    check(vec![recording(1, 500_000, "wELDER", "b", 0.5)], 2, &[], "b+ 375000, a 444900; 1 0");
    check(vec![recording(1, 0, "Welder", "b", 0.0)], 2, &[], "a 444900, b+ 500000; 1 0");
}

#[test]
fn an_answer_that_was_not_found_comes_in() {
    check(vec![recording(1, 0, "Welder", "c", 1.0)], 2, &[], "a 444900, c! 450001; 0 1");
    check(vec![recording(1, 0, "Welder", "c", 0.1)], 2, &[], "a 444900, b 500000; 0 0");
    check(vec![recording(1, 0, "Welder", "c", 1.0)], 2, &["c"], "a 444900, b 500000; 0 0");
    check(vec![recording(1, 0, "Welder", "nobody", 1.0)], 2, &[], "a 444900, b 500000; 0 0");
}

#[test]
fn what_is_too_far_or_for_others_counts_for_nothing() {
    for other in [
        recording(1, 500_001, "Welder", "a", 1.0),
        recording(1, 0, "Cook", "a", 1.0),
        recording(1, 0, " Welder", "a", 1.0),
        recording(1, 0, "Welder", "a", 1.1),
        hit("1", 0, r#"{"answer_id":"a","role":"Welder"}"#),
        hit("1", 0, r#"{"answer_id":"a","role":"Welder","score":"1"}"#),
        hit("1", 0, r#"{"answer_id":1,"role":"Welder","score":1}"#),
    ] {
        check(vec![other], 2, &[], "a 444900, b 500000; 0 0");
    }
    let mut unused = learned(2, &[]);
    unused.use_playbook = false;
    let recorded = given(vec![recording(1, 0, "Welder", "a", 1.0)]);
    assert_eq!(outcome(&recorded, &unused, Options::default()), "a 444900, b 500000; 0 0");
}

#[test]
fn the_best_score_counts_once_and_of_the_nearest_50_alone() {
    let several = vec![recording(1, 0, "Welder", "a", 0.2), recording(2, 9, "welder", "a", 1.0)];
    check(several, 1, &[], "a+ 222450; 1 0");
    let mut many: Vec<_> = (0..50).map(|number| recording(number, number, "Cook", "b", 1.0)).collect();
    many.push(recording(50, 50, "Welder", "a", 1.0));
    check(many, 1, &[], "a 444900; 0 0");
}

#[test]
fn without_a_memory_nothing_is_known_and_without_an_index_nothing_is_answered() {
    let mut without = given(vec![]);
    without.0.remove(PLAYBOOKS);
    assert_eq!(outcome(&without, &learned(1, &[]), Options::default()), "a 444900; 0 0");
    let refused = search(&Given::default(), &learned(1, &[]), Options::default());
    assert_eq!(refused, Err(State::UnknownIndex.into()));
}

#[test]
fn a_recording_has_the_id_that_follows_from_it() {
    let recording =
        Recording { query_text: "Forklift\n@ \"Aurora\" \u{1f600}", role: "<é>", answer_id: "w-1", score: -0.0 };
    let (id, metadata) = entry(&recording);
    assert_eq!(metadata, r#"{"answer_id":"w-1","role":"<é>","score":0}"#);
    assert_eq!(id, "pb-fbbdcfc715b0ef2e");
    let other = Recording { score: 1.0, ..recording };
    assert_eq!(entry(&other).0, id);
}

#[test]
fn answers_are_canonical() {
    let recorded = given(vec![recording(1, 0, "Welder", "a", 1.0)]);
    let outcome = search(&recorded, &learned(1, &[]), Options::default()).expect("there is such an index");
    assert_eq!(
        answer::learned(&outcome),
        r#"{"boosted":1,"hits":[{"boosted":true,"distance":0.22245,"id":"a","injected":false,"metadata":{},"rank":1}],"injected":0}"#
    );
    assert_eq!(
        answer::found(&[hit("\"", 1, r#"{"a":1}"#), hit("b", 2_000_000, "{}")], 3),
        r#"{"hits":[{"distance":0.000001,"id":"\"","metadata":{"a":1},"rank":1},{"distance":2,"id":"b","metadata":{},"rank":2}],"size":3}"#
    );
    assert_eq!(answer::retrieved(&[]), r#"{"results":[]}"#);
}
