//! What the contract means by length, blank and the same.

/// White space, and nothing else is.
const WHITE_SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// How many characters `text` has: code points (rule `length-in-characters`).
pub(crate) fn length(text: &str) -> usize {
    text.chars().count()
}

/// Whether `text` is empty or nothing but white space.
pub(crate) fn is_blank(text: &str) -> bool {
    trimmed(text).is_empty()
}

/// `text` without the white space around it.
pub(crate) fn trimmed(text: &str) -> &str {
    text.trim_matches(WHITE_SPACE)
}

/// Whether two names are the same but for white space around them and A-Z against a-z (rule `letters-folded`).
pub(crate) fn is_same_name(a: &str, b: &str) -> bool {
    trimmed(a).eq_ignore_ascii_case(trimmed(b))
}

/// Whether `text` holds `part`, which is ASCII, with A-Z folded.
pub(crate) fn holds_folded(text: &str, part: &str) -> bool {
    text.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}
