package ijson

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string from its opening quotation mark on. One without escapes, by
// far the most common, is a part of the text and costs no copy.
func (r *reader) str() (string, error) {
	r.pos++
	first := r.plain()
	if r.take('"') {
		return first, nil
	}
	var b strings.Builder
	b.WriteString(first)
	for {
		switch {
		case r.take('"'):
			return b.String(), nil
		case r.take('\\'):
			c, err := r.escape()
			if err != nil {
				return "", err
			}
			b.WriteRune(c)
		default: // a control character or the end
			return "", r.refuse(ErrSyntax)
		}
		b.WriteString(r.plain())
	}
}

// plain steps over everything that stands for itself.
func (r *reader) plain() string {
	start := r.pos
	for r.pos < len(r.text) {
		if c := r.text[r.pos]; c == '"' || c == '\\' || c < 0x20 {
			break
		}
		r.pos++
	}
	return r.text[start:r.pos]
}

// escape reads what follows a backslash.
func (r *reader) escape() (rune, error) {
	c := r.peek()
	switch c {
	case '"', '\\', '/':
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'n':
		c = '\n'
	case 'r':
		c = '\r'
	case 't':
		c = '\t'
	case 'u':
		return r.unicodeEscape()
	default:
		return 0, r.refuse(ErrSyntax)
	}
	r.pos++
	return rune(c), nil
}

// unicodeEscape reads from the u of an escape on: one escape, or the two of a
// surrogate-pair.
func (r *reader) unicodeEscape() (rune, error) {
	c, ok := hex4(r.text[r.pos+1:])
	if !ok {
		return 0, r.refuse(ErrSyntax)
	}
	if !utf16.IsSurrogate(c) {
		r.pos += len("u0000")
		return c, nil
	}
	if behind, ok := strings.CutPrefix(r.text[r.pos+len("u0000"):], `\u`); ok {
		// A second escape that makes no pair is not ours: it may begin one.
		low, _ := hex4(behind)
		if pair := utf16.DecodeRune(c, low); pair != utf8.RuneError {
			r.pos += len(`u0000\u0000`)
			return pair, nil
		}
	}
	if !r.opts.ReplaceLoneSurrogates {
		return 0, r.refuse(ErrLoneSurrogate)
	}
	r.pos += len("u0000")
	return utf8.RuneError, nil
}

// hex4 reads four hexadecimal digits. (strconv.ParseUint would do, but it
// allocates an error, and takes no fixed number of digits.)
func hex4(s string) (c rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for i := range 4 {
		digit := rune(s[i])
		switch {
		case '0' <= digit && digit <= '9':
			digit -= '0'
		case 'a' <= digit && digit <= 'f':
			digit -= 'a' - 10
		case 'A' <= digit && digit <= 'F':
			digit -= 'A' - 10
		default:
			return 0, false
		}
		c = c<<4 | digit
	}
	return c, true
}
