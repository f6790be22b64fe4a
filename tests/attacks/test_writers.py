"""Several writers at once, of different runtimes, and writers that are killed: no row is lost, and none is mixed."""

from __future__ import annotations

import contextlib
import fcntl
import itertools
import json
import random
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

from .cases import lay, put, tree
from .chains import KEY, LOG, MANIFEST, SUBJECT, Told, build, canonical, event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .programs import Program

VERIFY = ["verify", "--subject", SUBJECT]
RECOVER = ["recover", "--subject", SUBJECT]


def append(event_file: str) -> list[str]:
    return ["append", "--subject", SUBJECT, "--event", event_file]


def unheld(log: bytes, acknowledged: Sequence[Told]) -> list[Told]:
    """Return the answers that said of a row that it is written where the log has another one, or none."""
    rows = [json.loads(line) for line in log.split(b"\n")[:-1]]
    held = {(row["seq"], row["mac"]) for row in rows}
    return [told for told in acknowledged if (told.answer["count"], told.answer["tip"]) not in held]


def in_parallel(works: Sequence[Callable[[], None]]) -> None:
    """Do everything at once; what one of them raises is raised."""
    raised: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - raised below
            raised.append(error)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


class TestAtOnce:
    def check(self, everyone: list[Program], directory: Path, acknowledged: list[Told], count: int) -> None:
        """Check that every row is there once, and that the chain is sound for all."""
        assert {told.exit for told in acknowledged} == {0}
        assert sorted(told.answer["count"] for told in acknowledged) == list(range(1, count + 1))
        log = (directory / LOG).read_bytes()
        assert log.count(b"\n") == count
        assert unheld(log, acknowledged) == []
        tip = json.loads(log.splitlines()[-1])["mac"]
        for program in everyone:
            told = program.ask([*VERIFY, "--anchor", f"{count}:{tip}"], directory)
            assert told == Told({"count": count, "error": None, "tip": tip, "verified": True}, 0)

    def test_processes_of_all_runtimes_make_one_chain(self, everyone: list[Program], tmp_path: Path) -> None:
        """They begin together, so that each of them could be the one to make manifest and log."""
        rows, acknowledged = 6, list[Told]()
        put(tmp_path / "audit.key", KEY)
        put(tmp_path / "event.json", canonical(event(1)))

        def write(program: Program) -> Callable[[], None]:
            def work() -> None:
                for _ in range(rows):
                    acknowledged.append(program.run(append("event.json"), tmp_path).told())

            return work

        in_parallel([write(program) for program in everyone])
        self.check(everyone, tmp_path, acknowledged, rows * len(everyone))

    def test_first_rows_at_once(self, everyone: list[Program], tmp_path: Path) -> None:
        kept = [program.keep() for program in everyone]
        for attempt in range(20):
            acknowledged = list[Told]()
            directory = tmp_path / str(attempt)
            directory.mkdir()
            put(directory / "audit.key", KEY)
            put(directory / "event.json", canonical(event(1)))
            for one in kept:
                one.send(append("event.json"), directory)
            acknowledged.extend(one.read(one.line()) for one in kept)
            self.check(everyone, directory, acknowledged, len(everyone))
            assert set(tree(directory / "subjects")) == {f"{SUBJECT}.{end}" for end in ("manifest.json", "audit.jsonl")}
        for one in kept:
            one.close()

    def test_small_and_large_rows_are_never_mixed(self, everyone: list[Program], tmp_path: Path) -> None:
        rows, acknowledged, seen = 30, list[Told](), list[Told]()
        put(tmp_path / "audit.key", KEY)
        put(tmp_path / "small.json", canonical(event(1)))
        put(tmp_path / "large.json", canonical(event(1) | {"pad": "x" * 300_000}))
        everyone[0].ask(append("small.json"), tmp_path)
        over = threading.Event()

        def write(program: Program) -> Callable[[], None]:
            def work() -> None:
                kept = program.keep()
                try:
                    for at in range(rows):
                        acknowledged.append(kept.ask(append("small.json" if at % 6 else "large.json"), tmp_path))
                finally:
                    kept.close()

            return work

        def watch() -> None:
            while not over.is_set():
                seen.append(everyone[-1].ask(VERIFY, tmp_path))

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            in_parallel([write(program) for program in (*everyone, *everyone)])
        finally:
            over.set()
            watcher.join()
        first = json.loads((tmp_path / LOG).read_bytes().splitlines()[0])
        acknowledged.append(Told({"count": 1, "error": None, "tip": first["mac"]}, 0))
        self.check(everyone, tmp_path, acknowledged, 1 + 2 * rows * len(everyone))
        kinds = {told.answer["error"]["kind"] for told in seen}
        assert kinds <= {"unanchored", "torn"}, "a reader saw what no writer wrote"
        assert seen

    def test_baselines_at_once(self, everyone: list[Program], tmp_path: Path) -> None:
        rows, acknowledged = 15, list[Told]()
        for program in everyone:
            entry = {"at": "2026-05-03T10:11:12Z", "commit": "unknown", "metrics": {}, "by": program.name}
            put(tmp_path / f"{program.name}.json", canonical(entry))

        def write(program: Program) -> Callable[[], None]:
            arguments = ["baselines", "append", "base.jsonl", "--entry", f"{program.name}.json"]

            def work() -> None:
                for _ in range(rows):
                    acknowledged.append(program.ask(arguments, tmp_path))

            return work

        in_parallel([write(program) for program in everyone])
        count = rows * len(everyone)
        assert sorted(told.answer["count"] for told in acknowledged) == list(range(1, count + 1))
        written = [json.loads(line)["by"] for line in (tmp_path / "base.jsonl").read_bytes().splitlines()]
        assert sorted(written) == sorted(program.name for program in everyone for _ in range(rows))

    def test_a_row_that_was_written_meanwhile_is_gone_on_from(self, program: Program, tmp_path: Path) -> None:
        """Who holds the lock, as another runtime's writer does, is waited for; what it wrote is gone on from."""
        base = build(2)
        put(tmp_path / "audit.key", KEY)
        put(tmp_path / "event.json", canonical(event(2)))
        put(tmp_path / LOG, b"")
        with (tmp_path / LOG).open("rb+") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            started = program.start(append("event.json"), tmp_path)
            wait(lambda: waits_for_a_lock(started.pid), 60.0)
            assert set(tree(tmp_path / "subjects")) == {f"{SUBJECT}.audit.jsonl"}
            put(tmp_path / MANIFEST, base.manifest)
            held.write(base.rows[0])
        out, _ = started.communicate(timeout=60)
        assert (started.returncode, json.loads(out)) == (0, {"count": 2, "error": None, "tip": base.tips[2]})
        assert (tmp_path / LOG).read_bytes() == base.log

    def test_recover_waits_for_a_writer(self, program: Program, tmp_path: Path) -> None:
        """A row that is half written is no torn one while its writer holds the lock; and verify waits for nobody."""
        base = build(2)
        lay(tmp_path, base, log=base.log[:-100])
        with (tmp_path / LOG).open("ab") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            started = program.start(RECOVER, tmp_path)
            wait(lambda: waits_for_a_lock(started.pid), 60.0)
            assert program.ask(VERIFY, tmp_path) == base.torn(2)
            held.write(base.log[-100:])
        out, _ = started.communicate(timeout=60)
        assert (started.returncode, json.loads(out)) == (0, {"error": None, "kept": 0})
        assert (tmp_path / LOG).read_bytes() == base.log

    def test_an_entry_that_was_written_meanwhile_counts(self, program: Program, tmp_path: Path) -> None:
        entry = b'{"at":"2026-05-03T10:11:12Z","commit":"unknown","metrics":{}}\n'
        put(tmp_path / "entry.json", entry)
        put(tmp_path / "base.jsonl", entry)
        with (tmp_path / "base.jsonl").open("ab") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            started = program.start(["baselines", "append", "base.jsonl", "--entry", "entry.json"], tmp_path)
            wait(lambda: waits_for_a_lock(started.pid), 60.0)
            held.write(entry)
        out, _ = started.communicate(timeout=60)
        assert (started.returncode, json.loads(out)) == (0, {"count": 3, "error": None})
        assert (tmp_path / "base.jsonl").read_bytes() == entry * 3


