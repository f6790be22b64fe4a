"""A run that does not come to its end leaves what it had found, and no processes."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.transports.services import SCRIPT as SERVICE

from .conftest import HELPER, Here, Project, environment, left, runs, wait_until
from .running import Running, carrying

if TYPE_CHECKING:
    from pathlib import Path

CASES = 50_000_000
RUN = ("parity", "run", "--cases", CASES)
PYTEST = (sys.executable, "-m", "pytest", "probes", "--parity-cases", CASES, "-p", "no:cacheprovider")
SIGNALS = pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
FACES = pytest.mark.parametrize("command", [RUN, PYTEST], ids=["parity-run", "pytest"])
SURFACES = pytest.mark.parametrize(
    ("surface", "plant"), [("extract_json", "html-escaped"), ("validate", "status-422")], ids=["helpers", "services"]
)
HOOKS = {
    "a-second-interruption": "def pytest_keyboard_interrupt():\n    raise KeyboardInterrupt\n",
    "exit-code-0": "import pytest\ndef pytest_runtest_logfinish():\n    pytest.exit('enough', 0)\n",
    "exit-code-1": "import pytest\ndef pytest_runtest_logfinish():\n    pytest.exit('enough', 1)\n",
}


def start_here(here: Here, running: list[Running], surface: str, plant: str, *, pytest_face: bool = False) -> Running:
    """Start a long planted run of this repository, and wait until it found something in mid-sweep."""
    dash = "--parity-" if pytest_face else "--"
    options = [f"{dash}cases", CASES, f"{dash}report", here.report, f"{dash}plant", f"go={plant}"]
    command: list[object] = ["parity", "run", surface]
    if pytest_face:
        command = [sys.executable, "-m", "pytest", f"parity/probes/test_{surface}.py", "-p", "no:cacheprovider"]
    return begin(running, [*command, *options], here.root, here.report)


def start_project(project: Project, running: list[Running], *command: object) -> Running:
    """Start a long run whose helpers do not end by themselves."""
    project.known_answer("bad", "BAD", 3)
    project.runtime("one", "lives-on")
    project.runtime("two", "wrong")
    project.write()
    return begin(running, command, project.root, project.report)


def begin(running: list[Running], command: tuple[object, ...] | list[object], root: Path, report: Path) -> Running:
    one = Running(*command, cwd=root, report=report)
    running.append(one)
    wait_until(one.has_found, 300)
    return one


def records(root: Path) -> list[str]:
    """Return the runs that still have to be tidied up."""
    return [file.stem for file in (root / ".parity" / "runs").glob("*.json")]


def assert_no_noise(said: str) -> None:
    for noise in ("Traceback", "Task was destroyed", "Exception", "RuntimeWarning", "INTERNALERROR"):
        assert noise not in said


class TestKilled:
    @SURFACES
    def test_leaves_a_readable_summary_and_the_next_start_ends_its_processes(
        self, here: Here, running: list[Running], surface: str, plant: str
    ) -> None:
        one = start_here(here, running, surface, plant)
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
    @SIGNALS
    @SURFACES
    def test_parity_run_ends_with_a_readable_report(
        self, here: Here, running: list[Running], surface: str, plant: str, how: signal.Signals
    ) -> None:
        one = start_here(here, running, surface, plant)
        marks, pids = one.marks(), [child.pid for child in one.children()]
        assert len(pids) == 12  # a helper, two services and what works on files, of each runtime

        said = one.end(how)

        assert one.process.returncode == 3
        assert left(pids) == []
        assert carrying(marks) == []
        assert not marks & set(records(here.root))
        summary = one.summary()
        assert summary["complete"] is False
        assert summary["surfaces"][0]["divergences"]
        assert "parity: interrupted; what was found so far follows" in said
        assert "diverge (incomplete); reports in" in said
        assert "incomplete" in (here.report / "index.md").read_text()
        assert_no_noise(said)

    @SIGNALS
    def test_pytest_ends_its_services(self, here: Here, running: list[Running], how: signal.Signals) -> None:
        one = start_here(here, running, "validate", "status-422", pytest_face=True)
        marks, pids = one.marks(), [child.pid for child in one.children()]
        assert len(pids) == 12

        said = one.end(how)

        assert one.process.returncode not in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED}
        assert left(pids) == []
        assert carrying(marks) == []
        assert not marks & set(records(here.root))
        assert one.summary()["complete"] is False
        # pytest may fail to show where it was interrupted: some places of CPython 3.11 have no line number.
        assert "Task was destroyed" not in said

    @SIGNALS
    def test_pytest_ends_what_does_not_end_by_itself(
        self, project: Project, running: list[Running], how: signal.Signals
    ) -> None:
        one = start_project(project, running, *PYTEST)
        marks, pids = one.marks(), project.processes()

        said = one.end(how)

        assert one.process.returncode == pytest.ExitCode.INTERRUPTED, said
        assert left(pids) == []
        assert carrying(marks) == []
        assert one.summary()["complete"] is False
        assert "(incomplete); reports in" in said
        assert_no_noise(said)
        assert records(project.root) == []

    @pytest.mark.parametrize("to", ["controller", "everybody"])
    def test_workers_of_pytest_end_what_they_started(self, project: Project, running: list[Running], to: str) -> None:
        """SIGTERM reaches just the process that a person started, or all of a group, as of a container that stops."""
        one = start_project(project, running, *PYTEST, "-n", "2")
        marks, pids = one.marks(), project.processes()
        workers = psutil.Process(one.process.pid).children()
        assert len(workers) == 2

        for worker in workers if to == "everybody" else ():
            worker.terminate()
        one.end(signal.SIGTERM)

        assert one.process.returncode not in {0, 1}
        wait_until(lambda: not any(map(runs, [worker.pid for worker in workers])), 60)
        assert left(pids) == []
        assert carrying(marks) == []
        assert records(project.root) == []
        summary = one.summary()
        assert summary["complete"] is False
        assert summary["surfaces"][0]["divergences"]

    @SIGNALS
    def test_while_a_testee_hangs(self, project: Project, running: list[Running], how: signal.Signals) -> None:
        project.known_answer("bad", "BAD", 3)
        project.runtime("one")
        project.runtime("two", "hangs")
        project.table("deadline = 100.0")
        project.write()
        one = Running(*RUN, cwd=project.root, report=project.report)
        running.append(one)
        wait_until(lambda: len(project.processes()) == 2 and bool(one.summary().get("runtimes")), 60)
        wait_until(lambda: _is_idle(project.processes()), 60)

        said = one.end(how)

        assert left(project.processes()) == []
        assert one.summary()["complete"] is False
        assert_no_noise(said)

    @SIGNALS
    def test_of_replay_while_a_testee_hangs(
        self, project: Project, running: list[Running], how: signal.Signals
    ) -> None:
        project.runtime("one")
        project.runtime("two", "hangs")
        project.table("deadline = 100.0")
        project.write()
        one = Running("parity", "replay", "size:QkFE", cwd=project.root, report=project.report)
        running.append(one)
        wait_until(lambda: len(project.processes()) == 2, 60)
        wait_until(lambda: _is_idle(project.processes()), 60)

        said = one.end(how)

        assert one.process.returncode not in {0, 1}
        assert left(project.processes()) == []
        assert records(project.root) == []
        assert_no_noise(said)

    @FACES
    @pytest.mark.parametrize("way", ["helper", "service"])
    def test_while_a_testee_starts(
        self, project: Project, running: list[Running], command: tuple[object, ...], way: str
    ) -> None:
        service = [sys.executable, "-I", "-S", str(SERVICE), "never-listens", "{port}", str(project.noted)]
        project.runtime("one")
        project.runtime("two", "silent", **({"helper": "", "service": repr(service)} if way == "service" else {}))
        project.write()
        one = Running(*command, cwd=project.root, report=project.report)
        running.append(one)
        wait_until(lambda: len(project.processes()) == 2, 60)
        wait_until(lambda: _is_idle(project.processes()), 60)

        said = one.end(signal.SIGTERM)

        assert one.process.returncode not in {0, 1}
        assert left(project.processes()) == []
        assert records(project.root) == []
        assert one.summary()["complete"] is False
        assert_no_noise(said)


class TestInterruptedTwice:
    """`timeout` sends SIGTERM to its child and to its child's group; `uv run` hands on what it gets as well."""

    @FACES
    def test_ends_what_does_not_end_by_itself(
        self, project: Project, running: list[Running], command: tuple[object, ...]
    ) -> None:
        one = start_project(project, running, *command)
        marks, pids = one.marks(), project.processes()

        one.send(signal.SIGTERM)
        time.sleep(0.5)  # ending takes two seconds here
        one.end(signal.SIGTERM)

        assert one.process.returncode not in {0, 1}
        assert left(pids) == []
        assert carrying(marks) == []
        assert records(project.root) == []
        assert one.summary()["complete"] is False

    def test_by_timeout_ends_its_services(self, here: Here, running: list[Running]) -> None:
        one = start_here(here, running, "validate", "status-422")
        marks, pids = one.marks(), [child.pid for child in one.children()]

        one.send(signal.SIGTERM)
        time.sleep(0.05)
        said = one.end(signal.SIGTERM)

        assert one.process.returncode == 3
        assert left(pids) == []
        assert carrying(marks) == []
        assert "diverge (incomplete); reports in" in said
        assert_no_noise(said)


class TestEndedEarly:
    @pytest.mark.parametrize("hook", HOOKS.values(), ids=HOOKS)
    def test_is_not_complete(self, pair: Project, hook: str) -> None:
        """However pytest leaves its tests: what no phase looked at is not agreed upon."""
        (pair.root / "conftest.py").write_text(hook)
        if "keyboard" in hook:
            pair.surface("size", accepted='lambda answer: exec("raise KeyboardInterrupt")')

        done = pair.pytest()

        summary = pair.summary()
        assert [surface["phases"] for surface in summary["surfaces"]] in ([], [["known_answers"]])
        assert summary["complete"] is False, done
        assert left(pair.processes()) == []


def _is_idle(pids: list[int]) -> bool:
    """Tell whether processes sleep, and have been asked something."""
    return all(psutil.Process(pid).status() == psutil.STATUS_SLEEPING for pid in pids)
