//! The edges of the verdict and of the percentage.

use super::{Options, table};
use crate::baselines::entry::Entry;
use crate::baselines::tests::entry;

fn drift(first: &str, last: &str) -> String {
    let read = |metrics: &str| Entry::read(entry(metrics).as_bytes()).expect("it is an entry");
    table(&read(first), &read(last), Options::default())
}

#[track_caller]
fn check(first: &str, last: &str, change: &str, verdict: &str) {
    let side = |text: &str| if text.is_empty() { String::new() } else { format!("\"m\":{text}") };
    let number = |text: &str| if text.is_empty() { "null".to_owned() } else { text.to_owned() };
    let change = if change.is_empty() { "null".to_owned() } else { format!("\"{change}\"") };
    let expected = format!(
        r#"[{{"change":{change},"first":{},"last":{},"metric":"m","verdict":"{verdict}"}}]"#,
        number(first),
        number(last)
    );
    assert_eq!(drift(&side(first), &side(last)), expected, "{first} to {last}");
}

#[test]
fn above_20_percent_is_warn_down_as_well_as_up() {
    check("12", "82", "+583 %", "warn");
    check("100", "120", "+20 %", "ok");
    check("100", "121", "+21 %", "warn");
    check("100", "80", "-20 %", "ok");
    check("100", "79", "-21 %", "warn");
    check("-100", "-80", "+20 %", "ok");
    check("-100", "-120", "-20 %", "ok");
    check("-100", "-121", "-21 %", "warn");
    check("5", "6", "+20 %", "ok");
    check("5", "4", "-20 %", "ok");
    check("4", "5", "+25 %", "warn");
    check("1", "-1", "-200 %", "warn");
}

#[test]
fn the_verdict_comes_from_the_exact_numbers() {
    check("1000", "1204", "+20 %", "warn");
    check("1000", "1195", "+20 %", "ok");
    check("1000", "796", "-20 %", "warn");
}

#[test]
fn zero_has_no_percentage() {
    check("0", "1", "", "warn");
    check("0", "-1", "", "warn");
    check("0", "0", "+0 %", "ok");
    check("7", "7", "+0 %", "ok");
    check("1", "0", "-100 %", "warn");
}

#[test]
fn halves_are_rounded_away_from_zero() {
    check("200", "201", "+1 %", "ok");
    check("200", "199", "-1 %", "ok");
    check("1000", "1004", "+0 %", "ok");
    check("1000", "996", "+0 %", "ok");
    check("1000", "1005", "+1 %", "ok");
    check("1000", "995", "-1 %", "ok");
    check("8", "9", "+13 %", "ok");
    check("8", "7", "-13 %", "ok");
    check("-8", "-7", "+13 %", "ok");
    check("3", "4", "+33 %", "warn");
    check("3", "5", "+67 %", "warn");
}

#[test]
fn the_largest_numbers_are_computed_exactly() {
    check("1", "9007199254740992", "+900719925474099100 %", "warn");
    check("-1", "9007199254740992", "+900719925474099300 %", "warn");
    check("9007199254740992", "-9007199254740992", "-200 %", "warn");
    check("9007199254740990", "7205759403792792", "-20 %", "ok");
    check("9007199254740990", "7205759403792791", "-20 %", "warn");
    check("7505999378950825", "9007199254740990", "+20 %", "ok");
    check("7505999378950825", "9007199254740991", "+20 %", "warn");
}

#[test]
fn what_only_one_side_has_is_warn() {
    check("1", "", "", "warn");
    check("", "0", "", "warn");
    assert_eq!(drift("", ""), "[]");
}

#[test]
fn metrics_are_ordered_as_canonical_members_are() {
    let table = drift("\"\u{e000}\":1,\"b\":1,\"\":1", "\"\u{1f600}\":1,\"B\":1,\"a\\n\":1");
    let names: Vec<_> = table.split("\"metric\":\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(names, ["", "B", "a\\n", "b", "\u{1f600}", "\u{e000}"]);
}

#[test]
fn however_a_number_is_spelled_it_is_the_same() {
    assert_eq!(drift(r#""m":12.0"#, r#""m":1.2e1"#), drift(r#""m":12"#, r#""m":12"#));
    assert_eq!(drift(r#""m":-0"#, r#""m":0.0"#), drift(r#""m":0"#, r#""m":0"#));
}
