"""The origins of cases: known answers and the corpus from files, the sweep from seeds, exploring from Hypothesis."""

from __future__ import annotations

import contextlib
import random
import warnings
from typing import TYPE_CHECKING, TypeVar

import hypothesis
import msgspec
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis.errors import HypothesisWarning
from hypothesis.stateful import run_state_machine_as_test

from parity.errors import FixtureError
from parity.model import Bytes, Case, Origin, StatefulInputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from parity.model import Inputs

T = TypeVar("T")

BATCH = 512  # swept cases at a time: enough to hide the way to the testees and back, little enough to stay in memory
MOST_EXAMPLES = 8  # for each explored case that is wanted: many were drawn before
DRY_BATCHES = 50  # so many batches in a row without a new case mean that the grammar has no more to give


class KnownAnswerFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A file of fixtures/known_answers/<surface>/."""

    why: str
    rules: tuple[str, ...]
    input: Bytes
    output: Bytes


class CorpusFile(msgspec.Struct, frozen=True):
    """A file of fixtures/corpus/<surface>/: a kept counterexample."""

    surface: str
    signature: str
    input: Bytes
    plants: dict[str, str] = {}
    """The planted bugs that it was found under; none in fixtures/corpus."""


def known_answers(surface: str, fixtures: Path, rules: frozenset[str]) -> list[Case]:
    """Read the known answers of a surface. Raises FixtureError, also for a rule that the contract does not have."""
    cases: dict[bytes, Case] = {}
    for file in sorted((fixtures / "known_answers" / surface).glob("*.json")):
        answer = _decode(file, KnownAnswerFile)
        for rule in answer.rules:
            if rule not in rules:
                raise FixtureError(f"{file}: unknown rule {rule!r}; known: {', '.join(sorted(rules))}")
        given, expected = _bytes(file, answer.input), _bytes(file, answer.output)
        if given in cases:
            raise FixtureError(f"{file} has the same input as {cases[given].name}.json; one input has one answer")
        cases[given] = Case(given, Origin.KNOWN_ANSWER, file.stem, expected, answer.rules)
    return list(cases.values())


def corpus(surface: str, fixtures: Path) -> list[Case]:
    """Read the kept counterexamples of a surface. Raises FixtureError."""
    cases = []
    for file in sorted((fixtures / "corpus" / surface).glob("*.json")):
        kept = _decode(file, CorpusFile)
        if kept.surface != surface:
            raise FixtureError(f"{file} is of surface {kept.surface!r} and lies among those of {surface!r}")
        cases.append(Case(_bytes(file, kept.input), Origin.CORPUS, file.stem))
    return cases


def read_kept(file: Path) -> tuple[str, bytes, dict[str, str]]:
    """Return surface, input and planted bugs of a kept case. Raises FixtureError."""
    kept = _decode(file, CorpusFile)
    return kept.surface, _bytes(file, kept.input), kept.plants


def sweep(inputs: Inputs | StatefulInputs, surface: str, seed: int, count: int, seen: set[int]) -> Iterator[list[Case]]:
    """Yield batches of new cases, `count` in all; fewer only where the grammar has no more to give.

    `seen` holds the hashes of the inputs that were already used, and grows.
    """
    sample = inputs.sampler()
    rng = random.Random(f"{seed}:{surface}")
    left, dry = count, 0
    while left > 0 and dry < DRY_BATCHES:
        batch: list[Case] = []
        for _ in range(BATCH):
            data = sample(rng)
            fingerprint = hash(data)
            if fingerprint not in seen:
                seen.add(fingerprint)
                batch.append(Case(data, Origin.SWEPT))
                if len(batch) == left:
                    break
        dry = 0 if batch else dry + 1
        left -= len(batch)
        if batch:
            yield batch


class _Enough(BaseException):
    """How exploring ends. No Exception: Hypothesis would take one for a finding, and run it again."""


def explore(
    inputs: Inputs | StatefulInputs, seed: int, count: int, seen: set[int], judge: Callable[[list[Case]], bool]
) -> None:
    """Let Hypothesis draw `count` new cases in its own way, which varies and repeats what it drew before.

    It only looks for cases: shrinking is by structure, the same for every origin. It ends early where Hypothesis has
    no more to give, and where `judge` returns False.
    """
    left = count
    error: BaseException | None = None

    def example(data: bytes) -> None:
        nonlocal left, error
        fingerprint = hash(data)
        if fingerprint in seen:
            return
        seen.add(fingerprint)
        left -= 1
        try:
            if not judge([Case(data, Origin.EXPLORED)]):
                left = 0
        except BaseException as raised:  # noqa: BLE001 - Hypothesis would take it for a finding; it is raised below
            error, left = raised, 0
        if left <= 0:
            raise _Enough

    settings = hypothesis.settings(
        max_examples=max(10, MOST_EXAMPLES * count),
        stateful_step_count=inputs.most + 1 if isinstance(inputs, StatefulInputs) else 1,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    with warnings.catch_warnings(), contextlib.suppress(_Enough):
        warnings.simplefilter("ignore", HypothesisWarning)
        if isinstance(inputs, StatefulInputs):
            run_state_machine_as_test(hypothesis.seed(seed)(inputs.machine(example)), settings=settings)
        else:
            hypothesis.seed(seed)(settings(hypothesis.given(inputs.strategy())(example)))()
    if error is not None:
        raise error


def _decode(file: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except OSError as error:
        raise FixtureError(f"{file} cannot be read: {error.strerror}") from None
    except (msgspec.MsgspecError, ValueError) as error:
        raise FixtureError(f"{file} is broken: {error}") from None


def _bytes(file: Path, data: Bytes) -> bytes:
    try:
        return data.value()
    except ValueError as error:
        raise FixtureError(f"{file} is broken: {error}") from None
