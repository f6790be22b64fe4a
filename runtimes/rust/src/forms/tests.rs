//! Every form with what lies just outside of it.

use super::{count, hex_bytes, is_commit, is_subject, is_timestamp, without_trailing_zeros};

#[test]
fn subjects() {
    for text in ["a", "W-1", "-", "--key", "_", "0", "A.b_c-9", "a.", "a..b", &"x".repeat(64)] {
        assert!(is_subject(text), "{text}");
    }
    for text in ["", ".", ".a", "a/b", "a b", "é", "a\n", "a\0", "a:b", &"x".repeat(65)] {
        assert!(!is_subject(text), "{text}");
    }
}

#[test]
fn timestamps() {
    for text in [
        "2026-05-03T10:11:12Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2026-02-31T10:11:12Z",
        "2026-05-03T10:11:12.4Z",
        "2026-05-03T10:11:12.000000000Z",
        "2026-05-03T10:11:12.461439210Z",
    ] {
        assert!(is_timestamp(text), "{text}");
    }
    for text in [
        "",
        "Z",
        "2026-05-03T10:11:12",
        "2026-05-03T10:11:12z",
        "2026-05-03t10:11:12Z",
        "2026-05-03 10:11:12Z",
        "2026-05-03T10:11:12+00:00",
        "2026-05-03T10:11:12.Z",
        "2026-05-03T10:11:12,5Z",
        "2026-05-03T10:11:12.4614392101Z",
        "2026-05-03T10:11:12.5xZ",
        "2026-05-03T10:11:1Z",
        "2026-00-03T10:11:12Z",
        "2026-13-03T10:11:12Z",
        "2026-05-00T10:11:12Z",
        "2026-05-32T10:11:12Z",
        "2026-05-03T24:11:12Z",
        "2026-05-03T10:60:12Z",
        "2026-05-03T10:11:60Z",
        "202６-05-03T10:11:12Z",
        "2026-05-03T10:11:1٣Z",
        "12026-05-03T10:11:12Z",
        " 2026-05-03T10:11:12Z",
        "2026-05-03T10:11:12Z\n",
        "-026-05-03T10:11:12Z",
    ] {
        assert!(!is_timestamp(text), "{text}");
    }
}

#[test]
fn trailing_zeros() {
    for (text, trimmed) in [
        ("2026-05-03T10:11:12.120Z", "2026-05-03T10:11:12.12Z"),
        ("2026-05-03T10:11:12.000Z", "2026-05-03T10:11:12Z"),
        ("2026-05-03T10:11:12.102Z", "2026-05-03T10:11:12.102Z"),
        ("2026-05-03T10:11:10Z", "2026-05-03T10:11:10Z"),
        ("yesterday.120Z", "yesterday.120Z"),
        ("", ""),
    ] {
        assert_eq!(without_trailing_zeros(text), trimmed);
    }
}

#[test]
fn commits() {
    for text in ["unknown", &"0123456789".repeat(4), &"abcdef0123".repeat(4)] {
        assert!(is_commit(text), "{text}");
    }
    for text in ["", "Unknown", "3f2a91c", &"0".repeat(39), &"0".repeat(41), &"A".repeat(40), &"g".repeat(40)] {
        assert!(!is_commit(text), "{text}");
    }
}

#[test]
fn hex() {
    assert_eq!(hex_bytes(""), Some(vec![]));
    assert_eq!(hex_bytes("00ff7a"), Some(vec![0, 255, 0x7a]));
    for text in ["0", "0A", "0g", "+1", " 1", "é", "0x"] {
        assert_eq!(hex_bytes(text), None, "{text}");
    }
}

#[test]
fn counts() {
    for (text, number) in [("0", 0), ("10", 10), ("9007199254740992", 1 << 53)] {
        assert_eq!(count(text), Some(number));
    }
    for text in ["", "00", "01", "+1", "-0", "1 ", "1.0", "9007199254740993", "18446744073709551616"] {
        assert_eq!(count(text), None, "{text}");
    }
}
