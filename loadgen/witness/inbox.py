"""What waits to be compared: lines from standard input, read in a thread of its own and never more than fit."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST_WAITING = 4_096  # samples; some seconds' worth
MOST_BYTES = 64 * 1024 * 1024
LONGEST_LINE = 8 * 1024 * 1024  # bytes; a search with a thousand hits takes less than one
CHUNK = 65_536


class Inbox:
    """Lines that came and are not yet taken."""

    def __init__(self, most: int = MOST_WAITING, most_bytes: int = MOST_BYTES) -> None:
        self.came, self.dropped, self.too_long = 0, 0, 0
        self._most, self._most_bytes = most, most_bytes
        self._lines: deque[bytes] = deque()
        self._bytes = 0
        self._is_closed, self._is_over = False, False
        self._changed = threading.Condition()

    def put(self, line: bytes | None) -> None:
        """Take a line in, or drop it where there is no room; None stands for one that is far too long."""
        with self._changed:
            if self._is_over:
                return
            self.came += 1
            if line is None:
                self.too_long += 1
            elif self._is_closed or len(self._lines) >= self._most or self._bytes + len(line) > self._most_bytes:
                self.dropped += 1
            else:
                self._lines.append(line)
                self._bytes += len(line)
                self._changed.notify()

    def take(self, most: int) -> list[bytes]:
        """Return the lines that have waited longest; none where none wait."""
        with self._changed:
            lines = [self._lines.popleft() for _ in range(min(most, len(self._lines)))]
            self._bytes -= sum(map(len, lines))
            return lines

    def close(self) -> None:
        """Let nothing more in; what waits can still be taken."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()

    @property
    def is_closed(self) -> bool:
        """Whether nothing more comes in."""
        return self._is_closed

    def wait(self, seconds: float) -> None:
        """Return when a line waits, or when nothing more comes in, or after so many seconds."""
        with self._changed:
            self._changed.wait_for(lambda: self._lines or self._is_closed, seconds)

    def end(self, on_their_way: int = 0) -> None:
        """Count what still waits, and so many that are on their way, as dropped; what comes now is not counted."""
        with self._changed:
            self.dropped += len(self._lines) + on_their_way
            self._lines.clear()
            self._is_closed = self._is_over = True


def read_in_background(descriptor: int, inbox: Inbox, came_to_nothing: Callable[[], None]) -> None:
    """Put all lines of a file into an inbox, and close that at its end; tell where there was no line."""

    def read() -> None:
        for line in lines(descriptor):
            inbox.put(line)
        inbox.close()
        if not inbox.came:
            came_to_nothing()

    # The bare descriptor: a thread in a buffered reader keeps its lock, and Python cannot end.
    threading.Thread(target=read, name="witness-input", daemon=True).start()


def lines(descriptor: int, longest: int = LONGEST_LINE) -> Iterator[bytes | None]:
    """Yield the lines of a file without their ends, but for blank ones; None for one that is longer than `longest`."""
    begun: list[bytes] = []
    length = 0
    while chunk := _chunk(descriptor):
        first, *others = chunk.split(b"\n")
        for ended, part in enumerate((first, *others)):
            if ended:
                yield from _line(begun, length, longest)
                begun, length = [], 0
            length += len(part)
            if length <= longest:
                begun.append(part)
    yield from _line(begun, length, longest)


def _line(parts: list[bytes], length: int, longest: int) -> Iterator[bytes | None]:
    if length > longest:
        yield None
    elif line := b"".join(parts).strip():
        yield line


def _chunk(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, CHUNK)
    except OSError:  # as good as its end
        return b""
