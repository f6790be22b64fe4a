"""How the witness begins and ends: what it refuses, what it drops, what it tells, and that it leaves nothing behind."""

from __future__ import annotations

import itertools
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from loadgen.samples import MATRIX, VALIDATE, Sample
from loadgen.witness.findings import MOST_DIFFERENCES
from loadgen.witness.inbox import MOST_WAITING
from tests.loadgen.loaded import LONGEST, ROOT, without_plants
from tests.loadgen.witnessed import LONGEST_START, Witness, command, run

if TYPE_CHECKING:
    from collections.abc import Iterator

STUB = Path(__file__).with_name("stub_service.py")
ACCEPTED = b'{"status":200,"type":"application/json","body":{"accepted":true,"kind":"fill","request_id":null}}'
FOUND = b'{"status":200,"type":"application/json","body":{"boosted":0,"hits":[],"injected":0}}'
PARENT = """
import subprocess, sys
witness = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
print(witness.pid, flush=True)
witness.wait()
"""
RUNTIME = """
[runtimes.{name}]
service = ["{{python}}", "-I", "-S", "{stub}", "{called}", "{{port}}"]
"""


def validation(body: bytes = b"{}", observed: bytes = ACCEPTED) -> Sample:
    return Sample(VALIDATE, b"POST /v1/validate\ncontent-type: application/json\n\n" + body, observed)


def searching(index: bytes, query: bytes = b"") -> Sample:
    add = b'POST /vectors/index/%b/add {"items":[]}\n' % index
    return Sample(MATRIX, add + b'POST /v1/matrix/search {"query_text":"%b"}' % query, FOUND)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Make a project of this repository's probes and contract, whose runtimes misbehave as they are told to."""
    text = f'[parity]\ndeadline = 1.0\nprobes = ["{ROOT}/parity/probes"]\nfixtures = "{ROOT}/fixtures"\n'
    text += "".join(RUNTIME.format(name=name, called=name, stub=STUB) for name in ("one", "two"))
    text += RUNTIME.format(name="impostor", called="somebody-else", stub=STUB)
    text += '[runtimes.absent]\nneeds = ["no-such-tool"]\nservice = ["./serve", "{port}"]\n'
    (tmp_path / "parity.toml").write_text(text)
    return tmp_path


@pytest.fixture
def witness(project: Path) -> Iterator[Witness]:
    with Witness("--runtimes", "one", "--under", "go", "--deadline", "600", cwd=project) as one:
        yield one


