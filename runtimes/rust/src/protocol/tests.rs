//! What a request may look like; `tests/helper.rs` drives the protocol as a whole.

use super::{MAX_LINE, Stop};
use crate::helper::{SURFACES, answer};
use crate::plant::Plant;

fn parse(line: &[u8]) -> Result<super::Case<'_>, Stop> {
    super::parse(line, &SURFACES)
}

#[track_caller]
fn check(line: &str, id: u64, input: &[u8]) {
    let case = parse(line.as_bytes()).expect("the request is good");
    assert_eq!((case.id, &*case.input), (id, input), "{line}");
}

#[track_caller]
fn check_refused(line: &[u8], why: &str) {
    match parse(line) {
        Err(Stop::Request(message)) => assert!(message.contains(why), "{message}"),
        other => panic!("{} is parsed as {other:?}", String::from_utf8_lossy(line)),
    }
}

#[test]
fn requests_carry_text_or_base64() {
    check(r#"{"id":1,"surface":"extract_json","text":"{}"}"#, 1, b"{}");
    check(r#"{"id":0,"surface":"extract_json","text":"Sure: {\"a\":1}"}"#, 0, br#"Sure: {"a":1}"#);
    check(r#" {"base64":"/3sifQ==","surface":"extract\u005fjson","id":2} "#, 2, b"\xff{\"}");
    check(
        r#"{"id":18446744073709551615,"surface":"extract_json","text":"\ud83d\ude00\u0000"}"#,
        u64::MAX,
        "😀\0".as_bytes(),
    );
    check(r#"{"id":3,"surface":"validation_error","base64":""}"#, 3, b"");
}

#[test]
fn a_request_is_what_the_schema_says() {
    check_refused(b"", "not a JSON object");
    check_refused(b"nonsense", "not a JSON object");
    check_refused(br#"[1,"extract_json","{}"]"#, "not a JSON object");
    check_refused(br#"{"id":1,"surface":"extract_json","text":"{}"}{}"#, "trailing characters");
    check_refused(br#"{"surface":"extract_json","text":""}"#, "missing field `id`");
    check_refused(br#"{"id":1,"text":""}"#, "missing field `surface`");
    check_refused(br#"{"id":-1,"surface":"extract_json","text":""}"#, "integer `-1`");
    check_refused(br#"{"id":"1","surface":"extract_json","text":""}"#, "string \"1\"");
    check_refused(br#"{"id":1,"id":1,"surface":"extract_json","text":""}"#, "duplicate field `id`");
    check_refused(br#"{"id":1,"surface":"extract_json","text":"","more":1}"#, "unknown field `more`");
    check_refused(br#"{"id":1,"surface":"extract_json"}"#, "either text or base64");
    check_refused(br#"{"id":1,"surface":"extract_json","text":"","base64":""}"#, "either text or base64");
    check_refused(br#"{"id":1,"surface":"extract_json","text":null,"base64":""}"#, "null");
    check_refused(br#"{"id":1,"surface":"extract_json","text":"\ud800"}"#, "");
    check_refused(b"{\"id\":1,\"surface\":\"extract_json\",\"text\":\"\xff\"}", "");
    check_refused(br#"{"id":1,"surface":"extract_json","base64":"/3sifQ"}"#, "its base64 is bad");
    check_refused(br#"{"id":1,"surface":"extract_json","base64":"_3sifQ=="}"#, "its base64 is bad");
    let served = "but only extract_json and validation_error and subject_audit and embedding are served";
    check_refused(br#"{"id":1,"surface":"embed","text":""}"#, &format!(r#"the surface "embed", {served}"#));
    check_refused(br#"{"id":1,"surface":"validate","text":""}"#, &format!(r#"the surface "validate", {served}"#));
}

fn serve_all(input: &[u8], plant: Option<&'static Plant>) -> (String, Result<(), Stop>) {
    let mut output = Vec::new();
    let options = plant.map(Plant::options).unwrap_or_default();
    let served = super::serve(input, &mut output, &SURFACES, plant, |surface, input| answer(surface, input, &options));
    let output = String::from_utf8(output).expect("answers are text");
    let (_hello, answers) = output.split_once('\n').expect("the first line is the hello");
    (answers.to_owned(), served)
}

#[test]
fn each_surface_answers_its_own_requests() {
    let input = concat!(
        r#"{"id":1,"surface":"validation_error","text":"{\"Policy\":{\"reason\":\"x\"}}"}"#,
        "\n",
        r#"{"id":2,"surface":"extract_json","text":"{\"Policy\":{\"reason\":\"x\"}}"}"#,
    );
    let (answers, served) = serve_all(input.as_bytes(), None);
    assert!(served.is_ok());
    let expected = concat!(
        r#"{"id":1,"text":"{\"error\":{\"Policy\":{\"reason\":\"x\"}}}"}"#,
        "\n",
        r#"{"id":2,"text":"{\"matched\":true,\"value\":{\"Policy\":{\"reason\":\"x\"}}}"}"#,
        "\n",
    );
    assert_eq!(answers, expected);
}

#[test]
fn what_was_read_before_a_fault_is_answered() {
    let input = b"{\"id\":7,\"surface\":\"extract_json\",\"text\":\"{}\"}\n\n";
    let (answers, served) = serve_all(input, None);
    assert_eq!(answers, "{\"id\":7,\"text\":\"{\\\"matched\\\":true,\\\"value\\\":{}}\"}\n");
    assert!(matches!(served, Err(Stop::Request(_))), "an empty line is no request");
}

#[test]
fn a_last_line_without_line_feed_is_answered() {
    let (answers, served) = serve_all(br#"{"id":7,"surface":"extract_json","text":"-"}"#, None);
    assert_eq!(answers, "{\"id\":7,\"text\":\"{\\\"matched\\\":false,\\\"value\\\":null}\"}\n");
    assert!(served.is_ok());
}

#[test]
fn a_line_of_16_mib_is_the_longest() {
    let (head, tail) = (r#"{"id":7,"surface":"extract_json","text":""#, r#"{}"}"#);
    let line = |length: usize| {
        let padding = " ".repeat(length - head.len() - tail.len());
        [head, &padding, tail].concat().into_bytes()
    };
    for ending in [&b""[..], b"\n"] {
        let (answers, served) = serve_all(&[&line(MAX_LINE), ending].concat(), None);
        assert_eq!(answers, "{\"id\":7,\"text\":\"{\\\"matched\\\":true,\\\"value\\\":{}}\"}\n");
        assert!(served.is_ok());

        let (answers, served) = serve_all(&[&line(MAX_LINE + 1), ending].concat(), None);
        assert_eq!(answers, "");
        assert!(matches!(served, Err(Stop::Request(_))));
    }
}
