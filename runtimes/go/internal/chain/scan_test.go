package chain

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
)

// agree fails unless scan, where it answers at all, says what read says: the
// strict reader and the canonical writer decide.
func agree(t testing.TB, line []byte) (answered bool) {
	t.Helper()
	got, ok := scan(line, sealOfRow)
	if !ok {
		return false
	}
	want, ok := read(line, sealOfRow, Options{})
	if !ok {
		t.Fatalf("%q is refused by the reader", line)
	}
	if got.mac != nil {
		signed := slices.Concat(got.signed[0], got.signed[1])
		if !bytes.Equal(signed, want.signed[0]) {
			t.Fatalf("%q\nsigns %q\nnot   %q", line, signed, want.signed[0])
		}
	}
	// Without a MAC nothing else is asked.
	if !bytes.Equal(got.mac, want.mac) || (got.mac == nil) != (want.mac == nil) || got.canonical != want.canonical ||
		!bytes.Equal(got.subject, want.subject) || !bytes.Equal(got.prev, want.prev) || got.seq != want.seq {
		t.Fatalf("%q\ngot  %+v\nwant %+v", line, got, want)
	}
	return true
}

func TestScanAnswersTheOrdinary(t *testing.T) {
	for _, line := range []string{
		exampleRow,
		second(t, "gateway", "Zürich 😀 <&>/\u2028\x7f"),
		second(t, `"result"`, `"n":[-1,0,999999999999999,true,false,null,[],{},{"a":{"b":[[1]]}}],"result"`),
		`{"mac":"` + exampleMAC + `"}`,
		`{"a":1,"mac":"` + exampleMAC + `"}`,
		`{"mac":"` + exampleMAC + `","z":1}`,
		`{"mac":1}`, `{"a":1}`, `{"prev":0,"seq":-7,"subject":[]}`, `{"seq":"1"}`, `{"seq":true}`, `{"seq":{}}`,
	} {
		if !agree(t, []byte(line)) {
			t.Errorf("left to the reader: %s", line)
		}
	}
}

func TestScanLeavesTheRest(t *testing.T) {
	deep := strings.Repeat("[", maxOrdinary) + "1" + strings.Repeat("]", maxOrdinary)
	for _, line := range []string{
		``, `{`, `{}`, `[]`, `1`, `{"a"`, `{"a":`, `{"a":1`, `{"a":1,`, `{"a":1,}`, `{"a":1}}`, `{"a":1} `, ` {"a":1}`, `{"a" :1}`, `{"a":1,"b"}`,
		`{"mac":"` + exampleMAC + `"`, `{"mac":"` + exampleMAC,
		`{"b":1,"a":2}`, `{"a":1,"a":2}`, `{"":1}`, `{"é":1}`, `{"a":{"c":1,"b":1}}`, `{"a":[1,]}`, `{"a":[1}}`, `{"a":{"b":1]}`,
		`{"a":01}`, `{"a":-0}`, `{"a":1.0}`, `{"a":1e2}`, `{"a":-}`, `{"a":+1}`, `{"a":1000000000000000}`, `{"a":"\n"}`, "{\"a\":\"\x1f\"}", "{\"a\":\"\xff\"}",
		"{\"a\":\"\xed\xa0\x80\"}", `{"a":tru}`, `{"a":nul}`, `{"a":truex}`, `{"a":` + deep + `}`,
	} {
		if agree(t, []byte(line)) {
			t.Errorf("answered: %s", line)
		}
	}
}

// mutate changes a line at a few places, mostly to what JSON is made of.
func mutate(r *rand.Rand, line []byte) []byte {
	const alphabet = `{}[]",:\ -+.eE0123456789abtfnmacseqprvu` + "\n\r\t\x00\x1f\x7f\xc3\xa9\xee\x80\xff"
	line = slices.Clone(line)
	for range 1 + r.IntN(3) {
		if len(line) == 0 {
			break
		}
		at := r.IntN(len(line))
		switch r.IntN(4) {
		case 0:
			line[at] = alphabet[r.IntN(len(alphabet))]
		case 1:
			line = slices.Insert(line, at, alphabet[r.IntN(len(alphabet))])
		case 2:
			line = slices.Delete(line, at, min(len(line), at+1+r.IntN(4)))
		default:
			from := r.IntN(len(line))
			part := slices.Clone(line[from:min(len(line), from+r.IntN(20))])
			line = slices.Insert(line, at, part...)
		}
	}
	return line
}

func TestScanAgrees(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	seeds := [][]byte{
		[]byte(exampleRow),
		[]byte(`{"a":[1,{"b":"c"},-20,true],"mac":"` + exampleMAC + `","prev":"","seq":12,"subject":"W"}`),
		[]byte(`{"a":{},"b":[],"c":"é😀"}`),
	}
	answered := 0
	for range 60_000 {
		if agree(t, mutate(r, seeds[r.IntN(len(seeds))])) {
			answered++
		}
	}
	if answered < 5_000 {
		t.Errorf("only %d of the changed lines were ordinary", answered)
	}
}

// Whatever is canonical is either answered in the same way, or left alone.
func FuzzScan(f *testing.F) {
	f.Add([]byte(exampleRow))
	f.Add([]byte(`{"mac":"` + exampleMAC + `","\ue000":1,"😀":[1e20,-0]}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		agree(t, line)
		if v, err := ijson.Parse(string(line), ijson.Options{}); err == nil {
			agree(t, jcs.Append(nil, v, jcs.Options{}))
		}
	})
}
