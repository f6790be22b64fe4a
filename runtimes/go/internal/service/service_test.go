package service

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"lakehouse/internal/validate"
)

func TestListen(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if _, err := Listen(uint16(taken.Addr().(*net.TCPAddr).Port)); err == nil {
		t.Error("a port was taken twice")
	}
	// A port that was free a moment ago can be anybody's now, but not each of them.
	for range 10 {
		free, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		want := free.Addr().String()
		free.Close()
		if l, err := Listen(uint16(free.Addr().(*net.TCPAddr).Port)); err == nil {
			defer l.Close()
			if got := l.Addr().String(); got != want {
				t.Errorf("listens at %s; want %s", got, want)
			}
			return
		}
	}
	t.Error("no port could be had")
}

// Neither a connection that is kept open nor one that says nothing holds the end
// up, and what is under way only for so long.
func TestServeEnds(t *testing.T) {
	for _, tt := range []struct {
		name, sent string
	}{
		{"nobody there", ""},
		{"idle", requestOf("GET", "/health", "")},
		{"silent", ""},
		{"stuck", post("/v1/validate", text)[:200]},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l, err := net.Listen("tcp4", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ended := make(chan error, 1)
			go func() {
				ended <- Serve(ctx, l.(*net.TCPListener), NewValidate(Health{}, validate.Options{}, io.Discard))
			}()
			if tt.name != "nobody there" {
				// The answer to another one shows that it is being served.
				c := dial(t, l.Addr().String())
				io.WriteString(c, tt.sent)
				dial(t, l.Addr().String()).do(t, requestOf("GET", "/health", ""))
			}
			cancel()
			select {
			case err := <-ended:
				if err != nil {
					t.Error(err)
				}
			case <-time.After(graceTimeout + 10*time.Second):
				t.Fatal("it goes on")
			}
			if _, err := l.Accept(); !errors.Is(err, net.ErrClosed) {
				t.Errorf("the port is still open: %v", err)
			}
		})
	}
}

func TestServeTellsWhyItCannot(t *testing.T) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	if err := Serve(context.Background(), l.(*net.TCPListener), http.NotFoundHandler()); err == nil {
		t.Error("no error of a listener that is closed")
	}
}

func TestHealth(t *testing.T) {
	h := Health{"validatord", "go", "0.1.0", "3f2a91c", []string{"validate"}, []string{"ssn-phone"}, "ssn-phone"}
	// The line of service.md, but for what is planted.
	want := `{"status":"ok","service":"validatord","runtime":"go","version":"0.1.0","commit":"3f2a91c",` +
		`"surfaces":["validate"],"plants":["ssn-phone"],"planted":"ssn-phone"}`
	if got := string(h.body()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
