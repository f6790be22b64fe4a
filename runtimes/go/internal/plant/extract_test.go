package plant

import (
	"strings"

	"lakehouse/internal/extract"
)

// extractAnswer is the answer's value, or nothing for not matched.
func extractAnswer(input string, opts Options) string {
	answer := string(extract.Append(nil, input, opts.Extract))
	if answer == `{"matched":false,"value":null}` {
		return ""
	}
	value, _ := strings.CutPrefix(answer, `{"matched":true,"value":`)
	return strings.TrimSuffix(value, "}")
}

var extractCases = []plantCase{
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
