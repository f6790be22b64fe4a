"""A helper that is attached to over TCP: it is asked like any other, and is not ours to end."""

from __future__ import annotations

import json
import socketserver
import threading
from typing import TYPE_CHECKING

import pytest

from parity.errors import StartError
from parity.model import Kind
from parity.transports.helper import Helper

from . import hostile
from .conftest import kinds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .conftest import Bench


class Handler(socketserver.StreamRequestHandler):
    """The hostile helper's sound self, which hangs up at BAD."""

    def handle(self) -> None:
        self.wfile.write(hostile.hello())
        for line in self.rfile:
            request = json.loads(line)
            if hostile.MARKER in hostile.given(request):
                return
            self.wfile.write(hostile.answer(request))


class Server(socketserver.ThreadingTCPServer):
    """Serves from a thread until the test ends it."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.connections = 0

    def get_request(self) -> tuple[object, object]:  # type: ignore[override]
        self.connections += 1
        return super().get_request()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: that the harness hangs up is what is tested."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def attached(server: Server, bench: Bench) -> Iterator[Helper]:
    helper = Helper("remote", address=f"127.0.0.1:{server.server_address[1]}", deadline=30)
    yield helper
    bench.driver.run(helper.close())


def test_it_says_hello_and_answers(bench: Bench, attached: Helper) -> None:
    hello = bench.driver.run(attached.open())

    assert (hello.runtime, hello.surfaces) == ("hostile", ("echo",))
    assert [row.output for row in bench.ask(attached, b"a", b"\xff", b"b")] == [b"A", b"\xff", b"B"]


def test_a_connection_that_drops_is_a_fault_of_the_case_and_is_made_again(
    bench: Bench, attached: Helper, server: Server
) -> None:
    bench.driver.run(attached.open())

    seen = bench.ask(attached, b"a", b"BAD", b"b")

    assert kinds(seen) == [Kind.ANSWERED, Kind.CRASHED, Kind.ANSWERED]
    assert "the connection ended" in seen[1].detail
    assert server.connections > 1


def test_it_is_not_ended_at_the_close(bench: Bench, attached: Helper, server: Server) -> None:
    bench.driver.run(attached.open())
    bench.ask(attached, b"a")
    bench.driver.run(attached.close())

    again = Helper("remote", address=f"127.0.0.1:{server.server_address[1]}", deadline=30)
    bench.driver.run(again.open())
    assert [row.output for row in bench.ask(again, b"b")] == [b"B"]
    bench.driver.run(again.close())


@pytest.mark.parametrize("address", ["127.0.0.1:{closed}", "localhost", "127.0.0.1:port", "127.0.0.1:99999", ":::"])
def test_an_address_at_which_nobody_is_is_an_error_that_names_it(bench: Bench, address: str) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), Handler) as unused:
        closed = str(unused.server_address[1])
    address = address.replace("{closed}", closed)

    with pytest.raises(StartError, match="runtime 'remote' cannot be reached at") as caught:
        bench.driver.run(Helper("remote", address=address, deadline=1).open())

    assert address in str(caught.value)
