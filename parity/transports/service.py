"""A service: HTTP, many requests in flight, started on a free port or attached to by URL.

Its side of it is fixtures/contract/service.md. Every request has a deadline as a whole. A fault stays with its own
request, since each has a connection to itself. Only when the process dies are several suspected, which are then asked
one at a time; and when one says more than it was asked, whatever came over that connection is in doubt, and is asked
again over a connection of its own.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from parity.errors import StartError
from parity.model import Kind, Observation
from parity.transports.channels import GRACE
from parity.transports.connection import Answer, Connection
from parity.transports.conversation import Failure
from parity.transports.host import START_DEADLINE, STOP_PATIENCE, Host
from parity.transports.message import write_down
from parity.transports.secrets import Secrets
from parity.transports.sequences import Sequences

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.transports import Hello, Requests
    from parity.transports.host import Place
    from parity.transports.message import Message
    from parity.transports.sequences import Names

MOST_RESTARTS = 20
MOST_STRIKES = 2.0  # deadlines in a row that every connection may miss before it is given up on
MOST_TIMEOUTS = 100  # deadlines in all that a service may miss
STRIKES = {Kind.TIMED_OUT: 1.0, Kind.RESET: 1 / 16}
"""What each of these adds: waiting for a deadline costs the run far more than a connection that is dropped."""
MAY_BE_DEATH = frozenset({Kind.RESET, Kind.GARBLED})
CONNECT_TRIALS = 3
SETTLE = 0.001  # seconds behind a batch in which more than was asked for may show itself; often it is late for that
MOST_APART = 64  # cases that are asked over a connection of their own at a time
LONGEST_DETAIL = 400  # characters


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
        names: Names | None = None,
    ) -> None:
        """Take where it is. `deadline` is in seconds a request; `rate` is the most requests a second.

        With `names` it can be asked in sequences as well.
        """
        self.host = Host(name, place, deadline=deadline, start_deadline=start_deadline)
        self._prefix, self._deadline = place.prefix.encode(), deadline
        self.width, self._pause = connections, 1 / rate if rate else 0.0
        self._next_slot = 0.0
        self._secrets = Secrets(place.headers.values())
        self._pool: list[Connection] = []
        self._in_use: set[Connection] = set()
        self._carried: dict[Connection, list[int]] = {}
        """The cases of this batch that each connection answered."""
        self._restarts, self._timeouts, self._strikes = 0, 0, 0.0
        self._late: Failure | None = None
        self.gone: Failure | None = None
        """Why it was given up on, if it was."""
        self.sequences = None if names is None else Sequences(self, names)
        """The same service, asked in sequences of calls."""
        self.turn = asyncio.Lock()
        """Held by whoever asks: messages and sequences do not mix."""

    # ---------------------------------------------------------------- opening

    async def open(self) -> Hello:
        """Start or reach the service and hear who it is. Raises StartError."""
        try:
            hello = await self.host.open()
        except StartError as error:
            await self.close()
            raise type(error)(self._secrets.hide(str(error))) from None
        hide = self._secrets.hide
        return msgspec.structs.replace(
            hello,
            runtime=hide(hello.runtime),
            version=hide(hello.version),
            commit=hide(hello.commit),
            surfaces=tuple(map(hide, hello.surfaces)),
            plants=tuple(map(hide, hello.plants)),
            planted=None if hello.planted is None else hide(hello.planted),
        )

    # ---------------------------------------------------------------- asking

    async def ask(self, requests: Requests) -> list[Observation]:
        """Return an observation for each input, whatever the service does."""
        async with self.turn:
            messages = requests.messages
            seen: dict[int, Observation] = {}
            waiting: deque[int] = deque()
            for at, message in enumerate(messages):
                if isinstance(message, str):
                    seen[at] = Observation(Kind.REFUSED, detail=f"not sent to anybody: {message}")
                else:
                    waiting.append(at)
            self._carried = {}
            watch = asyncio.ensure_future(self.watch())
            try:
                while waiting and self.gone is None:
                    suspects = await self._exchange(messages, waiting, seen)
                    if suspects:
                        await self._find_culprit(messages, suspects, seen)
                await self._clear_doubts(messages, seen)
            finally:
                watch.cancel()
            gone = self.fault(self.gone or Failure(Kind.GONE, ""))
            return [seen.get(at, gone) for at in range(len(messages))]

    async def _exchange(
        self, messages: Sequence[Message | str], waiting: deque[int], seen: dict[int, Observation]
    ) -> list[int]:
        """Ask over several connections at once until all is answered; return what was in flight when it died."""
        suspects: list[int] = []

        async def work() -> None:
            while waiting and not suspects and self.gone is None:
                at = waiting.popleft()
                observation = await self._ask_one(messages, at)
                if observation is None:
                    suspects.append(at)
                else:
                    seen[at] = observation

        await asyncio.gather(*[work() for _ in range(min(self.width, len(waiting)))])
        return sorted(suspects)

    async def watch(self) -> None:
        """Let no request take longer than its deadline, however little by little its answer comes."""
        while True:
            await asyncio.sleep(self._deadline / 20)
            overdue = time.monotonic() - self._deadline
            for connection in list(self._in_use):
                if connection.sent_at is not None and connection.sent_at < overdue:
                    received = connection.received()
                    connection.fail(Failure(Kind.TIMED_OUT, f"no whole answer within {self._deadline:g} s; {received}"))

    async def _ask_one(self, messages: Sequence[Message | str], at: int, *, apart: bool = False) -> Observation | None:
        """Return what it does with one request, `apart` over a connection of its own.

        None where it died, so that others may have been the cause.
        """
        message = messages[at]
        assert not isinstance(message, str)
        request = self.wire(message)
        accused: list[Connection] = []
        while True:
            await self.slot()
            connection = await self.connect(apart=apart)
            if isinstance(connection, Failure):
                if await self.host.has_died():
                    return None
                self.strike(connection.kind)
                return self.fault(connection, self.host.log())
            result = await self.send(connection, request)
            if isinstance(result, Answer):
                for one in accused:
                    self._note_late(one)
                self._carried.setdefault(connection, []).append(at)
                if connection.is_open and not apart:
                    self._pool.append(connection)
                return self._tell_late() or self.observe(result)
            if connection.answered and result is connection.stray:
                accused.append(connection)  # it came behind an earlier answer, unless it comes again without one
                continue
            if result.kind in MAY_BE_DEATH and await self.host.has_died():
                return None
            if connection.answered and connection.silent and result.kind is Kind.RESET:
                continue  # an idle connection may be closed just as it is used again: no fault of this request
            for one in accused:
                one.stray = None
            self.strike(result.kind)
            return self.fault(result, self.host.log())

    async def renew(self, *, kill: bool) -> Failure | None:
        """End it as SIGTERM or SIGKILL do, and start it again on its data; return what was wrong with that.

        Unless it only ended badly, it then runs on new data.
        """
        self._hang_up()
        if await self.host.has_died(SETTLE):  # by itself, behind its last answer
            failure = await self.host.death()
        else:
            ended = await self.host.end(kill=kill)
            try:
                await self.open()
            except StartError as error:
                failure = Failure(Kind.CRASHED, f"it does not start again on its data: {error}")
            else:
                return ended
        await self.restart(failure)
        return failure

    def wire(self, message: Message) -> bytes:
        """Return the bytes of a request to it."""
        return message.wire(self._prefix, self.host.own)

    async def send(self, connection: Connection, request: bytes) -> Answer | Failure:
        """Send a request over a connection, and return what came of it."""
        self._in_use.add(connection)
        try:
            return await connection.ask(request)
        except asyncio.CancelledError:
            connection.abort()
            raise
        finally:
            self._in_use.discard(connection)

    def _tell_late(self) -> Observation | None:
        """Return the fault that was noted too late, once."""
        late, self._late = self._late, None
        if late is None:
            return None
        return self.fault(Failure(late.kind, f"behind an answer of an earlier batch: {late.detail}"), self.host.log())

    def observe(self, answer: Answer) -> Observation:
        """Write an answer down; no secret stands in it, whoever put it there."""
        self._strikes = 0.0
        hide = self._secrets.hide_bytes
        content_type = answer.headers.get(b"content-type")
        output = write_down(answer.status, hide(content_type) if content_type else content_type, hide(answer.body))
        rules = hide(answer.headers.get(b"parity-rules", b"")).decode("latin-1")
        return Observation(Kind.ANSWERED, output, tuple(rules.split(",")) if rules else ())

    async def connect(self, *, apart: bool) -> Connection | Failure:
        """Return an open connection that nobody uses, a new one where it is to be `apart`."""
        while self._pool and not apart:
            connection = self._pool.pop()
            if connection.is_open:
                return connection
            self._note_late(connection)
        why = ""
        for _ in range(CONNECT_TRIALS):
            try:
                return await Connection.connect(self.host.address, self._deadline)
            except ConnectionResetError:  # it was reached, and hung up
                return Failure(Kind.RESET, "it closed the connection without an answer")
            except (OSError, TimeoutError) as error:
                why = str(error) or "no connection within the deadline"
            if self.host.is_over:
                break
            await asyncio.sleep(GRACE)
        failure = Failure(Kind.GONE, f"it cannot be reached any more: {why}")
        if not await self.host.has_died(STOP_PATIENCE):  # its socket may well end before it does
            self.gone = failure
        return failure

    def _note_late(self, connection: Connection) -> None:
        """Keep what came behind an answer of an earlier batch, where it is too late to ask that one again."""
        if connection not in self._carried:
            self._late = self._late or connection.stray

    def strike(self, kind: Kind) -> None:
        """Give it up where it keeps on not answering."""
        self._strikes += STRIKES.get(kind, 0.0)
        self._timeouts += kind is Kind.TIMED_OUT
        if self._timeouts >= MOST_TIMEOUTS:
            self.gone = Failure(Kind.GONE, f"given up on: {self._timeouts} requests had no answer within the deadline")
        elif self._strikes >= MOST_STRIKES * self.width:
            self.gone = Failure(Kind.GONE, f"given up on: it answers nothing any more, the last one {kind}")

    async def slot(self) -> None:
        """Wait for a request's place under the rate limit, if there is one."""
        if self._pause:
            now = time.monotonic()
            self._next_slot = max(now, self._next_slot + self._pause)
            await asyncio.sleep(self._next_slot - now)

    # ---------------------------------------------------------------- when it says more than it was asked

    async def _clear_doubts(self, messages: Sequence[Message | str], seen: dict[int, Observation]) -> None:
        """Ask again what came over a connection that said more than it was asked: whose answers are these."""
        if self._carried:
            await asyncio.sleep(SETTLE)
        doubted = [(one.stray, cases) for one, cases in self._carried.items() if one.stray is not None]
        for stray, cases in doubted:
            found = False
            for start in range(0, len(cases), MOST_APART):
                found |= await self._ask_apart(messages, cases[start : start + MOST_APART], seen)
            if not found and self.gone is None:
                detail = f"once, and not again when asked alone: {stray.detail}"
                seen[cases[-1]] = self.fault(Failure(stray.kind, detail), self.host.log())

    async def _ask_apart(
        self, messages: Sequence[Message | str], cases: Sequence[int], seen: dict[int, Observation]
    ) -> bool:
        """Ask each over a connection of its own, and wait for what comes behind its answer; tell whether any did."""
        self._carried = {}
        for at in cases:
            if self.gone is None:
                observation = await self._ask_one(messages, at, apart=True)
                if observation is None:
                    await self._find_culprit(messages, [at], seen)
                else:
                    seen[at] = observation
        await asyncio.sleep(GRACE)
        for connection, (at, *_) in self._carried.items():
            if connection.stray is not None:
                seen[at] = self.fault(connection.stray, self.host.log())
            connection.abort()
        return any(seen[at].kind is Kind.GARBLED for at in cases)

    # ---------------------------------------------------------------- when it dies

    async def _find_culprit(
        self, messages: Sequence[Message | str], suspects: list[int], seen: dict[int, Observation]
    ) -> None:
        """After a death: ask what was in flight one at a time, so that the culprit shows itself."""
        failure, log = await self.host.death(), self.host.log()
        found = False
        await self.restart(failure)
        for at in suspects:
            if self.gone is not None:
                break
            observation = await self._ask_one(messages, at)
            if observation is None:
                found, alone = True, await self.host.death()
                seen[at] = self.fault(alone, self.host.log())
                await self.restart(alone)
            else:
                seen[at] = observation
        if not found:
            # No case did it alone, as far as they could be asked: the fault must not be lost with that.
            detail = failure.detail
            if self.gone is None:
                detail += f", with {len(suspects)} requests in flight; no single one of them shows it"
            seen[suspects[0]] = self.fault(Failure(failure.kind, detail), log)

    async def restart(self, failure: Failure) -> None:
        """Start it again after it died, on new data: what it kept may be what it died of."""
        self._hang_up()
        await self.host.leave()
        self.host.forget()
        if self._restarts >= MOST_RESTARTS:
            self.gone = Failure(Kind.GONE, f"given up on after {MOST_RESTARTS} restarts; last: {failure.detail}")
            return
        self._restarts += 1
        try:
            await self.open()
        except StartError as error:
            self.gone = Failure(Kind.GONE, f"it does not start again: {error}")

    def fault(self, failure: Failure, log: str = "") -> Observation:
        """Return what is seen of a failure; no secret stands in it, whoever put it there."""
        detail = self._secrets.hide_in_excerpt(failure.detail)
        return Observation(failure.kind, detail=detail[:LONGEST_DETAIL], log=self._secrets.hide(failure.log or log))

    # ---------------------------------------------------------------- closing

    async def close(self) -> None:
        """Ask a process to end, then end its group; leave an attached service alone."""
        self._hang_up()
        await self.host.close()

    def _hang_up(self) -> None:
        for connection in [*self._pool, *self._in_use]:
            connection.abort()
        self._pool = []
