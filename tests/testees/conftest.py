"""Projects in repositories of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .repository import Repository

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


@pytest.fixture
def below(tmp_path: Path) -> Repository:
    """Return a project that is a subfolder of its repository."""
    return Repository(tmp_path, "deep/down")
