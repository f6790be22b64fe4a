"""What a service's health says of it (fixtures/contract/service.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parity.errors import StartError
from parity.transports import Hello
from parity.transports.conversation import Failure

if TYPE_CHECKING:
    from parity.transports.connection import Answer


class Health(msgspec.Struct):
    """The members that matter; `runtime`, or else `service`, is who it is."""

    runtime: str = ""
    service: str = ""
    version: str = "unknown"
    commit: str = "unknown"
    surfaces: tuple[str, ...] = ()
    plants: tuple[str, ...] = ()
    planted: str | None = None


def read(answer: Answer | Failure, where: str, surfaces: tuple[str, ...]) -> Hello:
    """Return who a service is; `surfaces` are those that it serves where it does not say so. Raises StartError."""
    if isinstance(answer, Failure):
        raise StartError(f"{where} {answer.kind}: {answer.detail}")
    if answer.status != 200:
        raise StartError(f"{where} answers {answer.status}")
    try:
        health = msgspec.json.decode(answer.body, type=Health)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise StartError(f"{where} does not say who it is: {error}") from None
    if not (who := health.runtime or health.service):
        raise StartError(f"{where} does not say who it is: it has neither runtime nor service")
    if not (served := health.surfaces or surfaces):
        raise StartError(f"{where} does not say what it serves; write surfaces = [...] for it in parity.toml")
    return Hello(1, who, health.version, health.commit, served, health.plants, health.planted)
