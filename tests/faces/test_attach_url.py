"""`--attach` and `url`: services that already run, compared on both faces; what they were sent stays a secret."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

import pytest

from parity import cli
from tests.transports.hostile_service import ABSENT, JSON, Request, Service, health, http, sound
from tests.transports.services import Server

from .conftest import Done, Project

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Face = Callable[..., Done]

PROBE = """
from parity import Probe
from parity.generate.grammar import pick, repeat
HEAD = "POST /v1/echo\\ncontent-type: application/json\\n\\n"
echo = Probe(
    surface="echo",
    inputs=HEAD + repeat(pick(*"abcdefghijklmnopqrstuvwxyz"), 1, 9, ""),
    cases=60,
    accepted=lambda answer: answer["status"] == 200,
    writes={writes},
)
"""
SCHEMA = {
    "type": "object",
    "properties": {"status": {"type": "integer"}, "type": {}, "body": {}, "text": {}, "base64": {}},
    "required": ["status", "type"],
    "additionalProperties": False,
}
TOKEN = "tOp-S3cret-0123456789"


class Lower(Service):
    """A service that says a y in another way."""

    def _answer_the_rest(self, connection: socket.socket, request: Request) -> bool:
        body = request.body.replace(b"y", b"why")
        connection.sendall(sound(request._replace(body=body)))
        return True


class Echo(Service):
    """A service that shows its caller all that it was sent, wherever it can."""

    def _answer_the_rest(self, connection: socket.socket, request: Request) -> bool:
        value = request.headers[b"authorization"]
        shown = json.dumps({"headers": request.raw.decode()}).encode()
        kinds = [
            lambda: http(shown, b"content-type: application/json; for=" + value, b"parity-rules: " + value),
            lambda: http(b"\xff" + value, JSON),
            lambda: http(b"", b"location: /?" + value, status=b"302 Found"),
            lambda: http(b"{}", b"content-encoding: " + value),
            lambda: value + b"\r\n",
            lambda: http(b"{}", JSON) + value,
        ]
        connection.sendall(kinds[len(request.body) % len(kinds)]())
        return True


class Attaching(Project):
    """A project whose surface is HTTP's."""

    def surface(self, name: str, accepted: str = "bool") -> None:
        """Declare the only surface that there is, whatever it is called elsewhere."""
        assert (name, accepted) == ("size", "bool")
        contract = self.root / "fixtures" / "contract"
        rule = '[[rule]]\nname = "says"\nsays = "it says what it was told"\nsource = "here"\n'
        (contract / "echo.rules.toml").write_text(rule)
        (contract / "echo.answer.schema.json").write_text(json.dumps(SCHEMA))
        output = {"text": '{"status":200,"type":"application/json","body":{"said": "ABC"}}'}
        self.case("abc", "known_answers", why="a test", rules=["says"], output=output)
        self.probe(writes=False)

    def probe(self, *, writes: bool) -> None:
        """Write the probe."""
        (self.root / "probes" / "test_echo.py").write_text(PROBE.format(writes=writes))

    def case(self, body: str, folder: str = "corpus", **more: object) -> None:
        """Add a case from a file."""
        kept = more or {"surface": "echo", "signature": "echo / unknown one | two"}
        file = self.root / "fixtures" / folder / "echo" / f"echo-unknown-{len(body):06}.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"input": {"text": f"POST /\n\n{body}"}} | kept))

    def attached(self, name: str, server: Server, **more: str) -> None:
        """Declare a runtime that is attached to."""
        url = f'"http://127.0.0.1:{server.port}"'
        self.runtime(name, **({"helper": "", "url": url, "identity": '"hostile"'} | more))

    def written(self) -> dict[str, bytes]:
        """Return every file that a run may have written."""
        return {str(file): file.read_bytes() for file in self.root.rglob("*") if file.is_file()}


@pytest.fixture
def project(tmp_path: Path) -> Attaching:
    return Attaching(tmp_path)


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    """Return a function that makes a server, which ends with the test."""
    servers: list[Server] = []

    def make(service: str | Service = "sound", runtime: str = "hostile") -> Server:
        servers.append(Server(service))
        servers[-1].service.health = lambda _: http(health(runtime=runtime), JSON)
        return servers[-1]

    yield make
    for server in servers:
        server.__exit__()


def attach(**servers: Server) -> list[str]:
    """Return what attaches to servers, as both faces take it."""
    return [f"attach={name}=http://127.0.0.1:{server.port}" for name, server in servers.items()]


@pytest.fixture
def run(project: Attaching, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Face:
    """Return the command `parity run` within this process: the same code, much faster."""

    def parity(*options: str, command: str = "run", **more: str) -> Done:
        project.write()
        monkeypatch.chdir(project.root)
        for name, value in {"COLUMNS": "200", **more}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["parity", *command.split(), *[f"--{option}" for option in options]])
        with pytest.raises(SystemExit) as left:
            cli.main()
        assert isinstance(left.value.code, int)
        return Done(left.value.code, *capsys.readouterr())

    return parity


