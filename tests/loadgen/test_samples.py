"""Samples: the small case that stands for an answer under load, and the line that it travels as."""

from __future__ import annotations

import base64
import json

import pytest

from lakehouse_ref.ingest.worker import Worker
from loadgen import samples
from loadgen.samples import Answer, NoSampleError, Sample

ADA = Worker("w-1", "Welder", "Aurora", "IL", ["TIG"], ["AWS"], "days")
BO = Worker("w-2", "Welder", "Doña Ana", "NM", ["MIG", "TIG"], [], "any")
WORKERS = {one.id: one for one in (ADA, BO)}
JSON = b"application/json"
SEARCH = b'{"k":2,"query_text":"Welders in Aurora","query_role":"Welder"}'
ITEM_OF_ADA = (
    '{"id":"w-1","metadata":{"availability":"days","city":"Aurora","role":"Welder","state":"IL"},'
    '"text":"Welders in Aurora IL. Welders in Aurora IL: TIG, AWS"}'
)
ITEM_OF_BO = (
    '{"id":"w-2","metadata":{"availability":"any","city":"Doña Ana","role":"Welder","state":"NM"},'
    '"text":"Welders in Doña Ana NM. Welders in Doña Ana NM: MIG, TIG"}'
)


def found(*ids: object, status: int = 200) -> Answer:
    return Answer(status, JSON, json.dumps({"hits": [{"id": one, "rank": 1} for one in ids]}).encode())


def matrix(answer: Answer, body: bytes = SEARCH) -> Sample:
    sample = samples.matrix(WORKERS, body, answer)
    assert sample is not None
    return sample


class TestOfASearch:
    def test_adds_those_who_were_found_and_asks_the_same(self) -> None:
        sample = matrix(found("w-2", "w-1"))

        add, search = sample.case.decode().split("\n")
        assert sample.surface == "matrix"
        assert add == f'POST /vectors/index/workers/add {{"items":[{ITEM_OF_BO},{ITEM_OF_ADA}]}}'
        assert search == f"POST /v1/matrix/search {SEARCH.decode()}"

    def test_holds_the_answer_as_it_is_written_down(self) -> None:
        body = b'{"hits": [{"id":"w-1","distance":0.50,"distance":1e400}]}'

        assert matrix(Answer(200, JSON, body)).observed == b'{"status":200,"type":"application/json","body":%b}' % body
        assert matrix(Answer(200, None, body)).observed.startswith(b'{"status":200,"type":null,')

    def test_adds_to_the_index_that_was_searched(self) -> None:
        case = matrix(found("w-1"), b'{"index":"a_1","k":1,"query_text":"x","query_role":"y"}').case

        assert case.startswith(b"POST /vectors/index/a_1/add ")

    def test_adds_nobody_twice(self) -> None:
        assert matrix(found("w-1", "w-1")).case.count(b'"id"') == 1

    def test_leaves_out_whom_nobody_knows(self) -> None:
        assert matrix(found("w-9", "w-1")).case.count(b'"id"') == 1

    def test_only_searches_where_nobody_is_known(self) -> None:
        assert matrix(found("w-9")).case == b"POST /v1/matrix/search " + SEARCH

    def test_adds_no_more_than_one_call_may(self) -> None:
        many = {f"w-{number}": ADA._replace(id=f"w-{number}") for number in range(1_001)}

        sample = samples.matrix(many, SEARCH, found(*many))

        assert sample is not None
        assert sample.case.count(b'"id"') == 1_000

    @pytest.mark.parametrize(
        ("body", "answer"),
        [
            (b'{"k":1,"query_text":"x","query_role":"y","use_playbook":true}', found("w-1")),
            (SEARCH, found()),
            (SEARCH, found("w-1", status=500)),
            (SEARCH, found(7)),
            (SEARCH, Answer(200, JSON, b"")),
            (SEARCH, Answer(200, JSON, b'{"hits":[{"id":"w-1"}]')),
            (SEARCH, Answer(200, JSON, b'{"hits":[{"id":"\xff"}]}')),
            (SEARCH, Answer(200, JSON, b"[" * 100_000)),
            (b'{"k":1', found("w-1")),
            (b'{"index":7}', found("w-1")),
            (b'{"index":"a b"}', found("w-1")),
            (b'{"k":1,\n"query_text":"x"}', found("w-1")),
            (b'{"query_text":"{{snapshot}}"}', found("w-1")),
        ],
        ids=[
            *("playbook", "no-hit", "status", "id-is-no-text", "empty", "torn", "not-utf8", "deep"),
            *("request-torn", "index-is-no-text", "index-is-no-name", "line-feed", "name-of-an-answer"),
        ],
    )
    def test_is_none_where_the_small_case_need_not_give_the_same(self, body: bytes, answer: Answer) -> None:
        assert samples.matrix(WORKERS, body, answer) is None


class TestOfAValidation:
    def test_is_the_message_that_was_sent(self) -> None:
        sample = samples.validate(b'{"kind":\n\xff}', Answer(400, JSON, b'{"Schema":{}}'))

        assert sample == Sample(
            "validate",
            b'POST /v1/validate\ncontent-type: application/json\n\n{"kind":\n\xff}',
            b'{"status":400,"type":"application/json","body":{"Schema":{}}}',
        )

    def test_has_the_content_type_that_was_sent(self) -> None:
        assert b"\ncontent-type: text/plain\n" in samples.validate(b"", Answer(415, None, b""), "text/plain").case


class TestAsALine:
    @pytest.mark.parametrize(
        "sample",
        [
            Sample("validate", b"", b""),
            Sample("validate", b"POST / \n\n\xff", b'{"status":200}'),
            Sample("matrix", "é\0\u2028\U0001f69c".encode(), b"\xc3"),
        ],
    )
    def test_comes_back_as_it_was(self, sample: Sample) -> None:
        line = samples.encode(sample)

        assert line.count(b"\n") == 1
        assert samples.decode(line) == sample

    def test_is_text_where_it_can_be(self) -> None:
        line = samples.encode(Sample("validate", b"a", b"\xff"))

        assert line == b'{"surface":"validate","case":"a","observed64":"%b"}\n' % base64.b64encode(b"\xff")

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            (b"", "truncated"),
            (b"null", "object"),
            (b"{", "truncated"),
            (b'{"surface":"validate","case":"a"', "truncated"),
            (b'{"x":' + b"[" * 100_000, "recursion"),
            (b'{"case":"a","observed":"b"}', "surface"),
            (b'{"surface":"embedding","case":"a","observed":"b"}', "known: validate, matrix"),
            (b'{"surface":"validate","observed":"b"}', "one of text and base64"),
            (b'{"surface":"validate","case":"a","case64":"YQ==","observed":"b"}', "one of text and base64"),
            (b'{"surface":"validate","case64":"Y","observed":"b"}', "base64"),
            (b'{"surface":"validate","case64":"!!!!","observed":"b"}', "base64"),
            (b'{"surface":"validate","case":"\\ud800","observed":"b"}', "surrogate"),
            (b'{"surface":"validate","case":"\xff","observed":"b"}', "utf-8"),
            (b'{"surface":"validate","case":7,"observed":"b"}', "case"),
        ],
    )
    def test_is_refused_with_a_sentence_where_it_is_none(self, line: bytes, why: str) -> None:
        with pytest.raises(NoSampleError, match=why):
            samples.decode(line)
