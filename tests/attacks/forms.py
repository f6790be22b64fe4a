"""Attacks by how a line is spelled: its MAC is the right one for what it says, unless the MAC is the attack."""

from __future__ import annotations

import gzip
import json
import random
from typing import TYPE_CHECKING

from .cases import case, places
from .chains import ABSENT, SUBJECT, broken_manifest, build, canonical

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .cases import Case
    from .chains import Chain

RUBBISH = random.Random(20260503).randbytes(300).replace(b"\n", b"\r")


def marked(count: int) -> Chain:
    """Return a chain whose rows have what can be spelled in several ways: a slash, an accent, a zero, a word."""
    chain = build(0)
    for _ in range(count):
        chain = chain.plus(note="a/b", place="Zürich", word="true", zero=0)
    return chain


def lines(base: Chain) -> Iterator[Case]:
    """Yield a chain of `marked` rows with one line spelled in another way, at the first, middle and last line."""
    for at in places(base):
        line = base.rows[at - 1]
        before, behind = b"".join(base.rows[: at - 1]), b"".join(base.rows[at:])
        for reason, forms in (
            ("mac-form", mac_forms(line)),
            ("mac", wrong_macs(line)),
            ("not-canonical", other_forms(line)),
            ("not-json", no_objects(line)),
        ):
            for name, spelled in forms:
                assert spelled != line
                log = before + spelled + behind
                yield case(f"line {at} {name}", base, log, base.tampered(reason, at))
    yield from endings(base)


def with_mac(line: bytes, mac: object) -> bytes:
    """Return a line with another MAC, or none."""
    row = json.loads(line) | {"mac": mac}
    return canonical({name: value for name, value in row.items() if value is not ABSENT}) + b"\n"


