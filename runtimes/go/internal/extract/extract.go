// Package extract serves the surface extract_json: it takes the first JSON
// object out of what a model wrote. The procedure and the names of its rules
// (fence-first, bare-refused, and so on) are in extract_json.rules.toml; what is
// an object, and how it is written, are those of ijson and jcs.
package extract

import (
	"strings"

	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
)

// Options depart from the procedure. Only planted bugs do that; the zero value
// is the contract.
type Options struct {
	SkipUntagged    bool // a fence without a tag holds no candidate
	WholeArray      bool // an input that is an array is the answer
	LastObject      bool // the last accepted bare object, not the first
	IgnoreBackslash bool // in the scan, a backslash hides nothing
	Reader          ijson.Options
	Writer          jcs.Options
}

const (
	fence = "```"
	tag   = "json"
)

// Append appends the answer for input, any bytes, to dst:
// {"matched":bool,"value":object or null} in the form of RFC 8785. It takes time
// linear in the input, but for the sorting of members.
func Append(dst []byte, input string, opts Options) []byte {
	v, ok := find(input, opts)
	if !ok {
		return append(dst, `{"matched":false,"value":null}`...)
	}
	dst = append(dst, `{"matched":true,"value":`...)
	dst = jcs.Append(dst, v, opts.Writer)
	return append(dst, '}')
}

func find(input string, opts Options) (ijson.Value, bool) {
	if o, ok := fenced(input, opts); ok {
		return o, true
	}
	if opts.WholeArray {
		if a, ok := read[ijson.Array](input, opts); ok {
			return a, true
		}
	}
	return bare(input, opts)
}

// fenced returns the object in the first fence that holds one and nothing else.
func fenced(input string, opts Options) (ijson.Value, bool) {
	for {
		_, opened, ok := strings.Cut(input, fence)
		if !ok {
			return nil, false
		}
		opened, tagged := strings.CutPrefix(opened, tag)
		content, behind, ok := strings.Cut(opened, fence)
		if !ok {
			return nil, false // fence-unclosed: prose
		}
		if tagged || !opts.SkipUntagged {
			if o, ok := read[ijson.Object](content, opts); ok {
				return o, true
			}
		}
		input = behind
	}
}

// bare returns the first balanced candidate that is an object. A candidate that
// is refused is left behind whole, and one that never closes ends the scan: a
// part of an answer must not pass for one.
func bare(input string, opts Options) (answer ijson.Value, found bool) {
	for {
		start := strings.IndexByte(input, '{')
		if start < 0 {
			return answer, found
		}
		input = input[start:]
		size, ok := balanced(input, opts)
		if !ok {
			return answer, found
		}
		if o, ok := read[ijson.Object](input[:size], opts); ok {
			answer, found = o, true
			if !opts.LastObject {
				return answer, found
			}
		}
		input = input[size:]
	}
}

// balanced returns the size of the candidate at the beginning of input, which
// opens with a brace. It knows strings and braces only, and leaves the judgment
// to the reader.
func balanced(input string, opts Options) (size int, ok bool) {
	depth, inString := 0, false
	for i := 0; i < len(input); i++ {
		switch c := input[i]; {
		case c == '"':
			inString = !inString
		case inString:
			if c == '\\' && !opts.IgnoreBackslash {
				i++
			}
		case c == '{':
			depth++
		case c == '}':
			depth--
			if depth == 0 {
				return i + 1, true
			}
		}
	}
	return 0, false
}

// read reads all of text as a value of the kind T.
func read[T ijson.Value](text string, opts Options) (t T, ok bool) {
	v, err := ijson.Parse(text, opts.Reader)
	if err == nil {
		t, ok = v.(T)
	}
	return t, ok
}
