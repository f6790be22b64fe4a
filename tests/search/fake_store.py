"""What the suite's own matrixd keeps: a journal of lines `CRC JSON` for each index, rewritten when it is long."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import threading
import time
import zlib
from typing import TYPE_CHECKING, Any

from tests.search.fake_rules import DropError, state
from tests.search.oracle import Index, embed

if TYPE_CHECKING:
    from pathlib import Path

LONG = 200_000


def line(entry: dict[str, Any]) -> bytes:
    """Return a record of a journal."""
    text = json.dumps(entry).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def entry_of(text: bytes) -> dict[str, Any] | None:
    """Return what a record says, None where it is none."""
    if text[8:9] != b" " or text[:8] != b"%08x" % zlib.crc32(text[9:]):
        return None
    return dict(json.loads(text[9:]))


class Kept:
    """An index and its files."""

    def __init__(self, file: Path, fault: str) -> None:
        self.file, self.fault, self.index = file, fault, Index()
        self.dimension: int | None = None
        self.vectors: dict[str, dict[str, Any]] = {}
        self.updates = 0
        if file.exists():
            self.recover()

    def recover(self) -> None:
        """Read the journal."""
        *lines, torn = self.file.read_bytes().split(b"\n")
        for at, text in enumerate(lines):
            entry = entry_of(text)
            if entry is None and (self.fault == "damage-ends" or (at == len(lines) - 1 and not torn)):
                torn = text
                break
            if entry is None:
                raise ValueError(f"{self.file}: record {at + 1} is damaged; restore it, or take it away")
            self.apply(entry)
        if torn and self.fault == "torn-damage":
            raise ValueError(f"{self.file}: damaged")
        if torn:
            self.rewrite()

    def apply(self, entry: dict[str, Any]) -> None:
        """Do what a record says."""
        if "whole" in entry or "drop" in entry:
            self.index, self.vectors, self.dimension = Index(), {}, entry.get("dimension")
        for item in entry.get("add", entry.get("whole", [])):
            self.vectors[item["id"]] = item
            self.index.add(item["id"], item["vector"], item.get("metadata"))
            self.dimension = len(item["vector"])
            if self.fault == "one-by-one":
                time.sleep(0.001)
        if "delete" in entry:
            del self.vectors[entry["delete"]], self.index.items[entry["delete"]]

    def whole(self) -> dict[str, Any]:
        """Return the record that stands for all."""
        return {"whole": list(self.vectors.values()), "dimension": self.dimension}

    def rewrite(self) -> None:
        """Write the journal anew."""
        other = self.file.with_suffix(".new")
        other.write_bytes(line(self.whole()))
        other.rename(self.file)

    def write(self, entry: dict[str, Any]) -> None:
        """Write a record, and do what it says."""
        if self.fault == "unwritten":
            threading.Timer(0.2, self.append, [entry]).start()
        else:
            self.append(entry)
        self.apply(entry)
        if self.fault != "grows" and self.file.exists() and self.file.stat().st_size > LONG:
            self.rewrite()

    def append(self, entry: dict[str, Any]) -> None:
        """Write a record to the journal; one that cannot be written as a whole is taken back."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("ab", buffering=0) as opened:
            size = opened.tell()
            data = line(entry)
            try:
                while data:
                    data = data[opened.write(data) :]
            except OSError:
                if self.fault == "unheard":
                    return
                if self.fault != "torn-left":
                    os.ftruncate(opened.fileno(), size)
                raise


