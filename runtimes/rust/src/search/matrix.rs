//! Search that learns from recordings: what was a good answer to a query like this comes nearer, or comes in.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::CANONICAL;
use super::digits_of;
use super::embedder::Embedded;
use super::nearest::Hit;
use super::refusal::Refusal;
use super::remote::Remote;
use super::request::{Learned, Recording};
use super::unit::{MILLION, rounded};
use crate::ijson::{self, Value};
use crate::jcs;

/// The index of the recordings.
pub const PLAYBOOKS: &str = "playbook_memory";

/// So many of the nearest recordings are looked at.
const MOST_RECORDINGS: usize = 50;

/// A recording whose query is farther away, in millionths, counts for nothing.
const TOO_FAR: u32 = MILLION / 2;

/// Departures of the matrix, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Whose recordings count.
    pub roles: Roles,
    /// Boost an answer once for each of its recordings.
    pub boost_for_each: bool,
    /// What a low score does.
    pub low_scores: LowScores,
    /// Inject an id although it is excluded.
    pub inject_excluded: bool,
    /// Leave an injected hit of rank 1 out of the count.
    pub miscount_injected: bool,
}

/// Whose recordings count for a role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Roles {
    /// Those of the same one.
    #[default]
    Same,
    /// Those of every one.
    Every,
}

/// What a score of at most 0.25 does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LowScores {
    /// It lowers the distance, as any other does.
    #[default]
    LowerDistance,
    /// It raises the similarity.
    RaiseSimilarity,
}

/// What is told of a hit beside itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LearnedHit {
    /// The hit.
    pub hit: Hit,
    /// Whether it was found, and a recording brought it nearer.
    pub boosted: bool,
    /// Whether a recording brought it in.
    pub injected: bool,
}

/// The hits of a search, and how many of them a recording changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The hits, nearest first.
    pub hits: Vec<LearnedHit>,
    /// How many were boosted.
    pub boosted: usize,
    /// How many were injected.
    pub injected: usize,
}

/// A search in an index: by its name, for so many hits, without the excluded, and among some alone.
pub trait Searching {
    /// The hits, nearest first.
    ///
    /// # Errors
    ///
    /// What refuses the search.
    fn search(&self, name: &str, k: usize, excluded: &[String], only: Option<&[String]>) -> Result<Vec<Hit>, Refusal>;
}

/// The hits of `learned`, whose searches are done by `searching` and all are for its query.
///
/// # Errors
///
/// What refuses the search in its index.
pub fn search(searching: &dyn Searching, learned: &Learned<'_>, options: Options) -> Result<Outcome, Refusal> {
    let query = &learned.query;
    let organic = searching.search(query.index, query.k, &query.excluded, None)?;
    let answers = if learned.use_playbook { recorded(searching, learned.role, options)? } else { BTreeMap::new() };
    let lower = |distance: u32, id: &str| {
        let scores = answers.get(id).map_or(&[][..], Vec::as_slice);
        let counted = if options.boost_for_each { scores.len() } else { scores.len().min(1) };
        scores[..counted].iter().fold(distance, |distance, score| lowered(distance, *score, options))
    };
    let is_organic = |id: &String| organic.iter().any(|hit| *hit.id == **id);
    let may_come_in = |id: &String| options.inject_excluded || !query.excluded.contains(id);
    let others: Vec<String> =
        answers.keys().filter(|id| !is_organic(id) && may_come_in(id)).map(String::clone).collect();
    let injected = match others.len() {
        0 => Vec::new(),
        count => searching.search(query.index, count, &[], Some(&others))?,
    };
    let changed = |hit: Hit, is_injected: bool| LearnedHit {
        boosted: !is_injected && answers.contains_key(&*hit.id),
        injected: is_injected,
        hit: Hit { distance: lower(hit.distance, &hit.id), ..hit },
    };
    let mut hits: Vec<_> = organic.into_iter().map(|hit| changed(hit, false)).collect();
    hits.extend(injected.into_iter().map(|hit| changed(hit, true)));
    hits.sort_by(|a, b| (a.hit.distance, &a.hit.id).cmp(&(b.hit.distance, &b.hit.id)));
    hits.truncate(query.k);
    let counted = hits.iter().enumerate();
    let counted = counted.filter(|(rank, hit)| hit.injected && !(options.miscount_injected && *rank == 0)).count();
    Ok(Outcome { boosted: hits.iter().filter(|hit| hit.boosted).count(), injected: counted, hits })
}

