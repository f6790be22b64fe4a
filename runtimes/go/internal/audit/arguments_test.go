package audit

import (
	"strings"
	"testing"

	"lakehouse/internal/audit/audittest"
)

const tip = "858b411b81ce526a078ab1c77b6a889e393dc804a9af423747fe756ca02dd7cd"

func TestCommandLines(t *testing.T) {
	understood := []string{
		"append --subject W --event e",
		"append --event e --key k --subject W",
		"append --subject --event --event --subject", // a value is whatever stands behind
		"verify",
		"verify --key k",
		"verify --subject W",
		"verify --anchor 0:" + tip + " --subject W --key k",
		"verify --anchors a --key k",
		"recover --subject W",
		"baselines load f",
		"baselines load -f",
		"baselines last f",
		"baselines append f --entry e",
		"baselines append --entry e f",
		"baselines copy f t",
		"baselines drift f",
	}
	tests := []struct{ line, says string }{
		{"", "no command"},
		{"baselines", "no command"},
		{"serve", `"serve"`}, // a server is not started in a server
		{"serve now", `"serve"`},
		{"Append --subject W --event e", `"Append"`},
		{"--key k verify", `"--key"`},
		{"--help", `"--help"`},
		{"baselines verify", `"baselines verify"`},
		{"baselines --entry e append f", `"baselines --entry"`},
		{"append", "needs --subject"},
		{"append --subject W", "needs --event"},
		{"append --event e", "needs --subject"},
		{"append --subject W --event", "needs a value"},
		{"append --subject W --event e e", "0 files"},
		{"append --subject W --event e --entry e", `"--entry"`},
		{"append --subject W --subject W --event e", "twice"},
		{"append --subject .W --event e", "no subject"},
		{"append --subject W/W --event e", "no subject"},
		{"append --subject " + strings.Repeat("W", 65) + " --event e", "no subject"},
		{"append --subject W --event=e", `"--event=e"`},
		{"append --subject W --event \xff", "no name"},
		{"verify W", "0 files"},
		{"verify --anchor 0:" + tip, "of one --subject"},
		{"verify --anchor 00:" + tip + " --subject W", "no anchor"},
		{"verify --anchor 9007199254740993:" + tip + " --subject W", "no anchor"},
		{"verify --anchor 1 --subject W", "no anchor"},
		{"verify --anchors a --subject W", "all subjects"},
		{"verify --anchors a --anchor 0:" + tip, "of one --subject"},
		{"recover", "needs --subject"},
		{"recover --subject W --key k", `"--key"`},
		{"baselines load", "1 files"},
		{"baselines load f f", "1 files"},
		{"baselines load --key k", `"--key"`},
		{"baselines load f --entry e", `"--entry"`},
		{"baselines append f", "needs --entry"},
		{"baselines append f e", "1 files"},
		{"baselines copy f", "2 files"},
		{"baselines copy f t t", "2 files"},
		{"baselines drift", "1 files"},
	}
	for _, line := range understood {
		if _, _, err := parse(strings.Fields(line)); err != nil {
			t.Errorf("%s: %v", line, err)
		}
	}
	dir := t.TempDir()
	for _, tt := range tests {
		r := New(Options{}).Run(strings.Fields(tt.line), dir)
		if r.Exit != 2 || r.Answer != nil || len(r.Line()) > 0 {
			t.Errorf("%s: exit code %d and %v; want 2 and nothing", tt.line, r.Exit, r.Answer)
		}
		if !strings.Contains(r.Says, tt.says) || !strings.HasSuffix(r.Says, ".") {
			t.Errorf("%s: says %q; want %s", tt.line, r.Says, tt.says)
		}
	}
	for _, args := range [][]string{{"baselines", "load", ""}, {"verify", "--key", ""}, {"append", "--subject", "", "--event", "e"}} {
		if r := New(Options{}).Run(args, dir); r.Exit != 2 {
			t.Errorf("%q: exit code %d; want 2", args, r.Exit)
		}
	}
	if tree := audittest.Tree(t, dir); len(tree) > 0 {
		t.Errorf("left %v", tree)
	}
}
