// Package service serves HTTP as service.md describes it: on 127.0.0.1, until it
// is told to end.
package service

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"time"
)

const (
	// headerTimeout is for a client that begins a request and sends no more.
	headerTimeout = 10 * time.Second
	// graceTimeout is for what is under way at the end.
	graceTimeout = time.Second
)

// Listen takes the port on 127.0.0.1, and on no other address.
func Listen(port uint16) (net.Listener, error) {
	return net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(int(port))))
}

// Serve answers what comes in at l until ctx is done, and closes l. The error is
// nil then. Connections stay open for as long as their clients want.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	server := http.Server{
		Handler:           h,
		ReadHeaderTimeout: headerTimeout,
		// OPTIONS * is a path like any other to the contract.
		DisableGeneralOptionsHandler: true,
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.Background(), graceTimeout)
	defer cancel()
	err := server.Shutdown(grace)
	if err != nil {
		err = server.Close()
	}
	<-ended // if it had not begun yet, it closes l only now
	return err
}
