// Package vectors keeps the indexes of every tenant, in memory and in files: a
// write is in its journal before anybody hears of it.
package vectors

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"

	"lakehouse/internal/index"
)

// Options depart from the contract. Only planted bugs do that; the zero value is
// the contract.
type Options struct {
	Index        index.Options
	DroppedKeeps bool   // an index that was saved once keeps its vectors when it is dropped and made anew
	CrashForgets bool   // a write goes to its file only when the next one comes
	PlainGraph   string // the index that lies in a graph, used plainly
}

// The names that there can be; as tenants and indexes are files, nothing else
// gets through to here.
var (
	tenantName  = regexp.MustCompile(`^[a-z0-9-]{1,64}$`)
	indexName   = regexp.MustCompile(`^[a-z0-9_-]{1,64}$`)
	snapshotTag = regexp.MustCompile(`^s-[0-9a-f]{16}$`)
)

// IsTenant reports whether a tenant can have that name.
func IsTenant(name string) bool { return tenantName.MatchString(name) }

// IsName reports whether an index can have that name.
func IsName(name string) bool { return indexName.MatchString(name) }

const journalEnd = ".journal"

// Store keeps what every tenant has. Any number of goroutines may use it.
type Store struct {
	dir  string
	opts Options
	lock *os.File // that this directory is ours

	mu      sync.Mutex
	tenants map[string]*tenant
}

// tenant has indexes. Whoever uses one holds mu for reading; whoever takes away
// the tenant holds it for writing.
type tenant struct {
	mu   sync.RWMutex
	gone bool // it is not in the store any more

	slotsMu sync.Mutex
	slots   map[string]*slot
}

// Open reads what there is below the directory, which is made if it is missing.
func Open(dir string, opts Options) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := &Store{dir: dir, opts: opts, lock: lock, tenants: map[string]*tenant{}}
	folders, err := os.ReadDir(dir)
	for _, folder := range folders {
		if err == nil && folder.IsDir() && IsTenant(folder.Name()) {
			err = s.load(folder.Name())
		}
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// lockFolder keeps a second process out, which would write between our records.
func lockFolder(dir string) (*os.File, error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		folder.Close()
		return nil, fmt.Errorf("%s is used by another process: %w", dir, err)
	}
	draft, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		folder.Close()
		return nil, err
	}
	draft.Close()
	return folder, os.Remove(draft.Name())
}

// load reads the journals of a tenant, and takes away what a process that died
// was about to write.
func (s *Store) load(name string) error {
	t := &tenant{slots: map[string]*slot{}}
	s.tenants[name] = t
	files, err := os.ReadDir(filepath.Join(s.dir, name))
	if err != nil {
		return err
	}
	for _, file := range files {
		path := filepath.Join(s.dir, name, file.Name())
		index, isJournal := strings.CutSuffix(file.Name(), journalEnd)
		switch {
		case strings.HasSuffix(file.Name(), ".tmp"):
			err = os.Remove(path)
		case isJournal && IsName(index):
			slot := s.newSlot(name, index)
			t.slots[index] = slot
			err = slot.open()
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Close closes the files.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, t := range s.tenants {
		for _, slot := range t.slots {
			if slot.journal != nil {
				errs = append(errs, slot.journal.Close())
			}
		}
	}
	return errors.Join(append(errs, s.lock.Close())...)
}

// enter returns a tenant with its lock held for reading.
func (s *Store) enter(name string) *tenant {
	for {
		s.mu.Lock()
		t := s.tenants[name]
		if t == nil {
			t = &tenant{slots: map[string]*slot{}}
			s.tenants[name] = t
		}
		s.mu.Unlock()
		t.mu.RLock()
		if !t.gone {
			return t
		}
		t.mu.RUnlock()
	}
}

// slot returns the place of an index, which is made if it is to be.
func (s *Store) slot(t *tenant, of, name string, make bool) *slot {
	t.slotsMu.Lock()
	defer t.slotsMu.Unlock()
	found := t.slots[name]
	if found == nil && make {
		found = s.newSlot(of, name)
		t.slots[name] = found
	}
	return found
}

// Forget takes away all that a tenant has, and returns how many indexes it had.
func (s *Store) Forget(name string) (dropped int, err error) {
	t := s.enter(name)
	t.mu.RUnlock()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.gone {
		return 0, nil // by somebody else, just now
	}
	if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
		return 0, err
	}
	for _, slot := range t.slots {
		if slot.x != nil {
			slot.journal.Discard()
			dropped++
		}
	}
	t.gone = true
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.tenants, name)
	return dropped, nil
}
