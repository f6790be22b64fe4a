"""`pytest parity/` from its start to its matrix."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING

import pytest

from .conftest import PHASES, SURFACES, Here, phases_of

if TYPE_CHECKING:
    from .conftest import Done, Project

IDS = [f"parity/probes/test_{surface}.py::{surface}::{phase}" for surface in SURFACES for phase in phases_of(surface)]
PLANTS = ["--parity-plant", "go=html-escaped", "--parity-plant", "rust=status-422"]
"""A bug of a helper and a bug of a service."""


def results(done: Done) -> dict[str, str]:
    """Return what a verbose run reports of each node id, alone or on workers, in this order.

    In between the harness may say that it ended what another test's run left.
    """
    pattern = r"^(?:\[gw\d+\] \[ *\d+%\] (PASSED|FAILED) (\S+::\S+)|(\S+::\S+) (?:parity: .*\n)*(PASSED|FAILED))"
    found = re.findall(pattern, done.out, re.MULTILINE)
    assert len(found) == len({node or alone for _, node, alone, _ in found}), done
    return {node or alone: result or then for result, node, alone, then in found}


def ids(done: Done) -> list[str]:
    """Return the node ids that it reports a result of."""
    return list(results(done))


def of(surface: str) -> list[str]:
    """Return the node ids of a surface."""
    return [one for one in IDS if f"::{surface}::" in one]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Here, Done]:
    """Run all runtimes once for all who only look at it."""
    here = Here(tmp_path_factory.mktemp("sound"))
    return here, here.pytest("-v")


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Here, Done]:
    """Run them once with planted bugs."""
    here = Here(tmp_path_factory.mktemp("planted"))
    return here, here.pytest("-v", *PLANTS)


class TestMatrix:
    def test_of_all_runtimes(self, sound: tuple[Here, Done]) -> None:
        here, done = sound

        assert done.code == 0, done
        assert results(done) == dict.fromkeys(IDS, "PASSED")
        assert ids(done) == IDS
        assert done.matrix == {name: (kind, "agree (3 of 3)") for name, kind in SURFACES.items()}
        assert re.search(r"^surface +transport +cases +python +go +rust +verdict$", done.out, re.MULTILINE)
        summary = here.summary()
        assert (summary["complete"], summary["verdict"]) == (True, "agree")
        for surface in summary["surfaces"]:
            assert surface["phases"] == phases_of(surface["name"])
            assert {one["answered"] for one in surface["runtimes"].values()} == {sum(surface["cases"].values())}

    def test_of_two_runtimes(self, here: Here) -> None:
        done = here.pytest("--parity-runtimes", "go,python", "-k", "extract_json or validate")

        assert done.code == 0, done
        assert done.matrix == {"extract_json": ("helper", "agree (2 of 2)"), "validate": ("http", "agree (2 of 2)")}
        assert "rust" not in done.out

    def test_of_one_runtime_is_vacuous_and_fails(self, here: Here) -> None:
        done = here.pytest("--parity-runtimes", "go")

        assert done.code == 1, done
        for surface in SURFACES:
            assert f"fewer than two runtimes serve {surface} (ready: go), so nothing was compared" in done.out
        assert {verdict for _, verdict in done.matrix.values()} == {"vacuous (1 of 1)"}

    def test_without_an_optional_runtime_says_so(self, pair: Project) -> None:
        pair.runtime("three", needs='["no-such-tool-x"]')

        done = pair.pytest()

        assert done.code == 0, done
        assert "agree (2 of 3)" in done.out
        row = next(line for line in done.out.splitlines() if line.startswith("size "))
        assert re.split(r"  +", row)[-2:] == ["absent", "agree (2 of 3)"]
        assert "three is absent: no-such-tool-x was not found; install no-such-tool-x" in done.out

    def test_without_a_required_runtime_fails_and_says_so(self, pair: Project) -> None:
        pair.runtime("three", needs='["no-such-tool-x"]')

        done = pair.pytest("--parity-require", "three")

        assert done.code == 1, done
        assert "three is required and is not there" in done.out
        assert "three is absent: no-such-tool-x was not found" in done.out
        assert pair.summary()["required_missing"] == ["three"]
        assert pair.summary()["verdict"] == "fault"

    def test_required_in_parity_toml_is_the_same(self, pair: Project) -> None:
        pair.runtime("three", needs='["no-such-tool-x"]')
        pair.table('require = ["three"]')

        assert pair.pytest().code == 1

    def test_of_a_runtime_that_does_not_build_fails(self, pair: Project) -> None:
        pair.runtime("three", build='["{python}", "-c", "raise SystemExit(\'no compiler today\')"]')

        done = pair.pytest()

        assert done.code == 1, done
        assert "no compiler today" in done.out
        assert pair.summary()["verdict"] == "fault"

    def test_of_planted_runtimes_names_them(self, planted: tuple[Here, Done]) -> None:
        _, done = planted

        assert done.code == 1, done
        assert "planted go=html-escaped, planted rust=status-422" in done.out
        assert re.search(r"^extract_json-html-escaped-\w+: python\+rust against go, ", done.out, re.MULTILINE)
        assert re.search(r"^validate-status-422-\w+: go\+python against rust, ", done.out, re.MULTILINE)
        for surface in ("extract_json", "validate"):
            assert f"uv run parity replay {surface}:" in done.out
        assert {name: verdict for name, (_, verdict) in done.matrix.items()} == {
            **dict.fromkeys(SURFACES, "agree (3 of 3)"),
            "extract_json": "diverge (1 cause, 3 of 3)",
            "validate": "diverge (1 cause, 3 of 3)",
        }

    def test_a_plant_that_the_runtime_does_not_have_is_an_error_that_lists_those_it_has(self, pair: Project) -> None:
        done = pair.pytest("--parity-plant", "one=nobody-has-it")

        assert done.code != 0
        assert "unknown planted bug 'nobody-has-it'" in done.out
        assert "known: off-by-one" in done.out
        assert "Traceback" not in done.all


class TestSelection:
    """What the README claims: each phase is a test, so `-k`, `--lf` and `-n 2` work."""

    def test_of_one_phase(self, here: Here) -> None:
        done = here.pytest("-v", "-k", "sweep")

        assert done.code == 0, done
        assert results(done) == {one: "PASSED" for one in IDS if one.endswith("::sweep")}
        summary = here.summary()
        assert [surface["name"] for surface in summary["surfaces"]] == list(SURFACES)
        for surface in summary["surfaces"]:
            assert surface["phases"] == ["sweep"]
            assert surface["cases"] == {"known_answers": 0, "corpus": 0, "swept": 300, "explored": 0}

    def test_of_one_surface(self, here: Here) -> None:
        done = here.pytest("-v", "-k", "validate")

        assert done.code == 0, done
        assert ids(done) == of("validate")
        assert done.matrix == {"validate": ("http", "agree (3 of 3)")}
        (entry,) = here.summary()["surfaces"]
        assert (entry["name"], entry["phases"]) == ("validate", PHASES)

    def test_of_a_phase_of_one_surface_on_workers(self, here: Here) -> None:
        done = here.pytest("-v", "-n", "2", "-k", "validate and known_answers")

        assert done.code == 0, done
        assert ids(done) == of("validate")[:1]
        assert [surface["phases"] for surface in here.summary()["surfaces"]] == [PHASES[:1]]

    def test_by_node_id(self, here: Here) -> None:
        one, *_, audit = of("validation_error")

        done = here.pytest("-v", "--deselect", audit, "--deselect", "parity/probes/test_validate.py", "-k", "validat")

        assert done.code == 0, done
        assert ids(done) == of("validation_error")[:4]
        assert here.summary()["surfaces"][0]["phases"] == PHASES[:4]
        assert here.pytest_of(one).code == 0
        assert [surface["phases"] for surface in here.summary()["surfaces"]] == [PHASES[:1]]

    def test_of_the_last_failures(self, planted: tuple[Here, Done], here: Here) -> None:
        """They fail again, and nothing else is run; once the bugs are gone they pass, and nothing else is run."""
        first = planted[1]
        shutil.copytree(planted[0].cache, here.cache)
        failed = {one: result for one, result in results(first).items() if result == "FAILED"}
        assert set(failed) == {of(surface)[phase] for surface in ("extract_json", "validate") for phase in (0, 2)}

        again = here.pytest("-v", "--lf", "-n", "2", *PLANTS)
        fixed = here.pytest("-v", "--lf")

        assert again.code == 1, again
        assert results(again) == failed
        assert again.out.count("uv run parity replay validate:") == first.out.count("uv run parity replay validate:")
        assert fixed.code == 0, fixed
        assert results(fixed) == dict.fromkeys(failed, "PASSED")
        assert fixed.matrix.keys() == {"extract_json", "validate"}

    def test_of_nothing_is_not_green(self, here: Here) -> None:
        done = here.pytest("-k", "no_such_phase")

        assert done.code == 5
        assert not here.report.exists()

    def test_one_surface_of_two(self, pair: Project) -> None:
        pair.surface("other")
        pair.runtime("one")
        pair.runtime("two")

        done = pair.pytest("-k", "other")

        assert done.code == 0, done
        assert [surface["name"] for surface in pair.summary()["surfaces"]] == ["other"]


class TestWorkers:
    def test_give_one_summary(self, planted: tuple[Here, Done], here: Here) -> None:
        before, alone = planted[0].summary(), planted[1]

        done = here.pytest("-v", "-n", "2", *PLANTS)

        assert done.code == 1, done
        assert results(done) == results(alone)
        assert _comparable(here.summary()) == _comparable(before)
        assert here.summary()["complete"] is True
        assert done.matrix == alone.matrix
        assert len(re.findall(r"^surface +transport", done.out, re.MULTILINE)) == 1
        by_worker = {(worker, one) for worker, one in re.findall(r"^\[(gw\d)\] .*::(\w+)::\w+", done.out, re.MULTILINE)}
        assert sorted(one for _, one in by_worker) == sorted(SURFACES)  # none of them is split
        assert {worker for worker, _ in by_worker} == {"gw0", "gw1"}

    def test_share_the_surfaces(self, pair: Project) -> None:
        for name in ("other", "third", "fourth"):
            pair.surface(name)
        pair.runtime("one")
        pair.runtime("two", "wrong")
        pair.known_answer("bad", "BAD", 3, "third")

        done = pair.pytest("-v", "-n", "2")

        assert done.code == 1, done
        summary = pair.summary()
        verdicts = {surface["name"]: surface["verdict"] for surface in summary["surfaces"]}
        assert verdicts == {"fourth": "agree", "other": "agree", "size": "agree", "third": "diverge"}
        assert (summary["verdict"], summary["complete"]) == ("diverge", True)
        assert all(surface["phases"] == PHASES for surface in summary["surfaces"])
        assert len(re.findall(r"^surface +transport", done.out, re.MULTILINE)) == 1
        assert all(not file.name.startswith(".") for file in pair.report.iterdir())

    def test_are_not_needed(self, pair: Project) -> None:
        assert pair.pytest("-p", "no:xdist").code == 0


class TestPipe:
    def test_gets_no_escape_codes(self, planted: tuple[Here, Done]) -> None:
        _, done = planted

        assert "\r" not in done.all
        assert "\x1b" not in done.all

    def test_gets_none_from_a_testee_either(self, pair: Project) -> None:
        pair.known_answer("bad", "BAD", 3)
        pair.runtime("two", "escapes")
        pair.runtime("three", "dies")
        pair.runtime("four", "dies-at-start")
        pair.runtime("five", "refuses")

        done = pair.pytest()

        assert done.code == 1, done
        assert "the disk is on fire" in done.out
        assert "no configuration found" in done.out
        for code in ("\r", "\x1b", "\x07"):
            assert code not in done.all
            assert all(code not in page.read_text() for page in pair.report.glob("*.md"))


class TestFaults:
    def test_of_a_probe_are_not_green_in_the_report(self, pair: Project) -> None:
        pair.surface("size", accepted='lambda answer: answer["nothing"]')

        done = pair.pytest()

        assert done.code == 1, done
        assert "KeyError" in done.out
        summary = pair.summary()
        assert summary["verdict"] != "agree" or not summary["complete"]

    def test_of_a_testee_that_hangs_end_at_the_deadline(self, pair: Project) -> None:
        pair.known_answer("bad", "BAD", 3)
        pair.runtime("two", "hangs")
        pair.table("deadline = 1.0")

        done = pair.pytest()

        assert done.code == 1, done
        assert "two timed_out: no answer within 1 s" in done.out
        (fault,) = pair.summary()["surfaces"][0]["faults"]
        assert (fault["runtime"], fault["case"]) == ("two", {"text": "BAD"})

    def test_of_a_testee_that_nests_too_deep_are_its_own(self, pair: Project) -> None:
        pair.known_answer("bad", "BAD", 3)
        pair.runtime("one", "deep")
        pair.runtime("two", "deep")

        done = pair.pytest()

        assert done.code == 1, done
        assert "RecursionError" not in done.all
        assert "Traceback" not in done.all
        assert pair.summary()["verdict"] in {"diverge", "vacuous", "fault"}

    def test_of_a_testee_that_answers_twice_are_its_own(self, pair: Project) -> None:
        pair.known_answer("bad", "BAD", 3)
        pair.runtime("two", "twice")

        done = pair.pytest()

        assert done.code == 1, done
        assert "ValueError" not in done.all
        assert [fault["runtime"] for fault in pair.summary()["surfaces"][0]["faults"]] == ["two"]

    @pytest.mark.parametrize("content", [b'{"schema":"\xff"}', b"[" * 5000, b""])
    def test_an_old_summary_that_is_broken_is_replaced(self, pair: Project, content: bytes) -> None:
        pair.report.mkdir(parents=True)
        (pair.report / "summary.json").write_bytes(content)

        assert pair.parity("run", "--cases", 5).code == 0
        assert pair.summary()["complete"] is True


def _comparable(summary: dict[str, object]) -> dict[str, object]:
    surfaces = summary["surfaces"]
    assert isinstance(surfaces, list)
    kept = {name: value for name, value in summary.items() if name not in {"run", "seconds", "surfaces"}}
    return kept | {"surfaces": [surface | {"cases_per_s": None} for surface in surfaces]}
