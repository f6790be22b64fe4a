package matrix

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"lakehouse/internal/ascii"
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/unit"
)

// Memory is the index that recordings lie in.
const Memory = "playbook_memory"

const (
	remembered                 = 50      // entries that a search looks at
	farthest   unit.Millionths = 500_000 // that an entry may be
)

// Recording says that an answer worked for a query and a role.
type Recording struct {
	QueryText  string
	Components []float64 // of the query text
	Role       string
	AnswerID   string
	Score      float64
}

// ID is derived, so that recording the same again updates.
func (r Recording) ID() string {
	key := jcs.Append(nil, ijson.Array{ijson.String(r.QueryText), ijson.String(r.Role), ijson.String(r.AnswerID)}, jcs.Options{})
	digest := sha256.Sum256(key)
	return "pb-" + hex.EncodeToString(digest[:8])
}

// Record keeps a recording, or updates it.
func Record(ctx context.Context, indexes Indexes, tenant string, r Recording) (id string, updated bool, err error) {
	metadata := jcs.Append(nil, ijson.Object{
		{Name: "answer_id", Value: ijson.String(r.AnswerID)},
		{Name: "role", Value: ijson.String(r.Role)},
		{Name: "score", Value: ijson.Number(r.Score)},
	}, jcs.Options{})
	id = r.ID()
	updated, err = indexes.Put(ctx, tenant, Memory, Item{ID: id, Components: r.Components, Metadata: string(metadata)})
	return id, updated, err
}

// recall returns the scores of the answers that count for a search.
func recall(shelf Shelf, ask Ask, opts Options) (map[string][]float64, error) {
	entries, err := shelf.Search(Memory, Query{Components: ask.Components, K: remembered})
	if isNone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	answers := map[string][]float64{}
	for _, entry := range entries {
		role, answer, score, ok := parse(entry.Metadata)
		if ok && entry.Distance <= farthest && (opts.RoleGateOff || ascii.EqualFold(role, ask.Role)) {
			answers[answer] = append(answers[answer], score)
		}
	}
	return answers, nil
}

// parse reads the metadata of an entry, which anybody may have put there.
func parse(metadata string) (role, answer string, score float64, ok bool) {
	v, err := ijson.Parse(metadata, ijson.Options{})
	if err != nil {
		return "", "", 0, false
	}
	o, _ := v.(ijson.Object)
	r, ok1 := o.Get("role").(ijson.String)
	a, ok2 := o.Get("answer_id").(ijson.String)
	s, ok3 := o.Get("score").(ijson.Number)
	return string(r), string(a), float64(s), ok1 && ok2 && ok3 && 0 <= s && s <= 1
}
