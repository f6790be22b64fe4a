//! The plants of what is embedded, of the indexes, and of the matrix.

use super::{ALL, check};
use crate::embedding;
use crate::matrixd::calls::{Indexes, Matrixd};
use crate::matrixd::paths::{Found, find};
use crate::matrixd::{PROGRAM, SURFACES};
use crate::plant::{Options, Plant};
use crate::scratch::Scratch;
use crate::search::embedder::Embedder;
use crate::search::refusal::Reply;
use crate::search::store::Store;
use crate::service::Identity;

fn start(scratch: &Scratch, options: &Options) -> Matrixd {
    let store = Store::open(&scratch.path("data"), options.search).expect("it can be used");
    Matrixd {
        identity: Identity { service: PROGRAM.name, surfaces: &SURFACES, planted: None },
        indexes: Indexes::here(store),
        embedder: Embedder::Hash(options.embedding),
        options: options.matrix,
    }
}

/// What the last of these calls is answered with. A call is a method, a path and a body; `crash` is a new start.
fn last(calls: &[&str], options: &Options) -> String {
    let scratch = Scratch::new();
    let mut matrixd = start(&scratch, options);
    let mut last = String::new();
    for line in calls {
        if *line == "crash" {
            drop(matrixd);
            matrixd = start(&scratch, options);
            continue;
        }
        let (method, rest) = line.split_once(' ').expect("a call has a path");
        let (path, body) = rest.split_once(' ').unwrap_or((rest, ""));
        let Found::Call(call) = find(path, &method.parse().expect("it is a method"), true) else {
            panic!("{line} is no call");
        };
        last = matrixd.perform(&call, "t", body.as_bytes()).unwrap_or_else(|refusal| Reply::from(refusal).body);
    }
    last
}

/// The ids and distances of an answer, and its counts.
fn told(answer: &str) -> String {
    let values = |name: &str| -> Vec<_> {
        let name = format!("\"{name}\":");
        let behind = answer.split(&name).skip(1);
        behind.map(|rest| rest.split([',', '}', '[']).next().unwrap_or_default().replace('"', "")).collect()
    };
    let mut told: Vec<_> =
        values("id").into_iter().zip(values("distance")).map(|(id, at)| format!("{id} {at}")).collect();
    told.extend(values("injected").pop().filter(|count| count != "0").map(|count| format!("injected {count}")));
    told.join(", ")
}

const TWO: &str = r#"POST /vectors/index/a/add {"items":[{"id":"b","vector":[1,0]},{"id":"a","vector":[1,0]}]}"#;
const THIRD: &str = r#"POST /vectors/index/a/add {"items":[{"id":"c","vector":[0,1]}]}"#;
const NEAR: &str = r#"POST /vectors/index/a/search {"vector":[1,0],"k":5}"#;
const DELETED: &str = r#"POST /vectors/index/a/delete {"id":"b"}"#;
const SAVED: &str = "POST /vectors/index/a/save {}";
const DROPPED: &str = "DELETE /vectors/index/a";

/// For each plant calls that it spoils, what the last one comes to, and the spoilt one.
const OF_VECTORS: [(&str, &[&str], &str, &str); 4] = [
    ("ties-by-insertion", &[TWO, NEAR], "a 0, b 0", "b 0, a 0"),
    ("deleted-returned", &[THIRD, TWO, DELETED, NEAR], "a 0, c 1", "a 0, b 0, c 1"),
    ("dropped-keeps", &[TWO, DELETED, SAVED, DROPPED, THIRD, NEAR], "c 1", "a 0, c 1"),
    ("crash-forgets", &[TWO, DELETED, THIRD, "crash", NEAR], "a 0, c 1", "a 0"),
];

const WORKERS: &str =
    r#"POST /vectors/index/workers/add {"items":[{"id":"a","text":"cook"},{"id":"b","text":"cook welder il"}]}"#;
const LEARNED: &str = r#"POST /v1/matrix/search {"query_text":"cook il","query_role":"r","k":1,"use_playbook":true}"#;
const WITHOUT_B: &str = r#"POST /v1/matrix/search {"query_text":"cook il","query_role":"r","k":1,"use_playbook":true,"excluded_ids":["b"]}"#;
const BY_OTHERS: &str =
    r#"POST /v1/matrix/playbooks/record {"query_text":"cook il","role":"s","answer_id":"a","score":1}"#;
