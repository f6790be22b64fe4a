"""The runtimes of a run made ready: each is ready, absent or failed, with the reason."""

from __future__ import annotations

import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from parity import config
from parity.drive import Driver
from parity.errors import UsageError
from parity.processes import Processes
from parity.testees import start as testees
from tests.transports.hostile_service import ABSENT, JSON, health, http
from tests.transports.services import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.testees.start import Testees

HOSTILE = Path(__file__).parents[1] / "transports" / "hostile.py"
FILES = HOSTILE.with_name("hostile_files.py")
SERVICE = HOSTILE.with_name("hostile_service.py")


class Bench:
    """Makes the runtimes of a parity.toml ready."""

    def __init__(self, root: Path) -> None:
        self.root, self.noted, self.told = root, root / "noted", list[str]()
        self.noted.mkdir()
        self._toml = ""
        self._driver = Driver()
        self._processes = Processes(root / "state")
        self.testees: Testees | None = None

    def runtime(self, name: str, behaviour: str = "sound", **more: str) -> None:
        """Declare a runtime that is a hostile helper; `more` are further lines, as TOML."""
        command = [sys.executable, "-I", "-S", str(HOSTILE), behaviour, str(self.noted)]
        own = {"helper": repr(command)} | ({} if {"callables", "attach"} & more.keys() else {"identity": '"hostile"'})
        table = own | more
        lines = [f"{key} = {value}" for key, value in table.items() if value]
        self._toml += "\n".join([f"[runtimes.{name}]", *lines, ""])

    def service(self, name: str, behaviour: str = "sound", **more: str) -> None:
        """Declare a runtime that is a hostile service."""
        command = [sys.executable, "-I", "-S", str(SERVICE), behaviour, "{port}", str(self.noted)]
        self.runtime(name, **({"helper": "", "service": repr(command)} | more))

    def attached(self, name: str, port: int, **more: str) -> None:
        """Declare a runtime that is attached to by URL."""
        self.runtime(name, **({"helper": "", "url": f'"http://127.0.0.1:{port}"'} | more))

    def start(self, *plants: str, attach: tuple[str, ...] = ()) -> Testees:
        (self.root / "parity.toml").write_text(self._toml)
        settings = config.load(self.root, config.Options(plants=plants, attach=attach))
        self.testees = testees.start(settings, self._processes, self._driver, self.told.append)
        return self.testees

    def running(self) -> list[int]:
        """Return the helpers that still run."""
        pids = [int(file.name) for file in self.noted.iterdir()]
        return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie"]

    def close(self) -> None:
        if self.testees is not None:
            self.testees.stop()
        self._driver.close()
        self._processes.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def test_each_runtime_has_its_state(bench: Bench) -> None:
    bench.runtime("good", reference="true")
    bench.runtime("toolless", needs='["no-such-tool-x"]')
    bench.runtime("broken", build='["{python}", "-c", "raise SystemExit(\'no compiler today\')"]')
    bench.runtime("untested", gate='["{python}", "-c", "raise SystemExit(\'1 of 3 tests failed\')"]')
    bench.runtime("mute", "dies-at-start")
    bench.runtime("babbling", "garbage-hello")
    bench.runtime("remote", helper="", attach='"127.0.0.1:9"')
    bench.runtime("fine", "slow-start")

    started = bench.start()

    assert {name: state.status for name, state in started.states.items()} == {
        "good": "ready",
        "toolless": "absent",
        "broken": "failed",
        "untested": "failed",
        "mute": "failed",
        "babbling": "failed",
        "remote": "absent",
        "fine": "ready",
    }
    reasons = {name: state.reason for name, state in started.states.items()}
    assert reasons["good"] is None
    assert "no-such-tool-x was not found; install" in str(reasons["toolless"])
    assert "no compiler today" in str(reasons["broken"])
    assert "1 of 3 tests failed" in str(reasons["untested"])
    assert "no configuration found" in str(reasons["mute"])
    assert "does not say hello" in str(reasons["babbling"])
    assert "127.0.0.1:9" in str(reasons["remote"])
    assert [name for name, state in started.states.items() if state.reference] == ["good"]


