//! The fast way through a row: one pass over its bytes that builds nothing.
//!
//! It takes a line only if that is certainly its own canonical form: UTF-8 without white space; strings without a
//! backslash, so that they stand for themselves; integers of at most 15 digits in their shortest form, which lie below
//! 2^53; names in ASCII, each greater than the one before, so that they are unique, and their order by bytes is the
//! order by UTF-16 code units; and a few levels of nesting. The rest, broken lines among it, is left to
//! [`super::line::read`], which has to find the same in whatever this takes; the tests hold one against the other.

use std::ops::Range;

use crate::mac::Mac;

use super::line::{Claims, Reading};

/// Deeper rows are not ordinary.
const MAX_DEPTH: usize = 8;

/// Longer integers are not ordinary: 10^15 lies below 2^53, 10^16 beyond.
const MAX_DIGITS: usize = 15;

/// Reads the row `bytes`, if it is an ordinary one.
pub(super) fn read(bytes: &[u8]) -> Option<Reading<'_>> {
    let text = str::from_utf8(bytes).ok()?;
    let mut scanner = Scanner { text, at: 0 };
    let mut claims = Claims::default();
    let mut sealed = None;
    scanner.object(0, |name, member, value| {
        let value = &text[value];
        match name {
            "mac" => sealed = string(value).and_then(Mac::parse).map(|mac| (mac, member)),
            "subject" => claims.subject = string(value).map(Into::into),
            "prev" => claims.prev = string(value).map(Into::into),
            "seq" => claims.seq = value.parse().ok(),
            _ => {}
        }
    })?;
    let (mac, member) = sealed.filter(|_| scanner.at == bytes.len())?;
    // The comma before it goes with it, or the one behind it if it is the first.
    let (before, behind) = (&bytes[..member.start], &bytes[member.end..]);
    let (before, behind) = match before {
        [before @ .., b','] => (before, behind),
        _ => (before, behind.strip_prefix(b",").unwrap_or(behind)),
    };
    Some(Reading { mac, is_canonical: true, signed: [before.into(), behind.into()], claims })
}

/// The text of the string `value`, if it is one.
fn string(value: &str) -> Option<&str> {
    value.strip_prefix('"')?.strip_suffix('"')
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.skip(byte).then_some(())
    }

    /// Steps over an object, and tells `take` the name of each member, where it lies, and where its value.
    fn object(&mut self, depth: usize, mut take: impl FnMut(&'a str, Range<usize>, Range<usize>)) -> Option<()> {
        self.expect(b'{')?;
        if self.skip(b'}') {
            return Some(());
        }
        let mut last = None;
        loop {
            let start = self.at;
            let name = self.plain_string()?;
            if !name.is_ascii() || last.is_some_and(|last| last >= name) {
                return None;
            }
            last = Some(name);
            self.expect(b':')?;
            let value = self.at;
            self.value(depth + 1)?;
            take(name, start..self.at, value..self.at);
            if !self.skip(b',') {
                return self.expect(b'}');
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<()> {
        match self.peek()? {
            b'"' => self.plain_string().map(|_| ()),
            b'-' | b'0'..=b'9' => self.short_integer(),
            _ if depth > MAX_DEPTH => None,
            b'{' => self.object(depth, |_, _, _| {}),
            b'[' => self.array(depth),
            b't' => self.literal("true"),
            b'f' => self.literal("false"),
            b'n' => self.literal("null"),
            _ => None,
        }
    }

    fn array(&mut self, depth: usize) -> Option<()> {
        self.expect(b'[')?;
        if self.skip(b']') {
            return Some(());
        }
        loop {
            self.value(depth + 1)?;
            if !self.skip(b',') {
                return self.expect(b']');
            }
        }
    }

    fn literal(&mut self, word: &str) -> Option<()> {
        let found = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(())
    }

    fn plain_string(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let start = self.at;
        let rest = &self.text.as_bytes()[start..];
        self.at += rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20))?;
        let string = &self.text[start..self.at];
        self.expect(b'"')?;
        Some(string)
    }

    fn short_integer(&mut self) -> Option<()> {
        let is_negative = self.skip(b'-');
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        match &self.text.as_bytes()[start..self.at] {
            [b'0'] => (!is_negative).then_some(()),
            [b'1'..=b'9', rest @ ..] if rest.len() < MAX_DIGITS => {
                // What a fraction or an exponent makes of it, the general way knows.
                (!matches!(self.peek(), Some(b'.' | b'e' | b'E'))).then_some(())
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
