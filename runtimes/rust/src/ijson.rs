//! The strict reader: RFC 8259 within the bounds of I-JSON (RFC 7493) and of the contract.
//!
//! The rules of `extract_json.rules.toml`: `syntax`, `utf8`, `lone-surrogate`, `surrogate-pair`, `duplicate-member`,
//! `integer-range`, `number-range`, `nesting-depth`; every surface reads through here. `serde_json` would settle
//! only half of them, and its settings cannot be bent to the rest, hence a reader of its own: recursive descent over
//! bytes, whose recursion the rule `nesting-depth` bounds.
//!
//! Where an input breaks several rules it is unspecified which one is reported; whoever has to tell lets pass what was
//! refused and reads again, as `validate::body` does. UTF-8 is checked first and at once, so that the descent can cut
//! text at any ASCII byte.

use std::collections::BTreeMap;
use std::fmt;

use crate::double;

/// So many arrays and objects may be open at once (rule `nesting-depth`).
pub const MAX_DEPTH: usize = 128;

/// The largest magnitude of an integer, 2^53 (rule `integer-range`).
pub const MAX_INTEGER: u64 = 1 << 53;

/// What was read. Unless [`Options`] loosen it, numbers are finite and names unique; nesting is at most [`MAX_DEPTH`].
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number; integers are exact up to [`MAX_INTEGER`], and minus zero keeps its sign.
    Number(f64),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object. The map finds duplicates, and its order is that of code points.
    Object(BTreeMap<String, Value>),
}

/// Why an input was refused: the contract's rule that it breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Outside of the grammar of RFC 8259.
    Syntax,
    /// Not valid UTF-8.
    Utf8,
    /// A `\u` escape of a surrogate without its partner.
    LoneSurrogate,
    /// Two members of one object with equal names.
    DuplicateMember,
    /// An integer beyond [`MAX_INTEGER`] in magnitude.
    IntegerRange,
    /// A number whose nearest double is infinite.
    NumberRange,
    /// More than [`MAX_DEPTH`] arrays and objects open at once.
    NestingDepth,
}

impl Refusal {
    /// The rule's name in the contract.
    #[must_use]
    pub fn rule(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Utf8 => "utf8",
            Self::LoneSurrogate => "lone-surrogate",
            Self::DuplicateMember => "duplicate-member",
            Self::IntegerRange => "integer-range",
            Self::NumberRange => "number-range",
            Self::NestingDepth => "nesting-depth",
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused by the rule {}", self.rule())
    }
}

impl std::error::Error for Refusal {}

/// Which numbers are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Numbers {
    /// Those that the rules `integer-range` and `number-range` allow.
    #[default]
    InRange,
    /// An integer beyond [`MAX_INTEGER`] as well, rounded to a double.
    IntegersRounded,
    /// Every one; those that are too large are infinite.
    All,
}

/// Leniencies: planted bugs, and what it takes to find all that is wrong with an input. The default is strict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Which numbers to read.
    pub numbers: Numbers,
    /// Let the last of the members with one name stay.
    pub keep_last_duplicate: bool,
    /// Read a lone surrogate escape as U+FFFD.
    pub replace_lone_surrogates: bool,
    /// Ignore whatever stands behind the value, even if it is not UTF-8.
    pub ignore_rest: bool,
}

/// Reads `input` as one JSON value, with white space around it allowed.
///
/// # Errors
///
/// A [`Refusal`] that names a rule which `input` breaks.
pub fn read(input: &[u8], options: Options) -> Result<Value, Refusal> {
    let (text, is_whole) = match std::str::from_utf8(input) {
        Ok(text) => (text, true),
        Err(_) if options.ignore_rest => (input.utf8_chunks().next().map_or("", |chunk| chunk.valid()), false),
        Err(_) => return Err(Refusal::Utf8),
    };
    match Reader::new(text, options).root() {
        // A value that does not end before the first bad byte holds it.
        Err(Refusal::Syntax | Refusal::NestingDepth) if !is_whole => Err(Refusal::Utf8),
        read => read,
    }
}

