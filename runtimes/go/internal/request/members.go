package request

import (
	"strconv"

	"lakehouse/internal/ijson"
)

// Fault is the rule that failed, and the way to where it did: names joined by
// dots, items by their index, empty for the whole body.
type Fault struct {
	Field  string
	Reason Reason
}

// within puts the name of what holds the member in front of the way. It is
// called from the inside outwards, so that only a fault costs any joining.
func (f *Fault) within(name string) *Fault {
	if f.Field == "" {
		return &Fault{name, f.Reason}
	}
	return &Fault{name + "." + f.Field, f.Reason}
}

// WithinItem puts the index of an item in front of the way.
func (f *Fault) WithinItem(i int) *Fault { return f.within(strconv.Itoa(i)) }

// Members reads one object member by member. It keeps the first fault; from
// then on every member reads as its zero value and nothing else is looked at, so
// that only the end needs to ask.
type Members struct {
	Object ijson.Object
	Fault  *Fault
}

// Demand refuses the member unless it holds what the rule asks for.
func (m *Members) Demand(name string, holds bool, otherwise Reason) {
	if m.Fault == nil && !holds {
		m.Fault = &Fault{name, otherwise}
	}
}

// Adopt takes over the fault of what the member holds, if there is one.
func (m *Members) Adopt(name string, inner *Fault) {
	if m.Fault == nil && inner != nil {
		m.Fault = inner.within(name)
	}
}

// Has reports whether there is a member of that name, of whatever type.
func (m *Members) Has(name string) bool { return m.Object.Get(name) != nil }

// Optional returns a member of the kind T, and whether it is there at all.
func Optional[T ijson.Value](m *Members, name string) (t T, given bool) {
	v := m.Object.Get(name)
	if m.Fault != nil || v == nil {
		return t, false
	}
	t, ok := v.(T)
	m.Demand(name, ok, WrongType)
	return t, true
}

// Required returns a member of the kind T, which has to be there.
func Required[T ijson.Value](m *Members, name string) T {
	t, given := Optional[T](m, name)
	m.Demand(name, given, MissingField)
	return t
}

// Text is a string that has to be there.
func (m *Members) Text(name string) string {
	return string(Required[ijson.String](m, name))
}

// OptionalText is a string that may be left out, which is not the same as empty.
type OptionalText struct {
	Text  string
	Given bool
}

// OptionalText returns a string that may be left out.
func (m *Members) OptionalText(name string) OptionalText {
	s, given := Optional[ijson.String](m, name)
	return OptionalText{string(s), given}
}

// Texts returns the items of an array, each of which must be a string.
func (m *Members) Texts(name string, array ijson.Array) []string {
	if m.Fault != nil {
		return nil
	}
	list := make([]string, len(array))
	for i, item := range array {
		s, ok := item.(ijson.String)
		if !ok {
			m.Adopt(name, (&Fault{"", WrongType}).WithinItem(i))
			return nil
		}
		list[i] = string(s)
	}
	return list
}
