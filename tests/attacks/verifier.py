"""A small verifier of chains, written from the contract, that can leave out each of its checks.

It is there to be attacked: the suite has to accept it as it is, and to see every check that is left out. It keeps whole
files in memory, and no limits; neither is what it is for.
"""

from __future__ import annotations

import hmac
import json
import re
from typing import TYPE_CHECKING

from .chains import EXITS, SUBJECT, Members, Told, error, files, mac_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

MAC = re.compile(r"[0-9a-f]{64}", re.ASCII)
DEEPEST = 128
LARGEST = 2**53
CHECKS = ("not-json", "duplicate", "mac-form", "not-canonical", "mac", "mac-end", "subject", "chain", "prev", "seq",
          "anchor", "genesis-anchor", "truncated", "torn", "last-line", "manifest", "manifest-end",
          "empty-line")  # fmt: skip


class UnsoundError(Exception):
    """What is wrong with a line."""


class Verifier:
    """Answers `verify --subject`, without some of the checks."""

    def __init__(self, *skipped: str) -> None:
        assert set(skipped) <= set(CHECKS)
        self._skipped = skipped

    def ask(self, arguments: Sequence[str], directory: Path) -> Told:
        """Do what `audit verify --subject W-1` does, perhaps with `--anchor`."""
        assert list(arguments[:3]) == ["verify", "--subject", SUBJECT]
        manifest, log = files(SUBJECT)
        key = (directory / "audit.key").read_bytes()
        anchor = arguments[4].split(":") if len(arguments) > 3 else None
        wanted, tip_then = (int(anchor[0]), anchor[1]) if anchor else (0, "")
        try:
            tip = self._manifest((directory / manifest).read_bytes(), key)
        except UnsoundError as unsound:
            return _told(0, None, error("tampered", str(unsound), 1, manifest))
        *lines, rest = (directory / log).read_bytes().split(b"\n")
        if anchor and wanted == 0 and tip != tip_then and self._does("genesis-anchor"):
            return _told(0, tip, error("tampered", "anchor", 0, log))
        for at, line in enumerate(lines, 1):
            if not line and not self._does("empty-line"):
                continue
            last = at == len(lines) and not self._does("last-line")
            try:
                mac = str(_object(line)["mac"]) if last else self._row(line, key, tip, at)
            except UnsoundError as unsound:
                return _told(at - 1, tip, error("tampered", str(unsound), at, log))
            if at == wanted and mac != tip_then and self._does("anchor"):
                return _told(at - 1, tip, error("tampered", "anchor", at, log))
            tip = mac
        count = len(lines)
        if count < wanted and self._does("truncated"):
            return _told(count, tip, error("tampered", "truncated", count + 1, log))
        if rest and self._does("torn"):
            return _told(count, tip, error("torn", "unfinished", count + 1, log))
        return _told(count, tip, None if anchor else error("unanchored", "no-anchor", None, log))

    def _does(self, check: str) -> bool:
        return check not in self._skipped

    def _manifest(self, data: bytes, key: bytes) -> str:
        line, _, behind = data.partition(b"\n")
        one_line = data.endswith(b"\n") and not behind
        try:
            return self._line(line, key, "genesis", one_line=one_line or not self._does("manifest-end"))[1]
        except UnsoundError:
            if self._does("manifest") or not isinstance(found := _object(line).get("genesis"), str):
                raise
            return found

    def _row(self, line: bytes, key: bytes, prev: str, seq: int) -> str:
        row, mac = self._line(line, key, "mac")
        if not row:
            return mac
        wrong_prev = row.get("prev") != prev and self._does("prev")
        wrong_seq = (type(row.get("seq")) is not int or row["seq"] != seq) and self._does("seq")
        if (wrong_prev or wrong_seq) and self._does("chain"):
            raise UnsoundError("chain")
        return mac

    def _line(self, line: bytes, key: bytes, name: str, *, one_line: bool = True) -> tuple[Members, str]:
        try:
            row = _object(line, twice=not self._does("duplicate"))
        except UnsoundError:
            if self._does("not-json"):
                raise
            return {}, "0" * 64
        found = row.get(name)
        if not isinstance(found, str) or not MAC.fullmatch(found):
            if self._does("mac-form"):
                raise UnsoundError("mac-form")
            return row, str(found)
        if (_canonical(row) != line or not one_line) and self._does("not-canonical"):
            raise UnsoundError("not-canonical")
        compared = 64 if self._does("mac-end") else 16
        mac = mac_of(_canonical({member: value for member, value in row.items() if member != name}), key)
        if not hmac.compare_digest(found[:compared], mac[:compared]) and self._does("mac"):
            raise UnsoundError("mac")
        if row.get("subject") != SUBJECT and self._does("subject"):
            raise UnsoundError("subject")
        return row, found


def _told(count: int, tip: str | None, found: Members | None) -> Told:
    answer = {"count": count, "error": found, "tip": tip, "verified": found is None}
    return Told(answer, EXITS[str(found["kind"])] if found else 0)


def _canonical(value: object) -> bytes:
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _plain(value: object) -> object:
    """Return a value with numbers as RFC 8785 writes those that are integers: 1.0 is 1."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _object(line: bytes, *, twice: bool = False) -> Members:
    """Read a line as strictly as the contract's reader, as far as the attacks go."""

    def members(pairs: list[tuple[str, object]]) -> Members:
        if len({name for name, _ in pairs}) < len(pairs) and not twice:
            raise ValueError
        return dict(pairs)

    def integer(text: str) -> int:
        if abs(int(text)) > LARGEST:
            raise ValueError
        return int(text)

    def number(text: str) -> float:
        if float(text) in {float("inf"), float("-inf")}:
            raise ValueError
        return float(text)

    def constant(_: str) -> None:
        raise ValueError

    try:
        text = line.decode()
        value = json.loads(
            text, object_pairs_hook=members, parse_int=integer, parse_float=number, parse_constant=constant
        )
        json.dumps(value, ensure_ascii=False).encode()  # no lone surrogate
    except (ValueError, RecursionError):
        raise UnsoundError("not-json") from None
    if not isinstance(value, dict) or _depth(value) > DEEPEST:
        raise UnsoundError("not-json")
    return value


def _depth(value: object) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    return 1 + max(map(_depth, value), default=0) if isinstance(value, list) else 0
