package matrix

import (
	"context"

	"lakehouse/internal/index"
	"lakehouse/internal/unit"
	"lakehouse/internal/vectors"
)

// Local are the indexes of a store in this process.
type Local struct{ Store *vectors.Store }

// Look looks at all of them at the same moment.
func (l Local) Look(_ context.Context, tenant string, names []string, look func(Shelf) error) error {
	return l.Store.View(tenant, names, func(v vectors.View) error { return look(localShelf{v}) })
}

// Put adds an item to an index, or replaces it.
func (l Local) Put(_ context.Context, tenant, name string, item Item) (updated bool, err error) {
	c, err := l.Store.Add(tenant, name, []index.Item{{ID: item.ID, Vector: direction(item.Components), Metadata: item.Metadata}})
	return c.Updated > 0, err
}

// Forget takes away all that a tenant has.
func (l Local) Forget(_ context.Context, tenant string) (dropped int, err error) {
	return l.Store.Forget(tenant)
}

type localShelf struct{ view vectors.View }

func (s localShelf) Search(name string, q Query) ([]index.Hit, error) {
	return s.view.Search(name, index.Query{Vector: direction(q.Components), K: q.K, Excluded: q.Excluded, Only: q.Only})
}

// direction is the unit vector of components that were found to have one.
func direction(components []float64) unit.Vector {
	v, ok := unit.Of(components)
	if !ok {
		panic("matrix: components without a direction came this far")
	}
	return v
}
