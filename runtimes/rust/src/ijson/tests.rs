//! Every refusal rule with the edges on both of its sides.

use super::{MAX_DEPTH, Numbers, Options, Refusal, Value, member_names, read};

fn strictly(input: impl AsRef<[u8]>) -> Result<Value, Refusal> {
    read(input.as_ref(), Options::default())
}

#[track_caller]
fn check_refused(inputs: &[&str], refusal: Refusal) {
    for input in inputs {
        assert_eq!(strictly(input), Err(refusal), "{input:?}");
    }
}

#[track_caller]
fn check_number(literal: &str, expected: f64) {
    match strictly(literal) {
        Ok(Value::Number(number)) => assert_eq!(number.to_bits(), expected.to_bits(), "{literal}"),
        other => panic!("{literal} is read as {other:?}"),
    }
}

fn string(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn number_member(name: &str, number: f64) -> Value {
    Value::Object([(name.to_owned(), Value::Number(number))].into())
}

#[test]
fn literals_and_containers() {
    assert_eq!(
        strictly(" \t\r\n[ null , true , false , { } , [ ] , { \"a\" : 1 } ] \t\r\n"),
        Ok(Value::Array(vec![
            Value::Null,
            Value::Bool(true),
            Value::Bool(false),
            Value::Object([].into()),
            Value::Array(vec![]),
            number_member("a", 1.0),
        ]))
    );
}

#[test]
fn syntax_of_values_and_containers() {
    check_refused(
        &[
            "",
            " ",
            "nul",
            "nulll",
            "True",
            "NaN",
            "Infinity",
            "-Infinity",
            "{",
            "}",
            "[",
            "]",
            "[1",
            "[1,",
            "[1,]",
            "[,1]",
            "[,]",
            "[1 2]",
            "[1}",
            "{\"a\"}",
            "{\"a\":}",
            "{\"a\":1",
            "{\"a\":1,",
            "{\"a\":1,}",
            "{,}",
            "{1:1}",
            "{a:1}",
            "{'a':1}",
            "{\"a\" 1}",
            "{\"a\":1 \"b\":2}",
            "{\"a\":1]",
            "1 2",
            "{} {}",
            "{}x",
        ],
        Refusal::Syntax,
    );
}

#[test]
fn syntax_of_comments_byte_order_marks_and_foreign_white_space() {
    check_refused(
        &[
            "{}//",
            "/**/{}",
            "{/**/}",
            "{}#",
            "\u{feff}{}",
            "{\u{feff}}",
            "{\u{a0}}",
            "{\u{c}}",
            "{\u{b}}",
            "\u{2028}{}",
            "{\u{85}}",
            "{\0}",
        ],
        Refusal::Syntax,
    );
}

#[test]
fn syntax_of_numbers() {
    check_refused(
        &[
            "01", "-01", "00", "1.", "-1.", ".5", "-.5", "+1", "-", "--1", "1e", "1e+", "1e-", "1.e1", "1.5.5",
            "1e1.5", "0x10", "1_000", "- 1", "1e 5", "1E5E5", "\u{661}",
        ],
        Refusal::Syntax,
    );
}

#[test]
fn syntax_of_strings() {
    check_refused(
        &[
            "\"",
            "\"a",
            "\"\\",
            "\"\\\"",
            "'a'",
            r#""\a""#,
            r#""\'""#,
            r#""\x41""#,
            r#""\U0041""#,
            r#""\u""#,
            r#""\u004""#,
            r#""\u004g""#,
            r#""\u+041""#,
            r#""\u{41}""#,
            r#""\ud83d\u""#,
            r#""\ud83d\ude0""#,
        ],
        Refusal::Syntax,
    );
    for control in 0..0x20_u8 {
        assert_eq!(strictly([b'"', control, b'"']), Err(Refusal::Syntax), "raw control character {control:#04x}");
    }
    assert_eq!(strictly("\"\u{7f}\u{80}\u{2028}\u{ffff}\""), Ok(string("\u{7f}\u{80}\u{2028}\u{ffff}")));
}

#[test]
fn utf8() {
    let refused: [&[u8]; 14] = [
        b"\x80",             // a continuation byte alone
        b"\xc3",             // cut off
        b"\xe2\x82",         // cut off
        b"\xf0\x9f\x98",     // cut off
        b"\xc0\xaf",         // overlong in two bytes
        b"\xc1\xbf",         // overlong in two bytes
        b"\xe0\x9f\xbf",     // overlong in three bytes
        b"\xf0\x8f\xbf\xbf", // overlong in four bytes
        b"\xed\xa0\x80",     // U+D800
        b"\xed\xbf\xbf",     // U+DFFF
        b"\xf4\x90\x80\x80", // U+110000
        b"\xf5\x80\x80\x80", // beyond any code point
        b"\xfe",
        b"\xff",
    ];
    for bytes in refused {
        assert_eq!(strictly([b"{\"", bytes, b"\":1}"].concat()), Err(Refusal::Utf8), "{bytes:x?} in a name");
        assert_eq!(strictly([b"[\"", bytes, b"\"]"].concat()), Err(Refusal::Utf8), "{bytes:x?} in a string");
    }
    let edges = "\"\u{80}\u{7ff}\u{800}\u{d7ff}\u{e000}\u{ffff}\u{10000}\u{10ffff}\"";
    assert_eq!(strictly(edges), Ok(string(edges.trim_matches('"'))));
}

#[test]
fn escapes() {
    assert_eq!(strictly(r#""\"\\\/\b\t\n\f\r""#), Ok(string("\"\\/\u{8}\t\n\u{c}\r")));
    assert_eq!(strictly(r#""\u0000\u00e9\u00E9\ud7ff\ue000\uffff""#), Ok(string("\0éé\u{d7ff}\u{e000}\u{ffff}")));
}

#[test]
fn surrogate_pairs() {
    assert_eq!(strictly(r#""\ud83d\ude00 \uD83D\uDE00""#), Ok(string("\u{1f600} \u{1f600}")));
    assert_eq!(strictly(r#""\ud800\udc00\udbff\udfff""#), Ok(string("\u{10000}\u{10ffff}")));
}

#[test]
fn lone_surrogates() {
    check_refused(
        &[
            r#""\ud800""#,
            r#""\udbff""#,
            r#""\udc00""#,
            r#""\udfff""#,
            r#""\ude00\ud83d""#,
            r#""\ud83dx\ude00""#,
            r#""\ud83d \ude00""#,
            r#""\ud83d\n\ude00""#,
            r#""\ud83d\u0041""#,
            r#""\ud83d\ud83d\ude00""#,
            r#""\ud83d\ue000""#,
            r#"{"\ud83d":1}"#,
        ],
        Refusal::LoneSurrogate,
    );
}

#[test]
fn duplicate_members() {
    check_refused(
        &[
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"b":2,"a":3}"#,
            r#"{"a":1,"\u0061":1}"#,
            r#"{"":1,"":1}"#,
            r#"[{"x":{"\/":1,"/":1}}]"#,
            "{\"\\ud83d\\ude00\":1,\"\u{1f600}\":1}",
        ],
        Refusal::DuplicateMember,
    );
    for distinct in [r#"{"a":1,"A":1}"#, r#"{"a":{"a":1}}"#, r#"[{"a":1},{"a":1}]"#, r#"{"\u00e9":1,"e\u0301":1}"#] {
        assert!(strictly(distinct).is_ok(), "{distinct}");
    }
}

#[test]
fn integer_range() {
    check_number("9007199254740991", 9_007_199_254_740_991.0);
    check_number("9007199254740992", 9_007_199_254_740_992.0);
    check_number("-9007199254740992", -9_007_199_254_740_992.0);
    check_number("9007199254740993.0", 9_007_199_254_740_992.0);
    check_number("9007199254740993e0", 9_007_199_254_740_992.0);
    let huge = "9".repeat(400);
    check_refused(
        &[
            "9007199254740993",
            "-9007199254740993",
            "9007199254740994",
            "18446744073709551616",
            "18446744073709551617",
            &huge,
        ],
        Refusal::IntegerRange,
    );
}

#[test]
fn number_range() {
    check_number("1e308", 1e308);
    check_number("1.7976931348623157e308", f64::MAX);
    // Half of the last place beyond the largest double, and just below it: the tie would go to the even infinity.
    check_number("1.797693134862315807e308", f64::MAX);
    check_number("5e-324", f64::from_bits(1));
    check_number("-5e-324", -f64::from_bits(1));
    check_number("2e-324", 0.0);
    check_number("1e-400", 0.0);
    check_number("-1e-400", -0.0);
    check_number("1e-99999999999999999999", 0.0);
    check_refused(
        &["1e309", "-1e309", "1.797693134862315808e308", "1e400", "1E+99999999999999999999", "123456789e301"],
        Refusal::NumberRange,
    );
}

#[test]
fn zeros_keep_their_sign() {
    for (literal, expected) in [("0", 0.0), ("-0", -0.0), ("-0.0", -0.0), ("-0e5", -0.0), ("0E-5", 0.0)] {
        check_number(literal, expected);
    }
}

#[test]
fn ties_go_to_even() {
    check_number("9007199254740993.0", 9_007_199_254_740_992.0);
    check_number("9007199254740995.0", 9_007_199_254_740_996.0);
    check_number("9007199254740993.00000000000000000000000000000000000001", 9_007_199_254_740_994.0);
}

#[test]
fn nesting_depth() {
    let nested = |open: &str, close: &str, depth| [open.repeat(depth), "1".to_owned(), close.repeat(depth)].concat();
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        assert!(strictly(nested(open, close, MAX_DEPTH)).is_ok());
        assert_eq!(strictly(nested(open, close, MAX_DEPTH + 1)), Err(Refusal::NestingDepth));
    }
    assert!(strictly(nested("[{\"a\":", "}]", MAX_DEPTH / 2)).is_ok());
    let siblings = format!("[{}]", vec![nested("[", "]", MAX_DEPTH - 1); 3].join(","));
    assert!(strictly(siblings).is_ok(), "what is closed no longer counts");
}

#[test]
fn a_million_brackets_do_not_exhaust_the_stack() {
    assert_eq!(strictly("[".repeat(1_000_000)), Err(Refusal::NestingDepth));
    assert_eq!(strictly("{\"a\":".repeat(1_000_000)), Err(Refusal::NestingDepth));
}

#[test]
fn rounded_integers_are_finite_ones() {
    let rounding = Options { numbers: Numbers::IntegersRounded, ..Options::default() };
    let leniently = |input: &str| read(input.as_bytes(), rounding);
    assert_eq!(leniently("9007199254740993"), Ok(Value::Number(9_007_199_254_740_992.0)));
    assert_eq!(leniently("-9007199254740995"), Ok(Value::Number(-9_007_199_254_740_996.0)));
    assert_eq!(leniently(&"9".repeat(400)), Err(Refusal::NumberRange));
    assert_eq!(leniently("1e309"), Err(Refusal::NumberRange));
    assert_eq!(leniently("01"), Err(Refusal::Syntax));
}

#[test]
fn keep_last_duplicate_keeps_the_last() {
    let leniently = |input: &str| read(input.as_bytes(), Options { keep_last_duplicate: true, ..Options::default() });
    assert_eq!(leniently(r#"{"a":1,"a":2,"\u0061":3}"#), Ok(number_member("a", 3.0)));
    assert_eq!(leniently(r#"{"a":1,"a":01}"#), Err(Refusal::Syntax));
}

#[test]
fn replace_lone_surrogates_replaces_each() {
    let leniently =
        |input: &str| read(input.as_bytes(), Options { replace_lone_surrogates: true, ..Options::default() });
    for (input, expected) in [
        (r#""\ud800""#, "\u{fffd}"),
        (r#""\udc00\ud800""#, "\u{fffd}\u{fffd}"),
        (r#""\ud800\n""#, "\u{fffd}\n"),
        (r#""\ud800\u0041""#, "\u{fffd}A"),
        (r#""\ud800x""#, "\u{fffd}x"),
        (r#""\ud83d\ud83d\ude00\ude00""#, "\u{fffd}\u{1f600}\u{fffd}"),
        (r#""\ud83d\ude00""#, "\u{1f600}"),
    ] {
        assert_eq!(leniently(input), Ok(string(expected)), "{input}");
    }
    assert_eq!(leniently(r#""\ud800\u""#), Err(Refusal::Syntax));
    assert_eq!(leniently(r#""\ud800"#), Err(Refusal::Syntax));
    assert_eq!(leniently(r#"{"\ud800":1,"\udc00":2}"#), Err(Refusal::DuplicateMember));
}

#[test]
fn all_numbers_are_those_of_the_grammar() {
    let leniently = |input: &str| read(input.as_bytes(), Options { numbers: Numbers::All, ..Options::default() });
    assert_eq!(leniently("9007199254740993"), Ok(Value::Number(9_007_199_254_740_992.0)));
    assert_eq!(leniently(&"9".repeat(400)), Ok(Value::Number(f64::INFINITY)));
    assert_eq!(leniently("-1e309"), Ok(Value::Number(f64::NEG_INFINITY)));
    for input in ["01", "-", "1e", "Infinity"] {
        assert_eq!(leniently(input), Err(Refusal::Syntax), "{input}");
    }
}

#[test]
fn an_ignored_rest_begins_behind_the_value() {
    let ignoring = Options { ignore_rest: true, ..Options::default() };
    let leniently = |input: &[u8]| read(input, ignoring);
    for rest in [&b""[..], b"x", b"]", b" {}", b"\xff", b" \xc3", b"\"\\ud800\""] {
        assert_eq!(leniently(&[b"[]", rest].concat()), Ok(Value::Array(vec![])), "{rest:?}");
    }
    assert_eq!(leniently(b"01"), Ok(Value::Number(0.0)));
    assert_eq!(leniently(b""), Err(Refusal::Syntax));
    assert_eq!(leniently(b"[1,"), Err(Refusal::Syntax));
    assert_eq!(leniently(b"[\xff]"), Err(Refusal::Utf8));
    assert_eq!(leniently(b"[1,\xff"), Err(Refusal::Utf8));
    assert_eq!(leniently(b"[01,\xff"), Err(Refusal::Utf8));
    assert_eq!(leniently(b"\xff[]"), Err(Refusal::Utf8));
    assert_eq!(leniently(b"{\"a\":1,\"a\":1}\xff"), Err(Refusal::DuplicateMember));
}

#[test]
fn member_names_stand_in_their_order() {
    let names = |text: &str| member_names(text, Options::default());
    let expected = Ok(vec!["b".to_owned(), "a".to_owned(), String::new()]);
    assert_eq!(names(r#" {"b":{"x":1},"\u0061":[{"y":2}],"":0} "#), expected);
    assert_eq!(names("{}"), Ok(vec![]));
    assert_eq!(names("[]"), Err(Refusal::Syntax));
    assert_eq!(names(r#"{"a":01}"#), Err(Refusal::Syntax));
}
