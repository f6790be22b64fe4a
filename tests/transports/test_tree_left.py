"""The written form of a files surface: what a step is asked, how what it left is written down, and what is kept out."""

from __future__ import annotations

import base64
import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from parity import lossless
from parity.transports.conversation import Conversation
from parity.transports.tree import Entry, gives_away, labels, log_gives_away, request, secret, write_down

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KEY = secret(b"a", 32)
OTHER = secret(b"b", 32)
A = Entry(0o600, b"x\n")
FOLDER = Entry(0o700, kind="folder")


def test_a_step_is_asked_with_its_arguments_and_the_directory() -> None:
    asked = request(("append", "--event", 'e"\u00e9\n'), "/dev/shm/p/1")  # noqa: S108 - it is only text

    assert json.loads(asked) == {"arguments": ["append", "--event", 'e"\u00e9\n'], "directory": "/dev/shm/p/1"}  # noqa: S108
    assert b"\n" not in asked


def left(
    before: Mapping[str, Entry], after: Mapping[str, Entry], *secrets: bytes, answer: bytes = b"null"
) -> dict[str, Any]:
    """Return what is written down of a step, read again."""
    written = write_down(answer, 0, before, after, secrets)
    assert lossless.read(written)
    found = json.loads(written)
    assert isinstance(found, dict)
    return found


class TestWritingDown:
    @pytest.mark.parametrize(
        "answer", [b"null", b"{}", b'{"b":1,"a":[1.0,1E5,-0,"\\u00e9\\/"]}', b'{"a":1,"a":2}', b'{"a" :\t1}', b"1" * 99]
    )
    def test_the_answer_stands_as_it_came(self, answer: bytes) -> None:
        assert write_down(answer, 3, {}, {}, ()) == b'{"answer":%b,"exit":3,"gone":[],"left":{}}' % answer

    @pytest.mark.parametrize("code", [0, 1, 255, -1, 10**30])
    def test_so_does_the_exit_code(self, code: int) -> None:
        assert json.loads(write_down(b"null", code, {}, {}, ()))["exit"] == code

    def test_of_what_is_as_it_was_nothing_stands(self) -> None:
        everything = {
            "a": A,
            "d/": FOLDER,
            "l": Entry(0o777, b"a", "link"),
            "p": Entry(0o600, kind="special"),
            "k": Entry(0o600, KEY),
        }

        assert left(everything, dict(reversed(everything.items())), KEY) == {
            "answer": None,
            "exit": 0,
            "gone": [],
            "left": {},
        }

    @pytest.mark.parametrize(
        ("before", "after", "gone", "names"),
        [
            ({}, {"a": A}, [], ["a"]),
            ({}, {"d/": FOLDER, "d/a": A}, [], ["d/", "d/a"]),
            ({"a": A}, {}, ["a"], []),
            ({"d/": FOLDER, "d/a": A}, {}, ["d/", "d/a"], []),
            ({"a": A}, {"b": A}, ["a"], ["b"]),
            ({"a": A}, {"a": Entry(0o600, b"x")}, [], ["a"]),
            ({"a": A}, {"a": Entry(0o644, b"x\n")}, [], ["a"]),
            ({"d/": FOLDER, "d/a": A}, {"d/": Entry(0o755, kind="folder"), "d/a": A}, [], ["d/"]),
            ({"a": A}, {"a/": FOLDER}, ["a"], ["a/"]),
            ({"a": A}, {"a": Entry(0o600, b"x\n", "link")}, [], ["a"]),
            ({"a": Entry(0o600)}, {"a": Entry(0o600, kind="special")}, [], ["a"]),
            ({"b": A, "a": A, "c": A}, {"z": A, "c": A, "y": A}, ["a", "b"], ["y", "z"]),
        ],
    )
    def test_new_changed_and_gone_are_told_by_name(
        self, before: dict[str, Entry], after: dict[str, Entry], gone: list[str], names: list[str]
    ) -> None:
        found = left(before, after)

        assert (found["gone"], list(found["left"])) == (gone, names)

    @pytest.mark.parametrize(
        ("entry", "described"),
        [
            (Entry(0o600), {"lines": [], "mode": "600"}),
            (Entry(0o600, b"\n"), {"lines": ["\n"], "mode": "600"}),
            (Entry(0o600, b"x"), {"lines": ["x"], "mode": "600"}),
            (Entry(0o600, b"x\n"), {"lines": ["x\n"], "mode": "600"}),
            (Entry(0o600, b"x\n\ny"), {"lines": ["x\n", "\n", "y"], "mode": "600"}),
            (Entry(0o600, b"x\r\n\x0b\x85"[:-1]), {"lines": ["x\r\n", "\x0b"], "mode": "600"}),
            (Entry(0o600, b'"\\\x00\x7f'), {"lines": ['"\\\x00\x7f'], "mode": "600"}),
            (Entry(0o600, "\u00e9\u2028\ufeff".encode()), {"lines": ["\u00e9\u2028\ufeff"], "mode": "600"}),
            (Entry(0o600, b"\xff\n"), {"base64": "/wo=", "mode": "600"}),
            (Entry(0o600, b"caf\xc3"), {"base64": "Y2Fmww==", "mode": "600"}),
            (Entry(0o600, b"\xed\xa0\x80"), {"base64": "7aCA", "mode": "600"}),
            (Entry(0o4755, b"x"), {"lines": ["x"], "mode": "4755"}),
            (Entry(0, b"x"), {"lines": ["x"], "mode": "000"}),
            (Entry(0o700, kind="folder"), {"mode": "700"}),
            (Entry(0o777, b"../x", "link"), {"link": "../x", "mode": "777"}),
            (Entry(0o777, b"\xff", "link"), {"link": "\ufffd", "mode": "777"}),
            (Entry(0o644, kind="special"), {"mode": "644", "special": True}),
        ],
    )  # fmt: skip
    def test_each_stands_as_what_it_is(self, entry: Entry, described: dict[str, Any]) -> None:
        assert left({}, {"n": entry})["left"] == {"n": described}

    @pytest.mark.parametrize(
        "name", [b"\xff", b"a\nb", b'"', b"\\", b"\xed\xa0\x80/x", b"\x01", b"caf\xc3\xa9", b"[]/"]
    )
    def test_a_name_is_only_ever_a_text(self, name: bytes) -> None:
        found = left(
            {"gone" + name.decode("utf-8", "surrogateescape"): A}, {name.decode("utf-8", "surrogateescape"): A}
        )

        assert (len(found["left"]), len(found["gone"])) == (1, 1)

    def test_no_two_names_become_one(self) -> None:
        names = [b"\xff", b"\xfe", b"\xed\xb3\xbf", "\ufffd".encode(), b"?"]
        found = left({}, {name.decode("utf-8", "surrogateescape"): A for name in names})

        assert len(found["left"]) == len(names)

    def test_whatever_is_left_is_one_json_text(self) -> None:
        pieces = [b'"', b"\\", b"\n", b"\xff", b"{", b"}", b",", b"\x00", b"\xc3\xa9", b"a"]
        draw = random.Random(3)
        for _ in range(2_000):
            content, name = (b"".join(draw.choices(pieces, k=draw.randint(1, 8))) for _ in range(2))
            found = left({}, {name.decode("utf-8", "surrogateescape"): Entry(0o600, content)})["left"]
            (one,) = found.values()
            kept = "".join(one["lines"]).encode() if "lines" in one else base64.b64decode(one["base64"])
            assert kept == content


