//! The members' values: what each one may be, and the reason where it is something else.

use crate::ijson::Value;
use crate::jcs;
use crate::members::{self, Members, array, number, object, string};
use crate::search::refusal::Reason;
use crate::search::unit::Unit;
use crate::validate::text::{is_blank, length};

use super::Fault;

const MAX_IDS: usize = 1000;
const MAX_K: u32 = 1000;
const MAX_ID: usize = 256;
const MAX_ROLE: usize = 256;
const MAX_TEXT: usize = 8192;

/// So many components a vector has at most.
pub const MAX_DIMENSION: usize = 4096;

/// The largest magnitude of a component.
pub const MAX_COMPONENT: f64 = 1_000_000.0;

const MAX_METADATA: usize = 16;
const MAX_METADATA_NAME: usize = 64;
const MAX_METADATA_STRING: usize = 256;

/// Whether an index may be called so.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let is_of_name = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-');
    (1..=64).contains(&name.len()) && name.bytes().all(is_of_name)
}

/// Whether a tenant may be called so.
#[must_use]
pub fn is_tenant(name: &str) -> bool {
    is_name(name) && !name.contains('_')
}

/// Whether `number` may be a component of a vector.
#[must_use]
pub fn is_component(number: f64) -> bool {
    number.abs() <= MAX_COMPONENT
}

pub(super) fn check(is_wrong: bool, reason: Reason) -> Result<(), Fault> {
    if is_wrong { Err(reason.into()) } else { Ok(()) }
}

pub(super) fn id(value: &Value) -> Result<&str, Fault> {
    let id = string(value)?;
    check(id.is_empty(), Reason::EMPTY_ID)?;
    check(length(id) > MAX_ID, Reason::TOO_LONG)?;
    Ok(id)
}

pub(super) fn vector(value: &Value) -> Result<Unit, Fault> {
    let Value::Array(items) = value else { return Err(Reason::WRONG_TYPE.into()) };
    check(items.is_empty() || items.len() > MAX_DIMENSION, Reason::OUT_OF_RANGE)?;
    let components = array(value, |item| {
        let number = number(item)?;
        check(!is_component(number), Reason::OUT_OF_RANGE)?;
        Ok(number)
    })?;
    Unit::new(&components).ok_or(Reason::ZeroVector.into())
}

pub(super) fn text(value: &Value) -> Result<&str, Fault> {
    let text = string(value)?;
    check(length(text) > MAX_TEXT, Reason::TOO_LONG)?;
    Ok(text)
}

/// Metadata, in canonical form. The field of a fault is always the whole of it.
pub(super) fn metadata(value: &Value) -> Result<String, Fault> {
    let members: &Members = object(value)?;
    let is_scalar = |value: &Value| matches!(value, Value::String(_) | Value::Number(_));
    let is_long = |value: &Value| matches!(value, Value::String(string) if length(string) > MAX_METADATA_STRING);
    check(!members.values().all(is_scalar), Reason::WRONG_TYPE)?;
    check(members.len() > MAX_METADATA, Reason::OUT_OF_RANGE)?;
    check(members.keys().any(|name| length(name) > MAX_METADATA_NAME), Reason::TOO_LONG)?;
    check(members.values().any(is_long), Reason::TOO_LONG)?;
    let mut text = String::new();
    jcs::write(value, jcs::Options::default(), &mut text);
    Ok(text)
}

pub(super) fn k(value: &Value) -> Result<usize, Fault> {
    members::whole(value, 1..=MAX_K)
}

pub(super) fn ids(value: &Value) -> Result<Vec<String>, Fault> {
    let ids = array(value, |item| string(item).map(str::to_owned))?;
    check(ids.len() > MAX_IDS, Reason::OUT_OF_RANGE)?;
    Ok(ids)
}

pub(super) fn index(value: &Value) -> Result<&str, Fault> {
    let name = string(value)?;
    check(!is_name(name), Reason::BadName)?;
    Ok(name)
}

pub(super) fn role(value: &Value) -> Result<&str, Fault> {
    let role = string(value)?;
    check(is_blank(role), Reason::Blank)?;
    check(length(role) > MAX_ROLE, Reason::TOO_LONG)?;
    Ok(role)
}

pub(super) fn boolean(value: &Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(bool) => Ok(*bool),
        _ => Err(Reason::WRONG_TYPE.into()),
    }
}

pub(super) fn score(value: &Value) -> Result<f64, Fault> {
    let score = number(value)?;
    check(!(0.0..=1.0).contains(&score), Reason::OUT_OF_RANGE)?;
    Ok(score)
}
