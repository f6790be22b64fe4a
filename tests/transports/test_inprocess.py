"""A testee that is a Python callable."""

from __future__ import annotations

import sys
import types
from typing import TYPE_CHECKING, NoReturn

import pytest

from parity import Refusal
from parity.errors import StartError
from parity.model import Kind
from parity.transports.inprocess import InProcess

from .conftest import kinds

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Bench


def answers(data: bytes) -> bytes:
    """Be sound, except at some inputs."""
    if data == b"refuse":
        raise Refusal("I do not take that")
    if data == b"raise":
        fail()
    if data == b"text":
        return "text"  # type: ignore[return-value]
    if data == b"none":
        return None  # type: ignore[return-value]
    if data == b"array":
        return bytearray(b"x")  # type: ignore[return-value]
    if data == b"exit":
        sys.exit(3)
    return data.upper()


def fail() -> NoReturn:
    raise LookupError("no such thing")


@pytest.fixture
def testee(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    module = types.ModuleType("parity_test_callables")
    module.answers = answers  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "parity_test_callables", module)
    testee = InProcess("ours", {"echo": "parity_test_callables:answers"})
    bench.driver.run(testee.open())
    return testee


def test_its_hello_names_its_surfaces(bench: Bench, testee: InProcess) -> None:
    hello = bench.driver.run(testee.open())

    assert (hello.runtime, hello.surfaces, hello.plants, hello.planted) == ("ours", ("echo",), (), None)


def test_it_answers_bytes(bench: Bench, testee: InProcess) -> None:
    assert [row.output for row in bench.ask(testee, b"a", b"\xffb")] == [b"A", b"\xffB"]


def test_it_refuses_with_a_reason(bench: Bench, testee: InProcess) -> None:
    seen = bench.ask(testee, b"a", b"refuse", b"b")

    assert kinds(seen) == [Kind.ANSWERED, Kind.REFUSED, Kind.ANSWERED]
    assert seen[1].detail == "I do not take that"


def test_an_exception_is_a_crash_with_its_traceback(bench: Bench, testee: InProcess) -> None:
    seen = bench.ask(testee, b"a", b"raise", b"b")

    assert kinds(seen) == [Kind.ANSWERED, Kind.CRASHED, Kind.ANSWERED]
    assert seen[1].detail == "LookupError: no such thing"
    assert "in fail" in seen[1].log


@pytest.mark.parametrize(("data", "name"), [(b"text", "str"), (b"none", "NoneType"), (b"array", "bytearray")])
def test_another_type_than_bytes_is_garbled(bench: Bench, testee: InProcess, data: bytes, name: str) -> None:
    (seen,) = bench.ask(testee, data)

    assert seen.kind is Kind.GARBLED
    assert f"returned {name} instead of bytes" in seen.detail


def test_leaving_the_interpreter_is_a_crash_of_the_testee_and_not_the_end_of_the_driver(
    bench: Bench, testee: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.transports.conftest.PATIENCE", 5.0)

    seen = bench.ask(testee, b"exit", b"a")

    assert kinds(seen) == [Kind.CRASHED, Kind.ANSWERED]
    assert "SystemExit" in seen[0].detail


@pytest.mark.parametrize("path", ["no_such_module_x:f", "json:no_such_function", "json", ":f", "", ".relative:f"])
def test_a_callable_that_is_not_there_is_an_error_that_names_it(bench: Bench, path: str) -> None:
    with pytest.raises(StartError, match=r"runtime 'ours'.*surface 'echo'") as caught:
        bench.driver.run(InProcess("ours", {"echo": path}).open())

    assert repr(path) in str(caught.value)


@pytest.mark.parametrize("source", ["raise RuntimeError('no database')", "def broken(:"])
def test_a_module_that_cannot_be_imported_is_an_error_that_names_it(
    bench: Bench, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "parity_broken_module.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)

    with pytest.raises(StartError, match="parity_broken_module"):
        bench.driver.run(InProcess("ours", {"echo": "parity_broken_module:f"}).open())
