//! The order of what is wrong, from the path to the state, and connections that outlive it.

use crate::common::request;
use crate::running::{ADD, Folder, call, start};

const JSON: &str = "content-type: application/json\r\n";

#[test]
fn the_first_thing_that_is_wrong_answers() {
    let folder = Folder::new();
    let service = start(&folder, &[], None);
    let mut connection = service.connect();
    let bad = "x-lakehouse-tenant: A\r\n";
    let path = "POST /vectors/index/a/add";
    let large = "x".repeat((32 << 20) + 1);
    let gzip = format!("{JSON}content-encoding: gzip\r\n");
    for (line, headers, body, status, field, reason) in [
        ("POST /vectors/index/a.b/add", bad, "", 404, "", "unknown-path"),
        ("POST /v1/matrix/retrieve", JSON, "{}", 404, "", "unknown-path"),
        ("PUT /vectors/index/a/add", bad, "", 405, "", "method-not-allowed"),
        (path, bad, "{", 422, "x-lakehouse-tenant", "bad-name"),
        ("GET /vectors/index/a", "x-lakehouse-tenant: \r\n", "", 422, "x-lakehouse-tenant", "bad-name"),
        (path, "", "{", 415, "content-type", "unsupported-media-type"),
        (path, &gzip, "{", 415, "content-encoding", "unsupported-content-encoding"),
        (path, JSON, &large, 413, "", "body-too-large"),
        (path, JSON, "{", 400, "", "malformed-json"),
        ("POST /vectors/index/a/save", JSON, "[]", 422, "", "not-an-object"),
        (path, JSON, r#"{"items":[{"id":"a"}]}"#, 422, "items.0", "vector-or-text"),
        ("POST /vectors/hybrid", JSON, r#"{"query":"x","top_k":0}"#, 422, "top_k", "out-of-range"),
    ] {
        connection.ask(request(line, headers, body)).check_refused(status, field, reason);
    }
    connection.ask(request("GET /vectors/index/a", &gzip, "[")).check(404, r#"{"State":{"reason":"unknown-index"}}"#);
}

#[test]
fn a_tenant_is_one_of_its_own() {
    let folder = Folder::new();
    let service = start(&folder, &[], None);
    call(&service, ADD).check(200, r#"{"added":2,"size":2,"updated":0}"#);
    let mut connection = service.connect();
    let shape = |tenant: &str| request("GET /vectors/index/a", tenant, "");
    let unknown = r#"{"State":{"reason":"unknown-index"}}"#;
    connection.ask(shape("")).check(404, unknown);
    connection.ask(shape("x-lakehouse-tenant: default\r\n")).check(404, unknown);
    connection
        .ask(shape("x-lakehouse-tenant: t\r\nx-lakehouse-tenant: u\r\n"))
        .check(200, r#"{"dimension":2,"size":2}"#);
}

#[test]
fn a_method_that_is_not_taken_is_told_which_ones_are() {
    let folder = Folder::new();
    let service = start(&folder, &[], None);
    for (path, methods) in [("/vectors/index/a", "GET,DELETE"), ("/v1/tenant", "DELETE"), ("/health", "GET")] {
        let answer = service.ask(request(&format!("PUT {path}"), "", ""));
        answer.check_refused(405, "", "method-not-allowed");
        assert_eq!(answer.header("allow"), Some(methods));
    }
}
