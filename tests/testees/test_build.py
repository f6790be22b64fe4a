"""A runtime is built when something that it depends on changed, and only then."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import msgspec
import pytest

from parity.errors import MissingToolError, StartError
from parity.processes import Processes
from parity.runtime_config import RuntimeConfig
from parity.testees import build as build_module
from parity.testees.build import Build, find_tool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

BUILD = """
import os, pathlib, sys
out = pathlib.Path(sys.argv[1])
with (out.parent / "built.log").open("a") as log:
    log.write(f"{os.environ.get('LAKEHOUSE_PLANT')}\\n")
(out / "product").write_text(pathlib.Path("main.txt").read_text())
"""
CONFIG = RuntimeConfig(
    directory="runtime",
    sources=("main.txt", "src"),
    build=("{python}", "-I", "-S", "build.py", "{out}"),
)
FAILS = "for at in range(100): print('line', at)\nraise SystemExit('the last word')"


class Project:
    """A folder with one fake runtime, whose build script keeps a log."""

    def __init__(self, root: Path) -> None:
        self.root, self.state = root, root / "state"
        self.directory = root / "runtime"
        (self.directory / "src" / "deep").mkdir(parents=True)
        (self.directory / "main.txt").write_text("one")
        (self.directory / "src" / "deep" / "part.txt").write_text("part")
        (self.directory / "build.py").write_text(BUILD)
        self.processes = Processes(self.state)

    def build(self, **changed: object) -> Build:
        config = msgspec.structs.replace(CONFIG, **changed)
        return Build("fake", config, self.root, self.state, self.processes)

    @property
    def builds(self) -> int:
        return len((self.state / "build" / "built.log").read_text().splitlines())


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project(tmp_path)
    yield project
    project.processes.close()


class TestFreshness:
    def test_what_is_unchanged_is_not_built_again(self, project: Project) -> None:
        assert project.build().make() is True
        assert project.build().make() is False
        assert project.builds == 1
        assert (project.build().out / "product").read_text() == "one"

    @pytest.mark.parametrize(
        "change",
        [
            lambda folder: (folder / "main.txt").write_text("two"),
            lambda folder: (folder / "src" / "deep" / "part.txt").write_text("other"),
            lambda folder: (folder / "src" / "new.txt").touch(),
            lambda folder: (folder / "src" / "deep" / "part.txt").unlink(),
            lambda folder: (folder / "src" / "deep" / "part.txt").rename(folder / "src" / "deep" / "moved.txt"),
        ],
        ids=["a file", "a file in a folder", "one more", "one less", "renamed"],
    )
    def test_a_changed_source_is_built(self, project: Project, change: Callable[[Path], object]) -> None:
        project.build().make()
        change(project.directory)

        assert project.build().make() is True
        assert project.build().make() is False

    @pytest.mark.parametrize(
        "changed",
        [
            {"build": (*CONFIG.build, "--release")},
            {"gate": ("{python}", "-c", "pass")},
            {"environment": {"LEVEL": "3"}},
        ],
    )
    def test_a_changed_command_is_built(self, project: Project, changed: dict[str, object]) -> None:
        project.build().make()

        assert project.build(**changed).make() is True

    def test_a_changed_tool_is_built(self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        tool = _tool(tmp_path / "bin", "my-compiler")
        monkeypatch.setenv("PATH", str(tool.parent), prepend=os.pathsep)
        assert project.build(needs=("my-compiler",)).make() is True
        assert project.build(needs=("my-compiler",)).make() is False
        tool.write_text("#!/bin/sh\n# version 2\n")

        assert project.build(needs=("my-compiler",)).make() is True

    @pytest.mark.parametrize("name", ["src/__pycache__/part.pyc", "notes.txt"])
    def test_what_is_no_source_changes_nothing(self, project: Project, name: str) -> None:
        project.build().make()
        file = project.directory / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("something")

        assert project.build().make() is False

    def test_two_at_once_build_one_after_the_other(self, project: Project) -> None:
        made: list[bool] = []
        threads = [threading.Thread(target=lambda: made.append(project.build().make())) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(made) == [False, False, False, True]
        assert project.builds == 1

    def test_the_build_is_never_planted(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LAKEHOUSE_PLANT", "last-object")
        project.build().make()

        assert (project.state / "build" / "built.log").read_text() == "None\n"


class TestFailure:
    def test_a_failing_build_shows_its_last_lines(self, project: Project) -> None:
        (project.directory / "build.py").write_text(FAILS)

        with pytest.raises(StartError, match="runtime 'fake' does not build") as caught:
            project.build().make()

        lines = str(caught.value).splitlines()
        assert lines[-2:] == ["line 99", "the last word"] or lines[-1] == "line 99"
        assert len(lines) == 1 + build_module.LAST_LINES

    def test_a_failing_gate_shows_its_last_lines(self, project: Project) -> None:
        (project.directory / "gate.py").write_text(FAILS)

        with pytest.raises(StartError, match="runtime 'fake' fails its own unit tests") as caught:
            project.build(gate=("{python}", "gate.py")).make()

        assert "the last word" in str(caught.value)
        assert project.builds == 1

    def test_what_failed_is_tried_again(self, project: Project) -> None:
        (project.directory / "gate.py").write_text(FAILS)
        gated = project.build(gate=("{python}", "gate.py"))
        for _ in range(2):
            with pytest.raises(StartError):
                gated.make()
        (project.directory / "gate.py").write_text("")

        assert gated.make() is True
        assert gated.make() is False

    def test_a_failed_build_spoils_the_one_before(self, project: Project) -> None:
        """What a failing build leaves may be half of a product, so going back to the old sources is a build."""
        project.build().make()
        (project.directory / "main.txt").write_bytes(b"\xff")
        with pytest.raises(StartError):
            project.build().make()
        (project.directory / "main.txt").write_text("one")

        assert project.build().make() is True

    def test_a_program_that_is_not_there_is_a_sentence(self, project: Project) -> None:
        with pytest.raises(StartError, match="does not build: /nowhere/make: No such file"):
            project.build(build=("/nowhere/make",)).make()

    def test_a_build_that_never_ends_is_ended(self, project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(build_module, "LONGEST_BUILD", 0.3)
        (project.directory / "build.py").write_text("import time; time.sleep(60)")

        with pytest.raises(StartError, match=r"does not build: .* took over 0\.3 s"):
            project.build().make()

    def test_a_missing_folder_is_named(self, project: Project) -> None:
        with pytest.raises(StartError, match="the folder elsewhere of runtime 'fake' does not exist"):
            project.build(directory="elsewhere").make()

    def test_a_missing_source_is_named(self, project: Project) -> None:
        with pytest.raises(StartError, match="runtime 'fake' names the source 'lib', which does not exist"):
            project.build(sources=("main.txt", "lib")).make()

    def test_a_missing_tool_is_named_with_its_remedy(self, project: Project) -> None:
        with pytest.raises(MissingToolError, match="no-such-tool-x was not found; install no-such-tool-x"):
            project.build(needs=("no-such-tool-x",)).make()
        assert not (project.state / "build" / "built.log").exists()


class TestFindTool:
    @pytest.fixture
    def folders(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
        monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
        monkeypatch.setenv("HOME", str(tmp_path))
        own, machine = tmp_path / "venv" / "bin", tmp_path / "machine"
        monkeypatch.setenv("PATH", os.pathsep.join([str(own), "", str(machine)]))
        return own, machine

    def test_prefers_the_machines_own(self, folders: tuple[Path, Path]) -> None:
        own, machine = folders
        _tool(own, "go")
        wanted = _tool(machine, "go")

        assert find_tool("go") == str(wanted)

    def test_takes_the_environments_where_the_machine_has_none(self, folders: tuple[Path, Path]) -> None:
        own, machine = folders
        machine.mkdir()
        wanted = _tool(own, "go")

        assert find_tool("go") == str(wanted)

    def test_knows_where_rustup_installs(self, folders: tuple[Path, Path]) -> None:
        wanted = _tool(folders[0].parents[1] / ".cargo" / "bin", "cargo")

        assert find_tool("cargo") == str(wanted)

    def test_does_not_take_what_cannot_be_run(self, folders: tuple[Path, Path]) -> None:
        _tool(folders[1], "go").chmod(0o644)

        with pytest.raises(MissingToolError, match="go was not found"):
            find_tool("go")

    @pytest.mark.parametrize("name", build_module.REMEDIES)
    def test_names_the_remedy(self, folders: tuple[Path, Path], name: str) -> None:
        assert not folders[0].exists()
        with pytest.raises(MissingToolError) as caught:
            find_tool(name)

        assert str(caught.value) == f"{name} was not found; {build_module.REMEDIES[name]}"


class TestCommit:
    @pytest.fixture
    def commit(self, project: Project) -> str:
        _git(project.root, "init", "--quiet")
        (project.root / ".gitignore").write_text("state/\n")
        _git(project.root, "add", ".")
        _git(project.root, "commit", "--quiet", "-m", "all of it")
        return _git(project.root, "rev-parse", "HEAD")

    def test_is_the_one_that_is_checked_out(self, project: Project, commit: str) -> None:
        assert _built_from(project) == commit[:12]

    @pytest.mark.parametrize("name", ["main.txt", "src/deep/part.txt", "src/new.txt"])
    def test_is_marked_where_a_source_differs(self, project: Project, commit: str, name: str) -> None:
        (project.directory / name).write_text("changed")

        assert _built_from(project) == f"{commit[:12]}-dirty"

    def test_is_not_marked_for_anything_else(self, project: Project, commit: str) -> None:
        (project.directory / "notes.txt").write_text("changed")

        assert _built_from(project) == commit[:12]

    def test_is_unknown_outside_of_a_repository(
        self, project: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))

        assert _built_from(project) == "unknown"

    def test_is_the_new_one_after_a_commit_of_the_same_sources(self, project: Project, commit: str) -> None:
        """A product that carries its commit must not go on to call itself dirty once its sources are committed."""
        write = "import pathlib, sys; pathlib.Path(sys.argv[1], 'commit').write_text(sys.argv[2])"
        stamped = {"build": ("{python}", "-c", write, "{out}", "{commit}")}
        (project.directory / "main.txt").write_text("changed")
        project.build(**stamped).make()
        assert (project.build().out / "commit").read_text() == f"{commit[:12]}-dirty"
        _git(project.root, "commit", "--quiet", "--all", "-m", "the change")

        project.build(**stamped).make()

        new = _git(project.root, "rev-parse", "HEAD")
        assert (project.build().out / "commit").read_text() == new[:12]


class TestEnvironment:
    def test_has_the_plant_that_was_asked_for_and_no_other(
        self, project: Project, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("LAKEHOUSE_PLANT", "from-outside")

        assert "LAKEHOUSE_PLANT" not in project.build().environment()
        assert project.build().environment("asked-for")["LAKEHOUSE_PLANT"] == "asked-for"

    def test_has_the_tools_first_on_its_path(
        self, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tool = _tool(tmp_path / "tools", "my-compiler")
        monkeypatch.setenv("PATH", str(tool.parent), prepend=os.pathsep)

        environment = project.build(needs=("my-compiler",)).environment()

        assert environment["PATH"].split(os.pathsep)[0] == str(tool.parent)

    def test_a_command_is_filled_in(self, project: Project) -> None:
        filled = project.build().fill(["{python}", "{out}/helper", "plain"])

        assert filled == [sys.executable, f"{project.state}/build/fake/helper", "plain"]


def _built_from(project: Project) -> str:
    """Return the commit that a runtime is told of."""
    return project.build(environment={"COMMIT": "{commit}"}).environment()["COMMIT"]


def _tool(folder: Path, name: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    tool = folder / name
    tool.write_text("#!/bin/sh\n")
    tool.chmod(0o755)
    return tool


def _git(root: Path, *arguments: str) -> str:
    me = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", *me, *arguments], cwd=root, capture_output=True, text=True, check=True)
    return done.stdout.strip()
