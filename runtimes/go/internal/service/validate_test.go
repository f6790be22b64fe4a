package service

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"lakehouse/internal/validate"
)

const (
	text = `{"kind":"sms","order":{"id":"o","role":"r","city":"c","state":"IL","headcount":1},` +
		`"roster":[{"id":"w","role":"r","city":"c","state":"IL"}],"artifact":{"worker_id":"w","to":"x","body":"y"}}`
	accepted = `{"accepted":true,"kind":"sms","request_id":null}`
	health   = `{"status":"ok","service":"validatord","runtime":"go","version":"0.1.0","commit":"3f2a91c",` +
		`"surfaces":["validate"],"plants":["ssn-phone"],"planted":null}`
)

func schema(field, reason string) string {
	return `{"Schema":{"field":"` + field + `","reason":"` + reason + `"}}`
}

// start serves until the test ends.
func start(t *testing.T) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	handler := NewValidate(Health{"validatord", "go", "0.1.0", "3f2a91c", []string{"validate"}, []string{"ssn-phone"}, ""}, validate.Options{}, io.Discard)
	go func() { ended <- Serve(ctx, l.(*net.TCPListener), handler) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// client is one connection, on which requests are written byte by byte as a test
// has them: http.Client would mend their targets.
type client struct {
	net.Conn
	answers *bufio.Reader
}

type reply struct {
	status int
	header http.Header
	body   string
	closes bool
}

func dial(t *testing.T, addr string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{conn, bufio.NewReader(conn)}
}

func (c *client) do(t *testing.T, request string) reply {
	t.Helper()
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	return c.read(t)
}

func (c *client) read(t *testing.T) reply {
	t.Helper()
	resp, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body), resp.Close}
}

// requestOf has the headers of a pair each, and a length if there is a body.
func requestOf(method, target, body string, headers ...string) string {
	var b strings.Builder
	b.WriteString(method + " " + target + " HTTP/1.1\r\nhost: a\r\n")
	for i := 0; i < len(headers); i += 2 {
		b.WriteString(headers[i] + ": " + headers[i+1] + "\r\n")
	}
	if body != "" || method == "POST" {
		b.WriteString("content-length: " + strconv.Itoa(len(body)) + "\r\n")
	}
	return b.String() + "\r\n" + body
}

func post(target, body string) string {
	return requestOf("POST", target, body, "content-type", "application/json")
}

func padded(size int) string { return text + strings.Repeat(" ", size-len(text)) }

