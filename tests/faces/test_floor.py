"""`parity floor update`, and the runs that hold a probe to it."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from .listing import refusal
from .usage import assert_usage_error, run_inside

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Main, Project

SINKS = "the floor of size would sink from 2 known answers and 1 rules to 1 and 1; if that is meant, say --lower"


def the_floor(project: Project) -> Path:
    return project.root / "fixtures" / "floor.toml"


def floors(project: Project) -> dict[str, dict[str, int]]:
    return tomllib.loads(the_floor(project).read_text())


def forget(project: Project) -> None:
    """Take a known answer away."""
    (project.root / "fixtures" / "known_answers" / "size" / "two.json").unlink()


@pytest.fixture
def floored(pair: Project, main: Main) -> Project:
    """Write the floor of a surface with two known answers and a rule."""
    pair.known_answer("two", "ab", 2)
    done = main("floor", "update")
    assert done.code == 0, done
    return pair


class TestUpdate:
    def test_writes_what_is_there_and_says_so(self, floored: Project, main: Main) -> None:
        assert floors(floored) == {"size": {"known_answers": 2, "rules": 1}}
        assert main("floor", "update").out == f"size: 2 known answers, 1 rules\nwritten to {the_floor(floored)}\n"

    def test_raises(self, floored: Project, main: Main) -> None:
        floored.known_answer("four", "abcd", 4)
        rules = floored.root / "fixtures" / "contract" / "size.rules.toml"
        rules.write_text(rules.read_text() + '[[rule]]\nname = "more"\nsays = "x"\nsource = "here"\n')

        assert main("floor", "update").code == 0

        assert floors(floored) == {"size": {"known_answers": 3, "rules": 2}}

    def test_takes_up_a_new_surface(self, floored: Project, main: Main) -> None:
        floored.surface("other")

        assert main("floor", "update").code == 0

        assert floors(floored) == {
            "other": {"known_answers": 1, "rules": 1},
            "size": {"known_answers": 2, "rules": 1},
        }

    def test_refuses_to_sink_unless_that_is_said(self, floored: Project, main: Main) -> None:
        before = the_floor(floored).read_bytes()
        forget(floored)

        refused = main("floor", "update")

        assert (refused.code, refused.err) == (2, f"parity: {SINKS}\n")
        assert the_floor(floored).read_bytes() == before
        assert main("floor", "update", "--lower").code == 0
        assert floors(floored) == {"size": {"known_answers": 1, "rules": 1}}
        assert main("run").code == 0

    def test_refuses_to_forget_a_surface_unless_that_is_said(self, floored: Project, main: Main) -> None:
        floored.surface("other")
        main("floor", "update")
        (floored.root / "probes" / "test_other.py").unlink()

        refused = main("floor", "update")

        assert refused.code == 2
        assert "the floor of other would sink from 1 known answers and 1 rules to 0 and 0" in refused.err
        assert main("floor", "update", "--lower").code == 0
        assert list(floors(floored)) == ["size"]

    def test_needs_no_runtime(self, floored: Project, main: Main) -> None:
        floored.runtime("one", "dies-at-start")

        assert main("floor", "update").code == 0


class TestRun:
    @pytest.mark.usefixtures("floored")
    def test_at_the_floor_is_green(self, main: Main) -> None:
        assert main("run", "--cases", "5").code == 0

    def test_without_a_floor_is_green(self, floored: Project, main: Main) -> None:
        the_floor(floored).unlink()
        forget(floored)

        assert main("run").code == 0

    def test_of_a_probe_that_shrank_is_5(self, floored: Project, main: Main) -> None:
        forget(floored)

        done = main("run")

        assert done.code == 5, done
        assert "size: the probe shrank: 1 known answers answered, the floor is 2" in done.out

    def test_of_a_surface_without_a_probe_is_5(self, floored: Project, main: Main) -> None:
        floored.surface("other")
        main("floor", "update")
        (floored.root / "probes" / "test_other.py").unlink()

        done = main("run")

        assert done.code == 5, done
        assert "size: floor.toml speaks of 'other', and no probe declares that surface\n" in done.out

    def test_of_one_surface_of_two_misses_nothing(self, floored: Project, main: Main) -> None:
        floored.surface("other")
        main("floor", "update")
        floored.runtime("one", reference="true")
        floored.runtime("two")

        assert main("run", "size").code == 0


class TestPytest:
    @pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
    def test_fails_the_audit_of_a_probe_that_shrank(self, floored: Project, workers: tuple[str, ...]) -> None:
        forget(floored)

        done = floored.pytest(*workers)

        assert done.code == 1, done
        assert "1 failed, 4 passed" in done.out
        assert "FAILED probes/test_size.py::size::audit" in done.out
        assert "the probe shrank: 1 known answers answered, the floor is 2" in done.out

    def test_without_the_audit_misses_nothing(self, floored: Project) -> None:
        forget(floored)

        assert floored.pytest("-k", "known_answers or sweep").code == 0


BROKEN = {
    "[size\n": "is broken: Expected",
    "[size]\n": "is broken: [size]: Object missing required field",
    "size = 1\n": "is broken: [size]: Expected `object`",
    "# \udcff": "is broken: 'utf-8' codec",
}


class TestBroken:
    @pytest.mark.parametrize("content", BROKEN)
    def test_is_a_sentence_and_2(self, pair: Project, main: Main, content: str) -> None:
        the_floor(pair).write_bytes(content.encode(errors="surrogateescape"))

        for arguments in (("run", "--cases", "5"), ("floor", "update"), ("floor", "update", "--lower")):
            done = main(*arguments)

            assert refusal(done).startswith(f"parity: {the_floor(pair)} {BROKEN[content]}")
        assert pair.processes() == []
        assert not pair.report.exists()

    @pytest.mark.parametrize("content", BROKEN)
    def test_is_a_usage_error_of_pytest(
        self, pair: Project, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, content: str
    ) -> None:
        pair.write()
        the_floor(pair).write_bytes(content.encode(errors="surrogateescape"))

        assert_usage_error(run_inside(pair, pytester, monkeypatch), f"{the_floor(pair)} {BROKEN[content]}")

        assert pair.processes() == []

    @pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
    def test_is_told_once_before_anything_runs(self, pair: Project, workers: tuple[str, ...]) -> None:
        the_floor(pair).write_text("[size]\n")

        done = pair.pytest(*workers)

        assert_usage_error(done, f"{the_floor(pair)} is broken: [size]: Object missing required field")
        assert pair.processes() == []
        assert not pair.report.exists()
