package jcs

import (
	"math"
	"slices"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"lakehouse/internal/ijson"
)

// canonical reads text and writes it back.
func canonical(t *testing.T, text string, opts Options) string {
	t.Helper()
	v, err := ijson.Parse(text, ijson.Options{})
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return string(Append(nil, v, opts))
}

// The samples of RFC 8785, appendix B.
func TestAppendixB(t *testing.T) {
	tests := []struct {
		bits uint64
		want string
	}{
		{0x0000000000000000, "0"},
		{0x8000000000000000, "0"},
		{0x0000000000000001, "5e-324"},
		{0x8000000000000001, "-5e-324"},
		{0x7fefffffffffffff, "1.7976931348623157e+308"},
		{0xffefffffffffffff, "-1.7976931348623157e+308"},
		{0x4340000000000000, "9007199254740992"},
		{0xc340000000000000, "-9007199254740992"},
		{0x4430000000000000, "295147905179352830000"},
		{0x44b52d02c7e14af5, "9.999999999999997e+22"},
		{0x44b52d02c7e14af6, "1e+23"},
		{0x44b52d02c7e14af7, "1.0000000000000001e+23"},
		{0x444b1ae4d6e2ef4e, "999999999999999700000"},
		{0x444b1ae4d6e2ef4f, "999999999999999900000"},
		{0x444b1ae4d6e2ef50, "1e+21"},
		{0x3eb0c6f7a0b5ed8c, "9.999999999999997e-7"},
		{0x3eb0c6f7a0b5ed8d, "0.000001"},
		{0x41b3de4355555553, "333333333.3333332"},
		{0x41b3de4355555554, "333333333.33333325"},
		{0x41b3de4355555555, "333333333.3333333"},
		{0x41b3de4355555556, "333333333.3333334"},
		{0x41b3de4355555557, "333333333.33333343"},
		{0xbecbf647612f3696, "-0.0000033333333333333333"},
		{0x43143ff3c1cb0959, "1424953923781206.2"},
	}
	for _, tt := range tests {
		if got := string(AppendNumber(nil, math.Float64frombits(tt.bits))); got != tt.want {
			t.Errorf("%016x is written %s; want %s", tt.bits, got, tt.want)
		}
	}
}

// Appendix B again: an error for NaN and for an infinity.
func TestNotFinite(t *testing.T) {
	for _, bits := range []uint64{0x7fffffffffffffff, 0x7ff0000000000000, 0xfff0000000000000} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%016x was written", bits)
				}
			}()
			AppendNumber(nil, math.Float64frombits(bits))
		}()
	}
}

func TestAppend(t *testing.T) {
	tests := []struct {
		name, text, want string
	}{
		{"RFC 8785 section 3.2.2",
			`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],` +
				` "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
			`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
				`"string":"€$\u000f\nA'B\"\\\\\"/"}`},
		{"RFC 8785 section 3.2.3",
			`{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One",` +
				`"\ud83d\ude00":"Emoji: Grinning Face","\u0080":"Control","\u00f6":"Latin Small Letter O With Diaeresis"}`,
			`{"\r":"Carriage Return","1":"One","` + "\u0080" + `":"Control","ö":"Latin Small Letter O With Diaeresis",` +
				`"€":"Euro Sign","😀":"Emoji: Grinning Face","` + "\ufb33" + `":"Hebrew Letter Dalet With Dagesh"}`},
		{"number-form", `[1.0,1E21,0.000001,0.0000001,1e20,123e-20,1.5e300,-1e-7,1e-10,100,1e0]`,
			`[1,1e+21,0.000001,1e-7,100000000000000000000,1.23e-18,1.5e+300,-1e-7,1e-10,100,1]`},
		{"negative-zero", `[-0,-0.0,-0e5,-1e-400]`, `[0,0,0,0]`},
		{"string-form", `"\u0000\u0007\b\t\n\u000b\f\r\u001F\"\\\/\u0061"`, `"\u0000\u0007\b\t\n\u000b\f\r\u001f\"\\/a"`},
		{"no-extra-escape", `"\u003c\u003e\u0026\u002f\u007f\u2028\u2029\u0080\ufeff\uffff\u0027"`,
			"\"<>&/\x7f\u2028\u2029\u0080\ufeff\uffff'\""},
		{"member-order", `{"b":{"y":1,"x":2},"":0,"aa":3,"a":[{"d":1,"c":2}]}`, `{"":0,"a":[{"c":2,"d":1}],"aa":3,"b":{"x":2,"y":1}}`},
		{"member-order-utf16", `{"\ue000":1,"\ud83d\ude00":2,"\ud7ff":3,"\uffff":4,"\udbff\udfff":5}`,
			"{\"\ud7ff\":3,\"\U0001F600\":2,\"\U0010FFFF\":5,\"\ue000\":1,\"\uffff\":4}"},
		{"member-order-utf16, inside of a name", `{"a\ue000":1,"a\ud83d\ude00b":2,"a":3}`, "{\"a\":3,\"a\U0001F600b\":2,\"a\ue000\":1}"},
		{"empty", `[{},[],""]`, `[{},[],""]`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := canonical(t, tt.text, Options{}); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name, text string
		opts       Options
		want       string
	}{
		{"code points", `{"\ud83d\ude00":1,"\ufb33":2,"a":3}`, Options{CodePointOrder: true}, "{\"a\":3,\"\ufb33\":2,\"\U0001F600\":1}"},
		{"minus zero", `[-0,-0.0,-0e5,-1e-400,0,0.0,-1]`, Options{NegativeZero: true}, `[-0,-0,-0,-0,0,0,-1]`},
		{"HTML", `{"<a>":"&<>\"/\u2028"}`, Options{EscapeHTML: true}, `{"\u003ca\u003e":"\u0026\u003c\u003e\"/` + "\u2028" + `"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := canonical(t, tt.text, tt.opts); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestAppendLeavesTheValueAlone(t *testing.T) {
	o := ijson.Object{{Name: "b", Value: ijson.Null{}}, {Name: "a", Value: ijson.Null{}}}
	Append(nil, o, Options{})
	if o[0].Name != "b" {
		t.Errorf("Append sorted its argument: %v", o)
	}
}

func FuzzCompareUTF16(f *testing.F) {
	samples := []string{"", "a", "ab", "\u007f", "\u0080", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\ufb33", "\uffff", "\U00010000", "\U0001F600", "\U0010FFFF"}
	for _, a := range samples {
		for _, b := range samples {
			f.Add(a, b)
			f.Add("x"+a, "x"+b+"y")
		}
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		if !utf8.ValidString(a) || !utf8.ValidString(b) {
			t.Skip("names are valid UTF-8")
		}
		want := slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		got := CompareNames(a, b)
		if sign(got) != want {
			t.Errorf("CompareNames(%q, %q) = %d; want the sign of %d", a, b, got, want)
		}
	})
}

func sign(n int) int { return max(-1, min(n, 1)) }
