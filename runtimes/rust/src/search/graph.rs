//! An HNSW graph over the entries of a large index, which proposes whom to look at.
//!
//! It is never the truth, and never in the way:
//! - Points lie in it by the index's keys, which are used once. What was deleted or replaced stays in it as a point
//!   that nobody wants any more, and is passed over; the index starts a new graph when these become too many.
//! - A thread of its own puts points into it, while searches go on. `covered` says how far it has come; the index
//!   looks at every key from there on itself.
//! - Whatever it proposes is looked at exactly. Where it proposes too few, the index looks at everything.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use hnsw_rs::anndists::dist::Distance;
use hnsw_rs::hnsw::Hnsw;

use super::unit::Unit;

/// Up to so many points, looking at all of them takes less than a search through a graph. Tests do with fewer.
pub const WORTHWHILE: usize = if cfg!(test) { 1024 } else { 4096 };

/// From so many points on that are not in the graph, they are put into it.
const BEHIND: usize = if cfg!(test) { 256 } else { 1024 };

/// So many points are put into it at once.
const AT_ONCE: usize = 512;

/// Neighbours of a point in each layer; twice as many in the lowest one.
const NEIGHBOURS: usize = 16;

/// So many candidates are kept while a point's neighbours are looked for.
const WHILE_BUILDING: usize = 100;

/// So many candidates are kept in a search at least: recall@10 is 1.000 with clusters of 500 points, and 0.999 with
/// half as many.
const WHILE_SEARCHING: usize = 200;

/// With more candidates than these a search through the graph takes longer than looking at everything.
const FUTILE: usize = 1600;

/// Layers; more than any number of points that fit into memory need.
const LAYERS: usize = 16;

/// How the graph measures. It shares the vectors with the index.
#[derive(Clone, Copy)]
struct Cosine;

impl Distance<Unit> for Cosine {
    fn eval(&self, one: &[Unit], other: &[Unit]) -> f32 {
        // The graph takes no distance below zero, which rounding may well come to.
        (1.0 - one[0].product_about(&other[0])).max(0.0)
    }
}

/// A graph, and how far it has come.
pub struct Graph(Arc<Shared>);

struct Shared {
    points: Hnsw<'static, Unit, Cosine>,
    /// All keys below are in it, as far as they were alive.
    covered: AtomicUsize,
    /// A thread works on it.
    busy: AtomicBool,
    /// Nobody needs it any more.
    abandoned: AtomicBool,
}

impl Default for Graph {
    fn default() -> Self {
        Self(Arc::new(Shared {
            points: Hnsw::new(NEIGHBOURS, WORTHWHILE, LAYERS, WHILE_BUILDING, Cosine),
            covered: AtomicUsize::new(0),
            busy: AtomicBool::new(false),
            abandoned: AtomicBool::new(false),
        }))
    }
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
            if catch_unwind(AssertUnwindSafe(|| shared.take(&missing, end))).is_ok() {
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
            let found = self.0.points.search(std::slice::from_ref(query), width, width);
            let found: Vec<_> = found.into_iter().map(|point| point.d_id).filter(|key| wanted(*key)).collect();
            if found.len() >= fewest {
                return Some(found);
            }
            width *= 2;
        }
        None
    }
}

impl Shared {
    fn take(&self, missing: &[(usize, Unit)], end: usize) {
        for some in missing.chunks(AT_ONCE) {
            if self.abandoned.load(Ordering::Relaxed) {
                return;
            }
            let points: Vec<_> = some.iter().map(|(key, vector)| (std::slice::from_ref(vector), *key)).collect();
            self.points.parallel_insert_slice(&points);
            if let Some((last, _)) = some.last() {
                self.covered.store(last + 1, Ordering::Release);
            }
        }
        self.covered.store(end, Ordering::Release);
    }
}
