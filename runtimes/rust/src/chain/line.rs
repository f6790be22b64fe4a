//! Checking a line by itself: rules `not-json`, `mac-form`, `not-canonical` and `mac`, in this order.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::fault::Reason;
use crate::ijson::{self, MAX_INTEGER, Value};
use crate::mac::{Compared, Key, Mac};
use crate::{forms, jcs};

use super::ordinary;

/// Departures from the contract, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Leave an empty `trace_id` of a row's accessor out of what is signed.
    pub omit_empty_trace_id: bool,
    /// Leave trailing zeros of the fraction of a row's `ts` out of what is signed.
    pub trim_fraction: bool,
    /// How what is signed is written.
    pub signing: jcs::Options,
    /// How much of a MAC is compared.
    pub compared: Compared,
}

impl Options {
    /// Whether exactly the canonical form is signed.
    fn signs_the_whole(self) -> bool {
        Self { compared: Compared::Whole, ..self } == Self::default()
    }
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A subject's manifest.
    Manifest {
        /// Whether it is all that its file holds, and an LF ends it.
        is_one_line: bool,
    },
    /// A row of a log.
    Row,
}

impl Role {
    /// The member that holds its MAC.
    fn mac_member(self) -> &'static str {
        match self {
            Self::Manifest { .. } => "genesis",
            Self::Row => "mac",
        }
    }
}

/// What a line says of its place. A member that is missing or of another type says nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Claims<'a> {
    /// Its subject.
    pub subject: Option<Cow<'a, str>>,
    /// The MAC before.
    pub prev: Option<Cow<'a, str>>,
    /// Its number, an integer from 0 to 2^53.
    pub seq: Option<u64>,
}

/// What was read from a line, for the checks that are left.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Reading<'a> {
    pub mac: Mac,
    /// Whether the line is its own canonical form.
    pub is_canonical: bool,
    /// What the MAC is over: these, one behind the other.
    pub signed: [Cow<'a, [u8]>; 2],
    pub claims: Claims<'a>,
}

/// Checks `bytes`, a line that is not too long, as far as it can be checked by itself; returns its MAC and claims.
///
/// # Errors
///
/// The first reason in the contract's order.
pub fn check<'a>(bytes: &'a [u8], role: Role, key: &Key, options: Options) -> Result<(Mac, Claims<'a>), Reason> {
    let is_ordinary = role == Role::Row && options.signs_the_whole();
    let ordinary = if is_ordinary { ordinary::read(bytes) } else { None };
    let reading = match ordinary {
        Some(reading) => reading,
        None => read(bytes, role, options)?,
    };
    if !reading.is_canonical || role == (Role::Manifest { is_one_line: false }) {
        return Err(Reason::NotCanonical);
    }
    let [before, behind] = &reading.signed;
    if !key.confirms(&[before, behind], &reading.mac, options.compared) {
        return Err(Reason::Mac);
    }
    Ok((reading.mac, reading.claims))
}

/// The MAC that the row `bytes` holds, whatever else it is: all that a planted bug looks at.
#[must_use]
pub fn mac_of(bytes: &[u8]) -> Option<Mac> {
    read(bytes, Role::Row, Options::default()).ok().map(|reading| reading.mac)
}

/// Reads any line, by the strict reader and the canonical writer.
pub(super) fn read(bytes: &[u8], role: Role, options: Options) -> Result<Reading<'static>, Reason> {
    let value = ijson::read(bytes, ijson::Options::default()).map_err(|_| Reason::NotJson)?;
    let Value::Object(members) = &value else {
        return Err(Reason::NotJson);
    };
    let mac = text(members, role.mac_member()).and_then(Mac::parse).ok_or(Reason::MacForm)?;
    let claims = Claims {
        subject: text(members, "subject").map(|subject| subject.to_owned().into()),
        prev: text(members, "prev").map(|prev| prev.to_owned().into()),
        seq: members.get("seq").and_then(integer),
    };
    let mut canonical = String::new();
    jcs::write(&value, jcs::Options::default(), &mut canonical);
    let signed = signed(value, role, options).into_bytes();
    let is_canonical = canonical.as_bytes() == bytes;
    Ok(Reading { mac, is_canonical, signed: [signed.into(), Cow::Borrowed(b"")], claims })
}

fn text<'a>(members: &'a BTreeMap<String, Value>, name: &str) -> Option<&'a str> {
    match members.get(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

/// The integer from 0 to 2^53 that `value` is.
fn integer(value: &Value) -> Option<u64> {
    #[expect(clippy::cast_precision_loss, reason = "2^53 is a double")]
    const MAX: f64 = MAX_INTEGER as f64;
    match value {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, and in range")]
        Value::Number(number) if number.fract() == 0.0 && (0.0..=MAX).contains(number) => Some(*number as u64),
        _ => None,
    }
}

/// What the MAC of `value` is over: its canonical form without the MAC.
#[must_use]
pub fn signed(mut value: Value, role: Role, options: Options) -> String {
    if let Value::Object(members) = &mut value {
        members.remove(role.mac_member());
        if role == Role::Row {
            spoil(members, options);
        }
    }
    let mut signed = String::new();
    jcs::write(&value, options.signing, &mut signed);
    signed
}

/// Takes out of a row what the planted bugs lose.
fn spoil(members: &mut BTreeMap<String, Value>, options: Options) {
    if options.omit_empty_trace_id
        && let Some(Value::Object(accessor)) = members.get_mut("accessor")
        && text(accessor, "trace_id") == Some("")
    {
        accessor.remove("trace_id");
    }
    if options.trim_fraction
        && let Some(Value::String(ts)) = members.get_mut("ts")
    {
        *ts = forms::without_trailing_zeros(ts);
    }
}

#[cfg(test)]
mod tests;
