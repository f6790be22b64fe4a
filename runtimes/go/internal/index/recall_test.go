package index

import (
	"fmt"
	"math/rand"
	"testing"

	"lakehouse/internal/hash768"
	"lakehouse/internal/unit"
)

// source draws vectors.
type source func() unit.Vector

// clustered draws directions around 200 middles, each component off by noise.
func clustered(rng *rand.Rand, dimension int, noise float64) source {
	middles := make([][]float64, 200)
	for i := range middles {
		middles[i] = make([]float64, dimension)
		for j := range middles[i] {
			middles[i][j] = rng.NormFloat64()
		}
	}
	return func() unit.Vector {
		x := make([]float64, dimension)
		for i, c := range middles[rng.Intn(len(middles))] {
			x[i] = c + noise*rng.NormFloat64()
		}
		return direction(x...)
	}
}

// worded draws the vectors of texts that have most of their words in common.
func worded(rng *rand.Rand) source {
	pick := func(kind string, n int) string { return fmt.Sprintf("%s%c%d ", kind, 'a'+rng.Intn(n)%26, rng.Intn(n)) }
	return func() unit.Vector {
		return direction(hash768.Embed(pick("role", 5) + pick("city", 7) + pick("skill", 9) + pick("skill", 9) + pick("name", 26))...)
	}
}

func (draw source) index(size int, opts Options) *Index {
	x := New(len(draw()), opts)
	for i := range size {
		x.Put(Item{ID: fmt.Sprintf("w-%06d", i), Vector: draw(), Metadata: "{}"})
	}
	return x
}

func (draw source) queries(n int) []unit.Vector {
	queries := make([]unit.Vector, n)
	for i := range queries {
		queries[i] = draw()
	}
	return queries
}

// recall is the share of hits that are no farther than the last of the true ten.
func recall(x *Index, queries []unit.Vector) float64 {
	found := 0
	for _, q := range queries {
		truth := x.nearest(x.entries, Query{Vector: q, K: 10})
		for _, hit := range x.Search(Query{Vector: q, K: 10}) {
			if hit.Distance <= truth[9].Distance {
				found++
			}
		}
	}
	return float64(found) / float64(10*len(queries))
}

func TestRecall(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, tt := range []struct {
		name string
		size int
		draw source
	}{
		{"all of them are looked at", 2_000, clustered(rng, 256, 0.3)},
		{"clusters", 20_000, clustered(rng, 256, 0.3)},
		{"clusters that are wide", 20_000, clustered(rng, 256, 0.8)},
		{"texts, all of them looked at", 2_000, worded(rng)},
	} {
		x := tt.draw.index(tt.size, Options{})
		got := recall(x, tt.draw.queries(100))
		t.Logf("%s: of %d vectors, recall@10 is %.4f", tt.name, tt.size, got)
		if got < 0.99 {
			t.Errorf("%s: of %d vectors, recall@10 is %.4f", tt.name, tt.size, got)
		}
	}
}

func TestRecallSeesWhatIsMissed(t *testing.T) {
	draw := clustered(rand.New(rand.NewSource(1)), 32, 0.3)
	x := draw.index(exactly+1, Options{NearMissed: true})
	if got := recall(x, draw.queries(100)); got >= 0.99 {
		t.Errorf("recall@10 is %.4f", got)
	}
}

// Of 768 components, as those of hash-768 are: go test -bench Search ./internal/index
func BenchmarkSearch(b *testing.B) {
	for _, size := range []int{1_000, 2_000, 20_000} {
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			draw := clustered(rand.New(rand.NewSource(1)), 768, 0.3)
			x, queries := draw.index(size, Options{}), draw.queries(100)
			for i := 0; b.Loop(); i++ {
				x.Search(Query{Vector: queries[i%len(queries)], K: 10})
			}
			b.ReportMetric(recall(x, queries), "recall@10")
		})
	}
}
