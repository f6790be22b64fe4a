package vectors

import (
	"slices"

	"lakehouse/internal/index"
	"lakehouse/internal/request"
)

// Counts is what an addition came to.
type Counts struct{ Added, Updated, Size int }

// Add puts items into an index, all of them or none. There is at least one.
func (s *Store) Add(tenant, name string, items []index.Item) (Counts, error) {
	t := s.enter(tenant)
	defer t.mu.RUnlock()
	return s.slot(t, tenant, name, true).add(items)
}

// Delete takes an item away, and returns how many are left.
func (s *Store) Delete(tenant, name, id string) (size int, err error) {
	t := s.enter(tenant)
	defer t.mu.RUnlock()
	slot := s.slot(t, tenant, name, false)
	if slot == nil {
		return 0, request.UnknownIndex
	}
	return slot.delete(id)
}

// Drop takes an index away, but for its snapshots.
func (s *Store) Drop(tenant, name string) error {
	t := s.enter(tenant)
	defer t.mu.RUnlock()
	slot := s.slot(t, tenant, name, false)
	if slot == nil {
		return request.UnknownIndex
	}
	return slot.drop()
}

// Save keeps a copy of an index, and returns the copy's name.
func (s *Store) Save(tenant, name string) (snapshot string, size int, err error) {
	t := s.enter(tenant)
	defer t.mu.RUnlock()
	slot := s.slot(t, tenant, name, false)
	if slot == nil {
		return "", 0, request.UnknownIndex
	}
	return slot.save()
}

// Reload puts an index back as it was when it was saved.
func (s *Store) Reload(tenant, name, snapshot string) (dimension, size int, err error) {
	t := s.enter(tenant)
	defer t.mu.RUnlock()
	return s.slot(t, tenant, name, true).reload(snapshot)
}

// Describe returns the dimension of an index and its size.
func (s *Store) Describe(tenant, name string) (dimension, size int, err error) {
	err = s.View(tenant, []string{name}, func(v View) error {
		x := v[name]
		if x == nil {
			return request.UnknownIndex
		}
		dimension, size = x.Dimension(), x.Size()
		return nil
	})
	return dimension, size, err
}

// View is what some indexes hold at one moment. An index that is not there is
// not in it.
type View map[string]*index.Index

// View lets a function look at indexes while nobody changes them. Two who look at
// several lock them in the same order: with a writer waiting for each of them,
// each would wait for the other.
func (s *Store) View(tenant string, names []string, look func(View) error) error {
	t := s.enter(tenant)
	defer t.mu.RUnlock()
	v := View{}
	for _, name := range slices.Compact(slices.Sorted(slices.Values(names))) {
		slot := s.slot(t, tenant, name, false)
		if slot == nil {
			continue
		}
		slot.mu.RLock()
		defer slot.mu.RUnlock()
		if slot.x != nil {
			v[name] = slot.x
		}
	}
	return look(v)
}

// Search asks an index of a view.
func (v View) Search(name string, q index.Query) ([]index.Hit, error) {
	x := v[name]
	switch {
	case x == nil:
		return nil, request.UnknownIndex
	case len(q.Vector) != x.Dimension():
		return nil, request.WrongDimension
	}
	return x.Search(q), nil
}
