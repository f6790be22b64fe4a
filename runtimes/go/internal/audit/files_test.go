package audit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lakehouse/internal/audit/audittest"
)

const (
	event = `{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill"},"fields":["name","phone"],"result":"ok","ts":"2026-05-03T10:11:12.461439210Z"}`
	// ready are the key and an event, and what they make of WORKER-1: audit.md's example.
	ready = audittest.Key + "-- event.json --\n" + event + "\n"

	genesis      = "83db723aad1adb2a19f7d6d61b8438a9af5a85710eef16109ce8f942424d270b"
	manifestName = "subjects/WORKER-1.manifest.json"
	logName      = "subjects/WORKER-1.audit.jsonl"
	tornName     = "subjects/WORKER-1.torn"
	manifest     = `{"created_at":"2026-05-03T10:11:12.461439210Z","genesis":"` + genesis + `","schema":"subject_manifest.v1","subject":"WORKER-1"}` + "\n"
	row          = `{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""},"fields":["name","phone"],"mac":"` + tip +
		`","prev":"` + genesis + `","result":"ok","schema":"subject_audit_row.v1","seq":1,"subject":"WORKER-1","ts":"2026-05-03T10:11:12.461439210Z"}` + "\n"
	manifestFile = "-- " + manifestName + " --\n" + manifest + "\n"
	logFile      = "-- " + logName + " --\n" + row + "\n"
	// sound is the example on disk.
	sound = ready + manifestFile + logFile

	appendOne = "append --subject WORKER-1 --event event.json"
	verifyOne = "verify --subject WORKER-1"
)

func faulty(file, kind, line, reason string) string {
	return `{"file":"` + file + `","kind":"` + kind + `","line":` + line + `,"reason":"` + reason + `"}`
}

// step is a command and what it has to come to.
type step struct {
	line, answer string
	exit         int
	changed      string // the names of what it makes, changes or takes away
}

// runs runs the steps, each by a program of its own, on files that are laid out
// for them.
func runs(t *testing.T, files string, steps ...step) (dir string) {
	t.Helper()
	dir = t.TempDir()
	audittest.Unpack(t, dir, files)
	for _, s := range steps {
		before := audittest.Tree(t, dir)
		r := New(Options{}).Run(strings.Fields(s.line), dir)
		if got := strings.TrimSuffix(string(r.Line()), "\n"); got != s.answer || r.Exit != s.exit {
			t.Errorf("%s\ngot  %d %s\nwant %d %s", s.line, r.Exit, got, s.exit, s.answer)
		}
		if (r.Says != "") != (s.exit != 0) || strings.Contains(r.Says, dir) || strings.Contains(r.Says, "0123456789abcdef") {
			t.Errorf("%s: says %q", s.line, r.Says)
		}
		if got := audittest.Changed(before, audittest.Tree(t, dir)); got != s.changed {
			t.Errorf("%s: changed %s; want %s", s.line, got, s.changed)
		}
	}
	return dir
}

func refused(command, file, kind, line, reason string, exit int) step {
	answer := `{"count":null,"error":` + faulty(file, kind, line, reason) + `,"tip":null}`
	switch words := strings.Fields(command); {
	case words[0] == "recover":
		answer = `{"error":` + faulty(file, kind, line, reason) + `,"kept":null}`
	case words[0] == "verify" && !strings.Contains(command, "--subject"):
		answer = `{"error":` + faulty(file, kind, line, reason) + `,"subjects":[]}`
	case words[0] == "verify":
		answer = `{"count":0,"error":` + faulty(file, kind, line, reason) + `,"tip":null,"verified":false}`
	}
	return step{command, answer, exit, ""}
}

func TestAppendAndVerify(t *testing.T) {
	const second = "5203817473aad52c7394f05ef4f5d200a93be270ce954c1615a5145f7f4d7a9a"
	unanchored := `,"error":` + faulty(logName, "unanchored", "null", "no-anchor") + `,`
	dir := runs(t, ready,
		step{appendOne, `{"count":1,"error":null,"tip":"` + tip + `"}`, 0, "subjects " + logName + " " + manifestName},
		step{verifyOne, `{"count":1` + unanchored + `"tip":"` + tip + `","verified":false}`, 3, ""},
		step{verifyOne + " --anchor 1:" + tip, `{"count":1,"error":null,"tip":"` + tip + `","verified":true}`, 0, ""},
		step{appendOne + " --key audit.key", `{"count":2,"error":null,"tip":"` + second + `"}`, 0, logName},
		step{verifyOne + " --anchor 0:" + genesis, `{"count":2,"error":null,"tip":"` + second + `","verified":true}`, 0, ""},
		step{"recover --subject WORKER-1", `{"error":null,"kept":0}`, 0, ""},
	)
	tree := audittest.Tree(t, dir)
	if tree["subjects"] != "700 " || tree[manifestName] != "600 "+manifest || !strings.HasPrefix(tree[logName], "600 "+row) {
		t.Errorf("left %v", tree)
	}
}

