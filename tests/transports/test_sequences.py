"""Sequences of calls to a sound service: what is sent, to whom, in which order, and what comes of it."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parity.model import Kind
from parity.runtime_config import AdapterConfig

from .conftest import kinds
from .kept import FORGET, bodies, lines
from .services import PATIENCE

if TYPE_CHECKING:
    from .kept import Asked, Kept, KeptBench

PUT, GET, ALL, WHO = "POST /put/a 1", "GET /get/a", "GET /all", "GET /whoami"
THERE, NOWHERE = {"value": 1}, {"unknown": "/get/a"}


def by_tenant(kept: Kept) -> dict[str, list[Asked]]:
    """Return what each tenant asked."""
    found = defaultdict(list)
    for each in kept.asked:
        found[each.tenant].append(each)
    return found


class TestAnswers:
    def test_are_written_down_one_a_call(self, kept: KeptBench) -> None:
        (seen,) = kept.ask(kept.started(), lines(PUT, GET, "GET /get/b", "DELETE /get/a"))

        assert seen.kind is Kind.ANSWERED
        assert seen.output == (
            b'{"steps":[{"status":200,"type":"application/json","body":{"keys": 1}},'
            b'{"status":200,"type":"application/json","body":{"value": 1}},'
            b'{"status":404,"type":"application/json","body":{"unknown": "/get/b"}},'
            b'{"status":200,"type":"application/json","body":{"value": 1}}]}'
        )

    def test_come_in_the_order_of_the_cases(self, kept: KeptBench) -> None:
        one = kept.started(connections=5)
        cases = [lines(f"POST /put/n {number}", "GET /get/n") for number in range(100)]

        assert [bodies(seen)[1] for seen in kept.ask(one, *cases)] == [{"value": number} for number in range(100)]

    def test_tell_the_rules_that_mattered_at_any_call(self, kept: KeptBench) -> None:
        (seen,) = kept.ask(kept.started(), lines("GET /do/rules", ALL, "GET /do/rules"))

        assert seen.rules == ("a", "b")

    def test_of_a_case_without_calls_are_none(self, kept: KeptBench) -> None:
        seen = kept.ask(kept.started(), lines("restart"), lines("crash", "crash"))

        assert [row.output for row in seen] == [b'{"steps":[]}'] * 2

    def test_of_no_cases_are_none(self, kept: KeptBench) -> None:
        assert kept.ask(kept.started()) == []

    def test_of_what_is_no_sequence_are_refusals_and_nobody_hears_of_it(self, kept: KeptBench) -> None:
        one = kept.started()
        wrong = {
            b"": "line 1 is no call, restart or crash",
            lines(PUT, "", GET): "line 2 is no call, restart or crash",
            lines(PUT, "get /get/a"): "line 2 is no call, restart or crash",
            b"GET /all {}": "line 1 is no call, restart or crash",
            b"GET /all\r": "line 1 is no call, restart or crash",
            lines(*[ALL] * 201): "more than 200 lines",
        }
        refused = list(wrong)
        seen = kept.ask(one, *refused[:3], lines(PUT), *refused[3:], lines(GET))

        assert kinds(seen) == ["refused"] * 3 + ["answered"] + ["refused"] * 3 + ["answered"]
        details = [row.detail for row in seen if row.kind is Kind.REFUSED]
        assert details == [f"not sent to anybody: {sentence}" for sentence in wrong.values()]
        assert [each.line for each in one.calls] == ["POST /put/a", GET]

    def test_of_two_hundred_lines_are_two_hundred(self, kept: KeptBench) -> None:
        (seen,) = kept.ask(kept.started(), lines(*[f"POST /put/k{number} 1" for number in range(200)]))

        assert bodies(seen) == [{"keys": number + 1} for number in range(200)]


class TestTenants:
    def test_are_one_a_case_and_told_with_every_call(self, kept: KeptBench) -> None:
        one = kept.started()
        kept.ask(one, *[lines(PUT, f"GET /get/{number}", GET) for number in range(20)])
        asked = by_tenant(one)

        assert len(asked) == 20
        numbers = [own[1].line.removeprefix("GET /get/") for own in asked.values()]
        assert sorted(numbers, key=int) == [str(number) for number in range(20)]
        for tenant, own in asked.items():
            assert [each.line for each in own] == ["POST /put/a", own[1].line, GET, FORGET]
            assert 0 < len(tenant) <= 64
            assert set(tenant) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")

    def test_are_new_ones_at_every_ask(self, kept: KeptBench) -> None:
        one = kept.started()
        for _ in range(3):
            seen = kept.ask(one, lines(GET, PUT), lines(GET, PUT))
            assert [bodies(row)[0] for row in seen] == [NOWHERE] * 2

        assert len(by_tenant(one)) == 6

    def test_share_nothing(self, kept: KeptBench) -> None:
        one = kept.started()
        seen = kept.ask(one, *[lines(GET, f"POST /put/a {number}", GET) for number in range(30)])

        assert [bodies(row) for row in seen] == [[NOWHERE, {"keys": 1}, {"value": number}] for number in range(30)]

    def test_that_a_service_does_not_keep_apart_show(self, kept: KeptBench) -> None:
        leaking = kept.started("leaks", connections=1)

        assert [bodies(row) for row in kept.ask(leaking, lines(PUT), lines(GET))] == [[{"keys": 1}], [THERE]]

    def test_are_the_same_for_all_runtimes_and_so_is_every_byte(self, kept: KeptBench) -> None:
        """But for the host, which says where the request goes to."""
        ways = {name: kept.started(name=name) for name in ("one", "other", "third")}
        cases = [
            lines(PUT, GET),
            lines('POST /raw {"name":"x"}', "crash", 'PUT /echo {"a":"{{name}}"}'),
            lines("PATCH /echo", "restart", "OPTIONS /all", "DELETE /get/a?b=c"),
        ]
        driver = kept.services.driver
        asking = driver.ask({name: each.sequences for name, each in ways.items()}, "kept", cases)
        for row in asking.result(timeout=PATIENCE):
            assert len({seen.output for seen in row.values()}) == 1
            assert {seen.kind for seen in row.values()} == {Kind.ANSWERED}

        raw = [
            {
                tenant: [each.raw.replace(f"host: {each.headers[0][6:]}\r\n", "") for each in own]
                for tenant, own in by_tenant(each).items()
            }
            for each in ways.values()
        ]
        assert len(raw[0]) == 3
        assert raw[0] == raw[1] == raw[2]

    def test_are_forgotten_behind_the_last_line(self, kept: KeptBench) -> None:
        one = kept.started()
        kept.ask(one, lines(PUT, "restart", GET), lines(PUT, "crash"))

        journal = Path(one.starts[0], "journal").read_text().splitlines()
        assert [json.loads(line)[1] for line in journal].count("forgotten") == 2
        assert [[each.line for each in own][-1] for own in by_tenant(one).values()] == [FORGET] * 2

    def test_may_be_told_and_forgotten_in_other_words(self, kept: KeptBench) -> None:
        one = kept.started(tenant="X-Realm", forget='POST /put/forgotten {"really":true}')
        kept.ask(one, lines(ALL))
        call, forget = one.asked

        assert [header.partition(": ")[0] for header in call.headers] == ["host", "X-Realm", "parity-surface"]
        assert forget.line == "POST /put/forgotten"
        assert forget.body == '{"really":true}'
        assert call.headers[1] == forget.headers[1]
        assert forget.headers[3:] == ["content-type: application/json", "content-length: 15"]

    def test_that_cannot_be_forgotten_are_the_services_affair(self, kept: KeptBench) -> None:
        assert kinds(kept.ask(kept.started("502-at-forget"), lines(PUT, GET))) == ["answered"]


class TestCalls:
    def test_are_sent_as_they_stand(self, kept: KeptBench) -> None:
        one = kept.started()
        kept.ask(one, b"POST /echo?a=%20b \x00\xff {}\r\nPUT /echo\nGET /all?x")
        first, second, third, _ = one.asked
        own = ["x-lakehouse-tenant", "parity-surface"]

        assert (first.line, first.body) == ("POST /echo?a=%20b", "\x00\xff {}\r")
        assert (second.line, second.body) == ("PUT /echo", "")
        assert (third.line, third.body) == ("GET /all?x", "")
        given = ["host", *own, "content-type", "content-length"]
        assert [header.partition(": ")[0] for header in first.headers] == given
        assert first.headers[3:] == ["content-type: application/json", "content-length: 6"]
        assert second.headers[3:] == ["content-type: application/json", "content-length: 0"]
        assert [header.partition(": ")[0] for header in third.headers] == ["host", *own]
        assert "parity-surface: kept" in third.headers

    def test_of_a_case_go_one_behind_the_other_over_a_connection_of_its_own(self, kept: KeptBench) -> None:
        one = kept.started()
        kept.ask(one, *[lines(PUT, GET, ALL) for _ in range(20)])
        used = [{each.connection for each in own} for own in by_tenant(one).values()]

        assert [len(numbers) for numbers in used] == [1] * 20
        assert len(set.union(*used)) == 20

    @pytest.mark.parametrize("manner", ["says-close", "closes-idle-connections"])
    def test_go_on_over_another_connection_where_one_is_closed(self, kept: KeptBench, manner: str) -> None:
        one = kept.started(manner)
        # Between two calls of its own an idle connection of ours is never idle for long, but with a rate.
        way = kept.attached(one, rate=5.0) if manner == "closes-idle-connections" else one
        (seen,) = kept.ask(way, lines(PUT, GET, ALL))

        assert bodies(seen) == [{"keys": 1}, THERE, {"values": {"a": 1}}]
        assert len({each.connection for each in one.asked}) == 4

    def test_are_no_more_at_once_than_the_service_takes(self, kept: KeptBench) -> None:
        """It would die of two."""
        one = kept.started(connections=1)
        seen = kept.ask(one, *[lines("GET /do/die-together", GET)] * 3)

        assert kinds(seen) == ["answered"] * 3
        assert len(one.starts) == 1

    def test_are_no_more_a_second_than_the_service_allows(self, kept: KeptBench) -> None:
        way = kept.attached(kept.started(), rate=50.0)

        began = time.monotonic()
        seen = kept.ask(way, *[lines(PUT, GET)] * 5)

        assert kinds(seen) == ["answered"] * 5
        assert time.monotonic() - began >= 14 / 50

    def test_have_a_deadline_each(self, kept: KeptBench) -> None:
        one = kept.started(deadline=1.2)

        assert kinds(kept.ask(one, lines(*["GET /do/nap"] * 5))) == ["answered"]


class TestNames:
    def ask(self, kept: KeptBench, *case: str) -> list[object]:
        (seen,) = kept.ask(kept.started(), lines(*case))
        return bodies(seen)

    def test_stand_for_what_an_answer_said(self, kept: KeptBench) -> None:
        said = self.ask(kept, 'POST /raw {"name":"s-1"}', "GET /all", 'POST /echo {"a":"{{name}}","b":"{{name}}"}')

        assert said[2] == {"said": '{"a":"s-1","b":"s-1"}'}

    def test_stand_for_none_where_no_answer_did(self, kept: KeptBench) -> None:
        assert self.ask(kept, 'POST /echo {"a":"{{name}}"}') == [{"said": '{"a":"none"}'}]

    @pytest.mark.parametrize("text", ['"', "\\", 'a\\"b', "caf\u00e9\n\t\u2028", "\x00", "{{name}}", "{{other}}", ""])
    def test_are_written_as_json_has_them(self, kept: KeptBench, text: str) -> None:
        spelled = json.dumps({"name": text}).replace("{{", "\\u007b{")  # or it would be filled itself
        said = self.ask(kept, f"POST /raw {spelled}", 'POST /raw {"said":["{{name}}"]}')

        assert said[1] == {"said": [text]}

    def test_stand_for_the_latest_answer_that_had_one(self, kept: KeptBench) -> None:
        said = self.ask(
            kept,
            'POST /raw {"name":"first","other":"x"}',
            'POST /raw {"name":"second"}',
            'POST /raw {"name":2}',
            'POST /raw ["name"]',
            'POST /raw {"x":{"name":"inner"}}',
            "GET /get/nowhere",
            'POST /echo "{{name}} {{other}}"',
            'POST /raw {"name":"third"}',
            'POST /echo "{{name}} {{other}}"',
        )

        assert [said[6], said[8]] == [{"said": '"second x"'}, {"said": '"third x"'}]

    def test_outlast_a_pause(self, kept: KeptBench) -> None:
        said = self.ask(kept, 'POST /raw {"name":"s-1"}', "restart", 'POST /echo "{{name}}"')

        assert said == [{"name": "s-1"}, {"said": '"s-1"'}]

    def test_are_those_of_the_case_alone(self, kept: KeptBench) -> None:
        one = kept.started(connections=1)
        seen = kept.ask(one, lines('POST /raw {"name":"s-1"}'), lines('POST /echo "{{name}}"'))

        assert bodies(seen[1]) == [{"said": '"none"'}]

    def test_are_the_contracts_where_the_runtime_has_others(self, kept: KeptBench) -> None:
        adapter = AdapterConfig(name="x", surface="kept", path="/raw", there="/raw", answer={"name": "title"})
        one = kept.started(adapters=[adapter])
        (seen,) = kept.ask(one, lines('POST /raw {"title":"s-1"}', 'POST /echo "{{name}} {{title}}"'))

        assert bodies(seen) == [{"name": "s-1"}, {"said": '"s-1 none"'}]


class TestAdapters:
    def test_are_between_the_case_and_the_runtime(self, kept: KeptBench) -> None:
        adapter = AdapterConfig(
            name="hybrid",
            surface="kept",
            path="/retrieve",
            there="/raw",
            request={"query_text": "query"},
            answer={"asked": "query"},
            names_at=("/field",),
        )
        one = kept.started(adapters=[adapter])
        (seen,) = kept.ask(
            one,
            lines(
                'POST /retrieve?x=1 {"query_text":1,"field":"query.0"}',
                'POST /raw {"query":1}',
                'POST /echo {"query_text":1}',
            ),
        )
        there = [(each.line, each.body) for each in one.calls]

        assert there == [
            ("POST /raw?x=1", '{"query":1,"field":"query.0"}'),
            ("POST /retrieve", '{"query_text":1}'),
            ("POST /echo", '{"query_text":1}'),
        ]
        assert one.asked[0].headers[-1] == "content-length: 29"
        assert bodies(seen)[0] == {"asked": 1, "field": "query_text.0"}
        assert bodies(seen)[1:] == [{"unknown": "/retrieve"}, {"said": '{"query_text":1}'}]
        assert one.sequences.adapted == {("kept", "hybrid"): 2}
