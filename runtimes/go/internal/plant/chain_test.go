package plant

import (
	"encoding/hex"
	"fmt"
	"strings"

	"lakehouse/internal/chain"
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/subjectaudit"
)

const secret = "0123456789abcdef0123456789abcdef"

// chainAnswer is the answer, of which the verdict of a chain is shortened to its
// count, the line and the reason.
func chainAnswer(input string, opts Options) string {
	answer := string(subjectaudit.Append(nil, input, opts.SubjectAudit))
	if !strings.HasPrefix(answer, `{"count"`) {
		return answer
	}
	v, err := ijson.Parse(answer, ijson.Options{})
	if err != nil {
		panic(err)
	}
	o := v.(ijson.Object)
	verdict := fmt.Sprint(o.Get("count"))
	if e, ok := o.Get("error").(ijson.Object); ok {
		verdict += fmt.Sprintf(" %v %v", e.Get("kind"), e.Get("reason"))
	}
	return verdict
}

// sign is the MAC of a text under the secret.
func sign(text string) string { return chain.NewKey([]byte(secret)).MAC([]byte(text)).String() }

// rowOp asks for what is signed of a row, and signed is the answer.
func rowOp(row string) string {
	return `{"op":"row","key":"` + hex.EncodeToString([]byte(secret)) + "\"}\n" + row
}

func signed(form string) string {
	return `{"canonical":` + string(jcs.AppendString(nil, form)) + `,"mac":"` + sign(form) + `"}`
}

var manifestLine, first = chain.NewManifest(chain.NewKey([]byte(secret)), "W", "2026-05-03T10:11:12Z")

// logRow is a row with a sound MAC: members has all of its members but prev, in
// canonical order, and PREV in the place of that.
func logRow(prev, members string) string {
	form := "{" + strings.Replace(members, "PREV", `"prev":"`+prev+`"`, 1) + "}"
	at := strings.Index(form, `"prev"`)
	return form[:at] + `"mac":"` + sign(form) + `",` + form[at:]
}

func macIn(row string) string {
	_, behind, _ := strings.Cut(row, `"mac":"`)
	return behind[:64]
}

// verifyOp asks for the verdict on a log.
func verifyOp(log string) string {
	return `{"op":"verify","key":"` + hex.EncodeToString([]byte(secret)) + `","subject":"W","manifest":` +
		string(jcs.AppendString(nil, string(manifestLine)+"\n")) + "}\n" + log
}

// spoil changes one digit of a row's mac.
func spoil(row string, digit int) string {
	at := strings.Index(row, `"mac":"`) + len(`"mac":"`) + digit
	c := byte('0')
	if row[at] == c {
		c = '1'
	}
	return row[:at] + string(c) + row[at+1:]
}

const (
	emptyTrace = `"accessor":{"daemon":"d","trace_id":""}`
	fullTrace  = `"accessor":{"daemon":"d","trace_id":"t"}`
	rest       = `,PREV,"seq":1,"subject":"W","ts":"2026-05-03T10:11:12.5Z"`
)

var (
	plain    = logRow(first.String(), fullTrace+rest)
	next     = logRow(macIn(plain), strings.Replace(fullTrace+rest, `"seq":1`, `"seq":2`, 1))
	foreign  = logRow(first.String(), strings.Replace(fullTrace+rest, `"W"`, `"V"`, 1))
	sound1   = "1 unanchored no-anchor"
	sound2   = "2 unanchored no-anchor"
	tampered = func(count, reason string) string { return count + " tampered " + reason }
)

