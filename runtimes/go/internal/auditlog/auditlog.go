// Package auditlog keeps the audit chains of subjects in files, as audit.md lays
// them out: the key, the manifests and the logs.
package auditlog

import (
	"lakehouse/internal/chain"
	"lakehouse/internal/fault"
	"lakehouse/internal/lines"
	"lakehouse/internal/store"
)

// Options depart from the contract. Only planted bugs do that; the zero value is
// the contract.
type Options struct {
	KeyForAll   bool // others may touch the key, if its group may not
	TornMode640 bool // the group may read what recover cut off
	RememberTip bool // verify stops where this process stopped appending
}

// Keeper appends to logs and verifies them.
type Keeper struct {
	opts Options
	// went is how far a log went when this keeper appended to it; only a planted
	// bug remembers that.
	went map[place]int64
}

type place struct {
	dir store.Dir
	log string
}

// New returns a keeper that remembers nothing from one call to the next.
func New(opts Options) *Keeper { return &Keeper{opts, map[place]int64{}} }

const folder = "subjects"

// The ends of the names of a subject's files.
const (
	manifestEnd = ".manifest.json"
	logEnd      = ".audit.jsonl"
	tornEnd     = ".torn"
)

func manifestOf(subject string) string { return folder + "/" + subject + manifestEnd }
func logOf(subject string) string      { return folder + "/" + subject + logEnd }
func tornOf(subject string) string     { return folder + "/" + subject + tornEnd }

// How long a key may be.
const (
	minKey = 32
	maxKey = 4096
)

// key reads the key from its file. No error says anything of its bytes.
func (k *Keeper) key(dir store.Dir, name string) (*chain.Key, *fault.Fault) {
	secret, info, f := dir.Read(name, maxKey+1)
	if f != nil {
		return nil, f
	}
	others := info.Mode() & 0o077
	if k.opts.KeyForAll {
		others &= 0o070
	}
	switch {
	case others != 0:
		return nil, fault.New(name, fault.Unreadable, fault.KeyPermissions)
	case len(secret) < minKey:
		return nil, fault.New(name, fault.Unreadable, fault.KeyTooShort)
	case len(secret) > maxKey:
		return nil, fault.New(name, fault.Unreadable, fault.KeyTooLong)
	}
	return chain.NewKey(secret), nil
}

func checker(key *chain.Key, subject string) *chain.Checker {
	return &chain.Checker{Key: key, Subject: subject, Manifest: manifestOf(subject), Log: logOf(subject)}
}

// genesis reads and checks the manifest.
func genesis(dir store.Dir, c *chain.Checker) (chain.MAC, *fault.Fault) {
	text, _, f := dir.Read(c.Manifest, chain.MaxManifest)
	if f != nil {
		return chain.MAC{}, f
	}
	return c.CheckManifest(text)
}

// last reads the last line of a log that is not empty, and its number where that
// matters: with a fault.
func last(log *store.Journal) (lines.Last, *fault.Fault) {
	line, err := lines.ReadLast(log, log.Size)
	if err == nil {
		return line, nil
	}
	if err != lines.ErrTooLong {
		return line, fault.Because(log.Name, fault.Unreadable, fault.IO, err)
	}
	return line, atLast(log, line.Whole, fault.New(log.Name, fault.Unreadable, fault.LineTooLong))
}

// atLast gives a fault of the last line that line's number. Only now is all of
// the log read.
func atLast(log *store.Journal, whole bool, f *fault.Fault) *fault.Fault {
	count, err := lines.Count(log, log.Size)
	if err != nil {
		return fault.Because(log.Name, fault.Unreadable, fault.IO, err)
	}
	if !whole {
		count++
	}
	f.Line = count
	return f
}
