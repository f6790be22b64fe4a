package vectors

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lakehouse/internal/index"
	"lakehouse/internal/journal"
	"lakehouse/internal/request"
	"lakehouse/internal/unit"
)

func direction(x ...float64) unit.Vector {
	v, ok := unit.Of(x)
	if !ok {
		panic("no direction")
	}
	return v
}

func open(t *testing.T, dir string, opts Options) *Store {
	t.Helper()
	s, err := Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// crashed is the directory as a process leaves it that is killed.
func crashed(t *testing.T, dir string) string {
	t.Helper()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return copied
}

func add(t *testing.T, s *Store, name string, items ...index.Item) Counts {
	t.Helper()
	c, err := s.Add("a", name, items)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// listed is what is in an index, in the order of the first additions.
func listed(s *Store, tenant, name string) string {
	text := "none"
	s.View(tenant, []string{name}, func(v View) error {
		if x := v[name]; x != nil {
			text = fmt.Sprint(x.Dimension(), ":")
			for item := range x.Items() {
				text += fmt.Sprint(" ", item.ID, item.Vector, item.Metadata)
			}
		}
		return nil
	})
	return text
}

var (
	one   = index.Item{ID: "one", Vector: direction(1, 0), Metadata: `{"n":1}`}
	two   = index.Item{ID: "two", Vector: direction(0, 1), Metadata: `{}`}
	other = index.Item{ID: "one", Vector: direction(-1, 0), Metadata: `{}`}
	wide  = index.Item{ID: "wide", Vector: direction(1, 0, 0), Metadata: `{}`}
)

const both = `2: one[1 0]{"n":1} two[0 1]{}`

func TestWritesLast(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	if got := add(t, s, "x", one, two); got != (Counts{Added: 2, Size: 2}) {
		t.Errorf("added %v", got)
	}
	if got := add(t, s, "x", other); got != (Counts{Updated: 1, Size: 2}) {
		t.Errorf("updated %v", got)
	}
	if size, err := s.Delete("a", "x", "two"); size != 1 || err != nil {
		t.Errorf("deleted %v, %v", size, err)
	}
	if _, err := s.Add("a", "x", []index.Item{two, wide}); err != request.WrongDimension {
		t.Errorf("refused by %v", err)
	}
	add(t, s, "empty", two)
	s.Delete("a", "empty", "two")
	add(t, s, "gone", two)
	if err := s.Drop("a", "gone"); err != nil {
		t.Error(err)
	}
	killed := open(t, crashed(t, dir), Options{})
	s.Close()
	for _, s := range []*Store{killed, open(t, dir, Options{})} {
		for name, want := range map[string]string{"x": `2: one[-1 0]{}`, "empty": "2:", "gone": "none"} {
			if got := listed(s, "a", name); got != want {
				t.Errorf("%s: %s; want %s", name, got, want)
			}
		}
	}
}

func TestState(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	add(t, s, "x", one)
	add(t, s, "dropped", one)
	s.Drop("a", "dropped")
	for _, name := range []string{"never", "dropped"} {
		_, deleted := s.Delete("a", name, "one")
		_, _, saved := s.Save("a", name)
		_, _, described := s.Describe("a", name)
		searched := s.View("a", []string{name}, func(v View) error {
			_, err := v.Search(name, index.Query{Vector: direction(1), K: 1})
			return err
		})
		for i, err := range []error{deleted, s.Drop("a", name), saved, described, searched} {
			if err != request.UnknownIndex {
				t.Errorf("%s, %d: %v", name, i, err)
			}
		}
	}
	if _, err := s.Delete("a", "x", "two"); err != request.UnknownID {
		t.Error(err)
	}
	if _, err := s.Delete("b", "x", "one"); err != request.UnknownIndex {
		t.Errorf("another tenant: %v", err)
	}
	for _, snapshot := range []string{"", "s-0123456789abcdef", "../../x", "s-0123456789ABCDEF"} {
		if _, _, err := s.Reload("a", "x", snapshot); err != request.UnknownSnapshot {
			t.Errorf("%q: %v", snapshot, err)
		}
	}
	if got := listed(s, "a", "x"); got != `2: one[1 0]{"n":1}` {
		t.Error(got)
	}
}

func TestSnapshots(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	add(t, s, "x", one, two)
	snapshot, size, err := s.Save("a", "x")
	if err != nil || size != 2 || !snapshotTag.MatchString(snapshot) {
		t.Fatal(snapshot, size, err)
	}
	add(t, s, "x", other)
	s.Drop("a", "x")
	add(t, s, "x", wide)
	if _, _, err := s.Reload("a", "y", snapshot); err != request.UnknownSnapshot {
		t.Errorf("of another index: %v", err)
	}
	for range 2 {
		if dimension, size, err := s.Reload("a", "x", snapshot); dimension != 2 || size != 2 || err != nil {
			t.Errorf("%d, %d, %v", dimension, size, err)
		}
		if got := listed(s, "a", "x"); got != both {
			t.Error(got)
		}
		s.Drop("a", "x")
	}
	s.Reload("a", "x", snapshot)
	add(t, s, "x", index.Item{ID: "three", Vector: direction(1, 1), Metadata: "{}"})
	path := filepath.Join(dir, "a", "x."+snapshot+".snapshot")
	text, _ := os.ReadFile(path)
	os.WriteFile(path, append(text, 0), 0o600)
	if _, _, err := s.Reload("a", "x", snapshot); err != request.DamagedSnapshot {
		t.Errorf("damaged: %v", err)
	}
	want := both + " three[0.70710677 0.70710677]{}"
	if got := listed(open(t, crashed(t, dir), Options{}), "a", "x"); got != want {
		t.Errorf("after a crash: %s; want %s", got, want)
	}
}

func TestForget(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	add(t, s, "x", one)
	s.Save("a", "x")
	add(t, s, "y", one)
	add(t, s, "z", one)
	s.Drop("a", "z")
	s.Add("b", "x", []index.Item{two})
	if dropped, err := s.Forget("a"); dropped != 2 || err != nil {
		t.Errorf("%d, %v", dropped, err)
	}
	if dropped, err := s.Forget("a"); dropped != 0 || err != nil {
		t.Errorf("again: %d, %v", dropped, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "b" {
		t.Errorf("left %v", left)
	}
	if got := listed(s, "b", "x"); got != "2: two[0 1]{}" {
		t.Errorf("of another tenant: %s", got)
	}
	if got := add(t, s, "x", wide); got.Added != 1 {
		t.Errorf("anew: %v", got)
	}
}

func TestOpenRefuses(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir, Options{})
	if _, err := Open(dir, Options{}); err == nil || !strings.Contains(err.Error(), dir) {
		t.Errorf("a second process: %v", err)
	}
	add(t, s, "x", one)
	add(t, s, "x", two)
	s.Close()
	path := filepath.Join(dir, "a", "x.journal")
	text, _ := os.ReadFile(path)
	for i := range text {
		damaged := slices.Clone(text)
		damaged[i] ^= 1
		os.WriteFile(path, damaged, 0o600)
		if _, err := Open(dir, Options{}); !errors.Is(err, journal.ErrDamaged) || !strings.Contains(err.Error(), path) {
			t.Fatalf("byte %d: %v", i, err)
		}
	}
	// What broke off, and what a process that died was about to write.
	os.WriteFile(path, text[:len(text)-1], 0o600)
	os.WriteFile(path+".tmp", text, 0o600)
	s = open(t, dir, Options{})
	if got := listed(s, "a", "x"); got != `2: one[1 0]{"n":1}` {
		t.Error(got)
	}
	s.Close()
	os.WriteFile(path, text[:5], 0o600)
	if got := listed(open(t, dir, Options{}), "a", "x"); got != "none" {
		t.Errorf("of no write: %s", got)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "a")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	file := filepath.Join(dir, "file")
	os.WriteFile(file, nil, 0o600)
	if _, err := Open(filepath.Join(file, "data"), Options{}); err == nil {
		t.Error("a directory below a file")
	}
}
