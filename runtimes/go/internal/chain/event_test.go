package chain

import (
	"strings"
	"testing"

	"lakehouse/internal/fault"
	"lakehouse/internal/lines"
)

func TestReadEvent(t *testing.T) {
	const good = `{"accessor":{"daemon":"d","kind":"k","purpose":"p","trace_id":"t"},"fields":["a"],"result":"r","ts":"2026-05-03T10:11:12Z"}`
	with := func(pairs ...string) string {
		event := good
		for i := 0; i < len(pairs); i += 2 {
			if !strings.Contains(event, pairs[i]) {
				t.Fatalf("%s is not in %s", pairs[i], event)
			}
			event = strings.Replace(event, pairs[i], pairs[i+1], 1)
		}
		return event
	}
	short := len(`{"accessor":{"daemon":"d","kind":"k","mac":"","prev":"","purpose":"p","trace_id":"t"},"fields":["a"],"result":"","schema":"subject_audit_row.v1","seq":1,"subject":"WORKER-1","ts":"2026-05-03T10:11:12Z"}`) + 128
	of := func(size int) string { return with(`"r"`, `"`+strings.Repeat("x", size-short)+`"`) }
	tests := []struct {
		name, event string
		want        fault.Reason
	}{
		{"sound", good, ""},
		{"white space around it", "\n " + good + "\r\n\t", ""},
		{"no trace_id", with(`,"trace_id":"t"`, ``), ""},
		{"more members", with(`"fields"`, `"mac2":1,"at":[null],"fields"`, `"kind"`, `"mac":1,"kind"`), ""},
		{"no field", with(`"a"`, ``), ""},
		{"its row is the longest", of(lines.Max), ""},

		{"too long", good + strings.Repeat(" ", lines.Max+1-len(good)), fault.LineTooLong},
		{"longest", good + strings.Repeat(" ", lines.Max-len(good)), ""},
		{"too long, and nonsense", strings.Repeat("x", lines.Max+1), fault.LineTooLong},

		{"nothing", "", fault.NotJSON},
		{"cut", good[1:], fault.NotJSON},
		{"two", good + good, fault.NotJSON},
		{"duplicate member", with(`"fields"`, `"ts":1,"fields"`), fault.NotJSON},
		{"integer beyond 2^53", with(`"fields"`, `"n":9007199254740993,"fields"`), fault.NotJSON},

		{"array", "[" + good + "]", fault.EventShape},
		{"no accessor", with(`"accessor"`, `"x"`), fault.EventShape},
		{"accessor is a list", with(`{"daemon":"d","kind":"k","purpose":"p","trace_id":"t"}`, `[]`), fault.EventShape},
		{"no daemon", with(`"daemon":"d",`, ``), fault.EventShape},
		{"kind is a number", with(`"k"`, `1`), fault.EventShape},
		{"purpose is null", with(`"p"`, `null`), fault.EventShape},
		{"trace_id is null", with(`"t"`, `null`), fault.EventShape},
		{"no fields", with(`"fields":["a"],`, ``), fault.EventShape},
		{"fields is text", with(`["a"]`, `"a"`), fault.EventShape},
		{"a field is a number", with(`["a"]`, `["a",1]`), fault.EventShape},
		{"no result", with(`"result":"r",`, ``), fault.EventShape},
		{"result is a number", with(`"r"`, `1`), fault.EventShape},
		{"no ts", with(`,"ts":"2026-05-03T10:11:12Z"`, ``), fault.EventShape},
		{"ts is no timestamp", with(`12Z`, `12`), fault.EventShape},
		{"mac", with(`"fields"`, `"mac":"","fields"`), fault.EventShape},
		{"prev", with(`"fields"`, `"prev":"","fields"`), fault.EventShape},
		{"schema", with(`"fields"`, `"schema":"subject_audit_row.v1","fields"`), fault.EventShape},
		{"seq", with(`"fields"`, `"seq":1,"fields"`), fault.EventShape},
		{"subject", with(`"fields"`, `"subject":"WORKER-1","fields"`), fault.EventShape},
		{"shape before storable", with(`"fields"`, `"n":1e20,"field"`), fault.EventShape},

		{"1e20", with(`"fields"`, `"n":1e20,"fields"`), fault.NotStorable},
		{"2^53 + 2", with(`"fields"`, `"n":9007199254740994.0,"fields"`), fault.NotStorable},
		{"1e21", with(`"fields"`, `"n":1e21,"fields"`), ""}, // 1e+21 is no integer
		{"not storable before too long", strings.Replace(of(lines.Max), `"fields"`, `"n":1e20,"fields"`, 1), fault.NotStorable},

		{"its row is too long", of(lines.Max + 1), fault.LineTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e, reason := ReadEvent([]byte(tt.event), "WORKER-1")
			if reason != tt.want {
				t.Fatalf("got %q; want %q", reason, tt.want)
			}
			if reason == "" {
				line, mac, ok := e.Row(example().Key, 1, MAC([]byte(exampleGenesis)))
				prev := MAC([]byte(exampleGenesis))
				if got, f := example().checkRow(line, 1, &prev); !ok || f != nil || string(got) != mac.String() {
					t.Errorf("its row is not sound: %v", f)
				}
			}
		})
	}
}

func TestRowTooLong(t *testing.T) {
	event := `{"accessor":{"daemon":"d","kind":"k","purpose":"p"},"fields":[],"result":"","ts":"2026-05-03T10:11:12Z"}`
	e, _ := ReadEvent([]byte(event), "WORKER-1")
	line, _, _ := e.Row(example().Key, 1, MAC{})
	// A result that leaves room for one digit of seq, and not for two.
	e, reason := ReadEvent([]byte(strings.Replace(event, `""`, `"`+strings.Repeat("x", lines.Max-len(line))+`"`, 1)), "WORKER-1")
	if reason != "" {
		t.Fatal(reason)
	}
	for seq, want := range map[int64]bool{1: true, 9: true, 10: false, maxCount: false} {
		if line, _, ok := e.Row(example().Key, seq, MAC{}); ok != want {
			t.Errorf("seq %d: a line of %d bytes is %v", seq, len(line), ok)
		}
	}
}

// A row keeps every spelling that means something.
func TestRowIsLossless(t *testing.T) {
	e, reason := ReadEvent([]byte(`{"ts":"2026-05-03T10:11:12.120000000Z","result":"","fields":["b","a","b"],"z":[1.0,-0,1e2,0.1],"\ue000":"é","\ud83d\ude00":null,`+
		`"accessor":{"x":{"trace_id":1},"daemon":"","kind":"<&>","purpose":"\u002f\u000a"}}`), "W")
	if reason != "" {
		t.Fatal(reason)
	}
	line, mac, _ := e.Row(example().Key, 1<<53, MAC([]byte(exampleGenesis)))
	want := `{"accessor":{"daemon":"","kind":"<&>","purpose":"/\n","trace_id":"","x":{"trace_id":1}},"fields":["b","a","b"],"mac":"` + mac.String() +
		`","prev":"` + exampleGenesis + `","result":"","schema":"subject_audit_row.v1","seq":9007199254740992,"subject":"W",` +
		`"ts":"2026-05-03T10:11:12.120000000Z","z":[1,0,100,0.1],"😀":null,"` + "\ue000" + `":"é"}`
	if string(line) != want {
		t.Errorf("got  %s\nwant %s", line, want)
	}
}
