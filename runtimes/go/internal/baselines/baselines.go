package baselines

import (
	"errors"
	"io"

	"lakehouse/internal/fault"
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/lines"
	"lakehouse/internal/store"
)

// Summary is what a file of entries holds, up to the first fault.
type Summary struct {
	Count       int64
	First, Last ijson.Object // nil where there is none
	Fault       *fault.Fault
}

// Load checks a file of entries.
func Load(dir store.Dir, name string) Summary {
	file, info, f := dir.Open(name)
	if f != nil {
		return Summary{Fault: f}
	}
	defer file.Close()
	return check(name, file, info.Size())
}

func check(name string, in io.Reader, size int64) (s Summary) {
	from := lines.NewReader(in, size+1)
	for {
		line, err := from.Next()
		number := s.Count + 1
		switch {
		case err == nil:
		case err == io.EOF:
			return s
		case errors.Is(err, lines.ErrTooLong):
			s.Fault = fault.At(name, number, fault.Unreadable, fault.LineTooLong)
			return s
		case errors.Is(err, lines.ErrTorn):
			s.Fault = fault.At(name, number, fault.Torn, fault.Unfinished)
			return s
		default:
			s.Fault = fault.Because(name, fault.Unreadable, fault.IO, err)
			return s
		}
		entry, reason := parse(line)
		if reason != "" {
			s.Fault = fault.At(name, number, fault.Malformed, reason)
			return s
		}
		if s.Count == 0 {
			s.First = entry
		}
		s.Last = entry
		s.Count++
	}
}

// Append adds an entry to a file of sound ones, and returns how many there are
// then. A file that is missing is made.
func Append(dir store.Dir, name, entryName string) (count int64, f *fault.Fault) {
	text, _, f := dir.Read(entryName, lines.Max+1)
	if f != nil {
		return 0, f
	}
	line, reason := storable(text)
	if reason != "" {
		return 0, fault.New(entryName, fault.Refused, reason)
	}
	file, f := dir.LockOrMake(name, store.FileMode)
	if f != nil {
		return 0, f
	}
	defer file.Close()
	s := check(name, file, file.Size)
	if s.Fault != nil {
		return 0, s.Fault
	}
	// If that fails, a file that was made stays, empty: somebody may wait for its
	// lock already, and would append to what has no name any more.
	if f := file.Append(append(line, '\n')); f != nil {
		return 0, f
	}
	return s.Count + 1, nil
}

// storable is the line of an entry, without a line feed. The reason is empty
// where it can be read again.
func storable(text []byte) (line []byte, reason fault.Reason) {
	if len(text) > lines.Max {
		return nil, fault.LineTooLong
	}
	entry, reason := parse(text)
	if reason != "" {
		return nil, reason
	}
	line = jcs.Append(nil, entry, jcs.Options{})
	if _, err := ijson.Parse(string(line), ijson.Options{}); err != nil {
		return nil, fault.NotStorable
	}
	if len(line) > lines.Max {
		return nil, fault.LineTooLong
	}
	return line, ""
}

// Copy writes a file of sound entries to another name, byte for byte: what is
// checked is what is copied.
func Copy(dir store.Dir, name, to string) (count int64, f *fault.Fault) {
	file, info, f := dir.Open(name)
	if f != nil {
		return 0, f
	}
	defer file.Close()
	draft := dir.Draft(to)
	s := check(name, io.TeeReader(file, draft), info.Size())
	if s.Fault != nil {
		draft.Discard()
		return 0, s.Fault
	}
	return s.Count, draft.Commit()
}
