"""A service that is started: its port, its health, its deaths, and that nothing of it is left."""

from __future__ import annotations

import re
import shlex
import socket
import sys
from typing import TYPE_CHECKING

import pytest

from parity.errors import StartError
from parity.model import Kind
from parity.processes import Processes
from parity.transports import host as host_module
from parity.transports import service as service_module
from parity.transports.conversation import LAST_LOG

from .conftest import kinds
from .services import SCRIPT, post, runs, said

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .services import Server, ServiceBench

    Serve = Callable[..., Server]

SHORT = 0.8  # seconds that a service which hangs may take
UP = 1.2  # seconds in which a process is surely up


class TestStart:
    def test_is_on_a_port_of_its_own(self, services: ServiceBench) -> None:
        one, other = services.started("sound"), services.started("sound")
        hellos = [services.driver.run(service.open()) for service in (one, other)]

        assert [hello.runtime for hello in hellos] == ["hostile", "hostile"]
        assert one.host.address.port != other.host.address.port
        assert [row.output for row in services.ask(one, post(b"a"))] == [said("A")]
        assert len(services.processes()) == 2

    def test_may_be_slow(self, services: ServiceBench) -> None:
        service = services.started("slow-start", deadline=SHORT)

        assert kinds(services.observe(service, post(b"a"))) == [Kind.ANSWERED]
        assert services.left() == []

    @pytest.mark.parametrize("behaviour", ["health-500-at-first", "health-drops-at-first"])
    def test_may_take_some_questions(self, services: ServiceBench, behaviour: str) -> None:
        service = services.started(behaviour)

        assert kinds(services.observe(service, post(b"a"))) == [Kind.ANSWERED]
        assert len(services.processes()) == 1

    def test_may_be_that_of_a_child(self, services: ServiceBench) -> None:
        command = shlex.join([sys.executable, "-I", "-S", str(SCRIPT), "sound", "PORT", str(services.folder)])
        shell = ["sh", "-c", command.replace("PORT", "{port}") + "; true"]
        service = services.started("sound", command=shell)

        assert kinds(services.observe(service, post(b"a"))) == [Kind.ANSWERED]
        assert services.left() == []

    @pytest.mark.parametrize(
        ("behaviour", "sentence"),
        [
            ("never-listens", "its health did not answer within 1.2 s: nothing listens at its port"),
            ("listens-elsewhere", "its health did not answer within 1.2 s: nothing listens at its port"),
            ("health-hangs", "its health did not answer within 1.2 s: it takes connections and says nothing"),
            ("health-500", "its health did not answer within 1.2 s: runtime 'hostile': /health answers 500"),
            ("health-no-json", "/health does not say who it is: JSON is malformed"),
            ("health-redirects", "/health redirected: 302, which is not followed, to /"),
            ("health-without-a-name", "it has neither runtime nor service"),
            ("health-without-surfaces", "write surfaces = [...] for it in parity.toml"),
        ],
    )
    def test_without_a_sound_health_ends_at_its_deadline(
        self, services: ServiceBench, behaviour: str, sentence: str
    ) -> None:
        service = services.started(behaviour, deadline=0.5, start_deadline=UP)

        with pytest.raises(StartError, match="runtime 'hostile' does not start: ") as caught:
            services.driver.run(service.open())

        first, *log = str(caught.value).splitlines()
        assert sentence in first
        assert log == (["everything is fine"] if behaviour == "never-listens" else [])
        assert len(services.processes()) == 1
        assert services.left() == []

    def test_that_ends_at_once_shows_its_log(self, services: ServiceBench) -> None:
        with pytest.raises(StartError) as caught:
            services.driver.run(services.started("ends-at-once").open())

        assert str(caught.value) == "runtime 'hostile' does not start: no configuration found"
        assert len(services.processes()) == 1

    def test_that_ends_at_once_and_says_nothing_is_told(self, services: ServiceBench) -> None:
        service = services.started("sound", command=[sys.executable, "-c", "", "{port}"])

        with pytest.raises(StartError, match="does not start: it ended before its health answered"):
            services.driver.run(service.open())

    def test_of_a_program_that_is_not_there_is_an_error(self, services: ServiceBench) -> None:
        service = services.started("sound", command=["/nowhere/service", "{port}"])

        with pytest.raises(StartError, match="runtime 'hostile' cannot be started: /nowhere/service: "):
            services.driver.run(service.open())

    def test_takes_the_port_wherever_the_command_says_it(self, services: ServiceBench) -> None:
        code = "import sys, urllib.parse; sys.exit(sys.argv[1] + ' ' + sys.argv[2])"
        service = services.started("sound", command=[sys.executable, "-c", code, "--at=:{port}", "{port}-{port}"])

        with pytest.raises(StartError, match=r"--at=:(\d+) \1-\1"):
            services.driver.run(service.open())


