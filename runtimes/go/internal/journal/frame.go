// Package journal keeps records in files: a journal, which grows record by
// record, and a sealed file, which is written once and read whole or not at all.
package journal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
)

// ErrDamaged marks a file that is not what was written.
var ErrDamaged = errors.New("is damaged")

// A record is framed by a mark, its length, and the checksums of the two and of
// itself, so that nobody believes a length that is damaged.
const (
	mark       = "\xf1rec"
	headerSize = len(mark) + 12
	maxRecord  = 1 << 30
)

var table = crc32.MakeTable(crc32.Castagnoli)

// appendFrame appends a record in its frame.
func appendFrame(dst, record []byte) []byte {
	at := len(dst)
	dst = append(dst, mark...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(record)))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(dst[at:], table))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(record, table))
	return append(dst, record...)
}

// readHeader returns the size of the record behind a header that is sound.
func readHeader(text []byte) (size int, sum uint32, ok bool) {
	if len(text) < headerSize || !bytes.HasPrefix(text, []byte(mark)) {
		return 0, 0, false
	}
	fields := text[len(mark):headerSize]
	size = int(binary.LittleEndian.Uint32(fields))
	ok = binary.LittleEndian.Uint32(fields[4:]) == crc32.Checksum(text[:len(mark)+4], table) && size <= maxRecord
	return size, binary.LittleEndian.Uint32(fields[8:]), ok
}

// readFrame returns the record at the beginning of text, if it is there whole.
func readFrame(text []byte) (record []byte, ok bool) {
	size, sum, ok := readHeader(text)
	if !ok || len(text)-headerSize < size {
		return nil, false
	}
	record = text[headerSize : headerSize+size]
	return record, crc32.Checksum(record, table) == sum
}

// scan yields the records of a journal, and returns the size of what they take.
// What stands behind the last whole record was never acknowledged. But a record
// that has all its length was written whole, so it is damaged if it cannot be
// read, and so is whatever stands in front of one that can.
func scan(text []byte, each func(record []byte) error) (size int, err error) {
	for size < len(text) {
		rest := text[size:]
		record, ok := readFrame(rest)
		if !ok {
			if isWhole(rest) || anyFrame(rest[1:]) {
				return size, fmt.Errorf("%w at byte %d", ErrDamaged, size)
			}
			return size, nil
		}
		if err := each(record); err != nil {
			return size, fmt.Errorf("%w at byte %d: %w", ErrDamaged, size, err)
		}
		size += headerSize + len(record)
	}
	return size, nil
}

// isWhole reports whether there is all of a record, readable or not. A header of
// which a part is damaged is still one: a write that broke off leaves a header
// that is sound, or none.
func isWhole(text []byte) bool {
	if len(text) < headerSize {
		return false
	}
	if size, _, ok := readHeader(text); ok {
		return len(text)-headerSize >= size
	}
	repaired := append([]byte(mark), text[len(mark):headerSize]...)
	_, _, ok := readHeader(repaired)
	return ok || bytes.HasPrefix(text, []byte(mark))
}

// anyFrame reports whether a record that can be read stands anywhere in text.
func anyFrame(text []byte) bool {
	for {
		i := bytes.Index(text, []byte(mark))
		if i < 0 {
			return false
		}
		if _, ok := readFrame(text[i:]); ok {
			return true
		}
		text = text[i+1:]
	}
}
