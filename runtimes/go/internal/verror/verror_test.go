package verror

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

const (
	shape   = `{"refused":"wrong-shape"}`
	unknown = `{"refused":"unknown-variant"}`
	refused = `{"refused":"unreadable"}`
)

// ruleTests are named for the rule of validation_error.rules.toml that decides
// them.
var ruleTests = []struct {
	rule, input, want string
}{
	{"tagged", `{"Schema":{"field":"order.city","reason":"missing-field"}}`, `{"error":{"Schema":{"field":"order.city","reason":"missing-field"}}}`},
	{"tagged", `{"Completeness":{"reason":"empty-body"}}`, `{"error":{"Completeness":{"reason":"empty-body"}}}`},
	{"tagged", `{"Consistency":{"reason":"unknown-worker"}}`, `{"error":{"Consistency":{"reason":"unknown-worker"}}}`},
	{"tagged", `{"Policy":{"reason":"sms-too-long"}}`, `{"error":{"Policy":{"reason":"sms-too-long"}}}`},
	{"tagged", `{"Schema":{"x":[1],"reason":"y","field":"x","Kind":"policy"}}`, `{"error":{"Schema":{"field":"x","reason":"y"}}}`},
	{"tagged", `{"Policy":{"reason":"y","field":1}}`, `{"error":{"Policy":{"reason":"y"}}}`}, // not a member of Policy
	{"flat", `{"Kind":"schema","Field":"order.city","Reason":"missing-field"}`, `{"error":{"Schema":{"field":"order.city","reason":"missing-field"}}}`},
	{"flat", `{"Kind":"completeness","Reason":"empty-body"}`, `{"error":{"Completeness":{"reason":"empty-body"}}}`},
	{"flat", `{"Reason":"r","Field":"f","Kind":"consistency"}`, `{"error":{"Consistency":{"reason":"r"}}}`},
	{"flat", `{"Kind":"policy","Field":"","Reason":"r","Code":7}`, `{"error":{"Policy":{"reason":"r"}}}`},
	{"flat", `{"Schema":{"field":"x","reason":"y"},"Kind":"policy","Reason":"r"}`, `{"error":{"Policy":{"reason":"r"}}}`},
	{"unknown-variant", `{"Format":{"reason":"y"}}`, unknown},
	{"unknown-variant", `{"schema":{"field":"x","reason":"y"}}`, unknown},
	{"unknown-variant", `{"Schema ":{"field":"x","reason":"y"}}`, unknown},
	{"unknown-variant", `{"":{}}`, unknown},
	{"unknown-variant", `{"Format":1}`, unknown}, // the variant comes before its members
	{"unknown-variant", `{"kind":"policy"}`, unknown},
	{"unknown-variant", `{"Kind":"Policy","Reason":"r"}`, unknown},
	{"unknown-variant", `{"Kind":"SCHEMA","Field":"f","Reason":"r"}`, unknown},
	{"unknown-variant", `{"Kind":""}`, unknown},
	{"unknown-variant", `{"Kind":"format","Reason":1,"Field":null}`, unknown},
	{"wrong-shape", `null`, shape},
	{"wrong-shape", `"Schema"`, shape},
	{"wrong-shape", `[{"Policy":{"reason":"y"}}]`, shape},
	{"wrong-shape", `{}`, shape},
	{"wrong-shape", `{"Policy":{"reason":"y"},"Schema":{"field":"x","reason":"y"}}`, shape},
	{"wrong-shape", `{"Policy":{"reason":"y"},"request_id":null}`, shape},
	{"wrong-shape", `{"kind":"policy","Reason":"r"}`, shape},
	{"wrong-shape", `{"Kind":null,"Reason":"r"}`, shape},
	{"wrong-shape", `{"Kind":{"reason":"y"}}`, shape},
	{"wrong-shape", `{"Policy":{}}`, shape},
	{"wrong-shape", `{"Policy":"y"}`, shape},
	{"wrong-shape", `{"Policy":null}`, shape},
	{"wrong-shape", `{"Policy":["reason"]}`, shape},
	{"wrong-shape", `{"Policy":{"reason":null}}`, shape},
	{"wrong-shape", `{"Policy":{"Reason":"y"}}`, shape},
	{"wrong-shape", `{"Schema":{"reason":"y"}}`, shape},
	{"wrong-shape", `{"Schema":{"field":"x"}}`, shape},
	{"wrong-shape", `{"Schema":{"field":null,"reason":"y"}}`, shape},
	{"wrong-shape", `{"Kind":"policy"}`, shape},
	{"wrong-shape", `{"Kind":"policy","Reason":1}`, shape},
	{"wrong-shape", `{"Kind":"policy","reason":"r"}`, shape},
	{"wrong-shape", `{"Kind":"policy","Reason":"r","Field":null}`, shape},
	{"wrong-shape", `{"Kind":"schema","Reason":"r"}`, shape},
	{"wrong-shape", `{"Kind":"schema","Reason":"r","Field":1}`, shape},
	{"unreadable", ``, refused},
	{"unreadable", `{"Policy":{"reason":"y"}`, refused},
	{"unreadable", `{"Policy":{"reason":"y"}} x`, refused},
	{"unreadable", "\ufeff" + `{"Policy":{"reason":"y"}}`, refused},
	{"unreadable", "{\"Policy\":{\"reason\":\"\xff\"}}", refused},
	{"unreadable", `{"Policy":{"reason":"\ud800"}}`, refused},
	{"unreadable", `{"Policy":{"reason":"y","reason":"y"}}`, refused},
	{"unreadable", `{"Kind":"policy","Reason":"r","Code":9007199254740993}`, refused},
	{"unreadable", `{"Format":{"reason":1e309}}`, refused},
	{"unreadable", strings.Repeat("[", 129) + strings.Repeat("]", 129), refused},
	{"unreadable", strings.Repeat("[", 128) + strings.Repeat("]", 128), shape}, // it can be read
	{"unreadable", " \t\r\n" + `{ "Policy" : { "reason" : "y" } }` + "\n", `{"error":{"Policy":{"reason":"y"}}}`},
	{"reason-as-it-is", `{"Schema":{"field":"","reason":""}}`, `{"error":{"Schema":{"field":"","reason":""}}}`},
	{"reason-as-it-is", `{"Kind":"schema","Field":"","Reason":""}`, `{"error":{"Schema":{"field":"","reason":""}}}`},
	{"reason-as-it-is", `{"Policy":{"reason":" \u003cnever heard of\u003e \"\\\u001f\ud83d\ude00"}}`, `{"error":{"Policy":{"reason":" <never heard of> \"\\\u001f😀"}}}`},
}

