package journal

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

var content = []string{"first", "", "the third, which is longer", mark, "last"}

// written makes a journal with that content, and returns its bytes.
func written(t *testing.T, path string) []byte {
	t.Helper()
	f, err := Write(path, nil, func(yield func([]byte) bool) { yield([]byte(content[0])) })
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range content[1:] {
		if err := f.Append([]byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil || int64(len(text)) != f.Size() {
		t.Fatalf("%d bytes, %d said, %v", len(text), f.Size(), err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return text
}

func replay(path string) (records []string, err error) {
	f, err := Open(path, nil, func(record []byte) error {
		records = append(records, string(record))
		return nil
	})
	if err == nil {
		err = f.Close()
	}
	return records, err
}

func TestJournal(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.journal")
	written(t, path)
	for range 2 {
		if got, err := replay(path); err != nil || !slices.Equal(got, content) {
			t.Errorf("read %q, %v", got, err)
		}
	}
	if _, err := replay(path + "x"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing: %v", err)
	}
	_, err := Open(path, nil, func([]byte) error { return errors.New("nonsense") })
	if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) {
		t.Errorf("a record that says nothing: %v", err)
	}
}

// Wherever the last write was cut off, those before it are there, and the next
// one follows them.
func TestTorn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.journal")
	text := written(t, path)
	whole := len(text) - headerSize - len(content[len(content)-1])
	for size := whole; size < len(text); size++ {
		os.WriteFile(path, text[:size], 0o600)
		if got, err := replay(path); err != nil || !slices.Equal(got, content[:len(content)-1]) {
			t.Fatalf("%d bytes: read %q, %v", size, got, err)
		}
		if left, _ := os.ReadFile(path); !bytes.Equal(left, text[:whole]) {
			t.Fatalf("%d bytes: %d are left", size, len(left))
		}
	}
	for _, behind := range []string{"x", "\n", strings.Repeat("\x00", 100), strings.Repeat("garbage ", 50), string(text[whole : len(text)-1])} {
		os.WriteFile(path, []byte(string(text)+behind), 0o600)
		if got, err := replay(path); err != nil || !slices.Equal(got, content) {
			t.Errorf("%q behind: read %q, %v", behind, got, err)
		}
	}
}

// Any byte that changes is damage, in the last record too: what broke off is
// shorter, and otherwise as it was meant.
func TestDamaged(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.journal")
	text := written(t, path)
	for i := range text {
		damaged := slices.Clone(text)
		damaged[i] ^= 0x40
		os.WriteFile(path, damaged, 0o600)
		got, err := replay(path)
		if !errors.Is(err, ErrDamaged) || !strings.Contains(err.Error(), path) {
			t.Fatalf("byte %d: read %q, %v", i, got, err)
		}
	}
}

func TestWriteReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.journal")
	written(t, path)
	written(t, path)
	if got, err := replay(path); err != nil || !slices.Equal(got, content) {
		t.Errorf("read %q, %v", got, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("left %v", files)
	}
	if _, err := Write(filepath.Join(dir, "no", "a.journal"), nil, func(func([]byte) bool) {}); err == nil {
		t.Error("written into a folder that is not there")
	}
}

func TestFailedAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.journal")
	written(t, path)
	f, err := Open(path, nil, func([]byte) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	f.file.Close()
	if err := f.Append([]byte("x")); err == nil || f.broken == nil {
		t.Errorf("%v, and then %v", err, f.broken)
	}
	if err := f.Append([]byte("x")); err != f.broken {
		t.Errorf("then %v", err)
	}
}

func TestSealed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.snapshot")
	err := Seal(path, func(yield func([]byte) bool) {
		for _, record := range content {
			if !yield([]byte(record)) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	text, _ := os.ReadFile(path)
	check := func(changed []byte) (records []string, err error) {
		os.WriteFile(path, changed, 0o600)
		err = Unseal(path, func(record []byte) error {
			records = append(records, string(record))
			return nil
		})
		return records, err
	}
	if got, err := check(text); err != nil || !slices.Equal(got, content) {
		t.Errorf("read %q, %v", got, err)
	}
	changes := [][]byte{append(slices.Clone(text), 'x'), append([]byte("x"), text...), slices.Concat(text, text)}
	for i := range text {
		flipped := slices.Clone(text)
		flipped[i] ^= 1
		changes = append(changes, text[:i], flipped, slices.Delete(slices.Clone(text), i, i+1))
	}
	for _, changed := range changes {
		if got, err := check(changed); !errors.Is(err, ErrDamaged) || len(got) > 0 {
			t.Fatalf("%q: read %q, %v", changed, got, err)
		}
	}
}

func TestLate(t *testing.T) {
	dir := t.TempDir()
	late := &Late{}
	make := func(name string) *File {
		f, err := Write(filepath.Join(dir, name), late, func(func([]byte) bool) {})
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	a, b := make("a"), make("b")
	a.Append([]byte("1"))
	b.Append([]byte("2"))
	a.Append([]byte("3"))
	for name, want := range map[string]string{"a": "1", "b": "2"} {
		if got, err := replay(filepath.Join(dir, name)); err != nil || strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	a.Close()
	if got, _ := replay(filepath.Join(dir, "a")); len(got) != 2 {
		t.Errorf("closed: %q", got)
	}
	b.Append([]byte("4"))
	b.Discard()
	if got, _ := replay(filepath.Join(dir, "b")); len(got) != 1 {
		t.Errorf("discarded: %q", got)
	}
}
