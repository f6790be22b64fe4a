//! Start, health, and end.

use std::io::Read;
use std::net::{Ipv4Addr, TcpListener};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::client::{ACCEPTED, Answer, GOOD, Service, command, free_port, request, start, validate};

/// The plants of validate, as the health names them.
pub const PLANTS: [&str; 10] = [
    "flat-error",
    "ssn-phone",
    "sms-161",
    "sms-bytes",
    "empty-echo",
    "rule-order",
    "city-case",
    "status-422",
    "trailing-garbage",
    "unknown-refused",
];

/// The health of a service with the plant `planted`.
fn health(planted: Option<&str>) -> String {
    let commit = option_env!("LAKEHOUSE_COMMIT").unwrap_or("unknown");
    let plants = PLANTS.map(|name| format!("{name:?}")).join(",");
    let planted = planted.map_or("null".to_owned(), |name| format!("{name:?}"));
    [
        r#"{"status":"ok","service":"validatord","runtime":"rust","version":"0.1.0","#,
        &format!(r#""commit":"{commit}","surfaces":["validate"],"plants":[{plants}],"planted":{planted}}}"#),
    ]
    .concat()
}

impl Answer {
    #[track_caller]
    pub fn check_health(&self) {
        self.check(200, &health(None));
    }
}

#[test]
fn health_says_who_answers() {
    let service = start(None);
    service.ask(request("GET /health", "", "")).check_health();
    service.ask("GET /health?x=1 HTTP/1.1\r\nhost: x\r\n\r\n").check_health();
    for name in PLANTS {
        let planted = start(Some(name));
        planted.ask(request("GET /health", "", "")).check(200, &health(Some(name)));
    }
    start(Some("")).ask(request("GET /health", "", "")).check_health();
}

#[test]
fn only_the_loopback_is_listened_on() {
    let service = start(None);
    // Another address of this machine at that port is still free.
    TcpListener::bind(("127.0.0.2", service.port)).expect("nobody listens there");
}

#[track_caller]
fn check_refused(output: &Output, code: i32, sentence: &str) {
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{log}");
    assert!(log.contains(sentence), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_bad_command_line_ends_with_2() {
    for (arguments, sentence) in [
        (&[][..], "--port is missing"),
        (&["--port"], "--port names no number"),
        (&["8080"], r#""8080" is not understood"#),
        (&["--port=8080"], r#""--port=8080" is not understood"#),
        (&["--help"], r#""--help" is not understood"#),
        (&["--port", "8080", "--verbose"], r#""--verbose" is not understood"#),
        (&["--port", ""], r#""" is not a port"#),
        (&["--port", "x"], r#""x" is not a port"#),
        (&["--port", "-1"], r#""-1" is not a port"#),
        (&["--port", "0"], r#""0" is not a port"#),
        (&["--port", "65536"], r#""65536" is not a port"#),
    ] {
        let output = command(arguments, None).output().expect("it was built beside this test");
        check_refused(&output, 2, sentence);
    }
}

#[test]
fn an_unknown_plant_ends_with_2_and_lists_the_known_ones() {
    let port = free_port().to_string();
    for plant in ["rose", "last-object", "unknown-variant-default", " "] {
        let output = command(&["--port", &port], Some(plant)).output().expect("it was built beside this test");
        check_refused(&output, 2, &format!("the known ones are {}.", PLANTS.join(", ")));
    }
}

#[test]
fn a_port_that_is_taken_ends_with_3() {
    let port = free_port();
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("it is free");
    let output = command(&["--port", &port.to_string()], None).output().expect("it was built beside this test");
    check_refused(&output, 3, &format!("cannot listen on 127.0.0.1:{port}"));
}

/// Ends `service` with `signal`, and tells its exit code and how long that took.
fn end(service: &mut Service, signal: &str) -> (Option<i32>, Duration) {
    let start = Instant::now();
    let killed = Command::new("kill").args([signal, &service.child.id().to_string()]).status().expect("kill is there");
    assert!(killed.success());
    let status = service.child.wait().expect("it is a child of this process");
    let mut log = String::new();
    service.child.stderr.take().expect("it is a pipe").read_to_string(&mut log).expect("the log is text");
    assert_eq!(log, "");
    (status.code(), start.elapsed())
}

#[test]
fn a_signal_ends_it_with_0_and_at_once() {
    for signal in ["-TERM", "-INT"] {
        let mut service = start(None);
        let mut idle = service.connect();
        idle.ask(validate(GOOD)).check(200, ACCEPTED);
        let _silent = service.connect();
        let (code, elapsed) = end(&mut service, signal);
        assert_eq!(code, Some(0));
        assert!(elapsed < Duration::from_secs(1), "{elapsed:?}");
        assert!(idle.is_closed());
    }
}

#[test]
fn a_request_that_never_ends_does_not_hold_it() {
    let mut service = start(None);
    let mut endless = service.connect();
    endless.send(&validate(GOOD)[..100]);
    let mut waiting = service.connect();
    waiting.send("POST /v1/validate HTTP/1.1\r\ncontent-length: 10\r\n\r\n");
    service.ask(validate(GOOD)).check(200, ACCEPTED);
    let (code, elapsed) = end(&mut service, "-TERM");
    assert_eq!(code, Some(0));
    assert!(elapsed < Duration::from_secs(5), "{elapsed:?}");
}

#[test]
fn a_request_that_has_begun_is_answered() {
    let mut service = start(None);
    let mut begun = service.connect();
    let request = validate(GOOD);
    let (head, rest) = request.split_at(request.len() - 10);
    begun.send(head);
    service.ask(validate(GOOD)).check(200, ACCEPTED);
    let ending = std::thread::spawn(move || end(&mut service, "-TERM").0);
    std::thread::sleep(Duration::from_millis(50));
    begun.ask(rest).check(200, ACCEPTED);
    assert!(begun.is_closed());
    assert_eq!(ending.join().expect("it ends"), Some(0));
}
