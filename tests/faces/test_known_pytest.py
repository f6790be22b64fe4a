"""Known divergences under pytest, on several workers, and in a run that was killed."""

from __future__ import annotations

import re
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import wait_until
from .listing import LAST, day, findings, the_list
from .running import Running

if TYPE_CHECKING:
    from .conftest import Project


PHASES = 5


class TestPytest:
    def test_passes_every_phase_while_it_holds(self, listed: Project) -> None:
        done = listed.pytest()

        assert done.code == 0, done
        assert f"{PHASES} passed" in done.out
        assert "agree (1 known, 2 of 2)" in done.out
        assert f"known: #7 (ada, until {LAST})" in done.out

    def test_gives_the_same_on_two_workers(self, listed: Project) -> None:
        alone = listed.pytest()
        before = listed.summary()

        done = listed.pytest("-n", "2")

        assert (alone.code, done.code) == (0, 0), done
        assert done.out.count("agree (1 known, 2 of 2)") == 1
        after = listed.summary()
        assert [surface["divergences"] for surface in after["surfaces"]] == [
            surface["divergences"] for surface in before["surfaces"]
        ]
        assert after["verdict"] == "agree"

    @pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
    def test_fails_with_what_is_new_only(self, listed: Project, workers: tuple[str, ...]) -> None:
        listed.runtime("two", "wrong-at-y-or-z")

        done = listed.pytest(*workers)

        assert done.code == 1, done
        assert "diverge (1 cause, 1 known, 2 of 2)" in done.out
        (known,), (new,) = findings(listed, known=True), findings(listed, known=False)
        failures = done.out[: done.out.index("surface  ")]
        assert f"{new['id']}: one against two" in failures
        assert known["id"] not in failures

    @pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
    def test_fails_the_corpus_once_it_stopped(self, listed: Project, workers: tuple[str, ...]) -> None:
        listed.runtime("two")

        done = listed.pytest(*workers)

        assert done.code == 1, done
        assert re.search(r"1 failed, 4 passed", done.out)
        assert "FAILED probes/test_size.py::size::corpus" in done.out
        assert "no longer diverges so at its own input" in done.out

    @pytest.mark.parametrize("behaviour", ["wrong-at-y", "sound"], ids=["still-there", "fixed"])
    def test_fails_once_it_expired(self, listed: Project, behaviour: str) -> None:
        the_list(listed).write_text(the_list(listed).read_text().replace(LAST, day(-1)))
        listed.runtime("two", behaviour)

        done = listed.pytest()

        assert done.code == 1, done
        assert f"expired on {day(-1)}: ada, #7" in done.out[: done.out.index("surface  ")]
        assert "FAILED probes/test_size.py::size::known_answers" in done.out


class TestKilled:
    def test_leaves_a_summary_that_tells_known_from_new(self, listed: Project, running: list[Running]) -> None:
        listed.runtime("two", "wrong-at-y-or-z")
        listed.write()
        one = Running("parity", "run", "--cases", 50_000_000, cwd=listed.root, report=listed.report)
        running.append(one)
        wait_until(lambda: len(_found(one)) == 2, 120)

        one.end(signal.SIGKILL)

        assert one.summary()["verdict"] == "diverge"
        assert {finding["class"]: finding["known"] is None for finding in _found(one)} == {"y": False, "z": True}

    def test_shows_a_known_one_alone_as_no_divergence(self, listed: Project, running: list[Running]) -> None:
        command = (sys.executable, "-m", "pytest", "probes", "--parity-cases", 50_000_000)
        one = Running(*command, cwd=listed.root, report=listed.report)
        running.append(one)
        wait_until(lambda: any("corpus" in surface["phases"] for surface in _surfaces(one)), 120)

        one.end(signal.SIGKILL)

        (surface,) = _surfaces(one)
        assert surface["verdict"] == "agree"
        assert [finding["known"] is not None for finding in surface["divergences"]] == [True]


def _surfaces(one: Running) -> list[dict[str, Any]]:
    """Return the surfaces of a run that did not come to its end; the summary of an earlier one is none of it."""
    summary = one.summary()
    surfaces: list[dict[str, Any]] = summary["surfaces"]
    return [] if summary["complete"] else surfaces


def _found(one: Running) -> list[dict[str, Any]]:
    return [finding for surface in _surfaces(one) for finding in surface["divergences"]]
