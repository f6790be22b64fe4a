"""The verdict of a run: each bound met, not met, or not to be measured, and what outranks what."""

from __future__ import annotations

from typing import Any

import pytest

from loadgen import judge, ledger
from loadgen.bounds import Bounds
from loadgen.judge import EXIT_CODES, Judged, Measured
from loadgen.ledger import Entry
from loadgen.summary import KINDS, Bound, Capacity, Daemon, Line, Parity, Reading, Step

PANIC = "panic: invalid memory address at hnsw/graph.go:95"


def entry(count: int = 100, milliseconds: float = 10.0, **failures: int) -> Entry:
    made = Entry()
    failed = [ledger.example(kind, "POST /a", f"a {kind}") for kind, number in failures.items() for _ in range(number)]
    for number in range(count):
        made.add(milliseconds * 1000, failed[number] if number < len(failed) else None)
    return made


def daemon(name: str = "matrixd", resident: float | None = 50.0, restarts: int = 0, panics: int = 0) -> Daemon:
    lines = [Line(PANIC, panics)] if panics else []
    return Daemon(name, resident, resident, 0.5, 0.9, 20, restarts, panics, lines)


def parity(compared: int = 10, differing: int = 0, why: str = "") -> Parity:
    return Parity(0.01, ["python"], 10, compared, 0, differing, [], why)


def capacity(rate: float | None, *beyond: float, limited: bool = False) -> Capacity:
    """Return a search that held a rate, or none, and did not hold others."""
    steps = [Step(rate, rate, 0, 5, held=True)] if rate is not None else []
    steps += [Step(one, one / 2, 0, 900, held=False) for one in beyond]
    return Capacity(rate, 250, 0.0, steps, "so it ended", limited)


def measured(**changes: Any) -> Measured:  # noqa: ANN401
    sound: dict[str, Any] = {
        "scenarios": {"search": entry(), "validate": entry()},
        "turns": {},
        "arrivals": None,
        "daemons": [daemon()],
        "readings": [],
        "is_soak": False,
        "parity": parity(),
        "capacity": None,
    }
    return Measured(**sound | changes)


def of(judged: Judged, name: str) -> Bound:
    (bound,) = [one for one in judged.bounds if one.name == name]
    return bound


ALL = Bounds(
    failures=0.1,
    achieved=0.9,
    restarts=1,
    panics=2,
    differing=3,
    growth=0.5,
    p99_ms={"search": 20.0, "validate": 40.0},
    resident_mib={"matrixd": 100.0},
)


def readings(*sizes: float, name: str = "matrixd") -> list[Reading]:
    return [Reading(float(second), name, size, 0.5, 20, 0) for second, size in enumerate(sizes)]


def test_a_sound_run_passes_with_every_bound_held() -> None:
    judged = judge.judge(measured(arrivals=210.0, is_soak=True, readings=readings(1, 50, 50, 50, 50, 50, 50, 60)), ALL)

    assert (judged.verdict, judged.exit_code, judged.reasons) == ("passed", 0, [])
    assert [one.name for one in judged.bounds] == [
        "failures.search",
        "failures.validate",
        "p99_ms.search",
        "p99_ms.validate",
        "achieved",
        "resident_mib.matrixd",
        "restarts.matrixd",
        "panics.matrixd",
        "growth.matrixd",
        "differing",
    ]
    assert all(one.met for one in judged.bounds)
    assert all(one.passed for one in judged.scenarios)


