"""The command line: what is understood, what nobody can slip through it, and every exit code."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from .cases import lay, put, tree
from .chains import KEY, LOG, SUBJECT, Told, build, canonical, event

if TYPE_CHECKING:
    from pathlib import Path

    from .programs import Program

TIP = "a" * 64
NOT_UNDERSTOOD = [
    *([], [""], ["help"], ["--help"], ["Verify"], ["verify "], ["--subject", "W-1"], ["--subject", "W-1", "verify"]),
    *(["append"], ["append", "--subject", "W-1"], ["append", "--event", "event.json"], ["recover"], ["baselines"]),
    *(
        ["verify", "--subject"],
        ["verify", "W-1"],
        ["verify", "--subject=W-1"],
        ["verify", "-s", "W-1"],
        ["verify", "--"],
    ),
    *(["verify", "--key"], ["verify", "--keys", "audit.key"], ["verify", "--key", "audit.key", "--key", "audit.key"]),
    ["verify", "--subject", "W-1", "--subject", "W-1"],
    ["verify", "--subject", "W-1", "--anchors", "anchors.json"],
    ["verify", "--anchor", f"1:{TIP}"],
    ["verify", "--event", "event.json"],
    ["verify", "--subject", "W-1", "more"],
    ["append", "--subject", "W-1", "--event", "event.json", "--anchor", f"1:{TIP}"],
    ["recover", "--subject", "W-1", "--key", "audit.key"],
    ["recover", "--subject", "W-1", "--event", "event.json"],
    *(["baselines", "load"], ["baselines", "load", "a", "b"], ["baselines", "LOAD", "a"], ["baselines", "copy", "a"]),
    *(["baselines", "append", "a"], ["baselines", "append", "a", "--entry"], ["baselines", "append", "--entry", "e"]),
    *(["baselines", "drift"], ["baselines", "last", "a", "--key", "audit.key"], ["baselines", "unknown", "a"]),
]
SUBJECTS = [
    "",
    ".",
    "..",
    ".x",
    "a/b",
    "../W-1",
    "/etc",
    "a b",
    "a\n",
    "W-1\n",
    "a\\b",
    "é",
    "a*",
    "x" * 65,
    "a:b",
    "W-1\r",
]
ANCHORS = ["", ":", f":{TIP}", "1", "1:", f"01:{TIP}", f"-1:{TIP}", f"+1:{TIP}", f" 1:{TIP}", f"1:{TIP} ", f"1.0:{TIP}",
           f"1e0:{TIP}", f"0x1:{TIP}", f"9007199254740993:{TIP}", f"{'9' * 40}:{TIP}", f"1:{TIP.upper()}",
           f"1:{TIP[1:]}", f"1:{TIP}a", f"1:{TIP}\n", f"1:{'g' * 64}", f"\u0661:{TIP}", f"1::{TIP}", f"1_0:{TIP}",
           f"00:{TIP}"]  # fmt: skip


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    lay(tmp_path, build(2))
    put(tmp_path / "event.json", canonical(event(3)))
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        *NOT_UNDERSTOOD,
        *(["verify", "--subject", subject] for subject in SUBJECTS),
        *(["append", "--event", "event.json", "--subject", subject] for subject in SUBJECTS),
        *(["recover", "--subject", subject] for subject in SUBJECTS),
        *(["verify", "--subject", "W-1", "--anchor", anchor] for anchor in ANCHORS),
    ],
    ids=lambda arguments: " ".join(arguments).replace(TIP, "TIP")[:80].encode("ascii", "backslashreplace").decode(),
)
def test_what_is_not_understood_is_told_and_does_nothing(
    program: Program, arguments: list[str], directory: Path
) -> None:
    before = tree(directory)
    assert program.ask(arguments, directory) == Told(None, 2)
    assert tree(directory) == before


@pytest.mark.parametrize("arguments", [[], ["help"], ["verify", "--subject", "../W-1"], ["serve", "more"]])
def test_a_process_that_does_not_understand_says_so(program: Program, arguments: list[str], directory: Path) -> None:
    assert program.run(arguments, directory).told() == Told(None, 2)


@pytest.mark.parametrize("subject", ["-x", "--key", "_", "a.b", "x" * 64, "0", "A-Z_z.9"])
def test_a_subject_of_any_allowed_form(program: Program, subject: str, tmp_path: Path) -> None:
    base = build(2, subject)
    lay(tmp_path, base)
    told = program.ask(["verify", "--anchor", base.anchor(), "--subject", subject], tmp_path)
    assert told == base.verified()


@pytest.mark.parametrize("count", ["0", "1", "2"])
def test_options_in_any_order(program: Program, count: str, directory: Path) -> None:
    base = build(2)
    pairs = [["--subject", SUBJECT], ["--anchor", base.anchor(int(count))], ["--key", "audit.key"]]
    for turn in range(3):
        turned = [part for pair in pairs[turn:] + pairs[:turn] for part in pair]
        assert program.ask(["verify", *turned], directory) == base.verified()


class TestProcesses:
    """A command as a process: one canonical line, a sentence where it failed, and the exit code."""

    def test_every_exit_code(self, program: Program, directory: Path) -> None:
        base = build(2)
        verify = ["verify", "--subject", SUBJECT]
        anchored = [*verify, "--anchor", base.anchor()]
        append = ["append", "--subject", SUBJECT, "--event", "event.json"]
        assert program.run(anchored, directory).told() == base.verified()
        assert program.run(verify, directory).told() == base.unanchored()
        (directory / LOG).write_bytes(base.log[:-5])
        assert program.run(anchored, directory).told() == base.truncated(2)
        assert program.run(verify, directory).told() == base.torn(2)
        assert program.run(append, directory).told().exit == 4
        assert program.run(["recover", "--subject", SUBJECT], directory).told() == Told(
            {"error": None, "kept": len(base.rows[1]) - 5}, 0
        )
        (directory / LOG).write_bytes(base.rows[0])
        put(directory / "event.json", b"[]")
        assert program.run(append, directory).told().exit == 6
        (directory / "event.json").unlink()
        assert program.run(append, directory).told().exit == 5
        put(directory / "event.json", canonical(event(2)))
        assert program.run(append, directory, "--fsize", str(len(base.rows[0]))).told().exit == 7
        assert program.run(append, directory).told().exit == 0
        assert (directory / LOG).read_bytes() == base.log

    def test_a_process_and_one_that_is_kept_say_the_same(self, program: Program, directory: Path) -> None:
        base = build(2)
        for log in (base.log, base.log + b"x", base.log.replace(b'"seq":2', b'"seq":3')):
            (directory / LOG).write_bytes(log)
            for arguments in (["verify"], ["verify", "--subject", SUBJECT]):
                assert program.run(arguments, directory).told() == program.ask(arguments, directory)

    def test_a_sentence_names_file_and_line(self, program: Program, directory: Path) -> None:
        (directory / LOG).write_bytes(build(2).log.replace(b'"seq":2', b'"seq":3'))
        said = program.run(["verify", "--subject", SUBJECT], directory).err
        assert LOG in said
        assert re.search(r"\b2\b", said)

    @pytest.mark.parametrize("plant", ["key-for-all", "tip-remembered", "no-such-plant"])
    def test_no_plant_in_a_command(self, program: Program, plant: str, tmp_path: Path) -> None:
        """Only `serve` has planted bugs; a variable of the environment must not make a verifier blind."""
        base = build(1)
        lay(tmp_path, base)
        (tmp_path / "audit.key").chmod(0o604)
        done = program.run(["verify", "--subject", SUBJECT], tmp_path, LAKEHOUSE_PLANT=plant)
        told = done.told()
        assert told.exit == 5
        assert json.loads(done.out)["error"]["reason"] == "key-permissions"

    def test_nothing_else_in_the_directory_is_touched(self, program: Program, tmp_path: Path) -> None:
        put(tmp_path / "audit.key", KEY)
        put(tmp_path / "event.json", canonical(event(1)))
        program.run(["append", "--subject", SUBJECT, "--event", "event.json"], tmp_path).told()
        program.run(["recover", "--subject", SUBJECT], tmp_path).told()
        program.run(["verify"], tmp_path).told()
        made = ("subjects", f"subjects/{SUBJECT}.manifest.json", f"subjects/{SUBJECT}.audit.jsonl")
        assert set(tree(tmp_path)) == {"audit.key", "event.json", *made}
