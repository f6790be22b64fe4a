"""Sequences of calls to matrix: a few workers, a few queries like what users type, and what was recorded of them."""

from __future__ import annotations

from parity.generate.calls import Calls, Rule
from parity.generate.grammar import Grammar, concat, pick, repeat, weighted
from parity.probes.search_calls import (
    BAD_IDS,
    BAD_JSON,
    BAD_K,
    FAR_TOO_LONG,
    MANY_IDS,
    NOT_A_STRING,
    ODD_K,
    PAUSE,
    TOO_LONG,
    UNKNOWN,
    body,
    elsewhere,
    member,
    post,
    string,
)

FORKLIFT = ("Forklift Operator Aurora IL", "Forklift Operator Joliet IL", "Forklift Operator Springfield MO")
CNC = ("CNC Machinist Detroit MI", "Machine Operator Detroit MI", "CNC Machinist Aurora IL")
OTHERS = ("Warehouse Associate Indianapolis IN", "Picker Indianapolis IN", "Welder Café ⭐ 你好", "Loader Aurora CO")
WORKERS = [*FORKLIFT, *CNC, *OTHERS]
ASKED = pick(
    "Need 3 Forklift Operators in Aurora IL", "Need 2 Forklift Operators in Joliet IL", "forklift operator aurora il"
)
ASKED_OTHER = pick("Need 2 CNC Machinists in Detroit MI", "Need 5 Warehouse Associates in Indianapolis IN", "Loader")
QUERY = weighted(
    (8, ASKED), (3, ASKED_OTHER), (0.2, pick("x", r"say \"hi\" \\ aurora", r"Caf\u00e9", "\U0001f69c il", r"a\tb"))
)
BAD_QUERY = weighted((3, pick('""', '"?!"')), (0.3, pick('"' + "ab " * 2731 + '"')), (2, NOT_A_STRING))
ROLE = weighted(
    (40, "Forklift Operator"), (1.5, "forklift operator"), (1.2, "Machinist"), (0.1, "Forklift Operator "), (0.1, "É")
)
BAD_ROLE = weighted((4, pick('""', '" "', r'"\t\r\n"')), (1, TOO_LONG), (3, NOT_A_STRING))
ANSWERS = weighted((30, concat("w-", pick(*"0123456789"))), (1, pick("w-99", "é", "w-1 ", r"\"")))
BAD_ANSWER = weighted((3, pick('""')), (1, TOO_LONG), (1, FAR_TOO_LONG), (2, NOT_A_STRING))
SCORE = weighted((12, pick("1", "0.5", "0.75", "1.0", "0.9")), (1, pick("0", "0.1", "0.25", "-0", "1e-1")))
BAD_SCORE = pick("-0.1", "1.0000001", "2", '"1"', "null", "true", "1e400")
K = weighted((12, pick(*"12345")), (6, pick("10", "8")), (0.5, ODD_K))
LIST = concat("[", repeat(string(ANSWERS), 0, 3, ","), "]")
EXCLUDED = weighted(
    (14, b""), (2, member("excluded_ids", LIST, BAD_IDS, 2)), (0.05, concat('"excluded_ids":', MANY_IDS, ","))
)
WHERE = weighted(
    (40, b""), (1, member("index", pick('"workers"', '"w"', '"a"', '"A"', '""', "1", '"' + "n" * 65 + '"')))
)
USE = weighted(
    (10, '"use_playbook":true,'),
    (3, b""),
    (1, '"use_playbook":false,'),
    (0.1, pick('"use_playbook":1,', '"use_playbook":null,')),
)


def _worker(number: int) -> Grammar:
    item = f'{{"id":"w-{number}","text":"{WORKERS[number]}"'
    return concat(item, weighted((3, b""), (1, f',"metadata":{{"role":"{WORKERS[number].split()[0]}"}}')), "}")


BEGINNING = concat(
    'POST /vectors/index/workers/add {"items":[',
    *(part for number in (2, 0, 1) for part in (_worker(number), ",")),
    weighted(
        (1, _worker(9)),
        (3, concat(_worker(3), ",", _worker(5), ",", _worker(9))),
        (2, concat(*[part for number in (8, 4, 3, 7, 6, 5) for part in (_worker(number), ",")], _worker(9))),
    ),
    "]}",
)


def _search(query: Grammar, role: Grammar, flaws: float = 1) -> Grammar:
    return post(
        "/v1/matrix/search",
        body(
            member("query_text", string(query), BAD_QUERY, flaws),
            member("query_role", string(role), BAD_ROLE, flaws),
            member("k", K, BAD_K, flaws),
            USE,
            EXCLUDED,
            WHERE,
            UNKNOWN,
        ),
    )


