package lines

import (
	"bytes"
	"io"
)

// lastStep is how much is read first of a file's end: a few ordinary lines.
const lastStep = 4 << 10

// Last is the last line of a file.
type Last struct {
	Text  []byte // without its line feed; nil where it is too long
	Whole bool   // it has its line feed
}

// ReadLast reads the last line of a file of that size, which is not 0, and
// nothing of the file that lies far before it. The error is [ErrTooLong] for a
// line of more than Max bytes; whether it is whole is told even so.
func ReadLast(file io.ReaderAt, size int64) (Last, error) {
	// The longest sound line, its line feed, and that of the line before.
	most := min(size, Max+2)
	for n := min(size, lastStep); ; n = min(n*16, most) {
		buf := make([]byte, n)
		// A ReaderAt may say io.EOF along with the last byte.
		if read, err := file.ReadAt(buf, size-n); read < len(buf) {
			return Last{}, err
		}
		text, whole := bytes.CutSuffix(buf, []byte{'\n'})
		i := bytes.LastIndexByte(text, '\n')
		if i < 0 && n < most {
			continue
		}
		text = text[i+1:]
		if len(text) > Max {
			return Last{Whole: whole}, ErrTooLong
		}
		return Last{Text: text, Whole: whole}, nil
	}
}

// Count counts the line feeds of a file of that size.
func Count(file io.ReaderAt, size int64) (count int64, err error) {
	buf := make([]byte, firstSize)
	in := io.NewSectionReader(file, 0, size)
	for {
		n, err := in.Read(buf)
		count += int64(bytes.Count(buf[:n], []byte{'\n'}))
		if err == io.EOF {
			return count, nil
		}
		if err != nil {
			return 0, err
		}
	}
}
