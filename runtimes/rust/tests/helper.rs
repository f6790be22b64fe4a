//! The helper as the harness sees it: a process with an environment, two pipes and an exit code.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Output, Stdio};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

const PLANTS: [&str; 19] = [
    "last-object",
    "escaped-quote",
    "array-whole",
    "untagged-fence",
    "code-point-order",
    "integer-rounded",
    "negative-zero",
    "duplicate-member",
    "html-escaped",
    "lone-surrogate",
    "unknown-variant-default",
    "trace-id-omitted",
    "nanos-trimmed",
    "last-row-unchecked",
    "row-code-point-order",
    "torn-is-tampered",
    "subject-unbound",
    "mac-prefix",
    "upper-folded",
];

fn start(plant: Option<&str>) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_helper"));
    command.env_remove("LAKEHOUSE_PLANT");
    if let Some(plant) = plant {
        command.env("LAKEHOUSE_PLANT", plant);
    }
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the helper was built beside this test")
}

/// Starts the helper, gives it all of `input`, and waits for its end.
fn run(plant: Option<&str>, input: &[u8]) -> Output {
    let mut child = start(plant);
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    std::thread::scope(|scope| {
        // A helper that refuses to start, or stops at a fault, does not read on.
        scope.spawn(move || _ = stdin.write_all(input));
        child.wait_with_output().expect("the helper ends")
    })
}

fn lines(output: &[u8]) -> Vec<Value> {
    let text = std::str::from_utf8(output).expect("output is text");
    text.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
}

fn request(id: usize, text: &str) -> String {
    json!({"id": id, "surface": "extract_json", "text": text}).to_string() + "\n"
}

fn request_base64(id: usize, bytes: &[u8]) -> String {
    json!({"id": id, "surface": "extract_json", "base64": BASE64.encode(bytes)}).to_string() + "\n"
}

fn request_error(id: usize, text: &str) -> String {
    json!({"id": id, "surface": "validation_error", "text": text}).to_string() + "\n"
}

fn request_row(id: usize, row: &str) -> String {
    let text = format!("{{\"op\":\"row\",\"key\":\"\"}}\n{row}");
    json!({"id": id, "surface": "subject_audit", "text": text}).to_string() + "\n"
}

fn request_embedding(id: usize, text: &str) -> String {
    json!({"id": id, "surface": "embedding", "text": text}).to_string() + "\n"
}

