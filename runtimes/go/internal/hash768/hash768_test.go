package hash768

import (
	"fmt"
	"hash/crc32"
	"maps"
	"slices"
	"strings"
	"testing"
)

// sums adds up features by their names, as the contract says it.
func sums(weights map[string]int) map[int]int {
	sums := map[int]int{}
	for feature, weight := range weights {
		m := uint64(crc32.ChecksumIEEE([]byte(feature))) * 2654435761 % (1 << 32)
		if m >= 1<<31 {
			weight = -weight
		}
		sums[int(m%(1<<31)%768)] += weight
	}
	maps.DeleteFunc(sums, func(_, sum int) bool { return sum == 0 })
	return sums
}

func answer(tokens int, weights map[string]int) string {
	var components []string
	sums := sums(weights)
	for _, i := range slices.Sorted(maps.Keys(sums)) {
		components = append(components, fmt.Sprintf("[%d,%d]", i, sums[i]))
	}
	return fmt.Sprintf(`{"components":[%s],"tokens":%d}`, strings.Join(components, ","), tokens)
}

func TestCRC(t *testing.T) {
	if got := crc32.ChecksumIEEE([]byte("123456789")); got != 0xcbf43926 {
		t.Errorf("%x", got)
	}
}

func TestAppend(t *testing.T) {
	ab := map[string]int{"w:ab": 4, "g:^ab": 1, "g:ab$": 1}
	for _, tt := range []struct{ rule, input, want string }{
		{"ascii-folded", "AB", answer(1, ab)},
		{"nothing-else-folded", "É", answer(1, map[string]int{"w:É": 4, "g:^É$": 1})},
		{"nothing-else-folded", "\u212a", answer(1, map[string]int{"w:\u212a": 4, "g:^\u212a$": 1})}, // the Kelvin sign
		{"nothing-else-folded", "e\u0301", answer(1, map[string]int{"w:e\u0301": 4, "g:^e\u0301": 1, "g:e\u0301$": 1})},
		{"token", "-ab_", answer(1, ab)},
		{"token", "\x00ab\x7f", answer(1, ab)},
		{"token", "\u0080\U0010ffff", answer(1, map[string]int{"w:\u0080\U0010ffff": 4, "g:^\u0080\U0010ffff": 1, "g:\u0080\U0010ffff$": 1})},
		{"trigram", "x", answer(1, map[string]int{"w:x": 4, "g:^x$": 1})},
		{"trigram", "a1éb", answer(1, map[string]int{"w:a1éb": 4, "g:^a1": 1, "g:a1é": 1, "g:1éb": 1, "g:éb$": 1})},
		{"pair", "x Y", answer(2, map[string]int{"w:x": 4, "g:^x$": 1, "w:y": 4, "g:^y$": 1, "p:x y": 2})},
		{"repeated", "x x x", answer(3, map[string]int{"w:x": 12, "g:^x$": 3, "p:x x": 4})},
		{"no-token", "", `{"components":[],"tokens":0}`},
		{"no-token", " .,^$", `{"components":[],"tokens":0}`},
		{"invalid-utf8", "a\xff", `{"error":"invalid-utf8"}`},
		{"invalid-utf8", "\xed\xa0\x80", `{"error":"invalid-utf8"}`},
	} {
		if got := string(Append([]byte("x"), tt.input, Options{})); got != "x"+tt.want {
			t.Errorf("%s, %q\ngot  %s\nwant x%s", tt.rule, tt.input, got, tt.want)
		}
	}
}

// Two features of opposite signs that share a component leave nothing there.
func TestCancelled(t *testing.T) {
	places := map[[2]int]string{}
	for i := range 100_000 {
		x := fmt.Sprint(i)
		at, sign := place([]byte("w:" + x))
		y, ok := places[[2]int{at, -sign}]
		places[[2]int{at, sign}] = x
		if !ok || sums(map[string]int{"w:" + x: 4, "w:" + y: 4})[at] != 0 {
			continue
		}
		got := Append(nil, x+" "+y, Options{})
		if !strings.Contains(string(got), fmt.Sprintf("[%d,", at)) {
			return
		}
	}
	t.Error("no two features cancel each other")
}

func TestEmbed(t *testing.T) {
	got := Embed("Forklift, Aurora IL")
	written := string(Append(nil, "forklift aurora il", Options{}))
	if len(got) != Dimension {
		t.Fatalf("%d components", len(got))
	}
	for i, c := range got {
		if listed := strings.Contains(written, fmt.Sprintf("[%d,%v]", i, c)); listed != (c != 0) {
			t.Errorf("component %d is %v; %s", i, c, written)
		}
	}
}

func TestFoldAll(t *testing.T) {
	if got, want := string(Append(nil, "É", Options{FoldAll: true})), string(Append(nil, "é", Options{})); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
