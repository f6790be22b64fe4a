"""summary.json: there from the start, whole at every moment, one for all workers, and as its schema says."""

from __future__ import annotations

import base64
import json
import shlex
from pathlib import Path
from typing import Any

import jsonschema_rs
import msgspec
import pytest

from parity import files
from parity.model import Fault, Kind, Observation, RuntimeState, Verdict
from parity.report.summary import SummaryFile, replay_arguments, show_observation
from tests.parity.made import answered, finding, ready, settings, tally

SCHEMA = Path(__file__).parents[2] / "fixtures" / "contract" / "summary.schema.json"


def open_file(root: Path, run: str = "r", *runtimes: str, **changes: object) -> SummaryFile:
    return SummaryFile(settings(root, *(runtimes or ("go", "python")), **changes), run, "c0ffee")


def on_disk(file: SummaryFile) -> dict[str, Any]:
    found = json.loads(file.path.read_bytes())
    assert isinstance(found, dict)
    return found


# ------------------------------------------------------------------ as things happen


def test_from_the_start_on_there_is_an_incomplete_one(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    file.begin()
    assert (on_disk(file)["complete"], on_disk(file)["verdict"]) == (False, "vacuous")
    assert on_disk(file)["commit"] == "c0ffee"


def test_it_stays_incomplete_until_the_run_comes_to_its_end(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    file.begin()
    file.update(ready("go", "python"), tally("go", "python"))
    assert on_disk(file)["complete"] is False
    file.finish(complete=True)
    assert on_disk(file)["complete"] is True


def test_a_run_that_was_cut_off_keeps_its_findings_and_stays_incomplete(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    file.update(ready("go", "python"), tally("go", "python", findings=(finding(),)))
    file.finish(complete=False)
    assert on_disk(file)["complete"] is False
    assert len(on_disk(file)["surfaces"][0]["divergences"]) == 1


def test_it_takes_the_place_of_an_earlier_run(tmp_path: Path) -> None:
    old = open_file(tmp_path, "old")
    old.update(ready("go", "python"), tally("go", "python", findings=(finding(),)))
    new = open_file(tmp_path, "new")
    assert new.read() is None
    new.begin()
    assert (on_disk(new)["run"], on_disk(new)["surfaces"]) == ("new", [])


def test_a_second_begin_of_the_same_run_loses_nothing(tmp_path: Path) -> None:
    one, other = open_file(tmp_path), open_file(tmp_path)
    one.begin()
    one.update(ready("go", "python"), tally("go", "python"))
    other.begin()
    assert [surface["name"] for surface in on_disk(one)["surfaces"]] == ["s"]


def test_a_broken_file_in_its_place_is_replaced(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    file.path.parent.mkdir(parents=True)
    file.path.write_bytes(b'{"schema":')
    assert file.read() is None
    file.begin()
    assert on_disk(file)["run"] == "r"


def test_a_surface_is_replaced_and_not_repeated(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    file.update(ready("go", "python"), tally("go", "python", cases=1))
    file.update(ready("go", "python"), tally("go", "python", cases=2))
    assert [surface["cases"]["swept"] for surface in on_disk(file)["surfaces"]] == [2]


def test_two_writers_with_different_surfaces_merge(tmp_path: Path) -> None:
    one, other = open_file(tmp_path), open_file(tmp_path)
    one.begin()
    other.begin()
    one.update(ready("go", "python"), tally("go", "python", surface="z"))
    other.update(ready("go", "python"), tally("go", "python", surface="a", findings=(finding(),)))
    one.update(ready("go", "python"), tally("go", "python", surface="z", cases=20))
    summary = other.finish(complete=True)
    assert [surface.name for surface in summary.surfaces] == ["a", "z"]
    assert [surface.cases.swept for surface in summary.surfaces] == [10, 20]
    assert summary.verdict == Verdict.DIVERGE
    assert [runtime.name for runtime in summary.runtimes] == ["go", "python"]


# ------------------------------------------------------------------ atomic


def test_a_write_that_fails_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = open_file(tmp_path)
    file.begin()
    before = file.path.read_bytes()

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as half:
            half.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        file.update(ready("go", "python"), tally("go", "python"))
    assert file.path.read_bytes() == before


def test_the_old_one_stays_until_the_new_one_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[bytes, bytes]] = []
    replace = Path.replace

    def watched(self: Path, target: Path) -> Path:
        seen.append((target.read_bytes(), self.read_bytes()))
        return replace(self, target)

    file = tmp_path / "a" / "file"
    files.write_atomically(file, b"old")
    monkeypatch.setattr(Path, "replace", watched)
    files.write_atomically(file, b"new")
    assert seen == [(b"old", b"new")]
    assert [entry.name for entry in file.parent.iterdir()] == ["file"], "nothing is left beside it"


# ------------------------------------------------------------------ the verdict of all


def absent(name: str) -> RuntimeState:
    return RuntimeState(name, "absent", reason="it is not installed")


@pytest.mark.parametrize(
    ("parts", "verdict"),
    [
        pytest.param([{}], Verdict.AGREE, id="agree"),
        pytest.param([], Verdict.VACUOUS, id="no-surface"),
        pytest.param([{}, {"cases": 0}], Verdict.VACUOUS, id="a-surface-without-cases"),
        pytest.param([{}, {"notes": ("nothing was shown",)}], Verdict.VACUOUS, id="a-surface-that-shows-nothing"),
        pytest.param([{}, {"findings": (finding(),)}], Verdict.DIVERGE, id="a-surface-that-diverges"),
        pytest.param([{}, {"listed": (finding(),)}], Verdict.AGREE, id="one-that-is-known"),
        pytest.param([{"listed": (finding(),), "notes": ("it expired",)}], Verdict.VACUOUS, id="known-and-expired"),
        pytest.param(
            [{"listed": (finding(),), "findings": (finding(drift_class="other"),)}],
            Verdict.DIVERGE,
            id="one-that-is-known-and-one-that-is-new",
        ),
        pytest.param([{}, {"faults": (Fault("go", "crashed", b"", "", ""),)}], Verdict.FAULT, id="a-fault"),
        pytest.param(
            [{"findings": (finding(),), "notes": ("x",), "faults": (Fault("go", "crashed", b"", "", ""),)}],
            Verdict.DIVERGE,
            id="all-at-once",
        ),
    ],
)
def test_the_verdict_is_the_worst_of_the_surfaces(
    tmp_path: Path, parts: list[dict[str, Any]], verdict: Verdict
) -> None:
    file = open_file(tmp_path)
    summary = file.update(ready("go", "python"))
    for number, part in enumerate(parts):
        summary = file.update(ready("go", "python"), tally("go", "python", surface=f"s{number}", **part))
    assert summary.verdict == verdict


@pytest.mark.parametrize(
    ("state", "require", "verdict"),
    [
        pytest.param(absent("rust"), (), Verdict.AGREE, id="an-optional-one-is-absent"),
        pytest.param(absent("rust"), ("rust",), Verdict.FAULT, id="a-required-one-is-absent"),
        pytest.param(RuntimeState("rust", "failed", reason="x"), (), Verdict.FAULT, id="an-optional-one-failed"),
    ],
)
def test_a_runtime_that_is_not_there_counts(
    tmp_path: Path, state: RuntimeState, require: tuple[str, ...], verdict: Verdict
) -> None:
    file = open_file(tmp_path, "r", "go", "python", "rust", require=require)
    summary = file.update(ready("go", "python") | {"rust": state}, tally("go", "python"))
    assert summary.verdict == verdict
    assert summary.required_missing == list(require)


# ------------------------------------------------------------------ what it holds


def full_summary(root: Path) -> SummaryFile:
    """Return one that has everything that a summary can have."""
    file = open_file(root, "r", "go", "python", "rust", require=("rust",), plants={"go": "last-object"})
    made = tally(
        "go",
        "python",
        findings=(
            finding(b"\xff", outputs={"go": b"\xff", "python": b"{}"}, path="/a~1b/0", others=("/x",)),
            finding(b"{}", drift_class="minus-zero"),
        ),
        faults=(Fault("go", "crashed", b"\xfe", "it ended with signal 9", "the log\nhas lines"),),
        notes=("go never took the accept path of s",),
    )
    made.remarks.append("swept 10 cases of 20: time was up")
    made.fired["drop /t"] = 3
    made.phases.append("known_answers")
    made.sweep_seconds = 0.5
    file.update(ready("go", "python") | {"rust": absent("rust")}, made)
    file.finish(complete=True)
    return file


def test_it_fits_its_schema(tmp_path: Path) -> None:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_bytes()))
    file = open_file(tmp_path / "begun")
    file.begin()
    validator.validate(on_disk(file))
    validator.validate(on_disk(full_summary(tmp_path / "full")))


@pytest.mark.parametrize("name", ["verdict", "seed", "surfaces", "runtimes", "complete", "schema"])
def test_its_schema_misses_what_is_missing(tmp_path: Path, name: str) -> None:
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_bytes()))
    document = on_disk(full_summary(tmp_path))
    del document[name]
    assert not validator.is_valid(document)


