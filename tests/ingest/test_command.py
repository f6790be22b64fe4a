"""The program: its command line, its exit codes, its progress, and what it leaves behind."""

from __future__ import annotations

import os
import pty
import resource
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.ingest import matrixd, stub
from tests.ingest.program import ROOT, command, environment, ingest, refused

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = "http://127.0.0.1:1"


# ------------------------------------------------------------------ the whole way


def test_from_a_seed_into_storage_and_an_index(tmp_path: Path) -> None:
    with matrixd.started(tmp_path / "data") as url:
        done = ingest(
            "--workers", "1500", "--seed", "9", "--storage", tmp_path / "kept", "--index", url, "--tenant", "t"
        )
        assert (done.returncode, len(done.stdout.splitlines())) == (0, 3), done
        assert matrixd.ask(f"{url}/vectors/index/workers", tenant="t") == {"dimension": 768, "size": 1_500}
        file = tmp_path / "kept" / "workers" / "1500-9.parquet"
        more = ingest("--parquet", file, "--limit", "500", "--index", url, "--name", "some")
        assert "500 added" in more.stdout, more
        assert matrixd.ask(f"{url}/vectors/index/some")["size"] == 500


def test_an_interrupted_run_goes_on_with_resume() -> None:
    def until_the_third(asked: stub.Asked) -> tuple[int, bytes]:
        return stub.counted(asked) if asked.number < 2 else (502, b'{"State":{"reason":"embedder-unreachable"}}')

    with stub.serving(until_the_third) as (url, _):
        done = ingest("--workers", "4000", "--index", url)
    refused(done, 3, "embedder-unreachable", "2,000 rows are in; --resume goes on behind them")


# ------------------------------------------------------------------ the command line


@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ("", "--workers or --parquet"),
        ("--bogus", "--bogus"),
        ("--workers 5 --bogus 7", "--bogus"),
        ("--work 5", "--work"),
        ("--workers 5", "--storage, --index"),
        ("--workers", "--workers"),
        ("--workers 0 --storage x", "'0'"),
        ("--workers -5 --storage x", "--workers"),
        ("--workers 1e3 --storage x", "'1e3'"),
        ("--workers 1000000 --storage x", "'1000000'"),
        ("--workers 99999999999999999999999999 --storage x", "'99999999999999999999999999'"),
        ("--workers 5 --parquet f --index http://h", "--parquet"),
        ("--parquet f --storage x", "--storage"),
        ("--workers 5 --storage x --limit 3", "--limit"),
        ("--workers 5 --storage x --resume", "--resume"),
        ("--workers 5 --storage x --seed -1", "--seed"),
        ("--workers 5 --storage ftp://x", "'ftp://x'"),
        ("--workers 5 --storage x --memory 1", "'1'"),
        ("--workers 5 --storage x --memory 8MB", "'8MB'"),
        ("--workers 5 --storage x --memory 256mb", "'256mb'"),
        ("--workers 5 --index h", "'h'"),
        ("--workers 5 --index ftp://h", "'ftp://h'"),
        ("--workers 5 --index http://h:99999", "'http://h:99999'"),
        ("--workers 5 --index http://u:secret@h", "no address"),
        ("--workers 5 --index http://h?x", "'http://h?x'"),
        ("--workers 5 --index http://[", "'http://['"),
        ("--workers 5 --index http://h --name A", "'A'"),
        ("--workers 5 --index http://h --tenant a_b", "'a_b'"),
        ("5", "5"),
    ],
)
def test_a_command_line_that_is_not_understood_is_one_sentence(arguments: str, culprit: str) -> None:
    done = ingest(*arguments.split())
    refused(done, 2, culprit)
    assert (done.stdout, len(done.stderr.splitlines())) == ("", 1)


def test_help_names_every_option_and_exit_code() -> None:
    done = ingest("--help")
    assert done.returncode == 0
    for word in (
        "--workers",
        "--parquet",
        "--seed",
        "--storage",
        "--index",
        "--name",
        "--tenant",
        "--limit",
        "--resume",
    ):
        assert word in done.stdout
    for word in ("--memory", "AWS_ENDPOINT_URL", "0 done", "6 nothing", "130 interrupted"):
        assert word in done.stdout


# ------------------------------------------------------------------ what cannot be


def test_a_bad_file_is_told_before_the_index_is_asked(tmp_path: Path) -> None:
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 and nothing more")
    refused(ingest("--parquet", tmp_path / "broken.parquet", "--index", NOBODY), 5, "broken.parquet")
    refused(ingest("--parquet", tmp_path / "none.parquet", "--index", NOBODY), 5, "no such file")


@pytest.mark.parametrize("url", [NOBODY, "http://nohost.invalid:3218"])
def test_a_host_that_is_not_there_is_told(url: str) -> None:
    refused(ingest("--workers", "10", "--index", url), 3, url, "is matrixd running there?")


def test_no_folder_for_temporary_files_is_told(tmp_path: Path) -> None:
    code = (
        "import runpy, tempfile; tempfile._candidate_tempdir_list = lambda: ['/dev/null']\n"
        "runpy.run_module('lakehouse_ref.ingest', run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "--workers", "10", "--storage", str(tmp_path / "kept")],
        cwd=ROOT,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    refused(done, 6, "TMPDIR names a folder")


@pytest.mark.parametrize(("count", "limit"), [(20_000, 100_000), (2_000, 4_096)])
def test_a_full_disk_is_told_and_nothing_is_left(count: int, limit: int, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    done = subprocess.run(
        command("--workers", str(count), "--storage", tmp_path / "kept"),
        cwd=ROOT,
        env=environment(TMPDIR=str(tmp_path / "scratch")),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert "Traceback" not in done.stderr
    refused(done, 6, "cannot be written")
    assert list((tmp_path / "scratch").iterdir()) == []
    assert [file for file in (tmp_path / "kept").rglob("*") if file.is_file()] == []


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_run_that_is_ended_leaves_nothing(number: int, code: int, tmp_path: Path) -> None:
    (tmp_path / "scratch").mkdir()
    process = subprocess.Popen(
        command("--workers", "999999", "--storage", tmp_path / "kept"),
        cwd=ROOT,
        env=environment(TMPDIR=str(tmp_path / "scratch")),
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    with process:
        process.stderr.readline()  # it is at work
        process.send_signal(number)
        told = process.stderr.read()
    assert process.returncode == code
    assert "Traceback" not in told
    assert list((tmp_path / "scratch").iterdir()) == []


# ------------------------------------------------------------------ progress


def test_in_a_pipe_progress_is_a_few_plain_lines(tmp_path: Path) -> None:
    done = ingest("--workers", "30000", "--storage", tmp_path)
    lines = done.stderr.splitlines()
    assert len(lines) == 10
    assert all(line.startswith("made: ") and line.endswith(" a second") for line in lines)
    assert lines[-1].startswith("made: 30,000 of 30,000 rows")
    assert "\r" not in done.stderr


def test_on_a_terminal_progress_is_one_line_that_moves(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        command("--workers", "3000", "--storage", tmp_path), cwd=ROOT, stderr=theirs, stdout=subprocess.DEVNULL
    ) as process:
        os.close(theirs)
        told = b""
        while True:
            try:
                part = os.read(ours, 4_096)
            except OSError:  # the other end is closed
                break
            told += part
        os.close(ours)
    assert process.returncode == 0
    assert told.endswith(b"\r\n")
    assert told.count(b"\n") == 1
    assert b"3,000 of 3,000 rows" in told
