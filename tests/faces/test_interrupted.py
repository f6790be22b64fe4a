"""A run that does not come to its end leaves what it had found, and no processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psutil
import pytest

from .conftest import HELPER, Here, Project, environment, left, runs, wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MARK = "PARITY_RUN"


class Running:
    """A command that runs."""

    def __init__(self, *command: object, cwd: Path, report: Path) -> None:
        self.report = report
        self.process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def summary(self) -> dict[str, Any]:
        """Return the summary as it stands; an empty one where there is none yet."""
        try:
            summary: dict[str, Any] = json.loads((self.report / "summary.json").read_bytes())
        except FileNotFoundError:
            return {}
        return summary

    def has_found(self) -> bool:
        """Tell whether it is in its sweep and a divergence is in its file."""
        assert self.process.poll() is None, self.process.communicate()
        surfaces = self.summary().get("surfaces", [])
        return any(surface["divergences"] and "corpus" in surface["phases"] for surface in surfaces)

    def marks(self) -> set[str]:
        """Return the marks of the processes that it started."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return {mark for child in children if (mark := _mark(child)) is not None}

    def end(self, how: signal.Signals) -> str:
        """Send a signal, and return what it said until it ended."""
        os.kill(self.process.pid, how)
        return self.process.communicate(timeout=120)[0]


@pytest.fixture
def running() -> Iterator[list[Running]]:
    """Hold what a test starts; it ends with the test."""
    started: list[Running] = []
    yield started
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def start_here(here: Here, running: list[Running], *more: object) -> Running:
    """Start a long planted run of this repository, and wait until it found something in mid-sweep."""
    options = ["--cases", 50_000_000, "--report", here.report, "--plant", "go=html-escaped"]
    one = Running("parity", "run", *options, *more, cwd=here.root, report=here.report)
    running.append(one)
    wait_until(one.has_found, 300)
    return one


def start_project(project: Project, running: list[Running], *command: object) -> Running:
    """Start a long run whose helpers do not end by themselves."""
    project.known_answer("bad", "BAD", 3)
    project.runtime("one", "lives-on")
    project.runtime("two", "wrong")
    project.write()
    one = Running(*command, cwd=project.root, report=project.report)
    running.append(one)
    wait_until(one.has_found, 60)
    return one


def carrying(marks: set[str]) -> list[int]:
    """Return the processes that carry one of the marks."""
    return [process.pid for process in psutil.process_iter() if _mark(process) in marks and runs(process.pid)]


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(MARK)
    except (psutil.Error, OSError):
        return None


RUN = ("parity", "run", "--cases", 50_000_000)
PYTEST = (sys.executable, "-m", "pytest", "probes", "--parity-cases", 50_000_000, "-p", "no:cacheprovider")


class TestKilled:
    def test_leaves_a_readable_summary_and_the_next_start_ends_its_processes(
        self, here: Here, running: list[Running]
    ) -> None:
        one = start_here(here, running)
        marks = one.marks()
        assert len(marks) == 1

        one.end(signal.SIGKILL)

        summary = one.summary()
        assert summary["complete"] is False
        assert summary["schema"] == "parity.summary.v1"
        assert summary["surfaces"][0]["divergences"][0]["partition"] == [["python", "rust"], ["go"]]
        assert here.parity("plants").code == 0
        assert left(carrying(marks)) == []

    def test_leaves_processes_that_do_not_end_to_the_next_start(self, project: Project, running: list[Running]) -> None:
        one = start_project(project, running, *RUN)
        marks, pids = one.marks(), project.processes()
        assert len(pids) == 3
        bystander = subprocess.Popen(
            [sys.executable, "-I", "-S", str(HELPER), "sound", str(project.noted)],
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
        )

        one.end(signal.SIGKILL)
        assert one.summary()["complete"] is False
        assert any(map(runs, pids))  # otherwise this would show nothing
        project.runtime("one")
        next_start = project.parity("plants")

        assert next_start.code == 0, next_start
        assert left(pids) == []
        assert carrying(marks) == []
        assert bystander.poll() is None
        bystander.communicate(timeout=30)
        assert left(project.processes()) == []


class TestInterrupted:
    @pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
    def test_parity_run_ends_with_a_readable_report(
        self, here: Here, running: list[Running], how: signal.Signals
    ) -> None:
        one = start_here(here, running)
        marks = one.marks()

        said = one.end(how)

        assert one.process.returncode not in {0, 1}
        summary = one.summary()
        assert summary["complete"] is False
        assert summary["surfaces"][0]["divergences"]
        assert left(carrying(marks)) == []
        if how is signal.SIGINT:
            assert "diverge (incomplete); reports in" in said
            assert "incomplete" in (here.report / "index.md").read_text()
            assert "Traceback" not in said
            assert "Task was destroyed" not in said

    def test_pytest_ends_what_does_not_end_by_itself(self, project: Project, running: list[Running]) -> None:
        one = start_project(project, running, *PYTEST)
        marks, pids = one.marks(), project.processes()

        said = one.end(signal.SIGINT)

        assert left(pids) == []
        assert carrying(marks) == []
        assert one.summary()["complete"] is False
        assert "(incomplete); reports in" in said
        assert "Task was destroyed" not in said
        assert list((project.root / ".parity" / "runs").iterdir()) == []

    def test_while_a_testee_hangs(self, project: Project, running: list[Running]) -> None:
        project.known_answer("bad", "BAD", 3)
        project.runtime("one")
        project.runtime("two", "hangs")
        project.table("deadline = 100.0")
        project.write()
        one = Running(*RUN, cwd=project.root, report=project.report)
        running.append(one)
        wait_until(lambda: len(project.processes()) == 2 and bool(one.summary().get("runtimes")), 60)
        wait_until(lambda: _is_idle(project.processes()), 60)

        said = one.end(signal.SIGINT)

        assert left(project.processes()) == []
        assert one.summary()["complete"] is False
        assert "Traceback" not in said
        assert "Task was destroyed" not in said
        assert "Exception" not in said


def _is_idle(pids: list[int]) -> bool:
    """Tell whether processes sleep, and have been asked something."""
    return all(psutil.Process(pid).status() == psutil.STATUS_SLEEPING for pid in pids)
