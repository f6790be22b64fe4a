//! HMAC-SHA256, as an audit chain uses it (RFC 2104; rule `hmac-sha256`).
//!
//! A MAC stays in its written form, 64 hex digits: that is what rows are chained by and what answers hold. Only the
//! comparison with a computed one needs its bytes, and that is left to the crate, in constant time.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac as _};
use sha2::Sha256;

/// So many bytes a MAC has.
const BYTES: usize = 32;

/// So many hex digits a MAC is written in.
const DIGITS: usize = 2 * BYTES;

/// So many of its bytes the planted bug compares: 16 hex digits.
const PREFIX_BYTES: usize = 8;

/// A MAC in 64 lowercase hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Mac([u8; DIGITS]);

impl Mac {
    /// The MAC that `text` is, if that is 64 lowercase hex digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes().try_into().ok()?;
        let mac = Self(digits);
        digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')).then_some(mac)
    }

    /// Its digits.
    ///
    /// # Panics
    ///
    /// Never: its bytes are digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("hex digits are ASCII")
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut digits = [0; DIGITS];
        for (pair, byte) in digits.chunks_exact_mut(2).zip(bytes) {
            pair[0] = HEX[usize::from(byte >> 4)];
            pair[1] = HEX[usize::from(byte & 0xf)];
        }
        Self(digits)
    }

    fn bytes(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        for (byte, pair) in bytes.iter_mut().zip(self.0.chunks_exact(2)) {
            *byte = nibble(pair[0]) << 4 | nibble(pair[1]);
        }
        bytes
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The value of a lowercase hex digit.
fn nibble(digit: u8) -> u8 {
    if digit <= b'9' { digit - b'0' } else { digit - b'a' + 10 }
}

/// How much of a MAC is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Compared {
    /// All of it.
    #[default]
    Whole,
    /// Its first 16 digits: a planted bug.
    Prefix,
}

/// A key, as the state of the hash that it leads to; its bytes are not kept, and it is never shown.
#[derive(Clone)]
pub struct Key(Hmac<Sha256>);

impl Key {
    /// The key of these bytes, however many.
    ///
    /// # Panics
    ///
    /// Never: HMAC takes keys of any length.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self(Hmac::new_from_slice(bytes).expect("a key may have any length"))
    }

    fn over(&self, pieces: &[&[u8]]) -> Hmac<Sha256> {
        let mut state = self.0.clone();
        for piece in pieces {
            state.update(piece);
        }
        state
    }

    /// The MAC of `pieces`, one behind the other.
    #[must_use]
    pub fn mac(&self, pieces: &[&[u8]]) -> Mac {
        Mac::of_bytes(&self.over(pieces).finalize().into_bytes())
    }

    /// Whether `mac` is the one of `pieces`, in constant time.
    #[must_use]
    pub fn confirms(&self, pieces: &[&[u8]], mac: &Mac, compared: Compared) -> bool {
        let (state, bytes) = (self.over(pieces), mac.bytes());
        match compared {
            Compared::Whole => state.verify_slice(&bytes).is_ok(),
            Compared::Prefix => state.verify_truncated_left(&bytes[..PREFIX_BYTES]).is_ok(),
        }
    }
}

#[cfg(test)]
mod tests;