def mac_forms(line: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield MACs that are none."""
    mac = json.loads(line)["mac"]
    cut = (mac[:-1], mac[1:], mac[:32], mac[:16], "", " " + mac[1:], mac[:-1] + " ")
    other = (mac + "0", mac + mac, "0x" + mac[2:], mac[:-1] + "g", mac[:-1] + "A", mac[:-1] + "\u0660")
    for wrong in (*cut, *other, mac.upper(), mac.title()):
        if wrong != mac:
            yield f"with the MAC {wrong!r}", with_mac(line, wrong)
    for value in (None, 0, True, [mac], {"mac": mac}, ABSENT):
        yield f"with a MAC that is {type(value).__name__}", with_mac(line, value)
    yield "empty object", b"{}\n"
    yield "with only what it has inside", canonical({"more": json.loads(line)}) + b"\n"


def wrong_macs(line: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield MACs that are well-formed, and another one in one digit."""
    mac = json.loads(line)["mac"]
    for at in range(64):
        digit = "0" if mac[at] != "0" else "f"
        yield f"with digit {at} of the MAC changed", with_mac(line, mac[:at] + digit + mac[at + 1 :])


def other_forms(line: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield lines that say the same, and have the right MAC."""
    row = json.loads(line)
    bare = line[:-1]
    yield "with a CR before its LF", bare + b"\r\n"
    for name, space in (("space", b" "), ("tab", b"\t"), ("CR", b"\r")):
        yield f"behind a {name}", space + line
        yield f"with a {name} behind it", bare + space + b"\n"
        yield f"with a {name} behind a colon", line.replace(b":", b":" + space, 1)
        yield f"with a {name} before a comma", line.replace(b',"', space + b',"', 1)
        yield f"with a {name} in its braces", b"{" + space + line[1:]
    yield "with spaces as usual", json.dumps(row, sort_keys=True, ensure_ascii=False).encode() + b"\n"
    turned = dict(sorted(row.items(), reverse=True))
    yield "with its members reversed", json.dumps(turned, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    accessor = dict(sorted(row["accessor"].items(), reverse=True))
    turned = dict(sorted((row | {"accessor": accessor}).items()))
    yield "with inner members reversed", json.dumps(turned, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
    yield "in ASCII", json.dumps(row, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    for name, old, new in (
        ("an escaped letter", b'"gateway"', b'"\\u0067ateway"'),
        ("an escaped slash", b"a/b", b"a\\/b"),
        ("a slash escaped by number", b"a/b", b"a\\u002fb"),
        ("an escaped name", b'"result":', b'"\\u0072esult":'),
        ("an escaped name of the MAC", b'"mac":', b'"m\\u0061c":'),
        ("an escaped digit of the MAC", b'"mac":"%b' % row["mac"][:1].encode(), b'"mac":"\\u00%x' % ord(row["mac"][0])),
        ("an escaped subject", b'"W-1"', b'"\\u0057-1"'),
        ("minus zero", b'"zero":0', b'"zero":-0'),
        ("0.0", b'"zero":0', b'"zero":0.0'),
        ("-0.0", b'"zero":0', b'"zero":-0.0'),
        ("0e0", b'"zero":0', b'"zero":0e0'),
        ("1e-400", b'"zero":0', b'"zero":1e-400'),
    ):
        yield f"with {name}", changed(line, old, new)
    seq = b'"seq":%d' % row["seq"]
    for number in (".0", ".000", "e0", "E0", "e+0", "e-0", ".0e0"):
        yield f"with seq {number}", changed(line, seq, seq + number.encode())
    yield "with seq by tens", changed(line, seq, b'"seq":%d0e-1' % row["seq"])


def no_objects(line: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield lines that the strict reader refuses, or that are no object."""
    bare = line[:-1]
    for name, old, new in (
        ("a member twice", b'"result":"ok"', b'"result":"ok","result":"ok"'),
        ("an escaped member twice", b'"result":"ok"', b'"result":"ok","\\u0072esult":"no"'),
        ("two MACs", b'"mac":', b'"mac":"x","mac":'),
        ("an inner member twice", b'"kind":"api"', b'"kind":"api","kind":"api"'),
        ("an integer beyond 2^53", b'"zero":0', b'"zero":9007199254740993'),
        ("an infinite number", b'"zero":0', b'"zero":1e999'),
        ("NaN", b'"zero":0', b'"zero":NaN'),
        ("Infinity", b'"zero":0', b'"zero":Infinity'),
        ("a leading zero", b'"zero":0', b'"zero":00'),
        ("a plus", b'"zero":0', b'"zero":+0'),
        ("no digit behind the dot", b'"zero":0', b'"zero":0.'),
        ("a hexadecimal number", b'"zero":0', b'"zero":0x0'),
        ("a trailing comma", b"}\n", b",}\n"),
        ("a comment", b'"zero":0', b'"zero":0/**/'),
        ("single quotes", b'"ok"', b"'ok'"),
        ("a lone surrogate", b"a/b", b"\\ud800"),
        ("surrogates turned", b"a/b", b"\\udc00\\ud800"),
        ("an unknown escape", b"a/b", b"a\\x2fb"),
        ("a raw tab in text", b"a/b", b"a\tb"),
        ("a raw NUL in text", b"a/b", b"a\0b"),
        ("an overlong slash", b"a/b", b"a\xc0\xafb"),
        ("an encoded surrogate", b"a/b", b"a\xed\xa0\x80b"),
        ("beyond U+10FFFF", b"a/b", b"a\xf4\x90\x80\x80b"),
        ("Latin-1", "ü".encode(), b"\xfc"),
        ("half a letter", "ü".encode(), b"\xc3"),
        ("too deep", b'"zero":0', b'"zero":' + b"[" * 128 + b"]" * 128),
        ("endlessly deep", b'"zero":0', b'"zero":' + b"[" * 100_000),
    ):
        yield f"with {name}", changed(line, old, new)
    for name, spelled in (
        ("empty", b""),
        ("only a CR", b"\r"),
        ("only spaces", b"   "),
        ("behind a byte-order mark", b"\xef\xbb\xbf" + bare),
        ("with a byte-order mark behind it", bare + b"\xef\xbb\xbf"),
        ("behind a NUL", b"\0" + bare),
        ("with a NUL behind it", bare + b"\0"),
        ("with a no-break space behind it", bare + b"\xc2\xa0"),
        ("with a form feed behind it", bare + b"\f"),
        ("with a next line behind it", bare + b"\xc2\x85"),
        ("twice on one line", bare + bare),
        ("with a comma behind it", bare + b","),
        ("in an array", b"[" + bare + b"]"),
        ("as text", json.dumps(bare.decode()).encode()),
        ("null", b"null"),
        ("true", b"true"),
        ("a number", b"1"),
        ("a text", b'"row"'),
        ("an empty array", b"[]"),
        ("half of it", bare[: len(bare) // 2]),
        ("all but its brace", bare[:-1]),
        ("NULs", bytes(400)),
        ("rubbish", RUBBISH),
        ("UTF-16", bare.decode().encode("utf-16").replace(b"\n", b"")),
        ("packed", gzip.compress(bare).replace(b"\n", b"")),
    ):
        yield name, spelled + b"\n"
    yield "empty, and twice", b"\n\n" + line
    yield "behind an empty one", b"\n" + line
    yield "cut in two", line[:50] + b"\n" + line[50:]


def changed(line: bytes, old: bytes, new: bytes) -> bytes:
    """Return a line with one place changed, which has to be there."""
    assert old in line, (old, line)
    return line.replace(old, new, 1)


def endings(base: Chain) -> Iterator[Case]:
    """Yield other ends of lines, and what stands behind the last one."""
    count = base.count
    yield case("CRLF throughout", base, base.log.replace(b"\n", b"\r\n"), base.tampered("not-canonical", 1))
    yield case("CR throughout", base, base.log.replace(b"\n", b"\r"), base.torn(1), base.truncated(1))
    yield case("no line's end", base, base.log.replace(b"\n", b""), base.torn(1), base.truncated(1))
    yield case("no last LF", base, base.log[:-1], base.torn(count), base.truncated(count))
    yield case("an empty last line", base, base.log + b"\n", base.tampered("not-json", count + 1))
    yield case("a byte-order mark", base, b"\xef\xbb\xbf" + base.log, base.tampered("not-json", 1))
    yield case("packed", base, gzip.compress(base.log) + b"\n", base.tampered("not-json", 1))
    following = base.plus().rows[-1]
    tails = {
        "a whole row": following[:-1],
        "half a row": following[:90],
        "a space": b" ",
        "a CR": b"\r",
        "a NUL": b"\0",
    }
    for name, tail in (tails | {"rubbish": RUBBISH, "NULs": bytes(4096)}).items():
        yield case(f"{name} without an LF", base, base.log + tail, base.torn(count + 1))


def manifests(base: Chain) -> Iterator[Case]:
    """Yield the manifest spelled in another way."""
    line = base.manifest
    bare = line[:-1]
    members = json.loads(line)
    genesis = members["genesis"]
    turned = json.dumps(dict(sorted(members.items(), reverse=True)), separators=(",", ":")).encode() + b"\n"
    forms: list[tuple[str, str, bytes]] = [
        ("not-json", "empty", b""),
        ("not-json", "an empty line", b"\n"),
        ("not-json", "behind an empty line", b"\n" + line),
        ("not-json", "behind a byte-order mark", b"\xef\xbb\xbf" + line),
        ("not-json", "in an array", b"[" + bare + b"]\n"),
        ("not-json", "NULs", bytes(200)),
        ("not-json", "rubbish", RUBBISH),
        ("not-json", "subject twice", changed(line, b'"subject"', b'"subject":"W-1","subject"')),
        ("not-json", "half of it", bare[: len(bare) // 2]),
        ("not-canonical", "without LF", bare),
        ("not-canonical", "with two LF", line + b"\n"),
        ("not-canonical", "with a second line", line + line),
        ("not-canonical", "with something behind its LF", line + b"x"),
        ("not-canonical", "with CRLF", bare + b"\r\n"),
        ("not-canonical", "behind a space", b" " + line),
        ("not-canonical", "reversed", turned),
        ("not-canonical", "with spaces", json.dumps(members, sort_keys=True).encode() + b"\n"),
        ("not-canonical", "with an escape", changed(line, b'"W-1"', b'"\\u0057-1"')),
    ]
    for value in (ABSENT, None, 0, "", genesis[:-1], genesis + "0", genesis.upper(), [genesis]):
        made = {name: one for name, one in (members | {"genesis": value}).items() if one is not ABSENT}
        said = "none" if value is ABSENT else repr(value)
        forms.append(("mac-form", f"with the genesis {said}", canonical(made) + b"\n"))
    for reason, name, manifest in forms:
        told = broken_manifest(reason, SUBJECT)
        yield case(f"a manifest {name}", base, base.log, told, manifest=manifest)
