"""The matrix: who took part, who stands alone, and of how many the verdict speaks."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from parity.model import Fault, RuntimeState, Verdict
from parity.report.matrix import interchange, rows
from parity.report.summary import SummaryFile
from parity.summary import Summary
from tests.parity.made import finding, ready, settings, tally

if TYPE_CHECKING:
    from pathlib import Path

    from parity.summary import SurfaceEntry

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


class TestInterchange:
    def made(self, root: Path, dealt: dict[str, dict[Verdict, int]]) -> SurfaceEntry:
        one = tally(*ALL)
        one.interchange = {name: Counter(counts) for name, counts in dealt.items()}
        return SummaryFile(settings(root, *ALL), "r", "c").update(ready(*ALL), one).surfaces[0]

    def test_has_a_row_for_each_pair_and_a_column_for_each_reader(self, tmp_path: Path) -> None:
        names = [">".join(one) for one in itertools.product(ALL, repeat=3)]
        made = self.made(tmp_path, {name: {Verdict.AGREE: at} for at, name in enumerate(names, 1000)})

        assert interchange(made) == [
            ["writes", "goes on", "go reads", "python reads", "rust reads"],
            ["go", "go", "1,000 agree", "1,001 agree", "1,002 agree"],
            ["go", "python", "1,003 agree", "1,004 agree", "1,005 agree"],
            ["go", "rust", "1,006 agree", "1,007 agree", "1,008 agree"],
            ["python", "go", "1,009 agree", "1,010 agree", "1,011 agree"],
            ["python", "python", "1,012 agree", "1,013 agree", "1,014 agree"],
            ["python", "rust", "1,015 agree", "1,016 agree", "1,017 agree"],
            ["rust", "go", "1,018 agree", "1,019 agree", "1,020 agree"],
            ["rust", "python", "1,021 agree", "1,022 agree", "1,023 agree"],
            ["rust", "rust", "1,024 agree", "1,025 agree", "1,026 agree"],
        ]

    def test_says_what_came_of_the_cases_the_best_first(self, tmp_path: Path) -> None:
        counts = {Verdict.DIVERGE: 3, Verdict.FAULT: 1, Verdict.AGREE: 2}
        dealt = {"a>a>a": {Verdict.AGREE: 6}, "a>a>b": counts, "a>b>a": {}, "a>b>b": {Verdict.FAULT: 6}}

        assert interchange(self.made(tmp_path, dealt)) == [
            ["writes", "goes on", "a reads", "b reads"],
            ["a", "a", "6 agree", "2 agree, 1 fault, 3 diverge"],
            ["a", "b", "none", "6 fault"],
        ]

    def test_of_nothing_is_a_header(self, tmp_path: Path) -> None:
        assert interchange(self.made(tmp_path, {})) == [["writes", "goes on"]]
