package service

import (
	"net/http"
	"strconv"
	"strings"

	"lakehouse/internal/ascii"
	"lakehouse/internal/validate"
)

const (
	healthPath   = "/health"
	validatePath = "/v1/validate"
)

// NewValidate returns the handler of the service validatord: validate.rules.toml
// behind POST /v1/validate, and its health. No http.ServeMux is involved, which
// would decode, clean and redirect paths that the contract takes as they come.
func NewValidate(health Health, opts validate.Options) http.Handler {
	return validator{health.body(), opts}
}

type validator struct {
	health []byte
	opts   validate.Options
}

// answer is a whole one. Its content is JSON.
type answer struct {
	status int
	body   []byte
	allow  string // of a method that is not allowed: the one that is
}

// ServeHTTP reads the body before it looks at anything, whatever the answer is
// going to be: a connection on which no body is left can serve the next request.
func (v validator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, tooLarge, err := readBody(r.Body)
	if err != nil {
		// Nobody is there to be answered, or nothing that could be understood.
		panic(http.ErrAbortHandler)
	}
	a := v.answer(r, body, tooLarge)
	header := w.Header()
	header.Set("Content-Type", "application/json")
	header.Set("Content-Length", strconv.Itoa(len(a.body)))
	if a.allow != "" {
		header.Set("Allow", a.allow)
	}
	w.WriteHeader(a.status)
	w.Write(a.body)
}

// answer looks at what HTTP demands in the contract's order, and leaves the rest
// to the rules.
func (v validator) answer(r *http.Request, body []byte, tooLarge bool) answer {
	// The target as it was sent; r.URL has its escapes decoded.
	path, _, _ := strings.Cut(r.RequestURI, "?")
	switch {
	case path == healthPath && r.Method == http.MethodGet:
		return answer{status: http.StatusOK, body: v.health}
	case path == healthPath:
		return v.notAllowed(http.MethodGet)
	case path != validatePath:
		return v.refuse("", validate.UnknownPath)
	case r.Method != http.MethodPost:
		return v.notAllowed(http.MethodPost)
	case !isJSON(r.Header["Content-Type"]):
		return v.refuse("content-type", validate.UnsupportedMediaType)
	case isEncoded(r.Header["Content-Encoding"]):
		return v.refuse("content-encoding", validate.UnsupportedContentEncoding)
	case tooLarge:
		return v.refuse("", validate.BodyTooLarge)
	default:
		text, status := validate.Append(nil, string(body), v.opts)
		return answer{status: status, body: text}
	}
}

func (v validator) refuse(field string, reason validate.Reason) answer {
	text, status := validate.Refuse(nil, field, reason, v.opts)
	return answer{status: status, body: text}
}

func (v validator) notAllowed(method string) answer {
	a := v.refuse("", validate.MethodNotAllowed)
	a.allow = method
	return a
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
