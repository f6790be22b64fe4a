//! Start, health, panics, and end.

use std::fs;
use std::process::Output;

use crate::common::{Service, free_port, request};
use crate::running::{ADD, FOUND, Folder, SEARCH, call, command, end, start};

const OF_VECTORS: [&str; 5] =
    ["ties-by-insertion", "deleted-returned", "dropped-keeps", "crash-forgets", "near-missed"];
const OF_MATRIX: [&str; 5] =
    ["role-gate-off", "boosted-twice", "boost-on-similarity", "excluded-leaks", "injected-uncounted"];

#[track_caller]
fn check_health(service: &Service, surfaces: &[&str], plants: &[&str], planted: Option<&str>) {
    let list = |names: &[&str]| names.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(",");
    let commit = option_env!("LAKEHOUSE_COMMIT").unwrap_or("unknown");
    let planted = planted.map_or("null".to_owned(), |name| format!("{name:?}"));
    let expected = [
        r#"{"status":"ok","service":"matrixd","runtime":"rust","version":"0.1.0","#,
        &format!(r#""commit":"{commit}","surfaces":[{}],"plants":[{}],"#, list(surfaces), list(plants)),
        &format!(r#""planted":{planted}}}"#),
    ];
    service.ask(request("GET /health", "x-lakehouse-tenant: NONE\r\n", "")).check(200, &expected.concat());
}

#[test]
fn health_says_who_answers() {
    let folder = Folder::new();
    let plants = [&OF_VECTORS[..], &OF_MATRIX].concat();
    check_health(&start(&folder, &[], None), &["vectors", "matrix"], &plants, None);
    check_health(&start(&folder, &[], Some("excluded-leaks")), &["vectors", "matrix"], &plants, Some("excluded-leaks"));
    check_health(&start(&folder, &["--vectord", "http://127.0.0.1:1"], None), &["matrix"], &OF_MATRIX, None);
}

#[track_caller]
fn check_refused(output: &Output, code: i32, sentence: &str) {
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{log}");
    assert!(log.contains(sentence), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn a_bad_command_line_ends_with_2() {
    for (arguments, sentence) in [
        (&[][..], "--port is missing"),
        (&["--port", "8080"], "--data is missing"),
        (&["--data"], "--data names no folder"),
        (&["--port", "8080", "--port", "8081"], "--port is there twice"),
        (&["--port", "8080", "--data", "x", "--embedder"], "--embedder names no URL"),
        (&["--port", "8080", "--data", "x", "--embedder", "8081"], r#""8081" is not like http://"#),
        (&["--port", "8080", "--data", "x", "--vectord", "https://x"], r#""https://x" is not like http://"#),
        (&["--port", "8080", "--data", "x", "--verbose"], r#""--verbose" is not understood"#),
    ] {
        let output = command(arguments, None).output().expect("it was built beside this test");
        check_refused(&output, 2, sentence);
    }
}

#[test]
fn an_unknown_plant_ends_with_2_and_lists_the_known_ones() {
    let folder = Folder::new();
    let arguments = ["--port", &free_port().to_string(), "--data", &folder.data()];
    for plant in ["rose", "upper-folded", "naive-hnsw"] {
        let output = command(&arguments, Some(plant)).output().expect("it was built beside this test");
        let known = [&OF_VECTORS[..], &OF_MATRIX].concat().join(", ");
        check_refused(&output, 2, &format!("the known ones are {known}."));
    }
}

#[test]
fn a_folder_that_cannot_be_used_ends_with_4() {
    let folder = Folder::new();
    let start_on = |path: &str| {
        let arguments = ["--port", &free_port().to_string(), "--data", path];
        command(&arguments, None).output().expect("it was built beside this test")
    };
    fs::write(folder.path("file"), "").expect("it can be written");
    let file = folder.path("file").display().to_string();
    check_refused(&start_on(&file), 4, "file cannot be used");
    let service = start(&folder, &[], None);
    check_refused(&start_on(&folder.data()), 4, "is in use by another process");
    call(&service, ADD).check(200, r#"{"added":2,"size":2,"updated":0}"#);
    end(service, "-KILL");
    let journal = folder.path("data/t/a.journal");
    let mut bytes = fs::read(&journal).expect("it is there");
    bytes[20] ^= 1;
    fs::write(&journal, bytes).expect("it can be written");
    check_refused(&start_on(&folder.data()), 4, "t/a.journal is damaged at record 1");
}

#[test]
fn a_request_that_breaks_ends_its_connection_and_nothing_else() {
    let folder = Folder::new();
    let service = start(&folder, &[], None);
    call(&service, ADD).check(200, r#"{"added":2,"size":2,"updated":0}"#);
    let mut other = service.connect();
    // The folder is taken away from below, so a new index cannot be written.
    fs::remove_dir_all(folder.path("data")).expect("it is there");
    let add = ADD.replace("index/a", "index/b");
    for _ in 0..2 {
        let body = add.rsplit_once(' ').map_or("", |(_, body)| body);
        let headers = "content-type: application/json\r\nx-lakehouse-tenant: u\r\n";
        let mut connection = service.connect();
        connection.send(request("POST /vectors/index/b/add", headers, body));
        assert!(connection.is_closed());
    }
    other.ask(request("GET /health", "", "")).header("content-type").expect("it is answered");
    call(&service, SEARCH).check(200, FOUND);
    call(&service, "GET /vectors/index/b").check(404, r#"{"State":{"reason":"unknown-index"}}"#);
    fs::create_dir(folder.path("data")).expect("it is gone");
    call(&service, &add).check(200, r#"{"added":2,"size":2,"updated":0}"#);
    let (code, log) = end(service, "-TERM");
    assert_eq!(code, Some(0));
    assert_eq!(log.lines().count(), 2, "{log}");
    for line in log.lines() {
        assert!(line.starts_with("matrixd: panic: ") && line.contains("cannot be written"), "{log}");
        assert!(line.rsplit_once(".rs:").is_some_and(|(_, line)| line.parse::<u32>().is_ok()), "{log}");
    }
}

#[test]
fn a_signal_ends_it_with_0() {
    let folder = Folder::new();
    for signal in ["-TERM", "-INT"] {
        let service = start(&folder, &[], None);
        let mut idle = service.connect();
        idle.ask(request("GET /health", "", ""));
        assert_eq!(end(service, signal), (Some(0), String::new()));
        assert!(idle.is_closed());
    }
}
