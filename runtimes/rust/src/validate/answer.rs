//! The answers: an HTTP status, and a body in RFC 8785 form.

use crate::jcs;
use crate::validation_error::{Category, ValidationError};

use super::{Accepted, Reason};

/// Departures in answering, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Send a Completeness error in the old flat shape.
    pub flat_completeness: bool,
    /// Leave out a request id that is empty, member and all.
    pub omit_empty_request_id: bool,
    /// Answer `malformed-json` with 422.
    pub malformed_is_422: bool,
}

/// What a request is answered with, as `application/json`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The body, with nothing behind it.
    pub body: String,
}

impl Answer {
    /// `{"accepted":true,"kind":"fill","request_id":"r-1"}`
    #[must_use]
    pub fn accepted(accepted: &Accepted, options: Options) -> Self {
        let mut body = format!("{{\"accepted\":true,\"kind\":\"{}\"", accepted.kind.name());
        match accepted.request_id.as_deref() {
            Some("") if options.omit_empty_request_id => {}
            Some(request_id) => {
                body.push_str(",\"request_id\":");
                jcs::write_string(request_id, &mut body);
            }
            None => body.push_str(",\"request_id\":null"),
        }
        body.push('}');
        Self { status: 200, body }
    }

    /// `{"Policy":{"reason":"sms-too-long"}}`
    #[must_use]
    pub fn refused(error: &ValidationError<Reason>, options: Options) -> Self {
        let reason = *error.reason();
        let status = match reason {
            Reason::MalformedJson if options.malformed_is_422 => 422,
            _ => reason.status(),
        };
        let body = match error.category() {
            category @ Category::Completeness if options.flat_completeness => {
                format!("{{\"Kind\":\"{}\",\"Reason\":\"{}\"}}", category.flat_name(), reason.name())
            }
            _ => {
                let mut body = String::new();
                error.write(&mut body);
                body
            }
        };
        Self { status, body }
    }
}
