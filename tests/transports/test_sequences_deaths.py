"""A service that dies within a sequence, or at a pause of one: whose fault it is, and what the others get."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parity.model import Kind
from parity.transports import host as host_module
from parity.transports import service as service_module

from .conftest import kinds
from .kept import bodies, lines
from .services import runs
from .test_sequences_faults import AGAIN, FAULTS, bad, good, is_good, tenants

if TYPE_CHECKING:
    from .kept import KeptBench

PUT, GET, ALL = "POST /put/a 1", "GET /get/a", "GET /all"


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_module, "ENDING_PATIENCE", 1.0)


class TestDeath:
    @pytest.mark.parametrize("thing", ["die", "kill"])
    def test_has_its_culprits_found(self, kept: KeptBench, thing: str) -> None:
        one = kept.started()
        guilty = {3, 17, 18, 33}
        seen = kept.ask(one, *[bad(thing, at) if at in guilty else good(at) for at in range(40)])

        assert {at for at, row in enumerate(seen) if row.kind is Kind.CRASHED} == guilty
        assert {seen[at].detail for at in guilty} == {f"line 3: {FAULTS[thing][1]}"}
        assert all(is_good(row, at) for at, row in enumerate(seen) if at not in guilty)
        kept.close(one)
        assert kept.services.left() == []

    def test_that_no_single_case_shows_is_not_lost(self, kept: KeptBench) -> None:
        one = kept.started()
        together = lines(ALL, "GET /do/die-together", ALL)

        seen = kept.ask(one, together, together, together)

        assert kinds(seen) == ["crashed", "answered", "answered"]
        assert seen[0].detail == (
            "line 2: it ended with exit code 3, with 3 sequences in flight; no single one of them shows it"
        )
        assert set(seen[0].log.splitlines()) == {"too much at once"}, "several may say so before one of them ends it"

    def test_once_with_others_in_flight_is_told_of_one_of_them(self, kept: KeptBench) -> None:
        one = kept.started()
        nap = lines("GET /do/nap", "GET /do/nap")

        seen = kept.ask(one, nap, nap, lines(ALL, ALL, "GET /do/die-once"))

        assert kinds(seen) == ["crashed", "answered", "answered"]
        assert seen[0].detail == (
            "line 1: it ended with exit code 3, with 3 sequences in flight; no single one of them shows it"
        )
        assert seen[0].log == "the disk is on fire"

    def test_is_never_that_of_a_case_which_was_not_in_flight(self, kept: KeptBench) -> None:
        """Who waited is not asked alone, but with others again, and under the first name if it had not begun."""
        one = kept.started(connections=2)
        seen = kept.ask(one, good(0), bad("die"), *[good(at) for at in range(2, 30)])

        assert kinds(seen) == ["crashed" if at == 1 else "answered" for at in range(30)]
        again = {tenant.rpartition("-")[0] for tenant in tenants(one, "POST /put/n") if tenant.endswith("-2")}
        assert 1 <= len(again) <= 2

    def test_with_others_behind_a_pause_is_theirs_no_more(self, kept: KeptBench) -> None:
        """What they had written is gone with the data, so they are asked from their beginning."""
        one = kept.started()
        cases = [lines(f"POST /put/n {at}", "restart", "GET /get/n") for at in range(5)]
        cases.insert(2, lines(PUT, "restart", "GET /do/die"))
        cases.insert(3, lines("GET /do/die", "restart", GET))

        seen = kept.ask(one, *cases)

        assert [row.detail for row in seen if row.kind is Kind.CRASHED] == [
            f"line {line}: it ended with exit code 3" for line in (3, 1)
        ]
        assert [bodies(row)[1] for row in seen if row.kind is Kind.ANSWERED] == [{"value": at} for at in range(5)]

    def test_is_followed_by_new_data(self, kept: KeptBench) -> None:
        one = kept.started()
        kept.ask(one, lines(PUT, "restart", "crash", "GET /do/die"))
        first, second, third = dict.fromkeys(one.starts)

        assert [Path(folder).exists() for folder in (first, second, third)] == [False, False, True]
        assert list(Path(third).iterdir()) == []
        kept.close(one)
        assert not Path(third).exists()

    @pytest.mark.parametrize("pause", ["restart", "crash"])
    def test_behind_an_answer_is_found_at_the_pause(self, kept: KeptBench, pause: str) -> None:
        (seen,) = kept.ask(kept.started(), lines(PUT, "GET /do/die-behind", pause, GET))

        if pause == "restart" or seen.kind.is_fault:  # who is killed in that moment may have been dying already
            assert seen.kind is Kind.CRASHED
            assert "exit code 3" in seen.detail
            assert (seen.detail.removeprefix(AGAIN) if pause == "crash" else seen.detail).startswith("line 3: ")

    def test_behind_an_answer_is_found_at_the_next_call(self, kept: KeptBench) -> None:
        seen = [
            kept.ask(kept.started(name=name), lines(*case))[0]
            for name, case in (
                ("one", ["GET /do/die-behind", GET, ALL]),
                ("other", [ALL, "GET /do/die-behind"]),
            )
        ]

        assert [row.detail for row in seen] == [
            "line 2: it ended with exit code 3",
            "behind the last line: it ended with exit code 3",
        ]

    def test_between_two_batches_is_told_with_the_next_one(self, kept: KeptBench) -> None:
        one = kept.started(connections=2)
        kept.ask(one, good())
        (pid,) = kept.services.processes()
        one.service.host._channel._transport.kill()  # type: ignore[union-attr]
        while runs(pid):
            pass

        seen = kept.ask(one, good(0), good(1), good(2))

        assert kinds(seen) == ["crashed", "answered", "answered"]
        assert "line 1: it ended with signal 9, with 2 sequences in flight; no single one" in seen[0].detail
        assert is_good(seen[1], 1)
        assert is_good(seen[2], 2)

    def test_too_often_is_given_up_on(self, kept: KeptBench, monkeypatch: pytest.MonkeyPatch) -> None:
        assert service_module.MOST_RESTARTS == 20
        monkeypatch.setattr(service_module, "MOST_RESTARTS", 4)
        one = kept.started(connections=2)

        seen = kept.ask(one, *[bad("die") for _ in range(12)], lines("restart"), b"")

        found = kinds(seen)
        crashed = found.count("crashed")
        assert 2 <= crashed <= 5
        assert found == ["crashed"] * crashed + ["gone"] * (13 - crashed) + ["refused"]
        assert seen[-2].detail == "given up on after 4 restarts; last: it ended with exit code 3"
        assert len(one.starts) == 1 + 4
        assert not any(Path(folder).exists() for folder in one.starts)
        assert kinds(kept.ask(one, good())) == ["gone"]
        assert len(one.starts) == 1 + 4

    def test_after_which_it_does_not_start_is_the_end(self, kept: KeptBench) -> None:
        seen = kept.ask(kept.started("starts-once", connections=1), good(0), bad("die"), good(2))

        assert kinds(seen) == ["answered", "crashed", "gone"]
        assert seen[1].detail == "line 3: it ended with exit code 3"
        assert "it does not start again: runtime 'hostile' does not start: no configuration found" in seen[2].detail


class TestPause:
    def test_at_which_it_ends_badly_is_a_fault(self, kept: KeptBench) -> None:
        one = kept.started("ends-with-1")

        seen = kept.ask(one, lines(PUT, "restart", GET), lines(PUT, "crash", GET), good(), lines(PUT, PUT, "restart"))

        assert kinds(seen) == ["crashed", "answered", "answered", "crashed"]
        assert [row.detail for row in seen if row.detail] == [
            f"line {line}: at SIGTERM it ended with exit code 1" for line in (2, 3)
        ]
        assert seen[0].log == seen[3].log == "it was nice here"
        assert len(set(one.starts)) == 1, "no death, so no new data"

    def test_at_which_it_does_not_end_is_a_fault(self, kept: KeptBench) -> None:
        one = kept.started("does-not-end")

        seen = kept.ask(one, lines(PUT, "restart", GET), lines(PUT, "crash", GET))

        assert kinds(seen) == ["crashed", "answered"]
        assert seen[0].detail == "line 2: at SIGTERM it did not end"
        kept.close(one)
        assert kept.services.left() == []

    @pytest.mark.parametrize(
        ("line", "detail"),
        [
            ("GET /do/end-badly", "at SIGTERM it ended with exit code 1"),
            ("GET /do/not-end", "at SIGTERM it did not end"),
            (
                "POST /put/kills 1",
                "it does not start again on its data: runtime 'hostile' does not start: no such value",
            ),
            ("GET /do/damage", "it does not start again on its data: runtime 'hostile' does not start: the journal is"),
        ],
    )
    def test_is_the_fault_of_the_case_that_spoils_it(self, kept: KeptBench, line: str, detail: str) -> None:
        one = kept.started()
        cases = [lines(f"POST /put/n {at}", ALL, "restart", "GET /get/n") for at in range(4)]
        cases.insert(2, lines(PUT, line, "restart", GET))

        seen = kept.ask(one, *cases, lines(PUT, "crash", GET))

        assert kinds(seen) == ["crashed" if at == 2 else "answered" for at in range(6)]
        assert seen[2].detail.startswith(f"line 3: {detail}")
        assert [bodies(seen[at])[2] for at in (0, 1, 3, 4)] == [{"value": at} for at in range(4)]

    def test_that_no_single_case_spoils_is_told_of_one(self, kept: KeptBench) -> None:
        one = kept.started()
        seen = kept.ask(one, lines(ALL, "restart", GET), lines("GET /do/end-badly-once", "restart", GET))

        assert kinds(seen) == ["crashed", "answered"]
        assert seen[0].detail == (
            "line 2: at SIGTERM it ended with exit code 1, with 2 sequences in flight; no single one of them shows it"
        )
        assert seen[0].log == "from now on it ends badly\nit was nice here"

    def test_once_spoilt_by_the_only_case_is_told_as_such(self, kept: KeptBench) -> None:
        (seen,) = kept.ask(kept.started(), lines("GET /do/end-badly-once", "restart", GET))

        assert seen.detail == f"{AGAIN}line 2: at SIGTERM it ended with exit code 1"

    def test_behind_which_it_starts_on_nothing_is_told_each_time_and_the_others_go_on(self, kept: KeptBench) -> None:
        one = kept.started("starts-on-nothing-but-new-data")

        seen = kept.ask(one, good(), lines(PUT, "restart", GET), lines("crash"), lines(PUT, "crash", GET))

        assert [seen[at].kind for at in (0, 1, 3)] == [Kind.ANSWERED, Kind.CRASHED, Kind.CRASHED]
        assert all("it does not start again on its data: " in seen[at].detail for at in (1, 3))
        assert seen[1].detail.startswith("line 2: ")
        kept.close(one)
        assert not any(Path(folder).exists() for folder in one.starts)

    def test_behind_which_it_never_starts_is_the_end(self, kept: KeptBench) -> None:
        one = kept.started("starts-once")

        seen = kept.ask(one, good(), lines(PUT, "restart"), lines(ALL, "restart"))

        assert kinds(seen) == ["answered", "crashed", "gone"]
        assert seen[1].detail.startswith("line 2: it does not start again on its data: ")
        assert seen[2].detail.startswith("it does not start again: ")

    def test_that_loses_a_write_is_an_answer_and_no_fault(self, kept: KeptBench) -> None:
        crash, restart = kept.ask(kept.started("writes-late"), lines(PUT, "crash", GET), lines(PUT, "restart", GET))

        assert bodies(crash) == [{"keys": 1}, {"unknown": "/get/a"}]
        assert bodies(restart) == [{"keys": 1}, {"value": 1}]
