"""Revisions of the project's own repository: `go@v1.2` is the runtime go as it stood there, in its own work tree."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from parity.errors import EnvironmentFailure, UsageError

if TYPE_CHECKING:
    from pathlib import Path

DIGITS = 12  # of a commit's name, as reports show it
TREES = "trees"
OF_A_HOOK = frozenset(
    {
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_COMMON_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_NAMESPACE",
        "GIT_PREFIX",
    }
)
"""The variables that name a repository, as git sets them for a hook."""


def resolve(root: Path, runtime: str) -> tuple[str, str]:
    """Return the runtime's own name and the commit of `name@revision`. Raises UsageError where there is no such one."""
    name, _, revision = runtime.partition("@")
    try:
        # The end of options, so that a revision can't be one.
        commit = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    except EnvironmentFailure:
        raise UsageError(f"{revision!r} in {runtime!r} is no revision of the repository in {root}") from None
    return name, commit[:DIGITS]


def tree(root: Path, commit: str, state: Path) -> Path:
    """Return a checkout of the project at a commit, made below `state` where it is not there yet.

    Raises EnvironmentFailure.
    """
    top = _git(root, "rev-parse", "--show-toplevel")
    folder = (state / TREES).resolve() / commit
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _git(folder, "checkout", "--quiet", "--force", "--detach", commit)
        except EnvironmentFailure:  # it is not there yet, or whoever made it was ended within
            shutil.rmtree(folder, ignore_errors=True)
            _git(root, "worktree", "prune")
            _git(root, "worktree", "add", "--force", "--detach", str(folder), commit)
    return folder / root.resolve().relative_to(top)


def _git(folder: Path, *arguments: str) -> str:
    """Run git in a folder and return what it says. Raises EnvironmentFailure.

    It takes its repository from the folder alone: neither from one further up that the folder only lies in, nor from
    variables of a hook that this may run in. Otherwise a checkout could go over the user's own files.
    """
    environment = {name: value for name, value in os.environ.items() if name not in OF_A_HOOK}
    if folder.parent.name == TREES:
        environment["GIT_CEILING_DIRECTORIES"] = str(folder.parent)
    try:
        done = subprocess.run(
            ["git", "-c", f"core.hooksPath={os.devnull}", *arguments],  # noqa: S607 - the user's own git
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise EnvironmentFailure(f"git does not run: {error}") from None
    if done.returncode != 0:
        raise EnvironmentFailure(f"git {arguments[0]} failed: {done.stderr.strip() or done.returncode}")
    return done.stdout.strip()
