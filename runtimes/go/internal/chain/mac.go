package chain

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"hash"
)

// MAC is an HMAC-SHA256 in its hex digits, the one form in which it is stored,
// compared and answered.
type MAC [2 * sha256.Size]byte

func (m MAC) String() string { return string(m[:]) }

// isMAC reports whether a text has the form of one.
func isMAC[T string | []byte](text T) bool {
	if len(text) != len(MAC{}) {
		return false
	}
	for i := range len(text) {
		if c := text[i]; !isDigit(c) && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// Key makes MACs. It keeps the hash's state with the key in it, so that a MAC
// costs no more than its bytes; for the same reason it serves one caller at a
// time.
type Key struct {
	hash hash.Hash
	sum  [sha256.Size]byte
}

// NewKey takes a secret of any length: how long it must be is the rule of the
// file that it comes from.
func NewKey(secret []byte) *Key { return &Key{hash: hmac.New(sha256.New, secret)} }

// MAC is that of the parts, one behind the other.
func (k *Key) MAC(parts ...[]byte) (mac MAC) {
	k.hash.Reset()
	for _, part := range parts {
		k.hash.Write(part)
	}
	hex.Encode(mac[:], k.hash.Sum(k.sum[:0]))
	return mac
}

// prefix is how much of a MAC the planted bug compares.
const prefix = 16

// same compares two MACs, in constant time.
func same(a, b []byte, opts Options) bool {
	if opts.MACPrefix {
		a, b = a[:prefix], b[:prefix]
	}
	return hmac.Equal(a, b)
}
