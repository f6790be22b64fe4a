package audit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"lakehouse/internal/chain"
)

// arguments is a command line that was understood.
type arguments struct {
	options map[string]string // by their names; only those that are given
	files   []string
	anchor  *chain.Anchor // that of --anchor
}

// command is what can be asked for.
type command struct {
	words    string
	files    int      // how many files stand there without a name
	required []string // options
	optional []string
	run      func(*Program, arguments) Result
}

var commands = []command{
	{"append", 0, []string{"--subject", "--event"}, []string{"--key"}, (*Program).append},
	{"verify", 0, nil, []string{"--subject", "--anchor", "--anchors", "--key"}, (*Program).verify},
	{"recover", 0, []string{"--subject"}, nil, (*Program).recover},
	{"baselines load", 1, nil, nil, (*Program).baselinesLoad},
	{"baselines last", 1, nil, nil, (*Program).baselinesLast},
	{"baselines append", 1, []string{"--entry"}, nil, (*Program).baselinesAppend},
	{"baselines copy", 2, nil, nil, (*Program).baselinesCopy},
	{"baselines drift", 1, nil, nil, (*Program).baselinesDrift},
}

// parse understands a command line, or says why it does not.
func parse(args []string) (command, arguments, error) {
	none := arguments{}
	cmd, rest, err := find(args)
	if err != nil {
		return cmd, none, err
	}
	a, err := cmd.split(rest)
	if err != nil {
		return cmd, none, err
	}
	if len(a.files) != cmd.files {
		return cmd, none, fmt.Errorf("%s takes %d files without a name, not %d", cmd.words, cmd.files, len(a.files))
	}
	for _, name := range cmd.required {
		if _, ok := a.options[name]; !ok {
			return cmd, none, fmt.Errorf("%s needs %s", cmd.words, name)
		}
	}
	return cmd, a, a.check()
}

func find(args []string) (command, []string, error) {
	words := 1
	if len(args) > 0 && args[0] == "baselines" {
		words = 2
	}
	if len(args) < words {
		return command{}, nil, errors.New("no command is given")
	}
	name := strings.Join(args[:words], " ")
	for _, cmd := range commands {
		if cmd.words == name {
			return cmd, args[words:], nil
		}
	}
	known := []string{}
	for _, cmd := range commands {
		known = append(known, cmd.words)
	}
	return command{}, nil, fmt.Errorf("no command is named %q; known are %s, serve", name, strings.Join(known, ", "))
}

// split tells options from files. An option takes the next argument, whatever
// that looks like.
func (cmd command) split(args []string) (arguments, error) {
	a := arguments{options: map[string]string{}}
	for len(args) > 0 {
		name := args[0]
		args = args[1:]
		if !strings.HasPrefix(name, "--") {
			a.files = append(a.files, name)
			continue
		}
		if !slices.Contains(cmd.required, name) && !slices.Contains(cmd.optional, name) {
			return a, fmt.Errorf("%s has no option %q", cmd.words, name)
		}
		if _, twice := a.options[name]; twice {
			return a, fmt.Errorf("%s is given twice", name)
		}
		if len(args) == 0 {
			return a, fmt.Errorf("%s needs a value behind it", name)
		}
		a.options[name] = args[0]
		args = args[1:]
	}
	return a, nil
}

// check looks at the values.
func (a *arguments) check() error {
	names := a.files
	for name, value := range a.options {
		switch name {
		case "--subject":
			if !chain.IsSubject(value) {
				return fmt.Errorf("%q is no subject", value)
			}
		case "--anchor":
			anchor, ok := chain.ParseAnchor(value)
			if !ok {
				return fmt.Errorf("%q is no anchor: that is COUNT:TIP, of an earlier answer", value)
			}
			a.anchor = anchor
		default:
			names = append(names[:len(names):len(names)], value)
		}
	}
	for _, name := range names {
		// Every name may have to be answered, as text.
		if name == "" || !utf8.ValidString(name) {
			return fmt.Errorf("%q is no name of a file", name)
		}
	}
	_, one := a.options["--subject"]
	_, anchor := a.options["--anchor"]
	_, anchors := a.options["--anchors"]
	switch {
	case anchor && !one:
		return errors.New("--anchor is of one --subject")
	case anchors && one:
		return errors.New("--anchors is of all subjects, and not of one")
	}
	return nil
}

// key is the name of the key's file.
func (a arguments) key() string {
	if name, ok := a.options["--key"]; ok {
		return name
	}
	return "audit.key"
}
