// Package protocol speaks the helper contract (helper.md, protocol 1): a hello,
// then one answer a request, in order, as JSON Lines.
package protocol

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
)

// flushAt is the contract's bound on what an answer may wait for.
const flushAt = 64 << 10

// ErrRequest marks a fault of the caller, which ends the helper with 2.
var ErrRequest = errors.New("bad request")

// Surface appends its output for a case's input to dst. Both are any bytes.
type Surface func(dst []byte, input string) []byte

// Helper is what the hello tells, and the surfaces behind it.
type Helper struct {
	Runtime  string
	Version  string
	Commit   string
	Plants   []string
	Planted  string // empty for none
	Surfaces map[string]Surface
}

// Serve greets and answers until in ends. It returns nil then, and otherwise an
// error: one that wraps [ErrRequest] for what no helper could answer. The answers
// to all requests before that one are written first.
func (h Helper) Serve(in io.Reader, out io.Writer) error {
	if err := h.greet(out); err != nil {
		return err
	}
	// A bufio.Writer as large as that flushes by itself when it is full.
	w := bufio.NewWriterSize(out, flushAt)
	if err := h.answerAll(newLineReader(in), w); err != nil {
		return errors.Join(err, w.Flush())
	}
	return w.Flush()
}

func (h Helper) greet(out io.Writer) error {
	hello := struct {
		Protocol int      `json:"protocol"`
		Runtime  string   `json:"runtime"`
		Version  string   `json:"version"`
		Commit   string   `json:"commit"`
		Surfaces []string `json:"surfaces"`
		Plants   []string `json:"plants"`
		Planted  *string  `json:"planted"`
	}{
		Protocol: 1,
		Runtime:  h.Runtime,
		Version:  h.Version,
		Commit:   h.Commit,
		Surfaces: slices.Sorted(maps.Keys(h.Surfaces)),
		Plants:   h.Plants,
	}
	if h.Planted != "" {
		hello.Planted = &h.Planted
	}
	return json.NewEncoder(out).Encode(hello)
}

func (h Helper) answerAll(lines *lineReader, w *bufio.Writer) error {
	var output, answer []byte // kept for their memory
	for n := 1; ; n++ {
		if !lines.waiting() {
			if err := w.Flush(); err != nil {
				return err
			}
		}
		line, err := lines.next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("request %d: %w", n, err)
		}
		req, err := parseRequest(string(line))
		if err != nil {
			return fmt.Errorf("request %d: %w", n, err)
		}
		surface, ok := h.Surfaces[req.surface]
		if !ok {
			return fmt.Errorf("request %d: %w: no surface is named %q; served are %q",
				n, ErrRequest, req.surface, slices.Sorted(maps.Keys(h.Surfaces)))
		}
		output = surface(output[:0], req.input)
		answer = appendAnswer(answer[:0], req.id, output)
		if _, err := w.Write(answer); err != nil {
			return err
		}
	}
}

type request struct {
	id      float64
	surface string
	input   string
}

// parseRequest reads a request as helper.schema.json describes it, with the
// strict reader. No plant may reach it, hence its zero options.
func parseRequest(line string) (request, error) {
	v, err := ijson.Parse(line, ijson.Options{})
	if err != nil {
		return request{}, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	o, ok := v.(ijson.Object)
	if !ok {
		return request{}, fmt.Errorf("%w: not an object", ErrRequest)
	}
	var req request
	var hasID, hasSurface bool
	inputs := 0
	for _, m := range o {
		ok := false
		switch m.Name {
		case "id":
			req.id, ok = natural(m.Value)
			hasID = ok
		case "surface":
			req.surface, ok = text(m.Value)
			hasSurface = ok
		case "text":
			req.input, ok = text(m.Value)
			inputs++
		case "base64":
			req.input, ok = decoded(m.Value)
			inputs++
		default:
			return request{}, fmt.Errorf("%w: no member is named %q; known are id, surface, text, base64", ErrRequest, m.Name)
		}
		if !ok {
			return request{}, fmt.Errorf("%w: the value of %s is not one that it can have", ErrRequest, m.Name)
		}
	}
	switch {
	case !hasID || !hasSurface:
		return request{}, fmt.Errorf("%w: it needs an id and a surface", ErrRequest)
	case inputs != 1:
		return request{}, fmt.Errorf("%w: it needs a text or a base64, and not both", ErrRequest)
	}
	return req, nil
}

func natural(v ijson.Value) (float64, bool) {
	n, ok := v.(ijson.Number)
	// JSON Schema calls 1.0 an integer as well.
	return float64(n), ok && n >= 0 && float64(n) == math.Trunc(float64(n))
}

func text(v ijson.Value) (string, bool) {
	s, ok := v.(ijson.String)
	return string(s), ok
}

func decoded(v ijson.Value) (string, bool) {
	s, ok := v.(ijson.String)
	// DecodeString would skip line breaks even so.
	if !ok || strings.ContainsAny(string(s), "\r\n") {
		return "", false
	}
	b, err := base64.StdEncoding.Strict().DecodeString(string(s))
	return string(b), err == nil
}

func appendAnswer(dst []byte, id float64, output []byte) []byte {
	dst = append(dst, `{"id":`...)
	dst = jcs.AppendNumber(dst, id)
	if utf8.Valid(output) {
		dst = append(dst, `,"text":`...)
		dst = jcs.AppendString(dst, string(output))
	} else {
		dst = append(dst, `,"base64":"`...)
		dst = base64.StdEncoding.AppendEncode(dst, output)
		dst = append(dst, '"')
	}
	return append(dst, "}\n"...)
}
