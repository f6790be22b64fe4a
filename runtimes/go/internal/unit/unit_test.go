package unit

import (
	"math"
	"math/rand"
	"testing"
)

func TestOf(t *testing.T) {
	for _, tt := range []struct {
		x    []float64
		want Vector
		ok   bool
	}{
		{[]float64{3, 4}, Vector{0.6, 0.8}, true},
		{[]float64{-7}, Vector{-1}, true},
		{[]float64{1e-6, 0}, Vector{1, 0}, true}, // the sum of its squares is 1e-12
		{[]float64{9e-7, 0}, nil, false},
		{[]float64{0, math.Copysign(0, -1)}, nil, false},
		{nil, nil, false},
		{[]float64{1e6, 1e-3}, Vector{1, 1e-9}, true},
	} {
		got, ok := Of(tt.x)
		if ok != tt.ok || len(got) != len(tt.want) {
			t.Errorf("%v: %v, %v", tt.x, got, ok)
			continue
		}
		for i := range got {
			if got[i] != tt.want[i] {
				t.Errorf("%v: %v; want %v", tt.x, got, tt.want)
			}
		}
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b Vector
		want Millionths
	}{
		{Vector{1, 0}, Vector{1, 0}, 0},
		{Vector{1, 0}, Vector{0, 1}, 1_000_000},
		{Vector{1, 0}, Vector{-1, 0}, 2_000_000},
		{Vector{0.6, 0.8}, Vector{0.6, 0.8}, 0}, // a little below 0 before it is rounded
		{Vector{0.70710677, 0.70710677}, Vector{1, 0}, 292_893},
	} {
		if got := Distance(tt.a, tt.b); got != tt.want {
			t.Errorf("%v, %v: %d; want %d", tt.a, tt.b, got, tt.want)
		}
	}
	for millionths, want := range map[float64]Millionths{0.4: 0, 0.5: 1, -3: 0, 2_000_000.5: Max, 222449.5: 222450} {
		if got := Round(millionths); got != want {
			t.Errorf("Round(%v) = %d; want %d", millionths, got, want)
		}
	}
	if got := Millionths(222450).Float(); got != 0.22245 {
		t.Errorf("written %v", got)
	}
}

// What is sorted out by Near must not be a hit by Distance.
func TestSlack(t *testing.T) {
	rng := rand.New(rand.NewSource(1))
	for _, dimension := range []int{1, 2, 7, 64, 768, 4096} {
		most := 0.0
		for range 200 {
			x, y := make([]float64, dimension), make([]float64, dimension)
			for i := range x {
				x[i] = rng.NormFloat64()
				y[i] = x[i] + rng.NormFloat64()*rng.Float64()
			}
			a, _ := Of(x)
			b, _ := Of(y)
			sum := 0.0
			for i := range a {
				sum += float64(a[i]) * float64(b[i])
			}
			most = max(most, math.Abs(float64(Near(a, b))-(1-sum)))
		}
		if most > float64(Slack(dimension))/2 {
			t.Errorf("dimension %d: off by %g of %g", dimension, most, Slack(dimension))
		}
	}
}
