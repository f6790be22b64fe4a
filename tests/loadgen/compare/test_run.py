"""The whole command with turns that nobody took: exit codes, reports, order, interruption."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from loadgen.compare import cli
from loadgen.compare.result import Comparison
from loadgen.compare.turns import TurnError, VacuousTurnError
from parity.errors import EnvironmentFailure, UsageError
from tests.loadgen.compare.made import FakeBench, noisy, project, summary

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from loadgen.summary import Summary


class Ran:
    """What one command did."""

    def __init__(self, code: int, bench: FakeBench, root: Path, out: str, err: str) -> None:
        self.code, self.bench, self.root, self.out, self.err = code, bench, root, out, err

    def comparison(self, folder: str = "reports/load") -> Comparison:
        return msgspec.json.decode((self.root / folder / "comparison.json").read_bytes(), type=Comparison)

    def page(self, folder: str = "reports/load") -> str:
        return (self.root / folder / "comparison.md").read_text()


@pytest.fixture
def compare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a function that runs the command in a project of its own."""
    monkeypatch.chdir(project(tmp_path))

    def run(arguments: str, answer: Callable[[str, int], Summary] | None = None) -> Ran:
        bench = FakeBench(answer or noisy({"go": 400, "rust": 500, "python": 100}))
        code = cli.main(arguments.split(), lambda _: bench)
        shown = capsys.readouterr()
        return Ran(code, bench, tmp_path, shown.out, shown.err)

    return run


def test_runtimes_are_measured_by_turns_after_a_warm_up(compare: Callable[..., Ran]) -> None:
    ran = compare("go rust --rounds 3")
    assert ran.code == 0
    assert ran.bench.calls == [
        "start go",
        "start rust",
        "turn warm-up-go",
        "turn warm-up-rust",
        "turn round-1-of-3-rust",
        "turn round-1-of-3-go",
        "turn round-2-of-3-go",
        "turn round-2-of-3-rust",
        "turn round-3-of-3-rust",
        "turn round-3-of-3-go",
    ]
    assert ran.bench.closed == 1


def test_none_of_three_is_always_first(compare: Callable[..., Ran]) -> None:
    ran = compare("go rust python --rounds 3")
    turns = [call.rpartition("-")[2] for call in ran.bench.calls if call.startswith("turn round")]
    assert sorted(turns[::3]) == ["go", "python", "rust"]
    assert sorted(turns[2::3]) == ["go", "python", "rust"]


def test_all_get_the_same_load_in_a_round_and_another_one_in_the_next(compare: Callable[..., Ran]) -> None:
    seeds = compare("go rust --rounds 3 --seed 7").bench.seeds
    assert seeds[::2] == seeds[1::2]
    assert len(set(seeds)) == 4
    assert set(seeds).isdisjoint(compare("go rust --rounds 3 --seed 8").bench.seeds)


def test_the_report_says_the_verdict_first_and_then_everything(compare: Callable[..., Ran]) -> None:
    ran = compare("go rust python")
    page = ran.page().splitlines()
    assert page[0] == "# Load, go and rust and python by turns: fine"
    assert page[2].startswith("- rust does more scenarios a second than go: 1.2")
    assert page[3].startswith("- python does fewer scenarios a second than go: 0.2")
    assert "![The ratios and their intervals](comparison.svg)" in page
    assert "python -m loadgen.compare go rust python" in page
    assert sum(line.startswith("| rust / go, ") for line in page) == 6
    assert "http" not in ran.page()
    assert (ran.root / "reports/load/comparison.svg").read_text().startswith("<svg ")
    result = ran.comparison()
    assert (result.verdict, result.exit_code, result.complete, result.rounds) == ("fine", 0, True, 5)
    assert len(result.turns) == 15
    assert ran.out.startswith("fine (5 rounds)\n")


def test_each_turn_is_told_while_it_runs(compare: Callable[..., Ran]) -> None:
    err = compare("go rust --rounds 3", lambda name, _: summary({"go": 412, "rust": 500}[name])).err.splitlines()
    assert "loadgen.compare: round 2 of 3: go 412/s" in err
    assert "loadgen.compare: warm-up: rust 500/s" in err


def test_the_warm_up_does_not_count(compare: Callable[..., Ran]) -> None:
    ran = compare("go rust --rounds 3", lambda _, number: summary(400 if number else 3, failures=0 if number else 9))
    assert ran.code == 0
    assert {one.failures for one in ran.comparison().turns} == {0}


def test_two_rounds_show_nothing(compare: Callable[..., Ran]) -> None:
    ran = compare("go rust --rounds 2")
    assert ran.code == 5
    assert "rust was not compared with go: 2 rounds; an interval takes at least 3" in ran.out