/// The answers that were recorded for queries near enough and for this role, each with its scores, the best one first.
fn recorded(searching: &dyn Searching, role: &str, options: Options) -> Result<BTreeMap<String, Vec<f64>>, Refusal> {
    let entries = match searching.search(PLAYBOOKS, MOST_RECORDINGS, &[], None) {
        // Nothing was ever recorded, or nothing that can be compared.
        Err(refusal) if refusal.is_of_index() => return Ok(BTreeMap::new()),
        entries => entries?,
    };
    let mut answers: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for entry in entries.iter().filter(|entry| entry.distance <= TOO_FAR) {
        let Some((answer_id, its_role, score)) = read(&entry.metadata) else { continue };
        if options.roles == Roles::Every || its_role.eq_ignore_ascii_case(role) {
            answers.entry(answer_id).or_default().push(score);
        }
    }
    for scores in answers.values_mut() {
        scores.sort_by(|a, b| b.total_cmp(a));
    }
    Ok(answers)
}

/// Answer, role and score of a recording's metadata; none where it is not that of a recording.
fn read(metadata: &str) -> Option<(String, String, f64)> {
    let Ok(Value::Object(mut members)) = ijson::read(metadata.as_bytes(), CANONICAL) else {
        return None;
    };
    match (members.remove("answer_id"), members.remove("role"), members.remove("score")) {
        (Some(Value::String(answer_id)), Some(Value::String(role)), Some(Value::Number(score)))
            if (0.0..=1.0).contains(&score) =>
        {
            Some((answer_id, role, score))
        }
        _ => None,
    }
}

/// The distance of an answer with this score.
fn lowered(distance: u32, score: f64, options: Options) -> u32 {
    let distance = f64::from(distance);
    if options.low_scores == LowScores::RaiseSimilarity && score <= 0.25 {
        let similarity = f64::from(MILLION) - distance;
        return rounded(f64::from(MILLION) - similarity * (1.0 + 0.5 * score));
    }
    rounded(distance * (1.0 - 0.5 * score))
}

/// A recording as an entry of its index: its id, and its metadata.
#[must_use]
pub fn entry(recording: &Recording<'_>) -> (String, String) {
    let strings = [recording.query_text, recording.role, recording.answer_id];
    let mut text = String::new();
    let strings = strings.map(|string| Value::String(string.to_owned())).to_vec();
    jcs::write(&Value::Array(strings), jcs::Options::default(), &mut text);
    let digits = digits_of(Sha256::new_with_prefix(text));

    let metadata = BTreeMap::from([
        ("answer_id".to_owned(), Value::String(recording.answer_id.to_owned())),
        ("role".to_owned(), Value::String(recording.role.to_owned())),
        ("score".to_owned(), Value::Number(recording.score)),
    ]);
    let mut text = String::new();
    jcs::write(&Value::Object(metadata), jcs::Options::default(), &mut text);
    (format!("pb-{digits}"), text)
}

/// Searches for one query in a tenant's indexes at another service.
impl Searching for (Remote<'_>, &Embedded) {
    fn search(&self, name: &str, k: usize, excluded: &[String], only: Option<&[String]>) -> Result<Vec<Hit>, Refusal> {
        self.0.search(name, self.1, k, excluded, only)
    }
}

#[cfg(test)]
mod tests;
