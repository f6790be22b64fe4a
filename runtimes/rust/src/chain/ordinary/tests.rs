//! Whatever the fast way takes, the general way reads the same; and it takes the ordinary.

use super::read;
use crate::chain::line::{self, Options, Role};

const MAC: &str = "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd";

fn ordinary() -> String {
    format!(
        r#"{{"accessor":{{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""}},"fields":["name","é"],"mac":"{MAC}","prev":"{MAC}","result":"ok","schema":"subject_audit_row.v1","seq":1,"subject":"W-1","ts":"2026-05-03T10:11:12.461439210Z"}}"#
    )
}

/// Whether the fast way takes `bytes`; what it reads has to be what the general way reads.
#[track_caller]
fn takes(bytes: &[u8]) -> bool {
    let Some(fast) = read(bytes) else {
        return false;
    };
    let shown = String::from_utf8_lossy(bytes);
    let general = line::read(bytes, Role::Row, Options::default());
    let general = general.unwrap_or_else(|reason| panic!("{shown} is {reason:?}"));
    assert_eq!(
        (fast.mac, fast.is_canonical, &fast.claims),
        (general.mac, general.is_canonical, &general.claims),
        "{shown}"
    );
    assert_eq!(fast.signed.concat(), general.signed.concat(), "{shown}");
    true
}

fn row(members: &str) -> String {
    format!("{{{}}}", members.replace("MAC", &format!(r#""mac":"{MAC}""#)))
}

#[test]
fn ordinary_rows_are_taken() {
    assert!(takes(ordinary().as_bytes()));
    for members in [
        "MAC",
        r#""a":0,MAC"#,
        r#"MAC,"z":-1"#,
        r#""a":999999999999999,"b":-999999999999999,MAC,"seq":999999999999999"#,
        r#"MAC,"prev":1,"seq":"1","subject":null"#,
        r#"MAC,"seq":-3"#,
        r#"MAC,"seq":0"#,
        r#""":{"mac":"deep"},"A":[true,false,null,[],{}],MAC,"prev":{"a":"😀"},"seq":[1]"#,
        r#""a":[[[[[[[[1]]]]]]]],MAC"#,
        r#""ma":1,MAC,"mac2":2"#,
    ] {
        assert!(takes(row(members).as_bytes()), "{members}");
    }
}

#[test]
fn what_may_not_be_canonical_is_left_to_the_general_way() {
    for members in [
        "",
        r#""mac":"858b""#,
        r#""mac":1"#,
        r#"MAC,"a":1"#,
        r#"MAC,"mac":1"#,
        r#"MAC,"n":1,"n":1"#,
        r#"MAC,"é":1"#,
        r#"MAC, "n":1"#,
        r#"MAC,"n": 1"#,
        r#"MAC,"n":"\n""#,
        r#"MAC,"n":"\u00e9""#,
        r#"MAC,"n":-0"#,
        r#"MAC,"n":01"#,
        r#"MAC,"n":-01"#,
        r#"MAC,"n":1.0"#,
        r#"MAC,"n":1e1"#,
        r#"MAC,"n":1E1"#,
        r#"MAC,"n":9007199254740992"#,
        r#"MAC,"n":1000000000000000"#,
        r#"MAC,"n":-"#,
        r#"MAC,"n":+1"#,
        r#"MAC,"n":tru"#,
        r#"MAC,"n":nul"#,
        r#"MAC,"n":[1,]"#,
        r#"MAC,"n":[1"#,
        r#"MAC,"n":{"b":1,"a":2}"#,
        r#"MAC,"n":[[[[[[[[[1]]]]]]]]]"#,
        r#"MAC,"n":"#,
        r#"MAC,"n""#,
        "MAC,",
        ",MAC",
        "MAC}{",
    ] {
        assert!(!takes(row(members).as_bytes()), "{members}");
    }
    for line in [&b""[..], b"{", b"[]", b"\"\"", b"{\"\xff\":1}", b"{\"", b"{\"a\":\"\xed\xa0\x80\"}"] {
        assert!(!takes(line));
    }
}

#[test]
fn every_line_near_an_ordinary_one_is_read_alike() {
    let line = ordinary();
    let line = line.as_bytes();
    let mut taken = 0;
    for at in 0..=line.len() {
        let (before, behind) = line.split_at(at);
        let cut = behind.get(1..).unwrap_or_default();
        let mut variants = vec![before.to_vec(), [before, cut].concat(), [before, behind, behind].concat()];
        for byte in b" \t\n\r\"\\,:{}[]01-+.eEtfnmaz\x00\x1f\x7f\x80\xc3\xff" {
            variants.push([before, &[*byte], behind].concat());
            variants.push([before, &[*byte], cut].concat());
        }
        for piece in [&b"\\u0000"[..], b"\\n", b",\"mac\":1", b"\"a\":1,", b"{}", b"[],", b"1.0", "é".as_bytes()] {
            variants.push([before, piece, behind].concat());
        }
        taken += variants.iter().filter(|variant| takes(variant)).count();
    }
    assert!(taken > 1000, "{taken} of the variants are ordinary, so the two ways were held against each other");
}
