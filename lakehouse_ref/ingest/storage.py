"""Objects in a local folder or in S3, by obstore: put if there is none, and fetched.

S3 is set up as everywhere: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, and AWS_ENDPOINT_URL for a server that
is not Amazon's.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, S3Store

from lakehouse_ref.ingest.errors import ScratchError, StorageError

if TYPE_CHECKING:
    from pathlib import Path

S3 = "s3://"
RETRIES = 2
FAULTS = (BaseError, OSError, ValueError)
"""What obstore raises: where Python has an exception of its own, that one."""


class Storage(NamedTuple):
    """Where objects are kept."""

    place: str
    """As the user named it."""
    store: LocalStore | S3Store

    def put(self, name: str, file: Path) -> bool:
        """Keep a file as an object; return whether there was none. One that is there stays as it is.

        Raises StorageError.
        """
        try:
            # Not in parts: an upload in parts cannot be made conditional.
            obstore.put(self.store, name, file, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        except FAULTS as error:
            raise StorageError(f"{self.place}: {name} cannot be written: {told(error)}") from error
        return True

    def fetch(self, name: str, file: Path) -> None:
        """Write an object into a file. Raises StorageError, and ScratchError."""
        try:
            parts = obstore.get(self.store, name).stream()
        except FAULTS as error:
            raise StorageError(f"{self.place}: {name} cannot be read: {told(error)}") from error
        try:
            out = file.open("wb")
        except OSError as error:
            raise ScratchError(f"{file} cannot be written: {error.strerror}") from error
        with out:
            while True:
                try:
                    part = next(parts, None)
                except FAULTS as error:
                    raise StorageError(f"{self.place}: {name} cannot be read: {told(error)}") from error
                if part is None:
                    return
                try:
                    out.write(part)
                except OSError as error:
                    raise ScratchError(f"{file} cannot be written: {error.strerror}") from error


def connect(place: str) -> Storage:
    """Return the storage at a folder, which is made, or at `s3://bucket/folder`. Raises StorageError."""
    try:
        if not place.startswith(S3):
            return Storage(place, LocalStore(place, mkdir=True))
        bucket, _, prefix = place.removeprefix(S3).partition("/")
        if not bucket:
            raise StorageError(f"{place}: this names no bucket; s3://BUCKET or s3://BUCKET/FOLDER does")
        plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
        return Storage(
            place,
            S3Store(
                bucket,
                prefix=prefix.strip("/") or None,
                client_options={"allow_http": plain, "connect_timeout": "5s", "timeout": "120s"},
                retry_config={"max_retries": RETRIES},
            ),
        )
    except FAULTS as error:
        raise StorageError(f"{place}: this cannot be a storage: {told(error)}") from error


def told(error: Exception) -> str:
    """Return what obstore says, without its debug output."""
    text = str(error).strip().partition("\n")[0]
    missing = "S3" in text and "AWS_ACCESS_KEY_ID" not in os.environ
    return f"{text}; AWS_ACCESS_KEY_ID is not set" if missing else text
