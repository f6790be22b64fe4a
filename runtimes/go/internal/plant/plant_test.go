package plant

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lakehouse/internal/extract"
)

// cases pair each plant's case with neighbours that it must leave alone. Every
// plant runs over all of them.
var cases = []struct {
	input   string
	want    string
	planted map[string]string // what a plant makes of it instead
}{
	// last-object
	{`{"a":1} {"b":2} {c} {"d":`, `{"a":1}`, map[string]string{"last-object": `{"b":2}`}},
	{`{"a":1} {c}`, `{"a":1}`, nil},
	{"```{\"a\":1}``` ```json{\"b\":2}```", `{"a":1}`, map[string]string{"untagged-fence": `{"b":2}`}},
	{"```json{\"a\":1}``` ```json{\"b\":2}```", `{"a":1}`, nil},

	// escaped-quote
	{`{"a":"\"}"}`, `{"a":"\"}"}`, map[string]string{"escaped-quote": ``}},
	{`{"a":"\"b\""}`, `{"a":"\"b\""}`, nil}, // an even number evens out
	{`{"a":"\\"}`, `{"a":"\\"}`, nil},
	{"```json{\"a\":\"\\\"}\"}```", `{"a":"\"}"}`, nil}, // the reader is not spoilt

	// array-whole
	{` [{"a":1}] `, `{"a":1}`, map[string]string{"array-whole": `[{"a":1}]`}},
	{`[]`, ``, map[string]string{"array-whole": `[]`}},
	{`x [{"a":1}]`, `{"a":1}`, nil},
	{`[{"a":1},]`, `{"a":1}`, nil},
	{"\ufeff[{\"a\":1}]", `{"a":1}`, nil},
	{"```json[{\"a\":1}]```", `{"a":1}`, nil},
	{"[\"```json{}```\"]", `{}`, nil}, // fences come before

	// untagged-fence
	{"{\"a\":1} ```\n{\"b\":2}\n```", `{"b":2}`, map[string]string{"untagged-fence": `{"a":1}`, "last-object": `{"b":2}`}},
	// The skipped pair is used up: the tagged fence inside of it does not come to life.
	{"{\"a\":1} ```\n```json{\"b\":2}```", `{"a":1}`, map[string]string{"last-object": `{"b":2}`}},
	{"```\n{\"a\":1}\n```", `{"a":1}`, nil}, // the bare scan finds it

	// code-point-order
	{`{"\ufb33":1,"\ud83d\ude00":2,"a":3}`, "{\"a\":3,\"😀\":2,\"\ufb33\":1}", map[string]string{"code-point-order": "{\"a\":3,\"\ufb33\":1,\"😀\":2}"}},
	{`{"\ud7ff":1,"\ud83d\ude00":2,"\ud83d\ude01":3}`, "{\"\ud7ff\":1,\"😀\":2,\"😁\":3}", nil},

	// integer-rounded
	{`{"a":9007199254740993}`, ``, map[string]string{"integer-rounded": `{"a":9007199254740992}`}},
	{`{"a":-1000000000000000000000000}`, ``, map[string]string{"integer-rounded": `{"a":-1e+24}`}},
	{`{"a":9007199254740992}`, `{"a":9007199254740992}`, nil},
	{`{"a":9007199254740993.0}`, `{"a":9007199254740992}`, nil},
	{`{"a":1e309}`, ``, nil},
	{`{"a":1` + strings.Repeat("0", 309) + `}`, ``, nil},

	// negative-zero
	{`{"a":[-0,-0.0,-0e5,-1e-400]}`, `{"a":[0,0,0,0]}`, map[string]string{"negative-zero": `{"a":[-0,-0,-0,-0]}`}},
	{`{"a":[0,1e-400,-1]}`, `{"a":[0,0,-1]}`, nil},

	// duplicate-member
	{`{"a":1,"b":2,"\u0061":3}`, ``, map[string]string{"duplicate-member": `{"a":3,"b":2}`}},
	{`{"a":1,"A":2}`, `{"A":2,"a":1}`, nil},

	// html-escaped
	{`{"<a>":"&"}`, `{"<a>":"&"}`, map[string]string{"html-escaped": `{"\u003ca\u003e":"\u0026"}`}},
	{`{"a":"\/'\u2028\u007f"}`, "{\"a\":\"/'\u2028\x7f\"}", nil},

	// lone-surrogate
	{`{"\ud800":"\ude00\ud83d"}`, ``, map[string]string{"lone-surrogate": "{\"\ufffd\":\"\ufffd\ufffd\"}"}},
	{`{"a":"\ud83d\ude00"}`, `{"a":"😀"}`, nil},
	{"{\"a\":\"\xed\xa0\x80\"}", ``, nil},
}

// answer spells out a case's shorthand: a value, or nothing for not matched.
func answer(value string) string {
	if value == "" {
		return `{"matched":false,"value":null}`
	}
	return `{"matched":true,"value":` + value + `}`
}

func TestPlants(t *testing.T) {
	for _, name := range append(Names(), "") {
		t.Run("plant="+name, func(t *testing.T) {
			opts, err := Options(name)
			if err != nil {
				t.Fatal(err)
			}
			hits := 0
			for _, tt := range cases {
				want := tt.want
				if planted, ok := tt.planted[name]; ok {
					want = planted
					hits++
				}
				if got := string(extract.Append(nil, tt.input, opts)); got != answer(want) {
					t.Errorf("input %.80q\ngot  %s\nwant %s", tt.input, got, answer(want))
				}
			}
			if name != "" && hits == 0 {
				t.Error("no case shows it")
			}
		})
	}
}

func TestNamesAreTheContracts(t *testing.T) {
	contract, err := os.ReadFile("../../../../fixtures/contract/plants.toml")
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, m := range regexp.MustCompile(`(?m)^name = "(.+)"$`).FindAllSubmatch(contract, -1) {
		want = append(want, string(m[1]))
	}
	if got := Names(); !slices.Equal(got, want) {
		t.Errorf("Names() = %q; plants.toml has %q", got, want)
	}
}

func TestUnknownPlant(t *testing.T) {
	opts, err := Options("first-object")
	if err == nil || opts != (extract.Options{}) {
		t.Fatalf("Options = %v, %v; want an error", opts, err)
	}
	for _, name := range append(Names(), "first-object") {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %s: %v", name, err)
		}
	}
}
