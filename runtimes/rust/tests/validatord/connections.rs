//! Connections outlive their requests, whatever those are answered with.

use crate::client::{ACCEPTED, GOOD, request, start, validate};

#[test]
fn a_connection_is_kept_open_behind_every_answer() {
    let service = start(None);
    let mut connection = service.connect();
    let json = "content-type: application/json\r\n";
    let large = "x".repeat(4 << 20);
    for (refused, status) in [
        (request("GET /nowhere", "", ""), 404),
        (request("POST /nowhere", json, &large), 404),
        (request("DELETE /v1/validate", json, &large), 405),
        (request("POST /v1/validate", "", &large), 415),
        (validate(&large), 413),
        (validate("{"), 400),
        (validate("{}"), 422),
        (request("GET /health", "", &large), 200),
    ] {
        let answer = connection.ask(refused);
        assert_eq!((answer.status, answer.header("connection")), (status, None), "{}", answer.body);
        connection.ask(validate(GOOD)).check(200, ACCEPTED);
    }
}

#[test]
fn a_longer_body_may_cost_the_connection_but_not_the_service() {
    let service = start(None);
    let mut connection = service.connect();
    // More than the service reads; it need not come, since the answer does not wait for its end.
    let head =
        "POST /v1/validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 4194306\r\n\r\n";
    connection.send(head);
    connection.send("x".repeat((4 << 20) + 1));
    let answer = connection.answer();
    answer.check_refused(413, "", "body-too-large");
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(connection.is_closed());
    service.ask(validate(GOOD)).check(200, ACCEPTED);
}

#[test]
fn requests_may_come_in_pieces_or_together() {
    let service = start(None);
    let mut connection = service.connect();
    for byte in request("POST /v1/validate?x", "content-type: application/json\r\n", GOOD) {
        connection.send([byte]);
    }
    connection.answer().check(200, ACCEPTED);
    connection.send([validate(GOOD), request("GET /healthy", "", ""), validate("{}"), validate(GOOD)].concat());
    connection.answer().check(200, ACCEPTED);
    connection.answer().check_refused(404, "", "unknown-path");
    connection.answer().check_refused(422, "kind", "missing-field");
    connection.answer().check(200, ACCEPTED);
}

#[test]
fn chunked_bodies_are_bodies() {
    let service = start(None);
    let mut connection = service.connect();
    let head =
        "POST /v1/validate HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n";
    let (first, second) = GOOD.split_at(10);
    let chunks = format!("a\r\n{first}\r\n{:x}\r\n{second}\r\n0\r\n\r\n", second.len());
    connection.ask([head, &chunks].concat()).check(200, ACCEPTED);
    let large = format!("100001\r\n{}\r\n0\r\n\r\n", "x".repeat(1_048_577));
    connection.ask([head, &large].concat()).check_refused(413, "", "body-too-large");
    connection.ask(validate(GOOD)).check(200, ACCEPTED);
}

#[test]
fn many_connections_are_served_at_once() {
    let service = start(None);
    let mut connections: Vec<_> = (0..50).map(|_| service.connect()).collect();
    for _ in 0..3 {
        for connection in &mut connections {
            connection.send(validate(GOOD));
        }
        for connection in &mut connections {
            connection.answer().check(200, ACCEPTED);
        }
    }
}
