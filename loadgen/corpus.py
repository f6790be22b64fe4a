"""Put the workers into an index, once."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from lakehouse_ref.ingest.errors import IngestError
from lakehouse_ref.ingest.index import Index
from lakehouse_ref.ingest.worker import batched
from loadgen.roster import Roster
from parity.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Callable

BATCH = 1_000
REST = 3_600.0
"""Seconds that an index may take to rest: of 100,000 workers some grow a graph for minutes."""
OFTEN = 5.0
"""Seconds between two words about how far it is."""


def fill(url: str, size: int, tenant: str, tell: Callable[[str], None]) -> None:
    """Put the workers into the index `workers` unless they are in, and let it rest. Raises StartError."""
    try:
        with Index(url, "workers", tenant) as index:
            there = index.size()
            if there not in {0, size}:
                raise StartError(
                    f"{url}: the index workers of tenant {tenant!r} holds {there:,} workers, and {size:,} were asked "
                    "for; give another --corpus or another --tenant"
                )
            if not there:
                told = time.monotonic()
                for done, batch in enumerate(batched(Roster(size).workers.values(), BATCH)):
                    if time.monotonic() - told > OFTEN:
                        tell(f"{done * BATCH:,} of {size:,} workers are in")
                        told = time.monotonic()
                    index.add([batch])
        tell("waiting until the index rests")
        with Index(url, "workers", tenant, REST) as index:
            status, _ = index.ask("POST", "/save", {})
            if status != HTTPStatus.OK:
                raise StartError(f"{url}: the index workers is not saved: status {status}")
    except IngestError as error:
        raise StartError(str(error)) from None
