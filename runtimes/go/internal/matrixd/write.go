package matrixd

import (
	"fmt"
	"strconv"

	"lakehouse/internal/index"
	"lakehouse/internal/jcs"
	"lakehouse/internal/matrix"
	"lakehouse/internal/vectors"
)

// write writes an object of pairs, whose names are in their canonical order.
func write(pairs ...any) []byte {
	var dst []byte
	for i := 0; i < len(pairs); i += 2 {
		dst = append(dst, "{,"[min(i, 1)])
		dst = jcs.AppendString(dst, pairs[i].(string))
		dst = append(dst, ':')
		switch v := pairs[i+1].(type) {
		case bool:
			dst = strconv.AppendBool(dst, v)
		case int:
			dst = strconv.AppendInt(dst, int64(v), 10)
		case string:
			dst = jcs.AppendString(dst, v)
		default:
			panic(fmt.Sprintf("matrixd: %T is written nowhere", v))
		}
	}
	return append(dst, '}')
}

func writeCounts(c vectors.Counts) []byte {
	return write("added", c.Added, "size", c.Size, "updated", c.Updated)
}

// appendHit writes one hit. The members that only a search with recordings has
// come in between.
func appendHit(dst []byte, hit index.Hit, rank int, recorded *matrix.Hit) []byte {
	dst = append(dst, '{')
	if recorded != nil {
		dst = strconv.AppendBool(append(dst, `"boosted":`...), recorded.Boosted)
		dst = append(dst, ',')
	}
	dst = jcs.AppendNumber(append(dst, `"distance":`...), hit.Distance.Float())
	dst = jcs.AppendString(append(dst, `,"id":`...), hit.ID)
	if recorded != nil {
		dst = strconv.AppendBool(append(dst, `,"injected":`...), recorded.Injected)
	}
	dst = append(append(dst, `,"metadata":`...), hit.Metadata...)
	dst = strconv.AppendInt(append(dst, `,"rank":`...), int64(rank), 10)
	return append(dst, '}')
}

func appendHits(dst []byte, hits []index.Hit) []byte {
	dst = append(dst, `"hits":[`...)
	for i, hit := range hits {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendHit(dst, hit, i+1, nil)
	}
	return append(dst, ']')
}

func writeSearch(hits []index.Hit, size int) []byte {
	dst := appendHits([]byte{'{'}, hits)
	dst = strconv.AppendInt(append(dst, `,"size":`...), int64(size), 10)
	return append(dst, '}')
}

func writeRetrieved(hits []index.Hit) []byte {
	return append(appendHits([]byte{'{'}, hits), '}')
}

func writeResult(r matrix.Result) []byte {
	dst := strconv.AppendInt([]byte(`{"boosted":`), int64(r.Boosted), 10)
	dst = append(dst, `,"hits":[`...)
	for i := range r.Hits {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendHit(dst, r.Hits[i].Hit, i+1, &r.Hits[i])
	}
	dst = strconv.AppendInt(append(dst, `],"injected":`...), int64(r.Injected), 10)
	return append(dst, '}')
}
