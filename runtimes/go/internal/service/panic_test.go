package service

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"lakehouse/internal/request"
)

// broken is a room in which every answer breaks.
func broken(log *bytes.Buffer, answer func(Call) Answer) *Room {
	return &Room{
		Health:  Health{Service: "roomd"},
		MaxBody: 10,
		Methods: func(string) []string { return []string{http.MethodGet, http.MethodPost} },
		Answer:  answer,
		Refuse:  func(f *request.Fault) Answer { return Answer{Status: f.Reason.Status()} },
		Log:     log,
	}
}

func TestPanicIsOneLine(t *testing.T) {
	var nobody *Call
	for _, tt := range []struct {
		name   string
		answer func(Call) Answer
		want   string
	}{
		{"an error", func(Call) Answer { panic(errors.New("no\n\n  room")) }, `^roomd: panic: no room at service/panic_test\.go:\d+\n$`},
		{"nil", func(Call) Answer { return Answer{Body: []byte(nobody.Path)} }, `^roomd: panic: runtime error: invalid memory address or nil pointer dereference at service/panic_test\.go:\d+\n$`},
		{"in a library", func(Call) Answer { return Answer{Body: []byte(strings.Repeat("x", -len(fmt.Sprint(1))))} }, `^roomd: panic: strings: negative Repeat count at strings/strings\.go:\d+\n$`},
		{"a client that is gone", func(Call) Answer { panic(http.ErrAbortHandler) }, `^$`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log bytes.Buffer
			defer func() {
				if reason := recover(); reason != http.ErrAbortHandler {
					t.Errorf("panics with %v", reason)
				}
				if !regexp.MustCompile(tt.want).Match(log.Bytes()) {
					t.Errorf("said %q", log.String())
				}
			}()
			r := httptest.NewRequest("GET", "/x", nil)
			broken(&log, tt.answer).ServeHTTP(httptest.NewRecorder(), r)
		})
	}
}

// A body that comes with a GET is none of the call's, and one of more than the
// room's size is nobody's.
func TestRoomBodies(t *testing.T) {
	var log bytes.Buffer
	room := broken(&log, func(c Call) Answer { return Answer{Status: 200, Body: []byte("[" + c.Body + "]")} })
	for _, tt := range []struct {
		method, body, want string
	}{
		{"GET", "12345", "200 []"},
		{"GET", "12345678901", "200 []"},
		{"POST", "1234567890", "200 [1234567890]"},
		{"POST", "12345678901", "413 "},
		{"PUT", "12345678901", "405 "},
	} {
		r := httptest.NewRequest(tt.method, "/x", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		room.ServeHTTP(w, r)
		if got := fmt.Sprint(w.Code, " ", w.Body); got != tt.want {
			t.Errorf("%s %s: %s; want %s", tt.method, tt.body, got, tt.want)
		}
		if allow := w.Header().Get("Allow"); (w.Code == 405) != (allow == "GET, POST") {
			t.Errorf("%s: allow %q", tt.method, allow)
		}
	}
}
