//! What is answered, as RFC 8785 writes it.

use std::fmt::Write;

use super::matrix::{LearnedHit, Outcome};
use super::nearest::Hit;
use super::store::{Added, Shape};
use super::unit::MILLION;
use crate::ijson::Value;
use crate::jcs;

/// `{"added":1,"size":3,"updated":0}`
#[must_use]
pub fn added(Added { added, updated, size }: Added) -> String {
    format!("{{\"added\":{added},\"size\":{size},\"updated\":{updated}}}")
}

/// `{"deleted":true,"size":2}`
#[must_use]
pub fn deleted(size: usize) -> String {
    format!("{{\"deleted\":true,\"size\":{size}}}")
}

/// `{"size":3,"snapshot":"s-5f0c1de2a7b39846"}`
#[must_use]
pub fn saved(snapshot: &str, size: usize) -> String {
    format!("{{\"size\":{size},\"snapshot\":\"{snapshot}\"}}")
}

/// `{"dimension":2,"size":3}`
#[must_use]
pub fn shape(Shape { dimension, size }: Shape) -> String {
    format!("{{\"dimension\":{dimension},\"size\":{size}}}")
}

/// `{"dropped":true}`
#[must_use]
pub fn dropped() -> String {
    "{\"dropped\":true}".to_owned()
}

/// `{"dropped":2}`
#[must_use]
pub fn forgotten(indexes: usize) -> String {
    format!("{{\"dropped\":{indexes}}}")
}

/// `{"playbook_id":"pb-1126c52bd106df6b","updated":false}`
#[must_use]
pub fn recorded(id: &str, updated: bool) -> String {
    format!("{{\"playbook_id\":\"{id}\",\"updated\":{updated}}}")
}

/// `{"hits":[...],"size":3}`
#[must_use]
pub fn found(hits: &[Hit], size: usize) -> String {
    let mut out = String::from("{\"hits\":");
    write_hits(hits, &mut out);
    out + &format!(",\"size\":{size}}}")
}

/// `{"results":[...]}`
#[must_use]
pub fn retrieved(hits: &[Hit]) -> String {
    let mut out = String::from("{\"results\":");
    write_hits(hits, &mut out);
    out + "}"
}

/// `{"boosted":0,"hits":[...],"injected":0}`
#[must_use]
pub fn learned(Outcome { hits, boosted, injected }: &Outcome) -> String {
    let mut out = format!("{{\"boosted\":{boosted},\"hits\":");
    write_array(hits, &mut out, |rank, LearnedHit { hit, boosted, injected }, out| {
        let before = format!("\"boosted\":{boosted},");
        write_hit(rank, hit, &before, &format!("\"injected\":{injected},"), out);
    });
    out + &format!(",\"injected\":{injected}}}")
}

fn write_hits(hits: &[Hit], out: &mut String) {
    write_array(hits, out, |rank, hit, out| write_hit(rank, hit, "", "", out));
}

fn write_array<T>(items: &[T], out: &mut String, write: impl Fn(usize, &T, &mut String)) {
    out.push('[');
    for (number, item) in items.iter().enumerate() {
        out.push_str(if number > 0 { "," } else { "" });
        write(number + 1, item, out);
    }
    out.push(']');
}

/// Writes a hit, with `before` in front of its distance and `behind` behind its id, where these members stand.
fn write_hit(rank: usize, hit: &Hit, before: &str, behind: &str, out: &mut String) {
    write!(out, "{{{before}\"distance\":").expect("a string takes everything");
    let distance = Value::Number(f64::from(hit.distance) / f64::from(MILLION));
    jcs::write(&distance, jcs::Options::default(), out);
    out.push_str(",\"id\":");
    jcs::write_string(&hit.id, out);
    write!(out, ",{behind}\"metadata\":{},\"rank\":{rank}}}", hit.metadata).expect("a string takes everything");
}