// An empty log without a manifest is none at all; with one it is a chain without
// a row.
func TestEmptyLog(t *testing.T) {
	begun := step{appendOne, `{"count":1,"error":null,"tip":"` + tip + `"}`, 0, logName + " " + manifestName}
	runs(t, ready+"-- "+logName+" --\n\n", begun)
	begun.changed = logName
	runs(t, ready+manifestFile+"-- "+logName+" --\n\n",
		step{verifyOne + " --anchor 0:" + genesis, `{"count":0,"error":null,"tip":"` + genesis + `","verified":true}`, 0, ""},
		begun)
}

func TestKeys(t *testing.T) {
	key := strings.TrimPrefix(audittest.Key, "-- audit.key --\n")
	of := func(size int) string { return strings.Repeat("k", size) + "\n" }
	for _, tt := range []struct{ name, file, reason string }{
		{"missing", "", "missing"},
		{"folder", "-- audit.key --\n/\n", "not-a-file"},
		{"pipe", "-- audit.key --\n|\n", "not-a-file"},
		{"group may read", "-- audit.key 640 --\n" + key, "key-permissions"},
		{"group may write", "-- audit.key 620 --\n" + key, "key-permissions"},
		{"others may execute", "-- audit.key 601 --\n" + key, "key-permissions"},
		{"permissions before length", "-- audit.key 604 --\n\n", "key-permissions"},
		{"empty", "-- audit.key --\n\n", "key-too-short"},
		{"31 bytes", "-- audit.key --\n" + of(31), "key-too-short"},
		{"4097 bytes", "-- audit.key --\n" + of(4097), "key-too-long"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var steps []step
			// The key comes first, whatever else is wrong.
			for _, command := range []string{appendOne, verifyOne, "verify", "verify --anchors event.json"} {
				steps = append(steps, refused(command, "audit.key", "unreadable", "null", tt.reason, 5))
			}
			runs(t, "-- event.json --\nx\n"+tt.file, steps...)
		})
	}
	for _, file := range []string{"-- audit.key 400 --\n" + of(32), "-- audit.key 700 --\n" + of(4096)} {
		dir := runs(t, "-- event.json --\n"+event+"\n"+file)
		if r := New(Options{}).Run(strings.Fields(appendOne), dir); r.Exit != 0 {
			t.Errorf("%.30s: %s", file, r.Says)
		}
	}
	runs(t, ready, refused(appendOne+" --key keys/k", "keys/k", "unreadable", "null", "missing", 5))
}

func TestRefusedEvents(t *testing.T) {
	for _, tt := range []struct {
		name, file, kind, reason string
		exit                     int
	}{
		{"missing", "", "unreadable", "missing", 5},
		{"folder", "-- event.json --\n/\n", "unreadable", "not-a-file", 5},
		{"pipe", "-- event.json --\n|\n", "unreadable", "not-a-file", 5},
		{"nonsense", "-- event.json --\nx\n", "refused", "not-json", 6},
		{"shape", "-- event.json --\n{}\n", "refused", "event-shape", 6},
		{"not storable", "-- event.json --\n{\"n\":1e20," + event[1:] + "\n", "refused", "not-storable", 6},
		{"too long", "-- event.json --\n" + event + strings.Repeat(" ", 1<<20) + "\n", "refused", "line-too-long", 6},
		{"row too long", "-- event.json --\n{\"n\":\"" + strings.Repeat("x", 1<<20-200) + "\"," + event[1:] + "\n", "refused", "line-too-long", 6},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := refused(appendOne, "event.json", tt.kind, "null", tt.reason, tt.exit)
			runs(t, audittest.Key+tt.file, s)
			// The event comes before the manifest.
			runs(t, audittest.Key+tt.file+"-- "+manifestName+" --\nx\n"+logFile, s)
		})
	}
}

// A row may outgrow a line by the number that it gets, which only the log knows.
func TestRowOutgrowsItsLine(t *testing.T) {
	space := 1<<20 - len(row) + 1 // the longest event for a row of one digit
	long := strings.Replace(event, `"ok"`, `"ok`+strings.Repeat("x", space)+`"`, 1)
	dir := runs(t, ready+"-- long.json --\n"+long+"\n")
	for range 8 {
		if r := New(Options{}).Run(strings.Fields(appendOne), dir); r.Exit != 0 {
			t.Fatal(r.Says)
		}
	}
	for _, exit := range []int{0, 6} {
		before := audittest.Tree(t, dir)
		r := New(Options{}).Run(strings.Fields("append --subject WORKER-1 --event long.json"), dir)
		if r.Exit != exit || exit != 0 && audittest.Changed(before, audittest.Tree(t, dir)) != "" {
			t.Errorf("exit code %d, %s; want %d", r.Exit, r.Says, exit)
		}
	}
}

