"""Make every selected runtime ready: build it, start it or attach to it, and hear who answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from parity.errors import EnvironmentFailure, MissingToolError, StartError, UnreachableError, UsageError, unknown
from parity.model import RuntimeState
from parity.testees.build import Build
from parity.transports.helper import Helper
from parity.transports.inprocess import InProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.config import RuntimeConfig, Settings
    from parity.drive import Driver
    from parity.processes import Processes
    from parity.transports import Transport


class Testees:
    """The runtimes of a run: the state of every one, and the way to those that are ready."""

    def __init__(self, states: dict[str, RuntimeState], transports: dict[str, Transport], driver: Driver) -> None:
        self.states, self._transports, self._driver = states, transports, driver

    def serving(self, surface: str) -> dict[str, Transport]:
        """Return the ready runtimes that serve a surface."""
        return {name: way for name, way in self._transports.items() if surface in self.states[name].surfaces}

    def stop(self) -> None:
        """End every testee that was started."""
        self._driver.cancel()
        for transport in self._transports.values():
            self._driver.run(transport.close())
        self._transports = {}


def start(settings: Settings, processes: Processes, driver: Driver, tell: Callable[[str], None]) -> Testees:
    """Make the selected runtimes ready. One that isn't is told as absent or failed, with the reason; none of it raises.

    Raises UsageError for a planted bug that its runtime does not have, since such a run would show nothing.
    """
    states: dict[str, RuntimeState] = {}
    transports: dict[str, Transport] = {}
    try:
        for name, config in settings.runtimes.items():
            states[name] = _start_one(name, config, settings, processes, driver, tell, transports)
    except BaseException:
        Testees(states, transports, driver).stop()
        raise
    return Testees(states, transports, driver)


def _start_one(
    name: str,
    config: RuntimeConfig,
    settings: Settings,
    processes: Processes,
    driver: Driver,
    tell: Callable[[str], None],
    transports: dict[str, Transport],
) -> RuntimeState:
    try:
        build = Build(name, config, settings.root, settings.state, processes)
        build.make(tell)
        plant = settings.plants.get(name)
        if plant is not None and (config.attach or config.callables):
            raise UsageError(f"runtime {name!r} is not started by the harness, so nothing can be planted in it")
        if plant is not None:
            _check_plant(
                name,
                plant,
                f"{settings.prefix}plant",
                _transport(name, build, settings, None),
                driver,
            )
        transport = _transport(name, build, settings, plant)
        hello = driver.run(transport.open())
        transports[name] = transport
        if not config.callables and hello.runtime != (config.identity or name):
            raise StartError(
                f"runtime {name!r} calls itself {hello.runtime!r}; if it should, write identity = {hello.runtime!r}"
            )
        if hello.planted != plant:
            raise StartError(
                f"runtime {name!r} says that its planted bug is {hello.planted!r}, and {plant!r} was asked for"
            )
    except MissingToolError as error:
        return RuntimeState(name, "absent", config.reference, reason=str(error))
    except EnvironmentFailure as error:
        absent = config.attach and isinstance(error, UnreachableError)
        return RuntimeState(name, "absent" if absent else "failed", config.reference, reason=str(error))
    return RuntimeState(
        name,
        "ready",
        config.reference,
        hello.version,
        hello.commit,
        surfaces=hello.surfaces,
        plants=hello.plants,
    )


def _check_plant(name: str, plant: str, option: str, sound: Transport, driver: Driver) -> None:
    """Ask the runtime itself, unplanted, whether it has the planted bug. Raises UsageError where it has not."""
    try:
        hello = driver.run(sound.open())
    finally:
        driver.run(sound.close())
    if plant not in hello.plants:
        raise unknown("planted bug", plant, hello.plants, f"{option} {name}={plant}")


def _transport(name: str, build: Build, settings: Settings, plant: str | None) -> Transport:
    config = build.config
    if config.callables:
        return InProcess(name, config.callables, str(settings.root))
    if config.attach:
        return Helper(name, address=config.attach, deadline=settings.deadline)
    return Helper(
        name,
        command=build.fill(config.helper),
        directory=str(build.directory),
        environment=build.environment(plant),
        deadline=settings.deadline,
    )
