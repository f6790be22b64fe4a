package protocol

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// maxLine is how long a request may be, without its line feed.
const maxLine = 16 << 20

// lineReader reads lines, and can tell whether the next would block. (That is
// what a bufio.Scanner cannot.)
type lineReader struct {
	r    *bufio.Reader
	long []byte // gathers a line that outgrows r's buffer
}

func newLineReader(in io.Reader) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(in, flushAt)}
}

// waiting reports whether a whole line has been read already.
func (l *lineReader) waiting() bool {
	buffered, _ := l.r.Peek(l.r.Buffered())
	return bytes.IndexByte(buffered, '\n') >= 0
}

// next returns the next line, valid until the next call, or io.EOF. A last line
// needs no line feed.
func (l *lineReader) next() ([]byte, error) {
	l.long = l.long[:0]
	for {
		part, err := l.r.ReadSlice('\n')
		part, whole := bytes.CutSuffix(part, []byte{'\n'})
		if len(l.long)+len(part) > maxLine {
			return nil, fmt.Errorf("%w: longer than %d MiB", ErrRequest, maxLine>>20)
		}
		if whole && len(l.long) == 0 {
			return part, nil
		}
		l.long = append(l.long, part...)
		switch {
		case whole:
			return l.long, nil
		case errors.Is(err, bufio.ErrBufferFull):
		case err == io.EOF && len(l.long) > 0:
			return l.long, nil
		default:
			return nil, err
		}
	}
}
