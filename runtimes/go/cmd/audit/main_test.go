package main

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"lakehouse/internal/audit/audittest"
	"lakehouse/internal/plant"
)

// These let the test binary be the program itself, as nobody in particular if it
// is root's, or on a disk that is full behind so many bytes of a file.
const (
	asProgram = "AUDIT_TEST_AS_PROGRAM"
	asNobody  = "AUDIT_TEST_AS_NOBODY"
	diskBytes = "AUDIT_TEST_DISK_BYTES"
)

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		os.Exit(m.Run())
	}
	if limit := os.Getenv(diskBytes); limit != "" {
		n, err := strconv.ParseUint(limit, 10, 64)
		if err == nil {
			err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: math.MaxUint64})
		}
		if err != nil {
			panic(err)
		}
	}
	if os.Getenv(asNobody) != "" && os.Geteuid() == 0 {
		if err := syscall.Setuid(65534); err != nil {
			panic(err)
		}
	}
	main()
}

// process runs the program in a directory, and returns its exit code and what it
// printed.
func process(t *testing.T, dir, line string, environment ...string) (code int, out, log string) {
	t.Helper()
	cmd := start(t, dir, line, environment...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if ended := (*exec.ExitError)(nil); err != nil && !errors.As(err, &ended) {
		t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

func start(t *testing.T, dir, line string, environment ...string) *exec.Cmd {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, strings.Fields(line)...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), asProgram+"=1"), environment...)
	return cmd
}

const (
	event     = "-- event.json --\n" + `{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill"},"fields":["name","phone"],"result":"ok","ts":"2026-05-03T10:11:12.461439210Z"}` + "\n"
	tip       = "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd"
	logName   = "subjects/WORKER-1.audit.jsonl"
	appendOne = "append --subject WORKER-1 --event event.json"
	verifyOne = "verify --subject WORKER-1"
)

func TestCommandLine(t *testing.T) {
	dir := t.TempDir()
	audittest.Unpack(t, dir, audittest.Key+event)
	for _, tt := range []struct {
		line     string
		code     int
		out, log string // contained in what is printed; nothing stands for nothing
	}{
		{appendOne, 0, `{"count":1,"error":null,"tip":"` + tip + `"}` + "\n", ""},
		{verifyOne + " --anchor 1:" + tip, 0, `"verified":true}` + "\n", ""},
		{verifyOne, 3, `"reason":"no-anchor"},"tip":"` + tip + `","verified":false}` + "\n", `"subjects/WORKER-1.audit.jsonl"`},
		{verifyOne + " --anchor 0:" + tip, 1, `"line":0,`, `"subjects/WORKER-1.audit.jsonl", line 0: tampered (anchor)`},
		{verifyOne + " --key k", 5, `"reason":"missing"`, `"k": unreadable (missing)`},
		{"baselines append b --entry event.json", 6, `"reason":"entry-shape"`, `"event.json": refused (entry-shape)`},
		{"verify --subject", 2, "", "--subject needs a value"},
		{"serve --port 1", 2, "", `"serve"`},
		{"", 2, "", "no command"},
	} {
		// No plant reaches a command, not even one that is not known.
		code, out, log := process(t, dir, tt.line, "LAKEHOUSE_PLANT=nonsense")
		if code != tt.code {
			t.Errorf("%s: exit code %d; want %d", tt.line, code, tt.code)
		}
		for _, stream := range []struct{ got, want string }{{out, tt.out}, {log, tt.log}} {
			if !strings.Contains(stream.got, stream.want) || stream.want == "" && stream.got != "" || strings.Count(stream.got, "\n") > 1 {
				t.Errorf("%s: printed %q; want %q", tt.line, stream.got, stream.want)
			}
		}
	}
}

// A disk that is full somewhere in the midst of a write leaves everything as it
// was.
func TestFullDisk(t *testing.T) {
	for _, tt := range []struct {
		name, files, line string
		limit             int
		out               string
		left              string // the names of what is made
	}{
		{"first row", "", appendOne, 200, `{"count":null,"error":{"file":"` + logName + `",`, "subjects " + logName},
		{"manifest", "", appendOne, 100, `{"count":null,"error":{"file":"subjects/WORKER-1.manifest.json",`, "subjects " + logName},
		{"next row", appendOne, appendOne, 500, `{"count":null,"error":{"file":"` + logName + `",`, ""},
		{"nothing of the next row", appendOne, appendOne, 364, `{"count":null,"error":{"file":"` + logName + `",`, ""},
		{"entry", "", "baselines append b --entry entry", 100, `{"count":null,"error":{"file":"b",`, ""},
		{"first entry", "", "baselines append new --entry entry", 30, `{"count":null,"error":{"file":"new",`, "new"},
		{"copy", "", "baselines copy b c", 30, `{"count":null,"error":{"file":"c",`, ""},
		{"recover", "", "recover --subject TORN", 2, `{"error":{"file":"subjects/TORN.torn",`, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			const entry = `{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{"rows":12}}`
			audittest.Unpack(t, dir, audittest.Key+event+"-- b --\n"+entry+"\n\n-- entry --\n"+entry+"\n")
			if strings.Contains(tt.line, "TORN") {
				audittest.Unpack(t, dir, "-- subjects/TORN.audit.jsonl --\n{\n{}{\n")
			}
			if tt.files != "" {
				if code, _, log := process(t, dir, tt.files); code != 0 {
					t.Fatal(log)
				}
			}
			before := audittest.Tree(t, dir)
			code, out, log := process(t, dir, tt.line, fmt.Sprintf("%s=%d", diskBytes, tt.limit))
			if want := tt.out + `"kind":"unwritten","line":null,"reason":"write-failed"}`; code != 7 || !strings.HasPrefix(out, want) {
				t.Errorf("exit code %d, %s; want %s", code, out, want)
			}
			if !strings.Contains(log, "file too large") {
				t.Errorf("says %q", log)
			}
			after := audittest.Tree(t, dir)
			if got := audittest.Changed(before, after); got != tt.left {
				t.Errorf("changed %q; want %q", got, tt.left)
			}
			for _, name := range strings.Fields(tt.left) {
				if text := after[name]; text != "600 " && text != "700 " {
					t.Errorf("%s is %q", name, text)
				}
			}
			// And where there is room again, it goes on.
			if code, _, log := process(t, dir, tt.line); code != 0 {
				t.Errorf("then: %s", log)
			}
		})
	}
}

