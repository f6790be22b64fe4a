package chain

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"lakehouse/internal/fault"
	"lakehouse/internal/ijson"
	"lakehouse/internal/lines"
)

// Anchor is what an earlier answer said: so many rows, and the MAC of the last.
type Anchor struct {
	Count int64
	Tip   MAC
}

// ParseAnchor reads COUNT:TIP.
func ParseAnchor(text string) (*Anchor, bool) {
	count, tip, _ := strings.Cut(text, ":")
	if !isMAC(tip) || len(count) > 1 && count[0] == '0' {
		return nil, false
	}
	for i := range len(count) {
		if !isDigit(count[i]) {
			return nil, false
		}
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n > maxCount {
		return nil, false
	}
	return &Anchor{n, MAC([]byte(tip))}, true
}

// denies reports whether the row of that number cannot have that MAC. A nil
// Anchor denies nothing.
func (a *Anchor) denies(count int64, mac []byte) bool {
	return a != nil && a.Count == count && string(mac) != string(a.Tip[:])
}

// Verdict is what verifying a chain came to. It is verified without a fault.
type Verdict struct {
	Count int64  // the rows from the first on that are sound
	Tip   string // the MAC of the last of them; empty where the manifest is not sound
	Fault *fault.Fault
}

// Value is the verdict as it is answered.
func (v Verdict) Value() ijson.Object {
	var tip ijson.Value = ijson.Null{}
	if v.Tip != "" {
		tip = ijson.String(v.Tip)
	}
	return ijson.Object{
		{Name: "count", Value: ijson.Number(v.Count)},
		{Name: "error", Value: v.Fault.Value()},
		{Name: "tip", Value: tip},
		{Name: "verified", Value: ijson.Bool(v.Fault == nil)},
	}
}

// VerifyLog verifies the rows behind a sound manifest. Without an anchor, which
// is nil then, the best that a chain can be is unanchored.
func (c *Checker) VerifyLog(log *lines.Reader, genesis MAC, anchor *Anchor) Verdict {
	count, tip := int64(0), genesis
	ends := func(f *fault.Fault) Verdict { return Verdict{count, tip.String(), f} }
	if anchor.denies(0, tip[:]) {
		return ends(fault.At(c.Log, 0, fault.Tampered, fault.Anchor))
	}
	for {
		line, err := log.Next()
		if err != nil {
			return ends(c.end(err, count, anchor))
		}
		mac, f := c.checkRow(line, count+1, &tip)
		if f != nil {
			return ends(f)
		}
		if anchor.denies(count+1, mac) {
			return ends(fault.At(c.Log, count+1, fault.Tampered, fault.Anchor))
		}
		count++
		copy(tip[:], mac)
	}
}

// end judges how the log ended behind count sound rows.
func (c *Checker) end(err error, count int64, anchor *Anchor) *fault.Fault {
	next := count + 1
	switch {
	case errors.Is(err, lines.ErrTooLong):
		return fault.At(c.Log, next, fault.Unreadable, fault.LineTooLong)
	case !errors.Is(err, io.EOF) && !errors.Is(err, lines.ErrTorn):
		return fault.Because(c.Log, fault.Unreadable, fault.IO, err)
	case anchor != nil && anchor.Count > count:
		return fault.At(c.Log, next, fault.Tampered, fault.Truncated)
	case errors.Is(err, lines.ErrTorn):
		if c.Opts.TornIsTampered {
			return fault.At(c.Log, next, fault.Tampered, fault.NotJSON)
		}
		return fault.At(c.Log, next, fault.Torn, fault.Unfinished)
	case anchor == nil:
		return fault.New(c.Log, fault.Unanchored, fault.NoAnchor)
	default:
		return nil
	}
}
