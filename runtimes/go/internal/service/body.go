package service

import "io"

// spare is what is read of a body behind the limit, so that its connection can
// serve the next request.
const spare = 3 << 20

// readBody reads a body, of which no more than most bytes matter. What is longer
// than that by more than spare is left unread from there on; net/http closes the
// connection behind the answer then, unless there is little left.
func readBody(r io.Reader, most int64) (body []byte, tooLarge bool, err error) {
	body, err = io.ReadAll(io.LimitReader(r, most+1))
	if err != nil || int64(len(body)) <= most {
		return body, false, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(r, spare-1))
	return nil, true, err
}

// dropBody reads as much of a body that does not matter, and keeps nothing.
func dropBody(r io.Reader, most int64) error {
	_, err := io.Copy(io.Discard, io.LimitReader(r, most+spare))
	return err
}
