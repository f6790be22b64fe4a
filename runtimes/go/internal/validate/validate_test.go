package validate

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lakehouse/internal/request"

	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
)

// The requests of the contract's header, filled in so that all of them pass.
const (
	order7 = `{"id":"ORD-7","role":"Welder","city":"Aurora","state":"IL","headcount":2,"excluded_ids":["w-9"]}`
	roster = `[{"id":"w-1","role":"Welder","city":"Aurora","state":"IL","email":"a@example.com","phone":"312-555-0142"},` +
		`{"id":"w-2","role":"Welder","city":"Aurora","state":"IL"},{"id":"w-9","role":"Welder","city":"Aurora","state":"IL"}]`
	head = `"request_id":"r-1","order":` + order7 + `,"roster":` + roster + `,"artifact":`

	aFill  = `{"kind":"fill",` + head + `{"worker_ids":["w-1","w-2"]}}`
	anMail = `{"kind":"email",` + head + `{"worker_id":"w-1","to":"a@example.com","subject":"Your shift","body":"See you at ORD-7."}}`
	anSMS  = `{"kind":"sms",` + head + `{"worker_id":"w-1","to":"312-555-0142","body":"See you there."}}`
)

// edits replaces the first place of the one by the other, pair by pair.
type edits []string

func (e edits) apply(t *testing.T, body string) string {
	t.Helper()
	for pair := range slices.Chunk(e, 2) {
		if !strings.Contains(body, pair[0]) {
			t.Fatalf("%s is not in %s", pair[0], body)
		}
		body = strings.Replace(body, pair[0], pair[1], 1)
	}
	return body
}

func accepted(kind string) string {
	return `200 {"accepted":true,"kind":"` + kind + `","request_id":"r-1"}`
}

func schema(field, reason string) string {
	return `422 {"Schema":{"field":"` + field + `","reason":"` + reason + `"}}`
}

func badJSON(reason string) string {
	return `400 {"Schema":{"field":"","reason":"` + reason + `"}}`
}

func refused(variant, reason string) string {
	return `422 {"` + variant + `":{"reason":"` + reason + `"}}`
}

func answer(body string, opts Options) string {
	text, status := Append(nil, body, opts)
	return fmt.Sprintf("%d %s", status, text)
}

// ruleTest is named for the rule of validate.rules.toml that decides it.
type ruleTest struct {
	rule  string
	body  string
	edits edits
	want  string
}

var ruleTests = slices.Concat(bodyTests, schemaTests, completenessTests, consistencyTests, policyTests, ssnTests, acceptedTests)

func TestRules(t *testing.T) {
	for _, tt := range ruleTests {
		t.Run(tt.rule, func(t *testing.T) {
			body := tt.edits.apply(t, tt.body)
			if got := answer(body, Options{}); got != tt.want {
				t.Errorf("body %.800q\ngot  %s\nwant %s", body, got, tt.want)
			}
		})
	}
}

// A rule that is added to the contract asks for a case here, of each category in
// which it answers. Those of HTTP are tested where HTTP is served.
func TestEveryRuleIsTested(t *testing.T) {
	contract, err := os.ReadFile("../../../../fixtures/contract/validate.rules.toml")
	if err != nil {
		t.Fatal(err)
	}
	tested, answered := map[string]bool{}, map[string]bool{}
	for _, tt := range ruleTests {
		tested[tt.rule] = true
		answered[tt.want[len("422 "):]] = true
	}
	ofHTTP := []Reason{request.UnknownPath, request.MethodNotAllowed, request.UnsupportedMediaType, request.UnsupportedContentEncoding, request.BodyTooLarge}
	for _, m := range regexp.MustCompile(`(?m)^name = "(.+)"\n(?:category = "(.+)"\n)?`).FindAllSubmatch(contract, -1) {
		rule, category := string(m[1]), string(m[2])
		if slices.Contains(ofHTTP, Reason(rule)) {
			continue
		}
		if !tested[rule] {
			t.Errorf("no case is named for the rule %s", rule)
		}
		delete(tested, rule)
		// Schema answers with many fields, whence it is searched for by its reason.
		found := category == "" || answered[`{"`+category+`":{"reason":"`+rule+`"}}`]
		for want := range answered {
			found = found || category == "Schema" && strings.HasPrefix(want, `{"Schema":`) && strings.HasSuffix(want, `"reason":"`+rule+`"}}`)
		}
		if !found {
			t.Errorf("no case is answered with %s of %s", rule, category)
		}
	}
	for rule := range tested {
		t.Errorf("the contract has no rule %s", rule)
	}
}

