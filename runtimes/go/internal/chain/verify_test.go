package chain

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"lakehouse/internal/fault"
	"lakehouse/internal/jcs"
	"lakehouse/internal/lines"
)

// verify answers for a log behind the example's manifest.
func verify(t *testing.T, c *Checker, log, anchor string) string {
	t.Helper()
	var a *Anchor
	if anchor != "" {
		var ok bool
		if a, ok = ParseAnchor(anchor); !ok {
			t.Fatal(anchor)
		}
	}
	v := c.VerifyLog(lines.NewReader(strings.NewReader(log), int64(len(log))), MAC([]byte(exampleGenesis)), a)
	return string(jcs.Append(nil, v.Value(), jcs.Options{}))
}

func TestVerifyLog(t *testing.T) {
	two := second(t)
	tip := macOf(two)
	three := second(t, exampleMAC, tip, `"seq":2`, `"seq":3`)
	log := exampleRow + "\n" + two + "\n" + three + "\n"
	broken := exampleRow + "\n" + strings.Replace(two, "ok", "ko", 1) + "\n" + three + "\n"
	long := strings.Repeat("x", lines.Max+1)
	wrong := strings.Repeat("0", 64)
	const (
		unanchored = `{"file":"log","kind":"unanchored","line":null,"reason":"no-anchor"}`
		torn       = `{"file":"log","kind":"torn","line":3,"reason":"unfinished"}`
		tooLong    = `{"file":"log","kind":"unreadable","line":3,"reason":"line-too-long"}`
	)
	tampered := func(line, reason string) string {
		return `{"file":"log","kind":"tampered","line":` + line + `,"reason":"` + reason + `"}`
	}
	tests := []struct {
		name, log, anchor string
		count, err, tip   string
	}{
		{"no row", "", "", "0", unanchored, exampleGenesis},
		{"no row, anchored", "", "0:" + exampleGenesis, "0", "null", exampleGenesis},
		{"without an anchor", log, "", "3", unanchored, macOf(three)},
		{"anchored at the tip", log, "3:" + macOf(three), "3", "null", macOf(three)},
		{"grown since", log, "1:" + exampleMAC, "3", "null", macOf(three)},
		{"grown since the genesis", log, "0:" + exampleGenesis, "3", "null", macOf(three)},

		{"unsound row", broken, "", "1", tampered("2", "mac"), exampleMAC},
		{"unsound row behind the anchor", broken, "1:" + exampleMAC, "1", tampered("2", "mac"), exampleMAC},
		{"unsound row before a truncated end", broken, "9:" + wrong, "1", tampered("2", "mac"), exampleMAC},
		{"unsound row at the anchor", broken, "2:" + wrong, "1", tampered("2", "mac"), exampleMAC},
		{"swapped rows", two + "\n" + exampleRow + "\n", "", "0", tampered("1", "chain"), exampleGenesis},
		{"a row is gone", exampleRow + "\n" + three + "\n", "", "1", tampered("2", "chain"), exampleMAC},
		{"a row twice", exampleRow + "\n" + exampleRow + "\n", "", "1", tampered("2", "chain"), exampleMAC},
		{"an empty line", exampleRow + "\n\n" + two + "\n", "", "1", tampered("2", "not-json"), exampleMAC},
		{"an empty line at the end", exampleRow + "\n\n", "", "1", tampered("2", "not-json"), exampleMAC},

		{"another row at the anchor", log, "2:" + wrong, "1", tampered("2", "anchor"), exampleMAC},
		{"another last row", log, "3:" + wrong, "2", tampered("3", "anchor"), tip},
		{"another genesis", broken, "0:" + wrong, "0", tampered("0", "anchor"), exampleGenesis},
		{"anchor before an unsound row", exampleRow + "\nx\n", "1:" + wrong, "0", tampered("1", "anchor"), exampleGenesis},

		{"truncated", log, "4:" + wrong, "3", tampered("4", "truncated"), macOf(three)},
		{"truncated by far", log, "9007199254740992:" + wrong, "3", tampered("4", "truncated"), macOf(three)},
		{"truncated and torn", exampleRow + "\n" + two[:50], "2:" + tip, "1", tampered("2", "truncated"), exampleMAC},
		{"emptied", "", "1:" + exampleMAC, "0", tampered("1", "truncated"), exampleGenesis},

		{"torn", exampleRow + "\n" + two + "\n" + "\xff", "", "2", torn, tip},
		{"torn, anchored", exampleRow + "\n" + two + "\n" + three, "2:" + tip, "2", torn, tip},
		{"nothing but torn", two, "", "0", strings.Replace(torn, "3", "1", 1), exampleGenesis},
		{"unsound row before a torn one", exampleRow + "\nx\n" + two, "", "1", tampered("2", "not-json"), exampleMAC},

		{"too long", exampleRow + "\n" + two + "\n" + long + "\n", "2:" + tip, "2", tooLong, tip},
		{"too long and torn", exampleRow + "\n" + two + "\n" + long, "", "2", tooLong, tip},
		{"too long and truncated", exampleRow + "\n" + two + "\n" + long, "3:" + wrong, "2", tooLong, tip},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			verified := "false"
			if tt.err == "null" {
				verified = "true"
			}
			want := `{"count":` + tt.count + `,"error":` + tt.err + `,"tip":"` + tt.tip + `","verified":` + verified + `}`
			if got := verify(t, example(), tt.log, tt.anchor); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestVerifyLogFails(t *testing.T) {
	in := io.MultiReader(strings.NewReader(exampleRow+"\n"), iotest.ErrReader(errors.New("broken")))
	v := example().VerifyLog(lines.NewReader(in, 9), MAC([]byte(exampleGenesis)), nil)
	if v.Count != 1 || v.Tip != exampleMAC || v.Fault.Kind != fault.Unreadable || v.Fault.Reason != fault.IO || v.Fault.Line != fault.NoLine {
		t.Errorf("got %+v, %v", v, v.Fault)
	}
}

// Both ways through a line, and rows that only the reader can take apart.
func TestMixedRows(t *testing.T) {
	key := example().Key
	_, genesis := NewManifest(key, "WORKER-1", "2026-05-03T10:11:12Z")
	log, prev := "", genesis
	for i, extra := range []string{``, `"x":0.5,`, `"x":"\n",`, `"\ue000":1,"\ud83d\ude00":2,`, `"x":1e300,`, ``} {
		event, reason := ReadEvent([]byte(`{`+extra+benchEvent[1:]), "WORKER-1")
		if reason != "" {
			t.Fatal(reason)
		}
		line, mac, _ := event.Row(key, int64(i+1), prev)
		log, prev = log+string(line)+"\n", mac
	}
	v := example().VerifyLog(lines.NewReader(strings.NewReader(log), 1), genesis, &Anchor{6, prev})
	if v.Count != 6 || v.Fault != nil {
		t.Errorf("%d rows, %v", v.Count, v.Fault)
	}
}
