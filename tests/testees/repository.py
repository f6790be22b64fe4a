"""A small project in a repository of its own, to be looked at as it stood at a revision."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

from parity import revisions
from tests.faces.conftest import HELPER, Project

if TYPE_CHECKING:
    from pathlib import Path

WRONG = "length = 1 + len(data)"
SOUND = "length = len(data)"


class Repository:
    """A small project in a repository of its own, whose runtime is a script in it."""

    def __init__(self, top: Path, below: str = "") -> None:
        self.top, self.root = top, top / below
        self.root.mkdir(parents=True, exist_ok=True)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.project = Project(self.root)
        (self.top / ".gitignore").write_text(".parity/\nreports/\nnoted/\n")
        self.write()

    def write(self, length: str = SOUND, name: str = "one", **more: str) -> None:
        """Write the script and parity.toml."""
        assert SOUND in HELPER.read_text()
        (self.root / "one.py").write_text(HELPER.read_text().replace(SOUND, length))
        helper = [sys.executable, "-I", "-S", "one.py", "sound", str(self.project.noted), "size"]
        self.project._runtimes.clear()
        self.project.runtime(name, **({"helper": repr(helper), "sources": '["one.py"]'} | more))
        self.project.write()

    def git(self, *arguments: str, cwd: Path | None = None) -> str:
        settings = ["user.name=t", "user.email=t@t", "commit.gpgsign=false", "core.autocrlf=false"]
        command = ["git", *[word for one in settings for word in ("-c", one)], *arguments]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        done = subprocess.run(
            command, cwd=cwd or self.top, check=True, capture_output=True, text=True, timeout=60, env=environment
        )
        return done.stdout.strip()

    def commit(self) -> str:
        """Commit everything; return the commit's name as reports show it."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", "x")
        return self.git("rev-parse", "HEAD")[: revisions.DIGITS]

    def tree(self, commit: str) -> Path:
        return revisions.tree(self.root, commit, self.state)

    @property
    def state(self) -> Path:
        return self.root / ".parity"

    def looks(self) -> list[str]:
        """Return what a checkout gone wrong would change of the user's own."""
        return [
            self.git("symbolic-ref", "HEAD"),
            self.git("status", "--porcelain"),
            self.git("stash", "list"),
            (self.root / "one.py").read_text(),
        ]
