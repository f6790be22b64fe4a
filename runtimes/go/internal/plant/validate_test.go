package plant

import (
	"fmt"
	"strings"

	"lakehouse/internal/validate"
)

func validateAnswer(input string, opts Options) string {
	answer, status := validate.Append(nil, input, opts.Validate)
	return fmt.Sprintf("%d %s", status, answer)
}

const (
	fillRequest = `{"kind":"fill","request_id":"r","order":{"id":"ORD-7","role":"Welder","city":"Aurora","state":"IL","headcount":2,"excluded_ids":[]},` +
		`"roster":[{"id":"w-1","role":"Welder","city":"Aurora","state":"IL"},{"id":"w-2","role":"Welder","city":"Aurora","state":"IL"}],` +
		`"artifact":{"worker_ids":["w-1","w-2"]}}`
	filled = `200 {"accepted":true,"kind":"fill","request_id":"r"}`
	sent   = `200 {"accepted":true,"kind":"sms","request_id":"r"}`
	mailed = `200 {"accepted":true,"kind":"email","request_id":"r"}`
)

// fillOf is a request for a fill with the first of each pair replaced.
func fillOf(pairs ...string) string {
	body := fillRequest
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(body, pairs[i]) {
			panic(pairs[i] + " is not in " + body)
		}
		body = strings.Replace(body, pairs[i], pairs[i+1], 1)
	}
	return body
}

func smsOf(text string) string {
	return fillOf(`"fill"`, `"sms"`, `"worker_ids":["w-1","w-2"]`, `"worker_id":"w-1","to":"x","body":"`+text+`"`)
}

func mailOf(subject string) string {
	return fillOf(`"fill"`, `"email"`, `"worker_ids":["w-1","w-2"]`, `"worker_id":"w-1","to":"x","subject":"`+subject+`","body":"ORD-7"`)
}

func failed(variant, reason string) string {
	return `422 {"` + variant + `":{"reason":"` + reason + `"}}`
}

func unread(reason string) string { return `400 {"Schema":{"field":"","reason":"` + reason + `"}}` }

func flat(reason string) map[string]string {
	return map[string]string{"flat-error": `422 {"Kind":"completeness","Reason":"` + reason + `"}`}
}

var (
	ssn     = failed("Policy", "social-security-number")
	tooLong = failed("Policy", "sms-too-long")

	// To these two plants, malformed-json is never what it is to the others.
	malformed  = map[string]string{"status-422": `422 {"Schema":{"field":"","reason":"malformed-json"}}`}
	garbage    = map[string]string{"status-422": malformed["status-422"], "trailing-garbage": filled}
	phone      = map[string]string{"ssn-phone": ssn}
	extraFirst = map[string]string{"unknown-refused": `422 {"Schema":{"field":"extra","reason":"wrong-type"}}`}
	excluded   = map[string]string{"rule-order": failed("Policy", "excluded-worker")}
)

