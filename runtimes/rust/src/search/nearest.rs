//! Exact search among any number of entries.
//!
//! What is told is added up in order, in binary64, which is slow. So all are looked at roughly first, and exactly only
//! those that may be among the nearest: rough products are off by a bound that is known, so none is missed.

use std::sync::Arc;

use super::index::Entry;
use super::unit::Unit;

/// Fewer than so many are looked at exactly at once.
const FEW: usize = 32;

/// Two distances of the same millionth, with room for the rounding of the threshold itself.
const SAME: f32 = 2e-6;

/// How hits of one distance are ordered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ties {
    /// By id, by code points.
    #[default]
    ById,
    /// A planted bug: by when their ids were first added.
    ByInsertion,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its id.
    pub id: Arc<str>,
    /// Its distance, in millionths.
    pub distance: u32,
    /// Its metadata, in canonical form.
    pub metadata: Arc<str>,
}

/// The nearest `most` of `entries`, nearest first, and those of one distance as `ties` says.
#[must_use]
pub fn nearest<'a>(query: &Unit, entries: impl Iterator<Item = &'a Entry>, most: usize, ties: Ties) -> Vec<Hit> {
    let mut entries: Vec<_> = entries.map(|entry| (0.0, entry)).collect();
    if entries.len() > most.max(FEW) {
        for (product, entry) in &mut entries {
            *product = query.product_about(&entry.vector);
        }
        let (_, last, _) = entries.select_nth_unstable_by(most - 1, |(a, _), (b, _)| b.total_cmp(a));
        let threshold = last.0 - 2.0 * query.error() - SAME;
        entries.retain(|(product, _)| *product >= threshold);
    }
    let mut found: Vec<_> = entries.into_iter().map(|(_, entry)| (query.millionths_to(&entry.vector), entry)).collect();
    found.sort_unstable_by(|(a, one), (b, other)| {
        let tie = match ties {
            Ties::ById => one.id.cmp(&other.id),
            Ties::ByInsertion => one.born.cmp(&other.born),
        };
        a.cmp(b).then(tie)
    });
    found.truncate(most);
    found
        .into_iter()
        .map(|(distance, entry)| Hit { id: Arc::clone(&entry.id), distance, metadata: Arc::clone(&entry.metadata) })
        .collect()
}

#[cfg(test)]
mod tests;
