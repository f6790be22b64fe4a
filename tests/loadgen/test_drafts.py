"""What is drafted, and the verdict that it comes with: judged by the reference, which knows nothing of the load."""

from __future__ import annotations

import json
import re
from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import pytest

from lakehouse_ref.ingest.generate import generate
from lakehouse_ref.validate import numbers, validate
from loadgen import drafts
from loadgen.drafts import EMAILS, FILLS, TEXTS, Draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lakehouse_ref.ingest.worker import Worker

WORKERS = list(generate(1, 2_000))
SEEDS = 1_500
WAYS = {"fill": FILLS, "email": EMAILS, "sms": TEXTS}
PHONE = re.compile(r"\(?\d{3}[-). ]+\d{3}[-. ]\d{4}")


def fill(random: Random) -> Draft:
    first = random.choice(WORKERS)
    same = [one for one in WORKERS if (one.role, one.city, one.state) == (first.role, first.city, first.state)]
    return drafts.fill(same[: random.randint(1, 9)], f"r-{random.randrange(10_000)}", random)


def email(random: Random) -> Draft:
    return drafts.email(random.choice(WORKERS), f"r-{random.randrange(10_000)}", random)


def sms(random: Random) -> Draft:
    return drafts.sms(random.choice(WORKERS), f"r-{random.randrange(10_000)}", random)


KINDS: dict[str, Callable[[Random], Draft]] = {"fill": fill, "email": email, "sms": sms}


def made(kind: str, count: int = SEEDS) -> Iterator[Draft]:
    for seed in range(count):
        yield KINDS[kind](Random(f"{kind}/{seed}"))


def reason(draft: Draft) -> str:
    """Return why it is refused; empty where it is not."""
    if draft.status == 200:
        return ""
    ((_, told),) = json.loads(draft.answer).items()
    return str(told["reason"])


@pytest.mark.parametrize("kind", KINDS)
class TestADraft:
    def test_has_the_verdict_of_the_reference_to_the_byte(self, kind: str) -> None:
        for draft in made(kind):
            assert validate(draft.body, set()) == (draft.status, draft.answer)

    def test_is_wrong_in_every_way_some_time_and_mostly_right(self, kind: str) -> None:
        reasons = Counter(reason(draft) for draft in made(kind))

        assert set(reasons) == {"", *(way.reason for way in WAYS[kind])}
        assert 0.75 < reasons[""] / SEEDS < 0.85

    def test_of_the_same_seed_is_the_same(self, kind: str) -> None:
        assert list(made(kind, 30)) == list(made(kind, 30))
        assert len({draft.body for draft in made(kind, 30)}) > 20

    def test_is_of_its_kind_and_names_the_request(self, kind: str) -> None:
        for draft in made(kind, 100):
            body = json.loads(draft.body)
            assert body["kind"] == kind
            if draft.status == 200:
                assert json.loads(draft.answer) == {
                    "accepted": True,
                    "kind": kind,
                    "request_id": body["request_id"],
                }

    def test_that_is_right_for_every_worker_is_accepted(self, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also for those of the longest roles and cities."""
        monkeypatch.setattr(drafts, "WRONG", 0)
        for number, worker in enumerate(WORKERS):
            random = Random(number)
            draft = {
                "fill": lambda: drafts.fill([worker], "r", random),  # noqa: B023
                "email": lambda: drafts.email(worker, "r", random),  # noqa: B023
                "sms": lambda: drafts.sms(worker, "r", random),  # noqa: B023
            }[kind]()
            assert validate(draft.body, set()) == (200, draft.answer)


@pytest.mark.parametrize(
    ("kind", "way"), [(kind, number) for kind, ways in WAYS.items() for number in range(len(ways))]
)
def test_each_way_of_being_wrong_is_wrong_in_just_that(kind: str, way: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = WAYS[kind][way]
    monkeypatch.setattr(drafts, "_chosen", lambda _ways, _random: chosen)

    for draft in made(kind, 300):
        touched: set[str] = set()
        assert validate(draft.body, touched) == (422, draft.answer)
        assert json.loads(draft.answer) == {chosen.category: {"reason": chosen.reason}}


class TestATextMessage:
    def test_holds_at_most_160_characters_unless_that_is_what_is_wrong(self) -> None:
        lengths = Counter[int]()
        for draft in made("sms"):
            length = len(json.loads(draft.body)["artifact"]["body"])
            lengths[length] += 1
            assert (length > 160) == (reason(draft) == "sms-too-long")

        assert set(range(161, 1_000)) & set(lengths) == {161}  # one too many, and no more than that
        assert lengths[160] > 100  # the longest there may be, of which many bytes are more

    def test_of_160_characters_has_more_bytes_than_that(self) -> None:
        longest = [text for text in map(text_of, made("sms")) if len(text) == 160]

        assert any(len(text.encode()) > 160 for text in longest)

    def test_without_a_fault_holds_a_phone_number(self) -> None:
        for draft in made("sms"):
            if draft.status == 200:
                assert PHONE.search(text_of(draft))


def text_of(draft: Draft) -> str:
    return str(json.loads(draft.body)["artifact"]["body"])


class TestAPhoneNumber:
    def test_never_is_a_social_security_number(self) -> None:
        for seed in range(5_000):
            number = drafts.phone(Random(seed))
            assert not numbers.holds_social_security_number(number, set())
            assert not numbers.holds_social_security_number(f"Call {number} or {number}.", set())

    def test_is_written_in_every_way(self) -> None:
        shapes = Counter(re.sub(r"\d", "9", drafts.phone(Random(seed))) for seed in range(400))

        assert set(shapes) == {"999-999-9999", "(999) 999-9999", "999 999 9999", "999.999.9999"}
        assert min(shapes.values()) > 50

    def test_is_nobodys(self) -> None:
        """555-0100 to 555-0199 are kept free for such."""
        for seed in range(1_000):
            assert re.search(r"555.01\d\d$", drafts.phone(Random(seed)))

    def test_of_a_worker_is_their_own(self) -> None:
        worker: Worker = WORKERS[6]
        assert (drafts.number_of(worker), drafts.address(worker)) == ("312-555-0107", "w-000007@example.com")