class TestBegins:
    @pytest.mark.parametrize(
        ("arguments", "parts"),
        [
            ("--runtimes python,golang --under go", ["unknown runtime 'golang'", "known: bun, go, python, rust"]),
            ("--runtimes , --under go", ["--runtimes was given no name"]),
            ("--runtimes python", ["--under"]),
            ("--under go", ["--runtimes"]),
            ("--runtimes python --under go --deadline soon", ["'soon' is no number from 0 on"]),
            ("--runtimes python --under go --deadline -1", ["'-1' is no number from 0 on"]),
            ("--runtimes python --under go --share nan", ["'nan' is no number from 0 on"]),
            ("--runtimes python --under go --colour red", ["--colour"]),
            ("--runtimes python --under go --plant no-such-bug", ["unknown planted bug 'no-such-bug'", "flat-error"]),
            ("--runtimes python --under somebody --plant flat-error", ["unknown runtime 'somebody'", "python"]),
        ],
    )
    def test_with_no_command_line_that_it_does_not_understand(self, arguments: str, parts: list[str]) -> None:
        done = subprocess.run(
            command(*shlex.split(arguments)),
            cwd=ROOT,
            env=without_plants(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LONGEST,
            check=False,
        )

        assert done.returncode == 2, done
        assert done.stdout == ""
        assert len(done.stderr.splitlines()) == 1, done.stderr
        for part in parts:
            assert part in done.stderr

    @pytest.mark.parametrize(
        ("name", "why"), [("impostor", "calls itself 'somebody-else'"), ("absent", "no-such-tool")]
    )
    def test_with_nobody_to_compare_with(self, project: Path, name: str, why: str) -> None:
        with Witness("--runtimes", name, "--under", "go", cwd=project) as witness:
            witness.send(validation())
            parity = witness.end()

        assert witness.code == 3
        assert why in parity["why"]
        assert why in witness.said
        assert (parity["compared"], parity["runtimes"]) == (0, [])
        assert len(witness.lines) == 1

    def test_with_those_who_are_there_and_tells_who_is_not(self, project: Path) -> None:
        with Witness("--runtimes", "one,absent", "--under", "go", cwd=project) as witness:
            assert witness.ready() == ["one"]
            witness.send(validation())
            parity = witness.end()

        assert witness.code == 0
        assert parity["runtimes"] == ["one"]
        assert parity["compared"] == 1
        assert "absent is absent: no-such-tool was not found" in parity["why"]


class TestTells:
    def test_of_lines_that_are_no_samples(self, witness: Witness) -> None:
        lines = [
            b"{",
            b"null",
            b"\xff\xfe",
            b'{"surface":"embedding","case":"","observed":""}',
            b"\x1b[31m",
            b"[" * 9_999,
        ]
        witness.send(*[line + b"\n" for line in lines], b"\n \n", validation())
        witness.send(b'{"surface":"validate"')  # and so it ends, as where the writer died

        parity = witness.end()

        assert witness.code == 0
        assert (parity["sampled"], parity["compared"], parity["differing"], parity["dropped"]) == (8, 1, 0, 0)
        assert "7 lines were no samples, the first one: " in parity["why"]
        assert witness.said.count("witness: a line is no sample: ") == 3

    def test_of_cases_that_cannot_be_sent(self, witness: Witness) -> None:
        witness.send(Sample(VALIDATE, b"nonsense", ACCEPTED), Sample(MATRIX, b"nonsense", FOUND))

        parity = witness.end()

        assert (parity["sampled"], parity["compared"], parity["differing"]) == (2, 0, 0)
        assert "one gave no answer to 1 samples of validate (refused: not sent to anybody" in parity["why"]
        assert "one gave no answer to 1 samples of matrix (refused: not sent to anybody" in parity["why"]
        assert "of 2 samples none was compared" in parity["why"]

    @pytest.mark.parametrize(
        ("sample", "why"),
        [
            (validation(b"crash"), "1 samples of validate (crashed: "),
            (validation(b"hang"), "1 samples of validate (timed_out: no whole answer within 1 s"),
            (searching(b"a", b"crash"), "1 samples of matrix (crashed: line 2: "),
            (searching(b"refusing"), "1 samples of matrix (unfit: call 1 was answered with 422)"),
        ],
        ids=["crash", "hang", "crash-in-a-sequence", "unfit"],
    )
    def test_of_others_that_fail_and_compares_the_rest(self, witness: Witness, sample: Sample, why: str) -> None:
        witness.ready()
        witness.send(validation(), sample, searching(b"a"))

        parity = witness.end()

        assert witness.code == 0
        assert (parity["sampled"], parity["compared"], parity["differing"], parity["dropped"]) == (3, 2, 0, 0)
        assert f"one gave no answer to {why}" in parity["why"]
        assert "uv run parity replay " in parity["why"]
        assert "witness: one, asked about a sample of " in witness.said

    def test_of_answers_that_are_alike_and_no_match(self, witness: Witness) -> None:
        """The stub accepts anything but a search, and the contract has no such answer to a sequence."""
        witness.send(Sample(MATRIX, b"POST /v1/validate {}", ACCEPTED), searching(b"a"))

        parity = witness.end()

        assert "1 answers of matrix are the same everywhere and do not fit the contract's schema" in parity["why"]
        assert (parity["compared"], parity["differing"]) == (2, 0)

    def test_of_no_more_kinds_of_differences_than_anybody_reads(self, witness: Witness) -> None:
        members = [
            b'"accepted":true',
            b'"kind":"fill"',
            b'"request_id":null',
            b'"Schema":1',
            b'"Policy":1',
            b'"Completeness":1',
        ]
        subsets = [some for count in range(7) for some in itertools.combinations(members, count)]
        head = b'{"status":200,"type":"application/json","body":'
        witness.send(*[validation(observed=head + b"{%b}}" % b",".join(some)) for some in subsets])

        parity = witness.end()

        assert (parity["compared"], parity["differing"]) == (64, 63)  # one of them is right
        assert len(parity["differences"]) == MOST_DIFFERENCES
        assert f"{63 - MOST_DIFFERENCES} samples differ in yet other ways, and are only counted" in parity["why"]


class TestEnds:
    def test_without_a_sample(self, witness: Witness) -> None:
        assert witness.ready() == ["one"]

        parity = witness.end()

        assert witness.code == 0
        assert parity["sampled"] == parity["compared"] == 0
        assert parity["why"] == "no sample came"

    def test_at_once_where_its_input_is_empty_from_the_start(self, project: Path) -> None:
        done = subprocess.run(
            command("--runtimes", "one", "--under", "go"),
            cwd=project,
            env=without_plants() | {"PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=LONGEST,
            check=False,
        )

        assert done.returncode == 0, done
        assert json.loads(done.stdout.splitlines()[-1])["parity"]["why"].endswith("no sample came")

    def test_not_at_sigint(self, witness: Witness) -> None:
        witness.ready()
        witness.process.send_signal(signal.SIGINT)
        witness.send(validation(), validation())

        assert witness.end()["compared"] == 2
        assert witness.code == 0

    def test_at_sigterm_with_all_that_it_has(self, witness: Witness) -> None:
        witness.ready()
        others = witness.others()
        assert len(others) == 1
        assert witness.process.stdout is not None
        witness.send(validation(), validation())
        progress = json.loads(witness.process.stdout.readline())["progress"]

        parity = witness.end(signal.SIGTERM)

        assert witness.code == 0
        assert progress == {"sampled": 2, "compared": 2, "dropped": 0, "differing": 0}
        assert (parity["sampled"], parity["compared"], parity["dropped"]) == (2, 2, 0)
        assert psutil.wait_procs(others, timeout=LONGEST)[1] == []

    def test_at_its_deadline_and_counts_what_is_left(self, project: Path) -> None:
        with Witness("--runtimes", "one", "--under", "go", "--deadline", "0", cwd=project) as witness:
            witness.ready()
            others = witness.others()
            for other in others:
                other.suspend()  # so that nothing is answered
            witness.send(*[validation()] * 500)
            parity = witness.end()

        assert witness.code == 0
        assert (parity["sampled"], parity["compared"], parity["dropped"]) == (500, 0, 500)
        assert parity["why"] == "of 500 samples none was compared, 500 were dropped"
        assert psutil.wait_procs(others, timeout=LONGEST)[1] == []

    def test_while_samples_come_faster_than_it_can_compare(self, project: Path) -> None:
        """Nobody who writes is held up: all of these find their way into its memory, or are dropped."""
        with Witness("--runtimes", "one", "--under", "go", "--deadline", "0", cwd=project) as witness:
            witness.ready()
            for other in witness.others():
                other.suspend()
            sent = 3 * MOST_WAITING
            witness.send(*[validation()] * sent)
            parity = witness.end()

        assert (parity["sampled"], parity["compared"], parity["dropped"]) == (sent, 0, sent)

    @pytest.mark.parametrize("how", [signal.SIGTERM, None], ids=["SIGTERM", "end-of-input"])
    def test_while_the_others_start(self, project: Path, how: signal.Signals | None) -> None:
        begun = project / "begun"
        os.mkfifo(begun)
        script = "import sys, threading; open(sys.argv[2], 'w').close(); threading.Event().wait()"
        with (project / "parity.toml").open("a") as file:
            file.write(f'[runtimes.slow]\nservice = ["{{python}}", "-c", "{script}", "{{port}}", "{begun}"]\n')
        with Witness("--runtimes", "slow", "--under", "go", cwd=project) as witness:
            begun.read_bytes()  # which waits for its service
            others = witness.others()
            parity = witness.end(how)

        assert witness.code == 0
        assert parity["why"] == "it was ended before the other runtimes were ready; no sample came"
        assert len(others) == 1
        assert psutil.wait_procs(others, timeout=LONGEST)[1] == []
        assert list((project / ".parity" / "runs").glob("*.json")) == []

    def test_with_whoever_started_it(self, project: Path) -> None:
        parent = subprocess.Popen(
            [sys.executable, "-c", PARENT, *command("--runtimes", "one,two", "--under", "go")],
            cwd=project,
            env=without_plants() | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        with parent:
            assert parent.stdout is not None
            witness = psutil.Process(int(parent.stdout.readline()))
            assert json.loads(parent.stdout.readline()) == {"ready": ["one", "two"]}
            everybody = [witness, *witness.children(recursive=True)]
            assert len(everybody) == 3

            parent.kill()

            assert psutil.wait_procs(everybody, timeout=LONGEST)[1] == []
        assert list((project / ".parity" / "runs").glob("*.json")) == []


def test_real_runtimes_end_with_it() -> None:
    with Witness("--runtimes", "python", "--under", "go") as witness:
        witness.ready()
        others = witness.others()
        assert others
        witness.end()

    assert psutil.wait_procs(others, timeout=LONGEST_START)[1] == []


def test_what_it_says_last_is_what_it_came_to(project: Path) -> None:
    parity = run(validation(observed=ACCEPTED.replace(b"200", b"500")), runtimes="one,two", cwd=project)

    assert parity["runtimes"] == ["one", "two"]
    (difference,) = parity["differences"]
    assert difference["sides"] == "one+two against go"
    assert difference["replay"].endswith("--runtimes one,two")
