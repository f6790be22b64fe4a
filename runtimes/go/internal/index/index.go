// Package index keeps the vectors of one index in memory, and finds the nearest.
//
// The truth is a side store: each id with its unit vector and its metadata. Up
// to [exactly] vectors a search looks at all of them. Beyond that it looks into
// the cells that are nearest (see cells.go). Whatever is found is compared by its
// exact distance, so that cells can cost recall and nothing else.
package index

import (
	"sync/atomic"

	"lakehouse/internal/unit"
)

// Options depart from the contract. Only planted bugs do that; the zero value is
// the contract.
type Options struct {
	TiesByInsertion bool // equal distances come in the order in which ids were first added
	DeletedReturned bool // the search behind a delete returns what was deleted, where there are too few
	PlainGraph      bool // the vectors lie in a graph that is used plainly
	NearMissed      bool // a search looks into no more cells than hold K vectors
}

// Item is what an index keeps.
type Item struct {
	ID       string
	Vector   unit.Vector
	Metadata string // a canonical JSON object
}

// entry is an item in its places.
type entry struct {
	Item
	place int    // in Index.entries
	born  uint64 // in the order of the first additions
	cell  *cell  // nil while there are none
	seat  int    // in cell.members
}

// Index is a set of items of one dimension. Any number of goroutines may search
// it, or one may change it.
type Index struct {
	dimension int
	opts      Options
	byID      map[string]*entry
	entries   []*entry // in no order
	cells     cells
	births    uint64
	plain     *plain                // of a plant
	ghost     atomic.Pointer[entry] // what a plant still returns
}

// New returns an empty index for vectors of that dimension.
func New(dimension int, opts Options) *Index {
	x := &Index{dimension: dimension, opts: opts, byID: map[string]*entry{}}
	if opts.PlainGraph {
		x.plain = &plain{dimension: dimension}
	}
	return x
}

// Dimension is that of all its vectors.
func (x *Index) Dimension() int { return x.dimension }

// Size is the number of its items.
func (x *Index) Size() int { return len(x.entries) }

// Has reports whether the id is there.
func (x *Index) Has(id string) bool { return x.byID[id] != nil }

// Put adds an item, or replaces the one that has its id; then it was there.
func (x *Index) Put(item Item) (updated bool) {
	x.ghost.Store(nil)
	updated = x.put(item)
	if x.plain != nil {
		x.plain.put(item, updated)
	}
	return updated
}

func (x *Index) put(item Item) (updated bool) {
	if e := x.byID[item.ID]; e != nil {
		x.cells.remove(e)
		e.Item = item
		x.cells.add(e)
		return true
	}
	e := &entry{Item: item, place: len(x.entries), born: x.births}
	x.births++
	x.byID[item.ID] = e
	x.entries = append(x.entries, e)
	if !x.cells.built() && len(x.entries) > exactly {
		x.cells.build(x.entries)
	} else {
		x.cells.add(e)
	}
	return false
}

// Delete takes an item away, if it is there.
func (x *Index) Delete(id string) bool {
	e := x.byID[id]
	if e == nil {
		return false
	}
	delete(x.byID, id)
	last := x.entries[len(x.entries)-1]
	x.entries[e.place], last.place = last, e.place
	x.entries[len(x.entries)-1] = nil
	x.entries = x.entries[:len(x.entries)-1]
	x.cells.remove(e)
	if len(x.entries) < exactly/2 {
		x.cells = cells{}
	}
	if x.plain != nil {
		x.plain.delete(id)
	}
	if x.opts.DeletedReturned {
		x.ghost.Store(e)
	}
	return true
}

// Items yields all there are, in the order in which their ids were first added.
func (x *Index) Items() func(yield func(Item) bool) {
	return func(yield func(Item) bool) {
		for _, e := range byBirth(x.entries) {
			if !yield(e.Item) {
				return
			}
		}
	}
}
