package matrixd

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"lakehouse/internal/vectors"
)

// route is a path, and what each method does there.
type route struct {
	calls map[string]func(*server, call) ([]byte, error)
}

func post(do func(*server, call) ([]byte, error)) route {
	return route{map[string]func(*server, call) ([]byte, error){http.MethodPost: do}}
}

var fixed = map[string]route{
	"/v1/matrix/retrieve":         post((*server).retrieve),
	"/v1/matrix/search":           post((*server).matrixSearch),
	"/v1/matrix/playbooks/record": post((*server).record),
	"/v1/tenant": {map[string]func(*server, call) ([]byte, error){
		http.MethodDelete: (*server).forget,
	}},
}

const indexPath = "/vectors/index/"

// ofIndex are the paths behind the name of an index.
var ofIndex = map[string]route{
	"": {map[string]func(*server, call) ([]byte, error){
		http.MethodGet:    (*server).describe,
		http.MethodDelete: (*server).drop,
	}},
	"/add":    post((*server).add),
	"/search": post((*server).search),
	"/delete": post((*server).delete),
	"/save":   post((*server).save),
	"/reload": post((*server).reload),
}

// route returns the route of a path, which has no calls if it is unknown, and
// the name of the index in it.
func (s *server) route(path string) (r route, name string) {
	rest, ok := strings.CutPrefix(path, indexPath)
	if !ok || s.Store == nil {
		return fixed[path], ""
	}
	name, action, deeper := strings.Cut(rest, "/")
	if deeper {
		action = "/" + action
	}
	if !vectors.IsName(name) {
		return route{}, ""
	}
	return ofIndex[action], name
}

func (s *server) methods(path string) []string {
	r, _ := s.route(path)
	return slices.Sorted(maps.Keys(r.calls))
}