func TestNothingIsAppended(t *testing.T) {
	long := strings.Repeat("x", 1<<20+1)
	torn := func(text string) string { return strings.TrimSuffix(logFile, "\n") + text + "\n" }
	for _, tt := range []struct {
		name, files, file, kind, line, reason string
		exit                                  int
	}{
		{"no log", ready + manifestFile, logName, "unreadable", "null", "missing", 5},
		{"no manifest", ready + logFile, manifestName, "unreadable", "null", "missing", 5},
		{"log is a folder", ready + manifestFile + "-- " + logName + " --\n/\n", logName, "unreadable", "null", "not-a-file", 5},
		{"log is a pipe", ready + "-- " + logName + " --\n|\n", logName, "unreadable", "null", "not-a-file", 5},
		{"manifest is a pipe", ready + logFile + "-- " + manifestName + " --\n|\n", manifestName, "unreadable", "null", "not-a-file", 5},
		{"subjects is a file", ready + "-- subjects --\n\n", logName, "unwritten", "null", "write-failed", 7},
		{"broken manifest", ready + "-- " + manifestName + " --\nx\n\n" + logFile, manifestName, "tampered", "1", "not-json", 1},
		{"another's manifest", ready + "-- " + manifestName + " --\n" + strings.Replace(manifest, "-1", "-2", 1) + "\n" + logFile, manifestName, "tampered", "1", "mac", 1},
		{"manifest before the last row", ready + "-- " + manifestName + " --\nx\n\n" + torn("x"), manifestName, "tampered", "1", "not-json", 1},
		{"torn", ready + manifestFile + torn("{"), logName, "torn", "2", "unfinished", 4},
		{"only torn", ready + manifestFile + "-- " + logName + " --\n{\n", logName, "torn", "1", "unfinished", 4},
		{"broken row", ready + manifestFile + torn("\n"), logName, "tampered", "2", "not-json", 1},
		{"broken mac", ready + manifestFile + strings.Replace(logFile, "gateway", "gateweg", 1), logName, "tampered", "1", "mac", 1},
		{"row too long", ready + manifestFile + torn(long+"\n"), logName, "unreadable", "2", "line-too-long", 5},
		{"torn and too long", ready + manifestFile + torn(long), logName, "unreadable", "2", "line-too-long", 5},
	} {
		t.Run(tt.name, func(t *testing.T) {
			runs(t, tt.files, refused(appendOne, tt.file, tt.kind, tt.line, tt.reason, tt.exit))
		})
	}
}

// What lies before the last row is verify's to check.
func TestOnlyTheTipIsChecked(t *testing.T) {
	dir := runs(t, ready+manifestFile+"-- "+logName+" --\nx\n"+row+"\n")
	if r := New(Options{}).Run(strings.Fields(appendOne), dir); r.Exit != 0 {
		t.Fatal(r.Says)
	}
	text, err := os.ReadFile(filepath.Join(dir, logName))
	if err != nil || !strings.Contains(string(text), `"seq":2`) || strings.Count(string(text), "\n") != 3 {
		t.Errorf("left %s, %v", text, err)
	}
}

func TestRecover(t *testing.T) {
	const command = "recover --subject WORKER-1"
	done := func(kept, changed string) step {
		return step{command, `{"error":null,"kept":` + kept + `}`, 0, changed}
	}
	long := strings.Repeat("x", 1<<20)
	tornLog := strings.TrimSuffix(logFile, "\n") + "\xff{\n"
	dir := runs(t, ready+manifestFile+tornLog, done("2", logName+" "+tornName), done("0", ""))
	if got := audittest.Tree(t, dir); got[logName] != "600 "+row || got[tornName] != "600 \xff{" {
		t.Errorf("left %v", got)
	}
	// It needs neither a key nor a manifest, and adds to what it kept before.
	dir = runs(t, tornLog+"-- "+tornName+" --\nbefore\n\n", done("2", logName+" "+tornName))
	if got := audittest.Tree(t, dir); got[tornName] != "600 before\n\xff{" {
		t.Errorf("left %v", got)
	}
	runs(t, "-- "+logName+" --\n"+long+"\n", done("1048576", logName+" "+tornName))
	runs(t, "-- "+logName+" --\n\n", done("0", ""))
	runs(t, "-- "+logName+" --\n"+long+"x\n\n", done("0", "")) // it ends with LF
	for _, tt := range []struct {
		files, file, line, reason string
	}{
		{"", logName, "null", "missing"},
		{manifestFile, logName, "null", "missing"},
		{"-- " + logName + " --\n|\n", logName, "null", "not-a-file"},
		{"-- " + logName + " --\n\n\n" + long + "x\n", logName, "3", "line-too-long"},
		{tornLog + "-- " + tornName + " --\n/\n", tornName, "null", "not-a-file"},
		{tornLog + "-- " + tornName + " --\n|\n", tornName, "null", "not-a-file"},
	} {
		runs(t, tt.files, refused(command, tt.file, "unreadable", tt.line, tt.reason, 5))
	}
}
