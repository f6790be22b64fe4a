"""summary.json: the whole of a run for machines, written as things happen (fixtures/contract/summary.schema.json).

It exists, marked incomplete, from the start on, and is replaced as a whole at every finding. So a run that is killed
leaves what it had found. Under xdist each worker writes its own surfaces into the one file, under a lock.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import json
import shlex
import time
from typing import TYPE_CHECKING, Any

import msgspec

from parity.errors import EnvironmentFailure
from parity.files import write_atomically
from parity.model import BELOW_FLOOR, Origin, RuntimeState, Verdict, show_bytes
from parity.summary import (
    CaseCounts,
    DeclaredDrift,
    DivergenceEntry,
    FaultEntry,
    RuntimeEntry,
    Summary,
    SurfaceEntry,
    SurfaceRuntime,
    overall,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from parity.config import Settings
    from parity.model import Finding, Known, Observation
    from parity.tally import Tally

FILE = "summary.json"
FORGOTTEN = 7 * 24 * 3600.0  # seconds after which the state of a run that was killed is of no use to anybody
LONGEST_TOKEN = 1200  # characters; a longer input is named by its id instead of standing in the command


class SummaryFile:
    """The summary of one run, in its folder."""

    def __init__(self, settings: Settings, run: str, commit: str) -> None:
        """Take the settings, and the run's id, which the processes of one run share; nothing is written yet."""
        self._settings, self._run, self._commit = settings, run, commit
        self._began = time.monotonic()
        self.path = settings.report / FILE
        self._own = settings.state / "summaries" / f"{run}.json"
        """What the processes of this run share, so that another run with the same folder takes nothing away."""

    def begin(self) -> None:
        """Replace what an earlier run left by an incomplete summary of this one."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise EnvironmentFailure(f"the reports cannot be written to {self.path.parent}: {error.strerror}") from None
        for file in self._own.parent.glob("*.json"):
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > FORGOTTEN:
                    file.unlink()
        with self._lock():
            if self.read() is None:
                self._write(Summary(run=self._run, seed=self._settings.seed, commit=self._commit))

    def update(self, states: Mapping[str, RuntimeState], tally: Tally | None = None) -> Summary:
        """Write down how a surface stands; return the summary so far."""
        with self._lock():
            summary = self._mine()
            mine = {state.name: _runtime(state, self._settings) for state in states.values()}
            summary.runtimes = [
                *mine.values(),
                *[entry for entry in summary.runtimes if entry.name not in mine],
            ]
            if tally is not None:
                entry = surface_entry(tally, self._settings)
                others = [other for other in summary.surfaces if other.name != entry.name]
                summary.surfaces = sorted([*others, entry], key=lambda surface: surface.name)
            self._write(summary)
            return summary

    def finish(self, *, complete: bool) -> Summary:
        """Write the last state, with the verdict; return it."""
        with self._lock():
            summary = self._mine()
            summary.complete = complete
            self._write(summary)
            return summary

    def read(self) -> Summary | None:
        """Return this run's summary as it stands; None where it has not begun."""
        try:
            return msgspec.json.decode(self._own.read_bytes(), type=Summary)
        except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
            return None

    def _mine(self) -> Summary:
        return self.read() or Summary(run=self._run, seed=self._settings.seed, commit=self._commit)

    def _write(self, summary: Summary) -> None:
        summary.seconds = round(time.monotonic() - self._began, 3)
        summary.required_missing = [
            entry.name for entry in summary.runtimes if entry.required and entry.status != "ready"
        ]
        summary.verdict = overall(summary).value
        document = json.dumps(msgspec.to_builtins(summary), indent=2, ensure_ascii=False)
        # What a testee said may hold halves of characters, which no JSON reader would take back.
        for file in (self._own, self.path):
            write_atomically(file, document.encode("utf-8", "replace") + b"\n")

    @contextlib.contextmanager
    def _lock(self) -> Iterator[None]:
        self._settings.state.mkdir(parents=True, exist_ok=True)
        with (self._settings.state / "summary.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def replay_arguments(surface: str, data: bytes, finding_id: str, settings: Settings) -> str:
    """Return the command that shows what the runtimes do with one input."""
    token = f"{surface}:{base64.urlsafe_b64encode(data).decode().rstrip('=')}"
    command = ["uv", "run", "parity", "replay", token if len(token) <= LONGEST_TOKEN else finding_id]
    return shlex.join([*command, *_options(settings, "--")])


def measure_arguments(surface: str, settings: Settings) -> str:
    """Return the command that measures the recall of a surface again; one input would not show it."""
    command = ["uv", "run", "pytest", "parity/", "-k", f"{surface} and recall", "--parity-seed", str(settings.seed)]
    return shlex.join([*command, *_options(settings, "--parity-")])


def _options(settings: Settings, prefix: str) -> list[str]:
    """Return the options by which another run gets the same runtimes, with the same planted bugs."""
    options = [part for runtime, bug in settings.plants.items() for part in (f"{prefix}plant", f"{runtime}={bug}")]
    options += [part for attached in settings.attached for part in (f"{prefix}attach", attached)]
    return [*options, f"{prefix}runtimes", ",".join(settings.runtimes)]


def _runtime(state: RuntimeState, settings: Settings) -> RuntimeEntry:
    return RuntimeEntry(
        name=state.name,
        status=state.status,
        version=state.version,
        commit=state.commit,
        reason=state.reason,
        required=state.name in settings.require,
        reference=state.reference,
        planted=settings.plants.get(state.name),
    )


def surface_entry(tally: Tally, settings: Settings) -> SurfaceEntry:
    """Return a surface as it stands in the summary."""
    answered = sum(tally.answered.values())
    swept = tally.cases[Origin.SWEPT]
    return SurfaceEntry(
        name=tally.surface,
        transport=tally.transport,
        verdict=tally.verdict.value,
        runtimes={
            name: SurfaceRuntime(
                answered=tally.answered[name], accepted=tally.accepted[name], faulted=tally.faulted[name]
            )
            for name in tally.runtimes
        },
        cases=CaseCounts(**{origin.value: tally.cases[origin] for origin in Origin}),
        rules=dict(tally.rules),
        verdicts={verdict.value: tally.verdicts[verdict] for verdict in Verdict},
        normalisers=dict(tally.fired),
        interchange={
            name: {verdict.value: counts[verdict] for verdict in Verdict if counts[verdict]}
            for name, counts in tally.interchange.items()
        },
        recall={name: round(found, 4) for name, found in tally.recall.items()},
        declared=[
            DeclaredDrift(runtime=runtime, adapter=adapter.name, path=adapter.path, there=adapter.there, calls=calls)
            for (runtime, name), calls in tally.declared.items()
            for adapter in settings.runtimes[runtime].adapters
            if adapter.name == name
        ],
        accepted_share=round(sum(tally.accepted.values()) / answered, 4) if answered else 0.0,
        cases_per_s=round(swept / tally.sweep_seconds, 1) if tally.sweep_seconds else None,
        phases=list(tally.phases),
        divergences=[
            _divergence(finding, tally.hits[signature], tally.known.get(signature), settings)
            for signature, finding in sorted(tally.findings.items())
        ],
        faults=[
            FaultEntry(
                runtime=fault.runtime,
                kind=fault.kind,
                case=show_bytes(fault.case),
                detail=fault.detail,
                log=fault.log,
                reproduce=replay_arguments(tally.surface, fault.case, fault.id_at(tally.surface), settings),
            )
            for fault in tally.faults
        ],
        more_faults=tally.more_faults,
        notes=list(tally.notes),
        remarks=list(tally.remarks),
    )


def _divergence(finding: Finding, cases: int, known: Known | None, settings: Settings) -> DivergenceEntry:
    signature = finding.signature
    return DivergenceEntry(
        id=signature.id,
        path=finding.divergence.path,
        drift_class=signature.drift_class,
        partition=[list(group) for group in signature.partition],
        what=finding.divergence.what,
        case=show_bytes(finding.case.input),
        observations={name: show_observation(seen) for name, seen in finding.observations.items()},
        reproduce=measure_arguments(signature.surface, settings)
        if signature.drift_class == BELOW_FLOOR
        else replay_arguments(signature.surface, finding.case.input, signature.id, settings),
        known=None if known is None else f"{known.issue} ({known.owner}, until {known.expires})",
        contract=None if finding.contract is None else list(finding.contract),
        signature=str(signature),
        cases=cases,
        origin=finding.origin.value,
        minimal=finding.minimal,
        other_paths=list(finding.others),
    )


def show_observation(seen: Observation) -> dict[str, Any]:
    """Return an observation as it stands in a summary."""
    shown: dict[str, Any] = {"kind": seen.kind.value}
    if seen.kind == "answered":
        shown["output"] = show_bytes(seen.output)
    if seen.detail:
        shown["detail"] = seen.detail
    return shown
