package ijson

import (
	"errors"
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"
)

func TestNumber(t *testing.T) {
	zeros := func(n int) string { return strings.Repeat("0", n) }
	minusZero := math.Copysign(0, -1)
	tests := []struct {
		text string
		want float64
	}{
		{`0`, 0},
		{`-0`, minusZero},
		{`-0.0`, minusZero},
		{`-0e5`, minusZero},
		{`-1e-400`, minusZero},
		{`1e-400`, 0},
		{`0e99999999999999999999`, 0},
		{`1e-99999999999999999999`, 0},
		{`9007199254740992`, 1 << 53},
		{`-9007199254740992`, -1 << 53},
		{`9007199254740993.0`, 1 << 53}, // no integer by the contract; ties to even
		{`9007199254740993e0`, 1 << 53},
		{`9007199254740995.0`, 9007199254740996},
		{`1e308`, 1e308},
		{`1.7976931348623157e308`, math.MaxFloat64},
		{`1.7976931348623158e308`, math.MaxFloat64}, // below the midpoint to 2^1024
		{`5e-324`, math.SmallestNonzeroFloat64},
		{`2.4703282292062327e-324`, 0},                           // just below half of it
		{`2.4703282292062328e-324`, math.SmallestNonzeroFloat64}, // just above
		{`1E5`, 1e5},
		{`1e+05`, 1e5},
		{`-1.5e-1`, -0.15},
		{`0.1`, 0.1},

		// Literals that are too long for strconv.ParseFloat.
		{`0.` + zeros(200_000) + `1e200001`, 1},
		{`-0.` + zeros(200_000) + `25E+200001`, -2.5},
		{`1` + zeros(200_000) + `e-200000`, 1},
		{`1` + zeros(200_000) + `.000e-200000`, 1},
		{`9007199254740993` + zeros(900) + `e-900`, 1 << 53},            // exactly between two doubles
		{`9007199254740993` + zeros(899) + `1e-900`, 9007199254740994},  // above by a hair
		{`0.` + zeros(100_000) + `9007199254740993e100016`, 1 << 53},    // the same from the other side
		{`9007199254740993.` + zeros(900) + `1`, 9007199254740994},      // no exponent
		{`9007199254740993.` + zeros(900) + `1e0`, 9007199254740994},    // an idle one
		{`0.` + zeros(2000) + `e5`, 0},                                  // no digit but zeros
		{`-0.` + zeros(2000) + `e5`, minusZero},                         //
		{`0.` + zeros(2000) + `1e-9223372036854775807`, 0},              // exponents at the edge of int64
		{`1e-` + zeros(2000) + `5`, 1e-5},                               // a long exponent
		{`1` + zeros(2000) + `e-99999999999999999999`, 0},               //
		{`0.` + zeros(900) + `1e` + strconv.Itoa(901+308), 1e308},       // near the limit
		{`0.` + zeros(900) + `1e` + strconv.Itoa(901-324), 0},           // 1e-324 is below half of the smallest
		{`0.` + zeros(900) + `5e` + strconv.Itoa(901-324), 5e-324},      // and 5e-324 is the smallest
		{`0.` + zeros(899) + `17976931348623157e1208`, math.MaxFloat64}, // 0.17976931348623157e309
	}
	for _, tt := range tests {
		v, err := Parse(tt.text, Options{})
		got, ok := v.(Number)
		if err != nil || !ok || math.Float64bits(float64(got)) != math.Float64bits(tt.want) {
			t.Errorf("Parse(%.40q...) = %v, %v; want %v", tt.text, v, err, tt.want)
		}
	}
}

// IEEE 754 rounds to infinity from 2^1024 - 2^970 on: the midpoint between the
// largest double and 2^1024, of which the even one is infinite.
func TestMidpointToInfinity(t *testing.T) {
	one := big.NewInt(1)
	midpoint := new(big.Int).Lsh(one, 1024)
	midpoint.Sub(midpoint, new(big.Int).Lsh(one, 970))
	below := new(big.Int).Sub(midpoint, one)
	zeros := strings.Repeat("0", 1000)
	for _, fits := range []string{below.String() + ".0", below.String() + ".9e0", below.String() + zeros + "e-1000"} {
		if v, err := Parse(fits, Options{}); v != Number(math.MaxFloat64) || err != nil {
			t.Errorf("Parse(%.20q...) = %v, %v; want the largest double", fits, v, err)
		}
	}
	for _, beyond := range []string{midpoint.String() + ".0", "-" + midpoint.String() + "e0", midpoint.String() + zeros + "e-1000"} {
		if v, err := Parse(beyond, Options{}); !errors.Is(err, ErrNumberRange) {
			t.Errorf("Parse(%.20q...) = %v, %v; want the error %v", beyond, v, err, ErrNumberRange)
		}
	}
	if v, err := Parse(midpoint.String(), Options{RoundIntegers: true}); !errors.Is(err, ErrNumberRange) {
		t.Errorf("the midpoint as an integer, rounded: %v, %v", v, err)
	}
}

func TestManyMembers(t *testing.T) {
	// On both sides of the place where a map takes over.
	for _, n := range []int{maxLinear - 1, maxLinear, maxLinear + 1, 2 * maxLinear, 1000} {
		v, err := Parse(members(n)+"}", Options{})
		if o, ok := v.(Object); err != nil || !ok || len(o) != n {
			t.Fatalf("%d members: %v, %v", n, v, err)
		}
		// Every one of them is found again, and replaced in its place.
		for i := range n {
			name := "k" + strconv.Itoa(i)
			v, err := Parse(members(n)+`,"`+name+`":null}`, Options{DuplicateMembers: true})
			if o, ok := v.(Object); err != nil || !ok || len(o) != n || o[i] != (Member{name, Null{}}) {
				t.Fatalf("%d members, %s again: %v, %v", n, name, v, err)
			}
		}
	}
}

// members is an object of n members, without its closing brace.
func members(n int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"k` + strconv.Itoa(i) + `":1`)
	}
	return b.String()
}
