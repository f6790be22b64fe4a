"""The command line, the start and the end: exit codes, and one sentence for a person."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.attacks.test_writers import wait

from .client import refused
from .programs import free_port
from .wire import NoAnswerError, Wire

if TYPE_CHECKING:
    from tests.attacks.programs import Done

    from .client import Client
    from .programs import Program

BAD_USAGE, NO_PORT, NO_DATA = 2, 3, 4


def told(done: Done, code: int, *names: str) -> None:
    """Check an exit code and its one sentence, which names the culprit."""
    assert (done.code, done.out) == (code, b""), (done.out, done.err)
    sentence(done.err, *names)


def sentence(text: str, *names: str) -> None:
    """Check that it is one line for a person."""
    assert re.fullmatch(r"[^\n]{10,1000}\n?", text), text
    assert not re.search(r"Traceback|panicked|goroutine|File \"|error: Os \{|\.py\b|\.rs:|\.go:", text), text
    for name in names:
        assert name in text


@pytest.mark.parametrize(
    "port", ["0", "65536", "-1", "x", "", "80.5", "8 0", "\u0668\u0660", "99999999999999999999", "+8700", "0x10"]
)
def test_what_is_no_port(program: Program, port: str, tmp_path: Path) -> None:
    told(program.run(["--port", port, "--data", str(tmp_path)]), BAD_USAGE)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--port", "8700"],
        ["--data", "DIR"],
        ["--port", "8700", "--data"],
        ["--port"],
        ["--port", "8700", "--data", "DIR", "more"],
        ["--port", "8700", "--data", "DIR", "--unknown", "x"],
        ["--port", "8700", "--data", "DIR", "--embedder"],
        ["--port", "8700", "--data", "DIR", "--vectord"],
        ["serve", "--port", "8700", "--data", "DIR"],
    ],
    ids=" ".join,
)
def test_what_is_no_command(program: Program, arguments: list[str], tmp_path: Path) -> None:
    told(program.run([str(tmp_path / "d") if one == "DIR" else one for one in arguments]), BAD_USAGE)
    assert not (tmp_path / "d").exists(), "made before the command line was understood"


@pytest.mark.parametrize("option", ["--embedder", "--vectord"])
@pytest.mark.parametrize("url", ["", "nonsense", "ftp://localhost:1", "http://", "127.0.0.1:8700"])
def test_what_is_no_url(program: Program, option: str, url: str, tmp_path: Path) -> None:
    told(program.run(["--port", str(free_port()), "--data", str(tmp_path), option, url]), BAD_USAGE)


class TestData:
    def test_is_made(self, program: Program, tmp_path: Path) -> None:
        with program.start(tmp_path / "new") as service, service.client() as client:
            client.put("a", "x", [1, 0])
            assert (tmp_path / "new" / str(client.tenant) / "a.journal").is_file()

    def test_a_file(self, program: Program, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"kept")
        for data in (tmp_path / "file", tmp_path / "file" / "below"):
            told(program.run(["--port", str(free_port()), "--data", str(data)]), NO_DATA, str(tmp_path / "file"))
        assert (tmp_path / "file").read_bytes() == b"kept"

    @pytest.mark.parametrize("mode", [0o555, 0o000])
    def test_that_may_not_be_written(self, program: Program, mode: int, tmp_path: Path) -> None:
        (tmp_path / "shut").mkdir()
        (tmp_path / "shut").chmod(mode)
        arguments = ["--port", str(free_port()), "--data", str(tmp_path / "shut" / "new")]
        told(program.run(arguments, "--bits"), NO_DATA, str(tmp_path / "shut"))
        (tmp_path / "shut").chmod(0o755)

    def test_a_journal_that_may_not_be_read(self, program: Program, tmp_path: Path) -> None:
        with program.start(tmp_path) as service, service.client("t") as client:
            client.put("a", "x", [1, 0])
        (tmp_path / "t" / "a.journal").chmod(0o000)
        arguments = ["--port", str(free_port()), "--data", str(tmp_path)]
        told(program.run(arguments, "--bits"), NO_DATA, "a.journal")

    def test_other_files_are_left_alone(self, program: Program, tmp_path: Path) -> None:
        (tmp_path / "README").write_bytes(b"of somebody")
        (tmp_path / "t").mkdir()
        (tmp_path / "t" / "notes.txt").write_bytes(b"of somebody")
        with program.start(tmp_path) as service, service.client("t") as client:
            client.put("a", "x", [1, 0])
            assert service.end() == 0
        with program.start(tmp_path) as service, service.client("t") as client:
            assert client.about("a").body == {"dimension": 2, "size": 1}
        assert (tmp_path / "README").read_bytes() == (tmp_path / "t" / "notes.txt").read_bytes() == b"of somebody"


class TestPlants:
    def test_an_unknown_one(self, program: Program, tmp_path: Path) -> None:
        arguments = ["--port", str(free_port()), "--data", str(tmp_path / "d")]
        done = program.run(arguments, LAKEHOUSE_PLANT="no-such-plant")
        told(done, BAD_USAGE, "no-such-plant", "ties-by-insertion", "role-gate-off")

    @pytest.mark.parametrize("plant", ["", "ties-by-insertion"])
    def test_health_says_it(self, program: Program, plant: str, tmp_path: Path) -> None:
        with program.planted(plant).start(tmp_path) as service:
            body = service.health().checked().body
            assert (body["status"], body["service"], body["runtime"]) == ("ok", "matrixd", program.name)
            assert body["planted"] == (plant or None)
            assert {"vectors", "matrix"} <= set(body["surfaces"])
            assert {"ties-by-insertion", "crash-forgets", "role-gate-off"} <= set(body["plants"])
            assert ("naive-hnsw" in body["plants"]) == (program.name == "go")


def test_a_port_that_is_taken(program: Program, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        told(program.run(["--port", port, "--data", str(tmp_path)]), NO_PORT, port)


def test_it_listens_on_the_loopback_alone(program: Program, tmp_path: Path) -> None:
    """Every address that is listened on stands in /proc/net, as hexadecimal digits."""
    with program.start(tmp_path) as service:
        port, listens = f":{service.port:04X}", "0A"
        lines = [
            line.split()
            for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
            if table.exists()
            for line in table.read_text(encoding="ascii").splitlines()
        ]
        found = [line[1] for line in lines if line[1].endswith(port) and line[3] == listens]
        assert found == [f"0100007F{port}"]


class TestEnd:
    def test_idle(self, program: Program, tmp_path: Path) -> None:
        with program.start(tmp_path) as service:
            assert service.end() == 0
            assert "Traceback" not in service.said()

    def test_connections_that_are_open(self, program: Program, tmp_path: Path) -> None:
        with program.start(tmp_path) as service, service.client() as client, Wire(service.port) as half:
            client.put("a", "x", [1, 0])
            half.send(b"POST /vectors/index/a/search HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
            assert service.end() == 0

    def test_while_it_works(self, program: Program, tmp_path: Path) -> None:
        written: list[int] = []

        def write(client: Client) -> None:
            with contextlib.suppress(NoAnswerError):
                while True:
                    written.append(client.put("a", f"x{len(written)}", [1, 0])["size"])

        with program.start(tmp_path) as service, service.client("t") as client:
            thread = threading.Thread(target=write, args=(client,))
            thread.start()
            wait(lambda: len(written) > 20, 60.0)
            assert service.end() == 0
            thread.join()
        with program.start(tmp_path) as service, service.client("t") as client:
            assert client.about("a").body["size"] in {len(written), len(written) + 1}
            refused(client.about("b"), 404, "unknown-index")

    def test_the_port_can_be_had_again(self, program: Program, tmp_path: Path) -> None:
        """At once, although connections of the one before may linger."""
        with program.start(tmp_path) as service, service.client("t") as client:
            client.put("a", "x", [1, 0])
            port = service.port
            assert service.end() == 0
        with program.start(tmp_path, port=port) as service, service.client("t") as client:
            assert client.about("a").body == {"dimension": 2, "size": 1}
