package chain

import (
	"bytes"
	"unicode/utf8"
)

// scanner steps through a line that is canonical beyond doubt. It knows of JSON
// only what has one spelling:
//
//   - no white space anywhere
//   - strings of valid UTF-8 without escapes and control characters, which is
//     how the canonical writer leaves them
//   - names of ASCII alone, each greater than the one before, so that none comes
//     twice, and the order of bytes is that of UTF-16 code units
//   - integers of up to 15 digits without leading zeros and without -0
//   - true, false, null, and no more than maxOrdinary arrays and objects at once
//
// Everything else it leaves to the strict reader: no is no refusal.
type scanner struct {
	line  []byte
	pos   int
	depth int
}

const maxOrdinary = 8

// scan takes an ordinary line apart as read does, without a copy of anything.
// What is signed is then the line itself, with the member seal cut out of it.
func scan(line []byte, seal string) (s sealed, ok bool) {
	r := scanner{line: line}
	if !r.take('{') || !utf8.Valid(line) {
		return sealed{}, false
	}
	s.canonical = true
	var name []byte
	sealAt, sealEnd := 0, 0
	for more := true; more; {
		start := r.pos
		if name, ok = r.name(name); !ok {
			return sealed{}, false
		}
		valueAt := r.pos
		if !r.value() {
			return sealed{}, false
		}
		value := line[valueAt:r.pos]
		switch string(name) {
		case seal:
			if text := unquoted(value); isMAC(text) {
				s.mac = text
			}
			sealAt, sealEnd = start, r.pos
		case "subject":
			s.subject = unquoted(value)
		case "prev":
			s.prev = unquoted(value)
		case "seq":
			s.seq = integer(value)
		}
		if more, ok = r.next('}'); !ok {
			return sealed{}, false
		}
	}
	if sealAt > 0 {
		s.signed = cut(line, sealAt, sealEnd)
	}
	return s, r.pos == len(line)
}

// cut returns what an object's line is without one member, which stands there
// from start to end, and without the comma that parts it from the others.
func cut(line []byte, start, end int) [2][]byte {
	if line[end] == ',' {
		end++
	} else if line[start-1] == ',' {
		start--
	}
	return [2][]byte{line[:start], line[end:]}
}

// unquoted is the text of a string, or nil for another value.
func unquoted(value []byte) []byte {
	if value[0] != '"' {
		return nil
	}
	return value[1 : len(value)-1]
}

// integer is the value of a number, or 0 for another value.
func integer(value []byte) float64 {
	var n int64
	negative := value[0] == '-'
	if negative {
		value = value[1:]
	}
	for _, c := range value {
		if !isDigit(c) {
			return 0
		}
		n = n*10 + int64(c-'0')
	}
	if negative {
		n = -n
	}
	return float64(n)
}

// peek returns the next byte, and NUL at the end, which has no place in JSON.
func (r *scanner) peek() byte {
	if r.pos < len(r.line) {
		return r.line[r.pos]
	}
	return 0
}

func (r *scanner) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.pos++
	return true
}

// next steps over what follows a member or an item.
func (r *scanner) next(closing byte) (more, ok bool) {
	if r.take(',') {
		return true, true
	}
	return false, r.take(closing)
}

// name steps over a member's name and its colon.
func (r *scanner) name(before []byte) (name []byte, ok bool) {
	start := r.pos
	if !r.str() {
		return nil, false
	}
	name = r.line[start+1 : r.pos-1]
	for _, c := range name {
		if c >= utf8.RuneSelf {
			return nil, false
		}
	}
	return name, bytes.Compare(before, name) < 0 && r.take(':')
}

func (r *scanner) value() bool {
	switch c := r.peek(); c {
	case '"':
		return r.str()
	case '{':
		return r.nested('}')
	case '[':
		return r.nested(']')
	case 't':
		return r.literal("true")
	case 'f':
		return r.literal("false")
	case 'n':
		return r.literal("null")
	default:
		return r.number()
	}
}

func (r *scanner) str() bool {
	if !r.take('"') {
		return false
	}
	for i, c := range r.line[r.pos:] {
		if c == '"' {
			r.pos += i + 1
			return true
		}
		if c < 0x20 || c == '\\' {
			return false
		}
	}
	return false
}

// nested steps over an object or an array inside of the line's object.
func (r *scanner) nested(closing byte) bool {
	r.pos++
	if r.take(closing) {
		return true
	}
	if r.depth++; r.depth == maxOrdinary {
		return false
	}
	var name []byte
	for more, ok := true, true; more; {
		if closing == '}' {
			if name, ok = r.name(name); !ok {
				return false
			}
		}
		if !r.value() {
			return false
		}
		if more, ok = r.next(closing); !ok {
			return false
		}
	}
	r.depth--
	return true
}

func (r *scanner) literal(word string) bool {
	if !bytes.HasPrefix(r.line[r.pos:], []byte(word)) {
		return false
	}
	r.pos += len(word)
	return true
}

func (r *scanner) number() bool {
	negative := r.take('-')
	if r.take('0') {
		return !negative
	}
	start := r.pos
	for isDigit(r.peek()) {
		r.pos++
	}
	digits := r.pos - start
	return 0 < digits && digits <= 15
}
