package audit

import (
	"fmt"
	"slices"

	"lakehouse/internal/baselines"
	"lakehouse/internal/fault"
	"lakehouse/internal/ijson"
)

// answer is an object with the fault as its error, which also decides the exit
// code.
func answer(f *fault.Fault, members ...ijson.Member) Result {
	r := Result{
		Answer: ijson.Object(append(members, ijson.Member{Name: "error", Value: f.Value()})),
		Exit:   f.Exit(),
	}
	if f != nil {
		r.Says = f.Error() + "."
	}
	return r
}

// member is one whose value is null where there is a fault.
func member[T ijson.Value](name string, value T, f *fault.Fault) ijson.Member {
	if f != nil {
		return ijson.Member{Name: name, Value: ijson.Null{}}
	}
	return ijson.Member{Name: name, Value: value}
}

func (p *Program) append(a arguments) Result {
	seq, mac, f := p.keep.Append(p.dir, a.options["--subject"], a.options["--event"], a.key())
	return answer(f, member("count", ijson.Number(seq), f), member("tip", ijson.String(mac.String()), f))
}

func (p *Program) recover(a arguments) Result {
	kept, f := p.keep.Recover(p.dir, a.options["--subject"])
	return answer(f, member("kept", ijson.Number(kept), f))
}

func (p *Program) verify(a arguments) Result {
	subject, ok := a.options["--subject"]
	if !ok {
		return p.verifyAll(a)
	}
	verdict := p.keep.Verify(p.dir, subject, a.anchor, a.key())
	r := answer(verdict.Fault)
	r.Answer = verdict.Value()
	return r
}

// worst are the exit codes of verdicts, the worst one first.
var worst = []int{1, 5, 4, 3, 0}

func (p *Program) verifyAll(a arguments) Result {
	verdicts, f := p.keep.VerifyAll(p.dir, a.options["--anchors"], a.key())
	if f != nil {
		return answer(f, ijson.Member{Name: "subjects", Value: ijson.Array{}})
	}
	subjects := ijson.Array{}
	var first *fault.Fault // of the worst ones
	faults := 0
	for _, v := range verdicts {
		subject := ijson.Member{Name: "subject", Value: ijson.String(v.Subject)}
		subjects = append(subjects, append(v.Value(), subject))
		if v.Fault != nil {
			faults++
		}
		if slices.Index(worst, v.Fault.Exit()) < slices.Index(worst, first.Exit()) {
			first = v.Fault
		}
	}
	r := Result{
		Answer: ijson.Object{{Name: "subjects", Value: subjects}},
		Exit:   first.Exit(),
	}
	switch {
	case len(verdicts) == 0:
		r.Exit = fault.New("", fault.Unreadable, fault.Missing).Exit()
		r.Says = `There is no subject in "subjects" to verify.`
	case faults > 1:
		r.Says = fmt.Sprintf("%v; %d of %d subjects are not verified.", first, faults, len(verdicts))
	case faults == 1:
		r.Says = first.Error() + "."
	}
	return r
}

func (p *Program) baselinesLoad(a arguments) Result {
	s := baselines.Load(p.dir, a.files[0])
	return answer(s.Fault, ijson.Member{Name: "count", Value: ijson.Number(s.Count)})
}

func (p *Program) baselinesLast(a arguments) Result {
	s := baselines.Load(p.dir, a.files[0])
	if s.Last == nil {
		return answer(s.Fault, ijson.Member{Name: "last", Value: ijson.Null{}})
	}
	return answer(s.Fault, member("last", s.Last, s.Fault))
}

func (p *Program) baselinesAppend(a arguments) Result {
	count, f := baselines.Append(p.dir, a.files[0], a.options["--entry"])
	return answer(f, member("count", ijson.Number(count), f))
}

func (p *Program) baselinesCopy(a arguments) Result {
	count, f := baselines.Copy(p.dir, a.files[0], a.files[1])
	return answer(f, member("count", ijson.Number(count), f))
}

func (p *Program) baselinesDrift(a arguments) Result {
	changes, f := baselines.Drift(p.dir, a.files[0], p.opts.Baselines)
	drift := ijson.Array{}
	for _, c := range changes {
		drift = append(drift, c.Value())
	}
	return answer(f, member("drift", drift, f))
}
