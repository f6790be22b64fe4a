"""Make every selected runtime ready: build it, start it or attach to it, and hear who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from parity import config as configuration
from parity import revisions
from parity.errors import (
    ConfigError,
    EnvironmentFailure,
    MissingToolError,
    StartError,
    UnreachableError,
    UsageError,
    unknown,
)
from parity.model import RuntimeState
from parity.testees.build import Build
from parity.testees.ways import ways
from parity.transports.service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from concurrent.futures import Future
    from pathlib import Path

    from parity.config import Settings
    from parity.drive import Driver
    from parity.processes import Processes
    from parity.runtime_config import RuntimeConfig
    from parity.testees.ways import Way
    from parity.transports import Hello, Transport

SLOW = 3.0  # seconds after which a start is said to be slow


class _Open(NamedTuple):
    """A way to a runtime that is open, and what was heard there."""

    transport: Transport
    hello: Hello


class Testees:
    """The runtimes of a run: the state of every one, and the ways to those that are ready."""

    def __init__(self, settings: Settings, driver: Driver) -> None:
        self.states: dict[str, RuntimeState] = {}
        self._settings, self._driver = settings, driver
        self._open: dict[str, list[_Open]] = {}

    def serving(self, surface: str, *, writes: bool = False, sequences: bool = False) -> dict[str, Transport]:
        """Return the ready runtimes that serve a surface.

        One that `writes` has only those that it may write at, one of `sequences` those that can be asked in them.
        """
        kept_off = self.kept_off(surface) if writes else []
        return {
            name: way
            for name, opened in self._open.items()
            if name not in kept_off
            for one in opened
            if surface in one.hello.surfaces
            and (way := _in_sequences(one.transport) if sequences else one.transport) is not None
        }

    def kept_off(self, surface: str) -> list[str]:
        """Return the runtimes that serve a surface, are not ours, and do not allow it to write."""
        return [
            name
            for name, state in self.states.items()
            if surface in state.surfaces
            and self._settings.runtimes[name].is_attached
            and not self._settings.runtimes[name].allow_writes
        ]

    def stop(self) -> None:
        """End every testee that was started."""
        self._driver.cancel()
        for opened in self._open.values():
            self._close(opened)
        self._open = {}

    def start(self, name: str, config: RuntimeConfig, processes: Processes, tell: Callable[[str], None]) -> None:
        """Make one runtime ready, or take note of why it is not. Raises UsageError for a plant that it has not."""
        opened = self._open[name] = []
        try:
            self._make_ready(name, config, processes, tell, opened)
        except MissingToolError as error:
            self._fail(name, config, "absent", error)
        except EnvironmentFailure as error:
            absent = config.is_attached and isinstance(error, UnreachableError)
            self._fail(name, config, "absent" if absent else "failed", error)
        else:
            first = opened[0].hello
            self.states[name] = RuntimeState(
                name,
                "ready",
                config.reference,
                first.version,
                first.commit,
                surfaces=tuple(surface for one in opened for surface in one.hello.surfaces),
                plants=tuple(plant for one in opened for plant in one.hello.plants),
            )

    def _make_ready(
        self,
        name: str,
        config: RuntimeConfig,
        processes: Processes,
        tell: Callable[[str], None],
        opened: list[_Open],
    ) -> None:
        settings = self._settings
        root = settings.root
        if config.revision:
            tell(f"{name}: checking out {config.revision}")
            root = revisions.tree(root, config.revision, settings.state)
            config = _as_it_was(config, root)
        build = Build(name, config, root, settings.state, processes)
        build.make(tell)
        plant = settings.plants.get(name)
        if plant is not None and (config.is_attached or config.callables):
            raise UsageError(f"runtime {name!r} is not started by the harness, so nothing can be planted in it")
        reached = ways(name, build, settings)
        opened.extend(self._enter(name, config, way, None, tell) for way in reached)
        if plant is not None:
            at = next((at for at, one in enumerate(opened) if plant in one.hello.plants), None)
            if at is None:
                known = [known for one in opened for known in one.hello.plants]
                raise unknown("planted bug", plant, known, f"{settings.prefix}plant {name}={plant}")
            self._close([opened[at]])
            opened[at] = self._enter(name, config, reached[at], plant, tell)
        for surface in [surface for one in opened for surface in one.hello.surfaces]:
            kinds = [one.transport.kind for one in opened for served in one.hello.surfaces if served == surface]
            if len(kinds) > 1:
                raise StartError(f"runtime {name!r} serves {surface!r} both as {' and as '.join(kinds)}")

    def _enter(
        self, name: str, config: RuntimeConfig, way: Way, plant: str | None, tell: Callable[[str], None]
    ) -> _Open:
        """Open one way and check who answers. Raises StartError."""
        transport = way(plant)
        try:
            hello = self._patiently(transport.open(), lambda: tell(f"{name}: slow to start; still waiting"))
            _check_identity(name, config, hello, plant)
        except BaseException:
            self._driver.run(transport.close())
            raise
        return _Open(transport, hello)

    def _patiently(self, opening: Coroutine[object, object, Hello], slow: Callable[[], None]) -> Hello:
        future: Future[Hello] = self._driver.start(opening)
        try:
            return future.result(SLOW)
        except TimeoutError:
            if not future.done():
                slow()
            return future.result()
        finally:
            future.cancel()  # of effect only where an interruption left it open

    def _close(self, opened: list[_Open]) -> None:
        for one in opened:
            self._driver.run(one.transport.close())

    def _fail(self, name: str, config: RuntimeConfig, status: str, error: EnvironmentFailure) -> None:
        self._close(self._open.pop(name))
        self.states[name] = RuntimeState(name, status, config.reference, reason=str(error))


def _in_sequences(transport: Transport) -> Transport | None:
    return transport.sequences if isinstance(transport, Service) else None


def _check_identity(name: str, config: RuntimeConfig, hello: Hello, plant: str | None) -> None:
    """Raise StartError unless the one who answers is the one that was asked for."""
    wanted = config.identity or config.base or name
    if not config.callables and hello.runtime != wanted:
        raise StartError(
            f"runtime {name!r} calls itself {hello.runtime!r}; if it should, write identity = {hello.runtime!r}"
        )
    if hello.planted != plant:
        raise StartError(
            f"runtime {name!r} says that its planted bug is {hello.planted!r}, and {plant!r} was asked for"
        )


def start(settings: Settings, processes: Processes, driver: Driver, tell: Callable[[str], None]) -> Testees:
    """Make the selected runtimes ready. One that isn't is told as absent or failed, with the reason; none of it raises.

    Raises UsageError for a planted bug that its runtime does not have, since such a run would show nothing.
    """
    testees = Testees(settings, driver)
    try:
        for name, config in settings.runtimes.items():
            testees.start(name, config, processes, tell)
    except BaseException:
        testees.stop()
        raise
    return testees


def _as_it_was(config: RuntimeConfig, root: Path) -> RuntimeConfig:
    """Return how a runtime was built and started at its revision, as the parity.toml of that time says."""
    try:
        then = configuration.read(root / configuration.CONFIG).runtimes.get(config.base)
    except ConfigError as error:
        raise StartError(f"the project cannot be used as it was at {config.revision}: {error}") from None
    if then is None:
        raise StartError(f"there was no runtime {config.base!r} at {config.revision}")
    return then.at_revision(config.base, config.revision)
