// Package fault is what is wrong with a file, as audit.md tells it: the file,
// what kind of fault it is, the line and the reason. A kind decides the exit
// code, a reason the sentence.
package fault

import (
	"fmt"
	"io/fs"
	"os"

	"lakehouse/internal/ijson"
)

// Kind says what a fault means to whoever has to deal with it.
type Kind string

// The kinds, and there are no others.
const (
	Tampered   Kind = "tampered"
	Malformed  Kind = "malformed"
	Unanchored Kind = "unanchored"
	Torn       Kind = "torn"
	Unreadable Kind = "unreadable"
	Refused    Kind = "refused"
	Unwritten  Kind = "unwritten"
)

var exits = map[Kind]int{
	Tampered:   1,
	Malformed:  1,
	Unanchored: 3,
	Torn:       4,
	Unreadable: 5,
	Refused:    6,
	Unwritten:  7,
}

// NoLine stands for a fault that is no single line's. (Line 0 is taken: there
// the anchor of an empty chain would be.)
const NoLine = -1

// Fault is one thing that is wrong. A nil Fault is none.
type Fault struct {
	File   string
	Kind   Kind
	Line   int64
	Reason Reason
	Cause  error // what the system said, for the sentence alone
}

// New is a fault of a file as a whole.
func New(file string, kind Kind, reason Reason) *Fault {
	return &Fault{File: file, Kind: kind, Line: NoLine, Reason: reason}
}

// At is a fault of one line.
func At(file string, line int64, kind Kind, reason Reason) *Fault {
	return &Fault{File: file, Kind: kind, Line: line, Reason: reason}
}

// Because is a fault of a file as a whole that the system reported.
func Because(file string, kind Kind, reason Reason, err error) *Fault {
	f := New(file, kind, reason)
	f.Cause = bare(err)
	return f
}

// bare takes the path from an error: it would tell the folder that a request is
// about, and the file is named already.
func bare(err error) error {
	switch e := err.(type) {
	case *fs.PathError:
		return e.Err
	case *os.LinkError:
		return e.Err
	default:
		return err
	}
}

// Exit is the exit code of a command that ends with f.
func (f *Fault) Exit() int {
	if f == nil {
		return 0
	}
	return exits[f.Kind]
}

// Value is the fault as it is answered: null where there is none.
func (f *Fault) Value() ijson.Value {
	if f == nil {
		return ijson.Null{}
	}
	var line ijson.Value = ijson.Null{}
	if f.Line != NoLine {
		line = ijson.Number(f.Line)
	}
	return ijson.Object{
		{Name: "file", Value: ijson.String(f.File)},
		{Name: "kind", Value: ijson.String(f.Kind)},
		{Name: "line", Value: line},
		{Name: "reason", Value: ijson.String(f.Reason)},
	}
}

// Error is a sentence without its full stop.
func (f *Fault) Error() string {
	place := fmt.Sprintf("%q", f.File)
	if f.Line != NoLine {
		place += fmt.Sprintf(", line %d", f.Line)
	}
	says := fmt.Sprintf("%s: %s (%s): %s", place, f.Kind, f.Reason, sentences[f.Reason])
	if f.Cause != nil {
		says += ": " + f.Cause.Error()
	}
	return says
}