def _record(query: Grammar, answer: Grammar, score: Grammar, flaws: float = 1) -> Grammar:
    return post(
        "/v1/matrix/playbooks/record",
        body(
            member("query_text", string(query), BAD_QUERY, flaws),
            member("role", string(ROLE), BAD_ROLE, flaws),
            member("answer_id", string(answer), BAD_ANSWER, flaws),
            member("score", score, BAD_SCORE, flaws),
            UNKNOWN,
        ),
    )


SEARCH = _search(QUERY, ROLE)
RECORD = _record(QUERY, ANSWERS, SCORE)
RETRIEVE = post(
    "/v1/matrix/retrieve",
    body(member("query_text", string(QUERY), BAD_QUERY, 1), member("k", K, BAD_K, 3), EXCLUDED, WHERE, UNKNOWN),
)
FEW = _record(pick("Need 3 Forklift Operators in Aurora IL"), pick("w-0", "w-1"), pick("1", "0.5"), 0)
AGAIN = concat(FEW, "\n", FEW, "\n", FEW, "\n", _search(ASKED, pick("Forklift Operator"), 0))
RECALLED = concat(_record(ASKED, ANSWERS, SCORE, 0), "\n", _search(ASKED, ROLE, 0))
CHANGED = weighted(
    (3, concat('POST /vectors/index/workers/delete {"id":"', ANSWERS, '"}')),
    (
        2,
        concat(
            'POST /vectors/index/workers/add {"items":[',
            pick(*[f'{{"id":"w-{n}","text":"{WORKERS[n]}"}}' for n in range(9)]),
            "]}",
        ),
    ),
    (0.3, "DELETE /vectors/index/workers"),
)
NO_RECORDING = pick(
    *(
        '{"role":"Forklift Operator","answer_id":"w-1"}',
        '{"role":"Forklift Operator","answer_id":"w-1","score":2}',
        "{}",
    ),
    *(
        '{"role":1,"answer_id":"w-1","score":1}',
        '{"answer_id":"w-1","score":1}',
        '{"role":"Forklift Operator","answer_id":"w-1","score":"1"}',
    ),
    *(
        '{"role":"Forklift Operator","answer_id":"w-1","score":1}',
        '{"role":"Forklift Operator","answer_id":1,"score":1}',
    ),
)
BY_HAND = concat(
    'POST /vectors/index/playbook_memory/add {"items":[{"id":"x","text":"', ASKED, '","metadata":', NO_RECORDING, "}]}"
)
MEMORY = pick(
    "DELETE /vectors/index/playbook_memory",
    "GET /vectors/index/playbook_memory",
    "POST /vectors/index/playbook_memory/save {}",
)
OTHER_DIMENSION = pick(
    'POST /vectors/index/playbook_memory/add {"items":[{"id":"x","vector":[1,2]}]}',
    'POST /vectors/index/workers/add {"items":[{"id":"x","vector":[1,2]}]}',
    'POST /vectors/index/a/add {"items":[{"id":"x","vector":[1,2]}]}',
)
OF_A = post(
    "/v1/matrix/retrieve", body(member("query_text", string(QUERY)), member("k", K), member("index", pick('"a"')))
)
RELOAD = pick('POST /vectors/index/playbook_memory/reload {"snapshot":"{{snapshot}}"}')

SEQUENCES = Calls(
    BEGINNING,
    {
        "search": Rule(6, SEARCH),
        "record": Rule(3, RECORD),
        "recalled": Rule(1.2, RECALLED),
        "again": Rule(0.25, AGAIN),
        "retrieve": Rule(3, RETRIEVE),
        "changed": Rule(1.5, CHANGED),
        "by_hand": Rule(0.3, BY_HAND),
        "memory": Rule(0.5, MEMORY),
        "reload": Rule(1, RELOAD, behind="memory"),
        "other_dimension": Rule(0.15, OTHER_DIMENSION),
        "of_a": Rule(0.5, OF_A, behind="other_dimension"),
        "pause": Rule(0.12, concat(PAUSE, "\n", SEARCH)),
        "bad": Rule(
            0.4, post(pick("/v1/matrix/search", "/v1/matrix/retrieve", "/v1/matrix/playbooks/record"), BAD_JSON)
        ),
        "elsewhere": Rule(0.4, elsewhere("/v1/matrix/search", "/v1/matrix/retrieve", "/v1/matrix/playbooks/record")),
    },
    most=8,
)
