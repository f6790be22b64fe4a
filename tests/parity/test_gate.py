"""The gate: an exit code for every verdict, and a sentence for every reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity import gate
from parity.model import Fault, RuntimeState, Verdict
from parity.report.summary import SummaryFile
from parity.summary import Summary
from tests.parity.made import finding, ready, settings, tally

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("verdict", "complete", "code"),
    [
        (Verdict.AGREE, True, 0),
        (Verdict.DIVERGE, True, 1),
        (Verdict.FAULT, True, 3),
        (Verdict.VACUOUS, True, 5),
        (Verdict.AGREE, False, 3),
        (Verdict.DIVERGE, False, 3),
        (Verdict.FAULT, False, 3),
        (Verdict.VACUOUS, False, 3),
    ],
)
def test_exit_code(verdict: Verdict, complete: bool, code: int) -> None:  # noqa: FBT001
    summary = Summary(run="r", complete=complete, verdict=verdict.value, seed=1, commit="c")
    assert gate.exit_code(summary) == code


def test_every_verdict_has_an_exit_code_of_its_own_and_none_is_that_of_usage() -> None:
    assert set(gate.EXIT_CODES) == set(Verdict)
    assert len(set(gate.EXIT_CODES.values())) == len(Verdict)
    assert 2 not in gate.EXIT_CODES.values()


def test_green_has_no_reasons(tmp_path: Path) -> None:
    assert gate.sentences(written(tmp_path, "go", "python")) == []


def test_no_surface_is_a_reason() -> None:
    assert gate.sentences(Summary(run="r", seed=1, commit="c")) == ["no surface was run"]


def test_every_reason_has_its_sentence(tmp_path: Path) -> None:
    fault = Fault("go", "crashed", b"{}", "exit code 2", "")
    summary = written(tmp_path, "go", "python", findings=(finding(),), faults=(fault,), notes=("nothing was shown",))
    sentences = gate.sentences(summary)
    assert "s: nothing was shown" in sentences
    assert "s: go crashed: exit code 2" in sentences
    assert any(
        summary.surfaces[0].divergences[0].id in sentence and "parity replay" in sentence for sentence in sentences
    )
    assert len(sentences) == 3


def test_a_required_runtime_that_is_missing_is_named(tmp_path: Path) -> None:
    file = SummaryFile(settings(tmp_path, "go", "python", "rust", require=("rust",)), "r", "c")
    absent = RuntimeState("rust", "absent", reason="cargo was not found")
    summary = file.update(ready("go", "python") | {"rust": absent}, tally("go", "python"))
    assert gate.sentences(summary) == ["rust is required and is not there"]
    assert summary.verdict == Verdict.FAULT


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("it does not build:\nerror: 1\nerror: 2", "rust failed: it does not build:"),
        ("", "rust failed"),
        (None, "rust failed"),
    ],
)
def test_a_runtime_that_failed_is_named_with_the_first_line_of_why(
    tmp_path: Path, reason: str | None, sentence: str
) -> None:
    file = SummaryFile(settings(tmp_path, "go", "python", "rust"), "r", "c")
    failed = RuntimeState("rust", "failed", reason=reason)
    summary = file.update(ready("go", "python") | {"rust": failed}, tally("go", "python"))
    (said,) = gate.sentences(summary)
    assert said.startswith(sentence)
    assert "\n" not in said
    assert summary.verdict == Verdict.FAULT


def test_a_known_divergence_is_no_reason(tmp_path: Path) -> None:
    summary = written(tmp_path, "go", "python", listed=(finding(),))
    assert gate.sentences(summary) == []
    assert gate.new(summary.surfaces[0]) == []
    summary.complete = True
    assert gate.exit_code(summary) == 0


def test_a_new_divergence_beside_a_known_one_is_the_only_reason(tmp_path: Path) -> None:
    new = finding(drift_class="minus-zero")
    summary = written(tmp_path, "go", "python", findings=(new,), listed=(finding(), finding(drift_class="order")))
    (sentence,) = gate.sentences(summary)
    assert sentence.startswith(f"s: {new.signature.id}: uv run parity replay ")
    assert [one.id for one in gate.new(summary.surfaces[0])] == [new.signature.id]
    summary.complete = True
    assert gate.exit_code(summary) == 1


def test_a_known_divergence_takes_nothing_from_the_other_reasons(tmp_path: Path) -> None:
    fault = Fault("go", "crashed", b"{}", "exit code 2", "")
    summary = written(tmp_path, "go", "python", listed=(finding(),), faults=(fault,), notes=("it has changed",))
    assert gate.sentences(summary) == ["s: it has changed", "s: go crashed: exit code 2"]
    summary.complete = True
    assert gate.exit_code(summary) == 3


def written(root: Path, *runtimes: str, **parts: object) -> Summary:
    made = tally(*runtimes, **parts)  # type: ignore[arg-type]
    return SummaryFile(settings(root, *runtimes), "r", "c").update(ready(*runtimes), made)
