use super::check_answer;

const LONE: &str = r#""\ud800""#;
const LARGE: &str = "9007199254740993";
const DUPLICATE: &str = r#"{"a":1,"a":1}"#;

#[track_caller]
fn check(body: impl AsRef<[u8]>, reason: &str) {
    check_answer(body, 400, &format!(r#"{{"Schema":{{"field":"","reason":"{reason}"}}}}"#));
}

/// Checks that a body is good JSON, if not an object.
#[track_caller]
fn check_read(body: impl AsRef<[u8]>) {
    check_answer(body, 422, r#"{"Schema":{"field":"","reason":"not-an-object"}}"#);
}

#[test]
fn invalid_utf8() {
    check(b"\xff", "invalid-utf8");
    check(b"{\"kind\":\"\xc3\"}", "invalid-utf8");
    check(b"[] \x80", "invalid-utf8");
    check(b"\"\xed\xa0\x80\"", "invalid-utf8");
    check_read("\"\u{e9}\u{1f600}\u{10ffff}\"");
}

#[test]
fn malformed_json() {
    for body in ["", " ", "\u{feff}{}", "{", "{}x", "{}{}", "nul", "01", "[1,]", "{'a':1}", "\u{c}{}", "\"\n\"", "NaN"]
    {
        check(body, "malformed-json");
    }
    check_read(" \t\r\n[] \t\r\n");
}

#[test]
fn malformed_json_by_its_depth() {
    let arrays = |depth: usize| ["[".repeat(depth), "]".repeat(depth)].concat();
    check_read(arrays(128));
    check(arrays(129), "malformed-json");
    let objects = |depth: usize| [r#"{"a":"#.repeat(depth), "1".to_owned(), "}".repeat(depth)].concat();
    check_read(format!("[{}]", objects(127)));
    check(format!("[{}]", objects(128)), "malformed-json");
    // The root object counts, and depth is looked at before anything that it holds is asked for.
    check(format!(r#"{{"x":{}}}"#, arrays(128)), "malformed-json");
    check_answer(format!(r#"{{"x":{}}}"#, arrays(127)), 422, r#"{"Schema":{"field":"kind","reason":"missing-field"}}"#);
}

#[test]
fn lone_surrogate() {
    for body in [LONE, r#""\udc00""#, r#"{"\udbff":1}"#, r#"["\ude00\ud83d"]"#, r#"{"a":{"b":["\ud83d\u0041"]}}"#] {
        check(body, "lone-surrogate");
    }
    check_read(r#""\ud83d\ude00 \\ud800""#);
}

#[test]
fn number_out_of_range() {
    for body in [LARGE, "-9007199254740993", "1e309", "-1e309", "1.797693134862315808e308", r#"{"a":[1e400]}"#] {
        check(body, "number-out-of-range");
    }
    check("9".repeat(400), "number-out-of-range");
    for body in ["9007199254740992", "-9007199254740992", "9007199254740993.0", "1e308", "1e-400", "[1e22]"] {
        check_read(body);
    }
}

#[test]
fn duplicate_member() {
    for body in [DUPLICATE, r#"{"kind":1,"kin\u0064":2}"#, r#"[[{"":1,"b":2,"":1}]]"#] {
        check(body, "duplicate-member");
    }
    check_read(r#"[{"a":1,"A":1},{"a":{"a":1}}]"#);
}

#[test]
fn each_rule_looks_at_the_whole_body_before_the_next() {
    let violations = [LONE, LARGE, DUPLICATE];
    let reasons = ["lone-surrogate", "number-out-of-range", "duplicate-member"];
    for (first, a) in violations.iter().enumerate() {
        for (second, b) in violations.iter().enumerate() {
            check(format!("[{a},{b}]"), reasons[first.min(second)]);
            check(format!("[{a},{b},1e999,{a}]"), reasons[first.min(second).min(1)]);
            check(format!("[{a},{b}"), "malformed-json");
            check(format!("[{a},{b},{}", "[".repeat(200)), "malformed-json");
            check([format!("[{a},{b},").as_bytes(), b"\xff"].concat(), "invalid-utf8");
        }
    }
    check(format!("[{DUPLICATE},{LARGE},{LONE}]"), "lone-surrogate");
    check(format!("[{DUPLICATE},{LARGE},1e309,{LONE},01]"), "malformed-json");
    // Within one value as well: a name, its value, and the same name again.
    check(r#"{"\ud800":1e309,"\ud800":1}"#, "lone-surrogate");
    check(r#"{"a":1e309,"a":1}"#, "number-out-of-range");
    check(r#"{"a":1,"a":1e309}"#, "number-out-of-range");
    check(r#"{"a":1,"a":"#, "malformed-json");
    check(r#"["\ud800\u12"]"#, "malformed-json");
    check(b"01\xff", "invalid-utf8");
}

#[test]
fn the_whole_body_is_read_before_schema() {
    check(r#"{"kind":null,"x":[{"a":1,"a":1}]}"#, "duplicate-member");
    check(r#"{"kind":null}x"#, "malformed-json");
    check("[1,-9007199254740993]", "number-out-of-range");
}
