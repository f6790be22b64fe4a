"""What a run leaves: the same at every run of one seed, a command that reproduces, and nothing where it should not."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Any

import pytest

from .conftest import PLANTED, SURFACES, Here, Project, command, reproduce

if TYPE_CHECKING:
    from pathlib import Path

BOTH = pytest.mark.parametrize("surface", ["extract_json", "validate"])  # a helper's, and a service's
VOLATILE = {"run", "seconds"}


def pages(folder: Path) -> dict[str, bytes]:
    return {page.name: page.read_bytes() for page in folder.glob("*.md")}


def comparable(summary: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in summary.items() if name not in VOLATILE}
    for surface in kept["surfaces"]:
        del surface["cases_per_s"]
    return kept


def digests(root: Path, *names: str) -> dict[str, str]:
    """Return what files there are below some folders, and what is in them."""
    files = [file for name in names for file in (root / name).rglob("*") if file.is_file()]
    return {str(file): hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


class TestReproduce:
    @BOTH
    def test_shows_what_the_run_found(self, here: Here, surface: str) -> None:
        plant = f"go={PLANTED[surface]}"
        ran = here.run(surface, "--plant", plant)
        assert ran.code == 1, ran
        (entry,) = here.summary()["surfaces"]
        assert {finding["class"] for finding in entry["divergences"]} == {PLANTED[surface]}

        for finding in entry["divergences"]:
            line = rf"uv run parity replay {surface}:[\w-]+ --plant {plant} --runtimes python,go,rust"
            assert re.fullmatch(line, finding["reproduce"])
            assert f"    {finding['reproduce']}\n" in ran.out
            done = reproduce(finding["reproduce"], here.root)

            assert done.code == 1, done
            assert done.out.rstrip().endswith("diverge")
            for seen in finding["observations"].values():
                assert seen["output"]["text"] in done.out
            assert "python+rust against go" in done.out
            without = reproduce(finding["reproduce"].replace(f" --plant {plant}", ""), here.root)
            assert without.code == 0, without

    def test_of_a_long_input_works_by_its_id(self, pair: Project) -> None:
        pair.known_answer("long", "z" * 3000, 3000)
        pair.table("cases = 5")
        pair.surface("size")
        pair.runtime("two", "wrong")
        pair.known_answer("bad", "BAD" + "z" * 3000, 3003)

        pair.parity("run")

        (finding,) = pair.summary()["surfaces"][0]["divergences"]
        assert pair.reproduce(finding["reproduce"]).code == 1

    def test_of_a_fault_works(self, pair: Project) -> None:
        pair.known_answer("bad", "BAD", 3)
        pair.runtime("two", "dies")
        assert pair.parity("run").code == 3

        (fault,) = pair.summary()["surfaces"][0]["faults"]

        assert pair.reproduce(fault["reproduce"]).code == 3

    def test_of_a_fault_at_a_long_input_works(self, pair: Project) -> None:
        pair.known_answer("long", "y" * 3000, 3000)
        pair.runtime("two", "dies-when-long")
        assert pair.parity("run").code == 3

        (fault,) = pair.summary()["surfaces"][0]["faults"]

        assert pair.reproduce(fault["reproduce"]).code == 3

    def test_of_a_known_answer_that_all_miss_works(self, pair: Project) -> None:
        pair.runtime("one", "wrong-always")
        pair.runtime("two", "wrong-always")
        assert pair.parity("run").code == 1

        (finding,) = pair.summary()["surfaces"][0]["divergences"]
        assert finding["partition"] == [["one", "two"], ["contract"]]
        done = pair.reproduce(finding["reproduce"])

        assert done.code == 1, done
        assert '{"length":3}' in done.out


class TestSeed:
    def test_replays(self, here: Here) -> None:
        seen = []
        for hash_seed in ("1", "2"):  # of Python's own hashes, which no report may hang on
            plants = ["--plant", "python=duplicate-member", "--plant", "go=status-422"]
            done = here.run(*plants, "--seed", 7, "--cases", 400, PYTHONHASHSEED=hash_seed)
            assert done.code == 1, done
            seen.append((pages(here.report), comparable(here.summary())))

        assert set(seen[0][0]) == {"index.md", *[f"{surface}.md" for surface in SURFACES]}
        assert seen[0] == seen[1]
        found = {surface["name"]: len(surface["divergences"]) for surface in seen[0][1]["surfaces"]}
        assert found == dict.fromkeys(SURFACES, 0) | {"extract_json": 1, "validate": 1}

    def test_of_both_faces_gives_the_same_pages(self, here: Here) -> None:
        assert here.run().code == 0
        before = pages(here.report), comparable(here.summary())

        assert here.pytest().code == 0

        assert (pages(here.report), comparable(here.summary())) == before

    def test_that_is_another_one_gives_other_cases(self, pair: Project) -> None:
        pair.runtime("two", "notes-inputs")
        seen = []
        for seed in (1, 2):
            assert pair.parity("run", "--seed", seed).code == 0
            assert pair.summary()["seed"] == seed
            seen.append((pair.root / "asked").read_text())
            (pair.root / "asked").unlink()

        assert seen[0] != seen[1]


class TestPlanted:
    @pytest.mark.parametrize("face", ["run", "pytest"])
    def test_leaves_nothing_in_the_repository(self, here: Here, face: str) -> None:
        before = digests(here.root, "fixtures", "reports/parity"), _status(here)
        plants = ["--plant", "go=html-escaped", "--plant", "rust=status-422"]

        if face == "run":
            done = here.parity("run", "extract_json", "validate", "--cases", 300, *plants)
        else:
            cache = f"cache_dir={here.report.parent}"
            options = ["--parity-cases", 300, *[option.replace("--", "--parity-") for option in plants]]
            options += ["-k", "not validation_error"]
            done = command("python", "-m", "pytest", "parity/", "-o", cache, *options, cwd=here.root)

        assert done.code == 1, done
        assert "reports in reports/planted" in done.out
        assert (digests(here.root, "fixtures", "reports/parity"), _status(here)) == before

    def test_keeps_no_counterexample(self, pair: Project) -> None:
        done = pair.parity("run", "--plant", "two=off-by-one")

        assert done.code == 1, done
        assert not (pair.root / "fixtures" / "corpus").exists()
        assert not pair.report.exists()

    def test_is_why_none_is_kept(self, pair: Project) -> None:
        pair.runtime("two", "wrong-at-y")

        done = pair.parity("run")

        assert done.code == 1, done
        (kept,) = (pair.root / "fixtures" / "corpus" / "size").iterdir()
        assert pair.parity("replay", kept.stem).code == 1
        assert pair.summary()["surfaces"][0]["divergences"][0]["case"] == {"text": "y"}

    @BOTH
    def test_in_the_callers_environment_is_none(self, here: Here, surface: str) -> None:
        done = here.run(surface, LAKEHOUSE_PLANT=PLANTED[surface])

        assert done.code == 0, done
        assert [runtime["planted"] for runtime in here.summary()["runtimes"]] == [None, None, None]

    @pytest.mark.parametrize(("surface", "callers"), [("extract_json", "html-escaped"), ("validate", "sms-161")])
    def test_in_the_callers_environment_does_not_mix_with_one_that_was_asked_for(
        self, here: Here, surface: str, callers: str
    ) -> None:
        asked_for = PLANTED[surface]
        done = here.run(surface, "--plant", f"go={asked_for}", LAKEHOUSE_PLANT=callers)

        assert done.code == 1, done
        planted = {runtime["name"]: runtime["planted"] for runtime in here.summary()["runtimes"]}
        assert planted == {"python": None, "go": asked_for, "rust": None}
        (entry,) = here.summary()["surfaces"]
        assert {finding["class"] for finding in entry["divergences"]} == {asked_for}


def _status(here: Here) -> str:
    """Return what git sees in the folders that a planted run must not touch."""
    return command("git", "status", "--porcelain", "--", "fixtures", "reports", cwd=here.root).out
