package journal

import (
	"fmt"
	"os"
)

// File is a journal that is open. Its callers take turns.
type File struct {
	path   string
	file   *os.File
	size   int64
	broken error // why nothing can be written to it any more
	late   *Late
}

const mode = 0o600

// Open opens a journal that is there, hands each record to a function, and cuts
// off what was never acknowledged. The error is one of [ErrDamaged] where a
// record cannot be read, or where the function says so.
func Open(path string, late *Late, each func(record []byte) error) (*File, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	size, err := scan(text, each)
	if err != nil {
		return nil, fmt.Errorf("the journal %s %w", path, err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return nil, err
	}
	if size < len(text) {
		if err := file.Truncate(int64(size)); err != nil {
			file.Close()
			return nil, err
		}
	}
	return &File{path: path, file: file, size: int64(size), late: late}, nil
}

// Write makes a journal of the records that it is given, in the place of one
// that may be there: nobody ever sees a half of it.
func Write(path string, late *Late, records func(yield func([]byte) bool)) (*File, error) {
	draft := path + ".tmp"
	size, err := writeDraft(draft, func(write func([]byte) error) error {
		for record := range records {
			if err := write(appendFrame(nil, record)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(draft, os.O_WRONLY|os.O_APPEND, 0)
	if err == nil {
		err = os.Rename(draft, path)
	}
	if err != nil {
		os.Remove(draft)
		return nil, err
	}
	return &File{path: path, file: file, size: size, late: late}, nil
}

// writeDraft writes a new file, and leaves none if it cannot.
func writeDraft(path string, content func(write func([]byte) error) error) (size int64, err error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return 0, err
	}
	err = content(func(text []byte) error {
		size += int64(len(text))
		_, err := file.Write(text)
		return err
	})
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		os.Remove(path)
	}
	return size, err
}

// Append writes a record by one write. If that fails, the journal is what it was.
func (f *File) Append(record []byte) error {
	frame := appendFrame(nil, record)
	if f.late != nil {
		return f.late.put(f, frame)
	}
	return f.write(frame)
}

func (f *File) write(frame []byte) error {
	if f.broken != nil {
		return f.broken
	}
	if _, err := f.file.Write(frame); err != nil {
		// A part of it may be there, and the next record must not follow that.
		if cut := f.file.Truncate(f.size); cut != nil {
			f.broken = fmt.Errorf("the journal %s ends in a half of a record: %w", f.path, cut)
		}
		return err
	}
	f.size += int64(len(frame))
	return nil
}

// Size is that of the file, in bytes.
func (f *File) Size() int64 { return f.size }

// Close closes the file, and leaves it.
func (f *File) Close() error {
	f.late.flush(f)
	return f.file.Close()
}

// Discard closes the file, which another one has replaced or is about to be
// taken away.
func (f *File) Discard() {
	f.late.forget(f)
	f.file.Close()
}

// Remove takes the file away.
func (f *File) Remove() error {
	if err := os.Remove(f.path); err != nil {
		return err
	}
	f.Discard()
	return nil
}
