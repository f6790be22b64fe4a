"""The command `parity`: its exit codes, and what it says."""

from __future__ import annotations

import base64
import json
import re
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from .conftest import SURFACES, command, phases_of

if TYPE_CHECKING:
    from .conftest import Here, Main, Project

OPTIONS = {
    "run": ["--runtimes", "--require", "--cases", "--seconds", "--seed", "--plant", "--attach", "--report", "SURFACE"],
    "replay": ["--runtimes", "--plant", "--attach", "DIVERGENCE", "SURFACE:BASE64"],
    "plants": ["--json"],
    "doctor": [],
    "known add": ["--reason", "--issue", "--owner", "--expires", "--runtimes", "--report", "DIVERGENCE"],
    "floor update": ["--lower"],
}


LEFTOVERS = "parity: ended "
"""How a run says that it ended what another test's run had left."""


def token(data: bytes, surface: str = "size") -> str:
    return f"{surface}:{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


class TestRun:
    def test_of_runtimes_that_agree_is_0(self, here: Here) -> None:
        done = here.run()

        assert done.code == 0, done
        assert done.matrix == {name: (kind, "agree (3 of 3)") for name, kind in SURFACES.items()}
        told = [line.split()[1:3] for line in done.err.splitlines() if not line.startswith(LEFTOVERS)]
        assert told == [[surface, phase] for surface in SURFACES for phase in phases_of(surface)[:-1]]
        summary = here.summary()
        assert (summary["complete"], summary["verdict"]) == (True, "agree")
        assert {surface["name"]: surface["cases"]["swept"] for surface in summary["surfaces"]} == dict.fromkeys(
            SURFACES, 300
        )

    def test_of_runtimes_that_differ_is_1(self, here: Here) -> None:
        done = here.run("--plant", "rust=negative-zero", "--plant", "go=status-422")

        assert done.code == 1, done
        verdicts = {name: verdict for name, (_, verdict) in done.matrix.items()}
        one = "diverge (1 cause, 3 of 3)"
        assert verdicts == dict.fromkeys(SURFACES, "agree (3 of 3)") | {"extract_json": one, "validate": one}
        found = re.findall(r"^(\w+)-[a-z0-9-]+: (\S+ against \S+),", done.out, re.MULTILINE)
        assert found == [("extract_json", "go+python against rust"), ("validate", "python+rust against go")]
        assert done.out.splitlines()[-1].startswith("diverge; reports in ")

    def test_of_services_that_differ_is_1(self, here: Here) -> None:
        done = here.run("validate", "--plant", "go=status-422")

        assert done.code == 1, done
        assert "python+rust against go, the contract with python+rust" in done.out
        assert [surface["name"] for surface in here.summary()["surfaces"]] == ["validate"]

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            ("nosuch", "unknown surface 'nosuch' in parity run; known: size"),
            ("--runtimes nosuch", "unknown runtime 'nosuch'"),
            ("--plant one=nosuch", "unknown planted bug 'nosuch'"),
            ("--plant one=nobody-has-it", "known: off-by-one"),
            ("--plant one", "takes runtime=name"),
            ("--cases 0", "--cases"),
            ("--cases many", "--cases"),
            ("--seconds 0", "--seconds, or its twin in parity.toml, must be above zero"),
            ("--seconds nan", "--seconds, or its twin in parity.toml, must be above zero"),
            ("--no-such-option", "No such option"),
            ("--report pytest.ini", "pytest.ini"),
        ],
    )
    def test_of_something_that_is_not_there_is_2(self, main: Main, arguments: str, sentence: str) -> None:
        done = main("run", *arguments.split())

        assert done.code == 2, done
        assert sentence in done.err
        assert "Traceback" not in done.all

    @pytest.mark.parametrize("arguments", ["--runtimes nosuch", "--plant one", "--seconds 0", "--runtimes ,"])
    def test_an_error_names_the_option_that_the_command_has(self, main: Main, arguments: str) -> None:
        done = main("run", *arguments.split())

        assert done.code == 2
        assert "--parity-" not in done.err

    def test_outside_of_a_project_is_2(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        done = command("parity", "run", cwd=tmp_path_factory.mktemp("empty"))

        assert done.code == 2
        assert "no parity.toml in" in done.err

    def test_of_a_broken_parity_toml_is_2(self, pair: Project, main: Main) -> None:
        pair.table("[")
        done = main("run")

        assert done.code == 2
        assert done.err.startswith("parity: parity.toml is not valid TOML")
        assert len(done.err.splitlines()) == 1

    def test_of_a_runtime_that_does_not_build_is_3(self, pair: Project, main: Main) -> None:
        pair.runtime("three", build='["{python}", "-c", "raise SystemExit(\'no compiler today\')"]')

        done = main("run")

        assert done.code == 3, done
        assert "no compiler today" in done.all
        assert "agree (2 of 3)" in done.out

    def test_of_a_required_runtime_that_is_absent_is_3(self, pair: Project, main: Main) -> None:
        pair.runtime("three", needs='["no-such-tool-x"]')

        done = main("run", "--require", "three")

        assert done.code == 3, done
        assert "three is required and is not there" in done.out

    def test_of_a_testee_that_dies_is_3(self, pair: Project, main: Main) -> None:
        pair.known_answer("bad", "BAD", 3)
        pair.runtime("three", "dies")

        done = main("run")

        assert done.code == 3, done
        assert "three crashed: it ended with exit code 7" in done.out
        assert "    input  BAD" in done.out
        assert "    | the disk is on fire" in done.out
        assert pair.summary()["verdict"] == "fault"

    def test_of_a_harness_that_fails_is_not_1(self, pair: Project) -> None:
        """1 means that the runtimes differ, which nobody knows when a probe raises."""
        pair.surface("size", accepted='lambda answer: answer["nothing"]')

        done = pair.parity("run")

        assert done.code not in {0, 1}, done
        assert pair.summary()["complete"] is False

    def test_of_one_runtime_is_5(self, here: Here) -> None:
        done = here.run("--runtimes", "go")

        assert done.code == 5, done
        for surface in SURFACES:
            assert (
                f"{surface}: fewer than two runtimes serve {surface} (ready: go), so nothing was compared" in done.out
            )

    def test_of_no_runtime_that_serves_the_surface_is_5(self, pair: Project, main: Main) -> None:
        pair.surface("unserved")

        done = main("run", "unserved")

        assert done.code == 5, done
        assert "vacuous (0 of 2)" in done.out

    def test_of_a_planted_runtime_that_is_absent_is_not_green(self, pair: Project, main: Main) -> None:
        """Nothing was planted anywhere, so that the others agree shows nothing of the plant."""
        pair.runtime("three", needs='["no-such-tool-x"]')

        assert main("run", "--plant", "three=off-by-one").code != 0

    def test_of_some_surfaces_only(self, pair: Project, main: Main) -> None:
        pair.surface("other")
        pair.runtime("one")
        pair.runtime("two")

        assert main("run", "other").code == 0
        assert [surface["name"] for surface in pair.summary()["surfaces"]] == ["other"]

    def test_within_a_budget_of_time_ends(self, pair: Project, main: Main) -> None:
        done = main("run", "--seconds", "0.5", "--cases", "100000000")

        assert done.code == 0, done
        (surface,) = pair.summary()["surfaces"]
        assert re.fullmatch(r"swept \d+ cases of 100000000: time was up", surface["remarks"][0])
        assert 0 < surface["cases"]["swept"] < 100_000_000
        assert pair.summary()["seconds"] < 30  # it ends after one batch at the latest, on any machine

    def test_in_a_pipe_has_no_escape_codes(self, here: Here) -> None:
        done = here.run("validate", "--plant", "go=status-422")

        assert done.code == 1, done
        assert "\r" not in done.all
        assert "\x1b" not in done.all

    def test_whose_reader_leaves_is_silent(self, here: Here) -> None:
        done = command(
            "sh", "-c", f"parity run validation_error --cases 300 --report {here.report} | true", cwd=here.root
        )

        assert "Traceback" not in done.err
        assert "Exception ignored" not in done.err


class TestReplay:
    def test_by_token(self, main: Main) -> None:
        done = main("replay", token(b"fuzzy"), "--plant", "two=off-by-one")

        assert done.code == 1, done
        assert '{"length":5}' in done.out
        assert '{"length":6}' in done.out
        assert done.out.rstrip().endswith("diverge")

    def test_of_bytes_that_are_not_utf8(self, main: Main) -> None:
        done = main("replay", token(b"\xff\x1b[31m"))

        assert done.code == 0, done
        assert done.out.count('{"length":6}') == 2
        assert "\x1b" not in done.out

    def test_of_what_agrees_is_0(self, main: Main) -> None:
        done = main("replay", token(b""))

        assert done.code == 0, done
        assert done.out.rstrip().endswith("agree")

    def test_of_a_fault_is_3(self, pair: Project, main: Main) -> None:
        pair.runtime("two", "dies")

        done = main("replay", token(b"BAD"))

        assert done.code == 3, done
        assert done.out.rstrip().endswith("fault of two")

    def test_with_one_runtime_is_5(self, main: Main) -> None:
        assert main("replay", token(b"a"), "--runtimes", "one").code == 5

    def test_by_the_id_of_a_kept_counterexample(self, pair: Project, main: Main) -> None:
        kept = {"surface": "size", "signature": "size / unknown one | two", "input": {"base64": "/3o="}}
        folder = pair.root / "fixtures" / "corpus" / "size"
        folder.mkdir(parents=True)
        (folder / "size-unknown-abc123.json").write_text(json.dumps(kept))

        done = main("replay", "size-unknown-abc123", "--plant", "one=off-by-one")

        assert done.code == 1, done
        assert '{"length":3}' in done.out

    @pytest.mark.parametrize(
        ("name", "sentence"),
        [
            ("size-unknown-ffffff", "unknown divergence 'size-unknown-ffffff'"),
            ("", "unknown divergence ''"),
            ("nosuch:YQ", "unknown surface 'nosuch' in parity replay; known: size"),
            ("size:?", "is not SURFACE:BASE64"),
            ("size:A", "is not SURFACE:BASE64"),
            ("size:\u00e9", "is not SURFACE:BASE64"),
        ],
    )
    def test_of_something_that_is_not_there_is_a_sentence(self, main: Main, name: str, sentence: str) -> None:
        done = main("replay", name)

        assert done.code == 2, done
        assert sentence in done.err
        assert len(done.err.splitlines()) == 1


class TestPlants:
    def test_as_json(self, here: Here) -> None:
        done = here.parity("plants", "--json")

        assert done.code == 0, done
        rows = json.loads(done.out)
        assert all(list(row) == ["runtime", "name", "surface", "what"] for row in rows)
        assert all(value for row in rows for value in row.values())
        having = Counter(row["name"] for row in rows)
        listed = re.findall(r'^name = "(.*)"$', (here.root / "fixtures/contract/plants.toml").read_text(), re.MULTILINE)
        assert set(having) == set(listed)
        assert len(having) >= 10
        assert {name for name, count in having.items() if count < 2} == {"naive-hnsw"}  # it is one library's
        assert {row["surface"] for row in rows} == set(SURFACES)
        assert len(rows) == len({(row["runtime"], row["name"]) for row in rows})

    def test_as_lines(self, pair: Project, main: Main) -> None:
        pair.runtime("three", needs='["no-such-tool-x"]')

        done = main("plants")

        assert done.code == 0, done
        assert [line.split()[0] for line in done.out.splitlines()] == ["one=off-by-one", "two=off-by-one"]
        assert "three is absent: no-such-tool-x was not found" in done.err


class TestDoctor:
    def test_here(self, here: Here) -> None:
        done = here.parity("doctor")

        assert done.code == 0, done
        for tool in ("python", "git", "go", "cargo"):
            assert re.search(rf"^{tool}  \S", done.out, re.MULTILINE)
        for runtime in ("python", "go", "rust"):
            (served,) = re.findall(rf"^{runtime}  ready: version \S+, serves (.+)$", done.out, re.MULTILINE)
            assert set(served.split(", ")) == set(SURFACES)
        assert "3 of 3 runtimes are ready" in done.out

    def test_says_what_is_missing_and_what_to_do(self, pair: Project, main: Main) -> None:
        pair.runtime("two", needs='["no-such-tool-x"]')
        pair.runtime("three", "dies-at-start")

        done = main("doctor")

        assert done.code == 3, done
        assert "no-such-tool-x  missing: no-such-tool-x was not found; install no-such-tool-x" in done.out
        assert "two is absent: no-such-tool-x was not found" in done.out
        assert "three is failed: runtime 'three' does not start: no configuration found" in done.out
        assert "1 of 3 runtimes are ready; a comparison needs two" in done.out

    def test_shows_nothing_of_a_testee_that_acts_on_a_terminal(self, pair: Project, main: Main) -> None:
        pair.runtime("two", "escapes")
        pair.runtime("three", "dies-at-start")

        done = main("doctor")

        assert "two  ready: version 1.0" in done.out
        assert not re.search("[\x1b\r\x07]", done.all)


class TestHelp:
    @pytest.mark.parametrize("name", OPTIONS)
    def test_mentions_every_option(self, main: Main, name: str) -> None:
        done = main(*name.split(), "--help")

        assert done.code == 0
        for option in [*OPTIONS[name], "--help", "-h"]:
            assert option.lower() in done.out.lower()
        assert "\x1b" not in done.out

    def test_lists_the_commands(self, main: Main) -> None:
        done = main("--help")

        assert done.code == 0
        assert all(name.split()[0] in done.out for name in OPTIONS)
        for group, name in (two for name in OPTIONS if len(two := name.split()) == 2):
            assert name in main(group, "--help").out
