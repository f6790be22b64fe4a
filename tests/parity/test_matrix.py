"""The matrix: who took part, who stands alone, and of how many the verdict speaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from parity.model import Fault, RuntimeState
from parity.report.matrix import rows
from parity.report.summary import SummaryFile
from parity.summary import Summary
from tests.parity.made import finding, ready, settings, tally

if TYPE_CHECKING:
    from pathlib import Path

ALL = ("go", "python", "rust")


def summary(root: Path, states: dict[str, RuntimeState], *runtimes: str, **parts: Any) -> Summary:  # noqa: ANN401
    return SummaryFile(settings(root, *ALL), "r", "c").update(states, tally(*runtimes, **parts))


def row(root: Path, states: dict[str, RuntimeState], *runtimes: str, **parts: Any) -> dict[str, str]:  # noqa: ANN401
    header, only = rows(summary(root, states, *runtimes, **parts))
    return dict(zip(header, only, strict=True))


def test_all_take_part_and_agree(tmp_path: Path) -> None:
    assert row(tmp_path, ready(*ALL), *ALL, cases=1234) == {
        "surface": "s",
        "transport": "helper",
        "cases": "1,234",
        "go": "1,234",
        "python": "1,234",
        "rust": "1,234",
        "verdict": "agree (3 of 3)",
    }


@pytest.mark.parametrize("status", ["absent", "failed"])
def test_one_that_is_not_there_is_shown_so(tmp_path: Path, status: str) -> None:
    states = ready("go", "python") | {"rust": RuntimeState("rust", status, reason="x")}
    shown = row(tmp_path, states, "go", "python")
    assert shown["rust"] == status
    assert shown["verdict"] == "agree (2 of 3)"


def test_one_that_does_not_serve_the_surface_is_shown_so(tmp_path: Path) -> None:
    assert row(tmp_path, ready(*ALL), "go", "python")["rust"] == "not served"


def test_one_that_stands_alone_is_marked(tmp_path: Path) -> None:
    shown = row(tmp_path, ready(*ALL), *ALL, findings=(finding(partition=(("go", "python"), ("rust",))),))
    assert shown["rust"] == "10 (1 alone)"
    assert (shown["go"], shown["python"]) == ("10", "10")
    assert shown["verdict"] == "diverge (1 cause, 3 of 3)"


def test_causes_are_counted(tmp_path: Path) -> None:
    findings = tuple(
        finding(partition=partition, drift_class=name)
        for name, partition in (
            ("minus", (("go", "python"), ("rust",))),
            ("markup", (("go", "python"), ("rust",))),
            ("order", (("python", "rust"), ("go",))),
        )
    )
    shown = row(tmp_path, ready(*ALL), *ALL, findings=findings)
    assert (shown["go"], shown["python"], shown["rust"]) == ("10 (1 alone)", "10", "10 (2 alone)")
    assert shown["verdict"] == "diverge (3 causes, 3 of 3)"


RUST_ALONE = (("go", "python"), ("rust",))


def test_a_known_divergence_is_counted_by_itself_and_marks_nobody(tmp_path: Path) -> None:
    shown = row(tmp_path, ready(*ALL), *ALL, listed=(finding(partition=RUST_ALONE),))
    assert (shown["go"], shown["python"], shown["rust"]) == ("10", "10", "10")
    assert shown["verdict"] == "agree (1 known, 3 of 3)"


def test_what_is_new_and_what_is_known_are_counted_apart(tmp_path: Path) -> None:
    new = tuple(finding(partition=RUST_ALONE, drift_class=name) for name in ("minus", "markup"))
    known = tuple(finding(partition=RUST_ALONE, drift_class=name) for name in ("order", "case", "space"))
    shown = row(tmp_path, ready(*ALL), *ALL, findings=new, listed=known)
    assert shown["rust"] == "10 (2 alone)"
    assert shown["verdict"] == "diverge (2 causes, 3 known, 3 of 3)"


def test_a_known_divergence_in_a_run_of_some_phases_and_runtimes(tmp_path: Path) -> None:
    made = tally("go", "rust", listed=(finding(partition=(("go",), ("rust",))),))
    made.phases = ["known_answers", "corpus"]
    states = ready("go", "rust") | {"python": RuntimeState("python", "absent", reason="x")}
    (_, line) = rows(SummaryFile(settings(tmp_path, *ALL), "r", "c").update(states, made))
    assert line[-1] == "agree (1 known, 2 of 3, only known_answers and corpus)"


def test_where_three_say_three_things_each_is_alone(tmp_path: Path) -> None:
    shown = row(tmp_path, ready(*ALL), *ALL, findings=(finding(partition=(("go",), ("python",), ("rust",))),))
    assert (shown["go"], shown["python"], shown["rust"]) == ("10 (1 alone)",) * 3


def test_one_that_took_no_part_in_a_divergence_is_not_alone(tmp_path: Path) -> None:
    shown = row(tmp_path, ready(*ALL), *ALL, findings=(finding(partition=(("go",), ("python",))),))
    assert shown["rust"] == "10"


def test_faults_are_counted(tmp_path: Path) -> None:
    faults = (Fault("rust", "crashed", b"", "", ""), Fault("rust", "timed_out", b"x", "", ""))
    shown = row(tmp_path, ready(*ALL), *ALL, faults=faults)
    assert shown["rust"] == "10 (2 faults)"
    assert shown["verdict"] == "fault (3 of 3)"


def test_a_fault_and_a_divergence_stand_side_by_side(tmp_path: Path) -> None:
    parts: dict[str, Any] = {
        "faults": (Fault("rust", "crashed", b"", "", ""),),
        "findings": (finding(partition=(("go", "python"), ("rust",))),),
    }
    assert row(tmp_path, ready(*ALL), *ALL, **parts)["rust"] == "10 (1 alone, 1 faults)"


def test_surfaces_stand_in_the_order_of_their_names(tmp_path: Path) -> None:
    file = SummaryFile(settings(tmp_path, *ALL), "r", "c")
    for surface in ("z", "a", "m"):
        last = file.update(ready(*ALL), tally(*ALL, surface=surface))
    assert [line[0] for line in rows(last)] == ["surface", "a", "m", "z"]


def test_without_a_surface_there_is_only_the_header() -> None:
    assert rows(Summary(run="r", seed=1, commit="c")) == [["surface", "transport", "cases", "verdict"]]
