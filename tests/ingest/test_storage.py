"""Objects: put where there is none, and left alone where there is one; in a folder, and in a real S3."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from lakehouse_ref.ingest import storage
from lakehouse_ref.ingest.errors import StorageError
from tests.ingest import seaweed
from tests.ingest.program import ingest, refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NAME = "workers/2000-1.parquet"


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    with seaweed.started(tmp_path_factory.mktemp("s3")) as environment:
        yield environment


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield a storage that is empty, and the environment in which it is reached."""
    if request.param == "folder":
        yield str(tmp_path / "made" / "anew"), {}
        return
    environment: dict[str, str] = request.getfixturevalue("s3")
    with surroundings(environment):
        yield f"s3://{seaweed.BUCKET}/{tmp_path.name}", environment


@contextmanager
def surroundings(environment: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def fetched(place: str, into: Path) -> bytes:
    storage.connect(place).fetch(NAME, into)
    return into.read_bytes()


def test_an_object_is_put_once_and_fetched(place: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(bytes(range(256)) * 40_000)  # more than obstore would send in one part
    (tmp_path / "other").write_bytes(b"other")
    kept = storage.connect(place[0])
    assert kept.put(NAME, tmp_path / "one")
    assert not kept.put(NAME, tmp_path / "one")
    assert not kept.put(NAME, tmp_path / "other")
    assert fetched(place[0], tmp_path / "back") == (tmp_path / "one").read_bytes()


def test_an_object_that_is_not_there_is_told(place: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=NAME):
        fetched(place[0], tmp_path / "back")


def test_a_corpus_is_kept_and_left_alone_where_it_is_equal(place: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    options = ["--workers", "2000", "--storage", place[0]]
    first = ingest(*options, **place[1])
    assert first.returncode == 0, first
    assert f"kept {NAME} in {place[0]}" in first.stdout
    data = fetched(place[0], tmp_path / "back")
    again = ingest(*options, **place[1])
    assert f"{NAME} was in {place[0]} already" in again.stdout
    assert fetched(place[0], tmp_path / "back") == data


def test_a_corpus_is_not_put_over_another_one(place: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    done = ingest("--workers", "2000", "--seed", "2", "--storage", str(tmp_path / "theirs"))
    assert done.returncode == 0, done
    other = tmp_path / "theirs" / "workers" / "2000-2.parquet"
    storage.connect(place[0]).put(NAME, other)
    refused(ingest("--workers", "2000", "--storage", place[0], **place[1]), 4, NAME, "holds other rows")
    assert fetched(place[0], tmp_path / "back") == other.read_bytes()


def test_something_else_in_its_place_is_told(place: tuple[str, dict[str, str]], tmp_path: Path) -> None:
    (tmp_path / "note").write_bytes(b"a note")
    storage.connect(place[0]).put(NAME, tmp_path / "note")
    refused(ingest("--workers", "2000", "--storage", place[0], **place[1]), 4, NAME, "holds other rows")
    assert fetched(place[0], tmp_path / "back") == b"a note"


# ------------------------------------------------------------------ what cannot be


@pytest.mark.parametrize("name", ["/dev/null", "/dev/null/below", "/proc/none"])
def test_a_folder_that_cannot_be_is_told(name: str) -> None:
    refused(ingest("--workers", "10", "--storage", name), 4, name)


@pytest.mark.parametrize("name", ["s3://", "s3:///", "s3:////x"])
def test_an_address_without_a_bucket_is_told(name: str) -> None:
    refused(ingest("--workers", "10", "--storage", name), 4, "names no bucket")


def test_an_s3_that_is_not_there_is_told(s3: dict[str, str]) -> None:
    done = ingest("--workers", "10", "--storage", "s3://b/x", **s3 | {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"})
    refused(done, 4, "s3://b/x", "127.0.0.1:1")


def test_a_wrong_secret_is_told_and_never_shown(s3: dict[str, str]) -> None:
    done = ingest("--workers", "10", "--storage", "s3://b/x", **s3 | {"AWS_SECRET_ACCESS_KEY": "not-the-secret"})
    refused(done, 4, "s3://b/x")
    assert "not-the-secret" not in done.stderr
