package audit

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// verdict is what verify answers for one subject, which is not verified.
func verdict(count, error, tip string) string {
	if tip != "null" {
		tip = `"` + tip + `"`
	}
	return `{"count":` + count + `,"error":` + error + `,"tip":` + tip + `,"verified":false}`
}

func TestVerifySubject(t *testing.T) {
	tornLog := strings.TrimSuffix(logFile, "\n") + "{\n"
	wrong := strings.Repeat("0", 64)
	for _, tt := range []struct {
		name, files, anchor string
		answer              string
		exit                int
	}{
		{"verified", sound, "1:" + tip, `{"count":1,"error":null,"tip":"` + tip + `","verified":true}`, 0},
		{"tampered", ready + manifestFile + strings.Replace(logFile, "gateway", "gateweg", 1), "", verdict("0", faulty(logName, "tampered", "1", "mac"), genesis), 1},
		{"anchor", sound, "1:" + wrong, verdict("0", faulty(logName, "tampered", "1", "anchor"), genesis), 1},
		{"truncated", sound, "2:" + wrong, verdict("1", faulty(logName, "tampered", "2", "truncated"), tip), 1},
		{"unanchored", sound, "", verdict("1", faulty(logName, "unanchored", "null", "no-anchor"), tip), 3},
		{"torn", ready + manifestFile + tornLog, "", verdict("1", faulty(logName, "torn", "2", "unfinished"), tip), 4},
		{"too long", ready + manifestFile + strings.TrimSuffix(tornLog, "\n") + strings.Repeat("x", 1<<20) + "\n", "", verdict("1", faulty(logName, "unreadable", "2", "line-too-long"), tip), 5},
		{"nothing", ready, "", verdict("0", faulty(manifestName, "unreadable", "null", "missing"), "null"), 5},
		{"no manifest", ready + logFile, "", verdict("0", faulty(manifestName, "unreadable", "null", "missing"), "null"), 5},
		{"no log", ready + manifestFile, "", verdict("0", faulty(logName, "unreadable", "null", "missing"), genesis), 5},
		{"no log and no sound manifest", ready + "-- " + manifestName + " --\n{}\n\n", "", verdict("0", faulty(manifestName, "tampered", "1", "mac-form"), "null"), 1},
		{"manifest is a folder", ready + "-- " + manifestName + " --\n/\n" + logFile, "", verdict("0", faulty(manifestName, "unreadable", "null", "not-a-file"), "null"), 5},
		{"log is a pipe", ready + manifestFile + "-- " + logName + " --\n|\n", "", verdict("0", faulty(logName, "unreadable", "null", "not-a-file"), genesis), 5},
		{"manifest without its end", ready + "-- " + manifestName + " --\n" + manifest + logFile, "", verdict("0", faulty(manifestName, "tampered", "1", "not-canonical"), "null"), 1},
		{"manifest of more lines", ready + "-- " + manifestName + " --\n" + manifest + manifest + "\n" + logFile, "", verdict("0", faulty(manifestName, "tampered", "1", "not-canonical"), "null"), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			line := verifyOne
			if tt.anchor != "" {
				line += " --anchor " + tt.anchor
			}
			runs(t, tt.files, step{line, tt.answer, tt.exit, ""})
		})
	}
}

// named is the answer for all, from that for each.
func named(pairs ...string) string {
	var all []string
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, strings.Replace(pairs[i+1], `,"tip"`, `,"subject":"`+pairs[i]+`","tip"`, 1))
	}
	return `{"subjects":[` + strings.Join(all, ",") + `]}`
}

