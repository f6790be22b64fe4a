package audit

import (
	"fmt"
	"strings"
	"testing"

	"lakehouse/internal/audit/audittest"
)

const (
	entry = `{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{"rows":12}}`
	// spelled is the same entry, in another spelling.
	spelled = ` { "metrics" : {"rows":1.2e1} , "commit":"0123456789abcdef0123456789abcdef01234567", "at":"2026-05-03T10:11:12Z","note":"\u00e9"}`
	valued  = `{"at":"2026-05-03T10:11:12Z","commit":"0123456789abcdef0123456789abcdef01234567","metrics":{"rows":12},"note":"é"}`
)

func counted(count, error string) string { return `{"count":` + count + `,"error":` + error + `}` }

func TestBaselines(t *testing.T) {
	two := "-- b --\n" + entry + "\n" + spelled + "\n\n"
	dir := runs(t, two+"-- e --\n\n"+spelled+"\t\n",
		step{"baselines load b", counted("2", "null"), 0, ""},
		step{"baselines last b", `{"error":null,"last":` + valued + `}`, 0, ""},
		step{"baselines drift b", `{"drift":[{"change":"+0 %","first":12,"last":12,"metric":"rows","verdict":"ok"}],"error":null}`, 0, ""},
		step{"baselines append b --entry e", counted("3", "null"), 0, "b"},
		step{"baselines copy b c", counted("3", "null"), 0, "c"},
		step{"baselines copy b b", counted("3", "null"), 0, ""},
		step{"baselines append new --entry e", counted("1", "null"), 0, "new"},
		step{"baselines copy new c", counted("1", "null"), 0, "c"},
	)
	tree := audittest.Tree(t, dir)
	if want := "600 " + entry + "\n" + spelled + "\n" + valued + "\n"; tree["b"] != want {
		t.Errorf("b has %q; want %q", tree["b"], want)
	}
	if want := "600 " + valued + "\n"; tree["new"] != want || tree["c"] != want {
		t.Errorf("new has %q; want %q", tree["new"], want)
	}
	runs(t, "-- b 644 --\n\n-- c --\n|\n",
		step{"baselines load b", counted("0", "null"), 0, ""},
		step{"baselines last b", `{"error":null,"last":null}`, 0, ""},
		step{"baselines drift b", `{"drift":[],"error":null}`, 0, ""},
		step{"baselines copy b c", counted("0", "null"), 0, "c"},
	)
}

func TestBrokenBaselines(t *testing.T) {
	long := strings.Repeat("x", 1<<20+1)
	for _, tt := range []struct {
		name, file, kind, line, reason string
		count                          string
		exit                           int
	}{
		{"missing", "", "unreadable", "null", "missing", "0", 5},
		{"folder", "/", "unreadable", "null", "not-a-file", "0", 5},
		{"pipe", "|", "unreadable", "null", "not-a-file", "0", 5},
		{"empty line", entry + "\n\n", "malformed", "2", "not-json", "1", 1},
		{"nonsense", entry + "\n" + entry + "x\n" + entry, "malformed", "2", "not-json", "1", 1},
		{"shape", "{}\n" + entry, "malformed", "1", "entry-shape", "0", 1},
		{"not an object", "1\n", "malformed", "1", "entry-shape", "0", 1},
		{"torn", entry + "\n" + entry, "torn", "2", "unfinished", "1", 4},
		{"only torn", "x", "torn", "1", "unfinished", "0", 4},
		{"too long", entry + "\n" + long + "\n", "unreadable", "2", "line-too-long", "1", 5},
		{"torn and too long", entry + "\n" + long, "unreadable", "2", "line-too-long", "1", 5},
		{"the first fault", "{}\nx\n", "malformed", "1", "entry-shape", "0", 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := ""
			if tt.file != "" {
				file = "-- b --\n" + tt.file + "\n"
			}
			e := faulty("b", tt.kind, tt.line, tt.reason)
			steps := []step{
				{"baselines load b", counted(tt.count, e), tt.exit, ""},
				{"baselines last b", `{"error":` + e + `,"last":null}`, tt.exit, ""},
				{"baselines drift b", `{"drift":null,"error":` + e + `}`, tt.exit, ""},
				{"baselines copy b c", counted("null", e), tt.exit, ""},
				{"baselines copy b no/c", counted("null", e), tt.exit, ""},
				{"baselines append b --entry e", counted("null", e), tt.exit, ""},
			}
			if tt.reason == "missing" {
				steps[5] = step{"baselines append b --entry e", counted("1", "null"), 0, "b"}
			}
			runs(t, "-- e --\n"+entry+"\n"+file, steps...)
		})
	}
}

