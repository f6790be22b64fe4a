//! The scanner for social security numbers.
//!
//! It works on bytes: whatever matters is ASCII, and no byte of a longer character is.

/// A social security number: 3-2-4 digits.
const NUMBER: [usize; 3] = [3, 2, 4];

/// A phone number, which is none.
const PHONE: [usize; 3] = [3, 3, 4];

/// Whether `text` holds a social security number.
pub(super) fn holds_number(text: &str) -> bool {
    let text = text.as_bytes();
    (0..text.len()).any(|at| grouped_at(text, at, NUMBER).is_some_and(is_issued))
}

/// Whether `text` holds a number of 3-3-4 digits, written as a social security number is.
pub(super) fn holds_phone(text: &str) -> bool {
    let text = text.as_bytes();
    (0..text.len()).any(|at| grouped_at(text, at, PHONE).is_some())
}

/// The digits that stand at `at`, in groups of `lengths` with one separator between them, if they stand there alone:
/// neither a digit around them, nor one more group behind the same separator.
fn grouped_at(text: &[u8], at: usize, lengths: [usize; 3]) -> Option<[&[u8]; 3]> {
    let (before, rest) = text.split_at(at);
    let (first, rest) = digits(rest, lengths[0])?;
    let (&separator, rest) = rest.split_first().filter(|(byte, _)| matches!(byte, b'-' | b' '))?;
    let (second, rest) = digits(rest, lengths[1])?;
    let rest = rest.strip_prefix(&[separator])?;
    let (third, behind) = digits(rest, lengths[2])?;

    let continues = match behind {
        [next, ..] if next.is_ascii_digit() => true,
        [next, digit, ..] => *next == separator && digit.is_ascii_digit(),
        _ => false,
    };
    let is_continued = match before {
        [.., previous] if previous.is_ascii_digit() => true,
        [.., digit, previous] => *previous == separator && digit.is_ascii_digit(),
        _ => false,
    };
    (!continues && !is_continued).then_some([first, second, third])
}

/// So many digits, and what stands behind them.
fn digits(text: &[u8], length: usize) -> Option<(&[u8], &[u8])> {
    text.split_at_checked(length).filter(|(digits, _)| digits.iter().all(u8::is_ascii_digit))
}

/// Whether such a number is ever issued (rule `not-a-social-security-number`).
fn is_issued([area, group, serial]: [&[u8]; 3]) -> bool {
    !matches!(area, b"000" | b"666" | [b'9', ..]) && group != b"00" && serial != b"0000"
}