// httpTests are named for the rule of validate.rules.toml that decides them.
var httpTests = []struct {
	rule, request string
	status        int
	body          string
}{
	{"unknown-path", post("/v1/validate", text), 200, accepted},
	{"unknown-path", post("/v1/validate?x=1", text), 200, accepted},
	{"unknown-path", post("/v1/validate?", text), 200, accepted},
	{"unknown-path", post("/v1/validate?x=%zz&//?#%", text), 200, accepted},
	{"unknown-path", post("//v1/validate", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1//validate", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1/validate/", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1/validate/?x", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1/%76alidate", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1%2fvalidate", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1/validate%3Fx", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1/./validate", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/x/../v1/validate", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/V1/validate", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1/validate#x", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1/validate;x", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/v1", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/", text), 404, schema("", "unknown-path")},
	{"unknown-path", post("/?/v1/validate", text), 404, schema("", "unknown-path")},
	{"unknown-path", requestOf("GET", "/health/", ""), 404, schema("", "unknown-path")},
	{"unknown-path", requestOf("GET", "//health", ""), 404, schema("", "unknown-path")},
	{"unknown-path", requestOf("GET", "/%68ealth", ""), 404, schema("", "unknown-path")},
	{"unknown-path", requestOf("DELETE", "/", padded(maxBody+1)), 404, schema("", "unknown-path")},
	{"unknown-path", requestOf("OPTIONS", "*", ""), 404, schema("", "unknown-path")},

	{"method-not-allowed", requestOf("GET", "/health", ""), 200, health},
	{"method-not-allowed", requestOf("GET", "/health?x", ""), 200, health},
	{"method-not-allowed", requestOf("POST", "/health", ""), 405, schema("", "method-not-allowed")},
	{"method-not-allowed", requestOf("OPTIONS", "/health", ""), 405, schema("", "method-not-allowed")},
	{"method-not-allowed", requestOf("GET", "/v1/validate", ""), 405, schema("", "method-not-allowed")},
	{"method-not-allowed", requestOf("GET", "/v1/validate", text, "content-type", "application/json"), 405, schema("", "method-not-allowed")},
	{"method-not-allowed", requestOf("PUT", "/v1/validate", text, "content-type", "application/json"), 405, schema("", "method-not-allowed")},
	{"method-not-allowed", requestOf("PATCH", "/v1/validate?x", text), 405, schema("", "method-not-allowed")},
	{"method-not-allowed", requestOf("DELETE", "/v1/validate", ""), 405, schema("", "method-not-allowed")},
	{"method-not-allowed", requestOf("OPTIONS", "/v1/validate", ""), 405, schema("", "method-not-allowed")},

	{"unsupported-media-type", requestOf("POST", "/v1/validate", text), 415, schema("content-type", "unsupported-media-type")},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "content-type", ""), 415, schema("content-type", "unsupported-media-type")},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "content-type", "text/json"), 415, schema("content-type", "unsupported-media-type")},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "content-type", "application/json, text/plain"), 415, schema("content-type", "unsupported-media-type")},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "content-type", "application/json+x"), 415, schema("content-type", "unsupported-media-type")},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "content-type", "application / json"), 415, schema("content-type", "unsupported-media-type")},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "content-type", ";application/json"), 415, schema("content-type", "unsupported-media-type")},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "content-type", "text/plain", "content-type", "application/json"), 415, schema("content-type", "unsupported-media-type")},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "Content-type", "application/json", "CONTENT-TYPE", "text/plain"), 200, accepted},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "content-type", " \tApplication/JSON \t; charset=latin1; x"), 200, accepted},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", text, "content-type", "application/json;"), 200, accepted},
	{"unsupported-media-type", requestOf("POST", "/v1/validate", padded(maxBody+1), "content-encoding", "gzip"), 415, schema("content-type", "unsupported-media-type")},

	{"unsupported-content-encoding", requestOf("POST", "/v1/validate", text, "content-type", "application/json", "content-encoding", "gzip"), 415, schema("content-encoding", "unsupported-content-encoding")},
	{"unsupported-content-encoding", requestOf("POST", "/v1/validate", text, "content-type", "application/json", "content-encoding", "identity, gzip"), 415, schema("content-encoding", "unsupported-content-encoding")},
	{"unsupported-content-encoding", requestOf("POST", "/v1/validate", text, "content-type", "application/json", "content-encoding", "identity;q=1"), 415, schema("content-encoding", "unsupported-content-encoding")},
	{"unsupported-content-encoding", requestOf("POST", "/v1/validate", padded(maxBody+1), "content-type", "application/json", "content-encoding", "br"), 415, schema("content-encoding", "unsupported-content-encoding")},
	{"unsupported-content-encoding", requestOf("POST", "/v1/validate", text, "content-type", "application/json", "content-encoding", ""), 200, accepted},
	{"unsupported-content-encoding", requestOf("POST", "/v1/validate", text, "content-type", "application/json", "content-encoding", " IdentitY "), 200, accepted},
	{"unsupported-content-encoding", requestOf("POST", "/v1/validate", text, "content-type", "application/json", "content-encoding", "identity", "content-encoding", "gzip"), 200, accepted},

	{"body-too-large", post("/v1/validate", padded(1_048_576)), 200, accepted},
	{"body-too-large", post("/v1/validate", padded(1_048_577)), 413, schema("", "body-too-large")},
	{"body-too-large", post("/v1/validate", strings.Repeat("\xff", 1_048_577)), 413, schema("", "body-too-large")},
	{"body-too-large", post("/v1/validate", strings.Repeat("\xff", 1_048_576)), 400, schema("", "invalid-utf8")},
	{"body-too-large", post("/v1/validate", padded(4<<20)), 413, schema("", "body-too-large")},
	{"body-too-large", "POST /v1/validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"100001\r\n" + padded(1_048_577) + "\r\n0\r\n\r\n", 413, schema("", "body-too-large")},

	{"malformed-json", post("/v1/validate", ""), 400, schema("", "malformed-json")},
	{"missing-field", post("/v1/validate", "{}"), 422, schema("kind", "missing-field")},
}

