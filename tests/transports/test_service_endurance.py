"""What a service can't wear out: memory, patience, the order of answers, and the stages behind the transport."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

import psutil
import pytest

from parity import compare, judge, lossless
from parity.model import Kind, Observation, Verdict
from parity.transports import service as service_module
from parity.transports.connection import MOST_BYTES

from .conftest import kinds
from .services import Server, post, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from .services import ServiceBench

    Serve = Callable[..., Server]


def open_sockets() -> int:
    """Return how many connections this process has to a server, which it is itself."""
    connections = psutil.Process().net_connections("tcp")
    return sum(one.status == psutil.CONN_ESTABLISHED for one in connections)


class TestMemory:
    @pytest.mark.parametrize(
        ("behaviour", "kind"),
        [
            ("gzip", Kind.COMPRESSED),
            ("endless-body", Kind.TOO_LARGE),
            ("endless-small-chunks", Kind.TOO_LARGE),
            ("endless-headers", Kind.TOO_LARGE),
            ("endless-interims", Kind.TOO_LARGE),
            ("endless-trailers", Kind.TOO_LARGE),
        ],
    )
    def test_stays_bounded(self, services: ServiceBench, serve: Serve, behaviour: str, kind: Kind) -> None:
        service = services.attached(serve(behaviour), connections=2)
        services.observe(service, post(b"a"))
        tracemalloc.start()
        try:
            seen = services.ask(service, post(b"BAD"), post(b"b"))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

        assert seen[0].kind is kind
        assert seen[1].output == said("B")
        assert peak < 8 * MOST_BYTES

    @pytest.mark.parametrize("behaviour", ["closes", "302", "gzip", "too-long", "not-http", "twice-with-a-pause"])
    def test_holds_no_connection_that_is_over(self, services: ServiceBench, serve: Serve, behaviour: str) -> None:
        service = services.attached(serve(behaviour))
        before = open_sockets()

        services.observe(service, *[post(b"BAD %d" % number) for number in range(20)], post(b"a"))

        assert (service._pool, service._in_use) == ([], set())
        until = time.monotonic() + 10
        while open_sockets() > before and time.monotonic() < until:
            time.sleep(0.02)
        assert open_sockets() <= before

    def test_holds_no_connection_of_what_was_given_up(self, services: ServiceBench, serve: Serve) -> None:
        service = services.attached(serve("hangs"))
        before = open_sockets()
        services.driver.run(service.open())
        asking = services.driver.ask({"hostile": service}, "echo", [post(b"BAD"), post(b"BAD")])
        until = time.monotonic() + 10
        while open_sockets() == before and time.monotonic() < until:
            time.sleep(0.01)
        services.driver.cancel()

        assert asking.cancelled()
        services.driver.run(service.close())
        until = time.monotonic() + 10
        while open_sockets() > before and time.monotonic() < until:
            time.sleep(0.02)
        assert open_sockets() <= before


class TestDepth:
    def deep(self, services: ServiceBench, serve: Serve, behaviour: str) -> Observation:
        (seen,) = services.observe(services.attached(serve(behaviour)), post(b"BAD"))
        return seen

    @pytest.mark.parametrize("behaviour", ["deep", "deep-and-cut-off"])
    def test_goes_through_every_stage(self, services: ServiceBench, serve: Serve, behaviour: str) -> None:
        seen = self.deep(services, serve, behaviour)
        other = Observation(Kind.ANSWERED, seen.output.replace(b"200", b"201", 1))
        both = {"one": seen, "other": other}

        found = compare.compare(both, frozenset({"/status"}))

        assert [one.pattern for one in found] == ["/status"]
        assert compare.compare({"one": seen, "other": seen}, frozenset()) == []
        assert lossless.read(seen.output)
        worths = {name: judge.worth(each.output, lambda _: True, lambda _: True) for name, each in both.items()}
        assert worths["one"] == judge.Worth(valid=True, accepted=True)
        assert judge.judge(both, [], worths) is Verdict.AGREE


class TestGivingUp:
    def test_on_one_that_answers_nothing(self, services: ServiceBench, serve: Serve) -> None:
        service = services.attached(serve("hangs"), deadline=0.2, connections=2)
        cases = [post(b"BAD %d" % number) for number in range(40)]

        seen = services.observe(service, *cases)

        assert kinds(seen)[:4] == [Kind.TIMED_OUT] * 4
        assert set(kinds(seen)[6:]) == {Kind.GONE}
        assert seen[-1].detail == "given up on: it answers nothing any more, the last one timed_out"
        assert kinds(services.ask(service, post(b"a"))) == [Kind.GONE]

    def test_on_one_that_drops_everybody(self, services: ServiceBench, serve: Serve) -> None:
        server = serve("resets-everybody")
        service = services.attached(server, connections=2)
        cases = [post(b"%d" % number) for number in range(200)]

        seen = services.observe(service, *cases)

        assert set(kinds(seen)[:60]) == {Kind.RESET}
        assert set(kinds(seen)[70:]) == {Kind.GONE}
        assert server.connections < 80

    def test_on_one_that_went_away(self, services: ServiceBench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(service_module, "GRACE", 0.01)
        with Server() as server:
            service = services.attached(server)
            services.observe(service, post(b"a"))

        seen = services.ask(service, post(b"b"), post(b"c"))

        assert kinds(seen) == [Kind.GONE, Kind.GONE]
        assert "it cannot be reached any more" in seen[0].detail

    def test_not_on_one_that_answers_now_and_then(self, services: ServiceBench, serve: Serve) -> None:
        service = services.attached(serve("hangs"), deadline=0.2, connections=1)
        cases = [post(b"BAD" if number % 2 else b"good") for number in range(12)]

        assert kinds(services.observe(service, *cases)) == [Kind.ANSWERED, Kind.TIMED_OUT] * 6


class TestUnasked:
    def test_bytes_before_anything_was_asked(
        self, services: ServiceBench, serve: Serve, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It greets with an answer, which every request would else get in the place of its own."""
        monkeypatch.setattr(service_module, "SETTLE", 0.2)
        service = services.attached(serve("speaks-first"), connections=2)

        seen = services.observe(service, post(b"a"), post(b"b"), post(b"c"))

        assert kinds(seen) == [Kind.GARBLED] * 3

    def test_bytes_behind_a_batch_are_told_with_the_next_one(self, services: ServiceBench, serve: Serve) -> None:
        service = services.attached(serve("speaks-while-idle"), connections=1)
        services.driver.run(service.open())
        seen = services.ask(service, post(b"a"), post(b"b", b"/last"))
        assert [row.output for row in seen] == [said("A"), said("B")]
        (connection,) = service._pool

        until = time.monotonic() + 30
        while connection.stray is None and time.monotonic() < until:
            time.sleep(0.01)
        seen = services.ask(service, post(b"c"), post(b"d"))

        assert kinds(seen) == [Kind.GARBLED, Kind.ANSWERED]
        assert "behind an answer of an earlier batch: bytes that nobody asked for" in seen[0].detail
        assert seen[1].output == said("D")
