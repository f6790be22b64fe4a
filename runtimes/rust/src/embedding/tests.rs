use std::collections::BTreeMap;

use super::{DIMENSION, Options, answer, embed, place};

const SOUND: Options = Options { fold_all_letters: false };

/// The components that these features come to.
fn features(features: &[(&str, i64)]) -> Vec<i64> {
    let mut components = vec![0; DIMENSION];
    for (feature, weight) in features {
        let (component, is_negative) = place(&[feature]);
        components[component] += if is_negative { -weight } else { *weight };
    }
    components
}

#[track_caller]
fn check(text: &str, expected: &[(&str, i64)]) {
    assert_eq!(embed(text, SOUND).components, features(expected), "{text:?}");
}

#[test]
fn a_feature_has_a_component_and_a_sign() {
    // 0xcbf43926 * 2654435761 mod 2^32 is 0x2e087946: plus, and 0x2e087946 mod 768 is 326.
    assert_eq!(place(&["123456789"]), (326, false));
    assert_eq!(place(&["1234", "56789"]), (326, false));
}

#[test]
fn tokens_trigrams_and_pairs_are_features() {
    check("", &[]);
    check("a", &[("w:a", 4), ("g:^a$", 1)]);
    check("ab", &[("w:ab", 4), ("g:^ab", 1), ("g:ab$", 1)]);
    check("x y9z", &[("w:x", 4), ("g:^x$", 1), ("w:y9z", 4), ("g:^y9", 1), ("g:y9z", 1), ("g:9z$", 1), ("p:x y9z", 2)]);
}

#[test]
fn a_feature_that_occurs_again_counts_again() {
    check("a a a", &[("w:a", 12), ("g:^a$", 3), ("p:a a", 4)]);
}

#[test]
fn everything_but_letters_digits_and_what_is_beyond_ascii_separates() {
    let expected = embed("a b", SOUND);
    for text in ["a-b", " a\tb\n", "a_b", "a\u{7f}b", "^a$b$", "a\0b", "a:b"] {
        assert_eq!(embed(text, SOUND), expected, "{text:?}");
    }
    assert_eq!(embed("a\u{80}b", SOUND).tokens, 1);
    assert_eq!(embed("a\u{a0}b\u{1f600}", SOUND).tokens, 1);
}

#[test]
fn trigrams_are_of_code_points() {
    check("é\u{1f600}", &[("w:é\u{1f600}", 4), ("g:^é\u{1f600}", 1), ("g:é\u{1f600}$", 1)]);
}

#[test]
fn nothing_but_a_to_z_is_folded() {
    assert_eq!(embed("Forklift IL", SOUND), embed("fORKLIFT il", SOUND));
    for (one, other) in [("É", "é"), ("é", "e\u{301}"), ("\u{212a}", "k"), ("ß", "SS"), ("İ", "i")] {
        assert_ne!(embed(one, SOUND), embed(other, SOUND), "{one} and {other}");
    }
}

#[test]
fn an_answer_lists_what_is_not_zero_in_order() {
    assert_eq!(answer(b" - ", SOUND), r#"{"components":[],"tokens":0}"#);
    assert_eq!(answer(b"a\xff", SOUND), r#"{"error":"invalid-utf8"}"#);
    let of_features = |list: &[(&str, i64)]| -> String {
        let components: BTreeMap<usize, i64> = features(list).into_iter().enumerate().collect();
        let pairs = components.iter().filter(|(_, value)| **value != 0);
        pairs.map(|(at, value)| format!("[{at},{value}]")).collect::<Vec<_>>().join(",")
    };
    let pairs = of_features(&[("w:ab", 4), ("g:^ab", 1), ("g:ab$", 1)]);
    assert_eq!(answer(b"AB", SOUND), format!(r#"{{"components":[{pairs}],"tokens":1}}"#));
}

#[test]
fn components_that_cancel_each_other_are_left_out() {
    // Among so many tokens some weights meet with opposite signs; a zero is never written.
    let numbers: Vec<_> = (0..4000).map(|number| number.to_string()).collect();
    let text = numbers.join(" ");
    assert!(!answer(text.as_bytes(), SOUND).contains(",0]"));
}
