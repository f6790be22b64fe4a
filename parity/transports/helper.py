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
from typing import TYPE_CHECKING

import msgspec

from parity.errors import StartError, UnreachableError
from parity.model import Kind, Observation
from parity.transports import Hello
from parity.transports.channels import GRACE, ProcessChannel, SocketChannel
from parity.transports.conversation import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.transports import Requests
    from parity.transports.channels import Channel
    from parity.transports.conversation import Conversation

START_DEADLINE = 30.0  # seconds until the hello; a cold interpreter on a busy machine takes some
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
                self._channel = await SocketChannel.connect(self._address, START_DEADLINE)
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
            requests.prepare(range(start, end))
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
