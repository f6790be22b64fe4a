//! Reading a request's members: each one to its end (present, then type, then value), with the way to what is wrong.
//!
//! The surfaces over HTTP read their bodies through here; `R` is the surface's own list of reasons, into which the few
//! flaws go that every such list has.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use crate::ijson::Value;

/// The members of an object.
pub type Members = BTreeMap<String, Value>;

/// What can be wrong with a member whatever it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// It is required, and not there.
    MissingField,
    /// It is not of its type.
    WrongType,
    /// It is a number, and not whole.
    NotWhole,
    /// It is too small or too large.
    OutOfRange,
}

/// A reason, and the way to the member that gives it. The way is built from its end, and only where there is a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault<R> {
    /// The way, joined by dots; empty for the whole body.
    pub field: String,
    /// Why.
    pub reason: R,
}

impl<R> Fault<R> {
    /// The same fault, seen from around the member or item `name`.
    #[must_use]
    pub fn inside(self, name: &str) -> Self {
        let field = if self.field.is_empty() { name.to_owned() } else { format!("{name}.{}", self.field) };
        Self { field, ..self }
    }
}

/// A fault of the very value that is looked at.
impl<R> From<R> for Fault<R> {
    fn from(reason: R) -> Self {
        Self { field: String::new(), reason }
    }
}

/// What `read` makes of the member `name`.
///
/// # Errors
///
/// `missing-field`, or what `read` finds.
pub fn required<'a, T, R: From<Flaw>>(
    members: &'a Members,
    name: &str,
    read: impl FnOnce(&'a Value) -> Result<T, Fault<R>>,
) -> Result<T, Fault<R>> {
    let present = members.get(name).ok_or_else(|| R::from(Flaw::MissingField).into());
    present.and_then(read).map_err(|fault: Fault<R>| fault.inside(name))
}

/// What `read` makes of the member `name`, or none where it is left out; `null` is no way of leaving out.
///
/// # Errors
///
/// What `read` finds.
pub fn optional<'a, T, R>(
    members: &'a Members,
    name: &str,
    read: impl FnOnce(&'a Value) -> Result<T, Fault<R>>,
) -> Result<Option<T>, Fault<R>> {
    members.get(name).map(read).transpose().map_err(|fault| fault.inside(name))
}

/// The string that `value` is.
///
/// # Errors
///
/// `wrong-type`.
pub fn string<R: From<Flaw>>(value: &Value) -> Result<&str, Fault<R>> {
    match value {
        Value::String(string) => Ok(string),
        _ => Err(R::from(Flaw::WrongType).into()),
    }
}

/// The number that `value` is.
///
/// # Errors
///
/// `wrong-type`.
pub fn number<R: From<Flaw>>(value: &Value) -> Result<f64, Fault<R>> {
    match value {
        Value::Number(number) => Ok(*number),
        _ => Err(R::from(Flaw::WrongType).into()),
    }
}

/// The whole number that `value` is. It is the value that counts: `2.0` and `20e-1` are whole, and minus zero is zero.
///
/// # Errors
///
/// `wrong-type`, then `not-whole`, then `out-of-range`.
pub fn whole<R: From<Flaw>>(value: &Value, range: RangeInclusive<u32>) -> Result<usize, Fault<R>> {
    let number = number(value)?;
    if number.fract() != 0.0 {
        return Err(R::from(Flaw::NotWhole).into());
    }
    if !(f64::from(*range.start())..=f64::from(*range.end())).contains(&number) {
        return Err(R::from(Flaw::OutOfRange).into());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, and within a u32")]
    Ok(number as usize)
}

/// The items of the array that `value` is, read one by one.
///
/// # Errors
///
/// `wrong-type`, or what `item` finds, inside of the item's number.
pub fn array<'a, T, R: From<Flaw>>(
    value: &'a Value,
    item: impl FnMut(&'a Value) -> Result<T, Fault<R>>,
) -> Result<Vec<T>, Fault<R>> {
    let Value::Array(items) = value else {
        return Err(R::from(Flaw::WrongType).into());
    };
    let numbered = items.iter().map(item).enumerate();
    numbered.map(|(index, read)| read.map_err(|fault| fault.inside(&index.to_string()))).collect()
}

/// The members of the object that `value` is.
///
/// # Errors
///
/// `wrong-type`.
pub fn object<R: From<Flaw>>(value: &Value) -> Result<&Members, Fault<R>> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(R::from(Flaw::WrongType).into()),
    }
}
