"""What callers of /v1/validate send: sound requests, each flaw of the contract by itself, and what is no request.

The parts of a request depend on each other: the worker's city is the order's, and the e-mail names the order. A grammar
has no memory, so a request is drawn with marks in it, behind the values that they stand for, and filled in afterwards.
"""

from __future__ import annotations

import re

from parity.generate.grammar import Grammar, concat, mapped, mutated, pick, repeat, weighted
from parity.probes.json_text import BAD_UTF8, DEEP, DIGITS, DUPLICATES, LARGE_INTEGER, LONE_SURROGATE, RANGE, UNICODE
from parity.probes.json_text import WORDS as WORD

# ------------------------------------------------------------------ marks, and how they are filled in

ROLE, CITY, UPPER_CITY, STATE, ORDER, SERIAL = (b"\x02R", b"\x02C", b"\x02U", b"\x02S", b"\x02O", b"\x02N")
GAP = b"\x01"
"""Stands between members and items, some of which were left out."""
_GAPS_AT_EDGES = re.compile(rb"(?<=[{\[])\x01+|\x01+(?=[}\]])")
_GAPS = re.compile(rb"\x01+")
_END = b"\x03"
PLACES = pick(
    *("Forklift Operator|Aurora|IL", "CNC Machinist|Detroit|MI", "Warehouse Associate|Indianapolis|IN"),
    *("Welder|Coeur d'Alene|ID", "Picker|Cañon City|CO", "Loader|Springfield|IL"),
)


def _fill_in(drawn: bytes) -> bytes:
    values, _, text = drawn.partition(_END)
    role, city, state, serial = values.split(b"|")
    text = _GAPS.sub(b",", _GAPS_AT_EDGES.sub(b"", text))
    text = text.replace(UPPER_CITY, city.upper()).replace(CITY, city).replace(ROLE, role).replace(STATE, state)
    return text.replace(ORDER, b"ORD-" + serial).replace(SERIAL, serial)


def _times(drawn: bytes) -> bytes:
    count, unit = drawn.split(b" ", 1)
    return unit * int(count)


# ------------------------------------------------------------------ members

NOT_A_STRING = pick("null", "7", "true", "[]", "{}", '["a"]')
NOT_AN_OBJECT = pick("null", '"order"', "[]", "1", "false", "[{}]")
NOT_AN_ARRAY = pick("null", '"w-1"', "{}", "0", "true")
NOT_A_NUMBER = pick('"2"', "null", "true", "[1]", "{}")
UNKNOWN_VALUE = weighted(
    (6, pick("1", "null", '"x"', "[]", "{}", "true", '{"a":[1,2]}', '[{"id":"w-1"}]', "-0.5e3")),
    (1, LARGE_INTEGER),
    (1, RANGE),
    (0.5, DUPLICATES),
    (0.3, DEEP),
    (0.5, concat('"', LONE_SURROGATE, '"')),
)
UNKNOWN_NAME = weighted((4, concat(WORD, DIGITS, DIGITS)), (1, pick("Kind", "KIND", "order_id", "workers", "", "é")))


def _string(content: Grammar | str) -> Grammar:
    return concat('"', content, '"')


def _member(name: str, value: Grammar, wrong: Grammar = NOT_A_STRING, flaw: float = 0.25) -> Grammar:
    """Return a member; in `flaw` of a hundred it is missing, and in as many of a wrong type."""
    spaced = weighted((60, f'"{name}":'), (1, f'"{name}" : '), (1, f'\n  "{name}":\t'))
    return weighted((100, concat(spaced, value)), (flaw, b""), (flaw, concat(f'"{name}":', wrong)))


def _unknown(percent: float) -> Grammar:
    return weighted((100 - percent, b""), (percent, concat('"', UNKNOWN_NAME, '":', UNKNOWN_VALUE)))


def _object(*members: Grammar) -> Grammar:
    parts: list[Grammar | bytes] = [b"{"]
    for member in members:
        parts += [member, GAP]
    return concat(*parts, "}")


REQUEST_ID = weighted(
    (45, concat('"request_id":"r-', repeat(DIGITS, 4, 9), '"')),
    (45, b""),
    (3, b'"request_id":""'),
    (
        2,
        concat(
            '"request_id":"', weighted((2, UNICODE), (2, pick(r"\"", r"\\", r"\/", r"\u001f", "<b>&", r"\u00e9"))), '"'
        ),
    ),
    (
        0.6,
        concat(
            '"request_id":"',
            mapped(concat(pick("63 ", "64 ", "65 "), pick("i", "é", "\U0001f69c", r"\n")), _times),
            '"',
        ),
    ),
    (0.4, concat('"request_id":', NOT_A_STRING)),
)

