package vectors

import (
	"encoding/binary"
	"errors"
	"math"

	"lakehouse/internal/index"
	"lakehouse/internal/unit"
)

// A record is one write, and begins with what it did. All numbers have four
// bytes, the lowest first.
const (
	opDimension = 'd' // of what follows: the dimension
	opPut       = 'p' // items: the dimension, then for each its id, metadata and components
	opDelete    = 'x' // the id
)

var errRecord = errors.New("a record says nothing that could be understood")

func dimensionRecord(dimension int) []byte {
	return binary.LittleEndian.AppendUint32([]byte{opDimension}, uint32(dimension))
}

func putRecord(dimension int, items []index.Item) []byte {
	record := make([]byte, 0, 5+len(items)*(4*dimension+64))
	record = binary.LittleEndian.AppendUint32(append(record, opPut), uint32(dimension))
	for _, item := range items {
		record = appendText(record, item.ID)
		record = appendText(record, item.Metadata)
		for _, c := range item.Vector {
			record = binary.LittleEndian.AppendUint32(record, math.Float32bits(c))
		}
	}
	return record
}

func deleteRecord(id string) []byte { return appendText([]byte{opDelete}, id) }

func appendText(dst []byte, s string) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(s)))
	return append(dst, s...)
}

// maxBatch is how many items a record has where an index is written anew.
const maxBatch = 256

// records yields what makes an index anew.
func records(x *index.Index) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		if !yield(dimensionRecord(x.Dimension())) {
			return
		}
		var batch []index.Item
		for item := range x.Items() {
			if batch = append(batch, item); len(batch) == maxBatch {
				if !yield(putRecord(x.Dimension(), batch)) {
					return
				}
				batch = batch[:0]
			}
		}
		if len(batch) > 0 {
			yield(putRecord(x.Dimension(), batch))
		}
	}
}

// replayer makes an index of its records.
type replayer struct {
	opts index.Options
	x    *index.Index // nil before the first record
}

func (r *replayer) apply(record []byte) error {
	if len(record) == 0 {
		return errRecord
	}
	op, rest := record[0], fields(record[1:])
	switch op {
	case opDimension, opPut:
		dimension, ok := rest.number()
		if !ok || dimension == 0 || r.x != nil && r.x.Dimension() != dimension {
			return errRecord
		}
		if r.x == nil {
			r.x = index.New(dimension, r.opts)
		}
		return r.put(dimension, rest)
	case opDelete:
		id, ok := rest.text()
		if !ok || len(rest) > 0 || r.x == nil || !r.x.Delete(id) {
			return errRecord
		}
		return nil
	default:
		return errRecord
	}
}

func (r *replayer) put(dimension int, rest fields) error {
	for len(rest) > 0 {
		id, ok := rest.text()
		metadata, also := rest.text()
		if !ok || !also || len(rest) < 4*dimension {
			return errRecord
		}
		vector := make(unit.Vector, dimension)
		for i := range vector {
			vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(rest[4*i:]))
		}
		rest = rest[4*dimension:]
		r.x.Put(index.Item{ID: id, Vector: vector, Metadata: metadata})
	}
	return nil
}

// fields are what is left of a record.
type fields []byte

func (f *fields) number() (int, bool) {
	if len(*f) < 4 {
		return 0, false
	}
	n := int(binary.LittleEndian.Uint32(*f))
	*f = (*f)[4:]
	return n, true
}

func (f *fields) text() (string, bool) {
	n, ok := f.number()
	if !ok || len(*f) < n {
		return "", false
	}
	s := string((*f)[:n])
	*f = (*f)[n:]
	return s, true
}
