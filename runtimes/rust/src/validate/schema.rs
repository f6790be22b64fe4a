//! Schema: rules `not-an-object` to `out-of-range`, and the way from JSON to a [`Request`].
//!
//! Members are looked at in the contract's order, each one to its end (present, then type, then value) before the
//! next. It is the order of the fields in the struct expressions below, which Rust evaluates as they are written.
//! Members that nothing asks for are never seen (`unknown-member`), those of another kind's artifact among them.

use std::collections::BTreeMap;

use crate::ijson::{self, Value};
use crate::validation_error::ValidationError;

use super::request::{Artifact, Kind, Order, Request, Worker};
use super::{Reason, text};

/// So many characters a request's id has at most.
const MAX_REQUEST_ID: usize = 64;

/// The members of the root.
const ROOT: [&str; 5] = ["kind", "request_id", "order", "roster", "artifact"];

/// A reason, and the way to the member that gives it. The way is built from its end, and only where there is a fault.
#[derive(Debug)]
pub struct Fault {
    field: String,
    reason: Reason,
}

impl Fault {
    /// The same fault, seen from around the member or item `name`.
    fn inside(self, name: &str) -> Self {
        let field = if self.field.is_empty() { name.to_owned() } else { format!("{name}.{}", self.field) };
        Self { field, ..self }
    }
}

/// A fault of the very value that is looked at.
impl From<Reason> for Fault {
    fn from(reason: Reason) -> Self {
        Self { field: String::new(), reason }
    }
}

impl From<Fault> for ValidationError<Reason> {
    fn from(Fault { field, reason }: Fault) -> Self {
        Self::new(reason.category(), field, reason)
    }
}

/// The request that `root` is.
///
/// # Errors
///
/// The first fault in the contract's order.
pub fn request(root: &Value) -> Result<Request<'_>, Fault> {
    let Value::Object(root) = root else {
        return Err(Reason::NotAnObject.into());
    };
    let kind = required(root, "kind", kind)?;
    Ok(Request {
        kind,
        request_id: optional(root, "request_id", request_id)?,
        order: required(root, "order", order)?,
        roster: required(root, "roster", |value| array(value, worker))?,
        artifact: required(root, "artifact", |value| artifact(value, kind))?,
    })
}

/// A planted bug: refuses the first member of `root`, as it stands in `body`, that the contract does not name.
///
/// # Errors
///
/// `wrong-type`, with the member's name for the field.
pub fn refuse_unknown_members(root: &Value, body: &[u8]) -> Result<(), Fault> {
    let (Value::Object(_), Ok(text)) = (root, std::str::from_utf8(body)) else {
        return Ok(());
    };
    let names = ijson::member_names(text, ijson::Options::default()).unwrap_or_default();
    match names.into_iter().find(|name| !ROOT.contains(&name.as_str())) {
        Some(field) => Err(Fault { field, reason: Reason::WrongType }),
        None => Ok(()),
    }
}

fn order(value: &Value) -> Result<Order<'_>, Fault> {
    let members = object(value)?;
    Ok(Order {
        id: required(members, "id", id)?,
        role: required(members, "role", string)?,
        city: required(members, "city", string)?,
        state: required(members, "state", state)?,
        headcount: required(members, "headcount", headcount)?,
        excluded_ids: optional(members, "excluded_ids", strings)?.unwrap_or_default(),
    })
}

fn worker(value: &Value) -> Result<Worker<'_>, Fault> {
    let members = object(value)?;
    Ok(Worker {
        id: required(members, "id", id)?,
        role: required(members, "role", string)?,
        city: required(members, "city", string)?,
        state: required(members, "state", state)?,
        email: optional(members, "email", string)?,
        phone: optional(members, "phone", string)?,
    })
}

fn artifact(value: &Value, kind: Kind) -> Result<Artifact<'_>, Fault> {
    let members = object(value)?;
    Ok(match kind {
        Kind::Fill => Artifact::Fill { worker_ids: required(members, "worker_ids", strings)? },
        Kind::Email => Artifact::Email {
            worker_id: required(members, "worker_id", string)?,
            to: required(members, "to", string)?,
            subject: required(members, "subject", string)?,
            body: required(members, "body", string)?,
        },
        Kind::Sms => Artifact::Sms {
            worker_id: required(members, "worker_id", string)?,
            to: required(members, "to", string)?,
            body: required(members, "body", string)?,
        },
    })
}

fn kind(value: &Value) -> Result<Kind, Fault> {
    let name = string(value)?;
    Kind::ALL.into_iter().find(|kind| kind.name() == name).ok_or(Reason::UnknownKind.into())
}

fn request_id(value: &Value) -> Result<&str, Fault> {
    let request_id = string(value)?;
    if text::length(request_id) > MAX_REQUEST_ID { Err(Reason::TooLong.into()) } else { Ok(request_id) }
}

fn id(value: &Value) -> Result<&str, Fault> {
    let id = string(value)?;
    if id.is_empty() { Err(Reason::EmptyId.into()) } else { Ok(id) }
}

fn state(value: &Value) -> Result<&str, Fault> {
    let state = string(value)?;
    match state.as_bytes() {
        [b'A'..=b'Z', b'A'..=b'Z'] => Ok(state),
        _ => Err(Reason::BadState.into()),
    }
}

/// It is the value that counts, so `2.0` and `20e-1` are whole, and minus zero is zero.
fn headcount(value: &Value) -> Result<usize, Fault> {
    let &Value::Number(number) = value else {
        return Err(Reason::WrongType.into());
    };
    if number.fract() != 0.0 {
        return Err(Reason::NotWhole.into());
    }
    if !(1.0..=500.0).contains(&number) {
        return Err(Reason::OutOfRange.into());
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, and from 1 to 500")]
    Ok(number as usize)
}

fn string(value: &Value) -> Result<&str, Fault> {
    match value {
        Value::String(string) => Ok(string),
        _ => Err(Reason::WrongType.into()),
    }
}

fn strings(value: &Value) -> Result<Vec<&str>, Fault> {
    array(value, string)
}

fn array<'a, T>(value: &'a Value, item: fn(&'a Value) -> Result<T, Fault>) -> Result<Vec<T>, Fault> {
    let Value::Array(items) = value else {
        return Err(Reason::WrongType.into());
    };
    let numbered = items.iter().enumerate();
    numbered.map(|(index, value)| item(value).map_err(|fault| fault.inside(&index.to_string()))).collect()
}

type Members = BTreeMap<String, Value>;

fn object(value: &Value) -> Result<&Members, Fault> {
    match value {
        Value::Object(members) => Ok(members),
        _ => Err(Reason::WrongType.into()),
    }
}

fn required<'a, T>(
    members: &'a Members,
    name: &str,
    read: impl FnOnce(&'a Value) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let present = members.get(name).ok_or(Reason::MissingField.into());
    present.and_then(read).map_err(|fault: Fault| fault.inside(name))
}

/// What is left out is not checked; `null` is no way of leaving out, and no reader takes it.
fn optional<'a, T>(
    members: &'a Members,
    name: &str,
    read: impl FnOnce(&'a Value) -> Result<T, Fault>,
) -> Result<Option<T>, Fault> {
    members.get(name).map(read).transpose().map_err(|fault| fault.inside(name))
}
