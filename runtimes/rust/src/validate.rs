//! The surface `validate`: may this fill, e-mail or text message go out for this order?
//!
//! Pure, from the bytes of a request's body to the answer; [`crate::service`] carries both over HTTP. The order of the
//! rules is the contract's: the body as JSON ([`body`]), all of Schema ([`schema`]), then Completeness, Consistency
//! and Policy ([`rules`]). The first rule that fails is the verdict.

pub mod answer;
pub mod body;
pub mod reason;
pub mod request;
pub mod rules;
pub mod schema;
mod ssn;
pub(crate) mod text;

pub use answer::Answer;
pub use reason::Reason;
pub use request::Kind;

use crate::ijson;
use crate::validation_error::ValidationError;

/// Departures from the rules, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// How to read the body.
    pub reader: ijson::Options,
    /// Refuse a member of the root that the contract does not name.
    pub refuse_unknown_members: bool,
    /// How to apply the rules behind Schema.
    pub rules: rules::Options,
    /// How to write the answer.
    pub answer: answer::Options,
}

/// What is said of a request that no rule refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// Its kind.
    pub kind: Kind,
    /// Its id as it came, or none where none came (rule `request-id-echoed`).
    pub request_id: Option<String>,
}

/// The answer to a request with the body `body`.
#[must_use]
pub fn answer(body: &[u8], options: &Options) -> Answer {
    match verdict(body, options) {
        Ok(accepted) => Answer::accepted(&accepted, options.answer),
        Err(error) => Answer::refused(&error, options.answer),
    }
}

/// Whether the request with the body `body` is accepted.
///
/// # Errors
///
/// The first rule that refuses it, as the contract has it.
pub fn verdict(body: &[u8], options: &Options) -> Result<Accepted, ValidationError<Reason>> {
    let value = body::read(body, options.reader)?;
    if options.refuse_unknown_members {
        schema::refuse_unknown_members(&value, body)?;
    }
    let request = schema::request(&value)?;
    rules::completeness(&request)?;
    rules::consistency(&request, options.rules)?;
    rules::policy(&request, options.rules)?;
    Ok(Accepted { kind: request.kind, request_id: request.request_id.map(str::to_owned) })
}

#[cfg(test)]
mod tests;
