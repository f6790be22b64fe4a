"""`audit verify` on a folder, the key, and the command line (`fixtures/contract/audit.md`)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lakehouse_ref.audit_lines import LONGEST_LINE
from tests.lakehouse_ref import chains
from tests.lakehouse_ref.chains import (
    GENESIS,
    LOG,
    MANIFEST,
    SUBJECT,
    append,
    audit,
    contents,
    error,
    furnish,
    log,
    mac_of,
    manifest,
    put,
    verify,
)
from tests.lakehouse_ref.instead import instead, replaced_by

if TYPE_CHECKING:
    from pathlib import Path

LINES = log(3)
TIP = mac_of(LINES[2])
NO_MAC = "0" * 64
NO_ANCHORS = ["", "0", f"00:{NO_MAC}", f"0:{'A' * 64}", f"{2**53 + 1}:{NO_MAC}"]


def answer(count: int, tip: str | None, fault: object, **more: object) -> dict[str, object]:
    return {"count": count, "error": fault, "tip": tip, "verified": fault is None} | more


# ------------------------------------------------------------------ one subject


@pytest.mark.parametrize(
    ("data", "anchor", "code", "expected"),
    [
        (LINES, f"3:{TIP}", 0, answer(3, TIP, None)),
        (LINES, f"0:{GENESIS}", 0, answer(3, TIP, None)),
        (LINES, None, 3, answer(3, TIP, error("unanchored", "no-anchor", LOG))),
        ([], None, 3, answer(0, GENESIS, error("unanchored", "no-anchor", LOG))),
        ([*LINES, b"{"], f"3:{TIP}", 4, answer(3, TIP, error("torn", "unfinished", LOG, 4))),
        ([*LINES, b"{"], f"4:{TIP}", 1, answer(3, TIP, error("tampered", "truncated", LOG, 4))),
        (LINES, f"0:{NO_MAC}", 1, answer(0, GENESIS, error("tampered", "anchor", LOG, 0))),
        ([b"x" * (LONGEST_LINE + 1)], None, 5, answer(0, GENESIS, error("unreadable", "line-too-long", LOG, 1))),
        ([LINES[0], LINES[2]], None, 1, answer(1, mac_of(LINES[0]), error("tampered", "chain", LOG, 2))),
    ],
)
def test_a_chain_is_answered_with_its_exit_code(
    tmp_path: Path, data: list[bytes], anchor: str | None, code: int, expected: object
) -> None:
    furnish(tmp_path, count=1)
    put(tmp_path, LOG, b"".join(data), 0o400)
    before = contents(tmp_path)
    touched: set[str] = set()
    assert verify(tmp_path, *([] if anchor is None else ["--anchor", anchor]), touched=touched) == (code, expected)
    assert touched == {"verify-subject"}
    assert contents(tmp_path) == before


@instead
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_manifest_or_a_log_that_can_not_be_read(tmp_path: Path, kind: str, reason: str) -> None:
    furnish(tmp_path, count=2)
    replaced_by(kind)(tmp_path / LOG)
    assert verify(tmp_path, "--anchor", f"9:{NO_MAC}") == (5, answer(0, GENESIS, error("unreadable", reason, LOG)))
    replaced_by(kind)(tmp_path / MANIFEST)
    assert verify(tmp_path) == (5, answer(0, None, error("unreadable", reason, MANIFEST)))


def test_half_a_chain_is_noted(tmp_path: Path) -> None:
    furnish(tmp_path, count=2)
    (tmp_path / LOG).unlink()
    touched: set[str] = set()
    verify(tmp_path, touched=touched)
    assert "half-there" in touched
    (tmp_path / MANIFEST).unlink()
    touched = set()
    verify(tmp_path, touched=touched)
    assert "half-there" not in touched, "nothing at all is not half"


def test_a_manifest_that_is_too_long(tmp_path: Path) -> None:
    furnish(tmp_path, count=2)
    put(tmp_path, MANIFEST, b"x" * 3 * LONGEST_LINE)
    assert verify(tmp_path) == (5, answer(0, None, error("unreadable", "line-too-long", MANIFEST, 1)))
    put(tmp_path, MANIFEST, manifest() + b"x" * 3 * LONGEST_LINE)
    assert verify(tmp_path) == (1, answer(0, None, error("tampered", "not-canonical", MANIFEST, 1)))


# ------------------------------------------------------------------ the key


@pytest.mark.parametrize("mode", [0o600, 0o400, 0o700, 0o500])
@pytest.mark.parametrize("length", [32, 33, 4096])
def test_a_key(tmp_path: Path, mode: int, length: int) -> None:
    put(tmp_path, "audit.key", b"\n" * length, mode)
    put(tmp_path, "event.json", chains.EVENT)
    assert append(tmp_path)[0] == 0
    genesis = json.loads((tmp_path / MANIFEST).read_bytes())["genesis"]
    value = json.loads(manifest())
    del value["genesis"]
    assert genesis == chains.mac(chains.canonical(value), b"\n" * length), "its bytes as they are"


@pytest.mark.parametrize(
    ("length", "mode", "reason"),
    [
        *((32, 0o600 | foreign, "key-permissions") for foreign in (1, 2, 4, 0o10, 0o20, 0o40, 0o77)),
        (31, 0o600, "key-too-short"),
        (0, 0o600, "key-too-short"),
        (4097, 0o600, "key-too-long"),
        (0, 0o644, "key-permissions"),
        (99999, 0o604, "key-permissions"),
    ],
)
def test_what_is_no_key(tmp_path: Path, length: int, mode: int, reason: str) -> None:
    furnish(tmp_path, count=1)
    put(tmp_path, "k", b"x" * length, mode)
    fault = error("unreadable", reason, "k")
    touched: set[str] = set()
    assert verify(tmp_path, "--key", "k", touched=touched) == (5, answer(0, None, fault))
    assert touched == {"verify-subject", "key-option", "key-file"}
    assert audit(tmp_path, "verify", "--key", "k") == (5, {"error": fault, "subjects": []})
    assert append(tmp_path, "--key", "k") == (5, {"count": None, "error": fault, "tip": None})


def test_another_key_verifies_nothing(tmp_path: Path) -> None:
    furnish(tmp_path, count=1)
    put(tmp_path, "k", b"x" * 32)
    assert verify(tmp_path, "--key", "k") == (1, answer(0, None, error("tampered", "mac", MANIFEST, 1)))


# ------------------------------------------------------------------ all subjects


def test_no_subject_is_not_green(tmp_path: Path) -> None:
    put(tmp_path, "audit.key", chains.KEY)
    put(tmp_path, "anchors", {})
    for _ in range(2):
        assert audit(tmp_path, "verify") == (5, {"subjects": []})
        assert audit(tmp_path, "verify", "--anchors", "anchors") == (5, {"subjects": []})
        (tmp_path / "subjects").mkdir(exist_ok=True)
    (tmp_path / "subjects").rmdir()
    put(tmp_path, "subjects", b"a file")
    assert audit(tmp_path, "verify") == (5, {"subjects": []})


def test_every_subject_in_the_order_of_their_bytes(tmp_path: Path) -> None:
    names = ["-", "0", "A", "B.manifest.json", "Z", "_", "a", "a.b", "z" * 64]
    furnish(tmp_path)
    for name in names:
        furnish(tmp_path, 1, name)
    for other in (
        "x.torn",
        ".x.manifest.json",
        ".manifest.json",
        "x.audit.jsonl.old",
        "y" * 65 + ".audit.jsonl",
        "ä.audit.jsonl",
    ):
        put(tmp_path, f"subjects/{other}", b"?")
    put(tmp_path, "subjects/lonely.audit.jsonl", b"")
    (tmp_path / "subjects/empty.manifest.json").mkdir()
    touched: set[str] = set()
    code, told = audit(tmp_path, "verify", touched=touched)
    assert code == 5
    assert touched == {"verify-all", "half-there"}
    assert [one["subject"] for one in told["subjects"]] == sorted([*names, "lonely", "empty"])
    assert {one["subject"]: one["error"]["reason"] for one in told["subjects"] if one["count"] == 0} == {
        "lonely": "missing",
        "empty": "not-a-file",
    }


def test_with_anchors_all_may_be_verified(tmp_path: Path) -> None:
    for name in ("a", "b"):
        furnish(tmp_path, 2, name)
    tips = {name: mac_of(log(2, name)[1]) for name in ("a", "b")}
    put(tmp_path, "anchors", {name: f"2:{tip}" for name, tip in tips.items()})
    touched: set[str] = set()
    verified = {"subjects": [answer(2, tip, None, subject=name) for name, tip in tips.items()]}
    assert audit(tmp_path, "verify", "--anchors", "anchors", touched=touched) == (0, verified)
    assert touched == {"verify-all", "anchors-file"}
    put(tmp_path, "anchors", {name: f"2:{tip}" for name, tip in [*tips.items(), ("0", NO_MAC)]})
    missing = error("unreadable", "missing", "subjects/0.manifest.json")
    told = {"subjects": [answer(0, None, missing, subject="0"), *verified["subjects"]]}
    assert audit(tmp_path, "verify", "--anchors", "anchors") == (5, told), "a subject that was deleted as a whole"


def test_the_exit_code_is_the_worst_one(tmp_path: Path) -> None:
    furnish(tmp_path)
    anchors = {}
    worst = []
    for name, spoil, code in (
        ("e", lambda data: data, 0),
        ("d", lambda data: data, 3),
        ("c", lambda data: data + b"torn", 4),
        ("b", lambda _: b"x" * (LONGEST_LINE + 1), 5),
        ("a", lambda data: data.replace(b"ok", b"no"), 1),
    ):
        furnish(tmp_path, 1, name)
        data = (tmp_path / f"subjects/{name}.audit.jsonl").read_bytes()
        put(tmp_path, f"subjects/{name}.audit.jsonl", spoil(data))
        if name != "d":
            anchors[name] = f"0:{mac_of(manifest(name))}"
        put(tmp_path, "anchors", anchors)
        worst.append((audit(tmp_path, "verify", "--anchors", "anchors")[0], code))
    assert [told for told, _ in worst] == [code for _, code in worst]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        *((data, "not-json") for data in (b"", b"{", b"\xff", b'{"a":"","a":""}')),
        *((data, "anchors-shape") for data in (b"[]", b"null", b'"x"', {"a": 1}, {"a": None}, {"a": ["x"]})),
        *(({name: f"0:{NO_MAC}"}, "anchors-shape") for name in ("", ".a", "a/b", "x" * 65, "é", "a\n")),
        *(
            ({"a": text}, "anchors-shape")
            for text in ("", "0", f"00:{NO_MAC}", f"0:{'A' * 64}", f"{2**53 + 1}:{NO_MAC}")
        ),
        ({"b": f"0:{NO_MAC}", "a": ""}, "anchors-shape"),
        (b"{}".ljust(LONGEST_LINE + 1), "anchors-shape"),
    ],
)
def test_anchors_that_are_none(tmp_path: Path, data: object, reason: str) -> None:
    furnish(tmp_path, 1)
    put(tmp_path, "anchors", data)
    told = {"error": error("unreadable", reason, "anchors"), "subjects": []}
    assert audit(tmp_path, "verify", "--anchors", "anchors") == (5, told)
    (tmp_path / "audit.key").unlink()
    told = {"error": error("unreadable", "missing", "audit.key"), "subjects": []}
    assert audit(tmp_path, "verify", "--anchors", "anchors") == (5, told), "the key comes first"


def test_anchors_in_the_longest_text(tmp_path: Path) -> None:
    furnish(tmp_path, 3)
    put(tmp_path, "anchors", json.dumps({SUBJECT: f"3:{TIP}"}).encode().ljust(LONGEST_LINE))
    assert audit(tmp_path, "verify", "--anchors", "anchors")[0] == 0


# ------------------------------------------------------------------ the command line


@pytest.mark.parametrize(
    "arguments",
    [
        *([], ["help"], ["--help"], ["-h"], ["serve", "x"], ["Append"], [""], ["baselines"], ["baselines", "list"]),
        *(["append"], ["append", "--subject", "a"], ["append", "--event", "e"], ["append", "--subject"]),
        ["append", "--subject", "a", "--event", "e", "x"],
        ["append", "--subject", "a", "--event", "e", "--subject", "a"],
        ["append", "--subject", "a", "--event=e"],
        ["append", "--subject", "a", "--event", "e", "--anchor", f"0:{NO_MAC}"],
        ["append", "--subject", "a", "--event", ""],
        ["append", "--subject", "a", "--event", "e", "--key", "a\0b"],
        ["append", "--subject", "a", "--event", "\udcff"],
        *(["append", "--event", "e", "--subject", name] for name in ("", ".", "..", ".a", "a/b", "a b", "é", "x" * 65)),
        *(
            ["verify", "x"],
            ["verify", "--subject"],
            ["verify", "--key"],
            ["verify", "--key", ""],
            ["verify", "--event", "e"],
        ),
        ["verify", "--anchor", f"0:{NO_MAC}"],
        ["verify", "--anchors", "a", "--subject", "a"],
        ["verify", "--anchors", "a", "--anchor", f"0:{NO_MAC}"],
        *(
            ["verify", "--subject", "a", "--anchor", text]
            for text in ("", "0", f"00:{NO_MAC}", f"{2**53 + 1}:{NO_MAC}")
        ),
        *(["recover"], ["recover", "a"], ["recover", "--subject", "a", "--key", "k"], ["recover", "--subject", ".a"]),
        *(["baselines", command] for command in ("load", "last", "append", "copy", "drift")),
        *(["baselines", command, ""] for command in ("load", "last", "drift")),
        *(["baselines", command, "a", "b"] for command in ("load", "last", "drift")),
        *(["baselines", command, "--key", "k"] for command in ("load", "last", "drift")),
        *(["baselines", "load", "a", "--entry", "b"], ["baselines", "load", "--", "a"]),
        *(
            ["baselines", "append", "a"],
            ["baselines", "append", "--entry", "a"],
            ["baselines", "append", "a", "--entry"],
        ),
        *(["baselines", "copy", "a"], ["baselines", "copy", "a", "b", "c"], ["baselines", "copy", "a", ""]),
    ],
)
def test_a_command_line_that_is_not_understood(tmp_path: Path, arguments: list[str]) -> None:
    furnish(tmp_path, 1, "a")
    before = contents(tmp_path)
    touched: set[str] = set()
    assert audit(tmp_path, *arguments, touched=touched) == (2, None)
    assert touched == {"command-line"}
    assert contents(tmp_path) == before


def test_options_may_stand_in_any_order(tmp_path: Path) -> None:
    furnish(tmp_path)
    (tmp_path / "audit.key").rename(tmp_path / "--k")
    touched: set[str] = set()
    arguments = ["append", "--key", "--k", "--event", "event.json", "--subject", "-x"]
    assert audit(tmp_path, *arguments, touched=touched)[0] == 0
    assert touched == {"append", "first-append", "key-option"}
    assert audit(tmp_path, "verify", "--anchor", f"0:{NO_MAC}", "--key", "--k", "--subject", "-x")[0] == 1
    entry = {"at": chains.TS, "commit": "unknown", "metrics": {}}
    put(tmp_path, "e", entry)
    for count, more in enumerate((["-b", "--entry", "e"], ["--entry", "e", "-b"]), 1):
        assert audit(tmp_path, "baselines", "append", *more) == (0, {"count": count, "error": None})
