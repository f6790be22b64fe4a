package validate

import "strings"

func deep(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }

// bodyTests are about bytes and JSON: five reasons, of which the first in the
// order of the contract answers, wherever in the body it is.
var bodyTests = []ruleTest{
	{"invalid-utf8", "\xff", nil, badJSON("invalid-utf8")},
	{"invalid-utf8", "{\"kind\":\"\xed\xa0\x80\"}", nil, badJSON("invalid-utf8")},
	{"invalid-utf8", `{"a":1,"a":9007199254740993,"b":"\ud800",}` + "\xc0\xaf", nil, badJSON("invalid-utf8")},
	{"invalid-utf8", deep(129) + "\x80", nil, badJSON("invalid-utf8")},
	{"malformed-json", ``, nil, badJSON("malformed-json")},
	{"malformed-json", " \t\r\n", nil, badJSON("malformed-json")},
	{"malformed-json", aFill, edits{`{"worker_ids":["w-1","w-2"]}}`, `{"worker_ids":["w-1","w-2"]}`}, badJSON("malformed-json")},
	{"malformed-json", aFill + "x", nil, badJSON("malformed-json")},
	{"malformed-json", aFill + aFill, nil, badJSON("malformed-json")},
	{"malformed-json", "\ufeff" + aFill, nil, badJSON("malformed-json")},
	{"malformed-json", aFill + "\x00", nil, badJSON("malformed-json")},
	{"malformed-json", "\u00a0" + aFill, nil, badJSON("malformed-json")},
	{"malformed-json", aFill, edits{`"headcount":2`, `"headcount":02`}, badJSON("malformed-json")},
	{"malformed-json", aFill, edits{`"headcount":2`, `"headcount":+2`}, badJSON("malformed-json")},
	{"malformed-json", aFill, edits{`"r-1"`, "\"r\t1\""}, badJSON("malformed-json")},
	{"malformed-json", deep(129), nil, badJSON("malformed-json")},
	{"malformed-json", deep(128), nil, schema("", "not-an-object")},
	{"malformed-json", " \t\r\n" + aFill + " \t\r\n", nil, accepted("fill")},
	// An object of its own and the one of the request around it make 126 + 2.
	{"malformed-json", aFill, edits{`{"kind"`, `{"x":{"y":` + deep(126) + `},"kind"`}, accepted("fill")},
	{"malformed-json", aFill, edits{`{"kind"`, `{"x":{"y":` + deep(127) + `},"kind"`}, badJSON("malformed-json")},
	{"malformed-json", `{"a":"\ud800","a":1e999,"b":9007199254740993}}`, nil, badJSON("malformed-json")},
	{"malformed-json", `{"a":1,"a":2} ` + deep(129), nil, badJSON("malformed-json")},
	{"lone-surrogate", `"\ud800"`, nil, badJSON("lone-surrogate")},
	{"lone-surrogate", `{"a":1,"a":1e999,"b":9007199254740993,"\ude00\ud83d":1}`, nil, badJSON("lone-surrogate")},
	{"lone-surrogate", aFill, edits{`"r-1"`, `"\udfff"`}, badJSON("lone-surrogate")},
	{"lone-surrogate", aFill, edits{`{"kind"`, `{"\ud83d":1,"\ud83e":2,"kind"`}, badJSON("lone-surrogate")},
	{"lone-surrogate", aFill, edits{`"r-1"`, `"\ud83d\ude00"`}, `200 {"accepted":true,"kind":"fill","request_id":"😀"}`},
	{"number-out-of-range", `1e309`, nil, badJSON("number-out-of-range")},
	{"number-out-of-range", `-1e309`, nil, badJSON("number-out-of-range")},
	{"number-out-of-range", `9007199254740993`, nil, badJSON("number-out-of-range")},
	{"number-out-of-range", `-9007199254740993`, nil, badJSON("number-out-of-range")},
	{"number-out-of-range", `1` + strings.Repeat("0", 400), nil, badJSON("number-out-of-range")},
	{"number-out-of-range", `9007199254740992`, nil, schema("", "not-an-object")},
	{"number-out-of-range", `9007199254740993.0`, nil, schema("", "not-an-object")},
	{"number-out-of-range", `1.7976931348623157e308`, nil, schema("", "not-an-object")},
	{"number-out-of-range", `{"a":1,"a":2,"b":[1e309]}`, nil, badJSON("number-out-of-range")},
	{"number-out-of-range", `{"a":9007199254740993,"a":2}`, nil, badJSON("number-out-of-range")},
	{"number-out-of-range", aFill, edits{`{"kind"`, `{"x":9007199254740993,"kind"`}, badJSON("number-out-of-range")},
	{"duplicate-member", `{"a":1,"a":1}`, nil, badJSON("duplicate-member")},
	{"duplicate-member", `[{"x":{"a":1,"\u0061":2}}]`, nil, badJSON("duplicate-member")},
	{"duplicate-member", aFill, edits{`{"kind"`, `{"kind":"fill","kind"`}, badJSON("duplicate-member")},
	{"duplicate-member", aFill, edits{`{"kind"`, `{"x":{"a":1,"b":2,"a":3},"kind"`}, badJSON("duplicate-member")},
	{"duplicate-member", aFill, edits{`{"kind"`, `{"x":{"a":1,"A":2},"KIND"`}, schema("kind", "missing-field")},
}