/// The names of the members of the object that `text` is, in their order there, which a [`Value`] does not keep.
///
/// # Errors
///
/// A [`Refusal`] if `text` does not begin with an object, or holds one that `options` do not let pass.
pub fn member_names(text: &str, options: Options) -> Result<Vec<String>, Refusal> {
    let mut names = Vec::new();
    let mut reader = Reader::new(text, options);
    reader.skip_white_space();
    reader.expect(b'{')?;
    reader.members(|name, _| {
        names.push(name);
        Ok(())
    })?;
    Ok(names)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    options: Options,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, options: Options) -> Self {
        Self { text, at: 0, depth: 0, options }
    }

    /// Reads the value that the text is.
    fn root(&mut self) -> Result<Value, Refusal> {
        self.skip_white_space();
        let value = self.value()?;
        self.skip_white_space();
        let is_end = self.at == self.text.len() || self.options.ignore_rest;
        if is_end { Ok(value) } else { Err(Refusal::Syntax) }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// Steps over `byte` if it is next.
    fn skip(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Result<(), Refusal> {
        if self.skip(byte) { Ok(()) } else { Err(Refusal::Syntax) }
    }

    fn skip_white_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    fn value(&mut self) -> Result<Value, Refusal> {
        match self.peek() {
            Some(b'{') => self.nested(Self::object),
            Some(b'[') => self.nested(Self::array),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number().map(Value::Number),
            Some(b't') => self.literal("true", Value::Bool(true)),
            Some(b'f') => self.literal("false", Value::Bool(false)),
            Some(b'n') => self.literal("null", Value::Null),
            _ => Err(Refusal::Syntax),
        }
    }

    fn literal(&mut self, word: &str, value: Value) -> Result<Value, Refusal> {
        if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            Ok(value)
        } else {
            Err(Refusal::Syntax)
        }
    }

    /// Steps over an opening bracket and reads with `read` what it opens, one level deeper.
    fn nested(&mut self, read: fn(&mut Self) -> Result<Value, Refusal>) -> Result<Value, Refusal> {
        if self.depth == MAX_DEPTH {
            return Err(Refusal::NestingDepth);
        }
        self.depth += 1;
        self.at += 1;
        let value = read(self)?;
        self.depth -= 1;
        Ok(value)
    }

    fn array(&mut self) -> Result<Value, Refusal> {
        let mut items = Vec::new();
        self.skip_white_space();
        if self.skip(b']') {
            return Ok(Value::Array(items));
        }
        loop {
            self.skip_white_space();
            items.push(self.value()?);
            self.skip_white_space();
            if !self.skip(b',') {
                self.expect(b']')?;
                return Ok(Value::Array(items));
            }
        }
    }

    fn object(&mut self) -> Result<Value, Refusal> {
        let keep_last = self.options.keep_last_duplicate;
        let mut members = BTreeMap::new();
        self.members(|name, value| match members.insert(name, value) {
            Some(_) if !keep_last => Err(Refusal::DuplicateMember),
            _ => Ok(()),
        })?;
        Ok(Value::Object(members))
    }

    /// Hands each member of the object that has been opened to `take`, up to its end.
    fn members(&mut self, mut take: impl FnMut(String, Value) -> Result<(), Refusal>) -> Result<(), Refusal> {
        self.skip_white_space();
        if self.skip(b'}') {
            return Ok(());
        }
        loop {
            self.skip_white_space();
            let name = self.string()?;
            self.skip_white_space();
            self.expect(b':')?;
            self.skip_white_space();
            let value = self.value()?;
            take(name, value)?;
            self.skip_white_space();
            if !self.skip(b',') {
                return self.expect(b'}');
            }
        }
    }

    fn string(&mut self) -> Result<String, Refusal> {
        self.expect(b'"')?;
        let mut string = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | ..0x20)) {
                self.at += 1;
            }
            string.push_str(&self.text[start..self.at]);
            if self.skip(b'"') {
                return Ok(string);
            }
            self.expect(b'\\')?;
            string.push(self.escape()?);
        }
    }

    /// Reads what stands behind a backslash.
    fn escape(&mut self) -> Result<char, Refusal> {
        let byte = self.peek().ok_or(Refusal::Syntax)?;
        self.at += 1;
        match byte {
            b'"' | b'\\' | b'/' => Ok(char::from(byte)),
            b'b' => Ok('\u{8}'),
            b't' => Ok('\t'),
            b'n' => Ok('\n'),
            b'f' => Ok('\u{c}'),
            b'r' => Ok('\r'),
            b'u' => self.code_point(),
            _ => Err(Refusal::Syntax),
        }
    }

    /// Reads what stands behind `\u`, and the low surrogate's escape where a high one needs it.
    fn code_point(&mut self) -> Result<char, Refusal> {
        let unit = self.hex4()?;
        if let Some(char) = char::from_u32(unit) {
            return Ok(char);
        }
        let behind_unit = self.at;
        if is_high_surrogate(unit) && self.skip(b'\\') && self.skip(b'u') {
            let low = self.hex4()?;
            if let Some(char) = surrogate_pair(unit, low) {
                return Ok(char);
            }
        }
        if self.options.replace_lone_surrogates {
            // What follows is no partner of this one, but may well be an escape in its own right.
            self.at = behind_unit;
            return Ok(char::REPLACEMENT_CHARACTER);
        }
        Err(Refusal::LoneSurrogate)
    }

    fn hex4(&mut self) -> Result<u32, Refusal> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            unit = unit * 16 + digit.ok_or(Refusal::Syntax)?;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<f64, Refusal> {
        let start = self.at;
        self.skip(b'-');
        let digits = self.at;
        if !self.skip(b'0') {
            self.digits()?;
        }
        let mut is_integer = true;
        let digits = &self.text[digits..self.at];
        if self.skip(b'.') {
            is_integer = false;
            self.digits()?;
        }
        if self.skip(b'e') || self.skip(b'E') {
            is_integer = false;
            let _sign = self.skip(b'+') || self.skip(b'-');
            self.digits()?;
        }
        let in_range = digits.parse().is_ok_and(|magnitude: u64| magnitude <= MAX_INTEGER);
        if is_integer && !in_range && self.options.numbers == Numbers::InRange {
            return Err(Refusal::IntegerRange);
        }
        let number = double::nearest(&self.text[start..self.at]);
        let accepted = number.is_finite() || self.options.numbers == Numbers::All;
        if accepted { Ok(number) } else { Err(Refusal::NumberRange) }
    }

    /// Steps over one digit or more.
    fn digits(&mut self) -> Result<(), Refusal> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at > start { Ok(()) } else { Err(Refusal::Syntax) }
    }
}

fn is_high_surrogate(unit: u32) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

fn surrogate_pair(high: u32, low: u32) -> Option<char> {
    let is_low = (0xdc00..0xe000).contains(&low);
    is_low.then(|| char::from_u32(0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00)))?
}

#[cfg(test)]
mod tests;
