"""A runtime as it stood at a revision lies in a work tree of its own, and nothing of the user's own is touched."""

from __future__ import annotations

import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from parity import revisions
from parity.errors import EnvironmentFailure, UsageError

from .repository import SOUND, WRONG

if TYPE_CHECKING:
    from pathlib import Path

    from .repository import Repository


class TestResolve:
    def test_takes_whatever_git_calls_a_commit(self, repository: Repository) -> None:
        first = repository.commit()
        repository.git("tag", "-a", "-m", "x", "v1.0")
        second = repository.commit()
        full = repository.git("rev-parse", "HEAD")

        for revision, commit in {
            "HEAD": second,
            "main": second,
            full: second,
            full[:8]: second,
            "v1.0": first,
            "HEAD~1": first,
            "HEAD^": first,
            "HEAD@{1}": first,
            "main@{0}": second,
        }.items():
            assert revisions.resolve(repository.root, f"one@{revision}") == ("one", commit), revision

    @pytest.mark.parametrize(
        "revision",
        ["nosuch", "", "--help", "-h", "--output=x", "HEAD:one.py", "HEAD^{tree}", "a b", "..", "HEAD..HEAD", "f" * 40],
    )
    def test_of_what_is_none_is_a_sentence(self, repository: Repository, revision: str) -> None:
        repository.commit()

        with pytest.raises(UsageError) as caught:
            revisions.resolve(repository.root, f"one@{revision}")

        assert (
            str(caught.value)
            == f"{revision!r} in {f'one@{revision}'!r} is no revision of the repository in {repository.root}"
        )
        assert not (repository.root / "x").exists()

    def test_without_a_commit_is_a_sentence(self, repository: Repository) -> None:
        with pytest.raises(UsageError, match="'HEAD' in 'one@HEAD' is no revision"):
            revisions.resolve(repository.root, "one@HEAD")

    def test_outside_of_a_repository_is_a_sentence(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
        (tmp_path / "empty").mkdir()

        with pytest.raises(UsageError, match="'HEAD' in 'one@HEAD' is no revision of the repository in"):
            revisions.resolve(tmp_path / "empty", "one@HEAD")


class TestTree:
    def test_holds_the_project_as_it_was(self, repository: Repository) -> None:
        repository.write(WRONG)
        old = repository.commit()
        repository.write()
        repository.commit()
        before = repository.looks()

        tree = repository.tree(old)

        assert tree == repository.state / "trees" / old
        assert WRONG in (tree / "one.py").read_text()
        assert repository.looks() == before
        assert SOUND in before[-1]

    def test_of_a_project_in_a_subfolder_is_that_folder(self, below: Repository) -> None:
        old = below.commit()

        tree = below.tree(old)

        assert tree == below.state / "trees" / old / "deep" / "down"
        assert (tree / "parity.toml").is_file()

    def test_is_reached_through_a_link(self, below: Repository, tmp_path: Path) -> None:
        old = below.commit()
        link = tmp_path.parent / f"{tmp_path.name}-link"
        link.symlink_to(below.root)

        tree = revisions.tree(link, old, link / ".parity")
        link.unlink()

        assert tree.resolve() == below.state / "trees" / old / "deep" / "down"

    def test_is_used_again(self, repository: Repository) -> None:
        old = repository.commit()
        tree = repository.tree(old)
        (tree / "built").write_text("x")
        inode = (tree / "one.py").stat().st_ino

        assert repository.tree(old) == tree
        assert (tree / "built").exists()
        assert (tree / "one.py").stat().st_ino == inode
        assert repository.git("worktree", "list").count("\n") == 1

    def test_is_as_it_was_whatever_was_changed_in_it(self, repository: Repository) -> None:
        old = repository.commit()
        tree = repository.tree(old)
        (tree / "one.py").write_text("changed")
        (tree / "parity.toml").unlink()
        repository.git("checkout", "--quiet", "--force", "-b", "other", cwd=tree)
        repository.git("commit", "--quiet", "--allow-empty", "-m", "y", cwd=tree)

        repository.tree(old)

        assert SOUND in (tree / "one.py").read_text()
        assert (tree / "parity.toml").is_file()
        assert repository.git("rev-parse", "HEAD", cwd=tree).startswith(old)

    @pytest.mark.parametrize("broken", ["deleted", "without .git", "empty .git", "no .git", "locked", "half made"])
    def test_that_is_broken_is_made_again(self, repository: Repository, broken: str) -> None:
        repository.write(WRONG)
        old = repository.commit()
        repository.write()
        repository.commit()
        (repository.root / "one.py").write_text(f"# not committed\n{SOUND}")
        before = repository.looks()
        folder = repository.state / "trees" / old
        if broken == "half made":
            folder.mkdir(parents=True)
            (folder / "one.py").write_text("half")
        else:
            repository.tree(old)
            self.break_it(repository, folder, broken)

        tree = repository.tree(old)

        assert tree == folder
        assert WRONG in (tree / "one.py").read_text()
        assert repository.git("rev-parse", "HEAD", cwd=tree).startswith(old)
        assert repository.looks() == before

    def break_it(self, repository: Repository, folder: Path, broken: str) -> None:
        match broken:
            case "deleted":
                subprocess.run(["rm", "-rf", str(folder)], check=True, timeout=60)
            case "without .git":
                (folder / ".git").unlink()
            case "empty .git":  # without one of its own, git would take the repository that the folder lies in
                (folder / ".git").unlink()
                (folder / ".git").mkdir()
            case "no .git":
                (folder / ".git").write_text("gitdir: /nowhere\n")
            case "locked":  # as a git that was killed leaves it
                lock = repository.git("rev-parse", "--git-path", "index.lock", cwd=folder)
                (folder / lock).touch()

    def test_of_a_revision_that_is_not_there_is_an_error(self, repository: Repository) -> None:
        repository.commit()
        before = repository.looks()

        with pytest.raises(EnvironmentFailure, match="git worktree failed: "):
            repository.tree("0" * revisions.DIGITS)

        assert repository.looks() == before

    def test_without_git_is_an_error(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        old = repository.commit()
        monkeypatch.setenv("PATH", "/nowhere")

        with pytest.raises(EnvironmentFailure, match="git does not run: "):
            repository.tree(old)

    def test_is_made_once_by_two_at_a_time(self, repository: Repository) -> None:
        old = repository.commit()
        trees: list[Path] = []
        threads = [threading.Thread(target=lambda: trees.append(repository.tree(old))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert trees == [repository.state / "trees" / old] * 4

    def test_is_none_of_a_hooks_business(self, repository: Repository) -> None:
        """Nor may a hook of the repository keep it from being made, or hear of it."""
        old = repository.commit()
        hook = repository.top / ".git" / "hooks" / "post-checkout"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\ntouch heard\nexit 1\n")
        hook.chmod(0o755)

        tree = repository.tree(old)

        assert not (tree / "heard").exists()

    def test_is_made_within_a_hook(self, repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
        """Git tells a hook which repository it is for; a checkout elsewhere would then go over the user's own."""
        repository.write(WRONG)
        old = repository.commit()
        repository.write()
        repository.commit()
        (repository.root / "one.py").write_text(f"# not committed\n{SOUND}")
        before = repository.looks()
        with monkeypatch.context() as patch:
            patch.setenv("GIT_DIR", str(repository.top / ".git"))
            patch.setenv("GIT_INDEX_FILE", str(repository.top / ".git" / "index"))
            patch.setenv("GIT_WORK_TREE", str(repository.top))
            assert revisions.resolve(repository.root, "one@HEAD~1") == ("one", old)
            trees = [repository.tree(old) for _ in range(2)]

        assert repository.looks() == before
        assert WRONG in (trees[0] / "one.py").read_text()
