//! Which events there are, and which rows they make.

use super::Event;
use crate::chain::tests::KEY;
use crate::fault::Reason;
use crate::lines::MAX_LINE;
use crate::mac::{Key, Mac};

const ACCESSOR: &str = r#"{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":"t"}"#;

/// An event with these members in place of the usual ones.
fn event(accessor: &str, more: &str) -> String {
    format!(r#" {{"ts":"2026-05-03T10:11:12Z","fields":["b","a",""],"result":"","accessor":{accessor}{more}}} "#)
}

fn row(event: &str, seq: u64) -> Result<String, Reason> {
    let key = Key::new(KEY);
    let prev = Mac::parse(&"0".repeat(64)).expect("it is a MAC");
    Event::read(event.as_bytes())?.row("W-1", &prev, seq, &key).map(|(line, mac)| {
        assert!(line.contains(mac.as_str()));
        line.replace(mac.as_str(), "M").replace(prev.as_str(), "P")
    })
}

#[test]
fn a_row_is_the_members_of_the_event_and_ours() {
    let expected = concat!(
        r#"{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":"t"},"fields":["b","a",""],"#,
        r#""mac":"M","prev":"P","result":"","schema":"subject_audit_row.v1","seq":7,"subject":"W-1","#,
        r#""ts":"2026-05-03T10:11:12Z"}"#,
        "\n",
    );
    assert_eq!(row(&event(ACCESSOR, ""), 7).as_deref(), Ok(expected));
}

#[test]
fn a_trace_id_is_always_written_and_nothing_is_lost() {
    let accessor = r#"{"purpose":"","kind":"","daemon":"","z":[1.50,{"":null}]}"#;
    let line = row(&event(accessor, r#","\u20ac":1E3,"trace_id":5"#), 1 << 53).expect("it can be stored");
    let expected = r#"{"accessor":{"daemon":"","kind":"","purpose":"","trace_id":"","z":[1.5,{"":null}]},"#;
    assert!(line.starts_with(expected), "{line}");
    assert!(line.ends_with(",\"trace_id\":5,\"ts\":\"2026-05-03T10:11:12Z\",\"€\":1000}\n"), "{line}");
    assert!(line.contains(r#""seq":9007199254740992,"#), "{line}");
}

#[test]
fn an_event_is_of_its_shape() {
    assert_eq!(row("{", 1), Err(Reason::NotJson));
    assert_eq!(row("", 1), Err(Reason::NotJson));
    assert_eq!(row(&event(ACCESSOR, r#","a":1,"a":1"#), 1), Err(Reason::NotJson));
    assert_eq!(row(&event(ACCESSOR, r#","a":9007199254740993,"seq":1"#), 1), Err(Reason::NotJson));
    let good = event(ACCESSOR, "");
    let mut bad = vec!["[]".to_owned(), "null".to_owned(), "{}".to_owned()];
    for accessor in ["null", "[]", "\"x\"", "{}"] {
        bad.push(event(accessor, ""));
    }
    for name in ["daemon", "kind", "purpose"] {
        bad.push(good.replace(&format!(r#""{name}":"#), &format!(r#""{name}s":"#)));
        bad.push(event(&ACCESSOR.replace(&format!(r#""{name}":""#), &format!(r#""{name}":1,"{name}x":""#)), ""));
    }
    bad.push(event(&ACCESSOR.replace("\"t\"", "null"), ""));
    for (text, other) in [
        (r#"["b","a",""]"#, r#""b""#),
        (r#"["b","a",""]"#, r#"["b",1]"#),
        (r#""fields""#, r#""field""#),
        (r#""result":"""#, r#""result":null"#),
        (r#""result""#, r#""Result""#),
        (r#""ts""#, r#""at""#),
        ("2026-05-03T10:11:12Z", "2026-05-03"),
        (r#""2026-05-03T10:11:12Z""#, "1777803072"),
    ] {
        assert!(good.contains(text));
        bad.push(good.replace(text, other));
    }
    for name in ["mac", "prev", "schema", "seq", "subject"] {
        bad.push(event(ACCESSOR, &format!(r#","{name}":null"#)));
        assert!(row(&event(ACCESSOR, &format!(r#","x":{{"{name}":null}}"#)), 1).is_ok(), "deeper inside it may be");
    }
    for event in bad {
        assert_eq!(row(&event, 1), Err(Reason::EventShape), "{event}");
    }
}

#[test]
fn what_could_not_be_read_again_is_not_stored() {
    for number in ["1e20", "9007199254740994.0", "-1e16"] {
        assert_eq!(row(&event(ACCESSOR, &format!(r#","x":[{number}]"#)), 1), Err(Reason::NotStorable), "{number}");
    }
    for number in ["1e21", "9007199254740992.0", "9007199254740992.5", "1e-7", "-0.0", "1e15"] {
        assert!(row(&event(ACCESSOR, &format!(r#","x":{number}"#)), 1).is_ok(), "{number}");
    }
    let key = Key::new(KEY);
    let event = Event::read(event(ACCESSOR, r#","x":1e20"#).as_bytes()).expect("it is of the shape");
    assert_eq!(event.check_storable("W-1", &key), Err(Reason::NotStorable));
}

#[test]
fn a_row_has_at_most_1_mib() {
    let key = Key::new(KEY);
    let prev = Mac::parse(&"0".repeat(64)).expect("it is a MAC");
    let of = |length: usize| {
        let text = event(ACCESSOR, &format!(r#","x":"{}""#, "x".repeat(length)));
        Event::read(text.as_bytes()).expect("it is of the shape")
    };
    let (line, _) = of(0).row("W-1", &prev, 1, &key).expect("it is short");
    let most = MAX_LINE + 1 - line.len();
    assert_eq!(of(most).check_storable("W-1", &key), Ok(()));
    let (line, _) = of(most).row("W-1", &prev, 9, &key).expect("it is just short enough");
    assert_eq!(line.len(), MAX_LINE + 1);
    // A longer number makes a longer row; that is seen once the number is known.
    assert_eq!(of(most).row("W-1", &prev, 10, &key), Err(Reason::LineTooLong));
    assert_eq!(of(most + 1).check_storable("W-1", &key), Err(Reason::LineTooLong));
}
