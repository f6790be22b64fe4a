//! The canonical writer: RFC 8785.
//!
//! Contract rules: `member-order`, `member-order-utf16`, `number-form`, `negative-zero`, `string-form`,
//! `no-extra-escape`. It cannot fail: every [`Value`] of the strict reader has a canonical form.

use std::collections::BTreeMap;

use crate::ijson::Value;

/// Departures from RFC 8785, all of them planted bugs. The default departs from nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Sort members by code points instead of UTF-16 code units.
    pub code_point_order: bool,
    /// Write minus zero as `-0`.
    pub signed_zero: bool,
    /// Write `<`, `>` and `&` as `\u003c`, `\u003e` and `\u0026`.
    pub html_escapes: bool,
}

/// Appends the canonical form of `value` to `out`.
pub fn write(value: &Value, options: Options, out: &mut String) {
    Writer { out, options }.value(value);
}

/// Appends the canonical form of the string `string` to `out`.
pub fn write_string(string: &str, out: &mut String) {
    Writer { out, options: Options::default() }.string(string);
}

struct Writer<'a> {
    out: &'a mut String,
    options: Options,
}

impl Writer<'_> {
    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.out.push_str("null"),
            Value::Bool(true) => self.out.push_str("true"),
            Value::Bool(false) => self.out.push_str("false"),
            Value::Number(number) => self.number(*number),
            Value::String(string) => self.string(string),
            Value::Array(items) => self.array(items),
            Value::Object(members) => self.object(members),
        }
    }

    fn array(&mut self, items: &[Value]) {
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.value(item);
        }
        self.out.push(']');
    }

    fn object(&mut self, members: &BTreeMap<String, Value>) {
        // The map's own order, by bytes of UTF-8, is the order by code points. UTF-16 differs from it only
        // where a surrogate pair meets a code point from U+E000 on, so this sort has next to nothing to do.
        let mut members: Vec<_> = members.iter().collect();
        if !self.options.code_point_order {
            members.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
        }
        self.out.push('{');
        for (index, (name, value)) in members.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            self.string(name);
            self.out.push(':');
            self.value(value);
        }
        self.out.push('}');
    }

    fn number(&mut self, number: f64) {
        if self.options.signed_zero && number == 0.0 && number.is_sign_negative() {
            self.out.push('-');
        }
        self.out.push_str(ryu_js::Buffer::new().format(number));
    }

    fn string(&mut self, string: &str) {
        self.out.push('"');
        // Only ASCII is ever escaped, so unescaped runs are copied whole and cut at character boundaries.
        let mut copied = 0;
        for (at, byte) in string.bytes().enumerate() {
            if self.is_plain(byte) {
                continue;
            }
            self.out.push_str(&string[copied..at]);
            self.escape(byte);
            copied = at + 1;
        }
        self.out.push_str(&string[copied..]);
        self.out.push('"');
    }

    fn is_plain(&self, byte: u8) -> bool {
        match byte {
            b'"' | b'\\' | ..0x20 => false,
            b'<' | b'>' | b'&' => !self.options.html_escapes,
            _ => true,
        }
    }

    fn escape(&mut self, byte: u8) {
        self.out.push('\\');
        match byte {
            b'"' | b'\\' => self.out.push(char::from(byte)),
            0x08 => self.out.push('b'),
            b'\t' => self.out.push('t'),
            b'\n' => self.out.push('n'),
            0x0c => self.out.push('f'),
            b'\r' => self.out.push('r'),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                self.out.push_str("u00");
                self.out.push(char::from(HEX[usize::from(byte >> 4)]));
                self.out.push(char::from(HEX[usize::from(byte & 0xf)]));
            }
        }
    }
}

#[cfg(test)]
mod tests;