var acceptedTests = []ruleTest{
	{"letters-folded", aFill, edits{`"Aurora"`, `" \t\r\nAURora "`, `"w-1","role":"Welder"`, `"w-1","role":"wELDER\t"`}, accepted("fill")},
	{"letters-folded", aFill, edits{`"city":"Aurora"`, `"city":"Café"`, `"w-1","role":"Welder","city":"Aurora"`, `"w-1","role":"Welder","city":"CAFé"`,
		`"w-2","role":"Welder","city":"Aurora"`, `"w-2","role":"Welder","city":"café"`}, accepted("fill")},
	{"letters-folded", anSMS, edits{`"city":"Aurora"`, `"city":"Café"`, `"w-1","role":"Welder","city":"Aurora"`, `"w-1","role":"Welder","city":"cafÉ"`},
		refused("Consistency", "city-mismatch")},
	{"letters-folded", anSMS, edits{`"role":"Welder"`, `"role":"Café"`, `"w-1","role":"Welder"`, `"w-1","role":"cafÉ"`}, refused("Consistency", "role-mismatch")},
	{"unknown-member", aFill, edits{`{"kind"`, `{"Kind":1,"note":{"a":[null]},"kind"`, `{"id":"ORD-7"`, `{"ID":null,"id":"ORD-7"`,
		`{"id":"w-1"`, `{"name":7,"id":"w-1"`, `{"worker_ids"`, `{"worker_id":null,"worker_ids"`}, accepted("fill")},
	// What belongs to an artifact of another kind is just as unknown.
	{"unknown-member", aFill, edits{`"worker_ids"`, `"to":7,"subject":"{{","body":"","worker_ids"`}, accepted("fill")},
	{"unknown-member", anSMS, edits{`"worker_id"`, `"subject":7,"worker_ids":null,"worker_id"`}, accepted("sms")},
	{"unknown-member", anMail, edits{`"worker_id"`, `"worker_ids":["w-9"],"worker_id"`}, accepted("email")},
	{"request-id-echoed", aFill, nil, `200 {"accepted":true,"kind":"fill","request_id":"r-1"}`},
	{"request-id-echoed", aFill, edits{`"r-1"`, `""`}, `200 {"accepted":true,"kind":"fill","request_id":""}`},
	{"request-id-echoed", aFill, edits{`"request_id":"r-1",`, ``}, `200 {"accepted":true,"kind":"fill","request_id":null}`},
	{"request-id-echoed", anSMS, edits{`"r-1"`, `" \u0000\"\\\/<\u007f\ud83d\ude00 "`},
		`200 {"accepted":true,"kind":"sms","request_id":" \u0000\"\\/<` + "\x7f😀" + ` "}`},
	{"request-id-echoed", anMail, nil, `200 {"accepted":true,"kind":"email","request_id":"r-1"}`},
	{"length-in-characters", anSMS, edits{`See you there.`, strings.Repeat("😀", 160)}, accepted("sms")},
	{"length-in-characters", anSMS, edits{`See you there.`, strings.Repeat("e\u0301", 80)}, accepted("sms")},
	{"length-in-characters", anSMS, edits{`See you there.`, strings.Repeat("e\u0301", 80) + "."}, refused("Policy", "sms-too-long")},
}

