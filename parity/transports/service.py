"""A service: HTTP, many requests in flight, started on a free port or attached to by URL.

Its side of it is fixtures/contract/service.md. Every request has a deadline as a whole. A fault stays with its own
request, since each has a connection to itself. Only when the process dies are several suspected, which are then asked
one at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections import deque
from typing import TYPE_CHECKING

import msgspec
import psutil

from parity.errors import StartError, UnreachableError
from parity.model import Kind, Observation
from parity.transports import Hello
from parity.transports.channels import GRACE, ProcessChannel
from parity.transports.connection import Address, Answer, Connection
from parity.transports.conversation import Failure
from parity.transports.message import write_down
from parity.transports.secrets import Secrets

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.transports import Requests
    from parity.transports.message import Message

START_DEADLINE = 30.0  # seconds until its health answers
MOST_RESTARTS = 20
MOST_STRIKES = 2.0  # deadlines in a row that every connection may miss before it is given up on
STRIKES = {Kind.TIMED_OUT: 1.0, Kind.RESET: 1 / 16}
"""What each of these adds: waiting for a deadline costs the run far more than a connection that is dropped."""
MAY_BE_DEATH = frozenset({Kind.RESET, Kind.GARBLED})
CONNECT_TRIALS = 3
PORT_TRIALS = 3
STOP_PATIENCE = 2.0  # seconds in which a service may end by itself
LOOPBACK = "127.0.0.1"


class Health(msgspec.Struct):
    """What a service's health says; `runtime`, or else `service`, is who it is."""

    runtime: str = ""
    service: str = ""
    version: str = "unknown"
    commit: str = "unknown"
    surfaces: tuple[str, ...] = ()
    plants: tuple[str, ...] = ()
    planted: str | None = None


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """How a service is reached: a command that starts it, or where it already runs."""

    command: Sequence[str] = ()
    """With `{port}` in it; empty for a service that is not ours to start."""
    directory: str = "."
    environment: dict[str, str] = {}
    address: Address = Address(LOOPBACK, 0)
    host_header: str = ""
    prefix: str = ""
    """What stands before every path."""
    headers: dict[str, str] = {}
    """Secret headers, such as the authorisation."""
    health: str = "/health"
    surfaces: tuple[str, ...] = ()
    """What it serves, where its health does not say so."""


