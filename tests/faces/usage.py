"""How pytest refuses to run: one sentence, and its exit code for usage."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .conftest import Done

if TYPE_CHECKING:
    import pytest

    from .conftest import Project


def run_inside(project: Project, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, *options: str) -> Done:
    """Run pytest in this process, which is enough for what ends before anything runs, and much faster."""
    monkeypatch.chdir(project.root)
    done = pytester.runpytest_inprocess("probes", "-p", "no:cacheprovider", *options)
    return Done(int(done.ret), done.stdout.str(), done.stderr.str())


def assert_usage_error(done: Done, sentence: str) -> None:
    """Assert that pytest ended with one sentence, which holds what is given."""
    assert done.code == 4, done
    errors = [line for line in done.err.splitlines() if re.search(r"\b(error|ERROR): (?!usage: )", line)]
    assert len(errors) == 1, done
    assert sentence in errors[0]
    assert "Traceback" not in done.all
    assert "INTERNALERROR" not in done.all
    assert 'File "' not in done.all
