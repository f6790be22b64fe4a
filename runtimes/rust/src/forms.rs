//! The forms of text that `audit.md` names: subjects, timestamps, commits, hex digits, counts.

use crate::ijson::MAX_INTEGER;

/// So many characters a subject has at most.
const MAX_SUBJECT: usize = 64;

/// Where the fraction of a timestamp begins, with its dot, or its `Z` stands.
const SECONDS_END: usize = "YYYY-MM-DDTHH:MM:SS".len();

/// So many digits the fraction of a timestamp has at most.
const MAX_FRACTION: usize = 9;

/// Whether `text` can name a subject.
#[must_use]
pub fn is_subject(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=MAX_SUBJECT).contains(&text.len()) && !text.starts_with('.') && text.bytes().all(is_allowed)
}

/// Whether `text` is a timestamp. Its fields are bounded one by one: February has 31 days.
#[must_use]
pub fn is_timestamp(text: &str) -> bool {
    let Some((seconds, fraction)) = text.strip_suffix('Z').and_then(|text| text.split_at_checked(SECONDS_END)) else {
        return false;
    };
    let digits_fit = seconds.bytes().zip(b"dddd-dd-ddTdd:dd:dd").all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        form => byte == *form,
    });
    let field = |at: usize| &seconds[at..at + 2];
    let fraction_fits = match fraction.strip_prefix('.') {
        Some(digits) => (1..=MAX_FRACTION).contains(&digits.len()) && is_digits(digits),
        None => fraction.is_empty(),
    };
    digits_fit
        && fraction_fits
        && ("01"..="12").contains(&field(5))
        && ("01"..="31").contains(&field(8))
        && ("00"..="23").contains(&field(11))
        && ("00"..="59").contains(&field(14))
        && ("00"..="59").contains(&field(17))
}

/// A planted bug: the timestamp `text` without the trailing zeros of its fraction; other text as it is.
#[must_use]
pub fn without_trailing_zeros(text: &str) -> String {
    match text.strip_suffix('Z') {
        Some(number) if is_timestamp(text) && number.len() > SECONDS_END => {
            let trimmed = number.trim_end_matches('0');
            format!("{}Z", trimmed.strip_suffix('.').unwrap_or(trimmed))
        }
        _ => text.to_owned(),
    }
}

/// Whether `text` is a commit, or says that nobody knows it.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    text == "unknown" || text.len() == 40 && is_hex(text)
}

/// The bytes of an even number of lowercase hex digits, perhaps none.
#[must_use]
pub fn hex_bytes(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) || !is_hex(text) {
        return None;
    }
    let pairs = (0..text.len()).step_by(2).map(|at| &text[at..at + 2]);
    pairs.map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

/// The number that `text` is, in decimal without leading zeros, and at most 2^53.
#[must_use]
pub fn count(text: &str) -> Option<u64> {
    let is_shortest = text == "0" || !text.starts_with('0');
    let number = text.parse().ok().filter(|number| *number <= MAX_INTEGER);
    number.filter(|_| is_shortest && is_digits(text))
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests;
