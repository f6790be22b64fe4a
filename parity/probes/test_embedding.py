"""The probe of embedding: how a text becomes a vector."""

from __future__ import annotations

from parity import Probe
from parity.generate.grammar import concat, mutated, pick, repeat, weighted
from parity.model import DriftClass
from parity.probes.json_text import BAD_UTF8, DIGITS, UNICODE, WORDS

ASKED = pick("Need 3 ", "Need 12 ", "need ", "")
ROLES = pick(
    "Forklift Operators", "CNC Machinist", "warehouse associate", "PICKER", "OSHA-10 Welder", "Loader/Unloader"
)
PLACES = pick(" in Aurora IL", ", Detroit MI", " @ Indianapolis, IN", " Coeur d'Alene ID", " St. Louis MO", "")
LETTERS = pick(
    *("É", "é", "e\u0301", "Café", "İ", "\u0131", "ß", "ẞ", "K", "\u212a", "Å", "Ω", "ω", "Ж", "ж", "Ǆ", "ǆ", "\u00a0"),
    *("你好", "⭐", "\U0001f69c", "\u200b", "\ufeff", "\u0000", "\u007f", "\u0080", "\uffff", "\U0010ffff", "٣", "½"),
)
PIECE = weighted(
    (6, WORDS),
    (3, DIGITS),
    (0.15, UNICODE),
    (0.12, LETTERS),
    (1, pick("a", "Z", "_", "-", "'", "^", "$", ":", "w:a", "g:", "p:a b", "\n", "\t", "\r\n")),
)
TEXT = weighted(
    (5, concat(ASKED, ROLES, PLACES)),
    (6, repeat(PIECE, 0, 8, pick(" ", "", ", ", "  "))),
    (0.3, concat(repeat(WORDS, 1, 3, " "), " ", repeat(WORDS, 1, 3, " "), " ", repeat(WORDS, 20, 60, " "))),
    (0.2, repeat(pick("ab ", "ab"), 2, 40)),
    (0.1, pick("", " ", "!?", "\n")),
)

embedding = Probe(
    surface="embedding",
    inputs=weighted((95, TEXT), (4, mutated(TEXT, b"aZ \xc3\xa9\xff\x80^$")), (1, concat(TEXT, BAD_UTF8))),
    accepted=lambda answer: bool(answer.get("components")),
    places=(),  # one feature more or less moves several components
    drift_classes=(
        DriftClass(
            "upper-folded",
            "capital letters beyond ASCII are folded",
            lambda data: data.decode("utf-8", "surrogateescape").lower().encode("utf-8", "surrogateescape"),
        ),
    ),
)
