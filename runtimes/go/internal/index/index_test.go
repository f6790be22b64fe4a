package index

import (
	"cmp"
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"lakehouse/internal/unit"
)

func direction(x ...float64) unit.Vector {
	v, ok := unit.Of(x)
	if !ok {
		panic("no direction")
	}
	return v
}

func ids(hits []Hit) string {
	var all []string
	for _, hit := range hits {
		all = append(all, fmt.Sprintf("%s %d", hit.ID, hit.Distance))
	}
	return strings.Join(all, ", ")
}

func TestSearch(t *testing.T) {
	x := New(2, Options{})
	for _, item := range []Item{{"b", direction(1, 0), "{}"}, {"c", direction(0, 1), "{}"}, {"\U00010000", direction(2, 0), "{}"},
		{"\uffff", direction(3, 0), "{}"}, {"a", direction(-1, 0), `{"n":1}`}} {
		if x.Put(item) {
			t.Errorf("%s was there", item.ID)
		}
	}
	q := direction(5, 0)
	for _, tt := range []struct {
		name string
		q    Query
		want string
	}{
		{"ties by code points", Query{Vector: q, K: 3}, "b 0, \uffff 0, \U00010000 0"},
		{"all", Query{Vector: q, K: 9}, "b 0, \uffff 0, \U00010000 0, c 1000000, a 2000000"},
		{"excluded", Query{Vector: q, K: 2, Excluded: []string{"b", "nobody"}}, "\uffff 0, \U00010000 0"},
		{"only", Query{Vector: q, K: 9, Only: []string{"c", "nobody", "c", "b"}}, "b 0, c 1000000"},
		{"only and excluded", Query{Vector: q, K: 9, Only: []string{"c", "b"}, Excluded: []string{"b"}}, "c 1000000"},
		{"only none", Query{Vector: q, K: 9, Only: []string{}}, ""},
	} {
		if got := ids(x.Search(tt.q)); got != tt.want {
			t.Errorf("%s: %q; want %q", tt.name, got, tt.want)
		}
	}
	if !x.Put(Item{"a", direction(1, 0), "{}"}) || !x.Delete("b") || x.Delete("b") || x.Has("b") || x.Size() != 4 {
		t.Error("an update, or a deletion")
	}
	if got := ids(x.Search(Query{Vector: q, K: 2})); got != "a 0, \uffff 0" {
		t.Errorf("then %q", got)
	}
	x.Put(Item{"b", direction(1, 0), "{}"})
	var born []string
	for item := range x.Items() {
		born = append(born, item.ID)
	}
	if got := strings.Join(born, " "); got != "c \U00010000 \uffff a b" {
		t.Errorf("in the order of the first additions: %q", got)
	}
}

// slow is how a search is to come out.
func slow(items map[string]Item, q unit.Vector, k int) string {
	var hits []Hit
	for _, item := range items {
		hits = append(hits, Hit{Item: item, Distance: unit.Distance(item.Vector, q)})
	}
	slices.SortFunc(hits, func(a, b Hit) int {
		return cmp.Or(cmp.Compare(a.Distance, b.Distance), strings.Compare(a.ID, b.ID))
	})
	return ids(hits[:min(k, len(hits))])
}

// Many of these vectors are equal, or differ by less than a millionth.
func TestExactly(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, dimension := range []int{1, 2, 3, 16, 100} {
		draw := func() unit.Vector {
			v := make([]float64, dimension)
			for i := range v {
				v[i] = float64(rng.Intn(3)-1) + rng.NormFloat64()*1e-7*float64(rng.Intn(2))
			}
			v[0] += 1.5
			return direction(v...)
		}
		x, items := New(dimension, Options{}), map[string]Item{}
		for range 1000 {
			item := Item{ID: fmt.Sprint(rng.Intn(700)), Vector: draw()}
			x.Put(item)
			items[item.ID] = item
			if id := fmt.Sprint(rng.Intn(700)); rng.Intn(4) == 0 {
				if _, ok := items[id]; x.Delete(id) != ok {
					t.Fatalf("deleting %s", id)
				}
				delete(items, id)
			}
		}
		for range 50 {
			q, k := draw(), 1+rng.Intn(20)
			if got, want := ids(x.Search(Query{Vector: q, K: k})), slow(items, q, k); got != want {
				t.Fatalf("dimension %d, k %d\ngot  %s\nwant %s", dimension, k, got, want)
			}
		}
	}
}

// An index that grows, changes and shrinks has each entry in one cell, and few
// enough in each, unless they are all the same.
func TestCells(t *testing.T) {
	rng := rand.New(rand.NewSource(2))
	draw := func() unit.Vector {
		if rng.Intn(10) == 0 {
			return direction(1, 1, 0, 0, 0, 0, 0, 0)
		}
		v := make([]float64, 8)
		for i := range v {
			v[i] = rng.NormFloat64()
		}
		return direction(v...)
	}
	x := New(8, Options{})
	check := func() {
		t.Helper()
		members := 0
		for i, cell := range x.cells.list {
			if cell.place != i || len(cell.members) > cell.most || len(cell.members) == 0 && len(x.cells.list) > 1 {
				t.Fatalf("cell %d: place %d, %d members of %d", i, cell.place, len(cell.members), cell.most)
			}
			for j, e := range cell.members {
				if e.cell != cell || e.seat != j || x.byID[e.ID] != e || x.entries[e.place] != e {
					t.Fatalf("entry %s is not where it says", e.ID)
				}
			}
			members += len(cell.members)
		}
		if x.cells.built() && members != x.Size() || x.cells.built() != (members > 0) {
			t.Fatalf("%d entries, %d in cells", x.Size(), members)
		}
	}
	for i := range 30_000 {
		x.Put(Item{ID: fmt.Sprint(rng.Intn(40_000)), Vector: draw()})
		if i%3000 == 0 || x.Size() == exactly || x.Size() == exactly+1 {
			check()
		}
	}
	if !x.cells.built() {
		t.Fatal("there are no cells")
	}
	// As many hits as there are others, whatever is excluded.
	q := Query{Vector: draw(), K: 1000}
	for _, hit := range x.Search(Query{Vector: q.Vector, K: 1000}) {
		q.Excluded = append(q.Excluded, hit.ID)
	}
	if got := x.Search(q); len(got) != 1000 || slices.ContainsFunc(got, func(h Hit) bool { return slices.Contains(q.Excluded, h.ID) }) {
		t.Errorf("%d hits beside those that are excluded", len(got))
	}
	for id := range 40_000 {
		x.Delete(fmt.Sprint(id))
		if id%2000 == 0 {
			check()
		}
	}
	if x.Size() != 0 || x.cells.built() {
		t.Errorf("%d are left", x.Size())
	}
}

func TestSmallest(t *testing.T) {
	rng := rand.New(rand.NewSource(3))
	for range 2000 {
		numbers := make([]float32, 1+rng.Intn(30))
		for i := range numbers {
			numbers[i] = float32(rng.Intn(12))
		}
		k := rng.Intn(len(numbers))
		sorted := slices.Sorted(slices.Values(numbers))
		if got := smallest(slices.Clone(numbers), k); got != sorted[k] {
			t.Fatalf("the one behind %d others in %v is %v", k, numbers, got)
		}
	}
}
