use super::{check_accepted, check_refused, email, sms, with};

#[track_caller]
fn check_found(text: &str) {
    check_refused(&with(sms(), "/artifact/body", text), "Policy", "social-security-number");
    check_refused(&with(email(), "/artifact/subject", text), "Policy", "social-security-number");
    let body = format!("{text}\nORD-7");
    check_refused(&with(email(), "/artifact/body", body), "Policy", "social-security-number");
}

#[track_caller]
fn check_passed(text: &str) {
    check_accepted(&with(sms(), "/artifact/body", text));
    check_accepted(&with(email(), "/artifact/subject", text));
    check_accepted(&with(email(), "/artifact/body", format!("{text}\nORD-7")));
}

#[test]
fn hyphens_and_spaces_separate_alike() {
    check_found("123-45-6789");
    check_found("123 45 6789");
    for other in [
        "123-45 6789",
        "123 45-6789",
        "123456789",
        "123--45--6789",
        "123  45  6789",
        "123.45.6789",
        "123\t45\t6789",
        "123/45/6789",
        "123\u{2010}45\u{2010}6789",
        "123\u{2212}45\u{2212}6789",
        "123\u{a0}45\u{a0}6789",
        "123- 45- 6789",
        "-123-456789",
    ] {
        check_passed(other);
    }
}

#[test]
fn the_groups_are_three_two_and_four_digits() {
    for other in [
        "12-45-6789",
        "123-4-6789",
        "123-45-678",
        "1a3-45-6789",
        "123-4b-6789",
        "123-45-678c",
        "\u{661}23-45-6789",
        "123-45-678\u{ff19}",
    ] {
        check_passed(other);
    }
}

#[test]
fn anything_but_a_digit_may_stand_around() {
    for around in ["x", ".", ":", "-", " ", "--", "é", "\u{663}", "\n", "(", "_", "x-", "- ", "\u{1f600}"] {
        check_found(&format!("{around}123-45-6789"));
        check_found(&format!("123-45-6789{around}"));
        check_found(&format!("x{around}123 45 6789{around}x"));
    }
}

#[test]
fn no_digit_stands_directly_around() {
    check_passed("0123-45-6789");
    check_passed("123-45-67890");
    check_passed("x1123 45 6789");
    check_passed("123 45 67891x");
}

#[test]
fn no_digit_and_the_same_separator_stand_around() {
    check_passed("2026-123-45-6789");
    check_passed("1-123-45-6789");
    check_passed("1 123 45 6789");
    check_passed("123-45-6789-0");
    check_passed("123 45 6789 0");
    // The other separator, and a separator without a digit, are no part of a longer number.
    check_found("1 123-45-6789");
    check_found("1-123 45 6789");
    check_found("123-45-6789 0");
    check_found("123 45 6789-0");
    check_found("--123-45-6789");
    check_found("123-45-6789-");
    check_found("123-45-6789--0");
    check_found("1--123-45-6789");
    check_found("ORD-123-45-6789");
}

#[test]
fn every_place_is_looked_at() {
    check_found("12-123-45-678 123-45-6789");
    check_found("000-45-6789, 123-45-6789");
    check_found("123-45 123-45-6789");
    check_found("(312) 555-0142 or 123-45-6789.");
    check_found("123 123-45-6789 6789");
    check_passed("123-45-6789-45-6789");
    check_passed("123-45-123-45-6789");
}

#[test]
fn not_a_social_security_number() {
    check_passed("312-555-0142");
    check_passed("312 555 0142");
    check_passed("(312) 555-0142");
    check_passed("60505-1234");
    check_passed("2026-123-45-6789");
    check_passed("123456789");
    check_passed("1-312-555-0142");
}

#[test]
fn a_number_that_is_never_issued_is_none() {
    for never in [
        "000-45-6789",
        "666-45-6789",
        "900-45-6789",
        "999-45-6789",
        "987 65 4321",
        "123-00-6789",
        "123-45-0000",
        "000 00 0000",
    ] {
        check_passed(never);
    }
    for issued in [
        "001-45-6789",
        "665-45-6789",
        "667-45-6789",
        "899-45-6789",
        "123-01-6789",
        "123-10-6789",
        "123-45-0001",
        "100 99 1000",
    ] {
        check_found(issued);
    }
}
