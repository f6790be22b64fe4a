package plant

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"lakehouse/internal/audit"
	"lakehouse/internal/audit/audittest"
)

// auditAnswer runs the steps of an input on a directory that is laid out as the
// files behind them say, and answers with the exit code and what was printed. A
// step that begins with `other` is run by a process that plants nothing; `modes`
// is the modes of what is there by then.
func auditAnswer(input string, opts Options) string {
	dir, err := os.MkdirTemp("", "plant")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	steps, files, _ := strings.Cut(input, "\n--")
	audittest.Unpack(panicking{}, dir, "--"+files)
	program := audit.New(opts.Audit)
	var answers []string
	for _, step := range strings.Split(steps, "\n") {
		line, other := strings.CutPrefix(step, "other ")
		runner := program
		if other {
			runner = audit.New(audit.Options{})
		}
		if step == "modes" {
			answers = append(answers, modes(dir))
			continue
		}
		r := runner.Run(strings.Fields(line), dir)
		answers = append(answers, fmt.Sprint(r.Exit)+short(r.Line()))
	}
	return strings.Join(answers, "; ")
}

// short is the part of an answer that the plants are about.
func short(line []byte) string {
	var a struct {
		Count any
		Error struct{ Reason string }
		Drift []struct {
			Change  any
			Verdict string
		}
	}
	if err := json.Unmarshal(line, &a); err != nil {
		panic(err)
	}
	text := ""
	for _, d := range a.Drift {
		text += fmt.Sprintf(" %v %s", d.Change, d.Verdict)
	}
	if a.Count != nil {
		text += fmt.Sprintf(" %v", a.Count)
	}
	return strings.TrimSuffix(text+" "+a.Error.Reason, " ")
}

func modes(dir string) string {
	tree := audittest.Tree(panicking{}, dir)
	text := "modes"
	for _, name := range []string{"subjects", "subjects/W.manifest.json", "subjects/W.audit.jsonl", "subjects/W.torn", "b"} {
		if mode, _, ok := strings.Cut(tree[name], " "); ok {
			text += " " + mode
		}
	}
	return text
}

// panicking takes the place of a test where none is at hand.
type panicking struct{ testing.TB }

func (panicking) Helper()           {}
func (panicking) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

func keyOf(mode string) string {
	return "\n-- audit.key " + mode + " --\n0123456789abcdef0123456789abcdef"
}

const (
	add      = "append --subject W --event e"
	verifyIt = "verify --subject W"
	torn     = "\n-- subjects/W.audit.jsonl --\nx"
	auditDir = "\n-- e --\n" + `{"accessor":{"daemon":"d","kind":"k","purpose":"p"},"fields":[],"result":"","ts":"2026-05-03T10:11:12Z"}`
)

// entries is a file of two entries with one metric.
func entries(first, last string) string {
	of := func(n string) string {
		return `{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{"m":` + n + "}}\n"
	}
	return "\n-- b --\n" + of(first) + of(last) + "\n"
}

const drift = "baselines drift b"

var auditCases = []plantCase{
	// key-for-all
	{verifyIt + keyOf("604"), "5 0 key-permissions", map[string]string{"key-for-all": "5 0 missing"}},
	{verifyIt + keyOf("607"), "5 0 key-permissions", map[string]string{"key-for-all": "5 0 missing"}},
	{verifyIt + keyOf("640"), "5 0 key-permissions", nil},
	{verifyIt + keyOf("644"), "5 0 key-permissions", nil},
	{verifyIt + keyOf("600"), "5 0 missing", nil},

	// torn-mode
	{"recover --subject W\nmodes" + torn, "0; modes 700 600 600", map[string]string{"torn-mode": "0; modes 700 600 640"}},
	{"recover --subject W\nmodes" + torn + "\n-- subjects/W.torn 600 --\nx", "0; modes 700 600 600", nil}, // it is made already
	{add + "\nmodes" + auditDir + keyOf("600"), "0 1; modes 700 600 600", nil},

	// tip-remembered
	{add + "\nother " + add + "\n" + verifyIt + auditDir + keyOf("600"), "0 1; 0 2; 3 2 no-anchor", map[string]string{"tip-remembered": "0 1; 0 2; 3 1 no-anchor"}},
	{add + "\nother " + add + "\nverify\n" + add + "\n" + verifyIt + auditDir + keyOf("600"), "0 1; 0 2; 3; 0 3; 3 3 no-anchor", nil},
	{"other " + add + "\nother " + add + "\n" + verifyIt + auditDir + keyOf("600"), "0 1; 0 2; 3 2 no-anchor", nil},

	// drift-at-20-warn
	{drift + entries("10", "12"), "0 +20 % ok", map[string]string{"drift-at-20-warn": "0 +20 % warn"}},
	{drift + entries("-10", "-8"), "0 +20 % ok", map[string]string{"drift-at-20-warn": "0 +20 % warn"}},
	{drift + entries("1000", "1199"), "0 +20 % ok", nil},
	{drift + entries("1000", "1201"), "0 +20 % warn", nil},

	// drift-zero-zero-warn
	{drift + entries("0", "0"), "0 +0 % ok", map[string]string{"drift-zero-zero-warn": "0 +0 % warn"}},
	{drift + entries("7", "7"), "0 +0 % ok", nil},
	{drift + entries("0", "1"), "0 <nil> warn", nil},
}