func TestRefuse(t *testing.T) {
	tests := []struct {
		field  string
		reason Reason
		want   string
	}{
		{"", request.UnknownPath, `404 {"Schema":{"field":"","reason":"unknown-path"}}`},
		{"", request.MethodNotAllowed, `405 {"Schema":{"field":"","reason":"method-not-allowed"}}`},
		{"content-type", request.UnsupportedMediaType, `415 {"Schema":{"field":"content-type","reason":"unsupported-media-type"}}`},
		{"content-encoding", request.UnsupportedContentEncoding, `415 {"Schema":{"field":"content-encoding","reason":"unsupported-content-encoding"}}`},
		{"", request.BodyTooLarge, `413 {"Schema":{"field":"","reason":"body-too-large"}}`},
	}
	for _, tt := range tests {
		text, status := Refuse([]byte("x"), tt.field, tt.reason, Options{})
		if got, want := fmt.Sprintf("%d %s", status, text), tt.want[:4]+"x"+tt.want[4:]; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestAppendKeepsWhatIsThere(t *testing.T) {
	text, _ := Append([]byte("x"), aFill, Options{})
	if got, want := string(text), "x"+accepted("fill")[4:]; got != want {
		t.Errorf("got %s; want %s", got, want)
	}
}

// In quadratic time these would be slow, each of its own part.
func TestHostileBodies(t *testing.T) {
	numbered := func(n int, item string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, item, i)
		}
		return strings.TrimSuffix(b.String(), ",")
	}
	many := numbered(20_000, `{"id":"%d","role":"","city":"","state":"IL"},`)
	tests := []struct {
		name  string
		body  string
		edits edits
		want  string
	}{
		{"roster", aFill, edits{roster, `[` + many + `]`}, refused("Consistency", "unknown-worker")},
		{"roster with one id twice", aFill, edits{roster, `[` + many + `,{"id":"19999","role":"","city":"","state":"IL"}]`}, refused("Consistency", "duplicate-roster-id")},
		{"excluded ids", aFill, edits{`["w-9"]`, `[` + numbered(100_000, `"%d",`) + `]`}, accepted("fill")},
		{"worker ids", aFill, edits{`["w-1","w-2"]`, `[` + numbered(100_000, `"%d",`) + `]`}, refused("Consistency", "too-many-fills")},
		{"members", aFill, edits{`{"kind"`, `{` + numbered(100_000, `"%d":1,`) + `,"kind"`}, accepted("fill")},
		{"almost numbers", anMail, edits{`ORD-7.`, `ORD-7 ` + strings.Repeat("123-45-6789-", 80_000)}, accepted("email")},
		{"almost links", anSMS, edits{`See you there.`, strings.Repeat("://", 300_000)}, refused("Policy", "sms-too-long")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := answer(tt.edits.apply(t, tt.body), Options{}); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func FuzzAppend(f *testing.F) {
	for _, tt := range ruleTests {
		if len(tt.edits) == 0 {
			f.Add(tt.body)
		}
	}
	f.Fuzz(func(t *testing.T, body string) {
		got, status := Append(nil, body, Options{})
		if status != 200 && status != 400 && status != 422 {
			t.Errorf("%q is answered with %d", body, status)
		}
		v, err := ijson.Parse(string(got), ijson.Options{})
		if err != nil {
			t.Fatalf("%q gives %q: %v", body, got, err)
		}
		if again := jcs.Append(nil, v, jcs.Options{}); string(again) != string(got) {
			t.Errorf("%q gives %q, and that %q", body, got, again)
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	const more = `{"id":"w-3","role":"Welder","city":"Joliet","state":"IL","email":"c@example.com","phone":"815-555-0143"},` +
		`{"id":"w-4","role":"Roofer","city":"Aurora","state":"IL"},`
	usual := strings.Replace(aFill, `{"id":"w-2"`, more+`{"id":"w-2"`, 1)
	for _, bench := range []struct{ name, body string }{
		{"fill", usual}, {"email", anMail}, {"sms", anSMS}, {"malformed", usual[:len(usual)-1]},
	} {
		b.Run(fmt.Sprintf("%s of %d bytes", bench.name, len(bench.body)), func(b *testing.B) {
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				dst, _ = Append(dst[:0], bench.body, Options{})
			}
		})
	}
}
