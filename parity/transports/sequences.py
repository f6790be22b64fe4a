"""Sequences of calls to a service that has a state (fixtures/contract/sequences.md).

A call cannot be sent twice, since it may have worked the first time. So the unit that is asked again is the whole case,
as a tenant that nobody had before; and each case has connections of its own, so that no other one's end is its fault.
"""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from parity.errors import UsageError
from parity.model import Kind, Observation
from parity.transports import calls
from parity.transports.channels import GRACE
from parity.transports.conversation import Failure
from parity.transports.jobs import Job
from parity.transports.message import Message, may_be_given

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.transports import Hello, Requests
    from parity.transports.adapters import Adapters
    from parity.transports.connection import Answer, Connection
    from parity.transports.service import Service

MAY_BE_DEATH = frozenset({Kind.RESET, Kind.GARBLED, Kind.GONE})
SETTLE = 0.001  # seconds behind a case in which more than was asked for may show itself; often it is late for that


class Names(NamedTuple):
    """What a runtime calls things that the contract has other names for, or none."""

    tenant: str
    """The header that keeps sequences apart."""
    forget: str
    """The call that ends one."""
    adapters: Adapters


class Death(NamedTuple):
    """How the service died, or did not get through a pause, with several cases on their way."""

    failure: Failure
    suspects: list[Job]
    """The cases that may have been the cause, at least one."""


