"""One service of the runtime under load: started, watched, and started again when it ends."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import threading
import time
from collections import Counter, deque
from typing import IO, TYPE_CHECKING
from urllib.request import urlopen

import msgspec
import psutil

from loadgen.summary import Daemon, Line, Reading
from parity.errors import StartError
from parity.processes import end_group

if TYPE_CHECKING:
    from pathlib import Path

    from parity.testees.build import Build

START_PATIENCE = 60.0
STOP_PATIENCE = 5.0
MOST_RESTARTS = 1_000
LAST_LINES = 20
PANIC = re.compile(r"\bpanic(?:ked)?\b", re.IGNORECASE)
DIFFERING = re.compile(r"0x[0-9a-f]+|\d+")
"""What differs from one line of the same panic to the next."""
MOST_PANIC_LINES = 5
MEBI = 1024 * 1024


class Health(msgspec.Struct):
    """What of a service's health is of use here."""

    runtime: str = ""
    commit: str = ""
    plants: tuple[str, ...] = ()
    planted: str | None = None


class Kept:
    """One service: started, watched, started again when it ends."""

    def __init__(self, name: str, command: list[str], build: Build, log: Path) -> None:
        self.name, self._command, self._build = name, command, build
        self._log = log.open("ab")
        self.plant: str | None = None
        self.variables: dict[str, str] = {}
        """Of its environment, beside those of its runtime."""
        self.port = _free_port()
        self.restarts = 0
        self.readings: list[Reading] = []
        self._panics: dict[str, tuple[str, int]] = {}
        self._panicked = 0
        self._last: deque[str] = deque(maxlen=LAST_LINES)
        self._died_saying = ""
        self._process: subprocess.Popen[bytes] | None = None
        self._watched: psutil.Process | None = None
        self._worked = 0.0
        self._looked = 0.0
        self._lock = threading.Lock()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Health:
        """Start it and return what its health says. Raises StartError."""
        self._spawn()
        deadline = time.monotonic() + START_PATIENCE
        assert self._process is not None
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                time.sleep(0.1)  # its last words may still be on the way
                raise StartError(f"{self.name} does not start: {self._said() or 'it says nothing'}")
            with contextlib.suppress(OSError, msgspec.MsgspecError), urlopen(f"{self.url}/health", timeout=5) as answer:  # noqa: S310 - ours
                return msgspec.json.decode(answer.read(), type=Health)
            time.sleep(0.02)
        raise StartError(f"{self.name} does not answer its health within {START_PATIENCE:g} s")

    def _spawn(self) -> None:
        command = [part.replace("{port}", str(self.port)) for part in self._command]
        try:
            self._process = subprocess.Popen(
                command,
                cwd=self._build.directory,
                env=self._build.environment(self.plant) | self.variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise StartError(f"{self.name} cannot be started: {command[0]}: {error.strerror}") from None
        assert self._process.stderr is not None
        threading.Thread(target=self._listen, args=(self._process.stderr,), daemon=True).start()
        with contextlib.suppress(psutil.Error):
            self._watched = psutil.Process(self._process.pid)
        self._worked, self._looked = 0.0, time.monotonic()

    def _listen(self, said: IO[bytes]) -> None:
        """Keep its log, and count what tells of a panic."""
        for line in said:
            text = line.decode("utf-8", "backslashreplace").rstrip()
            with self._lock:
                self._last.append(text)
                if PANIC.search(text):
                    self._panicked += 1
                    first, count = self._panics.get(DIFFERING.sub("#", text), (text, 0))
                    self._panics[DIFFERING.sub("#", text)] = first, count + 1
            with contextlib.suppress(OSError):  # a full disk must neither hide a panic nor hold up the service
                self._log.write(line)
                self._log.flush()

    def _said(self) -> str:
        with self._lock:
            return "\n".join(self._last)

    def look(self, second: float) -> None:
        """Take its footprint, and start it again if it has ended."""
        if self._process is not None and self._process.poll() is not None and self.restarts < MOST_RESTARTS:
            self._died_saying = self._said()
            self.restarts += 1
            with contextlib.suppress(StartError):
                self._spawn()
            return
        if self._watched is None:
            return
        with contextlib.suppress(psutil.Error):
            with self._watched.oneshot():
                times = self._watched.cpu_times()
                resident = self._watched.memory_info().rss / MEBI
            files = self._watched.num_fds()
            now, worked = time.monotonic(), times.user + times.system
            cpu = (worked - self._worked) / (now - self._looked) if self._looked and now > self._looked else 0.0
            self._worked, self._looked = worked, now
            self.readings.append(Reading(round(second, 2), self.name, resident, max(0.0, cpu), files, self.restarts))

    def begin(self) -> None:
        """Forget what came before the run."""
        with self._lock:
            self._panics, self._panicked = {}, 0
        self.readings, self.restarts, self._died_saying = [], 0, ""
        self.look(0.0)  # so that CPU is counted from here
        self.readings.clear()

    def daemon(self) -> Daemon:
        """Return what came of it."""
        with self._lock:
            commonest = Counter(dict(self._panics.values())).most_common(MOST_PANIC_LINES)
        readings = self.readings
        return Daemon(
            self.name,
            max((one.resident_mib for one in readings), default=None),
            readings[-1].resident_mib if readings else None,
            sum(one.cpu for one in readings) / len(readings) if readings else None,
            max((one.cpu for one in readings), default=None),
            max((one.open_files for one in readings), default=None),
            self.restarts,
            self._panicked,
            [Line(text, count) for text, count in commonest],
            self._died_saying,
        )

    def stop(self) -> None:
        """End it with its group."""
        process = self._process
        if process is not None:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(STOP_PATIENCE)
            end_group(process.pid)
            process.wait()
        self._process = None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
