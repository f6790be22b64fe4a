package index

import (
	"cmp"
	"slices"
	"strings"

	"lakehouse/internal/unit"
)

// Hit is an item that was found, and how far it is from what was asked for.
type Hit struct {
	Item
	Distance unit.Millionths
	born     uint64
}

// Query asks for the K nearest to a vector of the index's dimension.
type Query struct {
	Vector   unit.Vector
	K        int
	Excluded []string // never among the hits
	Only     []string // look at these alone; nil for all
}

// Search returns the nearest, in order: by distance, and then by id.
func (x *Index) Search(q Query) []Hit {
	excluded := make(map[string]bool, len(q.Excluded))
	for _, id := range q.Excluded {
		excluded[id] = true
	}
	hits := x.nearest(x.candidates(q, excluded), q)
	if ghost := x.ghost.Swap(nil); ghost != nil && len(hits) < q.K && q.Only == nil && !excluded[ghost.ID] {
		hits = append(hits, x.hit(ghost, q.Vector))
		x.sort(hits)
	}
	return hits
}

// candidates are the entries among which the hits are looked for.
func (x *Index) candidates(q Query, excluded map[string]bool) []*entry {
	if q.Only != nil {
		seen := make(map[string]bool, len(q.Only))
		var found []*entry
		for _, id := range q.Only {
			if e := x.byID[id]; e != nil && !excluded[id] && !seen[id] {
				seen[id] = true
				found = append(found, e)
			}
		}
		return found
	}
	if x.plain != nil {
		return x.candidates(Query{Vector: q.Vector, Only: x.plain.search(q.Vector, x.entries)}, excluded)
	}
	if x.cells.built() {
		return x.cells.around(q.Vector, x.effort(q.K), excluded)
	}
	if len(excluded) == 0 {
		return x.entries
	}
	found := make([]*entry, 0, len(x.entries))
	for _, e := range x.entries {
		if !excluded[e.ID] {
			found = append(found, e)
		}
	}
	return found
}

// effort is how much of a large index a search for k looks at.
func (x *Index) effort(k int) effort {
	if x.opts.NearMissed {
		return effort{cells: 1, members: k}
	}
	return effort{cells: minCells, members: max(minLooked, minLookedK*k)}
}

// nearest returns the K nearest of the candidates. A fast look at all of them
// leaves those that could be among them, and the exact distance decides.
func (x *Index) nearest(candidates []*entry, q Query) []Hit {
	var hits []Hit
	if len(candidates) <= 2*q.K {
		hits = make([]Hit, 0, len(candidates))
		for _, e := range candidates {
			hits = append(hits, x.hit(e, q.Vector))
		}
	} else {
		near := make([]float32, len(candidates))
		for i, e := range candidates {
			near[i] = unit.Near(e.Vector, q.Vector)
		}
		// At least K are no farther than that, each of them rounded to a millionth.
		most := smallest(slices.Clone(near), q.K-1) + 2*unit.Slack(x.dimension) + 2e-6
		for i, e := range candidates {
			if near[i] <= most {
				hits = append(hits, x.hit(e, q.Vector))
			}
		}
	}
	x.sort(hits)
	return hits[:min(q.K, len(hits))]
}

func (x *Index) hit(e *entry, v unit.Vector) Hit {
	return Hit{e.Item, unit.Distance(e.Vector, v), e.born}
}

func (x *Index) sort(hits []Hit) {
	slices.SortFunc(hits, func(a, b Hit) int {
		if a.Distance != b.Distance {
			return cmp.Compare(a.Distance, b.Distance)
		}
		if x.opts.TiesByInsertion {
			return cmp.Compare(a.born, b.born)
		}
		// The order of UTF-8 bytes is the order of code points.
		return strings.Compare(a.ID, b.ID)
	})
}

// smallest returns the number that has k others in front of it in order. It
// moves the numbers around.
func smallest(numbers []float32, k int) float32 {
	for len(numbers) > 1 {
		pivot := numbers[len(numbers)/2]
		// Those below, those equal, those above: many can be equal.
		below, above := 0, len(numbers)
		for i := 0; i < above; {
			switch n := numbers[i]; {
			case n < pivot:
				numbers[i], numbers[below] = numbers[below], n
				below++
				i++
			case n > pivot:
				above--
				numbers[i], numbers[above] = numbers[above], n
			default:
				i++
			}
		}
		switch {
		case k < below:
			numbers = numbers[:below]
		case k >= above:
			numbers, k = numbers[above:], k-above
		default:
			return pivot
		}
	}
	return numbers[0]
}

func byBirth(entries []*entry) []*entry {
	entries = slices.Clone(entries)
	slices.SortFunc(entries, func(a, b *entry) int { return cmp.Compare(a.born, b.born) })
	return entries
}
