//! The surface `subject_audit`: canonical bytes, MACs and the verification of a chain that is all in the input.

use std::collections::BTreeMap;

use crate::chain::anchor::Anchor;
use crate::chain::line::{self, Role};
use crate::chain::verify::Verification;
use crate::chain::{self, Chain};
use crate::ijson::{self, Value};
use crate::lines::Lines;
use crate::mac::Key;
use crate::{forms, jcs};

/// What a header asks for.
enum Request {
    Canonical,
    Mac(Key),
    Row(Key),
    Verify { key: Key, subject: String, manifest: String, anchor: Option<Anchor> },
}

/// The answer for `input`, a header and a body.
#[must_use]
pub fn answer(input: &[u8], options: &chain::Options) -> String {
    let line_end = input.iter().position(|byte| *byte == b'\n');
    let (header, body) = line_end.map_or((input, &b""[..]), |at| (&input[..at], &input[at + 1..]));
    let Some(request) = request(header) else {
        return refused("request");
    };
    match request {
        Request::Canonical => canonical(body),
        Request::Mac(key) => format!("{{\"mac\":\"{}\"}}", key.mac(&[body]).as_str()),
        Request::Row(key) => row(body, &key, options.line),
        Request::Verify { key, subject, manifest, anchor } => {
            let names = ("manifest".into(), "log".into());
            let chain = Chain { subject: &subject, key: &key, manifest: names.0, log: names.1, options: *options };
            let verification = match chain.genesis(&mut Lines::new(manifest.as_bytes())) {
                Ok(genesis) => chain.verify(genesis, &mut Lines::new(body), anchor.as_ref()),
                Err(fault) => Verification::failed(fault, None),
            };
            verification.json(None)
        }
    }
}

fn refused(why: &str) -> String {
    format!("{{\"refused\":\"{why}\"}}")
}

fn canonical(body: &[u8]) -> String {
    match ijson::read(body, ijson::Options::default()) {
        Ok(value) => {
            let mut canonical = String::new();
            jcs::write(&value, jcs::Options::default(), &mut canonical);
            format!("{{\"canonical\":{}}}", text(&canonical))
        }
        Err(_) => refused("not-json"),
    }
}

fn row(body: &[u8], key: &Key, options: line::Options) -> String {
    match ijson::read(body, ijson::Options::default()) {
        Ok(row @ Value::Object(_)) => {
            let signed = line::signed(row, Role::Row, options);
            let mac = key.mac(&[signed.as_bytes()]);
            format!("{{\"canonical\":{},\"mac\":\"{}\"}}", text(&signed), mac.as_str())
        }
        _ => refused("not-json"),
    }
}

fn text(text: &str) -> String {
    let mut out = String::new();
    jcs::write_string(text, &mut out);
    out
}

/// The request that `header` is; none if anything about it is not as the contract has it.
fn request(header: &[u8]) -> Option<Request> {
    let Ok(Value::Object(mut members)) = ijson::read(header, ijson::Options::default()) else {
        return None;
    };
    let request = match take(&mut members, "op")?.as_str() {
        "canonical" => Request::Canonical,
        "mac" => Request::Mac(take_key(&mut members)?),
        "row" => Request::Row(take_key(&mut members)?),
        "verify" => Request::Verify {
            key: take_key(&mut members)?,
            subject: take(&mut members, "subject").filter(|subject| forms::is_subject(subject))?,
            manifest: take(&mut members, "manifest")?,
            anchor: if members.contains_key("anchor") {
                Some(Anchor::parse(&take(&mut members, "anchor")?)?)
            } else {
                None
            },
        },
        _ => return None,
    };
    members.is_empty().then_some(request)
}

/// Takes the text `name` out of `members`.
fn take(members: &mut BTreeMap<String, Value>, name: &str) -> Option<String> {
    match members.remove(name) {
        Some(Value::String(text)) => Some(text),
        _ => None,
    }
}

fn take_key(members: &mut BTreeMap<String, Value>) -> Option<Key> {
    let bytes = forms::hex_bytes(&take(members, "key")?)?;
    Some(Key::new(&bytes))
}

#[cfg(test)]
mod tests;
