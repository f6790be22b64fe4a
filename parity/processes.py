"""The processes that a run starts, so that none outlives it.

Every one gets a session of its own, which makes its process group endable as a whole, and an environment variable that
names the run. A run that was killed cannot tidy up; the next one reads its record and ends what still carries its mark.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import uuid
from typing import TYPE_CHECKING

import msgspec
import psutil

from parity.files import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARK = "PARITY_RUN"
PLANT = "LAKEHOUSE_PLANT"
PATIENCE = 2.0  # seconds between asking a process to end and ending it


class Record(msgspec.Struct, frozen=True):
    """A run that may have processes: who runs it, told apart from a later process with the same number."""

    run: str
    pid: int
    started: float


class Processes:
    """The mark of this run, and the end of everything that carries it."""

    def __init__(self, state: Path) -> None:
        """Take note of this run below `state`, after ending what earlier ones left behind."""
        self._folder = state / "runs"
        self._folder.mkdir(parents=True, exist_ok=True)
        self.ended_leftovers = self._end_leftovers()
        self.run = uuid.uuid4().hex
        self._file = self._folder / f"{self.run}.json"
        record = Record(self.run, os.getpid(), psutil.Process().create_time())
        write_atomically(self._file, msgspec.json.encode(record))
        self._before = _interrupt_at_sigterm()

    def environment(self, extra: dict[str, str], plant: str | None = None) -> dict[str, str]:
        """Return the environment for a process of this run. A plant in the caller's own one is not passed on."""
        environment = {name: value for name, value in os.environ.items() if name != PLANT}
        environment |= {**extra, MARK: self.run}
        if plant is not None:
            environment[PLANT] = plant
        return environment

    def close(self) -> None:
        """End whatever still carries this run's mark, and forget the run."""
        _end(self.run)
        self._file.unlink(missing_ok=True)
        if self._before is not None:
            signal.signal(signal.SIGTERM, self._before)

    def _end_leftovers(self) -> int:
        ended = 0
        for file in self._folder.glob("*.json"):
            try:
                record = msgspec.json.decode(file.read_bytes(), type=Record)
            except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
                file.unlink(missing_ok=True)
                continue
            if not _is_alive(record):
                ended += _end(record.run)
                file.unlink(missing_ok=True)
        return ended


def _interrupt_at_sigterm() -> signal.Handlers | None:
    """Let SIGTERM end the run as an interruption does, so that it tidies up; return what is to be put back, if any."""
    if threading.current_thread() is not threading.main_thread() or signal.getsignal(signal.SIGTERM) != signal.SIG_DFL:
        return None
    signal.signal(signal.SIGTERM, _interrupt_once)
    return signal.SIG_DFL


def _interrupt_once(*_: object) -> None:
    """Interrupt, and hear no further one: `timeout` and `uv run` send two, and the second must not disturb the end."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Let no signal interrupt what ends processes; that takes a few seconds at most."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            if signal.getsignal(number) is signal.SIG_IGN:  # otherwise somebody put back their own meanwhile
                signal.signal(number, handler)


def end_group(pid: int) -> None:
    """End a process that was started as the leader of its own group, with the whole group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _is_alive(record: Record) -> bool:
    try:
        return bool(abs(psutil.Process(record.pid).create_time() - record.started) < 1)
    except (psutil.Error, ValueError, OverflowError):
        return False


def _end(run: str) -> int:
    """End every process that carries the run's mark; return how many there were."""
    marked = list(_marked(run))
    for process in marked:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(marked, timeout=PATIENCE) if marked else ([], [])
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=PATIENCE)
    return len(marked)


def _marked(run: str) -> Iterator[psutil.Process]:
    for process in psutil.process_iter():
        # Another user's process can't be read, and is none of ours.
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(MARK) == run:
                yield process
