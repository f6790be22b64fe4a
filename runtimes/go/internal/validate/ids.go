package validate

// maxLinear is how many ids are searched one by one. There are a few as a rule,
// and a map would cost more than it saves; without one beyond that, a large
// request would take quadratic time.
const maxLinear = 16

// idSet holds different ids, and knows in which order they came.
type idSet struct {
	ids    []string
	places map[string]int // nil up to maxLinear ids
}

// place returns how many ids came before this one, or -1 if it is not there.
func (s *idSet) place(id string) int {
	if s.places != nil {
		if i, ok := s.places[id]; ok {
			return i
		}
		return -1
	}
	for i := range s.ids {
		if s.ids[i] == id {
			return i
		}
	}
	return -1
}

func (s *idSet) has(id string) bool { return s.place(id) >= 0 }

// add reports whether the id is new.
func (s *idSet) add(id string) bool {
	if s.has(id) {
		return false
	}
	s.ids = append(s.ids, id)
	switch {
	case s.places != nil:
		s.places[id] = len(s.ids) - 1
	case len(s.ids) > maxLinear:
		s.places = make(map[string]int, 2*len(s.ids))
		for i, id := range s.ids {
			s.places[id] = i
		}
	}
	return true
}

func newIDSet(ids []string) *idSet {
	var s idSet
	for _, id := range ids {
		s.add(id)
	}
	return &s
}
