//! What never comes as far as the JSON: paths, methods, headers and lengths, on both sides of their edges.

use crate::client::{ACCEPTED, GOOD, request, start, validate};

const JSON: &str = "content-type: application/json\r\n";

/// `GOOD`, with white space behind it up to so many bytes.
fn padded(length: usize) -> String {
    [GOOD, &" ".repeat(length - GOOD.len())].concat()
}

#[test]
fn paths_are_compared_as_they_were_sent() {
    let service = start(None);
    let mut connection = service.connect();
    for target in ["/v1/validate", "/v1/validate?", "/v1/validate?x=1", "/v1/validate?/x?y=%20&:@!$'()*+,;~"] {
        connection.ask(request(&format!("POST {target}"), JSON, GOOD)).check(200, ACCEPTED);
    }
    for target in [
        "/",
        "//v1/validate",
        "/v1//validate",
        "/v1/%76alidate",
        "/v1%2Fvalidate",
        "/v1/validate%20",
        "/v1/validate/",
        "/v1/validate/.",
        "/v1/./validate",
        "/v1/x/../validate",
        "/v1/validate;x=1",
        "/v1/validate:@!$&'()*+,;=~",
        "/V1/validate",
        "/v1/Validate",
        "/v1",
        "/v1/",
        "/v1/validatex",
        "/v1/%76%61lidate",
        "/%00",
        "/health/",
        "//health",
        "/health%3F",
    ] {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
            connection.ask(request(&format!("{method} {target}"), JSON, GOOD)).check_refused(404, "", "unknown-path");
        }
    }
}

#[test]
fn long_targets_are_targets() {
    let service = start(None);
    let mut connection = service.connect();
    let long = "x".repeat(60_000);
    connection.ask(request(&format!("POST /v1/validate?{long}"), JSON, GOOD)).check(200, ACCEPTED);
    connection.ask(request(&format!("POST /v1/validate{long}"), JSON, GOOD)).check_refused(404, "", "unknown-path");
    connection.ask(validate(GOOD)).check(200, ACCEPTED);
}

#[test]
fn methods() {
    let service = start(None);
    let mut connection = service.connect();
    for method in ["GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"] {
        let answer = connection.ask(request(&format!("{method} /v1/validate"), JSON, GOOD));
        answer.check_refused(405, "", "method-not-allowed");
        assert_eq!(answer.header("allow"), Some("POST"));
    }
    for method in ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        let answer = connection.ask(request(&format!("{method} /health?x"), JSON, GOOD));
        answer.check_refused(405, "", "method-not-allowed");
        assert_eq!(answer.header("allow"), Some("GET,HEAD"));
    }
    // The path and the method are looked at before the headers and the body.
    let astray = "content-encoding: gzip\r\n";
    connection.ask(request("POST /", astray, "x".repeat(2 << 20))).check_refused(404, "", "unknown-path");
    connection.ask(request("PUT /v1/validate", astray, "x".repeat(2 << 20))).check_refused(
        405,
        "",
        "method-not-allowed",
    );
    connection.ask(request("GET /health", astray, "x")).check_health();
}

#[test]
fn media_types() {
    let service = start(None);
    let mut connection = service.connect();
    for accepted in [
        "content-type: application/json\r\n",
        "CONTENT-TYPE:Application/JSON\r\n",
        "content-type: \t application/json \t \r\n",
        "content-type: application/json; charset=latin-1\r\n",
        "content-type: application/json \t;\r\n",
        "content-type: application/json;;=;\"\r\n",
        "content-type: application/json; \u{e9}\r\n",
        "content-type: application/json\r\ncontent-type: text/plain\r\n",
    ] {
        connection.ask(request("POST /v1/validate", accepted, GOOD)).check(200, ACCEPTED);
    }
    for refused in [
        "",
        "content-type:\r\n",
        "content-type: ;application/json\r\n",
        "content-type: application/jsonx\r\n",
        "content-type: application/json, application/json\r\n",
        "content-type: application/problem+json\r\n",
        "content-type: application /json\r\n",
        "content-type: text/json\r\n",
        "content-type: \"application/json\"\r\n",
        "content-type: application/json\u{a0}\r\n",
        "content-type: text/plain\r\ncontent-type: application/json\r\n",
        "accept: application/json\r\n",
    ] {
        let answer = connection.ask(request("POST /v1/validate", refused, GOOD));
        answer.check_refused(415, "content-type", "unsupported-media-type");
    }
    let bytes = b"POST /v1/validate HTTP/1.1\r\nhost: x\r\ncontent-type: \xff\x80\r\ncontent-length: 0\r\n\r\n";
    connection.ask(bytes).check_refused(415, "content-type", "unsupported-media-type");
}

