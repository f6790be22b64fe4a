//! What each tenant was told: its indexes, in memory and below the data folder.
//!
//! `DIR/TENANT/NAME.journal` and `DIR/TENANT/NAME.SNAPSHOT.snapshot`; no name holds a dot, so none can be mistaken.
//! Where a file cannot be written, there is nothing that a request could be told: it breaks, and changes nothing.

use std::collections::{BTreeMap, HashMap};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::Options;
use super::folder::{self, GONE, JOURNAL, SNAPSHOT, is_snapshot, new_name};
use super::graph::Growing;
use super::index::{Content, Index, Search};
use super::journal::Unreadable;
use super::nearest::Hit;
use super::record::{Item, Record};
use super::refusal::State;
use crate::files::make_folder;

/// All that is stored.
pub struct Store {
    folder: PathBuf,
    options: Options,
    tenants: HashMap<String, Tenant>,
    /// Held as long as the process lives.
    _lock: File,
}

#[derive(Default)]
struct Tenant {
    indexes: BTreeMap<String, Index>,
    /// A planted bug: which indexes were saved once, and what they held when they were dropped.
    kept: HashMap<String, Option<Content>>,
}

/// What adding came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Added {
    /// How many ids are new.
    pub added: usize,
    /// How many were there.
    pub updated: usize,
    /// How many there are.
    pub size: usize,
}

/// What there is to say of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// The number of components of its vectors.
    pub dimension: usize,
    /// The number of its ids.
    pub size: usize,
}

impl Store {
    /// What is stored below `folder`, which is made if it is not there.
    ///
    /// # Errors
    ///
    /// A sentence that names the file that cannot be used.
    pub fn open(folder: &Path, options: Options) -> Result<Self, String> {
        let lock = folder::own(folder)?;
        let mut store = Self { folder: folder.to_owned(), options, tenants: HashMap::new(), _lock: lock };
        for (name, path) in folder::tenants(folder)? {
            let indexes = folder::indexes(&path)?;
            store.tenants.insert(name, Tenant { indexes, kept: HashMap::new() });
        }
        Ok(store)
    }

    fn index(&self, tenant: &str, name: &str) -> Result<&Content, State> {
        let tenant = self.tenants.get(tenant).ok_or(State::UnknownIndex)?;
        tenant.indexes.get(name).map(Index::content).ok_or(State::UnknownIndex)
    }

    /// What there is to say of an index.
    ///
    /// # Errors
    ///
    /// `unknown-index`.
    pub fn shape(&self, tenant: &str, name: &str) -> Result<Shape, State> {
        let content = self.index(tenant, name)?;
        Ok(Shape { dimension: content.dimension(), size: content.size() })
    }

    /// Lets what hastens the searches of an index catch up, if it is far behind; then it returns who can be waited for.
    ///
    /// # Errors
    ///
    /// `unknown-index`.
    pub fn hasten(&self, tenant: &str, name: &str) -> Result<Option<Growing>, State> {
        Ok(self.index(tenant, name)?.hasten())
    }

    /// The hits of a search, and the size of the index.
    ///
    /// # Errors
    ///
    /// `unknown-index`, `wrong-dimension`.
    pub fn search(&self, tenant: &str, name: &str, search: &Search<'_>) -> Result<(Vec<Hit>, usize), State> {
        let content = self.index(tenant, name)?;
        if search.query.dimension() != content.dimension() {
            return Err(State::WrongDimension);
        }
        Ok((content.search(search, self.options), content.size()))
    }

    /// Adds items, of which there is at least one, all or none.
    ///
    /// # Errors
    ///
    /// `wrong-dimension`.
    ///
    /// # Panics
    ///
    /// If it cannot be written down.
    pub fn add(&mut self, tenant: &str, name: &str, items: Vec<Item>) -> Result<Added, State> {
        let known = self.index(tenant, name).ok();
        let dimension = known.map_or_else(|| items[0].vector.dimension(), Content::dimension);
        if items.iter().any(|item| item.vector.dimension() != dimension) {
            return Err(State::WrongDimension);
        }
        let updated = known.map_or(0, |known| items.iter().filter(|item| known.has(&item.id)).count());
        let added = items.len() - updated;
        let is_new = known.is_none();
        if is_new {
            self.make(tenant, name, dimension);
        }
        let changed = self.change(tenant, name, Record::Add { dimension, items });
        if changed.is_err() && is_new {
            self.tenants.get_mut(tenant).map(|tenant| tenant.indexes.remove(name));
        }
        let size = written(&self.journal_path(tenant, name), changed);
        Ok(Added { added, updated, size })
    }

    /// Takes an id away: how many are left.
    ///
    /// # Errors
    ///
    /// `unknown-index`, `unknown-id`.
    ///
    /// # Panics
    ///
    /// If it cannot be written down.
    pub fn delete(&mut self, tenant: &str, name: &str, id: &str) -> Result<usize, State> {
        if !self.index(tenant, name)?.has(id) {
            return Err(State::UnknownId);
        }
        let changed = self.change(tenant, name, Record::Delete(id.to_owned()));
        Ok(written(&self.journal_path(tenant, name), changed))
    }

