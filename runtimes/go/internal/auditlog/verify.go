package auditlog

import (
	"io"
	"maps"
	"slices"
	"strings"

	"lakehouse/internal/chain"
	"lakehouse/internal/fault"
	"lakehouse/internal/ijson"
	"lakehouse/internal/lines"
	"lakehouse/internal/store"
)

// Verify verifies the chain of one subject. It changes nothing and waits for
// nobody; a nil anchor is none.
func (k *Keeper) Verify(dir store.Dir, subject string, anchor *chain.Anchor, keyName string) chain.Verdict {
	key, f := k.key(dir, keyName)
	if f != nil {
		return chain.Verdict{Fault: f}
	}
	return k.verify(dir, key, subject, anchor)
}

func (k *Keeper) verify(dir store.Dir, key *chain.Key, subject string, anchor *chain.Anchor) chain.Verdict {
	c := checker(key, subject)
	start, f := genesis(dir, c)
	if f != nil {
		return chain.Verdict{Fault: f}
	}
	log, info, f := dir.Open(c.Log)
	if f != nil {
		return chain.Verdict{Tip: start.String(), Fault: f}
	}
	defer log.Close()
	var in io.Reader = log
	if size, ok := k.went[place{dir, c.Log}]; ok {
		in = io.LimitReader(log, size)
	}
	return c.VerifyLog(lines.NewReader(in, info.Size()+1), start, anchor)
}

// Named is a verdict on one of many subjects.
type Named struct {
	Subject string
	chain.Verdict
}

// VerifyAll verifies every subject that has a manifest or a log, or an anchor in
// the file of that name, if it is not empty. A fault is one of what is needed
// for all of them.
func (k *Keeper) VerifyAll(dir store.Dir, anchorsName, keyName string) ([]Named, *fault.Fault) {
	key, f := k.key(dir, keyName)
	if f != nil {
		return nil, f
	}
	anchors := map[string]*chain.Anchor{}
	if anchorsName != "" {
		if anchors, f = readAnchors(dir, anchorsName); f != nil {
			return nil, f
		}
	}
	subjects, f := there(dir)
	if f != nil {
		return nil, f
	}
	for subject := range anchors {
		subjects[subject] = true
	}
	verdicts := []Named{}
	for _, subject := range slices.Sorted(maps.Keys(subjects)) {
		verdicts = append(verdicts, Named{subject, k.verify(dir, key, subject, anchors[subject])})
	}
	return verdicts, nil
}

// there is every subject that has a manifest or a log.
func there(dir store.Dir) (map[string]bool, *fault.Fault) {
	names, f := dir.Names(folder)
	if f != nil {
		return nil, f
	}
	subjects := map[string]bool{}
	for _, name := range names {
		for _, end := range []string{manifestEnd, logEnd} {
			if subject, ok := strings.CutSuffix(name, end); ok && chain.IsSubject(subject) {
				subjects[subject] = true
			}
		}
	}
	return subjects, nil
}

func readAnchors(dir store.Dir, name string) (map[string]*chain.Anchor, *fault.Fault) {
	text, _, f := dir.Read(name, lines.Max+1)
	if f != nil {
		return nil, f
	}
	shape := fault.New(name, fault.Unreadable, fault.AnchorsShape)
	if len(text) > lines.Max {
		return nil, shape
	}
	v, err := ijson.Parse(string(text), ijson.Options{})
	if err != nil {
		return nil, fault.New(name, fault.Unreadable, fault.NotJSON)
	}
	o, ok := v.(ijson.Object)
	if !ok {
		return nil, shape
	}
	anchors := map[string]*chain.Anchor{}
	for _, m := range o {
		text, ok := m.Value.(ijson.String)
		if !ok || !chain.IsSubject(m.Name) {
			return nil, shape
		}
		if anchors[m.Name], ok = chain.ParseAnchor(string(text)); !ok {
			return nil, shape
		}
	}
	return anchors, nil
}
