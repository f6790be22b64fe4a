package chain

import (
	"bytes"

	"lakehouse/internal/fault"
	"lakehouse/internal/lines"
)

// Checker checks the lines of one subject.
type Checker struct {
	Key      *Key
	Subject  string
	Manifest string // the names under which faults are told
	Log      string
	Opts     Options
	// Unchecked is the line that a planted bug does not check; 0 is none.
	Unchecked int64
}

// check is the part of "Checking a line" that a manifest and a row share. The
// reason is empty for a sound one; alone is false where more stands in the file
// than a line with its end, and that is no row's.
func (c *Checker) check(line []byte, seal string, alone bool) (sealed, fault.Reason) {
	if len(line) > lines.Max {
		return sealed{}, fault.LineTooLong
	}
	s, ok := open(line, seal, c.Opts)
	switch {
	case !ok:
		return s, fault.NotJSON
	case s.mac == nil:
		return s, fault.MACForm
	case !s.canonical || !alone:
		return s, fault.NotCanonical
	}
	mac := c.Key.MAC(s.signed[0], s.signed[1])
	switch {
	case !same(mac[:], s.mac, c.Opts):
		return s, fault.MAC
	case string(s.subject) != c.Subject && !(seal == sealOfRow && c.Opts.SubjectUnbound):
		return s, fault.Subject
	}
	return s, ""
}

// kind is that of a line's fault.
func kind(reason fault.Reason) fault.Kind {
	if reason == fault.LineTooLong {
		return fault.Unreadable
	}
	return fault.Tampered
}

// MaxManifest is as much of a manifest's file as CheckManifest has to see.
const MaxManifest = lines.Max + 2

// CheckManifest checks the text of a manifest's file, or its first MaxManifest
// bytes, and returns its MAC, which the chain begins with.
func (c *Checker) CheckManifest(text []byte) (genesis MAC, f *fault.Fault) {
	line, behind, ended := bytes.Cut(text, []byte{'\n'})
	s, reason := c.check(line, sealOfManifest, ended && len(behind) == 0)
	if reason != "" {
		return MAC{}, fault.At(c.Manifest, 1, kind(reason), reason)
	}
	return MAC(s.mac), nil
}

// CheckTip checks the last row of a log by itself, and returns its number and
// its MAC. Which line it is, whoever asks finds out; the fault says line 0.
func (c *Checker) CheckTip(line []byte) (seq int64, mac MAC, f *fault.Fault) {
	s, reason := c.check(line, sealOfRow, true)
	// A fraction would not survive the conversion; a row behind 2^53 - 1 has a
	// number still, and the one behind that has none.
	if reason == "" && (s.seq < 1 || s.seq >= maxCount || s.seq != float64(int64(s.seq))) {
		reason = fault.Chain
	}
	if reason != "" {
		return 0, MAC{}, fault.At(c.Log, 0, kind(reason), reason)
	}
	return int64(s.seq), MAC(s.mac), nil
}

// checkRow checks the row on that line behind a row with that MAC.
func (c *Checker) checkRow(text []byte, line int64, prev *MAC) (mac []byte, f *fault.Fault) {
	if line == c.Unchecked {
		if s, ok := open(text, sealOfRow, c.Opts); ok && s.mac != nil {
			return s.mac, nil
		}
	}
	s, reason := c.check(text, sealOfRow, true)
	if reason == "" && (!bytes.Equal(s.prev, prev[:]) || s.seq != float64(line)) {
		reason = fault.Chain
	}
	if reason != "" {
		return nil, fault.At(c.Log, line, kind(reason), reason)
	}
	return s.mac, nil
}
