use serde_json::json;

use super::{check_accepted, check_refused, email, fill, sms, with};

const BLANK: [&str; 4] = ["", " ", "\t\r\n ", "\n"];

/// None of these is white space to the contract.
const NOT_BLANK: [&str; 6] = ["\u{a0}", "\u{b}", "\u{c}", "\u{85}", "\u{2003}", "\0"];

#[test]
fn empty_roster() {
    for request in [fill(), email(), sms()] {
        check_refused(&with(request, "/roster", json!([])), "Completeness", "empty-roster");
    }
}

#[test]
fn too_few_fills() {
    check_refused(&with(fill(), "/artifact/worker_ids", json!([])), "Completeness", "too-few-fills");
    check_refused(&with(fill(), "/artifact/worker_ids", json!(["w-1"])), "Completeness", "too-few-fills");
    // It is the number of names that counts, whoever they are.
    check_refused(&with(fill(), "/order/headcount", 3), "Completeness", "too-few-fills");
    check_accepted(&with(with(fill(), "/order/headcount", 3), "/artifact/worker_ids", json!(["w-1", "w-2", "w-3"])));
    for message in [email(), sms()] {
        check_accepted(&with(message, "/order/headcount", 500));
    }
}

#[test]
fn missing_recipient() {
    for message in [email(), sms()] {
        for blank in BLANK {
            check_refused(&with(message.clone(), "/artifact/to", blank), "Completeness", "missing-recipient");
        }
        for other in NOT_BLANK {
            check_refused(&with(message.clone(), "/artifact/to", other), "Consistency", "recipient-mismatch");
        }
    }
}

#[test]
fn empty_subject() {
    for blank in BLANK {
        check_refused(&with(email(), "/artifact/subject", blank), "Completeness", "empty-subject");
    }
    for other in NOT_BLANK {
        check_accepted(&with(email(), "/artifact/subject", other));
    }
}

#[test]
fn empty_body() {
    for blank in BLANK {
        check_refused(&with(email(), "/artifact/body", blank), "Completeness", "empty-body");
        check_refused(&with(sms(), "/artifact/body", blank), "Completeness", "empty-body");
    }
    for other in NOT_BLANK {
        check_accepted(&with(sms(), "/artifact/body", other));
    }
    // An id of white space is held by such a body, which is empty all the same.
    check_refused(&with(with(email(), "/order/id", " "), "/artifact/body", "  "), "Completeness", "empty-body");
}

#[test]
fn order_not_mentioned() {
    for body in ["ORD-", "ord-7", "ORD\u{2010}7", "O RD-7", "RD-7", "ORD7"] {
        check_refused(&with(email(), "/artifact/body", body), "Completeness", "order-not-mentioned");
    }
    for body in ["ORD-7", "ORD-77", "xORD-7x", "OORD-7", "é\nORD-7"] {
        check_accepted(&with(email(), "/artifact/body", body));
    }
    // The body it is, and the id character for character: neither trimmed nor normalised.
    check_refused(
        &with(with(email(), "/artifact/subject", "ORD-7"), "/artifact/body", "x"),
        "Completeness",
        "order-not-mentioned",
    );
    let order = |id: &str, body: &str| with(with(email(), "/order/id", id), "/artifact/body", body);
    check_refused(&order("7 ", "7"), "Completeness", "order-not-mentioned");
    check_accepted(&order("7 ", "7 x"));
    check_refused(&order("\u{e9}", "e\u{301}"), "Completeness", "order-not-mentioned");
    check_accepted(&with(sms(), "/artifact/body", "x"));
}
