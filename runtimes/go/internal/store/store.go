// Package store is how files are read and written here: looked at before they
// are opened, locked while they are changed, and never left half-written.
package store

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"syscall"

	"lakehouse/internal/fault"
)

// The modes of what is made.
const (
	FileMode   fs.FileMode = 0o600
	FolderMode fs.FileMode = 0o700
)

// Dir is the directory that names of files are relative to.
type Dir string

// path leaves the name as it is: package filepath would make audit.key of
// missing/../audit.key and of audit.key/, which are no files.
func (d Dir) path(name string) string {
	if name != "" && name[0] == '/' {
		return name
	}
	return string(d) + "/" + name
}

// reason is why a file cannot be opened.
func reason(err error) fault.Reason {
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return fault.Missing
	case errors.Is(err, fs.ErrPermission):
		return fault.NoPermission
	default:
		return fault.IO
	}
}

func unreadable(name string, err error) *fault.Fault {
	return fault.Because(name, fault.Unreadable, reason(err), err)
}

func isMissing(f *fault.Fault) bool { return f != nil && f.Reason == fault.Missing }

// look says whether there is a file of that name. A pipe must not be opened to
// find out: that would wait for whoever writes to it.
func (d Dir) look(name string) *fault.Fault {
	info, err := os.Stat(d.path(name))
	if err != nil {
		return unreadable(name, err)
	}
	return isFile(name, info)
}

func isFile(name string, info fs.FileInfo) *fault.Fault {
	if !info.Mode().IsRegular() {
		return fault.New(name, fault.Unreadable, fault.NotAFile)
	}
	return nil
}

// open opens a file that is there.
func (d Dir) open(name string, flags int) (*os.File, fs.FileInfo, *fault.Fault) {
	if f := d.look(name); f != nil {
		return nil, nil, f
	}
	// What was a file a moment ago can be a pipe now: nothing waits for it, and it
	// is looked at once more.
	file, err := os.OpenFile(d.path(name), flags|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, unreadable(name, err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, nil, unreadable(name, err)
	}
	if f := isFile(name, info); f != nil {
		file.Close()
		return nil, nil, f
	}
	return file, info, nil
}

// Open opens a file for reading.
func (d Dir) Open(name string) (*os.File, fs.FileInfo, *fault.Fault) {
	return d.open(name, os.O_RDONLY)
}

// Exists reports whether anything has that name.
func (d Dir) Exists(name string) bool {
	_, err := os.Stat(d.path(name))
	return err == nil || reason(err) != fault.Missing
}

// Read reads a file, but no more than the first most bytes of it.
func (d Dir) Read(name string, most int64) ([]byte, fs.FileInfo, *fault.Fault) {
	file, info, f := d.Open(name)
	if f != nil {
		return nil, nil, f
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, most))
	if err != nil {
		return nil, nil, unreadable(name, err)
	}
	return text, info, nil
}

// Names lists a folder; none is there where no folder is.
func (d Dir) Names(folder string) ([]string, *fault.Fault) {
	if info, err := os.Stat(d.path(folder)); err == nil && !info.IsDir() {
		return nil, nil
	}
	entries, err := os.ReadDir(d.path(folder))
	if err != nil {
		if f := unreadable(folder, err); !isMissing(f) {
			return nil, f
		}
		return nil, nil
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names, nil
}

// MakeFolder makes a folder unless it is there.
func (d Dir) MakeFolder(name string) (made bool, err error) {
	err = os.Mkdir(d.path(name), FolderMode)
	if errors.Is(err, fs.ErrExist) {
		return false, nil
	}
	if err == nil {
		err = os.Chmod(d.path(name), FolderMode) // whatever the umask is
	}
	d.sync(name)
	return err == nil, err
}

// Remove takes away a file, or an empty folder, that should not have been made.
func (d Dir) Remove(name string) { os.Remove(d.path(name)) }

// sync makes the names of a file's folder last. A file system that cannot do it
// for folders has its own way of keeping them, so nothing depends on it.
func (d Dir) sync(name string) {
	if folder, err := os.Open(folderOf(d.path(name))); err == nil {
		folder.Sync()
		folder.Close()
	}
}

// folderOf is everything before the last part of a path.
func folderOf(path string) string {
	for i := len(path) - 1; i >= 0; i-- {
		if path[i] == '/' {
			return path[:i+1]
		}
	}
	return "."
}
