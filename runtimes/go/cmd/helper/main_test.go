package main

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"lakehouse/internal/plant"
)

// known are the plants of the surfaces that a helper serves.
var known = plant.Names("extract_json", "validation_error", "subject_audit", "embedding")

func TestRun(t *testing.T) {
	const request = `{"id":1,"surface":"extract_json","text":"{\"a\":1} {\"b\":2}"}` + "\n"
	const old = `{"id":1,"surface":"validation_error","text":"{\"Kind\":\"format\"}"}` + "\n"
	const row = `{"id":1,"surface":"subject_audit","text":"{\"op\":\"row\",\"key\":\"\"}\n{\"accessor\":{\"trace_id\":\"\"}}"}` + "\n"
	tests := []struct {
		name, planted, in string
		code              int
		out, log          string // contained in what is printed; nothing stands for nothing
	}{
		{"no request", "", "", exitDone, `"planted":null}` + "\n", ""},
		{"a request", "", request, exitDone, `{"id":1,"text":"{\"matched\":true,\"value\":{\"a\":1}}"}` + "\n", ""},
		{"the other surface", "", old, exitDone, `{"id":1,"text":"{\"refused\":\"unknown-variant\"}"}` + "\n", ""},
		{"planted hello", "last-object", "", exitDone, `"planted":"last-object"}` + "\n", ""},
		{"planted", "last-object", request, exitDone, `{"id":1,"text":"{\"matched\":true,\"value\":{\"b\":2}}"}` + "\n", ""},
		{"planted in the other surface", "unknown-variant-default", old, exitDone, `{"id":1,"text":"{\"error\":{\"Policy\":{\"reason\":\"\"}}}"}` + "\n", ""},
		{"a row", "", row, exitDone, `{"id":1,"text":"{\"canonical\":\"{\\\"accessor\\\":{\\\"trace_id\\\":\\\"\\\"}}\"`, ""},
		{"planted in rows", "trace-id-omitted", row, exitDone, `{"id":1,"text":"{\"canonical\":\"{\\\"accessor\\\":{}}\"`, ""},
		{"bad request", "", request + "{\n", exitCaller, `{"id":1,`, "request 2: bad request: syntax at byte 1\n"},
		{"another surface", "", `{"id":1,"surface":"embed","text":""}`, exitCaller, `"planted":null}` + "\n", `"embed"`},
		{"unknown plant", "nonsense", request, exitCaller, "", strings.Join(known, ", ") + ".\n"},
		{"plant of the program audit", "torn-mode", request, exitCaller, "", strings.Join(known, ", ") + ".\n"},
		{"plant of a service", "ssn-phone", request, exitCaller, "", strings.Join(known, ", ") + ".\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var out, log bytes.Buffer
			if code := run(tt.planted, strings.NewReader(tt.in), &out, &log); code != tt.code {
				t.Errorf("exit code %d; want %d", code, tt.code)
			}
			for _, stream := range []struct{ got, want string }{{out.String(), tt.out}, {log.String(), tt.log}} {
				if !strings.Contains(stream.got, stream.want) || stream.want == "" && stream.got != "" {
					t.Errorf("printed %q; want %q", stream.got, stream.want)
				}
			}
		})
	}
}

func TestHello(t *testing.T) {
	var out bytes.Buffer
	run("", strings.NewReader(""), &out, &out)
	want := `{"protocol":1,"runtime":"go","version":"0.1.0","commit":"` + commit + `","surfaces":["embedding","extract_json","subject_audit","validation_error"],` +
		`"plants":["` + strings.Join(known, `","`) + `"],"planted":null}` + "\n"
	if out.String() != want {
		t.Errorf("got  %s\nwant %s", out.String(), want)
	}
}

func TestUnreadableInput(t *testing.T) {
	var out, log bytes.Buffer
	if code := run("", iotest.ErrReader(errors.New("gone")), &out, &log); code != exitBroken {
		t.Errorf("exit code %d; want %d", code, exitBroken)
	}
}
