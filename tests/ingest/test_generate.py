"""The generator: the same rows for ever, real places, and a corpus that answers what is asked of it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

import jsonschema_rs
import pytest

from lakehouse_ref.ingest.generate import HUB_WORKERS, generate, places
from lakehouse_ref.ingest.vocabulary import HOURS, HUBS, MAIN_ROLES, ROLES
from tests.meta.imports import ROOT

if TYPE_CHECKING:
    from lakehouse_ref.ingest.worker import Worker

CONTRACT = ROOT / "fixtures" / "contract"
DIGESTS = {
    int(rows.replace(",", "")): digest
    for rows, digest in re.findall(
        r"^\| ([0-9,]+) \| ([0-9a-f]{64}) \|$", (CONTRACT / "workers.md").read_text(), re.MULTILINE
    )
}


def written(worker: Worker) -> bytes:
    """Return a row as RFC 8785 writes it: without numbers, that is what json does, only many times as fast."""
    return json.dumps(worker._asdict(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def test_the_rows_of_a_seed_are_those_of_the_contract() -> None:
    assert DIGESTS.keys() == {200, 2_000, 100_000, 500_000}
    sha = hashlib.sha256()
    found = {}
    for number, worker in enumerate(generate(1, max(DIGESTS)), 1):
        sha.update(written(worker))
        if number in DIGESTS:
            found[number] = sha.hexdigest()
    assert found == DIGESTS


@pytest.mark.parametrize("count", [0, 1, 999, 1_000, 1_001, 2_500])
def test_a_smaller_corpus_is_the_beginning_of_a_larger_one(count: int) -> None:
    assert list(generate(7, count)) == list(islice(generate(7, 3_000), count))


def test_another_seed_has_other_workers() -> None:
    assert [worker[1:] for worker in generate(1, 200)] != [worker[1:] for worker in generate(2, 200)]


def test_a_row_fits_its_schema() -> None:
    schema = jsonschema_rs.Draft202012Validator(json.loads((CONTRACT / "workers_row.schema.json").read_bytes()))
    for worker in generate(1, 5_000):
        schema.validate(worker._asdict())


def test_the_schema_knows_every_role_and_all_hours() -> None:
    properties = json.loads((CONTRACT / "workers_row.schema.json").read_bytes())["properties"]
    assert set(properties["role"]["enum"]) == {role.name for role in ROLES}
    assert set(properties["availability"]["enum"]) == {name for name, _ in HOURS}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_main_role_is_at_every_hub(seed: int) -> None:
    workers = Counter(worker[1:4] for worker in generate(seed, 2_000))
    assert all(workers[role.name, *hub] >= 2 * HUB_WORKERS for role in MAIN_ROLES for hub in HUBS)


def test_every_place_is_real_and_every_hub_one_of_them() -> None:
    known, _ = places()
    assert len(known) == len(set(known)) == 356
    assert set(HUBS) <= set(known)
    assert {worker[2:4] for worker in generate(1, 100_000)} == set(known)


def test_what_a_worker_knows_is_of_the_role() -> None:
    roles = {role.name: role for role in ROLES}
    assert len(roles) == 16
    for worker in generate(1, 5_000):
        role = roles[worker.role]
        assert worker.skills == [skill for skill in role.skills if skill in worker.skills]
        assert worker.certifications == [one for one in role.certifications if one in worker.certifications]


def test_weights_are_of_a_hundred() -> None:
    assert sum(role.weight for role in ROLES) == sum(weight for _, weight in HOURS) == 100
