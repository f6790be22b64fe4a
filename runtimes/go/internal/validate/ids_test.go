package validate

import (
	"strconv"
	"testing"
)

func TestIDSet(t *testing.T) {
	// On both sides of the place where a map takes over.
	for _, n := range []int{0, 1, maxLinear - 1, maxLinear, maxLinear + 1, 2 * maxLinear, 1000} {
		var s idSet
		for i := range n {
			if !s.add(strconv.Itoa(i)) {
				t.Fatalf("%d ids: %d is not new", n, i)
			}
		}
		for i := range n {
			id := strconv.Itoa(i)
			if s.add(id) || !s.has(id) || s.place(id) != i {
				t.Fatalf("%d ids: %d is at %d", n, i, s.place(id))
			}
		}
		if s.has("x") || s.has("") || s.place("x") != -1 {
			t.Errorf("%d ids: x is one of them", n)
		}
	}
	if s := newIDSet([]string{"a", "b", "a"}); s.place("b") != 1 || len(s.ids) != 2 {
		t.Errorf("a, b and a are %v", s.ids)
	}
}
