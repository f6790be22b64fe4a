package chain

import (
	"bytes"
	"slices"
	"strings"

	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
)

// sealed is an object's line, taken apart as far as checking it needs.
type sealed struct {
	mac       []byte // the member that holds its MAC; nil where that has not the form of one
	canonical bool
	signed    [2][]byte // one behind the other, what the MAC is taken of
	subject   []byte    // nil where it is no text
	prev      []byte    // nil where it is no text
	seq       float64   // 0 where it is no number
}

// open takes a line apart; not ok is what the reader refuses, or no object.
// The ordinary line is canonical beyond doubt, and needs nothing built to see it.
func open(line []byte, seal string, opts Options) (s sealed, ok bool) {
	if !opts.resigns() {
		if s, ok := scan(line, seal); ok {
			return s, true
		}
	}
	return read(line, seal, opts)
}

// read takes any line apart, by the strict reader and the canonical writer.
func read(line []byte, seal string, opts Options) (s sealed, ok bool) {
	o, ok := object(line)
	if !ok {
		return sealed{}, false
	}
	if mac, ok := text(o, seal); ok && isMAC(mac) {
		s.mac = []byte(mac)
	}
	s.canonical = bytes.Equal(jcs.Append(make([]byte, 0, len(line)), o, jcs.Options{}), line)
	s.signed[0] = signed(o, seal, opts)
	if subject, ok := text(o, "subject"); ok {
		s.subject = []byte(subject)
	}
	if prev, ok := text(o, "prev"); ok {
		s.prev = []byte(prev)
	}
	if seq, ok := o.Get("seq").(ijson.Number); ok {
		s.seq = float64(seq)
	}
	return s, true
}

func object(line []byte) (ijson.Object, bool) {
	v, err := ijson.Parse(string(line), ijson.Options{})
	if err != nil {
		return nil, false
	}
	o, ok := v.(ijson.Object)
	return o, ok
}

// Signed is what the MAC of a row is taken of: its canonical form without its
// member mac. Not ok is a line that the reader refuses, or that is no object.
func Signed(line []byte, opts Options) (form []byte, ok bool) {
	o, ok := object(line)
	if !ok {
		return nil, false
	}
	return signed(o, sealOfRow, opts), true
}

func signed(o ijson.Object, seal string, opts Options) []byte {
	o = without(o, seal)
	if seal == sealOfRow {
		o = spoilt(o, opts)
	}
	return jcs.Append(nil, o, jcs.Options{CodePointOrder: opts.CodePointOrder})
}

func without(o ijson.Object, name string) ijson.Object {
	return slices.DeleteFunc(slices.Clone(o), func(m ijson.Member) bool { return m.Name == name })
}

// spoilt is what two planted bugs make of a row that is to be signed.
func spoilt(o ijson.Object, opts Options) ijson.Object {
	o = slices.Clone(o)
	for i, m := range o {
		switch v := m.Value.(type) {
		case ijson.Object:
			if trace, ok := text(v, "trace_id"); ok && trace == "" && m.Name == "accessor" && opts.OmitEmptyTraceID {
				o[i].Value = without(v, "trace_id")
			}
		case ijson.String:
			if ts := string(v); m.Name == "ts" && strings.Contains(ts, ".") && IsTimestamp(ts) && opts.TrimNanos {
				ts = strings.TrimRight(strings.TrimSuffix(ts, "Z"), "0")
				o[i].Value = ijson.String(strings.TrimSuffix(ts, ".") + "Z")
			}
		}
	}
	return o
}
