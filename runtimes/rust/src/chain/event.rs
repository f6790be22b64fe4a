//! From an event to a row: rules `append`, `trace-id-written` and `event-refused`.

use std::collections::BTreeMap;

use crate::fault::Reason;
use crate::forms;
use crate::ijson::{self, Value};
use crate::lines::MAX_LINE;
use crate::mac::{Key, Mac};

/// The members that a row has and an event must not.
const OURS: [&str; 5] = ["mac", "prev", "schema", "seq", "subject"];

/// What happened, as somebody reported it.
#[derive(Debug)]
pub struct Event {
    members: BTreeMap<String, Value>,
}

impl Event {
    /// The event that `text` is.
    ///
    /// # Errors
    ///
    /// `not-json` or `event-shape`.
    pub fn read(text: &[u8]) -> Result<Self, Reason> {
        let value = ijson::read(text, ijson::Options::default()).map_err(|_| Reason::NotJson)?;
        let Value::Object(mut members) = value else {
            return Err(Reason::EventShape);
        };
        let Some(Value::Object(accessor)) = members.get_mut("accessor") else {
            return Err(Reason::EventShape);
        };
        accessor.entry("trace_id".to_owned()).or_insert_with(|| Value::String(String::new()));
        let accessor_fits =
            ["daemon", "kind", "purpose", "trace_id"].into_iter().all(|name| is_text(accessor.get(name)));
        let fields_fit = match members.get("fields") {
            Some(Value::Array(fields)) => fields.iter().all(|field| is_text(Some(field))),
            _ => false,
        };
        let ts_fits = matches!(members.get("ts"), Some(Value::String(ts)) if forms::is_timestamp(ts));
        let is_ours = OURS.into_iter().any(|name| members.contains_key(name));
        if accessor_fits && fields_fit && is_text(members.get("result")) && ts_fits && !is_ours {
            Ok(Self { members })
        } else {
            Err(Reason::EventShape)
        }
    }

    /// Its timestamp.
    #[must_use]
    pub fn ts(&self) -> &str {
        match self.members.get("ts") {
            Some(Value::String(ts)) => ts,
            _ => "",
        }
    }

    /// The row of this event behind the MAC `prev`, its LF included, and its own MAC.
    ///
    /// # Errors
    ///
    /// `not-storable` or `line-too-long`.
    pub fn row(&self, subject: &str, prev: &Mac, seq: u64, key: &Key) -> Result<(String, Mac), Reason> {
        let mut members = self.members.clone();
        let texts = [("prev", prev.as_str()), ("schema", "subject_audit_row.v1"), ("subject", subject)];
        members.extend(texts.map(|(name, text)| (name.to_owned(), Value::String(text.to_owned()))));
        #[expect(clippy::cast_precision_loss, reason = "a row's number is at most 2^53")]
        members.insert("seq".to_owned(), Value::Number(seq as f64));
        let (line, mac) = super::sealed(Value::Object(members), "mac", key);
        let row = line.trim_end_matches('\n');
        if ijson::read(row.as_bytes(), ijson::Options::default()).is_err() {
            return Err(Reason::NotStorable);
        }
        if row.len() > MAX_LINE { Err(Reason::LineTooLong) } else { Ok((line, mac)) }
    }

    /// Checks what can be told of its row before the chain is looked at: that of the first one, which is the shortest.
    ///
    /// # Errors
    ///
    /// `not-storable` or `line-too-long`.
    pub fn check_storable(&self, subject: &str, key: &Key) -> Result<(), Reason> {
        self.row(subject, &key.mac(&[]), 1, key).map(|_| ())
    }
}

fn is_text(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::String(_)))
}

#[cfg(test)]
mod tests;
