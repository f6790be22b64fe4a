package validate

import (
	"net/http"

	"lakehouse/internal/verror"
)

// Reason is why a request was not accepted: the name of the rule of
// validate.rules.toml that failed. The constants are all there are.
type Reason string

// What HTTP demands. Whoever serves HTTP looks at it, and refuses by [Refuse].
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

// What Schema demands of the members.
const (
	NotAnObject  Reason = "not-an-object"
	MissingField Reason = "missing-field"
	WrongType    Reason = "wrong-type"
	UnknownKind  Reason = "unknown-kind"
	TooLong      Reason = "too-long"
	EmptyID      Reason = "empty-id"
	BadState     Reason = "bad-state"
	NotWhole     Reason = "not-whole"
	OutOfRange   Reason = "out-of-range"
)

// Completeness.
const (
	EmptyRoster       Reason = "empty-roster"
	TooFewFills       Reason = "too-few-fills"
	MissingRecipient  Reason = "missing-recipient"
	EmptySubject      Reason = "empty-subject"
	EmptyBody         Reason = "empty-body"
	OrderNotMentioned Reason = "order-not-mentioned"
)

// Consistency.
const (
	DuplicateRosterID Reason = "duplicate-roster-id"
	TooManyFills      Reason = "too-many-fills"
	UnknownWorker     Reason = "unknown-worker"
	DuplicateWorker   Reason = "duplicate-worker"
	RoleMismatch      Reason = "role-mismatch"
	CityMismatch      Reason = "city-mismatch"
	StateMismatch     Reason = "state-mismatch"
	RecipientMismatch Reason = "recipient-mismatch"
)

// Policy.
const (
	ExcludedWorker       Reason = "excluded-worker"
	SMSTooLong           Reason = "sms-too-long"
	SubjectTooLong       Reason = "subject-too-long"
	PlaceholderLeft      Reason = "placeholder-left"
	LinkInSMS            Reason = "link-in-sms"
	SocialSecurityNumber Reason = "social-security-number"
)

// variant is the category of the rule.
func (r Reason) variant() verror.Variant {
	switch r {
	case EmptyRoster, TooFewFills, MissingRecipient, EmptySubject, EmptyBody, OrderNotMentioned:
		return verror.Completeness
	case DuplicateRosterID, TooManyFills, UnknownWorker, DuplicateWorker, RoleMismatch, CityMismatch, StateMismatch,
		RecipientMismatch:
		return verror.Consistency
	case ExcludedWorker, SMSTooLong, SubjectTooLong, PlaceholderLeft, LinkInSMS, SocialSecurityNumber:
		return verror.Policy
	default:
		return verror.Schema
	}
}

// status is the HTTP status that a reason is answered with.
func (r Reason) status(opts Options) int {
	switch r {
	case UnknownPath:
		return http.StatusNotFound
	case MethodNotAllowed:
		return http.StatusMethodNotAllowed
	case UnsupportedMediaType, UnsupportedContentEncoding:
		return http.StatusUnsupportedMediaType
	case BodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case MalformedJSON:
		if opts.MalformedIs422 {
			return http.StatusUnprocessableEntity
		}
		return http.StatusBadRequest
	case InvalidUTF8, LoneSurrogate, NumberOutOfRange, DuplicateMember:
		return http.StatusBadRequest
	default:
		return http.StatusUnprocessableEntity
	}
}
