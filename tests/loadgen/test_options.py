"""The options: each mistake is one sentence, at the command line and where they are read."""

from __future__ import annotations

import argparse
import json
import re
import socket
import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from loadgen import options
from loadgen.scenarios import SCENARIOS
from parity.errors import UsageError
from tests.loadgen.driven import command
from tests.loadgen.loaded import ROOT, without_plants

if TYPE_CHECKING:
    from collections.abc import Iterator

    from loadgen.options import Options

LONGEST = 120.0
OWN = [
    *("--runtime", "--plant", "--validatord", "--corpus", "--tenant", "--deadline", "--arrivals", "--shape"),
    *("--capacity-p99", "--step-seconds", "--bounds", "--load-report", "--seed", "--sample", "--peers"),
]


class Parser(argparse.ArgumentParser):
    """Locust's own, as far as the options know it."""

    def add_argument(self, *names: str, **rest: Any) -> argparse.Action:  # noqa: ANN401
        rest.pop("include_in_web_ui", None)
        return super().add_argument(*names, **rest)


def given(*arguments: str, file: str = "multitier") -> argparse.Namespace:
    parser = Parser()
    parser.add_argument("--host")
    parser.add_argument("--run-time", type=int)
    options.add(parser, file)
    return parser.parse_args(arguments)


def read(*arguments: str, file: str = "multitier") -> Options:
    return options.read(given(*arguments, file=file), list(SCENARIOS) if file == "multitier" else ["front", "direct"])


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


class TestWhatIsRead:
    def test_has_its_defaults(self) -> None:
        found = read("--runtime", "go")

        assert (found.runtime, found.host, found.plant, found.corpus, found.tenant) == (
            "go",
            None,
            None,
            2_000,
            "default",
        )
        assert (found.shape, found.arrivals, found.seconds, found.seed, found.sample) == (
            "constant",
            None,
            None,
            1,
            0.01,
        )
        assert (found.report, found.peers, found.deadline) == (Path("reports/load"), None, 10.0)
        assert found.bounds.failures == 0

    def test_of_another_file_has_bounds_of_its_own(self) -> None:
        assert set(read("--runtime", "go", file="cutover").bounds.p99_ms) == {"front", "direct"}

    def test_of_a_host_has_the_tenant(self) -> None:
        assert read("--host", "http://127.0.0.1:1").tenant == "load"
        assert read("--host", "http://127.0.0.1:1", "--tenant", "a").tenant == "a"
        assert read("--runtime", "go", "--tenant", "a").tenant == "default"

    def test_of_a_planted_run_has_a_report_of_its_own(self) -> None:
        assert read("--runtime", "go", "--plant", "sms-161").report == Path("reports/planted/load")

    @pytest.mark.parametrize(
        ("arguments", "seconds"),
        [
            ([], None),
            (["--run-time", "7"], 7),
            (["--shape", "ramp"], 60),
            (["--shape", "spike"], 60),
            (["--shape", "soak"], 1_800),
            (["--shape", "soak", "--run-time", "90"], 90),
            (["--shape", "find-capacity"], None),
            (["--shape", "find-capacity", "--run-time", "90"], 90),
        ],
    )
    def test_takes_as_long_as_its_shape(self, arguments: list[str], seconds: float | None) -> None:
        assert read("--runtime", "go", *arguments).seconds == seconds

    def test_of_a_search_for_the_capacity_begins_at_a_rate(self) -> None:
        assert read("--runtime", "go", "--shape", "find-capacity").arrivals == 50
        assert read("--runtime", "go", "--shape", "find-capacity", "--arrivals", "9").arrivals == 9

    def test_has_the_peers_one_by_one(self) -> None:
        assert read("--runtime", "go", "--peers", "python, rust").peers == ("python", "rust")

    def test_is_read_again_by_each_process_that_was_told_where_everybody_is(self) -> None:
        """A worker gets the options of the master, in which the host of the started runtime stands."""
        told = given("--runtime", "go", "--host", "http://127.0.0.1:1")
        told.load_urls = {"matrixd": "http://127.0.0.1:1"}

        assert options.read(told, list(SCENARIOS)).runtime == "go"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "say whom to load: --runtime go, or --host"),
        (["--host", ""], "say whom to load"),
        (["--runtime", "go", "--host", "http://127.0.0.1:1"], "give one of them"),
        (["--host", "http://127.0.0.1:1", "--plant", "sms-161"], "--plant is for --runtime"),
        (["--runtime", "go", "--validatord", "http://127.0.0.1:1"], "--validatord goes with --host"),
        (
            ["--runtime", "go", "--shape", "square"],
            "--shape 'square' is none; known: constant, ramp, spike, soak, find",
        ),
        (["--runtime", "go", "--arrivals", "0"], "--arrivals must be above zero, not 0.0"),
        (["--runtime", "go", "--arrivals", "-5"], "--arrivals must be above zero, not -5.0"),
        (["--runtime", "go", "--arrivals", "nan"], "--arrivals must be above zero, not nan"),
        (["--runtime", "go", "--arrivals", "inf"], "--arrivals must be above zero, not inf"),
        (["--runtime", "go", "--deadline", "0"], "--deadline must be above zero"),
        (["--runtime", "go", "--deadline", "nan"], "--deadline must be above zero"),
        (["--runtime", "go", "--step-seconds", "0"], "--step-seconds must be above zero"),
        (["--runtime", "go", "--capacity-p99", "-1"], "--capacity-p99 must be above zero"),
        (["--runtime", "go", "--sample", "1.01"], "--sample is a share, 0 to 1, not 1.01"),
        (["--runtime", "go", "--sample", "-1"], "--sample is a share"),
        (["--runtime", "go", "--sample", "nan"], "--sample is a share"),
        (["--runtime", "go", "--corpus", "1000"], "--corpus 1000 is not one of 200, 2000, 100000"),
        (["--runtime", "go", "--peers", " , "], "--peers names nobody"),
        (["--runtime", "go", "--bounds", "/none.toml"], "--bounds /none.toml: No such file or directory"),
        (["--runtime", "go", "--load-report", "README.md"], "--load-report wants a folder, and README.md is a file"),
        (["--runtime", "go", "--plant", "x", "--load-report", "reports/load"], "a planted run does not write to"),
        (["--runtime", "go", "--plant", "x", "--load-report", "reports/load/x"], "a planted run does not write to"),
        (["--runtime", "go", "--plant", "x", "--load-report", "reports/../reports/load"], "a planted run does not"),
    ],
)
def test_what_does_not_fit_is_one_sentence(arguments: list[str], told: str) -> None:
    with pytest.raises(UsageError) as raised:
        read(*arguments)

    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


