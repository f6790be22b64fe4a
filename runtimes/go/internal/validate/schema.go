package validate

import (
	"math"
	"unicode/utf8"

	"lakehouse/internal/ascii"
	"lakehouse/internal/ijson"
	"lakehouse/internal/request"
)

// members are those of one object, with the rules of this package.
type members struct{ request.Members }

func membersOf(o ijson.Object) members { return members{request.Members{Object: o}} }

type kind string

const (
	fill  kind = "fill"
	email kind = "email"
	sms   kind = "sms"
)

// task is a request that Schema has nothing against.
type task struct {
	kind      kind
	requestID request.OptionalText
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
	email, phone          request.OptionalText
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
func readRequest(root ijson.Value, opts Options) (*task, *request.Fault) {
	o, ok := root.(ijson.Object)
	if !ok {
		return nil, &request.Fault{Reason: request.NotAnObject}
	}
	m := membersOf(o)
	if opts.RefuseUnknown {
		m.refuseUnknown()
	}
	var req task
	req.kind = kind(m.Text("kind"))
	m.Demand("kind", req.kind == fill || req.kind == email || req.kind == sms, UnknownKind)
	req.requestID = m.OptionalText("request_id")
	m.Demand("request_id", utf8.RuneCountInString(req.requestID.Text) <= maxRequestID, request.TooLong)
	req.order = m.order("order")
	req.roster = m.roster("roster")
	req.artifact = m.artifact("artifact", req.kind)
	return &req, m.Fault
}

// refuseUnknown is a planted bug: the contract ignores what it does not name.
func (m *members) refuseUnknown() {
	for _, member := range m.Object {
		switch member.Name {
		case "kind", "request_id", "order", "roster", "artifact":
		default:
			m.Demand(member.Name, false, request.WrongType)
		}
	}
}

func (m *members) order(name string) order {
	in := membersOf(request.Required[ijson.Object](&m.Members, name))
	if m.Fault != nil {
		return order{}
	}
	var o order
	o.id = in.id("id")
	o.role = in.Text("role")
	o.city = in.Text("city")
	o.state = in.state("state")
	o.headcount = in.headcount("headcount")
	if excluded, given := request.Optional[ijson.Array](&in.Members, "excluded_ids"); given {
		o.excluded = in.Texts("excluded_ids", excluded)
	}
	m.Adopt(name, in.Fault)
	return o
}

func (m *members) roster(name string) []worker {
	items := request.Required[ijson.Array](&m.Members, name)
	if m.Fault != nil {
		return nil
	}
	roster := make([]worker, len(items))
	for i, item := range items {
		w, fault := readWorker(item)
		if fault != nil {
			m.Adopt(name, fault.WithinItem(i))
			return nil
		}
		roster[i] = w
	}
	return roster
}

func readWorker(v ijson.Value) (worker, *request.Fault) {
	o, ok := v.(ijson.Object)
	if !ok {
		return worker{}, &request.Fault{Reason: request.WrongType}
	}
	m := membersOf(o)
	var w worker
	w.id = m.id("id")
	w.role = m.Text("role")
	w.city = m.Text("city")
	w.state = m.state("state")
	w.email = m.OptionalText("email")
	w.phone = m.OptionalText("phone")
	return w, m.Fault
}

func (m *members) artifact(name string, k kind) artifact {
	in := membersOf(request.Required[ijson.Object](&m.Members, name))
	if m.Fault != nil {
		return artifact{}
	}
	var a artifact
	if k == fill {
		a.workers = in.Texts("worker_ids", request.Required[ijson.Array](&in.Members, "worker_ids"))
	} else {
		a.workers = []string{in.Text("worker_id")}
		a.to = in.Text("to")
		if k == email {
			a.subject = in.Text("subject")
		}
		a.body = in.Text("body")
	}
	m.Adopt(name, in.Fault)
	return a
}

func (m *members) id(name string) string {
	id := m.Text(name)
	m.Demand(name, id != "", request.EmptyID)
	return id
}

func (m *members) state(name string) string {
	state := m.Text(name)
	m.Demand(name, len(state) == 2 && ascii.IsUpper(state[0]) && ascii.IsUpper(state[1]), BadState)
	return state
}

// headcount goes by the value: 2.0 is whole, and -0 is 0.
func (m *members) headcount(name string) int {
	n := float64(request.Required[ijson.Number](&m.Members, name))
	m.Demand(name, n == math.Trunc(n), request.NotWhole)
	m.Demand(name, 1 <= n && n <= maxHeadcount, request.OutOfRange)
	if m.Fault != nil {
		return 0 // of what is out of range there need not be an int
	}
	return int(n)
}
