package service

import "encoding/json"

// Health is what GET /health tells, beside that the service is well.
type Health struct {
	Service  string
	Runtime  string
	Version  string
	Commit   string
	Surfaces []string
	Plants   []string
	Planted  string // empty for none
}

// body is the answer of service.md.
func (h Health) body() []byte {
	health := struct {
		Status   string   `json:"status"`
		Service  string   `json:"service"`
		Runtime  string   `json:"runtime"`
		Version  string   `json:"version"`
		Commit   string   `json:"commit"`
		Surfaces []string `json:"surfaces"`
		Plants   []string `json:"plants"`
		Planted  *string  `json:"planted"`
	}{"ok", h.Service, h.Runtime, h.Version, h.Commit, h.Surfaces, h.Plants, nil}
	if h.Planted != "" {
		health.Planted = &h.Planted
	}
	body, err := json.Marshal(health)
	if err != nil {
		panic(err) // strings can always be written
	}
	return body
}
