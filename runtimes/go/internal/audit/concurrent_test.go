package audit

import (
	"strings"
	"sync"
	"testing"

	"lakehouse/internal/audit/audittest"
)

// Goroutines hold the lock against each other as processes do.
func TestGoroutinesAtOnce(t *testing.T) {
	const goroutines, rounds = 4, 10
	dir := runs(t, ready+"-- e --\n"+entry+"\n")
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			program := New(Options{})
			for range rounds {
				for _, line := range []string{appendOne, "baselines append b --entry e"} {
					if r := program.Run(strings.Fields(line), dir); r.Exit != 0 {
						t.Error(r.Says)
					}
				}
				// Whoever reads meanwhile waits for nobody, and sees whole rows.
				if r := program.Run(strings.Fields(verifyOne), dir); r.Exit != 3 {
					t.Error(r.Says)
				}
			}
		})
	}
	all.Wait()
	verdict := string(New(Options{}).Run(strings.Fields(verifyOne), dir).Line())
	count := string(New(Options{}).Run(strings.Fields("baselines load b"), dir).Line())
	if !strings.HasPrefix(verdict, `{"count":40,`) || count != `{"count":40,"error":null}`+"\n" {
		t.Errorf("got %s%s", verdict, count)
	}
	for name := range audittest.Tree(t, dir) {
		if strings.Contains(name, "tmp") {
			t.Errorf("left %s", name)
		}
	}
}
