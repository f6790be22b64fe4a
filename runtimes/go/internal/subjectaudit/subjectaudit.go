// Package subjectaudit serves the surface subject_audit: the canonical form, the
// MAC and the verification of an audit chain, with everything in the input. It
// touches no file.
package subjectaudit

import (
	"encoding/hex"
	"strings"

	"lakehouse/internal/chain"
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/lines"
)

// Append appends the answer for input to dst: a header, which is one line of
// JSON, and behind it the body, any bytes.
func Append(dst []byte, input string, opts chain.Options) []byte {
	header, body, _ := strings.Cut(input, "\n")
	r, ok := readRequest(header)
	if !ok {
		return append(dst, `{"refused":"request"}`...)
	}
	return jcs.Append(dst, r.answer(body, opts), jcs.Options{})
}

type request struct {
	op       string
	key      []byte
	subject  string
	manifest string
	anchor   *chain.Anchor
}

// members are those that an op has beside op itself; the anchor is nobody's duty.
var members = map[string][]string{
	"canonical": nil,
	"mac":       {"key"},
	"row":       {"key"},
	"verify":    {"key", "subject", "manifest"},
}

func readRequest(header string) (r request, ok bool) {
	v, err := ijson.Parse(header, ijson.Options{})
	if err != nil {
		return r, false
	}
	o, _ := v.(ijson.Object)
	op, _ := o.Get("op").(ijson.String)
	needed, ok := members[string(op)]
	if !ok {
		return r, false
	}
	r.op = string(op)
	given := len(o) - 1
	for _, name := range needed {
		text, ok := o.Get(name).(ijson.String)
		if !ok || !r.take(name, string(text)) {
			return r, false
		}
		given--
	}
	if v := o.Get("anchor"); v != nil && r.op == "verify" {
		text, _ := v.(ijson.String)
		if r.anchor, ok = chain.ParseAnchor(string(text)); !ok {
			return r, false
		}
		given--
	}
	return r, given == 0
}

func (r *request) take(name, text string) bool {
	switch name {
	case "key":
		key, err := hex.DecodeString(text)
		r.key = key
		return err == nil && text == strings.ToLower(text)
	case "subject":
		r.subject = text
		return chain.IsSubject(text)
	default:
		r.manifest = text
		return true
	}
}

func (r request) answer(body string, opts chain.Options) ijson.Object {
	switch r.op {
	case "canonical":
		v, err := ijson.Parse(body, ijson.Options{})
		if err != nil {
			return single("refused", "not-json")
		}
		return single("canonical", string(jcs.Append(nil, v, jcs.Options{})))
	case "mac":
		return single("mac", chain.NewKey(r.key).MAC([]byte(body)).String())
	case "row":
		form, ok := chain.Signed([]byte(body), opts)
		if !ok {
			return single("refused", "not-json")
		}
		mac := chain.NewKey(r.key).MAC(form)
		return append(single("canonical", string(form)), single("mac", mac.String())...)
	default:
		return r.verify(body, opts).Value()
	}
}

func single(name, text string) ijson.Object {
	return ijson.Object{{Name: name, Value: ijson.String(text)}}
}

func (r request) verify(log string, opts chain.Options) chain.Verdict {
	c := chain.Checker{Key: chain.NewKey(r.key), Subject: r.subject, Manifest: "manifest", Log: "log", Opts: opts}
	if opts.LastUnchecked {
		c.Unchecked = int64(strings.Count(log, "\n"))
	}
	genesis, f := c.CheckManifest([]byte(r.manifest))
	if f != nil {
		return chain.Verdict{Fault: f}
	}
	return c.VerifyLog(lines.NewReader(strings.NewReader(log), int64(len(log))+1), genesis, r.anchor)
}
