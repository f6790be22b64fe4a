use serde_json::{Value, json};

use super::{check_accepted, check_refused, email, fill, sms, with, without};

#[test]
fn duplicate_roster_id() {
    for request in [fill(), email(), sms()] {
        check_refused(&with(request.clone(), "/roster/2/id", "w-1"), "Consistency", "duplicate-roster-id");
        for other in ["W-1", "w-1 ", "w-\u{ff11}", "w\u{2010}1"] {
            check_accepted(&with(request.clone(), "/roster/2/id", other));
        }
    }
    let twins = with(with(fill(), "/roster/1/id", "\u{e9}"), "/roster/2/id", "e\u{301}");
    check_accepted(&with(twins, "/artifact/worker_ids", json!(["w-1", "\u{e9}"])));
}

#[test]
fn too_many_fills() {
    let named = |ids: Value| with(fill(), "/artifact/worker_ids", ids);
    check_refused(&named(json!(["w-1", "w-2", "w-3"])), "Consistency", "too-many-fills");
    check_refused(&named(json!(["w-1", "w-1", "nobody"])), "Consistency", "too-many-fills");
    check_refused(&with(fill(), "/order/headcount", 1), "Consistency", "too-many-fills");
    check_accepted(&with(named(json!(["w-3"])), "/order/headcount", 1));
}

#[test]
fn unknown_worker() {
    for id in ["w-4", "W-1", "w-1 ", " w-1", "", "w"] {
        check_refused(&with(fill(), "/artifact/worker_ids/1", id), "Consistency", "unknown-worker");
        check_refused(&with(email(), "/artifact/worker_id", id), "Consistency", "unknown-worker");
        check_refused(&with(sms(), "/artifact/worker_id", id), "Consistency", "unknown-worker");
    }
    check_accepted(&with(fill(), "/artifact/worker_ids", json!(["w-3", "w-2"])));
}

#[test]
fn duplicate_worker() {
    check_refused(&with(fill(), "/artifact/worker_ids", json!(["w-1", "w-1"])), "Consistency", "duplicate-worker");
    let three = with(fill(), "/order/headcount", 3);
    check_refused(
        &with(three, "/artifact/worker_ids", json!(["w-1", "w-2", "w-1"])),
        "Consistency",
        "duplicate-worker",
    );
}

#[test]
fn workers_are_looked_at_one_after_the_other() {
    let three = with(fill(), "/order/headcount", 3);
    let astray = with(with(three, "/roster/0/state", "WI"), "/roster/1/role", "Cook");
    let named = |ids: Value| with(astray.clone(), "/artifact/worker_ids", ids);
    check_refused(&named(json!(["w-3", "w-1", "w-2"])), "Consistency", "state-mismatch");
    check_refused(&named(json!(["w-3", "w-2", "w-1"])), "Consistency", "role-mismatch");
    check_refused(&named(json!(["w-1", "w-4", "w-1"])), "Consistency", "state-mismatch");
    check_refused(&named(json!(["w-3", "w-4", "w-1"])), "Consistency", "unknown-worker");
    check_refused(&named(json!(["w-3", "w-3", "w-1"])), "Consistency", "duplicate-worker");
    // Those whom nobody names may be anything.
    check_accepted(&with(with(fill(), "/roster/2/role", "Cook"), "/roster/2/state", "WI"));
}

/// What is the same as `Aurora` or `Welder` but for A-Z against a-z and white space around it.
fn same(name: &str) -> [String; 4] {
    [name.to_uppercase(), name.to_lowercase(), format!(" \t\r\n{name}\n"), format!("{name} ")]
}

fn other(name: &str) -> [String; 6] {
    [
        String::new(),
        format!("{name}x"),
        format!("\u{a0}{name}"),
        format!("{name}\u{c}"),
        name.replace('r', "\u{280}"),
        name.replacen(|_| true, " ", 1),
    ]
}

/// Checks the member `name` of order and workers, which is `value` in the requests that are in order.
#[track_caller]
fn check_folded(name: &str, value: &str, reason: &str) {
    let of_worker = format!("/roster/0/{name}");
    let of_order = format!("/order/{name}");
    for request in [fill(), email(), sms()] {
        for same in same(value) {
            check_accepted(&with(request.clone(), &of_worker, same.clone()));
            check_accepted(&with(request.clone(), &of_order, same));
        }
        for other in other(value) {
            check_refused(&with(request.clone(), &of_worker, other.clone()), "Consistency", reason);
            check_refused(&with(request.clone(), &of_order, other), "Consistency", reason);
        }
        let both = |a: &str, b: &str| with(with(request.clone(), &of_worker, a), &of_order, b);
        check_refused(&both("\u{e9}", "\u{c9}"), "Consistency", reason);
        check_refused(&both("k", "\u{212a}"), "Consistency", reason);
        check_refused(&both("s", "\u{17f}"), "Consistency", reason);
        check_refused(&both("\u{e9}", "e\u{301}"), "Consistency", reason);
        check_refused(&both("[", "{"), "Consistency", reason);
        check_refused(&both("a b", "a  b"), "Consistency", reason);
    }
}

#[test]
fn role_mismatch() {
    check_folded("role", "Welder", "role-mismatch");
}

#[test]
fn city_mismatch() {
    check_folded("city", "Aurora", "city-mismatch");
}

#[test]
fn state_mismatch() {
    for request in [fill(), email(), sms()] {
        check_refused(&with(request, "/roster/0/state", "LI"), "Consistency", "state-mismatch");
    }
}

#[test]
fn recipient_mismatch() {
    let to = |request, to: &str| with(request, "/artifact/to", to);
    for other in ["A@example.com", "a@example.com ", "<a@example.com>", "312-555-0142"] {
        check_refused(&to(email(), other), "Consistency", "recipient-mismatch");
        check_accepted(&to(without(email(), "/roster/0/email"), other));
    }
    for other in ["3125550142", "312-555-0142 ", "+1 312-555-0142", "a@example.com"] {
        check_refused(&to(sms(), other), "Consistency", "recipient-mismatch");
        check_accepted(&to(without(sms(), "/roster/0/phone"), other));
    }
    // An address that is empty is an address.
    check_refused(&with(email(), "/roster/0/email", ""), "Consistency", "recipient-mismatch");
    check_accepted(&with(email(), "/roster/0/phone", ""));
    check_accepted(&without(email(), "/roster/0/phone"));
}
