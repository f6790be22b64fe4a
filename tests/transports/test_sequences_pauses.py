"""Sequences in which a sound service is ended and started again: what lasts, where it lies, whose turn it is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parity.errors import StartError
from parity.model import Kind
from parity.transports.conversation import Failure

from .conftest import kinds
from .kept import bodies, lines
from .services import PATIENCE, runs

if TYPE_CHECKING:
    from .kept import KeptBench
    from .services import ServiceBench

PUT, GET, ALL, WHO = "POST /put/a 1", "GET /get/a", "GET /all", "GET /whoami"
THERE, NOWHERE = {"value": 1}, {"unknown": "/get/a"}


class TestPauses:
    @pytest.mark.parametrize("pause", ["restart", "crash"])
    def test_end_the_service_and_start_it_on_its_data(self, kept: KeptBench, pause: str) -> None:
        one = kept.started()
        (seen,) = kept.ask(one, lines(PUT, WHO, pause, WHO, GET))
        put, before, after, got = bodies(seen)

        assert [put, got] == [{"keys": 1}, THERE]
        assert before != after
        assert len(one.starts) == 2
        assert len(set(one.starts)) == 1
        assert [runs(pid) for pid in sorted(kept.services.processes())].count(True) == 1

    def test_are_those_of_the_cases_that_have_them(self, kept: KeptBench) -> None:
        """Without a pause a write that comes late is there, behind SIGTERM as well, and behind SIGKILL it is not."""
        patterns = [[], ["restart"], ["crash"], ["restart", "crash"], ["crash", "restart"], ["crash"] * 2, ["restart"]]
        cases = []
        for pattern in patterns:
            steps = [WHO]
            for number, pause in enumerate(pattern):
                steps += [f"POST /put/k{number} {number}", pause, WHO, ALL]
            cases.append(lines(*steps))
        one = kept.started("writes-late", connections=1)
        together = [bodies(seen) for seen in kept.ask(one, *cases, *cases)]
        starts = len(one.starts)
        alone = [bodies(kept.ask(one, case)[0]) for case in cases]

        def shown(said: list[object]) -> list[object]:
            """Return what was said, with a number in the place of each process, and nobody's name."""
            pids: list[object] = []
            shown: list[object] = []
            for body in said:
                assert isinstance(body, dict)
                if "process" in body and body["process"] not in pids:
                    pids.append(body["process"])
                shown.append(pids.index(body["process"]) if "process" in body else body)
            return shown

        assert [shown(said) for said in together] == [shown(said) for said in alone] * 2
        assert starts == 1 + 1 + 1 + 2 + 2 + 2, "a pause is everybody's who pauses alike"
        assert shown(alone[1])[-1] == {"values": {"k0": 0}}, "SIGTERM lets it write what it had not written"
        assert shown(alone[2])[-1] == {"values": {}}, "SIGKILL does not"
        assert [max(number for number in shown(said) if isinstance(number, int)) for said in alone] == [
            len(pattern) for pattern in patterns
        ]

    @pytest.mark.parametrize("pause", ["restart", "crash"])
    @pytest.mark.parametrize(
        ("before", "after"), [([], [PUT, GET]), ([PUT, GET], []), ([PUT], [GET]), ([], [])], ids=str
    )
    def test_may_stand_anywhere_and_in_a_row(
        self, kept: KeptBench, pause: str, before: list[str], after: list[str]
    ) -> None:
        one = kept.started()
        (seen,) = kept.ask(one, lines(*before, pause, pause, *after))

        assert bodies(seen) == ([{"keys": 1}, THERE] if before or after else [])
        assert len(one.starts) == 3

    def test_lose_what_is_in_memory_alone(self, kept: KeptBench) -> None:
        one = kept.started(data=False)
        (seen,) = kept.ask(one, lines(PUT, GET, "restart", GET))

        assert bodies(seen) == [{"keys": 1}, THERE, NOWHERE]

    def test_are_not_for_a_service_of_somebody_else(self, kept: KeptBench) -> None:
        one = kept.started(data=False)
        way = kept.attached(one)
        seen = kept.ask(
            way, lines(PUT, WHO, "restart", WHO, GET), lines(PUT, WHO, "crash", "crash", WHO, GET), lines(WHO)
        )

        for row in seen[:2]:
            put, before, after, got = bodies(row)
            assert (put, got) == ({"keys": 1}, THERE)
            assert before == after
        assert len(one.starts) == 1
        kept.close(way)
        assert kinds(kept.ask(one, lines(WHO))) == ["answered"]