# ------------------------------------------------------------------ the order and the roster

ROLE_HERE = weighted((98, ROLE), (1, concat(" ", ROLE)), (0.5, concat(ROLE, r"\t")), (0.7, "Dental Assistant"))
CITY_HERE = weighted(
    *((96, CITY), (1.2, UPPER_CITY), (0.6, concat(CITY, " ")), (0.3, concat("\u00a0", CITY)), (0.8, "Joliet")),
    (0.3, concat(CITY, "\u0301")),
)
STATE_HERE = weighted((98.5, STATE), (0.7, "OH"), (0.2, pick("il", "ILL", "I", "", "I1", "ÎL", " IL")))
HEADCOUNTS = {1: ("1", "1.0", "10e-1"), 2: ("2", "2.0", "0.2E1"), 3: ("3", "3.0", "300e-2")}
BAD_HEADCOUNT = pick("0", "501", "1.5", "-0", "-1", "500", "1e3", "2.0000001", "9007199254740993", "1e400")
EXCLUDED = weighted(
    (60, b""),
    (12, b'"excluded_ids":[]'),
    (14, concat('"excluded_ids":["x-', DIGITS, '"]')),
    (2.2, concat('"excluded_ids":[', pick('"w-1"', '"x-1","w-2"', '"w-1","w-1"', '"w-3"'), "]")),
    (0.5, concat('"excluded_ids":', weighted((1, NOT_AN_ARRAY), (1, pick('["x",1]', "[null]", '["w-1",[]]'))))),
)


def _order(count: int) -> Grammar:
    plain, *others = HEADCOUNTS[count]
    headcount = weighted((94, plain), (2, pick(*others)), (1.2, BAD_HEADCOUNT))
    return _object(
        _member("id", weighted((300, _string(pick(ORDER))), (1, '""'))),
        _member("role", _string(pick(ROLE))),
        _member("city", _string(weighted((60, CITY), (1, concat(CITY, " "))))),
        _member("state", _string(weighted((300, STATE), (1, pick("Il", "ILL", "I", "I "))))),
        _member("headcount", headcount, NOT_A_NUMBER),
        EXCLUDED,
        _unknown(1.2),
    )


def _worker(number: int) -> Grammar:
    return _object(
        _member("id", weighted((200, _string(f"w-{number}")), (1, '"w-1"'), (0.3, '""')), flaw=0.12),
        _member("role", _string(ROLE_HERE), flaw=0.12),
        _member("city", _string(CITY_HERE), flaw=0.12),
        _member("state", _string(STATE_HERE), flaw=0.12),
        weighted(
            (50, b""), (50, concat('"email":"a', SERIAL, '@example.com"')), (0.3, concat('"email":', NOT_A_STRING))
        ),
        weighted((50, b""), (50, concat('"phone":"312-555-', SERIAL, '"')), (0.3, concat('"phone":', NOT_A_STRING))),
        _unknown(1.0),
    )


def _roster(least: int) -> Grammar:
    workers = [concat(_worker(number), GAP) for number in range(1, least + 2)]
    sound = weighted((3, concat("[", *workers[:least], "]")), (1, concat("[", *workers, "]")))
    return weighted((100, sound), (0.5, "[]"), (0.3, concat("[", workers[0], pick("null", '"w-1"', "[]", "3"), "]")))


# ------------------------------------------------------------------ texts

