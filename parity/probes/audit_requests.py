"""The inputs of subject_audit: chains, sound or attacked, single rows, JSON to write canonically, broken requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from parity.generate.grammar import concat, mapped, mutated, pick, repeat, weighted
from parity.probes.audit_attacks import ATTACKS, MANIFEST_FAULTS, text
from parity.probes.audit_chains import NO_MAC, SUBJECTS, chain
from parity.probes.audit_rows import BODIES, HEX, PECULIAR, PLAIN, read_bodies
from parity.probes.json_text import BROKEN_OBJECT, DIGITS, OBJECT

if TYPE_CHECKING:
    from parity.generate.grammar import Grammar
    from parity.probes.audit_chains import Chain

KEYS = (
    b"0123456789abcdef0123456789abcdef",
    bytes(range(200, 232)),
    b"k" * 64,
    b"k" * 65,  # beyond SHA-256's block: hashed first
    b"",
)
ANCHORS = ("none", "at", "earlier", "zero", "beyond", "other", "shorter")
LONGEST = 1_048_576

Header = dict[str, str]


def anchor(sound: Chain, kind: str, number: int) -> str | None:
    """Return an anchor of a chain: met, not met or none at all."""
    count = len(sound.lines)
    tips = [sound.genesis, *sound.macs]
    match kind:
        case "at":
            return f"{count}:{tips[count]}"
        case "earlier":
            return f"{number % (count + 1)}:{tips[number % (count + 1)]}"
        case "zero":
            return f"0:{sound.genesis}"
        case "beyond":
            return f"{count + 1 + number % 3}:{tips[count]}"
        case "other":
            return f"{number % (count + 1)}:{NO_MAC}"
        case "shorter":
            return f"{max(0, count - 1)}:{tips[count]}"
        case _:
            return None


def _verify(recipe: bytes) -> bytes:
    """Carry out what the grammar drew: make a chain, attack it, and ask for its verification."""
    head, _, rows = recipe.decode().partition("\n")
    key_at, subject, attack, place, drawn, anchored, fault = head.split("\t")
    sound = chain(KEYS[int(key_at)], subject, read_bodies(rows))
    number = int(drawn)
    at = int(place) * len(sound.lines) // 1000
    log = text(sound.lines) if attack == "none" else ATTACKS[attack](sound, at, number)
    first = sound.manifest if fault == "none" else MANIFEST_FAULTS[fault](sound)
    header: Header = {"op": "verify", "key": sound.key.hex(), "subject": subject, "manifest": first.decode()}
    if (wanted := anchor(sound, anchored, number)) is not None:
        header["anchor"] = wanted
    return msgspec.json.encode(header) + b"\n" + log


def _row(recipe: bytes) -> bytes:
    """Ask for the canonical bytes and the MAC of one row, as it would stand in a chain."""
    key_at, _, rows = recipe.decode().partition("\n")
    sound = chain(KEYS[int(key_at)], "W-1", read_bodies(rows))
    return b'{"op":"row","key":"%b"}\n%b' % (sound.key.hex().encode(), sound.lines[0])


def _of(names: dict[str, float], default: tuple[str, float], known: dict[str, object]) -> Grammar:
    """Return a choice among all the known names, weighing 1 unless said otherwise."""
    return weighted((default[1], default[0]), *[(names.get(name, 1.0), name) for name in known])


ATTACK = _of({"torn": 4, "mac-late-digit": 4, "foreign": 4, "truncated": 3, "edited": 5}, ("none", 70), {**ATTACKS})
MANIFEST_FAULT = _of({}, ("none", 150), {**MANIFEST_FAULTS})
ANCHOR = weighted((8, "none"), (10, "at"), (3, "earlier"), (1, "zero"), (1, "beyond"), (1, "other"), (0.5, "shorter"))
NUMBER = repeat(DIGITS, 4, 4)
PLACE = repeat(DIGITS, 3, 3)
SUBJECT = pick(*SUBJECTS)
KEY = pick("0", "1", "2", "3", "4")
VERIFY = mapped(
    concat(
        KEY, "\t", SUBJECT, "\t", ATTACK, "\t", PLACE, "\t", NUMBER, "\t", ANCHOR, "\t", MANIFEST_FAULT, "\n", BODIES
    ),
    _verify,
)
ROW_TEXT = weighted((3, PLAIN), (3, PECULIAR))
HEX_KEY = weighted((1, b""), (5, repeat(concat(HEX, HEX), 1, 70)))
ROW = weighted(
    (3, mapped(concat(KEY, "\n", ROW_TEXT), _row)),
    (2, concat('{"op":"row","key":"', HEX_KEY, '"}\n', OBJECT)),
    (1, concat('{"op":"row","key":"', HEX_KEY, '"}\n', BROKEN_OBJECT)),
)
CANONICAL = concat(
    '{"op":"canonical"}\n', pick("", " ", "\n"), weighted((5, OBJECT), (1, BROKEN_OBJECT)), pick("", "\n")
)
MAC = concat('{"op":"mac","key":"', HEX_KEY, '"}\n', weighted((3, OBJECT), (1, pick("", "a", b"\xff\x00", "x" * 119))))
REQUEST_FAULT = weighted(
    (3, mutated(concat('{"op":"', pick("mac", "row", "canonical", "verify"), '","key":"00"}\n{}'), b'{}",:0f\n ')),
    (1, pick(b"", b"\n", b"{}\n", b"null\n", b'{"op":"mac","key":"0"}\n', b'{"op":"mac","key":"0G"}\n')),
    (1, pick(b'{"op":"mac","key":"AA"}\n', b'{"op":"mac"}\n', b'{"op":"sign","key":""}\n', b'{"op":"mac","key":1}\n')),
    (
        2,
        concat(
            '{"op":"verify","key":"","manifest":"","subject":"',
            pick("W-1", ".a", "", "a b", "W" * 65, "é"),
            '"',
            pick("", ',"anchor":"0:' + NO_MAC + '"', ',"anchor":"01:' + NO_MAC + '"', ',"anchor":"-1:' + NO_MAC + '"'),
            pick("", ',"x":1', ',"anchor":"1"', ',"anchor":"9007199254740993:' + NO_MAC + '"'),
            "}\n",
        ),
    ),
)


def _long_line(recipe: bytes) -> bytes:
    """Write a line about as long as a line may be, sound otherwise, with LF or without."""
    anchored, more, end = recipe.decode().split("\t")
    sound = chain(KEYS[0], "W-1", read_bodies('{"accessor":{},"fields":[]\t"ok"\t2026-05-03T10:11:12Z\t,"x":""'))
    room = LONGEST + int(more) - len(sound.lines[0])
    body = f'{{"accessor":{{}},"fields":[]\t"ok"\t2026-05-03T10:11:12Z\t,"x":"{"x" * room}"'
    sound = chain(KEYS[0], "W-1", read_bodies(body))
    header: Header = {"op": "verify", "key": KEYS[0].hex(), "subject": "W-1", "manifest": sound.manifest.decode()}
    if (wanted := anchor(sound, anchored, 0)) is not None:
        header["anchor"] = wanted
    return msgspec.json.encode(header) + b"\n" + sound.lines[0] + end.encode()


LONG_LINE = mapped(concat(pick("none\t", "at\t"), pick("-1", "0", "1", "2"), pick("\t", "\t\n")), _long_line)

REQUESTS = weighted((62, VERIFY), (20, ROW), (8, CANONICAL), (5, MAC), (5, REQUEST_FAULT), (0.02, LONG_LINE))
