package service

import "io"

const (
	maxBody  = 1 << 20 // that an answer may depend on (body-too-large)
	maxDrain = 4 << 20 // that is read to its end before the answer
)

// readBody reads a body, of which no more than maxBody bytes matter. One that is
// longer than maxDrain is left unread from there on; net/http closes the
// connection behind the answer then, unless there is little left.
func readBody(r io.Reader) (body []byte, tooLarge bool, err error) {
	body, err = io.ReadAll(io.LimitReader(r, maxBody+1))
	if err != nil || len(body) <= maxBody {
		return body, false, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(r, maxDrain-maxBody-1))
	return nil, true, err
}