D3, D2, D4 = repeat(DIGITS, 3, 3), repeat(DIGITS, 2, 2), repeat(DIGITS, 4, 4)
PHONE = weighted(
    (4, concat(D3, "-", D3, "-", D4)),
    (1, concat(D3, " ", D3, " ", D4)),
    (1, concat("(", D3, ") ", D3, "-", D4)),
    (1, concat("+1-", D3, "-", D3, "-", D4)),
)
AREA = weighted((6, D3), (1, pick("000", "666", "899", "900", "999", "001")))
SEPARATOR = weighted((5, "-"), (3, " "), (0.3, pick("", "--", "\u2011", "\u2013", ".", r"\u002d", "\t")))
SERIAL_NUMBER = concat(weighted((9, D2), (1, "00")), SEPARATOR, weighted((9, D4), (1, "0000")))
LIKE_A_NUMBER = weighted(
    (5, concat(AREA, "-", D2, "-", D4)),
    (3, concat(AREA, " ", D2, " ", D4)),
    (3, concat(AREA, SEPARATOR, SERIAL_NUMBER)),
    (1, concat(pick("1", "9-", "7 ", "x", "-", " ", "SSN:", "٣"), AREA, "-", D2, "-", D4)),
    (1, concat(AREA, "-", D2, "-", D4, pick("0", "-1", " 2", "-x", "-", ".", "٣"))),
    (1, concat(D4, "-", D3, "-", D2, "-", D4)),
    (1, concat(repeat(DIGITS, 5, 5), "-", D4)),
    (1, repeat(DIGITS, 9, 9)),
    (0.5, concat(D3, "-", D2, "-", D3, "-", D2, "-", D4)),
)
LONG = mapped(
    concat(
        weighted((1, pick("158 ", "159 ")), (1.5, "160 "), (2, "161 "), (1, pick("162 ", "200 "))),
        weighted((5, pick(*"abcxyz")), (1, pick("é", "\U0001f69c", r"\n", r"\ud83d\ude9c", "e\u0301"))),
    ),
    _times,
)
WIDE = mapped(concat(pick("41 ", "54 ", "60 ", "81 ", "100 ", "150 "), pick("é", "ñ", "你", "\U0001f69c")), _times)
PLAIN = concat(pick("Shift", "Start", "Hello", "Please", "Badge"), " ", WORD, " ", repeat(WORD, 0, 3, " "), " ", D4)
TEXT = weighted(
    (74, PLAIN),
    (4, concat(PLAIN, " ", UNICODE)),
    (2, concat(PLAIN, pick(r" \"ok\" ", r" \\ ", r"\n", " <b>", r" \u20ac"))),
    (4, concat(PLAIN, ", call ", PHONE)),
    (6, concat(PLAIN, " ", LIKE_A_NUMBER, weighted((2, b""), (1, concat(" ", WORD))))),
    (0.6, concat(PLAIN, pick(" {{name}}", "{{", " {name}", " { {"))),
    (1.0, pick("", " ", r"\n\t ", "\u00a0", r"\u00a0", "\u200b", r" \r\n")),
)
SMS_TEXT = weighted(
    (90, TEXT),
    (3, LONG),
    (3, concat(PLAIN, " ", WIDE)),
    (1.2, concat(PLAIN, pick(" http://a.example", " HTTPS://a.example", " https:/a", " www.a.example", " hTtP://"))),
)
SUBJECT = weighted(
    (93, TEXT),
    (2, mapped(concat(pick("119 ", "120 ", "121 "), pick("s", "é", "\U0001f69c")), _times)),
)
EMAIL_TEXT = weighted((97, concat(TEXT, " ", ORDER)), (1, TEXT), (1, concat(TEXT, " ord-", SERIAL)))

# ------------------------------------------------------------------ artefacts and requests

FILLS = {
    1: ('"w-1"', '"w-2"'),
    2: ('"w-1","w-2"', '"w-2","w-1"'),
    3: ('"w-1","w-2","w-3"', '"w-3","w-1","w-2"'),
}


def _fill(count: int) -> Grammar:
    ids = weighted(
        (80, FILLS[count][0]),
        (8, FILLS[count][1]),
        (1.5, pick("", *[f'"w-{number}"' for number in range(1, count)])),
        (1.5, concat(FILLS[count][0], pick(',"w-9"', ',"w-1"', ',"w-4"'))),
        (1.2, concat(pick('"w-9"', '"W-1"', '"w-1 "', '""'), *[',"w-2"'] * (count - 1))),
        (1.0, ",".join(['"w-1"'] * count)),
        (0.4, concat(FILLS[count][0], ",", NOT_A_STRING)),
    )
    return _object(_member("worker_ids", concat("[", ids, "]"), NOT_AN_ARRAY), _unknown(0.8))


WORKER_ID = _member("worker_id", weighted((96, '"w-1"'), (3, '"w-2"'), (1, pick('"w-9"', '""', '"W-1"'))))
BLANK = pick('""', '" "', r'"\t"')
SMS = _object(
    WORKER_ID,
    _member(
        "to",
        weighted((96, concat('"312-555-', SERIAL, '"')), (1, BLANK), (1, '"312-555-0000"'), (0.5, '"123-45-6789"')),
    ),
    _member("body", _string(SMS_TEXT)),
    _unknown(0.8),
)
EMAIL = _object(
    WORKER_ID,
    _member("to", weighted((97, concat('"a', SERIAL, '@example.com"')), (1, BLANK), (1, '"b@example.com"'))),
    _member("subject", _string(SUBJECT)),
    _member("body", _string(EMAIL_TEXT)),
    _unknown(0.8),
)


