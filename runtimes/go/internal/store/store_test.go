package store

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"lakehouse/internal/fault"
)

// A mask that takes everything must not be seen in the modes of what is made.
func TestModes(t *testing.T) {
	dir := Dir(t.TempDir())
	before := syscall.Umask(0o777)
	made, err := dir.MakeFolder("subjects")
	syscall.Umask(before)
	if !made || err != nil {
		t.Fatal(made, err)
	}
	if made, err := dir.MakeFolder("subjects"); made || err != nil {
		t.Errorf("once more: %v, %v", made, err)
	}
	syscall.Umask(0o777)
	j, f := dir.LockOrMake("subjects/log", 0o640)
	draft := dir.Draft("subjects/manifest")
	draft.Write([]byte("x"))
	failed := draft.Commit()
	syscall.Umask(before)
	if f != nil || failed != nil {
		t.Fatal(f, failed)
	}
	defer j.Close()
	for name, want := range map[string]os.FileMode{"subjects": 0o700 | os.ModeDir, "subjects/log": 0o640, "subjects/manifest": 0o600} {
		if info, err := os.Stat(dir.path(name)); err != nil || info.Mode() != want {
			t.Errorf("%s: %v, %v; want %v", name, info.Mode(), err, want)
		}
	}
}

func TestJournal(t *testing.T) {
	dir := Dir(t.TempDir())
	j, f := dir.LockOrMake("log", FileMode)
	if f != nil || !j.Made {
		t.Fatal(f, j)
	}
	if f := j.Append([]byte("a\nb\n")); f != nil || j.Size != 4 {
		t.Errorf("%v, %d bytes", f, j.Size)
	}
	// Another descriptor waits for this one.
	second, err := os.OpenFile(dir.path("log"), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	if err := syscall.Flock(int(second.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != syscall.EWOULDBLOCK {
		t.Errorf("the lock: %v; want %v", err, syscall.EWOULDBLOCK)
	}
	if f := j.Cut(2); f != nil || j.Size != 2 {
		t.Errorf("%v, %d bytes", f, j.Size)
	}
	j.Close()
	j, f = dir.LockOrMake("log", FileMode)
	if f != nil || j.Made || j.Size != 2 {
		t.Errorf("%v, %+v", f, j)
	}
	j.Append([]byte("c\n"))
	j.Close()
	if text, _, f := dir.Read("log", 9); string(text) != "a\nc\n" || f != nil {
		t.Errorf("left %q, %v", text, f)
	}
}

func TestLinks(t *testing.T) {
	dir := Dir(t.TempDir())
	os.WriteFile(dir.path("file"), []byte("x"), FileMode)
	for name, to := range map[string]string{"good": "file", "nowhere": "none", "loop": "loop"} {
		if err := os.Symlink(to, dir.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]fault.Reason{"good": "", "nowhere": fault.Missing, "loop": fault.IO} {
		got := fault.Reason("")
		if _, _, f := dir.Read(name, 1); f != nil {
			got = f.Reason
		}
		if got != want {
			t.Errorf("%s: %q; want %q", name, got, want)
		}
	}
	// Nothing is made at the end of a link, and nobody tries forever.
	if _, f := dir.LockOrMake("nowhere", FileMode); f == nil || f.Reason != fault.WriteFailed {
		t.Errorf("a link to nowhere: %v", f)
	}
}

func TestDraftIsTakenAway(t *testing.T) {
	dir := Dir(t.TempDir())
	draft := dir.Draft("a")
	draft.Write([]byte("x"))
	draft.Discard()
	if err := os.Mkdir(dir.path("folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	if f := dir.Draft("folder").Commit(); f == nil || f.Kind != fault.Unwritten || f.File != "folder" {
		t.Errorf("in the place of a folder: %v", f)
	}
	names, f := dir.Names(".")
	if f != nil || strings.Join(names, " ") != "folder" {
		t.Errorf("left %q, %v", names, f)
	}
}

func TestDevices(t *testing.T) {
	for _, name := range []string{"/dev/null", "/dev", "/dev/stdin"} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().IsRegular() {
			continue
		}
		if _, _, f := Dir("/nowhere").Open(name); f == nil || f.Reason != fault.NotAFile || f.File != name {
			t.Errorf("%s: %v", name, f)
		}
	}
	if got := folderOf("a"); got != "." {
		t.Errorf("folderOf(a) = %q", got)
	}
	if got := Dir("d").path("/a"); got != filepath.FromSlash("/a") {
		t.Errorf("path(/a) = %q", got)
	}
}
