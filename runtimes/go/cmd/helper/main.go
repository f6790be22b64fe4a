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
	"lakehouse/internal/plant"
	"lakehouse/internal/protocol"
)

const version = "0.1.0"

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
	opts, err := plant.Options(planted)
	if err != nil {
		fmt.Fprintf(log, "helper: LAKEHOUSE_PLANT: %v.\n", err)
		return exitCaller
	}
	h := protocol.Helper{
		Runtime: "go",
		Version: version,
		Commit:  commit,
		Plants:  plant.Names(),
		Planted: planted,
		Surfaces: map[string]protocol.Surface{
			"extract_json": func(dst []byte, input string) []byte {
				return extract.Append(dst, input, opts)
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