#[test]
fn content_encodings() {
    let service = start(None);
    let mut connection = service.connect();
    let encoded = |headers: &str| request("POST /v1/validate", &format!("{JSON}{headers}"), GOOD);
    for accepted in [
        "content-encoding:\r\n",
        "content-encoding: \t \r\n",
        "content-encoding: identity\r\n",
        "Content-Encoding: \tIdentITY \r\n",
        "content-encoding: identity\r\ncontent-encoding: gzip\r\n",
        "content-encoding:\r\ncontent-encoding: gzip\r\n",
        "transfer: gzip\r\n",
    ] {
        connection.ask(encoded(accepted)).check(200, ACCEPTED);
    }
    for refused in [
        "content-encoding: gzip\r\n",
        "content-encoding: br\r\n",
        "content-encoding: identity, gzip\r\n",
        "content-encoding: identity;q=1\r\n",
        "content-encoding: ,\r\n",
        "content-encoding: gzip\r\ncontent-encoding: identity\r\n",
        "content-encoding: \u{e9}\r\n",
    ] {
        connection.ask(encoded(refused)).check_refused(415, "content-encoding", "unsupported-content-encoding");
    }
    // The media type is looked at first.
    let answer = connection.ask(request("POST /v1/validate", "content-encoding: gzip\r\n", GOOD));
    answer.check_refused(415, "content-type", "unsupported-media-type");
}

#[test]
fn body_too_large() {
    let service = start(None);
    let mut connection = service.connect();
    connection.ask(validate(padded(1_048_576))).check(200, ACCEPTED);
    connection.ask(validate(padded(1_048_577))).check_refused(413, "", "body-too-large");
    connection.ask(validate(vec![0xff; 1_048_576])).check_refused(400, "", "invalid-utf8");
    connection.ask(validate(vec![0xff; 1_048_577])).check_refused(413, "", "body-too-large");
    connection.ask(validate(padded(4 << 20))).check_refused(413, "", "body-too-large");
    // The headers are looked at first.
    let answer = connection.ask(request("POST /v1/validate", "", padded(1_048_577)));
    answer.check_refused(415, "content-type", "unsupported-media-type");
    let encoded = format!("{JSON}content-encoding: gzip\r\n");
    let answer = connection.ask(request("POST /v1/validate", &encoded, padded(1_048_577)));
    answer.check_refused(415, "content-encoding", "unsupported-content-encoding");
    connection.ask(validate(GOOD)).check(200, ACCEPTED);
}

#[test]
fn bodies() {
    let service = start(None);
    let mut connection = service.connect();
    for (body, reason) in [
        (&b""[..], "malformed-json"),
        (b"\xff", "invalid-utf8"),
        (b"{} x", "malformed-json"),
        (b"[\"\\ud800\",1e309]", "lone-surrogate"),
        (b"[1e309]", "number-out-of-range"),
        (b"{\"a\":1,\"a\":1}", "duplicate-member"),
    ] {
        connection.ask(validate(body)).check_refused(400, "", reason);
    }
    connection.ask(validate("[]")).check_refused(422, "", "not-an-object");
    let without_length = format!("POST /v1/validate HTTP/1.1\r\nhost: x\r\n{JSON}\r\n");
    connection.ask(without_length).check_refused(400, "", "malformed-json");
    let artifact = GOOD.replace(r#"["w-1"]"#, "[]");
    connection.ask(validate(artifact)).check(422, r#"{"Completeness":{"reason":"too-few-fills"}}"#);
}
