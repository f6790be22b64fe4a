"""The ways to a runtime, as its configuration says: which transports reach it, and with what."""

from __future__ import annotations

import os
import ssl
from typing import TYPE_CHECKING, TypeAlias

from parity.errors import StartError, UsageError
from parity.runtime_config import split_url
from parity.transports.adapters import Adapters
from parity.transports.connection import Address
from parity.transports.directories import Files
from parity.transports.helper import Helper
from parity.transports.host import Place
from parity.transports.inprocess import InProcess
from parity.transports.message import may_be_given
from parity.transports.sequences import Names
from parity.transports.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.config import Settings
    from parity.runtime_config import RuntimeConfig
    from parity.testees.build import Build
    from parity.transports import Transport

Way: TypeAlias = "Callable[[str | None], Transport]"
"""Makes the transport, with a bug planted or without."""


def ways(name: str, build: Build, settings: Settings) -> list[Way]:
    """Return every way to a runtime, not yet opened.

    Raises UsageError for a header whose variable is not set, StartError for certificates that cannot be read.
    """
    config, deadline = build.config, settings.deadline
    found: list[Way] = []
    if config.callables:
        found.append(lambda _: InProcess(name, config.callables, str(settings.root)))
    if config.attach:
        found.append(lambda _: Helper(name, address=config.attach, deadline=deadline))
    if config.helper:
        found.append(lambda plant: _started(name, build, config.helper, plant, deadline))
    if config.files:
        found.append(lambda plant: Files(_started(name, build, config.files, plant, deadline)))
    if config.url:
        there = _elsewhere(name, config, settings)
        found.append(
            lambda _: Service(
                name, there, deadline=deadline, connections=config.connections, rate=config.rate, names=_names(config)
            )
        )
    found.extend(_service(name, build, command, deadline) for command in config.commands.values())
    return found


def _service(name: str, build: Build, command: tuple[str, ...], deadline: float) -> Way:
    config = build.config
    return lambda plant: Service(
        name,
        Place(
            command=build.fill(command),
            directory=str(build.directory),
            environment=build.environment(plant),
            health=config.health,
            surfaces=config.surfaces if len(config.commands) == 1 else (),
        ),
        deadline=deadline,
        connections=config.connections,
        names=_names(config),
    )


def _names(config: RuntimeConfig) -> Names:
    return Names(config.tenant, config.forget, Adapters(config.adapters))


def _started(name: str, build: Build, command: tuple[str, ...], plant: str | None, deadline: float) -> Helper:
    return Helper(
        name,
        command=build.fill(command),
        directory=str(build.directory),
        environment=build.environment(plant),
        deadline=deadline,
    )


def _elsewhere(name: str, config: RuntimeConfig, settings: Settings) -> Place:
    """Return the place of a service that runs elsewhere."""
    parts = split_url(config.url, f"runtime {name!r}")
    tls = None
    if parts.scheme == "https":
        try:
            tls = ssl.create_default_context(cafile=str(settings.root / config.ca) if config.ca else None)
        except (OSError, ssl.SSLError) as error:
            raise StartError(f"runtime {name!r}: the certificates in {config.ca} cannot be used: {error}") from None
    port = parts.port if parts.port is not None else 443 if tls else 80
    return Place(
        address=Address(parts.hostname or "", port, tls),
        prefix=parts.path.rstrip("/"),
        headers=secret_headers(name, config),
        health=config.health,
        surfaces=config.surfaces,
    )


def secret_headers(name: str, config: RuntimeConfig) -> dict[str, str]:
    """Return the headers whose values the environment holds. Raises UsageError where one is not there or not safe."""
    headers = {}
    for header, variable in config.headers_from.items():
        if not may_be_given(header):
            raise UsageError(f"runtime {name!r}: {header!r} in headers_from is no header, or the harness's to set")
        value = os.environ.get(variable, "")
        if not value.strip() or not value.isascii() or not value.isprintable():
            raise UsageError(f"runtime {name!r} wants its header {header} from the environment: set {variable}")
        headers[header] = value
    parts = split_url(config.url, f"runtime {name!r}") if headers else None
    if parts is not None and parts.scheme == "http" and not _is_this_machine(parts.hostname or ""):
        raise UsageError(f"runtime {name!r}: a secret header does not travel over plain http; use https")
    return headers


def _is_this_machine(host: str) -> bool:
    return host in {"localhost", "::1"} or host.startswith("127.")
