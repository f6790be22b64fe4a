"""What is written: whole files, a summary that reads back as it was, one clear error where there can be none."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import msgspec
import pytest

from loadgen.errors import ReportError
from loadgen.report.write import encode, write
from loadgen.summary import Summary
from parity.errors import EnvironmentFailure
from tests.loadgen.report import made

if TYPE_CHECKING:
    from pathlib import Path


def test_it_leaves_three_files_and_nothing_else(tmp_path: Path) -> None:
    write(made.passed(), tmp_path / "new" / "folder")
    assert sorted(file.name for file in (tmp_path / "new" / "folder").iterdir()) == [
        "load.html",
        "load.md",
        "summary.json",
    ]


def test_a_later_run_takes_the_place_of_an_earlier_one(tmp_path: Path) -> None:
    write(made.failed(), tmp_path)
    write(made.passed(), tmp_path)
    for name in ("load.html", "load.md", "summary.json"):
        assert "failed" not in (tmp_path / name).read_text().split("<style>")[0].splitlines()[0]
    assert json.loads((tmp_path / "summary.json").read_bytes())["verdict"] == "passed"


@pytest.mark.parametrize("run", [made.passed(), made.full(), made.empty(), made.everywhere("\x1b[31m|`<b>\n")])
def test_the_summary_reads_back_as_it_was(tmp_path: Path, run: Summary) -> None:
    write(run, tmp_path)
    assert msgspec.json.decode((tmp_path / "summary.json").read_bytes(), type=Summary) == run


def test_its_keys_stand_in_the_order_of_the_struct() -> None:
    written = encode(made.full())
    assert list(json.loads(written)) == list(Summary.__struct_fields__)
    assert written.startswith(b'{\n  "schema_version": 1,\n  "verdict": "failed",\n')


def test_bytes_of_a_log_that_are_no_utf8_are_named(tmp_path: Path) -> None:
    write(made.everywhere(b"a\xffb".decode("utf-8", "surrogateescape")), tmp_path)
    assert json.loads((tmp_path / "summary.json").read_bytes())["reasons"][0] == "a⟨0xFF⟩b"
    assert "a⟨0xFF⟩b" in (tmp_path / "load.md").read_text()
    assert "a⟨0xFF⟩b" in (tmp_path / "load.html").read_text()


def test_the_same_run_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write(made.full(), tmp_path / name)
    for file in (tmp_path / "one").iterdir():
        assert file.read_bytes() == (tmp_path / "other" / file.name).read_bytes()


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        ReportError, match=r"cannot write the report to .*file/below: .+; name another .*--load-report"
    ) as raised:
        write(made.passed(), tmp_path / "file" / "below")
    assert isinstance(raised.value, EnvironmentFailure)
    assert "\n" not in str(raised.value)


def test_the_error_shows_no_control_characters_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(ReportError) as raised:
        write(made.passed(), tmp_path / "file" / "\x1b[31m")
    assert str(raised.value).isprintable()
