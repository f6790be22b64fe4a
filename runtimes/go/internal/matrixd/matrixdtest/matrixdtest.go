// Package matrixdtest runs the sequences of calls that tests are written in
// (sequences.md), against a service without a port.
package matrixdtest

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"

	"lakehouse/internal/matrix"
	"lakehouse/internal/matrixd"
	"lakehouse/internal/service"
	"lakehouse/internal/vectors"
)

// Run runs one call a line, and returns a line for each: its status and its body,
// or `dropped` for one that gets no answer.
func Run(calls string, opts vectors.Options, recorded matrix.Options) string {
	r := &runner{opts: opts, recorded: recorded}
	r.start(tempDir())
	defer r.end()
	var answers []string
	for _, line := range strings.Split(strings.TrimSpace(calls), "\n") {
		if answer, ok := r.step(line); ok {
			answers = append(answers, answer)
		}
	}
	return strings.Join(answers, "\n")
}

type runner struct {
	opts     vectors.Options
	recorded matrix.Options
	dir      string
	store    *vectors.Store
	handler  http.Handler
	snapshot string
}

func tempDir() string {
	dir, err := os.MkdirTemp("", "matrixd")
	if err != nil {
		panic(err)
	}
	return dir
}

func (r *runner) start(dir string) {
	store, err := vectors.Open(dir, r.opts)
	if err != nil {
		panic(err)
	}
	r.dir, r.store = dir, store
	r.handler = matrixd.New(matrixd.Config{
		Health:  service.Health{Service: "matrixd"},
		Store:   store,
		Indexes: matrix.Local{Store: store},
		Options: r.recorded,
		Log:     io.Discard,
	})
}

func (r *runner) end() {
	r.store.Close()
	os.RemoveAll(r.dir)
}

// crash goes on with what a process leaves that is killed.
func (r *runner) crash() {
	copied := tempDir()
	if err := os.CopyFS(copied, os.DirFS(r.dir)); err != nil {
		panic(err)
	}
	r.end()
	r.start(copied)
}

func (r *runner) step(line string) (answer string, ok bool) {
	switch line {
	case "crash":
		r.crash()
		return "", false
	case "restart":
		r.store.Close()
		r.start(r.dir)
		return "", false
	}
	method, rest, _ := strings.Cut(line, " ")
	path, body, _ := strings.Cut(strings.ReplaceAll(rest, "{{snapshot}}", r.snapshot), " ")
	return r.call(method, path, body), true
}

var snapshotTag = regexp.MustCompile(`s-[0-9a-f]{16}`)

func (r *runner) call(method, path, body string) (answer string) {
	defer func() {
		if reason := recover(); reason == http.ErrAbortHandler {
			answer = "dropped"
		} else if reason != nil {
			panic(reason)
		}
	}()
	request := httptest.NewRequest(method, "/", strings.NewReader(body))
	request.RequestURI = path
	if method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
	}
	w := httptest.NewRecorder()
	r.handler.ServeHTTP(w, request)
	text := w.Body.String()
	if tag := snapshotTag.FindString(text); tag != "" {
		r.snapshot = tag
		text = strings.ReplaceAll(text, tag, "{{snapshot}}")
	}
	return fmt.Sprint(w.Code, " ", text)
}
