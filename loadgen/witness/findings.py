"""What comparing came to: differences of one kind under one entry, with their smallest case, and what went wrong."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from loadgen.summary import Difference, Parity
from loadgen.witness.inbox import LONGEST_LINE
from parity import corpus
from parity.report.summary import replay_arguments

if TYPE_CHECKING:
    from collections.abc import Callable

    from loadgen.samples import Sample
    from loadgen.witness.inbox import Inbox
    from loadgen.witness.surfaces import Fault, Judged
    from parity.config import Settings
    from parity.model import Divergence, Partition

MOST_DIFFERENCES = 40  # kinds of them; far more bugs than a load run is read for
MOST_TOLD = 3  # lines that are no samples and are told by themselves

Shape: TypeAlias = "tuple[str, frozenset[tuple[str, str, Partition]]]"
"""The surface, and all places at which one sample differs: so that one bug is one entry, and no other one beside it."""


class _Smallest(NamedTuple):
    """The smallest case of what was found."""

    case: bytes
    divergence: Divergence


class Findings:
    """What was found so far."""

    def __init__(self, settings: Settings, tell: Callable[[str], None]) -> None:
        """Take the settings that a replay needs, and who is told of what was not seen before."""
        self.compared, self.failed, self.differing = 0, 0, 0
        self.notes: list[str] = []
        """Sentences for the end."""
        self._settings, self._tell = settings, tell
        self._kinds: dict[Shape, _Smallest] = {}
        self._counts: Counter[Shape] = Counter()
        self._faults: Counter[tuple[str, str, str]] = Counter()
        self._first_fault: dict[tuple[str, str, str], tuple[Fault, bytes]] = {}
        self._unfit: Counter[str] = Counter()
        self._garbage, self._first_garbage = 0, ""
        self._further = 0

    def garbage(self, sentence: str) -> None:
        """Count a line that is no sample."""
        self.failed += 1
        self._garbage += 1
        self._first_garbage = self._first_garbage or sentence
        if self._garbage <= MOST_TOLD:
            self._tell(f"a line is no sample: {sentence}")

    def judged(self, sample: Sample, judged: Judged) -> None:
        """Count what a sample came to."""
        for fault in judged.faults:
            self._fault(sample, fault)
        if not judged.compared:
            self.failed += 1
            return
        self.compared += 1
        self._unfit[sample.surface] += not judged.fits
        if judged.divergences:
            self._differs(sample, judged.divergences)

    def _fault(self, sample: Sample, fault: Fault) -> None:
        key = (sample.surface, fault.runtime, fault.kind)
        self._faults[key] += 1
        if key not in self._first_fault:
            self._first_fault[key] = fault, sample.case
            self._tell(f"{fault.runtime}, asked about a sample of {sample.surface}: {fault.kind}: {fault.detail}")

    def _differs(self, sample: Sample, divergences: list[Divergence]) -> None:
        self.differing += 1
        shape = sample.surface, frozenset((one.pattern, one.what, one.partition) for one in divergences)
        smallest = self._kinds.get(shape)
        if smallest is None and len(self._kinds) >= MOST_DIFFERENCES:
            self._further += 1
            return
        self._counts[shape] += 1
        if smallest is None or len(sample.case) < len(smallest.case):
            self._kinds[shape] = _Smallest(sample.case, divergences[0])
        if smallest is None:
            first = divergences[0]
            self._tell(f"{sample.surface} differs at {first.path or '/'} ({first.what}): {_sides(first.partition)}")

    def parity(self, share: float, runtimes: list[str], inbox: Inbox) -> Parity:
        """Return all of it. `runtimes` are those that were compared with the one under load."""
        return Parity(
            share=share,
            runtimes=runtimes,
            sampled=inbox.came,
            compared=self.compared,
            dropped=inbox.dropped,
            differing=self.differing,
            differences=[self._difference(shape, count) for shape, count in self._counts.most_common()],
            why="; ".join(self._why(inbox)),
        )

    def _difference(self, shape: Shape, count: int) -> Difference:
        surface, _ = shape
        case, divergence = self._kinds[shape]
        return Difference(
            surface=surface,
            path=divergence.path,
            what=divergence.what,
            sides=_sides(divergence.partition),
            rendered={
                name: None if text is None else _text(text.encode("utf-8", "surrogateescape"))
                for name, text in divergence.rendered.items()
            },
            count=count,
            case=_text(case),
            replay=self._replay(surface, case),
        )

    def _why(self, inbox: Inbox) -> list[str]:
        sentences = list(self.notes)
        if not inbox.came:
            sentences.append("no sample came")
        elif not self.compared:
            dropped = f", {inbox.dropped} were dropped" if inbox.dropped else ""
            sentences.append(f"of {inbox.came} samples none was compared{dropped}")
        if self._garbage:
            sentences.append(f"{self._garbage} lines were no samples, the first one: {self._first_garbage}")
        if inbox.too_long:
            sentences.append(f"{inbox.too_long} lines were longer than {LONGEST_LINE:,} bytes")
        for key, count in self._faults.items():
            fault, case = self._first_fault[key]
            sentences.append(
                f"{fault.runtime} gave no answer to {count} samples of {key[0]} ({fault.kind}: {fault.detail}), "
                f"the first one: {self._replay(key[0], case)}"
            )
        sentences += [
            f"{count} answers of {surface} are the same everywhere and do not fit the contract's schema"
            for surface, count in self._unfit.items()
            if count
        ]
        if self._further:
            sentences.append(f"{self._further} samples differ in yet other ways, and are only counted")
        return sentences

    def _replay(self, surface: str, case: bytes) -> str:
        """Return the command that asks again; a long case is named by an id, under which it is kept."""
        name = f"{surface}-load-{hashlib.sha256(case).hexdigest()[:12]}"
        try:
            corpus.note(surface, name, case, self._settings.state / "findings", self._settings.plants)
        except OSError as error:
            self._tell(f"the case {name} cannot be kept: {error.strerror}")
        return replay_arguments(surface, case, name, self._settings)


def _sides(partition: Partition) -> str:
    return " against ".join("+".join(group) for group in partition)


def _text(data: bytes) -> str:
    """Return bytes as text that can be written as JSON."""
    return data.decode("utf-8", "backslashreplace")
