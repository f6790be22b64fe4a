//! An index: unit vectors and metadata by id, kept in a journal. It is the truth; [`super::graph`] only hastens it.
//!
//! Entries lie in slots, whose numbers are the keys that the graph knows. A key is never used twice: an update takes a
//! new slot and leaves the old one empty, as a delete does. When the empty ones become too many, entries are numbered
//! anew, and a new graph is begun.

use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use super::Options;
use super::graph::{Graph, Growing};
use super::journal::{Journal, Unreadable, read_snapshot, write_snapshot};
use super::nearest::{Hit, nearest};
use super::record::{self, Item, Record};
use super::unit::Unit;

/// So many empty slots, beside half as many as there are entries, are let be.
const EMPTY_SLOTS: usize = 1000;

/// So many records' worth of items, beside twice as many as there are entries, are let be in a journal.
const OLD_ITEMS: usize = 1000;

/// So many items stand in one record of a file that is written anew.
const ITEMS_A_RECORD: usize = 256;

/// What is known by an id.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The id.
    pub id: Arc<str>,
    /// Its direction.
    pub vector: Unit,
    /// Its metadata, in canonical form.
    pub metadata: Arc<str>,
    /// Its place among all ids in the order in which they were first added.
    pub born: u64,
}

/// Whom a search through a graph looks at, of those to whom it leads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sight {
    /// At all of them.
    #[default]
    Everyone,
    /// A planted bug: at four of five.
    NotEveryFifth,
}

/// What an index holds.
#[derive(Default)]
pub struct Content {
    dimension: usize,
    slots: Vec<Option<Entry>>,
    keys: HashMap<Arc<str>, usize>,
    births: u64,
    graph: Graph,
    /// A planted bug: what was deleted just before.
    ghost: Mutex<Option<Entry>>,
}

/// What is looked for.
pub struct Search<'a> {
    /// Near what.
    pub query: &'a Unit,
    /// How many, at least one.
    pub k: usize,
    /// Who is not among them.
    pub excluded: &'a [String],
    /// Among whom alone, if not among all.
    pub only: Option<&'a [String]>,
}

impl Content {
    /// The number of components of every vector.
    #[must_use]
    pub fn dimension(&self) -> usize {
        self.dimension
    }

    /// The number of ids.
    #[must_use]
    pub fn size(&self) -> usize {
        self.keys.len()
    }

    /// Whether the id is there.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.keys.contains_key(id)
    }

    /// The entries, in the order in which they were put there.
    fn entries(&self) -> impl Iterator<Item = &Entry> {
        self.slots.iter().flatten()
    }

    fn apply(&mut self, record: Record, options: Options) {
        match record {
            Record::Add { dimension, items } => {
                self.dimension = dimension;
                *self.ghost.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
                for item in items {
                    self.put(item);
                }
            }
            Record::Delete(id) => {
                if let Some(key) = self.keys.remove(id.as_str()) {
                    let deleted = self.slots[key].take();
                    if options.return_deleted {
                        *self.ghost.get_mut().unwrap_or_else(PoisonError::into_inner) = deleted;
                    }
                }
            }
            Record::End(_) => {}
        }
        self.tidy();
    }

    fn put(&mut self, Item { id, vector, metadata }: Item) {
        let key = self.slots.len();
        let old = self.keys.insert(Arc::clone(&id), key).and_then(|key| self.slots[key].take());
        let born = old.map_or(self.births, |entry| entry.born);
        self.births += 1;
        self.slots.push(Some(Entry { id, vector, metadata, born }));
    }

    /// Numbers the entries anew where too many slots are empty.
    fn tidy(&mut self) {
        let empty = self.slots.len() - self.keys.len();
        if empty > EMPTY_SLOTS + self.keys.len() / 2 {
            self.slots.retain(Option::is_some);
            let entries = self.slots.iter().flatten();
            self.keys = entries.enumerate().map(|(key, entry)| (Arc::clone(&entry.id), key)).collect();
            self.graph = Graph::default();
        }
    }

    /// The hits of a search, nearest first.
    #[must_use]
    pub fn search(&self, search: &Search<'_>, options: Options) -> Vec<Hit> {
        let ghost = self.ghost.lock().unwrap_or_else(PoisonError::into_inner).take();
        let excluded: HashSet<&str> = search.excluded.iter().map(String::as_str).collect();
        let is_wanted = |entry: &&Entry| !excluded.contains(&*entry.id);
        let exactly = |entries: &mut dyn Iterator<Item = &Entry>| {
            nearest(search.query, entries.filter(is_wanted), search.k, options.ties)
        };
        if let Some(only) = search.only {
            let only: HashSet<&str> = only.iter().map(String::as_str).collect();
            return exactly(&mut only.into_iter().filter_map(|id| self.slots[*self.keys.get(id)?].as_ref()));
        }
        let hits = match self.proposed(search, options, &is_wanted) {
            Some(keys) => exactly(&mut keys.into_iter().filter_map(|key| self.slots[key].as_ref())),
            None => exactly(&mut self.entries()),
        };
        match ghost {
            Some(ghost) if hits.len() < search.k => exactly(&mut self.entries().chain([&ghost])),
            _ => hits,
        }
    }

    /// Lets the graph catch up, if it is far behind; then it returns who can be waited for.
    pub fn hasten(&self) -> Option<Growing> {
        self.graph.catch_up(self.size(), self.slots.iter().map(|slot| slot.as_ref().map(|entry| &entry.vector)))
    }

    /// The keys of those who may be the nearest, if the graph knows; each at most once.
    fn proposed(
        &self,
        search: &Search<'_>,
        options: Options,
        is_wanted: &impl Fn(&&Entry) -> bool,
    ) -> Option<Vec<usize>> {
        _ = self.hasten();
        let covered = self.graph.covered();
        if covered == 0 {
            return None;
        }
        // Some points beyond `covered` may already lie in the graph. They are looked at below in any case.
        let is_in_sight = |key: usize| match options.sight {
            Sight::Everyone => key < covered,
            Sight::NotEveryFifth => key < covered && !key.is_multiple_of(5),
        };
        let wanted = |key: usize| is_in_sight(key) && self.slots[key].as_ref().is_some_and(|entry| is_wanted(&entry));
        let mut keys = self.graph.propose(search.query, search.k, wanted)?;
        keys.extend(covered..self.slots.len());
        Some(keys)
    }

    /// What it takes to write it down, in pieces, each with the number of its items; at least one piece.
    fn records(&self) -> impl Iterator<Item = String> {
        let mut entries: Vec<&Entry> = self.entries().collect();
        entries.sort_by_key(|entry| entry.born);
        let pieces = entries.len().div_ceil(ITEMS_A_RECORD).max(1);
        (0..pieces).map(move |piece| {
            let some = entries.iter().skip(piece * ITEMS_A_RECORD).take(ITEMS_A_RECORD);
            record::add(self.dimension, some.map(|entry| (&*entry.id, &entry.vector, &*entry.metadata)))
        })
    }

    /// Writes a snapshot of it to `path`.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        write_snapshot(path, self.records(), self.size())
    }

    /// What the snapshot at `path` holds.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or is damaged.
    pub fn of_snapshot(path: &Path) -> Result<Self, Unreadable> {
        let mut content = Self::default();
        read_snapshot(path, |record| content.apply(record, Options::default()))?;
        Ok(content)
    }
}

