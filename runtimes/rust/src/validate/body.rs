//! The body as JSON: rules `invalid-utf8` to `duplicate-member`.
//!
//! Each of these rules looks at the whole body before the next one does, so that a duplicate member at the beginning
//! yields to a lone surrogate at the end, and both to a missing bracket. The reader stops at whatever comes first in
//! the text. So a body that it refuses is read again with the violation let pass, until nothing else is left to find,
//! or nothing that could come before: four times at most, while a body in order is read once.

use crate::ijson::{self, Numbers, Refusal, Value};

use super::Reason;

/// Reads `body` as one JSON text.
///
/// # Errors
///
/// Of the rules that `body` breaks, the first in the contract's order.
pub fn read(body: &[u8], options: ijson::Options) -> Result<Value, Reason> {
    ijson::read(body, options).map_err(|refusal| foremost(body, options, refusal))
}

/// The foremost reason to refuse `body`, in which `refusal` was found.
fn foremost(body: &[u8], mut options: ijson::Options, mut refusal: Refusal) -> Reason {
    let mut foremost = reason(refusal);
    loop {
        match refusal {
            // Nothing that could still be found comes before these.
            Refusal::Utf8 | Refusal::Syntax | Refusal::NestingDepth => return foremost,
            Refusal::LoneSurrogate => options.replace_lone_surrogates = true,
            Refusal::IntegerRange | Refusal::NumberRange => options.numbers = Numbers::All,
            Refusal::DuplicateMember => options.keep_last_duplicate = true,
        }
        match ijson::read(body, options) {
            Ok(_) => return foremost,
            Err(next) => refusal = next,
        }
        foremost = foremost.min(reason(refusal));
    }
}

fn reason(refusal: Refusal) -> Reason {
    match refusal {
        Refusal::Utf8 => Reason::InvalidUtf8,
        Refusal::Syntax | Refusal::NestingDepth => Reason::MalformedJson,
        Refusal::LoneSurrogate => Reason::LoneSurrogate,
        Refusal::IntegerRange | Refusal::NumberRange => Reason::NumberOutOfRange,
        Refusal::DuplicateMember => Reason::DuplicateMember,
    }
}