@pytest.mark.parametrize(
    ("name", "changes", "found", "margin", "met"),
    [
        ("failures.search", {"scenarios": {"search": entry(timeout=10)}}, 0.1, 0.0, True),
        ("failures.search", {"scenarios": {"search": entry(timeout=11)}}, 0.11, -0.1, False),
        ("failures.search", {"scenarios": {"search": entry()}}, 0.0, 1.0, True),
        ("failures.search", {"scenarios": {"search": entry(0)}}, None, None, None),
        ("p99_ms.search", {"scenarios": {"search": entry(milliseconds=5)}}, 5, 0.75, True),
        ("p99_ms.search", {"scenarios": {"search": entry(milliseconds=30)}}, 30, -0.5, False),
        ("p99_ms.search", {"scenarios": {"search": entry(0)}}, None, None, None),
        ("achieved", {"arrivals": 200.0}, 1.0, 1 / 9, True),
        ("achieved", {"arrivals": 222.0}, 200 / 222, 200 / 222 / 0.9 - 1, True),
        ("achieved", {"arrivals": 250.0}, 0.8, -1 / 9, False),
        ("achieved", {"arrivals": 100.0, "scenarios": {"search": entry(timeout=20)}}, 0.8, -1 / 9, False),
        ("resident_mib.matrixd", {"daemons": [daemon(resident=100)]}, 100, 0.0, True),
        ("resident_mib.matrixd", {"daemons": [daemon(resident=150)]}, 150, -0.5, False),
        ("resident_mib.matrixd", {"daemons": [daemon(resident=None)]}, None, None, None),
        ("resident_mib.matrixd", {"daemons": []}, None, None, None),
        ("restarts.matrixd", {"daemons": [daemon(restarts=1)]}, 1, 0.0, True),
        ("restarts.matrixd", {"daemons": [daemon(restarts=2)]}, 2, -1.0, False),
        ("panics.matrixd", {"daemons": [daemon(panics=1)]}, 1, 0.5, True),
        ("panics.matrixd", {"daemons": [daemon(panics=3)]}, 3, -0.5, False),
        ("differing", {"parity": parity(differing=3)}, 3, 0.0, True),
        ("differing", {"parity": parity(differing=6)}, 6, -1.0, False),
        ("growth.matrixd", {"is_soak": True, "readings": readings(1, 50, 90, 74)}, 0.48, 0.04, True),
        ("growth.matrixd", {"is_soak": True, "readings": readings(1, 50, 90, 100)}, 1.0, -1.0, False),
        ("growth.matrixd", {"is_soak": True, "readings": readings(1, 50, 90, 25)}, 0.0, 1.0, True),
        ("growth.matrixd", {"is_soak": True, "readings": readings(1, 50, 90)}, None, None, None),
        ("growth.matrixd", {"is_soak": True, "readings": readings(1, 50, 50, 50, name="other")}, None, None, None),
        ("growth.matrixd", {"is_soak": True, "readings": readings(0, 0, 0, 50)}, None, None, None),
    ],
)
def test_a_bound_is_held_against_what_was_measured(
    name: str, changes: dict[str, Any], found: float | None, margin: float | None, *, met: bool | None
) -> None:
    judged = judge.judge(measured(**changes), ALL)
    bound = of(judged, name)

    assert bound.met is met
    assert bound.measured == (None if found is None else pytest.approx(found, rel=2e-3))
    assert bound.margin == (None if margin is None else pytest.approx(margin, abs=5e-3))
    if met is False:
        assert (judged.verdict, judged.exit_code) == ("failed", 1)
        assert judged.reasons


class TestABoundOfZero:
    BOUNDS = Bounds(failures=0.0, achieved=0.0, restarts=0, panics=0, differing=0)

    def test_is_met_by_nothing_with_a_plain_margin(self) -> None:
        judged = judge.judge(measured(arrivals=400.0), self.BOUNDS)

        assert judged.verdict == "passed"
        assert [str(one.margin) for one in judged.bounds if one.name != "achieved"] == ["0.0"] * 5
        assert of(judged, "achieved").margin == 0.5

    @pytest.mark.parametrize(
        ("name", "changes", "margin"),
        [
            ("failures.search", {"scenarios": {"search": entry(wrong_answer=1)}}, -0.01),
            ("restarts.matrixd", {"daemons": [daemon(restarts=2)]}, -2),
            ("panics.matrixd", {"daemons": [daemon(panics=2)]}, -2),
            ("differing", {"parity": parity(differing=4)}, -4),
        ],
    )
    def test_is_not_met_by_one(self, name: str, changes: dict[str, Any], margin: float) -> None:
        judged = judge.judge(measured(**changes), self.BOUNDS)

        assert judged.verdict == "failed"
        assert of(judged, name).margin == pytest.approx(margin)


