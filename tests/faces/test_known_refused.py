"""What `parity known add` does not let through, and what no run takes for a list."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from .listing import LAST, WHY, day, only, refusal, the_list
from .usage import assert_usage_error, run_inside

if TYPE_CHECKING:
    from .conftest import Main, Project


class TestRefusal:
    def test_of_what_no_run_found(self, wrong: Project, main: Main) -> None:
        assert "run parity first, or say --report" in refusal(main("known", "add", "size-y-ffffff", *WHY))
        main("run")
        sentence = refusal(main("known", "add", "size-y-ffffff", *WHY))
        assert (
            f"unknown divergence 'size-y-ffffff' in {wrong.report / 'summary.json'}; known: {only(wrong)}" in sentence
        )

    @pytest.mark.parametrize("content", [b"", b"{}", b"[" * 5000, b'{"schema":"\xff"}'])
    def test_of_a_broken_summary(self, wrong: Project, main: Main, content: bytes) -> None:
        wrong.report.mkdir(parents=True)
        (wrong.report / "summary.json").write_bytes(content)

        assert "is not the summary of a run" in refusal(main("known", "add", "size-y-ffffff", *WHY))

    @pytest.mark.parametrize(
        ("expires", "fragment"),
        [
            (day(-1), "is in the past"),
            ("soon", "takes a day such as 2027-01-31, not 'soon'"),
            ("2027-02-30", "takes a day such as 2027-01-31"),
            ("", "takes a day such as 2027-01-31"),
        ],
    )
    def test_of_a_last_day_that_is_none(self, wrong: Project, main: Main, expires: str, fragment: str) -> None:
        main("run")

        assert fragment in refusal(main("known", "add", only(wrong), *WHY[:-1], expires))
        assert not the_list(wrong).exists()

    @pytest.mark.parametrize("option", ["reason", "issue", "owner"])
    @pytest.mark.parametrize(("text", "what"), [(" ", "is empty"), ("x\udcff", "is no text")])
    def test_of_a_text_that_says_nothing(self, wrong: Project, main: Main, option: str, text: str, what: str) -> None:
        main("run")
        given = list(WHY)
        given[given.index(f"--{option}") + 1] = text

        assert f"cannot be let through: {option} {what}" in refusal(main("known", "add", only(wrong), *given))

    @pytest.mark.parametrize("option", ["reason", "issue", "owner", "expires"])
    def test_of_an_option_that_is_missing(self, wrong: Project, main: Main, option: str) -> None:
        main("run")
        at = WHY.index(f"--{option}")

        done = main("known", "add", only(wrong), *WHY[:at], *WHY[at + 2 :])

        assert done.code == 2
        assert f"Missing option '--{option}'" in done.err

    def test_of_a_planted_run(self, wrong: Project, main: Main) -> None:
        wrong.runtime("two")
        planted = str(wrong.root / "planted")
        assert main("run", "--plant", "two=off-by-one", "--report", planted).code == 1
        (finding,) = json.loads((wrong.root / "planted" / "summary.json").read_bytes())["surfaces"][0]["divergences"]

        sentence = refusal(main("known", "add", finding["id"], "--report", planted, *WHY))

        assert "was found with a bug planted on purpose, so it is none to be known" in sentence
        assert not the_list(wrong).exists()

    def test_of_one_that_is_known(self, listed: Project, main: Main) -> None:
        name, before = only(listed), the_list(listed).read_bytes()

        assert f"{name} is in fixtures/known.toml already" in refusal(main("known", "add", name, *WHY))
        main("run")
        assert f"{name} is known already: #7 (ada, until" in refusal(main("known", "add", name, *WHY))
        assert the_list(listed).read_bytes() == before

    def test_of_one_that_expired_and_still_stands_there(self, listed: Project, main: Main) -> None:
        the_list(listed).write_text(the_list(listed).read_text().replace(LAST, day(-1)))
        main("run")

        assert "is in fixtures/known.toml already" in refusal(main("known", "add", only(listed), *WHY))

    def test_of_one_that_is_gone(self, wrong: Project, main: Main) -> None:
        main("run")
        name = only(wrong)
        wrong.runtime("two")

        done = main("known", "add", name, *WHY)

        assert done.code == 2
        assert "it does not diverge any more in this way: size /length y one | two" in done.err

    def test_of_one_that_shows_in_most_cases(self, wrong: Project, main: Main) -> None:
        wrong.runtime("two", "wrong-always")
        main("run")

        assert "of the cases: that is another service, and no known gap" in refusal(
            main("known", "add", only(wrong), *WHY)
        )

    def test_of_what_comes_and_goes(self, wrong: Project, main: Main) -> None:
        main("run")
        summary = wrong.report / "summary.json"
        summary.write_text(summary.read_text().replace("/length y ", "/length unsteady "))

        sentence = refusal(main("known", "add", only(wrong), *WHY))

        assert "cannot be let through: what comes and goes by itself cannot be known" in sentence

    @pytest.mark.parametrize(
        "signature", ["size /length", "size /length y", "size /length a(b) one | two", "size /length é one | two", ""]
    )
    def test_of_a_signature_that_no_list_can_hold(self, wrong: Project, main: Main, signature: str) -> None:
        """A drift class may have any name."""
        main("run")
        summary = wrong.report / "summary.json"
        summary.write_text(summary.read_text().replace("size /length y one | two", signature))

        assert "is not a whole signature" in refusal(main("known", "add", only(wrong), *WHY))
        assert not the_list(wrong).exists()

    def test_of_a_runtime_that_only_the_command_line_named(self, wrong: Project, main: Main) -> None:
        """Such an entry would be unmatched in every run but its own."""
        main("run")
        summary = wrong.report / "summary.json"
        text = summary.read_text().replace("one | two", "one | two@0a1b2c").replace('"two"', '"two@0a1b2c"')
        summary.write_text(text)

        assert "there is no runtime 'two@0a1b2c'" in refusal(main("known", "add", only(wrong), *WHY))

    def test_of_a_list_that_is_broken(self, wrong: Project, main: Main) -> None:
        main("run")
        the_list(wrong).write_text("[[known]\n")

        assert f"{the_list(wrong)} is broken" in main("known", "add", only(wrong), *WHY).err
        assert the_list(wrong).read_text() == "[[known]\n"


BROKEN = {
    "[[known]\n": "is broken: Expected",
    "[[known]]\n": "is broken: Object missing required field",
    "[[konwn]]\n": "is broken: Object contains unknown field",
    "known = 1": "is broken: Expected",
    "# \udcff": "is broken: 'utf-8' codec",
}


class TestBroken:
    @pytest.mark.parametrize("content", BROKEN)
    def test_in_parity_run_is_one_sentence_and_2(self, wrong: Project, main: Main, content: str) -> None:
        the_list(wrong).write_bytes(content.encode(errors="surrogateescape"))

        sentence = refusal(main("run"))

        assert f"{the_list(wrong)} {BROKEN[content]}" in sentence
        assert wrong.processes() == []
        assert not wrong.report.exists()

    @pytest.mark.parametrize("content", BROKEN)
    def test_is_a_usage_error_of_pytest(
        self, wrong: Project, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, content: str
    ) -> None:
        wrong.write()
        the_list(wrong).write_bytes(content.encode(errors="surrogateescape"))

        assert_usage_error(run_inside(wrong, pytester, monkeypatch), f"{the_list(wrong)} {BROKEN[content]}")

        assert wrong.processes() == []

    @pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two-workers"])
    def test_is_told_once_before_anything_runs(self, wrong: Project, workers: tuple[str, ...]) -> None:
        the_list(wrong).write_text("[[known]\n")

        done = wrong.pytest(*workers)

        assert_usage_error(done, f"{the_list(wrong)} is broken: Expected")
        assert not re.search(r"(plugin|pipeline|known)\.py", done.all)
        assert wrong.processes() == []
        assert not wrong.report.exists()

    @pytest.mark.parametrize(
        ("old", "new", "sentence"),
        [
            ('"size /length', '"other /length', "not those of its signature"),
            ('"two"]', '"three"]', "not those of its signature"),
            ("two", "three", "it is unmatched: there is no runtime 'three'"),
            ("size", "other", "it is unmatched: there is no surface 'other'"),
            ("at_most = 0.", "at_most = 1.", "it is too broad"),
            (" y ", " unsteady ", "comes and goes by itself"),
        ],
    )
    def test_an_entry_that_cannot_be_meant_is_2(
        self, listed: Project, main: Main, old: str, new: str, sentence: str
    ) -> None:
        the_list(listed).write_text(the_list(listed).read_text().replace(old, new))

        assert sentence in refusal(main("run"))
