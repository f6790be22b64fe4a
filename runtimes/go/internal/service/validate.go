package service

import (
	"io"
	"net/http"

	"lakehouse/internal/request"
	"lakehouse/internal/validate"
)

const (
	validatePath = "/v1/validate"
	maxBody      = 1 << 20 // body-too-large
)

// NewValidate returns the handler of the service validatord: validate.rules.toml
// behind POST /v1/validate, and its health.
func NewValidate(health Health, opts validate.Options, log io.Writer) http.Handler {
	return &Room{
		Health:  health,
		MaxBody: maxBody,
		Methods: func(path string) []string {
			if path != validatePath {
				return nil
			}
			return []string{http.MethodPost}
		},
		Answer: func(call Call) Answer {
			text, status := validate.Append(nil, call.Body, opts)
			return Answer{Status: status, Body: text}
		},
		Refuse: func(f *request.Fault) Answer {
			text, status := validate.Refuse(nil, f.Field, f.Reason, opts)
			return Answer{Status: status, Body: text}
		},
		Log: log,
	}
}
