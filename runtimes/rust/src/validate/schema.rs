//! Schema: rules `not-an-object` to `out-of-range`, and the way from JSON to a [`Request`].
//!
//! Members are looked at in the contract's order, each one to its end (present, then type, then value) before the
//! next. It is the order of the fields in the struct expressions below, which Rust evaluates as they are written.
//! Members that nothing asks for are never seen (`unknown-member`), those of another kind's artifact among them.

use crate::ijson::{self, Value};
use crate::members::{self, array, object, optional, required, string};
use crate::validation_error::ValidationError;

use super::request::{Artifact, Kind, Order, Request, Worker};
use super::{Reason, text};

/// So many characters a request's id has at most.
const MAX_REQUEST_ID: usize = 64;

/// The members of the root.
const ROOT: [&str; 5] = ["kind", "request_id", "order", "roster", "artifact"];

/// What is wrong with a request, and where.
pub type Fault = members::Fault<Reason>;

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

fn headcount(value: &Value) -> Result<usize, Fault> {
    members::whole(value, 1..=500)
}

fn strings(value: &Value) -> Result<Vec<&str>, Fault> {
    array(value, string)
}