var chainCases = []plantCase{
	{verifyOp(plain + "\n" + next + "\n"), sound2, nil},
	{verifyOp(""), "0 unanchored no-anchor", nil},
	{`{"op":"verify"}`, `{"refused":"request"}`, nil},

	// trace-id-omitted
	{rowOp(`{"accessor":{"trace_id":""}}`), signed(`{"accessor":{"trace_id":""}}`), map[string]string{"trace-id-omitted": signed(`{"accessor":{}}`)}},
	{rowOp(`{"accessor":{"trace_id":" "}}`), signed(`{"accessor":{"trace_id":" "}}`), nil},
	{rowOp(`{"accessor":{"trace_id":null}}`), signed(`{"accessor":{"trace_id":null}}`), nil},
	{rowOp(`{"other":{"trace_id":""},"trace_id":""}`), signed(`{"other":{"trace_id":""},"trace_id":""}`), nil},
	{verifyOp(logRow(first.String(), emptyTrace+rest) + "\n" + "x\n"), tampered("1", "not-json"), map[string]string{"trace-id-omitted": tampered("0", "mac")}},
	{verifyOp(strings.Replace(plain, `,"trace_id":"t"`, ``, 1) + "\nx\n"), tampered("0", "mac"), nil},

	// nanos-trimmed
	{rowOp(`{"ts":"2026-05-03T10:11:12.120Z"}`), signed(`{"ts":"2026-05-03T10:11:12.120Z"}`), map[string]string{"nanos-trimmed": signed(`{"ts":"2026-05-03T10:11:12.12Z"}`)}},
	{rowOp(`{"ts":"2026-05-03T10:11:10.000Z"}`), signed(`{"ts":"2026-05-03T10:11:10.000Z"}`), map[string]string{"nanos-trimmed": signed(`{"ts":"2026-05-03T10:11:10Z"}`)}},
	{rowOp(`{"ts":"2026-05-03T10:11:10Z"}`), signed(`{"ts":"2026-05-03T10:11:10Z"}`), nil},
	{rowOp(`{"ts":"2026-05-03T10:11:10.01Z"}`), signed(`{"ts":"2026-05-03T10:11:10.01Z"}`), nil},
	{rowOp(`{"ts":"1.50","x":{"ts":"2026-05-03T10:11:12.120Z"}}`), signed(`{"ts":"1.50","x":{"ts":"2026-05-03T10:11:12.120Z"}}`), nil},
	{verifyOp(logRow(first.String(), fullTrace+strings.Replace(rest, ".5Z", ".50Z", 1)) + "\nx\n"), tampered("1", "not-json"), map[string]string{"nanos-trimmed": tampered("0", "mac")}},

	// last-row-unchecked
	{verifyOp(plain + "\n" + spoil(next, 63) + "\n"), tampered("1", "mac"), map[string]string{"last-row-unchecked": sound2, "mac-prefix": sound2}},
	{verifyOp(plain + "\n" + spoil(next, 0) + "\ntorn"), tampered("1", "mac"), map[string]string{"last-row-unchecked": "2 torn unfinished", "torn-is-tampered": tampered("1", "mac")}},
	{verifyOp(`{"x":"` + "\\u0041" + `","mac":"` + macIn(plain) + "\"}\n"), tampered("0", "not-canonical"), map[string]string{"last-row-unchecked": sound1}},
	{verifyOp(plain + "\n" + spoil(next, 0) + "\nx\n"), tampered("1", "mac"), nil},
	{verifyOp(plain + "\n{}\n"), tampered("1", "mac-form"), nil},
	{verifyOp(plain + "\n\n"), tampered("1", "not-json"), nil},
	{verifyOp(plain + "\n[" + next + "]\n"), tampered("1", "not-json"), nil},

	// row-code-point-order
	{rowOp("{\"\ue000\":1,\"😀\":2,\"a\":{\"\ue000\":1,\"😀\":2}}"), signed("{\"a\":{\"😀\":2,\"\ue000\":1},\"😀\":2,\"\ue000\":1}"),
		map[string]string{"row-code-point-order": signed("{\"a\":{\"\ue000\":1,\"😀\":2},\"\ue000\":1,\"😀\":2}")}},
	{rowOp("{\"\ud7ff\":1,\"😀\":2}"), signed("{\"\ud7ff\":1,\"😀\":2}"), nil},
	{"{\"op\":\"canonical\"}\n{\"\ue000\":1,\"😀\":2}", "{\"canonical\":\"{\\\"😀\\\":2,\\\"\ue000\\\":1}\"}", nil}, // that is not signed
	{verifyOp(logRow(first.String(), fullTrace+rest+",\"😀\":2,\"\ue000\":1") + "\nx\n"), tampered("1", "not-json"), map[string]string{"row-code-point-order": tampered("0", "mac")}},

	// torn-is-tampered
	{verifyOp(plain + "\n" + next), "1 torn unfinished", map[string]string{"torn-is-tampered": tampered("1", "not-json")}},
	{verifyOp(strings.Repeat("x", 1<<20+1)), "0 unreadable line-too-long", nil},

	// subject-unbound
	{verifyOp(foreign + "\n" + next + "\n"), tampered("0", "subject"), map[string]string{"subject-unbound": tampered("1", "chain")}},
	{verifyOp(strings.Replace(foreign, `"seq":1`, `"seq":2`, 1) + "\nx\n"), tampered("0", "mac"), nil},

	// mac-prefix
	{verifyOp(spoil(plain, 16) + "\n" + next + "\n"), tampered("0", "mac"), map[string]string{"mac-prefix": tampered("1", "chain"), "last-row-unchecked": tampered("0", "mac")}},
	{verifyOp(spoil(plain, 15) + "\nx\n"), tampered("0", "mac"), nil},
}
