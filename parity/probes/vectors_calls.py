"""Sequences of calls to vectors: a few ids in two indexes, so that calls meet each other's effects."""

from __future__ import annotations

from parity.generate.calls import Calls, Rule
from parity.generate.grammar import Grammar, concat, pick, repeat, weighted
from parity.probes.json_text import DIGITS
from parity.probes.search_calls import (
    BAD_IDS,
    BAD_JSON,
    BAD_K,
    FAR_TOO_LONG,
    LONGEST,
    MANY_IDS,
    NOT_A_STRING,
    NOT_AN_ARRAY,
    ODD_K,
    PAUSE,
    TOO_LONG,
    UNKNOWN,
    body,
    elsewhere,
    index,
    member,
    post,
    string,
)

INDEX = weighted((9, "a"), (1, "b"))
IDS = weighted((50, concat(pick(*"cdefgh"))), (1, pick("é", "￿", "\U0001f69c", "C", "c ", r"\"", r"é", "c/d")))
ID = weighted((300, string(IDS)), (1, LONGEST))
BAD_ID = weighted((4, pick('""')), (2, TOO_LONG), (1, FAR_TOO_LONG), (3, NOT_A_STRING))
COMPONENT = weighted(
    (12, DIGITS),
    (5, concat("-", pick(*"123456789"))),
    (4, concat(DIGITS, ".", DIGITS, DIGITS)),
    (0.3, pick("1.0", "5e-1", "1000000", "-1e6", "0.0000001", "-0", "1E2")),
)
PARALLEL = pick("[1,2,2]", "[2,4,4]", "[0.5,1,1]", "[-1,-2,-2]", "[2,2,1]", "[2,1,2]")
VECTOR = weighted((60, concat("[", repeat(COMPONENT, 3, 3, ","), "]")), (3, PARALLEL))
BAD_VECTOR = weighted(
    (3, pick("[]", "[0,0,0]", "[1e-7,0,0]", "[0.000001,0,0]", "[0.0000009,0,0]", "[-0,0,0]")),
    (3, pick('["1",0,0]', "[1,null,0]", "[1,[2],0]", "[true,0,1]", "[1000000.5,0,0]", "[0,-1e7,0]", "[1e400,0,0]")),
    (3, pick("[1]", "[1,2]", "[1,2,3,4]", "[" + "0.5," * 4095 + "1]", "[" + "0.5," * 4096 + "1]")),
    (2, NOT_AN_ARRAY),
    (1, pick("[NaN,0,0]", "[Infinity,0,0]", "[1,2,3,]", "[01,2,3]")),
)
TEXT = pick("Forklift Operator Aurora IL", "forklift aurora", "CNC Machinist Detroit MI", "Café résumé ⭐ 你好", "x")
BAD_TEXT = weighted((3, pick('""', '"!!"', '" "')), (1, pick('"' + "x " * 4097 + '"')), (3, NOT_A_STRING))
METADATA = weighted(
    (12, pick('{"role":"Welder"}', '{"role":"Picker","years":3}', '{"b":1.0,"a":"x"}', "{}", '{"é":-0,"z":1e3}')),
    (1, pick('{"a":null}', '{"a":[1]}', '{"a":true}', '{"a":{}}', "[]", "null", '"x"')),
    (0.3, pick('{"' + "n" * 65 + '":1}', '{"n":"' + "v" * 257 + '"}', '{"' + "n" * 64 + '":"' + "é" * 256 + '"}')),
    (0.3, pick("{" + ",".join(f'"m{number}":{number}' for number in range(17)) + "}")),
)
MAYBE_METADATA = weighted((8, b""), (1, concat('"metadata":', METADATA, ",")))


def _vector(percent: float) -> Grammar:
    return member("vector", VECTOR, BAD_VECTOR, percent)


