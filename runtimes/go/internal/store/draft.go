package store

import (
	"os"

	"lakehouse/internal/fault"
)

// Draft is a file that is written beside the one that it will replace, so that
// nobody ever sees a half of it.
type Draft struct {
	dir  Dir
	name string
	file *os.File // nil where it could not be made
	err  error    // the first thing that went wrong
}

// Draft begins one. That it cannot be made only Commit tells: whoever copies
// wants to hear first what is wrong with what is copied.
func (d Dir) Draft(name string) *Draft {
	w := &Draft{dir: d, name: name}
	w.file, w.err = os.CreateTemp(folderOf(d.path(name)), ".audit-*.tmp")
	if w.err == nil {
		w.err = w.file.Chmod(FileMode)
	}
	return w
}

// Write never fails, for the same reason.
func (w *Draft) Write(text []byte) (int, error) {
	if w.err == nil {
		_, w.err = w.file.Write(text)
	}
	return len(text), nil
}

// Commit puts the draft into its place, or takes it away.
func (w *Draft) Commit() *fault.Fault {
	if w.err == nil {
		w.err = w.file.Sync()
	}
	if w.err == nil {
		w.err = os.Rename(w.file.Name(), w.dir.path(w.name))
	}
	if w.err != nil {
		w.Discard()
		return unwritten(w.name, w.err)
	}
	w.file.Close()
	w.dir.sync(w.name)
	return nil
}

// Discard takes the draft away.
func (w *Draft) Discard() {
	if w.file != nil {
		os.Remove(w.file.Name())
		w.file.Close()
	}
}
