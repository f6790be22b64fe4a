package auditlog

import (
	"lakehouse/internal/fault"
	"lakehouse/internal/store"
)

// Recover moves what a crash left behind the last line feed of a log to another
// file, and returns how many bytes that were. It asks nothing else of the log.
func (k *Keeper) Recover(dir store.Dir, subject string) (kept int64, f *fault.Fault) {
	log, f := dir.Lock(logOf(subject))
	if f != nil {
		return 0, f
	}
	defer log.Close()
	if log.Size == 0 {
		return 0, nil
	}
	line, f := last(log)
	if line.Whole {
		return 0, nil
	}
	if f != nil {
		return 0, f
	}
	mode := store.FileMode
	if k.opts.TornMode640 {
		mode = 0o640
	}
	torn, f := dir.LockOrMake(tornOf(subject), mode)
	if f != nil {
		return 0, f
	}
	defer torn.Close()
	before := torn.Size
	kept = int64(len(line.Text))
	if f = torn.Append(line.Text); f == nil {
		if f = log.Cut(log.Size - kept); f != nil {
			torn.Cut(before) // it would be there twice
		}
	}
	if f != nil {
		// Nobody else has it open: whoever does has to have the log's lock first.
		if torn.Made {
			dir.Remove(torn.Name)
		}
		return 0, f
	}
	return kept, nil
}
