package index

import (
	"hash/crc32"
	"math/rand"
	"sync"

	"lakehouse/internal/unit"

	"github.com/coder/hnsw"
)

// plain is a planted bug, and how it began: a graph of coder/hnsw that is added
// to and deleted from as its documentation has it, without a side store that it
// could be made from anew. Its upper layers run empty, or hold what the layer
// below does not, and then it dereferences nil.
//
// It is made when it is first searched, and again once it has run empty: what a
// start reads from its journal goes into it as new keys alone, which is sound.
type plain struct {
	making    sync.Mutex          // several may search at once
	graph     *hnsw.Graph[string] // nil until then
	dimension int
}

// The graph as it was configured, but for chance. The level of a node is drawn
// from a seed, every node is the neighbour of all others up to that many, and no
// two are equally far (see node): so the same calls always panic, or never,
// although the graph begins a search wherever the order of a map has it. This seed
// was chosen so that three nodes, two of which are put there again, are enough in
// nine of ten cases.
const (
	plainSeed       = 4
	plainLevels     = 0.5
	plainNeighbours = 64
)

func (p *plain) make(entries []*entry) {
	p.making.Lock()
	defer p.making.Unlock()
	if p.graph != nil {
		return
	}
	graph := hnsw.NewGraph[string]()
	graph.Rng = rand.New(rand.NewSource(plainSeed))
	graph.Ml = plainLevels
	graph.M = plainNeighbours
	graph.EfSearch = plainNeighbours
	graph.Distance = func(a, b []float32) float32 {
		return unit.Near(a[:p.dimension], b[:p.dimension]) + a[p.dimension] + b[p.dimension]
	}
	for _, e := range byBirth(entries) {
		graph.Add(p.node(e.ID, e.Vector))
	}
	p.graph = graph
}

// node has a component more, by which two of the same vector differ.
func (p *plain) node(key string, v unit.Vector) hnsw.Node[string] {
	apart := float32(crc32.ChecksumIEEE([]byte(key))) / (1 << 32) * 1e-3
	return hnsw.MakeNode(key, append(append(make([]float32, 0, len(v)+1), v...), apart))
}

func (p *plain) put(item Item, updated bool) {
	if updated {
		p.delete(item.ID)
	}
	if p.graph != nil {
		p.graph.Add(p.node(item.ID, item.Vector))
	}
}

func (p *plain) delete(id string) {
	if p.graph == nil {
		return
	}
	p.graph.Delete(id)
	if p.graph.Len() == 0 {
		p.graph = nil
	}
}

// search returns the ids of all, so that only their distances tell which are hits.
func (p *plain) search(v unit.Vector, entries []*entry) []string {
	p.make(entries)
	ids := []string{}
	query := append(append(make([]float32, 0, len(v)+1), v...), 0)
	for _, node := range p.graph.Search(query, max(p.graph.Len(), 1)) {
		ids = append(ids, node.Key)
	}
	return ids
}
