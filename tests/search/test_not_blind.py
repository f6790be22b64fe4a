"""The suite sees what it is for: each fault of its own small service, and each planted bug of the runtimes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from parity.errors import StartError
from tests.attacks.programs import ROOT

from . import (
    test_at_once,
    test_command,
    test_connections,
    test_exact,
    test_exclusion,
    test_full_disk,
    test_hops,
    test_journal,
    test_json,
    test_lasting,
    test_playbooks,
    test_requests,
    test_snapshots,
    test_sustained,
    test_tenants,
)
from .client import Client, fresh
from .fake import FAULTS
from .programs import Program
from .wire import NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .programs import Programs, Service

    Attack = Callable[[Program, Path], None]

LENIENT = {"LAKEHOUSE_PLANT": "", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def fake(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """Return the suite's own program."""
    return Program("fake", [sys.executable, "-m", "tests.search.fake"], LENIENT, tmp_path_factory.mktemp("fake"))


def served(attack: Callable[[Service], None]) -> Attack:
    """Return an attack on a service as one on a program."""

    def run(program: Program, data: Path) -> None:
        with program.start(data / "data") as service:
            attack(service)

    return run


def asked(attack: Callable[[Client], None], *, stocked: bool = False) -> Attack:
    """Return an attack of one client as one on a program."""

    def run(program: Program, data: Path) -> None:
        with program.start(data / "data") as service, service.client() as client:
            if stocked:
                client.put("a", "x", [1, 0])
            attack(client)

    return run


def snapshots(program: Program, data: Path) -> None:
    with program.start(data / "data") as service, service.client() as client:
        test_snapshots.test_cut(test_snapshots.Saved(client, service.data))


def grown(attack: Callable[[Program, list[Path], Path], None]) -> Attack:
    """Return an attack on a journal of five records."""

    def run(program: Program, data: Path) -> None:
        attack(program, test_journal.five_records(program, data), data)

    return run


def with_pool(attack: Callable[[test_playbooks.Pool], None]) -> Attack:
    """Return an attack on playbooks."""
    return asked(lambda client: attack(test_playbooks.Pool(client)))


def a_port_that_is_none(program: Program, data: Path) -> None:
    test_command.test_what_is_no_command(program, ["--port", "8700"], data)


def an_order(name: str) -> Attack:
    """Return the attack on what is told before all that is behind it."""
    at = [fault for fault, _, _ in test_requests.FAULTS].index(name)
    return asked(lambda client: test_requests.TestOrder().test_the_first_fault_is_told(client, at), stocked=True)


def a_limit(more: int) -> Attack:
    """Return the attack with a body at the limit."""
    length = test_requests.LIMIT + more
    return asked(lambda client: test_requests.TestLimit().test_to_the_byte(client, length), stocked=True)


def a_path(target: str) -> Attack:
    """Return the attack by a path."""
    return asked(lambda client: test_requests.TestPaths().test_unknown(client, target), stocked=True)


def parts(program: Program, data: Path) -> None:
    test_lasting.test_a_stream_of_writes(program, test_lasting.kill, data / "data")


def fifty_updates(program: Program, data: Path) -> None:
    with program.start(data / "data") as service, service.client() as client:
        test_sustained.sustain(client, 20, 20)


def a_thousand_and_one(client: Client) -> None:
    test_exact.test_above_a_thousand_nearly_all_is_found(client, 1001)


def forty(client: Client) -> None:
    test_exact.test_as_the_oracle_says(client, 40, 64)


