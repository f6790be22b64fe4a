// Package audit is the program audit of audit.md as one function, from arguments
// and a directory to an answer, an exit code and a sentence. The command line
// and the lines of `audit serve` are two thin shells around it.
package audit

import (
	"lakehouse/internal/auditlog"
	"lakehouse/internal/baselines"
	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/store"
)

// exitUsage is the exit code of a command line that is not understood.
const exitUsage = 2

// Options are those of the two surfaces. The zero value is the contract.
type Options struct {
	Files     auditlog.Options
	Baselines baselines.Options
}

// Program runs commands. But for a planted bug it remembers nothing between two.
type Program struct {
	opts Options
	keep *auditlog.Keeper
	dir  store.Dir // of the command that runs
}

// New returns a program for one caller at a time.
func New(opts Options) *Program {
	return &Program{opts: opts, keep: auditlog.New(opts.Files)}
}

// Result is what a command came to.
type Result struct {
	Answer ijson.Value // nil for none
	Exit   int
	Says   string // a sentence, empty where the exit code is 0
}

// Line is the answer as it is printed; empty for none.
func (r Result) Line() []byte {
	if r.Answer == nil {
		return nil
	}
	return append(jcs.Append(nil, r.Answer, jcs.Options{}), '\n')
}

// Run runs one command line in a directory.
func (p *Program) Run(args []string, dir string) Result {
	cmd, a, err := parse(args)
	if err != nil {
		return Result{Exit: exitUsage, Says: err.Error() + "."}
	}
	p.dir = store.Dir(dir)
	return cmd.run(p, a)
}
