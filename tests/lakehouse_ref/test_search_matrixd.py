"""matrixd and embedd as processes."""

from __future__ import annotations

import signal
import socket
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.lakehouse_ref.processes import JSON, Process, ended, running
from tests.lakehouse_ref.serving import PATIENCE, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WORKERS = {
    "items": [
        {"id": "w-1", "text": "Forklift operator Aurora IL", "metadata": {"city": "Aurora", "n": 1.0}},
        {"id": "w-2", "text": "Welder Detroit MI"},
        {"id": "w-3", "text": "CNC machinist Aurora IL"},
    ]
}
LEARN = {"query_text": "forklift aurora", "query_role": "Forklift", "k": 2, "use_playbook": True}


def test_it_says_who_it_is(tmp_path: Path) -> None:
    with running("matrixd", "--data", str(tmp_path), LAKEHOUSE_COMMIT="c0ffee") as matrixd:
        health = matrixd.told("/health", method="GET")
        assert health["service"] == "matrixd"
        assert health["surfaces"] == ["vectors", "matrix"]
        assert (health["runtime"], health["commit"], health["planted"]) == ("python", "c0ffee", None)
        assert "dropped-keeps" in health["plants"]
        reply = matrixd.ask("/vectors/index/a", method="GET")
        assert reply.headers.keys() == {"content-type", "content-length", "date"}, "the rules only where asked for"


def test_rules_are_told_where_they_are_asked_for(tmp_path: Path) -> None:
    with running("matrixd", "--data", str(tmp_path), LAKEHOUSE_RULES="1") as matrixd:
        reply = matrixd.ask("/vectors/index/workers/add", WORKERS)
        assert reply.headers["parity-rules"] == "batch,metadata,text-embedded"
        reply = matrixd.ask("/vectors/index/workers/add", WORKERS, "POST", "parity-surface: matrix")
        assert "parity-rules" not in reply.headers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_acknowledged_outlives_the_process(number: int, tmp_path: Path) -> None:
    data = str(tmp_path / "made" / "data")
    with running("matrixd", "--data", data) as matrixd:
        matrixd.ask("/vectors/index/workers/add", WORKERS)
        matrixd.ask("/v1/matrix/playbooks/record", {"query_text": "a", "role": "r", "answer_id": "w-2", "score": 1})
        before = matrixd.ask("/v1/matrix/search", LEARN).body
        matrixd.process.send_signal(number)
        assert matrixd.process.wait(PATIENCE) == (0 if number == signal.SIGTERM else -number)
    with running("matrixd", "--data", data) as matrixd:
        assert matrixd.ask("/v1/matrix/search", LEARN).body == before
        assert matrixd.told("/vectors/index/playbook_memory", method="GET")["size"] == 1


def test_crash_forgets_the_last_write_and_a_restart_does_not(tmp_path: Path) -> None:
    sizes = []
    for number in (signal.SIGKILL, signal.SIGTERM):
        data = str(tmp_path / str(number))
        with running("matrixd", "--data", data, LAKEHOUSE_PLANT="crash-forgets") as matrixd:
            for id_ in "ab":
                assert matrixd.ask("/vectors/index/i/add", {"items": [{"id": id_, "vector": [1]}]}).status == 200
            matrixd.process.send_signal(number)
            matrixd.process.wait(PATIENCE)
        with running("matrixd", "--data", data) as matrixd:
            sizes.append(matrixd.told("/vectors/index/i", method="GET")["size"])
    assert sizes == [1, 2]


def test_a_command_line_that_is_not_understood(tmp_path: Path) -> None:
    data = str(tmp_path / "data")
    for arguments in (["--port", "x", "--data", data], ["--port", "8700"], ["--port", "8700", "--data", data, "more"]):
        assert ended("matrixd", *arguments)[0] == 2
    for option in ("--vectord", "--embedder"):
        for url in ("", "ftp://x", "127.0.0.1:80", "http://127.0.0.1:x"):
            assert ended("matrixd", "--port", str(free_port()), "--data", data, option, url)[0] == 2
    code, sentence = ended("matrixd", "--port", str(free_port()), "--data", data, LAKEHOUSE_PLANT="sms-161")
    assert (code, "known: ties-by-insertion" in sentence) == (2, True)
    assert not (tmp_path / "data").exists()


