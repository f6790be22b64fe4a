// Package ijson reads JSON strictly: the grammar of RFC 8259 within the limits
// of I-JSON (RFC 7493) that the contract draws. Whatever it does not refuse has
// one meaning in every runtime.
//
// Each refusal rule of extract_json.rules.toml is one error here: [ErrSyntax],
// [ErrUTF8], [ErrLoneSurrogate], [ErrDuplicateMember], [ErrIntegerRange],
// [ErrNumberRange] and [ErrNestingDepth]. encoding/json cannot serve: it keeps
// the last of two equal names, and turns what is not Unicode into U+FFFD.
package ijson

import (
	"errors"
	"fmt"
)

// Value is one of [Null], [Bool], [Number], [String], [Array] and [Object].
type Value interface{ isValue() }

type (
	Null   struct{}
	Bool   bool
	Number float64 // finite, but for Options.InfiniteNumbers; minus zero keeps its sign
	String string  // valid UTF-8
	Array  []Value
	Object []Member // in the order of the text
)

// Member is a name and its value.
type Member struct {
	Name  string
	Value Value
}

// Get returns the value of the member with that name, or nil where there is none.
func (o Object) Get(name string) Value {
	for i := range o {
		if o[i].Name == name {
			return o[i].Value
		}
	}
	return nil
}

func (Null) isValue()   {}
func (Bool) isValue()   {}
func (Number) isValue() {}
func (String) isValue() {}
func (Array) isValue()  {}
func (Object) isValue() {}

// The refusals, each with the name of its rule in the contract.
var (
	ErrSyntax          = errors.New("syntax")
	ErrUTF8            = errors.New("utf8")
	ErrLoneSurrogate   = errors.New("lone-surrogate")
	ErrDuplicateMember = errors.New("duplicate-member")
	ErrIntegerRange    = errors.New("integer-range")
	ErrNumberRange     = errors.New("number-range")
	ErrNestingDepth    = errors.New("nesting-depth")
)

// Error says which rule refused a text, and where.
type Error struct {
	Rule   error // one of the Err variables
	Offset int   // in bytes
}

func (e *Error) Error() string { return fmt.Sprintf("%v at byte %d", e.Rule, e.Offset) }

func (e *Error) Unwrap() error { return e.Rule }

// Options loosen the reader. Only planted bugs do that, and whoever asks what
// else there is to refuse in a text; the zero value is the contract.
type Options struct {
	DuplicateMembers      bool // the last of equal names stays
	RoundIntegers         bool // an integer beyond 2^53 becomes the nearest double
	InfiniteNumbers       bool // a number that rounds to infinity becomes infinite
	ReplaceLoneSurrogates bool // each becomes U+FFFD
	IgnoreBehind          bool // whatever bytes stand behind the value are none of it
}
