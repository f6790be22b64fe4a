//! What each call does.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::members::Members;
use crate::search::answer;
use crate::search::embedder::{Embedded, Embedder};
use crate::search::index::Search;
use crate::search::matrix::{self, PLAYBOOKS, Searching};
use crate::search::nearest::Hit;
use crate::search::record::Item;
use crate::search::refusal::{Refusal, State};
use crate::search::remote::{Peer, Remote};
use crate::search::request::{self, Query, Source, Texts};
use crate::search::store::Store;
use crate::search::unit::Unit;
use crate::service::Identity;

use super::paths::Call;

/// The service.
pub struct Matrixd {
    /// Who it is.
    pub identity: Identity,
    /// Where the indexes are.
    pub indexes: Indexes,
    /// What makes vectors of texts.
    pub embedder: Embedder,
    /// How it searches with playbooks.
    pub options: matrix::Options,
}

/// Where the indexes are.
pub enum Indexes {
    /// In this process.
    Here(Box<Here>),
    /// In another one.
    There(Peer),
}

/// The store. A request that broke while it held the lock has changed nothing, or all that it meant to: a lock that
/// is poisoned is a lock like any other.
pub struct Here(RwLock<Store>);

impl Here {
    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until the searches of an index rest on what it holds by now; others are answered meanwhile.
    fn settle(&self, tenant: &str, name: &str) -> Result<(), State> {
        // What goes on already may have begun before the last write, so there may be a second one to wait for.
        for _ in 0..2 {
            let Some(growing) = self.read().hasten(tenant, name)? else { break };
            growing.wait();
        }
        Ok(())
    }
}

impl Indexes {
    /// The indexes of `store`.
    #[must_use]
    pub fn here(store: Store) -> Self {
        Self::Here(Box::new(Here(RwLock::new(store))))
    }
}

/// Searches for one query in a tenant's indexes in this process, none of which changes meanwhile.
struct Local<'a> {
    store: &'a Store,
    tenant: &'a str,
    query: &'a Unit,
}

impl Searching for Local<'_> {
    fn search(&self, name: &str, k: usize, excluded: &[String], only: Option<&[String]>) -> Result<Vec<Hit>, Refusal> {
        let search = Search { query: self.query, k, excluded, only };
        Ok(self.store.search(self.tenant, name, &search)?.0)
    }
}

impl Matrixd {
    /// Whether the indexes are in this process.
    #[must_use]
    pub fn keeps_indexes(&self) -> bool {
        matches!(self.indexes, Indexes::Here(_))
    }

    /// Writes what a planted bug has not yet written.
    pub fn end(&self) {
        if let Indexes::Here(here) = &self.indexes {
            here.write().write_late();
        }
    }

    /// The answer to a call with this body.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong with it.
    pub fn perform(&self, call: &Call, tenant: &str, body: &[u8]) -> Result<String, Refusal> {
        let root = if call.has_body() { request::root(body)? } else { Members::new() };
        match (call, &self.indexes) {
            (Call::Hybrid, indexes) => self.hybrid(indexes, tenant, &root),
            (Call::Learned, indexes) => self.learned(indexes, tenant, &root),
            (Call::Record, indexes) => self.record(indexes, tenant, &root),
            (Call::Forget, Indexes::Here(here)) => Ok(answer::forgotten(here.write().forget(tenant))),
            (Call::Forget, Indexes::There(peer)) => Ok(answer::forgotten(Remote { peer, tenant }.forget()?)),
            (call, Indexes::Here(here)) => self.vectors(here, call, tenant, &root),
            (_, Indexes::There(_)) => unreachable!("without indexes these paths are unknown"),
        }
    }

