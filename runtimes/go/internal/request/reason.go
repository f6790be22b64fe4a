// Package request reads what a client sent the way the contract has it read:
// what HTTP demands, then the bytes of the body, then its members one by one,
// and the first thing that is wrong answers. Every service shares it.
package request

import "net/http"

// Reason is why a request was refused, by the name of the rule that failed.
// Those that are shared by all services stand here, the rest with their rules.
type Reason string

// What HTTP demands.
const (
	UnknownPath                Reason = "unknown-path"
	MethodNotAllowed           Reason = "method-not-allowed"
	UnsupportedMediaType       Reason = "unsupported-media-type"
	UnsupportedContentEncoding Reason = "unsupported-content-encoding"
	BodyTooLarge               Reason = "body-too-large"
)

// What JSON demands of the body.
const (
	InvalidUTF8      Reason = "invalid-utf8"
	MalformedJSON    Reason = "malformed-json"
	LoneSurrogate    Reason = "lone-surrogate"
	NumberOutOfRange Reason = "number-out-of-range"
	DuplicateMember  Reason = "duplicate-member"
)

// What is demanded of members.
const (
	NotAnObject  Reason = "not-an-object"
	MissingField Reason = "missing-field"
	WrongType    Reason = "wrong-type"
	TooLong      Reason = "too-long"
	EmptyID      Reason = "empty-id"
	Blank        Reason = "blank"
	NotWhole     Reason = "not-whole"
	OutOfRange   Reason = "out-of-range"
)

// Status is the HTTP status that a reason is answered with.
func (r Reason) Status() int {
	switch r {
	case UnknownPath:
		return http.StatusNotFound
	case MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case UnsupportedMediaType, UnsupportedContentEncoding:
		return http.StatusUnsupportedMediaType
	case BodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case InvalidUTF8, MalformedJSON, LoneSurrogate, NumberOutOfRange, DuplicateMember:
		return http.StatusBadRequest
	default:
		return http.StatusUnprocessableEntity
	}
}
