"""Where a service runs: a process of ours on a free port, or somebody else's address."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import time
from typing import TYPE_CHECKING

import msgspec
import psutil

from parity.errors import StartError, UnreachableError
from parity.model import Kind
from parity.transports import Hello, disk, health
from parity.transports.channels import GRACE, ProcessChannel
from parity.transports.connection import Address, Connection
from parity.transports.conversation import Failure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

START_DEADLINE = 30.0  # seconds until its health answers
PORT_TRIALS = 3
STOP_PATIENCE = 2.0  # seconds in which a service may end by itself
ENDING_PATIENCE = 20.0  # seconds in which a service that is to start again has to end by itself
LOOPBACK = "127.0.0.1"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """How a service is reached: a command that starts it, or where it already runs."""

    command: Sequence[str] = ()
    """With `{port}` in it, and `{data}` for a directory of its own; empty for a service that is not ours to start."""
    directory: str = "."
    environment: dict[str, str] = {}
    address: Address = Address(LOOPBACK, 0)
    prefix: str = ""
    """What stands before every path."""
    headers: dict[str, str] = {}
    """Secret headers, such as the authorisation."""
    health: str = "/health"
    surfaces: tuple[str, ...] = ()
    """What it serves, where its health does not say so."""


class Host:
    """Brings a service up, or finds it, and tells whether it is alive."""

    def __init__(self, name: str, place: Place, *, deadline: float, start_deadline: float) -> None:
        """Take where it is. `deadline` is in seconds for its health to answer."""
        self.address = place.address
        self.own = b""
        """The header lines that it gets with every request."""
        self.name, self._place = name, place
        self._deadline, self._start_deadline = deadline, start_deadline
        self._channel: ProcessChannel | None = None
        self._data: Path | None = None

    async def open(self) -> Hello:
        """Start or reach it and hear who it is. Raises StartError."""
        return await (self._start() if self._place.command else self._attach())

    async def _start(self) -> Hello:
        """Start it on a free port; on another one where somebody was faster."""
        for trial in range(PORT_TRIALS):
            port = _free_port()
            self._go_to(Address(LOOPBACK, port))
            command = self._command(port)
            try:
                self._channel = await ProcessChannel.start(
                    command, self._place.directory, self._place.environment, logs_only=True
                )
            except OSError as error:
                raise StartError(f"runtime {self.name!r} cannot be started: {command[0]}: {error}") from None
            hello = await self._until_healthy(port)
            if isinstance(hello, Hello):
                return hello
            log, has_ended = self.log(), self._channel.conversation.failure is not None
            await self._channel.end()
            if not await self._somebody_listens() or trial == PORT_TRIALS - 1:
                why = (log or hello) if has_ended else f"{hello}\n{log}".rstrip()
                raise StartError(f"runtime {self.name!r} does not start: {why}")
        raise AssertionError

    def _command(self, port: int) -> list[str]:
        """Return the command for a port; the directory of its data is the same one until it is forgotten."""
        wanted = any("{data}" in part for part in self._place.command)
        if wanted and self._data is None:
            try:
                self._data = disk.make_base()
            except OSError as error:
                raise StartError(f"there is no place for the data of runtime {self.name!r}: {error}") from None
        data = str(self._data)
        return [part.replace("{port}", str(port)).replace("{data}", data) for part in self._place.command]

    async def _until_healthy(self, port: int) -> Hello | str:
        """Return what its health says, once the process itself listens; a sentence where it never does."""
        assert self._channel is not None
        until = time.monotonic() + self._start_deadline
        pause, last = 0.01, "nothing listens at its port"
        while time.monotonic() < until:
            if self._channel.conversation.failure is not None:
                return "it ended before its health answered"
            try:
                hello = await self._hear()
            except TimeoutError:
                last = "it takes connections and says nothing"
            except OSError:
                pass
            except StartError as error:
                last = str(error)
            else:
                # Another process may have taken the port, and may be one of the same kind.
                if await asyncio.get_running_loop().run_in_executor(None, _listens, self._channel.pid, port):
                    return hello
                last = f"another process answers at port {port}"
            await asyncio.sleep(pause)
            pause = min(0.25, pause * 1.5)
        return f"its health did not answer within {self._start_deadline:g} s: {last}"

    async def _attach(self) -> Hello:
        self._go_to(self._place.address)
        try:
            return await self._hear()
        except ssl.SSLError as error:
            # Somebody is there, so that it is not just absent.
            raise StartError(f"runtime {self.name!r} cannot be trusted at {self._where()}: {_reason(error)}") from None
        except (OSError, TimeoutError) as error:
            why = str(error) or f"no answer within {self._deadline:g} s"
            raise UnreachableError(f"runtime {self.name!r} cannot be reached at {self._where()}: {why}") from None

    def _where(self) -> str:
        host = f"[{self.address.host}]" if ":" in self.address.host else self.address.host
        return f"{host}:{self.address.port}"

    async def _somebody_listens(self) -> bool:
        try:
            connection = await Connection.connect(self.address, 1)
        except (OSError, TimeoutError):
            return False
        connection.abort()
        return True

    async def _hear(self) -> Hello:
        """Ask its health once. Raises StartError, OSError and TimeoutError."""
        connection = await Connection.connect(self.address, self._deadline)
        request = f"GET {self._place.prefix}{self._place.health} HTTP/1.1\r\n".encode() + self.own + b"\r\n"
        try:
            answer = await asyncio.wait_for(connection.ask(request), self._deadline)
        finally:
            connection.abort()
        return health.read(answer, f"runtime {self.name!r}: {self._place.health}", self._place.surfaces)

    def _go_to(self, address: Address) -> None:
        self.address = address
        where = self._where()
        host = where.removesuffix(":443" if address.tls else ":80")
        lines = {"host": host} | self._place.headers
        self.own = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("latin-1")

    @property
    def is_over(self) -> bool:
        """Whether it is known to be dead."""
        return self._channel is not None and self._channel.conversation.failure is not None

    async def has_died(self, seconds: float = GRACE) -> bool:
        """Tell whether the process is dead, after some seconds at most in which that shows."""
        return self._channel is not None and await self._channel.wait(seconds) is not None

    async def death(self) -> Failure:
        """Return how it died."""
        assert self._channel is not None
        code = await self._channel.wait(STOP_PATIENCE) or 0
        return Failure(Kind.CRASHED, f"it ended with {_in_words(code)}", self.log())

    def log(self) -> str:
        """Return the end of its log."""
        return self._channel.conversation.last_lines() if self._channel is not None else ""

    @property
    def is_ours(self) -> bool:
        """Whether it is a process that can be started again."""
        return bool(self._place.command)

    async def end(self, *, kill: bool) -> Failure | None:
        """End a process, by SIGTERM unless it is to `kill`; return what is wrong with how it ended."""
        failure = None
        if self._channel is not None and not kill:
            self._channel.terminate()
            code = await self._channel.wait(ENDING_PATIENCE)
            if code != 0:
                said = "did not end" if code is None else f"ended with {_in_words(code)}"
                failure = Failure(Kind.CRASHED, f"at SIGTERM it {said}", self.log())
        await self.leave()
        return failure

    def forget(self) -> None:
        """Take its data away."""
        if self._data is not None:
            disk.remove(self._data)
            self._data = None

    async def leave(self) -> None:
        """End a process with its group."""
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.end()

    async def close(self) -> None:
        """Ask a process to end, then end its group; leave an attached service alone."""
        if self._channel is not None:
            self._channel.terminate()
            await self._channel.wait(STOP_PATIENCE)
        await self.leave()
        self.forget()


def _in_words(code: int) -> str:
    return f"{'signal' if code < 0 else 'exit code'} {abs(code)}"


def _reason(error: ssl.SSLError) -> str:
    """Return what is wrong with a certificate, or with the whole of the encryption."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate does not verify: {error.verify_message}; `ca` in parity.toml says whom to trust"
    return f"it does not speak TLS: {error.reason or error}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
    return port


def _listens(pid: int, port: int) -> bool:
    """Tell whether a process, or one that it started, listens at a port."""
    with contextlib.suppress(psutil.Error):
        leader = psutil.Process(pid)
        for process in (leader, *leader.children(recursive=True)):
            with contextlib.suppress(psutil.Error):
                for one in process.net_connections("tcp"):
                    if one.status == psutil.CONN_LISTEN and one.laddr.port == port:
                        return True
    return False
