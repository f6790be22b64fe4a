package chain

import (
	"bytes"
	"testing"

	"lakehouse/internal/lines"
)

const benchEvent = `{"accessor":{"daemon":"gateway","kind":"api","purpose":"fill","trace_id":""},"fields":["name","phone"],"result":"ok","ts":"2026-05-03T10:11:12.461439210Z"}`

// chainOf is a log of so many rows like that event, and what it begins with.
func chainOf(t testing.TB, key *Key, event string, rows int) (log []byte, genesis MAC) {
	t.Helper()
	e, reason := ReadEvent([]byte(event), "WORKER-1")
	if reason != "" {
		t.Fatal(reason)
	}
	_, genesis = NewManifest(key, "WORKER-1", e.At)
	prev := genesis
	for i := range rows {
		line, mac, _ := e.Row(key, int64(i+1), prev)
		log = append(append(log, line...), '\n')
		prev = mac
	}
	return log, genesis
}

func BenchmarkVerify(b *testing.B) {
	for _, bench := range []struct{ name, event string }{
		{"ordinary", benchEvent},
		{"general", `{"x":0.5,` + benchEvent[1:]},
	} {
		b.Run(bench.name, func(b *testing.B) {
			key := NewKey([]byte("0123456789abcdef0123456789abcdef"))
			const rows = 10_000
			log, genesis := chainOf(b, key, bench.event, rows)
			c := Checker{Key: key, Subject: "WORKER-1", Log: "log"}
			b.SetBytes(int64(len(log)))
			b.ReportAllocs()
			for b.Loop() {
				if v := c.VerifyLog(lines.NewReader(bytes.NewReader(log), 1<<16), genesis, nil); v.Count != rows {
					b.Fatal(v.Fault)
				}
			}
			b.ReportMetric(float64(b.N)*rows/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
