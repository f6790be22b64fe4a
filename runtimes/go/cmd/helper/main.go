// Command helper answers the cases of the parity harness for the Go runtime. It
// keeps to helper.md: requests on standard input, answers on standard output,
// and nothing else but the variable LAKEHOUSE_PLANT.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"lakehouse/internal/extract"
	"lakehouse/internal/hash768"
	"lakehouse/internal/identity"
	"lakehouse/internal/plant"
	"lakehouse/internal/protocol"
	"lakehouse/internal/subjectaudit"
	"lakehouse/internal/verror"
)

// commit is set by the build: go build -ldflags "-X main.commit=3f2a91c".
var commit = "unknown"

// The exit codes of helper.md, and one for what it does not foresee.
const (
	exitDone   = 0
	exitBroken = 1
	exitCaller = 2
)

func main() {
	os.Exit(run(os.Getenv("LAKEHOUSE_PLANT"), os.Stdin, os.Stdout, os.Stderr))
}

func run(planted string, in io.Reader, out, log io.Writer) int {
	surfaces := []string{identity.ExtractJSON, identity.ValidationError, identity.SubjectAudit, identity.Embedding}
	opts, err := plant.Find(planted, surfaces...)
	if err != nil {
		fmt.Fprintf(log, "helper: LAKEHOUSE_PLANT: %v.\n", err)
		return exitCaller
	}
	h := protocol.Helper{
		Runtime: identity.Runtime,
		Version: identity.Version,
		Commit:  commit,
		Plants:  plant.Names(surfaces...),
		Planted: planted,
		Surfaces: map[string]protocol.Surface{
			identity.ExtractJSON: func(dst []byte, input string) []byte {
				return extract.Append(dst, input, opts.Extract)
			},
			identity.ValidationError: func(dst []byte, input string) []byte {
				return verror.Append(dst, input, opts.ValidationError)
			},
			identity.SubjectAudit: func(dst []byte, input string) []byte {
				return subjectaudit.Append(dst, input, opts.SubjectAudit)
			},
			identity.Embedding: func(dst []byte, input string) []byte {
				return hash768.Append(dst, input, opts.Embedding)
			},
		},
	}
	if err := h.Serve(in, out); err != nil {
		fmt.Fprintf(log, "helper: %v\n", err)
		if errors.Is(err, protocol.ErrRequest) {
			return exitCaller
		}
		return exitBroken
	}
	return exitDone
}
