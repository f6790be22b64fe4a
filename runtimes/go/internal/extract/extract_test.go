package extract

import (
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"

	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
)

const none = `{"matched":false,"value":null}`

func matched(value string) string { return `{"matched":true,"value":` + value + `}` }

// ruleTests are named for the rule of extract_json.rules.toml that decides them.
var ruleTests = []struct {
	rule, input, want string
}{
	{"fence-tagged", "Sure:\n```json\n{\"a\":1}\n```\nBye", matched(`{"a":1}`)},
	{"fence-tagged", "```json{\"a\":1}```", matched(`{"a":1}`)},
	{"fence-tagged", "```json\r\n\t {} \n```", matched(`{}`)},
	{"fence-tagged", "```jsonc\n{\"a\":1}\n```{\"b\":2}", matched(`{"a":1}`)}, // refused as "c\n{...", then bare
	{"fence-tagged", "```JSON\n{\"a\":1}\n``` ```json {\"b\":2}```", matched(`{"b":2}`)},
	{"fence-untagged", "{\"a\":1} ```\n{\"b\":2}\n```", matched(`{"b":2}`)},
	{"fence-untagged", "{\"a\":1} ```go\n{\"b\":2}\n```", matched(`{"a":1}`)},
	{"fence-first", "{\"a\":1} ```json\n{\"b\":2}\n``` {\"c\":3}", matched(`{"b":2}`)},
	{"fence-first", "```{\"a\":1}``````{\"b\":2}```", matched(`{"a":1}`)},
	{"fence-refused", "```json\n{\"a\":1,}\n```\n```json\n{\"b\":2}\n```", matched(`{"b":2}`)},
	{"fence-refused", "```json\nx {\"a\":1}\n```", matched(`{"a":1}`)},
	{"fence-refused", "```json\n[{\"a\":1}]\n```", matched(`{"a":1}`)},
	{"fence-refused", "```json\n```\n{\"a\":1}", matched(`{"a":1}`)},
	{"fence-refused", "```json\n\xff{\"a\":1}\n```", matched(`{"a":1}`)},
	{"fence-refused", "````json\n{\"a\":1}\n````", matched(`{"a":1}`)}, // the content begins with a backquote
	{"fence-refused", "```json\n{\"a\":\"```\"}\n```", matched("{\"a\":\"```\"}")},
	{"fence-unclosed", "{\"a\":1} ```json\n{\"b\":2}", matched(`{"a":1}`)},
	{"fence-unclosed", "```json\n{\"b\":2}", matched(`{"b":2}`)},
	{"fence-unclosed", "```x``` {\"a\":1} ```{\"b\":2}``", matched(`{"a":1}`)},
	{"prose-around", "Answer: {\"a\":1} and [1,2 true \"x", matched(`{"a":1}`)},
	{"prose-around", "}}]] {\"a\":1} {{{", matched(`{"a":1}`)},
	{"prose-any-bytes", "\xff\xc0{\"a\":1}\xed\xa0\x80", matched(`{"a":1}`)},
	{"prose-any-bytes", "\xe2\x82{\"a\":1}\xac", matched(`{"a":1}`)},
	{"quotes-in-prose", "the 6\" pipe {\"a\":1}", matched(`{"a":1}`)},
	{"quotes-in-prose", "\"{\"a\":1}\" \\{\"b\":2}", matched(`{"a":1}`)},
	{"bare-first", "{\"a\":1}{\"b\":2}", matched(`{"a":1}`)},
	{"bare-first", "{x} {\"a\":1} {\"b\":2}", matched(`{"a":1}`)},
	{"bare-refused", "{\"a\":{\"b\":2},} {\"c\":3}", matched(`{"c":3}`)},
	{"bare-refused", "{{\"a\":1}}", none},
	{"bare-refused", "{ \\\"{\"a\":1}} {\"b\":2}\"} {\"c\":3}", matched(`{"c":3}`)}, // outside of strings a backslash hides nothing
	{"bare-unclosed", "{\"a\":{\"b\":1}", none},
	{"bare-unclosed", "{\"a\":1} {\"b\":", matched(`{"a":1}`)},
	{"bare-unclosed", "{ {\"a\":1}", none},
	{"bare-unclosed", "{\"a {\"b\":1}", none},
	{"braces-in-string", "{\"a\":\"}{{\"}", matched(`{"a":"}{{"}`)},
	{"braces-in-string", "{\"}\":{\"{\":1}}", matched(`{"}":{"{":1}}`)},
	{"escaped-quote", `{"a":"\"}"}`, matched(`{"a":"\"}"}`)},
	{"escaped-quote", `{"a":"\\"} {"b":2}`, matched(`{"a":"\\"}`)},
	{"escaped-quote", `{"a":"\\\"}"}`, matched(`{"a":"\\\"}"}`)},
	{"array-inner", "[1,{\"a\":1},{\"b\":2}]", matched(`{"a":1}`)},
	{"array-inner", "[[{\"a\":[{}]}]]", matched(`{"a":[{}]}`)},
	{"no-object", "", none},
	{"no-object", "I could not find anyone.", none},
	{"no-object", "[1,2] null } \"x\"", none},
	{"no-object", "```json\n[]\n```", none},
	{"no-object", "\xff", none},
	{"no-object", "{x} {\"a\":1", none},

	{"syntax", "{\"a\":1,} {\"b\":NaN} {\"c\":01} {\"d\":\"\t\"} {\u00a0} {/**/} {}", matched(`{}`)},
	{"syntax", "```json\n\ufeff{\"a\":1}\n```{\"b\":2}", matched(`{"a":1}`)}, // the mark is prose to the bare scan
	{"utf8", "{\"a\":\"\xc0\xaf\"} {\"a\":\"\xed\xa0\x80\"} {\"a\":\"\xf4\x90\x80\x80\"} {\"b\":2}", matched(`{"b":2}`)},
	{"lone-surrogate", `{"a":"\ud800"} {"a":"\udc00"} {"a":"\ude00\ud83d"} {"b":2}`, matched(`{"b":2}`)},
	{"surrogate-pair", `{"a":"\ud83d\ude00","b":"\uffff"}`, matched("{\"a\":\"😀\",\"b\":\"\uffff\"}")},
	{"duplicate-member", `{"a":1,"\u0061":2} {"b":2}`, matched(`{"b":2}`)},
	{"duplicate-member", "{\"e\u0301\":1,\"\u00e9\":2}", matched("{\"e\u0301\":1,\"\u00e9\":2}")},
	{"integer-range", `{"a":9007199254740993} {"a":-9007199254740993} {"a":[9007199254740992,-9007199254740992]}`,
		matched(`{"a":[9007199254740992,-9007199254740992]}`)},
	{"number-range", `{"a":1e309} {"a":-1e309} {"a":[1e308,5e-324,1e-400]}`, matched(`{"a":[1e+308,5e-324,0]}`)},
	{"nesting-depth", nested(129) + nested(128), matched(nested(128))},
	{"member-order", `{"b":1,"a":{"d":1,"c":2}}`, matched(`{"a":{"c":2,"d":1},"b":1}`)},
	{"member-order-utf16", `{"\ue000":1,"\ud83d\ude00":2}`, matched("{\"😀\":2,\"\ue000\":1}")},
	{"number-form", `{"a":[1.0,1E21,0.000001,0.0000001]}`, matched(`{"a":[1,1e+21,0.000001,1e-7]}`)},
	{"negative-zero", `{"a":[-0,-0.0,-0e5,-1e-400]}`, matched(`{"a":[0,0,0,0]}`)},
	{"string-form", `{"a":"\u0022\u005C\u000A\u001F\/"}`, matched(`{"a":"\"\\\n\u001f/"}`)},
	{"no-extra-escape", `{"a":"<>&\/\u007f\u2028\u2029"}`, matched("{\"a\":\"<>&/\x7f\u2028\u2029\"}")},
}

