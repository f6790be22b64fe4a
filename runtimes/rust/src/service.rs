//! The service `validatord`: [`crate::validate`] over HTTP/1.1, as `service.md` has it.
//!
//! The rules that HTTP itself can break come first, in the contract's order: `unknown-path` and `method-not-allowed`
//! by the router, `unsupported-media-type`, `unsupported-content-encoding` and `body-too-large` here. Every refusal is
//! an answer like any other, so no extractor that refuses by itself is used. The body is read before anything is
//! answered, whatever the answer will be: what is left unread would cost the connection.

mod body;

use std::io;

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{Router, get, post};
use axum::serve::ListenerExt;
use serde::Serialize;
use tokio::net::TcpListener;

use crate::identity::{COMMIT, RUNTIME, VERSION};
use crate::plant::Plant;
use crate::surface::Surface;
use crate::validate::{self, Answer, Reason};
use crate::validation_error::ValidationError;

use body::Received;

/// The surfaces that the service serves.
pub static SURFACES: [Surface; 1] = [Surface::Validate];

/// The media type of every answer, and the only one of a request.
const JSON: &str = "application/json";

/// Who the service is.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    service: &'static str,
    runtime: &'static str,
    version: &'static str,
    commit: &'static str,
    surfaces: [&'static str; SURFACES.len()],
    plants: Vec<&'static str>,
    planted: Option<&'static str>,
}

/// What the handlers know.
#[derive(Clone, Copy)]
struct Service {
    plant: Option<&'static Plant>,
    options: validate::Options,
}

/// Serves the connections of `listener` until `end`, and then those requests to their end that have begun.
///
/// # Errors
///
/// If the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    plant: Option<&'static Plant>,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Where it fails, answers come later, and are no others.
    let listener = listener.tap_io(|stream| _ = stream.set_nodelay(true));
    axum::serve(listener, router(plant)).with_graceful_shutdown(end).await
}

/// The routes, spoilt by `plant`. A path is compared as it stands, without decoding, merging or redirecting.
fn router(plant: Option<&'static Plant>) -> Router {
    let options = plant.map(Plant::options).unwrap_or_default().validate;
    Router::new()
        .route("/v1/validate", post(validate))
        .route("/health", get(health))
        .fallback(unknown_path)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Service { plant, options })
}

async fn health(State(service): State<Service>, body: Body) -> Response {
    let Received { is_whole, .. } = body::receive(body).await;
    let health = Health {
        status: "ok",
        service: "validatord",
        runtime: RUNTIME,
        version: VERSION,
        commit: COMMIT,
        surfaces: SURFACES.map(Surface::name),
        plants: Plant::all_of(&SURFACES).map(|plant| plant.name).collect(),
        planted: service.plant.map(|plant| plant.name),
    };
    let body = serde_json::to_string(&health).expect("strings and lists of them are JSON");
    respond(Answer { status: 200, body }, is_whole)
}

async fn unknown_path(State(service): State<Service>, body: Body) -> Response {
    service.refuse(Reason::UnknownPath, body).await
}

/// The header `allow` is the router's to add.
async fn method_not_allowed(State(service): State<Service>, body: Body) -> Response {
    service.refuse(Reason::MethodNotAllowed, body).await
}

async fn validate(State(service): State<Service>, headers: HeaderMap, body: Body) -> Response {
    let received = body::receive(body).await;
    let answer = match refused_by_headers(&headers) {
        Some(error) => Answer::refused(&error, service.options.answer),
        None => match received.content {
            Ok(body) => validate::answer(&body, &service.options),
            Err(reason) => Answer::refused(&reason.into(), service.options.answer),
        },
    };
    respond(answer, received.is_whole)
}

impl Service {
    async fn refuse(self, reason: Reason, body: Body) -> Response {
        let Received { is_whole, .. } = body::receive(body).await;
        respond(Answer::refused(&reason.into(), self.options.answer), is_whole)
    }
}

fn respond(answer: Answer, is_whole: bool) -> Response {
    let status = StatusCode::from_u16(answer.status).expect("the statuses are those of the contract");
    let mut response = (status, [(CONTENT_TYPE, HeaderValue::from_static(JSON))], answer.body).into_response();
    if !is_whole {
        // The rest of the body stands where the next request should.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Rules `unsupported-media-type` and `unsupported-content-encoding`, on the bytes of the first header of each name.
fn refused_by_headers(headers: &HeaderMap) -> Option<ValidationError<Reason>> {
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|value| {
        let media_type = value.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
        media_type.trim_ascii().eq_ignore_ascii_case(JSON.as_bytes())
    });
    let is_encoded = headers.get(CONTENT_ENCODING).is_some_and(|value| {
        let encoding = value.as_bytes().trim_ascii();
        !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity")
    });
    let refuse = |header: HeaderName, reason: Reason| {
        Some(ValidationError::new(reason.category(), header.as_str().to_owned(), reason))
    };
    match (is_json, is_encoded) {
        (false, _) => refuse(CONTENT_TYPE, Reason::UnsupportedMediaType),
        (true, true) => refuse(CONTENT_ENCODING, Reason::UnsupportedContentEncoding),
        (true, false) => None,
    }
}