def test_unequal_failure_shares_show_nothing(compare: Callable[..., Ran]) -> None:
    ran = compare("go rust", lambda name, _: summary(900, failures=4000) if name == "rust" else summary(400))
    assert ran.code == 5
    assert "rust was not compared with go: failure shares differ: go 0.00%" in ran.out
    assert "not compared" in ran.page()


def test_a_generator_at_its_limit_shows_nothing_and_is_marked(compare: Callable[..., Ran]) -> None:
    ran = compare("go rust", lambda _, number: summary(400, limited="0.99 of its core" if number == 2 else ""))
    assert ran.code == 5
    assert "round 2: the generator was the limit against go: 0.99 of its core" in ran.page()
    assert "(400 to 400) *" in ran.page()
    assert "round 2 of 5: rust 400/s, the generator was the limit" in ran.err


def test_bounds_that_a_turn_does_not_meet_fail(compare: Callable[..., Ran]) -> None:
    ran = compare(
        "go rust", lambda name, number: summary(400, verdict="failed" if (name, number) == ("go", 2) else "passed")
    )
    assert ran.code == 1
    assert ran.comparison().verdict == "failed"
    assert "round 2: go did not meet its bounds: p99_ms.repeat_cache is 120, and 100 is the limit" in ran.out


@pytest.mark.parametrize(
    ("error", "code", "verdict"),
    [(TurnError("matrixd is dead"), 3, "unable"), (VacuousTurnError("none ran"), 5, "nothing shown")],
)
def test_a_turn_that_failed_is_never_left_out(
    compare: Callable[..., Ran], error: TurnError, code: int, verdict: str
) -> None:
    def answer(name: str, number: int) -> Summary:
        if (name, number) == ("rust", 4):
            raise error
        return summary(400)

    ran = compare("go rust", answer)
    assert (ran.code, ran.bench.closed) == (code, 1)
    result = ran.comparison()
    assert (result.verdict, result.complete, result.rounds) == (verdict, False, 3)
    assert result.reasons[0] == f"round 4 of 5: rust failed: {error}"
    assert ran.page().startswith(f"# Load, go and rust by turns: {verdict} (incomplete)")


def test_an_interruption_ends_with_what_there_is(compare: Callable[..., Ran]) -> None:
    def answer(name: str, number: int) -> Summary:
        if (name, number) == ("go", 4):
            raise KeyboardInterrupt
        return summary({"go": 400, "rust": 500}[name])

    ran = compare("go rust", answer)
    assert (ran.code, ran.bench.closed) == (130, 1)
    result = ran.comparison()
    assert (result.verdict, result.complete, result.rounds) == ("interrupted", False, 3)
    assert result.ratios[0].ratio == pytest.approx(1.25)
    assert "interrupted (incomplete) (3 of 5 rounds)" in ran.out


def test_an_interruption_before_the_first_turn_writes_nothing(compare: Callable[..., Ran], tmp_path: Path) -> None:
    ran = compare("go rust")
    before = ran.page()

    class Slow(FakeBench):
        def start(self, _: str) -> None:
            raise KeyboardInterrupt

    bench = Slow(noisy({}))
    assert cli.main(["go", "rust"], lambda _: bench) == 130
    assert bench.closed == 1
    assert (tmp_path / "reports/load/comparison.md").read_text() == before


def test_a_run_that_is_killed_leaves_what_there_was(compare: Callable[..., Ran]) -> None:
    """What stands on the disk after each turn is read while the next one runs."""
    seen: list[Comparison] = []

    def answer(name: str, number: int) -> Summary:
        if name == "go" and number == 4:
            file = "reports/load/comparison.json"
            seen.append(msgspec.json.decode((root / file).read_bytes(), type=Comparison))
        return summary(400)

    root = compare("go rust").root
    compare("go rust", answer)
    [there] = seen
    assert (there.verdict, there.complete, there.rounds) == ("interrupted", False, 3)
    assert there.reasons[0] == "it still runs, or was killed"


@pytest.mark.parametrize(
    ("error", "code"), [(EnvironmentFailure("go does not build"), 3), (UsageError("no such bug"), 2)]
)
def test_a_runtime_that_does_not_start_is_one_sentence(
    compare: Callable[..., Ran], capsys: pytest.CaptureFixture[str], error: Exception, code: int
) -> None:
    root = compare("go rust").root
    before = (root / "reports/load/comparison.json").read_bytes()

    class Broken(FakeBench):
        def start(self, _: str) -> None:
            raise error

    bench = Broken(noisy({}))
    capsys.readouterr()
    assert cli.main(["go", "rust"], lambda _: bench) == code
    assert bench.closed == 1
    assert capsys.readouterr().err.splitlines() == ["loadgen.compare: starting go", f"loadgen.compare: {error}"]
    assert (root / "reports/load/comparison.json").read_bytes() == before


