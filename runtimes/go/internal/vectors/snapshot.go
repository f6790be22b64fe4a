package vectors

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"

	"lakehouse/internal/index"
	"lakehouse/internal/journal"
	"lakehouse/internal/request"
)

func (s *slot) snapshotPath(tag string) string { return s.path + "." + tag + ".snapshot" }

// save keeps a copy, and returns its name.
func (s *slot) save() (tag string, size int, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.x == nil {
		return "", 0, request.UnknownIndex
	}
	tag = newTag()
	if err := journal.Seal(s.snapshotPath(tag), records(s.x)); err != nil {
		return "", 0, err
	}
	s.saved.Store(true)
	return tag, s.x.Size(), nil
}

// newTag is a name that nobody had before: 64 bits of chance.
func newTag() string {
	var chance [8]byte
	rand.Read(chance[:]) // never fails
	return "s-" + hex.EncodeToString(chance[:])
}

// reload puts the index back as it was.
func (s *slot) reload(tag string) (dimension, size int, err error) {
	if !snapshotTag.MatchString(tag) {
		return 0, 0, request.UnknownSnapshot
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	x, err := s.unseal(s.snapshotPath(tag))
	if err != nil {
		return 0, 0, err
	}
	file, err := journal.Write(s.path+journalEnd, s.late, records(x))
	if err != nil {
		return 0, 0, err
	}
	if s.journal != nil {
		s.journal.Discard()
	}
	s.x, s.journal, s.kept = x, file, nil
	return x.Dimension(), x.Size(), nil
}

func (s *slot) unseal(path string) (*index.Index, error) {
	r := replayer{opts: s.opts.Index}
	err := journal.Unseal(path, r.apply)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, request.UnknownSnapshot
	case err != nil || r.x == nil: // also what lies there and is no file
		return nil, request.DamagedSnapshot
	}
	return r.x, nil
}
