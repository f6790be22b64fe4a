// Package unit holds vectors as search.md stores them, by their direction alone,
// and tells how far two of them are apart: exactly, in the same way in every
// runtime.
package unit

import (
	"math"

	"github.com/viterin/vek/vek32"
)

// Vector is a unit vector, rounded to binary32.
type Vector []float32

// minSquares is the sum of squares below which a vector has no direction.
const minSquares = 1e-12

// Of returns the direction of x. It reports false where there is none.
func Of(x []float64) (Vector, bool) {
	sum := 0.0
	for _, c := range x {
		sum += float64(c * c) // the conversion keeps a compiler from fusing the two
	}
	if !(sum >= minSquares) {
		return nil, false
	}
	n := math.Sqrt(sum)
	v := make(Vector, len(x))
	for i, c := range x {
		v[i] = float32(c / n)
	}
	return v, true
}

// Millionths is a distance, as it is compared: a whole number from 0 to 2,000,000.
type Millionths int32

// Max is the largest distance there is.
const Max Millionths = 2_000_000

// Round makes a distance of what was computed for one.
func Round(millionths float64) Millionths {
	return Millionths(max(0, min(math.Floor(millionths+0.5), float64(Max))))
}

// Float is the distance as it is written down.
func (m Millionths) Float() float64 { return float64(m) / 1_000_000 }

// Distance is that of two vectors of the same dimension. The products of
// binary32 are exact in binary64, and they are added up in order.
func Distance(a, b Vector) Millionths {
	b = b[:len(a)]
	sum := 0.0
	for i, c := range a {
		sum += float64(c) * float64(b[i])
	}
	return Round(float64((1 - sum) * 1_000_000))
}

// Near is the distance as fast as it can be had, off by less than [Slack] from
// the one that Distance rounds.
func Near(a, b Vector) float32 { return 1 - vek32.Dot(a, b) }

// Slack bounds what Near may be off by, for a dimension: n products of binary32
// that are added up in any order are off by n/2^24 of the sum of their
// magnitudes, which for unit vectors is at most 1. It is twice that, and some
// more for the rounding of the vectors and of the result.
func Slack(dimension int) float32 { return float32(dimension+16) / (1 << 23) }
