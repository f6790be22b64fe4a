// Package validate decides whether a fill, an e-mail or a text message may go
// out for an order. It is pure: everything it looks at is in the request. The
// rules, their order and their names are in validate.rules.toml; what HTTP
// demands of a request belongs to whoever serves it, the answers are all here.
package validate

import (
	"net/http"

	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/request"
	"lakehouse/internal/verror"
)

// Options depart from the rules. Only planted bugs do that; the zero value is
// the contract.
type Options struct {
	FlatCompleteness bool // a Completeness error has the old shape
	PhoneIsSSN       bool // 3-3-4 digits are a social security number too
	LongerSMS        bool // a text message may have 161 characters
	SMSInBytes       bool // a text message is as long as its UTF-8
	OmitEmptyID      bool // an empty request_id is not echoed
	ExcludedEarly    bool // excluded-worker comes before role-mismatch
	CityCase         bool // cities are compared with their case
	MalformedIs422   bool // malformed-json has the status of what failed a rule
	IgnoreBehind     bool // whatever stands behind the root of the body is ignored
	RefuseUnknown    bool // an unknown member of the root is refused
}

// Append appends the answer to a request with that body, any bytes, to dst, and
// returns it with its HTTP status. It takes time linear in the body.
func Append(dst []byte, body string, opts Options) (answer []byte, status int) {
	req, failed := validate(body, opts)
	if failed != nil {
		return appendFault(dst, failed, opts)
	}
	return appendAccepted(dst, req, opts), http.StatusOK
}

// Refuse appends the answer to a request that never came as far as its body, and
// returns it with its HTTP status.
func Refuse(dst []byte, field string, reason Reason, opts Options) (answer []byte, status int) {
	return appendFault(dst, &request.Fault{Field: field, Reason: reason}, opts)
}

// validate runs the rules in the contract's order; the first that fails answers.
func validate(body string, opts Options) (*task, *request.Fault) {
	root, reason := request.Read(body, ijson.Options{IgnoreBehind: opts.IgnoreBehind})
	if reason != "" {
		return nil, &request.Fault{Reason: reason}
	}
	req, failed := readRequest(root, opts)
	if failed != nil {
		return nil, failed
	}
	for _, stage := range [...]func(*task, Options) Reason{completeness, consistency, policy} {
		if reason := stage(req, opts); reason != "" {
			return nil, &request.Fault{Reason: reason}
		}
	}
	return req, nil
}

func appendFault(dst []byte, f *request.Fault, opts Options) (answer []byte, status int) {
	e := verror.Error{Variant: variantOf(f.Reason), Field: f.Field, Reason: string(f.Reason)}
	if opts.FlatCompleteness && e.Variant == verror.Completeness {
		dst = e.AppendFlat(dst)
	} else {
		dst = e.AppendTagged(dst)
	}
	return dst, statusOf(f.Reason, opts)
}

func appendAccepted(dst []byte, req *task, opts Options) []byte {
	dst = append(dst, `{"accepted":true,"kind":`...)
	dst = jcs.AppendString(dst, string(req.kind))
	switch {
	case !req.requestID.Given:
		dst = append(dst, `,"request_id":null`...)
	case req.requestID.Text == "" && opts.OmitEmptyID:
	default:
		dst = append(dst, `,"request_id":`...)
		dst = jcs.AppendString(dst, req.requestID.Text)
	}
	return append(dst, '}')
}
