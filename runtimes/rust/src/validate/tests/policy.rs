use serde_json::json;

use super::{check_accepted, check_refused, email, fill, sms, with};

#[test]
fn excluded_worker() {
    for request in [fill(), email(), sms()] {
        let excluding = |id: &str| with(request.clone(), "/order/excluded_ids", json!(["w-9", id]));
        check_refused(&excluding("w-1"), "Policy", "excluded-worker");
        for other in ["w-3", "W-1", "w-1 ", ""] {
            check_accepted(&excluding(other));
        }
    }
    check_refused(&with(fill(), "/order/excluded_ids/0", "w-2"), "Policy", "excluded-worker");
    // Consistency is looked at first, for the workers behind the excluded one too.
    let excluded = with(fill(), "/order/excluded_ids/0", "w-1");
    check_refused(&with(excluded.clone(), "/roster/0/role", "Cook"), "Consistency", "role-mismatch");
    check_refused(&with(excluded, "/roster/1/state", "WI"), "Consistency", "state-mismatch");
}

#[test]
fn sms_too_long() {
    for character in ["x", " ", "é", "\u{1f600}", "\u{301}"] {
        let body = |count: usize| ["x", &character.repeat(count - 1)].concat();
        check_accepted(&with(sms(), "/artifact/body", body(160)));
        check_refused(&with(sms(), "/artifact/body", body(161)), "Policy", "sms-too-long");
    }
    check_accepted(&with(email(), "/artifact/body", ["ORD-7", &"x".repeat(1000)].concat()));
}

#[test]
fn subject_too_long() {
    for character in ["x", " ", "é", "\u{1f600}", "\u{301}"] {
        let subject = |count: usize| ["x", &character.repeat(count - 1)].concat();
        check_accepted(&with(email(), "/artifact/subject", subject(120)));
        check_refused(&with(email(), "/artifact/subject", subject(121)), "Policy", "subject-too-long");
    }
}

#[test]
fn placeholder_left() {
    for text in ["{{", "{{name}}", "x{{{x", "}}{{", "ORD-7 {{\n"] {
        let body = format!("ORD-7 {text}");
        check_refused(&with(email(), "/artifact/subject", text), "Policy", "placeholder-left");
        check_refused(&with(email(), "/artifact/body", body.clone()), "Policy", "placeholder-left");
        check_refused(&with(sms(), "/artifact/body", body), "Policy", "placeholder-left");
    }
    for text in ["{", "{ {", "{x{", "}}", "\u{ff5b}\u{ff5b}", "{\u{200b}{"] {
        check_accepted(&with(email(), "/artifact/subject", text));
        check_accepted(&with(sms(), "/artifact/body", text));
    }
    // Half in the subject and half in the body is none.
    check_accepted(&with(with(email(), "/artifact/subject", "x{"), "/artifact/body", "{ORD-7"));
}

#[test]
fn link_in_sms() {
    for link in ["http://", "https://", "HTTP://x", "HtTpS://x", "xhttp://", "éhttps://é", "hhttp://"] {
        check_refused(&with(sms(), "/artifact/body", link), "Policy", "link-in-sms");
        check_accepted(&with(email(), "/artifact/subject", link));
        check_accepted(&with(email(), "/artifact/body", ["ORD-7 ", link].concat()));
    }
    for text in ["http", "http:/", "http:/ /", "ttp://", "https:/x/", "ftp://x", "www.example.com", "http\u{17f}://"] {
        check_accepted(&with(sms(), "/artifact/body", text));
    }
}
