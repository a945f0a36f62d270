package main

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
)

// decodeUserData does what Talos's hcloud platform does: base64 if it is base64, then gzip if it is gzip.
func decodeUserData(b []byte) ([]byte, error) {
	if out, err := base64.StdEncoding.AppendDecode(nil, b); err == nil {
		b = out
	}

	if len(b) < 2 || b[0] != 0x1f || b[1] != 0x8b {
		return b, nil
	}

	zr, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, fmt.Errorf("failed to decompress user data: %w", err)
	}

	return io.ReadAll(zr)
}