class Service:
    """The transport to one service, through restarts."""

    kind = "http"

    def __init__(
        self,
        name: str,
        place: Place,
        *,
        deadline: float,
        connections: int = 8,
        rate: float | None = None,
        start_deadline: float = START_DEADLINE,
    ) -> None:
        """Take where it is. `deadline` is in seconds a request; `rate` is the most requests a second."""
        self._name, self._place, self._deadline = name, place, deadline
        self._width, self._pause = connections, 1 / rate if rate else 0.0
        self._start_deadline = start_deadline
        self._next_slot = 0.0
        self._address = place.address
        self._secrets = Secrets(place.headers.values())
        self._channel: ProcessChannel | None = None
        self._pool: list[Connection] = []
        self._in_use: set[Connection] = set()
        self._restarts, self._strikes = 0, 0.0
        self._late: Failure | None = None
        self._gone: Failure | None = None
        self._turn = asyncio.Lock()
        self._own = b""

    # ---------------------------------------------------------------- opening

    async def open(self) -> Hello:
        """Start or reach the service and hear who it is. Raises StartError."""
        try:
            return await (self._start() if self._place.command else self._attach())
        except StartError as error:
            await self.close()
            raise type(error)(self._secrets.hide(str(error))) from None

    async def _start(self) -> Hello:
        """Start it on a free port; on another one where somebody was faster."""
        for trial in range(PORT_TRIALS):
            port = _free_port()
            self._go_to(Address(LOOPBACK, port))
            command = [part.replace("{port}", str(port)) for part in self._place.command]
            try:
                self._channel = await ProcessChannel.start(
                    command, self._place.directory, self._place.environment, logs_only=True
                )
            except OSError as error:
                raise StartError(f"runtime {self._name!r} cannot be started: {command[0]}: {error}") from None
            hello = await self._until_healthy(port)
            if isinstance(hello, Hello):
                return hello
            log = self._channel.conversation.last_lines()
            await self._channel.end()
            if not await self._somebody_listens() or trial == PORT_TRIALS - 1:
                raise StartError(f"runtime {self._name!r} does not start: {log or hello}")
        raise AssertionError

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
            except (OSError, TimeoutError):
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
        except (OSError, TimeoutError) as error:
            where = f"{self._address.host}:{self._address.port}"
            raise UnreachableError(f"runtime {self._name!r} cannot be reached at {where}: {error}") from None

    async def _somebody_listens(self) -> bool:
        try:
            connection = await Connection.connect(self._address, 1)
        except (OSError, TimeoutError):
            return False
        connection.abort()
        return True

    async def _hear(self) -> Hello:
        """Ask its health once. Raises StartError, OSError and TimeoutError."""
        connection = await Connection.connect(self._address, self._deadline)
        request = f"GET {self._place.prefix}{self._place.health} HTTP/1.1\r\n".encode() + self._own + b"\r\n"
        try:
            answer = await asyncio.wait_for(connection.ask(request), self._deadline)
        finally:
            connection.abort()
        where = f"runtime {self._name!r}: {self._place.health}"
        if isinstance(answer, Failure):
            raise StartError(f"{where} {answer.kind}: {answer.detail}")
        if answer.status != 200:
            raise StartError(f"{where} answers {answer.status}")
        try:
            health = msgspec.json.decode(answer.body, type=Health)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise StartError(f"{where} does not say who it is: {error}") from None
        if not (who := health.runtime or health.service):
            raise StartError(f"{where} does not say who it is: it has neither runtime nor service")
        if not (surfaces := health.surfaces or self._place.surfaces):
            raise StartError(f"{where} does not say what it serves; write surfaces = [...] for it in parity.toml")
        return Hello(1, who, health.version, health.commit, surfaces, health.plants, health.planted)

    def _go_to(self, address: Address) -> None:
        self._address = address
        default = 443 if address.tls else 80
        host = f"[{address.host}]" if ":" in address.host else address.host
        host = self._place.host_header or (host if address.port == default else f"{host}:{address.port}")
        lines = {"host": host} | self._place.headers
        self._own = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode("latin-1")

    # ---------------------------------------------------------------- asking

    async def ask(self, requests: Requests) -> list[Observation]:
        """Return an observation for each input, whatever the service does."""
        async with self._turn:
            messages = requests.messages
            seen: dict[int, Observation] = {}
            waiting: deque[int] = deque()
            for at, message in enumerate(messages):
                if isinstance(message, str):
                    seen[at] = Observation(Kind.REFUSED, detail=f"not sent to anybody: {message}")
                else:
                    waiting.append(at)
            while waiting and self._gone is None:
                suspects = await self._exchange(messages, waiting, seen)
                if suspects:
                    await self._find_culprit(messages, suspects, seen)
            gone = _fault(self._gone or Failure(Kind.GONE, ""))
            return [self._hide(seen.get(at, gone)) for at in range(len(messages))]

    async def _exchange(
        self, messages: Sequence[Message | str], waiting: deque[int], seen: dict[int, Observation]
    ) -> list[int]:
        """Ask over several connections at once until all is answered; return what was in flight when it died."""
        suspects: list[int] = []
        watch = asyncio.ensure_future(self._watch())

        async def work() -> None:
            while waiting and not suspects and self._gone is None:
                at = waiting.popleft()
                observation = await self._ask_one(messages[at])
                if observation is None:
                    suspects.append(at)
                else:
                    seen[at] = observation

        try:
            await asyncio.gather(*[work() for _ in range(min(self._width, len(waiting)))])
        finally:
            watch.cancel()
        return sorted(suspects)

    async def _watch(self) -> None:
        """Let no request take longer than its deadline, however little by little its answer comes."""
        while True:
            await asyncio.sleep(self._deadline / 20)
            overdue = time.monotonic() - self._deadline
            for connection in list(self._in_use):
                if connection.sent_at is not None and connection.sent_at < overdue:
                    received = connection.received()
                    connection.fail(Failure(Kind.TIMED_OUT, f"no whole answer within {self._deadline:g} s; {received}"))

    async def _ask_one(self, message: Message | str) -> Observation | None:
        """Return what it does with one request; None where it died, so that others may have been the cause."""
        assert not isinstance(message, str)
        if self._pause:
            await self._slot()
        request = message.wire(self._place.prefix.encode(), self._own)
        while True:
            connection = await self._connection()
            if isinstance(connection, Failure):
                return None if await self._died() else _fault(connection)
            self._in_use.add(connection)
            try:
                result = await connection.ask(request)
            finally:
                self._in_use.discard(connection)
            if connection.stray is not None:
                self._late = self._late or connection.stray
            if isinstance(result, Answer):
                self._strikes = 0.0
                return self._observe(connection, result)
            if result.kind in MAY_BE_DEATH and await self._died():
                return None
            if connection.answered and connection.silent and result.kind is Kind.RESET:
                continue  # an idle connection may be closed just as it is used again: no fault of this request
            self._strike(result.kind)
            return _fault(result, self._log())

    def _observe(self, connection: Connection, answer: Answer) -> Observation:
        if connection.is_open:
            self._pool.append(connection)
        if self._late is not None:
            late, self._late = self._late, None
            return _fault(Failure(late.kind, f"{late.detail}; behind an earlier answer"), self._log())
        rules = answer.headers.get(b"parity-rules", b"").decode("latin-1")
        output = write_down(answer.status, answer.headers.get(b"content-type"), answer.body)
        return Observation(Kind.ANSWERED, output, tuple(rules.split(",")) if rules else ())

    async def _connection(self) -> Connection | Failure:
        """Return an open connection that nobody uses."""
        while self._pool:
            connection = self._pool.pop()
            if connection.stray is not None:
                self._late = self._late or connection.stray
            if connection.is_open:
                return connection
        why = ""
        for _ in range(CONNECT_TRIALS):
            try:
                return await Connection.connect(self._address, self._deadline)
            except (OSError, TimeoutError) as error:
                why = str(error) or "no connection within the deadline"
            if self._channel is not None and self._channel.conversation.failure is not None:
                break
            await asyncio.sleep(GRACE)
        failure = Failure(Kind.GONE, f"it cannot be reached any more: {why}")
        if not await self._died():
            self._gone = failure
        return failure

    def _strike(self, kind: Kind) -> None:
        """Give it up where it keeps on not answering."""
        self._strikes += STRIKES.get(kind, 0.0)
        if self._strikes >= MOST_STRIKES * self._width:
            self._gone = Failure(Kind.GONE, f"given up on: it answers nothing any more, the last one {kind}")

    async def _slot(self) -> None:
        """Wait for this request's place under the rate limit."""
        now = time.monotonic()
        self._next_slot = max(now, self._next_slot + self._pause)
        await asyncio.sleep(self._next_slot - now)

    # ---------------------------------------------------------------- when it dies

    async def _died(self) -> bool:
        """Tell whether the process is dead, after a moment in which that shows."""
        return self._channel is not None and await self._channel.wait(GRACE) is not None

    async def _find_culprit(
        self, messages: Sequence[Message | str], suspects: list[int], seen: dict[int, Observation]
    ) -> None:
        """After a death: ask what was in flight one at a time, so that the culprit shows itself."""
        failure, log = await self._death(), self._log()
        found = False
        await self._restart(failure)
        for at in suspects:
            if self._gone is not None:
                return
            observation = await self._ask_one(messages[at])
            if observation is None:
                found, alone = True, await self._death()
                seen[at] = _fault(alone, self._log())
                await self._restart(alone)
            else:
                seen[at] = observation
        if not found:
            # No case did it alone: it takes several, and the fault must not be lost with that.
            detail = f"{failure.detail}, with {len(suspects)} requests in flight; no single one of them shows it"
            seen[suspects[0]] = _fault(Failure(failure.kind, detail), log)

    async def _death(self) -> Failure:
        assert self._channel is not None
        code = await self._channel.wait(STOP_PATIENCE) or 0
        return Failure(Kind.CRASHED, f"it ended with {'signal' if code < 0 else 'exit code'} {abs(code)}")

    async def _restart(self, failure: Failure) -> None:
        await self._leave()
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

    def _hide(self, seen: Observation) -> Observation:
        """Return an observation in which no secret stands, whoever put it there."""
        if not self._place.headers:
            return seen
        return msgspec.structs.replace(
            seen,
            output=self._secrets.hide_bytes(seen.output),
            detail=self._secrets.hide(seen.detail),
            log=self._secrets.hide(seen.log),
        )

    # ---------------------------------------------------------------- closing

    async def close(self) -> None:
        """Ask a process to end, then end its group; leave an attached service alone."""
        if self._channel is not None:
            self._channel.terminate()
            await self._channel.wait(STOP_PATIENCE)
        await self._leave()

    async def _leave(self) -> None:
        for connection in [*self._pool, *self._in_use]:
            connection.abort()
        self._pool = []
        channel, self._channel = self._channel, None
        if channel is not None:
            await channel.end()


def _fault(failure: Failure, log: str = "") -> Observation:
    return Observation(failure.kind, detail=failure.detail, log=log)


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
