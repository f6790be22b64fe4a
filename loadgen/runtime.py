"""Whom the load is put on: a runtime that is started for it, or a service that runs already."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING
from urllib.request import urlopen

import msgspec

from loadgen import corpus
from loadgen.child import Child
from loadgen.client import address
from loadgen.summary import Daemon, Reading
from parity.errors import StartError, UnreachableError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.options import Options

ANSWER_PATIENCE = 60.0
HEALTH_PATIENCE = 10.0


class _End(msgspec.Struct):
    """What the keeper tells at the end of a run."""

    daemons: list[Daemon]
    readings: list[Reading]


class Started:
    """A runtime of parity.toml, kept by a process of its own."""

    def __init__(self, options: Options, file: str, tell: Callable[[str], None]) -> None:
        """Start it with the workers in it. Raises ParityError."""
        assert options.runtime is not None
        self.name = options.runtime
        arguments = [options.runtime, "--corpus", str(options.corpus), "--logs", str(options.report / "logs")]
        if options.plant:
            arguments += ["--plant", options.plant]
        if file == "cutover":
            arguments.append("--front")
        self._keeper = Child("loadgen.keeper", arguments)
        try:
            ready = self._keeper.wait_for("ready", tell)
        except BaseException:
            self._keeper.close()
            raise
        self.urls: dict[str, str] = ready["urls"]
        if file == "multitier" and (missing := sorted({"matrixd", "validatord"} - set(self.urls))):
            self._keeper.close()
            raise UsageError(f"runtime {self.name!r} has no {' and no '.join(missing)}, which {file}.py asks")
        self.commit: str = ready["commit"]

    def begin(self) -> None:
        """Count from here."""
        self._keeper.send(b"begin\n")

    def end(self) -> tuple[list[Daemon], list[Reading]]:
        """Return the footprint since the beginning. Raises EnvironmentFailure."""
        self._keeper.send(b"end\n")
        end = msgspec.convert(self._keeper.wait_for("end", lambda _: None, ANSWER_PATIENCE), _End)
        return end.daemons, end.readings

    def close(self) -> None:
        """End it."""
        self._keeper.close()


class _Health(msgspec.Struct):
    runtime: str = ""
    service: str = ""
    commit: str = ""
    surfaces: tuple[str, ...] = ()


class Attached:
    """A service that runs already, and is not ours to start or stop."""

    def __init__(self, options: Options, file: str, tell: Callable[[str], None]) -> None:
        """Look who answers, and put the workers in where they are not. Raises ParityError."""
        assert options.host is not None
        first = "matrixd" if file == "multitier" else "front"
        self.urls = {first: address(options.host, "--host").written}
        health = _health(self.urls[first], "--host")
        self.name, self.commit = health.runtime or health.service or "host", health.commit or "unknown"
        if file == "multitier":
            self.urls["validatord"] = address(options.validatord or options.host, "--validatord").written
            served = health.surfaces
            if options.validatord:
                served = (*served, *_health(self.urls["validatord"], "--validatord").surfaces)
            for surface, option in {"matrix": "--host", "validate": "--validatord"}.items():
                # A gateway does not say what it serves.
                if served and surface not in served:
                    raise UsageError(f"nobody there serves {surface!r}; give a URL that does with {option}")
        if options.direct:
            self.urls["direct"] = address(options.direct, "--direct").written
            _health(self.urls["direct"], "--direct")
        corpus.fill(self.urls.get("direct", self.urls[first]), options.corpus, options.tenant, tell)

    def begin(self) -> None:
        """Do nothing: there is no footprint of what is not ours."""

    def end(self) -> tuple[list[Daemon], list[Reading]]:
        """Return that nothing is known of its footprint."""
        return [], []

    def close(self) -> None:
        """Leave it alone."""


def _health(url: str, option: str) -> _Health:
    """Return who answers. Raises UnreachableError, and StartError for who is something else."""
    try:
        with urlopen(f"{url}/health", timeout=HEALTH_PATIENCE) as answer:  # noqa: S310 - its scheme was looked at
            data = answer.read(65_536)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        told = getattr(reason, "strerror", None) or str(reason) or type(reason).__name__
        raise UnreachableError(f"nobody answers at {option} {url}: {str(told).lower()}") from None
    try:
        return msgspec.json.decode(data, type=_Health)
    except msgspec.MsgspecError:
        raise StartError(f"{option} {url} answers, but its /health is not that of a service of the lakehouse") from None
