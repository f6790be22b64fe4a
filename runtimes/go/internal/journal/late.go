package journal

import "sync"

// Late is a planted bug: what makes the journals of an index write a record
// only when the next one comes. A nil Late is none.
type Late struct {
	mu    sync.Mutex
	file  *File
	frame []byte
}

// put keeps the frame, and writes the one before it.
func (l *Late) put(f *File, frame []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var err error
	if l.file != nil {
		err = l.file.write(l.frame)
	}
	l.file, l.frame = f, frame
	return err
}

// flush writes what is kept for the file.
func (l *Late) flush(f *File) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == f {
		f.write(l.frame)
		l.file = nil
	}
}

// forget drops what is kept for the file.
func (l *Late) forget(f *File) {
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == f {
		l.file = nil
	}
}
