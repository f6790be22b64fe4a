use serde_json::{Value, json};

use super::{check_accepted, check_answer, check_field, check_refused, email, fill, sms, with, without};

/// Checks that the member at `pointer` has to be there and of its type, which `others` are not.
#[track_caller]
fn check_required(request: &Value, pointer: &str, others: &[Value]) {
    let field = pointer[1..].replace('/', ".");
    check_field(&without(request.clone(), pointer), &field, "missing-field");
    check_types(request, pointer, others);
}

/// Checks that the member or item at `pointer` is of its type, which `others` are not.
#[track_caller]
fn check_types(request: &Value, pointer: &str, others: &[Value]) {
    let field = pointer[1..].replace('/', ".");
    for other in others {
        check_field(&with(request.clone(), pointer, other.clone()), &field, "wrong-type");
    }
}

fn not_a_string() -> [Value; 5] {
    [json!(null), json!(1), json!(true), json!([""]), json!({})]
}

fn not_an_object() -> [Value; 5] {
    [json!(null), json!(1), json!(false), json!([]), json!("{}")]
}

fn not_an_array() -> [Value; 5] {
    [json!(null), json!(0), json!(true), json!("[]"), json!({"0": {}})]
}

#[test]
fn not_an_object_at_the_root() {
    for body in ["[]", "null", "1", "\"{}\"", "true", "[{}]"] {
        check_answer(body, 422, r#"{"Schema":{"field":"","reason":"not-an-object"}}"#);
    }
    check_answer("{}", 422, r#"{"Schema":{"field":"kind","reason":"missing-field"}}"#);
}

#[test]
fn members_of_the_root() {
    check_required(&fill(), "/kind", &not_a_string());
    check_types(&fill(), "/request_id", &not_a_string());
    check_required(&fill(), "/order", &not_an_object());
    check_required(&fill(), "/roster", &not_an_array());
    check_required(&fill(), "/artifact", &not_an_object());
}

#[test]
fn members_of_the_order() {
    for pointer in ["/order/id", "/order/role", "/order/city", "/order/state"] {
        check_required(&fill(), pointer, &not_a_string());
    }
    check_required(&fill(), "/order/headcount", &[json!(null), json!("2"), json!(true), json!([2]), json!({})]);
    check_types(&fill(), "/order/excluded_ids", &not_an_array());
    check_types(&fill(), "/order/excluded_ids/0", &not_a_string());
    check_accepted(&without(fill(), "/order/excluded_ids"));
    check_accepted(&with(fill(), "/order/excluded_ids", json!([])));
    check_accepted(&with(fill(), "/order/excluded_ids", json!(["", "w-9", "w-9"])));
    check_field(&with(fill(), "/order/excluded_ids", json!(["a", "b", 3, null])), "order.excluded_ids.2", "wrong-type");
}

#[test]
fn members_of_a_worker() {
    check_types(&fill(), "/roster/1", &not_an_object());
    for index in [0, 2] {
        for member in ["id", "role", "city", "state"] {
            check_required(&fill(), &format!("/roster/{index}/{member}"), &not_a_string());
        }
        check_types(&fill(), &format!("/roster/{index}/email"), &not_a_string());
        check_types(&fill(), &format!("/roster/{index}/phone"), &not_a_string());
    }
    check_accepted(&with(with(fill(), "/roster/1/email", ""), "/roster/1/phone", "none"));
}

#[test]
fn members_of_an_artifact() {
    check_required(&fill(), "/artifact/worker_ids", &not_an_array());
    check_types(&fill(), "/artifact/worker_ids/1", &not_a_string());
    for member in ["worker_id", "to", "subject", "body"] {
        check_required(&email(), &format!("/artifact/{member}"), &not_a_string());
    }
    for member in ["worker_id", "to", "body"] {
        check_required(&sms(), &format!("/artifact/{member}"), &not_a_string());
    }
}

#[test]
fn unknown_kind() {
    for kind in ["", "Fill", "FILL", "fills", " fill", "e-mail", "mail", "text"] {
        check_field(&with(fill(), "/kind", kind), "kind", "unknown-kind");
    }
}

#[test]
fn too_long() {
    check_field(&with(fill(), "/request_id", "x".repeat(65)), "request_id", "too-long");
    check_field(&with(fill(), "/request_id", "\u{1f600}".repeat(65)), "request_id", "too-long");
    check_field(&with(fill(), "/request_id", "e\u{301}".repeat(33)), "request_id", "too-long");
    for longest in ["x".repeat(64), "\u{1f600}".repeat(64), "e\u{301}".repeat(32)] {
        let expected = format!(r#"{{"accepted":true,"kind":"fill","request_id":"{longest}"}}"#);
        check_answer(with(fill(), "/request_id", longest).to_string(), 200, &expected);
    }
}

#[test]
fn empty_id() {
    check_field(&with(fill(), "/order/id", ""), "order.id", "empty-id");
    check_field(&with(fill(), "/roster/2/id", ""), "roster.2.id", "empty-id");
    check_accepted(&with(fill(), "/order/id", " "));
    check_accepted(&with(fill(), "/roster/2/id", "\t"));
    // No other id is looked at for this.
    check_refused(&with(sms(), "/artifact/worker_id", ""), "Consistency", "unknown-worker");
    check_refused(&with(fill(), "/artifact/worker_ids/0", ""), "Consistency", "unknown-worker");
}

#[test]
fn bad_state() {
    for state in ["", "I", "ILL", "il", "Il", "I1", " IL", "IL ", "I L", "ÎL", "\u{ff29}\u{ff2c}", "@[", "[A", "A@"] {
        check_field(&with(fill(), "/order/state", state), "order.state", "bad-state");
        check_field(&with(fill(), "/roster/1/state", state), "roster.1.state", "bad-state");
    }
    let moved = ["/order", "/roster/0", "/roster/1", "/roster/2"];
    for state in ["AA", "AZ", "ZA", "ZZ"] {
        let there = |request, place: &str| with(request, &format!("{place}/state"), state);
        check_accepted(&moved.into_iter().fold(fill(), there));
    }
}

/// A fill with a headcount that is written so.
fn headcount(literal: &str) -> String {
    fill().to_string().replace(r#""headcount":2"#, &format!(r#""headcount":{literal}"#))
}

#[test]
fn not_whole() {
    for literal in ["1.5", "0.5", "-0.5", "500.5", "2.0000000000000004", "15e-1", "-1e-3", "5e-324"] {
        check_answer(headcount(literal), 422, r#"{"Schema":{"field":"order.headcount","reason":"not-whole"}}"#);
    }
    for literal in ["2", "2.0", "20e-1", "2e0", "0.2e1", "0.02E+2", "200e-2"] {
        check_answer(headcount(literal), 200, r#"{"accepted":true,"kind":"fill","request_id":"r-1"}"#);
    }
}

#[test]
fn out_of_range() {
    for literal in ["0", "-0", "-0.0", "0e5", "-1", "501", "501.0", "1e300", "9007199254740992", "-1e20"] {
        check_answer(headcount(literal), 422, r#"{"Schema":{"field":"order.headcount","reason":"out-of-range"}}"#);
    }
    check_answer(headcount("1"), 422, r#"{"Consistency":{"reason":"too-many-fills"}}"#);
    check_answer(headcount("500"), 422, r#"{"Completeness":{"reason":"too-few-fills"}}"#);
    check_answer(headcount("5e2"), 422, r#"{"Completeness":{"reason":"too-few-fills"}}"#);
}

#[test]
fn members_are_looked_at_in_the_contracts_order() {
    // Everything is wrong; each step mends one member, and the next one in the order is answered.
    let mut request = json!({"kind": "", "request_id": null, "order": [], "roster": {}, "artifact": null});
    let order = json!({
        "id": "", "role": null, "city": null, "state": "", "headcount": 0.5, "excluded_ids": [null],
    });
    let worker = json!({"id": "", "role": 1, "city": 1, "state": "x", "email": 1, "phone": 1});
    let steps = [
        ("kind", "unknown-kind", json!("email")),
        ("request_id", "wrong-type", json!("r-1")),
        ("order", "wrong-type", order),
        ("order.id", "empty-id", json!("ORD-7")),
        ("order.role", "wrong-type", json!("Welder")),
        ("order.city", "wrong-type", json!("Aurora")),
        ("order.state", "bad-state", json!("IL")),
        ("order.headcount", "not-whole", json!(0)),
        ("order.headcount", "out-of-range", json!(1)),
        ("order.excluded_ids.0", "wrong-type", json!("w-9")),
        ("roster", "wrong-type", json!([worker, null])),
        ("roster.0.id", "empty-id", json!("w-1")),
        ("roster.0.role", "wrong-type", json!("Welder")),
        ("roster.0.city", "wrong-type", json!("Aurora")),
        ("roster.0.state", "bad-state", json!("IL")),
        ("roster.0.email", "wrong-type", json!("a@example.com")),
        ("roster.0.phone", "wrong-type", json!("312-555-0142")),
        ("roster.1", "wrong-type", json!({"id": "w-2", "role": "Cook", "city": "Elgin", "state": "WI"})),
        ("artifact", "wrong-type", json!({"worker_id": 1, "to": 1, "subject": 1, "body": 1})),
        ("artifact.worker_id", "wrong-type", json!("w-1")),
        ("artifact.to", "wrong-type", json!("a@example.com")),
        ("artifact.subject", "wrong-type", json!("Monday")),
        ("artifact.body", "wrong-type", json!("ORD-7")),
    ];
    for (field, reason, mended) in steps {
        check_field(&request, field, reason);
        request = with(request, &format!("/{}", field.replace('.', "/")), mended);
    }
    check_accepted(&request);
}

#[test]
fn schema_comes_before_everything_else() {
    let request = with(with(sms(), "/roster", json!([])), "/artifact/to", "");
    check_field(&without(request, "/artifact/body"), "artifact.body", "missing-field");
}
