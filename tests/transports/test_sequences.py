"""Sequences of calls to a sound service: what is sent, to whom, in which order, and what comes of it."""

from __future__ import annotations

import json
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from parity.errors import StartError
from parity.model import Kind
from parity.runtime_config import AdapterConfig
from parity.transports.conversation import Failure

from .conftest import kinds
from .kept import FORGET, bodies, lines
from .services import PATIENCE, runs

if TYPE_CHECKING:
    from .kept import Asked, Kept, KeptBench
    from .services import ServiceBench

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


class TestPauses:
    @pytest.mark.parametrize("pause", ["restart", "crash"])
    def test_end_the_service_and_start_it_on_its_data(self, kept: KeptBench, pause: str) -> None:
        one = kept.started()
        (seen,) = kept.ask(one, lines(PUT, WHO, pause, WHO, GET))
        put, before, after, got = bodies(seen)

        assert [put, got] == [{"keys": 1}, THERE]
        assert before != after
        assert len(one.starts) == 2
        assert len(set(one.starts)) == 1
        assert [runs(pid) for pid in sorted(kept.services.processes())].count(True) == 1

    def test_are_those_of_the_cases_that_have_them(self, kept: KeptBench) -> None:
        """Without a pause a write that comes late is there, behind SIGTERM as well, and behind SIGKILL it is not."""
        patterns = [[], ["restart"], ["crash"], ["restart", "crash"], ["crash", "restart"], ["crash"] * 2, ["restart"]]
        cases = []
        for pattern in patterns:
            steps = [WHO]
            for number, pause in enumerate(pattern):
                steps += [f"POST /put/k{number} {number}", pause, WHO, ALL]
            cases.append(lines(*steps))
        one = kept.started("writes-late", connections=1)
        together = [bodies(seen) for seen in kept.ask(one, *cases, *cases)]
        starts = len(one.starts)
        alone = [bodies(kept.ask(one, case)[0]) for case in cases]

        def shown(said: list[object]) -> list[object]:
            """Return what was said, with a number in the place of each process, and nobody's name."""
            pids: list[object] = []
            shown: list[object] = []
            for body in said:
                assert isinstance(body, dict)
                if "process" in body and body["process"] not in pids:
                    pids.append(body["process"])
                shown.append(pids.index(body["process"]) if "process" in body else body)
            return shown

        assert [shown(said) for said in together] == [shown(said) for said in alone] * 2
        assert starts == 1 + 1 + 1 + 2 + 2 + 2, "a pause is everybody's who pauses alike"
        assert shown(alone[1])[-1] == {"values": {"k0": 0}}, "SIGTERM lets it write what it had not written"
        assert shown(alone[2])[-1] == {"values": {}}, "SIGKILL does not"
        assert [max(number for number in shown(said) if isinstance(number, int)) for said in alone] == [
            len(pattern) for pattern in patterns
        ]

    @pytest.mark.parametrize("pause", ["restart", "crash"])
    @pytest.mark.parametrize(
        ("before", "after"), [([], [PUT, GET]), ([PUT, GET], []), ([PUT], [GET]), ([], [])], ids=str
    )
    def test_may_stand_anywhere_and_in_a_row(
        self, kept: KeptBench, pause: str, before: list[str], after: list[str]
    ) -> None:
        one = kept.started()
        (seen,) = kept.ask(one, lines(*before, pause, pause, *after))

        assert bodies(seen) == ([{"keys": 1}, THERE] if before or after else [])
        assert len(one.starts) == 3

    def test_lose_what_is_in_memory_alone(self, kept: KeptBench) -> None:
        one = kept.started(data=False)
        (seen,) = kept.ask(one, lines(PUT, GET, "restart", GET))

        assert bodies(seen) == [{"keys": 1}, THERE, NOWHERE]

    def test_are_not_for_a_service_of_somebody_else(self, kept: KeptBench) -> None:
        one = kept.started(data=False)
        way = kept.attached(one)
        seen = kept.ask(
            way, lines(PUT, WHO, "restart", WHO, GET), lines(PUT, WHO, "crash", "crash", WHO, GET), lines(WHO)
        )

        for row in seen[:2]:
            put, before, after, got = bodies(row)
            assert (put, got) == ({"keys": 1}, THERE)
            assert before == after
        assert len(one.starts) == 1
        kept.close(way)
        assert kinds(kept.ask(one, lines(WHO))) == ["answered"]


class TestData:
    def test_is_an_empty_directory_of_its_own_which_is_taken_away(self, kept: KeptBench) -> None:
        ways = [kept.started(name=name) for name in ("one", "other")]
        (one,), (other,) = (way.starts for way in ways)

        assert one != other
        assert list(Path(one).iterdir()) == []
        kept.ask(ways[0], lines(PUT, "restart", GET))
        assert [file.name for file in Path(one).iterdir()] == ["journal"]
        kept.close(ways[0])
        assert not Path(one).exists()
        assert Path(other).exists()
        kept.close(ways[1])
        assert not Path(other).exists()
        assert kept.services.left() == []

    def test_is_taken_away_where_it_does_not_start(self, kept: KeptBench) -> None:
        one = kept.started("never-starts", is_open=False)
        with pytest.raises(StartError, match="does not start: no configuration found"):
            kept.services.driver.run(one.service.open())

        assert one.starts
        assert [folder for folder in one.starts if Path(folder).exists()] == []

    def test_is_a_new_one_after_a_close(self, kept: KeptBench) -> None:
        one = kept.started()
        kept.ask(one, lines(PUT))
        kept.close(one)
        kept.services.driver.run(one.sequences.open())

        assert bodies(kept.ask(one, lines(GET))[0]) == [NOWHERE]
        assert len(set(one.starts)) == 2
        kept.services.driver.run(one.sequences.close())
        assert not any(Path(folder).exists() for folder in one.starts)

    def test_is_not_made_for_who_does_not_want_it(self, kept: KeptBench) -> None:
        one = kept.started(data=False)

        assert one.starts == ["None"]
        assert one.service.host._data is None


class TestTurn:
    def test_messages_and_sequences_take_turns(self, kept: KeptBench, services: ServiceBench) -> None:
        """A restart within a batch of messages would be their fault."""
        one = kept.started()
        message = b"GET /do/nap\n\n"
        asking = []
        for _ in range(3):
            asking.append(services.driver.ask({"x": one.service}, "echo", [message] * 4))
            asking.append(
                services.driver.ask({"x": one.sequences}, "kept", [lines(PUT, "crash", GET), lines("restart")])
            )
        rows = [row["x"] for future in asking for row in future.result(timeout=PATIENCE)]

        assert kinds(rows) == ["answered"] * len(rows)
        assert len(one.starts) == 1 + 3 * 2

    def test_messages_keep_no_connection_through_a_pause(self, kept: KeptBench, services: ServiceBench) -> None:
        one = kept.started()
        for _ in range(3):
            assert kinds(services.ask(one.service, *[b"GET /all\n\n"] * 9)) == ["answered"] * 9
            assert kinds(kept.ask(one, lines("crash"))) == ["answered"]

    def test_what_came_late_behind_a_message_is_told_of_a_message(
        self, kept: KeptBench, services: ServiceBench
    ) -> None:
        one = kept.started()
        one.service._late = Failure(Kind.GARBLED, "bytes that nobody asked for")

        (seen,) = kept.ask(one, lines(PUT, GET))
        assert bodies(seen) == [{"keys": 1}, THERE]
        first, second = (services.ask(one.service, b"GET /all\n\n")[0] for _ in range(2))
        assert "behind an answer of an earlier batch" in first.detail
        assert second.kind is Kind.ANSWERED
