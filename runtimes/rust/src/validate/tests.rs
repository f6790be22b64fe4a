//! Every rule with the edges on both of its sides. Each case is one of three requests that are in order, edited.

use serde_json::{Value, json};

use super::{Answer, Options, answer};

mod answers;
mod completeness;
mod consistency;
mod json;
mod policy;
mod schema;
mod social_security;

/// A fill that is in order.
fn fill() -> Value {
    json!({
        "kind": "fill",
        "request_id": "r-1",
        "order": {
            "id": "ORD-7", "role": "Welder", "city": "Aurora", "state": "IL", "headcount": 2, "excluded_ids": ["w-9"],
        },
        "roster": [
            {
                "id": "w-1", "role": "Welder", "city": "Aurora", "state": "IL",
                "email": "a@example.com", "phone": "312-555-0142",
            },
            {"id": "w-2", "role": "Welder", "city": "Aurora", "state": "IL"},
            {"id": "w-3", "role": "Welder", "city": "Aurora", "state": "IL"},
        ],
        "artifact": {"worker_ids": ["w-1", "w-2"]},
    })
}

/// An e-mail that is in order.
fn email() -> Value {
    let artifact = json!({
        "worker_id": "w-1", "to": "a@example.com", "subject": "Monday", "body": "You are booked for ORD-7.",
    });
    with(with(fill(), "/kind", "email"), "/artifact", artifact)
}

/// A text message that is in order.
fn sms() -> Value {
    let artifact = json!({"worker_id": "w-1", "to": "312-555-0142", "body": "You are booked."});
    with(with(fill(), "/kind", "sms"), "/artifact", artifact)
}

/// `request` with the member or item at `pointer` set to `value`, or added.
fn with(mut request: Value, pointer: &str, value: impl Into<Value>) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with /");
    match request.pointer_mut(parent).expect("the parent is there") {
        Value::Array(items) => items[name.parse::<usize>().expect("an index")] = value.into(),
        parent => parent[name] = value.into(),
    }
    request
}

/// `request` without the member at `pointer`.
fn without(mut request: Value, pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').expect("a pointer begins with /");
    let parent = request.pointer_mut(parent).and_then(Value::as_object_mut).expect("the parent is an object");
    parent.remove(name).expect("the member is there");
    request
}

#[track_caller]
fn check_answer(body: impl AsRef<[u8]>, status: u16, expected: &str) {
    let body = body.as_ref();
    let expected = Answer { status, body: expected.to_owned() };
    assert_eq!(answer(body, &Options::default()), expected, "{:.400}", String::from_utf8_lossy(body));
}

#[track_caller]
fn check_accepted(request: &Value) {
    let kind = request["kind"].as_str().expect("the kind is a string");
    let expected = format!(r#"{{"accepted":true,"kind":"{kind}","request_id":"r-1"}}"#);
    check_answer(request.to_string(), 200, &expected);
}

/// Checks for a Schema error of the member `field`.
#[track_caller]
fn check_field(request: &Value, field: &str, reason: &str) {
    check_answer(request.to_string(), 422, &format!(r#"{{"Schema":{{"field":"{field}","reason":"{reason}"}}}}"#));
}

/// Checks for an error that is not of Schema.
#[track_caller]
fn check_refused(request: &Value, category: &str, reason: &str) {
    check_answer(request.to_string(), 422, &format!(r#"{{"{category}":{{"reason":"{reason}"}}}}"#));
}
