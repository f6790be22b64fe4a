"""A file of bounds: what it says, and each mistake in it as one sentence that names the place."""

from __future__ import annotations

from pathlib import Path

import pytest

from loadgen import bounds
from loadgen.bounds import Bounds
from loadgen.scenarios import SCENARIOS
from parity.errors import UsageError

FOLDER = Path(bounds.__file__).parent
FULL = """
failures = 0.01
achieved = 0.9
restarts = 1
panics = 2
differing = 3
growth = 0.5
[p99_ms]
sms_validate = 100
repeat_cache = 0.5
[resident_mib]
matrixd = 64
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bounds.toml"


def refusal(file: Path) -> str:
    with pytest.raises(UsageError) as raised:
        bounds.read(file, SCENARIOS)
    sentence = str(raised.value)
    assert sentence.startswith(f"--bounds {file}")
    assert "\n" not in sentence
    return sentence


def test_all_of_it_is_read(file: Path) -> None:
    file.write_text(FULL)

    assert bounds.read(file, SCENARIOS) == Bounds(
        failures=0.01,
        achieved=0.9,
        restarts=1,
        panics=2,
        differing=3,
        growth=0.5,
        p99_ms={"sms_validate": 100, "repeat_cache": 0.5},
        resident_mib={"matrixd": 64},
    )


def test_what_is_left_out_is_not_demanded(file: Path) -> None:
    file.write_text("")

    assert bounds.read(file, SCENARIOS) == Bounds()


def test_zero_is_a_bound_like_another(file: Path) -> None:
    file.write_text("failures = 0\nachieved = 0\nrestarts = 0\ngrowth = 0\np99_ms.sms_validate = 0")

    read = bounds.read(file, SCENARIOS)

    assert (read.failures, read.achieved, read.restarts, read.growth) == (0, 0, 0, 0)
    assert read.p99_ms == {"sms_validate": 0}


@pytest.mark.parametrize(
    ("name", "classes"), [("multitier.toml", list(SCENARIOS)), ("cutover.toml", ["front", "direct"])]
)
def test_the_committed_ones_bound_every_class_and_everything_else(name: str, classes: list[str]) -> None:
    read = bounds.read(FOLDER / name, classes)

    assert list(read.p99_ms) == classes
    assert {"matrixd", "validatord"} <= set(read.resident_mib)
    assert all(getattr(read, field) is not None for field in Bounds.__struct_fields__)
    assert (read.failures, read.restarts, read.panics, read.differing) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("failures = ", "is not valid TOML"),
        ("failures = 0\nfailures = 0", "is not valid TOML"),
        ("failure = 0", "`failure`; known: failures, achieved, restarts, panics, differing, growth, p99_ms"),
        ("failures = '0'", "`failures`"),
        ("failures = true", "`failures`"),
        ("failures = [0]", "`failures`"),
        ("restarts = 0.5", "`restarts`"),
        ("panics = '0'", "`panics`"),
        ("p99_ms = 5", "`p99_ms`"),
        ("p99_ms.sms_validate = 'fast'", "`p99_ms[...]`"),
        ("resident_mib.matrixd = {}", "`resident_mib[...]`"),
        ("p99_ms.sms = 5", "p99_ms.sms is no scenario; known: cold_search_email, playbook_record_replay"),
        ("failures = -0.1", "failures must not be below zero, and is -0.1"),
        ("failures = nan", "failures must not be below zero, and is nan"),
        ("failures = 1.5", "failures is a share, 0 to 1, and is 1.5"),
        ("achieved = 95", "achieved is a share, 0 to 1, and is 95"),
        ("achieved = inf", "achieved is a share, 0 to 1, and is inf"),
        ("growth = -1", "growth must not be below zero, and is -1"),
        ("restarts = -1", "restarts must not be below zero, and is -1"),
        ("differing = -2", "differing must not be below zero, and is -2"),
        ("p99_ms.sms_validate = -5", "p99_ms.sms_validate must not be below zero, and is -5"),
        ("resident_mib.matrixd = -64", "resident_mib.matrixd must not be below zero, and is -64"),
        (
            "p99_ms.sms_validate = -5\nresident_mib.sms_validate = 5",
            "p99_ms.sms_validate must not be below zero, and is -5",
        ),
        ("failures = -1\nresident_mib.failures = 5", "failures must not be below zero, and is -1"),
    ],
)
def test_a_mistake_is_one_sentence_that_names_the_place(file: Path, text: str, told: str) -> None:
    file.write_text(text)

    assert told in refusal(file)


def test_a_file_that_is_not_there_is_named(file: Path) -> None:
    assert refusal(file) == f"--bounds {file}: No such file or directory"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"--bounds {tmp_path}: Is a directory"


def test_a_file_that_is_not_utf8_is_not_toml(file: Path) -> None:
    file.write_bytes(b"# \xff")

    assert "is not valid TOML" in refusal(file)