func TestEntryShapes(t *testing.T) {
	with := func(old, new string) string {
		if !strings.Contains(entry, old) {
			t.Fatal(old)
		}
		return strings.Replace(entry, old, new, 1)
	}
	for line, sound := range map[string]bool{
		with(`12}`, `12.0,"b":1.2e1,"c":-0,"d":9007199254740992,"e":-9007199254740992.0,"":0}`): true,
		with(`{"rows":12}`, `{}`):                       true,
		with(`"at"`, `"metric":1.5,"at"`):               true,
		with(`12Z`, `12.123456789Z`):                    true,
		with(`unknown`, strings.Repeat("0af9", 10)):     true,
		with(`12}`, `12.5}`):                            false,
		with(`12}`, `1e16}`):                            false,
		with(`12}`, `9007199254740994.0}`):              false,
		with(`12}`, `"12"}`):                            false,
		with(`12}`, `null}`):                            false,
		with(`{"rows":12}`, `[12]`):                     false,
		with(`,"metrics":{"rows":12}`, ``):              false,
		with(`12Z`, `12`):                               false,
		with(`"2026-05-03T10:11:12Z"`, `1`):             false,
		with(`"at"`, `"At"`):                            false,
		with(`unknown`, `Unknown`):                      false,
		with(`unknown`, strings.Repeat("0af9", 10)[1:]): false,
		with(`unknown`, strings.Repeat("0AF9", 10)):     false,
		with(`"unknown"`, strings.Repeat("1", 10)):      false,
		with(`"commit":"unknown",`, ``):                 false,
		"[" + entry + "]":                               false,
	} {
		want := step{"baselines load b", counted("1", "null"), 0, ""}
		if !sound {
			want = step{"baselines load b", counted("0", faulty("b", "malformed", "1", "entry-shape")), 1, ""}
		}
		runs(t, "-- b --\n"+line+"\n\n", want)
	}
}

func TestRefusedEntries(t *testing.T) {
	space := strings.Repeat(" ", 1<<20)
	var many strings.Builder // 14 bytes each as they stand here, 26 as they are stored
	for i := range 70_000 {
		fmt.Fprintf(&many, `"m%05d":1e15,`, i)
	}
	grows := strings.Replace(entry, `"rows"`, many.String()+`"rows"`, 1)
	for _, tt := range []struct {
		name, file, kind, reason string
		exit                     int
	}{
		{"missing", "", "unreadable", "missing", 5},
		{"pipe", "|", "unreadable", "not-a-file", 5},
		{"too long", entry + space, "refused", "line-too-long", 6},
		{"nothing", " ", "refused", "not-json", 6},
		{"two", entry + entry, "refused", "not-json", 6},
		{"shape", "[]", "refused", "entry-shape", 6},
		{"not storable", strings.Replace(entry, `"at"`, `"n":1e17,"at"`, 1), "refused", "not-storable", 6},
		{"its line is too long", grows, "refused", "line-too-long", 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := ""
			if tt.file != "" {
				file = "-- e --\n" + tt.file + "\n"
			}
			s := step{"baselines append b --entry e", counted("null", faulty("e", tt.kind, "null", tt.reason)), tt.exit, ""}
			runs(t, file, s)
			runs(t, file+"-- b --\nx\n", s) // before the file is looked at
		})
	}
}

