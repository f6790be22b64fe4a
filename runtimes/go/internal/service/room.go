package service

import (
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"lakehouse/internal/ascii"
	"lakehouse/internal/request"
)

const healthPath = "/health"

// Room is what services have in common: it looks at what HTTP demands of a
// request, in the contract's order, and leaves the rest to the rules. Beside its
// own paths it has its health. No http.ServeMux is involved, which would decode,
// clean and redirect paths that the contract takes as they come.
type Room struct {
	Health  Health
	MaxBody int64 // bytes that a body may have
	// Methods lists what may be done with a path, and nothing for one that is
	// unknown. The path is as it was sent.
	Methods func(path string) []string
	// Admit looks at the headers of a request that is known before anything is
	// read of it. It may be nil.
	Admit func(http.Header) *request.Fault
	// Answer answers what there is nothing against so far.
	Answer func(Call) Answer
	// Refuse answers everything else.
	Refuse func(*request.Fault) Answer
	// Log gets a line for each request that breaks inside.
	Log io.Writer
}

// Call is a request. Its body is empty unless its method is POST.
type Call struct {
	*http.Request
	Path string
	Body string
}

// Answer is a whole one. Its content is JSON.
type Answer struct {
	Status int
	Body   []byte
	allow  string // of a method that is not allowed: those that are
}

// ServeHTTP reads the body before it answers anything, whatever the answer is
// going to be: a connection on which no body is left can serve the next request.
func (room *Room) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	defer room.logPanic()
	a := room.answer(r)
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(a.Body)))
	if a.allow != "" {
		header.Set("Allow", a.allow)
	}
	w.WriteHeader(a.Status)
	w.Write(a.Body)
}

func (room *Room) answer(r *http.Request) Answer {
	// The target as it was sent; r.URL has its escapes decoded.
	path, _, _ := strings.Cut(r.RequestURI, "?")
	fault, allowed := room.look(path, r)
	if fault != nil || r.Method != http.MethodPost {
		abortIf(dropBody(r.Body, room.MaxBody))
	}
	switch {
	case fault != nil:
		a := room.Refuse(fault)
		if fault.Reason == request.MethodNotAllowed {
			a.allow = strings.Join(allowed, ", ")
		}
		return a
	case path == healthPath:
		return Answer{Status: http.StatusOK, Body: room.Health.body()}
	case r.Method != http.MethodPost:
		return room.Answer(Call{r, path, ""})
	}
	body, tooLarge, err := readBody(r.Body, room.MaxBody)
	abortIf(err)
	if tooLarge {
		return room.Refuse(&request.Fault{Reason: request.BodyTooLarge})
	}
	return room.Answer(Call{r, path, string(body)})
}

// look finds the first thing that is wrong with a request, up to its body.
func (room *Room) look(path string, r *http.Request) (fault *request.Fault, allowed []string) {
	if path == healthPath {
		allowed = []string{http.MethodGet}
	} else {
		allowed = room.Methods(path)
	}
	switch {
	case len(allowed) == 0:
		return &request.Fault{Reason: request.UnknownPath}, nil
	case !slices.Contains(allowed, r.Method):
		return &request.Fault{Reason: request.MethodNotAllowed}, allowed
	case path == healthPath:
		return nil, nil
	}
	if room.Admit != nil {
		if fault := room.Admit(r.Header); fault != nil {
			return fault, nil
		}
	}
	switch {
	case r.Method != http.MethodPost:
		return nil, nil
	case !isJSON(r.Header["Content-Type"]):
		return &request.Fault{Field: "content-type", Reason: request.UnsupportedMediaType}, nil
	case isEncoded(r.Header["Content-Encoding"]):
		return &request.Fault{Field: "content-encoding", Reason: request.UnsupportedContentEncoding}, nil
	default:
		return nil, nil
	}
}

// abortIf ends the connection of a body that broke off: nobody is there to be
// answered, or nothing that could be understood.
func abortIf(err error) {
	if err != nil {
		panic(http.ErrAbortHandler)
	}
}

// isJSON looks at the first content-type header; parameters do not matter.
func isJSON(headers []string) bool {
	if len(headers) == 0 {
		return false
	}
	mediaType, _, _ := strings.Cut(headers[0], ";")
	return ascii.EqualFold(ascii.TrimSpace(mediaType), "application/json")
}

// isEncoded looks at the first content-encoding header, if there is one.
func isEncoded(headers []string) bool {
	if len(headers) == 0 {
		return false
	}
	coding := ascii.TrimSpace(headers[0])
	return coding != "" && !ascii.EqualFold(coding, "identity")
}
