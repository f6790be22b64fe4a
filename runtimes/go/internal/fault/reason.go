package fault

// Reason is what exactly is wrong, by its name in audit.md.
type Reason string

// What can be wrong with a line.
const (
	LineTooLong  Reason = "line-too-long"
	NotJSON      Reason = "not-json"
	MACForm      Reason = "mac-form"
	NotCanonical Reason = "not-canonical"
	MAC          Reason = "mac"
	Subject      Reason = "subject"
	Chain        Reason = "chain"
	EntryShape   Reason = "entry-shape"
	Unfinished   Reason = "unfinished"
)

// What can be wrong with a chain of sound rows.
const (
	Anchor    Reason = "anchor"
	Truncated Reason = "truncated"
	NoAnchor  Reason = "no-anchor"
)

// What can be wrong with a file.
const (
	Missing        Reason = "missing"
	NotAFile       Reason = "not-a-file"
	NoPermission   Reason = "no-permission"
	IO             Reason = "io"
	KeyPermissions Reason = "key-permissions"
	KeyTooShort    Reason = "key-too-short"
	KeyTooLong     Reason = "key-too-long"
	AnchorsShape   Reason = "anchors-shape"
	EventShape     Reason = "event-shape"
	NotStorable    Reason = "not-storable"
	WriteFailed    Reason = "write-failed"
)

var sentences = map[Reason]string{
	LineTooLong:  "it is longer than 1,048,576 bytes",
	NotJSON:      "it is not JSON of the kind that has to be here",
	MACForm:      "its MAC is missing, or not 64 lowercase hex digits",
	NotCanonical: "it is not written in its canonical form, or stands not alone",
	MAC:          "its MAC is not the one that the key makes of it",
	Subject:      "it is of another subject",
	Chain:        "it does not follow the row before it",
	EntryShape:   "it has not the members of an entry, or metrics that are no integers",
	Unfinished:   "its end is missing",

	Anchor:    "this row is not the one that the anchor was taken from",
	Truncated: "the anchor has seen this row, and it is gone",
	NoAnchor:  "every row is sound, but without an anchor nothing says that these are all",

	Missing:        "there is no such file",
	NotAFile:       "it is no regular file",
	NoPermission:   "it may not be opened",
	IO:             "it cannot be read",
	KeyPermissions: "others than its owner may touch the key",
	KeyTooShort:    "a key has 32 bytes or more",
	KeyTooLong:     "a key has 4096 bytes or less",
	AnchorsShape:   "it has to be an object from subjects to COUNT:TIP",
	EventShape:     "it has not the members of an event",
	NotStorable:    "a number in it would be written as an integer beyond 2^53",
	WriteFailed:    "it could not be written",
}
