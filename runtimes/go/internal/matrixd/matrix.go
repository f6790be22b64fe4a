package matrixd

import (
	"lakehouse/internal/matrix"
)

// retrieve: {"k":1,"query_text":"welder"} to {"hits":[...]}.
func (s *server) retrieve(c call) ([]byte, error) {
	r, err := s.read(c.Body)
	if err != nil {
		return nil, err
	}
	src := r.text("query_text")
	ask := matrix.Ask{Tenant: c.tenant, K: r.k(), Excluded: r.ids("excluded_ids"), Index: r.index()}
	if err := r.fault(); err != nil {
		return nil, err
	}
	if err := s.embed(c.Context(), src); err != nil {
		return nil, err
	}
	ask.Components = src.components
	hits, err := matrix.Retrieve(c.Context(), s.Indexes, ask)
	return writeRetrieved(hits), err
}

// matrixSearch: {"k":1,"query_role":"Welder","query_text":"welder"} to
// {"boosted":0,"hits":[...],"injected":0}.
func (s *server) matrixSearch(c call) ([]byte, error) {
	r, err := s.read(c.Body)
	if err != nil {
		return nil, err
	}
	src := r.text("query_text")
	ask := matrix.Ask{Tenant: c.tenant, Role: r.role("query_role"), K: r.k()}
	ask.UsePlaybook = r.usePlaybook()
	ask.Excluded = r.ids("excluded_ids")
	ask.Index = r.index()
	if err := r.fault(); err != nil {
		return nil, err
	}
	if err := s.embed(c.Context(), src); err != nil {
		return nil, err
	}
	ask.Components = src.components
	result, err := matrix.Search(c.Context(), s.Indexes, ask, s.Options)
	return writeResult(result), err
}

// record: {"answer_id":"w-1","query_text":"welder","role":"Welder","score":1} to
// {"playbook_id":"pb-...","updated":false}.
func (s *server) record(c call) ([]byte, error) {
	r, err := s.read(c.Body)
	if err != nil {
		return nil, err
	}
	src := r.text("query_text")
	recording := matrix.Recording{QueryText: src.text, Role: r.role("role"), AnswerID: r.id("answer_id"), Score: r.score()}
	if err := r.fault(); err != nil {
		return nil, err
	}
	if err := s.embed(c.Context(), src); err != nil {
		return nil, err
	}
	recording.Components = src.components
	id, updated, err := matrix.Record(c.Context(), s.Indexes, c.tenant, recording)
	return write("playbook_id", id, "updated", updated), err
}