    fn vectors(&self, here: &Here, call: &Call, tenant: &str, root: &Members) -> Result<String, Refusal> {
        Ok(match call {
            Call::Add(name) => self.add(here, tenant, name, root)?,
            Call::Search(name) => self.search(here, tenant, name, root)?,
            Call::Delete(name) => {
                let id = request::delete(root)?;
                answer::deleted(here.write().delete(tenant, name, id)?)
            }
            Call::Save(name) => {
                here.settle(tenant, name)?;
                let (snapshot, size) = here.write().save(tenant, name)?;
                answer::saved(&snapshot, size)
            }
            Call::Reload(name) => {
                let snapshot = request::reload(root)?;
                answer::shape(here.write().reload(tenant, name, snapshot)?)
            }
            Call::Describe(name) => answer::shape(here.read().shape(tenant, name)?),
            Call::Drop(name) => {
                here.write().drop_index(tenant, name)?;
                answer::dropped()
            }
            Call::Hybrid | Call::Learned | Call::Record | Call::Forget => unreachable!("they are of another table"),
        })
    }

    fn add(&self, here: &Here, tenant: &str, name: &str, root: &Members) -> Result<String, Refusal> {
        let mut texts = Texts::default();
        let read = request::add(root, &mut texts);
        let (items, vectors) = self.embedder.vectors(&texts, read)?;
        let items = items.into_iter().map(|item| Item {
            id: Arc::from(item.id),
            vector: chosen(item.source, &vectors),
            metadata: Arc::from(item.metadata),
        });
        let items = items.collect();
        Ok(answer::added(here.write().add(tenant, name, items)?))
    }

    fn search(&self, here: &Here, tenant: &str, name: &str, root: &Members) -> Result<String, Refusal> {
        let mut texts = Texts::default();
        let read = request::search(root, &mut texts);
        let (search, vectors) = self.embedder.vectors(&texts, read)?;
        let store = here.read();
        let query = chosen(search.source, &vectors);
        let only = search.only.as_deref();
        let search = Search { query: &query, k: search.k, excluded: &search.excluded, only };
        let (hits, size) = store.search(tenant, name, &search)?;
        Ok(answer::found(&hits, size))
    }

    fn hybrid(&self, indexes: &Indexes, tenant: &str, root: &Members) -> Result<String, Refusal> {
        let mut texts = Texts::default();
        let read = request::hybrid(root, &mut texts);
        let (Query { k, excluded, index }, vectors) = self.embedder.vectors(&texts, read)?;
        let hits = searching(indexes, tenant, &vectors[0], |searching| searching.search(index, k, &excluded, None))?;
        Ok(answer::retrieved(&hits))
    }

    fn learned(&self, indexes: &Indexes, tenant: &str, root: &Members) -> Result<String, Refusal> {
        let mut texts = Texts::default();
        let read = request::learned(root, &mut texts);
        let (learned, vectors) = self.embedder.vectors(&texts, read)?;
        let outcome =
            searching(indexes, tenant, &vectors[0], |searching| matrix::search(searching, &learned, self.options))?;
        Ok(answer::learned(&outcome))
    }

    fn record(&self, indexes: &Indexes, tenant: &str, root: &Members) -> Result<String, Refusal> {
        let mut texts = Texts::default();
        let read = request::recording(root, &mut texts);
        let (recording, vectors) = self.embedder.vectors(&texts, read)?;
        let vector = &vectors[0];
        let (id, metadata) = matrix::entry(&recording);
        let updated = match indexes {
            Indexes::Here(here) => {
                let item =
                    Item { id: Arc::from(id.as_str()), vector: vector.unit.clone(), metadata: Arc::from(metadata) };
                here.write().add(tenant, PLAYBOOKS, vec![item])?.updated > 0
            }
            Indexes::There(peer) => Remote { peer, tenant }.add(PLAYBOOKS, &id, vector, &metadata)?,
        };
        Ok(answer::recorded(&id, updated))
    }
}

/// What `search` comes to with the query's vector, wherever the indexes are.
fn searching<T>(
    indexes: &Indexes,
    tenant: &str,
    query: &Embedded,
    search: impl Fn(&dyn Searching) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    match indexes {
        Indexes::Here(here) => {
            let store = here.read();
            search(&Local { store: &store, tenant, query: &query.unit })
        }
        Indexes::There(peer) => search(&(Remote { peer, tenant }, query)),
    }
}

fn chosen(source: Source, vectors: &[Embedded]) -> Unit {
    match source {
        Source::Vector(unit) => unit,
        Source::Text(number) => vectors[number].unit.clone(),
    }
}
