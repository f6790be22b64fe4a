//! Expected results are those of RFC 8785, or follow from the rules that each test names.

use super::{Options, write};
use crate::ijson::{self, Value};

fn canonical(json: &str, options: Options) -> String {
    let value = ijson::read(json.as_bytes(), ijson::Options::default()).expect("the test's input is valid");
    let mut out = String::new();
    write(&value, options, &mut out);
    out
}

#[track_caller]
fn check(json: &str, expected: &str) {
    assert_eq!(canonical(json, Options::default()), expected);
}

/// Checks what `options` do to a case, after checking that it comes out as `expected` without them.
#[track_caller]
fn check_departure(options: Options, json: &str, expected: &str, departed: &str) {
    check(json, expected);
    assert_eq!(canonical(json, options), departed);
}

#[test]
fn numbers_of_rfc_8785_appendix_b() {
    let samples: [(u64, &str); 24] = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ];
    for (bits, expected) in samples {
        let mut out = String::new();
        write(&Value::Number(f64::from_bits(bits)), Options::default(), &mut out);
        assert_eq!(out, expected, "{bits:016x}");
    }
}

#[test]
fn number_forms_of_the_contract() {
    check("[1.0, 1E21, 0.000001, 0.0000001, 1e2, 4.50, 2e-3]", "[1,1e+21,0.000001,1e-7,100,4.5,0.002]");
}

#[test]
fn sample_of_rfc_8785_section_3_2_2() {
    check(
        r#"{
            "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
            "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
            "literals": [null, true, false]
        }"#,
        r#"{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}"#,
    );
}

#[test]
fn member_order_sample_of_rfc_8785_section_3_2_3() {
    check(
        r#"{
            "\u20ac": "Euro Sign",
            "\r": "Carriage Return",
            "\ufb33": "Hebrew Letter Dalet With Dagesh",
            "1": "One",
            "\ud83d\ude00": "Emoji: Grinning Face",
            "\u0080": "Control",
            "\u00f6": "Latin Small Letter O With Diaeresis"
        }"#,
        concat!(
            r#"{"\r":"Carriage Return","1":"One","#,
            "\"\u{80}\":\"Control\",",
            "\"\u{f6}\":\"Latin Small Letter O With Diaeresis\",",
            "\"\u{20ac}\":\"Euro Sign\",",
            "\"\u{1f600}\":\"Emoji: Grinning Face\",",
            "\"\u{fb33}\":\"Hebrew Letter Dalet With Dagesh\"}",
        ),
    );
}

#[test]
fn member_order_by_prefix_and_inside_of_arrays() {
    check(r#"{"aa":1,"a":2,"":3,"B":4}"#, r#"{"":3,"B":4,"a":2,"aa":1}"#);
    check(r#"[{"b":{"d":1,"c":2},"a":3}]"#, r#"[{"a":3,"b":{"c":2,"d":1}}]"#);
}

#[test]
fn every_control_character_has_its_form() {
    let escapes: Vec<_> = (0..0x20).map(|code| format!("\\u{code:04X}")).collect();
    check(
        &format!("\"{}\"", escapes.concat()),
        concat!(
            r#""\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"#,
            r#"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c\u001d\u001e\u001f""#,
        ),
    );
}

#[test]
fn nothing_else_is_escaped() {
    check(r#""<>&\/\u007f\u2028\u2029\uffff""#, "\"<>&/\u{7f}\u{2028}\u{2029}\u{ffff}\"");
}

#[test]
fn code_point_order_changes_only_pairs_against_the_end_of_the_bmp() {
    let options = Options { code_point_order: true, ..Options::default() };
    check_departure(
        options,
        r#"{"\ufb33":1,"\ud83d\ude00":2}"#,
        "{\"\u{1f600}\":2,\"\u{fb33}\":1}",
        "{\"\u{fb33}\":1,\"\u{1f600}\":2}",
    );
    check_departure(
        options,
        r#"{"\ud83d\ude00":1,"\ue000":2}"#,
        "{\"\u{1f600}\":1,\"\u{e000}\":2}",
        "{\"\u{e000}\":2,\"\u{1f600}\":1}",
    );
    let unchanged = "{\"a\":2,\"\u{d7ff}\":3,\"\u{1f600}\":1}";
    check_departure(options, r#"{"\ud83d\ude00":1,"a":2,"\ud7ff":3}"#, unchanged, unchanged);
}

#[test]
fn signed_zero_changes_every_minus_zero_and_nothing_else() {
    check_departure(
        Options { signed_zero: true, ..Options::default() },
        "[-0,-0.0,-0e5,-1e-400,0,0.0,1e-400,-1,-5e-324]",
        "[0,0,0,0,0,0,0,-1,-5e-324]",
        "[-0,-0,-0,-0,0,0,0,-1,-5e-324]",
    );
}

#[test]
fn html_escapes_change_three_characters_in_names_and_values() {
    check_departure(
        Options { html_escapes: true, ..Options::default() },
        r#"{"<a>":"&amp;/'\u2028\u007f"}"#,
        "{\"<a>\":\"&amp;/'\u{2028}\u{7f}\"}",
        "{\"\\u003ca\\u003e\":\"\\u0026amp;/'\u{2028}\u{7f}\"}",
    );
}
