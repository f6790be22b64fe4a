"""Commands as a user gives them, in this repository and in small projects whose runtimes are scripts."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import psutil
import pytest

from parity import cli

from . import listing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .running import Running

REPOSITORY = Path(__file__).parents[2]
HELPER = Path(__file__).with_name("helper.py")
LONGEST = 900.0  # seconds; the first run of a fresh checkout builds the runtimes
SURFACES = {
    "audit_baselines": "files",
    "embedding": "helper",
    "extract_json": "helper",
    "matrix": "sequences",
    "subject_audit": "helper",
    "subject_audit_files": "files",
    "validate": "http",
    "validation_error": "helper",
    "vectors": "sequences",
}
"""The surfaces of this repository, and what they are reached by."""
PHASES = ["known_answers", "corpus", "sweep", "explore", "audit"]


def phases_of(surface: str) -> list[str]:
    """Return the phases of a surface of this repository."""
    further = ["interchange"] * (SURFACES[surface] == "files") + ["recall"] * (surface == "vectors")
    return [*PHASES[:-1], *further, PHASES[-1]]


PLANTED = {
    "audit_baselines": "drift-at-20-warn",
    "embedding": "upper-folded",
    "extract_json": "negative-zero",
    "matrix": "injected-uncounted",
    "subject_audit": "torn-is-tampered",
    "subject_audit_files": "key-for-all",
    "validate": "status-422",
    "validation_error": "unknown-variant-default",
    "vectors": "deleted-returned",
}
"""A bug for each of them that a short run finds, and that has the name of its cause."""
PROBE = """
from parity import Probe
from parity.generate.grammar import pick, repeat
{surface} = Probe(
    surface="{surface}",
    inputs=repeat(pick(*"abcdefghijklmnopqrstuvwxyz"), 1, 9, ""),
    cases=100,
    accepted={accepted},
)
"""
SCHEMA = {
    "type": "object",
    "properties": {"length": {"type": "integer"}},
    "required": ["length"],
    "additionalProperties": False,
}
PLANTS = """
[[plant]]
name = "off-by-one"
surface = "size"
what = "an input with a z is one longer"

[[plant]]
name = "nobody-has-it"
surface = "size"
what = "nothing"
"""


class Done:
    """What a command did."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def all(self) -> str:
        """Everything that it said."""
        return self.out + self.err

    @property
    def matrix(self) -> dict[str, tuple[str, str]]:
        """The transport and the verdict of each surface, as the matrix at the end shows them."""
        (table,) = re.findall(r"^surface +transport +cases .*\n((?:.+\n)+)", self.out, re.MULTILINE)
        rows = [re.split(r"  +", line.strip()) for line in table.splitlines()]
        return {row[0]: (row[1], row[-1]) for row in rows}

    def __repr__(self) -> str:
        return f"exit code {self.code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"


def environment(**more: str) -> dict[str, str]:
    """Return what a user's shell has, without what the run around this test may have put there."""
    unwanted = ("PYTEST_", "COV_", "FORCE_COLOR", "PY_COLORS", "NO_COLOR", "COLUMNS", "LAKEHOUSE_", "PARITY_RUN")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    path = os.pathsep.join([str(Path(sys.prefix) / "bin"), kept.get("PATH", "")])
    return kept | {"PATH": path, "COLUMNS": "200"} | more


