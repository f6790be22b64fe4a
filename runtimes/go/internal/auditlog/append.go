package auditlog

import (
	"lakehouse/internal/chain"
	"lakehouse/internal/fault"
	"lakehouse/internal/lines"
	"lakehouse/internal/store"
)

// Append adds a row to a subject's log, and returns its number and its MAC. The
// first row makes the log, and the manifest too.
func (k *Keeper) Append(dir store.Dir, subject, eventName, keyName string) (seq int64, mac chain.MAC, f *fault.Fault) {
	key, f := k.key(dir, keyName)
	if f != nil {
		return 0, mac, f
	}
	text, _, f := dir.Read(eventName, lines.Max+1)
	if f != nil {
		return 0, mac, f
	}
	event, reason := chain.ReadEvent(text, subject)
	if reason != "" {
		return 0, mac, fault.New(eventName, fault.Refused, reason)
	}
	c := checker(key, subject)
	log, f := lock(dir, c)
	if f != nil {
		return 0, mac, f
	}
	defer log.Close()
	begins := log.Size == 0 && !dir.Exists(c.Manifest)
	seq, prev, manifest := int64(0), chain.MAC{}, []byte(nil)
	if begins {
		manifest, prev = chain.NewManifest(key, subject, event.At)
	} else if seq, prev, f = tip(dir, c, log); f != nil {
		return 0, mac, f
	}
	seq++
	row, mac, ok := event.Row(key, seq, prev)
	if !ok {
		return 0, mac, fault.New(eventName, fault.Refused, fault.LineTooLong)
	}
	if begins {
		if f := write(dir, c.Manifest, manifest); f != nil {
			return 0, mac, f
		}
	}
	if f := log.Append(append(row, '\n')); f != nil {
		if begins {
			dir.Remove(c.Manifest)
		}
		return 0, mac, f
	}
	if k.opts.RememberTip {
		k.went[place{dir, c.Log}] = log.Size
	}
	return seq, mac, nil
}

// lock locks the log, and makes it where a subject has nothing yet.
func lock(dir store.Dir, c *chain.Checker) (*store.Journal, *fault.Fault) {
	// Whoever begins a chain makes the log first. So where the manifest was there
	// before the log was looked for, a missing log was taken away.
	if dir.Exists(c.Manifest) {
		return dir.Lock(c.Log)
	}
	made, err := dir.MakeFolder(folder)
	if err != nil {
		return nil, fault.Because(c.Log, fault.Unwritten, fault.WriteFailed, err)
	}
	log, f := dir.LockOrMake(c.Log, store.FileMode)
	if f != nil && made {
		dir.Remove(folder)
	}
	return log, f
}

// tip is the number and the MAC of the last row, of which a new one goes on.
// What lies before it is verify's to check.
func tip(dir store.Dir, c *chain.Checker, log *store.Journal) (seq int64, mac chain.MAC, f *fault.Fault) {
	if mac, f = genesis(dir, c); f != nil {
		return 0, mac, f
	}
	if log.Size == 0 {
		return 0, mac, nil
	}
	line, f := last(log)
	if f != nil {
		return 0, mac, f
	}
	if !line.Whole {
		return 0, mac, atLast(log, false, fault.New(log.Name, fault.Torn, fault.Unfinished))
	}
	seq, mac, f = c.CheckTip(line.Text)
	if f != nil {
		return 0, mac, atLast(log, true, f)
	}
	return seq, mac, nil
}

// write writes a file of one line.
func write(dir store.Dir, name string, line []byte) *fault.Fault {
	draft := dir.Draft(name)
	draft.Write(append(line, '\n'))
	return draft.Commit()
}
