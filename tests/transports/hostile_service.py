"""A service that is sound, or misbehaves in one way: `hostile_service.py BEHAVIOUR PORT FOLDER`.

It says the body that it was sent in upper case. Unless its behaviour says otherwise it misbehaves at a request that
holds BAD, and only there. Below FOLDER it leaves a file named after every process that it is or starts.

A test runs it as a process, or as a part of its own process (`services.Server`).
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

MARKER = b"BAD"
FOREVER = 120.0  # seconds after which even a forgotten one ends by itself
ENDLESS = 96 * 2**20  # bytes of an answer that does not end
DEEP = 100_000
REDIRECTS = ("301", "302", "303", "307", "308")
ABSENT = "nowhere"  # the value of a member that is left out


class Request(NamedTuple):
    raw: bytes
    method: bytes
    target: bytes
    headers: dict[bytes, bytes]
    body: bytes


def http(body: bytes, *lines: bytes, status: bytes = b"200 OK", version: bytes = b"HTTP/1.1") -> bytes:
    """Return a whole answer."""
    head = [b"%b %b" % (version, status), *lines, b"content-length: %d" % len(body), b"", b""]
    return b"\r\n".join(head) + body


def head(*lines: bytes, status: bytes = b"200 OK") -> bytes:
    return b"\r\n".join([b"HTTP/1.1 " + status, *lines, b"", b""])


def sound(request: Request) -> bytes:
    said = json.dumps({"said": request.body.decode("latin-1").upper()}).encode()
    return http(said, JSON)


JSON = b"content-type: application/json"
CHUNKED = b"transfer-encoding: chunked"
OK = http(b'{"said":"FINE"}', JSON)


def chunks(*bodies: bytes, trailer: bytes = b"") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(body), body) for body in bodies) + b"0\r\n%b\r\n" % trailer


KEPT: dict[str, Callable[[], bytes]] = {
    "too-long": lambda: OK + b"more",
    "a-line-too-long": lambda: OK + b"\r\n",
    "a-chunked-line-too-long": lambda: head(JSON, CHUNKED) + chunks(b"{}") + b"\n",
    "twice": lambda: OK + OK,
    "a-body-with-204": lambda: head(b"content-length: 2", status=b"204 No Content") + b"{}",
    "not-http": lambda: b"SSH-2.0-OpenSSH_9.9\r\n",
    "http2": lambda: b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x64\x00\x04\x00\x00\xff\xff",
    "rtsp": lambda: OK.replace(b"HTTP/1.1", b"RTSP/1.0"),
    "http-2.0": lambda: OK.replace(b"HTTP/1.1", b"HTTP/2.0"),
    "http-0.9": lambda: OK.replace(b"HTTP/1.1", b"HTTP/0.9"),
    "a-line-first": lambda: b"\r\n" + OK,
    "bare-line-feeds": lambda: OK.replace(b"\r\n", b"\n"),
    "folded-header": lambda: http(b"{}", b"content-type: application/json;\r\n charset=utf-8"),
    "nul-in-a-header": lambda: http(b"{}", b"content-type: a\x00b"),
    "status-of-zero": lambda: http(b"{}", status=b"000 Nothing"),
    "status-of-four-digits": lambda: http(b"{}", status=b"2000 OK"),
    "two-lengths": lambda: http(b"{}", b"content-length: 2"),
    "negative-length": lambda: head(b"content-length: -2") + b"{}",
    "overflowing-length": lambda: head(b"content-length: 18446744073709551618") + b"{}",
    "length-and-chunks": lambda: head(CHUNKED, b"content-length: 2") + chunks(b"{}"),
    "broken-chunk": lambda: head(CHUNKED) + b"zz\r\n{}\r\n0\r\n\r\n",
    "longer-than-its-chunk": lambda: head(CHUNKED) + b"2\r\n{}{}\r\n0\r\n\r\n",
    "gzip": lambda: http(gzip.compress(bytes(2**24)) * 2**7, JSON, b"content-encoding: gzip"),  # unpacks to 2 GB
    "gzip-in-chunks": lambda: head(JSON, b"transfer-encoding: gzip, chunked") + chunks(gzip.compress(b"{}")),
    "switches": lambda: head(b"upgrade: websocket", b"connection: upgrade", status=b"101 Switching Protocols"),
    "switches-unasked": lambda: head(status=b"101 Switching Protocols") + OK,
    # ---- what follows is allowed
    "interim-100": lambda: head(status=b"100 Continue") + OK,
    "interim-103": lambda: head(b"link: </a>", JSON + b"; of=103", status=b"103 Early Hints") + OK,
    "no-content": lambda: head(status=b"204 No Content"),
    "empty-body": lambda: http(b"", JSON),
    "untyped": lambda: http(b'{"said":"FINE"}'),
    "in-chunks": lambda: head(JSON, CHUNKED) + chunks(b'{"said":', b'"FINE"}'),
    "with-trailers": lambda: (
        head(JSON, CHUNKED)
        + chunks(b'{"said":"FINE"}', trailer=b"content-type: text/evil\r\ncontent-encoding: gzip\r\n")
    ),
    "deep": lambda: http(b"[" * DEEP + b"]" * DEEP, JSON),
    "deep-and-cut-off": lambda: http(b'{"a":' * DEEP, JSON),
    "invalid-utf8": lambda: http(b'{"said":"\xff\xfe"}', JSON),
    "no-json": lambda: http(b'it\'s "fine"\n', b"content-type: text/plain"),
    "two-values": lambda: http(b'1,"status":200', JSON),
    "two-types": lambda: http(b"{}", JSON, b"content-type: text/html"),
    "shouting-type": lambda: http(b"{}", b"Content-TYPE:application/json"),
    "a-type-that-is-json": lambda: http(b"{}", b'content-type: x","status":200,"y":"\\'),
    "a-type-of-other-letters": lambda: http(b"{}", b"content-type: caf\xc3\xa9\xff\tx"),
    "status-of-500": lambda: http(b'{"error":"x"}', JSON, status=b"500 Oh No"),
    "status-of-999": lambda: http(b"{}", JSON, status=b"999"),
    "not-modified": lambda: head(b"etag: x", status=b"304 Not Modified"),
    "identity": lambda: http(b'{"said":"FINE"}', JSON, b"content-encoding: identity"),
}
"""Bytes that are sent, while the connection stays open."""
CLOSED: dict[str, Callable[[], bytes]] = {
    "closes": lambda: b"",
    "too-short": lambda: head(JSON, b"content-length: 100") + b"{}",
    "cut-off-in-its-head": lambda: head(JSON)[:-4],
    "cut-off-between-chunks": lambda: head(JSON, CHUNKED) + b"2\r\n{}\r\n",
    "cut-off-within-a-chunk": lambda: head(JSON, CHUNKED) + b"20\r\n{}",
    "compressed-as-it-goes": lambda: head(JSON, b"transfer-encoding: gzip") + gzip.compress(b"{}"),
    "only-interim": lambda: head(status=b"100 Continue"),
    # ---- what follows is allowed
    "ends-with-the-connection": lambda: head(JSON) + b'{"said":"FINE"}',
    "http-1.0": lambda: head(JSON).replace(b"1.1", b"1.0", 1) + b'{"said":"FINE"}',
    "http-1.0-with-length": lambda: http(b'{"said":"FINE"}', JSON, version=b"HTTP/1.0"),
    "says-close": lambda: http(b'{"said":"FINE"}', JSON, b"connection: close"),
    "closes-unannounced": lambda: OK,
}
"""Bytes that are sent before the connection is closed."""
ENDLESSLY: dict[str, tuple[bytes, bytes]] = {
    "endless-body": (head(JSON), b"x" * 65536),
    "endless-body-with-length": (head(JSON, b"content-length: 1000000000000"), b"x" * 65536),
    "endless-chunks": (head(JSON, CHUNKED), b"10\r\n" + b"x" * 16 + b"\r\n"),
    "endless-small-chunks": (head(JSON, CHUNKED), b"2\r\nxy\r\n" * 8192),
    "endless-chunk-size": (head(JSON, CHUNKED), b"0" * 65536),
    "endless-header": (b"HTTP/1.1 200 OK\r\nx: ", b"x" * 65536),
    "endless-headers": (b"HTTP/1.1 200 OK\r\n", b"x-same: y\r\n" * 4096),
    "endless-status": (b"HTTP/1.1 200 ", b"x" * 65536),
    "endless-interims": (b"", head(status=b"100 Continue") * 1000),
    "endless-trailers": (head(JSON, CHUNKED) + b"0\r\n", b"x-same: y\r\n" * 4096),
}
"""What is sent first, and then again and again."""


class Service:
    """What a service does with each connection, whether it is a process or a part of a test."""

    def __init__(self, behaviour: str, folder: str = "") -> None:
        self.behaviour, self.folder = behaviour, folder
        self.elsewhere = "nowhere"
        self.health: Callable[[Request], bytes] = lambda request: http(health(), JSON) if request else b""
        self.over = threading.Event()
        self.requests: list[Request] = []
        self._lock = threading.Lock()
        self._flying = 0

    def serve(self, connection: socket.socket) -> None:
        """Answer what comes over one connection."""
        with connection, contextlib.suppress(OSError):
            if self.behaviour == "resets-everybody" and self.requests:
                reset(connection)
                return
            if self.behaviour == "speaks-first" and self.requests:
                connection.sendall(OK)
            rest = b""
            while True:
                request, rest = self.read(connection, rest)
                with self._lock:
                    self.requests.append(request)
                    self._flying += 1
                goes_on = self._answer(connection, request)
                with self._lock:
                    self._flying -= 1
                if not goes_on:
                    return

    def read(self, connection: socket.socket, data: bytes) -> tuple[Request, bytes]:
        """Read a request; return it, and what came behind it. Raises ConnectionError at the end."""
        while b"\r\n\r\n" not in data:
            data += more(connection)
        text, _, data = data.partition(b"\r\n\r\n")
        line, *lines = text.split(b"\r\n")
        headers = {name.lower(): value for name, _, value in (each.partition(b": ") for each in lines)}
        length = int(headers.get(b"content-length", b"0"))
        if b"/early" in line:
            connection.sendall(OK)
            if self.behaviour == "reads-no-more":
                raise ConnectionError
        while len(data) < length:
            data += more(connection)
        method, target, _ = line.split(b" ")
        raw = text + b"\r\n\r\n" + data[:length]
        return Request(raw, method, target, headers, data[:length]), data[length:]

    def _answer(self, connection: socket.socket, request: Request) -> bool:
        """Answer a request, or misbehave; return whether the connection goes on."""
        if request.target.endswith(b"/health"):
            connection.sendall(self.health(request))
            return True
        if b"/early" in request.target:
            return True
        if MARKER not in request.raw:
            return self._answer_the_rest(connection, request)
        if (make := KEPT.get(self.behaviour)) is not None:
            connection.sendall(make())
            return True
        if (make := CLOSED.get(self.behaviour)) is not None:
            connection.sendall(make())
            return False
        if self.behaviour in ENDLESSLY:
            first, again = ENDLESSLY[self.behaviour]
            connection.sendall(first)
            for _ in range(ENDLESS // len(again)):
                connection.sendall(again)
            return False
        if self.behaviour in REDIRECTS:
            location = f"location: http://{self.elsewhere}/stolen".encode()
            connection.sendall(http(b"{}", location, status=self.behaviour.encode()))
            return True
        return self._misbehave(connection, request)

    def _answer_the_rest(self, connection: socket.socket, request: Request) -> bool:
        most = {"dies-at-the-tenth": 10, "dies-at-the-hundredth": 100}.get(self.behaviour)
        if most is not None and len(self.requests) >= most:
            os._exit(7)
        if self.behaviour == "dies-together":
            time.sleep(0.3)
            if self._flying > 1:
                os.write(2, b"too much at once\n")
                os._exit(7)
        connection.sendall(sound(request))
        if self.behaviour == "speaks-while-idle" and b"/last" in request.target:
            self.over.wait(0.1)
            connection.sendall(OK)
        return self.behaviour != "keeps-nothing-open"

    def _misbehave(self, connection: socket.socket, request: Request) -> bool:  # noqa: PLR0912 - one arm a behaviour
        match self.behaviour:
            case "hangs":
                self.over.wait(FOREVER)
            case "hangs-within":
                connection.sendall(head(JSON, b"content-length: 20") + b"{")
                self.over.wait(FOREVER)
            case "drips" | "drips-within":
                length = b"" if self.behaviour == "drips" else b"content-length: 10000\r\n\r\n"
                connection.sendall(b"HTTP/1.1 200 OK\r\n" + length)
                while not self.over.wait(0.05):
                    connection.sendall(b"x")
            case "resets":
                reset(connection)
            case "resets-within":
                connection.sendall(head(JSON, b"content-length: 20") + b"{")
                self.over.wait(0.2)
                reset(connection)
            case "twice-with-a-pause" | "too-long-with-a-pause" | "a-line-with-a-pause":
                excess = {"twice": OK, "too-long": b"more", "a-line": b"\r\n"}
                connection.sendall(OK)
                self.over.wait(0.02)
                connection.sendall(excess[self.behaviour.removesuffix("-with-a-pause")])
                return True
            case "dies-or-hangs" if b"hang" in request.body:
                self.over.wait(FOREVER)
            case "dies" | "dies-or-hangs" | "starts-once":
                os.write(2, b"the disk is on fire\n")
                os._exit(7)
            case "dies-within":
                connection.sendall(head(JSON, b"content-length: 20") + b"{")
                os._exit(7)
            case "dies-slowly":
                os.kill(os.getpid(), signal.SIGUSR1)  # which ends the listening
                reset(connection)
                connection.close()
                time.sleep(1.2)
                os._exit(7)
            case "dies-by-signal":
                os.kill(os.getpid(), signal.SIGKILL)
            case "dies-with-a-child":
                spawn(self.folder)
                os._exit(7)
            case _:
                connection.sendall(sound(request))
                return True
        return False


def health(**changed: object) -> bytes:
    """Return what a sound service says of itself, with changes."""
    said: dict[str, object] = {
        "service": "hostiled",
        "runtime": "hostile",
        "version": "1.0",
        "commit": "abc1234",
        "surfaces": ["echo"],
        "plants": ["upside-down"],
        "planted": os.environ.get("LAKEHOUSE_PLANT") or None,
    }
    return json.dumps({name: value for name, value in (said | changed).items() if value != ABSENT}).encode()


def more(connection: socket.socket) -> bytes:
    if data := connection.recv(65536):
        return data
    raise ConnectionError


def reset(connection: socket.socket) -> None:
    """End a connection as a crash of the machine would."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def spawn(folder: str, *, in_a_session_of_its_own: bool = False) -> None:
    """Start a process that has this one's pipes and outlives it; note it down."""
    command = [sys.executable, "-I", "-S", "-c", f"import time; time.sleep({FOREVER})"]
    Path(folder, str(subprocess.Popen(command, start_new_session=in_a_session_of_its_own).pid)).touch()