class Store:
    """All tenants."""

    def __init__(self, data: Path, fault: str) -> None:
        self.data, self.fault, self.lock = data, fault, threading.Lock()
        data.mkdir(exist_ok=True)
        if not os.access(next(data.iterdir(), data).parent, os.W_OK):
            raise PermissionError(13, "not writable", str(data))
        self.kept = {(file.parent.name, file.stem): Kept(file, fault) for file in sorted(data.glob("*/*.journal"))}

    def known(self, tenant: str, name: str, call: str) -> None:
        """Raise where an index is not known."""
        kept = self.kept.get((tenant, name))
        if call not in {"add", "reload"} and (kept is None or kept.dimension is None):
            raise state(404, "unknown-index")

    def bare(self, tenant: str, name: str, method: str) -> dict[str, Any]:
        """Answer what has no body."""
        with self.lock:
            if not name:
                gone = [key for key in self.kept if key[0] == tenant]
                told = {"dropped": sum(self.kept.pop(key).dimension is not None for key in gone)}
                if self.fault != "files-left":
                    shutil.rmtree(self.data / tenant, ignore_errors=True)
                return told
            self.known(tenant, name, method)
            kept = self.kept[tenant, name]
            if method == "GET":
                return {"dimension": kept.dimension, "size": len(kept.vectors)}
            kept.write({"drop": True})
            return {"dropped": True}

    def answer(self, tenant: str, name: str, call: str, body: dict[str, Any]) -> dict[str, Any]:
        """Answer what has a body."""
        if self.fault == "one-by-one":
            return self.do(tenant, name, call, body)
        with self.lock:
            return self.do(tenant, name, call, body)

    def do(self, tenant: str, name: str, call: str, body: dict[str, Any]) -> dict[str, Any]:
        self.known(tenant, name, call)
        if (tenant, name) not in self.kept:
            self.kept[tenant, name] = Kept(self.data / tenant / f"{name}.journal", self.fault)
        kept = self.kept[tenant, name]
        told: dict[str, Any] = getattr(self, call)(kept, body)
        return told

    def add(self, kept: Kept, body: dict[str, Any]) -> dict[str, Any]:
        dimension = kept.dimension
        items: list[dict[str, Any]] = []
        for item in body["items"]:
            whole = {"vector": embed(item["text"])} | item if "text" in item else item
            if dimension not in {None, len(whole["vector"])}:
                if self.fault == "part-kept":
                    kept.write({"add": items})
                raise state(409, "wrong-dimension")
            dimension = len(whole["vector"])
            items.append(whole)
        updated = sum(item["id"] in kept.vectors for item in items)
        kept.updates += updated
        if self.fault == "drops" and kept.updates > 50:
            kept.updates = 0
            raise DropError
        if self.fault == "race":
            before = dict(kept.vectors)
            self.lock.release()
            time.sleep(0.001)
            self.lock.acquire()
            kept.vectors = before
        kept.write({"add": items})
        return {"added": len(items) - updated, "size": len(kept.vectors), "updated": updated}

    def search(self, kept: Kept, body: dict[str, Any]) -> dict[str, Any]:
        query = embed(body["text"]) if "text" in body else body["vector"]
        if len(query) != kept.dimension:
            raise state(409, "wrong-dimension")
        k, excluded = int(body["k"]), tuple(body.get("excluded_ids", ()))
        if self.fault == "cut-then-excluded":
            found = kept.index.search(query, k)
            found["hits"] = [hit for hit in found["hits"] if hit["id"] not in excluded]
            return found
        if self.fault == "blind-spot" and len(kept.vectors) > 1000:
            excluded += tuple(list(kept.vectors)[::20])
        only = tuple(body["only_ids"]) if "only_ids" in body else None
        found = kept.index.search(query, k, excluded, only)
        for hit in found["hits"] if self.fault == "inexact" else ():
            if round(hit["distance"] * 1e6) % 10 == 7:
                hit["distance"] = (round(hit["distance"] * 1e6) + 1) / 1e6
        return found

    def delete(self, kept: Kept, body: dict[str, Any]) -> dict[str, Any]:
        if body["id"] not in kept.vectors:
            raise state(404, "unknown-id")
        kept.write({"delete": body["id"]})
        return {"deleted": True, "size": len(kept.vectors)}

    def save(self, kept: Kept, _: dict[str, Any]) -> dict[str, Any]:
        name = f"s-{secrets.token_hex(8)}"
        file = kept.file.with_suffix(f".{name}.snapshot")
        other = file.with_suffix(".new")
        other.write_bytes(line(kept.whole()))
        other.rename(file)
        return {"size": len(kept.vectors), "snapshot": name}

    def reload(self, kept: Kept, body: dict[str, Any]) -> dict[str, Any]:
        file = kept.file.with_suffix(f".{body['snapshot']}.snapshot")
        if "/" in body["snapshot"] or not file.exists():
            raise state(404, "unknown-snapshot")
        try:
            data = file.read_bytes()
        except OSError:
            raise state(409, "damaged-snapshot") from None
        entry = entry_of(data[:-1]) if data.endswith(b"\n") else None
        if entry is None and self.fault == "snapshot-unchecked" and len(data) > 9:
            entry = {"whole": [], "dimension": 2}
        if entry is None:
            raise state(409, "damaged-snapshot")
        kept.write(entry)
        return {"dimension": kept.dimension, "size": len(kept.vectors)}
