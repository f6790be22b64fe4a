package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"lakehouse/internal/fault"
)

// Journal is a file that is only ever appended to, opened for that and locked
// against everybody else who does.
type Journal struct {
	*os.File
	Name string
	Size int64 // under the lock, it is nobody else's to change
	Made bool  // it was missing
}

// Lock opens a journal and waits for its lock.
func (d Dir) Lock(name string) (*Journal, *fault.Fault) {
	file, _, f := d.open(name, os.O_RDWR|os.O_APPEND)
	if f != nil {
		return nil, f
	}
	return locked(name, file)
}

// LockOrMake makes the journal with that mode where it is missing.
func (d Dir) LockOrMake(name string, mode fs.FileMode) (*Journal, *fault.Fault) {
	for {
		j, f := d.Lock(name)
		if !isMissing(f) {
			return j, f
		}
		file, err := os.OpenFile(d.path(name), os.O_RDWR|os.O_APPEND|os.O_CREATE|os.O_EXCL, mode)
		// Somebody else may have been faster, and then it is there. But what only
		// looks as if it were missing, a link to nowhere, would never be.
		if errors.Is(err, fs.ErrExist) && d.look(name) == nil {
			continue
		}
		if err != nil {
			return nil, unwritten(name, err)
		}
		if err := file.Chmod(mode); err != nil { // whatever the umask is
			file.Close()
			return nil, unwritten(name, err)
		}
		d.sync(name)
		j, f = locked(name, file)
		if f == nil {
			j.Made = true
		}
		return j, f
	}
}

// locked waits for the lock. It belongs to the open file, so two goroutines keep
// each other out as two processes do, and it ends with the file.
func locked(name string, file *os.File) (*Journal, *fault.Fault) {
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if err == nil {
			break
		}
		if err != syscall.EINTR {
			file.Close()
			return nil, unreadable(name, err)
		}
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, unreadable(name, err)
	}
	return &Journal{File: file, Name: name, Size: info.Size()}, nil
}

func unwritten(name string, err error) *fault.Fault {
	return fault.Because(name, fault.Unwritten, fault.WriteFailed, err)
}

// Append writes the bytes by one write, and returns when they are there to stay.
// If that fails, the journal is what it was: no part of them is left. (A write
// beyond a limit fails as any other does: the runtime of Go sees to SIGXFSZ.)
func (j *Journal) Append(text []byte) *fault.Fault {
	_, err := j.Write(text)
	if err == nil {
		err = j.Sync()
	}
	if err != nil {
		if cut := j.Truncate(j.Size); cut != nil {
			err = fmt.Errorf("%w; and then: %w", err, cut)
		}
		return unwritten(j.Name, err)
	}
	j.Size += int64(len(text))
	return nil
}

// Cut takes away what stands behind the first size bytes.
func (j *Journal) Cut(size int64) *fault.Fault {
	err := j.Truncate(size)
	if err == nil {
		err = j.Sync()
	}
	if err != nil {
		return unwritten(j.Name, err)
	}
	j.Size = size
	return nil
}