class TestWhatIsNotDemanded:
    def test_is_not_judged(self) -> None:
        bad = measured(
            scenarios={"search": entry(milliseconds=9_000, timeout=50)},
            arrivals=1_000.0,
            daemons=[daemon(resident=9_000, restarts=4, panics=4)],
            parity=parity(differing=4),
        )
        judged = judge.judge(bad, Bounds())

        assert judged.bounds == []
        assert judged.verdict == "passed"

    def test_achieved_is_of_an_open_run(self) -> None:
        assert "achieved" not in [one.name for one in judge.judge(measured(), ALL).bounds]

    def test_growth_is_of_a_soak(self) -> None:
        judged = judge.judge(measured(readings=readings(1, 50, 90, 900)), ALL)

        assert "growth.matrixd" not in [one.name for one in judged.bounds]

    def test_differing_is_of_a_run_with_samples(self) -> None:
        assert "differing" not in [one.name for one in judge.judge(measured(parity=None), ALL).bounds]


class TestARunThatShowedNothing:
    def test_is_vacuous_where_a_class_never_ran(self) -> None:
        judged = judge.judge(measured(scenarios={"search": entry(), "validate": entry(0)}), ALL)

        assert (judged.verdict, judged.exit_code) == ("vacuous", 5)
        assert judged.reasons == ["validate never ran to its end"]
        assert [one.passed for one in judged.scenarios] == [True, False]
        assert judged.scenarios[1].latency is None

    def test_is_vacuous_where_nothing_ended_well_and_failures_may_be(self) -> None:
        judged = judge.judge(
            measured(scenarios={"search": entry(), "validate": entry(50, connection=50)}), Bounds(failures=1.0)
        )

        assert (judged.verdict, judged.exit_code) == ("vacuous", 5)
        assert judged.reasons == ["validate: 50 of 50 failed, connections: a connection"]

    @pytest.mark.parametrize("why", ["", "the witness ended"])
    def test_is_vacuous_where_nothing_was_compared(self, why: str) -> None:
        judged = judge.judge(measured(parity=parity(compared=0, why=why)), ALL)

        assert (judged.verdict, judged.exit_code) == ("vacuous", 5)
        assert judged.reasons == [f"no answer was compared with another runtime: {why or 'none was sampled'}"]

    def test_is_sound_where_nothing_was_to_be_compared(self) -> None:
        assert judge.judge(measured(parity=None), ALL).verdict == "passed"


class TestABoundThatNothingMeasures:
    DEMANDED = Bounds(resident_mib={"matrixd": 100.0, "matrixdd": 100.0})

    def test_makes_a_run_of_our_own_vacuous(self) -> None:
        judged = judge.judge(measured(), self.DEMANDED)

        assert (judged.verdict, judged.exit_code) == ("vacuous", 5)
        assert judged.reasons == ["resident_mib.matrixdd could not be judged: nothing was measured that it is about"]

    def test_is_passed_over_for_a_service_of_somebody_else(self) -> None:
        judged = judge.judge(measured(is_ours=False, daemons=[]), self.DEMANDED)

        assert (judged.verdict, judged.reasons) == ("passed", [])


class TestACapacity:
    def test_between_a_rate_that_held_and_one_that_did_not_passes(self) -> None:
        assert judge.judge(measured(capacity=capacity(50, 52), arrivals=400.0), ALL).verdict == "passed"

    def test_that_was_not_found_fails(self) -> None:
        judged = judge.judge(measured(capacity=capacity(None, 50, 1, 0.5)), ALL)

        assert (judged.verdict, judged.exit_code) == ("failed", 1)
        assert judged.reasons == ["no rate kept to the bounds: so it ended"]

    @pytest.mark.parametrize(
        "found",
        [
            capacity(50),
            capacity(50, 25),
            capacity(50, 100, limited=True),
            capacity(None, 50, limited=True),
            capacity(None),
        ],
        ids=["nothing-beyond", "only-below", "limited", "limited-from-the-first", "no-step"],
    )
    def test_that_was_not_reached_is_not_known(self, found: Capacity) -> None:
        judged = judge.judge(measured(capacity=found), ALL)

        assert (judged.verdict, judged.exit_code) == ("vacuous", 5)
        assert judged.reasons == ["the capacity is not known: so it ended"]

    def test_is_not_held_to_what_a_search_goes_beyond_on_purpose(self) -> None:
        slow = {"search": entry(milliseconds=9_000, timeout=60, server_error=20)}
        judged = judge.judge(measured(capacity=capacity(50, 52), arrivals=9_000.0, scenarios=slow), ALL)

        assert judged.verdict == "passed"

    def test_is_held_to_its_answers(self) -> None:
        wrong = {"search": entry(wrong_answer=20)}
        judged = judge.judge(measured(capacity=capacity(50, 52), scenarios=wrong), ALL)

        assert judged.verdict == "failed"
        assert of(judged, "failures.search").measured == 0.2