var validateCases = []plantCase{
	{fillRequest, filled, nil},

	// flat-error
	{fillOf(`"headcount":2`, `"headcount":3`), failed("Completeness", "too-few-fills"), flat("too-few-fills")},
	{smsOf(" "), failed("Completeness", "empty-body"), flat("empty-body")},
	{mailOf(""), failed("Completeness", "empty-subject"), flat("empty-subject")},
	{fillOf(`"headcount":2`, `"headcount":1`), failed("Consistency", "too-many-fills"), nil},
	{smsOf("{{"), failed("Policy", "placeholder-left"), nil},
	{fillOf(`"role"`, `"x"`), `422 {"Schema":{"field":"order.role","reason":"missing-field"}}`, nil},

	// ssn-phone
	{smsOf("312-555-0142"), sent, phone},
	{smsOf("Call 312 555 0142."), sent, phone},
	{mailOf("312-555-0142"), mailed, phone},
	{smsOf("900-555-0142"), sent, phone}, // a number that is never issued is no phone number's rule
	{smsOf("1-312-555-0142"), sent, nil},
	{smsOf("312-555-0142-1"), sent, nil},
	{smsOf("312-555 0142"), sent, nil},
	{smsOf("3125550142 (312)555-0142"), sent, nil},
	{smsOf("312-555-01420"), sent, nil},
	{smsOf("900-45-6789"), sent, nil},
	{smsOf("123-45-6789"), ssn, nil},

	// sms-161, sms-bytes
	{smsOf(strings.Repeat("x", 160)), sent, nil},
	{smsOf(strings.Repeat("x", 161)), tooLong, map[string]string{"sms-161": sent}},
	{smsOf(strings.Repeat("x", 162)), tooLong, nil},
	{smsOf(strings.Repeat("é", 80)), sent, nil},
	{smsOf(strings.Repeat("é", 80) + "x"), sent, map[string]string{"sms-bytes": tooLong}},
	{smsOf(strings.Repeat("😀", 160)), sent, map[string]string{"sms-bytes": tooLong}},
	{smsOf(strings.Repeat("é", 161)), tooLong, map[string]string{"sms-161": sent}},
	{mailOf(strings.Repeat("é", 120)), mailed, nil},
	{mailOf(strings.Repeat("x", 121)), failed("Policy", "subject-too-long"), nil},

	// empty-echo
	{fillOf(`"r"`, `""`), `200 {"accepted":true,"kind":"fill","request_id":""}`, map[string]string{"empty-echo": `200 {"accepted":true,"kind":"fill"}`}},
	{fillOf(`"request_id":"r",`, ``), `200 {"accepted":true,"kind":"fill","request_id":null}`, nil},
	{fillOf(`"r"`, `" "`), `200 {"accepted":true,"kind":"fill","request_id":" "}`, nil},

	// rule-order
	{fillOf(`[]`, `["w-1"]`), failed("Policy", "excluded-worker"), nil},
	{fillOf(`[]`, `["w-1"]`, `"w-1","role":"Welder"`, `"w-1","role":"Roofer"`), failed("Consistency", "role-mismatch"), excluded},
	{fillOf(`[]`, `["w-1"]`, `["w-1","w-2"]`, `["w-1","w-3"]`), failed("Consistency", "unknown-worker"), excluded},
	{fillOf(`[]`, `["w-1"]`, `["w-1","w-2"]`, `["w-1","w-1"]`), failed("Consistency", "duplicate-worker"), excluded},
	{fillOf(`[]`, `["w-2"]`, `"w-1","role":"Welder"`, `"w-1","role":"Roofer"`), failed("Consistency", "role-mismatch"), nil},
	{fillOf(`[]`, `["w-3"]`, `["w-1","w-2"]`, `["w-1","w-3"]`), failed("Consistency", "unknown-worker"), nil},
	{fillOf(`[]`, `["w-1"]`, `"headcount":2`, `"headcount":1`), failed("Consistency", "too-many-fills"), nil},

	// city-case
	{fillOf(`"Aurora"`, `"aurora"`), filled, map[string]string{"city-case": failed("Consistency", "city-mismatch")}},
	{fillOf(`"Aurora"`, `" Aurora\n"`), filled, nil},
	{fillOf(`"Welder"`, `"welder"`), filled, nil},

	// status-422, trailing-garbage
	{``, unread("malformed-json"), malformed},
	{fillRequest[1:], unread("malformed-json"), map[string]string{
		"status-422": malformed["status-422"], "trailing-garbage": `422 {"Schema":{"field":"","reason":"not-an-object"}}`}},
	{fillRequest[:len(fillRequest)-1], unread("malformed-json"), malformed},
	{"\ufeff" + fillRequest, unread("malformed-json"), malformed},
	{strings.Repeat("[", 129), unread("malformed-json"), malformed},
	{fillRequest + "}", unread("malformed-json"), garbage},
	{fillRequest + " " + fillRequest, unread("malformed-json"), garbage},
	{fillRequest + "\xff", unread("invalid-utf8"), map[string]string{"trailing-garbage": filled}},
	{fillOf(`"r"`, "\"\xff\""), unread("invalid-utf8"), nil},
	{fillOf(`"r"`, `"\ud800"`), unread("lone-surrogate"), nil},
	{fillOf(`"headcount":2`, `"headcount":9007199254740993`), unread("number-out-of-range"), nil},
	{fillOf(`"headcount":2`, `"headcount":2,"headcount":2`), unread("duplicate-member"), nil},
	{fillOf(`"headcount":2`, `"headcount":2,"headcount":2`) + "x", unread("malformed-json"), map[string]string{
		"status-422": malformed["status-422"], "trailing-garbage": unread("duplicate-member")}},
	{fillRequest + " \n", filled, nil},

	// unknown-refused
	{fillOf(`"order"`, `"extra":1,"order"`), filled, extraFirst},
	{fillOf(`"kind":"fill"`, `"extra":1,"another":2,"KIND":"fill"`), `422 {"Schema":{"field":"kind","reason":"missing-field"}}`, extraFirst},
	{fillOf(`"ORD-7"`, `"ORD-7","extra":1`, `"worker_ids"`, `"extra":1,"worker_ids"`, `"id":"w-1"`, `"id":"w-1","extra":1`), filled, nil},
	{`["extra"]`, `422 {"Schema":{"field":"","reason":"not-an-object"}}`, nil},
}
