package ijson

// maxLinear is how many members are searched one by one. Objects are small as a
// rule, and a map for each would cost more than it saves; without one beyond
// that, a large object would take quadratic time.
const maxLinear = 16

// memberList gathers the members of one object.
type memberList struct {
	members Object
	index   map[string]int // place by name; nil up to maxLinear members
}

// find returns the place of the member with that name, or -1.
func (l *memberList) find(name string) int {
	if l.index != nil {
		if i, ok := l.index[name]; ok {
			return i
		}
		return -1
	}
	for i := range l.members {
		if l.members[i].Name == name {
			return i
		}
	}
	return -1
}

func (l *memberList) add(name string, v Value) {
	if l.members == nil {
		// Few objects that are worth the name have less.
		l.members = make(Object, 0, 4)
	}
	l.members = append(l.members, Member{name, v})
	switch {
	case l.index != nil:
		l.index[name] = len(l.members) - 1
	case len(l.members) > maxLinear:
		l.index = make(map[string]int, 2*len(l.members))
		for i, m := range l.members {
			l.index[m.Name] = i
		}
	}
}
