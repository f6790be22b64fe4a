"""What becomes of a divergent case: control -> classify -> shrink -> keep, and a finding in the tally.

The second half of the pipeline, for the few cases that come this far.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from parity import classify, corpus, shrink
from parity.model import Case, Divergence, Fault, Finding, Kind, Observation, Origin, Outcome, Signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from parity.config import Settings
    from parity.model import Known, Probe
    from parity.tally import Tally

MOST_FINDINGS = 40  # of a surface; far more bugs than anybody fixes before the next run
MOST_CLASSIFIED = 2_000  # divergences whose cause is looked for
MOST_LOOKED_BEHIND = 3  # cases of the same causes, of which one is listed, in which another bug is looked for
CONTROLS = 2  # times that a divergent case is asked again, before its cause is looked for
CONTRACT = "contract"
"""Who stands for a known answer's expectation among the runtimes."""
LIVES_ON = frozenset({Kind.RESET, Kind.GARBLED, Kind.TOO_LARGE, Kind.REDIRECTED, Kind.COMPRESSED})
"""The faults that leave a process alive."""
PAUSES = frozenset({b"restart", b"crash"})
_NUMBERS = re.compile(r"(?:0x)?[0-9a-f]*[0-9][0-9a-f]*")
UNSTEADY = "unsteady"
"""The class of a divergence that comes and goes by itself."""


