use super::{Fault, Source, Texts, add, hybrid, learned, recording, root, search};
use crate::members::Members;

fn read<T>(body: &str, of: impl for<'a> FnOnce(&'a Members, &mut Texts<'a>) -> Result<T, Fault>) -> String {
    let root = root(body.as_bytes()).expect("it is an object");
    match of(&root, &mut Texts::default()) {
        Ok(_) => "fine".to_owned(),
        Err(fault) => format!("{} {}", fault.field, fault.reason.name()),
    }
}

#[track_caller]
fn check_add(items: &str, expected: &str) {
    let read = read(&format!("{{\"items\":{items}}}"), |root, texts| add(root, texts).map(|items| items.len()));
    assert_eq!(read, expected, "{items}");
}

#[test]
fn items_are_looked_at_one_by_one() {
    for (items, expected) in [
        ("null", "items wrong-type"),
        ("[]", "items out-of-range"),
        ("[1]", "items.0 wrong-type"),
        ("[{},1]", "items.1 wrong-type"),
        (r#"[{"id":""}]"#, "items.0.id empty-id"),
        (r#"[{"id":"a"}]"#, "items.0 vector-or-text"),
        (r#"[{"id":"a","text":null,"vector":null}]"#, "items.0 vector-or-text"),
        (r#"[{"id":"a","vector":null}]"#, "items.0.vector wrong-type"),
        (r#"[{"id":"a","vector":[]}]"#, "items.0.vector out-of-range"),
        (r#"[{"id":"a","vector":["1",1000001]}]"#, "items.0.vector.0 wrong-type"),
        (r#"[{"id":"a","vector":[-1000000.1,null]}]"#, "items.0.vector.0 out-of-range"),
        (r#"[{"id":"a","vector":[0,-0]}]"#, "items.0.vector zero-vector"),
        (r#"[{"id":"a","text":1}]"#, "items.0.text wrong-type"),
        (r#"[{"id":"a","text":"","metadata":{"a":[]}}]"#, "items.0.metadata wrong-type"),
        (r#"[{"id":"a","text":"x"},{"id":"b","vector":[1]},{"id":"a","vector":[0]}]"#, "items.2.vector zero-vector"),
        (r#"[{"id":"a","text":"x"},{"id":"b","vector":[1]},{"id":"a","vector":[1]}]"#, "items.2.id duplicate-id"),
        (r#"[{"id":"a","text":"x","metadata":{"a":1,"b":"c"}}]"#, "fine"),
    ] {
        check_add(items, expected);
    }
    let vector = vec!["1"; 4097].join(",");
    check_add(&format!(r#"[{{"id":"a","vector":[{vector}]}}]"#), "items.0.vector out-of-range");
    check_add(&format!("[{}]", vec!["{}"; 1001].join(",")), "items out-of-range");
}

#[test]
fn metadata_has_its_own_order() {
    let item = |metadata: &str| format!(r#"[{{"id":"a","vector":[1],"metadata":{metadata}}}]"#);
    let members = |count: usize, value: &str| {
        let members: Vec<_> = (0..count).map(|number| format!("\"{number}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    let long = format!("\"{}\"", "é".repeat(257));
    check_add(&item(&members(16, &long.replacen('é', "", 1))), "fine");
    check_add(&item(&members(17, "1")), "items.0.metadata out-of-range");
    check_add(&item(&members(17, &long)), "items.0.metadata out-of-range");
    check_add(&item(&members(17, "true")), "items.0.metadata wrong-type");
    check_add(&item(&members(1, &long)), "items.0.metadata too-long");
    check_add(&item(&format!("{{\"{}\":1}}", "x".repeat(65))), "items.0.metadata too-long");
    check_add(&item("[]"), "items.0.metadata wrong-type");
}

#[test]
fn the_members_of_each_call_have_an_order() {
    for (body, expected) in [
        ("{}", " vector-or-text"),
        (r#"{"vector":[1]}"#, "k missing-field"),
        (r#"{"vector":[1],"k":"1"}"#, "k wrong-type"),
        (r#"{"vector":[1],"k":0.5}"#, "k not-whole"),
        (r#"{"vector":[1],"k":-0}"#, "k out-of-range"),
        (r#"{"vector":[1],"k":10e2,"excluded_ids":null}"#, "excluded_ids wrong-type"),
        (r#"{"vector":[1],"k":1,"excluded_ids":[""],"only_ids":["",0]}"#, "only_ids.1 wrong-type"),
        (r#"{"text":"x","k":20e-1,"only_ids":[]}"#, "fine"),
    ] {
        assert_eq!(read(body, |root, texts| search(root, texts).map(drop)), expected, "{body}");
    }
    for (body, expected) in [
        ("{}", "query missing-field"),
        (r#"{"query":"x","k":1}"#, "top_k missing-field"),
        (r#"{"query":"x","top_k":1001,"exclude":0}"#, "top_k out-of-range"),
        (r#"{"query":"x","top_k":1,"exclude":[0],"collection":0}"#, "exclude.0 wrong-type"),
        (r#"{"query":"x","top_k":1,"collection":"A"}"#, "collection bad-name"),
        (r#"{"query":"x","top_k":1,"index":0,"excluded_ids":0}"#, "fine"),
    ] {
        assert_eq!(read(body, |root, texts| hybrid(root, texts).map(drop)), expected, "{body}");
    }
    for (body, expected) in [
        ("{}", "query_text missing-field"),
        (r#"{"query_text":"x","k":0}"#, "query_role missing-field"),
        (r#"{"query_text":"x","query_role":" \r\n\t","k":0}"#, "query_role blank"),
        (r#"{"query_text":"x","query_role":"r","k":0,"use_playbook":1}"#, "k out-of-range"),
        (r#"{"query_text":"x","query_role":"r","k":1,"use_playbook":1,"excluded_ids":1}"#, "use_playbook wrong-type"),
        (r#"{"query_text":"x","query_role":"r","k":1,"excluded_ids":1,"index":1}"#, "excluded_ids wrong-type"),
        (r#"{"query_text":"x","query_role":"r","k":1,"index":""}"#, "index bad-name"),
        (r#"{"query_text":"x","query_role":"\u00a0","k":1,"use_playbook":true}"#, "fine"),
    ] {
        assert_eq!(read(body, |root, texts| learned(root, texts).map(drop)), expected, "{body}");
    }
    for (body, expected) in [
        (r#"{"query_text":"x","answer_id":""}"#, "role missing-field"),
        (r#"{"query_text":"x","role":"r","answer_id":"","score":2}"#, "answer_id empty-id"),
        (r#"{"query_text":"x","role":"r","answer_id":"a","score":1.0000001}"#, "score out-of-range"),
        (r#"{"query_text":"x","role":"r","answer_id":"a","score":-0.0}"#, "fine"),
    ] {
        assert_eq!(read(body, |root, texts| recording(root, texts).map(drop)), expected, "{body}");
    }
}

#[test]
fn lengths_are_counted_in_code_points() {
    let query = |text: &str| format!(r#"{{"query":"{text}","top_k":1}}"#);
    let read = |text: &str| read(&query(text), |root, texts| hybrid(root, texts).map(drop));
    assert_eq!(read(&"\u{1f600}".repeat(8192)), "fine");
    assert_eq!(read(&"x".repeat(8193)), "query too-long");
}

#[test]
fn texts_are_kept_with_their_ways_up_to_the_fault() {
    let body =
        br#"{"items":[{"id":"a","text":"x"},{"id":"b","vector":[1]},{"id":"c","text":"y"},{},{"id":"d","text":"z"}]}"#;
    let root = root(body).expect("it is an object");
    let mut texts = Texts::default();
    assert!(add(&root, &mut texts).is_err());
    assert_eq!(texts.texts, ["x", "y"]);
    assert_eq!(texts.fields, ["items.0.text", "items.2.text"]);
    let mut texts = Texts::default();
    let body = super::root(br#"{"text":"q","k":1}"#).expect("it is an object");
    assert_eq!(search(&body, &mut texts).expect("it is fine").source, Source::Text(0));
    assert_eq!(texts.fields, ["text"]);
}

#[test]
fn what_is_no_object_is_refused() {
    for (body, reason) in [("", "malformed-json"), ("[]", "not-an-object"), (r#"{"a":1,"a":2}"#, "duplicate-member")] {
        assert_eq!(root(body.as_bytes()).expect_err("it is none").name(), reason);
    }
}