class TestSecrets:
    @pytest.mark.parametrize("mode", [0o600, 0o644])
    def test_that_were_changed_stand_without_their_bytes(self, mode: int) -> None:
        found = left({"k": Entry(0o400, KEY)}, {"k": Entry(mode, KEY)}, KEY)

        assert found["left"] == {"k": {"mode": f"{mode:o}", "secret": "changed"}}

    @pytest.mark.parametrize(
        "content",
        [
            KEY,
            b"x" + KEY + b"\n",
            KEY.hex().encode(),
            b"key=" + KEY.hex().upper().encode(),
            base64.b64encode(KEY),
            base64.urlsafe_b64encode(KEY),
            repr(KEY).encode(),
            KEY.decode("latin-1").encode(),
            json.dumps({"key": KEY.decode("latin-1")}).encode(),
            str(list(KEY)).encode(),
            b"[" + b" ".join(b"%d" % byte for byte in KEY) + b"]",
            KEY[:16],
            KEY[16:],
            KEY[-8:],
            KEY.hex()[:20].encode(),
            base64.b64encode(KEY)[:16],
        ],
    )
    def test_are_kept_out_of_other_files(self, content: bytes) -> None:
        found = left({}, {"n": Entry(0o600, content), "m": Entry(0o600, b"x")}, OTHER, KEY)

        assert found["left"] == {
            "m": {"lines": ["x"], "mode": "600"},
            "n": {"mode": "600", "secret": "changed"},
        }

    @pytest.mark.parametrize(
        "content", [b"", b"x", OTHER, OTHER.hex().encode(), KEY[:7], KEY[8:20], KEY.hex()[:14].encode()]
    )
    def test_are_not_seen_where_they_are_not(self, content: bytes) -> None:
        assert "secret" not in left({}, {"n": Entry(0o600, content)}, KEY)["left"]["n"]
        assert not gives_away([KEY], content)

    def test_that_are_short_are_known_only_as_whole_files(self) -> None:
        short = secret(b"a", 3)
        found = left({}, {"k": Entry(0o644, short), "n": Entry(0o600, b"x" + short)}, short)["left"]

        assert found["k"] == {"mode": "644", "secret": "changed"}
        assert "secret" not in found["n"]
        assert not gives_away([short], short)

    def test_are_looked_for_in_names_and_links(self) -> None:
        names = {"a": A, KEY.decode("utf-8", "surrogateescape"): A}
        link = {"l": Entry(0o777, b"/x/" + KEY.hex().encode(), "link")}

        assert gives_away([KEY], labels(names))
        assert gives_away([KEY], labels(link))
        assert not gives_away([KEY], labels({"a": Entry(0o600, KEY)}))

    @pytest.mark.parametrize("number", range(40))
    def test_are_seen_in_a_log_although_it_is_no_longer_their_bytes(self, number: int) -> None:
        key = secret(b"log%d" % number, 32)
        log = _log(b"debug: the key is " + key + b" and nothing else\n")

        assert log_gives_away([OTHER, key], log)
        assert not log_gives_away([OTHER], log)

    @pytest.mark.parametrize(
        "say",
        [
            lambda key: b"key " + key.hex().encode(),
            lambda key: repr(key).encode(),
            lambda key: b"\xff" + base64.b64encode(key),
            lambda key: b"Vec" + str(list(key)).encode(),
        ],
    )
    def test_are_seen_in_a_log_in_every_form(self, say: Callable[[bytes], bytes]) -> None:
        assert log_gives_away([KEY], _log(say(KEY)))
        assert not log_gives_away([KEY], _log(say(OTHER)))
        assert not log_gives_away([KEY], "")


def _log(said: bytes) -> str:
    """Return what a report would show of a standard error."""
    conversation = Conversation()
    conversation.feed_log(b"started\n" + said)
    return conversation.last_lines()