class TestData:
    def test_is_an_empty_directory_of_its_own_which_is_taken_away(self, kept: KeptBench) -> None:
        ways = [kept.started(name=name) for name in ("one", "other")]
        (one,), (other,) = (way.starts for way in ways)

        assert one != other
        assert list(Path(one).iterdir()) == []
        kept.ask(ways[0], lines(PUT, "restart", GET))
        assert [file.name for file in Path(one).iterdir()] == ["journal"]
        kept.close(ways[0])
        assert not Path(one).exists()
        assert Path(other).exists()
        kept.close(ways[1])
        assert not Path(other).exists()
        assert kept.services.left() == []

    def test_is_taken_away_where_it_does_not_start(self, kept: KeptBench) -> None:
        one = kept.started("never-starts", is_open=False)
        with pytest.raises(StartError, match="does not start: no configuration found"):
            kept.services.driver.run(one.service.open())

        assert one.starts
        assert [folder for folder in one.starts if Path(folder).exists()] == []

    def test_is_a_new_one_after_a_close(self, kept: KeptBench) -> None:
        one = kept.started()
        kept.ask(one, lines(PUT))
        kept.close(one)
        kept.services.driver.run(one.sequences.open())

        assert bodies(kept.ask(one, lines(GET))[0]) == [NOWHERE]
        assert len(set(one.starts)) == 2
        kept.services.driver.run(one.sequences.close())
        assert not any(Path(folder).exists() for folder in one.starts)

    def test_is_not_made_for_who_does_not_want_it(self, kept: KeptBench) -> None:
        one = kept.started(data=False)

        assert one.starts == ["None"]
        assert one.service.host._data is None


class TestTurn:
    def test_messages_and_sequences_take_turns(self, kept: KeptBench, services: ServiceBench) -> None:
        """A restart within a batch of messages would be their fault."""
        one = kept.started()
        message = b"GET /do/nap\n\n"
        asking = []
        for _ in range(3):
            asking.append(services.driver.ask({"x": one.service}, "echo", [message] * 4))
            asking.append(
                services.driver.ask({"x": one.sequences}, "kept", [lines(PUT, "crash", GET), lines("restart")])
            )
        rows = [row["x"] for future in asking for row in future.result(timeout=PATIENCE)]

        assert kinds(rows) == ["answered"] * len(rows)
        assert len(one.starts) == 1 + 3 * 2

    def test_messages_keep_no_connection_through_a_pause(self, kept: KeptBench, services: ServiceBench) -> None:
        one = kept.started()
        for _ in range(3):
            assert kinds(services.ask(one.service, *[b"GET /all\n\n"] * 9)) == ["answered"] * 9
            assert kinds(kept.ask(one, lines("crash"))) == ["answered"]

    def test_what_came_late_behind_a_message_is_told_of_a_message(
        self, kept: KeptBench, services: ServiceBench
    ) -> None:
        one = kept.started()
        one.service._late = Failure(Kind.GARBLED, "bytes that nobody asked for")

        (seen,) = kept.ask(one, lines(PUT, GET))
        assert bodies(seen) == [{"keys": 1}, THERE]
        first, second = (services.ask(one.service, b"GET /all\n\n")[0] for _ in range(2))
        assert "behind an answer of an earlier batch" in first.detail
        assert second.kind is Kind.ANSWERED
