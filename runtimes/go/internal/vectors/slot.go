package vectors

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"lakehouse/internal/index"
	"lakehouse/internal/journal"
	"lakehouse/internal/request"
)

// slot is where an index of that name is, or could be.
type slot struct {
	path string // of its files, without their ends
	opts Options
	late *journal.Late

	mu      sync.RWMutex
	x       *index.Index // nil where there is none, as the journal is
	journal *journal.File

	saved atomic.Bool  // for DroppedKeeps
	kept  *index.Index // what it kept
}

func (s *Store) newSlot(tenant, name string) *slot {
	opts := s.opts
	opts.Index.PlainGraph = opts.PlainGraph == name
	made := &slot{path: filepath.Join(s.dir, tenant, name), opts: opts}
	if opts.CrashForgets {
		made.late = &journal.Late{} // the last write of each index waits for that index's next one
	}
	return made
}

// open reads the journal. One without a record was made for a write that was
// never acknowledged.
func (s *slot) open() error {
	r := replayer{opts: s.opts.Index}
	file, err := journal.Open(s.path+journalEnd, s.late, r.apply)
	if err != nil {
		return err
	}
	if r.x == nil {
		return file.Remove()
	}
	s.x, s.journal = r.x, file
	return nil
}

// add puts items into the index, and makes it if it is not there.
func (s *slot) add(items []index.Item) (c Counts, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	x, file := s.x, s.journal
	if x == nil {
		if x = s.kept; x == nil || x.Dimension() != len(items[0].Vector) {
			x = index.New(len(items[0].Vector), s.opts.Index)
		}
	}
	for _, item := range items {
		if len(item.Vector) != x.Dimension() {
			return Counts{}, request.WrongDimension
		}
	}
	if file == nil {
		if file, err = s.make(x); err != nil {
			return Counts{}, err
		}
	}
	if err := file.Append(putRecord(x.Dimension(), items)); err != nil {
		if s.x == nil {
			err = errors.Join(err, file.Remove())
		}
		return Counts{}, err
	}
	s.x, s.journal, s.kept = x, file, nil
	for _, item := range items {
		if x.Put(item) {
			c.Updated++
		} else {
			c.Added++
		}
	}
	s.compact()
	c.Size = x.Size()
	return c, nil
}

// make makes the journal of an index, which as a rule is empty.
func (s *slot) make(x *index.Index) (*journal.File, error) {
	if err := os.MkdirAll(filepath.Dir(s.path), 0o700); err != nil {
		return nil, err
	}
	if x.Size() > 0 {
		return journal.Write(s.path+journalEnd, s.late, records(x))
	}
	return journal.Write(s.path+journalEnd, s.late, func(func([]byte) bool) {})
}

func (s *slot) delete(id string) (size int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.x == nil:
		return 0, request.UnknownIndex
	case !s.x.Has(id):
		return 0, request.UnknownID
	}
	if err := s.journal.Append(deleteRecord(id)); err != nil {
		return 0, err
	}
	s.x.Delete(id)
	s.compact()
	return s.x.Size(), nil
}

func (s *slot) drop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.x == nil {
		return request.UnknownIndex
	}
	if err := s.journal.Remove(); err != nil {
		return err
	}
	if s.opts.DroppedKeeps && s.saved.Load() {
		s.kept = s.x
	}
	s.x, s.journal = nil, nil
	return nil
}

// The journal is written anew when it is larger than minCompact and most of it
// is out of date: a small index that is updated often is written once in
// thousands of times.
const (
	minCompact  = 1 << 20
	growth      = 3
	itemAllowed = 128 // bytes for an id and metadata
)

// compact makes the journal shorter where that is worth it. If it cannot, there
// is still the longer one.
func (s *slot) compact() {
	live := int64(s.x.Size()) * int64(4*s.x.Dimension()+itemAllowed)
	if s.journal.Size() <= minCompact+growth*live {
		return
	}
	if file, err := journal.Write(s.path+journalEnd, s.late, records(s.x)); err == nil {
		s.journal.Discard()
		s.journal = file
	}
}
