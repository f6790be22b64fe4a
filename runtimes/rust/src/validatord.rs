//! The service `validatord`: [`crate::validate`] over HTTP/1.1.
//!
//! The rules that HTTP itself can break come first, in the contract's order: `unknown-path` and `method-not-allowed`
//! by the router, `unsupported-media-type`, `unsupported-content-encoding` and `body-too-large` in [`service`].

use axum::body::Body;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{Router, get, post};

use crate::plant::Plant;
use crate::service::program::{Program, Served};
use crate::service::{self, Identity, Limits, Received, receive};
use crate::surface::Surface;
use crate::validate::{self, Answer, Reason};
use crate::validation_error::ValidationError;

/// The surfaces that the service serves.
pub static SURFACES: [Surface; 1] = [Surface::Validate];

/// The program.
pub static PROGRAM: Program = Program {
    name: "validatord",
    usage: "validatord --port NUMBER",
    options: &[],
    check: |_| Ok(()),
    surfaces: &SURFACES,
    start: |_, plant| Ok(Served { router: router(plant), end: Box::new(|| {}) }),
};

/// How much is read of a request's body.
const LIMITS: Limits = Limits { kept: 1 << 20, drained: 4 << 20 };

/// What the handlers know.
#[derive(Clone, Copy)]
struct Service {
    identity: Identity,
    options: validate::Options,
}

/// The routes, spoilt by `plant`. A path is compared as it stands, without decoding, merging or redirecting.
fn router(plant: Option<&'static Plant>) -> Router {
    let options = plant.map(Plant::options).unwrap_or_default().validate;
    let identity = Identity { service: PROGRAM.name, surfaces: &SURFACES, planted: plant };
    Router::new()
        .route("/v1/validate", post(validate))
        .route("/health", get(health))
        .fallback(unknown_path)
        .method_not_allowed_fallback(method_not_allowed)
        .with_state(Service { identity, options })
}

async fn health(State(service): State<Service>, body: Body) -> Response {
    let Received { is_whole, .. } = receive(body, LIMITS).await;
    service::respond(200, service.identity.health(), is_whole)
}

async fn unknown_path(State(service): State<Service>, body: Body) -> Response {
    service.refuse(Reason::UnknownPath, body).await
}

/// The header `allow` is the router's to add.
async fn method_not_allowed(State(service): State<Service>, body: Body) -> Response {
    service.refuse(Reason::MethodNotAllowed, body).await
}

async fn validate(State(service): State<Service>, headers: HeaderMap, body: Body) -> Response {
    let received = receive(body, LIMITS).await;
    let answer = match service::refused_by_headers(&headers) {
        Some((header, reason)) => {
            let error = ValidationError::new(reason.category(), header.as_str().to_owned(), reason);
            Answer::refused(&error, service.options.answer)
        }
        None => match received.content {
            Ok(body) => validate::answer(&body, &service.options),
            Err(reason) => Answer::refused(&reason.into(), service.options.answer),
        },
    };
    service::respond(answer.status, answer.body, received.is_whole)
}

impl Service {
    async fn refuse(self, reason: Reason, body: Body) -> Response {
        let Received { is_whole, .. } = receive(body, LIMITS).await;
        let answer = Answer::refused(&reason.into(), self.options.answer);
        service::respond(answer.status, answer.body, is_whole)
    }
}
