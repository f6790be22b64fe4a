// Package verror holds the error that a validator sends, writes it down in its
// two shapes, and serves the surface validation_error, which reads both.
package verror

import (
	"strings"

	"lakehouse/internal/jcs"
)

// Variant is what an error is tagged with: the stage of validation that failed.
type Variant string

// The variants, and there are no others.
const (
	Schema       Variant = "Schema"
	Completeness Variant = "Completeness"
	Consistency  Variant = "Consistency"
	Policy       Variant = "Policy"
)

var variants = []Variant{Schema, Completeness, Consistency, Policy}

// flat is the variant's name in the old shape.
func (v Variant) flat() string { return strings.ToLower(string(v)) }

// Error is why something was not accepted. Its reason is any string here, since
// a reader may be older than a reason.
type Error struct {
	Variant Variant
	Field   string // of Schema alone: the way to the member, empty for the whole
	Reason  string
}

// AppendTagged appends the shape of today to dst, as RFC 8785 writes it:
// {"Schema":{"field":"x","reason":"y"}}, and no field for the other variants.
func (e Error) AppendTagged(dst []byte) []byte {
	dst = append(dst, '{')
	dst = jcs.AppendString(dst, string(e.Variant))
	dst = append(dst, ':', '{')
	if e.Variant == Schema {
		dst = append(dst, `"field":`...)
		dst = jcs.AppendString(dst, e.Field)
		dst = append(dst, ',')
	}
	dst = append(dst, `"reason":`...)
	dst = jcs.AppendString(dst, e.Reason)
	return append(dst, '}', '}')
}

// AppendFlat appends the shape that Go once sent:
// {"Field":"x","Kind":"schema","Reason":"y"}, and no field for the other
// variants. Only a planted bug still does.
func (e Error) AppendFlat(dst []byte) []byte {
	dst = append(dst, '{')
	if e.Variant == Schema {
		dst = append(dst, `"Field":`...)
		dst = jcs.AppendString(dst, e.Field)
		dst = append(dst, ',')
	}
	dst = append(dst, `"Kind":`...)
	dst = jcs.AppendString(dst, e.Variant.flat())
	dst = append(dst, `,"Reason":`...)
	dst = jcs.AppendString(dst, e.Reason)
	return append(dst, '}')
}