// All of them go over one connection: whatever was answered, it serves the next.
func TestHTTP(t *testing.T) {
	c := dial(t, start(t))
	for _, tt := range httpTests {
		got := c.do(t, tt.request)
		first, _, _ := strings.Cut(tt.request, "\r\n")
		if got.status != tt.status || got.body != tt.body {
			t.Errorf("%s, %s\ngot  %d %s\nwant %d %s", tt.rule, first, got.status, got.body, tt.status, tt.body)
		}
		if types := got.header["Content-Type"]; len(types) != 1 || types[0] != "application/json" {
			t.Errorf("%s, %s: content-type %q", tt.rule, first, types)
		}
		allow := map[bool]string{true: "GET", false: "POST"}[strings.Contains(first, "/health")]
		if got.status != 405 {
			allow = ""
		}
		if got.header.Get("Allow") != allow {
			t.Errorf("%s, %s: allow %q; want %q", tt.rule, first, got.header.Get("Allow"), allow)
		}
		if got.closes {
			t.Fatalf("%s, %s: the connection is closed", tt.rule, first)
		}
	}
}

// The rules that the bytes of a body are behind.
func TestEveryRuleOfHTTPIsTested(t *testing.T) {
	contract, err := os.ReadFile("../../../../fixtures/contract/validate.rules.toml")
	if err != nil {
		t.Fatal(err)
	}
	tested := map[string]bool{}
	for _, tt := range httpTests {
		tested[tt.rule] = true
	}
	ofHTTP, _, ok := strings.Cut(string(contract), `name = "invalid-utf8"`)
	if !ok {
		t.Fatal("the contract has no rule invalid-utf8")
	}
	for _, m := range regexp.MustCompile(`(?m)^name = "(.+)"$`).FindAllStringSubmatch(ofHTTP, -1) {
		if !tested[m[1]] {
			t.Errorf("no case is named for the rule %s", m[1])
		}
	}
}

// No character that a target may have leads anywhere else.
func TestEveryCharacterOfATarget(t *testing.T) {
	c := dial(t, start(t))
	for _, char := range "!$&'()*+,-./0:;=?@A_z~" { // those of a path in RFC 3986
		for _, target := range []string{"/v1/validate" + string(char), "/" + string(char), "/" + string(char) + "/v1/validate"} {
			status := 404
			if target == "/v1/validate?" {
				status = 200
			}
			if got := c.do(t, post(target, text)); got.status != status {
				t.Errorf("%s: %d %s; want %d", target, got.status, got.body, status)
			}
		}
	}
}

// The handler takes no part of a target for another either, wherever it is served.
func TestTargetAsItWasSent(t *testing.T) {
	handler := NewValidate(Health{}, validate.Options{}, io.Discard)
	for _, target := range []string{"/v1/%76alidate", "/v1/validate%3Fx", "/v1/%2576alidate", "http://a/v1/validate"} {
		r := httptest.NewRequest("POST", target, strings.NewReader(text))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		if handler.ServeHTTP(w, r); w.Code != 404 {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

// What is longer than anybody has to read is answered, and ends the connection.
func TestBodyBeyondTheDrain(t *testing.T) {
	addr := start(t)
	for _, tt := range []struct {
		target string
		status int
	}{{"/v1/validate", 413}, {"/", 404}} {
		c := dial(t, addr)
		// The rest never comes, so that nobody waits for it either.
		whole := post(tt.target, padded(8<<20))
		got := c.do(t, whole[:maxBody+spare+1<<10])
		if got.status != tt.status || !got.closes {
			t.Errorf("%s: %d %s, closes %t; want %d", tt.target, got.status, got.body, got.closes, tt.status)
		}
	}
}

// A body that breaks off has no answer.
func TestBrokenBodies(t *testing.T) {
	addr := start(t)
	for _, request := range []string{
		post("/v1/validate", text)[:200],
		"POST /v1/validate HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
	} {
		c := dial(t, addr)
		io.WriteString(c, request)
		c.Conn.(*net.TCPConn).CloseWrite()
		if got, err := io.ReadAll(c.answers); err != nil || len(got) > 0 {
			t.Errorf("got %q, %v", got, err)
		}
	}
}
