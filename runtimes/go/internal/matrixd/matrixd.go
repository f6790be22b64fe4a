// Package matrixd serves search.md over HTTP: named vector indexes, retrieval,
// and search that learns from recordings.
package matrixd

import (
	"context"
	"errors"
	"io"
	"net/http"

	"lakehouse/internal/hash768"
	"lakehouse/internal/matrix"
	"lakehouse/internal/request"
	"lakehouse/internal/service"
	"lakehouse/internal/unit"
	"lakehouse/internal/vectors"
	"lakehouse/internal/verror"
)

const maxBody = 32 << 20 // body-too-large

// Embedder turns texts into components, which have a direction or are all zero.
type Embedder interface {
	Embed(ctx context.Context, texts []string) ([][]float64, error)
}

// Config is what a service consists of.
type Config struct {
	Health   service.Health
	Store    *vectors.Store // nil where the indexes are another process's
	Indexes  matrix.Indexes // those of the store, or of another process
	Embedder Embedder       // nil for hash-768
	Options  matrix.Options
	Log      io.Writer
}

// New returns the handler of the service.
func New(c Config) http.Handler {
	s := &server{c}
	return &service.Room{
		Health:  c.Health,
		MaxBody: maxBody,
		Methods: s.methods,
		Admit:   admit,
		Answer:  s.answer,
		Refuse:  refuse,
		Log:     c.Log,
	}
}

type server struct{ Config }

// call is what there is nothing against before its members are read.
type call struct {
	service.Call
	tenant string
	name   string // of the index in its path
}

const tenantHeader = "X-Lakehouse-Tenant"

// admit looks at the name of the tenant.
func admit(h http.Header) *request.Fault {
	if !vectors.IsTenant(tenantOf(h)) {
		return &request.Fault{Field: "x-lakehouse-tenant", Reason: badName}
	}
	return nil
}

func tenantOf(h http.Header) string {
	if values := h[tenantHeader]; len(values) > 0 {
		return values[0]
	}
	return "default"
}

// answer runs a call. A state that it does not fit is an answer; what broke is a
// panic, and gets none.
func (s *server) answer(c service.Call) service.Answer {
	route, name := s.route(c.Path)
	body, err := route.calls[c.Method](s, call{c, tenantOf(c.Header), name})
	var fault *faultError
	var state request.State
	switch {
	case errors.As(err, &fault):
		return refuse(fault.Fault)
	case errors.As(err, &state):
		return service.Answer{Status: state.Status(), Body: state.Append(nil)}
	case err != nil:
		panic(err)
	}
	return service.Answer{Status: http.StatusOK, Body: body}
}

func refuse(f *request.Fault) service.Answer {
	e := verror.Error{Variant: verror.Schema, Field: f.Field, Reason: string(f.Reason)}
	return service.Answer{Status: f.Reason.Status(), Body: e.AppendTagged(nil)}
}

// faultError makes a fault an error, on the way to its answer.
type faultError struct{ *request.Fault }

func (e *faultError) Error() string { return e.Field + ": " + string(e.Reason) }

// embed gives the sources that are texts their components. hash-768 is had while
// a request is read, so only what another process has to say is asked for here:
// all of it at once, when nothing else is wrong.
func (s *server) embed(ctx context.Context, sources ...*source) error {
	var texts []string
	var waiting []*source
	for _, source := range sources {
		if source.components == nil {
			texts = append(texts, source.text)
			waiting = append(waiting, source)
		}
	}
	if len(texts) == 0 {
		return nil
	}
	vectors, err := s.Embedder.Embed(ctx, texts)
	if err != nil {
		return err
	}
	for i, source := range waiting {
		if _, ok := unit.Of(vectors[i]); !ok {
			return &faultError{&request.Fault{Field: source.field, Reason: zeroVector}}
		}
		source.components = vectors[i]
	}
	return nil
}

// inline returns what turns a text into components while a request is read, or
// nil where that is somebody else's.
func (s *server) inline() func(string) []float64 {
	if s.Embedder == nil {
		return hash768.Embed
	}
	return nil
}