def test_what_was_read_is_what_was_written(tmp_path: Path) -> None:
    file = full_summary(tmp_path)
    read = file.read()
    assert read is not None
    assert json.loads(msgspec.json.encode(read)) == on_disk(file)


def test_bytes_that_are_no_text_stand_in_base64(tmp_path: Path) -> None:
    (entry,) = [one for one in on_disk(full_summary(tmp_path))["surfaces"][0]["divergences"] if one["path"]]
    assert entry["case"] == {"base64": "/w=="}
    assert entry["observations"]["go"] == {"kind": "answered", "output": {"base64": "/w=="}}
    assert entry["observations"]["python"] == {"kind": "answered", "output": {"text": "{}"}}
    assert entry["class"] == "unknown"
    assert entry["partition"] == [["go"], ["python"]]


def test_a_member_name_that_is_half_a_character_can_be_written(tmp_path: Path) -> None:
    """A testee may answer with a lone surrogate in a name, and a divergence may lie below it."""
    file = open_file(tmp_path)
    hostile = finding(path="/\ud800", others=("/\udfff/0",))
    file.update(ready("go", "python"), tally("go", "python", findings=(hostile,)))
    assert len(on_disk(file)["surfaces"][0]["divergences"]) == 1


def test_a_planted_runtime_is_marked(tmp_path: Path) -> None:
    planted = {runtime["name"]: runtime["planted"] for runtime in on_disk(full_summary(tmp_path))["runtimes"]}
    assert planted == {"go": "last-object", "python": None, "rust": None}


