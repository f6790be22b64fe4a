// Package ascii compares texts as the contract of validate does. To it, white
// space is space, tab, CR and LF, and a letter is folded only from A-Z to a-z.
// Package strings goes by Unicode: to strings.EqualFold, the Kelvin sign is a k.
package ascii

import "strings"

// TrimSpace takes the white space off both ends.
func TrimSpace(s string) string { return strings.Trim(s, " \t\r\n") }

// IsBlank reports whether s is empty, or nothing but white space.
func IsBlank(s string) bool { return TrimSpace(s) == "" }

// EqualFold reports whether a and b are equal with letters folded.
func EqualFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if fold(a[i]) != fold(b[i]) {
			return false
		}
	}
	return true
}

// HasSuffixFold reports whether s ends in suffix with letters folded.
func HasSuffixFold(s, suffix string) bool {
	return len(s) >= len(suffix) && EqualFold(s[len(s)-len(suffix):], suffix)
}

func fold(c byte) byte {
	if IsUpper(c) {
		return c + ('a' - 'A')
	}
	return c
}

// IsUpper reports whether c is one of A-Z.
func IsUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// IsDigit reports whether c is one of 0-9.
func IsDigit(c byte) bool { return '0' <= c && c <= '9' }