    /// Makes a snapshot: its name, and the size of the index.
    ///
    /// # Errors
    ///
    /// `unknown-index`.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn save(&mut self, tenant: &str, name: &str) -> Result<(String, usize), State> {
        let content = self.index(tenant, name)?;
        let (snapshot, path) = loop {
            let snapshot = new_name();
            let path = self.snapshot_path(tenant, name, &snapshot);
            if !path.exists() {
                break (snapshot, path);
            }
        };
        written(&path, content.save(&path));
        let size = content.size();
        if self.options.keep_dropped {
            self.tenants.entry(tenant.to_owned()).or_default().kept.insert(name.to_owned(), None);
        }
        Ok((snapshot, size))
    }

    /// Puts an index back as it was in a snapshot.
    ///
    /// # Errors
    ///
    /// `unknown-snapshot`, `damaged-snapshot`.
    ///
    /// # Panics
    ///
    /// If it cannot be written down.
    pub fn reload(&mut self, tenant: &str, name: &str, snapshot: &str) -> Result<Shape, State> {
        if !is_snapshot(snapshot) {
            return Err(State::UnknownSnapshot);
        }
        let content = Content::of_snapshot(&self.snapshot_path(tenant, name, snapshot));
        let content = content.map_err(|error| match error {
            Unreadable::Io(error) if error.kind() == ErrorKind::NotFound => State::UnknownSnapshot,
            _ => State::DamagedSnapshot,
        })?;
        let path = self.journal_path(tenant, name);
        let index = written(&path, Index::replace(&path, content));
        let indexes = &mut self.tenants.entry(tenant.to_owned()).or_default().indexes;
        indexes.insert(name.to_owned(), index);
        self.shape(tenant, name)
    }

    /// Drops an index; its snapshots stay.
    ///
    /// # Errors
    ///
    /// `unknown-index`.
    ///
    /// # Panics
    ///
    /// If its file cannot be taken away.
    pub fn drop_index(&mut self, tenant: &str, name: &str) -> Result<(), State> {
        self.index(tenant, name)?;
        let path = self.journal_path(tenant, name);
        let Some(tenant) = self.tenants.get_mut(tenant) else { return Err(State::UnknownIndex) };
        let Some(index) = tenant.indexes.get_mut(name) else { return Err(State::UnknownIndex) };
        written(&path, index.flush());
        let content = written(&path, index.remove());
        tenant.indexes.remove(name);
        if let Some(kept) = tenant.kept.get_mut(name) {
            *kept = Some(content);
        }
        Ok(())
    }

    /// Takes away all that a tenant has: the number of its indexes.
    ///
    /// # Panics
    ///
    /// If its files cannot be taken away.
    pub fn forget(&mut self, tenant: &str) -> usize {
        let (path, gone) = (self.folder.join(tenant), self.folder.join(format!("{GONE}-{}", new_name())));
        match fs::rename(&path, &gone) {
            // What is called so is taken away at the next start if not here.
            Ok(()) => _ = fs::remove_dir_all(&gone),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => written(&path, Err(error)),
        }
        self.tenants.remove(tenant).map_or(0, |tenant| tenant.indexes.len())
    }

    /// Writes what a planted bug has not yet written.
    ///
    /// # Panics
    ///
    /// If it cannot be written.
    pub fn write_late(&mut self) {
        for (tenant, Tenant { indexes, .. }) in &mut self.tenants {
            for (name, index) in indexes {
                written(&self.folder.join(tenant).join(name), index.flush());
            }
        }
    }

    /// Makes an index that is about to be written to.
    fn make(&mut self, tenant: &str, name: &str, dimension: usize) {
        let (folder, path) = (self.folder.join(tenant), self.journal_path(tenant, name));
        written(&folder, make_folder(&folder));
        let tenant = self.tenants.entry(tenant.to_owned()).or_default();
        let kept = tenant.kept.get_mut(name).and_then(Option::take);
        let kept = kept.filter(|kept| kept.dimension() == dimension).unwrap_or_default();
        tenant.indexes.insert(name.to_owned(), Index::new(&path, dimension, kept));
    }

    /// Writes to an index that is there, and tells its size.
    fn change(&mut self, tenant: &str, name: &str, record: Record) -> io::Result<usize> {
        let indexes = self.tenants.get_mut(tenant).map(|tenant| &mut tenant.indexes);
        let index = indexes.and_then(|indexes| indexes.get_mut(name)).expect("whoever writes has looked");
        index.change(record, self.options)?;
        Ok(index.content().size())
    }

    fn journal_path(&self, tenant: &str, name: &str) -> PathBuf {
        self.folder.join(tenant).join(format!("{name}.{JOURNAL}"))
    }

    fn snapshot_path(&self, tenant: &str, name: &str, snapshot: &str) -> PathBuf {
        self.folder.join(tenant).join(format!("{name}.{snapshot}.{SNAPSHOT}"))
    }
}

/// What was written to `path`, or the end of the request.
fn written<T>(path: &Path, result: io::Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("{} cannot be written: {error}", path.display()))
}

#[cfg(test)]
mod tests;