def wait(done: Callable[[], bool], seconds: float) -> None:
    """Return as soon as something is so; raises TimeoutError where it does not become so."""
    until = time.monotonic() + seconds
    while not done():
        if time.monotonic() > until:
            raise TimeoutError
        time.sleep(0.001)


def waits_for_a_lock(pid: int) -> bool:
    """Tell whether a process waits for a lock that another one holds."""
    locks = Path("/proc/locks").read_text(encoding="ascii")
    return any("->" in line and f" {pid} " in line for line in locks.splitlines())


EVENTS = ("small.json", "large.json", "small.json")


class TestKilled:
    ROUNDS = 6

    def killed(self, program: Program, directory: Path, written: int) -> list[Told]:
        """Let a process append until so many bytes more are written, and kill it; return what it acknowledged."""
        log = directory / LOG
        until = written + (log.stat().st_size if log.exists() else 0)
        kept, acknowledged = program.keep(), list[Told]()

        def work() -> None:
            with contextlib.suppress(AssertionError, BrokenPipeError):  # it is no more
                for file in itertools.cycle(EVENTS):
                    acknowledged.append(kept.ask(append(file), directory))

        sender = threading.Thread(target=work)
        sender.start()
        try:
            wait(lambda: log.exists() and log.stat().st_size >= until, 60.0)
        finally:
            kept.process.kill()
            sender.join()
            kept.close()
        return acknowledged

    def test_the_log_is_sound_or_torn_and_goes_on(self, program: Program, tmp_path: Path) -> None:
        draw = random.Random(20260430)
        put(tmp_path / "audit.key", KEY)
        put(tmp_path / "small.json", canonical(event(1)))
        put(tmp_path / "large.json", canonical(event(1) | {"pad": "x" * 900_000}))
        count, acknowledged = 0, list[Told]()
        for _ in range(self.ROUNDS):
            acknowledged += self.killed(program, tmp_path, draw.randrange(1, 4_000_000))
            told = program.ask(VERIFY, tmp_path)
            assert told.answer["error"]["kind"] in {"unanchored", "torn"}, told
            count = told.answer["count"]
            assert unheld((tmp_path / LOG).read_bytes(), acknowledged) == []
            assert program.ask(RECOVER, tmp_path).exit == 0
            told = program.ask(append("small.json"), tmp_path)
            assert (told.exit, told.answer["count"]) == (0, count + 1)
            acknowledged.append(told)
        assert min(count, len(acknowledged) - self.ROUNDS) > self.ROUNDS
        tip = acknowledged[-1].answer["tip"]
        verified = {"count": count + 1, "error": None, "tip": tip, "verified": True}
        assert program.ask([*VERIFY, "--anchor", f"{count + 1}:{tip}"], tmp_path) == Told(verified, 0)

    def test_the_first_row_is_there_or_can_be_made(self, program: Program, tmp_path: Path) -> None:
        """Killed between log, manifest and row, a subject is none, or one that goes on."""
        draw = random.Random(20260430)
        for attempt in range(6):
            directory = tmp_path / str(attempt)
            directory.mkdir()
            put(directory / "audit.key", KEY)
            put(directory / "event.json", canonical(event(1)))
            started = program.start(append("event.json"), directory)
            try:
                wait((directory / "subjects").exists, 60.0)
                time.sleep(draw.uniform(0.0, 0.002))
            finally:
                started.kill()
                started.communicate()
            assert program.ask(RECOVER, directory).exit in {0, 5}
            told = program.ask(append("event.json"), directory)
            assert told.exit == 0
            told = program.ask([*VERIFY, "--anchor", f"{told.answer['count']}:{told.answer['tip']}"], directory)
            assert told.exit == 0


def test_a_row_that_is_not_held_is_seen() -> None:
    """The check of the log sees a row that was lost, and one that another writer's has taken the place of."""
    base = build(3)
    told = [Told({"count": at, "error": None, "tip": base.tips[at]}, 0) for at in (1, 2, 3)]
    assert unheld(base.log, told) == []
    assert unheld(base.first(2).log, told) == told[2:]
    assert unheld(base.first(2).plus("other").log, told) == told[2:]