class Investigation:
    """Finds the causes of one surface's divergences."""

    def __init__(
        self,
        probe: Probe,
        settings: Settings,
        tally: Tally,
        ask_all: Callable[[list[bytes]], list[Outcome]],
        found: Callable[[Tally], None],
        is_over: Callable[[], bool],
        known: dict[Signature, Known],
    ) -> None:
        """`ask_all` asks the testees about inputs that count for nothing else; `found` hears of each new finding.

        `is_over` says that the time budget is spent. `known` are the divergences that are listed.
        """
        self._known = known
        self._probe, self._settings, self._tally = probe, settings, tally
        self._ask_all, self._found, self._is_over = ask_all, found, is_over
        self._classified = 0
        self._looked_behind: Counter[tuple[Signature, ...]] = Counter()
        self._let_through: set[bytes] = set()
        self._new: set[bytes] = set()
        self._shrunk_faults: set[tuple[str, str]] = set()

    @property
    def is_full(self) -> bool:
        """Whether there are so many findings that no more are looked for; those that are listed do not count."""
        return len(self._tally.findings.keys() - self._tally.known.keys()) >= MOST_FINDINGS

    def investigate(self, divergent: list[tuple[Case, Outcome]]) -> None:
        """Find the cause of every divergence; shrink and keep the first case of every signature."""
        faces = [(case, face) for case, outcome in divergent for face in _faces(outcome)]
        unsteady = self._unsteady([outcome for _, outcome in faces])
        bugs: dict[int, Signature | None] = {}
        looked_into: list[int] = []
        for at, (case, face) in enumerate(faces):
            if at in unsteady:
                bugs[at] = self._attribute(case, face, (UNSTEADY,))
            elif self._classified < MOST_CLASSIFIED or (found := self._count_for_a_found_one(face)) is None:
                self._classified += 1
                looked_into.append(at)
            else:
                bugs[at] = found
        for at, causes in zip(looked_into, self._classify([faces[at][1] for at in looked_into]), strict=True):
            bugs[at] = self._attribute(*faces[at], causes)
        for at, (case, _) in enumerate(faces):
            self._count_known(case, is_known=bugs[at] in self._tally.known)

    def contradicted(self, case: Case, observations: dict[str, Observation], divergences: list[Divergence]) -> None:
        """Record a known answer that all contradict; it is not shrunk, since the contract speaks of this input only."""
        contract = {CONTRACT: Observation(Kind.ANSWERED, case.expected or b"")}
        signatures = []
        for face in _faces(Outcome(case.input, observations | contract, divergences)):
            first = face.divergences[0]
            signatures.append(
                Signature(self._probe.surface, first.pattern, f"known-answer-{case.name}", first.partition)
            )
            self.record(signatures[-1], case, face, None, minimal=True)
        self._count_known(case, is_known=self._tally.known.keys() >= set(signatures))

    def faulted(self, case: Case) -> None:
        """Find the smallest case of a fault that leaves its process alive, once for each runtime and kind.

        A death costs a restart for each trial, so those stay as they were found.
        """
        for at, fault in enumerate(self._tally.faults):
            what = (fault.runtime, fault.kind)
            if fault.case == case.input and fault.kind in LIVES_ON and what not in self._shrunk_faults:
                self._shrunk_faults.add(what)
                self._tally.faults[at] = self._smallest_fault(fault)
                self._found(self._tally)

    def _smallest_fault(self, fault: Fault) -> Fault:
        def seen(inputs: list[bytes]) -> list[Observation]:
            return [outcome.observations[fault.runtime] for outcome in self._ask_all(inputs)]

        def keeps(inputs: list[bytes]) -> list[bool]:
            return [one.kind == fault.kind and _last_words(one.log) == _last_words(fault.log) for one in seen(inputs)]

        shrunk = shrink.shrink(fault.case, keeps, self._is_over, costly=self._pauses)
        (again,) = seen([shrunk.data])
        if again.kind != fault.kind:
            return fault
        smallest = Fault(fault.runtime, fault.kind, shrunk.data, again.detail, again.log)
        surface, findings = self._probe.surface, self._settings.state / "findings"
        corpus.note(surface, smallest.id_at(surface), shrunk.data, findings, self._settings.plants)
        return smallest

    def _pauses(self, data: bytes) -> bool:
        """Tell whether an input lets services be ended and started again."""
        return self._probe.sequences and not PAUSES.isdisjoint(data.split(b"\n"))

    def _count_known(self, case: Case, *, is_known: bool) -> None:
        """Count a case as known while everything that it shows is."""
        (self._let_through if is_known else self._new).add(case.input)
        self._tally.known_cases = len(self._let_through - self._new)

    def look_again(self) -> Iterator[tuple[Signature, Divergence | None, tuple[str, ...]]]:
        """Yield for each listed divergence what its own input shows now at its place, and the causes of that."""
        for signature, entry in self._known.items():
            if _is_of_contract(signature):
                if "known_answers" in self._tally.phases:
                    finding = self._tally.findings.get(signature)
                    still = finding is not None and finding.case.input == entry.input.value()
                    yield signature, finding.divergence if finding and still else None, (signature.drift_class,)
                continue
            outcome = self._ask_all([entry.input.value()])[0]
            place = Divergence("", signature.pattern, "", signature.partition, {})
            if (face := _facing(outcome, place)) is None:
                yield signature, None, ()
            else:
                yield signature, face.divergences[0], self._classify([face])[0]

    def _unsteady(self, faces: list[Outcome]) -> set[int]:
        """Ask again, unedited: no experiment says anything of a divergence that comes and goes by itself."""
        unsteady = set()
        for _ in range(CONTROLS):
            for at, (face, again) in enumerate(zip(faces, self._ask_all([face.input for face in faces]), strict=True)):
                if _facing(again, face.divergences[0]) is None:
                    unsteady.add(at)
        return unsteady

    def _count_for_a_found_one(self, face: Outcome) -> Signature | None:
        """Count a divergence for a bug at the same place with the same sides, without looking for its cause.

        For none that is listed: whatever the gate lets through has shown its cause.
        """
        first = face.divergences[0]
        for signature in self._tally.findings:
            if signature in self._tally.known:
                continue
            if signature.pattern == first.pattern and signature.partition == first.partition:
                self._tally.hits[signature] += 1
                remark = f"the cause was looked for in the first {MOST_CLASSIFIED:,} divergences only"
                if remark not in self._tally.remarks:
                    self._tally.remarks.append(remark)
                return signature
        return None

    def _attribute(self, case: Case, outcome: Outcome, causes: tuple[str, ...]) -> Signature | None:
        """Count a divergence for the bug that it shows, which is returned; shrink and keep the case where it is new."""
        tally, first = self._tally, outcome.divergences[0]
        explained = [Signature(self._probe.surface, first.pattern, cause, first.partition) for cause in causes]
        found = next((one for one in explained if one in tally.findings), None)
        if found is not None:
            tally.hits[found] += 1
        elif not self.is_full:
            found = self._look_into(case, outcome, outcome, causes)
        if found in tally.known and (hidden := self._behind(outcome, explained)) is not None:
            return self._look_into(case, outcome, *hidden)
        return found

    def _look_into(self, case: Case, outcome: Outcome, start: Outcome, causes: tuple[str, ...]) -> Signature:
        """Return the bug that a case shows, by what is left of `start`; record it where it is new."""
        tally, first = self._tally, outcome.divergences[0]
        smallest, minimal = (start, False) if causes == (UNSTEADY,) else self._shrink(start, causes)
        needed = causes if causes == (UNSTEADY,) else self._classify([smallest])[0]
        cause = next((cause for cause in causes if cause in needed), causes[0])
        found = Signature(self._probe.surface, first.pattern, cause, first.partition)
        if found in tally.findings:
            tally.hits[found] += 1
            return found
        right = None
        if case.expected is not None:
            right = tuple(name for name, seen in outcome.observations.items() if seen.output == case.expected)
        self.record(found, case, smallest, right, minimal=minimal)
        return found

    def _behind(self, outcome: Outcome, explained: list[Signature]) -> tuple[Outcome, tuple[str, ...]] | None:
        """Return the smallest case, and its causes, of a bug that shows where a listed one does; None where none does.

        A case may have several causes. If the divergence stays without those that are listed, it is of another bug.
        """
        listed = {one.drift_class for one in explained if one in self._tally.known}
        others = tuple(one.drift_class for one in explained if one not in self._tally.findings)
        looked = self._looked_behind[tuple(explained)]
        if not others or looked >= MOST_LOOKED_BEHIND or self.is_full:
            return None
        self._looked_behind[tuple(explained)] += 1
        smallest, _ = self._shrink(outcome, others)
        causes = self._classify([smallest])[0]
        return (smallest, causes) if listed.isdisjoint(causes) else None

    def _shrink(self, outcome: Outcome, causes: tuple[str, ...]) -> tuple[Outcome, bool]:
        """Return the smallest case that keeps place, sides and one of the causes, and whether that is the end of it."""
        first = outcome.divergences[0]
        shrunk = shrink.shrink(outcome.input, self._keeps(first, causes), self._is_over, costly=self._pauses)
        smallest = _facing(self._ask_all([shrunk.data])[0], first)
        return (outcome, False) if smallest is None else (smallest, shrunk.minimal)

    def record(
        self, signature: Signature, origin: Case, smallest: Outcome, right: tuple[str, ...] | None, *, minimal: bool
    ) -> None:
        """Take a bug's smallest case down, and keep it. `right` are those with whom the contract stands."""
        finding = Finding(
            signature,
            smallest.divergences[0],
            Case(smallest.input, origin.origin, origin.name),
            smallest.observations,
            origin.origin,
            minimal,
            tuple(divergence.path for divergence in smallest.divergences[1:]),
            right,
        )
        self._tally.findings[signature] = finding
        if (entry := self._known.get(signature)) is not None:
            self._tally.known[signature] = entry
        self._tally.hits[signature] += 1
        findings = self._settings.state / "findings"  # so that a replay by id knows it
        corpus.note(signature.surface, signature.id, smallest.input, findings, self._settings.plants)
        is_new = origin.expected is None and origin.origin is not Origin.CORPUS
        is_worth_keeping = entry is None and signature.drift_class != UNSTEADY
        if is_new and is_worth_keeping and not self._settings.plants:
            corpus.keep(finding, self._settings.fixtures / "corpus")
        self._found(self._tally)

    def _classify(self, divergent: list[Outcome]) -> list[tuple[str, ...]]:
        return classify.classify(divergent, self._probe.drift_classes, self._ask_all)

    def _keeps(self, divergence: Divergence, causes: tuple[str, ...]) -> Callable[[list[bytes]], list[bool]]:
        """Return what shrinking must keep: the same place, the same sides, and one of the causes."""

        def keeps(inputs: list[bytes]) -> list[bool]:
            left = [
                (at, face)
                for at, outcome in enumerate(self._ask_all(inputs))
                if (face := _facing(outcome, divergence)) is not None
            ]
            classified = self._classify([outcome for _, outcome in left])
            kept = {at for (at, _), found in zip(left, classified, strict=True) if not set(causes).isdisjoint(found)}
            return [at in kept for at in range(len(inputs))]

        return keeps


def _last_words(log: str) -> str:
    """Return what a testee said last, numbers aside: what tells one fault from another one of its kind."""
    return _NUMBERS.sub("#", log.rstrip().rpartition("\n")[2])


def _is_of_contract(signature: Signature) -> bool:
    return any(CONTRACT in group for group in signature.partition)


def _faces(outcome: Outcome) -> Iterator[Outcome]:
    """Yield the outcome once for each place and sides at which it differs, with that divergence first.

    A bug that shows in every case must not hide another one that shows beside it.
    """
    seen: list[Divergence] = []
    for divergence in outcome.divergences:
        if not any(classify.same(divergence, other) for other in seen):
            seen.append(divergence)
            face = _facing(outcome, divergence)
            assert face is not None
            yield face


def _facing(outcome: Outcome, divergence: Divergence) -> Outcome | None:
    """Return the outcome with the divergence of that place and those sides first; None where there is none."""
    for at, found in enumerate(outcome.divergences):
        if classify.same(found, divergence):
            rest = outcome.divergences[:at] + outcome.divergences[at + 1 :]
            return Outcome(outcome.input, outcome.observations, [found, *rest])
    return None
