package fault

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lakehouse/internal/jcs"
)

func TestValue(t *testing.T) {
	tests := []struct {
		fault *Fault
		want  string
		exit  int
	}{
		{nil, `null`, 0},
		{At("log", 7, Tampered, Chain), `{"file":"log","kind":"tampered","line":7,"reason":"chain"}`, 1},
		{At("log", 0, Tampered, Anchor), `{"file":"log","kind":"tampered","line":0,"reason":"anchor"}`, 1},
		{At("b", 1, Malformed, EntryShape), `{"file":"b","kind":"malformed","line":1,"reason":"entry-shape"}`, 1},
		{New("log", Unanchored, NoAnchor), `{"file":"log","kind":"unanchored","line":null,"reason":"no-anchor"}`, 3},
		{At("log", 2, Torn, Unfinished), `{"file":"log","kind":"torn","line":2,"reason":"unfinished"}`, 4},
		{New("é\n", Unreadable, Missing), `{"file":"é\n","kind":"unreadable","line":null,"reason":"missing"}`, 5},
		{New("e", Refused, NotStorable), `{"file":"e","kind":"refused","line":null,"reason":"not-storable"}`, 6},
		{New("log", Unwritten, WriteFailed), `{"file":"log","kind":"unwritten","line":null,"reason":"write-failed"}`, 7},
	}
	for _, tt := range tests {
		if got := string(jcs.Append(nil, tt.fault.Value(), jcs.Options{})); got != tt.want {
			t.Errorf("got  %s\nwant %s", got, tt.want)
		}
		if got := tt.fault.Exit(); got != tt.exit {
			t.Errorf("%s: exit code %d; want %d", tt.want, got, tt.exit)
		}
	}
}

func TestSentences(t *testing.T) {
	for _, reason := range []Reason{LineTooLong, NotJSON, MACForm, NotCanonical, MAC, Subject, Chain, EntryShape, Unfinished,
		Anchor, Truncated, NoAnchor, Missing, NotAFile, NoPermission, IO, KeyPermissions, KeyTooShort, KeyTooLong,
		AnchorsShape, EventShape, NotStorable, WriteFailed} {
		if sentences[reason] == "" {
			t.Errorf("there is no sentence for %s", reason)
		}
	}
	if got, want := At("a b", 3, Tampered, MAC).Error(), `"a b", line 3: tampered (mac): `; !strings.HasPrefix(got, want) {
		t.Errorf("got %s; want %s at its beginning", got, want)
	}
}

// A cause is told without the path of the file, which is where a request works.
func TestCauses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a")
	_, open := os.Open(path)
	for _, err := range []error{open, os.Rename(path, path+"b"), errors.New("no such file or directory")} {
		got := Because("a", Unreadable, Missing, err).Error()
		if !strings.HasSuffix(got, ": no such file or directory") || strings.Contains(got, path) {
			t.Errorf("got %s", got)
		}
	}
}