def test_only_those_that_are_ready_serve(bench: Bench) -> None:
    bench.runtime("good")
    bench.runtime("mute", "dies-at-start")
    bench.runtime("toolless", needs='["no-such-tool-x"]')
    bench.runtime("fine")

    started = bench.start()

    assert list(started.serving("echo")) == ["good", "fine"]
    assert list(started.serving("another surface")) == []


def test_one_that_calls_itself_another_is_failed(bench: Bench) -> None:
    bench.runtime("good", identity='"somebody-else"')

    state = bench.start().states["good"]

    assert state.status == "failed"
    assert "calls itself 'hostile'" in str(state.reason)


def test_one_that_is_attached_and_talks_nonsense_is_failed_and_not_absent(bench: Bench) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            connection, _ = server.accept()
            with connection:
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        bench.runtime("remote", helper="", attach=f'"127.0.0.1:{server.getsockname()[1]}"')
        state = bench.start().states["remote"]
        thread.join()

    assert state.status == "failed"
    assert "does not say hello" in str(state.reason)


def test_a_ready_one_tells_what_its_hello_said(bench: Bench) -> None:
    bench.runtime("good")

    state = bench.start().states["good"]

    assert (state.version, state.commit, state.surfaces) == ("1.0", "abc1234", ("echo",))
    assert state.plants == ("upside-down",)
    assert bench.told == []


@pytest.mark.parametrize("behaviour", ["hello-of-bad-utf8", "deep-hello"])
def test_a_hostile_hello_fails_its_runtime_and_no_other(bench: Bench, behaviour: str) -> None:
    bench.runtime("good")
    bench.runtime("hostile", behaviour)

    started = bench.start()

    assert {name: state.status for name, state in started.states.items()} == {"good": "ready", "hostile": "failed"}


def test_stop_ends_them(bench: Bench) -> None:
    bench.runtime("good")
    bench.runtime("fine")
    started = bench.start()
    assert len(bench.running()) == 2

    started.stop()
    started.stop()

    assert bench.running() == []


