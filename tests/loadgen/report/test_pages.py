"""load.md and load.html: the verdict first, nothing that failed left out, and nothing said where there is nothing."""

from __future__ import annotations

import re

import msgspec
import pytest

from loadgen.report import markdown, page
from loadgen.summary import Example, Generator, Parity, Summary
from tests.loadgen.report import made, pages

replace = msgspec.structs.replace


def both(run: Summary) -> tuple[str, str]:
    """Return what the two pages say, spaces aside."""
    return " ".join(markdown.render(run).split()), pages.html(run).words


# ------------------------------------------------------------------ the verdict


@pytest.mark.parametrize(
    ("run", "says"),
    [
        (made.passed(), "6 of 6 scenarios passed, 74,200 runs of them in 60 s, 1,236/s ended well, none failed."),
        (
            made.failed(),
            "4 of 6 scenarios passed, 74,200 runs of them in 60 s, 934/s ended well, 18,197 failed (24.5 %)",
        ),
        (replace(made.passed(), verdict="vacuous"), "it showed nothing; 6 of 6"),
        (replace(made.passed(), verdict="interrupted"), "ended early; 6 of 6"),
        (made.empty(), "the runtime or the environment failed; no scenario ran."),
    ],
)
def test_the_verdict_stands_first(run: Summary, says: str) -> None:
    text, words = both(run)
    assert text.startswith(f"# Load: {run.verdict} **{run.verdict}**: {says}")
    body = words.split(f"Load: {run.verdict}", 1)[1].strip()
    assert body.startswith(f"{run.verdict} {run.file} on {run.target} {says}")


def test_its_colour_is_not_all_that_tells_the_verdict() -> None:
    assert ("body", "class", "failed") in pages.html(made.failed()).attributes
    assert ("body", "class", "passed") in pages.html(made.passed()).attributes


def test_the_headline_counts_every_trouble() -> None:
    text = markdown.render(made.failed()).splitlines()[2]
    for trouble in ("3 of 5 bounds not met", "1 bound not judged", "18,100 panics", "2 restarts", "7 answers unlike"):
        assert trouble in text


def test_reasons_and_warnings_come_before_all_tables() -> None:
    run = made.failed()
    for text in both(run):
        places = [text.index(says) for says in (*run.reasons, *run.warnings)]
        assert places == sorted(places)
        assert places[-1] < text.index("cold_search_email")


@pytest.mark.parametrize("told", [True, False])
def test_a_generator_that_was_the_limit_is_always_warned_of_and_once(*, told: bool) -> None:
    why = "its core was busy 99 % of the time"
    run = made.passed(
        generator=Generator(1, 0.99, 60.0, limited=True, why=why), warnings=[f"the generator: {why}"] * told
    )
    for text in both(run):
        assert text.count(why) == 1


# ------------------------------------------------------------------ nothing that failed is left out


def test_kinds_of_failures_are_counted_apart() -> None:
    header, *rows = pages.table(made.failed(), "Scenarios")
    surge = dict(zip(header, next(row for row in rows if row[0] == "surge_fill_validate"), strict=True))
    replay = dict(zip(header, next(row for row in rows if row[0] == "playbook_record_replay"), strict=True))
    assert (surge["failures"], surge["connection"], surge["5xx"], surge["passed"]) == ("10,967", "67", "10,900", "NO")
    assert (replay["wrong answers"], replay["5xx"], replay["time-outs"]) == ("21", "7,200", "9")
    assert surge["rate/s"] == "2.22"  # 133 of 11,100 ended well


def test_a_kind_that_nobody_knows_has_a_column() -> None:
    run = made.passed(scenarios=[made.scenario("odd", 10, passed=False, flood=3)])
    header, row = pages.table(run, "Scenarios")
    assert dict(zip(header, row, strict=True))["flood"] == "3"
    assert "flood" in pages.html(run).words


def test_a_scenario_that_never_ran_has_no_latencies() -> None:
    header, row = pages.table(made.passed(scenarios=[made.scenario("never", 0, passed=False)]), "Scenarios")
    found = dict(zip(header, row, strict=True))
    assert (found["count"], found["p50"], found["max"], found["passed"]) == ("0", "-", "-", "NO")


def test_panics_are_shown_with_how_often_each_came() -> None:
    for text in both(made.failed()):
        assert f"18,097 times {made.PANIC}" in text
        assert "3 times goroutine 8812 [running]: layerNode.search" in text
        assert text.index("18,097 times") < text.index("3 times goroutine")


def test_the_last_lines_of_a_daemon_that_died_are_shown() -> None:
    for text in both(made.failed()):
        assert "panic: out of memory exit status 2" in text


def test_of_a_long_log_the_end_is_shown() -> None:
    log = "\n".join(f"line {at}" for at in range(1000))
    for text in both(made.passed(daemons=[made.daemon(last_lines=log)])):
        assert "line 999" in text
        assert "line 960" in text
        assert "line 959 " not in text


def test_failures_are_shown_by_example() -> None:
    for text in both(made.failed()):
        assert "server_error POST /v1/vectors/playbook_memory 500, and the log tells of a panic" in text
        assert "connection POST /v1/matrix/playbooks/record connection reset by peer" in text


