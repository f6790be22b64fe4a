// Package embedder asks another process for the vectors of texts.
package embedder

import (
	"bytes"
	"context"
	"io"
	"math"
	"net/http"
	"time"

	"lakehouse/internal/ijson"
	"lakehouse/internal/jcs"
	"lakehouse/internal/request"
)

const (
	timeout      = 60 * time.Second
	maxAnswer    = 256 << 20
	maxDimension = 4096
	maxMagnitude = 1_000_000
)

// Client is one embedder.
type Client struct {
	url  string
	http *http.Client
}

// New returns the embedder at a URL.
func New(url string) *Client {
	return &Client{url + "/v1/embed", &http.Client{Timeout: timeout}}
}

// Embed returns the components of each text. The error is
// [request.EmbedderUnreachable] where there is no answer, or one that is none.
func (c *Client) Embed(ctx context.Context, texts []string) ([][]float64, error) {
	list := make(ijson.Array, len(texts))
	for i, text := range texts {
		list[i] = ijson.String(text)
	}
	body := jcs.Append(nil, ijson.Object{{Name: "model", Value: ijson.String("default")}, {Name: "texts", Value: list}}, jcs.Options{})
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(body))
	if err != nil {
		return nil, request.EmbedderUnreachable
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, request.EmbedderUnreachable
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil || resp.StatusCode != http.StatusOK {
		return nil, request.EmbedderUnreachable
	}
	root, err := ijson.Parse(string(text), ijson.Options{})
	if err != nil {
		return nil, request.EmbedderUnreachable
	}
	vectors, ok := read(root, len(texts))
	if !ok {
		return nil, request.EmbedderUnreachable
	}
	return vectors, nil
}

// read reads {"dimension":2,"vectors":[[1,0]]}, one vector a text.
func read(root ijson.Value, texts int) ([][]float64, bool) {
	o, _ := root.(ijson.Object)
	dimension, ok := o.Get("dimension").(ijson.Number)
	list, also := o.Get("vectors").(ijson.Array)
	if !ok || !also || len(list) != texts || dimension < 1 || dimension > maxDimension {
		return nil, false
	}
	vectors := make([][]float64, len(list))
	for i, item := range list {
		numbers, ok := item.(ijson.Array)
		if !ok || ijson.Number(len(numbers)) != dimension {
			return nil, false
		}
		vectors[i] = make([]float64, len(numbers))
		for j, number := range numbers {
			n, ok := number.(ijson.Number)
			if !ok || math.Abs(float64(n)) > maxMagnitude {
				return nil, false
			}
			vectors[i][j] = float64(n)
		}
	}
	return vectors, true
}