class TestPlants:
    def test_one_that_was_asked_for_is_active(self, bench: Bench) -> None:
        bench.runtime("good")
        bench.runtime("other")

        started = bench.start("good=upside-down")

        assert [state.status for state in started.states.values()] == ["ready", "ready"]
        assert len(bench.running()) == 2  # the sound one that was asked about its plants has ended

    def test_one_that_the_runtime_does_not_have_is_an_error_that_lists_those_it_has(self, bench: Bench) -> None:
        bench.runtime("other")
        bench.runtime("good")

        with pytest.raises(UsageError, match=r"unknown planted bug 'inside-out' in .*good=inside-out") as caught:
            bench.start("good=inside-out")

        assert str(caught.value).endswith("known: upside-down")
        assert bench.running() == []

    @pytest.mark.parametrize("plants", [(), ("good=upside-down",)], ids=["none", "another"])
    def test_a_helper_that_claims_another_one_is_failed(self, bench: Bench, plants: tuple[str, ...]) -> None:
        bench.runtime("good", "other-plant")

        started = bench.start(*plants)

        assert started.states["good"].status == "failed"
        assert "'something-else'" in str(started.states["good"].reason)
        assert list(started.serving("echo")) == []

    def test_one_in_the_callers_environment_is_none(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("LAKEHOUSE_PLANT", "upside-down")
        bench.runtime("good")

        assert bench.start().states["good"].status == "ready"

    @pytest.mark.parametrize(
        "way", [{"attach": '"127.0.0.1:9"'}, {"callables": '{ echo = "json:dumps" }'}], ids=["attach", "callables"]
    )
    def test_one_for_a_runtime_that_takes_none_is_an_error(self, bench: Bench, way: dict[str, str]) -> None:
        bench.runtime("remote", helper="", **way)

        with pytest.raises(UsageError, match="remote"):
            bench.start("remote=upside-down")


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


class TestServices:
    def test_have_their_state(self, bench: Bench, server: Server) -> None:
        bench.service("good", reference="true")
        bench.service("gone", "ends-at-once")
        bench.attached("there", server.port)
        bench.attached("nobody", 9)

        with_states = bench.start().states

        assert {name: state.status for name, state in with_states.items()} == {
            "good": "ready",
            "gone": "failed",
            "there": "ready",
            "nobody": "absent",
        }
        assert with_states["gone"].reason == "runtime 'gone' does not start: no configuration found"
        assert "runtime 'nobody' cannot be reached at 127.0.0.1:9: " in str(with_states["nobody"].reason)
        assert (with_states["good"].surfaces, with_states["good"].plants) == (("echo",), ("upside-down",))

    def test_end_with_the_run_but_for_those_that_are_attached_to(self, bench: Bench, server: Server) -> None:
        bench.service("good")
        bench.attached("there", server.port)
        started = bench.start()
        assert len(bench.running()) == 1

        started.stop()

        assert bench.running() == []
        assert server.connections == 1

    def test_that_are_slow_to_start_are_told(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(testees, "SLOW", 0.1)
        bench.service("good", "slow-start")

        assert bench.start().states["good"].status == "ready"
        assert bench.told == ["good: slow to start; still waiting"]

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"runtime": "rust"}, "runtime 'there' calls itself 'rust'; if it should, write identity = 'rust'"),
            ({"runtime": ABSENT}, "runtime 'there' calls itself 'hostiled'; if it should, write identity = 'hostiled'"),
            ({"runtime": ABSENT, "service": ABSENT}, "it has neither runtime nor service"),
            ({"planted": "x"}, "runtime 'there' says that its planted bug is 'x', and None was asked for"),
            ({"surfaces": []}, "does not say what it serves; write surfaces = [...]"),
        ],
    )
    def test_that_are_somebody_else_are_failed_and_not_absent(
        self, bench: Bench, server: Server, said: dict[str, object], sentence: str
    ) -> None:
        server.service.health = lambda _: http(health(**said), JSON)
        bench.attached("there", server.port)

        state = bench.start().states["there"]

        assert state.status == "failed"
        assert sentence in str(state.reason)
        assert server.asked == []

    def test_may_be_called_after_the_service(self, bench: Bench, server: Server) -> None:
        server.service.health = lambda _: http(health(runtime=ABSENT), JSON)
        bench.attached("there", server.port, identity='"hostiled"')

        assert bench.start().states["there"].status == "ready"

    def test_whose_secret_is_not_set_end_the_start(self, bench: Bench, server: Server) -> None:
        bench.service("good")
        bench.attached("there", server.port, headers_from='{ authorization = "NO_SUCH_VARIABLE" }')

        with pytest.raises(UsageError, match=r"runtime 'there' wants its header authorization .* set NO_SUCH_VARIABLE"):
            bench.start()
        assert bench.running() == []
        assert server.service.requests == []


class TestBothWays:
    """One runtime that is a helper for some surfaces and a service for others."""

    def both(self, bench: Bench, service: str, **more: str) -> None:
        command = [sys.executable, "-I", "-S", str(SERVICE), service, "{port}", str(bench.noted)]
        bench.runtime("good", service=repr(command), **more)

    def test_serve_together(self, bench: Bench) -> None:
        self.both(bench, "health-without-surfaces", surfaces='["validate"]')

        started = bench.start()

        assert started.states["good"].surfaces == ("echo", "validate")
        assert [started.serving(name)["good"].kind for name in ("echo", "validate")] == ["helper", "http"]
        assert len(bench.running()) == 2
        started.stop()
        assert bench.running() == []

    def test_with_the_same_surface_are_failed(self, bench: Bench) -> None:
        self.both(bench, "sound")

        started = bench.start()

        assert started.states["good"].reason == "runtime 'good' serves 'echo' both as helper and as http"
        assert started.serving("echo") == {}
        assert bench.running() == []

    def test_take_a_plant_where_it_is(self, bench: Bench) -> None:
        self.both(bench, "health-without-surfaces", surfaces='["validate"]')

        started = bench.start("good=upside-down")

        assert started.states["good"].status == "ready"
        assert len(bench.running()) == 2


