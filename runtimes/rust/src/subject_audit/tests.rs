//! Every operation, and every header that is none.

use super::answer;
use crate::chain::Options;

const KEY: &str = "3031323334353637383961626364656630313233343536373839616263646566";
const GENESIS: &str = "83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b";
const TIP: &str = "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd";

fn manifest() -> String {
    format!(
        r#"{{"created_at":"2026-05-03T10:11:12.461439210Z","genesis":"{GENESIS}","schema":"subject_manifest.v1","subject":"WORKER-1"}}"#
    )
}

fn row(mac: &str) -> String {
    format!(
        r#"{{"accessor":{{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""}},"fields":["name","phone"],{mac}"prev":"{GENESIS}","result":"ok","schema":"subject_audit_row.v1","seq":1,"subject":"WORKER-1","ts":"2026-05-03T10:11:12.461439210Z"}}"#
    )
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

#[track_caller]
fn check(header: &str, body: impl AsRef<[u8]>, expected: &str) {
    let input = [header.as_bytes(), b"\n", body.as_ref()].concat();
    assert_eq!(answer(&input, &Options::default()), expected, "{}", String::from_utf8_lossy(&input));
}

fn verify(more: &str) -> String {
    let manifest = quoted(&(manifest() + "\n"));
    format!(r#"{{"op":"verify","key":"{KEY}","subject":"WORKER-1","manifest":{manifest}{more}}}"#)
}

#[test]
fn canonical() {
    let header = r#"{"op":"canonical"}"#;
    check(header, " {\"b\":1.0,\"a\":\"\\u00e9\\n\"}\r\n", r#"{"canonical":"{\"a\":\"é\\n\",\"b\":1}"}"#);
    check(header, "1e20", r#"{"canonical":"100000000000000000000"}"#);
    check(header, "\"\"", r#"{"canonical":"\"\""}"#);
    check(header, "{\"\u{e000}\":1,\"\u{1f600}\":2}", "{\"canonical\":\"{\\\"\u{1f600}\\\":2,\\\"\u{e000}\\\":1}\"}");
    for body in [&b""[..], b"{", b"\xff", b"{\"a\":1,\"a\":1}", b"9007199254740993", b"1 2", b"\xef\xbb\xbf1"] {
        check(header, body, r#"{"refused":"not-json"}"#);
    }
}

#[test]
fn mac() {
    let header = r#"{"key":"4a656665","op":"mac"}"#;
    let expected = r#"{"mac":"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"}"#;
    check(header, "what do ya want for nothing?", expected);
    let empty = r#"{"mac":"b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"}"#;
    check(r#"{"op":"mac","key":""}"#, "", empty);
    assert_eq!(answer(br#"{"op":"mac","key":""}"#, &Options::default()), empty, "an input without LF is all header");
    let longer = format!(r#"{{"op":"mac","key":"{}"}}"#, "aa".repeat(131));
    check(
        &longer,
        "Test Using Larger Than Block-Size Key - Hash Key First",
        r#"{"mac":"60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"}"#,
    );
}

#[test]
fn row_is_signed_without_its_mac_whatever_that_is() {
    let header = format!(r#"{{"op":"row","key":"{KEY}"}}"#);
    let expected = format!(r#"{{"canonical":{},"mac":"{TIP}"}}"#, quoted(&row("")));
    check(&header, row(""), &expected);
    check(&header, row(&format!(r#""mac":"{TIP}","#)), &expected);
    check(&header, format!(" {} \n", row("\"mac\":[],")), &expected);
    for body in ["", "[]", "1", "null", "{", "{}{}"] {
        check(&header, body, r#"{"refused":"not-json"}"#);
    }
}

#[test]
fn verify_answers_for_a_chain() {
    let log = row(&format!(r#""mac":"{TIP}","#)) + "\n";
    let verified = format!(r#"{{"count":1,"error":null,"tip":"{TIP}","verified":true}}"#);
    check(&verify(&format!(r#","anchor":"1:{TIP}""#)), &log, &verified);
    check(&verify(&format!(r#","anchor":"0:{GENESIS}""#)), &log, &verified);
    let error = r#"{"file":"log","kind":"unanchored","line":null,"reason":"no-anchor"}"#;
    check(&verify(""), &log, &format!(r#"{{"count":1,"error":{error},"tip":"{TIP}","verified":false}}"#));
    let error = r#"{"file":"log","kind":"torn","line":1,"reason":"unfinished"}"#;
    check(&verify(""), "{", &format!(r#"{{"count":0,"error":{error},"tip":"{GENESIS}","verified":false}}"#));
    let error = r#"{"file":"manifest","kind":"tampered","line":1,"reason":"mac"}"#;
    let header = verify("").replace("manifest.v1", "manifest.v2");
    check(&header, &log, &format!(r#"{{"count":0,"error":{error},"tip":null,"verified":false}}"#));
}

#[test]
fn a_header_is_just_what_its_operation_needs() {
    let anchor = |text: &str| verify(&format!(",\"anchor\":{text}"));
    let headers = [
        String::new(),
        "{}".to_owned(),
        r#"["canonical"]"#.to_owned(),
        r#"{"op":"canonical""#.to_owned(),
        r#"{"op":"canonical","op":"canonical"}"#.to_owned(),
        r#"{"op":"Canonical"}"#.to_owned(),
        r#"{"op":1}"#.to_owned(),
        r#"{"op":"canonical","key":""}"#.to_owned(),
        r#"{"op":"mac"}"#.to_owned(),
        r#"{"op":"mac","key":null}"#.to_owned(),
        r#"{"op":"mac","key":"0"}"#.to_owned(),
        r#"{"op":"mac","key":"0A"}"#.to_owned(),
        r#"{"op":"mac","key":"zz"}"#.to_owned(),
        r#"{"op":"row","key":"","subject":"a"}"#.to_owned(),
        r#"{"op":"verify","key":"","subject":"a"}"#.to_owned(),
        r#"{"op":"verify","key":"","manifest":""}"#.to_owned(),
        r#"{"op":"verify","key":"","subject":".a","manifest":""}"#.to_owned(),
        r#"{"op":"verify","key":"","subject":"a","manifest":{}}"#.to_owned(),
        anchor("null"),
        anchor("\"1\""),
        anchor(&format!("\"01:{TIP}\"")),
        anchor(&format!("\"9007199254740993:{TIP}\"")),
        verify(",\"anchors\":\"x\""),
        "\u{feff}{\"op\":\"canonical\"}".to_owned(),
    ];
    for header in headers {
        check(&header, "1", r#"{"refused":"request"}"#);
    }
    check(" { \"o\\u0070\" : \"canonical\" }\r", "1", r#"{"canonical":"1"}"#);
}
