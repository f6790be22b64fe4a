"""`audit` where the system sets limits: rights, a full disk, memory, and others who write at the same time."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.lakehouse_ref import chains
from tests.lakehouse_ref.chains import EVENT, LOG, MANIFEST, SUBJECT, contents, error, furnish, put
from tests.lakehouse_ref.program import APPEND, PROGRAM, VERIFY, audit, environment

if TYPE_CHECKING:
    from collections.abc import Callable

AS_NOBODY = """
import os, sys
from lakehouse_ref.services import audit_commands
audit_commands.run(["verify"], ".", set())  # nobody can load a module later
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
outcome = audit_commands.run(sys.argv[1:], ".", set())
sys.stdout.buffer.write(outcome.answer)
sys.exit(outcome.exit)
"""


def as_nobody(folder: Path, *arguments: str) -> tuple[int, object]:
    """Return exit code and error of a command that somebody runs who owns nothing."""
    command = [sys.executable, "-c", AS_NOBODY, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment(), stdout=subprocess.PIPE, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout)["error"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_what_somebody_else_may_not_touch() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        furnish(folder, count=1)
        assert as_nobody(folder, *VERIFY) == (5, error("unreadable", "no-permission", "audit.key"))
        os.chown(folder / "audit.key", 65534, -1)
        assert as_nobody(folder, *APPEND) == (5, error("unreadable", "no-permission", "event.json"))
        os.chown(folder / "event.json", 65534, -1)
        assert as_nobody(folder, *VERIFY) == (5, error("unreadable", "no-permission", MANIFEST))
        (folder / "subjects").chmod(0o755)
        assert as_nobody(folder, *APPEND) == (5, error("unreadable", "no-permission", LOG))
        told = error("unwritten", "write-failed", "subjects/new.audit.jsonl")
        assert as_nobody(folder, "append", "--subject", "new", "--event", "event.json") == (7, told)
        assert sorted(contents(folder / "subjects")) == [Path(LOG).name, Path(MANIFEST).name]


def limit_of_files(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.parametrize("room", [0, 1, 200, 363])
def test_a_full_disk_leaves_the_log_as_it_was(tmp_path: Path, room: int) -> None:
    furnish(tmp_path, count=2)
    before = contents(tmp_path)
    size = (tmp_path / LOG).stat().st_size
    done = audit(tmp_path, *APPEND, first=limit_of_files(size + room))
    told = {"count": None, "error": error("unwritten", "write-failed", LOG), "tip": None}
    assert (done.returncode, json.loads(done.stdout)) == (7, told), "the row has 364 bytes"
    assert contents(tmp_path) == before
    assert audit(tmp_path, *APPEND, first=limit_of_files(size + 1000)).returncode == 0


@pytest.mark.parametrize(("size", "file"), [(0, MANIFEST), (100, MANIFEST), (250, LOG)])
def test_a_full_disk_leaves_no_half_of_a_chain(tmp_path: Path, size: int, file: str) -> None:
    furnish(tmp_path)
    done = audit(tmp_path, *APPEND, first=limit_of_files(size))
    told = {"count": None, "error": error("unwritten", "write-failed", file), "tip": None}
    assert (done.returncode, json.loads(done.stdout)) == (7, told)
    assert contents(tmp_path / "subjects") == {f"{SUBJECT}.audit.jsonl": ("0o600", b"")}
    assert audit(tmp_path, *APPEND).returncode == 0


def test_a_full_disk_keeps_what_recover_would_cut_off(tmp_path: Path) -> None:
    put(tmp_path, LOG, b"a\n" + b"x" * 500)
    before = contents(tmp_path)
    done = audit(tmp_path, "recover", "--subject", SUBJECT, first=limit_of_files(300))
    told = {"error": error("unwritten", "write-failed", f"subjects/{SUBJECT}.torn"), "kept": None}
    assert (done.returncode, json.loads(done.stdout)) == (7, told)
    assert contents(tmp_path) == before


def test_a_full_disk_and_baselines(tmp_path: Path) -> None:
    entry = {"at": EVENT["ts"], "commit": "unknown", "metrics": {"a": 1}}
    put(tmp_path, "e", entry)
    put(tmp_path, "b", chains.canonical(entry) + b"\n")
    put(tmp_path, "to", b"kept")
    before = contents(tmp_path)
    done = audit(tmp_path, "baselines", "append", "b", "--entry", "e", first=limit_of_files(100))
    assert (done.returncode, json.loads(done.stdout)["error"]["reason"]) == (7, "write-failed")
    done = audit(tmp_path, "baselines", "copy", "b", "to", first=limit_of_files(50))
    told = {"count": None, "error": error("unwritten", "write-failed", "to")}
    assert (done.returncode, json.loads(done.stdout)) == (7, told)
    assert contents(tmp_path) == before


def test_two_appenders_take_turns(tmp_path: Path) -> None:
    furnish(tmp_path)
    requests = "".join(
        json.dumps(
            {"id": n, "surface": "subject_audit_files", "text": json.dumps({"arguments": APPEND, "directory": "."})}
        )
        + "\n"
        for n in range(60)
    )
    (tmp_path / "requests").write_text(requests)
    processes = []
    for _ in range(3):
        with (tmp_path / "requests").open("rb") as given:
            processes.append(
                subprocess.Popen(
                    [*PROGRAM, "serve"], cwd=tmp_path, env=environment(), stdin=given, stdout=subprocess.PIPE
                )
            )
    said = [process.communicate(timeout=120)[0].splitlines()[1:] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0]
    counts = [json.loads(json.loads(line)["text"])["answer"]["count"] for lines in said for line in lines]
    assert sorted(counts) == list(range(1, 181)), "each row has a number of its own"
    verdict = json.loads(audit(tmp_path, *VERIFY).stdout)
    assert (verdict["count"], verdict["error"]["reason"]) == (180, "no-anchor")


def peak_of(folder: Path) -> int:
    """Return the peak memory of verifying, in KiB, as a process of its own measures it."""
    watch = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=2); "
    watch += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run(
        [sys.executable, "-c", watch, *PROGRAM, *VERIFY],
        cwd=folder, env=environment(), capture_output=True, timeout=300, check=True,
    )  # fmt: skip
    return int(done.stdout)


@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("file", [LOG, MANIFEST])
def test_a_line_of_100_mb_is_not_kept_in_memory(tmp_path: Path, file: str, end: bytes) -> None:
    furnish(tmp_path, count=1)
    small = peak_of(tmp_path)
    with (tmp_path / file).open("wb") as long:
        for _ in range(100):
            long.write(b"x" * 1_000_000)
        long.write(end)
    assert peak_of(tmp_path) < small + 20_000
    assert json.loads(audit(tmp_path, *VERIFY).stdout)["error"] == error("unreadable", "line-too-long", file, 1)


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    small = peak_of(tmp_path)
    put(tmp_path, LOG, b"".join(chains.log(80_000)))
    assert (tmp_path / LOG).stat().st_size > 28_000_000
    assert peak_of(tmp_path) < small + 10_000
    assert json.loads(audit(tmp_path, *VERIFY).stdout)["count"] == 80_000


def test_a_lock_is_waited_for(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    hold = f"import fcntl, sys; log = open({LOG!r}, 'ab'); fcntl.flock(log, fcntl.LOCK_EX); "
    hold += "print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", hold], cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        holder.stdout.readline()
        with subprocess.Popen([*PROGRAM, *APPEND], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE) as waiting:
            verdict = json.loads(audit(tmp_path, *VERIFY).stdout)
            assert verdict["count"] == 1, "verify takes no lock"
            time.sleep(0.3)
            assert waiting.poll() is None
            assert (tmp_path / LOG).read_bytes() == b"".join(chains.log(1))
            holder.stdin.close()
            assert waiting.wait(timeout=60) == 0
    assert (tmp_path / LOG).read_bytes() == b"".join(chains.log(2))
