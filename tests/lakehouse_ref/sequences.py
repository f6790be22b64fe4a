"""Sequences (`fixtures/contract/sequences.md`) on a store in this process, which a crash or a restart makes anew."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Self

from lakehouse_ref.search import calls
from lakehouse_ref.services.embedders import LocalEmbedder
from lakehouse_ref.services.storage.indexes import LocalStore

if TYPE_CHECKING:
    from pathlib import Path

    from lakehouse_ref.validate.answers import Answer

JSON = (b"content-type", b"application/json")
SNAPSHOT = re.compile(rb'"snapshot":"(s-[0-9a-f]{16})"')
LINE = re.compile(rb"([A-Z]+) (\S+)(?: (.*))?", re.DOTALL)
WITH_BODY = {"POST", "PUT", "PATCH"}


class Matrixd:
    """What a process of matrixd has, and what it loses when it ends."""

    def __init__(self, data: Path, *, approximate: bool = True) -> None:
        self.data, self.approximate = data, approximate
        self.open()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def open(self) -> None:
        self.store = LocalStore(self.data, approximate=self.approximate)
        self.service = calls.Service(self.store, LocalEmbedder(), b"{}", with_vectors=True)

    def close(self) -> None:
        self.store.close()

    def again(self) -> None:
        """Start on what was written."""
        self.close()
        self.open()

    def clear(self) -> None:
        """Begin with nothing."""
        self.close()
        shutil.rmtree(self.data)
        self.open()

    def ask(
        self,
        line: str | bytes,
        touched: set[str] | None = None,
        tenant: str = "t",
        *headers: tuple[bytes, bytes],
    ) -> Answer:
        """Make the call of a line."""
        found = LINE.fullmatch(line.encode() if isinstance(line, str) else line)
        assert found is not None, line
        method, path = found[1].decode(), found[2].decode().partition("?")[0]
        sent = [(b"x-lakehouse-tenant", tenant.encode()), *headers]
        sent += [JSON] if method in WITH_BODY else []
        return calls.respond(self.service, method, path, sent, found[3] or b"", set() if touched is None else touched)

    def sequence(self, text: bytes, surface: str = "vectors") -> tuple[bytes, set[str]]:
        """Make all calls of a sequence; return what the harness would write down, and the rules that mattered."""
        steps: list[bytes] = []
        touched: set[str] = set()
        names: list[bytes] = []
        snapshot = b"none"
        for line in text.split(b"\n"):
            if line in {b"crash", b"restart"}:
                self.again()
                continue
            sent = line.replace(b"{{snapshot}}", snapshot)
            status, body = self.ask(sent, touched, "t", (b"parity-surface", surface.encode()))
            if (found := SNAPSHOT.search(body)) is not None:
                snapshot = found[1]
                names.append(found[1])
                body = body.replace(found[1], b"s-%d" % len(names))
            steps.append(b'{"status":%d,"type":"application/json","body":%b}' % (status, body))
        return b'{"steps":[%b]}' % b",".join(steps), touched
