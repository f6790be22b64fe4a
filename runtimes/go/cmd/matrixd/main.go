// Command matrixd serves vector indexes, and search that learns from recordings,
// over HTTP for the Go runtime. It keeps to search.md and service.md: a port of
// 127.0.0.1, a directory of its own, the variable LAKEHOUSE_PLANT, and an end
// with 0 at SIGTERM.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"lakehouse/internal/embedder"
	"lakehouse/internal/identity"
	"lakehouse/internal/matrix"
	"lakehouse/internal/matrixd"
	"lakehouse/internal/plant"
	"lakehouse/internal/service"
	"lakehouse/internal/vectord"
	"lakehouse/internal/vectors"
)

// commit is set by the build: go build -ldflags "-X main.commit=3f2a91c".
var commit = "unknown"

// The exit codes of service.md and search.md, and one for what they do not
// foresee.
const (
	exitDone   = 0
	exitBroken = 1
	exitCaller = 2
	exitPort   = 3
	exitData   = 4
)

func main() {
	os.Exit(run(os.Args[1:], os.Getenv("LAKEHOUSE_PLANT"), os.Stderr))
}

func run(args []string, planted string, log io.Writer) int {
	flags, err := parse(args)
	if err != nil {
		fmt.Fprintf(log, "matrixd: %v; it is started as matrixd --port N --data DIR [--embedder URL] [--vectord URL].\n", err)
		return exitCaller
	}
	surfaces := []string{identity.Vectors, identity.Matrix}
	if flags.vectord != "" {
		surfaces = surfaces[1:]
	}
	opts, err := plant.Find(planted, surfaces...)
	if err != nil {
		fmt.Fprintf(log, "matrixd: LAKEHOUSE_PLANT: %v.\n", err)
		return exitCaller
	}
	// Before anybody can know that it runs, so that nobody can end it otherwise.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	listener, err := service.Listen(flags.port)
	if err != nil {
		fmt.Fprintf(log, "matrixd: the port cannot be had: %v.\n", err)
		return exitPort
	}
	config, closeData, err := open(flags, opts)
	if err != nil {
		listener.Close()
		fmt.Fprintf(log, "matrixd: the data cannot be used: %v.\n", err)
		return exitData
	}
	defer closeData()
	config.Log = log
	config.Health = service.Health{
		Service:  "matrixd",
		Runtime:  identity.Runtime,
		Version:  identity.Version,
		Commit:   commit,
		Surfaces: surfaces,
		Plants:   plant.Names(surfaces...),
		Planted:  planted,
	}
	if err := service.Serve(ctx, listener, matrixd.New(config)); err != nil {
		fmt.Fprintf(log, "matrixd: %v\n", err)
		return exitBroken
	}
	return exitDone
}

// open opens what the service works on. With the indexes in another process, all
// that there is here is the directory.
func open(flags flags, opts plant.Options) (config matrixd.Config, closeData func(), err error) {
	config.Options = opts.Matrix
	if flags.embedder != "" {
		config.Embedder = embedder.New(flags.embedder)
	}
	if flags.vectord != "" {
		config.Indexes = vectord.New(flags.vectord)
		return config, func() {}, os.MkdirAll(flags.data, 0o700)
	}
	store, err := vectors.Open(flags.data, opts.Vectors)
	if err != nil {
		return config, nil, err
	}
	config.Store, config.Indexes = store, matrix.Local{Store: store}
	return config, func() { store.Close() }, nil
}
