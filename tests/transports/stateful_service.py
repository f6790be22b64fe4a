"""A service that keeps values by tenant: `stateful_service.py MANNER PORT PROCESSES MARKS [DATA]`.

It is sound, or has one bad manner; and a call to `/do/THING` makes it misbehave there, `/do/THING-once` the first time
that anybody asks. Below PROCESSES it leaves a file named after every process that it is, below MARKS what it was asked
and what it did once, and below DATA its values, which without it are in memory alone.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from typing import NamedTuple

FOREVER = 120.0  # seconds after which even a forgotten one ends by itself
JSON = b"content-type: application/json"
TENANT = b"x-lakehouse-tenant"
NOBODY = "nobody"
FORGOTTEN = "forgotten"
FLIGHT = 0.5  # seconds in which what is in flight together meets
NAP = 0.4  # seconds, of which a few are more than a deadline


class Request(NamedTuple):
    raw: bytes
    method: str
    target: str
    headers: dict[bytes, bytes]
    body: bytes

    @property
    def tenant(self) -> str:
        return self.headers.get(TENANT, b"default").decode()


class Hang(Exception):  # noqa: N818 - no error
    """It says nothing more over this connection."""


class Drop(Exception):  # noqa: N818 - no error
    """It closes this connection."""


class Stateful:
    """The values of all tenants, and how they are told."""

    def __init__(self, manner: str, marks: Path, data: Path | None) -> None:
        self.manner, self.marks, self.data = manner, marks, data
        self.values: dict[str, dict[str, object]] = {}
        self.exit_code = 1 if manner == "ends-with-1" else 0
        self.ends = manner != "does-not-end"
        self._unwritten: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._flying = 0
        self._connections = itertools.count()
        if data is not None:
            self._read(data / "journal")

    # ---------------------------------------------------------------- what lasts

    def _read(self, journal: Path) -> None:
        if not journal.exists():
            return
        if self.manner == "starts-on-nothing-but-new-data":
            sys.exit("the journal is from somebody else")
        for line in journal.read_bytes().splitlines():
            try:
                tenant, key, value = json.loads(line)
            except ValueError:
                os.write(2, b"the journal is damaged\n")
                sys.exit(4)
            self.values.setdefault(tenant, {})[key] = value
            if key == FORGOTTEN:
                del self.values[tenant]
        if any("kills" in values for values in self.values.values()):
            os.write(2, b"no such value\n")
            sys.exit(5)

    def keep(self, tenant: str, key: str, value: object) -> None:
        self.values.setdefault(tenant, {})[key] = value
        line = json.dumps([tenant, key, value]).encode() + b"\n"
        if self.manner == "writes-late":  # a tenant's last one with its next one
            self._unwritten[tenant], line = line, self._unwritten.get(tenant, b"")
        self.flush(line)

    def flush(self, lines: bytes) -> None:
        if self.data is not None:
            with (self.data / "journal").open("ab", buffering=0) as file:
                file.write(lines)

    def end(self) -> None:
        if self.ends:
            self.flush(b"".join(self._unwritten.values()))
            os.write(2, b"it was nice here\n")
            os._exit(self.exit_code)

    def first_time(self, name: str) -> bool:
        """Tell whether this has not happened before, in whatever process."""
        try:
            (self.marks / name).touch(exist_ok=False)
        except FileExistsError:
            return False
        return True

    # ---------------------------------------------------------------- one connection

    def serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, Drop):
            if self.manner == "closes-idle-connections":
                connection.settimeout(0.05)
            rest, number = b"", next(self._connections)
            while True:
                request, rest = read(connection, rest)
                if request.target == "/health":
                    connection.sendall(http(health()))
                    continue
                with self._lock:
                    self._flying += 1
                    with (self.marks / "calls").open("ab", buffering=0) as file:
                        file.write(json.dumps([os.getpid(), number, request.raw.decode("latin-1")]).encode())
                        file.write(b"\n")
                try:
                    answer = self._answer(connection, request)
                except Hang:
                    time.sleep(FOREVER)
                finally:
                    with self._lock:
                        self._flying -= 1
                connection.sendall(answer)
                if b"connection: close" in answer:
                    return

    def _answer(self, connection: socket.socket, request: Request) -> bytes:
        what = request.target.partition("?")[0].strip("/").split("/")
        match what:
            case ["do", thing]:
                name = thing.removesuffix("-once")
                if name == thing or self.first_time(thing):
                    return self._misbehave(connection, name, request)
                return self._say({"done": name})
            case ["v1", "tenant"]:
                return self._forget(request)
        with self._lock:
            return self._say(*self._told(what, request))

    def _told(self, what: list[str], request: Request) -> tuple[object, str]:
        """Return what is answered, and with which status."""
        tenant = NOBODY if self.manner == "leaks" else request.tenant
        values = self.values.get(tenant, {})
        match what:
            case ["put", key]:
                self.keep(tenant, key, json.loads(request.body))
                return {"keys": len(self.values[tenant])}, "200 OK"
            case ["get", key] if key in values:
                return {"value": values[key]}, "200 OK"
            case ["all"]:
                return {"values": values}, "200 OK"
            case ["echo"]:
                return {"said": request.body.decode("latin-1")}, "200 OK"
            case ["raw"]:
                return json.loads(request.body), "200 OK"
            case ["whoami"]:
                return {"tenant": request.tenant, "process": os.getpid()}, "200 OK"
            case ["secret"]:
                return {"secret": request.headers.get(b"authorization", b"").decode()}, "200 OK"
        return {"unknown": request.target}, "404 Not Found"

    def _say(self, document: object, status: str = "200 OK") -> bytes:
        close = [b"connection: close"] if self.manner == "says-close" else []
        return http(json.dumps(document).encode(), *close, status=status.encode())

    def _forget(self, request: Request) -> bytes:
        match self.manner:
            case "502-at-forget":
                return http(b"{}", status=b"502 Bad Gateway")
            case "drops-at-forget":
                raise Drop
            case "dies-at-forget":
                os._exit(3)
            case "redirects-at-forget":
                return http(b"{}", b"location: /elsewhere", status=b"302 Found")
        with self._lock:
            self.keep(request.tenant, FORGOTTEN, value=True)
            self.values.pop(request.tenant)
        return self._say({"dropped": 1})

    def _misbehave(self, connection: socket.socket, name: str, request: Request) -> bytes:  # noqa: PLR0912, PLR0915 - one arm a thing
        fine = self._say({"done": name})
        match name:
            case "drop":
                raise Drop
            case "panic":
                os.write(2, b"hostiled: panic: index out of bounds\n")
                raise Drop
            case "die":
                os.write(2, b"the disk is on fire\n")
                os._exit(3)
            case "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            case "die-together":
                time.sleep(FLIGHT)
                if self._flying > 1:
                    os.write(2, b"too much at once\n")
                    os._exit(3)
            case "die-behind":
                connection.sendall(fine)
                os._exit(3)
            case "rules":
                return http(b"{}", b"parity-rules: b,a")
            case "nap":
                time.sleep(NAP)
            case "hang":
                raise Hang
            case "hang-within":
                connection.sendall(fine[:-1])
                raise Hang
            case "garbage":
                return b"SSH-2.0-OpenSSH_9.9\r\n"
            case "more":
                return fine + b"more"
            case "more-later":
                connection.sendall(fine)
                time.sleep(0.02)
                return b"more"
            case "twice-later":
                connection.sendall(fine)
                time.sleep(0.02)
                return fine
            case "short":
                connection.sendall(fine[:-3])
                raise Drop
            case "close":
                connection.sendall(fine)
                raise Drop
            case "redirect":
                secret = request.headers.get(b"authorization", b"nowhere")
                return http(b"{}", b"location: /" + secret, status=b"302 Found")
            case "tell-secret":
                return request.headers.get(b"authorization", b"") + b"\r\n"
            case "tell-secret-later":
                connection.sendall(fine)
                time.sleep(0.02)
                return b"x" * 990 + request.headers.get(b"authorization", b"")
            case "damage":
                self.flush(b"[not json\n")
            case "end-badly":
                os.write(2, b"from now on it ends badly\n")
                self.exit_code = 1
            case "not-end":
                self.ends = False
        return fine


def http(body: bytes, *lines: bytes, status: bytes = b"200 OK") -> bytes:
    """Return a whole answer."""
    head = [b"HTTP/1.1 " + status, JSON, *lines, b"content-length: %d" % len(body), b"", b""]
    return b"\r\n".join(head) + body


def health() -> bytes:
    said = {"runtime": "hostile", "version": "1.0", "commit": "abc1234", "surfaces": ["kept", "echo"]}
    return json.dumps(said).encode()


def read(connection: socket.socket, data: bytes) -> tuple[Request, bytes]:
    """Read a request; return it, and what came behind it. Raises Drop at the end."""
    while b"\r\n\r\n" not in data:
        data += more(connection)
    text, _, data = data.partition(b"\r\n\r\n")
    line, *lines = text.split(b"\r\n")
    headers = {name.lower(): value for name, _, value in (each.partition(b": ") for each in lines)}
    length = int(headers.get(b"content-length", b"0"))
    while len(data) < length:
        data += more(connection)
    method, target, _ = line.decode("latin-1").split(" ")
    return Request(text + b"\r\n\r\n" + data[:length], method, target, headers, data[:length]), data[length:]


def more(connection: socket.socket) -> bytes:
    if data := connection.recv(65536):
        return data
    raise Drop


def main() -> None:
    """Be a service."""
    manner, port, processes, marks = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4])
    (processes / str(os.getpid())).touch()
    data = Path(sys.argv[5]) if len(sys.argv) > 5 else None
    (marks / f"start-{len(list(marks.glob('start-*')))}").write_text(str(data))
    if manner == "never-starts":
        sys.exit("no configuration found")
    if manner == "starts-once" and len(list(marks.glob("start-*"))) > 1:
        sys.exit("no configuration found any more")
    service = Stateful(manner, marks, data)
    signal.signal(signal.SIGTERM, lambda *_: service.end())
    listener = socket.create_server(("127.0.0.1", port))
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=service.serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
