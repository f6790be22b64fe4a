//! The error that a validator answers with: how it is written, and the surface `validation_error`, which reads it.
//!
//! The reader keeps to the contract's order: what cannot be read (`unreadable`), then the shape (`tagged` or `flat`,
//! otherwise `wrong-shape`), then the variant (`unknown-variant`), then its members (`wrong-shape` again). A reason is
//! whatever was sent (`reason-as-it-is`), so the error leaves its type open; [`crate::validate`] fills in a closed
//! list.

use std::collections::BTreeMap;

use crate::ijson::{self, Value};
use crate::jcs;

/// Which of the four kinds an error is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Category {
    /// The request is not what the service understands.
    Schema,
    /// Something is not there yet.
    Completeness,
    /// Two things contradict each other.
    Consistency,
    /// Something must not go out.
    Policy,
}

impl Category {
    /// All of them, in the order in which they are looked at.
    pub const ALL: [Self; 4] = [Self::Schema, Self::Completeness, Self::Consistency, Self::Policy];

    /// Its name as the tag of an error.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Schema => "Schema",
            Self::Completeness => "Completeness",
            Self::Consistency => "Consistency",
            Self::Policy => "Policy",
        }
    }

    /// Its name as the `Kind` of an error in the old flat shape.
    #[must_use]
    pub fn flat_name(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Completeness => "completeness",
            Self::Consistency => "consistency",
            Self::Policy => "policy",
        }
    }
}

/// An error, externally tagged; `R` is what a reason is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValidationError<R> {
    /// A member of the request is at fault.
    Schema {
        /// The way to it, joined by dots; empty for the whole body.
        field: String,
        /// Why.
        reason: R,
    },
    /// See [`Category::Completeness`].
    Completeness {
        /// Why.
        reason: R,
    },
    /// See [`Category::Consistency`].
    Consistency {
        /// Why.
        reason: R,
    },
    /// See [`Category::Policy`].
    Policy {
        /// Why.
        reason: R,
    },
}

impl<R> ValidationError<R> {
    /// The error of a category; only a `Schema` has a field, the others drop it.
    #[must_use]
    pub fn new(category: Category, field: String, reason: R) -> Self {
        match category {
            Category::Schema => Self::Schema { field, reason },
            Category::Completeness => Self::Completeness { reason },
            Category::Consistency => Self::Consistency { reason },
            Category::Policy => Self::Policy { reason },
        }
    }

    /// Which kind it is of.
    #[must_use]
    pub fn category(&self) -> Category {
        match self {
            Self::Schema { .. } => Category::Schema,
            Self::Completeness { .. } => Category::Completeness,
            Self::Consistency { .. } => Category::Consistency,
            Self::Policy { .. } => Category::Policy,
        }
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &R {
        match self {
            Self::Schema { reason, .. }
            | Self::Completeness { reason }
            | Self::Consistency { reason }
            | Self::Policy { reason } => reason,
        }
    }
}

impl<R: AsRef<str>> ValidationError<R> {
    /// Appends its RFC 8785 form to `out`.
    pub fn write(&self, out: &mut String) {
        out.push_str("{\"");
        out.push_str(self.category().name());
        out.push_str("\":{");
        // Canonical as it stands: "field" sorts before "reason".
        if let Self::Schema { field, .. } = self {
            out.push_str("\"field\":");
            jcs::write_string(field, out);
            out.push(',');
        }
        out.push_str("\"reason\":");
        jcs::write_string(self.reason().as_ref(), out);
        out.push_str("}}");
    }
}

/// Departures of the reader, planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Read an unknown variant as `Policy` with an empty reason.
    pub default_variant: bool,
}

/// Why no error could be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It names none of the four.
    UnknownVariant,
    /// It is in neither of the two shapes.
    WrongShape,
    /// The strict reader refuses it.
    Unreadable,
}

impl Refusal {
    /// The rule's name in the contract.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::UnknownVariant => "unknown-variant",
            Self::WrongShape => "wrong-shape",
            Self::Unreadable => "unreadable",
        }
    }
}

/// The answer for `input`: the canonical form of `{"error": …}` or `{"refused": …}`.
#[must_use]
pub fn answer(input: &[u8], options: Options) -> String {
    match read(input, options) {
        Ok(error) => {
            let mut out = String::from("{\"error\":");
            error.write(&mut out);
            out.push('}');
            out
        }
        Err(refusal) => format!("{{\"refused\":\"{}\"}}", refusal.rule()),
    }
}

/// The error that `input` is, in the shape of today or in the flat one.
///
/// # Errors
///
/// A [`Refusal`] that names the first rule in the contract's order that `input` breaks.
pub fn read(input: &[u8], options: Options) -> Result<ValidationError<String>, Refusal> {
    let value = ijson::read(input, ijson::Options::default()).map_err(|_| Refusal::Unreadable)?;
    let root = members(&value)?;
    let read = match root.get("Kind") {
        Some(kind) => flat(kind, root),
        None => tagged(root),
    };
    match read {
        Err(Refusal::UnknownVariant) if options.default_variant => {
            Ok(ValidationError::Policy { reason: String::new() })
        }
        read => read,
    }
}

type Members = BTreeMap<String, Value>;

fn tagged(root: &Members) -> Result<ValidationError<String>, Refusal> {
    let mut entries = root.iter();
    let (Some((tag, value)), None) = (entries.next(), entries.next()) else {
        return Err(Refusal::WrongShape);
    };
    let category = named(tag, Category::name)?;
    let members = members(value)?;
    let field = match category {
        Category::Schema => string(members, "field")?,
        _ => String::new(),
    };
    Ok(ValidationError::new(category, field, string(members, "reason")?))
}

fn flat(kind: &Value, root: &Members) -> Result<ValidationError<String>, Refusal> {
    let Value::String(kind) = kind else {
        return Err(Refusal::WrongShape);
    };
    let category = named(kind, Category::flat_name)?;
    let field = match category {
        Category::Schema => string(root, "Field")?,
        _ if root.contains_key("Field") => string(root, "Field")?,
        _ => String::new(),
    };
    Ok(ValidationError::new(category, field, string(root, "Reason")?))
}

fn named(name: &str, name_of: fn(Category) -> &'static str) -> Result<Category, Refusal> {
    Category::ALL.into_iter().find(|category| name_of(*category) == name).ok_or(Refusal::UnknownVariant)
}

fn members(value: &Value) -> Result<&Members, Refusal> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Refusal::WrongShape),
    }
}

fn string(members: &Members, name: &str) -> Result<String, Refusal> {
    match members.get(name) {
        Some(Value::String(string)) => Ok(string.clone()),
        _ => Err(Refusal::WrongShape),
    }
}

#[cfg(test)]
mod tests;
