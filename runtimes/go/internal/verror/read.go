package verror

import (
	"slices"

	"lakehouse/internal/ijson"
)

// Options depart from validation_error.rules.toml. Only planted bugs do that;
// the zero value is the contract.
type Options struct {
	UnknownIsPolicy bool // an unknown variant is Policy with an empty reason
}

// refusal is why no error was read, empty where one was.
type refusal string

const (
	unreadable     refusal = "unreadable"
	wrongShape     refusal = "wrong-shape"
	unknownVariant refusal = "unknown-variant"
)

// Append appends the answer for input, any bytes, to dst: {"error":TAGGED} or
// {"refused":WHY} in the form of RFC 8785.
func Append(dst []byte, input string, opts Options) []byte {
	e, refused := read(input)
	if refused == unknownVariant && opts.UnknownIsPolicy {
		e, refused = Error{Variant: Policy}, ""
	}
	if refused != "" {
		dst = append(dst, `{"refused":"`...)
		dst = append(dst, refused...)
		return append(dst, '"', '}')
	}
	dst = append(dst, `{"error":`...)
	dst = e.AppendTagged(dst)
	return append(dst, '}')
}

// read keeps to the contract's order: unreadable, the shape, the variant, its
// members.
func read(input string) (Error, refusal) {
	v, err := ijson.Parse(input, ijson.Options{})
	if err != nil {
		return Error{}, unreadable
	}
	o, ok := v.(ijson.Object)
	if !ok {
		return Error{}, wrongShape
	}
	if kind := o.Get("Kind"); kind != nil {
		return readFlat(o, kind)
	}
	if len(o) != 1 {
		return Error{}, wrongShape
	}
	return readTagged(o[0])
}

func readFlat(o ijson.Object, kind ijson.Value) (Error, refusal) {
	name, ok := kind.(ijson.String)
	if !ok {
		return Error{}, wrongShape
	}
	i := slices.IndexFunc(variants, func(v Variant) bool { return v.flat() == string(name) })
	if i < 0 {
		return Error{}, unknownVariant
	}
	e := Error{Variant: variants[i]}
	reason, ok := o.Get("Reason").(ijson.String)
	if !ok {
		return Error{}, wrongShape
	}
	e.Reason = string(reason)
	// Every variant may have a field, and only Schema must; the others drop it.
	field := o.Get("Field")
	if field == nil && e.Variant != Schema {
		return e, ""
	}
	way, ok := field.(ijson.String)
	if !ok {
		return Error{}, wrongShape
	}
	if e.Variant == Schema {
		e.Field = string(way)
	}
	return e, ""
}

func readTagged(m ijson.Member) (Error, refusal) {
	e := Error{Variant: Variant(m.Name)}
	if !slices.Contains(variants, e.Variant) {
		return Error{}, unknownVariant
	}
	o, ok := m.Value.(ijson.Object)
	if !ok {
		return Error{}, wrongShape
	}
	reason, ok := o.Get("reason").(ijson.String)
	if !ok {
		return Error{}, wrongShape
	}
	e.Reason = string(reason)
	if e.Variant == Schema {
		field, ok := o.Get("field").(ijson.String)
		if !ok {
			return Error{}, wrongShape
		}
		e.Field = string(field)
	}
	return e, ""
}