@pytest.fixture(params=["parity run", "pytest"])
def face(request: pytest.FixtureRequest, project: Attaching, run: Face) -> Face:
    """Return either face: of `attach=x` it makes its own option."""

    def pytest_face(*options: str, **more: str) -> Done:
        return project.pytest(*[f"--parity-{option}" for option in options], **more)

    return run if request.param == "parity run" else pytest_face


def usage_error(done: Done) -> str:
    """Return the one sentence of a run that was asked for something that is not there."""
    lines = [line for line in done.all.splitlines() if line.strip()]
    assert len(lines) == 1, done
    assert done.code in {2, 4}, done
    return lines[0].removeprefix("ERROR: ").removeprefix("parity: ")


class TestRun:
    def test_of_services_that_agree(self, project: Attaching, face: Face, serve: Callable[..., Server]) -> None:
        one, two = serve(runtime="one"), serve(runtime="two")

        done = face(*attach(one=one, two=two))

        assert done.code == 0, done
        assert "agree (2 of 2)" in done.out
        (surface,) = project.summary()["surfaces"]
        assert surface["transport"] == "http"
        assert surface["cases"]["swept"] == 60
        assert len(one.asked) == len(two.asked) == sum(surface["cases"].values())
        bodies = [[request.body for request in server.asked] for server in (one, two)]
        assert sorted(bodies[0]) == sorted(bodies[1])

    def test_of_services_that_differ_is_reproduced_with_the_same_ones(
        self, project: Attaching, face: Face, serve: Callable[..., Server]
    ) -> None:
        servers = {"one": serve(runtime="one"), "two": serve(Lower("sound"), "two")}

        done = face(*attach(**servers))

        assert done.code == 1, done
        assert "one against two" in done.out
        (finding,) = project.summary()["surfaces"][0]["divergences"]
        assert finding["case"]["text"].endswith("\n\ny")
        for name, server in servers.items():
            assert f"--attach {name}=http://127.0.0.1:{server.port}" in finding["reproduce"]
        again = project.reproduce(finding["reproduce"])
        assert again.code == 1, again
        assert '{"said": "WHY"}' in again.out

    def test_takes_the_place_of_building_and_starting(
        self, project: Attaching, run: Face, serve: Callable[..., Server]
    ) -> None:
        project.runtime("one", build='["{python}", "-c", "raise SystemExit(1)"]', reference="true")
        project.attached("two", serve())

        done = run(*attach(one=serve(runtime="fake")))

        assert done.code == 0, done
        assert "agree (2 of 2)" in done.out
        assert project.processes() == []

    def test_of_what_nests_without_end_neither_crashes_nor_recurses(
        self, project: Attaching, run: Face, serve: Callable[..., Server]
    ) -> None:
        project.case("BAD")
        project.attached("one", serve("deep"))
        project.attached("two", serve("deep"))
        project.attached("three", serve())

        done = run()

        assert done.code == 1, done
        assert "Traceback" not in done.all
        assert "one+two against three" in done.out
        assert project.summary()["complete"] is True

    def test_of_a_service_with_faults_goes_on(
        self, project: Attaching, run: Face, serve: Callable[..., Server]
    ) -> None:
        project.case("BAD")
        project.attached("one", serve("too-short"))
        project.attached("two", serve())

        done = run()

        assert done.code in {1, 3}, done
        assert "one garbled: its answer ended after 2 bytes of 100" in done.out
        (surface,) = project.summary()["surfaces"]
        assert (surface["runtimes"]["one"]["faulted"], surface["cases"]["swept"]) == (1, 60)


class TestAbsence:
    def test_is_told_with_the_address(self, project: Attaching, run: Face, serve: Callable[..., Server]) -> None:
        project.attached("one", serve())
        project.attached("two", serve())

        project.runtime("three", helper="", url='"http://127.0.0.1:9"')

        done = run()

        assert done.code == 0, done
        assert "agree (2 of 3)" in done.out
        assert "three is absent: runtime 'three' cannot be reached at 127.0.0.1:9: " in done.all

    def test_of_one_that_the_command_line_names_fails(
        self, project: Attaching, run: Face, serve: Callable[..., Server]
    ) -> None:
        project.attached("one", serve())
        project.attached("two", serve())

        done = run("attach=three=http://127.0.0.1:9")

        assert done.code in {1, 3}, done
        assert "three is required and is not there" in done.out

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"runtime": "rust"}, "runtime 'three' calls itself 'rust'; if it should, write identity = 'rust'"),
            ({"runtime": ABSENT, "service": ABSENT}, "runtime 'three': /health does not say who it is"),
        ],
    )
    def test_is_not_that_of_somebody_else(
        self,
        project: Attaching,
        run: Face,
        serve: Callable[..., Server],
        said: dict[str, object],
        sentence: str,
    ) -> None:
        for name in ("one", "two"):
            project.attached(name, serve())
        stranger = serve()
        stranger.service.health = lambda _: http(health(**said), JSON)

        done = run(*attach(three=stranger))

        assert done.code in {1, 3}, done
        assert f"three is failed: {sentence}" in done.all
        assert stranger.asked == []