def shouted_health(behaviour: str) -> Callable[[Request], bytes]:
    """Return what answers the question for its health, as the behaviour has it."""
    questions: list[Request] = []

    def answer(request: Request) -> bytes:
        questions.append(request)
        bodies = {
            "health-list": b"[]",
            "health-no-json": b"it is fine",
            "health-of-bad-utf8": health().replace(b"hostile", b"host\xffile"),
            "health-deep": b'{"x":' + b"[" * DEEP,
            "health-of-other-types": health(surfaces="echo"),
            "health-without-a-name": health(runtime=ABSENT, service=ABSENT),
            "health-without-surfaces": health(surfaces=ABSENT),
            "health-of-a-service": health(runtime=ABSENT, uptime=3, checks={"disk": "full"}),
            "health-of-another-plant": health(planted="something-else"),
        }
        match behaviour:
            case "health-hangs":
                time.sleep(FOREVER)
            case "health-redirects":
                return http(b"", b"location: /", status=b"302 Found")
            case "health-500":
                return http(b"{}", status=b"500 Oh No")
            case "health-500-at-first" if len(questions) < 4:
                return http(b"{}", status=b"500 Oh No")
            case "health-drops-at-first" if len(questions) < 4:
                raise ConnectionError
        return http(bodies.get(behaviour, health()), JSON)

    return answer


