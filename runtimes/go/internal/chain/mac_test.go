package chain

import (
	"bytes"
	"encoding/hex"
	"strings"
	"testing"
)

// The vectors of RFC 4231; of the fifth it has only the first half.
func TestRFC4231(t *testing.T) {
	tests := []struct {
		key, data []byte
		want      string
	}{
		{bytes.Repeat([]byte{0x0b}, 20), []byte("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
		{[]byte("Jefe"), []byte("what do ya want for nothing?"), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
		{bytes.Repeat([]byte{0xaa}, 20), bytes.Repeat([]byte{0xdd}, 50), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
		{unhex("0102030405060708090a0b0c0d0e0f10111213141516171819"), bytes.Repeat([]byte{0xcd}, 50), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
		{bytes.Repeat([]byte{0x0c}, 20), []byte("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"},
		{bytes.Repeat([]byte{0xaa}, 131), []byte("Test Using Larger Than Block-Size Key - Hash Key First"), "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
		{bytes.Repeat([]byte{0xaa}, 131), []byte("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm."),
			"9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
	}
	for i, tt := range tests {
		key := NewKey(tt.key)
		half := len(tt.data) / 2
		// Twice, since a key keeps its state, and in parts.
		for _, got := range []MAC{key.MAC(tt.data), key.MAC(tt.data[:half], tt.data[half:])} {
			if !strings.HasPrefix(got.String(), tt.want) {
				t.Errorf("test case %d: got %s; want %s", i+1, got, tt.want)
			}
		}
	}
}

func unhex(text string) []byte {
	b, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return b
}

func TestForms(t *testing.T) {
	mac := strings.Repeat("0123456789abcdef", 4)
	for text, want := range map[string]bool{
		mac: true, mac[1:]: false, mac + "0": false, "": false,
		strings.ToUpper(mac): false, mac[:63] + "g": false, mac[:63] + " ": false, mac[:62] + "é": false,
	} {
		if got := isMAC(text); got != want {
			t.Errorf("isMAC(%q) = %v", text, got)
		}
	}
	for text, want := range map[string]bool{
		"W-1": true, "a": true, "-": true, "_.": true, "A..b": true, strings.Repeat("x", 64): true,
		"": false, ".": false, ".a": false, strings.Repeat("x", 65): false, "a/b": false, "a b": false, "é": false, "a\n": false,
	} {
		if got := IsSubject(text); got != want {
			t.Errorf("IsSubject(%q) = %v", text, got)
		}
	}
	for text, want := range map[string]bool{
		"2026-05-03T10:11:12Z": true, "0000-01-01T00:00:00.0Z": true, "9999-12-31T23:59:59.123456789Z": true, "2026-02-31T00:00:00Z": true,
		"": false, "Z": false, "2026-05-03T10:11:12": false, "2026-05-03T10:11:12.Z": false, "2026-05-03T10:11:12.1234567890Z": false,
		"2026-05-03T10:11:12,1Z": false, "2026-05-03T10:11:12.1xZ": false, "2026-05-03t10:11:12Z": false, "2026-05-03T10:11:12z": false,
		"2026-05-03T10:11:12+00:00": false, "2026-05-03 10:11:12Z": false, "026-05-03T10:11:12Z": false, "x026-05-03T10:11:12Z": false,
		"2026-00-03T10:11:12Z": false, "2026-13-03T10:11:12Z": false, "2026-05-00T10:11:12Z": false, "2026-05-32T10:11:12Z": false,
		"2026-05-03T24:11:12Z": false, "2026-05-03T10:60:12Z": false, "2026-05-03T10:11:60Z": false, "2026-05-03T10:1x:12Z": false,
		"2026-05-03T10:11:12.5ZZ": false, "2026-05-03T10:11:12.٣Z": false,
	} {
		if got := IsTimestamp(text); got != want {
			t.Errorf("IsTimestamp(%q) = %v", text, got)
		}
	}
	for text, want := range map[string]int64{
		"0:" + mac: 0, "1:" + mac: 1, "9007199254740992:" + mac: 1 << 53,
		"": -1, mac: -1, ":" + mac: -1, "1": -1, "1:": -1, "1:" + mac[1:]: -1, "01:" + mac: -1, "00:" + mac: -1, "+1:" + mac: -1, "-0:" + mac: -1,
		"9007199254740993:" + mac: -1, "99999999999999999999:" + mac: -1, "1 :" + mac: -1, "1:1:" + mac: -1, "1.0:" + mac: -1, "1:" + mac + "\n": -1,
		"1_0:" + mac: -1,
	} {
		got, ok := ParseAnchor(text)
		if ok != (want >= 0) || ok && (got.Count != want || got.Tip.String() != mac) {
			t.Errorf("ParseAnchor(%q) = %v, %v", text, got, ok)
		}
	}
}
