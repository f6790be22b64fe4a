//! From texts to vectors: by hash-768, or by whoever answers at a URL.

use super::refusal::{Reason, Refusal, State};
use super::remote::Peer;
use super::request::{Fault, MAX_DIMENSION, Texts, is_component};
use super::unit::Unit;
use crate::embedding::{self, embed};
use crate::ijson::{self, Value};
use crate::jcs;

/// The model that another embedder is asked for.
const MODEL: &str = "default";

/// What makes vectors of texts.
pub enum Embedder {
    /// hash-768.
    Hash(embedding::Options),
    /// Another one: `POST URL/v1/embed`.
    Peer(Peer),
}

/// A text's vector.
#[derive(Debug, Clone)]
pub struct Embedded {
    /// As the embedder made it. Whoever gets this normalises it alike, so nothing is rounded twice.
    pub components: Vec<f64>,
    /// Its direction.
    pub unit: Unit,
}

impl Embedder {
    /// What `read` came to, and the vectors of the request's texts.
    ///
    /// hash-768 is part of reading: a text without a token is refused at its own place, and those behind the fault
    /// that ended the reading are not among `texts`. Another embedder is asked once nothing else is wrong.
    ///
    /// # Errors
    ///
    /// The first fault of the request, which may be that a text has no direction; or `embedder-unreachable`.
    pub fn vectors<T>(&self, texts: &Texts<'_>, read: Result<T, Fault>) -> Result<(T, Vec<Embedded>), Refusal> {
        match self {
            Self::Hash(options) => {
                let raw = texts.texts.iter().map(|text| whole(&embed(text, *options).components));
                let vectors = directed(raw, &texts.fields)?;
                Ok((read?, vectors))
            }
            Self::Peer(peer) => {
                let read = read?;
                let raw = if texts.texts.is_empty() { Some(Vec::new()) } else { ask(peer, &texts.texts) };
                let raw = raw.ok_or(State::EmbedderUnreachable)?;
                Ok((read, directed(raw.into_iter(), &texts.fields)?))
            }
        }
    }
}

/// The vectors with their directions; the first one without is refused, at its text's place.
fn directed(raw: impl Iterator<Item = Vec<f64>>, fields: &[String]) -> Result<Vec<Embedded>, Fault> {
    let directed = raw.zip(fields).map(|(components, field)| match Unit::new(&components) {
        Some(unit) => Ok(Embedded { components, unit }),
        None => Err(Fault { field: field.clone(), reason: Reason::ZeroVector }),
    });
    directed.collect()
}

fn ask(peer: &Peer, texts: &[&str]) -> Option<Vec<Vec<f64>>> {
    let answer = peer.ask("POST", "/v1/embed", None, Some(&request(texts)))?;
    if answer.status == 200 { vectors(&answer.body, texts.len()) } else { None }
}

fn whole(components: &[i64]) -> Vec<f64> {
    #[expect(clippy::cast_precision_loss, reason = "they are at most the weights of all features of a short text")]
    let components = components.iter().map(|component| *component as f64).collect();
    components
}

/// `{"model":"default","texts":["..."]}`
fn request(texts: &[&str]) -> String {
    let mut body = format!("{{\"model\":\"{MODEL}\",\"texts\":[");
    for (number, text) in texts.iter().enumerate() {
        body.push_str(if number > 0 { "," } else { "" });
        jcs::write_string(text, &mut body);
    }
    body + "]}"
}

/// The vectors in `{"dimension":384,"vectors":[[...]]}`; none unless they are `count` that could stand in a request.
fn vectors(body: &str, count: usize) -> Option<Vec<Vec<f64>>> {
    let Ok(Value::Object(root)) = ijson::read(body.as_bytes(), ijson::Options::default()) else { return None };
    let (Some(Value::Number(dimension)), Some(Value::Array(vectors))) = (root.get("dimension"), root.get("vectors"))
    else {
        return None;
    };
    let component = |value: &Value| match value {
        Value::Number(number) if is_component(*number) => Some(*number),
        _ => None,
    };
    let vector = |value: &Value| match value {
        Value::Array(items) => items.iter().map(component).collect::<Option<Vec<f64>>>(),
        _ => None,
    };
    let vectors: Vec<Vec<f64>> = vectors.iter().map(vector).collect::<Option<_>>()?;
    let has_dimension = |vector: &Vec<f64>| {
        let length = u16::try_from(vector.len()).ok();
        length.map(f64::from) == Some(*dimension) && (1..=MAX_DIMENSION).contains(&vector.len())
    };
    (vectors.len() == count && vectors.iter().all(has_dimension)).then_some(vectors)
}

#[cfg(test)]
mod tests;
