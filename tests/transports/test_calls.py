"""The written form of a sequence: which text is one, what later calls say of earlier answers, and what is sent."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parity.errors import UsageError
from parity.transports.adapters import Adapters
from parity.transports.calls import Call, fill, names, parse, pauses, said
from parity.transports.host import Place
from parity.transports.jobs import Job
from parity.transports.message import METHODS, WITHOUT_BODY
from parity.transports.sequences import Names
from parity.transports.service import Service

if TYPE_CHECKING:
    from parity.transports import calls
    from parity.transports.sequences import Sequences

TARGET = b"/v1/x"


def steps(case: bytes) -> tuple[calls.Step, ...]:
    parsed = parse(case)
    assert not isinstance(parsed, str), parsed
    return parsed


class TestParse:
    def test_the_example_of_the_contract(self) -> None:
        case = (
            b'POST /vectors/index/a/add {"items":[{"id":"x","vector":[1,0]}]}\n'
            b"crash\n"
            b'POST /vectors/index/a/search {"k":1,"vector":[1,1]}\n'
            b"DELETE /vectors/index/a"
        )

        assert steps(case) == (
            Call(b"POST", b"/vectors/index/a/add", b'{"items":[{"id":"x","vector":[1,0]}]}'),
            "crash",
            Call(b"POST", b"/vectors/index/a/search", b'{"k":1,"vector":[1,1]}'),
            Call(b"DELETE", b"/vectors/index/a", None),
        )

    @pytest.mark.parametrize("method", sorted(METHODS))
    def test_every_method_is_a_call(self, method: bytes) -> None:
        body = None if method in WITHOUT_BODY else b""

        assert steps(b"%b /v1/x" % method) == (Call(method, TARGET, body),)

    @pytest.mark.parametrize("method", sorted(METHODS - WITHOUT_BODY))
    @pytest.mark.parametrize(
        "body", [b"", b"{}", b" ", b"  {}  ", b"a b c", b"\x00\xff\xc3", b"{}\r", b"restart", b"\t"]
    )
    def test_a_body_is_the_rest_of_the_line_as_it_stands(self, method: bytes, body: bytes) -> None:
        assert steps(b"%b /v1/x %b\nGET /" % (method, body))[0] == Call(method, TARGET, body)

    @pytest.mark.parametrize(
        "line",
        [
            pytest.param(b"", id="empty"),
            pytest.param(b" ", id="blank"),
            pytest.param(b"post /v1/x {}", id="lower-case"),
            pytest.param(b"Post /v1/x {}", id="title-case"),
            pytest.param(b"HEAD /v1/x", id="head"),
            pytest.param(b"TRACE /v1/x", id="trace"),
            pytest.param(b"CONNECT a:1", id="connect"),
            pytest.param(b"GET", id="no-path"),
            pytest.param(b"GET ", id="empty-path"),
            pytest.param(b"POST ", id="empty-path-of-a-post"),
            pytest.param(b"GET x", id="path-without-slash"),
            pytest.param(b"GET  /v1/x", id="two-spaces"),
            pytest.param(b"POST  /v1/x {}", id="two-spaces-of-a-post"),
            pytest.param(b" GET /v1/x", id="space-before"),
            pytest.param(b"\tGET /v1/x", id="tab-before"),
            pytest.param(b"GET\t/v1/x", id="tab-between"),
            pytest.param(b"GET /v1/x {}", id="body-at-get"),
            pytest.param(b"GET /v1/x ", id="empty-body-at-get"),
            pytest.param(b"DELETE /v1/x {}", id="body-at-delete"),
            pytest.param(b"OPTIONS /v1/x {}", id="body-at-options"),
            pytest.param(b"GET /v1/x\r", id="cr"),
            pytest.param(b"POST /v1/x\r", id="cr-of-a-post"),
            pytest.param(b"POST /v1/x\r {}", id="cr-in-a-path"),
            pytest.param(b"GET /v1/x HTTP/1.1", id="version"),
            pytest.param(b"GET /v1/x#a", id="fragment"),
            pytest.param(b"GET /v1/%zz", id="broken-escape"),
            pytest.param(b"GET /{{name}}", id="name-in-a-path"),
            pytest.param(b"POST /{{name}} {}", id="name-in-a-path-of-a-post"),
            pytest.param(b"GET /caf\xc3\xa9", id="path-not-ascii"),
            pytest.param(b"GET /\x00", id="zero-byte"),
            pytest.param(b"GET http://elsewhere/", id="elsewhere"),
            pytest.param(b"restart ", id="restart-and-space"),
            pytest.param(b"restart\r", id="restart-and-cr"),
            pytest.param(b"Restart", id="restart-in-title-case"),
            pytest.param(b"crash now", id="crash-now"),
            pytest.param(b"crashrestart", id="crashrestart"),
            pytest.param(b"{{restart}}", id="name"),
        ],
    )
    def test_a_line_that_is_none_is_told_by_its_number(self, line: bytes) -> None:
        assert parse(b"GET /\nrestart\n%b\nGET /" % line) == "line 3 is no call, restart or crash"
        assert parse(line) == "line 1 is no call, restart or crash"

    def test_an_empty_text_is_none(self) -> None:
        assert parse(b"") == "line 1 is no call, restart or crash"

    def test_a_line_end_behind_the_last_line_begins_another_one(self) -> None:
        assert parse(b"GET /\n") == "line 2 is no call, restart or crash"

    def test_the_first_that_is_none_is_told(self) -> None:
        assert parse(b"GET /\nx\ny") == "line 2 is no call, restart or crash"

    @pytest.mark.parametrize("line", [b"GET /", b"restart", b'POST / {"a":1}'])
    def test_there_may_be_two_hundred_lines_and_no_more(self, line: bytes) -> None:
        assert len(steps(b"\n".join([line] * 200))) == 200
        assert parse(b"\n".join([line] * 201)) == "more than 200 lines"

    def test_lines_are_counted_before_they_are_read(self) -> None:
        assert parse(b"\n" * 200) == "more than 200 lines"
        assert parse(b"\n" * 199) == "line 1 is no call, restart or crash"

    def test_pauses_are_told_in_their_order(self) -> None:
        assert pauses(steps(b"GET /\ncrash\nrestart\nGET /\ncrash")) == ("crash", "restart", "crash")
        assert pauses(steps(b"GET /crash\nPOST /restart crash")) == ()


class TestNames:
    def test_are_those_in_bodies(self) -> None:
        case = steps(b'POST /a {"s":"{{one}}{{two_}}"}\nGET /x\nPUT /b {{one}}{{Three}}{{}}{{f0ur}}{{ five }}{five}')

        assert names(case) == {"one", "two_"}

    def test_have_at_most_thirty_two_letters(self) -> None:
        assert names(steps(b"POST / {{%b}}" % (b"a" * 32))) == {"a" * 32}
        assert names(steps(b"POST / {{%b}}" % (b"a" * 33))) == set()

    @pytest.mark.parametrize(
        ("value", "filled"),
        [
            ("s-1", b'{"a":"s-1"}'),
            ("", b'{"a":""}'),
            ('"', b'{"a":"\\""}'),
            ("\\", b'{"a":"\\\\"}'),
            ("a\nb\x00", b'{"a":"a\\nb\\u0000"}'),
            ("caf\u00e9\U0001f600\u2028", '{"a":"caf\u00e9\U0001f600\u2028"}'.encode()),
            ("{{a}}\\1\\g<0>", b'{"a":"{{a}}\\\\1\\\\g<0>"}'),
        ],
    )
    def test_become_what_was_said(self, value: str, filled: bytes) -> None:
        assert fill(b'{"a":"{{a}}"}', {"a": value}) == filled

    def test_become_none_where_nothing_was_said(self) -> None:
        assert fill(b'["{{a}}","{{b}}"]', {"b": "x"}) == b'["none","x"]'

    def test_are_filled_wherever_they_stand(self) -> None:
        assert fill(b"{{a}}{{a}}{{{a}}} {{ a }} {{A}} {{a}", {"a": "x"}) == b"xx{x} {{ a }} {{A}} {{a}"

    @given(st.text(st.characters(exclude_categories=["Cs"])))
    def test_stay_within_their_string(self, value: str) -> None:
        filled = fill(b'["{{a}}"]', {"a": value})

        assert json.loads(filled) == [value]
        assert b"\n" not in filled
        assert b"\r" not in filled

    @given(st.binary())
    def test_a_body_without_any_stays_as_it_is(self, body: bytes) -> None:
        if b"{{" not in body:
            assert fill(body, {"a": "x"}) == body


class TestSaid:
    @pytest.mark.parametrize(
        ("body", "expected"),
        [
            (b'{"a":"x","b":"y","c":"z"}', {"a": "x", "b": "y"}),
            (b'{"a":"x"}', {"a": "x"}),
            (b'{"a":1,"b":null}', {}),
            (b'{"a":["x"],"b":{"a":"x"}}', {}),
            (b'{"a":"x","a":"y"}', {"a": "y"}),
            (b'{"\\u0061":"\\u0022"}', {"a": '"'}),
            (b'["a"]', {}),
            (b'"a"', {}),
            (b"", {}),
            (b'{"a":"x"', {}),
            (b'{"a":"x"}{}', {}),
            (b'{"a":"\xff"}', {}),
            (b'{"a":"\\ud800"}', {}),
            (b'{"b":"x","z":' + b"[" * 100_000 + b"]" * 100_000 + b"}", {}),
        ],
    )
    def test_are_the_texts_that_are_wanted(self, body: bytes, expected: dict[str, str]) -> None:
        assert said(body, frozenset({"a", "b"})) == expected

    @given(st.binary())
    def test_is_never_an_error(self, body: bytes) -> None:
        assert said(body, frozenset({"a"})).keys() <= {"a"}


def sequences(tenant: str = "x-lakehouse-tenant", forget: str = "DELETE /v1/tenant") -> Sequences:
    service = Service("x", Place(), deadline=1.0, names=Names(tenant, forget, Adapters(())))
    assert service.sequences is not None
    return service.sequences


class TestWire:
    def test_nothing_in_a_case_becomes_a_request_of_its_own(self) -> None:
        """Whatever is let through has one head with one length, and as many bytes behind it."""
        pieces = [b"POST /", b"GET /x", b"PUT /y ", b" ", b"\n", b"\r\n", b"\r", b"a: b", b"host: x", b":", b"{{a}}"]
        pieces += [b"\x00", b"\xff", b"?", b"restart", b"crash", b"HTTP/1.1"]
        draw, ways = random.Random(1), sequences()
        passed = 0
        for _ in range(20_000):
            case = b"".join(draw.choices(pieces, k=draw.randint(1, 7)))
            if isinstance(parsed := parse(case), str):
                continue
            passed += 1
            job = Job(parsed, 1)
            for call in parsed:
                if isinstance(call, str):
                    continue
                body = None if call.body is None else fill(call.body, {"a": "\r\n\r\nGET / HTTP/1.1"})
                head, _, behind = ways._wire(job, call.method, call.target, body).partition(b"\r\n\r\n")
                request, *headers = head.split(b"\r\n")
                assert b"\r" not in head.replace(b"\r\n", b"")
                assert b"\n" not in head.replace(b"\r\n", b"")
                assert request.count(b" ") == 2
                given = [b"x-lakehouse-tenant", b"parity-surface"]
                given += [] if body is None else [b"content-type", b"content-length"]
                assert [header.partition(b": ")[0] for header in headers] == given
                assert behind == (body or b"")
                assert body is None or headers[-1] == b"content-length: %d" % len(body)
        assert passed > 1_000

    @pytest.mark.parametrize(
        "forget", ["", "DELETE", "DELETE v1", "delete /v1", "FOO /v1", "DELETE /a b", "DELETE /\n"]
    )
    def test_a_call_to_forget_that_is_none_is_told(self, forget: str) -> None:
        with pytest.raises(
            UsageError, match=r"runtime 'x': .* in forget is no call; write for example DELETE /v1/tenant"
        ):
            sequences(forget=forget)

    @pytest.mark.parametrize(
        "tenant", ["", "a b", "a:", "h\u00e9", "host", "Content-Length", "connection", "a\r\nb: c"]
    )
    def test_a_header_for_tenants_that_is_none_is_told(self, tenant: str) -> None:
        with pytest.raises(UsageError, match=r"runtime 'x': .* in tenant is no header, or the harness's to set"):
            sequences(tenant=tenant)