func TestUnwritableBaselines(t *testing.T) {
	unwritten := func(file string) string {
		return counted("null", faulty(file, "unwritten", "null", "write-failed"))
	}
	runs(t, "-- b --\n"+entry+"\n\n-- d --\n/\n-- d2/x --\n\n",
		step{"baselines append no/b --entry b", unwritten("no/b"), 7, ""},
		step{"baselines append b/b --entry b", unwritten("b/b"), 7, ""},
		step{"baselines copy b no/c", unwritten("no/c"), 7, ""},
		step{"baselines copy b b/c", unwritten("b/c"), 7, ""},
		step{"baselines copy b d", unwritten("d"), 7, ""},
		step{"baselines copy b d2", unwritten("d2"), 7, ""},
		step{"baselines copy b d/", unwritten("d/"), 7, ""},
		step{"baselines copy b .", unwritten("."), 7, ""},
	)
}

func TestDrift(t *testing.T) {
	change := func(metric, first, last, percent, verdict string) string {
		if percent != "null" {
			percent = `"` + percent + `"`
		}
		return `{"change":` + percent + `,"first":` + first + `,"last":` + last + `,"metric":"` + metric + `","verdict":"` + verdict + `"}`
	}
	for _, tt := range []struct{ first, last, percent, verdict string }{
		{"12", "82", "+583 %", "warn"},
		{"10", "12", "+20 %", "ok"},
		{"10", "8", "-20 %", "ok"},
		{"-10", "-12", "-20 %", "ok"},
		{"-10", "-8", "+20 %", "ok"},
		{"10", "13", "+30 %", "warn"},
		{"10", "7", "-30 %", "warn"},
		{"1000", "1201", "+20 %", "warn"}, // the verdict is exact
		{"1000", "799", "-20 %", "warn"},
		{"1000", "1200", "+20 %", "ok"},
		{"200", "201", "+1 %", "ok"}, // halves go away from zero
		{"200", "199", "-1 %", "ok"},
		{"-200", "-201", "-1 %", "ok"},
		{"1000", "1004", "+0 %", "ok"},
		{"1000", "996", "+0 %", "ok"}, // no zero is negative
		{"0", "0", "+0 %", "ok"},
		{"0", "1", "null", "warn"},
		{"0", "-1", "null", "warn"},
		{"7", "0", "-100 %", "warn"},
		{"1", "-1", "-200 %", "warn"},
		{"-1", "1", "+200 %", "warn"},
		{"5", "5", "+0 %", "ok"},
		{"1", "9007199254740992", "+900719925474099100 %", "warn"},
		{"9007199254740992", "-9007199254740992", "-200 %", "warn"},
		{"-9007199254740992", "9007199254740992", "+200 %", "warn"},
		{"9007199254740990", "7205759403792792", "-20 %", "ok"}, // a fifth of it, to the last digit
		{"9007199254740990", "7205759403792791", "-20 %", "warn"},
		{"9007199254740991", "9007199254740992", "+0 %", "ok"},
		{"null", "1", "null", "warn"},
		{"0", "null", "null", "warn"},
	} {
		of := func(value string) string {
			return strings.Replace(strings.Replace(entry, "12}", value+"}", 1), `"rows":null`, ``, 1)
		}
		runs(t, "-- b --\n"+of(tt.first)+"\n"+of("99")+"\n"+of(tt.last)+"\n\n",
			step{"baselines drift b", `{"drift":[` + change("rows", tt.first, tt.last, tt.percent, tt.verdict) + `],"error":null}`, 0, ""})
	}
	first := strings.Replace(entry, `"rows":12`, `"b":1,"":1,"\ue000":1,"Z":1`, 1)
	last := strings.Replace(entry, `"rows":12`, `"\ud83d\ude00":1,"a":1,"b":1`, 1)
	runs(t, "-- b --\n"+first+"\n"+last+"\n\n",
		step{"baselines drift b", `{"drift":[` + strings.Join([]string{
			change("", "1", "null", "null", "warn"),
			change("Z", "1", "null", "null", "warn"),
			change("a", "null", "1", "null", "warn"),
			change("b", "1", "1", "+0 %", "ok"),
			change("😀", "null", "1", "null", "warn"),
			change("\ue000", "1", "null", "null", "warn"),
		}, ",") + `],"error":null}`, 0, ""})
}