def _request(kind: str, count: int, artifact: Grammar) -> Grammar:
    named = weighted((300, f'"{kind}"'), (1, pick('"Fill"', '"SMS"', '"fax"', '""', '"e-mail"')))
    members = (
        _member("kind", named),
        REQUEST_ID,
        _member("order", _order(count), NOT_AN_OBJECT),
        _member("roster", _roster(count), NOT_AN_ARRAY),
        _member("artifact", artifact, NOT_AN_OBJECT),
        _unknown(3),
    )
    return weighted((8, _object(*members)), (1, _object(*reversed(members))))


# Two rules at once, whose order decides: an excluded worker whose role does not fit either.
BOTH = concat(
    '{"kind":"fill","order":{"id":"', ORDER, '","role":"', ROLE, '","city":"', CITY, '","state":"', STATE,
    '","headcount":1,"excluded_ids":["w-1"]},"roster":[{"id":"w-1","role":"',
    weighted((3, "Driver"), (1, ROLE)), '","city":"', weighted((3, CITY), (1, "Joliet")), '","state":"', STATE,
    '"}],"artifact":{"worker_ids":["w-1"]},"request_id":"', DIGITS, DIGITS, DIGITS, '"}',
)  # fmt: skip
REQUEST = weighted(
    (22, _request("fill", 1, _fill(1))),
    (12, _request("fill", 2, _fill(2))),
    (5, _request("fill", 3, _fill(3))),
    (34, _request("sms", 1, SMS)),
    (26, _request("email", 1, EMAIL)),
    (0.8, BOTH),
)
BODY = mapped(concat(PLACES, "|", D4, pick(_END), REQUEST), _fill_in)
BROKEN = weighted(
    (6, mutated(BODY, b'{}[]",:\\0e-. \n\xff/\x00')),
    (1.2, concat(BODY, pick(" x", "}", ",", "{}", " null", "\x00", " \n0"))),
    (0.6, concat(pick("\ufeff", "\xa0", "x", ","), BODY)),
    (
        0.8,
        concat(
            pick("", " ", "null", "[]", "[{}]", '"{}"', "1", "true", "{}", "{", "[", "nul"), pick("", " ", "\n", "\t ")
        ),
    ),
    (0.5, concat(BODY, BAD_UTF8)),
    (0.4, concat('{"kind":"', BAD_UTF8, '"', weighted((1, "}"), (1, b"")))),
)

# ------------------------------------------------------------------ messages

POST = "POST /v1/validate\n"
JSON_TYPE = "content-type: application/json\n"
TYPES = pick(
    *(
        "Content-Type: application/json; charset=utf-8",
        "content-type: APPLICATION/JSON",
        "content-type:application/json;",
    ),
    *("content-type: application/json ; x", "content-type: application/json\ncontent-type: text/plain"),
)
OTHER_TYPES = pick(
    *("content-type: text/plain", "content-type: application/jsonp", "content-type: json", "content-type: "),
    *("content-type: text/json", "content-type: application/x-www-form-urlencoded", "accept: application/json"),
    "content-type: text/plain\ncontent-type: application/json",
)
ENCODINGS = pick(
    *("content-encoding: gzip", "content-encoding: identity", "Content-Encoding: IDENTITY", "content-encoding: br"),
    *("content-encoding: ", "content-encoding: gzip, identity"),
)
PATHS = pick(
    *("/v1/validate/", "//v1/validate", "/v1//validate", "/V1/validate", "/v1/%76alidate", "/v1/validat", "/", "/v1"),
    *("/v1/validate/x", "/v1/./validate", "/v1/../v1/validate", "/health/", "/v1/validate%2F", "/v1/validate;a"),
)
HARMLESS = pick(
    *("accept: text/html", "accept-encoding: gzip", "cookie: a=b", "x-lakehouse-trace-id: 18abbabdc2306a83-c2306aa9"),
)
HEAD = weighted(
    (970, POST + JSON_TYPE),
    (4, concat("POST /v1/validate?", WORD, "=", DIGITS, "\n", JSON_TYPE)),
    (5, concat(POST, TYPES, "\n")),
    (5, concat(POST, OTHER_TYPES, "\n")),
    (0.5, POST),
    (3, concat(POST, JSON_TYPE, ENCODINGS, "\n")),
    (2, concat(POST, JSON_TYPE, HARMLESS, "\n")),
    (5, concat(pick("POST ", "GET ", "PUT "), PATHS, "\n", JSON_TYPE)),
    (3, concat(pick("GET ", "PUT ", "PATCH ", "DELETE ", "OPTIONS "), "/v1/validate\n", JSON_TYPE)),
    (1, concat(pick("POST ", "PUT ", "DELETE "), "/health\n", JSON_TYPE)),
)
MESSAGES = concat(HEAD, "\n", weighted((96, BODY), (4, BROKEN)))