class TestAClass:
    def test_is_failed_by_its_own_bounds_alone(self) -> None:
        scenarios = {"search": entry(milliseconds=30), "validate": entry(timeout=50), "other": entry()}
        judged = judge.judge(measured(scenarios=scenarios, daemons=[daemon("other", restarts=9)]), ALL)

        assert {one.name: one.passed for one in judged.scenarios} == {"search": False, "validate": False, "other": True}

    def test_has_how_long_its_turn_was(self) -> None:
        judged = judge.judge(measured(turns={"search": 4.0}), ALL)

        assert [one.seconds for one in judged.scenarios] == [4.0, None]

    def test_says_of_each_kind_of_failure_how_many_and_one_of_them(self) -> None:
        scenarios = {"search": entry(timeout=3, wrong_answer=20, connection=1, server_error=2)}
        judged = judge.judge(measured(scenarios=scenarios), ALL)

        assert judged.scenarios[0].failure_kinds == dict(zip(KINDS, (20, 1, 2, 3), strict=True))
        assert judged.reasons == [
            "search: 20 of 100 failed, wrong answers: a wrong_answer",
            "search: 3 of 100 failed, time-outs: a timeout",
            "search: 2 of 100 failed, status 5xx: a server_error",
            "search: 1 of 100 failed, connections: a connection",
        ]


class TestWhatIsLost:
    def test_makes_a_green_run_unable(self) -> None:
        judged = judge.judge(measured(lost=["1 generator processes never sent their last counts"]), ALL)

        assert (judged.verdict, judged.exit_code) == ("unable", 3)
        assert judged.reasons == ["1 generator processes never sent their last counts"]

    def test_does_not_hide_a_failure(self) -> None:
        judged = judge.judge(measured(lost=["lost"], daemons=[daemon(restarts=2)]), ALL)

        assert (judged.verdict, judged.exit_code) == ("failed", 1)

    def test_outranks_that_nothing_was_shown(self) -> None:
        assert judge.judge(measured(lost=["lost"], parity=parity(0)), ALL).verdict == "unable"


class TestAnInterruption:
    def test_is_its_own_verdict_and_exit_code(self) -> None:
        judged = judge.judge(measured(interrupted="it was interrupted after 3 of 60 s"), ALL)

        assert (judged.verdict, judged.exit_code) == ("interrupted", 130)
        assert judged.reasons == ["it was interrupted after 3 of 60 s"]

    def test_does_not_hide_a_failure(self) -> None:
        judged = judge.judge(measured(interrupted="early", parity=parity(differing=9)), ALL)

        assert (judged.verdict, judged.exit_code) == ("failed", 130)
        assert judged.reasons == ["early", "differing is 9, and the bound is 3"]

    def test_explains_why_nothing_was_shown(self) -> None:
        judged = judge.judge(measured(interrupted="early", parity=parity(0), scenarios={"search": entry(0)}), ALL)

        assert (judged.verdict, judged.exit_code) == ("interrupted", 130)


def test_the_gravest_reason_stands_first() -> None:
    judged = judge.judge(
        measured(
            scenarios={"search": entry(milliseconds=30, connection=60), "validate": entry(0)},
            daemons=[daemon(panics=1_055, restarts=3, resident=500)],
            parity=parity(differing=9),
            lost=["lost"],
        ),
        ALL,
    )

    assert judged.reasons == [
        f"matrixd panicked 1,055 times: {PANIC}",
        "matrixd ended by itself, and was started again 3 times",
        "search: 60 of 100 failed, connections: a connection",
        "validate never ran to its end",
        "p99_ms.search is 30.02, and the bound is 20",
        "resident_mib.matrixd is 500, and the bound is 100",
        "differing is 9, and the bound is 3",
        "lost",
    ]


def test_every_verdict_has_its_exit_code() -> None:
    assert EXIT_CODES == {"passed": 0, "failed": 1, "unable": 3, "vacuous": 5, "interrupted": 130}
