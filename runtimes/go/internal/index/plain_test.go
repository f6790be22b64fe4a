package index

import (
	"fmt"
	"math/rand"
	"slices"
	"testing"
)

// putPlainly puts keys into a plain graph, and searches behind each. It returns
// how many of them went well.
func putPlainly(t *testing.T, keys []int) (well int) {
	t.Helper()
	plain, sound := New(3, Options{PlainGraph: true}), New(3, Options{})
	defer func() { recover() }()
	for _, key := range keys {
		item := Item{ID: fmt.Sprint(key), Vector: direction(1, float64(key/2), 1), Metadata: "{}"}
		sound.Put(item)
		plain.Put(item)
		q := Query{Vector: item.Vector, K: 3, Excluded: []string{"1"}}
		if got, want := ids(plain.Search(q)), ids(sound.Search(q)); got != want {
			t.Errorf("%v: %s; want %s", keys, got, want)
		}
		well++
	}
	return well
}

func TestPlainGraph(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for n := 1; n <= 40; n++ {
		if keys := rng.Perm(n); putPlainly(t, keys) != n {
			t.Errorf("it panics at new keys alone: %v", keys)
		}
	}
	panics := 0
	for a := range 3 {
		for b := range 3 {
			if keys := []int{0, 1, 2, a, b}; putPlainly(t, keys) < len(keys) {
				panics++
			}
		}
	}
	if panics < 6 {
		t.Errorf("it panics at %d of 9", panics)
	}
	// The same calls always panic, or never.
	for range 50 {
		keys := make([]int, 12)
		for i := range keys {
			keys[i] = rng.Intn(8)
		}
		var well []int
		for range 5 {
			well = append(well, putPlainly(t, keys))
		}
		if slices.Min(well) != slices.Max(well) {
			t.Errorf("%v: sometimes %d go well, sometimes %d", keys, slices.Min(well), slices.Max(well))
		}
	}
}
