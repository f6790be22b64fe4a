//! What the general way reads from a line, apart from whether that is sound.

use std::borrow::Cow;

use super::{Claims, Options, Role, mac_of, read};
use crate::fault::Reason;

const MAC: &str = "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd";

#[test]
fn a_row_claims_what_it_holds_in_the_right_type() {
    for (text, claims) in [
        ("", Claims::default()),
        (r#","prev":1,"seq":"1","subject":null"#, Claims::default()),
        (
            r#","prev":"p","seq":12,"subject":"s\u0041""#,
            Claims { subject: Some("sA".into()), prev: Some("p".into()), seq: Some(12) },
        ),
        (r#","seq":9007199254740992"#, Claims { seq: Some(1 << 53), ..Claims::default() }),
        (r#","seq":1e1"#, Claims { seq: Some(10), ..Claims::default() }),
        (r#","seq":-0.0"#, Claims { seq: Some(0), ..Claims::default() }),
        (r#","seq":1e17"#, Claims::default()),
        (r#","seq":-1"#, Claims::default()),
        (r#","seq":0.5"#, Claims::default()),
    ] {
        let line = format!(r#"{{"mac":"{MAC}"{text}}}"#);
        let reading = read(line.as_bytes(), Role::Row, Options::default()).expect("it can be read");
        assert_eq!((reading.mac.as_str(), reading.claims), (MAC, claims), "{line}");
    }
}

#[test]
fn the_mac_of_a_line_is_where_its_role_says() {
    let line = format!(r#"{{"genesis":"{MAC}","mac":7}}"#);
    let manifest = read(line.as_bytes(), Role::Manifest { is_one_line: true }, Options::default());
    let manifest = manifest.expect("it can be read");
    assert_eq!(manifest.signed, [Cow::Borrowed(&br#"{"mac":7}"#[..]), Cow::Borrowed(b"")]);
    assert_eq!(read(line.as_bytes(), Role::Row, Options::default()), Err(Reason::MacForm));
    assert_eq!(mac_of(line.as_bytes()), None);
    assert_eq!(mac_of(b"[]"), None);
    assert_eq!(
        mac_of(format!(r#" {{"mac":"{MAC}"}}"#).as_bytes()).map(|mac| mac.as_str().to_owned()),
        Some(MAC.into())
    );
}
