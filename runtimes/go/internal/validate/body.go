package validate

import (
	"errors"

	"lakehouse/internal/ijson"
)

// readBody reads the body strictly, in one pass where there is nothing to
// refuse. The reason is empty then.
func readBody(body string, opts Options) (ijson.Value, Reason) {
	strict := ijson.Options{IgnoreBehind: opts.IgnoreBehind}
	root, err := ijson.Parse(body, strict)
	if err != nil {
		return nil, diagnose(body, strict)
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
