// Package vectord asks another process for the indexes that are there, by its
// own calls (search.md, "More than one process").
package vectord

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"

	"lakehouse/internal/ijson"
	"lakehouse/internal/index"
	"lakehouse/internal/jcs"
	"lakehouse/internal/matrix"
	"lakehouse/internal/request"
	"lakehouse/internal/unit"
)

const (
	timeout   = 60 * time.Second
	maxAnswer = 64 << 20
)

// Client is one such process. It is the [matrix.Indexes] of it.
type Client struct {
	url  string
	http *http.Client
}

// New returns the service at a URL.
func New(url string) *Client { return &Client{url, &http.Client{Timeout: timeout}} }

// Look cannot hold anything for longer than a call: each search finds what is
// there when it comes.
func (c *Client) Look(ctx context.Context, tenant string, _ []string, look func(matrix.Shelf) error) error {
	return look(shelf{c, ctx, tenant})
}

// Put adds an item to an index, or replaces it.
func (c *Client) Put(ctx context.Context, tenant, name string, item matrix.Item) (updated bool, err error) {
	metadata, err := ijson.Parse(item.Metadata, ijson.Options{})
	if err != nil {
		return false, err
	}
	answer, err := c.call(ctx, tenant, http.MethodPost, "/vectors/index/"+name+"/add", ijson.Object{
		{Name: "items", Value: ijson.Array{ijson.Object{
			{Name: "id", Value: ijson.String(item.ID)},
			{Name: "vector", Value: numbers(item.Components)},
			{Name: "metadata", Value: metadata},
		}}},
	})
	if err != nil {
		return false, err
	}
	n, ok := answer.Get("updated").(ijson.Number)
	if !ok {
		return false, request.VectordUnreachable
	}
	return n > 0, nil
}

// Forget takes away all that a tenant has.
func (c *Client) Forget(ctx context.Context, tenant string) (dropped int, err error) {
	answer, err := c.call(ctx, tenant, http.MethodDelete, "/v1/tenant", nil)
	if err != nil {
		return 0, err
	}
	n, ok := answer.Get("dropped").(ijson.Number)
	if !ok {
		return 0, request.VectordUnreachable
	}
	return int(n), nil
}

type shelf struct {
	client *Client
	ctx    context.Context
	tenant string
}

func (s shelf) Search(name string, q matrix.Query) ([]index.Hit, error) {
	body := ijson.Object{
		{Name: "vector", Value: numbers(q.Components)},
		{Name: "k", Value: ijson.Number(q.K)},
		{Name: "excluded_ids", Value: texts(q.Excluded)},
	}
	if q.Only != nil {
		body = append(body, ijson.Member{Name: "only_ids", Value: texts(q.Only)})
	}
	answer, err := s.client.call(s.ctx, s.tenant, http.MethodPost, "/vectors/index/"+name+"/search", body)
	if err != nil {
		return nil, err
	}
	hits, ok := readHits(answer)
	if !ok {
		return nil, request.VectordUnreachable
	}
	return hits, nil
}

func readHits(answer ijson.Object) ([]index.Hit, bool) {
	list, ok := answer.Get("hits").(ijson.Array)
	if !ok {
		return nil, false
	}
	hits := make([]index.Hit, len(list))
	for i, item := range list {
		o, _ := item.(ijson.Object)
		id, ok1 := o.Get("id").(ijson.String)
		distance, ok2 := o.Get("distance").(ijson.Number)
		metadata, ok3 := o.Get("metadata").(ijson.Object)
		if !ok1 || !ok2 || !ok3 {
			return nil, false
		}
		hits[i].ID = string(id)
		hits[i].Metadata = string(jcs.Append(nil, metadata, jcs.Options{}))
		hits[i].Distance = unit.Round(float64(distance) * 1_000_000)
	}
	return hits, true
}

// call returns the answer to a call. The error is a [request.State]: what the
// other one refuses by its state, or that it cannot be had.
func (c *Client) call(ctx context.Context, tenant, method, path string, body ijson.Value) (ijson.Object, error) {
	var content io.Reader
	if body != nil {
		content = bytes.NewReader(jcs.Append(nil, body, jcs.Options{}))
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, content)
	if err != nil {
		return nil, request.VectordUnreachable
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Lakehouse-Tenant", tenant)
	resp, err := c.http.Do(req)
	if err != nil {
		return nil, request.VectordUnreachable
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return nil, request.VectordUnreachable
	}
	root, err := ijson.Parse(string(text), ijson.Options{})
	answer, ok := root.(ijson.Object)
	if err != nil || !ok {
		return nil, request.VectordUnreachable
	}
	switch resp.StatusCode {
	case http.StatusOK:
		return answer, nil
	case http.StatusNotFound, http.StatusConflict:
		state, _ := answer.Get("State").(ijson.Object)
		if reason, ok := state.Get("reason").(ijson.String); ok && request.State(reason).Status() == resp.StatusCode {
			return nil, request.State(reason)
		}
	}
	return nil, request.VectordUnreachable
}

func numbers(components []float64) ijson.Array {
	list := make(ijson.Array, len(components))
	for i, c := range components {
		list[i] = ijson.Number(c)
	}
	return list
}

func texts(ids []string) ijson.Array {
	list := make(ijson.Array, len(ids))
	for i, id := range ids {
		list[i] = ijson.String(id)
	}
	return list
}
