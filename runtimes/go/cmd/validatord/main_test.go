package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"lakehouse/internal/plant"
)

func TestRefusals(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := strconv.Itoa(taken.Addr().(*net.TCPAddr).Port)
	tests := []struct {
		name, planted string
		args          []string
		code          int
		says          string
	}{
		{"nothing", "", nil, exitCaller, "no port is given"},
		{"no value", "", []string{"--port"}, exitCaller, "needs an argument"},
		{"a word", "", []string{"--port", "http"}, exitCaller, "1 to 65535"},
		{"zero", "", []string{"--port", "0"}, exitCaller, "1 to 65535"},
		{"negative", "", []string{"--port=-1"}, exitCaller, "1 to 65535"},
		{"too large", "", []string{"--port", "65536"}, exitCaller, "1 to 65535"},
		{"hexadecimal", "", []string{"--port", "0x1F90"}, exitCaller, "1 to 65535"},
		{"another flag", "", []string{"--port", port, "--host", "::"}, exitCaller, "-host"},
		{"an argument", "", []string{"--port", port, "8080"}, exitCaller, `"8080"`},
		{"help", "", []string{"--help"}, exitCaller, "validatord --port N"},
		{"unknown plant", "nonsense", []string{"--port", port}, exitCaller, strings.Join(plant.Names("validate"), ", ") + "."},
		{"plant of the helper", "last-object", []string{"--port", port}, exitCaller, strings.Join(plant.Names("validate"), ", ") + "."},
		{"taken port", "", []string{"--port", port}, exitPort, port},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			if code := run(tt.args, tt.planted, &log); code != tt.code {
				t.Errorf("exit code %d; want %d", code, tt.code)
			}
			if !strings.Contains(log.String(), tt.says) || strings.Count(log.String(), "\n") != 1 || !strings.HasSuffix(log.String(), ".\n") {
				t.Errorf("said %q; want one sentence with %s", log.String(), tt.says)
			}
		})
	}
}

func TestServesUntilASignal(t *testing.T) {
	for _, tt := range []struct {
		signal            syscall.Signal
		planted, inHealth string
		request, answer   string
	}{
		{syscall.SIGTERM, "", "null", "{", `400 {"Schema":{"field":"","reason":"malformed-json"}}`},
		{syscall.SIGINT, "status-422", `"status-422"`, "{", `422 {"Schema":{"field":"","reason":"malformed-json"}}`},
	} {
		t.Run(tt.signal.String(), func(t *testing.T) {
			var log bytes.Buffer
			url, code := startAnywhere(t, tt.planted, &log)
			want := `200 {"status":"ok","service":"validatord","runtime":"go","version":"0.1.0","commit":"` + commit + `","surfaces":["validate"],` +
				`"plants":["` + strings.Join(plant.Names("validate"), `","`) + `"],"planted":` + tt.inHealth + `}`
			if got := answer(t)(http.Get(url + "/health")); got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if got := answer(t)(http.Post(url+"/v1/validate", "application/json", strings.NewReader(tt.request))); got != tt.answer {
				t.Errorf("got  %s\nwant %s", got, tt.answer)
			}
			syscall.Kill(os.Getpid(), tt.signal)
			if got := <-code; got != exitDone || log.Len() > 0 {
				t.Errorf("exit code %d, and said %q", got, log.String())
			}
		})
	}
}

// startAnywhere starts the service and returns when its health answers. A port
// that was free a moment ago can be anybody's now; then another one is tried.
func startAnywhere(t *testing.T, planted string, log *bytes.Buffer) (url string, code chan int) {
	t.Helper()
	for range 10 {
		free, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := strconv.Itoa(free.Addr().(*net.TCPAddr).Port)
		free.Close()
		code = make(chan int, 1)
		log.Reset()
		go func() { code <- run([]string{"--port", port}, planted, log) }()
		url = "http://127.0.0.1:" + port
		if isReady(url+"/health", code) {
			return url, code
		}
	}
	t.Fatalf("it does not start: %s", log)
	return "", nil
}

// isReady waits for an answer, or for the end.
func isReady(url string, code chan int) bool {
	for {
		if resp, err := http.Get(url); err == nil {
			resp.Body.Close()
			return true
		}
		select {
		case <-code:
			return false
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func answer(t *testing.T) func(*http.Response, error) string {
	return func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%d %s", resp.StatusCode, body)
	}
}
