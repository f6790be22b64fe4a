package ijson

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	deepest := Value(Array{})
	for range maxDepth - 1 {
		deepest = Array{deepest}
	}
	tests := []struct {
		name, text string
		want       Value
	}{
		{"literals", `[null,true,false]`, Array{Null{}, Bool(true), Bool(false)}},
		{"white space", " \t\r\n{ \"a\" : [ ] , \"b\" : { } } \n", Object{{"a", Array{}}, {"b", Object{}}}},
		{"order of the text", `{"b":1,"a":2}`, Object{{"b", Number(1)}, {"a", Number(2)}}},
		{"empty name", `{"":""}`, Object{{"", String("")}}},
		{"escapes", `"\"\\\/\b\f\n\r\t\u0041\u00e9\u20AC"`, String("\"\\/\b\f\n\r\tAé€")},
		{"NUL by escape", `"\u0000"`, String("\x00")},
		{"DEL", "\"\x7f\"", String("\x7f")},
		{"text around an escape", `"ab\ncd"`, String("ab\ncd")},
		{"surrogate-pair", `"\ud83d\ude00"`, String("😀")},
		{"surrogate-pair, lowest", `"\ud800\udc00"`, String("\U00010000")},
		{"surrogate-pair, highest", `"\udbff\udfff"`, String("\U0010FFFF")},
		{"beside surrogates", `"\ud7ff\ue000"`, String("\ud7ff\ue000")},
		{"noncharacters", `"\uffff\ufffe` + "\uffff\ufdd0" + `"`, String("\uffff\ufffe\uffff\ufdd0")},
		{"replacement character", `"\ufffd` + "\ufffd" + `"`, String("\ufffd\ufffd")},
		{"byte-order mark in a string", "\"\ufeff\"", String("\ufeff")},
		{"no normalisation", "{\"\u00e9\":1,\"e\u0301\":2}", Object{{"\u00e9", Number(1)}, {"e\u0301", Number(2)}}},
		{"same name in two objects", `{"a":{"a":1}}`, Object{{"a", Object{{"a", Number(1)}}}}},
		{"deepest", nested(maxDepth), deepest},
		{"siblings do not add up", `[[[]],[[]]]`, Array{Array{Array{}}, Array{Array{}}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.text, Options{})
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Parse(%q) = %#v, %v; want %#v", tt.text, got, err, tt.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct {
		rule  error
		texts []string
	}{
		{ErrSyntax, []string{
			``, ` `, `{`, `}`, `[`, `]`, `"`, `{"a"`, `{"a":`, `{"a":1`, `[1`, `[1,`, `"a`, `"a\`,
			`{"a":1,}`, `[1,]`, `{,}`, `[,]`, `[1,,2]`, `{"a":1,,"b":2}`,
			`{"a" 1}`, `{"a":}`, `{a:1}`, `{'a':1}`, `{1:1}`, `{"a":1 "b":2}`, `{"a":1]`, `[1}`, `[1 2]`,
			`{} {}`, `{}x`, `nul`, `nulll`, `True`, `undefined`,
			`// c` + "\n1", `1 /* c */`, `# c` + "\n1",
			`NaN`, `Infinity`, `-Infinity`, `-`, `--1`, `+1`, `01`, `-01`, `00`, `1.`, `.5`, `-.5`, `1.e1`, `1e`, `1e+`, `1E-`, `1.5.5`, `0x1`, `1_0`,
			`"\x41"`, `"\'"`, `"\U0041"`, `"\u004"`, `"\u004g"`, `"\u"`, `"\`, `"\u+041"`,
			"\"\x00\"", "\"\x1f\"", "\"\n\"", "\"\t\"", "\x00", "1\x00",
			"\ufeff{}", "{}\ufeff", "\u00a0{}", "\u2028{}", "\f{}", "\v{}",
		}},
		{ErrUTF8, []string{
			"\"\xff\"", "\"\x80\"", "\"\xc3\"", "\"\xe2\x82\"", "\"\xf0\x9f\x98\"", // stray and cut off
			"\"\xc0\xaf\"", "\"\xc1\xbf\"", "\"\xe0\x80\xaf\"", "\"\xf0\x80\x80\xaf\"", // overlong
			"\"\xed\xa0\x80\"", "\"\xed\xbf\xbf\"", "\"\xed\xa0\xbd\xed\xb8\x80\"", // encoded surrogates
			"\"\xf4\x90\x80\x80\"", "\"\xf5\x80\x80\x80\"", "\"\xf8\x88\x80\x80\x80\"", // beyond U+10FFFF
			"{\"\xff\":1}", "{}\xff",
		}},
		{ErrLoneSurrogate, []string{
			`"\ud800"`, `"\udbff"`, `"\udc00"`, `"\udfff"`, `"\uD83D"`,
			`"\ude00\ud83d"`, `"\ud83d\ud83d"`, `"\ud83dx\ude00"`, `"\ud83d\n\ude00"`, `"\ud83d\u0041"`,
			`"\ud83d\\ude00"`, `{"\ud83d":1}`, `"\ud83d` + "\U0001F600" + `"`,
		}},
		{ErrDuplicateMember, []string{
			`{"a":1,"a":1}`, `{"a":1,"b":2,"a":3}`, `{"a":1,"\u0061":2}`, `{"":1,"":2}`, `[{"x":{"a":1,"a":2}}]`,
			`{"😀":1,"\ud83d\ude00":2}`, members(maxLinear+1) + `,"k0":0}`, members(1000) + `,"k999":0}`,
		}},
		{ErrIntegerRange, []string{
			`9007199254740993`, `-9007199254740993`, `10000000000000000`, `18446744073709551616`, `-18446744073709551617`,
			`1` + strings.Repeat("0", 400),
		}},
		{ErrNumberRange, []string{
			`1e309`, `-1e309`, `1.0e309`, `1.7976931348623159e308`, `1e99999999999999999999`, `1` + strings.Repeat("0", 400) + `.5`,
			`0.` + strings.Repeat("0", 1000) + `1e99999999999999999999`, `1` + strings.Repeat("0", 1000) + `e-600`,
		}},
		{ErrNestingDepth, []string{
			nested(maxDepth + 1), `{"a":` + nested(maxDepth) + `}`, strings.Repeat(`{"a":`, maxDepth+1) + `1` + strings.Repeat(`}`, maxDepth+1),
			strings.Repeat(`[`, 1_000_000), strings.Repeat(`{"":`, 1_000_000),
		}},
	}
	for _, tt := range tests {
		t.Run(tt.rule.Error(), func(t *testing.T) {
			for _, text := range tt.texts {
				if got, err := Parse(text, Options{}); !errors.Is(err, tt.rule) {
					t.Errorf("Parse(%.60q) = %v, %v; want the error %v", text, got, err, tt.rule)
				}
			}
		})
	}
}

func TestErrorTellsWhere(t *testing.T) {
	tests := []struct {
		text, want string
	}{
		{`{"a":1,}`, "syntax at byte 7"},
		{`{"é":` + "\"\xff\"}", "utf8 at byte 7"},
		{`{"a":1,"a":2}`, "duplicate-member at byte 7"},
		{`[1,9007199254740993]`, "integer-range at byte 3"},
		{`[1,1e309]`, "number-range at byte 3"},
		{nested(200), "nesting-depth at byte 128"},
	}
	for _, tt := range tests {
		if _, err := Parse(tt.text, Options{}); err == nil || err.Error() != tt.want {
			t.Errorf("Parse(%.40q): %v; want %s", tt.text, err, tt.want)
		}
	}
}

func TestOptions(t *testing.T) {
	tests := []struct {
		name, text string
		opts       Options
		want       Value
		err        error
	}{
		{"the last value stays at the first place", `{"a":1,"b":2,"a":3}`, Options{DuplicateMembers: true},
			Object{{"a", Number(3)}, {"b", Number(2)}}, nil},
		{"rounded", `[9007199254740993,-9007199254740993]`, Options{RoundIntegers: true},
			Array{Number(9007199254740992), Number(-9007199254740992)}, nil},
		{"rounded, but not to infinity", `1` + strings.Repeat("0", 309), Options{RoundIntegers: true}, nil, ErrNumberRange},
		{"infinite", `[1e309,-1e309,1` + strings.Repeat("0", 309) + `.5]`, Options{InfiniteNumbers: true},
			Array{Number(math.Inf(1)), Number(math.Inf(-1)), Number(math.Inf(1))}, nil},
		{"infinite, but no integer", `1` + strings.Repeat("0", 309), Options{InfiniteNumbers: true}, nil, ErrIntegerRange},
		{"infinite integer", `-1` + strings.Repeat("0", 309), Options{InfiniteNumbers: true, RoundIntegers: true}, Number(math.Inf(-1)), nil},
		{"behind the value", " [1] ] x\x00", Options{IgnoreBehind: true}, Array{Number(1)}, nil},
		{"bytes behind the value", "[1]\xff", Options{IgnoreBehind: true}, Array{Number(1)}, nil},
		{"behind a word", `nulll`, Options{IgnoreBehind: true}, Null{}, nil},
		{"no value", ` `, Options{IgnoreBehind: true}, nil, ErrSyntax},
		{"cut off", `[1`, Options{IgnoreBehind: true}, nil, ErrSyntax},
		{"bytes inside of the value", "[\"\xff\"]", Options{IgnoreBehind: true}, nil, ErrUTF8},
		{"bytes inside of the value, too deep", nested(maxDepth+1) + "\xff", Options{IgnoreBehind: true}, nil, ErrUTF8},
		{"bytes behind what is refused", "{\"a\":1,\"a\":2}\xff", Options{IgnoreBehind: true}, nil, ErrDuplicateMember},
		{"lone high", `"a\ud83db"`, Options{ReplaceLoneSurrogates: true}, String("a\ufffdb"), nil},
		{"lone low", `"\ude00"`, Options{ReplaceLoneSurrogates: true}, String("\ufffd"), nil},
		{"reversed pair", `"\ude00\ud83d"`, Options{ReplaceLoneSurrogates: true}, String("\ufffd\ufffd"), nil},
		{"high before a pair", `"\ud83d\ud83d\ude00"`, Options{ReplaceLoneSurrogates: true}, String("\ufffd😀"), nil},
		{"high before another escape", `"\ud83d\u0041"`, Options{ReplaceLoneSurrogates: true}, String("\ufffdA"), nil},
		{"high before half an escape", `"\ud83d\u00"`, Options{ReplaceLoneSurrogates: true}, nil, ErrSyntax},
		{"equal after replacement", `{"\ud83d":1,"\ude00":2}`, Options{ReplaceLoneSurrogates: true}, nil, ErrDuplicateMember},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Parse(tt.text, tt.opts)
			if !errors.Is(err, tt.err) || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Parse(%q) = %#v, %v; want %#v, %v", tt.text, got, err, tt.want, tt.err)
			}
		})
	}
}

func TestGet(t *testing.T) {
	o := Object{{"a", Number(1)}, {"", Null{}}}
	for name, want := range map[string]Value{"a": Number(1), "": Null{}, "A": nil, "b": nil} {
		if got := o.Get(name); got != want {
			t.Errorf("Get(%q) = %v; want %v", name, got, want)
		}
	}
	if got := (Object)(nil).Get("a"); got != nil {
		t.Errorf("Get of no object = %v", got)
	}
}

// nested is n arrays, one in another.
func nested(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