const GOOD: &str = r#"POST /v1/matrix/playbooks/record {"query_text":"cook il","role":"R","answer_id":"a","score":1}"#;
const AGAIN: &str =
    r#"POST /v1/matrix/playbooks/record {"query_text":"cook, il","role":"r","answer_id":"a","score":1}"#;
const LOW: &str =
    r#"POST /v1/matrix/playbooks/record {"query_text":"cook il","role":"r","answer_id":"a","score":0.25}"#;
const OTHER: &str = r#"POST /v1/matrix/playbooks/record {"query_text":"cook il","role":"r","answer_id":"b","score":1}"#;

/// The same of the matrix.
const OF_MATRIX: [(&str, &[&str], &str, &str); 5] = [
    ("role-gate-off", &[WORKERS, BY_OTHERS, LEARNED], "a 0.309934", "a 0.154967"),
    ("boosted-twice", &[WORKERS, GOOD, AGAIN, LEARNED], "a 0.154967", "a 0.077484"),
    ("boost-on-similarity", &[WORKERS, LOW, LEARNED], "a 0.271192", "a 0.223676"),
    ("excluded-leaks", &[WORKERS, OTHER, WITHOUT_B], "a 0.309934", "b 0.161352, injected 1"),
    ("injected-uncounted", &[WORKERS, OTHER, LEARNED], "b 0.161352, injected 1", "b 0.161352"),
];

#[test]
fn each_plant_of_the_indexes_spoils_its_own_case_and_no_other() {
    for (name, calls, right, spoilt) in OF_VECTORS.into_iter().chain(OF_MATRIX) {
        check(name, |options| told(&last(calls, options)), right, spoilt);
    }
    let shown = OF_VECTORS.iter().map(|(name, ..)| *name);
    assert!(shown.chain([SEEN_IN_A_LARGE_INDEX]).eq(OF_VECTORS_NAMES));
    assert_eq!(OF_MATRIX.map(|(name, ..)| name), OF_MATRIX_NAMES);
}

/// In the order of `plants.toml`.
pub const OF_VECTORS_NAMES: [&str; 5] =
    ["ties-by-insertion", "deleted-returned", "dropped-keeps", "crash-forgets", SEEN_IN_A_LARGE_INDEX];

/// The tests of `index` measure what it does; a few calls do not show it.
const SEEN_IN_A_LARGE_INDEX: &str = "near-missed";

/// In the order of `plants.toml`.
pub const OF_MATRIX_NAMES: [&str; 5] =
    ["role-gate-off", "boosted-twice", "boost-on-similarity", "excluded-leaks", "injected-uncounted"];

/// The one plant of the embedder.
pub const OF_EMBEDDING_NAMES: [&str; 1] = ["upper-folded"];

#[test]
fn the_plant_of_embedding_spoils_its_own_case_and_no_other() {
    let small = embedding::answer("é".as_bytes(), embedding::Options::default());
    let capital = embedding::answer("É".as_bytes(), embedding::Options::default());
    assert_ne!(small, capital);
    check("upper-folded", |options| embedding::answer("É".as_bytes(), options.embedding), &capital, &small);
    let planted = Plant::by_name("upper-folded", &ALL).expect("the plant is known").options().embedding;
    for other in ["", "Cook IL", "é", "\u{1f600} ß", "日本"] {
        let right = embedding::answer(other.as_bytes(), embedding::Options::default());
        assert_eq!(embedding::answer(other.as_bytes(), planted), right, "{other}");
    }
}

#[test]
fn an_orderly_end_forgets_nothing() {
    let options = Plant::by_name("crash-forgets", &ALL).expect("the plant is known").options();
    let scratch = Scratch::new();
    let matrixd = start(&scratch, &options);
    let Found::Call(call) = find("/vectors/index/a/add", &"POST".parse().expect("it is a method"), true) else {
        panic!("it is a call");
    };
    let body = TWO.split_once(' ').and_then(|(_, rest)| rest.split_once(' ')).map_or("", |(_, body)| body);
    matrixd.perform(&call, "t", body.as_bytes()).expect("it fits");
    matrixd.end();
    drop(matrixd);
    let store = Store::open(&scratch.path("data"), options.search).expect("it can be used");
    assert_eq!(store.shape("t", "a").map(|shape| shape.size), Ok(2));
}
