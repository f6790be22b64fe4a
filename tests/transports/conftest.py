"""The driver, hostile helpers on it, and a look at the processes that they were."""

from __future__ import annotations

import contextlib
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from parity.drive import Driver
from parity.transports import helper as helper_module
from parity.transports import host as host_module
from parity.transports.directories import Files
from parity.transports.helper import Helper

from .kept import KeptBench
from .services import Server, ServiceBench, runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from parity.model import Observation
    from parity.transports import Askable, Transport

HOSTILE = Path(__file__).with_name("hostile.py")
HOSTILE_FILES = HOSTILE.with_name("hostile_files.py")
PATIENCE = 60.0  # seconds before a test gives up on an answer; a harness that hangs must not hang its tests


class Bench:
    """Opens helpers, asks them, and knows the processes that they were."""

    def __init__(self, driver: Driver, folder: Path) -> None:
        self.driver, self.folder = driver, folder
        self._open: list[Transport] = []

    def helper(self, behaviour: str, deadline: float = 30.0) -> Helper:
        """Return a hostile helper that is not open yet."""
        command = [sys.executable, "-I", "-S", str(HOSTILE), behaviour, str(self.folder)]
        helper = Helper("hostile", command=command, deadline=deadline)
        self._open.append(helper)
        return helper

    def files(self, name: str = "a", manner: str = "sound", deadline: float = 30.0) -> Files:
        """Return a hostile files testee that is open."""
        command = [sys.executable, "-I", "-S", str(HOSTILE_FILES), name, manner, str(self.folder)]
        files = Files(Helper(name, command=command, deadline=deadline))
        self._open.append(files)
        self.driver.run(files.open())
        return files

    def ask(self, transport: Askable, *inputs: bytes) -> list[Observation]:
        """Ask about one batch."""
        rows = self.driver.ask({"hostile": transport}, "echo", inputs).result(timeout=PATIENCE)
        return [row["hostile"] for row in rows]

    def observe(self, behaviour: str, *inputs: bytes, deadline: float = 30.0) -> list[Observation]:
        """Open a helper, ask it about one batch, and close it."""
        helper = self.helper(behaviour, deadline)
        self.driver.run(helper.open())
        seen = self.ask(helper, *inputs)
        self.driver.run(helper.close())
        return seen

    def started(self) -> list[int]:
        """Return every process that the helpers noted down."""
        return [int(file.name) for file in self.folder.iterdir()]

    def left(self) -> list[int]:
        """Return those that still run, after a moment in which a killed one may end."""
        until = time.monotonic() + 10
        while (left := [pid for pid in self.started() if runs(pid)]) and time.monotonic() < until:
            time.sleep(0.02)
        return left

    def close(self) -> None:
        """End what a failing test left."""
        for transport in self._open:
            self.driver.run(transport.close())
        for pid in self.started():
            if runs(pid):
                psutil.Process(pid).kill()


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.close()


@pytest.fixture
def bench(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setattr(helper_module, "STOP_PATIENCE", 0.3)
    folder = tmp_path / "processes"
    folder.mkdir()
    bench = Bench(driver, folder)
    yield bench
    bench.close()


@pytest.fixture
def files(bench: Bench) -> Iterator[Files]:
    """Return a sound testee, and look afterwards whether anything of it is left."""
    files = bench.files()
    yield files
    assert files._base is not None
    assert list(files._base.iterdir()) == [], "every directory is gone once its case is answered"
    bench.driver.run(files.close())
    assert not files._base.exists()
    assert bench.left() == []


@pytest.fixture
def services(driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServiceBench]:
    monkeypatch.setattr(host_module, "STOP_PATIENCE", 0.3)
    folder = tmp_path / "services"
    folder.mkdir()
    services = ServiceBench(driver, folder)
    yield services
    services.close()


@pytest.fixture
def kept(services: ServiceBench, tmp_path: Path) -> KeptBench:
    return KeptBench(services, tmp_path / "marks")


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Return a function that makes a server, which ends with the test."""
    with contextlib.ExitStack() as servers:
        yield lambda *given, **more: servers.enter_context(Server(*given, **more))


def kinds(seen: Sequence[Observation]) -> list[str]:
    """Return how each case was met."""
    return [observation.kind.value for observation in seen]
