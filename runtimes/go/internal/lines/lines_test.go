package lines

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// long is a line of that many bytes.
func long(size int) string { return strings.Repeat("x", size) }

func TestNext(t *testing.T) {
	tests := []struct {
		name, text string
		want       []string
		err        error
	}{
		{"nothing", "", nil, io.EOF},
		{"one line", "a\n", []string{"a"}, io.EOF},
		{"empty lines", "\n\n", []string{"", ""}, io.EOF},
		{"CR is a part of it", "a\r\nb\n", []string{"a\r", "b"}, io.EOF},
		{"torn", "a\nb", []string{"a", "b"}, ErrTorn},
		{"only torn", "b", []string{"b"}, ErrTorn},
		{"longest", long(Max) + "\n" + long(Max) + "\n", []string{long(Max), long(Max)}, io.EOF},
		{"longest and torn", "a\n" + long(Max), []string{"a", long(Max)}, ErrTorn},
		{"too long", "a\n" + long(Max+1) + "\nb\n", []string{"a"}, ErrTooLong},
		{"too long and torn", "a\n" + long(Max+1), []string{"a"}, ErrTooLong},
	}
	for _, tt := range tests {
		for _, size := range []int64{0, 3, int64(len(tt.text)) + 1} {
			t.Run(tt.name, func(t *testing.T) {
				r := NewReader(strings.NewReader(tt.text), size)
				got, err := all(r)
				if !slices.Equal(got, tt.want) || err != tt.err {
					t.Errorf("got %d lines and %v; want %d and %v", len(got), err, len(tt.want), tt.err)
				}
				if cap(r.buf) > 2*Max {
					t.Errorf("%d bytes are kept", cap(r.buf))
				}
			})
		}
	}
}

func all(r *Reader) (got []string, err error) {
	for {
		line, err := r.Next()
		if err == nil || err == ErrTorn {
			got = append(got, string(line))
		}
		if err != nil {
			return got, err
		}
	}
}

func TestNextFails(t *testing.T) {
	broken := errors.New("broken")
	r := NewReader(io.MultiReader(strings.NewReader("a\nb"), iotest.ErrReader(broken)), 9)
	if got, err := all(r); !slices.Equal(got, []string{"a"}) || err != broken {
		t.Errorf("got %q and %v; want one line and %v", got, err, broken)
	}
}

// endless has no line feed and no end.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return copy(p, bytes.Repeat([]byte{'x'}, len(p))), nil
}

func TestReadsNoMoreThanItMust(t *testing.T) {
	var in endless
	if _, err := NewReader(&in, 1<<40).Next(); err != ErrTooLong || in.read != Max+1 {
		t.Errorf("%v after %d bytes; want %v after %d", err, in.read, ErrTooLong, Max+1)
	}
}

func TestReadLast(t *testing.T) {
	tests := []struct {
		name, text string
		want       Last
		err        error
	}{
		{"one line", "a\n", Last{[]byte("a"), true}, nil},
		{"of many", "a\nb\n", Last{[]byte("b"), true}, nil},
		{"an empty one", "a\n\n", Last{[]byte(""), true}, nil},
		{"nothing but its end", "\n", Last{[]byte(""), true}, nil},
		{"torn", "a\nb", Last{[]byte("b"), false}, nil},
		{"only torn", "b", Last{[]byte("b"), false}, nil},
		{"larger than a step", "a\n" + long(lastStep) + "\n", Last{[]byte(long(lastStep)), true}, nil},
		{"begins with a step", "a\n" + long(lastStep-1) + "\n", Last{[]byte(long(lastStep - 1)), true}, nil},
		{"longest", "a\n" + long(Max) + "\n", Last{[]byte(long(Max)), true}, nil},
		{"longest, and alone", long(Max) + "\n", Last{[]byte(long(Max)), true}, nil},
		{"longest and torn", "a\n" + long(Max), Last{[]byte(long(Max)), false}, nil},
		{"too long", "a\n" + long(Max+1) + "\n", Last{nil, true}, ErrTooLong},
		{"too long, and alone", long(Max+1) + "\n", Last{nil, true}, ErrTooLong},
		{"too long and torn", "a\n" + long(Max+1), Last{nil, false}, ErrTooLong},
		{"far too long", "a\n" + long(3*Max), Last{nil, false}, ErrTooLong},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ReadLast(strings.NewReader(tt.text), int64(len(tt.text)))
			if string(got.Text) != string(tt.want.Text) || got.Whole != tt.want.Whole || err != tt.err {
				t.Errorf("got %.20q, %v, %v; want %.20q, %v, %v", got.Text, got.Whole, err, tt.want.Text, tt.want.Whole, tt.err)
			}
		})
	}
	if _, err := ReadLast(strings.NewReader("a\n"), 3); err != io.EOF {
		t.Errorf("a file that became shorter: %v; want %v", err, io.EOF)
	}
}

func TestCount(t *testing.T) {
	text := strings.Repeat(long(1000)+"\n", 200) + "torn"
	if got, err := Count(strings.NewReader(text), int64(len(text))); got != 200 || err != nil {
		t.Errorf("got %d, %v; want 200", got, err)
	}
}
