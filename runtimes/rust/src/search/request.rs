//! The requests, read member by member in the contract's order.
//!
//! A text becomes a vector in one go with the others of its request, when all is read. A text without a direction is
//! refused at its own place all the same, so [`Texts`] keeps each one's way; those behind a fault are never read.

mod values;

use std::collections::HashSet;

use super::refusal::Reason;
use super::unit::Unit;
use crate::ijson::Value;
use crate::members::{self, Members, array, object, optional, required, string};
use crate::validate;

pub use values::{MAX_DIMENSION, is_component, is_name, is_tenant};
use values::{boolean, check, id, ids, index, k, metadata, role, score, text, vector};

/// What is wrong with a request, and where.
pub type Fault = members::Fault<Reason>;

const MAX_ITEMS: usize = 1000;

/// The index that is searched where none is named.
const DEFAULT_INDEX: &str = "workers";

/// The texts of a request that are to become vectors, in the order in which they were read.
#[derive(Debug, Default)]
pub struct Texts<'a> {
    /// The texts.
    pub texts: Vec<&'a str>,
    /// The way to each of them.
    pub fields: Vec<String>,
}

/// What a vector is made of.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// Of what stands in the request.
    Vector(Unit),
    /// Of the text of this number among [`Texts`].
    Text(usize),
}

/// An item to be added.
#[derive(Debug)]
pub struct Item<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its vector.
    pub source: Source,
    /// Its metadata, in canonical form.
    pub metadata: String,
}

/// A search in one index.
#[derive(Debug)]
pub struct Search {
    /// Near what.
    pub source: Source,
    /// How many.
    pub k: usize,
    /// Who is not among the hits.
    pub excluded: Vec<String>,
    /// Among whom alone, if not among all.
    pub only: Option<Vec<String>>,
}

/// A retrieval, or the common part of a search with playbooks, whose query is the first of [`Texts`].
#[derive(Debug)]
pub struct Query<'a> {
    /// How many.
    pub k: usize,
    /// Who is not among the hits.
    pub excluded: Vec<String>,
    /// In which index.
    pub index: &'a str,
}

/// A search that may learn from playbooks.
#[derive(Debug)]
pub struct Learned<'a> {
    /// What is looked for.
    pub query: Query<'a>,
    /// For which role.
    pub role: &'a str,
    /// Whether recordings count.
    pub use_playbook: bool,
}

/// A recording of an answer that was good, or not.
#[derive(Debug)]
pub struct Recording<'a> {
    /// What was looked for.
    pub query_text: &'a str,
    /// For which role.
    pub role: &'a str,
    /// What was answered.
    pub answer_id: &'a str,
    /// How good it was, from 0 to 1.
    pub score: f64,
}

/// The items of `add`.
///
/// # Errors
///
/// The first fault in the contract's order.
pub fn add<'a>(root: &'a Members, texts: &mut Texts<'a>) -> Result<Vec<Item<'a>>, Fault> {
    let items = required(root, "items", |value| {
        let Value::Array(items) = value else { return Err(Reason::WRONG_TYPE.into()) };
        array(value, |value| object(value).map(|_| ()))?;
        check(items.is_empty() || items.len() > MAX_ITEMS, Reason::OUT_OF_RANGE)?;
        let mut number = 0;
        array(value, |value| {
            let way = format!("items.{number}.");
            number += 1;
            item(object(value)?, &way, texts)
        })
    })?;
    let mut ids = HashSet::new();
    match items.iter().position(|item| !ids.insert(item.id)) {
        Some(second) => Err(Fault { field: format!("items.{second}.id"), reason: Reason::DuplicateId }),
        None => Ok(items),
    }
}

fn item<'a>(members: &'a Members, way: &str, texts: &mut Texts<'a>) -> Result<Item<'a>, Fault> {
    Ok(Item {
        id: required(members, "id", id)?,
        source: source(members, way, texts)?,
        metadata: optional(members, "metadata", metadata)?.unwrap_or_else(|| "{}".to_owned()),
    })
}

