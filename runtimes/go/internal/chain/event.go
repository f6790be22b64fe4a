package chain

import (
	"slices"

	"lakehouse/internal/fault"
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/lines"
)

// Event is what a row is made of, checked: only its place in the chain is open.
type Event struct {
	At  string       // its ts
	row ijson.Object // all but mac, prev and seq
}

// ReadEvent reads an event for a subject. The reason is empty for a sound one.
func ReadEvent(input []byte, subject string) (Event, fault.Reason) {
	if len(input) > lines.Max {
		return Event{}, fault.LineTooLong
	}
	v, err := ijson.Parse(string(input), ijson.Options{})
	if err != nil {
		return Event{}, fault.NotJSON
	}
	o, ok := v.(ijson.Object)
	if !ok || !isEvent(o) {
		return Event{}, fault.EventShape
	}
	ts, _ := text(o, "ts")
	row := withTraceID(o)
	row = append(row, ijson.Member{Name: "schema", Value: ijson.String(rowSchema)},
		ijson.Member{Name: "subject", Value: ijson.String(subject)})
	e := Event{At: ts, row: row}
	return e, e.storable()
}

// storable tries the row in the place where it is shortest. What is refused
// there would be refused everywhere, so nobody has to be locked out for it.
func (e Event) storable() fault.Reason {
	line, _ := e.sealed(NewKey(nil), 1, MAC([]byte(noMAC)))
	if _, err := ijson.Parse(string(line), ijson.Options{}); err != nil {
		return fault.NotStorable
	}
	if len(line) > lines.Max {
		return fault.LineTooLong
	}
	return ""
}

const noMAC = "0000000000000000000000000000000000000000000000000000000000000000"

// Row is the row of that number behind a row with that MAC: its line, without a
// line feed, and its MAC. Not ok is a line that is too long.
func (e Event) Row(key *Key, seq int64, prev MAC) (line []byte, mac MAC, ok bool) {
	line, mac = e.sealed(key, seq, prev)
	return line, mac, len(line) <= lines.Max
}

func (e Event) sealed(key *Key, seq int64, prev MAC) (line []byte, mac MAC) {
	row := append(slices.Clone(e.row),
		ijson.Member{Name: "prev", Value: ijson.String(prev.String())},
		ijson.Member{Name: "seq", Value: ijson.Number(seq)})
	return seal(key, row, sealOfRow)
}

// seal adds the MAC of an object to it, and writes it down.
func seal(key *Key, o ijson.Object, name string) (line []byte, mac MAC) {
	mac = key.MAC(jcs.Append(nil, o, jcs.Options{}))
	o = append(o, ijson.Member{Name: name, Value: ijson.String(mac.String())})
	return jcs.Append(nil, o, jcs.Options{}), mac
}

// NewManifest is the line of a manifest, without a line feed, and its MAC.
func NewManifest(key *Key, subject, createdAt string) (line []byte, genesis MAC) {
	return seal(key, ijson.Object{
		{Name: "created_at", Value: ijson.String(createdAt)},
		{Name: "schema", Value: ijson.String(manifestSchema)},
		{Name: "subject", Value: ijson.String(subject)},
	}, sealOfManifest)
}

// reserved are the members that a row gets, and no event may bring.
var reserved = []string{"mac", "prev", "schema", "seq", "subject"}

func isEvent(o ijson.Object) bool {
	for _, m := range o {
		if slices.Contains(reserved, m.Name) {
			return false
		}
	}
	accessor, ok := o.Get("accessor").(ijson.Object)
	if !ok {
		return false
	}
	for _, name := range []string{"daemon", "kind", "purpose"} {
		if _, ok := text(accessor, name); !ok {
			return false
		}
	}
	if trace := accessor.Get("trace_id"); trace != nil {
		if _, ok := trace.(ijson.String); !ok {
			return false
		}
	}
	fields, ok := o.Get("fields").(ijson.Array)
	if !ok {
		return false
	}
	for _, field := range fields {
		if _, ok := field.(ijson.String); !ok {
			return false
		}
	}
	_, hasResult := text(o, "result")
	ts, _ := text(o, "ts")
	return hasResult && IsTimestamp(ts)
}

// withTraceID is the event with an empty trace_id where it has none.
func withTraceID(o ijson.Object) ijson.Object {
	o = slices.Clone(o)
	for i, m := range o {
		if accessor, ok := m.Value.(ijson.Object); ok && m.Name == "accessor" && accessor.Get("trace_id") == nil {
			o[i].Value = append(slices.Clone(accessor), ijson.Member{Name: "trace_id", Value: ijson.String("")})
		}
	}
	return o
}