def test_a_bug_of_the_tool_is_no_verdict(compare: Callable[..., Ran]) -> None:
    def answer(_: str, __: int) -> Summary:
        raise ZeroDivisionError

    ran = compare("go rust", answer)
    assert (ran.code, ran.bench.closed) == (3, 1)
    assert "ZeroDivisionError" in ran.err


def test_a_planted_run_reports_elsewhere(compare: Callable[..., Ran]) -> None:
    ran = compare("go rust --plant go=naive-hnsw")
    assert ran.code == 0
    assert not (ran.root / "reports/load").exists()
    assert ran.comparison("reports/planted/load").plants == {"go": "naive-hnsw"}
    assert "naive-hnsw in go" in ran.page("reports/planted/load")
    assert "starting go with naive-hnsw planted" in ran.err


def test_the_baseline_is_made_and_judged_by(compare: Callable[..., Ran]) -> None:
    without = compare("go rust --fail-if-slower 25%")
    assert (without.code, without.bench.calls) == (5, [])
    assert "the same command with --update-baseline in the place of --fail-if-slower makes one" in without.err

    made = compare("go rust --update-baseline")
    assert made.code == 0
    assert "6 ratios written to" in made.err

    same = compare("go rust --fail-if-slower 25%", noisy({"go": 200, "rust": 250}, seed=9))
    assert same.code == 0
    assert {one.judgement for one in same.comparison().ratios} == {"holds", None}

    slower = compare("go rust --fail-if-slower 0.25 --plant rust=slow", noisy({"go": 200, "rust": 150}, seed=9))
    assert slower.code == 1
    result = slower.comparison("reports/planted/load")
    assert result.verdict == "slower"
    assert result.reasons[0].startswith("rust became slower: rate of rust against go is 0.7")
    assert result.ratios[0].judgement == "slower"

    little = compare("go rust --fail-if-slower 25%", noisy({"go": 200, "rust": 250 * 0.95}, seed=9))
    assert little.code == 0

    unclear = compare("go rust --fail-if-slower 25% --rounds 3", noisy({"go": 200, "rust": 185}, seed=4, noise=0.2))
    assert unclear.code == 0
    assert "cannot tell: rate of rust against go is" in unclear.out
    assert "more rounds would probably tell" in unclear.out

    other = compare("go rust --fail-if-slower 25% --users 8")
    assert other.code == 5
    assert "6 entries of the baseline are of other conditions, and not compared" in other.err


def test_what_the_baseline_has_and_a_run_could_not_compare_is_not_green(compare: Callable[..., Ran]) -> None:
    assert compare("go rust --update-baseline").code == 0
    ran = compare("go rust --fail-if-slower 25%", lambda _, number: summary(400, p99=0 if number == 3 else 40))
    assert ran.code == 5
    assert "p99_ms.repeat_cache of rust against go was not judged: go has none in round 3" in ran.out


def test_a_run_that_was_not_fine_is_no_baseline(compare: Callable[..., Ran]) -> None:
    ran = compare("go rust --update-baseline", lambda _, __: summary(400, verdict="failed"))
    assert ran.code == 1
    assert "load_baseline.toml stays as it is, since the run was not fine" in ran.err
    assert not (ran.root / "fixtures/load_baseline.toml").exists()


@pytest.mark.parametrize("option", ["--update-baseline", "--fail-if-slower 25%"])
def test_a_broken_baseline_is_said_before_anything_starts(
    compare: Callable[..., Ran], tmp_path: Path, option: str
) -> None:
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures/load_baseline.toml").write_text("[[ratio]]\nmeasure = 1\n")
    ran = compare(f"go rust {option}")
    assert (ran.code, ran.bench.calls) == (2, [])
    assert len(ran.err.splitlines()) == 1
    assert "load_baseline.toml is broken" in ran.err


def test_a_runtimes_own_words_are_no_markup(compare: Callable[..., Ran]) -> None:
    def answer(_: str, number: int) -> Summary:
        if number == 4:
            raise TurnError("\x1b[31m<b>[x](y)</b>\n# not a heading")
        return summary(400)

    ran = compare("go rust", answer)
    assert "\x1b" not in ran.page() + ran.out + ran.err
    assert "\n# not" not in ran.page() + ran.out
    assert "` round 4 of 5: go failed: ⟨U+001B⟩[31m<b>[x](y)</b>⟨LF⟩# not a heading `" in ran.page()
