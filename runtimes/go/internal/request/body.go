package request

import (
	"errors"

	"lakehouse/internal/ijson"
)

// Read reads a body strictly, in one pass where there is nothing to refuse. The
// reason is empty then. The options are those of the reader, and only a planted
// bug has any.
func Read(body string, opts ijson.Options) (ijson.Value, Reason) {
	root, err := ijson.Parse(body, opts)
	if err != nil {
		return nil, diagnose(body, opts)
	}
	return root, ""
}

// diagnose tells why a body is refused. The reader stops at the first violation
// in the text; the contract wants the first in the order of its rules, each of
// them anywhere in the body. So all is tolerated, and then less and less.
func diagnose(body string, opts ijson.Options) Reason {
	opts.ReplaceLoneSurrogates = true
	opts.RoundIntegers, opts.InfiniteNumbers = true, true
	opts.DuplicateMembers = true
	_, err := ijson.Parse(body, opts)
	switch {
	case errors.Is(err, ijson.ErrUTF8):
		return InvalidUTF8
	case err != nil: // the grammar, or the nesting
		return MalformedJSON
	}
	opts.ReplaceLoneSurrogates = false
	if _, err := ijson.Parse(body, opts); err != nil {
		return LoneSurrogate
	}
	opts.RoundIntegers, opts.InfiniteNumbers = false, false
	if _, err := ijson.Parse(body, opts); err != nil {
		return NumberOutOfRange
	}
	return DuplicateMember
}