def test_examples_of_a_call_are_shown_as_well() -> None:
    call = made.scenario("POST /x", 5, timeout=1, examples=(Example("timeout", "POST /x", "10 s went by"),))
    for text in both(made.passed(calls=[call])):
        assert "timeout POST /x 10 s went by" in text


def test_of_very_many_examples_it_says_how_many_more_there_are() -> None:
    many = tuple(Example("timeout", f"GET /{at}", "late") for at in range(25))
    for text in both(made.passed(scenarios=[made.scenario("s", 30, passed=False, examples=many, timeout=25)])):
        assert "GET /19" in text
        assert "GET /20" not in text
        assert "(5 more in summary.json)" in text


def test_every_bound_appears_those_that_are_not_met_first() -> None:
    run = made.failed()
    _, *rows = pages.table(run, "Bounds")
    assert sorted(row[0] for row in rows) == sorted(bound.name for bound in run.bounds)
    assert [row[-1] for row in rows] == ["NO", "NO", "NO", "not judged", "yes"]
    for bound in run.bounds:
        assert bound.name in pages.html(run).words


def test_a_bound_that_was_missed_by_little_does_not_look_met() -> None:
    row = next(row for row in pages.table(made.failed(), "Bounds") if row[0] == "p99_ms.cold_search_email")
    assert row == ["p99_ms.cold_search_email", "100", "100.4", "-0.4 %", "NO"]


def test_the_margin_of_a_limit_of_zero_is_the_distance() -> None:
    row = next(row for row in pages.table(made.failed(), "Bounds") if row[0] == "restarts")
    assert row == ["restarts", "0", "2", "-2", "NO"]


def test_differences_under_load_come_with_their_input_and_replay_command() -> None:
    for text in both(made.failed()):
        assert "1,402 sampled, 1,300 compared with 2 other runtimes, 102 dropped" in text
        assert "7 differ" in text
        assert 'input POST /v1/matrix/search {"k":3} go 0.2224 python 0.4449 rust (nothing there)' in text
        assert "uv run parity replay matrix:eyIiOi0wfQ --runtimes python,go,rust" in text


def test_why_nothing_was_compared_is_said() -> None:
    nothing = Parity(0.01, [], 40, 0, 0, 0, [], why="rust is not installed")
    for text in both(made.passed(parity=nothing)):
        assert "nothing shown" in text
        assert "rust is not installed" in text


def test_the_footprint_of_each_daemon_is_told() -> None:
    _, go, embedd = pages.table(made.passed(), "Footprint")
    assert go == ["go", "412", "398", "0.83", "1.21", "71", "0", "0"]
    assert embedd[0] == "embedd"


def test_steps_of_a_search_for_the_capacity_are_told() -> None:
    header, *rows = pages.table(made.capacity(), "Capacity")
    assert header == ["rate/s", "achieved/s", "failures", "p99 ms", "held"]
    assert rows[3] == ["1,600", "1,182", "3.1 %", "2,210", "NO"]
    for text in both(made.capacity()):
        assert "1,000/s is the highest rate that held: p99 of at most 100 ms and at most 0.1 % failures" in text


def test_no_rate_that_held_is_said() -> None:
    found = made.capacity().capacity
    assert found
    for text in both(made.passed(capacity=replace(found, rate=None, steps=[]))):
        assert "no rate that was tried held" in text


def test_how_to_run_it_again_is_there_in_whole() -> None:
    command = "locust -f loadgen/multitier.py " + "--host http://127.0.0.1:8710 " * 200 + "--end"
    run = made.passed(command=command, plant="naive-hnsw")
    for text in both(run):
        assert command in text
        for value in ("6", "c0ffee123456", "100,000 workers", "closed, 50 users", "ramp", "naive-hnsw", "2 processes"):
            assert value in text.split(command)[1]


def test_an_open_run_says_from_when_its_latencies_count() -> None:
    for text in both(made.capacity()):
        assert "counted from the intended start of each" in text
        assert "at most 1,600 arrivals/s" in text
    for text in both(made.passed()):
        assert "counted from the moment each was sent" in text


# ------------------------------------------------------------------ nothing to say


def test_sections_that_have_nothing_to_say_are_left_out() -> None:
    assert re.findall(r"^#+ .*", markdown.render(made.empty()), re.MULTILINE) == ["# Load: unable", "## How it was run"]
    empty = pages.html(made.empty())
    assert (empty.tags.count("h2"), empty.tags.count("svg")) == (1, 0)


def test_a_run_that_passed_tells_of_no_failures_panics_or_warnings() -> None:
    for text in both(made.passed()):
        for word in ("Failures", "panics,", "Warning", "Capacity", "None"):
            assert word not in text


def test_both_pages_have_the_same_sections_and_tables() -> None:
    plain = re.findall(r"^## (.*)", markdown.render(made.full()), re.MULTILINE)
    shown = re.findall(r"<h2>(.*?)</h2>", page.render(made.full()))
    assert [name.replace("` ", "").replace(" `", "") for name in plain] == [
        name for name in shown if name != "Rates and latencies"
    ]
    tables = sum(kind == "table_open" for kind, _ in pages.tokens(made.full()))
    assert pages.html(made.full()).tags.count("table") == tables == 7
