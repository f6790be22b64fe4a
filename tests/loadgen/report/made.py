"""Summaries made by hand: one that passed, and what else can come of a run."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from loadgen.summary import (
    KINDS,
    Bound,
    Capacity,
    Class,
    Daemon,
    Difference,
    Example,
    Generator,
    Latency,
    Line,
    Parity,
    Reading,
    Second,
    Step,
    Summary,
)

SCENARIOS = {
    "cold_search_email": 26_000,
    "surge_fill_validate": 11_100,
    "profile_swap": 11_150,
    "repeat_cache": 11_080,
    "sms_validate": 7_400,
    "playbook_record_replay": 7_470,
}
PANIC = "http: panic serving 127.0.0.1:41234: runtime error: invalid memory address or nil pointer dereference"


def scenario(name: str, count: int, *, passed: bool = True, examples: tuple[Example, ...] = (), **kinds: int) -> Class:
    times = Latency(p50=2.21, p95=6.4, p99=11.9, p999=48.2, max=131.0) if count else None
    return Class(
        name=name,
        count=count,
        failures=sum(kinds.values()),
        failure_kinds=dict.fromkeys(KINDS, 0) | kinds,
        latency=times,
        passed=passed,
        examples=list(examples),
    )


def bound(name: str, limit: float, measured: float | None) -> Bound:
    if measured is None:
        return Bound(name, limit, None, None, None)
    margin = (limit - measured) / limit if limit else limit - measured
    return Bound(name, limit, measured, margin, margin >= 0)


def daemon(name: str = "go", **changes: Any) -> Daemon:  # noqa: ANN401
    sound = Daemon(
        name=name,
        resident_mib=412.0,
        resident_mib_at_end=398.0,
        cpu=0.83,
        cpu_max=1.21,
        open_files=71,
        restarts=0,
        panics=0,
        panic_lines=[],
    )
    return msgspec.structs.replace(sound, **changes)


def passed(seconds: int = 60, **changes: Any) -> Summary:  # noqa: ANN401
    """Return a run in which all went well, with something in every place that such a run fills."""
    good = Summary(
        verdict="passed",
        exit_code=0,
        reasons=[],
        warnings=[],
        file="multitier",
        target="go",
        plant=None,
        corpus=100_000,
        mode="closed",
        shape="ramp",
        users=50,
        arrivals=None,
        seconds=float(seconds),
        asked_seconds=60.0,
        processes=2,
        scenarios=[scenario(name, count) for name, count in SCENARIOS.items()],
        calls=[scenario("POST /v1/matrix/search", 140_220), scenario("POST /v1/validate", 44_500)],
        rate=1236.4,
        failure_share=0.0,
        bounds=[bound("failures", 0, 0), *[bound(f"p99_ms.{name}", 50, 11.9) for name in SCENARIOS]],
        daemons=[daemon(), daemon("embedd", resident_mib=96.0, resident_mib_at_end=96.0, cpu=0.2, open_files=20)],
        readings=readings(seconds),
        timeline=timeline(seconds),
        statuses={"200": 181_000, "422": 3_720},
        generator=Generator(processes=2, cpu=0.71, lag_p99=1.2, limited=False),
        parity=Parity(
            share=0.01,
            runtimes=["python", "rust"],
            sampled=1_402,
            compared=1_400,
            dropped=2,
            differing=0,
            differences=[],
        ),
        capacity=None,
        seed=6,
        commit="c0ffee123456",
        command="locust -f loadgen/multitier.py --runtime go -u 50 -t 60s --headless",
        began="2026-12-01T10:00:00Z",
    )
    return msgspec.structs.replace(good, **changes)


def timeline(seconds: int, failing: int = 0) -> list[Second]:
    return [
        Second(
            second=at,
            scenarios=1200 + round(90 * math.sin(at)),
            failures=failing if at > 20 else 0,
            p50=2.2 + 0.3 * math.sin(at / 2),
            p99=12.0 + 6 * math.sin(at / 3) ** 2,
            level=min(50.0, 5.0 + 3 * at),
        )
        for at in range(seconds)
    ]


def readings(seconds: int, restarts: tuple[int, ...] = ()) -> list[Reading]:
    found = []
    for at in range(seconds):
        ended = sum(at >= second for second in restarts)
        since = at - max([second for second in restarts if second <= at], default=0)
        found.append(
            Reading(at + 0.1, "go", 180.0 + 232 * (1 - 0.95**since), 0.8 + 0.2 * math.sin(at), 60 + at % 12, ended)
        )
        found.append(Reading(at + 0.1, "embedd", 96.0, 0.2 + 0.02 * math.cos(at), 20, 0))
    return found


def failed() -> Summary:
    """Return the crash of lakehouse.md: two scenarios fail, the daemon panics, and answers differ."""
    examples = (
        Example("server_error", "POST /v1/vectors/playbook_memory", "500, and the log tells of a panic"),
        Example("connection", "POST /v1/matrix/playbooks/record", "connection reset by peer"),
    )
    scenarios = [scenario(name, count) for name, count in SCENARIOS.items()]
    scenarios[1] = scenario(
        "surge_fill_validate", 11_100, passed=False, examples=examples, server_error=10_900, connection=67
    )
    scenarios[5] = scenario(
        "playbook_record_replay", 7_470, passed=False, wrong_answer=21, server_error=7_200, timeout=9
    )
    return passed(
        verdict="failed",
        exit_code=1,
        plant="naive-hnsw",
        reasons=[
            "surge_fill_validate failed in 98.8 % of 11,100 runs, 0 % are allowed",
            "go panicked 18,100 times: invalid memory address or nil pointer dereference",
        ],
        warnings=["the machine was busy with something else for 12 s"],
        scenarios=scenarios,
        failure_share=0.245,
        rate=934.0,
        bounds=[
            bound("p99_ms.repeat_cache", 50, 11.9),
            bound("failures.surge_fill_validate", 0, 0.988),
            bound("p99_ms.cold_search_email", 100, 100.4),
            bound("resident_mib", 1024, None),
            bound("restarts", 0, 2),
        ],
        daemons=[
            daemon(
                restarts=2,
                panics=18_100,
                panic_lines=[Line("goroutine 8812 [running]: layerNode.search", 3), Line(PANIC, 18_097)],
                last_lines="panic: out of memory\nexit status 2",
            )
        ],
        timeline=timeline(60, failing=280),
        readings=readings(60, restarts=(22, 41)),
        statuses={"200": 90_000, "500": 18_100},
        parity=Parity(
            share=0.01,
            runtimes=["python", "rust"],
            sampled=1_402,
            compared=1_300,
            dropped=102,
            differing=7,
            differences=[
                Difference(
                    surface="matrix",
                    path="/results/0/distance",
                    what="number",
                    sides="go against python+rust",
                    rendered={"go": "0.2224", "python": "0.4449", "rust": None},
                    count=7,
                    case='POST /v1/matrix/search\n\n{"k":3}',
                    replay="uv run parity replay matrix:eyIiOi0wfQ --runtimes python,go,rust",
                )
            ],
        ),
    )


def empty() -> Summary:
    """Return a run in which nothing was ever asked."""
    return passed(
        verdict="unable",
        exit_code=3,
        reasons=["go does not start: no such file"],
        seconds=0,
        asked_seconds=None,
        corpus=None,
        scenarios=[],
        calls=[],
        rate=0.0,
        bounds=[],
        daemons=[],
        readings=[],
        timeline=[],
        statuses={},
        generator=Generator(0, 0.0, 0.0, limited=False),
        parity=None,
    )


def capacity() -> Summary:
    """Return a search for the capacity, in an open run."""
    steps = [
        Step(200, 200, 0.0, 6.1, held=True),
        Step(400, 399.6, 0.0, 7.9, held=True),
        Step(800, 798, 0.0, 18.0, held=True),
        Step(1600, 1182, 0.031, 2210.0, held=False),
        Step(1200, 1090, 0.002, 340.0, held=False),
        Step(1000, 996, 0.0, 61.0, held=True),
    ]
    return passed(
        mode="open",
        shape="find-capacity",
        arrivals=1600.0,
        timeline=[msgspec.structs.replace(one, level=1600.0) for one in timeline(60)],
        capacity=Capacity(rate=1000.0, p99_ms=100.0, failures=0.001, steps=steps, why="within 10 % of it"),
    )


def full() -> Summary:
    """Return a run with something in every place there is."""
    return msgspec.structs.replace(failed(), capacity=capacity().capacity)


def everywhere(text: str) -> Summary:
    """Return a full run with a text in the place of every text, keys included, but for those of fixed words."""
    run = full()
    fixed = {"verdict": run.verdict, "mode": run.mode}
    return msgspec.convert(_replaced(msgspec.to_builtins(run), text) | fixed, Summary)


def _replaced(value: Any, text: str) -> Any:  # noqa: ANN401
    match value:
        case str():
            return text
        case list():
            return [_replaced(item, text) for item in value]
        case dict():
            fields = Summary.__struct_fields__ + Class.__struct_fields__ + Parity.__struct_fields__
            own = {"go", "python", "rust", *KINDS} | {name for name in value if name.isdigit()}
            return {
                (text if key in own and key not in fields else key): _replaced(item, text)
                for key, item in value.items()
            }
    return value
