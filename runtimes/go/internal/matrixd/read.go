package matrixd

import (
	"math"
	"strconv"
	"unicode/utf8"

	"lakehouse/internal/ascii"
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/request"
	"lakehouse/internal/unit"
	"lakehouse/internal/vectors"
)

// The reasons that no other service has.
const (
	badName       request.Reason = "bad-name"
	duplicateID   request.Reason = "duplicate-id"
	vectorOrText  request.Reason = "vector-or-text"
	zeroVector    request.Reason = "zero-vector"
	defaultIndex                 = "workers"
	maxItems                     = 1000
	maxIDs                       = 1000
	maxK                         = 1000
	maxComponents                = 4096
	maxMagnitude                 = 1_000_000
	maxID                        = 256 // characters, as those below
	maxText                      = 8192
	maxRole                      = 256
	maxMembers                   = 16
	maxMemberName                = 64
	maxMemberText                = 256
)

// reader reads the members of one request.
type reader struct {
	request.Members
	inline func(string) []float64 // nil where texts are embedded later
}

// read begins with a body: its bytes, its JSON, and that it is an object.
func (s *server) read(body string) (*reader, error) {
	root, reason := request.Read(body, ijson.Options{})
	if reason != "" {
		return nil, &faultError{&request.Fault{Reason: reason}}
	}
	o, ok := root.(ijson.Object)
	if !ok {
		return nil, &faultError{&request.Fault{Reason: request.NotAnObject}}
	}
	return &reader{request.Members{Object: o}, s.inline()}, nil
}

// fault is the first thing that was wrong, as an error.
func (r *reader) fault() error {
	if r.Fault != nil {
		return &faultError{r.Fault}
	}
	return nil
}

func within(text string, most int) bool {
	// No text has more characters than bytes.
	return len(text) <= most || utf8.RuneCountInString(text) <= most
}

func (r *reader) id(name string) string {
	id := r.Text(name)
	r.Demand(name, id != "", request.EmptyID)
	r.Demand(name, within(id, maxID), request.TooLong)
	return id
}

func (r *reader) role(name string) string {
	role := r.Text(name)
	r.Demand(name, !ascii.IsBlank(role), request.Blank)
	r.Demand(name, within(role, maxRole), request.TooLong)
	return role
}

func (r *reader) k() int {
	k := float64(request.Required[ijson.Number](&r.Members, "k"))
	r.Demand("k", k == math.Trunc(k), request.NotWhole)
	r.Demand("k", 1 <= k && k <= maxK, request.OutOfRange)
	if r.Fault != nil {
		return 0 // of what is out of range there need not be an int
	}
	return int(k)
}

func (r *reader) score() float64 {
	score := float64(request.Required[ijson.Number](&r.Members, "score"))
	r.Demand("score", 0 <= score && score <= 1, request.OutOfRange)
	return score
}

// ids are those that may be left out, which for only_ids is not the same as none.
func (r *reader) ids(name string) []string {
	array, given := request.Optional[ijson.Array](&r.Members, name)
	if !given {
		return nil
	}
	ids := r.Texts(name, array)
	r.Demand(name, len(ids) <= maxIDs, request.OutOfRange)
	return ids
}

func (r *reader) index() string {
	name := r.OptionalText("index")
	if !name.Given {
		return defaultIndex
	}
	r.Demand("index", vectors.IsName(name.Text), badName)
	return name.Text
}

func (r *reader) usePlaybook() bool {
	use, _ := request.Optional[ijson.Bool](&r.Members, "use_playbook")
	return bool(use)
}

// source is a vector, or a text that will be one.
type source struct {
	field      string
	text       string
	components []float64 // nil for a text that is embedded later
}

// source reads vector or text, of which there has to be one.
func (r *reader) source() *source {
	r.Demand("", r.Has("vector") != r.Has("text"), vectorOrText)
	if r.Has("vector") {
		return &source{field: "vector", components: r.vector("vector")}
	}
	return r.text("text")
}

func (r *reader) text(name string) *source {
	src := &source{field: name, text: r.Text(name)}
	r.Demand(name, within(src.text, maxText), request.TooLong)
	if r.Fault == nil && r.inline != nil {
		src.components = r.inline(src.text)
		_, ok := unit.Of(src.components)
		r.Demand(name, ok, zeroVector)
	}
	return src
}

func (r *reader) vector(name string) []float64 {
	array := request.Required[ijson.Array](&r.Members, name)
	r.Demand(name, 1 <= len(array) && len(array) <= maxComponents, request.OutOfRange)
	components := make([]float64, len(array))
	for i, item := range array {
		n, ok := item.(ijson.Number)
		if fault := number(float64(n), ok); fault != nil {
			r.Adopt(name, fault.WithinItem(i))
			return nil
		}
		components[i] = float64(n)
	}
	if r.Fault == nil {
		_, ok := unit.Of(components)
		r.Demand(name, ok, zeroVector)
	}
	return components
}

func number(n float64, ok bool) *request.Fault {
	switch {
	case !ok:
		return &request.Fault{Reason: request.WrongType}
	case math.Abs(n) > maxMagnitude:
		return &request.Fault{Reason: request.OutOfRange}
	}
	return nil
}

// metadata returns the object in its canonical form.
func (r *reader) metadata(name string) string {
	o, given := request.Optional[ijson.Object](&r.Members, name)
	if !given || r.Fault != nil {
		return "{}"
	}
	typed, short := true, true
	for _, member := range o {
		switch v := member.Value.(type) {
		case ijson.String:
			short = short && within(string(v), maxMemberText)
		case ijson.Number:
		default:
			typed = false
		}
		short = short && within(member.Name, maxMemberName)
	}
	r.Demand(name, typed, request.WrongType)
	r.Demand(name, len(o) <= maxMembers, request.OutOfRange)
	r.Demand(name, short, request.TooLong)
	if r.Fault != nil {
		return "{}" // what is of no type that has a form need not be written
	}
	return string(jcs.Append(nil, o, jcs.Options{}))
}

// item is one that is to be added.
type item struct {
	id       string
	source   *source
	metadata string
}

// items reads each item to its end before the next, and then looks for ids that
// are there twice.
func (r *reader) items() []item {
	const name = "items"
	array := request.Required[ijson.Array](&r.Members, name)
	for i, v := range array {
		if _, ok := v.(ijson.Object); !ok {
			r.Adopt(name, (&request.Fault{Reason: request.WrongType}).WithinItem(i))
		}
	}
	r.Demand(name, 1 <= len(array) && len(array) <= maxItems, request.OutOfRange)
	if r.Fault != nil {
		return nil
	}
	items := make([]item, len(array))
	for i, v := range array {
		in := reader{request.Members{Object: v.(ijson.Object)}, r.inline}
		items[i] = item{in.id("id"), in.source(), in.metadata("metadata")}
		if in.Fault != nil {
			r.Adopt(name, in.Fault.WithinItem(i))
			return nil
		}
		items[i].source.field = name + "." + strconv.Itoa(i) + "." + items[i].source.field
	}
	seen := make(map[string]bool, len(items))
	for i, item := range items {
		if seen[item.id] {
			r.Adopt(name, (&request.Fault{Field: "id", Reason: duplicateID}).WithinItem(i))
		}
		seen[item.id] = true
	}
	return items
}