func TestRules(t *testing.T) {
	for _, tt := range ruleTests {
		t.Run(tt.rule, func(t *testing.T) {
			if got := string(Append(nil, tt.input, Options{})); got != tt.want {
				t.Errorf("input %q\ngot  %s\nwant %s", tt.input, got, tt.want)
			}
		})
	}
}

// A rule that is added to the contract asks for a case here.
func TestEveryRuleIsTested(t *testing.T) {
	contract, err := os.ReadFile("../../../../fixtures/contract/extract_json.rules.toml")
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for _, tt := range ruleTests {
		tested[tt.rule] = true
	}
	for _, m := range regexp.MustCompile(`(?m)^name = "(.+)"$`).FindAllSubmatch(contract, -1) {
		if rule := string(m[1]); !tested[rule] {
			t.Errorf("no case is named for the rule %s", rule)
		} else {
			delete(tested, rule)
		}
	}
	for rule := range tested {
		t.Errorf("the contract has no rule %s", rule)
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	if got, want := string(Append([]byte("x"), "{}", Options{})), "x"+matched("{}"); got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

// Each would take hours in quadratic time, or exhaust the stack.
func TestHostileInputs(t *testing.T) {
	const n = 1 << 20
	tests := []struct {
		name, input, want string
	}{
		{"braces", strings.Repeat("{", n), none},
		{"nested braces", strings.Repeat("{", n) + strings.Repeat("}", n), none},
		{"open strings", strings.Repeat(`{"`, n), none},
		{"refused candidates", strings.Repeat("{x}", n), none},
		{"fences", strings.Repeat("```", n), none},
		{"refused fences", strings.Repeat("```json{}x", n), matched("{}")},
		{"backquotes", strings.Repeat("`` ", n), none},
		{"brackets in a fence", "```json" + strings.Repeat("[", n) + "```", none},
		{"brackets in an object", `{"a":` + strings.Repeat("[", n) + "}", none},
		{"backslashes", `{"` + strings.Repeat(`\`, n), none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			for _, opts := range []Options{{}, {WholeArray: true}, {LastObject: true}} {
				if got := string(Append(nil, tt.input, opts)); got != tt.want {
					t.Errorf("got %.80s; want %s", got, tt.want)
				}
			}
		})
	}
}

func FuzzExtract(f *testing.F) {
	for _, tt := range ruleTests {
		f.Add(tt.input)
	}
	f.Fuzz(func(t *testing.T, input string) {
		got := string(Append(nil, input, Options{}))
		if !json.Valid([]byte(got)) {
			t.Fatalf("%q gives %q, which is not JSON", input, got)
		}
		value, ok := strings.CutPrefix(got, `{"matched":true,"value":`)
		if !ok {
			if got != none {
				t.Fatalf("%q gives %q", input, got)
			}
			return
		}
		value = strings.TrimSuffix(value, "}")
		// 1e20 is no integer to the contract, but its canonical form looks like one.
		v, err := ijson.Parse(value, ijson.Options{RoundIntegers: true})
		if err != nil {
			t.Fatalf("%q gives %q, which is refused: %v", input, value, err)
		}
		if again := string(jcs.Append(nil, v, jcs.Options{})); again != value {
			t.Fatalf("%q gives %q, and that %q", input, value, again)
		}
	})
}

// nested is an object with as many open at once as depth says.
func nested(depth int) string {
	return strings.Repeat(`{"a":`, depth-1) + `{}` + strings.Repeat(`}`, depth-1)
}
