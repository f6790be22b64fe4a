//! An entry: rules `malformed`, `metric-integer` and `entry-refused`.

use std::collections::BTreeMap;

use crate::fault::Reason;
use crate::ijson::{self, MAX_INTEGER, Value};
use crate::lines::MAX_LINE;
use crate::{forms, jcs};

/// An entry that is of its shape.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    value: Value,
}

impl Entry {
    /// The entry that `text` is, in whatever spelling.
    ///
    /// # Errors
    ///
    /// `not-json` or `entry-shape`.
    pub fn read(text: &[u8]) -> Result<Self, Reason> {
        let value = ijson::read(text, ijson::Options::default()).map_err(|_| Reason::NotJson)?;
        if has_shape(&value) { Ok(Self { value }) } else { Err(Reason::EntryShape) }
    }

    /// Its canonical form.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut canonical = String::new();
        jcs::write(&self.value, jcs::Options::default(), &mut canonical);
        canonical
    }

    /// The line to append for it, its LF included.
    ///
    /// # Errors
    ///
    /// `not-storable` or `line-too-long`.
    pub fn line(&self) -> Result<String, Reason> {
        let mut line = self.canonical();
        if ijson::read(line.as_bytes(), ijson::Options::default()).is_err() {
            return Err(Reason::NotStorable);
        }
        if line.len() > MAX_LINE {
            return Err(Reason::LineTooLong);
        }
        line.push('\n');
        Ok(line)
    }

    /// Its metrics, by name.
    pub fn metrics(&self) -> impl Iterator<Item = (&str, i64)> {
        let metrics = match &self.value {
            Value::Object(members) => members.get("metrics"),
            _ => None,
        };
        let metrics = match metrics {
            Some(Value::Object(metrics)) => Some(metrics),
            _ => None,
        };
        metrics.into_iter().flatten().filter_map(|(name, value)| Some((name.as_str(), integer(value)?)))
    }
}

fn has_shape(value: &Value) -> bool {
    let Value::Object(members) = value else {
        return false;
    };
    text_is(members, "at", forms::is_timestamp)
        && text_is(members, "commit", forms::is_commit)
        && match members.get("metrics") {
            Some(Value::Object(metrics)) => metrics.values().all(|value| integer(value).is_some()),
            _ => false,
        }
}

fn text_is(members: &BTreeMap<String, Value>, name: &str, fits: fn(&str) -> bool) -> bool {
    matches!(members.get(name), Some(Value::String(text)) if fits(text))
}

/// The integer of at most 2^53 in magnitude that `value` is; how it was spelled does not matter.
fn integer(value: &Value) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "2^53 is a double")]
    const MAX: f64 = MAX_INTEGER as f64;
    match value {
        #[expect(clippy::cast_possible_truncation, reason = "it is whole, and in range")]
        Value::Number(number) if number.fract() == 0.0 && number.abs() <= MAX => Some(*number as i64),
        _ => None,
    }
}
