package validate

import (
	"net/http"

	"lakehouse/internal/request"
	"lakehouse/internal/verror"
)

// Reason is why a request was not accepted: the name of the rule of
// validate.rules.toml that failed. Those that every service has are in package
// request; with the constants here they are all there are.
type Reason = request.Reason

// What Schema demands here, and nowhere else.
const (
	UnknownKind Reason = "unknown-kind"
	BadState    Reason = "bad-state"
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

// variantOf is the category of the rule.
func variantOf(r Reason) verror.Variant {
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

// statusOf is the HTTP status that a reason is answered with.
func statusOf(r Reason, opts Options) int {
	if r == request.MalformedJSON && opts.MalformedIs422 {
		return http.StatusUnprocessableEntity
	}
	return r.Status()
}