class Sequences:
    """The way to a service's surfaces of sequences."""

    kind = "sequences"

    def __init__(self, service: Service, names: Names) -> None:
        """Take the service, and its names. Raises UsageError for names that cannot be sent."""
        self.adapted: Counter[tuple[str, str]] = Counter()
        """How many calls each adapter changed, by surface and adapter."""
        self._service, self._adapters = service, names.adapters
        self._surface = b""
        forget = calls.call(names.forget.encode())
        if forget is None:
            why = f"{names.forget!r} in forget is no call; write for example DELETE /v1/tenant"
            raise UsageError(f"runtime {service.host.name!r}: {why}")
        if not may_be_given(names.tenant):
            why = f"{names.tenant!r} in tenant is no header, or the harness's to set"
            raise UsageError(f"runtime {service.host.name!r}: {why}")
        self._forget, self._tenant = forget, names.tenant.encode()

    async def open(self) -> Hello:
        """Start or reach the service. Raises StartError."""
        return await self._service.open()

    async def close(self) -> None:
        """End or leave the service."""
        await self._service.close()

    async def ask(self, requests: Requests) -> list[Observation]:
        """Return what each sequence of calls came to."""
        async with self._service.turn:
            self._surface = requests.surface.encode()
            jobs = [
                case if isinstance(case, str) else Job(case, requests.first_id + at)
                for at, case in enumerate(requests.sequences)
            ]
            watch = asyncio.ensure_future(self._service.watch())
            try:
                await self._ask([job for job in jobs if isinstance(job, Job)])
            finally:
                watch.cancel()
            gone = self._service.fault(self._service.gone or Failure(Kind.GONE, ""))
            return [
                Observation(Kind.REFUSED, detail=f"not sent to anybody: {job}")
                if isinstance(job, str)
                else job.seen or gone
                for job in jobs
            ]

    async def _ask(self, jobs: list[Job]) -> None:
        """Ask those cases together that pause alike, since a pause is everybody's; and apart what fails there."""
        for _, group in itertools.groupby(sorted(jobs, key=lambda job: job.pauses), lambda job: job.pauses):
            left = list(group)
            while left and self._service.gone is None:
                death = await self._together(left)
                await self._look_into([job for job in left if job.failure is not None], death)
                left = [job for job in left if job.seen is None]
                for job in left:  # whom a death found without a call in flight
                    if job.has_begun:
                        job.begin()

    async def _look_into(self, failed: Sequence[Job], death: Death | None) -> None:
        """Ask apart what failed; a death that no suspect of it shows is told of one, so that it is not lost."""
        suspects = death.suspects if death is not None else []
        found = False
        for job in failed:
            own = job.placed(job.failure) if job.failure is not None and job not in suspects else None
            brings_it_down = await self._apart(job, own)
            found |= brings_it_down and job in suspects
        if death is None or found:
            return
        detail = death.failure.detail
        if self._service.gone is None and len(suspects) > 1:
            detail += f", with {len(suspects)} sequences in flight; no single one of them shows it"
        elif self._service.gone is None:
            detail = f"once, and not again when asked alone: {detail}"
        told_of = next((job for job in suspects if job.seen is None or not job.seen.kind.is_fault), suspects[0])
        told_of.seen = self._service.fault(Failure(death.failure.kind, detail, death.failure.log))

    # ---------------------------------------------------------------- many at once

    async def _together(self, jobs: Sequence[Job]) -> Death | None:
        """Take the cases to their ends, side by side; leave open what fails. Return how the service died, if it did.

        All of them come to each pause together.
        """
        left = jobs
        while left and self._service.gone is None:
            if await self._side_by_side(left):
                failure = await self._service.host.death()
                await self._service.restart(failure)
                suspects = [job for job in left if job.failure is not None and job.failure.kind in MAY_BE_DEATH]
                return Death(suspects[0].placed(failure), suspects)
            left = [job for job in left if job.seen is None and job.failure is None]
            if left and (trouble := await self._pause(left[0])) is not None:
                for job in left:
                    job.failure = trouble
                return Death(left[0].placed(trouble), left)
            for job in left:
                job.pass_pause()
        return None

    async def _side_by_side(self, jobs: Sequence[Job]) -> bool:
        """Let each case make its calls up to its next pause; tell whether the service died meanwhile."""
        waiting = iter(jobs)
        died = False

        async def work() -> None:
            nonlocal died
            for job in waiting:
                job.failure = await self._advance(job)
                if job.failure is None and job.is_done:
                    job.conclude()
                elif job.failure is not None and await self._has_died(job.failure):
                    died = True
                elif job.failure is not None:
                    self._service.strike(job.failure.kind)
                if died or self._service.gone is not None:
                    return

        await asyncio.gather(*[work() for _ in range(min(self._service.width, len(jobs)))])
        return died

    async def _has_died(self, failure: Failure) -> bool:
        return failure.kind in MAY_BE_DEATH and await self._service.host.has_died()

    # ---------------------------------------------------------------- one alone

    async def _apart(self, job: Job, first: Failure | None) -> bool:
        """Ask a case again, from its beginning and alone; tell whether that brings the service down.

        `first` is what went wrong before, where that is this case's own.
        """
        if self._service.gone is not None:
            job.seen = None if first is None else self._service.fault(first, self._service.host.log())
            return False
        job.begin()
        patience = GRACE if first is not None and first.kind is Kind.GARBLED else 0.0
        while (failure := await self._advance(job, patience)) is None and not job.is_done:
            if (failure := await self._pause(job)) is not None:
                break
            job.pass_pause()
        if failure is not None:
            return await self._note(job, failure)
        job.conclude()
        if first is not None:
            once = Failure(first.kind, f"once, and not again when asked alone: {first.detail}", first.log)
            job.seen = self._service.fault(once, self._service.host.log())
        return False

    async def _note(self, job: Job, failure: Failure) -> bool:
        died = await self._has_died(failure)
        if died:
            failure = await self._service.host.death()
        job.seen = self._service.fault(job.placed(failure), self._service.host.log())
        if died:
            await self._service.restart(failure)
        else:
            self._service.strike(failure.kind)
        return failure.kind is Kind.CRASHED

    # ---------------------------------------------------------------- the calls

    async def _pause(self, job: Job) -> Failure | None:
        """End the service and start it again, as the case says; one that is not ours is left alone."""
        if not self._service.host.is_ours:
            return None
        return await self._service.renew(kill=job.step == "crash")

    async def _advance(self, job: Job, patience: float = 0.0) -> Failure | None:
        """Make a case's calls up to its next pause, or to its end; return why one had no answer.

        With `patience` it waits so many seconds behind each answer for what nobody asked for.
        """
        connection = None
        try:
            while not isinstance(call := job.step, str):
                await self._service.slot()
                if connection is None or not (connection.is_open or connection.stray):
                    opened = await self._service.connect(apart=True)
                    if isinstance(opened, Failure):
                        return opened
                    connection = opened
                stray = connection.stray
                answer = await (self._end(job, connection) if call is None else self._call(job, call, connection))
                if isinstance(answer, Failure):
                    if answer is connection.stray and connection.answered and (stray or not patience):
                        job.blame_last(surely=stray is not None)
                    return answer
                await asyncio.sleep(patience)
                if call is None:
                    await asyncio.sleep(SETTLE)
                    return connection.stray
                job.note(self._service.observe(answer), answer.body)
            if connection is None:
                return None
            await asyncio.sleep(SETTLE)
            if connection.stray is not None:
                job.blame_last(surely=True)
            return connection.stray
        finally:
            if connection is not None:
                connection.abort()

    async def _end(self, job: Job, connection: Connection) -> Answer | Failure:
        """Let the service forget a case; what it answers to that is its own affair."""
        method, target, body = self._forget
        return await self._service.send(connection, self._wire(job, method, target, body))

    async def _call(self, job: Job, call: calls.Call, connection: Connection) -> Answer | Failure:
        """Make a call, in the runtime's own names where it has such."""
        body = None if call.body is None else calls.fill(call.body, job.known)
        adapter = self._adapters.find(call.target)
        if adapter is None:
            return await self._service.send(connection, self._wire(job, call.method, call.target, body))
        self.adapted[self._surface.decode(), adapter.name] += 1
        request = self._wire(job, call.method, adapter.target(call.target), adapter.outward(body))
        answer = await self._service.send(connection, request)
        return answer if isinstance(answer, Failure) else answer._replace(body=adapter.inward(answer.body))

    def _wire(self, job: Job, method: bytes, target: bytes, body: bytes | None) -> bytes:
        head = b"%b: %b\r\nparity-surface: %b\r\n" % (self._tenant, job.tenant, self._surface)
        if body is not None:
            head += b"content-type: application/json\r\ncontent-length: %d\r\n" % len(body)
        return self._service.wire(Message(method, target, head + b"\r\n" + (body or b"")))