class TestFiles:
    """One runtime that is a helper for some surfaces and works on directories for others."""

    def files(self, bench: Bench, *given: str) -> str:
        return repr([sys.executable, "-I", "-S", str(FILES), "hostile", "sound", str(bench.noted), *given])

    def test_serve_beside_a_helper(self, bench: Bench) -> None:
        bench.runtime("good", files=self.files(bench))

        started = bench.start()

        assert started.states["good"].surfaces == ("echo", "s")
        assert [started.serving(name)["good"].kind for name in ("echo", "s")] == ["helper", "files"]
        assert len(bench.running()) == 2
        started.stop()
        assert bench.running() == []

    def test_with_the_same_surface_are_failed(self, bench: Bench) -> None:
        bench.runtime("good", files=self.files(bench, "echo"))

        started = bench.start()

        assert started.states["good"].reason == "runtime 'good' serves 'echo' both as helper and as files"
        assert started.serving("echo") == {}
        assert bench.running() == []

    def test_with_one_surface_in_three_ways_are_failed(self, bench: Bench) -> None:
        command = [sys.executable, "-I", "-S", str(SERVICE), "sound", "{port}", str(bench.noted)]
        bench.runtime("good", files=self.files(bench, "echo"), service=repr(command))

        reason = bench.start().states["good"].reason

        assert reason == "runtime 'good' serves 'echo' both as helper and as files and as http"
        assert bench.running() == []

    def test_take_a_plant_where_it_is(self, bench: Bench) -> None:
        bench.runtime("good", helper="", files=self.files(bench))

        started = bench.start("good=upside-down")

        assert started.states["good"].status == "ready"
        assert len(bench.running()) == 1

    def test_that_call_themselves_something_else_are_failed(self, bench: Bench) -> None:
        bench.runtime("good", helper="", files=self.files(bench), identity='"good"')

        assert "calls itself 'hostile'" in str(bench.start().states["good"].reason)
        assert bench.running() == []


class TestPlantsOfServices:
    def test_that_are_claimed_are_checked(self, bench: Bench) -> None:
        bench.service("good", "health-of-another-plant")

        assert "'something-else'" in str(bench.start().states["good"].reason)
        assert bench.running() == []

    def test_that_they_do_not_have_are_an_error(self, bench: Bench) -> None:
        bench.service("good")

        with pytest.raises(UsageError, match=r"unknown planted bug 'inside-out' .* known: upside-down"):
            bench.start("good=inside-out")

        assert bench.running() == []

    def test_for_one_that_is_attached_to_are_an_error(self, bench: Bench, server: Server) -> None:
        bench.service("good")

        with pytest.raises(UsageError, match="runtime 'good' is not started by the harness"):
            bench.start("good=upside-down", attach=(f"good=http://127.0.0.1:{server.port}",))


class TestAttach:
    def test_takes_the_place_of_the_start(self, bench: Bench, server: Server) -> None:
        bench.service("good", build='["{python}", "-c", "raise SystemExit(1)"]')

        started = bench.start(attach=(f"good=http://127.0.0.1:{server.port}",))

        assert started.states["good"].status == "ready"
        assert bench.running() == []
        assert len(server.service.requests) == 1

    def test_makes_a_runtime_that_parity_toml_does_not_have(self, bench: Bench, server: Server) -> None:
        bench.service("good")

        started = bench.start(attach=(f"hostile=http://127.0.0.1:{server.port}/base",))

        assert list(started.serving("echo")) == ["good", "hostile"]
        assert server.service.requests[0].target == b"/base/health"

    def test_may_write_only_where_that_is_allowed(self, bench: Bench, server: Server) -> None:
        bench.service("good")
        bench.attached("there", server.port)
        bench.attached("mine", server.port, allow_writes="true")

        started = bench.start()

        assert list(started.serving("echo", writes=True)) == ["good", "mine"]
        assert started.kept_off("echo") == ["there"]
        assert list(started.serving("echo")) == ["good", "there", "mine"]
