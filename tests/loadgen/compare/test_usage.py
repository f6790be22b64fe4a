"""A wrong option is one sentence and exit code 2, and nothing is started."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loadgen.compare import cli
from parity.errors import UsageError
from tests.loadgen.compare.made import project

if TYPE_CHECKING:
    from loadgen.compare.plan import Plan
    from loadgen.compare.turns import Bench

ROOT = Path(__file__).parents[3]


def unopened(_: Plan) -> Bench:
    raise AssertionError("nothing is to be started")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("", "name at least two runtimes, such as: go rust"),
        ("go", "name at least two runtimes"),
        ("go go", "go is named twice"),
        ("go elixir", "unknown runtime 'elixir' in parity.toml; known: go, python, rust"),
        ("go rust --rounds 0", "--rounds: takes a whole number from 1 to 999, not '0'"),
        ("go rust --rounds many", "--rounds: takes a whole number from 1 to 999, not 'many'"),
        ("go rust --rounds 1000", "--rounds: takes a whole number from 1 to 999"),
        ("go rust --seconds 1.5", "--seconds: takes a whole number from 1 on, not '1.5'"),
        ("go rust --seconds", "--seconds: expected one argument"),
        ("go rust --users -1", "--users: "),
        ("go rust --corpus 7", "--corpus: invalid choice: 7"),
        ("go rust --seed x", "--seed: takes a whole number from 0 on"),
        ("go rust --file soak", "--file: invalid choice: 'soak' (choose from 'multitier')"),
        ("go rust --round 3", "unrecognized arguments: --round 3; --help lists the options"),
        ("go rust --fail-if-slower 25", "--fail-if-slower: takes a share above 0 and below 100 %"),
        ("go rust --fail-if-slower 0%", "--fail-if-slower: takes a share above 0"),
        ("go rust --fail-if-slower 100%", "below 100 %"),
        ("go rust --fail-if-slower nan", "--fail-if-slower: takes a share such as 25% or 0.25, not 'nan'"),
        ("go rust --fail-if-slower 25% --rounds 2", "--fail-if-slower takes at least 3 rounds"),
        ("go rust --update-baseline --rounds 2", "--update-baseline takes at least 3 rounds"),
        ("go rust --update-baseline --fail-if-slower 25%", "give one of them"),
        ("go rust --update-baseline --plant go=x", "a planted bug is no baseline"),
        ("go rust --plant x", "--plant takes runtime=name, for example go=naive-hnsw, not 'x'"),
        ("go rust --plant python=x", "unknown runtime 'python' in --plant python=x; known: go, rust"),
        ("go rust --plant go=x --plant go=y", "--plant names 'go' twice"),
        ("go rust --plant go=x --report reports/load", "a planted run does not write to reports/load"),
        ("go rust --plant go=x --report reports/load/below", "a planted run does not write to reports/load"),
        ("go rust --report parity.toml/x", "--report wants a folder, and"),
    ],
)
def test_a_wrong_option_is_one_sentence(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: str,
    sentence: str,
) -> None:
    monkeypatch.chdir(project(tmp_path))
    assert cli.main(arguments.split(), unopened) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    [line] = shown.err.splitlines()
    assert line.startswith("loadgen.compare: ")
    assert sentence in line
    assert [file.name for file in tmp_path.iterdir()] == ["parity.toml"]


def test_an_empty_path_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project(tmp_path))
    assert cli.main(["go", "rust", "--report", " "], unopened) == 2
    assert cli.main(["go", "rust", "--baseline", ""], unopened) == 2


def test_outside_of_a_project_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert cli.main(["go", "rust"], unopened) == 2
    assert "no parity.toml in" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "value"), [("25%", 0.25), ("0.25", 0.25), ("2.5%", 0.025), ("99%", 0.99)])
def test_a_share_is_read(text: str, value: float) -> None:
    assert cli.share(text) == pytest.approx(value)


def test_options_may_stand_between_the_names() -> None:
    given = cli.parser().parse_intermixed_args(["go", "--rounds", "3", "rust", "--plant", "go=x", "python"])
    assert (given.names, given.rounds, given.plant) == (["go", "rust", "python"], 3, ["go=x"])


def test_the_examples_of_the_help_can_be_copied(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        cli.main(["--help"], unopened)
    assert caught.value.code == 0
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    examples = [line.split("   ")[0].split() for line in lines if line.startswith("python -m loadgen.compare ")]
    assert len(examples) >= 5
    for words in examples:
        given = cli.parser().parse_intermixed_args(words[3:])
        assert len(given.names) >= 2


def test_the_parser_raises_and_does_not_end_the_process() -> None:
    with pytest.raises(UsageError):
        cli.parser().parse_intermixed_args(["--nothing"])


def test_the_command_itself_answers() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "loadgen.compare", "go"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("loadgen.compare: name at least two runtimes")