/// An index: what it holds, and the journal that says so.
pub struct Index {
    content: Content,
    journal: Journal,
    /// So many items and deletes stand in the journal.
    recorded: usize,
}

impl Index {
    /// An index that is about to get its first item, of this dimension, on top of what `content` holds.
    #[must_use]
    pub fn new(path: &Path, dimension: usize, content: Content) -> Self {
        let content = Content { dimension, ..content };
        Self { content, journal: Journal::new(path.to_owned()), recorded: 0 }
    }

    /// The index whose journal is at `path`; none where no record of it was ever acknowledged.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read, or is damaged.
    pub fn open(path: &Path) -> Result<Option<Self>, Unreadable> {
        let mut content = Content::default();
        let mut recorded = 0;
        let journal = Journal::open(path, |record| {
            recorded += weight(&record);
            content.apply(record, Options::default());
        })?;
        if journal.is_empty() {
            journal.remove()?;
            return Ok(None);
        }
        Ok(Some(Self { content, journal, recorded }))
    }

    /// An index with this content in place of whatever is at `path`.
    ///
    /// # Errors
    ///
    /// If its journal cannot be written.
    pub fn replace(path: &Path, content: Content) -> io::Result<Self> {
        let journal = Journal::replace(path, content.records())?;
        Ok(Self { recorded: content.size(), content, journal })
    }

    /// What it holds.
    #[must_use]
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// Writes `record` down and does what it says.
    ///
    /// # Errors
    ///
    /// If it cannot be written; then nothing has changed.
    pub fn change(&mut self, record: Record, options: Options) -> io::Result<()> {
        let text = match &record {
            Record::Add { dimension, items } => {
                record::add(*dimension, items.iter().map(|item| (&*item.id, &item.vector, &*item.metadata)))
            }
            Record::Delete(id) => record::delete(id),
            Record::End(size) => record::end(*size),
        };
        self.journal.append(text, options.write_late)?;
        self.recorded += weight(&record);
        self.content.apply(record, options);
        _ = self.content.hasten();
        if self.recorded > OLD_ITEMS + 2 * self.content.size() && !options.write_late {
            // The old journal says the same at more length, so it is no harm if this fails.
            if let Ok(journal) = Journal::replace(self.journal.path(), self.content.records()) {
                (self.journal, self.recorded) = (journal, self.content.size());
            }
        }
        Ok(())
    }

    /// Writes what a planted bug has not yet written.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn flush(&mut self) -> io::Result<()> {
        self.journal.flush()
    }

    /// Takes its journal away, and leaves what it held.
    ///
    /// # Errors
    ///
    /// If that fails.
    pub fn remove(&mut self) -> io::Result<Content> {
        self.journal.remove()?;
        Ok(std::mem::take(&mut self.content))
    }
}

/// So many items a record brings or takes.
fn weight(record: &Record) -> usize {
    match record {
        Record::Add { items, .. } => items.len(),
        Record::Delete(_) | Record::End(_) => 1,
    }
}

#[cfg(test)]
mod tests;
