"""A helper: a process, or a socket, that answers JSON Lines (fixtures/contract/helper.md).

What it sends is hostile until shown otherwise: an answer has a deadline, a line has a length, and a line that is not
the next answer ends the conversation. A helper that dies is started again, as often as `MOST_RESTARTS`. It buffers its
answers, so the first one that is missing need not be the one that killed it; the batch goes on one case at a time until
the culprit shows itself.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
from typing import TYPE_CHECKING, Protocol

import msgspec

from parity.errors import StartError, UnreachableError
from parity.model import Kind, Observation
from parity.processes import end_group
from parity.transports import Hello

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.transports import Requests

LONGEST_LINE = 32 * 2**20  # bytes; twice of what a request may have
MOST_WAITING = 256 * 2**20  # bytes of answers that wait to be read; a testee that floods stops here
LINE_COST = 64  # bytes that even an empty line takes in memory
LAST_LOG = 8192  # bytes of standard error that are kept
LOG_LINES = 20
START_DEADLINE = 30.0  # seconds until the hello; a cold interpreter on a busy machine takes some
GRACE = 0.2  # seconds in which something that nobody asked for, or is left in a pipe, shows itself
STOP_PATIENCE = 2.0  # seconds in which a helper may end by itself
MOST_RESTARTS = 20
PROTOCOL = 1
NOT_DECODABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Answer(msgspec.Struct, forbid_unknown_fields=True):
    """One line that a helper sends."""

    id: int
    text: str | None = None
    base64: str | None = None
    refused: str | None = None
    rules: tuple[str, ...] = ()


class Failure(msgspec.Struct, frozen=True):
    """Why a conversation ended: how the harness calls it, and in words."""

    kind: Kind
    detail: str


class Channel(Protocol):
    """An open way to a helper."""

    conversation: Conversation

    def send(self, data: bytes) -> None:
        """Queue bytes for the helper."""

    async def end(self) -> None:
        """End or leave it."""


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


class _ProcessProtocol(asyncio.SubprocessProtocol):
    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self.exited = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        (self.conversation.feed if fd == 1 else self.conversation.feed_log)(data)

    def process_exited(self) -> None:
        self.exited.set()
        # A child that it left may hold the pipes open for ever; what is still in them is read within the grace.
        asyncio.get_running_loop().call_later(GRACE, self.conversation.over, Failure(Kind.CRASHED, "it ended"))

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the signature is asyncio's
        # Comes after the exit and after all pipes are read, so nothing that it said is missed.
        self.conversation.over(Failure(Kind.CRASHED, "it ended"))


class ProcessChannel:
    """A helper that was started as a process."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _ProcessProtocol) -> None:
        self._transport, self._protocol = transport, protocol
        self.conversation = protocol.conversation

    @classmethod
    async def start(cls, command: Sequence[str], directory: str, environment: dict[str, str]) -> ProcessChannel:
        """Start the process in a group of its own. Raises OSError."""
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.subprocess_exec(
            lambda: _ProcessProtocol(Conversation()),
            *command,
            cwd=directory,
            env=environment,
            start_new_session=True,
        )
        return cls(transport, protocol)

    def send(self, data: bytes) -> None:
        """Write to its standard input."""
        stdin = self._transport.get_pipe_transport(0)
        if isinstance(stdin, asyncio.WriteTransport) and not stdin.is_closing():
            stdin.write(data)

    def close_input(self) -> None:
        """Let it read the end of its standard input, at which it should end by itself."""
        if (stdin := self._transport.get_pipe_transport(0)) is not None:
            stdin.close()

    async def wait(self, seconds: float) -> int | None:
        """Wait for it to exit; return the exit code, or None where it still runs."""
        try:
            await asyncio.wait_for(self._protocol.exited.wait(), seconds)
        except TimeoutError:
            return None
        return self._transport.get_returncode()

    async def end(self) -> None:
        """End the whole group; what the leader started ends with it, also when the leader is already gone."""
        end_group(self._transport.get_pid())
        await self.wait(STOP_PATIENCE)
        self._transport.close()


