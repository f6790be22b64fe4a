"""No process outlives its run; and no process is ended that is not a run's own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import psutil
import pytest

from parity import processes as processes_module
from parity.processes import MARK, PLANT, Processes

if TYPE_CHECKING:
    from collections.abc import Iterator

SLEEPER = "import time; time.sleep(120)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(120)"
)
HARNESS = """
import pathlib, subprocess, sys, time
from parity.processes import Processes
processes = Processes(pathlib.Path(sys.argv[1]))
command = [sys.executable, "-I", "-S", "-c", "import time; time.sleep(120)"]
for _ in range(2):
    print(subprocess.Popen(command, env=processes.environment({}), start_new_session=True).pid, flush=True)
print("up", flush=True)
time.sleep(120)
"""

Start: TypeAlias = Callable[..., subprocess.Popen[str]]


@pytest.fixture(autouse=True)
def _short_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes_module, "PATIENCE", 0.3)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a Python program; it ends with the test."""
    started: list[subprocess.Popen[str]] = []

    def run(code: str, *arguments: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", code, *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, start_new_session=True)
        started.append(process)
        return process

    yield run
    for process in started:
        process.kill()
        process.communicate()


def harness(start: Start, state: Path) -> tuple[subprocess.Popen[str], list[int]]:
    """Start a harness with two processes of its own; return it with their numbers."""
    process = start(HARNESS, str(state))
    assert process.stdout is not None
    pids = []
    while (line := process.stdout.readline().strip()) != "up":
        pids.append(int(line))
    return process, pids


def runs(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def left(pids: list[int]) -> list[int]:
    """Return those that still run, after a moment in which they may end."""
    until = time.monotonic() + 10
    while (found := [pid for pid in pids if runs(pid)]) and time.monotonic() < until:
        time.sleep(0.02)
    return found


class TestEnvironment:
    def test_strips_the_callers_plant(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(PLANT, "from-outside")
        monkeypatch.setenv("KEPT", "yes")
        processes = Processes(tmp_path)

        environment = processes.environment({"OURS": "1"})

        assert PLANT not in environment
        assert (environment["KEPT"], environment["OURS"], environment[MARK]) == ("yes", "1", processes.run)
        assert os.environ[PLANT] == "from-outside"

    def test_hands_on_the_plant_that_was_asked_for(self, tmp_path: Path) -> None:
        assert Processes(tmp_path).environment({}, "asked-for")[PLANT] == "asked-for"

    def test_no_two_runs_share_a_mark(self, tmp_path: Path) -> None:
        assert Processes(tmp_path).run != Processes(tmp_path).run

    def test_the_mark_of_a_run_around_this_one_is_not_passed_on(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(MARK, "of-another-run")
        processes = Processes(tmp_path)

        assert processes.environment({})[MARK] == processes.run


class TestClose:
    def test_ends_what_carries_the_mark_and_nothing_else(self, tmp_path: Path, start: Start) -> None:
        processes, other = Processes(tmp_path), Processes(tmp_path)
        mine = start(SLEEPER, environment=processes.environment({}))
        others = start(SLEEPER, environment=other.environment({}))
        unmarked = start(SLEEPER)

        processes.close()

        assert left([mine.pid]) == []
        assert runs(others.pid)
        assert runs(unmarked.pid)
        other.close()
        assert left([others.pid]) == []

    def test_ends_what_does_not_want_to(self, tmp_path: Path, start: Start) -> None:
        processes = Processes(tmp_path)
        stubborn = start(STUBBORN, environment=processes.environment({}))
        assert stubborn.stdout is not None
        assert stubborn.stdout.readline() == "up\n"

        processes.close()

        assert left([stubborn.pid]) == []

    def test_forgets_the_run(self, tmp_path: Path) -> None:
        processes = Processes(tmp_path)
        assert len(list((tmp_path / "runs").iterdir())) == 1
        processes.close()
        processes.close()

        assert list((tmp_path / "runs").iterdir()) == []


class TestLeftovers:
    def test_of_a_killed_run_are_ended_at_the_next_start(self, tmp_path: Path, start: Start) -> None:
        killed, pids = harness(start, tmp_path)
        unmarked = start(SLEEPER)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait(10)
        assert all(runs(pid) for pid in pids)

        processes = Processes(tmp_path)

        assert processes.ended_leftovers == 2
        assert left(pids) == []
        assert runs(unmarked.pid)
        assert [file.stem for file in (tmp_path / "runs").iterdir()] == [processes.run]
        processes.close()

    def test_of_a_run_that_still_runs_are_left_alone(self, tmp_path: Path, start: Start) -> None:
        living, pids = harness(start, tmp_path)

        processes = Processes(tmp_path)

        assert processes.ended_leftovers == 0
        assert living.poll() is None
        assert all(runs(pid) for pid in pids)
        assert len(list((tmp_path / "runs").iterdir())) == 2
        processes.close()
        assert all(runs(pid) for pid in pids)
        os.kill(living.pid, signal.SIGKILL)
        living.wait(10)
        assert Processes(tmp_path).ended_leftovers == 2

    def test_of_a_run_whose_number_another_process_has_now(self, tmp_path: Path, start: Start) -> None:
        """The number alone does not say that the run is alive: this very process has it, and started later."""
        orphan = start(SLEEPER, environment=dict(os.environ) | {MARK: "old-run"})
        record = {"run": "old-run", "pid": os.getpid(), "started": psutil.Process().create_time() - 5000}
        _keep(tmp_path, json.dumps(record).encode())

        assert Processes(tmp_path).ended_leftovers == 1
        assert left([orphan.pid]) == []

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"\xff\xfe",
            b"[]",
            b"null",
            b'{"run":"x"}',
            b'{"run":"x","pid":"many","started":0}',
            b'{"run":"\xff","pid":1,"started":0}',
            b'{"run":"x","pid":-1,"started":0}',
            b'{"run":"x","pid":99999999999999,"started":0}',
            b'{"x":' + b"[" * 5000,
        ],
    )
    def test_records_that_are_broken_are_no_obstacle(self, tmp_path: Path, start: Start, content: bytes) -> None:
        _keep(tmp_path, content)
        bystander = start(SLEEPER)

        processes = Processes(tmp_path)

        assert processes.ended_leftovers == 0
        assert runs(bystander.pid)
        assert [file.stem for file in (tmp_path / "runs").iterdir()] == [processes.run]
        processes.close()

    def test_a_record_that_is_being_written_is_not_thrown_away(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Two workers of xdist start together: one must not take the other's half-written record for a broken one."""
        others: list[Processes] = []

        def write(file: Path, data: bytes) -> int:
            with file.open("wb") as opened:
                if not others:
                    others.append(Processes.__new__(Processes))
                    others[0].__init__(tmp_path)  # type: ignore[misc]
                return opened.write(data)

        monkeypatch.setattr(Path, "write_bytes", write)

        mine = Processes(tmp_path)

        kept = {file.stem for file in (tmp_path / "runs").glob("*.json")}
        assert kept == {mine.run, others[0].run}


def _keep(state: Path, content: bytes) -> None:
    (state / "runs").mkdir()
    (state / "runs" / "old.json").write_bytes(content)
