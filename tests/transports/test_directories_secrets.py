"""The key of a case stands in no observation, whatever a testee does with it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from .conftest import kinds
from .hostile_files import FORMS
from .trees import ONE, case, keyed, log, step, steps

if TYPE_CHECKING:
    from parity.model import Observation
    from parity.transports.directories import Files

    from .conftest import Bench

KEY = hashlib.sha256(b"parity secret a 0").digest()


def holds(seen: Observation, key: bytes) -> bool:
    """Tell whether a report of an observation would hold the key, in a form that somebody could read off."""
    shown = "\n".join([seen.output.decode("latin-1"), seen.detail, seen.log, *seen.rules])
    ends = key[:6], key[-6:]
    forms = [form(end).strip(b"[]b'=").decode("latin-1") for form in FORMS.values() for end in ends]
    return any(form in shown for form in forms if len(form) > 5)


class TestKeys:
    @pytest.mark.parametrize("form", FORMS)
    def test_in_an_answer_are_a_fault_and_not_shown(self, bench: Bench, files: Files, form: str) -> None:
        seen = bench.ask(files, ONE, keyed("a", ["tell", form]), keyed("b", ["line", "log", "x"]))

        assert kinds(seen) == ["answered", "garbled", "answered"]
        assert seen[1].detail == "step 1: it gives a secret away"
        assert not holds(seen[1], KEY)

    @pytest.mark.parametrize("form", FORMS)
    def test_in_a_log_are_not_shown(self, bench: Bench, files: Files, form: str) -> None:
        seen = bench.ask(files, ONE, keyed("a", ["log-and-die", form]), ONE)

        assert kinds(seen) == ["answered", "garbled", "answered"]
        assert seen[1].detail == "step 1: crashed, and what it says beside gives a secret away"
        assert seen[1].log == ""

    @pytest.mark.parametrize("form", FORMS)
    def test_in_the_log_beside_another_cases_fault_are_not_shown(self, bench: Bench, files: Files, form: str) -> None:
        seen = bench.ask(files, keyed("a", ["log", form]), case(["tire"]), ONE)

        assert kinds(seen) == ["answered", "garbled", "answered"]
        assert seen[1].detail == "step 1: crashed, and what it says beside gives a secret away"
        assert seen[1].log == ""

    @pytest.mark.parametrize("form", FORMS)
    def test_in_a_log_from_before_are_not_shown_either(self, bench: Bench, files: Files, form: str) -> None:
        seen = bench.ask(files, keyed("a", ["log", form]))
        seen += bench.ask(files, ONE, keyed("b", ["die", "log"]), ONE)

        assert [one.kind.is_fault for one in seen] == [False, False, True, False]
        assert not any(holds(one, KEY) for one in seen)

    @pytest.mark.parametrize("form", FORMS)
    def test_in_what_is_no_answer_are_not_shown(self, bench: Bench, files: Files, form: str) -> None:
        seen = bench.ask(files, ONE, keyed("a", ["babble", form]), ONE)

        assert kinds(seen) == ["answered", "garbled", "answered"]
        assert not holds(seen[1], KEY)

    @pytest.mark.parametrize("form", FORMS)
    def test_in_a_file_stand_there_without_their_bytes(self, bench: Bench, files: Files, form: str) -> None:
        (seen,) = bench.ask(files, keyed("a", ["keep", form, "copy"], ["line", "copy", "more"]))

        assert [one["left"] for one in steps(seen)] == [{"copy": {"mode": "600", "secret": "changed"}}] * 2

    @pytest.mark.parametrize("what", ["call", "point"])
    @pytest.mark.parametrize("form", ["raw", "hex", "base64"])
    def test_in_a_name_or_a_link_are_a_fault_and_not_shown(
        self, bench: Bench, files: Files, what: str, form: str
    ) -> None:
        seen = bench.ask(files, ONE, keyed("a", [what, form]))

        assert kinds(seen) == ["answered", "garbled"]
        assert seen[1].detail == "step 1: a name or a link that it leaves gives a secret away"

    def test_of_another_case_are_no_secrets_of_this_one(self, bench: Bench, files: Files) -> None:
        text = KEY.hex()
        seen = bench.ask(files, keyed("a", ["line", "log", "x"]), case(["line", "log", text]))

        assert steps(seen[1]) == [step({"lines": 1}, log(text))]

    def test_stand_in_no_observation_of_a_sound_case(self, bench: Bench, files: Files) -> None:
        (seen,) = bench.ask(files, keyed("a", ["line", "log", "x"], ["read", "log"]))

        assert steps(seen) == [step({"lines": 1}, log("x")), step({"length": 2, "text": "x\n"})]
