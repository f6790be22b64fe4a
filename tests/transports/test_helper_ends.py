"""Nothing of a helper is left behind, however it takes its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from parity.model import Kind
from parity.processes import Processes

from .conftest import kinds
from .services import runs

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Bench


@pytest.mark.parametrize("behaviour", ["sound", "ignores-sigterm", "lives-on"])
def test_close_ends_it(bench: Bench, behaviour: str) -> None:
    assert kinds(bench.observe(behaviour, b"a")) == [Kind.ANSWERED]

    assert len(bench.started()) == 1
    assert bench.left() == []


def test_a_sound_helper_ends_by_itself_at_the_end_of_its_input(bench: Bench) -> None:
    helper = bench.helper("sound")
    bench.driver.run(helper.open())
    channel = helper._channel
    bench.driver.run(helper.close())

    assert channel is not None
    assert channel._transport.get_returncode() == 0  # type: ignore[attr-defined]


def test_closing_twice_or_before_opening_is_nothing(bench: Bench) -> None:
    helper = bench.helper("sound")
    bench.driver.run(helper.close())
    bench.driver.run(helper.open())
    bench.driver.run(helper.close())
    bench.driver.run(helper.close())

    assert bench.left() == []


def test_a_child_that_holds_the_pipes_of_a_dead_helper_ends_with_it(bench: Bench) -> None:
    """The leader is gone and its pipes are still open: only the group can be ended."""
    seen = bench.observe("dies-with-a-child", b"a", b"BAD", b"b", deadline=1.5)

    assert kinds(seen) == [Kind.ANSWERED, Kind.CRASHED, Kind.ANSWERED]
    assert "exit code 7" in seen[1].detail
    assert len(bench.started()) > 2
    assert bench.left() == []


def test_a_grandchild_with_a_session_of_its_own_ends_with_the_run(bench: Bench, tmp_path: Path) -> None:
    processes = Processes(tmp_path / "state")
    helper = bench.helper("has-children")
    helper._environment = processes.environment({})
    bench.driver.run(helper.open())
    assert kinds(bench.ask(helper, b"a")) == [Kind.ANSWERED]
    assert len(bench.started()) == 3
    assert all(runs(pid) for pid in bench.started())

    bench.driver.run(helper.close())
    processes.close()

    assert bench.left() == []
