"""The six scenarios of the load story. Each plays one coordinator's work to its end, and asserts every answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

import msgspec

from loadgen import answers, drafts, ledger, roster, samples
from loadgen.client import Call, Client, Failed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from lakehouse_ref.ingest.worker import Worker
    from loadgen.answers import Found, Hit, Remembered
    from loadgen.client import Address
    from loadgen.drafts import Draft
    from loadgen.ledger import Ledger
    from loadgen.roster import Query, Roster
    from loadgen.samples import Answer, Sample, Taken

T = TypeVar("T")

K = 10
FEW = 5
"""How many of the first hits are excluded from the swapped search."""
REPEATS = 5
JSON = "application/json"


class Target:
    """Whom a run is against: its calls, and what is searched there."""

    def __init__(self, matrixd: Address, validatord: Address, tenant: str, corpus: Roster, deadline: float) -> None:
        """Take the addresses, the tenant of the workers, and the seconds that one call may take."""
        self.matrixd, self.validatord, self.roster, self.deadline = matrixd, validatord, corpus, deadline
        lines = {"content-type": JSON, "x-lakehouse-tenant": tenant}
        self.search = Call(matrixd, "POST", "/v1/matrix/search", lines)
        self.record = Call(matrixd, "POST", "/v1/matrix/playbooks/record", lines)
        self.validate = Call(validatord, "POST", "/v1/validate", {"content-type": JSON})


class Coordinator:
    """One simulated coordinator, with connections of their own."""

    def __init__(
        self, target: Target, book: Callable[[], Ledger], random: Random, taken: Taken, remembered: Remembered
    ) -> None:
        """Take whom to ask, where to count, the chance that decides what is asked, and what was answered to all."""
        self.random = random
        self.roster = target.roster
        self._target, self._book, self._taken, self._remembered = target, book, taken, remembered
        self._matrixd = Client(target.matrixd, target.deadline)
        self._validatord = Client(target.validatord, target.deadline)
        self._requests = 0

    def search(self, query: Query, *, excluded: Sequence[str] = (), playbook: bool = False) -> Found:
        """Search, hold the answer to what is always true, and return it. Raises Failed."""
        body: dict[str, object] = {"k": K, "query_role": query.role, "query_text": query.text}
        if excluded:
            body["excluded_ids"] = excluded
        if playbook:
            body["use_playbook"] = True
        sent = msgspec.json.encode(body)

        def check(answer: Answer) -> Found:
            found = answers.read(answer.body)
            answers.check(found, query, self.roster, K, excluded, playbook=playbook)
            if not playbook and not excluded:
                answers.check_top(found, query)
            if not playbook:
                self._remembered.check(sent, answer.body)
            return found

        def sample(answer: Answer) -> Sample | None:
            return None if playbook else samples.matrix(self.roster.workers, sent, answer)

        return self._ask(self._matrixd, self._target.search, sent, check, sample=sample)

    def validate(self, draft: Draft) -> None:
        """Have a draft validated, and hold the verdict to the one that is due. Raises Failed."""

        def check(answer: Answer) -> None:
            if answer.body != draft.answer:
                raise answers.WrongAnswer(f"{_short(answer.body)}, and {_short(draft.answer)} is due")

        def sample(answer: Answer) -> Sample:
            return samples.validate(draft.body, answer)

        self._ask(self._validatord, self._target.validate, draft.body, check, draft.status, sample)

    def record(self, query: Query, hit: Hit) -> None:
        """Record that a hit worked for a query. Raises Failed."""
        score = roster.score(hit.id)
        body = {"answer_id": hit.id, "query_text": query.text, "role": query.role, "score": score}

        def check(answer: Answer) -> None:
            answers.check_recorded(answer.body, query.text, query.role, hit.id)

        self._ask(self._matrixd, self._target.record, msgspec.json.encode(body), check)

    def worker(self, hit: Hit) -> Worker:
        """Return the worker behind a hit."""
        return self.roster.workers[hit.id]

    def request_id(self) -> str:
        """Return a name for the next request to the validator, which it has to give back."""
        self._requests += 1
        return f"r-{self._requests}"

    def _ask(
        self,
        client: Client,
        call: Call,
        body: bytes,
        check: Callable[[Answer], T],
        status: int = 200,
        sample: Callable[[Answer], Sample | None] | None = None,
    ) -> T:
        """Ask, count what came, and return what `check` made of it. Raises Failed.

        A share of the answers is kept for other runtimes to be compared by, also of those that are wrong.
        """
        began = time.perf_counter()
        answer = None
        try:
            answer = client.ask(call, body)
            took = time.perf_counter() - began
            if sample is not None and self._taken.now():
                self._book().sample(sample(answer))
            check_head(call.name, answer, status)
            try:
                made = check(answer)
            except answers.WrongAnswer as error:
                raise Failed("wrong_answer", call.name, str(error)) from None
        except Failed as failure:
            took = time.perf_counter() - began
            told = ledger.example(failure.kind, call.name, failure.why)
            self._book().call(call.name, took * 1e6, str(answer.status) if answer else "none", told)
            raise
        self._book().call(call.name, took * 1e6, str(answer.status))
        return made

    def close(self) -> None:
        """End the connections."""
        self._matrixd.close()
        self._validatord.close()


def check_head(call: str, answer: Answer, status: int) -> None:
    """Raise Failed unless an answer has the status, and is JSON."""
    if answer.status >= 500:
        raise Failed("server_error", call, f"status {answer.status}: {_short(answer.body)}")
    if answer.status != status:
        raise Failed("wrong_answer", call, f"status {answer.status}, and {status} is due: {_short(answer.body)}")
    if answer.content_type != b"application/json":
        raise Failed("wrong_answer", call, f"content-type {answer.content_type!r}, and application/json is due")


def _short(body: bytes) -> str:
    return body[:300].decode("utf-8", "backslashreplace")


# ------------------------------------------------------------------ the scenarios


def cold_search_email(user: Coordinator) -> None:
    """Search, write an e-mail to the top hit, and have it validated."""
    query = user.roster.any(user.random)
    found = user.search(query)
    user.validate(drafts.email(user.worker(found.hits[0]), user.request_id(), user.random))


def surge_fill_validate(user: Coordinator) -> None:
    """Search, propose who fills the order, have that validated, and record the answer."""
    query = user.roster.one_to_record(user.random)
    found = user.search(query)
    fitting = [hit for hit in found.hits if _fits(hit, query)][: query.headcount]
    workers = [user.worker(hit) for hit in fitting] or [user.worker(found.hits[0])]
    user.validate(drafts.fill(workers, user.request_id(), user.random))
    user.record(query, found.hits[0])


def profile_swap(user: Coordinator) -> None:
    """Search, then swap the profiles: the same search without the first few, recorded answers or not."""
    query = user.roster.one_to_record(user.random)
    found = user.search(query)
    excluded = [hit.id for hit in found.hits[:FEW]]
    user.search(query, excluded=excluded)
    user.search(query, excluded=excluded, playbook=True)


def repeat_cache(user: Coordinator) -> None:
    """Ask the same five times; as ever, the same search has the same answer."""
    query = user.roster.any(user.random)
    for _ in range(REPEATS):
        user.search(query)


def sms_validate(user: Coordinator) -> None:
    """Have a text message validated: its length, and phone numbers in the face of the guard of social security ones."""
    worker = user.random.choice(user.roster.known)
    user.validate(drafts.sms(worker, user.request_id(), user.random))


def playbook_record_replay(user: Coordinator) -> None:
    """Search cold, record the answer, and search warm: it is nearer by its score, and for no other role."""
    query = user.roster.one_to_record(user.random)
    cold = user.search(query)
    answer = cold.hits[0]
    user.record(query, answer)
    warm = user.search(query, playbook=True)
    try:
        answers.check_warm(warm, answer, roster.score(answer.id))
    except answers.WrongAnswer as error:
        raise Failed("wrong_answer", "POST /v1/matrix/search", str(error)) from None
    other = query._replace(role=user.random.choice(user.roster.other_roles[query.role]))
    user.search(other, playbook=True)


def _fits(hit: Hit, query: Query) -> bool:
    meta = hit.metadata
    return (meta.role, meta.city, meta.state) == (query.role, query.city, query.state)


SCENARIOS: dict[str, tuple[int, Callable[[Coordinator], None]]] = {
    "cold_search_email": (35, cold_search_email),
    "surge_fill_validate": (15, surge_fill_validate),
    "profile_swap": (15, profile_swap),
    "repeat_cache": (15, repeat_cache),
    "sms_validate": (10, sms_validate),
    "playbook_record_replay": (10, playbook_record_replay),
}
"""Every scenario with its weight, in a hundred."""
