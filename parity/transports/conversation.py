"""What has come from a helper so far, bounded in every way: a testee that floods must not fill the harness's memory."""

from __future__ import annotations

import asyncio

import msgspec

from parity.model import Kind

LONGEST_LINE = 32 * 2**20  # bytes; twice of what a request may have
MOST_WAITING = 256 * 2**20  # bytes of answers that wait to be read; a testee that floods stops here
LINE_COST = 64  # bytes that even an empty line takes in memory
LAST_LOG = 8192  # bytes of standard error that are kept
LOG_LINES = 20


class Failure(msgspec.Struct, frozen=True):
    """Why a conversation ended: how the harness calls it, and in words."""

    kind: Kind
    detail: str
    log: str = ""
    """The end of the log, where that will be another process's by the time that this is told."""


class Conversation:
    """What has come from the helper: complete lines, and whether it is over."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.failure: Failure | None = None
        self.log = bytearray()
        self._rest = bytearray()
        self._waiting = 0
        self._news = asyncio.Event()

    def feed(self, data: bytes) -> None:
        """Take bytes of the helper's standard output; what comes after the end of the conversation is dropped."""
        if self.failure is not None:
            return
        self._waiting += len(data) + LINE_COST * data.count(b"\n")
        self._rest += data
        if b"\n" in data:
            *lines, rest = bytes(self._rest).split(b"\n")
            self.lines += lines
            self._rest = bytearray(rest)
            self._news.set()  # only a whole line is progress: a byte now and then must not put off a deadline
        if len(self._rest) > LONGEST_LINE:
            self.over(Failure(Kind.GARBLED, f"a line of more than {LONGEST_LINE} bytes"))
            self._rest.clear()
        elif self._waiting > MOST_WAITING:
            self.over(Failure(Kind.GARBLED, f"more than {MOST_WAITING} bytes that nobody asked for"))
            self.lines.clear()

    def take(self) -> list[bytes]:
        """Return the lines that have come since the last call."""
        lines, self.lines = self.lines, []
        self._waiting = len(self._rest)
        return lines

    def feed_log(self, data: bytes) -> None:
        """Take bytes of the helper's standard error."""
        self.log += data
        del self.log[:-LAST_LOG]

    def over(self, failure: Failure) -> None:
        """Note that nothing more will come; the first reason stays."""
        if self.failure is None:
            self.failure = failure
        self._news.set()

    async def news(self, seconds: float) -> bool:
        """Wait for a line or the end of the conversation; return False where the deadline came first."""
        try:
            await asyncio.wait_for(self._news.wait(), seconds)
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def last_lines(self) -> str:
        """Return the end of the log."""
        return "\n".join(self.log.decode("utf-8", "replace").rstrip().splitlines()[-LOG_LINES:])
