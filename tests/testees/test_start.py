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

if TYPE_CHECKING:
    from collections.abc import Iterator

    from parity.testees.start import Testees

HOSTILE = Path(__file__).parents[1] / "transports" / "hostile.py"


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

    def start(self, *plants: str) -> Testees:
        (self.root / "parity.toml").write_text(self._toml)
        settings = config.load(self.root, config.Options(plants=plants))
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