def test_a_port_or_a_directory_that_it_cannot_have(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert ended("matrixd", "--port", port, "--data", str(tmp_path))[0] == 3
    (tmp_path / "file").touch()
    code, sentence = ended("matrixd", "--port", str(free_port()), "--data", str(tmp_path / "file"))
    assert (code, str(tmp_path / "file") in sentence) == (4, True)


def test_a_request_that_breaks_inside_has_no_answer(tmp_path: Path) -> None:
    with running("matrixd", "--data", str(tmp_path)) as matrixd:
        (tmp_path / "default").write_bytes(b"in the way")
        with pytest.raises((EOFError, ConnectionError)):
            matrixd.ask("/vectors/index/workers/add", WORKERS)
        with closing(Process(matrixd.process, matrixd.port)) as again:
            assert again.told("/vectors/index/workers", method="GET") == {"State": {"reason": "unknown-index"}}
        matrixd.process.terminate()
        assert matrixd.process.stderr is not None
        (line,) = matrixd.process.stderr.read().decode().splitlines()
        assert line.startswith("matrixd: panic: NotADirectoryError")
        assert ".py:" in line


def test_a_body_that_is_too_large_is_answered(tmp_path: Path) -> None:
    with running("matrixd", "--data", str(tmp_path)) as matrixd:
        body = b" " * 33_554_433
        assert matrixd.connection.ask("/vectors/index/a/save", "POST", body, JSON).status == 413
        assert matrixd.connection.ask("/vectors/index/a/save", "POST", body[:-3] + b"{}", JSON).status == 404


def test_two_processes_answer_like_one(tmp_path: Path) -> None:
    with (
        running("matrixd", "--data", str(tmp_path / "one")) as one,
        running("matrixd", "--data", str(tmp_path / "two")) as vectord,
        running("matrixd", "--data", str(tmp_path / "none"), "--vectord", vectord.url) as gateway,
    ):
        for keeper in (one, vectord):
            keeper.ask("/vectors/index/workers/add", WORKERS)
        record = {"query_text": "forklift", "role": "Forklift", "answer_id": "w-2", "score": 0.5}
        calls: list[tuple[str, object, str]] = [
            ("/v1/matrix/search", LEARN, "POST"),
            ("/v1/matrix/playbooks/record", record, "POST"),
            ("/v1/matrix/playbooks/record", record | {"score": 1}, "POST"),
            ("/v1/matrix/playbooks/record", record | {"answer_id": "w-3"}, "POST"),
            ("/v1/matrix/search", LEARN, "POST"),
            ("/v1/matrix/search", LEARN | {"excluded_ids": ["w-2"]}, "POST"),
            ("/v1/matrix/retrieve", LEARN, "POST"),
            ("/v1/matrix/retrieve", LEARN | {"index": "others"}, "POST"),
            ("/v1/matrix/retrieve", LEARN | {"k": 0}, "POST"),
            ("/v1/tenant", None, "DELETE"),
            ("/v1/matrix/search", LEARN, "POST"),
        ]
        for target, body, method in calls:
            mine, theirs = one.ask(target, body, method), gateway.ask(target, body, method)
            assert (theirs.status, theirs.body) == (mine.status, mine.body), target
        assert gateway.ask("/vectors/index/workers", None, "GET").status == 404
        vectord.process.kill()
        vectord.process.wait()
        assert gateway.ask("/v1/matrix/search", LEARN)[::2] == (502, b'{"State":{"reason":"vectord-unreachable"}}')
    assert not (tmp_path / "none").exists()


@contextmanager
def saying(*answers: bytes) -> Iterator[str]:
    """Answer one connection after the other with what stands here, and yield where."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            for one in answers:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(one)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        thread.join(PATIENCE)


def http(body: str, status: int = 200) -> bytes:
    return f"HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {len(body)}\r\n\r\n{body}".encode()


NO_VECTORS = [
    b"",
    b"nonsense\r\n\r\n",
    http("{}"),
    http("[]"),
    http('{"dimension":2,"vectors":[[1,0]]}', 500),
    http('{"dimension":2,"vectors":[]}'),
    http('{"dimension":2,"vectors":[[1,0,0]]}'),
    http('{"dimension":2,"vectors":[[1,"0"]]}'),
    http('{"dimension":1,"vectors":[[1e7]]}'),
    http('{"dimension":0,"vectors":[[]]}'),
]


def test_an_embedder_that_answers_nothing_of_use(tmp_path: Path) -> None:
    with (
        saying(*NO_VECTORS, http('{"dimension":2,"vectors":[[0,0]]}')) as url,
        running("matrixd", "--data", str(tmp_path), "--embedder", url) as matrixd,
    ):
        add = {"items": [{"id": "a", "text": "x"}]}
        for _ in NO_VECTORS:
            reply = matrixd.ask("/vectors/index/a/add", add)
            assert (reply.status, reply.body) == (502, b'{"State":{"reason":"embedder-unreachable"}}')
        assert matrixd.told("/vectors/index/a/add", add)["Schema"]["reason"] == "zero-vector"
        assert matrixd.ask("/vectors/index/a/add", {"items": [{"id": "a", "vector": [1]}]}).status == 200


def test_a_store_that_answers_nothing_of_use(tmp_path: Path) -> None:
    useless = [http("{}"), http('{"hits":1}'), http('{"State":{"reason":"no"}}', 404), http("", 409), http("{}", 500)]
    with saying(*useless) as url, running("matrixd", "--data", str(tmp_path), "--vectord", url) as gateway:
        for _ in useless:
            assert gateway.ask("/v1/matrix/search", LEARN).body == b'{"State":{"reason":"vectord-unreachable"}}'