func TestNoPermission(t *testing.T) {
	dir := t.TempDir()
	audittest.Unpack(t, dir, event+"-- b 444 --\n\n-- closed 000 --\n\n-- shut/b --\n\n")
	for _, path := range []string{dir, filepath.Join(dir, "event.json")} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	shut := filepath.Join(dir, "shut")
	if err := os.Chmod(shut, 0); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(shut, 0o700)
	for _, tt := range []struct{ line, file, kind, reason string }{
		{"baselines load closed", "closed", "unreadable", "no-permission"},
		{"baselines load shut/b", "shut/b", "unreadable", "no-permission"},
		{"baselines copy b shut/c", "shut/c", "unwritten", "write-failed"},
		{verifyOne + " --key closed", "closed", "unreadable", "no-permission"},
	} {
		_, out, _ := process(t, dir, tt.line, asNobody+"=1")
		if want := `"error":{"file":"` + tt.file + `","kind":"` + tt.kind + `","line":null,"reason":"` + tt.reason + `"}`; !strings.Contains(out, want) {
			t.Errorf("%s\ngot  %s\nwant %s", tt.line, out, want)
		}
	}
}

// Processes that begin a chain together, and go on with it, leave a sound one.
func TestProcessesAtOnce(t *testing.T) {
	const processes, rows = 4, 8
	dir := t.TempDir()
	audittest.Unpack(t, dir, audittest.Key+event)
	done := make(chan error, processes)
	for range processes {
		go func() {
			var err error
			for range rows {
				out, failed := start(t, dir, appendOne).CombinedOutput()
				if failed != nil {
					err = fmt.Errorf("%w: %s", failed, out)
				}
			}
			done <- err
		}()
	}
	for range processes {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if code, out, _ := process(t, dir, verifyOne); code != 3 || !strings.HasPrefix(out, fmt.Sprintf(`{"count":%d,`, processes*rows)) {
		t.Errorf("exit code %d, %s", code, out)
	}
}

func TestServe(t *testing.T) {
	dir := t.TempDir()
	audittest.Unpack(t, dir, audittest.Key+event)
	request := func(id int, surface, arguments string) string {
		return fmt.Sprintf(`{"id":%d,"surface":%q,"text":"{\"arguments\":[\"%s\"],\"directory\":\"%s\"}"}`+"\n",
			id, surface, strings.ReplaceAll(arguments, " ", `\",\"`), dir)
	}
	requests := request(3, "subject_audit_files", appendOne) + request(1, "subject_audit_files", "verify --subject WORKER-1 --anchor 1:"+tip) +
		request(2, "audit_baselines", "baselines load b") + request(9, "audit_baselines", "nonsense")
	known := plant.Names("subject_audit_files", "audit_baselines")
	hello := func(planted string) string {
		return `{"protocol":1,"runtime":"go","version":"0.1.0","commit":"unknown","surfaces":["audit_baselines","subject_audit_files"],` +
			`"plants":["` + strings.Join(known, `","`) + `"],"planted":` + planted + "}\n"
	}
	answers := `{"id":3,"text":"{\"answer\":{\"count\":1,\"error\":null,\"tip\":\"` + tip + `\"},\"exit\":0}"}` + "\n" +
		`{"id":1,"text":"{\"answer\":{\"count\":1,\"error\":null,\"tip\":\"` + tip + `\",\"verified\":true},\"exit\":0}"}` + "\n" +
		`{"id":2,"text":"{\"answer\":{\"count\":0,\"error\":{\"file\":\"b\",\"kind\":\"unreadable\",\"line\":null,\"reason\":\"missing\"}},\"exit\":5}"}` + "\n" +
		`{"id":9,"text":"{\"answer\":null,\"exit\":2}"}` + "\n"
	for _, tt := range []struct {
		name, planted, in string
		code              int
		out, log          string // all of out, and a part of log
	}{
		{"answers in order", "", requests, 0, hello("null") + answers, ""},
		{"planted", "drift-at-20-warn", "", 0, hello(`"drift-at-20-warn"`), ""},
		{"bad request", "", "{\n", 2, hello("null"), "request 1: bad request"},
		{"surface of the helper", "", `{"id":1,"surface":"subject_audit","text":""}`, 2, hello("null"), `"subject_audit"`},
		{"unknown plant", "nonsense", requests, 2, "", strings.Join(known, ", ") + ".\n"},
		{"plant of the helper", "mac-prefix", requests, 2, "", strings.Join(known, ", ") + ".\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cmd := start(t, dir, "serve", "LAKEHOUSE_PLANT="+tt.planted)
			var out, log bytes.Buffer
			cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(tt.in), &out, &log
			cmd.Run()
			if code := cmd.ProcessState.ExitCode(); code != tt.code || out.String() != tt.out {
				t.Errorf("exit code %d, printed\n%s\nwant %d\n%s", code, out.String(), tt.code, tt.out)
			}
			if !strings.Contains(log.String(), tt.log) || tt.log == "" && log.Len() > 0 {
				t.Errorf("said %q; want %q", log.String(), tt.log)
			}
		})
	}
}
