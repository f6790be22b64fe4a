"""The command line of `ingest`, understood or not."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import urlsplit

from lakehouse_ref.ingest.errors import UsageError
from lakehouse_ref.ingest.generate import MOST

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED = 1
MEMORY = re.compile(r"([1-9][0-9]{0,5})(MB|GB)")
LEAST_MEMORY = 64  # MB: DuckDB can do nothing with much less
NAME = re.compile(r"[a-z0-9_-]{1,64}")
TENANT = re.compile(r"[a-z0-9-]{1,64}")

EXAMPLES = """\
examples:
  python -m lakehouse_ref.ingest --workers 2000 --index http://127.0.0.1:3218
  python -m lakehouse_ref.ingest --workers 500000 --storage s3://lakehouse/parity --memory 512MB
  python -m lakehouse_ref.ingest --parquet workers.parquet --limit 500 --index http://127.0.0.1:3218 --tenant trial

S3 takes AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION and, for another server than Amazon's, AWS_ENDPOINT_URL.

exit codes: 0 done, 2 the command line is not understood, 3 the index cannot be reached or refuses, 4 the storage does,
5 a file holds no workers, 6 nothing can be written here (TMPDIR names another folder), 130 interrupted
"""


@dataclass(frozen=True)
class Command:
    """A command line that is understood."""

    workers: int | None
    parquet: Path | None
    seed: int
    limit: int | None
    storage: str | None
    index: str | None
    name: str
    tenant: str
    resume: bool
    memory: str


class Parser(argparse.ArgumentParser):
    """argparse, but what it doesn't understand is one sentence."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of ending the process."""
        raise UsageError(message)


def parse(arguments: Sequence[str]) -> Command:
    """Return what the arguments say. Raises UsageError; `--help` prints and ends the process."""
    command = Command(**vars(parser().parse_args(arguments)))
    if command.workers is None and command.parquet is None:
        raise UsageError("say which workers: --workers or --parquet (--help shows more)")
    if command.storage is None and command.index is None:
        raise UsageError("say where the workers go: --storage, --index, or both")
    if command.parquet is not None and command.storage is not None:
        raise UsageError("--storage keeps what --workers makes; a file of --parquet goes to an --index")
    if command.index is None and (command.resume or command.limit is not None):
        raise UsageError("--resume and --limit are for an --index")
    return command


def parser() -> Parser:
    """Return what knows the options."""
    made = Parser(
        "ingest",
        usage="python -m lakehouse_ref.ingest (--workers N | --parquet FILE) [--storage PLACE] [--index URL] ...",
        description="Make workers from a seed, or read a file of them; keep them in storage, and add them to an index.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    source = made.add_mutually_exclusive_group()
    source.add_argument("--workers", type=workers, metavar="N", help=f"make so many, 1 to {MOST:,}")
    source.add_argument("--parquet", type=Path, metavar="FILE", help="read these instead")
    made.add_argument("--seed", type=seed, default=SEED, metavar="N", help="other workers (default: %(default)s)")
    made.add_argument(
        "--storage", type=place, metavar="PLACE", help="a folder, or s3://BUCKET/FOLDER: workers/<N>-<seed>.parquet"
    )
    made.add_argument("--index", type=url, metavar="URL", help="a running matrixd, such as http://127.0.0.1:3218")
    made.add_argument("--name", type=name, default="workers", help="of the index there (default: %(default)s)")
    made.add_argument("--tenant", type=tenant, default="default", help="whose it is (default: %(default)s)")
    made.add_argument("--limit", type=workers, metavar="N", help="index only the first N rows")
    made.add_argument("--resume", action="store_true", help="do not send again what an interrupted run has sent")
    made.add_argument("--memory", type=memory, default="256MB", help="for DuckDB, in MB or GB (default: %(default)s)")
    return made


def workers(text: str) -> int:
    """Return a number of workers. Raises ArgumentTypeError."""
    return number(text, 1, MOST)


def seed(text: str) -> int:
    """Return a seed. Raises ArgumentTypeError."""
    return number(text, 0, 2**53)


def number(text: str, least: int, most: int) -> int:
    """Return a whole number within bounds. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and len(text) <= 16 and least <= int(text) <= most):
        raise argparse.ArgumentTypeError(f"{text!a} is no whole number from {least} to {most:,}")
    return int(text)


def memory(text: str) -> str:
    """Return an amount of memory. Raises ArgumentTypeError."""
    found = MEMORY.fullmatch(text)
    if not found or (found[2] == "MB" and int(found[1]) < LEAST_MEMORY):
        raise argparse.ArgumentTypeError(f"{text!a} is no amount such as 256MB or 1GB, and at least {LEAST_MEMORY}MB")
    return text


def place(text: str) -> str:
    """Return a folder or an address in S3. Raises ArgumentTypeError."""
    if not text or "\0" in text or ("://" in text and not text.startswith("s3://")):
        raise argparse.ArgumentTypeError(f"{text!a} is neither a folder nor s3://BUCKET/FOLDER")
    return text


def name(text: str) -> str:
    """Return the name of an index. Raises ArgumentTypeError."""
    if not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!a} is no name: 1 to 64 of a-z 0-9 _ - are")
    return text


def tenant(text: str) -> str:
    """Return the name of a tenant. Raises ArgumentTypeError."""
    if not TENANT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!a} is no tenant: 1 to 64 of a-z 0-9 - are")
    return text


def url(text: str) -> str:
    """Return the address of a service. Raises ArgumentTypeError."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, half an IPv6 address
        sound = False
    if not sound or parts.username is not None or parts.query or parts.fragment or not text.isascii() or " " in text:
        raise argparse.ArgumentTypeError(f"{text!a} is no address such as http://127.0.0.1:3218")
    return text
