package journal

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
)

// Seal writes a file of records with a digest of them all behind.
func Seal(path string, records func(yield func([]byte) bool)) error {
	draft := path + ".tmp"
	_, err := writeDraft(draft, func(write func([]byte) error) error {
		digest := sha256.New()
		for record := range records {
			frame := appendFrame(nil, record)
			digest.Write(frame)
			if err := write(frame); err != nil {
				return err
			}
		}
		return write(digest.Sum(nil))
	})
	if err != nil {
		return err
	}
	if err := os.Rename(draft, path); err != nil {
		os.Remove(draft)
		return err
	}
	return nil
}

// Unseal hands each record of a sealed file to a function. The error is one of
// [ErrDamaged] where the file is not what was sealed, byte for byte; then the
// function has seen nothing of it.
func Unseal(path string, each func(record []byte) error) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	content := text[:max(0, len(text)-sha256.Size)]
	digest := sha256.Sum256(content)
	if !bytes.Equal(digest[:], text[len(content):]) {
		return fmt.Errorf("%s %w", path, ErrDamaged)
	}
	for len(content) > 0 {
		record, ok := readFrame(content)
		if !ok {
			return fmt.Errorf("%s %w", path, ErrDamaged)
		}
		if err := each(record); err != nil {
			return fmt.Errorf("%s %w: %w", path, ErrDamaged, err)
		}
		content = content[headerSize+len(record):]
	}
	return nil
}
