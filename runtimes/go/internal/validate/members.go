package validate

import (
	"strconv"

	"lakehouse/internal/ijson"
)

// fault is the rule that failed, and for Schema the way to where it did.
type fault struct {
	field  string
	reason Reason
}

// within puts the name of what holds the member in front of the way. It is
// called from the inside outwards, so that only a fault costs any joining.
func (f *fault) within(name string) *fault {
	if f.field == "" {
		return &fault{name, f.reason}
	}
	return &fault{name + "." + f.field, f.reason}
}

func (f *fault) withinItem(i int) *fault { return f.within(strconv.Itoa(i)) }

// members reads one object member by member. It keeps the first fault; from
// then on every member reads as its zero value and nothing else is looked at, so
// that only the end needs to ask.
type members struct {
	object ijson.Object
	fault  *fault
}

// demand refuses the member unless it holds what the rule asks for.
func (m *members) demand(name string, holds bool, otherwise Reason) {
	if m.fault == nil && !holds {
		m.fault = &fault{name, otherwise}
	}
}

// adopt takes over the fault of what the member holds, if there is one.
func (m *members) adopt(name string, inner *fault) {
	if m.fault == nil && inner != nil {
		m.fault = inner.within(name)
	}
}

// optional returns a member of the kind T, and whether it is there at all.
func optional[T ijson.Value](m *members, name string) (t T, given bool) {
	v := m.object.Get(name)
	if m.fault != nil || v == nil {
		return t, false
	}
	t, ok := v.(T)
	m.demand(name, ok, WrongType)
	return t, true
}

// required returns a member of the kind T, which has to be there.
func required[T ijson.Value](m *members, name string) T {
	t, given := optional[T](m, name)
	m.demand(name, given, MissingField)
	return t
}

func (m *members) text(name string) string {
	return string(required[ijson.String](m, name))
}

// optionalText is a string that may be left out, which is not the same as empty.
type optionalText struct {
	text  string
	given bool
}

func (m *members) optionalText(name string) optionalText {
	s, given := optional[ijson.String](m, name)
	return optionalText{string(s), given}
}

// texts returns the items of an array, each of which must be a string.
func (m *members) texts(name string, array ijson.Array) []string {
	if m.fault != nil {
		return nil
	}
	list := make([]string, len(array))
	for i, item := range array {
		s, ok := item.(ijson.String)
		if !ok {
			m.adopt(name, (&fault{"", WrongType}).withinItem(i))
			return nil
		}
		list[i] = string(s)
	}
	return list
}