fn answer(id: usize, value: &str) -> Value {
    json!({"id": id, "text": format!(r#"{{"matched":{},"value":{value}}}"#, value != "null")})
}

fn check_fault(output: &Output, sentence: &str) {
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{log}");
    assert!(log.contains(sentence), "{log}");
    assert_eq!(log.lines().count(), 1, "{log}");
}

#[test]
fn hello_comes_before_anything_is_read_and_the_end_of_input_is_0() {
    let mut child = start(None);
    let mut stdout = BufReader::new(child.stdout.take().expect("standard output is a pipe"));
    let mut hello = String::new();
    stdout.read_line(&mut hello).expect("the hello is text");
    let commit = option_env!("LAKEHOUSE_COMMIT").unwrap_or("unknown");
    let plants = PLANTS.map(|name| format!("{name:?}")).join(",");
    assert_eq!(
        hello,
        format!(
            r#"{{"protocol":1,"runtime":"rust","version":"0.1.0","commit":"{commit}","surfaces":["extract_json","validation_error","subject_audit","embedding"],"plants":[{plants}],"planted":null}}"#
        ) + "\n"
    );
    drop(child.stdin.take());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).expect("output is text");
    assert_eq!(rest, "");
    assert_eq!(child.wait().expect("the helper ends").code(), Some(0));
}

#[test]
fn text_and_base64_are_answered_in_order() {
    let input = [
        request(1, "Sure: {\"a\":1}"),
        request_base64(2, b"\xff{\"}"),
        request_base64(9, b"\xff{\"b\":\"\\u20ac\"}"),
        request(4, "\u{1f600} {\"<\":\"\u{2028}\"}"),
    ];
    let output = run(None, input.concat().as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let expected =
        [answer(1, r#"{"a":1}"#), answer(2, "null"), answer(9, r#"{"b":"€"}"#), answer(4, "{\"<\":\"\u{2028}\"}")];
    assert_eq!(lines(&output.stdout)[1..], expected);
}

#[test]
fn the_surfaces_take_turns() {
    let error = r#"{"Kind":"policy","Reason":"x"}"#;
    let output = run(None, [request_error(1, error), request(2, error), request_error(3, "-")].concat().as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let expected = [
        json!({"id": 1, "text": r#"{"error":{"Policy":{"reason":"x"}}}"#}),
        answer(2, error),
        json!({"id": 3, "text": r#"{"refused":"unreadable"}"#}),
    ];
    assert_eq!(lines(&output.stdout)[1..], expected);
}

#[test]
fn an_answer_does_not_wait_for_the_next_request() {
    let mut child = start(None);
    let mut stdin = child.stdin.take().expect("standard input is a pipe");
    let mut stdout = BufReader::new(child.stdout.take().expect("standard output is a pipe")).lines();
    stdout.next();
    for id in 0..3 {
        // The beginning of the next request does not hold back the answer to this one.
        stdin.write_all((request(id, "{}") + " ").as_bytes()).expect("the helper reads");
        let line = stdout.next().expect("the helper answers").expect("output is text");
        assert_eq!(lines(line.as_bytes()), [answer(id, "{}")]);
    }
    stdin.write_all(request(3, "{}").as_bytes()).expect("the helper reads");
    drop(stdin);
    assert_eq!(child.wait().expect("the helper ends").code(), Some(0));
}

#[test]
fn many_requests_are_in_flight() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(100_000));
    let value = |id: usize| if id.is_multiple_of(1000) { large.clone() } else { format!("{{\"a\":{id}}}") };
    let input: String = (0..20_000).map(|id| request(id, &value(id))).collect();
    let output = run(None, input.as_bytes());
    assert_eq!(output.status.code(), Some(0));
    let answers = lines(&output.stdout);
    assert_eq!(answers.len(), 20_001);
    for (id, line) in answers[1..].iter().enumerate() {
        assert_eq!(*line, answer(id, &value(id)));
    }
}

#[test]
fn a_million_brackets_are_a_case_like_any_other() {
    let input = request(1, &"{\"a\":".repeat(1_000_000)) + &request(2, &"[{".repeat(1_000_000));
    let output = run(Some("array-whole"), input.as_bytes());
    assert_eq!(lines(&output.stdout)[1..], [answer(1, "null"), answer(2, "null")]);
}

#[test]
fn a_bad_request_ends_with_2_behind_the_answers_before_it() {
    for bad in ["{", "{\"id\":1}", "{\"id\":2,\"surface\":\"embed\",\"text\":\"\"}"] {
        let output = run(None, format!("{}{bad}\n{}", request(1, "{}"), request(3, "{}")).as_bytes());
        check_fault(&output, "cannot answer the request");
        assert_eq!(lines(&output.stdout)[1..], [answer(1, "{}")]);
    }
}

#[test]
fn an_unknown_plant_ends_with_2_and_lists_the_known_ones() {
    // The others are known, but not of a surface that the helper serves.
    for plant in ["rose", "sms-161", "torn-mode", "role-gate-off"] {
        let output = run(Some(plant), b"");
        check_fault(&output, &format!("the known ones are {}.", PLANTS.join(", ")));
        assert!(output.stdout.is_empty(), "a helper that refuses to start says no hello");
    }
}

#[test]
fn an_empty_plant_plants_nothing() {
    assert_eq!(lines(&run(Some(""), b"").stdout)[0]["planted"], Value::Null);
}

#[test]
fn each_plant_is_named_in_the_hello_and_reaches_the_answer() {
    let cases = [
        (r#"{"a":1}{"b":2}"#, r#"{"a":1}"#, r#"{"b":2}"#),
        (r#"{"a":"\""}"#, r#"{"a":"\""}"#, "null"),
        (r#"[{"a":1}]"#, r#"{"a":1}"#, r#"[{"a":1}]"#),
        (r#"{"a":1}```{"b":2}```"#, r#"{"b":2}"#, r#"{"a":1}"#),
        ("{\"\u{e000}\":1,\"\u{1f600}\":2}", "{\"\u{1f600}\":2,\"\u{e000}\":1}", "{\"\u{e000}\":1,\"\u{1f600}\":2}"),
        (r#"{"a":-9007199254740993}"#, "null", r#"{"a":-9007199254740992}"#),
        (r#"{"a":-0}"#, r#"{"a":0}"#, r#"{"a":-0}"#),
        (r#"{"a":1,"a":2}"#, "null", r#"{"a":2}"#),
        (r#"{"a":"&"}"#, r#"{"a":"&"}"#, r#"{"a":"\u0026"}"#),
        (r#"{"a":"\ud800"}"#, "null", "{\"a\":\"\u{fffd}\"}"),
    ];
    let unknown = (r#"{"Safety":{}}"#, r#"{"refused":"unknown-variant"}"#, r#"{"error":{"Policy":{"reason":""}}}"#);
    let mut input: String = cases.iter().enumerate().map(|(id, (text, ..))| request(id, text)).collect();
    input += &request_error(cases.len(), unknown.0);
    // One of the plants of the chain shows how they are reached.
    input += &request_row(cases.len() + 1, r#"{"ts":"2026-05-03T10:11:12.120Z"}"#);
    input += &request_embedding(cases.len() + 2, "É");
    input += &request_embedding(cases.len() + 3, "é");
    for (planted, plant) in PLANTS.iter().enumerate() {
        let output = run(Some(plant), input.as_bytes());
        let answers = lines(&output.stdout);
        assert_eq!(answers[0]["planted"], *plant);
        for (id, (_, right, spoilt)) in cases.iter().enumerate() {
            let value = if id == planted { spoilt } else { right };
            assert_eq!(answers[id + 1], answer(id, value), "plant {plant}, case {id}");
        }
        let text = if planted == cases.len() { unknown.2 } else { unknown.1 };
        assert_eq!(answers[cases.len() + 1], json!({"id": cases.len(), "text": text}), "plant {plant}");
        let row = answers[cases.len() + 2]["text"].as_str().expect("it is text");
        assert_eq!(row.contains("12.12Z"), *plant == "nanos-trimmed", "plant {plant}");
        let [capital, small] = [3, 4].map(|behind| &answers[cases.len() + behind]["text"]);
        assert_eq!(capital == small, *plant == "upper-folded", "plant {plant}");
    }
}
