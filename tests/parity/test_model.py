"""The words of the harness: what identifies a bug, and bytes in a file, each read back as it was written."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import pytest

from parity.model import Bytes, Known, Partition, Signature, show_bytes
from tests.parity.made import TWO, known

THREE: Partition = (("go", "rust"), ("python",))

# ------------------------------------------------------------------ signatures


@pytest.mark.parametrize(
    ("signature", "line"),
    [
        (Signature("s", "", "unknown", TWO), "s / unknown go | python"),
        (Signature("s", "/n", "minus-zero", THREE), "s /n minus-zero go+rust | python"),
        (Signature("extract_json", "/**", "unsteady", THREE), "extract_json /** unsteady go+rust | python"),
        (Signature("s", "/a b/*", "c", (("go",), ("java",), ("rust",))), "s /a b/* c go | java | rust"),
        (Signature("s", "/a | b+c", "c", THREE), "s /a | b+c c go+rust | python"),
        (Signature("s", "/x minus go | rust", "c", TWO), "s /x minus go | rust c go | python"),
        (Signature("s", "/~1~0/é", "c", TWO), "s /~1~0/é c go | python"),
        (Signature("s", "/n", "known-answer-ab-1", (("go",), ("contract",))), "s /n known-answer-ab-1 go | contract"),
        (Signature("s", "/n", "c", (("go@0a1b2c",), ("go",))), "s /n c go@0a1b2c | go"),
    ],
)
def test_a_signature_is_one_line_that_can_be_read_back(signature: Signature, line: str) -> None:
    assert str(signature) == line
    assert Signature.parse(line) == signature
    assert Signature.parse(line).id == signature.id


def test_any_signature_is_read_back() -> None:
    rng = random.Random(1)
    for _ in range(3000):
        pattern = "".join(
            "/" + "".join(rng.choices("ab |+*~-é.", k=rng.randrange(1, 5))) for _ in range(rng.randrange(4))
        )
        names = rng.sample(["go", "java", "python", "rust", "c", "x-1"], k=rng.randrange(2, 6))
        cut = rng.randrange(1, len(names))
        signature = Signature("s", pattern, rng.choice(["unknown", "a-b-1"]), (tuple(names[:cut]), tuple(names[cut:])))
        assert Signature.parse(str(signature)) == signature


def test_a_place_whose_last_member_has_no_name_is_read_back() -> None:
    signature = Signature("s", "/a/", "minus", TWO)
    assert Signature.parse(str(signature)) == signature


@pytest.mark.parametrize(
    "line",
    [
        "",
        "s",
        "s /n minus",
        "s /n minus go",
        "s /n minus go+python",
        "s n minus go | python",
        "s /n go | python",
        "/n minus go | python",
        "s /n minus go | ",
        "s /n minus  | python",
        "s /n minus go || python",
        "s /n minus go |python",
        "s /n minus go+ | python",
        "s /n minus +go | python",
        "s /n minus go | python\n",
        " s /n minus go | python",
        "s /n minus go | python ",
    ],
)
def test_what_is_no_whole_signature_is_refused(line: str) -> None:
    with pytest.raises(ValueError, match="is not a whole signature: surface, place, cause and sides"):
        Signature.parse(line)


@pytest.mark.parametrize(
    ("partition", "runtimes", "left"),
    [
        (THREE, {"go", "python", "rust"}, THREE),
        (THREE, {"go", "python", "rust", "java"}, THREE),
        (THREE, {"go", "python"}, (("go",), ("python",))),
        (THREE, {"rust", "python"}, (("python",), ("rust",))),
        (THREE, {"go", "rust"}, None),
        (THREE, {"python"}, None),
        (THREE, set(), None),
        ((("go", "java", "rust"), ("php", "python")), {"go", "php", "python"}, (("php", "python"), ("go",))),
        ((("go",), ("python",), ("rust",)), {"python", "rust"}, (("python",), ("rust",))),
        ((("go", "python"), ("contract",)), {"go", "contract"}, (("contract",), ("go",))),
    ],
)
def test_among_fewer_runtimes_the_sides_are_those_that_a_run_of_them_shows(
    partition: Partition, runtimes: set[str], left: Partition | None
) -> None:
    seen = Signature("s", "/n", "minus", partition).among(frozenset(runtimes))
    assert seen == (None if left is None else Signature("s", "/n", "minus", left))


def test_everything_that_tells_bugs_apart_is_in_the_id() -> None:
    one = Signature("s", "/n", "minus", TWO)
    others = [
        msgspec.structs.replace(one, surface="t"),
        msgspec.structs.replace(one, pattern="/m"),
        msgspec.structs.replace(one, drift_class="markup"),
        msgspec.structs.replace(one, partition=THREE),
        msgspec.structs.replace(one, partition=TWO[::-1]),
    ]
    assert len({one.id, *(other.id for other in others)}) == 1 + len(others)
    assert one.id == "s-minus-" + one.id[-6:]


def test_a_known_divergence_has_the_id_of_its_finding() -> None:
    assert known().id == Signature.parse(known().signature).id


# ------------------------------------------------------------------ bytes in a file


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ({"text": ""}, b""),
        ({"text": "é\u0000\n"}, "é\0\n".encode()),
        ({"base64": ""}, b""),
        ({"base64": "/w=="}, b"\xff"),
        ({"parts": []}, b""),
        ({"parts": [{"text": "a"}]}, b"a"),
        (
            {"parts": [{"text": "{"}, {"text": " é", "times": 3}, {"text": "", "times": 5}, {"text": "}"}]},
            "{ é é é}".encode(),
        ),
        ({"parts": [{"text": "x", "times": 0}, {"text": "y"}]}, b"y"),
        ({"parts": [{"text": " ", "times": 1_048_577}]}, b" " * 1_048_577),
    ],
)
def test_bytes_stand_as_text_in_base64_or_in_parts(file: dict[str, Any], data: bytes) -> None:
    assert msgspec.convert(file, Bytes).value() == data


@pytest.mark.parametrize(
    "file",
    [
        {},
        {"text": "", "parts": []},
        {"base64": "", "parts": []},
        {"text": "", "base64": "", "parts": []},
        {"base64": "/w"},
        {"base64": "/ w=="},
        {"base64": "é"},
    ],
)
def test_bytes_in_two_forms_in_none_or_broken_are_refused(file: dict[str, Any]) -> None:
    given = msgspec.convert(file, Bytes)
    with pytest.raises(ValueError, match=r"."):
        given.value()


@pytest.mark.parametrize(
    ("file", "fragment"),
    [
        ({"parts": [{"times": 3}]}, "missing required field `text`"),
        ({"parts": [{"text": "a", "time": 3}]}, "unknown field `time`"),
        ({"parts": [{"text": "a", "times": "3"}]}, "Expected `int`"),
        ({"parts": [{"base64": "/w=="}]}, "base64"),
        ({"parts": "a"}, "Expected `array"),
        ({"parts": ["a"]}, "Expected `object`"),
    ],
)
def test_broken_parts_are_refused(file: dict[str, Any], fragment: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=fragment):
        msgspec.convert(file, Bytes)


@pytest.mark.parametrize("data", [b"", b"{}", "é\U0001f600".encode(), b"\xff", b"\xed\xa0\x80", b'\0\x7f\r\n\t"\\'])
def test_bytes_are_read_back_as_they_are_shown(data: bytes) -> None:
    assert msgspec.convert(show_bytes(data), Bytes).value() == data


def test_an_entry_holds_all_that_it_must_and_nothing_else() -> None:
    fields = msgspec.to_builtins(known())
    for name in fields:
        with pytest.raises(msgspec.ValidationError, match=f"missing required field `{name}`"):
            msgspec.convert({key: value for key, value in fields.items() if key != name}, Known)
    with pytest.raises(msgspec.ValidationError, match="unknown field `until`"):
        msgspec.convert(fields | {"until": 1}, Known)
