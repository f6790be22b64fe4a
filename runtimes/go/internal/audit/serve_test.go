package audit

import (
	"testing"

	"lakehouse/internal/audit/audittest"
)

func TestAppend(t *testing.T) {
	dir := runs(t, sound)
	at := `"directory":"` + dir + `"`
	tests := []struct{ request, want string }{
		{`{"arguments":["verify","--subject","WORKER-1","--anchor","1:` + tip + `"],` + at + `}`, `{"answer":{"count":1,"error":null,"tip":"` + tip + `","verified":true},"exit":0}`},
		{`{` + at + `,"arguments":["baselines","load","b"]}`, `{"answer":{"count":0,"error":` + faulty("b", "unreadable", "null", "missing") + `},"exit":5}`},
		{`{"arguments":["verify","--key","k"],"directory":"` + dir + `/none"}`, `{"answer":{"error":` + faulty("k", "unreadable", "null", "missing") + `,"subjects":[]},"exit":5}`},
		{`{"arguments":["serve"],` + at + `}`, `{"answer":null,"exit":2}`},
		{`{"arguments":[],` + at + `}`, `{"answer":null,"exit":2}`},
		{`{"arguments":["verify",1],` + at + `}`, `{"answer":null,"exit":2}`},
		{`{"arguments":"verify",` + at + `}`, `{"answer":null,"exit":2}`},
		{`{"arguments":["verify"],"directory":""}`, `{"answer":null,"exit":2}`},
		{`{"arguments":["verify"]}`, `{"answer":null,"exit":2}`},
		{`{"arguments":["verify"],"more":1,` + at + `}`, `{"answer":null,"exit":2}`},
		{`["verify"]`, `{"answer":null,"exit":2}`},
		{`{`, `{"answer":null,"exit":2}`},
	}
	before := audittest.Tree(t, dir)
	for _, tt := range tests {
		if got := string(New(Options{}).Append([]byte("> "), tt.request)); got != "> "+tt.want {
			t.Errorf("%s\ngot  %s\nwant %s", tt.request, got, tt.want)
		}
	}
	if changed := audittest.Changed(before, audittest.Tree(t, dir)); changed != "" {
		t.Errorf("changed %s", changed)
	}
}
