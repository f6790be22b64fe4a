package request

import (
	"net/http"

	"lakehouse/internal/jcs"
)

// State is why a request that is sound in itself does not fit what is stored,
// by the names of search.md. It is an error.
type State string

const (
	UnknownIndex    State = "unknown-index"
	UnknownID       State = "unknown-id"
	UnknownSnapshot State = "unknown-snapshot"
	WrongDimension  State = "wrong-dimension"
	DamagedSnapshot State = "damaged-snapshot"

	EmbedderUnreachable State = "embedder-unreachable"
	VectordUnreachable  State = "vectord-unreachable"
)

func (s State) Error() string { return string(s) }

// Status is the HTTP status that it is answered with.
func (s State) Status() int {
	switch s {
	case UnknownIndex, UnknownID, UnknownSnapshot:
		return http.StatusNotFound
	case EmbedderUnreachable, VectordUnreachable:
		return http.StatusBadGateway
	default:
		return http.StatusConflict
	}
}

// Append appends the answer to dst.
func (s State) Append(dst []byte) []byte {
	dst = append(dst, `{"State":{"reason":`...)
	return append(jcs.AppendString(dst, string(s)), "}}"...)
}
