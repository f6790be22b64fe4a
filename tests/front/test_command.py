"""The command line, the variables, the start and the end: exit codes, and one sentence for a person."""

from __future__ import annotations

import signal
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.search.programs import free_port
from tests.search.test_command import told

from .programs import GO, RUST
from .test_targets import comes_through

if TYPE_CHECKING:
    from .gateway import Gateway
    from .programs import Program

BAD_USAGE, NO_PORT = 2, 3


@pytest.mark.parametrize(
    "port", ["0", "65536", "-1", "x", "", "80.5", "8 0", "\u0668\u0660", "9" * 20, "+8700", "0x10"]
)
def test_what_is_no_port(program: Program, port: str) -> None:
    told(program.run(["--port", port]), BAD_USAGE, "--port")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--port"],
        ["8700"],
        ["--port", "8700", "more"],
        ["--port", "8700", "--unknown", "x"],
        ["--port", "8700", "--timeout"],
        ["--port", "8700", "--timeout", "0"],
        ["--port", "8700", "--timeout", "3601"],
        ["--port", "8700", "--timeout", "1.5"],
        ["serve", "--port", "8700"],
        ["--help"],
        ["--port=8700"],
        ["a\nb\x1b[31m"],
    ],
    ids=repr,
)
def test_what_is_no_command(program: Program, arguments: list[str]) -> None:
    told(program.run(arguments), BAD_USAGE)


@pytest.mark.parametrize("variable", [GO, RUST])
@pytest.mark.parametrize(
    "value",
    [
        "nonsense",
        "127.0.0.1:4110",
        "ftp://localhost:1",
        "https://localhost:1",
        "http:localhost:1",
        "http://",
        "http://:1",
        "http://localhost:",
        "http://localhost:0",
        "http://localhost:65536",
        "http://localhost:1/",
        "http://localhost:1/v1",
        "http://localhost:1?x",
        "http://a@localhost:1",
        "http://local host:1",
        " http://localhost:1",
        "http://localhost:1\n",
        "http://localhost:1,http://localhost:2",
    ],
)
def test_what_is_no_gateway(program: Program, variable: str, value: str) -> None:
    told(program.run(["--port", str(free_port())], **{variable: value}), BAD_USAGE, variable)


def test_an_unknown_plant(program: Program) -> None:
    done = program.run(["--port", str(free_port())], LAKEHOUSE_PLANT="no-such-plant")
    told(done, BAD_USAGE, "no-such-plant", "content-type-lost", "path-normalised", "status-flattened")


def test_a_port_that_is_taken(program: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        told(program.run(["--port", port]), NO_PORT, port)


def test_a_port_that_another_one_has(program: Program) -> None:
    with program.start() as front:
        told(program.run(["--port", str(front.port)]), NO_PORT, str(front.port))


def test_it_listens_on_the_loopback_alone(program: Program) -> None:
    """Every address that is listened on stands in /proc/net, as hexadecimal digits."""
    with program.start() as front:
        port, listens = f":{front.port:04X}", "0A"
        lines = [
            line.split()
            for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
            if table.exists()
            for line in table.read_text(encoding="ascii").splitlines()
        ]
        found = [line[1] for line in lines if line[1].endswith(port) and line[3] == listens]
        assert found == [f"0100007F{port}"]


def test_a_gateway_by_its_name(program: Program, go: Gateway) -> None:
    with program.start(**{GO: f"http://localhost:{go.port}"}) as front, front.wire() as wire:
        wire.send(b"GET /_go/x HTTP/1.1\r\nHost: x\r\n\r\n")
        assert go.answer().all(b"host") == [f"localhost:{go.port}".encode()]
        assert wire.receive().status == 200


def test_no_file_and_no_proxy_has_a_say(program: Program, go: Gateway, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"{RUST}=http://127.0.0.1:1\nLAKEHOUSE_PLANT=status-flattened\n")
    nobody = f"http://127.0.0.1:{free_port()}"
    proxies = {"HTTP_PROXY": nobody, "http_proxy": nobody, "ALL_PROXY": nobody, "NODE_USE_ENV_PROXY": "1"}
    with program.within(tmp_path).start(**{GO: go.url}, **proxies) as front:
        comes_through(front, go, "/x")
        health = front.get("/health").body
        assert (health["upstreams"], health["planted"]) == ({"go": True, "rust": False}, None)


class TestEnd:
    @pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
    def test_idle(self, program: Program, by: signal.Signals) -> None:
        with program.start() as front:
            assert front.end(by) == 0
            assert front.said() == ""

    def test_while_it_works(self, program: Program, go: Gateway) -> None:
        """With a client that rests, one that stays in the middle of its request, and one that waits for its answer."""
        with program.start(**{GO: go.url}) as front, front.wire() as rests, front.wire() as half, front.wire() as waits:
            rests.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert rests.receive().status == 200
            half.send(b"POST /_go/x HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{")
            go.take().head()
            waits.send(b"GET /_go/y HTTP/1.1\r\nHost: x\r\n\r\n")
            go.take().head()
            assert front.end() == 0
            assert front.said() == ""

    def test_the_port_can_be_had_again(self, program: Program, go: Gateway) -> None:
        """At once, although connections of the one before may linger."""
        with program.start(**{GO: go.url}) as front, front.wire() as wire:
            wire.send(b"GET /health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert wire.receive().status == 200
            assert front.end() == 0
            socket.create_server(("127.0.0.1", front.port), reuse_port=False).close()
