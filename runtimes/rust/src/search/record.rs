//! What stands in a line of a journal or a snapshot, as JSON:
//!
//! ```text
//! {"dimension":2,"items":[["ID",{"METADATA":1},"the components, binary32, as base64"]]}
//! {"delete":"ID"}
//! {"end":1}
//! ```

use std::fmt::Write;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;

use super::CANONICAL;
use super::unit::Unit;
use crate::ijson::{self, Value};
use crate::jcs;

/// An id, and what is known by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// The id.
    pub id: Arc<str>,
    /// Its direction.
    pub vector: Unit,
    /// Its metadata, in canonical form.
    pub metadata: Arc<str>,
}

/// One line.
#[derive(Debug, Clone, PartialEq)]
pub enum Record {
    /// These items are added or replaced, in an index of this dimension.
    Add {
        /// The number of components of every vector.
        dimension: usize,
        /// The items; there may be none.
        items: Vec<Item>,
    },
    /// This id is taken away.
    Delete(String),
    /// The end of a snapshot, of so many items.
    End(usize),
}

/// The text of [`Record::Add`].
#[must_use]
pub fn add<'a>(dimension: usize, items: impl Iterator<Item = (&'a str, &'a Unit, &'a str)>) -> String {
    let mut out = format!("{{\"dimension\":{dimension},\"items\":[");
    for (number, (id, vector, metadata)) in items.enumerate() {
        out.push_str(if number > 0 { ",[" } else { "[" });
        jcs::write_string(id, &mut out);
        write!(out, ",{metadata},\"").expect("a string takes everything");
        let bytes: Vec<u8> = vector.components().iter().flat_map(|component| component.to_le_bytes()).collect();
        BASE64.encode_string(bytes, &mut out);
        out.push_str("\"]");
    }
    out + "]}"
}

/// The text of [`Record::Delete`].
#[must_use]
pub fn delete(id: &str) -> String {
    let mut out = String::from("{\"delete\":");
    jcs::write_string(id, &mut out);
    out + "}"
}

/// The text of [`Record::End`].
#[must_use]
pub fn end(size: usize) -> String {
    format!("{{\"end\":{size}}}")
}

/// The record that `text` is; none where it is no record.
#[must_use]
pub fn read(text: &[u8]) -> Option<Record> {
    let Ok(Value::Object(mut root)) = ijson::read(text, CANONICAL) else { return None };
    if let Some(Value::String(id)) = root.get("delete") {
        return Some(Record::Delete(id.clone()));
    }
    if let Some(size) = root.get("end") {
        return count(size).map(Record::End);
    }
    let dimension = count(root.get("dimension")?)?;
    let Some(Value::Array(items)) = root.remove("items") else { return None };
    let items: Option<Vec<_>> = items.into_iter().map(item).collect();
    let items = items?;
    let is_sound = items.iter().all(|item| item.vector.dimension() == dimension);
    is_sound.then_some(Record::Add { dimension, items })
}

fn item(value: Value) -> Option<Item> {
    let Value::Array(parts) = value else { return None };
    let [Value::String(id), metadata @ Value::Object(_), Value::String(vector)] = parts.as_slice() else { return None };
    let bytes = BASE64.decode(vector).ok()?;
    let (components, []) = bytes.as_chunks() else { return None };
    let components = components.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let mut text = String::new();
    jcs::write(metadata, jcs::Options::default(), &mut text);
    Some(Item { id: id.as_str().into(), vector: Unit::of_components(components), metadata: text.into() })
}

fn count(value: &Value) -> Option<usize> {
    match value {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, and within a u32")]
        Value::Number(number) if number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(number) => {
            Some(*number as usize)
        }
        _ => None,
    }
}
