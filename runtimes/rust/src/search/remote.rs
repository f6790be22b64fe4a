//! Asking other services: an embedder, or the one that keeps the indexes.

use std::fmt::Write;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, Request, Uri};
use ureq::Agent;

use super::CANONICAL;
use super::embedder::Embedded;
use super::nearest::Hit;
use super::refusal::{Refusal, Reply, State};
use super::unit::MILLION;
use crate::ijson::{self, Value};
use crate::jcs;

/// So long a connection may take to be made.
const TO_CONNECT: Duration = Duration::from_secs(5);

/// So long an answer may take in all. A model needs its time for a thousand texts.
const TO_ANSWER: Duration = Duration::from_mins(1);

/// So many bytes an answer has at most: a thousand vectors of 4,096 components in long numbers.
const MAX_ANSWER: u64 = 128 << 20;

/// The header that names the tenant.
pub const TENANT: &str = "x-lakehouse-tenant";

/// Another service.
pub struct Peer {
    url: String,
    agent: Agent,
}

impl Peer {
    /// The service at `url`.
    ///
    /// # Errors
    ///
    /// A sentence where that is no URL of a service.
    pub fn new(url: &str) -> Result<Self, String> {
        let parsed: Uri = url.parse().map_err(|error| format!("{url:?} is no URL: {error}"))?;
        if parsed.scheme_str() != Some("http") || parsed.host().is_none_or(str::is_empty) || parsed.query().is_some() {
            return Err(format!("{url:?} is not like http://127.0.0.1:8080"));
        }
        let settings = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .timeout_connect(Some(TO_CONNECT))
            .timeout_global(Some(TO_ANSWER));
        Ok(Self { url: url.trim_end_matches('/').to_owned(), agent: settings.build().into() })
    }

    /// The answer to a request; none where there is none, or it is no text.
    #[must_use]
    pub fn ask(&self, method: &str, path: &str, tenant: Option<&str>, body: Option<&str>) -> Option<Reply> {
        let request = Request::builder().method(Method::from_bytes(method.as_bytes()).ok()?);
        let mut request = request.uri(format!("{}{path}", self.url));
        if let Some(tenant) = tenant {
            request = request.header(TENANT, tenant);
        }
        let answer = match body {
            Some(body) => {
                let request = request.header("content-type", "application/json").body(body);
                self.agent.run(request.ok()?)
            }
            None => self.agent.run(request.body(()).ok()?),
        };
        let mut answer = answer.ok()?;
        let status = answer.status().as_u16();
        let body = answer.body_mut().with_config().limit(MAX_ANSWER).read_to_vec().ok()?;
        Some(Reply { status, body: String::from_utf8(body).ok()? })
    }
}

/// The indexes of a tenant, kept by another service.
pub struct Remote<'a> {
    /// That service.
    pub peer: &'a Peer,
    /// The tenant.
    pub tenant: &'a str,
}

impl Remote<'_> {
    /// The hits of a search.
    ///
    /// # Errors
    ///
    /// What the service refuses, or that it cannot be reached.
    pub fn search(
        &self,
        name: &str,
        query: &Embedded,
        k: usize,
        excluded: &[String],
        only: Option<&[String]>,
    ) -> Result<Vec<Hit>, Refusal> {
        let mut body = String::from("{\"excluded_ids\":");
        write_strings(excluded, &mut body);
        write!(body, ",\"k\":{k},").expect("a string takes everything");
        if let Some(only) = only {
            body.push_str("\"only_ids\":");
            write_strings(only, &mut body);
            body.push(',');
        }
        write_vector(query, &mut body);
        body.push('}');
        let root = self.ask("POST", &format!("/vectors/index/{name}/search"), Some(&body))?;
        hits(&root).ok_or(State::VectordUnreachable.into())
    }

    /// Adds one item: whether its id was there.
    ///
    /// # Errors
    ///
    /// What the service refuses, or that it cannot be reached.
    pub fn add(&self, name: &str, id: &str, vector: &Embedded, metadata: &str) -> Result<bool, Refusal> {
        let mut body = String::from("{\"items\":[{\"id\":");
        jcs::write_string(id, &mut body);
        write!(body, ",\"metadata\":{metadata},").expect("a string takes everything");
        write_vector(vector, &mut body);
        body.push_str("}]}");
        let root = self.ask("POST", &format!("/vectors/index/{name}/add"), Some(&body))?;
        match member(&root, "updated") {
            Some(Value::Number(updated)) => Ok(*updated > 0.0),
            _ => Err(State::VectordUnreachable.into()),
        }
    }

    /// Takes away all that the tenant has: the number of its indexes.
    ///
    /// # Errors
    ///
    /// What the service refuses, or that it cannot be reached.
    pub fn forget(&self) -> Result<usize, Refusal> {
        let root = self.ask("DELETE", "/v1/tenant", None)?;
        match member(&root, "dropped") {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it counts indexes")]
            Some(Value::Number(dropped)) if *dropped >= 0.0 => Ok(*dropped as usize),
            _ => Err(State::VectordUnreachable.into()),
        }
    }

    fn ask(&self, method: &str, path: &str, body: Option<&str>) -> Result<Value, Refusal> {
        let unreachable = || Refusal::from(State::VectordUnreachable);
        let reply = self.peer.ask(method, path, Some(self.tenant), body).ok_or_else(unreachable)?;
        let root = ijson::read(reply.body.as_bytes(), CANONICAL).map_err(|_| unreachable())?;
        match reply.status {
            200 => Ok(root),
            404 | 409 if member(&root, "State").is_some() => Err(Refusal::Relayed(reply)),
            _ => Err(unreachable()),
        }
    }
}

fn write_strings(strings: &[String], out: &mut String) {
    let strings = strings.iter().cloned().map(Value::String).collect();
    jcs::write(&Value::Array(strings), jcs::Options::default(), out);
}

fn write_vector(vector: &Embedded, out: &mut String) {
    let components = vector.components.iter().copied().map(Value::Number).collect();
    out.push_str("\"vector\":");
    jcs::write(&Value::Array(components), jcs::Options::default(), out);
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    match value {
        Value::Object(members) => members.get(name),
        _ => None,
    }
}

fn hits(root: &Value) -> Option<Vec<Hit>> {
    let Some(Value::Array(hits)) = member(root, "hits") else { return None };
    hits.iter().map(hit).collect()
}

fn hit(value: &Value) -> Option<Hit> {
    let (Value::String(id), Value::Number(distance)) = (member(value, "id")?, member(value, "distance")?) else {
        return None;
    };
    let metadata = member(value, "metadata").filter(|metadata| matches!(metadata, Value::Object(_)))?;
    let mut text = String::new();
    jcs::write(metadata, jcs::Options::default(), &mut text);
    let distance = super::unit::rounded(distance * f64::from(MILLION));
    Some(Hit { id: Arc::from(id.as_str()), distance, metadata: Arc::from(text) })
}
