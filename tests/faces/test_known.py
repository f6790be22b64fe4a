"""`parity known add`, and what the runs after it make of the list: green while it holds, red once it does not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from .listing import LAST, WHY, day, entries, findings, only, the_list

if TYPE_CHECKING:
    from .conftest import Main, Project


# ------------------------------------------------------------------ there and back


class TestRound:
    def test_of_one_that_is_known_is_green(self, listed: Project, main: Main) -> None:
        done = main("run")

        assert done.code == 0, done
        assert "agree (1 known, 2 of 2)" in done.out
        (finding,) = findings(listed, known=True)
        assert (
            f"{finding['id']}: one against two, in {finding['cases']} cases, known: #7 (ada, until {LAST})" in done.out
        )
        assert done.out.splitlines()[-1] == "agree; reports in reports/parity"

    def test_adds_nothing_to_the_corpus(self, listed: Project, main: Main) -> None:
        corpus = listed.root / "fixtures" / "corpus"
        for file in corpus.glob("*/*"):
            file.unlink()

        main("run")

        assert list(corpus.glob("*/*")) == []

    def test_leaves_reports_that_show_it_with_its_issue(self, listed: Project, main: Main) -> None:
        main("run")

        (finding,) = findings(listed, known=True)
        known = f"#7 (ada, until {LAST})"
        assert finding["known"] == known
        assert findings(listed, known=False) == []
        assert listed.summary()["verdict"] == "agree"
        page = (listed.report / "size.md").read_text()
        assert page.startswith("# size: agree\n")
        assert f"### {finding['id']}\n" in page
        assert f"known: {known}" in page
        assert "agree (1 known, 2 of 2)" in (listed.report / "index.md").read_text()

    @pytest.mark.parametrize(
        ("behaviour", "code", "sentence"),
        [
            ("sound", 5, "no longer diverges so at its own input; if it is fixed, take it out of known.toml"),
            ("wrong-at-y-by-two", 5, "has changed: two answers otherwise than known.toml says"),
            ("wrong-at-z", 1, "no longer diverges so at its own input"),
        ],
    )
    def test_of_a_runtime_that_changed_is_red(
        self, listed: Project, main: Main, behaviour: str, code: int, sentence: str
    ) -> None:
        assert main("run").code == 0
        listed.runtime("two", behaviour)

        done = main("run")

        assert done.code == code, done
        assert sentence in done.out

    def test_of_a_second_one_is_red_and_tells_them_apart(self, listed: Project, main: Main) -> None:
        listed.runtime("two", "wrong-at-y-or-z")

        done = main("run")

        assert done.code == 1, done
        assert "diverge (1 cause, 1 known, 2 of 2)" in done.out
        (known,), (new,) = findings(listed, known=True), findings(listed, known=False)
        assert (known["class"], new["class"]) == ("y", "z")
        reasons = [line for line in done.out.splitlines() if line.startswith("size: ")]
        assert reasons == [f"size: {new['id']}: {new['reproduce']}"]

    def test_of_the_first_one_taken_out_of_the_list_is_red(self, listed: Project, main: Main) -> None:
        the_list(listed).unlink()

        assert main("run").code == 1

    def test_of_one_that_expired_is_red(self, listed: Project, main: Main) -> None:
        the_list(listed).write_text(the_list(listed).read_text().replace(LAST, day(-1)))

        done = main("run")

        assert done.code == 1, done
        assert f"expired on {day(-1)}: ada, #7" in done.out
        assert len(findings(listed, known=False)) == 1

    def test_of_two_that_are_known_is_green(self, listed: Project, main: Main) -> None:
        listed.runtime("two", "wrong-at-y-or-z")
        main("run")

        assert main("known", "add", only(listed), *WHY).code == 0
        done = main("run")

        assert done.code == 0, done
        assert "agree (2 known, 2 of 2)" in done.out

    @pytest.mark.parametrize("cause", ["y_1", "y.1", "Y-1"])
    def test_of_a_cause_of_any_plain_name(self, wrong: Project, main: Main, cause: str) -> None:
        probe = wrong.root / "probes" / "test_size.py"
        probe.write_text(probe.read_text().replace('DriftClass("y"', f'DriftClass("{cause}"'))
        assert main("run").code == 1

        assert main("known", "add", only(wrong), *WHY).code == 0

        assert entries(wrong)[0]["signature"] == f"size /length {cause} one | two"
        done = main("run")
        assert done.code == 0, done
        assert "agree (1 known, 2 of 2)" in done.out

    def test_of_an_input_that_is_no_text(self, wrong: Project, main: Main) -> None:
        file = wrong.root / "fixtures" / "known_answers" / "size" / "no-text.json"
        answer = {"why": "", "rules": ["counts"], "input": {"base64": "/2E="}, "output": {"text": '{"length":2}'}}
        file.write_text(json.dumps(answer))
        wrong.runtime("two", "wrong-at-no-text")
        assert main("run").code == 1

        assert main("known", "add", only(wrong), *WHY).code == 0

        assert entries(wrong)[0]["input"] == {"base64": "/w=="}
        assert main("run").code == 0
        wrong.runtime("two")
        assert main("run").code == 5

    def test_of_an_answer_that_is_no_text(self, wrong: Project, main: Main) -> None:
        wrong.runtime("two", "no-text-at-y")
        assert main("run").code == 1

        assert main("known", "add", only(wrong), *WHY).code == 0

        assert entries(wrong)[0]["shows"]["two"].startswith("sha256:")
        assert main("run").code == 0
        wrong.runtime("two", "wrong-at-y")
        assert main("run").code != 0

    def test_of_one_whose_smallest_case_is_a_known_answer(self, wrong: Project, main: Main) -> None:
        wrong.known_answer("y", "y", 1)
        assert main("run").code == 1

        done = main("known", "add", only(wrong), *WHY)

        assert done.code == 0, done
        assert main("run").code == 0

    def test_of_a_known_answer_that_all_contradict(self, pair: Project, main: Main) -> None:
        pair.known_answer("mistaken", "cab", 99)
        assert main("run").code == 1

        assert main("known", "add", only(pair), *WHY).code == 0

        (entry,) = entries(pair)
        assert entry["signature"] == "size /length known-answer-mistaken one+two | contract"
        assert entry["runtimes"] == ["one", "two"]
        assert entry["shows"] == {"one": "3", "two": "3", "contract": "99"}
        assert main("run").code == 0
        pair.known_answer("mistaken", "cab", 3)
        assert main("run").code == 5

    def test_of_a_run_of_some_runtimes(self, wrong: Project, main: Main) -> None:
        wrong.runtime("three", "wrong-at-y")
        assert main("run", "--runtimes", "one,two").code == 1
        name = only(wrong)

        among_all = main("known", "add", name, *WHY)
        among_two = main("known", "add", name, "--runtimes", "one,two", *WHY)

        assert (among_all.code, among_two.code) == (2, 0)
        assert "does not diverge any more in this way" in among_all.err
        assert main("run", "--runtimes", "one,two").code == 0
        assert main("run").code == 1, "with a third runtime it is another divergence"


# ------------------------------------------------------------------ what is written


class TestAdd:
    def test_writes_an_entry(self, listed: Project) -> None:
        (entry,) = entries(listed)
        (finding,) = findings(listed, known=False)
        share = finding["cases"] / sum(listed.summary()["surfaces"][0]["verdicts"].values())
        assert entry.pop("at_most") == pytest.approx(2 * share, abs=0.001)
        assert entry.pop("expires").isoformat() == LAST
        assert entry == {
            "surface": "size",
            "signature": "size /length y one | two",
            "runtimes": ["one", "two"],
            "reason": "no user writes a y",
            "issue": "#7",
            "owner": "ada",
            "input": {"text": "y"},
            "shows": {"one": "1", "two": "2"},
        }

    def test_says_where_and_until_when(self, wrong: Project, main: Main) -> None:
        main("run")
        name = only(wrong)

        done = main("known", "add", name, *WHY)

        assert done.out == f"{name} is known until {LAST}, in {the_list(wrong)}\n"

    def test_warns_of_what_hides_behind_one_without_a_cause(self, pair: Project, main: Main) -> None:
        pair.runtime("two", "wrong-at-y")
        main("run")

        done = main("known", "add", only(pair), *WHY)

        assert "its cause is unknown, so other bugs at /length between the same sides hide behind it" in done.out

    def test_leaves_comments_and_other_entries_as_they_are(self, listed: Project, main: Main) -> None:
        before = "# mine\n" + the_list(listed).read_text().replace('owner = "ada"', 'owner = "ada"  # on leave')
        the_list(listed).write_text(before)
        listed.runtime("two", "wrong-at-y-or-z")
        main("run")

        main("known", "add", only(listed), *WHY)

        assert the_list(listed).read_text().startswith(before)
        assert [entry["signature"].split()[2] for entry in entries(listed)] == ["y", "z"]

    def test_writes_every_text_as_it_was_given(self, wrong: Project, main: Main) -> None:
        text = '"quoted" \\ \\u0041 \n\t\x1b[31m \x7f é \U0001f600 # ] = """'
        main("run")

        done = main("known", "add", only(wrong), "--reason", text, "--issue", text, "--owner", text, *WHY[-2:])

        assert done.code == 0, done
        (entry,) = entries(wrong)
        assert entry["reason"] == entry["issue"] == entry["owner"] == text
        done = main("run")
        assert done.code == 0, done
        assert "\x1b" not in done.all
        assert all("\x1b" not in page.read_text() for page in wrong.report.glob("*.md"))

    def test_reads_the_reports_of_a_run_elsewhere(self, wrong: Project, main: Main) -> None:
        main("run", "--report", str(wrong.root / "elsewhere"))
        finding = json.loads((wrong.root / "elsewhere" / "summary.json").read_bytes())["surfaces"][0]["divergences"][0]

        assert main("known", "add", finding["id"], *WHY).code == 2
        assert main("known", "add", finding["id"], "--report", "elsewhere", *WHY).code == 0

    def test_takes_today_for_a_last_day(self, wrong: Project, main: Main) -> None:
        main("run")

        assert main("known", "add", only(wrong), *WHY[:-1], day(0)).code == 0
        assert main("run").code == 0
