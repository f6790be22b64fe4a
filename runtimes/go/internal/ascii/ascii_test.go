package ascii

import "testing"

func TestTrimSpace(t *testing.T) {
	tests := []struct{ s, want string }{
		{"", ""}, {" \t\r\n", ""}, {"\n a b\t", "a b"},
		{"\v", "\v"}, {"\f", "\f"}, {"\u00a0", "\u00a0"}, {"\u2003", "\u2003"}, {"\x00", "\x00"}, {"\u0085", "\u0085"},
	}
	for _, tt := range tests {
		if got := TrimSpace(tt.s); got != tt.want {
			t.Errorf("TrimSpace(%q) = %q; want %q", tt.s, got, tt.want)
		}
		if got := IsBlank(tt.s); got != (tt.want == "") {
			t.Errorf("IsBlank(%q) = %t", tt.s, got)
		}
	}
}

func TestFold(t *testing.T) {
	tests := []struct {
		a, b          string
		equal, suffix bool
	}{
		{"", "", true, true},
		{"AbZz", "aBzZ", true, true},
		{"xAbZz", "aBzZ", false, true},
		{"bZz", "aBzZ", false, false},
		{"É", "é", false, false},
		{"é", "é", true, true},
		{"\u212a", "k", false, false}, // the Kelvin sign
		{"\u017f", "s", false, false}, // the long s
		{"\u0130", "i", false, false}, // the dotted I
		{"@[", "`{", false, false},    // beside the letters
		{"\x00", " ", false, false},   // 32 apart, and no letters
	}
	for _, tt := range tests {
		if got := EqualFold(tt.a, tt.b); got != tt.equal {
			t.Errorf("EqualFold(%q, %q) = %t", tt.a, tt.b, got)
		}
		if got := HasSuffixFold(tt.a, tt.b); got != tt.suffix {
			t.Errorf("HasSuffixFold(%q, %q) = %t", tt.a, tt.b, got)
		}
	}
}

func TestClasses(t *testing.T) {
	for c := range 256 {
		upper, digit := false, false
		for _, r := range "ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
			upper = upper || int(r) == c
		}
		for _, r := range "0123456789" {
			digit = digit || int(r) == c
		}
		if IsUpper(byte(c)) != upper || IsDigit(byte(c)) != digit {
			t.Errorf("%q: IsUpper %t, IsDigit %t", rune(c), IsUpper(byte(c)), IsDigit(byte(c)))
		}
	}
}
