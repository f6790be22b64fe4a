// Command audit keeps audit chains and baselines in files, as audit.md says: one
// command on the current directory, or with `audit serve` many of the parity
// harness, each on a directory of its own (files.md).
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"lakehouse/internal/audit"
	"lakehouse/internal/identity"
	"lakehouse/internal/plant"
	"lakehouse/internal/protocol"
)

// commit is set by the build: go build -ldflags "-X main.commit=3f2a91c".
var commit = "unknown"

// The exit codes of helper.md, and one for what it does not foresee. Those of a
// command are audit.md's.
const (
	exitDone      = 0
	exitBroken    = 1
	exitCaller    = 2
	exitUnwritten = 7
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

func run(args []string, in io.Reader, out, log io.Writer) int {
	if slices.Equal(args, []string{"serve"}) {
		return serve(os.Getenv("LAKEHOUSE_PLANT"), in, out, log)
	}
	r := audit.New(audit.Options{}).Run(args, ".")
	if r.Says != "" {
		fmt.Fprintf(log, "audit: %s\n", r.Says)
	}
	if _, err := out.Write(r.Line()); err != nil {
		fmt.Fprintf(log, "audit: the answer could not be written: %v.\n", err)
		return exitUnwritten
	}
	return r.Exit
}

func serve(planted string, in io.Reader, out, log io.Writer) int {
	surfaces := []string{identity.SubjectAuditFiles, identity.AuditBaselines}
	opts, err := plant.Find(planted, surfaces...)
	if err != nil {
		fmt.Fprintf(log, "audit: LAKEHOUSE_PLANT: %v.\n", err)
		return exitCaller
	}
	program := audit.New(opts.Audit)
	h := protocol.Helper{
		Runtime: identity.Runtime,
		Version: identity.Version,
		Commit:  commit,
		Plants:  plant.Names(surfaces...),
		Planted: planted,
		Surfaces: map[string]protocol.Surface{
			identity.SubjectAuditFiles: program.Append,
			identity.AuditBaselines:    program.Append,
		},
	}
	if err := h.Serve(in, out); err != nil {
		fmt.Fprintf(log, "audit: %v\n", err)
		if errors.Is(err, protocol.ErrRequest) {
			return exitCaller
		}
		return exitBroken
	}
	return exitDone
}
