// Package chain knows the audit chain of a subject (audit.md): what is signed
// and how, when a line is sound, and when all of them are. It touches no file.
//
// A row is checked as the bytes that it is, never through a struct: what nobody
// knows in it is bound by its MAC as well.
package chain

import (
	"lakehouse/internal/ijson"
)

// Options depart from the contract. Only planted bugs do that; the zero value is
// the contract.
type Options struct {
	OmitEmptyTraceID bool // an empty trace_id is not signed
	TrimNanos        bool // trailing zeros of the fraction of ts are not signed
	CodePointOrder   bool // what is signed has its members in the order of code points
	LastUnchecked    bool // the last whole line is sound if it has a MAC
	TornIsTampered   bool // a torn line is called tampered
	SubjectUnbound   bool // a row may be of any subject
	MACPrefix        bool // only the first 16 digits of a MAC are compared
}

// resigns reports whether what is signed is not what the contract says.
func (o Options) resigns() bool { return o.OmitEmptyTraceID || o.TrimNanos || o.CodePointOrder }

// The values of `schema`.
const (
	rowSchema      = "subject_audit_row.v1"
	manifestSchema = "subject_manifest.v1"
)

// The members that hold the MAC of their line.
const (
	sealOfManifest = "genesis"
	sealOfRow      = "mac"
)

// maxCount is 2^53, the largest integer that every reader has.
const maxCount = 1 << 53

// IsSubject reports whether a name can be a subject's: and so part of a file's
// name too, hence no slash and no dot in front.
func IsSubject(name string) bool {
	if name == "" || len(name) > 64 || name[0] == '.' {
		return false
	}
	for i := range len(name) {
		switch c := name[i]; {
		case 'A' <= c && c <= 'Z', 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '.', c == '_', c == '-':
		default:
			return false
		}
	}
	return true
}

// timestampForm has the smallest digits at their places, and largestForm the
// largest; two digits together make a number that lies between both.
const (
	timestampForm = "0000-01-01T00:00:00"
	largestForm   = "9999-12-31T23:59:59"
)

// IsTimestamp reports whether a text is a timestamp. It is never converted to
// anything, so every digit stays.
func IsTimestamp(text string) bool {
	if len(text) < len(timestampForm)+1 || text[len(text)-1] != 'Z' {
		return false
	}
	seconds, fraction := text[:len(timestampForm)], text[len(timestampForm):len(text)-1]
	for i := range len(seconds) {
		if form := timestampForm[i]; '0' <= form && form <= '9' {
			if !isDigit(seconds[i]) {
				return false
			}
		} else if seconds[i] != form {
			return false
		}
	}
	for i := len("0000-"); i < len(seconds); i += len("00-") {
		if part := seconds[i : i+2]; part < timestampForm[i:i+2] || part > largestForm[i:i+2] {
			return false
		}
	}
	if fraction == "" {
		return true
	}
	if len(fraction) > len(".123456789") || len(fraction) == 1 || fraction[0] != '.' {
		return false
	}
	for i := 1; i < len(fraction); i++ {
		if !isDigit(fraction[i]) {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// text returns a member that is text.
func text(o ijson.Object, name string) (string, bool) {
	s, ok := o.Get(name).(ijson.String)
	return string(s), ok
}
