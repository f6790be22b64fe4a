//! The vectors of RFC 4231 (the fifth is of a truncated MAC, which nothing here has), and the two comparisons.

use super::{Compared, Key, Mac};

#[track_caller]
fn check(key: &[u8], data: &[u8], expected: &str) {
    let key = Key::new(key);
    let mac = Mac::parse(expected).expect("the vector is a MAC");
    assert_eq!(key.mac(&[data]), mac);
    let (before, behind) = data.split_at(data.len() / 2);
    assert_eq!(key.mac(&[before, b"", behind]), mac, "where the pieces are cut says nothing");
    assert!(key.confirms(&[before, behind], &mac, Compared::Whole));
}

#[test]
fn vectors_of_rfc_4231() {
    check(&[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    check(b"Jefe", b"what do ya want for nothing?", "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    check(&[0xaa; 20], &[0xdd; 50], "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
    let counting: Vec<u8> = (1..=25).collect();
    check(&counting, &[0xcd; 50], "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
    check(
        &[0xaa; 131],
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    );
    check(
        &[0xaa; 131],
        b"This is a test using a larger than block-size key and a larger than block-size data. \
          The key needs to be hashed before being used by the HMAC algorithm.",
        "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    );
}

#[test]
fn an_empty_key_is_a_key() {
    check(b"", b"", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

#[test]
fn any_digit_makes_another_mac() {
    let key = Key::new(b"k");
    let mac = key.mac(&[b"data"]);
    for at in 0..64 {
        let mut digits = mac.as_str().to_owned();
        let digit = if digits.as_bytes()[at] == b'0' { "1" } else { "0" };
        digits.replace_range(at..=at, digit);
        let other = Mac::parse(&digits).expect("it is of the form");
        assert!(!key.confirms(&[b"data"], &other, Compared::Whole), "digit {at}");
        assert_eq!(key.confirms(&[b"data"], &other, Compared::Prefix), at >= 16, "digit {at}");
    }
}

#[test]
fn a_mac_is_64_lowercase_hex_digits() {
    let digits = "0123456789abcdef".repeat(4);
    assert_eq!(Mac::parse(&digits).expect("it is one").as_str(), digits);
    let bad = ["", &digits[1..], &format!("{digits}0"), &digits.to_uppercase(), &digits.replace('f', "g")];
    for text in bad {
        assert_eq!(Mac::parse(text), None, "{text}");
    }
}
