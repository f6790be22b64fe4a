//! More than one process: another embedder, and indexes that somebody else keeps.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener};
use std::thread;

use crate::common::Service;
use crate::running::{Folder, call, start};

/// A service that answers every request with `answer`, and hands on what was asked.
fn peer(status: &'static str, answer: &'static str) -> (String, std::sync::mpsc::Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("some port is free");
    let url = format!("http://{}/", listener.local_addr().expect("it is bound"));
    let (tell, told) = std::sync::mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("somebody connects"));
            let mut head = String::new();
            while !head.ends_with("\r\n\r\n") {
                if stream.read_line(&mut head).expect("the head is text") == 0 {
                    break;
                }
            }
            let lower = head.to_ascii_lowercase();
            let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            let mut body = vec![0; length.map_or(0, |length| length.parse().expect("it is a number"))];
            stream.read_exact(&mut body).expect("the body comes whole");
            _ = tell.send(format!(
                "{} {}",
                head.lines().next().unwrap_or_default(),
                String::from_utf8(body).expect("it is text")
            ));
            let length = answer.len();
            let head = format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n");
            _ = stream.get_mut().write_all([head.as_bytes(), answer.as_bytes()].concat().as_slice());
        }
    });
    (url, told)
}

const TEXTS: &str = r#"POST /vectors/index/a/add {"items":[{"id":"x","text":"one"},{"id":"y","vector":[1,1]},{"id":"z","text":"two"}]}"#;
const UNREACHABLE: &str = r#"{"State":{"reason":"embedder-unreachable"}}"#;

#[test]
fn another_embedder_is_asked() {
    let folder = Folder::new();
    let (url, told) = peer("200 OK", r#"{"dimension":2,"vectors":[[3,4],[0,-2]]}"#);
    let service = start(&folder, &["--embedder", &url], None);
    call(&service, TEXTS).check(200, r#"{"added":3,"size":3,"updated":0}"#);
    assert_eq!(
        told.recv().expect("it was asked"),
        r#"POST /v1/embed HTTP/1.1 {"model":"default","texts":["one","two"]}"#
    );
    call(&service, r#"POST /vectors/index/a/search {"vector":[1,0],"k":2}"#).check(
        200,
        r#"{"hits":[{"distance":0.292893,"id":"y","metadata":{},"rank":1},{"distance":0.4,"id":"x","metadata":{},"rank":2}],"size":3}"#,
    );
    // Nobody is asked where something else is wrong, and two vectors are no answer for one text.
    call(&service, r#"POST /vectors/index/a/search {"text":"","k":0}"#).check_refused(422, "k", "out-of-range");
    call(&service, r#"POST /vectors/index/b/search {"text":"x","k":1}"#).check(502, UNREACHABLE);
}

#[test]
fn an_embedder_that_does_not_answer_is_unreachable() {
    let folder = Folder::new();
    for (status, answer) in [("500 Oops", r#"{"dimension":1,"vectors":[[1],[1]]}"#), ("200 OK", "[")] {
        let service = start(&folder, &["--embedder", &peer(status, answer).0], None);
        call(&service, TEXTS).check(502, UNREACHABLE);
        call(&service, "GET /vectors/index/a").check(404, r#"{"State":{"reason":"unknown-index"}}"#);
    }
    let service = start(&folder, &["--embedder", "http://127.0.0.1:1"], None);
    call(&service, TEXTS).check(502, UNREACHABLE);
    let (url, _told) = peer("200 OK", r#"{"dimension":1,"vectors":[[1],[0]]}"#);
    let service = {
        drop(service);
        start(&folder, &["--embedder", &url], None)
    };
    call(&service, TEXTS).check_refused(422, "items.2.text", "zero-vector");
}

/// What is asked of the matrix, in this order.
const CALLS: [&str; 13] = [
    r#"POST /vectors/hybrid {"query":"Welder","top_k":3}"#,
    r#"POST /v1/matrix/playbooks/record {"query_text":"Welder in Aurora","role":"Welder","answer_id":"c","score":1}"#,
    r#"POST /v1/matrix/playbooks/record {"query_text":"Welder in Aurora","role":"Welder","answer_id":"c","score":0.7}"#,
    r#"POST /v1/matrix/playbooks/record {"query_text":"welder in Aurora","role":"WELDER","answer_id":"a","score":0.3}"#,
    r#"POST /v1/matrix/search {"query_text":"Welder in Aurora","query_role":"welder","k":2,"use_playbook":true}"#,
    r#"POST /v1/matrix/search {"query_text":"Welder in Aurora","query_role":"welder","k":2}"#,
    r#"POST /v1/matrix/search {"query_text":"Welder in Aurora","query_role":"welder","k":2,"use_playbook":true,"excluded_ids":["c"]}"#,
    r#"POST /v1/matrix/search {"query_text":"Welder","query_role":"welder","k":2,"index":"flat"}"#,
    r#"POST /vectors/hybrid {"query":"Welder","top_k":3,"exclude":["a"],"collection":"none"}"#,
    r#"POST /vectors/hybrid {"query":"-","top_k":3}"#,
    "DELETE /v1/tenant",
    r#"POST /v1/matrix/search {"query_text":"Welder","query_role":"welder","k":2,"use_playbook":true}"#,
    r#"POST /v1/matrix/playbooks/record {"query_text":"é","role":"r","answer_id":"\"","score":1}"#,
];

fn fill(service: &Service) {
    let texts = ["welder aurora il", "cook aurora il", "cnc operator detroit mi"];
    let items = ["a", "b", "c"].into_iter().zip(texts);
    let items: Vec<_> =
        items.map(|(id, text)| format!(r#"{{"id":"{id}","text":"{text}","metadata":{{"n":1e21}}}}"#)).collect();
    call(service, &format!("POST /vectors/index/workers/add {{\"items\":[{}]}}", items.join(",")));
    call(service, r#"POST /vectors/index/flat/add {"items":[{"id":"x","vector":[1]}]}"#);
}

#[test]
fn indexes_may_be_kept_elsewhere_and_nobody_sees_it() {
    let (one, other, front) = (Folder::new(), Folder::new(), Folder::new());
    let (alone, keeper) = (start(&one, &[], None), start(&other, &[], None));
    let front = start(&front, &["--vectord", &format!("http://127.0.0.1:{}", keeper.port)], None);
    fill(&alone);
    fill(&keeper);
    for line in CALLS {
        let (right, answer) = (call(&alone, line), call(&front, line));
        answer.check(right.status, &right.body);
    }
    call(&front, "GET /vectors/index/workers").check_refused(404, "", "unknown-path");
}

#[test]
fn a_keeper_that_does_not_answer_is_unreachable() {
    let folder = Folder::new();
    for (status, answer) in [("200 OK", "{}"), ("404 Not Found", "{}"), ("409 Conflict", "<html>"), ("422 No", "{}")] {
        let service = start(&folder, &["--vectord", &peer(status, answer).0], None);
        for line in [CALLS[0], CALLS[1], CALLS[4], "DELETE /v1/tenant"] {
            call(&service, line).check(502, r#"{"State":{"reason":"vectord-unreachable"}}"#);
        }
    }
}
