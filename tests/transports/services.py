"""The hostile service within a test, and a bench that asks services and knows the processes that they were."""

from __future__ import annotations

import contextlib
import socket
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import psutil

from parity.transports import service as service_module
from parity.transports.connection import Address
from parity.transports.host import Place

from .hostile_service import Request, Service

if TYPE_CHECKING:
    import ssl

    from parity.drive import Driver
    from parity.model import Observation

SCRIPT = Path(__file__).with_name("hostile_service.py")
PATIENCE = 60.0  # seconds before a test gives up on an answer; a harness that hangs must not hang its tests


class Server:
    """The service as a part of a test: it listens from the start on, until the test ends it."""

    def __init__(
        self,
        behaviour: str | Service = "sound",
        *,
        host: str = "127.0.0.1",
        tls: ssl.SSLContext | None = None,
        port: int = 0,
    ) -> None:
        self.service = Service(behaviour) if isinstance(behaviour, str) else behaviour
        self._tls = tls
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family)
        self.port: int = self._listener.getsockname()[1]
        self.connections = 0
        self._open: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    @property
    def asked(self) -> list[Request]:
        """The requests that were no question for its health."""
        return [request for request in self.service.requests if not request.target.endswith(b"/health")]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            self._threads.append(threading.Thread(target=self._serve, args=(connection,)))
            self._threads[-1].start()

    def _serve(self, connection: socket.socket) -> None:
        if self._tls is not None:
            try:
                connection = self._tls.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                return
            self._open.append(connection)
        self.service.serve(connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.service.over.set()
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()


class ServiceBench:
    """Opens services, asks them, and knows the processes that they were."""

    def __init__(self, driver: Driver, folder: Path) -> None:
        self.driver, self.folder = driver, folder
        self._open: list[service_module.Service] = []

    def attached(
        self,
        server: Server,
        deadline: float = 30.0,
        connections: int = 8,
        rate: float | None = None,
        **more: object,
    ) -> service_module.Service:
        """Return the way to a server that runs, not open yet; `more` is what else its place has."""
        place = Place(**({"address": Address("127.0.0.1", server.port)} | more))  # type: ignore[arg-type]
        return self._keep(
            service_module.Service("hostile", place, deadline=deadline, connections=connections, rate=rate)
        )

    def started(
        self,
        behaviour: str,
        deadline: float = 30.0,
        connections: int = 8,
        start_deadline: float = 30.0,
        **more: object,
    ) -> service_module.Service:
        """Return the way to a process, not started yet."""
        command = [sys.executable, "-I", "-S", str(SCRIPT), behaviour, "{port}", str(self.folder)]
        place = Place(**({"command": command} | more))  # type: ignore[arg-type]
        service = service_module.Service(
            "hostile", place, deadline=deadline, connections=connections, start_deadline=start_deadline
        )
        return self._keep(service)

    def _keep(self, service: service_module.Service) -> service_module.Service:
        self._open.append(service)
        return service

    def ask(self, service: service_module.Service, *inputs: bytes) -> list[Observation]:
        """Ask about one batch."""
        rows = self.driver.ask({"hostile": service}, "echo", inputs).result(timeout=PATIENCE)
        return [row["hostile"] for row in rows]

    def observe(self, service: service_module.Service, *inputs: bytes) -> list[Observation]:
        """Open a service, ask it about one batch, and close it."""
        self.driver.run(service.open())
        seen = self.ask(service, *inputs)
        self.driver.run(service.close())
        return seen

    def processes(self) -> list[int]:
        """Return every process that the services noted down."""
        return [int(file.name) for file in self.folder.iterdir()]

    def left(self) -> list[int]:
        """Return those that still run, after a moment in which a killed one may end."""
        until = time.monotonic() + 10
        while (left := [pid for pid in self.processes() if runs(pid)]) and time.monotonic() < until:
            time.sleep(0.02)
        return left

    def close(self) -> None:
        """End what a failing test left."""
        for service in self._open:
            self.driver.run(service.close())
        for pid in self.processes():
            if runs(pid):
                psutil.Process(pid).kill()


def runs(pid: int) -> bool:
    """Tell whether a process still runs; one that nobody reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def post(body: bytes, target: bytes = b"/v1/echo") -> bytes:
    """Return a case."""
    return b"POST %b\ncontent-type: application/json\n\n%b" % (target, body)


def said(body: str) -> bytes:
    """Return what the sound answer to a body is written down as."""
    return b'{"status":200,"type":"application/json","body":{"said": "%b"}}' % body.encode()
