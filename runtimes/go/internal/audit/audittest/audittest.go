// Package audittest lays out the directories that commands of audit are tested
// on, and looks at what they left there.
package audittest

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Key is a key file that nothing is wrong with, as the text of a case has it.
const Key = "-- audit.key --\n0123456789abcdef0123456789abcdef\n"

var header = regexp.MustCompile(`(?m)^-- (\S+)(?: ([0-7]{3}))? --\n`)

// Unpack writes the files of a case, each behind a line `-- NAME --` or
// `-- NAME MODE --` and without the line feed in front of the next such line, or
// at the end. The text / makes a folder, and | a pipe.
func Unpack(t testing.TB, dir, files string) {
	t.Helper()
	at := header.FindAllStringSubmatchIndex(files, -1)
	for i, m := range at {
		name, mode, text := files[m[2]:m[3]], uint64(0o600), files[m[1]:]
		if m[4] >= 0 {
			mode, _ = strconv.ParseUint(files[m[4]:m[5]], 8, 32)
		}
		if i+1 < len(at) {
			text = files[m[1]:at[i+1][0]]
		}
		if err := write(filepath.Join(dir, name), strings.TrimSuffix(text, "\n"), fs.FileMode(mode)); err != nil {
			t.Fatal(err)
		}
	}
}

func write(path, text string, mode fs.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	switch text {
	case "/":
		return os.Mkdir(path, 0o700)
	case "|":
		return syscall.Mkfifo(path, 0o600)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return err
	}
	return os.Chmod(path, mode)
}

// Tree is what a directory holds: by the name of each file its mode and its text,
// by that of each folder its mode, by that of anything else what it is.
func Tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	tree := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || path == dir {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		text := ""
		if info.Mode().IsRegular() {
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text = string(b)
		} else if !entry.IsDir() {
			text = info.Mode().Type().String()
		}
		name, err := filepath.Rel(dir, path)
		tree[name] = fmt.Sprintf("%o %s", info.Mode().Perm(), text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// Changed are the names of what is another in two trees, or only in one of them.
func Changed(before, after map[string]string) string {
	names := map[string]bool{}
	for name, text := range before {
		if other, ok := after[name]; !ok || other != text {
			names[name] = true
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			names[name] = true
		}
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), " ")
}
