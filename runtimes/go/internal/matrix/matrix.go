// Package matrix retrieves from indexes, and searches them with what was
// recorded of earlier answers: the playbooks of search.md. Whether the indexes
// are in this process or in another one makes no difference to it.
package matrix

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"lakehouse/internal/index"
	"lakehouse/internal/request"
	"lakehouse/internal/unit"
)

// Options depart from the contract. Only planted bugs do that; the zero value is
// the contract.
type Options struct {
	RoleGateOff       bool // recordings of every role count
	BoostedTwice      bool // each recording of an answer counts
	BoostOnSimilarity bool // a score of at most 0.25 raises the similarity instead
	ExcludedLeaks     bool // an excluded id is injected all the same
	InjectedUncounted bool // an injected hit of rank 1 is not counted
}

// Query is what an index is asked for: an [index.Query] with the components of
// its vector as they came.
type Query struct {
	Components []float64
	K          int
	Excluded   []string
	Only       []string // nil for all
}

// Item is what an index is given.
type Item struct {
	ID         string
	Components []float64
	Metadata   string // a canonical JSON object
}

// Shelf is what some indexes hold at one moment. An error is a [request.State],
// or something that broke.
type Shelf interface {
	Search(name string, q Query) ([]index.Hit, error)
}

// Indexes are those of all tenants.
type Indexes interface {
	// Look runs a function on a shelf of those indexes.
	Look(ctx context.Context, tenant string, names []string, look func(Shelf) error) error
	// Put adds an item to an index, or replaces it.
	Put(ctx context.Context, tenant, name string, item Item) (updated bool, err error)
	// Forget takes away all that a tenant has.
	Forget(ctx context.Context, tenant string) (dropped int, err error)
}

// Ask is a search.
type Ask struct {
	Tenant      string
	Index       string
	Components  []float64 // of the query text
	Role        string
	K           int
	Excluded    []string
	UsePlaybook bool
}

// Hit is one of a search.
type Hit struct {
	index.Hit
	Boosted, Injected bool
}

// Result is what a search comes to.
type Result struct {
	Hits              []Hit
	Boosted, Injected int // of the hits
}

// Retrieve returns the nearest, without playbooks.
func Retrieve(ctx context.Context, indexes Indexes, ask Ask) (hits []index.Hit, err error) {
	err = indexes.Look(ctx, ask.Tenant, []string{ask.Index}, func(shelf Shelf) error {
		hits, err = shelf.Search(ask.Index, ask.query())
		return err
	})
	return hits, err
}

func (ask Ask) query() Query {
	return Query{Components: ask.Components, K: ask.K, Excluded: ask.Excluded}
}

// Search returns the nearest, as recordings have moved them.
func Search(ctx context.Context, indexes Indexes, ask Ask, opts Options) (result Result, err error) {
	names := []string{ask.Index}
	if ask.UsePlaybook {
		names = append(names, Memory)
	}
	err = indexes.Look(ctx, ask.Tenant, names, func(shelf Shelf) error {
		result, err = search(shelf, ask, opts)
		return err
	})
	return result, err
}

func search(shelf Shelf, ask Ask, opts Options) (Result, error) {
	organic, err := shelf.Search(ask.Index, ask.query())
	if err != nil {
		return Result{}, err
	}
	hits := make([]Hit, len(organic))
	for i, hit := range organic {
		hits[i] = Hit{Hit: hit}
	}
	if ask.UsePlaybook {
		answers, err := recall(shelf, ask, opts)
		if err != nil {
			return Result{}, err
		}
		for i := range hits {
			if scores := answers[hits[i].ID]; scores != nil {
				hits[i].Distance = lower(hits[i].Distance, scores, opts)
				hits[i].Boosted = true
				delete(answers, hits[i].ID)
			}
		}
		injected, err := inject(shelf, ask, answers, opts)
		if err != nil {
			return Result{}, err
		}
		hits = append(hits, injected...)
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), strings.Compare(a.ID, b.ID))
	})
	return count(hits[:min(ask.K, len(hits))], opts), nil
}

// inject finds the answers that the search did not, where they are.
func inject(shelf Shelf, ask Ask, answers map[string][]float64, opts Options) ([]Hit, error) {
	if len(answers) == 0 {
		return nil, nil
	}
	q := ask.query()
	q.K = len(answers)
	if opts.ExcludedLeaks {
		q.Excluded = nil
	}
	for id := range answers {
		q.Only = append(q.Only, id)
	}
	slices.Sort(q.Only)
	found, err := shelf.Search(ask.Index, q)
	hits := make([]Hit, len(found))
	for i, hit := range found {
		hit.Distance = lower(hit.Distance, answers[hit.ID], opts)
		hits[i] = Hit{Hit: hit, Injected: true}
	}
	return hits, err
}

// lower moves an answer nearer, by its best score.
func lower(distance unit.Millionths, scores []float64, opts Options) unit.Millionths {
	if !opts.BoostedTwice {
		scores = []float64{slices.Max(scores)}
	}
	for _, score := range scores {
		if opts.BoostOnSimilarity && score <= 0.25 {
			similarity := 1 - distance.Float()
			distance = unit.Round((1 - similarity*(1+0.5*score)) * 1_000_000)
			continue
		}
		distance = unit.Round(float64(float64(distance) * (1 - 0.5*score)))
	}
	return distance
}

func count(hits []Hit, opts Options) Result {
	r := Result{Hits: hits}
	for i, hit := range hits {
		if hit.Boosted {
			r.Boosted++
		}
		if hit.Injected && !(opts.InjectedUncounted && i == 0) {
			r.Injected++
		}
	}
	return r
}

// isNone reports whether an error only says that there is nothing to ask.
func isNone(err error) bool { return err == request.UnknownIndex || err == request.WrongDimension }
