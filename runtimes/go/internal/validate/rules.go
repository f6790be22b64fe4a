package validate

import (
	"strings"
	"unicode/utf8"

	"lakehouse/internal/ascii"
)

const (
	maxSMS     = 160 // characters
	maxSubject = 120 // characters
)

// completeness returns the first of its rules that fails, or an empty reason. So
// do consistency and policy.
func completeness(req *task, _ Options) Reason {
	o, a := &req.order, &req.artifact
	isMessage := req.kind != fill
	switch {
	case len(req.roster) == 0:
		return EmptyRoster
	case req.kind == fill && len(a.workers) < o.headcount:
		return TooFewFills
	case isMessage && ascii.IsBlank(a.to):
		return MissingRecipient
	case req.kind == email && ascii.IsBlank(a.subject):
		return EmptySubject
	case isMessage && ascii.IsBlank(a.body):
		return EmptyBody
	case req.kind == email && !strings.Contains(a.body, o.id):
		return OrderNotMentioned
	}
	return ""
}

func consistency(req *task, opts Options) Reason {
	var roster idSet
	for i := range req.roster {
		if !roster.add(req.roster[i].id) {
			return DuplicateRosterID
		}
	}
	if req.kind == fill && len(req.artifact.workers) > req.order.headcount {
		return TooManyFills
	}
	var excluded *idSet
	if opts.ExcludedEarly {
		excluded = newIDSet(req.order.excluded)
	}
	var named idSet
	for _, id := range req.artifact.workers {
		place := roster.place(id)
		if place < 0 {
			return UnknownWorker
		}
		w, o := &req.roster[place], &req.order
		switch {
		case !named.add(id):
			return DuplicateWorker
		case opts.ExcludedEarly && excluded.has(id):
			return ExcludedWorker
		case !ascii.EqualFold(ascii.TrimSpace(w.role), ascii.TrimSpace(o.role)):
			return RoleMismatch
		case !isSameCity(w.city, o.city, opts):
			return CityMismatch
		case w.state != o.state:
			return StateMismatch
		case !isRecipient(w, req):
			return RecipientMismatch
		}
	}
	return ""
}

// isRecipient reports whether a message goes to where the roster has its worker.
// As a message has one worker, it is no matter that a fill may have several.
func isRecipient(w *worker, req *task) bool {
	switch to := req.artifact.to; req.kind {
	case email:
		return !w.email.Given || w.email.Text == to
	case sms:
		return !w.phone.Given || w.phone.Text == to
	default:
		return true
	}
}

func isSameCity(a, b string, opts Options) bool {
	a, b = ascii.TrimSpace(a), ascii.TrimSpace(b)
	if opts.CityCase {
		return a == b
	}
	return ascii.EqualFold(a, b)
}

func policy(req *task, opts Options) Reason {
	a := &req.artifact
	excluded := newIDSet(req.order.excluded)
	for _, id := range a.workers {
		if excluded.has(id) {
			return ExcludedWorker
		}
	}
	// What a kind does not have is empty, and an empty text breaks none of these.
	switch {
	case req.kind == sms && isTooLongSMS(a.body, opts):
		return SMSTooLong
	case utf8.RuneCountInString(a.subject) > maxSubject:
		return SubjectTooLong
	case strings.Contains(a.subject, "{{") || strings.Contains(a.body, "{{"):
		return PlaceholderLeft
	case req.kind == sms && holdsLink(a.body):
		return LinkInSMS
	case holdsSSN(a.subject, opts) || holdsSSN(a.body, opts):
		return SocialSecurityNumber
	}
	return ""
}

func isTooLongSMS(body string, opts Options) bool {
	size, limit := utf8.RuneCountInString(body), maxSMS
	if opts.SMSInBytes {
		size = len(body)
	}
	if opts.LongerSMS {
		limit++
	}
	return size > limit
}

// holdsLink reports whether s holds http:// or https://.
func holdsLink(s string) bool {
	for {
		scheme, behind, ok := strings.Cut(s, "://")
		if !ok {
			return false
		}
		if ascii.HasSuffixFold(scheme, "http") || ascii.HasSuffixFold(scheme, "https") {
			return true
		}
		s = behind
	}
}