ITEM = body(member("id", ID, BAD_ID, 1), _vector(0.8), MAYBE_METADATA, UNKNOWN)
BOTH = weighted((300, ITEM), (0.6, body(member("id", ID), _vector(0), member("text", string(TEXT)))))
ITEMS = weighted(
    (70, concat("[", BOTH, "]")),
    (20, concat("[", repeat(BOTH, 2, 3, ","), "]")),
    (1, concat("[", ITEM, ",", pick("null", "1", "[]", '"a"', "{}"), "]")),
    (0.5, weighted((2, "[]"), (1, NOT_AN_ARRAY))),
)
FIRST = [body(member("id", string(name)), member("vector", VECTOR), MAYBE_METADATA) for name in "dfceg"]
BEGINNING = post(
    "/vectors/index/a/add",
    concat('{"items":[', FIRST[0], ",", FIRST[1], weighted((1, b""), (2, concat(",", FIRST[2], ",", FIRST[3]))), "]}"),
)
ADD = post(index(INDEX, "add"), body(member("items", ITEMS, NOT_AN_ARRAY, 0.2), UNKNOWN))
K = weighted((30, pick(*"12345")), (8, pick("10", "1000")), (1, ODD_K))
LIST = concat("[", repeat(string(IDS), 0, 3, ","), "]")
EXCLUDED = weighted(
    (8, b""), (3, member("excluded_ids", LIST, BAD_IDS, 2)), (0.05, concat('"excluded_ids":', MANY_IDS, ","))
)
ONLY = weighted((12, b""), (2, member("only_ids", LIST, BAD_IDS, 2)))
SEARCH_BODY = body(_vector(1), member("k", K, BAD_K, 2.5), EXCLUDED, ONLY, UNKNOWN)
SEARCH = post(index(weighted((40, "a"), (4, "b"), (1, "c")), "search"), SEARCH_BODY)
DELETE = post(index(INDEX, "delete"), body(member("id", string(IDS), NOT_A_STRING), UNKNOWN))
DROP = concat("DELETE /vectors/index/", weighted((9, INDEX), (1, "c")))
SAVE = post(index(INDEX, "save"), weighted((20, "{}"), (1, pick("[]", '{"x":1}'))))
RELOAD = post(
    index(INDEX, "reload"),
    body(member("snapshot", string("{{snapshot}}"), pick('"s-0000000000000000"', '"none"', '""', "1", '"../a"'), 4)),
)
LOOK = concat("GET /vectors/index/", weighted((9, INDEX), (1, "c")))
ON_TEXTS = concat(
    post(
        "/vectors/index/t/add",
        body(member("items", concat("[", body(member("id", ID), member("text", string(TEXT), BAD_TEXT, 2)), "]"))),
    ),
    "\n",
    post("/vectors/index/t/search", body(member("text", string(TEXT), BAD_TEXT, 2), member("k", K))),
)
MIXED = post("/vectors/index/t/search", body(member("vector", VECTOR), member("k", K)))
EMPTIED = concat(
    'POST /vectors/index/b/add {"items":[{"id":"c","vector":[1,2]}]}\n',
    'POST /vectors/index/b/delete {"id":"c"}\n',
    post(
        "/vectors/index/b/add",
        body(member("items", concat("[", body(member("id", ID), member("vector", pick("[1,2,3]", "[2,1]"))), "]"))),
    ),
)
GONE_AND_BACK = concat(DROP, "\n", ADD, "\n", SEARCH)

SEQUENCES = Calls(
    BEGINNING,
    {
        "add": Rule(6, ADD),
        "search": Rule(8, SEARCH),
        "delete": Rule(2.2, DELETE),
        "delete_and_search": Rule(0.2, concat(DELETE, "\n", SEARCH)),
        "drop": Rule(1, DROP),
        "drop_and_add": Rule(0.7, GONE_AND_BACK),
        "save": Rule(1.2, SAVE),
        "reload": Rule(3, RELOAD, behind="save"),
        "look": Rule(1, LOOK),
        "texts": Rule(0.6, ON_TEXTS),
        "mixed": Rule(0.3, MIXED, behind="texts"),
        "emptied": Rule(0.3, EMPTIED),
        "pause": Rule(0.16, concat(PAUSE, "\n", SEARCH)),
        "bad": Rule(0.5, post(index("a", "search"), BAD_JSON)),
        "elsewhere": Rule(
            0.5, elsewhere("/vectors/index/a", "/vectors/index/a/add", "/v1/tenant", "/vectors/index/a/save")
        ),
        "forgotten": Rule(0.1, pick("DELETE /v1/tenant")),
    },
    most=9,
)