SEEN_BY: dict[str, Attack] = {
    "tenants-share": served(test_tenants.test_neither_sees_the_other),
    "files-left": served(test_tenants.test_dropping_a_tenant_takes_its_files),
    "last-header": served(test_tenants.test_the_first_header_counts),
    "limit-minus": a_limit(0),
    "limit-plus": a_limit(1),
    "nan": asked(lambda client: test_json.test_malformed(client, b'{"k":NaN}', "search"), stocked=True),
    "deep": asked(lambda client: test_json.test_depth(client, "[", 1), stocked=True),
    "escapes": a_path("/vectors/index/%61/search"),
    "state-first": an_order("k"),
    "closes": served(
        lambda service: test_connections.test_one_connection_takes_every_refusal(service, stocked_tenant(service))
    ),
    "part-kept": parts,
    "unwritten": lambda program, data: test_lasting.test_the_last_acknowledged_write_alone(program, data / "data"),
    "torn-damage": grown(test_journal.test_cut_anywhere),
    "damage-ends": grown(test_journal.test_damage_before_the_end),
    "snapshot-unchecked": snapshots,
    "grows": lambda program, data: test_journal.bounded(program, data / "data", 60),
    "unheard": lambda program, data: test_full_disk.test_a_journal_that_cannot_grow(program, data / "data"),
    "torn-left": lambda program, data: test_full_disk.test_room_again(program, data / "data"),
    "one-by-one": served(lambda service: test_at_once.batches_are_whole(service, 8)),
    "race": served(lambda service: test_at_once.test_writers_of_their_own_ids(service, 2)),
    "inexact": asked(forty),
    "cut-then-excluded": asked(forty),
    "blind-spot": asked(a_thousand_and_one),
    "drops": fifty_updates,
    "tracebacks": a_port_that_is_none,
    "ends-with-1": lambda program, data: test_command.TestEnd().test_idle(program, data / "data"),
}
"""For each fault, the attack that has to see it, and that has to find nothing where there is none."""


def stocked_tenant(service: Service) -> str:
    """Return a tenant that has an index."""
    with service.client(fresh()) as client:
        client.put("a", "x", [1, 0])
        return str(client.tenant)


def test_every_fault_has_an_attack() -> None:
    assert set(SEEN_BY) == set(FAULTS)


@pytest.mark.parametrize("fault", SEEN_BY)
def test_a_sound_service_passes(fake: Program, fault: str, tmp_path: Path) -> None:
    SEEN_BY[fault](fake, tmp_path)


@pytest.mark.parametrize("fault", SEEN_BY)
def test_a_fault_is_seen(fake: Program, fault: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, NoAnswerError, StartError)):
        SEEN_BY[fault](fake.planted(fault), tmp_path)


def dropped(client: Client) -> None:
    client.add("a", [{"id": "x", "vector": [1, 0]}, {"id": "y", "vector": [0, 1]}])
    client.save("a")
    client.drop("a")
    client.put("a", "z", [1, 1])
    assert client.about("a").body == {"dimension": 2, "size": 1}


PLANTED: dict[str, Attack] = {
    "ties-by-insertion": asked(test_exact.test_ties_are_ordered_by_code_points),
    "deleted-returned": asked(lambda client: test_exact.test_as_the_oracle_says(client, 40, 64)),
    "dropped-keeps": asked(dropped),
    "crash-forgets": lambda program, data: test_lasting.test_the_last_acknowledged_write_alone(program, data / "data"),
    "near-missed": asked(test_exact.test_a_large_index_that_rests_finds_nearly_all),
    "role-gate-off": with_pool(test_playbooks.test_another_role_changes_nothing),
    "boosted-twice": asked(lambda client: test_playbooks.test_many_recordings(client, 0)),
    "boost-on-similarity": asked(lambda client: test_playbooks.test_many_recordings(client, 0)),
    "excluded-leaks": asked(
        lambda client: test_exclusion.test_excluded_answers_of_recordings(client, test_exclusion.stock(client))
    ),
    "injected-uncounted": with_pool(test_playbooks.test_injection),
}
"""The planted bugs of the runtimes, and the attack that has to fail with each."""


@pytest.mark.parametrize("plant", PLANTED)
def test_a_planted_bug_is_seen(program: Program, plant: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, NoAnswerError)):
        PLANTED[plant](program.planted(plant), tmp_path)


def test_the_crash_that_load_found(programs: Programs, tmp_path: Path) -> None:
    """A graph that is used plainly loses answers, and says so; the sound ones are asked the same in test_sustained."""
    with programs.get("go").planted("naive-hnsw").start(tmp_path) as service, service.client("t") as client:
        test_sustained.stock(client)
        assert test_sustained.record(client, test_sustained.RECORDINGS) > 0
        assert test_sustained.PANIC in service.said()
        assert service.health().status == 200, "a request that breaks ends its connection, and no more"


def test_hops_that_differ_are_seen(program: Program, service: Service, tmp_path: Path) -> None:
    """A front without its role gate, before a sound service, does not answer as that one does."""
    tenant = fresh()
    with (
        program.planted("role-gate-off").start(tmp_path, "--vectord", service.url) as front,
        front.client(tenant) as mine,
        service.client(tenant) as kept,
        service.client() as direct,
        pytest.raises(AssertionError),
    ):
        test_hops.compare(direct, mine, kept, test_hops.CALLS)
