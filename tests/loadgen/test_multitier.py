"""The load story as users run it: against every runtime, against planted bugs, and when something goes wrong."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from lakehouse_ref.ingest.index import Index
from loadgen import corpus
from loadgen.scenarios import SCENARIOS
from parity import config
from parity.testees.build import find_tool
from tests.loadgen.driven import LONGEST, Driven, Ran, drive
from tests.loadgen.loaded import ROOT, Loaded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import psutil

USUAL = ["-u", "8", "-t", "4s"]
SHORT = ["-u", "8", "-t", "3s"]
UNCOMPARED = ["--sample", "0"]
SEARCH, RECORD, VALIDATE = "POST /v1/matrix/search", "POST /v1/matrix/playbooks/record", "POST /v1/validate"


def need(runtime: str) -> str:
    """Return a runtime's name; the test is skipped where its tools are not installed."""
    for tool in config.load(ROOT).runtimes[runtime].needs:
        name = tool.partition(">")[0]
        if find_tool(name) is None:
            pytest.skip(f"{runtime} needs {name}, which is not installed")
    return runtime


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("load")


# ------------------------------------------------------------------ sound runtimes


@pytest.fixture(scope="module", params=["python", "go", "rust"])
def sound(request: pytest.FixtureRequest, folder: Path) -> tuple[str, Ran]:
    """Return a run of each runtime, compared with another one."""
    name = need(request.param)
    peer = "python" if name != "python" else need("go")
    return name, drive(folder / name, "--runtime", name, "--sample", "0.1", "--peers", peer, *USUAL)


class TestASoundRuntime:
    def test_passes_every_scenario(self, sound: tuple[str, Ran]) -> None:
        name, run = sound
        summary = run.summary

        assert (run.code, summary["verdict"], summary["reasons"]) == (0, "passed", [])
        assert [one["name"] for one in summary["scenarios"]] == list(SCENARIOS)
        assert all(one["passed"] and one["count"] > 0 and one["failures"] == 0 for one in summary["scenarios"])
        assert summary["failure_share"] == 0
        assert (summary["target"], summary["corpus"], summary["mode"]) == (name, 200, "closed")
        assert f"passed: 6 of 6 scenarios, {summary['rate']:,.1f} scenarios a second" in run.said

    def test_answers_as_another_one_does(self, sound: tuple[str, Ran]) -> None:
        name, run = sound
        parity = run.summary["parity"]

        assert parity["runtimes"] == ["python" if name != "python" else "go"]
        assert parity["compared"] > 0
        assert (parity["differing"], parity["differences"]) == (0, [])
        assert parity["compared"] + parity["dropped"] == parity["sampled"]

    def test_has_a_footprint(self, sound: tuple[str, Ran]) -> None:
        _, run = sound
        summary = run.summary

        assert sorted(one["name"] for one in summary["daemons"]) == ["matrixd", "validatord"]
        for one in summary["daemons"]:
            assert one["resident_mib"] > 1
            assert one["open_files"] > 1
            assert (one["restarts"], one["panics"], one["panic_lines"]) == (0, 0, [])
        assert {one["daemon"] for one in summary["readings"]} == {"matrixd", "validatord"}

    def test_is_counted_without_a_gap(self, sound: tuple[str, Ran]) -> None:
        _, run = sound
        assert_sums(run)

    def test_is_told_in_every_form(self, sound: tuple[str, Ran]) -> None:
        _, run = sound
        assert "passed" in run.page
        assert (run.report / "load.html").stat().st_size > 10_000


