use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{check_accepted, check_answer, check_refused, email, fill, sms, with, without};
use crate::validate::{Options, Reason, answer};
use crate::validation_error::Category;

#[test]
fn what_is_in_order_is_accepted() {
    check_answer(fill().to_string(), 200, r#"{"accepted":true,"kind":"fill","request_id":"r-1"}"#);
    check_answer(email().to_string(), 200, r#"{"accepted":true,"kind":"email","request_id":"r-1"}"#);
    check_answer(sms().to_string(), 200, r#"{"accepted":true,"kind":"sms","request_id":"r-1"}"#);
}

#[test]
fn request_id_echoed() {
    let echoed = |id: &str, canonical: &str| {
        let expected = format!(r#"{{"accepted":true,"kind":"fill","request_id":{canonical}}}"#);
        check_answer(with(fill(), "/request_id", id).to_string(), 200, &expected);
    };
    echoed("", r#""""#);
    echoed("null", r#""null""#);
    echoed(" r\u{1f}\n\"\\/<é\u{2028}", "\" r\\u001f\\n\\\"\\\\/<é\u{2028}\"");
    check_answer(
        without(fill(), "/request_id").to_string(),
        200,
        r#"{"accepted":true,"kind":"fill","request_id":null}"#,
    );
}

#[test]
fn unknown_members_are_ignored_on_every_level() {
    for parent in ["", "/order", "/roster/0", "/artifact"] {
        for value in [json!(null), json!({"kind": 1}), json!([[]])] {
            check_accepted(&with(fill(), &format!("{parent}/Kind"), value.clone()));
            check_accepted(&with(email(), &format!("{parent}/x.y"), value.clone()));
            check_accepted(&with(sms(), &format!("{parent}/"), value));
        }
    }
}

#[test]
fn members_of_another_kind_are_unknown_ones() {
    for member in ["worker_id", "to", "subject", "body"] {
        check_accepted(&with(fill(), &format!("/artifact/{member}"), json!(null)));
    }
    check_accepted(&with(email(), "/artifact/worker_ids", json!(["nobody"])));
    check_accepted(&with(sms(), "/artifact/subject", "{{"));
}

#[test]
fn rules_run_in_their_order() {
    // Each step mends what the one before it was refused for.
    let mut request = with(sms(), "/roster", json!([]));
    request = with(request, "/artifact", json!({"worker_id": "w-1", "to": " ", "body": ""}));
    check_refused(&request, "Completeness", "empty-roster");
    let worker = json!({"id": "w-2", "role": "Cook", "city": "Elgin", "state": "WI", "phone": "1"});
    request = with(request, "/roster", json!([worker, worker]));
    check_refused(&request, "Completeness", "missing-recipient");
    request = with(request, "/artifact/to", "2");
    check_refused(&request, "Completeness", "empty-body");
    let body = ["{{ http:// 123-45-6789", &"x".repeat(160)].concat();
    request = with(request, "/artifact/body", body);
    check_refused(&request, "Consistency", "duplicate-roster-id");
    request = with(request, "/roster/1/id", "w-9");
    check_refused(&request, "Consistency", "unknown-worker");
    request = with(request, "/artifact/worker_id", "w-9");
    check_refused(&request, "Consistency", "role-mismatch");
    request = with(request, "/roster/1/role", "Welder");
    check_refused(&request, "Consistency", "city-mismatch");
    request = with(request, "/roster/1/city", "Aurora");
    check_refused(&request, "Consistency", "state-mismatch");
    request = with(request, "/roster/1/state", "IL");
    check_refused(&request, "Consistency", "recipient-mismatch");
    request = with(request, "/artifact/to", "1");
    check_refused(&request, "Policy", "excluded-worker");
    request = with(request, "/order/excluded_ids", json!([]));
    check_refused(&request, "Policy", "sms-too-long");
    request = with(request, "/artifact/body", "{{ http:// 123-45-6789");
    check_refused(&request, "Policy", "placeholder-left");
    request = with(request, "/artifact/body", "{ http:// 123-45-6789");
    check_refused(&request, "Policy", "link-in-sms");
    request = with(request, "/artifact/body", "{ http: 123-45-6789");
    check_refused(&request, "Policy", "social-security-number");
    check_accepted(&with(request, "/artifact/body", "{ http: 123-45-678"));
}

#[test]
fn rules_of_an_email_run_in_their_order() {
    let subject = ["{{", &"x".repeat(120)].concat();
    let mut request = with(email(), "/artifact", json!({"worker_id": "w-1", "to": "", "subject": "", "body": ""}));
    check_refused(&request, "Completeness", "missing-recipient");
    request = with(request, "/artifact/to", "x");
    check_refused(&request, "Completeness", "empty-subject");
    request = with(request, "/artifact/subject", subject);
    check_refused(&request, "Completeness", "empty-body");
    request = with(request, "/artifact/body", "123-45-6789");
    check_refused(&request, "Completeness", "order-not-mentioned");
    request = with(request, "/artifact/body", "ORD-7 123-45-6789");
    check_refused(&request, "Consistency", "recipient-mismatch");
    request = with(request, "/artifact/to", "a@example.com");
    check_refused(&request, "Policy", "subject-too-long");
    request = with(request, "/artifact/subject", "{{");
    check_refused(&request, "Policy", "placeholder-left");
    request = with(request, "/artifact/subject", "{");
    check_refused(&request, "Policy", "social-security-number");
}

#[test]
fn the_kinds_of_reasons_follow_each_other() {
    for (first, last, category) in [
        (Reason::UnknownPath, Reason::OutOfRange, Category::Schema),
        (Reason::EmptyRoster, Reason::OrderNotMentioned, Category::Completeness),
        (Reason::DuplicateRosterId, Reason::RecipientMismatch, Category::Consistency),
        (Reason::ExcludedWorker, Reason::SocialSecurityNumber, Category::Policy),
    ] {
        assert_eq!((first.category(), last.category()), (category, category), "{first:?} to {last:?}");
    }
}

#[test]
fn time_is_linear_in_the_body() {
    let worker = |index: usize| json!({"id": index.to_string(), "role": "Welder", "city": "Aurora", "state": "IL"});
    let roster: Vec<_> = (0..12_000).map(worker).collect();
    let ids = |count: usize| (0..count).map(|index| index.to_string()).collect::<Vec<_>>();
    let hostile: [Value; 4] = [
        with(with(fill(), "/roster", roster), "/order/excluded_ids", ids(20_000)),
        with(with(fill(), "/order/headcount", 500), "/order/excluded_ids", ids(100_000)),
        with(email(), "/artifact/body", "ORD-ORD-".repeat(100_000)),
        with(sms(), "/artifact/body", "123-45-".repeat(100_000)),
    ];
    let start = Instant::now();
    for request in hostile {
        let _ = answer(request.to_string().as_bytes(), &Options::default());
    }
    let _ = answer("[".repeat(1 << 20).as_bytes(), &Options::default());
    assert!(start.elapsed() < Duration::from_secs(10));
}