class TestPort:
    """Somebody else was faster: what answers there is not what was started."""

    @pytest.fixture
    def stranger(self, serve: Serve) -> Server:
        """Return a server whose health looks just right."""
        return serve()

    def ports(self, monkeypatch: pytest.MonkeyPatch, *taken: int) -> list[int]:
        """Let the first ports that are found free be taken by the time that they are used."""
        found, free = list(taken), host_module._free_port
        given: list[int] = []

        def port() -> int:
            given.append(found.pop(0) if found else free())
            return given[-1]

        monkeypatch.setattr(host_module, "_free_port", port)
        return given

    @pytest.mark.parametrize("times", [1, 2])
    def test_that_is_taken_is_left_to_the_stranger(
        self, services: ServiceBench, stranger: Server, monkeypatch: pytest.MonkeyPatch, times: int
    ) -> None:
        given = self.ports(monkeypatch, *[stranger.port] * times)
        service = services.started("sound")

        assert kinds(services.observe(service, post(b"a"))) == [Kind.ANSWERED]
        assert len(given) == times + 1
        assert service.host.address.port == given[-1] != stranger.port
        assert stranger.asked == []
        assert services.left() == []

    def test_that_is_always_taken_is_an_error(
        self, services: ServiceBench, stranger: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.ports(monkeypatch, *[stranger.port] * 10)

        with pytest.raises(StartError, match=f"does not start: port {stranger.port} is taken: "):
            services.driver.run(services.started("sound").open())

        assert len(services.processes()) == host_module.PORT_TRIALS
        assert stranger.asked == []

    def test_at_which_only_a_stranger_answers_is_an_error(
        self, services: ServiceBench, stranger: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The process lives and does not listen, and the stranger's health would do."""
        self.ports(monkeypatch, *[stranger.port] * 10)
        monkeypatch.setattr(host_module, "PORT_TRIALS", 1)
        service = services.started("stays-without-a-port", start_deadline=SHORT)

        with pytest.raises(StartError, match=f"another process answers at port {stranger.port}") as caught:
            services.driver.run(service.open())

        assert f"port {stranger.port} is taken" in str(caught.value)  # its log, behind the reason
        assert stranger.asked == []
        assert services.left() == []

    def test_at_which_a_mute_stranger_listens_is_another_one_next(
        self, services: ServiceBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as mute:
            given = self.ports(monkeypatch, mute.getsockname()[1])
            service = services.started("sound", deadline=SHORT)

            assert kinds(services.observe(service, post(b"a"))) == [Kind.ANSWERED]
        assert len(given) == 2


DEATHS = {
    "dies": "it ended with exit code 7",
    "dies-within": "it ended with exit code 7",
    "dies-by-signal": "it ended with signal 9",
    "dies-with-a-child": "it ended with exit code 7",
}


class TestDeath:
    @pytest.mark.parametrize("connections", [1, 4])
    @pytest.mark.parametrize("behaviour", DEATHS)
    def test_at_a_case_is_the_fault_of_that_case(
        self, services: ServiceBench, behaviour: str, connections: int
    ) -> None:
        service = services.started(behaviour, connections=connections)
        cases = [post(b"a"), post(b"b"), post(b"BAD"), post(b"c"), post(b"d")]

        seen = services.observe(service, *cases)

        assert kinds(seen) == [Kind.CRASHED if at == 2 else Kind.ANSWERED for at in range(5)]
        assert seen[2].detail == DEATHS[behaviour]
        assert [row.output for at, row in enumerate(seen) if at != 2] == [said(letter) for letter in "ABCD"]
        assert services.left() == []

    def test_that_takes_a_while_is_waited_for(self, services: ServiceBench) -> None:
        """Its sockets end long before it does, and it must not be given up on for that."""
        service = services.started("dies-slowly", connections=1)

        seen = services.observe(service, post(b"a"), post(b"BAD"), post(b"b"), post(b"c"))

        assert kinds(seen)[::3] == [Kind.ANSWERED] * 2
        assert seen[1].kind in {Kind.RESET, Kind.CRASHED}
        assert seen[2].kind is Kind.CRASHED  # nobody can tell that it was not this one

    def test_shows_the_last_lines_of_the_log(self, services: ServiceBench) -> None:
        (seen,) = services.observe(services.started("dies"), post(b"BAD"))

        assert seen.log == "the disk is on fire"
        assert len(seen.log) <= LAST_LOG

    def test_at_several_cases_is_the_fault_of_each(self, services: ServiceBench) -> None:
        service = services.started("dies", connections=4)

        seen = services.observe(service, post(b"BAD 1"), post(b"a"), post(b"BAD 2"), post(b"b"), post(b"BAD 3"))

        assert kinds(seen) == [Kind.CRASHED, Kind.ANSWERED, Kind.CRASHED, Kind.ANSWERED, Kind.CRASHED]

    def test_that_no_single_case_shows_is_not_lost(self, services: ServiceBench) -> None:
        service = services.started("dies-together", connections=3)

        seen = services.observe(service, post(b"a"), post(b"b"), post(b"c"))

        assert kinds(seen) == [Kind.CRASHED, Kind.ANSWERED, Kind.ANSWERED]
        assert re.search("with [23] requests in flight; no single one of them shows it", seen[0].detail)
        assert "too much at once" in seen[0].log
        assert [row.output for row in seen[1:]] == [said("B"), said("C")]

    def test_beside_a_case_that_hangs_ends_within_its_deadline(self, services: ServiceBench) -> None:
        """Once it died, the suspects are asked one at a time, and one of them may not answer at all."""
        service = services.started("dies-or-hangs", deadline=SHORT, connections=4)

        seen = services.observe(service, post(b"BAD hang"), post(b"a"), post(b"BAD die"), post(b"b"))

        assert kinds(seen) == [Kind.TIMED_OUT, Kind.ANSWERED, Kind.CRASHED, Kind.ANSWERED]
        assert services.left() == []

    def test_now_and_then_is_told_each_time_and_the_run_goes_on(
        self, services: ServiceBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It dies at every tenth request, whichever that is, until there were too many restarts."""
        monkeypatch.setattr(service_module, "MOST_RESTARTS", 3)
        service = services.started("dies-at-the-tenth", connections=2)

        seen = services.observe(service, *[post(b"%d" % number) for number in range(60)])

        crashed = [at for at, row in enumerate(seen) if row.kind is Kind.CRASHED]
        gone = [at for at, row in enumerate(seen) if row.kind is Kind.GONE]
        answered = [at for at, row in enumerate(seen) if row.kind is Kind.ANSWERED]
        assert len(crashed) == 4
        assert gone
        assert min(gone) > max(crashed)
        assert "given up on after 3 restarts; last: it ended with exit code 7" in seen[-1].detail
        assert len(answered) == 60 - len(crashed) - len(gone) >= 20
        assert all(seen[at].output == said(str(at)) for at in answered)
        assert len(services.processes()) == 1 + 3
        assert services.left() == []

    def test_at_each_hundredth_request_is_told_and_every_other_answer_is_kept(self, services: ServiceBench) -> None:
        service = services.started("dies-at-the-hundredth", connections=8)

        seen = services.observe(service, *[post(b"%d" % number) for number in range(250)])

        crashed = [at for at, row in enumerate(seen) if row.kind is Kind.CRASHED]
        assert len(crashed) == len(services.processes()) - 1 >= 2
        assert all("it ended with exit code 7" in seen[at].detail for at in crashed)
        others = [at for at in range(250) if at not in crashed]
        assert all(seen[at].kind is Kind.ANSWERED and seen[at].output == said(str(at)) for at in others)

    def test_after_which_it_is_gone_is_not_asked_again(
        self, services: ServiceBench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(service_module, "MOST_RESTARTS", 0)
        service = services.started("dies")
        services.driver.run(service.open())
        assert kinds(services.ask(service, post(b"BAD"))) == [Kind.CRASHED]

        assert kinds(services.ask(service, post(b"a"), post(b"b"))) == [Kind.GONE, Kind.GONE]
        assert len(services.processes()) == 1

    def test_after_which_it_does_not_start_again_is_gone(self, services: ServiceBench) -> None:
        service = services.started("starts-once", connections=1)

        seen = services.observe(service, post(b"a"), post(b"BAD"), post(b"b"), post(b"c"))

        assert kinds(seen) == [Kind.ANSWERED, Kind.CRASHED, Kind.GONE, Kind.GONE]
        assert seen[1].detail == "it ended with exit code 7"
        assert seen[1].log == "the disk is on fire"
        assert "it does not start again: runtime 'hostile' does not start: no configuration found" in seen[-1].detail

    def test_between_two_batches_is_told_with_the_next_one(self, services: ServiceBench) -> None:
        service = services.started("sound", connections=2)
        services.driver.run(service.open())
        services.ask(service, post(b"a"))
        (pid,) = services.processes()
        service.host._channel._transport.kill()  # type: ignore[union-attr]
        while runs(pid):
            pass

        seen = services.ask(service, post(b"b"), post(b"c"))

        assert kinds(seen) == [Kind.CRASHED, Kind.ANSWERED]
        assert "it ended with signal 9" in seen[0].detail
        assert seen[1].output == said("C")


class TestEnd:
    @pytest.mark.parametrize("behaviour", ["sound", "hangs"])
    def test_is_asked_for_first(self, services: ServiceBench, behaviour: str) -> None:
        service = services.started(behaviour)
        services.driver.run(service.open())
        channel = service.host._channel
        assert channel is not None
        services.driver.run(service.close())

        assert channel._transport.get_returncode() == 0
        assert services.left() == []

    def test_that_is_refused_comes_anyway(
        self, services: ServiceBench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """With the whole group, and what left the group carries the run's mark."""
        monkeypatch.setattr("parity.processes.PATIENCE", 0.3)
        processes = Processes(tmp_path / "state")
        service = services.started("ignores-sigterm", environment=processes.environment({}))
        services.driver.run(service.open())
        assert len(services.processes()) == 3
        assert all(runs(pid) for pid in services.processes())

        services.driver.run(service.close())
        processes.close()

        assert services.left() == []

    def test_of_closing_twice_or_before_opening_is_nothing(self, services: ServiceBench) -> None:
        service = services.started("sound")
        services.driver.run(service.close())
        services.driver.run(service.open())
        services.driver.run(service.close())
        services.driver.run(service.close())

        assert services.left() == []
