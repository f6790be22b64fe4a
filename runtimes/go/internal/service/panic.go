package service

import (
	"fmt"
	"net/http"
	"path"
	"runtime"
	"strings"
)

// logPanic is deferred where a request is answered. One that breaks inside gets
// no answer: it is told in one line, and its connection ends. (Left to net/http,
// it would be told in fifty.)
func (room *Room) logPanic() {
	reason := recover()
	if reason == nil {
		return
	}
	if reason != http.ErrAbortHandler {
		message := strings.Join(strings.Fields(fmt.Sprint(reason)), " ")
		// One write, so that the lines of two requests do not mix.
		fmt.Fprintf(room.Log, "%s: panic: %s at %s\n", room.Health.Service, message, panicked())
	}
	panic(http.ErrAbortHandler)
}

// panicked is the place of the panic that is being recovered from: the innermost
// one that is not in package runtime, as package directory, file and line.
func panicked() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(0, pcs)])
	begun := false
	for more := true; more; {
		var frame runtime.Frame
		frame, more = frames.Next()
		if begun && !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf("%s/%s:%d", path.Base(path.Dir(frame.File)), path.Base(frame.File), frame.Line)
		}
		begun = begun || frame.Function == "runtime.gopanic"
	}
	return "an unknown place"
}
