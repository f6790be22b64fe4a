//! Every rule of the reader, under the rule's name, and the writer.

use super::{Category, Options, ValidationError, answer};

#[track_caller]
fn check(input: impl AsRef<[u8]>, error: &str) {
    let input = input.as_ref();
    let expected = format!(r#"{{"error":{error}}}"#);
    assert_eq!(answer(input, Options::default()), expected, "{}", String::from_utf8_lossy(input));
}

#[track_caller]
fn check_refused(input: impl AsRef<[u8]>, why: &str) {
    let input = input.as_ref();
    let expected = format!(r#"{{"refused":"{why}"}}"#);
    assert_eq!(answer(input, Options::default()), expected, "{}", String::from_utf8_lossy(input));
}

#[test]
fn tagged() {
    check(r#"{"Schema":{"field":"x","reason":"y"}}"#, r#"{"Schema":{"field":"x","reason":"y"}}"#);
    check(r#" { "Schema" : { "reason" : "y", "field" : "" } } "#, r#"{"Schema":{"field":"","reason":"y"}}"#);
    for variant in ["Completeness", "Consistency", "Policy"] {
        let error = format!(r#"{{"{variant}":{{"reason":"y"}}}}"#);
        check(&error, &error);
        // What is not named for a variant is ignored, whatever it is.
        check(format!(r#"{{"{variant}":{{"field":null,"reason":"y","Reason":1,"Kind":"schema"}}}}"#), &error);
    }
    check(r#"{"Schema":{"Field":1,"field":"x","reason":"y","z":[]}}"#, r#"{"Schema":{"field":"x","reason":"y"}}"#);
    check(r#"{"\u0050olicy":{"re\u0061son":"y"}}"#, r#"{"Policy":{"reason":"y"}}"#);
}

#[test]
fn flat() {
    check(r#"{"Kind":"schema","Field":"x","Reason":"y"}"#, r#"{"Schema":{"field":"x","reason":"y"}}"#);
    check(r#"{"Reason":"","Field":"","Kind":"schema"}"#, r#"{"Schema":{"field":"","reason":""}}"#);
    for (kind, variant) in [("completeness", "Completeness"), ("consistency", "Consistency"), ("policy", "Policy")] {
        let error = format!(r#"{{"{variant}":{{"reason":"y"}}}}"#);
        check(format!(r#"{{"Kind":"{kind}","Reason":"y"}}"#), &error);
        check(format!(r#"{{"Kind":"{kind}","Field":"","Reason":"y"}}"#), &error);
        check(format!(r#"{{"Kind":"{kind}","Field":"x","Reason":"y","Code":3}}"#), &error);
        // It is Kind that makes it flat, whatever stands beside it.
        check(format!(r#"{{"Schema":{{"field":"a","reason":"b"}},"Kind":"{kind}","Reason":"y"}}"#), &error);
        check(format!(r#"{{"Kind":"{kind}","Reason":"y","field":1,"reason":1}}"#), &error);
    }
}

#[test]
fn unknown_variant() {
    for tag in ["", "policy", "POLICY", "Policy ", "Safety", "schema", "kind", "Kinds", "error", "reason"] {
        check_refused(format!(r#"{{"{tag}":{{"field":"x","reason":"y"}}}}"#), "unknown-variant");
    }
    // Whatever its members are.
    for value in ["null", "1", "[]", "{}", r#"{"reason":1}"#, r#""Policy""#] {
        check_refused(format!(r#"{{"Safety":{value}}}"#), "unknown-variant");
    }
    for kind in ["", "Policy", "Schema", "policy ", "safety", "POLICY"] {
        check_refused(format!(r#"{{"Kind":"{kind}","Field":"x","Reason":"y"}}"#), "unknown-variant");
        check_refused(format!(r#"{{"Kind":"{kind}"}}"#), "unknown-variant");
        check_refused(format!(r#"{{"Kind":"{kind}","Field":1,"Reason":null}}"#), "unknown-variant");
    }
    check_refused(r#"{"Policy":{"reason":"y"},"Kind":"safety","Reason":"y"}"#, "unknown-variant");
}

#[test]
fn wrong_shape() {
    for input in ["null", "true", "1", "\"Policy\"", "[]", r#"[{"Policy":{"reason":"y"}}]"#, "{}"] {
        check_refused(input, "wrong-shape");
    }
    // Several members without Kind, known or not.
    check_refused(r#"{"Policy":{"reason":"y"},"Consistency":{"reason":"y"}}"#, "wrong-shape");
    check_refused(r#"{"Policy":{"reason":"y"},"x":1}"#, "wrong-shape");
    check_refused(r#"{"Safety":{"reason":"y"},"x":1}"#, "wrong-shape");
    check_refused(r#"{"kind":"policy","Reason":"y"}"#, "wrong-shape");
    for kind in ["null", "1", "true", "[]", r#"{"reason":"y"}"#] {
        check_refused(format!(r#"{{"Kind":{kind},"Field":"x","Reason":"y"}}"#), "wrong-shape");
        check_refused(format!(r#"{{"Kind":{kind}}}"#), "wrong-shape");
    }
    for value in ["null", "1", r#""y""#, "[]", "{}", r#"{"reason":null}"#, r#"{"reason":1}"#, r#"{"Reason":"y"}"#] {
        for variant in ["Schema", "Completeness", "Consistency", "Policy"] {
            check_refused(format!(r#"{{"{variant}":{value}}}"#), "wrong-shape");
        }
    }
    check_refused(r#"{"Schema":{"reason":"y"}}"#, "wrong-shape");
    check_refused(r#"{"Schema":{"field":null,"reason":"y"}}"#, "wrong-shape");
    check_refused(r#"{"Schema":{"field":"x"}}"#, "wrong-shape");
    check_refused(r#"{"Kind":"schema","Reason":"y"}"#, "wrong-shape");
    check_refused(r#"{"Kind":"schema","Field":null,"Reason":"y"}"#, "wrong-shape");
    check_refused(r#"{"Kind":"schema","Field":"x"}"#, "wrong-shape");
    for kind in ["completeness", "consistency", "policy"] {
        check_refused(format!(r#"{{"Kind":"{kind}"}}"#), "wrong-shape");
        check_refused(format!(r#"{{"Kind":"{kind}","reason":"y"}}"#), "wrong-shape");
        check_refused(format!(r#"{{"Kind":"{kind}","Reason":["y"]}}"#), "wrong-shape");
        check_refused(format!(r#"{{"Kind":"{kind}","Field":null,"Reason":"y"}}"#), "wrong-shape");
        check_refused(format!(r#"{{"Kind":"{kind}","Field":1,"Reason":"y"}}"#), "wrong-shape");
    }
}

#[test]
fn unreadable() {
    for input in [
        &b""[..],
        b"x",
        b"{",
        b"{}x",
        b"\xef\xbb\xbf{}",
        b"{\"Policy\":{\"reason\":\"\xff\"}}",
        br#"{"Policy":{"reason":"y"}}{}"#,
        br#"{"Policy":{"reason":"\ud800"}}"#,
        br#"{"Policy":{"reason":"y","reason":"y"}}"#,
        br#"{"Kind":"policy","Kind":"policy","Reason":"y"}"#,
        br#"{"Policy":{"reason":"y","x":9007199254740993}}"#,
        br#"{"Safety":1e309}"#,
    ] {
        check_refused(input, "unreadable");
    }
    let nested = |depth: usize| format!(r#"{{"Policy":{}1{}}}"#, "[".repeat(depth), "]".repeat(depth));
    check_refused(nested(127), "wrong-shape");
    check_refused(nested(128), "unreadable");
    check(" \t\r\n{\"Policy\":{\"reason\":\"y\"}}\n", r#"{"Policy":{"reason":"y"}}"#);
}

#[test]
fn reason_as_it_is() {
    check(r#"{"Policy":{"reason":""}}"#, r#"{"Policy":{"reason":""}}"#);
    check(
        r#"{"Policy":{"reason":" No\u0020such REASON \ud83d\ude00 "}}"#,
        "{\"Policy\":{\"reason\":\" No such REASON \u{1f600} \"}}",
    );
    check(
        r#"{"Kind":"schema","Field":"a.\/\u0001.\u007f","Reason":"\"\\\u000a<"}"#,
        "{\"Schema\":{\"field\":\"a./\\u0001.\u{7f}\",\"reason\":\"\\\"\\\\\\n<\"}}",
    );
}

#[test]
fn what_is_written_is_read_again() {
    for category in Category::ALL {
        let error = ValidationError::new(category, String::from("a\"b"), "\u{1f}");
        let mut written = String::new();
        error.write(&mut written);
        check(&written, &written);
    }
}

#[test]
fn a_default_variant_stands_for_unknown_ones_only() {
    let spoilt = Options { default_variant: true };
    let default = r#"{"error":{"Policy":{"reason":""}}}"#;
    assert_eq!(answer(br#"{"Safety":{"reason":"y"}}"#, spoilt), default);
    assert_eq!(answer(br#"{"Safety":null}"#, spoilt), default);
    assert_eq!(answer(br#"{"Kind":"safety","Reason":"y"}"#, spoilt), default);
    for (input, right) in [
        (r#"{"Schema":{"field":"x","reason":"y"}}"#, r#"{"error":{"Schema":{"field":"x","reason":"y"}}}"#),
        (r#"{"Kind":"policy","Reason":"y"}"#, r#"{"error":{"Policy":{"reason":"y"}}}"#),
        (r#"{"Kind":1}"#, r#"{"refused":"wrong-shape"}"#),
        (r#"{"Policy":{}}"#, r#"{"refused":"wrong-shape"}"#),
        ("{}", r#"{"refused":"wrong-shape"}"#),
        (r#"{"Safety":01}"#, r#"{"refused":"unreadable"}"#),
    ] {
        assert_eq!(answer(input.as_bytes(), spoilt), right, "{input}");
    }
}
