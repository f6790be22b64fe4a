package vectors

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"lakehouse/internal/index"
	"lakehouse/internal/unit"

	"github.com/coder/hnsw"
)

// A surge is many updates of few vectors, with a search behind each.
const (
	surgeUpdates   = 100_000
	surgeIDs       = 20
	surgeDimension = 16
)

func surgeVector(rng *rand.Rand) unit.Vector {
	x := make([]float64, surgeDimension)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return direction(x...)
}

func TestSurge(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	rng := rand.New(rand.NewSource(1))
	truth := map[string]unit.Vector{}
	for i := range surgeUpdates {
		item := index.Item{ID: fmt.Sprint(rng.Intn(surgeIDs)), Vector: surgeVector(rng), Metadata: "{}"}
		if rng.Intn(4) == 0 && truth[item.ID] != nil {
			if _, err := s.Delete("a", "small", item.ID); err != nil {
				t.Fatalf("update %d: %v", i, err)
			}
			delete(truth, item.ID)
		}
		add(t, s, "small", item)
		truth[item.ID] = item.Vector
		s.View("a", []string{"small"}, func(v View) error {
			hits, err := v.Search("small", index.Query{Vector: item.Vector, K: surgeIDs})
			if err != nil || len(hits) != len(truth) || hits[0].ID != item.ID || hits[0].Distance != 0 {
				t.Fatalf("update %d: %v, %v", i, hits, err)
			}
			return nil
		})
	}
	// The journal was written anew, but not for each of them.
	path := filepath.Join(dir, "a", "small.journal")
	if info, err := os.Stat(path); err != nil || info.Size() > 2*minCompact {
		t.Errorf("the journal: %v, %v", info.Size(), err)
	}
	want := listed(s, "a", "small")
	if got := listed(open(t, crashed(t, dir), Options{}), "a", "small"); len(truth) != surgeIDs || got != want {
		t.Errorf("after a crash\n%s\nwant\n%s", got, want)
	}
}

// The same with coder/hnsw used plainly, as its documentation has it, dereferences
// nil. If it does not any more, the library has been mended: then Options.PlainGraph
// shows nothing, and cells.go could be measured against it again.
func TestSurgePanicsInThePlainGraph(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	graph := hnsw.NewGraph[string]()
	graph.Rng = rng
	done, reason := 0, any(nil)
	func() {
		defer func() { reason = recover() }()
		for done = range surgeUpdates {
			id, v := fmt.Sprint(rng.Intn(surgeIDs)), surgeVector(rng)
			graph.Delete(id)
			graph.Add(hnsw.MakeNode(id, v))
			graph.Search(v, surgeIDs)
		}
	}()
	t.Logf("after %d updates: %v", done, reason)
	if reason == nil || !strings.Contains(fmt.Sprint(reason), "nil pointer") {
		t.Errorf("%d updates, and %v", done+1, reason)
	}
}

// Many write and read at once: nothing is lost, and nobody waits for ever.
func TestAtOnce(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	names := []string{"x", "y"}
	for _, name := range names {
		add(t, s, name, index.Item{ID: "first", Vector: direction(1, 0), Metadata: "{}"})
	}
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			name := names[worker%2]
			for i := range 300 {
				id := fmt.Sprint(worker, "-", i)
				if _, err := s.Add("a", name, []index.Item{{ID: id, Vector: direction(float64(i+1), 1), Metadata: "{}"}}); err != nil {
					t.Error(err)
				}
				if i%3 == 0 {
					if _, err := s.Delete("a", name, id); err != nil {
						t.Error(err)
					}
				}
				// Both at once, and the other way around.
				look := []string{names[worker%2], names[1-worker%2]}
				err := s.View("a", look, func(v View) error {
					_, err := v.Search(look[1], index.Query{Vector: direction(1, 1), K: 5})
					return err
				})
				if err != nil {
					t.Error(err)
				}
				if i%100 == 0 {
					s.Save("a", name)
					s.Add("b", name, []index.Item{one})
					s.Forget("b")
				}
			}
		})
	}
	wg.Wait()
	killed := open(t, crashed(t, dir), Options{})
	for _, name := range names {
		_, size, err := s.Describe("a", name)
		if size != 1+4*200 || err != nil {
			t.Errorf("%s: %d, %v", name, size, err)
		}
		if listed(s, "a", name) != listed(killed, "a", name) {
			t.Errorf("%s differs after a crash", name)
		}
	}
}
