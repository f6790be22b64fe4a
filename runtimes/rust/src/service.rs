//! What the services share: HTTP/1.1 as `service.md` has it, and everything that HTTP itself can break.
//!
//! Every refusal is an answer like any other, so no extractor that refuses by itself is used. The body is read before
//! anything is answered, whatever the answer will be: what is left unread would cost the connection. Paths are each
//! service's own, as are the programs: [`crate::validatord`] and [`crate::matrixd`], both run by [`program`].

mod body;
pub mod program;

use std::io;

use axum::http::header::{CONNECTION, CONTENT_ENCODING, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::Router;
use axum::serve::ListenerExt;
use serde::Serialize;
use tokio::net::TcpListener;

use crate::identity::{COMMIT, RUNTIME, VERSION};
use crate::plant::Plant;
use crate::surface::Surface;
use crate::validate::Reason;

pub use body::{Limits, Received, receive};

/// The media type of every answer, and the only one of a request.
pub const JSON: &str = "application/json";

/// Who a service is.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    /// The program's name.
    pub service: &'static str,
    /// What it serves.
    pub surfaces: &'static [Surface],
    /// The bug in it, if there is one.
    pub planted: Option<&'static Plant>,
}

#[derive(Serialize)]
struct Health {
    status: &'static str,
    service: &'static str,
    runtime: &'static str,
    version: &'static str,
    commit: &'static str,
    surfaces: Vec<&'static str>,
    plants: Vec<&'static str>,
    planted: Option<&'static str>,
}

impl Identity {
    /// The body of the answer to `GET /health`.
    ///
    /// # Panics
    ///
    /// Never.
    #[must_use]
    pub fn health(&self) -> String {
        let health = Health {
            status: "ok",
            service: self.service,
            runtime: RUNTIME,
            version: VERSION,
            commit: COMMIT,
            surfaces: self.surfaces.iter().map(|surface| surface.name()).collect(),
            plants: Plant::all_of(self.surfaces).map(|plant| plant.name).collect(),
            planted: self.planted.map(|plant| plant.name),
        };
        serde_json::to_string(&health).expect("strings and lists of them are JSON")
    }
}

/// Serves the connections of `listener` until `end`, and then those requests to their end that have begun.
///
/// # Errors
///
/// If the listener fails for good.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    // Where it fails, answers come later, and are no others.
    let listener = listener.tap_io(|stream| _ = stream.set_nodelay(true));
    axum::serve(listener, router).with_graceful_shutdown(end).await
}

/// An answer; the connection goes on behind it if the request's body `is_whole`.
///
/// # Panics
///
/// If `status` is none of HTTP.
#[must_use]
pub fn respond(status: u16, body: String, is_whole: bool) -> Response {
    let status = StatusCode::from_u16(status).expect("the statuses are those of the contract");
    let mut response = (status, [(CONTENT_TYPE, HeaderValue::from_static(JSON))], body).into_response();
    if !is_whole {
        // The rest of the body stands where the next request should.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

/// Rules `unsupported-media-type` and `unsupported-content-encoding`, on the bytes of the first header of each name:
/// the header that breaks one.
#[must_use]
pub fn refused_by_headers(headers: &HeaderMap) -> Option<(HeaderName, Reason)> {
    let is_json = headers.get(CONTENT_TYPE).is_some_and(|value| {
        let media_type = value.as_bytes().split(|&byte| byte == b';').next().unwrap_or_default();
        media_type.trim_ascii().eq_ignore_ascii_case(JSON.as_bytes())
    });
    let is_encoded = headers.get(CONTENT_ENCODING).is_some_and(|value| {
        let encoding = value.as_bytes().trim_ascii();
        !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity")
    });
    match (is_json, is_encoded) {
        (false, _) => Some((CONTENT_TYPE, Reason::UnsupportedMediaType)),
        (true, true) => Some((CONTENT_ENCODING, Reason::UnsupportedContentEncoding)),
        (true, false) => None,
    }
}
