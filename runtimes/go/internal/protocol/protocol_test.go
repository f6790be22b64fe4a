package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"lakehouse/internal/extract"
)

// helper serves extract_json, and a surface that gives its input back.
var helper = Helper{
	Runtime: "go",
	Version: "0.1.0",
	Commit:  "3f2a91c",
	Plants:  []string{"last-object"},
	Surfaces: map[string]Surface{
		"extract_json": func(dst []byte, input string) []byte { return extract.Append(dst, input, extract.Options{}) },
		"echo":         func(dst []byte, input string) []byte { return append(dst, input...) },
	},
}

// serve returns the answers to requests, without the hello.
func serve(t *testing.T, requests string) (answers string, err error) {
	t.Helper()
	var out bytes.Buffer
	err = helper.Serve(strings.NewReader(requests), &out)
	_, answers, ok := strings.Cut(out.String(), "\n")
	if !ok {
		t.Fatalf("no hello in %q", out.String())
	}
	return answers, err
}

func TestHello(t *testing.T) {
	h := helper
	h.Surfaces = map[string]Surface{"extract_json": nil}
	// The line of helper.md.
	want := `{"protocol":1,"runtime":"go","version":"0.1.0","commit":"3f2a91c","surfaces":["extract_json"],"plants":["last-object"],"planted":null}` + "\n"
	for range 2 {
		var out bytes.Buffer
		if err := h.Serve(strings.NewReader(""), &out); err != nil || out.String() != want {
			t.Errorf("got %q, %v; want %q", out.String(), err, want)
		}
		h.Planted = "last-object"
		want = strings.Replace(want, `null`, `"last-object"`, 1)
	}
}

func TestAnswers(t *testing.T) {
	tests := []struct {
		name, requests, want string
	}{
		{"text", `{"id":1,"surface":"extract_json","text":"Sure: {\"a\":1}"}` + "\n", `{"id":1,"text":"{\"matched\":true,\"value\":{\"a\":1}}"}` + "\n"},
		{"base64", `{"id":2,"surface":"extract_json","base64":"/3sifQ=="}` + "\n", `{"id":2,"text":"{\"matched\":false,\"value\":null}"}` + "\n"},
		{"no bytes", `{"id":0,"surface":"echo","text":""}` + "\n" + `{"id":0,"surface":"echo","base64":""}` + "\n", `{"id":0,"text":""}` + "\n" + `{"id":0,"text":""}` + "\n"},
		{"bytes come back", `{"id":1,"surface":"echo","base64":"/3sifQ=="}` + "\n", `{"id":1,"base64":"/3sifQ=="}` + "\n"},
		{"escapes", `{"id":1,"surface":"echo","text":"\u0000\n\"\\\/\u2028\ud83d\ude00<"}` + "\n", `{"id":1,"text":"\u0000\n\"\\/` + "\u2028😀<\"}\n"},
		{"order of the requests", `{"id":9,"surface":"echo","text":"a"}` + "\n" + `{"id":3,"surface":"echo","text":"b"}` + "\n", `{"id":9,"text":"a"}` + "\n" + `{"id":3,"text":"b"}` + "\n"},
		{"members in any order, white space", ` { "text" : "a" , "surface" : "echo" , "id" : 1 } ` + "\r\n", `{"id":1,"text":"a"}` + "\n"},
		{"largest id", `{"id":9007199254740992,"surface":"echo","text":""}` + "\n", `{"id":9007199254740992,"text":""}` + "\n"},
		{"an integer to JSON Schema", `{"id":1.0,"surface":"echo","text":""}` + "\n", `{"id":1,"text":""}` + "\n"},
		{"no line feed at the end", `{"id":1,"surface":"echo","text":"a"}` + "\n" + `{"id":2,"surface":"echo","text":"b"}`, `{"id":1,"text":"a"}` + "\n" + `{"id":2,"text":"b"}` + "\n"},
		{"nothing", ``, ``},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got, err := serve(t, tt.requests); err != nil || got != tt.want {
				t.Errorf("got  %q, %v\nwant %q", got, err, tt.want)
			}
		})
	}
}

func TestBadRequests(t *testing.T) {
	tests := []struct {
		line, says string
	}{
		{``, "syntax at byte 0"},
		{`{"id":1,`, "syntax at byte 8"},
		{"{\"id\":1,\"surface\":\"echo\",\"text\":\"\xff\"}", "utf8"},
		{`{"id":1,"surface":"echo","text":"\ud800"}`, "lone-surrogate"},
		{`{"id":1,"id":2,"surface":"echo","text":""}`, "duplicate-member"},
		{`[]`, "not an object"},
		{`{"surface":"echo","text":""}`, "needs an id"},
		{`{"id":1,"text":""}`, "needs an id and a surface"},
		{`{"id":-1,"surface":"echo","text":""}`, "value of id"},
		{`{"id":1.5,"surface":"echo","text":""}`, "value of id"},
		{`{"id":"1","surface":"echo","text":""}`, "value of id"},
		{`{"id":1,"surface":"echo"}`, "needs a text or a base64"},
		{`{"id":1,"surface":"echo","text":"","base64":""}`, "not both"},
		{`{"id":1,"surface":"echo","text":null}`, "value of text"},
		{`{"id":1,"surface":"echo","base64":1}`, "value of base64"},
		{`{"id":1,"surface":"echo","base64":"/3sifQ"}`, "value of base64"},
		{`{"id":1,"surface":"echo","base64":"_3sifQ=="}`, "value of base64"},
		{`{"id":1,"surface":"echo","base64":"/3si\nfQ=="}`, "value of base64"},
		{`{"id":1,"surface":"echo","base64":"/3sifR=="}`, "value of base64"},
		{`{"id":1,"surface":"echo","text":"","rules":[]}`, `no member is named "rules"; known are id, surface, text, base64`},
		{`{"id":1,"surface":"validator","text":""}`, `no surface is named "validator"; served are ["echo" "extract_json"]`},
	}
	for _, tt := range tests {
		good := `{"id":7,"surface":"echo","text":"x"}` + "\n"
		answers, err := serve(t, good+tt.line+"\n"+good)
		if !errors.Is(err, ErrRequest) || !strings.Contains(err.Error(), tt.says) || !strings.HasPrefix(err.Error(), "request 2: ") {
			t.Errorf("%s\ngot  %v\nwant request 2, and %s", tt.line, err, tt.says)
		}
		if want := `{"id":7,"text":"x"}` + "\n"; answers != want {
			t.Errorf("%s\nwas answered %q; want %q, the request before it", tt.line, answers, want)
		}
	}
}