def test_direct_goes_with_host() -> None:
    with pytest.raises(UsageError, match="--direct goes with --host"):
        read("--runtime", "go", "--direct", "http://127.0.0.1:1", file="cutover")


@pytest.mark.parametrize(
    "arguments", [["--seed", "abc"], ["--arrivals", "many"], ["--corpus", "2k"], ["--direct", "http://127.0.0.1:1"]]
)
def test_what_is_not_understood_is_one_sentence(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        read("--runtime", "go", *arguments)

    err = capsys.readouterr().err
    assert raised.value.code == 2
    assert re.fullmatch(rf"multitier: .*{arguments[0]}.*; --load-help shows the options\n", err), err


# ------------------------------------------------------------------ as a process


def told(code: int, *arguments: str) -> str:
    """Run Locust, which ends with that code at once, and return the one sentence."""
    done = subprocess.run(
        command("--headless", "-t", "1s", *arguments),
        cwd=ROOT,
        env=without_plants(),
        capture_output=True,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    own = [line for line in done.stderr.splitlines() if line.startswith("multitier: ")]
    others = [line for line in done.stderr.splitlines() if "/WARNING/" in line or "/ERROR/" in line]
    *before, last = own
    assert all(line.endswith((" starting validatord", " starting matrixd")) for line in before), done.stderr
    assert others == []
    return last.removeprefix("multitier: ")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "say whom to load: --runtime go, or --host http"),
        (["--runtime", "cobol"], "unknown runtime 'cobol' in --runtime; known: "),
        (["--runtime", "bun"], "runtime 'bun' has no matrixd, which multitier.py asks"),
        (["--host", "127.0.0.1:9"], "--host '127.0.0.1:9' is not http://host:port"),
        (["--runtime", "go", "--seed", "a"], "argument --seed: invalid int value: 'a'; --load-help shows the options"),
        (["--runtime", "go", "--colour"], "unrecognized arguments: --colour; --load-help shows the options"),
    ],
)
def test_a_wrong_option_ends_locust_with_one_sentence(arguments: list[str], sentence: str) -> None:
    assert told(2, *arguments).startswith(sentence)


def test_every_option_is_shown() -> None:
    """By an option of ours: for --help Locust shows its own, and has not read the file."""
    done = subprocess.run(command("--load-help"), cwd=ROOT, capture_output=True, text=True, timeout=LONGEST, check=True)

    for option in OWN:
        assert f"  {option} " in done.stdout
    assert "--direct" not in done.stdout
    assert done.stderr == ""


def test_nobody_at_the_host_is_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    assert told(3, "--host", url) == f"nobody answers at --host {url}: connection refused"


class Other(BaseHTTPRequestHandler):
    """Who is not of the lakehouse."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.server.body)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def other() -> Iterator[HTTPServer]:
    with HTTPServer(("127.0.0.1", 0), Other) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_a_host_that_is_somebody_else_is_one_sentence(other: HTTPServer) -> None:
    other.body = b"<html>"  # type: ignore[attr-defined]
    url = f"http://127.0.0.1:{other.server_port}"

    assert told(3, "--host", url) == (
        f"--host {url} answers, but its /health is not that of a service of the lakehouse"
    )


def test_a_host_that_serves_something_else_is_one_sentence(other: HTTPServer) -> None:
    other.body = json.dumps({"runtime": "go", "service": "audit", "surfaces": ["subject_audit"]}).encode()  # type: ignore[attr-defined]
    url = f"http://127.0.0.1:{other.server_port}"

    assert told(2, "--host", url) == "nobody there serves 'matrix'; give a URL that does with --host"