def assert_sums(run: Ran) -> None:
    """Hold the counts of a run without failures to each other."""
    summary, calls = run.summary, run.calls()
    count = {name: one["count"] for name, one in run.scenarios().items()}

    assert sum(second["scenarios"] for second in summary["timeline"]) == sum(count.values())
    assert sum(second["failures"] for second in summary["timeline"]) == 0
    assert sum(summary["statuses"].values()) == sum(calls.values())
    # Users in the middle of a scenario when the run ended have made some of its calls.
    users = summary["users"]
    several = {"repeat_cache": 5, "profile_swap": 3, "playbook_record_replay": 3, "sms_validate": 0}
    searches = {name: several.get(name, 1) for name in count}
    due = {
        RECORD: count["surge_fill_validate"] + count["playbook_record_replay"],
        VALIDATE: count["cold_search_email"] + count["surge_fill_validate"] + count["sms_validate"],
        SEARCH: sum(searches[name] * count[name] for name in count),
    }
    assert set(calls) == set(due)
    for name, least in due.items():
        assert least <= calls[name] <= least + 5 * users


# ------------------------------------------------------------------ planted bugs


def wrong(report: Path, plant: str, *arguments: str) -> Ran:
    """Run Go with a planted bug, and hold the run to having failed."""
    run = drive(report, "--runtime", need("go"), "--plant", plant, *SHORT, *(arguments or UNCOMPARED))
    assert run.code == 1, run.err
    assert (run.summary["verdict"], run.summary["plant"]) == ("failed", plant)
    assert run.summary["failure_share"] > 0
    return run


@pytest.mark.parametrize(
    ("plant", "scenarios", "told"),
    [
        ("role-gate-off", {"profile_swap", "playbook_record_replay"}, "into a search for a"),
        ("excluded-leaks", {"profile_swap"}, "which the search excluded"),
        ("boosted-twice", {"playbook_record_replay"}, "is due at"),
        ("boost-on-similarity", {"playbook_record_replay"}, "is due at"),
        ("injected-uncounted", {"profile_swap"}, "injected says 0, and 1 hits are"),
        ("sms-161", {"sms_validate"}, "status 200, and 422 is due"),
    ],
)
def test_a_planted_bug_fails_its_scenario_by_a_wrong_answer(
    folder: Path, plant: str, scenarios: set[str], told: str
) -> None:
    run = wrong(folder / plant, plant)

    assert set(run.failing()) <= scenarios
    assert "playbook_record_replay" in run.failing() or len(scenarios) == 1
    for name, kinds in run.failing().items():
        one = run.scenarios()[name]
        assert kinds == ["wrong_answer"]
        assert not one["passed"]
        assert any(told in example["why"] for example in one["examples"])
    assert f"{next(iter(run.failing()))}: " in run.said


def test_a_planted_bug_is_found_by_comparing_as_well(folder: Path) -> None:
    run = wrong(folder / "ssn-phone", "ssn-phone", "--sample", "1.0", "--peers", "python")

    assert run.failing() == {"cold_search_email": ["wrong_answer"], "sms_validate": ["wrong_answer"]}
    parity = run.summary["parity"]
    assert parity["differing"] > 0
    first = parity["differences"][0]
    assert (first["surface"], first["path"]) == ("validate", "/status")
    assert first["rendered"] == {"go": "422", "python": "200"}
    assert "parity replay validate:" in first["replay"]
    assert "--plant go=ssn-phone" in first["replay"]
    assert "differing is " in run.said
    assert first["replay"] in run.page


@pytest.fixture(scope="module")
def naive(folder: Path) -> Ran:
    return wrong(folder / "naive-hnsw", "naive-hnsw")


class TestAGraphThatPanics:
    """The crash of the story: deleted from and added to, which only a load of recordings meets."""

    def test_fails_those_who_record(self, naive: Ran) -> None:
        failing = naive.failing()

        assert {"surge_fill_validate", "playbook_record_replay"} <= set(failing)
        assert set(failing) <= {"surge_fill_validate", "playbook_record_replay", "profile_swap"}
        assert all(set(kinds) <= {"connection", "server_error"} for kinds in failing.values())

    def test_is_told_with_the_line_of_the_panic(self, naive: Ran) -> None:
        run = naive
        (daemon,) = [one for one in run.summary["daemons"] if one["name"] == "matrixd"]

        assert daemon["panics"] > 0
        assert any("hnsw" in line["text"] and "graph.go" in line["text"] for line in daemon["panic_lines"])
        assert run.summary["reasons"][0].startswith("matrixd panicked ")
        assert "graph.go" in run.summary["reasons"][0]
        assert "graph.go" in run.page
        assert "graph.go" in run.said


