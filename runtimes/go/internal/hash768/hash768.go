// Package hash768 turns a text into a vector without knowing any word: the
// default embedder of search.md, and the surface embedding. All of it is whole
// numbers, so it is the same in every runtime.
package hash768

import (
	"hash/crc32"
	"strconv"
	"unicode"
	"unicode/utf8"

	"lakehouse/internal/ascii"
)

// Dimension is how many components a vector has.
const Dimension = 768

// Options depart from the contract. Only planted bugs do that; the zero value is
// the contract.
type Options struct {
	FoldAll bool // capital letters beyond ASCII are folded as well
}

// The weights of the features.
const (
	ofToken   = 4
	ofTrigram = 1
	ofPair    = 2
)

// Append appends the answer for an input, any bytes, to dst:
// {"components":[[3,-4]],"tokens":1} with the components that are not zero.
func Append(dst []byte, input string, opts Options) []byte {
	if !utf8.ValidString(input) {
		return append(dst, `{"error":"invalid-utf8"}`...)
	}
	sums, tokens := embed(input, opts)
	dst = append(dst, `{"components":[`...)
	first := true
	for i, sum := range sums {
		if sum == 0 {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(dst, '[')
		dst = strconv.AppendInt(dst, int64(i), 10)
		dst = append(dst, ',')
		dst = strconv.AppendInt(dst, int64(sum), 10)
		dst = append(dst, ']')
	}
	dst = append(dst, `],"tokens":`...)
	dst = strconv.AppendInt(dst, int64(tokens), 10)
	return append(dst, '}')
}

// Embed returns the components of a text, which is valid UTF-8.
func Embed(text string) []float64 {
	sums, _ := embed(text, Options{})
	vector := make([]float64, Dimension)
	for i, sum := range sums {
		vector[i] = float64(sum)
	}
	return vector
}

func embed(text string, opts Options) (sums [Dimension]int, tokens int) {
	var feature []byte // kept for its memory
	add := func(weight int) {
		i, sign := place(feature)
		sums[i] += sign * weight
	}
	before := ""
	for token := range split(fold(text, opts)) {
		tokens++
		feature = append(append(feature[:0], "w:"...), token...)
		add(ofToken)
		for gram := range trigrams("^" + token + "$") {
			feature = append(append(feature[:0], "g:"...), gram...)
			add(ofTrigram)
		}
		if tokens > 1 {
			feature = append(append(feature[:0], "p:"...), before...)
			feature = append(append(feature, ' '), token...)
			add(ofPair)
		}
		before = token
	}
	return sums, tokens
}

// place is the component of a feature, and its sign.
func place(feature []byte) (i, sign int) {
	m := crc32.ChecksumIEEE(feature) * 2654435761
	sign = 1
	if m >= 1<<31 {
		sign = -1
	}
	return int(m % (1 << 31) % Dimension), sign
}

func fold(text string, opts Options) string {
	folded := []byte(text)
	for i, c := range folded {
		if ascii.IsUpper(c) {
			folded[i] = c + ('a' - 'A')
		}
	}
	if !opts.FoldAll {
		return string(folded)
	}
	runes := []rune(string(folded))
	for i, c := range runes {
		runes[i] = unicode.ToLower(c)
	}
	return string(runes)
}

// split yields the tokens. Every byte of a code point from U+0080 on is 0x80 or
// more, so bytes are enough to go by.
func split(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for start := 0; start < len(text); {
			if !isToken(text[start]) {
				start++
				continue
			}
			end := start + 1
			for end < len(text) && isToken(text[end]) {
				end++
			}
			if !yield(text[start:end]) {
				return
			}
			start = end
		}
	}
}

func isToken(c byte) bool { return 'a' <= c && c <= 'z' || ascii.IsDigit(c) || c >= utf8.RuneSelf }

// trigrams yields each three code points that stand side by side.
func trigrams(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		_, first := utf8.DecodeRuneInString(text)
		_, second := utf8.DecodeRuneInString(text[first:])
		start, end := 0, first+second
		for end < len(text) {
			_, third := utf8.DecodeRuneInString(text[end:])
			end += third
			if !yield(text[start:end]) {
				return
			}
			start += first
			first, second = second, third
		}
	}
}
