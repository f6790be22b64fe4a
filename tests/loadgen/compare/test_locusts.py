"""The bench of real runs, in a process of its own: what it starts, how failures are told, and that nothing is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import psutil
import pytest

from loadgen.compare.locusts import FOLDER
from loadgen.compare.result import Comparison
from tests.loadgen.compare.made import project, summary

ROOT = Path(__file__).parents[3]


def compare(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "LAKEHOUSE_PLANT": "of-the-caller"} | variables
    for name, rate in {"go": 400, "rust": 500}.items():
        (root / f"{name}.json").write_bytes(msgspec.json.encode(summary(rate)))
    done = subprocess.run(
        [sys.executable, "-m", "tests.loadgen.compare.stubbed", "go", "rust", "--rounds", "3", *arguments],
        cwd=project(root),
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert left(root) == []
    return done


def left(root: Path) -> list[int]:
    """Return which of the processes that keepers had are still there."""
    pids = [int(pid) for file in root.rglob("*.pids") for pid in file.read_text().split()]
    return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


def result(root: Path) -> Comparison:
    return msgspec.json.decode((root / "reports/load/comparison.json").read_bytes(), type=Comparison)


def test_keepers_hold_the_runtimes_and_locust_takes_the_turns(tmp_path: Path) -> None:
    done = compare(tmp_path, "--seconds", "2", "--users", "3", "--corpus", "200", "--seed", "4")
    assert done.returncode == 0, done.stderr
    turns = tmp_path / "reports/load" / FOLDER
    assert sorted(folder.name for folder in turns.iterdir() if folder.is_dir()) == [
        *[f"round-{number}-of-3-{name}" for number in (1, 2, 3) for name in ("go", "rust")],
        "warm-up-go",
        "warm-up-rust",
    ]
    one = turns / "round-2-of-3-rust"
    assert json.loads((one / "arguments.json").read_text()) == [
        *["-f", "loadgen/multitier.py", "--headless", "--only-summary"],
        *["--host", "http://rust.test", "--validatord", "http://rust.valid.test"],
        *["--tenant", "default", "--corpus", "200", "-u", "3", "-t", "2s", "--seed", "4002"],
        *["--sample", "0", "--load-report", str(one)],
    ]
    assert (one / "plant").read_text() == ""
    assert {file.name for file in turns.glob("*.ended")} == {"go.ended", "rust.ended"}
    found = result(tmp_path)
    assert found.ratios[0].ratio == pytest.approx(1.25)
    assert {one.values["resident_mib"] for one in found.turns} == {64.0}  # as the keepers say
    assert done.stderr.count("workers are in") == 2  # how far it has come is not told
    assert "loadgen.compare: go: building" in done.stderr


@pytest.mark.parametrize(
    ("how", "code", "sentence"),
    [
        ("refuses", 2, "rust cannot be kept running: unknown planted bug 'x'"),
        ("breaks", 3, "rust cannot be kept running: matrixd does not start: address in use"),
        ("vanishes", 3, "rust cannot be kept running: Traceback: it fell over"),
    ],
)
def test_a_keeper_that_does_not_get_ready_is_one_sentence(tmp_path: Path, how: str, code: int, sentence: str) -> None:
    done = compare(tmp_path, STUB_RUST=how)
    assert done.returncode == code
    assert done.stderr.splitlines()[-1] == f"loadgen.compare: {sentence}"
    assert not (tmp_path / "reports/load/comparison.json").exists()


def test_a_keeper_that_dies_ends_the_run_with_a_report(tmp_path: Path) -> None:
    done = compare(tmp_path, STUB_RUST="dies")
    assert done.returncode == 3
    found = result(tmp_path)
    assert (found.verdict, found.complete) == ("unable", False)
    assert found.reasons == ["warm-up: rust failed: rust is not kept running any more: killed by its own hand"]


@pytest.mark.parametrize(
    ("how", "code", "sentence"),
    [
        ("ends 3", 3, "warm-up: go failed: matrixd answers nothing (locust ended with 3)"),
        ("ends 5", 5, "warm-up: go failed: matrixd answers nothing"),
        ("ends 130", 130, "interrupted"),
        ("forgets", 3, "warm-up: go failed: locust ended with 0 and left no summary: the last word of locust"),
        ("garbles", 3, "summary.json is not the summary of a load run: Expected `str`, got `int` - at `$.verdict`"),
    ],
)
def test_a_turn_that_says_nothing_ends_the_run(tmp_path: Path, how: str, code: int, sentence: str) -> None:
    done = compare(tmp_path, STUB_LOCUST=how)
    assert done.returncode == code
    found = result(tmp_path)
    assert sentence in found.reasons[0]
    assert (found.complete, found.rounds) == (False, 0)


def test_bounds_that_are_not_met_go_on_and_fail(tmp_path: Path) -> None:
    done = compare(tmp_path, STUB_LOCUST="ends 1")
    assert done.returncode == 1
    assert (result(tmp_path).verdict, result(tmp_path).rounds) == ("failed", 3)


def test_what_locust_does_not_understand_is_a_matter_of_usage(tmp_path: Path) -> None:
    done = compare(tmp_path, STUB_LOCUST="ends 2")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "loadgen.compare: warm-up: go: locust refused the turn: the last word of locust"
    )


def test_an_interruption_ends_everything_and_keeps_what_there_is(tmp_path: Path) -> None:
    done = compare(tmp_path, STUB_LOCUST="hangs")
    assert done.returncode == 130, done.stderr
    found = result(tmp_path)
    assert (found.verdict, found.complete, found.rounds, found.rounds_asked) == ("interrupted", False, 1, 3)
    assert "interrupted (incomplete)" in done.stdout
    ended = (tmp_path / "reports/load" / FOLDER).glob("*.ended")
    assert {file.name for file in ended} == {"go.ended", "rust.ended"}


def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    done = compare(tmp_path, "--report", "/proc/nothing")
    assert done.returncode == 3
    [line] = done.stderr.splitlines()
    assert line.startswith("loadgen.compare: /proc/nothing")