class TestWriting:
    def test_is_kept_off_what_is_not_the_harnesss_own(
        self, project: Attaching, run: Face, serve: Callable[..., Server]
    ) -> None:
        project.probe(writes=True)
        one, two = serve(), serve()
        project.attached("one", one, allow_writes="true")
        project.attached("two", two)

        done = run()

        assert done.code in {1, 5}, done
        assert (
            "echo writes, and two is not the harness's own; write allow_writes = true for two in parity.toml"
            in done.out
        )
        assert (one.asked, two.asked) == ([], [])

    def test_is_done_where_it_is_allowed(self, project: Attaching, run: Face, serve: Callable[..., Server]) -> None:
        project.probe(writes=True)
        for name in ("one", "two"):
            project.attached(name, serve(), allow_writes="true")

        done = run()

        assert done.code == 0, done
        assert "agree (2 of 2)" in done.out


class TestUsage:
    @pytest.mark.parametrize(
        ("given", "sentence"),
        [
            ("go", "attach takes runtime=url, for example go=http://127.0.0.1:3221"),
            ("=http://h", "attach takes runtime=url"),
            ("go=h:80", "attach go: its url is not http://host:port or https://host, with a path at most"),
            ("go=http://h:0x1", "attach go: its url is broken"),
            (f"go=http://ada:{TOKEN}@h", "attach go: a secret has no place in a url; use headers_from"),
        ],
    )
    def test_of_what_is_no_url_is_one_sentence(
        self, project: Attaching, run: Face, serve: Callable[..., Server], given: str, sentence: str
    ) -> None:
        project.attached("one", serve())

        done = run(f"attach={given}")

        assert sentence in usage_error(done)
        assert TOKEN not in done.all

    def test_of_an_attached_one_at_a_revision_is_one_sentence(
        self, project: Attaching, run: Face, serve: Callable[..., Server]
    ) -> None:
        project.attached("one", serve())

        sentence = usage_error(run("runtimes=one,one@HEAD"))

        assert "only what the harness starts can be built from a revision" in sentence or "is no revision" in sentence


class TestSecrets:
    @pytest.fixture
    def echoing(self, project: Attaching, serve: Callable[..., Server]) -> Server:
        """Declare two runtimes of which one shows its caller's secret wherever it can."""
        server = serve(Echo("sound"))
        server.service.health = lambda request: http(
            health(version=f"1.0 {request.headers[b'authorization'].decode()}"), JSON
        )
        project.attached("one", server, headers_from='{ authorization = "ECHO_TOKEN" }')
        project.attached("two", serve())
        return server

    def test_are_sent_and_stand_nowhere(self, project: Attaching, face: Face, echoing: Server) -> None:
        done = face(ECHO_TOKEN=f"Bearer {TOKEN}")

        assert done.code in {1, 3}, done
        assert len(echoing.asked) > 60
        assert all(
            request.headers[b"authorization"] == f"Bearer {TOKEN}".encode() for request in echoing.service.requests
        )
        (surface,) = project.summary()["surfaces"]
        assert surface["divergences"]
        assert {fault["kind"] for fault in surface["faults"]} >= {"redirected", "compressed", "garbled"}
        assert "***" in json.dumps(project.summary())
        assert any(name.endswith("echo.md") for name in project.written())
        assert [name for name, content in project.written().items() if TOKEN.encode() in content] == []
        assert TOKEN not in done.all
        assert base64.b64encode(b"\xffBearer " + TOKEN.encode()).decode()[12:32] not in json.dumps(project.summary())

    def test_that_are_missing_are_one_sentence(self, face: Face, echoing: Server) -> None:
        done = face()

        assert "runtime 'one' wants its header authorization from the environment: set ECHO_TOKEN" in done.all
        assert "Traceback" not in done.all
        assert done.code != 0
        assert echoing.service.requests == []

    def test_of_replaying_stay_hidden_too(self, run: Face, echoing: Server) -> None:
        done = run(command="replay echo:UE9TVCAvCgphYmNkZWY", ECHO_TOKEN=f"Bearer {TOKEN}")

        assert done.code == 1, done
        assert "***" in done.out
        assert TOKEN not in done.all
        assert len(echoing.asked) == 1

    def test_of_a_doctor_stay_hidden_too(self, run: Face, echoing: Server) -> None:
        done = run(command="doctor", ECHO_TOKEN=f"Bearer {TOKEN}")

        assert "one  ready: version 1.0 ***, serves echo" in done.out
        assert TOKEN not in done.all
        assert len(echoing.service.requests) == 1
