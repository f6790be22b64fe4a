// Package jcs writes values in the canonical form of RFC 8785: the contract's
// rules member-order, member-order-utf16, number-form, negative-zero,
// string-form and no-extra-escape.
package jcs

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"lakehouse/internal/ijson"
)

// Options spoil the form. Only planted bugs do that; the zero value is the
// contract.
type Options struct {
	CodePointOrder bool // members are sorted by code points
	NegativeZero   bool // minus zero is written -0
	EscapeHTML     bool // < > and & are written as escapes
}

// Append appends the canonical form of v to dst. The value must be one that
// [ijson.Parse] could return: strings of valid UTF-8, finite numbers, no name
// twice in an object. It panics on a number that is not finite, as JSON has no
// form for one.
func Append(dst []byte, v ijson.Value, opts Options) []byte {
	switch v := v.(type) {
	case ijson.Null:
		return append(dst, "null"...)
	case ijson.Bool:
		return strconv.AppendBool(dst, bool(v))
	case ijson.Number:
		return appendNumber(dst, float64(v), opts)
	case ijson.String:
		return appendString(dst, string(v), opts)
	case ijson.Array:
		dst = append(dst, '[')
		for i, item := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = Append(dst, item, opts)
		}
		return append(dst, ']')
	case ijson.Object:
		dst = append(dst, '{')
		for i, m := range sorted(v, opts) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, m.Name, opts)
			dst = append(dst, ':')
			dst = Append(dst, m.Value, opts)
		}
		return append(dst, '}')
	default:
		panic("jcs: a value of no known kind")
	}
}

// AppendString appends the canonical form of a string alone.
func AppendString(dst []byte, s string) []byte { return appendString(dst, s, Options{}) }

// AppendNumber appends the canonical form of a number alone.
func AppendNumber(dst []byte, f float64) []byte { return appendNumber(dst, f, Options{}) }

// sorted leaves the object itself as it was read.
func sorted(o ijson.Object, opts Options) ijson.Object {
	compare := func(a, b ijson.Member) int { return CompareNames(a.Name, b.Name) }
	if opts.CodePointOrder {
		// The order of UTF-8 bytes is the order of code points.
		compare = func(a, b ijson.Member) int { return strings.Compare(a.Name, b.Name) }
	}
	if slices.IsSortedFunc(o, compare) {
		return o
	}
	o = slices.Clone(o)
	slices.SortFunc(o, compare)
	return o
}

// CompareNames compares two names, which are valid UTF-8, as members are sorted:
// by their UTF-16 code units. That differs from the order of bytes in one place: code points from U+10000 on
// begin with a surrogate, and so come before U+E000. As UTF-8 encodes the
// leading bits first, the first byte that differs decides.
func CompareNames(a, b string) int {
	shorter := min(len(a), len(b))
	for i := range shorter {
		if a[i] != b[i] {
			return rankUTF16(a[i]) - rankUTF16(b[i])
		}
	}
	return len(a) - len(b)
}

// rankUTF16 moves the lead bytes of U+10000 and beyond (F0 to F4) in front of
// those of U+E000 to U+FFFF (EE and EF; those below U+E000 begin with ED at most).
func rankUTF16(c byte) int {
	switch {
	case c >= 0xF0:
		return int(c) - 2
	case c >= 0xEE:
		return int(c) + 5
	default:
		return int(c)
	}
}

// appendNumber writes a double as ECMAScript's Number::toString does.
func appendNumber(dst []byte, f float64, opts Options) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		panic("jcs: a number that is not finite")
	}
	if f == 0 {
		if opts.NegativeZero && math.Signbit(f) {
			dst = append(dst, '-')
		}
		return append(dst, '0')
	}
	if abs := math.Abs(f); 1e-6 <= abs && abs < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	// Go pads the exponent to two digits, ECMAScript does not: 1e-07 is 1e-7.
	if n := len(dst); dst[n-4] == 'e' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1]
		dst = dst[:n-1]
	}
	return dst
}

func appendString(dst []byte, s string, opts Options) []byte {
	dst = append(dst, '"')
	done := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && !(opts.EscapeHTML && isHTML(c)) {
			continue
		}
		dst = append(dst, s[done:i]...)
		dst = appendEscape(dst, c)
		done = i + 1
	}
	dst = append(dst, s[done:]...)
	return append(dst, '"')
}

func isHTML(c byte) bool { return c == '<' || c == '>' || c == '&' }

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, `\b`...)
	case '\t':
		return append(dst, `\t`...)
	case '\n':
		return append(dst, `\n`...)
	case '\f':
		return append(dst, `\f`...)
	case '\r':
		return append(dst, `\r`...)
	default:
		const hex = "0123456789abcdef"
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
	}
}
