//! A graph over the entries of a large index, which proposes whom to look at.
//!
//! It is never the truth, and never in the way:
//! - Points lie in it by the index's keys, which are used once. What was deleted or replaced stays in it as a point
//!   that nobody wants any more, and is passed over; the index starts a new graph when these become too many.
//! - A thread of its own puts points into it, while searches go on. `covered` says how far it has come; the index
//!   looks at every key from there on itself.
//! - Whatever it proposes is looked at exactly. Where it proposes too few, the index looks at everything.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::thread;

use super::small_world::SmallWorld;
use super::unit::Unit;

/// Up to so many points, looking at all of them takes about as long as a search through a graph. Tests do with fewer.
pub const WORTHWHILE: usize = if cfg!(test) { 1024 } else { 4096 };

/// From so many points on that are not in the graph, they are put into it.
const BEHIND: usize = if cfg!(test) { 256 } else { 1024 };

/// So many candidates are kept in a search at least.
const WHILE_SEARCHING: usize = 200;

/// With more candidates than these a search through the graph takes longer than looking at everything.
const FUTILE: usize = 1600;

/// A graph, and how far it has come.
#[derive(Default)]
pub struct Graph(Arc<Shared>);

#[derive(Default)]
struct Shared {
    points: RwLock<SmallWorld>,
    /// All keys below are in it, as far as they were alive.
    covered: AtomicUsize,
    /// A thread works on it.
    busy: AtomicBool,
    /// Nobody needs it any more.
    abandoned: AtomicBool,
}

impl Drop for Graph {
    fn drop(&mut self) {
        self.0.abandoned.store(true, Ordering::Relaxed);
    }
}

impl Graph {
    /// The first key that it does not cover.
    #[must_use]
    pub fn covered(&self) -> usize {
        self.0.covered.load(Ordering::Acquire)
    }

    /// Whether a thread puts points into it.
    #[cfg(test)]
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.0.busy.load(Ordering::Acquire)
    }

    /// Puts what is missing into the graph, if it is worth while, in a thread of its own. `slots` holds the vectors
    /// by their keys, of which `alive` are there.
    pub fn catch_up<'a>(&self, alive: usize, slots: impl ExactSizeIterator<Item = Option<&'a Unit>>) {
        let (covered, end) = (self.covered(), slots.len());
        let is_late = alive > WORTHWHILE && end - covered > BEHIND;
        if !is_late || self.0.busy.swap(true, Ordering::AcqRel) {
            return;
        }
        let missing = slots.enumerate().skip(covered);
        let missing: Vec<_> = missing.filter_map(|(key, vector)| Some((key, vector?.clone()))).collect();
        let shared = Arc::clone(&self.0);
        thread::spawn(move || {
            // A panic costs the graph, which stays busy then, and nothing else: searches go without it.
            if catch_unwind(AssertUnwindSafe(|| shared.take(missing, end))).is_ok() {
                shared.busy.store(false, Ordering::Release);
            }
        });
    }

    /// The keys of about the nearest ones, nearest first, at least `fewest` that are `wanted`; none where the graph
    /// does not lead to so many with reasonable effort.
    #[must_use]
    pub fn propose(&self, query: &Unit, fewest: usize, wanted: impl Fn(usize) -> bool) -> Option<Vec<usize>> {
        let mut width = WHILE_SEARCHING.max(2 * fewest);
        while width <= FUTILE {
            let mut found = self.0.points.read().unwrap_or_else(PoisonError::into_inner).nearest(query, width);
            found.retain(|key| wanted(*key));
            if found.len() >= fewest {
                return Some(found);
            }
            width *= 2;
        }
        None
    }
}

impl Shared {
    fn take(&self, missing: Vec<(usize, Unit)>, end: usize) {
        for (key, vector) in missing {
            if self.abandoned.load(Ordering::Relaxed) {
                return;
            }
            // Searches go on while its place is looked for, and wait only while it is taken.
            let place = self.points.read().unwrap_or_else(PoisonError::into_inner).place(&vector);
            self.points.write().unwrap_or_else(PoisonError::into_inner).add(key, vector, place);
            self.covered.store(key + 1, Ordering::Release);
        }
        self.covered.store(end, Ordering::Release);
    }
}
