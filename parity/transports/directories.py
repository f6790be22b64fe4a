"""The files transport: a testee works on directories, one step after the other (fixtures/contract/files.md).

Underneath it is a helper that is asked with the path of a directory, so deadlines, restarts and finding who is to blame
are the helper's. What is added lies before and behind: a directory is laid out, and what became of it is written down.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parity.errors import StartError
from parity.model import Kind, Observation
from parity.transports import Requests, disk, tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from parity.transports import Hello
    from parity.transports.helper import Helper


class Files:
    """The transport to one files testee."""

    kind = "files"

    def __init__(self, helper: Helper) -> None:
        """Take the helper that its process is."""
        self._helper = helper
        self._base: Path | None = None
        self._places = self._asked = 0
        self._given: set[bytes] = set()
        """Every secret that it was shown: it may write one of an earlier case into its log."""

    async def open(self) -> Hello:
        """Start the testee. Raises StartError."""
        hello = await self._helper.open()
        try:
            self._base = disk.make_base()
        except OSError as error:
            raise StartError(f"there is no place for the directories of its cases: {error}") from None
        return hello

    async def ask(self, requests: Requests) -> list[Observation]:
        """Return what became of each directory, and what the testee answered at every step."""
        return await carry_out(requests, [self])

    async def close(self) -> None:
        """End the testee, and take the directories away."""
        await self._helper.close()
        if self._base is not None:
            disk.remove(self._base)

    def place(self) -> str:
        """Return where a directory can be laid out; no place is used twice, since a testee might remember it."""
        self._places += 1
        return f"{self._base}/{self._places}"

    async def take_step(self, surface: str, jobs: Sequence[_Job]) -> None:
        """Let the testee take the next step of each job."""

        def prepare(again: range) -> None:
            for at in again:
                jobs[at].lay_out()

        self._given.update(one for job in jobs for one in job.tree.secrets)
        questions = [tree.request(job.tree.steps[job.step], job.place) for job in jobs]
        requests = Requests(surface, questions, self._asked, prepare)
        self._asked += len(jobs)
        for job, seen in zip(jobs, await self._helper.ask(requests), strict=True):
            job.note(seen, self._given)


class Relay:
    """Several testees, each of which takes its steps in one directory: the first writes, the last reads.

    The steps between go to the second one.
    """

    def __init__(self, crew: tuple[Files, Files, Files]) -> None:
        """Take who writes, who goes on and who reads."""
        self._crew = crew

    async def ask(self, requests: Requests) -> list[Observation]:
        """Return what became of each directory, and what was answered at every step."""
        return await carry_out(requests, self._crew)


async def carry_out(requests: Requests, crew: Sequence[Files]) -> list[Observation]:
    """Take every step of every case, the first by the first of the crew, the last by its last."""
    jobs = [case if isinstance(case, str) else _Job(case, crew[0].place()) for case in requests.trees]
    left = [job for job in jobs if isinstance(job, _Job)]
    try:
        while left:
            turns: dict[int, list[_Job]] = {}
            for job in left:
                turns.setdefault(_turn(job, len(crew)), []).append(job)
            for member, theirs in turns.items():
                await crew[member].take_step(requests.surface, theirs)
            left = [job for job in left if job.seen is None]
    finally:
        for one in jobs:
            if isinstance(one, _Job):
                disk.remove(one.place)
    return [Observation(Kind.REFUSED, detail=job) if isinstance(job, str) else job.result() for job in jobs]


def _turn(job: _Job, crew: int) -> int:
    if job.step == 0:
        return 0
    return crew - 1 if job.step == len(job.tree.steps) - 1 else min(1, crew - 1)


class _Answer(msgspec.Struct, forbid_unknown_fields=True):
    """What a testee says of a step."""

    answer: msgspec.Raw
    exit: int


class _Job:
    """One case on its way through its steps."""

    def __init__(self, case: tree.Tree, place: str) -> None:
        self.tree, self.place = case, place
        self.step = 0
        self.seen: Observation | None = None
        self._state = case.entries
        self._is_untouched = False
        self._written: list[bytes] = []
        self._rules: set[str] = set()

    def lay_out(self) -> None:
        """Have the directory as it was before this step; a testee that was asked already may have changed it."""
        if not self._is_untouched:
            disk.lay_out(self._state, self.place)
        self._is_untouched = False

    def note(self, seen: Observation, given: set[bytes]) -> None:
        """Take down what a step came to. `given` are the secrets of all cases that the testee has seen."""
        said = b"\n".join([seen.output, *map(str.encode, seen.rules)])
        if tree.log_gives_away(given, seen.detail) or tree.log_gives_away(given, seen.log):
            self._fail(Kind.GARBLED, f"{seen.kind}, and what it says beside gives a secret away")
        elif tree.gives_away(self.tree.secrets, said):
            self._fail(Kind.GARBLED, "it gives a secret away")
        elif seen.kind is not Kind.ANSWERED:
            self._fail(seen.kind, seen.detail, seen.log)
        else:
            self._go_on(seen)

    def _go_on(self, seen: Observation) -> None:
        try:
            said = _DECODER.decode(seen.output.decode())
            after = disk.read_back(self.place)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            self._fail(Kind.GARBLED, f"not the answer of a step: {error}")
            return
        except disk.TooMuchError as error:
            self._fail(Kind.TOO_LARGE, f"it leaves {error}")
            return
        except OSError as error:
            self._fail(Kind.GARBLED, f"what it leaves cannot be read: {error.strerror}")
            return
        if tree.gives_away(self.tree.secrets, tree.labels(after)):
            self._fail(Kind.GARBLED, "a name or a link that it leaves gives a secret away")
            return
        answer = bytes(said.answer)
        self._written.append(tree.write_down(answer, said.exit, self._state, after, self.tree.secrets))
        self._rules |= set(seen.rules)
        self._state, self._is_untouched = after, True
        self.step += 1
        if self.step == len(self.tree.steps):
            output = b'{"steps":[%b]}' % b",".join(self._written)
            self.seen = Observation(Kind.ANSWERED, output, tuple(sorted(self._rules)))

    def _fail(self, kind: Kind, detail: str, log: str = "") -> None:
        self.seen = Observation(kind, detail=f"step {self.step + 1}: {detail}", log=log)

    def result(self) -> Observation:
        """Return what became of the case."""
        assert self.seen is not None
        return self.seen


_DECODER = msgspec.json.Decoder(_Answer)
