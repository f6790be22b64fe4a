"""A runtime under load, as the witness sees it: its two services, asked over HTTP, and samples of what they answer."""

from __future__ import annotations

import contextlib
import functools
import http.client
import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

import pytest

from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.ingest.worker import metadata, text
from loadgen import samples
from loadgen.samples import Answer, Sample
from parity import config
from parity.errors import MissingToolError
from parity.processes import Processes
from parity.testees.build import Build

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lakehouse_ref.ingest.worker import Worker

ROOT = Path(__file__).parents[2]
LONGEST = 60.0  # seconds, for everything that should be quick
ROSTER = [{"id": "w-1", "role": "Welder", "city": "Aurora", "state": "IL", "phone": "312-555-0142"}]
ORDER = {"id": "ORD-7", "role": "Welder", "city": "Aurora", "state": "IL", "headcount": 1, "excluded_ids": []}
BODIES = {
    "accepted": {"kind": "fill", "artifact": {"worker_ids": ["w-1"]}},
    "refused": {"kind": "fill", "artifact": {"worker_ids": ["w-2"]}},
    "sms": {"kind": "sms", "artifact": {"worker_id": "w-1", "to": "312-555-0142", "body": "ORD-7: be there"}},
}


@functools.cache
def workers(count: int = 1_500) -> Mapping[str, Worker]:
    """Return workers by their ids."""
    return {worker.id: worker for worker in generate(1, count)}


def validation(name: str, number: int = 1) -> bytes:
    """Return the body of a validation."""
    return json.dumps({**BODIES[name], "request_id": f"r-{number}", "order": ORDER, "roster": ROSTER}).encode()


def search(query: str, k: int = 4, **more: object) -> bytes:
    """Return the body of a search."""
    return json.dumps({"k": k, "query_text": query, "query_role": "Forklift Operator", **more}).encode()


class Loaded:
    """The services of one runtime, with a planted bug or without."""

    def __init__(self, name: str, folder: Path, plant: str | None = None) -> None:
        """Build it as the harness does. Skips the test where its tools are absent."""
        settings = config.load(ROOT)
        self._processes = Processes(settings.state)
        runtime = settings.runtimes[name]
        build = Build(name, runtime, settings.root, settings.state, self._processes)
        try:
            build.make()
        except MissingToolError as error:
            self._processes.close()
            pytest.skip(f"{name} is absent here: {error}")
        self._ports: dict[str, int] = {}
        self._running: list[subprocess.Popen[bytes]] = []
        for service, command in runtime.commands.items():
            with socket.create_server(("127.0.0.1", 0)) as listener:
                port = self._ports[service] = listener.getsockname()[1]
            data = folder / f"{name}-{service}"
            data.mkdir()
            filled = [part.replace("{port}", str(port)).replace("{data}", str(data)) for part in build.fill(command)]
            sound = service != "service" if plant else True  # what is planted here is validatord's
            environment = build.environment(None if sound else plant)
            self._running.append(subprocess.Popen(filled, cwd=build.directory, env=environment))

    def __enter__(self) -> Self:
        until = time.monotonic() + LONGEST
        for port in self._ports.values():
            while time.monotonic() < until:
                with contextlib.suppress(OSError):
                    assert ask(port, "GET", "/health").status == samples.OK
                    break
                time.sleep(0.02)
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._running:
            process.kill()
            process.wait()
        self._processes.close()

    def url(self, service: str) -> str:
        """Return where one of its services is."""
        return f"http://127.0.0.1:{self._ports[service]}"

    def kill(self, service: str) -> None:
        """End one of its services without a word."""
        self._running[list(self._ports).index(service)].kill()

    def fill(self, count: int = 1_500) -> None:
        """Give it workers."""
        some = [{"id": one.id, "metadata": metadata(one), "text": text(one)} for one in workers(count).values()]
        for start in range(0, count, 1_000):
            body = json.dumps({"items": some[start : start + 1_000]}).encode()
            done = ask(self._ports["matrixd"], "POST", "/vectors/index/workers/add", body)
            assert done.status == samples.OK, done

    def validate(self, body: bytes) -> Sample:
        """Ask for a validation, and return the sample of it."""
        return samples.validate(body, ask(self._ports["service"], "POST", "/v1/validate", body))

    def search(self, body: bytes) -> Sample:
        """Search, and return the sample of it."""
        answer = ask(self._ports["matrixd"], "POST", "/v1/matrix/search", body)
        sample = samples.matrix(workers(), body, answer)
        assert sample is not None, answer
        return sample


def ask(port: int, method: str, path: str, body: bytes | None = None) -> Answer:
    """Make a call."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST)
    with contextlib.closing(connection):
        connection.request(method, path, body, {} if body is None else {"content-type": "application/json"})
        answer = connection.getresponse()
        kind = answer.getheader("content-type")
        return Answer(answer.status, None if kind is None else kind.encode(), answer.read())


def without_plants() -> dict[str, str]:
    """Return the environment without what an outer run may have put there."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("LAKEHOUSE_", "PARITY_RUN"))}


def queries(count: int) -> Iterator[str]:
    """Yield so many different texts to search by."""
    for number, worker in zip(range(count), workers().values(), strict=False):
        yield f"Need {number % 5 + 1} {worker.role}s in {worker.city} {worker.state}"
