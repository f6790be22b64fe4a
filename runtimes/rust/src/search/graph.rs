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
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
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
    work: Mutex<Work>,
    /// The work has ended.
    ended: Condvar,
    /// Nobody needs it any more.
    abandoned: AtomicBool,
}

/// What puts points into a graph.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Work {
    #[default]
    Rests,
    /// A thread is at it.
    Goes,
    /// A panic ended it for ever. That costs the graph and nothing else: searches go without it.
    Broke,
}

/// A graph that a thread puts points into.
pub struct Growing(Arc<Shared>);

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

    /// Puts what is missing into the graph, if it is worth while, in a thread of its own, which it returns if
    /// there is one. `slots` holds the vectors by their keys, of which `alive` are there.
    pub fn catch_up<'a>(
        &self,
        alive: usize,
        slots: impl ExactSizeIterator<Item = Option<&'a Unit>>,
    ) -> Option<Growing> {
        let end = slots.len();
        if alive <= WORTHWHILE || end - self.covered() <= BEHIND {
            return None;
        }
        {
            let mut work = self.0.work();
            match *work {
                Work::Rests => *work = Work::Goes,
                Work::Goes => return Some(Growing(Arc::clone(&self.0))),
                Work::Broke => return None,
            }
        }
        // Nobody else moves it from here on.
        let covered = self.covered();
        let missing = slots.enumerate().skip(covered);
        let missing: Vec<_> = missing.filter_map(|(key, vector)| Some((key, vector?.clone()))).collect();
        let shared = Arc::clone(&self.0);
        let started = thread::Builder::new().spawn(move || {
            let taken = catch_unwind(AssertUnwindSafe(|| shared.take(missing, end)));
            *shared.work() = if taken.is_ok() { Work::Rests } else { Work::Broke };
            shared.ended.notify_all();
        });
        if started.is_err() {
            // The system has no thread for it now. The next search or write asks for one again.
            *self.0.work() = Work::Rests;
            return None;
        }
        Some(Growing(Arc::clone(&self.0)))
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

impl Growing {
    /// Waits until what was begun is done.
    pub fn wait(&self) {
        let going = self.0.ended.wait_while(self.0.work(), |work| *work == Work::Goes);
        drop(going.unwrap_or_else(PoisonError::into_inner));
    }
}

impl Shared {
    fn work(&self) -> MutexGuard<'_, Work> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner)
    }

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