def start(behaviour: str, folder: str) -> None:
    """Do what the behaviour does before it listens."""
    match behaviour:
        case "slow-start":
            time.sleep(0.5)
        case "ends-at-once":
            os.write(2, b"no configuration found\n")
            sys.exit(2)
        case "never-listens":
            os.write(2, b"everything is fine\n")
            time.sleep(FOREVER)
        case "starts-once" if len(list(Path(folder).iterdir())) > 1:
            os.write(2, b"no configuration found any more\n")
            sys.exit(2)
        case "ignores-sigterm":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            spawn(folder)
            spawn(folder, in_a_session_of_its_own=True)


def main() -> None:
    """Be a service."""
    behaviour, port, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    Path(folder, str(os.getpid())).touch()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    start(behaviour, folder)
    service = Service(behaviour, folder)
    service.health = shouted_health(behaviour)
    try:
        listener = socket.create_server(("127.0.0.1", 0 if behaviour == "listens-elsewhere" else port))
    except OSError as error:
        os.write(2, f"port {port} is taken: {error}\n".encode())
        if behaviour == "stays-without-a-port":
            time.sleep(FOREVER)
        sys.exit(3)
    signal.signal(signal.SIGUSR1, lambda *_: listener.shutdown(socket.SHUT_RDWR))
    with contextlib.suppress(OSError):
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=service.serve, args=(connection,), daemon=True).start()
    time.sleep(FOREVER)


if __name__ == "__main__":
    main()