# ------------------------------------------------------------------ interrupted, and in several processes


def test_an_interruption_ends_early_with_a_complete_report_and_leaves_nothing(folder: Path) -> None:
    arguments = ["--runtime", need("go"), "-u", "8", "-t", "10m", "--sample", "0.1", "--peers", "python"]
    with Driven(folder / "interrupted", *arguments) as driven:
        driven.until("All users spawned")
        started = driven.everyone()
        names = {one.name() for one in started}
        work_a_little(next(one for one in started if one.name() == "matrixd"))
        run = driven.end(signal.SIGINT)

    assert {"matrixd", "validatord"} <= names
    assert not [one for one in started if one.is_running()]
    summary = run.summary
    assert (run.code, summary["verdict"], summary["exit_code"]) == (130, "interrupted", 130)
    assert "it was interrupted after " in run.said
    assert summary["seconds"] < summary["asked_seconds"] == 600
    assert sorted(one["name"] for one in summary["daemons"]) == ["matrixd", "validatord"]
    assert [one["name"] for one in summary["scenarios"]] == list(SCENARIOS)
    assert sum(one["count"] for one in summary["scenarios"]) > 0
    assert sum(one["failures"] for one in summary["scenarios"]) == 0
    assert summary["parity"]["why"] == ""
    assert (run.report / "load.html").exists()


def work_a_little(process: psutil.Process) -> None:
    """Wait until a process has answered for a while."""
    until, before = time.monotonic() + LONGEST, process.cpu_times().user
    while process.cpu_times().user < before + 0.3:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture(scope="module")
def open_run(folder: Path) -> Ran:
    """Return an open run by two processes."""
    arguments = ["--arrivals", "40", "--processes", "2", "-u", "16", "-t", "4s"]
    return drive(folder / "open", "--runtime", need("go"), *arguments, *UNCOMPARED)


class TestTwoProcesses:
    def test_count_as_one(self, open_run: Ran) -> None:
        assert (open_run.code, open_run.summary["processes"]) == (0, 2)
        assert_sums(open_run)

    def test_are_told_of_the_rate_from_the_first_second_on(self, open_run: Ran) -> None:
        """What ends is what arrived, but for those of the last second; nothing else comes."""
        summary = open_run.summary
        count = sum(one["count"] for one in summary["scenarios"])

        assert (summary["mode"], summary["arrivals"]) == ("open", 40.0)
        assert {second["level"] for second in summary["timeline"]} == {40.0}
        # Each process has its first arrival at once.
        assert 40 * (summary["seconds"] - 1) <= count <= 40 * summary["seconds"] + 2


def test_closed_processes_count_as_one(folder: Path) -> None:
    run = drive(folder / "two", "--runtime", need("go"), "--processes", "2", *SHORT, *UNCOMPARED)

    assert (run.code, run.summary["processes"], run.summary["verdict"]) == (0, 2, "passed")
    assert_sums(run)


# ------------------------------------------------------------------ shapes


def levels(run: Ran) -> list[float]:
    """Return the levels of a run in their order, each as often as it changed."""
    found: list[float] = []
    for second in run.summary["timeline"]:
        if second["level"] is not None and found[-1:] != [second["level"]]:
            found.append(second["level"])
    return found


def test_a_spike_is_asked_for_and_comes(folder: Path) -> None:
    arguments = ["--shape", "spike", "--arrivals", "20", "-u", "60", "-t", "10s"]
    run = drive(folder / "spike", "--runtime", need("go"), *arguments, *UNCOMPARED)

    assert run.code == 0, run.err
    assert levels(run) == [20.0, 60.0, 20.0]
    # Free users wait in line, and take nothing in advance: else the spike would come late, or never.
    at_the_spike = [one["scenarios"] for one in run.summary["timeline"] if one["level"] == 60.0]
    assert max(at_the_spike) > 40


