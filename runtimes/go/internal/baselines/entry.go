// Package baselines keeps the baselines of audit.md: a file of measured entries,
// and how far the last one drifted from the first.
package baselines

import (
	"math"

	"lakehouse/internal/chain"
	"lakehouse/internal/fault"
	"lakehouse/internal/ijson"
)

// Options depart from the contract. Only planted bugs do that; the zero value is
// the contract.
type Options struct {
	WarnAt20   bool // a change of exactly 20 % is warn
	WarnAtZero bool // zero to zero is warn
}

// maxMetric is 2^53: up to there a double is the integer that was written.
const maxMetric = 1 << 53

// parse reads an entry, whose lines may be in any spelling. The reason is empty
// for a sound one.
func parse(text []byte) (ijson.Object, fault.Reason) {
	v, err := ijson.Parse(string(text), ijson.Options{})
	if err != nil {
		return nil, fault.NotJSON
	}
	o, ok := v.(ijson.Object)
	if !ok || !isEntry(o) {
		return nil, fault.EntryShape
	}
	return o, ""
}

func isEntry(o ijson.Object) bool {
	at, ok := o.Get("at").(ijson.String)
	if !ok || !chain.IsTimestamp(string(at)) {
		return false
	}
	commit, ok := o.Get("commit").(ijson.String)
	if !ok || !isCommit(string(commit)) {
		return false
	}
	metrics, ok := o.Get("metrics").(ijson.Object)
	if !ok {
		return false
	}
	for _, m := range metrics {
		n, ok := m.Value.(ijson.Number)
		if f := float64(n); !ok || f != math.Trunc(f) || math.Abs(f) > maxMetric {
			return false
		}
	}
	return true
}

func isCommit(text string) bool {
	if text == "unknown" {
		return true
	}
	if len(text) != 40 {
		return false
	}
	for i := range len(text) {
		if c := text[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}