def test_a_known_divergence_has_a_sentence_and_a_new_one_has_none(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    made = tally("go", "python", findings=(finding(drift_class="new"),), listed=(finding(drift_class="old"),))
    file.update(ready("go", "python"), made)
    known = {entry["class"]: entry["known"] for entry in on_disk(file)["surfaces"][0]["divergences"]}
    assert known == {"new": None, "old": "#7 (ada, until 2999-12-31)"}
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_bytes())).validate(on_disk(file))


@pytest.mark.parametrize(
    ("seen", "shown"),
    [
        (answered("{}"), {"kind": "answered", "output": {"text": "{}"}}),
        (answered(b""), {"kind": "answered", "output": {"text": ""}}),
        (Observation(Kind.REFUSED, detail="too large"), {"kind": "refused", "detail": "too large"}),
        (Observation(Kind.CRASHED, detail="signal 9", log="x"), {"kind": "crashed", "detail": "signal 9"}),
    ],
)
def test_an_observation_as_it_stands_there(seen: Observation, shown: dict[str, Any]) -> None:
    assert show_observation(seen) == shown


# ------------------------------------------------------------------ the command that reproduces


def test_the_command_holds_the_input_the_plants_and_the_runtimes(tmp_path: Path) -> None:
    own = settings(tmp_path, "go", "python", plants={"go": "last-object"})
    words = shlex.split(replay_arguments("s", b"\xff\xfe\xfd", "s-unknown-123456", own))
    token = words[words.index("replay") + 1]
    assert token == "s:__79"
    assert base64.urlsafe_b64decode("__79") == b"\xff\xfe\xfd"
    assert words[-4:] == ["--plant", "go=last-object", "--runtimes", "go,python"]


def test_the_command_names_a_long_input_by_its_id(tmp_path: Path) -> None:
    words = shlex.split(replay_arguments("s", b"x" * 5000, "s-unknown-123456", settings(tmp_path, "go", "python")))
    assert words[words.index("replay") + 1] == "s-unknown-123456"


def test_the_command_of_a_fault_at_a_long_input_reproduces_something(tmp_path: Path) -> None:
    file = open_file(tmp_path)
    fault = Fault("go", "crashed", b"x" * 5000, "it ended", "")
    file.update(ready("go", "python"), tally("go", "python", faults=(fault,)))
    words = shlex.split(on_disk(file)["surfaces"][0]["faults"][0]["reproduce"])
    assert words[words.index("replay") + 1] != ""