func TestRules(t *testing.T) {
	for _, tt := range ruleTests {
		t.Run(tt.rule, func(t *testing.T) {
			if got := string(Append(nil, tt.input, Options{})); got != tt.want {
				t.Errorf("input %.200q\ngot  %s\nwant %s", tt.input, got, tt.want)
			}
		})
	}
}

// A rule that is added to the contract asks for a case here.
func TestEveryRuleIsTested(t *testing.T) {
	contract, err := os.ReadFile("../../../../fixtures/contract/validation_error.rules.toml")
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

// What is written in either shape is read back as what it was.
func TestShapes(t *testing.T) {
	tests := []struct {
		e            Error
		tagged, flat string
	}{
		{Error{Schema, "roster.0.id", "empty-id"}, `{"Schema":{"field":"roster.0.id","reason":"empty-id"}}`, `{"Field":"roster.0.id","Kind":"schema","Reason":"empty-id"}`},
		{Error{Schema, "\"", "\n"}, `{"Schema":{"field":"\"","reason":"\n"}}`, `{"Field":"\"","Kind":"schema","Reason":"\n"}`},
		{Error{Completeness, "", "empty-body"}, `{"Completeness":{"reason":"empty-body"}}`, `{"Kind":"completeness","Reason":"empty-body"}`},
		{Error{Consistency, "", "role-mismatch"}, `{"Consistency":{"reason":"role-mismatch"}}`, `{"Kind":"consistency","Reason":"role-mismatch"}`},
		{Error{Policy, "", "link-in-sms"}, `{"Policy":{"reason":"link-in-sms"}}`, `{"Kind":"policy","Reason":"link-in-sms"}`},
	}
	for _, tt := range tests {
		if got := string(tt.e.AppendTagged([]byte("x"))); got != "x"+tt.tagged {
			t.Errorf("AppendTagged: %s; want x%s", got, tt.tagged)
		}
		if got := string(tt.e.AppendFlat([]byte("x"))); got != "x"+tt.flat {
			t.Errorf("AppendFlat: %s; want x%s", got, tt.flat)
		}
		for _, text := range []string{tt.tagged, tt.flat} {
			if got, why := read(text); got != tt.e || why != "" {
				t.Errorf("read(%s) = %v, %q; want %v", text, got, why, tt.e)
			}
		}
	}
}