def command(*arguments: object, cwd: Path, **more: str) -> Done:
    """Run a command in a pipe until it ends."""
    done = subprocess.run(
        [str(argument) for argument in arguments],
        cwd=cwd,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LONGEST,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


Main: TypeAlias = Callable[..., Done]
"""The command `parity`, run in the process of the tests."""


class Here:
    """This repository, with reports that go elsewhere. Whatever is about one surface only names it, to be fast."""

    root = REPOSITORY

    def __init__(self, folder: Path) -> None:
        self.report, self.cache = folder / "report", folder / "cache"

    def parity(self, *arguments: object, **more: str) -> Done:
        return command("parity", *arguments, cwd=self.root, **more)

    def run(self, *arguments: object, **more: str) -> Done:
        """Run `parity run` with few cases, of all surfaces unless one is named."""
        return self.parity("run", "--cases", 300, "--report", self.report, *arguments, **more)

    def pytest(self, *arguments: object, **more: str) -> Done:
        """Run `pytest parity/` with few cases, of all surfaces unless one is selected."""
        return self.pytest_of("parity/", *arguments, **more)

    def pytest_of(self, what: str, *arguments: object, **more: str) -> Done:
        """Run `pytest` on a folder, a file or a node id, with few cases."""
        cache = f"cache_dir={self.cache}"
        options = ["--parity-cases", 300, "--parity-report", self.report, "-o", cache]
        return command(sys.executable, "-m", "pytest", what, *options, *arguments, cwd=self.root, **more)

    def summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = json.loads((self.report / "summary.json").read_bytes())
        return summary


class Project:
    """A small project: its runtimes are scripts, its surface says how long an input is."""

    def __init__(self, root: Path) -> None:
        self.root, self.report, self.noted = root, root / "reports" / "parity", root / "noted"
        self.noted.mkdir()
        self._runtimes: dict[str, str] = {}
        self._table = ""
        self._surfaces: list[str] = []
        (root / "pytest.ini").write_text("[pytest]\naddopts = --import-mode=importlib -ra\nfilterwarnings = error\n")
        (root / "probes").mkdir()
        (root / "fixtures" / "contract").mkdir(parents=True)
        (root / "fixtures" / "contract" / "plants.toml").write_text(PLANTS)
        self.surface("size")

    def surface(self, name: str, accepted: str = "bool") -> None:
        """Declare a surface: its contract, a known answer and its probe."""
        if name not in self._surfaces:
            self._surfaces.append(name)
        contract = self.root / "fixtures" / "contract"
        rule = '[[rule]]\nname = "counts"\nsays = "length is the number of bytes"\nsource = "here"\n'
        (contract / f"{name}.rules.toml").write_text(rule)
        (contract / f"{name}.answer.schema.json").write_text(json.dumps(SCHEMA))
        self.known_answer("three", "abc", 3, name)
        (self.root / "probes" / f"test_{name}.py").write_text(PROBE.format(surface=name, accepted=accepted))

    def known_answer(self, name: str, text: str, length: int, surface: str = "size") -> None:
        """Add a known answer."""
        file = self.root / "fixtures" / "known_answers" / surface / f"{name}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        output = {"text": json.dumps({"length": length}, separators=(",", ":"))}
        answer = {"why": "a test", "rules": ["counts"], "input": {"text": text}, "output": output}
        file.write_text(json.dumps(answer))

    def table(self, text: str) -> None:
        """Add lines to the table [parity]."""
        self._table += text + "\n"

    def runtime(self, name: str, behaviour: str = "sound", **more: str) -> None:
        """Declare a runtime; `more` are further lines, as TOML."""
        helper = [sys.executable, "-I", "-S", str(HELPER), behaviour, str(self.noted), *self._surfaces]
        table = {"helper": repr(helper)} | more
        self._runtimes[name] = "\n".join(f"{key} = {value}" for key, value in table.items() if value)

    def write(self) -> None:
        """Write parity.toml as declared so far."""
        runtimes = "\n\n".join(
            f"[runtimes.{name}]\n{_identity(lines)}{lines}" for name, lines in self._runtimes.items()
        )
        parity = '[parity]\nprobes = ["probes"]\n' + self._table
        (self.root / "parity.toml").write_text(f"{parity}\n{runtimes}\n")

    def parity(self, *arguments: object, **more: str) -> Done:
        self.write()
        return command("parity", *arguments, cwd=self.root, **more)

    def pytest(self, *arguments: object, **more: str) -> Done:
        self.write()
        return command(sys.executable, "-m", "pytest", "probes", *arguments, cwd=self.root, **more)

    def reproduce(self, line: str) -> Done:
        """Run a command as a report gives it."""
        return reproduce(line, self.root)

    def summary(self) -> dict[str, Any]:
        summary: dict[str, Any] = json.loads((self.report / "summary.json").read_bytes())
        return summary

    def processes(self) -> list[int]:
        """Return every process that its helpers noted down."""
        return [int(file.name) for file in self.noted.iterdir()]


def reproduce(line: str, root: Path) -> Done:
    """Run a command as a report gives it; `uv run` only finds the environment that this is anyway."""
    words = shlex.split(line)
    assert words[:3] == ["uv", "run", "parity"]
    return command(*words[2:], cwd=root)


def runs(pid: int) -> bool:
    """Tell whether a process still runs; one that nobody reaped does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def left(pids: list[int]) -> list[int]:
    """Return those that still run, after a moment in which a killed one may end."""
    wait_until(lambda: not any(map(runs, pids)), 10, required=False)
    return [pid for pid in pids if runs(pid)]


def wait_until(condition: Callable[[], bool], seconds: float = 60, *, required: bool = True) -> None:
    """Poll until a condition holds."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            assert not required, f"not within {seconds} s"
            return
        time.sleep(0.02)


@pytest.fixture
def here(tmp_path: Path) -> Here:
    return Here(tmp_path)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path)
    yield project
    for pid in project.processes():
        if runs(pid):
            psutil.Process(pid).kill()


@pytest.fixture
def running() -> Iterator[list[Running]]:
    """Hold what a test starts; it ends with the test."""
    started: list[Running] = []
    yield started
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


@pytest.fixture
def pair(project: Project) -> Project:
    """Declare two sound runtimes."""
    project.runtime("one", reference="true")
    project.runtime("two")
    return project


@pytest.fixture
def main(pair: Project, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Main:
    """Run the command in this process, in the project: the same code, much faster."""

    def run(*arguments: str) -> Done:
        pair.write()
        monkeypatch.chdir(pair.root)
        monkeypatch.setenv("COLUMNS", "200")
        monkeypatch.delenv("FORCE_COLOR", raising=False)
        monkeypatch.setattr(sys, "argv", ["parity", *arguments])
        with pytest.raises(SystemExit) as left:
            cli.main()
        out, err = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, out, err)

    return run


@pytest.fixture
def wrong(pair: Project) -> Project:
    """Declare two runtimes of which one miscounts a y, and a probe that has a name for that."""
    (pair.root / "probes" / "test_size.py").write_text(listing.PROBE)
    pair.runtime("two", "wrong-at-y")
    return pair


@pytest.fixture
def listed(wrong: Project, main: Main) -> Project:
    """Let what the first run finds be known."""
    assert main("run").code == 1
    done = main("known", "add", listing.only(wrong), *listing.WHY)
    assert done.code == 0, done
    return wrong


def _identity(lines: str) -> str:
    """Return the line that says who the helper of these tests is, for a runtime that has a helper."""
    return 'identity = "fake"\n' if "helper" in lines and "callables" not in lines else ""
