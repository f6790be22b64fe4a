"""What a run says on a terminal."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from parity import gate
from parity.model import Fault, RuntimeState
from parity.report import text
from parity.report.summary import SummaryFile, surface_entry
from tests.parity.made import finding, ready, settings, tally

if TYPE_CHECKING:
    from pathlib import Path

    from parity.config import Settings
    from parity.summary import Summary, SurfaceEntry

ALL = ("go", "python", "rust")
FAULT = Fault("go", "crashed", b"\x1b[2J", "signal 9\n", "first\n\x1b[31msecond\n")
FINDING = finding(b'{"a":-0}', (("python", "rust"), ("go",)), path="/a", drift_class="minus-zero")


def closing(summary: Summary, own: Settings) -> list[str]:
    return text.closing(summary, gate.sentences(summary), own)


def made(root: Path, **parts: Any) -> tuple[Summary, Settings]:  # noqa: ANN401
    own = settings(root, *ALL)
    file = SummaryFile(own, "r", "c")
    file.update(
        ready("go", "python") | {"rust": RuntimeState("rust", "absent", reason="x")}, tally("go", "python", **parts)
    )
    return file.finish(complete=True), own


def entry(root: Path, **parts: Any) -> SurfaceEntry:  # noqa: ANN401
    return surface_entry(tally(*ALL, **parts), settings(root, *ALL))


def test_the_columns_of_the_matrix_stand_under_each_other(tmp_path: Path) -> None:
    header, line = text.matrix(made(tmp_path)[0])
    assert header.split() == ["surface", "transport", "cases", "go", "python", "rust", "verdict"]
    assert line.index("absent") == header.index("rust")
    assert line.index("agree (2 of 3)") == header.index("verdict")


def test_green_ends_with_the_matrix_and_the_verdict(tmp_path: Path) -> None:
    lines = closing(*made(tmp_path))
    assert lines[-1] == "agree; reports in reports"
    assert len(lines) == 4


def test_an_incomplete_run_ends_with_saying_so(tmp_path: Path) -> None:
    summary, own = made(tmp_path)
    summary.complete = False
    assert closing(summary, own)[-1] == "agree (incomplete); reports in reports"


def test_reports_elsewhere_are_named_in_full(tmp_path: Path) -> None:
    summary, _ = made(tmp_path / "project")
    elsewhere = settings(tmp_path / "project", *ALL, report=tmp_path / "elsewhere")
    assert closing(summary, elsewhere)[-1].endswith(str(tmp_path / "elsewhere"))


def test_what_is_not_green_is_told_behind_the_matrix(tmp_path: Path) -> None:
    lines = closing(*made(tmp_path, findings=(FINDING,), faults=(FAULT,), notes=("nothing was shown",)))
    assert any("nothing was shown" in line for line in lines)
    assert any("go crashed" in line for line in lines)
    assert any(FINDING.signature.id in line and "replay" in line for line in lines)
    assert all(line.isprintable() for line in lines)


def test_a_finding_is_told_with_its_sides_its_input_and_its_command(tmp_path: Path) -> None:
    (one,) = entry(tmp_path, findings=(FINDING,)).divergences
    lines = list(text.divergence(one))
    whole = "\n".join(lines)
    assert lines[0].startswith(f"{FINDING.signature.id}: python+rust against go")
    assert '{"a":-0}' in whole
    assert "/a (text)" in whole
    assert lines[-1].strip() == one.reproduce
    assert shlex.split(one.reproduce)[:4] == ["uv", "run", "parity", "replay"]


def test_a_fault_is_told_with_its_log_and_harmlessly(tmp_path: Path) -> None:
    (one,) = entry(tmp_path, faults=(FAULT,)).faults
    lines = list(text.fault_lines(one))
    assert lines[0].startswith("go crashed: signal 9")
    assert any("first" in line for line in lines)
    assert any("second" in line for line in lines)
    assert all(line.isprintable() for line in lines)


def test_a_fault_without_a_log_needs_none(tmp_path: Path) -> None:
    (one,) = entry(tmp_path, faults=(Fault("go", "gone", b"", "", ""),)).faults
    assert len(list(text.fault_lines(one))) == 3


def test_news_are_what_was_not_there_before(tmp_path: Path) -> None:
    before = entry(tmp_path, findings=(FINDING,), faults=(FAULT,), notes=("old",))
    other = finding(b"new", drift_class="order")
    after = entry(
        tmp_path, findings=(FINDING, other), faults=(FAULT, Fault("rust", "gone", b"", "", "")), notes=("old", "new")
    )
    news = "\n".join(text.news(before, after))
    assert other.signature.id in news
    assert "rust gone" in news
    assert news.endswith("new")
    assert FINDING.signature.id not in news
    assert "go crashed" not in news
    assert "old" not in news


def test_nothing_new_is_no_news(tmp_path: Path) -> None:
    same = entry(tmp_path, findings=(FINDING,), faults=(FAULT,), notes=("old",))
    assert list(text.news(same, same)) == []
    assert list(text.news(entry(tmp_path), entry(tmp_path))) == []


# ------------------------------------------------------------------ known divergences


def test_a_known_divergence_is_told_behind_the_matrix_and_is_no_reason(tmp_path: Path) -> None:
    summary, own = made(tmp_path, listed=(FINDING,))
    assert gate.sentences(summary) == []
    assert closing(summary, own) == [
        *text.matrix(summary),
        "",
        f"{FINDING.signature.id}: python+rust against go, in 1 case, known: #7 (ada, until 2999-12-31)",
        "",
        "agree; reports in reports",
    ]


def test_what_is_known_and_what_is_new_are_told_apart(tmp_path: Path) -> None:
    other = finding(b"new", drift_class="order")
    lines = closing(*made(tmp_path, findings=(other,), listed=(FINDING,)))
    assert [line for line in lines if "known: " in line and FINDING.signature.id in line]
    (reason,) = [line for line in lines if line.startswith("s: ")]
    assert other.signature.id in reason
    assert lines[-1] == "diverge; reports in reports"


def test_what_is_known_is_told_harmlessly(tmp_path: Path) -> None:
    (one,) = entry(tmp_path, listed=(FINDING,)).divergences
    one.known = "#7\n\x1b[31m (ada)"
    assert text.headline(one).isprintable()


def test_what_is_known_is_no_news(tmp_path: Path) -> None:
    before, after = entry(tmp_path), entry(tmp_path, listed=(FINDING,))
    assert list(text.news(before, after)) == []
    after.divergences[0].cases += 7
    assert list(text.news(entry(tmp_path, listed=(FINDING,)), after)) == []


def test_what_is_new_beside_it_is_news(tmp_path: Path) -> None:
    other = finding(b"new", drift_class="order")
    news = "\n".join(
        text.news(entry(tmp_path, listed=(FINDING,)), entry(tmp_path, findings=(other,), listed=(FINDING,)))
    )
    assert other.signature.id in news
    assert FINDING.signature.id not in news


def test_what_stood_there_before_the_first_phase_is_news_of_the_first_phase_alone(tmp_path: Path) -> None:
    """That an entry of the list expired is known before anything runs."""
    begun, first, second = (entry(tmp_path, notes=("it expired",)) for _ in range(3))
    begun.phases, first.phases, second.phases = [], ["corpus"], ["corpus", "sweep"]
    assert list(text.news(begun, first)) == ["it expired"]
    assert list(text.news(first, second)) == []
    assert list(text.news(begun, begun)) == [], "a phase that did not run has no news of its own"
