//! The service `matrixd`: the surfaces `vectors` and `matrix` over HTTP/1.1, as `search.md` has it.
//!
//! A request is looked at in the contract's order: path and method ([`paths`]), tenant, headers and body here, then its
//! members and what is stored ([`calls`]). All of it from the body on is done in a thread of its own, so that a large
//! request keeps nobody waiting who does not need what it holds, and the health least of all.

pub mod calls;
pub mod paths;

use std::path::Path;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::http::header::{ALLOW, HeaderValue};
use axum::response::Response;
use axum::routing::Router;

use crate::members::Fault;
use crate::plant::Plant;
use crate::search::embedder::Embedder;
use crate::search::folder;
use crate::search::refusal::{Reason, Refusal, Reply};
use crate::search::remote::{Peer, TENANT};
use crate::search::request::is_tenant;
use crate::search::store::Store;
use crate::service::program::{Arguments, Program, Served, Stop};
use crate::service::{self, Identity, Limits, Received, receive};
use crate::surface::Surface;
use crate::validate;

use calls::{Indexes, Matrixd};
use paths::{Call, Found};

/// The surfaces that the service serves.
pub static SURFACES: [Surface; 2] = [Surface::Vectors, Surface::Matrix];

/// The program.
pub static PROGRAM: Program = Program {
    name: "matrixd",
    usage: "matrixd --port NUMBER --data FOLDER [--embedder URL] [--vectord URL]",
    options: &[("--data", "folder"), ("--embedder", "URL"), ("--vectord", "URL")],
    check: |arguments| {
        let urls = ["--embedder", "--vectord"].iter().filter_map(|option| arguments.get(option));
        urls.map(|url| Peer::new(url)).collect::<Result<Vec<_>, _>>()?;
        arguments.contains_key("--data").then_some(()).ok_or("--data is missing".to_owned())
    },
    surfaces: &SURFACES,
    start,
};

/// How much is read of a request's body.
const LIMITS: Limits = Limits { kept: 32 << 20, drained: 36 << 20 };

/// The tenant of a request that names none.
const DEFAULT_TENANT: &str = "default";

fn start(arguments: &Arguments, plant: Option<&'static Plant>) -> Result<Served, Stop> {
    let options = plant.map(Plant::options).unwrap_or_default();
    let peer = |option| arguments.get(option).map(|url| Peer::new(url).map_err(Stop::CommandLine)).transpose();
    // Where another process keeps the indexes, they are its surface.
    let surfaces = if arguments.contains_key("--vectord") { &SURFACES[1..] } else { &SURFACES[..] };
    let folder = Path::new(&arguments["--data"]);
    let matrixd = Arc::new(Matrixd {
        identity: Identity { service: PROGRAM.name, surfaces, planted: plant },
        indexes: match peer("--vectord")? {
            Some(vectord) => {
                // Nothing is kept in it, but it has to be as good as if.
                folder::own(folder).map_err(Stop::Data)?;
                Indexes::There(vectord)
            }
            None => Indexes::here(Store::open(folder, options.search).map_err(Stop::Data)?),
        },
        embedder: peer("--embedder")?.map_or(Embedder::Hash(options.embedding), Embedder::Peer),
        options: options.matrix,
    });
    let end = {
        let matrixd = Arc::clone(&matrixd);
        Box::new(move || matrixd.end())
    };
    Ok(Served { router: Router::new().fallback(answer).with_state(matrixd), end })
}

async fn answer(State(matrixd): State<Arc<Matrixd>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let found = paths::find(head.uri.path(), &head.method, matrixd.keeps_indexes());
    let Received { content, is_whole } = receive(body, LIMITS).await;
    let call = match found {
        Found::Health => return service::respond(200, matrixd.identity.health(), is_whole),
        Found::Call(call) => call,
        Found::OtherMethods(methods) => {
            let reply = Reply::from(Refusal::from(Reason::from(validate::Reason::MethodNotAllowed)));
            let mut response = service::respond(reply.status, reply.body, is_whole);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static(methods));
            return response;
        }
        Found::Nothing => return refuse(Reason::from(validate::Reason::UnknownPath).into(), is_whole),
    };
    let (tenant, content) = match received(&head.headers, &call, content) {
        Ok(received) => received,
        Err(refusal) => return refuse(refusal, is_whole),
    };
    let work = tokio::task::spawn_blocking(move || matrixd.perform(&call, &tenant, &content));
    match work.await {
        Ok(Ok(body)) => service::respond(200, body, is_whole),
        Ok(Err(refusal)) => refuse(refusal, is_whole),
        // The panic is told. Going on with it here ends the connection, and nothing else.
        Err(broken) => std::panic::resume_unwind(broken.into_panic()),
    }
}

fn refuse(refusal: Refusal, is_whole: bool) -> Response {
    let reply = Reply::from(refusal);
    service::respond(reply.status, reply.body, is_whole)
}

/// The tenant, and the body of a call that has one.
fn received(
    headers: &HeaderMap,
    call: &Call,
    content: Result<Vec<u8>, validate::Reason>,
) -> Result<(String, Vec<u8>), Refusal> {
    let tenant = headers.get(TENANT).map_or(Some(DEFAULT_TENANT), |value| value.to_str().ok());
    let Some(tenant) = tenant.filter(|tenant| is_tenant(tenant)) else {
        return Err(Fault { field: TENANT.to_owned(), reason: Reason::BadName }.into());
    };
    if !call.has_body() {
        return Ok((tenant.to_owned(), Vec::new()));
    }
    if let Some((header, reason)) = service::refused_by_headers(headers) {
        return Err(Fault { field: header.as_str().to_owned(), reason: reason.into() }.into());
    }
    let content = content.map_err(Reason::from)?;
    Ok((tenant.to_owned(), content))
}