func TestVerifyAll(t *testing.T) {
	at := func(subject, kind, line, reason string) string {
		return verdict("0", faulty("subjects/"+subject+".audit.jsonl", kind, line, reason), genesis)
	}
	missing := func(subject string) string {
		return verdict("0", faulty("subjects/"+subject+".manifest.json", "unreadable", "null", "missing"), "null")
	}
	unanchored := verdict("1", faulty(logName, "unanchored", "null", "no-anchor"), tip)
	verified := `{"count":1,"error":null,"tip":"` + tip + `","verified":true}`
	torn := ready + manifestFile + "-- " + logName + " --\n{\n"
	anchors := func(text string) string { return "-- anchors --\n" + text + "\n" }
	anchored := anchors(` {"WORKER-1":"1:` + tip + `"} `)
	lone := func(subject string) string { return "-- subjects/" + subject + ".audit.jsonl --\n\n" }
	for _, tt := range []struct {
		name, files, line, answer string
		exit                      int
	}{
		{"no folder", ready, "verify", `{"subjects":[]}`, 5},
		{"a file for a folder", ready + "-- subjects --\n\n", "verify", `{"subjects":[]}`, 5},
		{"nobody", ready + "-- subjects/.x.audit.jsonl --\n\n-- subjects/.manifest.json --\n\n-- subjects/W.torn --\n\n-- subjects/W W.json --\n\n", "verify", `{"subjects":[]}`, 5},
		{"nobody, anchored", ready + anchors("{}"), "verify --anchors anchors", `{"subjects":[]}`, 5},
		{"unanchored", sound, "verify", named("WORKER-1", unanchored), 3},
		{"verified", sound + anchored, "verify --anchors anchors", named("WORKER-1", verified), 0},
		{"of two, one is not there", sound + anchors(`{"a":"0:`+tip+`","WORKER-1":"1:`+tip+`"}`), "verify --anchors anchors", named("WORKER-1", verified, "a", missing("a")), 5},
		{"order of the bytes", ready + lone("b") + lone("B") + lone("-") + lone("B.c"), "verify", named("-", missing("-"), "B", missing("B"), "B.c", missing("B.c"), "b", missing("b")), 5},
		{"a folder in the place of a log", ready + manifestFile + "-- " + logName + " --\n/\n", "verify", named("WORKER-1", at("WORKER-1", "unreadable", "null", "not-a-file")), 5},
		{"unreadable is worse than torn", torn + lone("A"), "verify", named("A", missing("A"), "WORKER-1", at("WORKER-1", "torn", "1", "unfinished")), 5},
		{"tampered is worse than unreadable", ready + manifestFile + strings.Replace(logFile, "ok", "ko", 1) + lone("A"), "verify",
			named("A", missing("A"), "WORKER-1", at("WORKER-1", "tampered", "1", "mac")), 1},
		{"torn", torn, "verify", named("WORKER-1", at("WORKER-1", "torn", "1", "unfinished")), 4},
		{"another key", strings.Replace(sound, "0123", "3210", 1), "verify", named("WORKER-1", verdict("0", faulty(manifestName, "tampered", "1", "mac"), "null")), 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			runs(t, tt.files, step{tt.line, tt.answer, tt.exit, ""})
		})
	}
	for _, tt := range []struct{ name, file, reason string }{
		{"missing", "", "missing"},
		{"in a folder that is a file", "-- anchors.d --\n\n", "missing"},
		{"folder", "-- anchors --\n/\n", "not-a-file"},
		{"pipe", "-- anchors --\n|\n", "not-a-file"},
		{"nonsense", anchors("{"), "not-json"},
		{"twice", anchors(`{"a":"0:` + tip + `","a":"0:` + tip + `"}`), "not-json"},
		{"list", anchors(`[]`), "anchors-shape"},
		{"no subject", anchors(`{"a/b":"0:` + tip + `"}`), "anchors-shape"},
		{"no text", anchors(`{"a":0}`), "anchors-shape"},
		{"no anchor", anchors(`{"a":"01:` + tip + `"}`), "anchors-shape"},
		{"too large", anchors("{}" + strings.Repeat(" ", 1<<20)), "anchors-shape"},
	} {
		t.Run("anchors: "+tt.name, func(t *testing.T) {
			// Told before any subject is looked at.
			runs(t, ready+lone("A")+tt.file, refused("verify --anchors anchors", "anchors", "unreadable", "null", tt.reason, 5))
		})
	}
}

// Where the system follows a name somewhere else, so does the program.
func TestNames(t *testing.T) {
	dir := runs(t, sound+"-- other/k --\nx\n",
		refused(verifyOne+" --key nowhere/../audit.key", "nowhere/../audit.key", "unreadable", "null", "missing", 5),
		refused(verifyOne+" --key audit.key/", "audit.key/", "unreadable", "null", "missing", 5),
		refused(verifyOne+" --key audit.key/k", "audit.key/k", "unreadable", "null", "missing", 5),
		refused(verifyOne+" --key "+strings.Repeat("k", 300), strings.Repeat("k", 300), "unreadable", "null", "io", 5),
		step{verifyOne + " --key other/../audit.key --anchor 1:" + tip, `{"count":1,"error":null,"tip":"` + tip + `","verified":true}`, 0, ""},
	)
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"link", "nul\x00"} {
		if r := New(Options{}).Run([]string{"verify", "--key", key}, dir); r.Exit != 5 {
			t.Errorf("%q: exit code %d, %s", key, r.Exit, r.Says)
		}
	}
	absolute := filepath.Join(dir, "audit.key")
	if r := New(Options{}).Run([]string{"verify", "--key", absolute}, dir); r.Exit != 3 {
		t.Errorf("an absolute name: exit code %d, %s", r.Exit, r.Says)
	}
}

func TestMemoryDoesNotGrow(t *testing.T) {
	dir := runs(t, sound)
	log, err := os.OpenFile(filepath.Join(dir, logName), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	// A line of 100 MB that the file system need not store.
	if err := log.Truncate(100_000_000); err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{verifyOne, appendOne, "recover --subject WORKER-1", "baselines load " + logName, "verify --anchors " + logName} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		r := New(Options{}).Run(strings.Fields(line), dir)
		runtime.ReadMemStats(&after)
		if bytes := after.TotalAlloc - before.TotalAlloc; r.Exit == 0 || bytes > 8<<20 {
			t.Errorf("%s: %d bytes, and %s", line, bytes, r.Says)
		}
	}
}
