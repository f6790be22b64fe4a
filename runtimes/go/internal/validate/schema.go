package validate

import (
	"math"
	"unicode/utf8"

	"lakehouse/internal/ascii"
	"lakehouse/internal/ijson"
)

type kind string

const (
	fill  kind = "fill"
	email kind = "email"
	sms   kind = "sms"
)

// request is one that Schema has nothing against.
type request struct {
	kind      kind
	requestID optionalText
	order     order
	roster    []worker
	artifact  artifact
}

type order struct {
	id, role, city, state string
	headcount             int
	excluded              []string
}

type worker struct {
	id, role, city, state string
	email, phone          optionalText
}

// artifact is that of any kind: an e-mail or a text message has one worker, and
// what its kind does not have is empty.
type artifact struct {
	workers           []string // their ids
	to, subject, body string
}

const (
	maxRequestID = 64 // characters
	maxHeadcount = 500
)

// readRequest looks at the members in the order that the contract gives; the
// first fault is the one that is returned.
func readRequest(root ijson.Value, opts Options) (*request, *fault) {
	o, ok := root.(ijson.Object)
	if !ok {
		return nil, &fault{"", NotAnObject}
	}
	m := members{object: o}
	if opts.RefuseUnknown {
		m.refuseUnknown()
	}
	var req request
	req.kind = kind(m.text("kind"))
	m.demand("kind", req.kind == fill || req.kind == email || req.kind == sms, UnknownKind)
	req.requestID = m.optionalText("request_id")
	m.demand("request_id", utf8.RuneCountInString(req.requestID.text) <= maxRequestID, TooLong)
	req.order = m.order("order")
	req.roster = m.roster("roster")
	req.artifact = m.artifact("artifact", req.kind)
	return &req, m.fault
}

// refuseUnknown is a planted bug: the contract ignores what it does not name.
func (m *members) refuseUnknown() {
	for _, member := range m.object {
		switch member.Name {
		case "kind", "request_id", "order", "roster", "artifact":
		default:
			m.demand(member.Name, false, WrongType)
		}
	}
}

func (m *members) order(name string) order {
	in := members{object: required[ijson.Object](m, name)}
	if m.fault != nil {
		return order{}
	}
	var o order
	o.id = in.id("id")
	o.role = in.text("role")
	o.city = in.text("city")
	o.state = in.state("state")
	o.headcount = in.headcount("headcount")
	if excluded, given := optional[ijson.Array](&in, "excluded_ids"); given {
		o.excluded = in.texts("excluded_ids", excluded)
	}
	m.adopt(name, in.fault)
	return o
}

func (m *members) roster(name string) []worker {
	items := required[ijson.Array](m, name)
	if m.fault != nil {
		return nil
	}
	roster := make([]worker, len(items))
	for i, item := range items {
		w, fault := readWorker(item)
		if fault != nil {
			m.adopt(name, fault.withinItem(i))
			return nil
		}
		roster[i] = w
	}
	return roster
}

func readWorker(v ijson.Value) (worker, *fault) {
	o, ok := v.(ijson.Object)
	if !ok {
		return worker{}, &fault{"", WrongType}
	}
	m := members{object: o}
	var w worker
	w.id = m.id("id")
	w.role = m.text("role")
	w.city = m.text("city")
	w.state = m.state("state")
	w.email = m.optionalText("email")
	w.phone = m.optionalText("phone")
	return w, m.fault
}

func (m *members) artifact(name string, k kind) artifact {
	in := members{object: required[ijson.Object](m, name)}
	if m.fault != nil {
		return artifact{}
	}
	var a artifact
	if k == fill {
		a.workers = in.texts("worker_ids", required[ijson.Array](&in, "worker_ids"))
	} else {
		a.workers = []string{in.text("worker_id")}
		a.to = in.text("to")
		if k == email {
			a.subject = in.text("subject")
		}
		a.body = in.text("body")
	}
	m.adopt(name, in.fault)
	return a
}

func (m *members) id(name string) string {
	id := m.text(name)
	m.demand(name, id != "", EmptyID)
	return id
}

func (m *members) state(name string) string {
	state := m.text(name)
	m.demand(name, len(state) == 2 && ascii.IsUpper(state[0]) && ascii.IsUpper(state[1]), BadState)
	return state
}

// headcount goes by the value: 2.0 is whole, and -0 is 0.
func (m *members) headcount(name string) int {
	n := float64(required[ijson.Number](m, name))
	m.demand(name, n == math.Trunc(n), NotWhole)
	m.demand(name, 1 <= n && n <= maxHeadcount, OutOfRange)
	if m.fault != nil {
		return 0 // of what is out of range there need not be an int
	}
	return int(n)
}
