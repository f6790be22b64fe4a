//! The surface `extract_json`: the first JSON object out of what a model wrote.
//!
//! The procedure is the contract's, in its order: fences (`fence-tagged`, `fence-untagged`, `fence-first`,
//! `fence-refused`, `fence-unclosed`), then bare objects (`bare-first`, `bare-refused`, `bare-unclosed`,
//! `braces-in-string`, `escaped-quote`, `quotes-in-prose`, `array-inner`), otherwise `no-object`. It works on
//! bytes, and only a candidate has to be UTF-8 (`prose-any-bytes`).
//!
//! It is linear in the input: candidates of a step never overlap, so each byte is scanned and read at most
//! once for the fences and once for the bare objects.

use crate::ijson::{self, Value};
use crate::jcs;

const FENCE: &[u8] = b"```";
const TAG: &[u8] = b"json";

/// Which of the accepted bare objects is the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Pick {
    /// The first, as the contract has it (rule `bare-first`).
    #[default]
    First,
    /// The last: a planted bug.
    Last,
}

/// Departures from the procedure, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Which bare object to return.
    pub pick: Pick,
    /// Step over a fence without a tag as if it had no content.
    pub ignore_untagged_fences: bool,
    /// Return an input that is an array as a whole, if no fence answers.
    pub whole_arrays: bool,
    /// Scan as if a backslash in a string hid nothing; the reader still knows better.
    pub ignore_backslashes: bool,
    /// How to read a candidate.
    pub reader: ijson::Options,
    /// How to write the answer.
    pub writer: jcs::Options,
}

/// The answer for `input`: the canonical form of `{"matched": …, "value": …}`.
#[must_use]
pub fn answer(input: &[u8], options: &Options) -> String {
    match find(input, options) {
        Some(value) => {
            // Canonical as it stands: "matched" sorts before "value".
            let mut out = String::from(r#"{"matched":true,"value":"#);
            jcs::write(&value, options.writer, &mut out);
            out.push('}');
            out
        }
        None => String::from(r#"{"matched":false,"value":null}"#),
    }
}

/// The object that `input` holds, if it holds one.
#[must_use]
pub fn find(input: &[u8], options: &Options) -> Option<Value> {
    fenced(input, options).or_else(|| whole_array(input, options)).or_else(|| bare(input, options))
}

fn object(candidate: &[u8], options: &Options) -> Option<Value> {
    ijson::read(candidate, options.reader).ok().filter(|value| matches!(value, Value::Object(_)))
}

fn fenced(input: &[u8], options: &Options) -> Option<Value> {
    let mut rest = input;
    loop {
        let (_, opened) = split_at_fence(rest)?;
        let tagged = opened.strip_prefix(TAG);
        let (content, behind) = split_at_fence(tagged.unwrap_or(opened))?;
        let is_candidate = tagged.is_some() || !options.ignore_untagged_fences;
        if is_candidate && let Some(value) = object(content, options) {
            return Some(value);
        }
        rest = behind;
    }
}

/// What stands before and behind the first fence mark.
fn split_at_fence(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = bytes.windows(FENCE.len()).position(|window| window == FENCE)?;
    Some((&bytes[..at], &bytes[at + FENCE.len()..]))
}

fn whole_array(input: &[u8], options: &Options) -> Option<Value> {
    if !options.whole_arrays {
        return None;
    }
    ijson::read(input, options.reader).ok().filter(|value| matches!(value, Value::Array(_)))
}

fn bare(input: &[u8], options: &Options) -> Option<Value> {
    let mut last = None;
    let mut rest = input;
    while let Some(start) = rest.iter().position(|&byte| byte == b'{') {
        let opened = &rest[start..];
        let Some(length) = balanced_length(opened, options.ignore_backslashes) else {
            break;
        };
        let (candidate, behind) = opened.split_at(length);
        let accepted = object(candidate, options);
        if accepted.is_some() {
            match options.pick {
                Pick::First => return accepted,
                Pick::Last => last = accepted,
            }
        }
        rest = behind;
    }
    last
}

/// How many bytes of `opened`, which begins with `{`, there are up to the `}` that closes it.
fn balanced_length(opened: &[u8], ignore_backslashes: bool) -> Option<usize> {
    let mut depth = 0_usize;
    let mut in_string = false;
    let mut bytes = opened.iter().enumerate();
    while let Some((at, &byte)) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            b'\\' if in_string && !ignore_backslashes => {
                bytes.next();
            }
            b'{' if !in_string => depth += 1,
            b'}' if !in_string => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
