package baselines

import (
	"fmt"
	"maps"
	"slices"

	"lakehouse/internal/fault"
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/store"
)

// Change is how one metric went from the first entry to the last.
type Change struct {
	Metric      string
	First, Last *int64 // nil where the entry lacks it
	Percent     string // empty where there is none
	Warn        bool
}

// Value is the change as it is answered.
func (c Change) Value() ijson.Object {
	var percent ijson.Value = ijson.Null{}
	if c.Percent != "" {
		percent = ijson.String(c.Percent)
	}
	verdict := ijson.String("ok")
	if c.Warn {
		verdict = "warn"
	}
	return ijson.Object{
		{Name: "change", Value: percent},
		{Name: "first", Value: number(c.First)},
		{Name: "last", Value: number(c.Last)},
		{Name: "metric", Value: ijson.String(c.Metric)},
		{Name: "verdict", Value: verdict},
	}
}

func number(n *int64) ijson.Value {
	if n == nil {
		return ijson.Null{}
	}
	return ijson.Number(*n)
}

// Drift compares the last entry of a file with the first.
func Drift(dir store.Dir, name string, opts Options) ([]Change, *fault.Fault) {
	s := Load(dir, name)
	if s.Fault != nil {
		return nil, s.Fault
	}
	first, last := metrics(s.First), metrics(s.Last)
	names := slices.Collect(maps.Keys(first))
	for name := range last {
		if _, ok := first[name]; !ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, jcs.CompareNames)
	changes := make([]Change, len(names))
	for i, name := range names {
		changes[i] = compare(name, first[name], last[name], opts)
	}
	return changes, nil
}

// metrics are those of an entry by their names, and none where there is no entry.
func metrics(entry ijson.Object) map[string]*int64 {
	o, _ := entry.Get("metrics").(ijson.Object)
	all := make(map[string]*int64, len(o))
	for _, m := range o {
		// An entry has been checked, so every metric is an integer.
		n := int64(m.Value.(ijson.Number))
		all[m.Name] = &n
	}
	return all
}

// compare is exact: with metrics of up to 2^53 nothing here comes near 2^63.
func compare(name string, first, last *int64, opts Options) Change {
	c := Change{Metric: name, First: first, Last: last}
	if first == nil || last == nil {
		c.Warn = true // somebody should look
		return c
	}
	base, change := abs(*first), *last-*first
	c.Warn = 5*abs(change) > base
	switch {
	case base == 0 && change == 0:
		c.Warn = opts.WarnAtZero
	case opts.WarnAt20 && 5*abs(change) == base:
		c.Warn = true
	}
	if base > 0 || change == 0 {
		c.Percent = percent(change, max(base, 1))
	}
	return c
}

// percent rounds halves away from zero. What is rounded to zero has no sign of
// its own: +0 %.
func percent(change, base int64) string {
	n := (200*abs(change) + base) / (2 * base)
	sign := '+'
	if change < 0 && n > 0 {
		sign = '-'
	}
	return fmt.Sprintf("%c%d %%", sign, n)
}

func abs(n int64) int64 { return max(n, -n) }