func TestLongLines(t *testing.T) {
	const head, tail = `{"id":1,"surface":"echo","text":"`, `"}`
	for _, size := range []int{flushAt - 1, flushAt, flushAt + 1, maxLine} {
		text := strings.Repeat("x", size-len(head)-len(tail))
		want := `{"id":1,"text":"` + text + `"}` + "\n"
		for _, end := range []string{"\n", ""} {
			if got, err := serve(t, head+text+tail+end); err != nil || got != want {
				t.Errorf("a line of %d bytes: %d bytes back, %v; want %d", size, len(got), err, len(want))
			}
		}
	}
	text := strings.Repeat("x", maxLine+1-len(head)-len(tail))
	for _, end := range []string{"\n", ""} {
		if _, err := serve(t, head+text+tail+end); !errors.Is(err, ErrRequest) {
			t.Errorf("a line of more than 16 MiB: %v; want %v", err, ErrRequest)
		}
	}
}

// A caller that waits for an answer before it goes on must get it.
func TestFlushesWhenNothingWaits(t *testing.T) {
	in, requests := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan error, 1)
	go func() { done <- helper.Serve(in, out) }()
	lines := bufio.NewReader(answers)
	expect := func(want string) {
		t.Helper()
		got := make(chan string, 1)
		go func() {
			line, _ := lines.ReadString('\n')
			got <- line
		}()
		select {
		case line := <-got:
			if !strings.Contains(line, want) {
				t.Fatalf("got %q; want %s in it", line, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("no line; want %s in it", want)
		}
	}
	expect(`"protocol":1`)
	io.WriteString(requests, `{"id":1,"surface":"echo","text":"a"}`+"\n"+`{"id":2,"surface":"echo","text":"b"}`+"\n"+`{"id":3,"su`)
	expect(`{"id":1,`)
	expect(`{"id":2,`)
	io.WriteString(requests, `rface":"echo","text":"c"}`+"\n")
	expect(`{"id":3,`)
	requests.Close()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}

// Many requests at once must not cost a system call each, nor wait too long.
func TestBatches(t *testing.T) {
	var requests strings.Builder
	for i := range 20_000 {
		requests.WriteString(`{"id":` + strconv.Itoa(i) + `,"surface":"echo","text":"a"}` + "\n")
	}
	var out writes
	if err := helper.Serve(strings.NewReader(requests.String()), &out); err != nil {
		t.Fatal(err)
	}
	for _, size := range out {
		if size > flushAt {
			t.Errorf("%d bytes waited for each other", size)
		}
	}
	if len(out) > 50 {
		t.Errorf("%d writes", len(out))
	}
}

// writes keeps the sizes of what is written.
type writes []int

func (w *writes) Write(p []byte) (int, error) {
	*w = append(*w, len(p))
	return len(p), nil
}

func TestBrokenPipes(t *testing.T) {
	broken := errors.New("broken")
	request := `{"id":1,"surface":"echo","text":"a"}` + "\n"
	in, requests := io.Pipe()
	go func() {
		io.WriteString(requests, request)
		requests.CloseWithError(broken)
	}()
	if err := helper.Serve(in, io.Discard); !errors.Is(err, broken) || errors.Is(err, ErrRequest) {
		t.Errorf("reading: %v; want %v", err, broken)
	}
	answers, out := io.Pipe()
	answers.CloseWithError(broken)
	if err := helper.Serve(strings.NewReader(request), out); !errors.Is(err, broken) || errors.Is(err, ErrRequest) {
		t.Errorf("writing: %v; want %v", err, broken)
	}
}

func BenchmarkServe(b *testing.B) {
	line := `{"id":1,"surface":"extract_json","text":"Sure: {\"fills\":[{\"worker\":\"w-1\",\"score\":0.93,\"ok\":true}],\"city\":\"Aurora\"}"}` + "\n"
	requests := strings.Repeat(line, b.N)
	b.SetBytes(int64(len(line)))
	b.ReportAllocs()
	b.ResetTimer()
	if err := helper.Serve(strings.NewReader(requests), io.Discard); err != nil {
		b.Fatal(err)
	}
}
