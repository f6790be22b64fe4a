"""The open ways to a helper: a process that was started, or a socket of one that already runs."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Protocol

from parity.model import Kind
from parity.processes import end_group
from parity.transports.conversation import Conversation, Failure

if TYPE_CHECKING:
    from collections.abc import Sequence

GRACE = 0.2  # seconds in which something that nobody asked for, or is left in a pipe, shows itself
REAP_PATIENCE = 2.0  # seconds in which a process that was ended is gone


class Channel(Protocol):
    """An open way to a helper."""

    conversation: Conversation

    def send(self, data: bytes) -> None:
        """Queue bytes for the helper."""

    async def end(self) -> None:
        """End or leave it."""


class _ProcessProtocol(asyncio.SubprocessProtocol):
    def __init__(self, conversation: Conversation, *, logs_only: bool) -> None:
        self.conversation = conversation
        self.exited = asyncio.Event()
        self._logs_only = logs_only

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        is_log = fd == 2 or self._logs_only
        (self.conversation.feed_log if is_log else self.conversation.feed)(data)

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
    async def start(
        cls, command: Sequence[str], directory: str, environment: dict[str, str], *, logs_only: bool = False
    ) -> ProcessChannel:
        """Start the process in its own group; with `logs_only` its standard output is a log too. Raises OSError."""
        loop = asyncio.get_running_loop()
        transport, protocol = await loop.subprocess_exec(
            lambda: _ProcessProtocol(Conversation(), logs_only=logs_only),
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

    @property
    def pid(self) -> int:
        """The number of the process, which is that of its group."""
        return self._transport.get_pid()

    def terminate(self) -> None:
        """Ask it to end."""
        with contextlib.suppress(ProcessLookupError):
            self._transport.terminate()

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
        await self.wait(REAP_PATIENCE)
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
    async def connect(cls, address: str, seconds: float) -> SocketChannel:
        """Connect to host:port within some seconds. Raises OSError and ValueError."""
        host, _, port = address.rpartition(":")
        loop = asyncio.get_running_loop()
        connecting = loop.create_connection(lambda: _SocketProtocol(Conversation()), host, int(port))
        transport, protocol = await asyncio.wait_for(connecting, seconds)
        return cls(transport, protocol.conversation)

    def send(self, data: bytes) -> None:
        """Write to the connection."""
        if not self._transport.is_closing():
            self._transport.write(data)

    async def end(self) -> None:
        """Close the connection."""
        self._transport.abort()
