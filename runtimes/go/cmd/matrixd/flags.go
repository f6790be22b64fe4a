package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

type flags struct {
	port              uint16
	data              string
	embedder, vectord string // URLs, empty for none
}

// parse reads the command line. (Left to itself, package flag prints half a page
// for a mistake, and takes 0x50 for a port.)
func parse(args []string) (f flags, err error) {
	set := flag.NewFlagSet("matrixd", flag.ContinueOnError)
	set.SetOutput(io.Discard)
	set.Func("port", "", func(value string) error {
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil || n == 0 {
			return errors.New("a port is a number from 1 to 65535")
		}
		f.port = uint16(n)
		return nil
	})
	set.StringVar(&f.data, "data", "", "")
	set.Func("embedder", "", other(&f.embedder))
	set.Func("vectord", "", other(&f.vectord))
	if err := set.Parse(args); err != nil {
		return flags{}, err
	}
	switch {
	case set.NArg() > 0:
		return flags{}, fmt.Errorf("the argument %q means nothing", set.Arg(0))
	case f.port == 0:
		return flags{}, errors.New("no port is given")
	case f.data == "":
		return flags{}, errors.New("no directory is given")
	}
	return f, nil
}

// other reads the URL of another service. A slash at its end is left out, since
// paths are put behind it.
func other(into *string) func(string) error {
	return func(value string) error {
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
			return errors.New("a URL is such as http://127.0.0.1:4215")
		}
		*into = strings.TrimRight(value, "/")
		return nil
	}
}
