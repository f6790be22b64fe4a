package matrixd

import (
	"lakehouse/internal/index"
	"lakehouse/internal/unit"
	"lakehouse/internal/vectors"
)

// add: {"items":[{"id":"a","vector":[1,0]}]} to {"added":1,"size":1,"updated":0}.
func (s *server) add(c call) ([]byte, error) {
	r, err := s.read(c.Body)
	if err != nil {
		return nil, err
	}
	given := r.items()
	if err := r.fault(); err != nil {
		return nil, err
	}
	sources := make([]*source, len(given))
	for i, item := range given {
		sources[i] = item.source
	}
	if err := s.embed(c.Context(), sources...); err != nil {
		return nil, err
	}
	items := make([]index.Item, len(given))
	for i, item := range given {
		items[i] = index.Item{ID: item.id, Vector: direction(item.source), Metadata: item.metadata}
	}
	counts, err := s.Store.Add(c.tenant, c.name, items)
	if err != nil {
		return nil, err
	}
	return writeCounts(counts), nil
}

// search: {"k":1,"vector":[1,0]} to {"hits":[...],"size":1}.
func (s *server) search(c call) ([]byte, error) {
	r, err := s.read(c.Body)
	if err != nil {
		return nil, err
	}
	src := r.source()
	q := index.Query{K: r.k(), Excluded: r.ids("excluded_ids"), Only: r.ids("only_ids")}
	if err := r.fault(); err != nil {
		return nil, err
	}
	if err := s.embed(c.Context(), src); err != nil {
		return nil, err
	}
	q.Vector = direction(src)
	var body []byte
	err = s.Store.View(c.tenant, []string{c.name}, func(v vectors.View) error {
		hits, err := v.Search(c.name, q)
		if err != nil {
			return err
		}
		body = writeSearch(hits, v[c.name].Size())
		return nil
	})
	return body, err
}

// direction is the unit vector of a source that was found to have one.
func direction(src *source) unit.Vector {
	v, ok := unit.Of(src.components)
	if !ok {
		panic("matrixd: components without a direction came this far")
	}
	return v
}

// delete: {"id":"a"} to {"deleted":true,"size":0}.
func (s *server) delete(c call) ([]byte, error) {
	r, err := s.read(c.Body)
	if err != nil {
		return nil, err
	}
	id := r.Text("id")
	if err := r.fault(); err != nil {
		return nil, err
	}
	size, err := s.Store.Delete(c.tenant, c.name, id)
	return write("deleted", true, "size", size), err
}

// save: {} to {"size":1,"snapshot":"s-5f0c1de2a7b39846"}.
func (s *server) save(c call) ([]byte, error) {
	if _, err := s.read(c.Body); err != nil {
		return nil, err
	}
	snapshot, size, err := s.Store.Save(c.tenant, c.name)
	return write("size", size, "snapshot", snapshot), err
}

// reload: {"snapshot":"s-5f0c1de2a7b39846"} to {"dimension":2,"size":1}.
func (s *server) reload(c call) ([]byte, error) {
	r, err := s.read(c.Body)
	if err != nil {
		return nil, err
	}
	snapshot := r.Text("snapshot")
	if err := r.fault(); err != nil {
		return nil, err
	}
	dimension, size, err := s.Store.Reload(c.tenant, c.name, snapshot)
	return write("dimension", dimension, "size", size), err
}

func (s *server) describe(c call) ([]byte, error) {
	dimension, size, err := s.Store.Describe(c.tenant, c.name)
	return write("dimension", dimension, "size", size), err
}

func (s *server) drop(c call) ([]byte, error) {
	return write("dropped", true), s.Store.Drop(c.tenant, c.name)
}

func (s *server) forget(c call) ([]byte, error) {
	dropped, err := s.Indexes.Forget(c.Context(), c.tenant)
	return write("dropped", dropped), err
}
