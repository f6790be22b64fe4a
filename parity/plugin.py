"""The pytest face: probes become tests, one for each phase of a surface, and the run ends with the matrix.

A probe's node ids are `<module>::<probe>::<phase>`. The phases of one surface share testees and counts, so under xdist
they stay on one worker.
"""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from parity import config as configuration
from parity import gate, pipeline
from parity.errors import ParityError
from parity.model import Probe
from parity.report import text
from parity.report.reporter import Reporter, Screen
from parity.report.summary import surface_entry

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from parity.config import Settings
    from parity.pipeline import Run

KEY = pytest.StashKey["Parity"]()
RUN_INPUT = "parity_run"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options; each has a twin in the table [parity] of parity.toml."""
    group = parser.getgroup("parity", "parity: compare the runtimes of a surface")
    group.addoption(
        "--parity-runtimes",
        metavar="NAMES",
        help="compare only these, separated by commas; go@v1 is go as it was then",
    )
    group.addoption("--parity-require", metavar="NAMES", help="fail where one of these runtimes is missing")
    group.addoption(
        "--parity-cases", type=_count, metavar="N", help="swept cases a surface (as many as its probe says)"
    )
    group.addoption("--parity-seconds", type=_seconds, metavar="S", help="a time budget for the whole run")
    group.addoption("--parity-seed", type=int, metavar="N", help="another seed, for other cases")
    group.addoption(
        "--parity-plant",
        action="append",
        default=[],
        metavar="RUNTIME=NAME",
        help="plant a bug into one runtime",
    )
    group.addoption(
        "--parity-attach",
        action="append",
        default=[],
        metavar="RUNTIME=URL",
        help="attach to a service that already runs, instead of starting that runtime",
    )
    group.addoption("--parity-report", metavar="DIR", help="where the reports go (default: reports/parity)")


def _count(text: str) -> int:
    if (number := int(text)) < 1:
        raise ValueError
    return number


def _seconds(text: str) -> float:
    if not (number := float(text)) > 0:
        raise ValueError
    return number


_count.__name__, _seconds.__name__ = (
    "number above zero",
    "number of seconds above zero",
)  # argparse names them in its sentence


def pytest_configure(config: pytest.Config) -> None:
    """Read parity.toml, where there is one, so that a mistake in it or in an option is told before anything runs."""
    if not (config.rootpath / configuration.CONFIG).is_file():
        return
    option = config.option
    options = configuration.Options(
        runtimes=option.parity_runtimes,
        require=option.parity_require,
        cases=option.parity_cases,
        seconds=option.parity_seconds,
        seed=option.parity_seed,
        plants=tuple(option.parity_plant),
        attach=tuple(option.parity_attach),
        report=option.parity_report,
    )
    try:
        settings = configuration.load(config.rootpath, options)
        pipeline.check(settings)
    except ParityError as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[KEY] = plugin = Parity(config, settings)
    config.pluginmanager.register(plugin, "parity-run")


def pytest_pycollect_makeitem(
    collector: pytest.Module | pytest.Class, name: str, obj: object
) -> pytest.Collector | None:
    """Collect a probe as its phases."""
    if not isinstance(obj, Probe):
        return None
    if KEY not in collector.config.stash:
        raise pytest.Collector.CollectError(
            f"{collector.nodeid} declares a probe, and {collector.config.rootpath} has no parity.toml"
        )
    return ProbeCollector.from_parent(collector, name=name, probe=obj)


class ProbeCollector(pytest.Collector):
    """A probe in its module."""

    def __init__(self, *, probe: Probe, **kwargs: Any) -> None:  # noqa: ANN401 - pytest's own protocol
        super().__init__(**kwargs)
        self.probe = probe

    def collect(self) -> Iterable[PhaseItem]:
        """Return an item for each phase, in the order of the pipeline."""
        for phase in pipeline.phases(self.probe):
            yield PhaseItem.from_parent(self, name=phase, probe=self.probe)


class PhaseItem(pytest.Item):
    """One phase of one surface."""

    def __init__(self, *, probe: Probe, **kwargs: Any) -> None:  # noqa: ANN401 - pytest's own protocol
        super().__init__(**kwargs)
        self.probe = probe

    def runtest(self) -> None:
        """Run the phase. Raises PhaseFailure with what it found."""
        try:
            found = self.config.stash[KEY].check(self.probe, self.name)
        except KeyboardInterrupt:
            # A new one: the traceback of the first may end at a place that has no line number in CPython 3.11, at which
            # pytest breaks while it shows the interruption, and ends as if tests had failed.
            raise KeyboardInterrupt from None
        if found:
            raise PhaseFailure("\n".join(found))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Show what was found without a traceback: the harness's own code is not where the difference is."""
        if isinstance(excinfo.value, PhaseFailure | ParityError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Return where the probe stands and how the phase is called."""
        return self.path, None, f"{self.probe.surface} {self.name}"


class PhaseFailure(Exception):  # noqa: N818 - a verdict, not an error
    """A phase that is not green; the text says why."""


class Parity:
    """One pytest session's run."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config, self._settings = config, settings
        worker_input: dict[str, Any] | None = getattr(config, "workerinput", None)
        self._is_worker = worker_input is not None
        self._id: str = worker_input[RUN_INPUT] if worker_input is not None else uuid.uuid4().hex
        self._reporter = Reporter(settings, self._id, self._screen())
        self._run: Run | None = None
        self._probes = 0
        self._told_runtimes = False
        self._closing: list[str] = []
        self._interrupted = False

    def check(self, probe: Probe, phase: str) -> list[str]:
        """Run a phase and return why it is not green, a sentence or two a reason."""
        if self._run is None:
            self._reporter.begin()
            self._run = pipeline.Run(self._settings, self._reporter, max(1, self._probes))
            self._reporter.runtimes(self._run.states)
        surface = self._run.surface(probe)
        before = surface_entry(surface.tally, self._settings)
        surface.phase(phase)
        return [*self._missing(), *text.news(before, surface_entry(surface.tally, self._settings))]

    def _missing(self) -> list[str]:
        """Return, once, which runtimes should have taken part and did not."""
        assert self._run is not None
        if self._told_runtimes:
            return []
        self._told_runtimes = True
        return [
            "\n".join(text.absence(state))
            for state in self._run.states.values()
            if state.status == "failed" or (state.status == "absent" and state.name in self._settings.require)
        ]

    # ---------------------------------------------------------------- hooks

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Count the surfaces, which share a time budget."""
        self._probes = len({item.probe.surface for item in items if isinstance(item, PhaseItem)})

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:  # noqa: ANN401 - xdist's worker controller
        """Give every worker of xdist the id of this run."""
        node.workerinput[RUN_INPUT] = self._id

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:  # noqa: ANN401
        """Keep the phases of a surface on one worker, and spread everything else as usual."""
        if config.getoption("dist") != "load":
            return None
        from xdist.scheduler import LoadScopeScheduling  # noqa: PLC0415 - only there under xdist

        class BySurface(LoadScopeScheduling):  # type: ignore[misc]
            def _split_scope(self, nodeid: str) -> str:
                probe, _, phase = nodeid.rpartition("::")
                return probe if phase in {*pipeline.PHASES, *pipeline.FURTHER} else nodeid

        return BySurface(config, log)

    @pytest.hookimpl(tryfirst=True)
    def pytest_keyboard_interrupt(self) -> None:
        """Take note that phases were left out, whatever exit code pytest ends with; pytest.exit() comes here too."""
        self._interrupted = True

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """End the testees, and write the reports once, in the process that a person started."""
        if self._run is not None:
            self._run.close()
        if self._is_worker or self._reporter.file.read() is None:
            return
        ended = exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED} and not self._interrupted
        complete = ended and not session.shouldstop and not session.shouldfail  # -x and --maxfail leave phases out
        summary = self._reporter.finish(complete=complete)
        self._closing = text.closing(summary, gate.sentences(summary), self._settings)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the matrix."""
        if self._closing:
            terminalreporter.section("parity")
            for line in self._closing:
                terminalreporter.write_line(line)

    def pytest_report_header(self) -> str:
        """Say what the run works with."""
        planted = "".join(f", planted {runtime}={name}" for runtime, name in self._settings.plants.items())
        return f"parity: {', '.join(self._settings.runtimes)}; seed {self._settings.seed}{planted}"

    def _screen(self) -> Screen:
        """Return a screen that writes past pytest's capturing."""
        if self._is_worker:
            return Screen(lambda _: None, is_terminal=False)

        def write(text: str) -> None:
            capture = self._config.pluginmanager.getplugin("capturemanager")
            terminal = self._config.get_terminal_writer()
            with capture.global_and_fixture_disabled():
                terminal.write(text, flush=True)

        return Screen(write, is_terminal=sys.stdout.isatty(), tells_phases=False)