def test_a_ramp_of_users_goes_up(folder: Path) -> None:
    run = drive(folder / "ramp", "--runtime", need("go"), "--shape", "ramp", "-u", "8", "-t", "5s", *UNCOMPARED)

    assert run.code == 0, run.err
    found = levels(run)
    assert found == sorted(found)
    assert len(found) > 2


def test_a_search_for_the_capacity_writes_its_steps(folder: Path) -> None:
    arguments = ["--shape", "find-capacity", "--arrivals", "10", "--step-seconds", "1", "-u", "16", "-t", "8s"]
    run = drive(folder / "capacity", "--runtime", need("go"), *arguments, *UNCOMPARED)

    capacity: dict[str, Any] = run.summary["capacity"]
    assert len(capacity["steps"]) > 2
    assert capacity["steps"][0]["rate"] == 10
    assert capacity["rate"] is None or capacity["rate"] in [step["rate"] for step in capacity["steps"] if step["held"]]
    assert capacity["why"]
    assert " a second held: " in run.said or " a second did not hold: " in run.said


# ------------------------------------------------------------------ services that run already


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    with Loaded("python", tmp_path_factory.mktemp("running")) as loaded:
        yield loaded


def hosts(running: Loaded, tenant: str) -> list[str]:
    return ["--host", running.url("matrixd"), "--validatord", running.url("service"), "--tenant", tenant]


class TestARunningService:
    """In this order: the last one ends it."""

    def test_passes_without_a_footprint(self, running: Loaded, folder: Path) -> None:
        run = drive(folder / "host", *hosts(running, "sound"), *SHORT, *UNCOMPARED)
        summary = run.summary

        assert (run.code, summary["verdict"], summary["daemons"]) == (0, "passed", [])
        assert summary["target"] == running.url("matrixd")
        assert any("there is no footprint" in warning for warning in summary["warnings"])

    def test_with_other_workers_is_refused(self, running: Loaded, folder: Path) -> None:
        corpus.fill(running.url("matrixd"), 200, "few", print)
        with Driven(folder / "other", *hosts(running, "few"), "--corpus", "2000", *SHORT, *UNCOMPARED) as driven:
            run = driven.end()

        assert run.code == 3
        assert "holds 200 workers, and 2,000 were asked for" in run.said

    def test_that_loses_workers_in_the_middle_fails_those_who_search(self, running: Loaded, folder: Path) -> None:
        """Each answer is right by itself: only who remembers what was answered before can tell."""

        def lose(_: Driven) -> None:
            with Index(running.url("matrixd"), "workers", "losing") as index:
                for number in range(1, 200, 3):
                    index.ask("POST", "/delete", {"id": f"w-{number:06}"})

        run = drive(folder / "losing", *hosts(running, "losing"), *SHORT, *UNCOMPARED, meanwhile=lose)

        assert (run.code, run.summary["verdict"]) == (1, "failed")
        assert {kind for kinds in run.failing().values() for kind in kinds} == {"wrong_answer"}
        assert "the same search was answered otherwise before" in run.page

    def test_that_dies_in_the_middle_fails_those_who_search(self, running: Loaded, folder: Path) -> None:
        run = drive(
            folder / "dead",
            *hosts(running, "killed"),
            *SHORT,
            *UNCOMPARED,
            meanwhile=lambda _: running.kill("matrixd"),
        )

        assert (run.code, run.summary["verdict"]) == (1, "failed")
        assert set(run.failing()) == set(SCENARIOS) - {"sms_validate"}
        assert {kind for kinds in run.failing().values() for kind in kinds} == {"connection"}
        assert ", connections: " in run.said
