"""Workers into an index of a running `matrixd` (`fixtures/contract/search.md`), a batch a request."""

from __future__ import annotations

import http.client
import re
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple, TypeVar
from urllib.parse import urlsplit

import msgspec

from lakehouse_ref.ingest import worker
from lakehouse_ref.ingest.errors import IndexingError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Self

    from lakehouse_ref.ingest.worker import Worker

T = TypeVar("T", bound="msgspec.Struct")

PATIENCE = 120  # seconds for an answer: a thousand texts are embedded before it
LONGEST_ANSWER = 1_048_576
SAME = 0.001  # no farther apart than this, two texts are the same
ITEM = re.compile(r"items\.(\d+)")


class Sum(NamedTuple):
    """What became of the rows."""

    added: int
    updated: int
    passed: int
    """So many were there already, and were not sent."""
    size: int
    """Of the index, at the end."""


class Answer(NamedTuple):
    """What came back."""

    status: int
    body: dict[str, object]


class Index:
    """An index of a service, for a `with`. Its connection is kept, and opened anew where it was closed."""

    def __init__(self, url: str, name: str, tenant: str, patience: float = PATIENCE) -> None:
        """Take where the index is, whose, and the seconds that one answer may take."""
        self.url, self.name, self.patience = url.rstrip("/"), name, patience
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self.connection = kind(parts.hostname or "", parts.port, timeout=patience)
        self.path = f"{parts.path}/vectors/index/{name}"
        self.headers = {"content-type": "application/json", "x-lakehouse-tenant": tenant}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def add(self, batches: Iterable[list[Worker]], *, resume: bool = False) -> Sum:
        """Add the batches in their order. With `resume`, those at the beginning that are there are not sent again.

        Raises IndexingError, which says how many rows are in.
        """
        added = updated = passed = size = done = 0
        for batch in batches:
            try:
                if resume and self.holds(batch[-1]):
                    passed += len(batch)
                else:
                    resume = False  # batches go in whole and in order: behind one that is missing there is none
                    counts = self.send(batch, done)
                    added, updated, size = added + counts.added, updated + counts.updated, counts.size
            except IndexingError as error:
                rest = f"\n{done:,} rows are in; --resume goes on behind them" if done else ""
                raise IndexingError(f"{error}{rest}") from error
            done += len(batch)
        return Sum(added, updated, passed, size or self.size())

    def send(self, batch: list[Worker], before: int) -> Counts:
        """Add one batch, behind so many rows. Raises IndexingError."""
        items = [{"id": one.id, "metadata": worker.metadata(one), "text": worker.text(one)} for one in batch]
        status, body = self.ask("POST", "/add", {"items": items})
        if status != http.client.OK:
            raise IndexingError(self.refusal(status, body, batch, before))
        return self.understood(body, Counts)

    def holds(self, last: Worker) -> bool:
        """Tell whether this very worker is in the index. Raises IndexingError."""
        query = {"k": 1, "only_ids": [last.id], "text": worker.text(last)}
        status, body = self.ask("POST", "/search", query)
        if status == http.client.NOT_FOUND:
            return False
        if status != http.client.OK:
            raise IndexingError(self.refusal(status, body, [], 0))
        hits = self.understood(body, Hits).hits
        return [one.metadata for one in hits if one.distance <= SAME] == [worker.metadata(last)]

    def size(self) -> int:
        """Return how many vectors the index has; 0 where there is no index. Raises IndexingError."""
        status, body = self.ask("GET", "")
        return self.understood(body, Size).size if status == http.client.OK else 0

    def refusal(self, status: int, body: dict[str, object], batch: list[Worker], before: int) -> str:
        """Return what a refusal means, with the row that is to blame where one is."""
        faults: list[Fault] = []
        with suppress(msgspec.ValidationError):
            faults = list(msgspec.convert(body, dict[str, Fault]).values())
        for fault in faults:
            place = ITEM.match(fault.field)
            if place and int(place[1]) < len(batch):
                number, member = int(place[1]), fault.field[place.end() :].lstrip(".") or "the row"
                row = f"row {before + number + 1:,} ({batch[number].id!a})"
                return f"{self.url}: {row} is refused: {fault.reason} ({member})"
            return f"{self.url}: the index {self.name} refuses: {fault.reason} {fault.field}".rstrip()
        return f"{self.url}: status {status}, and no reason that search.md knows; is that matrixd?"

    def ask(self, method: str, call: str, body: object = None) -> Answer:
        """Send a request and return the answer. Raises IndexingError.

        It is sent once more where the connection ends without an answer: adding twice adds once.
        """
        data = None if body is None else msgspec.json.encode(body)
        for again in (True, False):
            try:
                self.connection.request(method, self.path + call, data, self.headers)
                answer = self.connection.getresponse()
                text = answer.read(LONGEST_ANSWER)
            except (ConnectionResetError, BrokenPipeError, http.client.RemoteDisconnected) as error:
                self.connection.close()
                if not again:
                    raise IndexingError(f"{self.url}: the connection ends without an answer") from error
            except (OSError, http.client.HTTPException) as error:
                self.connection.close()
                raise IndexingError(
                    f"{self.url}: no answer: {told(error, self.patience)}; is matrixd running there?"
                ) from error
            else:
                break
        if len(text) == LONGEST_ANSWER:
            self.connection.close()
        with suppress(msgspec.DecodeError):
            return Answer(answer.status, msgspec.json.decode(text, type=dict[str, object]))
        return Answer(answer.status, {})

    def understood(self, body: dict[str, object], kind: type[T]) -> T:
        """Return a body as what it should be. Raises IndexingError."""
        try:
            return msgspec.convert(body, kind)
        except msgspec.ValidationError as error:
            raise IndexingError(
                f"{self.url}: an answer that search.md does not know: {error}; is that matrixd?"
            ) from error


class Counts(msgspec.Struct):
    """The answer to `add`."""

    added: int
    updated: int
    size: int


class Size(msgspec.Struct):
    """The answer to a question about an index."""

    size: int


class Hit(msgspec.Struct):
    """A hit, as far as it matters here."""

    distance: float
    metadata: dict[str, object]


class Hits(msgspec.Struct):
    """The answer to `search`."""

    hits: list[Hit]


class Fault(msgspec.Struct):
    """What stands in a refusal."""

    reason: str
    field: str = ""


def told(error: Exception, patience: float) -> str:
    """Return what an error says, in a few words, behind so many seconds of waiting."""
    if isinstance(error, TimeoutError):
        return f"nothing in {patience:g} seconds"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