/// `search`.
///
/// # Errors
///
/// The first fault in the contract's order.
pub fn search<'a>(root: &'a Members, texts: &mut Texts<'a>) -> Result<Search, Fault> {
    Ok(Search {
        source: source(root, "", texts)?,
        k: required(root, "k", k)?,
        excluded: optional(root, "excluded_ids", ids)?.unwrap_or_default(),
        only: optional(root, "only_ids", ids)?,
    })
}

/// The id of `delete`, which may be any string.
///
/// # Errors
///
/// The first fault.
pub fn delete(root: &Members) -> Result<&str, Fault> {
    required(root, "id", string)
}

/// The snapshot of `reload`.
///
/// # Errors
///
/// The first fault.
pub fn reload(root: &Members) -> Result<&str, Fault> {
    required(root, "snapshot", string)
}

/// A retrieval, in this runtime's own names.
///
/// # Errors
///
/// The first fault in the contract's order.
pub fn hybrid<'a>(root: &'a Members, texts: &mut Texts<'a>) -> Result<Query<'a>, Fault> {
    query_text(root, "query", texts)?;
    Ok(Query {
        k: required(root, "top_k", k)?,
        excluded: optional(root, "exclude", ids)?.unwrap_or_default(),
        index: optional(root, "collection", index)?.unwrap_or(DEFAULT_INDEX),
    })
}

/// `/v1/matrix/search`.
///
/// # Errors
///
/// The first fault in the contract's order.
pub fn learned<'a>(root: &'a Members, texts: &mut Texts<'a>) -> Result<Learned<'a>, Fault> {
    query_text(root, "query_text", texts)?;
    let role = required(root, "query_role", role)?;
    let k = required(root, "k", k)?;
    let use_playbook = optional(root, "use_playbook", boolean)?.unwrap_or_default();
    let excluded = optional(root, "excluded_ids", ids)?.unwrap_or_default();
    let index = optional(root, "index", index)?.unwrap_or(DEFAULT_INDEX);
    Ok(Learned { query: Query { k, excluded, index }, role, use_playbook })
}

/// `/v1/matrix/playbooks/record`.
///
/// # Errors
///
/// The first fault in the contract's order.
pub fn recording<'a>(root: &'a Members, texts: &mut Texts<'a>) -> Result<Recording<'a>, Fault> {
    Ok(Recording {
        query_text: query_text(root, "query_text", texts)?,
        role: required(root, "role", role)?,
        answer_id: required(root, "answer_id", id)?,
        score: required(root, "score", score)?,
    })
}

fn source<'a>(members: &'a Members, way: &str, texts: &mut Texts<'a>) -> Result<Source, Fault> {
    check(members.contains_key("vector") == members.contains_key("text"), Reason::VectorOrText)?;
    if let Some(vector) = optional(members, "vector", vector)? {
        return Ok(Source::Vector(vector));
    }
    let text = required(members, "text", text)?;
    texts.texts.push(text);
    texts.fields.push(format!("{way}text"));
    Ok(Source::Text(texts.texts.len() - 1))
}

fn query_text<'a>(root: &'a Members, name: &str, texts: &mut Texts<'a>) -> Result<&'a str, Fault> {
    let text = required(root, name, text)?;
    texts.texts.push(text);
    texts.fields.push(name.to_owned());
    Ok(text)
}

/// The members of the object that a request's body is.
///
/// # Errors
///
/// What is wrong with the body as such: `invalid-utf8` to `duplicate-member`, then `not-an-object`.
pub fn root(body: &[u8]) -> Result<Members, Reason> {
    match validate::body::read(body, crate::ijson::Options::default())? {
        Value::Object(members) => Ok(members),
        _ => Err(validate::Reason::NotAnObject.into()),
    }
}

#[cfg(test)]
mod tests;
