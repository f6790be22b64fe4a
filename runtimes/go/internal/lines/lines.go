// Package lines reads files of lines, each ended by one line feed and at most
// [Max] bytes long without it, in memory that does not grow with the file: not
// even where a file of any size has no line feed at all.
package lines

import (
	"bytes"
	"errors"
	"io"
)

// Max is how long a line may be, without its line feed.
const Max = 1 << 20

// The ends of a file that are none, or not a sound one.
var (
	ErrTorn    = errors.New("a last line without its line feed")
	ErrTooLong = errors.New("a line that is too long")
)

// firstSize is that of a Reader's memory until a line needs more.
const firstSize = 64 << 10

// Reader reads one line after another.
type Reader struct {
	in         io.Reader
	buf        []byte
	start, end int   // what is read and not returned yet
	err        error // what ended in
}

// NewReader reads from in, with a buffer for size bytes where that is known and
// little.
func NewReader(in io.Reader, size int64) *Reader {
	return &Reader{in: in, buf: make([]byte, max(1, min(size, firstSize)))}
}

// Next returns the next line without its line feed, valid until the next call.
// At the end the error is io.EOF. It is [ErrTorn] for what stands behind the
// last line feed, which comes along, and [ErrTooLong] for a line of more than
// Max bytes, whether a line feed follows or not.
func (r *Reader) Next() ([]byte, error) {
	seen := 0 // bytes from start on that are no line feed
	for {
		if i := bytes.IndexByte(r.buf[r.start+seen:r.end], '\n'); i >= 0 {
			line := r.buf[r.start : r.start+seen+i]
			r.start += len(line) + 1
			return line, nil
		}
		seen = r.end - r.start
		switch {
		case seen > Max:
			return nil, ErrTooLong
		case r.err == io.EOF && seen > 0:
			return r.buf[r.start:r.end], ErrTorn
		case r.err != nil:
			return nil, r.err
		}
		r.fill()
	}
}

// fill reads more. The buffer never outgrows a line that is too long by one
// byte, so what is found in it with its line feed is short enough.
func (r *Reader) fill() {
	r.end = copy(r.buf, r.buf[r.start:r.end])
	r.start = 0
	if r.end == len(r.buf) {
		r.buf = append(r.buf, make([]byte, min(max(len(r.buf), 512), Max+1-len(r.buf)))...)
	}
	n, err := r.in.Read(r.buf[r.end:])
	r.end += n
	r.err = err
}