class _SocketProtocol(asyncio.Protocol):
    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation

    def data_received(self, data: bytes) -> None:
        self.conversation.feed(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.conversation.over(Failure(Kind.CRASHED, f"the connection ended{f': {exc}' if exc else ''}"))


class SocketChannel:
    """A helper that already runs and listens; it is left alone at the end."""

    def __init__(self, transport: asyncio.Transport, conversation: Conversation) -> None:
        self._transport, self.conversation = transport, conversation

    @classmethod
    async def connect(cls, address: str) -> SocketChannel:
        """Connect to host:port. Raises OSError and ValueError."""
        host, _, port = address.rpartition(":")
        loop = asyncio.get_running_loop()
        connecting = loop.create_connection(lambda: _SocketProtocol(Conversation()), host, int(port))
        transport, protocol = await asyncio.wait_for(connecting, START_DEADLINE)
        return cls(transport, protocol.conversation)

    def send(self, data: bytes) -> None:
        """Write to the connection."""
        if not self._transport.is_closing():
            self._transport.write(data)

    async def end(self) -> None:
        """Close the connection."""
        self._transport.abort()


class Helper:
    """The transport to one helper, through restarts."""

    kind = "helper"

    def __init__(
        self,
        name: str,
        *,
        command: Sequence[str] = (),
        address: str = "",
        directory: str = ".",
        environment: dict[str, str] | None = None,
        deadline: float,
    ) -> None:
        """Take a command to start, or an address to attach to."""
        self._name, self._deadline = name, deadline
        self._command, self._address, self._directory = list(command), address, directory
        self._environment = environment or {}
        self._channel: Channel | None = None
        self._restarts = 0
        self._gone: Failure | None = None
        self._turn = asyncio.Lock()

    async def open(self) -> Hello:
        """Start or reach the helper and read its hello. Raises StartError."""
        try:
            if self._address:
                self._channel = await SocketChannel.connect(self._address)
            else:
                self._channel = await ProcessChannel.start(self._command, self._directory, self._environment)
        except (OSError, ValueError, OverflowError) as error:
            where = self._address or self._command[0]
            raise UnreachableError(f"runtime {self._name!r} cannot be reached at {where}: {error}") from None
        conversation = self._channel.conversation
        while not conversation.lines and conversation.failure is None:
            if not await conversation.news(START_DEADLINE):
                conversation.over(Failure(Kind.TIMED_OUT, f"no hello within {START_DEADLINE:g} s"))
        try:
            return self._hello(conversation)
        except StartError:
            await self.close()
            raise

    def _hello(self, conversation: Conversation) -> Hello:
        if not conversation.lines:
            assert conversation.failure is not None
            log = conversation.last_lines()
            raise StartError(f"runtime {self._name!r} does not start: {log or conversation.failure.detail}")
        line = conversation.lines.pop(0)
        try:
            hello = msgspec.json.decode(line, type=Hello)
        except NOT_DECODABLE as error:
            raise StartError(f"runtime {self._name!r} does not say hello: {error}: {_excerpt(line)}") from None
        if hello.protocol != PROTOCOL:
            raise StartError(f"runtime {self._name!r} speaks protocol {hello.protocol}, this harness {PROTOCOL}")
        return hello

    async def ask(self, requests: Requests) -> list[Observation]:
        """Return an observation for each input, whatever the helper does."""
        async with self._turn:
            seen: list[Observation] = []
            while len(seen) < len(requests.inputs):
                if self._gone is not None:
                    return seen + [_fault(self._gone, "")] * (len(requests.inputs) - len(seen))
                some, failure = await self._exchange(requests, len(seen), len(requests.inputs))
                seen += some
                if failure is not None:
                    if failure.kind is Kind.GARBLED and some:
                        seen.pop()  # it may have been this one that said too much
                    seen += await self._find_culprit(requests, len(seen), failure)
            return seen

    async def _find_culprit(self, requests: Requests, at: int, failure: Failure) -> list[Observation]:
        """After a fault somewhere from `at` on: ask one at a time, up to the first case that shows it alone.

        A death may be any later case's doing. What it says is in order, so nonsense is this case's doing or the next
        one's.
        """
        log = self._log()
        seen: list[Observation] = []
        end = len(requests.inputs) if failure.kind is not Kind.GARBLED else min(at + 2, len(requests.inputs))
        for index in range(at, end):
            await self._restart_if_over()
            if self._gone is not None:
                break
            some, alone = await self._exchange(requests, index, index + 1)
            if alone is None and failure.kind is Kind.GARBLED:
                alone = await self._chatter()
            if alone is not None:
                seen.append(_fault(alone, self._log()))
                await self._restart_if_over()
                return seen
            seen += some
        if not seen:
            return [_fault(failure, log)]
        # No case did it alone: it takes several, and the fault must not be lost with that.
        detail = f"{failure.detail}, with {len(requests.inputs) - at} cases in flight; no single one of them shows it"
        seen[0] = _fault(Failure(failure.kind, detail), log)
        return seen

    async def _chatter(self) -> Failure | None:
        """Wait a moment for what a helper says without being asked."""
        assert self._channel is not None
        conversation = self._channel.conversation
        if not conversation.lines and conversation.failure is None:
            await conversation.news(GRACE)
        if conversation.lines and conversation.failure is None:
            conversation.over(
                Failure(Kind.GARBLED, f"it said more than it was asked: {_excerpt(conversation.lines[0])}")
            )
        return conversation.failure

    async def _exchange(self, requests: Requests, start: int, end: int) -> tuple[list[Observation], Failure | None]:
        """Send the requests from `start` to `end`; return the answers up to a failure."""
        assert self._channel is not None
        conversation = self._channel.conversation
        if conversation.lines and conversation.failure is None:
            conversation.over(
                Failure(Kind.GARBLED, f"it said more than it was asked: {_excerpt(conversation.lines[0])}")
            )
        if conversation.failure is None:
            self._channel.send(b"".join(requests.lines[start:end]))
        seen: list[Observation] = []
        while start + len(seen) < end:
            lines = conversation.take()
            for line in lines:
                if start + len(seen) == end:
                    conversation.over(Failure(Kind.GARBLED, f"it said more than it was asked: {_excerpt(line)}"))
                    break
                observation = _observe(line, requests.first_id + start + len(seen))
                if isinstance(observation, Failure):
                    conversation.over(observation)
                    break
                seen.append(observation)
            if conversation.failure is not None:
                return seen, await self._explain(conversation.failure)
            if start + len(seen) < end and not lines and not await conversation.news(self._deadline):
                conversation.over(Failure(Kind.TIMED_OUT, f"no answer within {self._deadline:g} s"))
        return seen, None

    async def _explain(self, failure: Failure) -> Failure:
        """Add the exit code where there is one, and end what is left of the helper."""
        if isinstance(self._channel, ProcessChannel) and failure.kind is Kind.CRASHED:
            code = await self._channel.wait(STOP_PATIENCE)
            failure = Failure(
                failure.kind, f"it ended with {'signal' if (code or 0) < 0 else 'exit code'} {abs(code or 0)}"
            )
        assert self._channel is not None
        await self._channel.end()
        return failure

    async def _restart_if_over(self) -> None:
        if self._channel is None or self._channel.conversation.failure is None:
            return
        failure = self._channel.conversation.failure
        await self._channel.end()
        if self._restarts >= MOST_RESTARTS:
            self._gone = Failure(Kind.GONE, f"given up on after {MOST_RESTARTS} restarts; last: {failure.detail}")
            return
        self._restarts += 1
        try:
            await self.open()
        except StartError as error:
            self._gone = Failure(Kind.GONE, f"it does not start again: {error}")

    def _log(self) -> str:
        return self._channel.conversation.last_lines() if self._channel is not None else ""

    async def close(self) -> None:
        """Let a process end by itself at the end of its input, then end its group; leave an attached one alone."""
        channel, self._channel = self._channel, None
        if channel is None:
            return
        if isinstance(channel, ProcessChannel):
            channel.close_input()
            await channel.wait(STOP_PATIENCE)
        await channel.end()


def _observe(line: bytes, expected_id: int) -> Observation | Failure:
    """Read one answer; a line that is not the next answer is a failure."""
    try:
        answer = _DECODER.decode(line)
    except NOT_DECODABLE as error:
        return Failure(Kind.GARBLED, f"not an answer: {error}: {_excerpt(line)}")
    if answer.id != expected_id:
        return Failure(Kind.GARBLED, f"the answer to {answer.id} where the one to {expected_id} was due")
    if (answer.text is None) + (answer.base64 is None) + (answer.refused is None) != 2:
        return Failure(Kind.GARBLED, f"an answer has exactly one of text, base64 and refused: {_excerpt(line)}")
    if answer.text is not None:
        return Observation(Kind.ANSWERED, answer.text.encode(), answer.rules)
    if answer.refused is not None:
        return Observation(Kind.REFUSED, b"", answer.rules, answer.refused[:500])
    try:
        return Observation(Kind.ANSWERED, base64.b64decode(answer.base64 or "", validate=True), answer.rules)
    except binascii.Error as error:
        return Failure(Kind.GARBLED, f"its base64 is broken: {error}")


_DECODER = msgspec.json.Decoder(Answer)


def _fault(failure: Failure, log: str) -> Observation:
    return Observation(failure.kind, detail=failure.detail, log=log)


def _excerpt(line: bytes) -> str:
    return repr(line[:120])[1:] + ("..." if len(line) > 120 else "")
