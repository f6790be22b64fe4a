// Command validatord serves the rules of validate.rules.toml over HTTP for the
// Go runtime. It keeps to service.md: a port of 127.0.0.1, the variable
// LAKEHOUSE_PLANT, and an end with 0 at SIGTERM.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"lakehouse/internal/identity"
	"lakehouse/internal/plant"
	"lakehouse/internal/service"
)

// commit is set by the build: go build -ldflags "-X main.commit=3f2a91c".
var commit = "unknown"

// The exit codes of service.md, and one for what it does not foresee.
const (
	exitDone   = 0
	exitBroken = 1
	exitCaller = 2
	exitPort   = 3
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv("LAKEHOUSE_PLANT"), os.Stderr))
}

func run(args []string, planted string, log io.Writer) int {
	port, err := parse(args)
	if err != nil {
		fmt.Fprintf(log, "validatord: %v; it is started as validatord --port N.\n", err)
		return exitCaller
	}
	opts, err := plant.Find(planted, identity.Validate)
	if err != nil {
		fmt.Fprintf(log, "validatord: LAKEHOUSE_PLANT: %v.\n", err)
		return exitCaller
	}
	// Before anybody can know that it runs, so that nobody can end it otherwise.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	listener, err := service.Listen(port)
	if err != nil {
		fmt.Fprintf(log, "validatord: the port cannot be had: %v.\n", err)
		return exitPort
	}
	handler := service.NewValidate(service.Health{
		Service:  "validatord",
		Runtime:  identity.Runtime,
		Version:  identity.Version,
		Commit:   commit,
		Surfaces: []string{identity.Validate},
		Plants:   plant.Names(identity.Validate),
		Planted:  planted,
	}, opts.Validate, log)
	if err := service.Serve(ctx, listener, handler); err != nil {
		fmt.Fprintf(log, "validatord: %v\n", err)
		return exitBroken
	}
	return exitDone
}

// parse reads the command line. (Left to itself, package flag prints half a page
// for a mistake, and takes 0x50 for a port.)
func parse(args []string) (port uint16, err error) {
	flags := flag.NewFlagSet("validatord", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.Func("port", "", func(value string) error {
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil || n == 0 {
			return errors.New("a port is a number from 1 to 65535")
		}
		port = uint16(n)
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return 0, err
	}
	switch {
	case flags.NArg() > 0:
		return 0, fmt.Errorf("the argument %q means nothing", flags.Arg(0))
	case port == 0:
		return 0, errors.New("no port is given")
	}
	return port, nil
}
