//! Every rule of finding a candidate, under the rule's name.

use std::time::{Duration, Instant};

use super::{Options, Pick, answer};

const NONE: &str = r#"{"matched":false,"value":null}"#;

fn matched(value: &str) -> String {
    format!(r#"{{"matched":true,"value":{value}}}"#)
}

#[track_caller]
fn check(input: impl AsRef<[u8]>, value: &str) {
    assert_eq!(answer(input.as_ref(), &Options::default()), matched(value));
}

#[track_caller]
fn check_none(input: impl AsRef<[u8]>) {
    assert_eq!(answer(input.as_ref(), &Options::default()), NONE);
}

#[track_caller]
fn check_with(options: &Options, input: &str, expected: &str) {
    assert_eq!(answer(input.as_bytes(), options), expected, "{input}");
}

#[test]
fn fence_tagged() {
    check("Sure:\n```json\n{\"a\":1}\n```\nDone.", r#"{"a":1}"#);
    check("```json{\"a\":1}```", r#"{"a":1}"#);
    check("```json \t\r\n{}\n\n```", "{}");
}

#[test]
fn fence_untagged() {
    check("{\"a\":1}\n```\n{\"a\":2}\n```", r#"{"a":2}"#);
}

#[test]
fn fence_first() {
    check("{\"a\":1}\n```json\n{\"a\":2}\n```\n```\n{\"a\":3}\n```", r#"{"a":2}"#);
}

#[test]
fn fence_refused() {
    check("```json\n{\"a\":01}\n```\n```json\n{\"a\":2}\n```", r#"{"a":2}"#);
    check("```json\n[1]\n```\n{\"a\":2}", r#"{"a":2}"#);
    check("```json\nx{\"a\":1}\n```\n```{\"a\":2}```", r#"{"a":2}"#);
    check("```JSON\n{\"a\":1}\n```\n```{\"a\":2}```", r#"{"a":2}"#);
    check("```jsonc\n{\"a\":1}\n```\n```{\"a\":2}```", r#"{"a":2}"#);
    check("``````{\"a\":1}```{\"a\":2}```", r#"{"a":2}"#);
    // Refused as fences, found as bare objects.
    check("```JSON\n{\"a\":1}\n```", r#"{"a":1}"#);
    check("``` json\n{\"a\":1}\n```", r#"{"a":1}"#);
    check("```json\n\u{feff}{\"a\":1}\n```", r#"{"a":1}"#);
    check("````{\"a\":1}````", r#"{"a":1}"#);
}

#[test]
fn fence_marks_inside_of_a_string_close_the_fence() {
    check(r#"```json{"a":"```"}```{"b":1}"#, r#"{"a":"```"}"#);
}

#[test]
fn fence_unclosed() {
    check("```json\n{\"a\":1}", r#"{"a":1}"#);
    check("```json\n{\"a\":1}``", r#"{"a":1}"#);
    check("{\"a\":1} ```json {\"a\":2}", r#"{"a":1}"#);
    check_none("```json\n{\"a\":1");
    check_none("```");
    check_none("```json");
}

#[test]
fn prose_around() {
    check("] } \\ [1, 2 {\"a\":1} trailing } garbage {", r#"{"a":1}"#);
}

#[test]
fn prose_any_bytes() {
    check(b"\xff{\"a\":1}\xed\xa0\x80", r#"{"a":1}"#);
    check(b"\xff```json{\"a\":1}```\xc0", r#"{"a":1}"#);
    check(b"{\"a\":\"\xff\"}{\"a\":2}", r#"{"a":2}"#);
}

#[test]
fn quotes_in_prose() {
    check("The 12\" pipe: {\"a\":1}", r#"{"a":1}"#);
    check("\\\" \\{\"a\":1}", r#"{"a":1}"#);
}

#[test]
fn bare_first() {
    check("{\"a\":1} {\"a\":2}", r#"{"a":1}"#);
    check("{x} {\"a\":1} {y}", r#"{"a":1}"#);
}

#[test]
fn bare_refused() {
    check_none("{x {\"a\":1}}");
    check_none("{{\"a\":1}}");
    check("{x {\"a\":1}}{\"a\":2}", r#"{"a":2}"#);
    check(r#"{"a":1,"a":2}{"a":1e309}{"a":9007199254740993}{"a":"\ud800"}{"b":3}"#, r#"{"b":3}"#);
}

#[test]
fn bare_unclosed() {
    check_none("{\"a\":{\"b\":1}");
    check_none("{\"a\":\"} {\"b\":1}");
    check_none("{ 12\" pipe } {\"b\":1}");
    check("{\"a\":1} { {\"b\":1}", r#"{"a":1}"#);
    check_none("{\"a\\");
}

#[test]
fn braces_in_string() {
    check(r#"{"a":"}"}"#, r#"{"a":"}"}"#);
    check(r#"{"a{":"{{"}"#, r#"{"a{":"{{"}"#);
}

#[test]
fn escaped_quote() {
    check(r#"{"a":"\"}"}"#, r#"{"a":"\"}"}"#);
    check(r#"{"a":"\\"}{"b":1}"#, r#"{"a":"\\"}"#);
    check(r#"{"a":"\\\"}"}"#, r#"{"a":"\\\"}"}"#);
    // Outside of a string, a backslash hides nothing from the scan.
    check(r#"{\"}"}{"a":1}"#, r#"{"a":1}"#);
    check(r#"{\}{"a":1}"#, r#"{"a":1}"#);
}

#[test]
fn array_inner() {
    check(r#"[1,{"a":1},{"a":2}]"#, r#"{"a":1}"#);
    check("```json\n[{\"a\":1}]\n```", r#"{"a":1}"#);
}

#[test]
fn no_object() {
    for input in ["", "prose", "[1,2]", "}", "null", "```json\n```", "\"{\""] {
        check_none(input);
    }
}

#[test]
fn empty_and_nested_objects() {
    check("{}", "{}");
    check(r#"{"b":{"d":[],"c":{}},"a":"Café ⭐ 你好"}"#, r#"{"a":"Café ⭐ 你好","b":{"c":{},"d":[]}}"#);
}

#[test]
fn depth_is_counted_from_the_object() {
    let nested = |depth: usize| [r#"{"a":"#.repeat(depth), "1".to_owned(), "}".repeat(depth)].concat();
    check(nested(128), &nested(128));
    check_none(nested(129));
    check(format!("[{}]", nested(128)), &nested(128));
}

#[test]
fn time_is_linear() {
    // Each of these is quadratic, or worse, for a scan that goes back to what it has seen.
    let hostile = ["{", "{}", "{\"", "```", "``` ", "```json{", "{\"\\\"", "[{", "{x}", "{\"a\":[", "`"];
    let start = Instant::now();
    for piece in hostile {
        let input = piece.repeat((4 << 20) / piece.len());
        let _ = answer(input.as_bytes(), &Options::default());
        let _ = answer(input.as_bytes(), &Options { pick: Pick::Last, ..Options::default() });
    }
    assert!(start.elapsed() < Duration::from_mins(1));
}

#[test]
fn pick_last_is_about_bare_objects_only() {
    let last = Options { pick: Pick::Last, ..Options::default() };
    check_with(&last, r#"{"a":1} {"a":2} {x} {"#, &matched(r#"{"a":2}"#));
    check_with(&last, r#"{"a":1} {x}"#, &matched(r#"{"a":1}"#));
    check_with(&last, r#"```{"a":1}``` ```{"a":2}``` {"a":3}"#, &matched(r#"{"a":1}"#));
    check_with(&last, "{x}", NONE);
}

#[test]
fn ignored_untagged_fences_still_pair_up() {
    let ignoring = Options { ignore_untagged_fences: true, ..Options::default() };
    check_with(&ignoring, r#"{"a":1} ```{"a":2}```"#, &matched(r#"{"a":1}"#));
    check_with(&ignoring, r#"{"a":1} ```{"a":2}``` ```json{"a":3}```"#, &matched(r#"{"a":3}"#));
    check_with(&ignoring, r#"{"a":1} ``` ```json{"a":3}```"#, &matched(r#"{"a":1}"#));
    check_with(&ignoring, r#"{"a":1} ```json{"a":2}```"#, &matched(r#"{"a":2}"#));
}

#[test]
fn whole_arrays_are_inputs_that_the_reader_accepts() {
    let whole = Options { whole_arrays: true, ..Options::default() };
    check_with(&whole, " [1,{\"a\":1}]\n", &matched(r#"[1,{"a":1}]"#));
    check_with(&whole, "[]", &matched("[]"));
    check_with(&whole, r#"x [{"a":1}]"#, &matched(r#"{"a":1}"#));
    check_with(&whole, r#"[{"a":1},]"#, &matched(r#"{"a":1}"#));
    check_with(&whole, r#"["```json", {"a":1}]"#, &matched(r#"["```json",{"a":1}]"#));
    check_with(&whole, r#"["```json{}```", {"a":1}]"#, &matched("{}"));
    check_with(&whole, r#"{"a":1}"#, &matched(r#"{"a":1}"#));
    check_with(&whole, "1", NONE);
}

#[test]
fn ignored_backslashes_mislead_the_scan_but_not_the_reader() {
    let ignoring = Options { ignore_backslashes: true, ..Options::default() };
    check_with(&ignoring, r#"{"a":"\"}"}{"b":1}"#, &matched(r#"{"b":1}"#));
    check_with(&ignoring, r#"{"a":"\""}"#, NONE);
    check_with(&ignoring, r#"{"a":"\"\""}"#, &matched(r#"{"a":"\"\""}"#));
    check_with(&ignoring, r#"{"a":"\\\n"}"#, &matched(r#"{"a":"\\\n"}"#));
    check_with(&ignoring, r#"```{"a":"\"}"}```"#, &matched(r#"{"a":"\"}"}"#));
}
