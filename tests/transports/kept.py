"""A bench for services that keep values (`stateful_service.py`), asked in sequences of calls."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from parity.transports import service as service_module
from parity.transports.adapters import Adapters
from parity.transports.host import Place
from parity.transports.sequences import Names, Sequences

from .services import PATIENCE
from .stateful_service import TENANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from parity.model import Observation
    from parity.runtime_config import AdapterConfig

    from .services import ServiceBench

SCRIPT = Path(__file__).with_name("stateful_service.py")
HEADER = TENANT.decode()
FORGET = "DELETE /v1/tenant"


class Asked(NamedTuple):
    """A request that a service took down."""

    process: int
    connection: int
    raw: str

    @property
    def line(self) -> str:
        return self.raw.partition(" HTTP/1.1\r\n")[0]

    @property
    def headers(self) -> list[str]:
        return self.raw.partition("\r\n\r\n")[0].split("\r\n")[1:]

    @property
    def tenant(self) -> str:
        return next(each for each in self.headers if each.startswith(HEADER)).partition(": ")[2]

    @property
    def body(self) -> str:
        return self.raw.partition("\r\n\r\n")[2]


class Kept:
    """One service, the way to it, and what it was asked."""

    def __init__(self, service: service_module.Service, marks: Path) -> None:
        self.service, self.marks = service, marks
        assert service.sequences is not None
        self.sequences: Sequences = service.sequences

    @property
    def asked(self) -> list[Asked]:
        """Every call that it was asked, whichever process it was, in their order."""
        file = self.marks / "calls"
        return [Asked(*json.loads(line)) for line in file.read_text().splitlines()] if file.exists() else []

    @property
    def calls(self) -> list[Asked]:
        """The same without those that let it forget."""
        return [each for each in self.asked if each.line != FORGET]

    @property
    def starts(self) -> list[str]:
        """The directory of the data at every start."""
        return [file.read_text() for file in sorted(self.marks.glob("start-*"), key=lambda file: int(file.name[6:]))]


class KeptBench:
    """Opens such services and asks them."""

    def __init__(self, services: ServiceBench, folder: Path) -> None:
        self.services, self._folder = services, folder

    def started(
        self,
        manner: str = "sound",
        *,
        name: str = "one",
        data: bool = True,
        deadline: float = 30.0,
        connections: int = 8,
        is_open: bool = True,
        adapters: Sequence[AdapterConfig] = (),
        tenant: str = HEADER,
        forget: str = FORGET,
    ) -> Kept:
        """Return the way to a process."""
        marks = self._folder / name
        marks.mkdir(parents=True)
        command = [sys.executable, "-I", "-S", str(SCRIPT), manner, "{port}", str(self.services.folder), str(marks)]
        service = service_module.Service(
            "hostile",
            Place(command=[*command, "{data}"] if data else command),
            deadline=deadline,
            connections=connections,
            names=Names(tenant, forget, Adapters(adapters)),
        )
        self.services._open.append(service)
        if is_open:
            self.services.driver.run(service.open())
        return Kept(service, marks)

    def attached(
        self, kept: Kept, *, deadline: float = 30.0, connections: int = 8, rate: float | None = None, **place: object
    ) -> Kept:
        """Return another way to the process that one leads to, as to somebody else's."""
        service = service_module.Service(
            "hostile",
            Place(**({"address": kept.service.host.address} | place)),  # type: ignore[arg-type]
            deadline=deadline,
            connections=connections,
            rate=rate,
            names=Names(HEADER, FORGET, Adapters(())),
        )
        self.services._open.append(service)
        self.services.driver.run(service.open())
        return Kept(service, kept.marks)

    def ask(self, kept: Kept, *cases: bytes) -> list[Observation]:
        """Ask about one batch."""
        rows = self.services.driver.ask({"hostile": kept.sequences}, "kept", cases).result(timeout=PATIENCE)
        return [row["hostile"] for row in rows]

    def close(self, kept: Kept) -> None:
        self.services.driver.run(kept.service.close())


def lines(*each: str) -> bytes:
    """Return a case."""
    return "\n".join(each).encode()


def bodies(seen: Observation) -> list[object]:
    """Return the bodies of the answers to a case."""
    return [step.get("body") for step in json.loads(seen.output)["steps"]]
