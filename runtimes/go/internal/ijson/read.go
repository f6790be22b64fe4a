package ijson

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// maxDepth is how many arrays and objects may be open at once (nesting-depth).
// It bounds the recursion too, so no input can exhaust the stack.
const maxDepth = 128

// Parse reads text as one JSON value with nothing but JSON white space around
// it. A refusal is an [*Error]. The strings of the value may share memory with
// text.
func Parse(text string, opts Options) (Value, error) {
	// Checked once and for all, so that the rest can go by single bytes: every
	// byte that means something to JSON is ASCII.
	if !utf8.ValidString(text) {
		valid := firstInvalid(text)
		if opts.IgnoreBehind {
			return parseBefore(text, valid, opts)
		}
		return nil, &Error{ErrUTF8, valid}
	}
	return parseValid(text, opts)
}

func parseValid(text string, opts Options) (Value, error) {
	r := reader{text: text, opts: opts}
	r.skipSpace()
	v, err := r.value()
	if err != nil {
		return nil, err
	}
	r.skipSpace()
	if r.pos < len(text) && !opts.IgnoreBehind {
		return nil, r.refuse(ErrSyntax)
	}
	return v, nil
}

// parseBefore reads a text that is valid UTF-8 only up to an offset. A value
// that has not ended there holds what is not.
func parseBefore(text string, valid int, opts Options) (Value, error) {
	v, err := parseValid(text[:valid], opts)
	if errors.Is(err, ErrSyntax) || errors.Is(err, ErrNestingDepth) {
		return nil, &Error{ErrUTF8, valid}
	}
	return v, err
}

func firstInvalid(text string) int {
	for i := 0; i < len(text); {
		c, size := utf8.DecodeRuneInString(text[i:])
		if c == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}

type reader struct {
	text  string
	pos   int
	depth int
	opts  Options
}

func (r *reader) refuse(rule error) error { return &Error{rule, r.pos} }

// peek returns the next byte. At the end that is NUL, which JSON allows nowhere,
// so that the end needs no case of its own.
func (r *reader) peek() byte {
	if r.pos < len(r.text) {
		return r.text[r.pos]
	}
	return 0
}

func (r *reader) take(c byte) bool {
	if r.peek() != c {
		return false
	}
	r.pos++
	return true
}

func (r *reader) skipSpace() {
	for {
		switch r.peek() {
		case ' ', '\t', '\r', '\n':
			r.pos++
		default:
			return
		}
	}
}

func (r *reader) value() (Value, error) {
	switch c := r.peek(); c {
	case '{':
		return r.object()
	case '[':
		return r.array()
	case '"':
		s, err := r.str()
		if err != nil {
			return nil, err
		}
		return String(s), nil
	case 't':
		return r.literal("true", Bool(true))
	case 'f':
		return r.literal("false", Bool(false))
	case 'n':
		return r.literal("null", Null{})
	default:
		if c == '-' || isDigit(c) {
			return r.number()
		}
		return nil, r.refuse(ErrSyntax)
	}
}

func (r *reader) literal(word string, v Value) (Value, error) {
	if !strings.HasPrefix(r.text[r.pos:], word) {
		return nil, r.refuse(ErrSyntax)
	}
	r.pos += len(word)
	return v, nil
}

// open steps over the bracket that begins an array or an object.
func (r *reader) open() error {
	if r.depth == maxDepth {
		return r.refuse(ErrNestingDepth)
	}
	r.depth++
	r.pos++
	r.skipSpace()
	return nil
}

// next steps over what follows an element: a comma, or the closing bracket.
func (r *reader) next(closing byte) (more bool, err error) {
	r.skipSpace()
	switch {
	case r.take(','):
		r.skipSpace()
		return true, nil
	case r.take(closing):
		r.depth--
		return false, nil
	default:
		return false, r.refuse(ErrSyntax)
	}
}

func (r *reader) array() (Value, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	if r.take(']') {
		r.depth--
		return Array{}, nil
	}
	var items Array
	for more := true; more; {
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		items = append(items, v)
		if more, err = r.next(']'); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func (r *reader) object() (Value, error) {
	if err := r.open(); err != nil {
		return nil, err
	}
	if r.take('}') {
		r.depth--
		return Object{}, nil
	}
	var list memberList
	for more := true; more; {
		nameAt := r.pos
		if r.peek() != '"' {
			return nil, r.refuse(ErrSyntax)
		}
		name, err := r.str()
		if err != nil {
			return nil, err
		}
		earlier := list.find(name)
		if earlier >= 0 && !r.opts.DuplicateMembers {
			return nil, &Error{ErrDuplicateMember, nameAt}
		}
		r.skipSpace()
		if !r.take(':') {
			return nil, r.refuse(ErrSyntax)
		}
		r.skipSpace()
		v, err := r.value()
		if err != nil {
			return nil, err
		}
		if earlier >= 0 {
			list.members[earlier].Value = v
		} else {
			list.add(name, v)
		}
		if more, err = r.next('}'); err != nil {
			return nil, err
		}
	}
	return list.members, nil
}
