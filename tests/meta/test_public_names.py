"""What is public is chosen, and says what it is."""

from __future__ import annotations

import ast
import inspect
from typing import TYPE_CHECKING

import pytest

import parity
from tests.meta.imports import modules

if TYPE_CHECKING:
    from collections.abc import Iterator

PUBLIC = [
    "DriftClass",
    "Finding",
    "Inputs",
    "Normaliser",
    "Probe",
    "Refusal",
    "Signature",
    "Verdict",
    "drop",
]
FILES = modules("parity") | modules("lakehouse_ref") | modules("loadgen")


def test_the_public_names_are_these() -> None:
    assert parity.__all__ == PUBLIC


def test_nothing_else_is_public() -> None:
    shown = {name for name, value in vars(parity).items() if not name.startswith("_") and not inspect.ismodule(value)}
    assert shown == set(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_says_what_it_is(name: str) -> None:
    value = getattr(parity, name)
    assert isinstance(value.__dict__.get("__doc__") or value.__doc__, str)
    assert len(value.__doc__) > 20
    assert name in (parity.__doc__ or ""), "the package's own text groups its names"


@pytest.mark.parametrize("module", FILES)
def test_everything_public_has_a_docstring(module: str) -> None:
    tree = ast.parse(FILES[module].read_text())
    assert ast.get_docstring(tree), f"{module} has none"
    assert [name for name, node in public(tree) if not ast.get_docstring(node)] == []


def public(
    node: ast.Module | ast.ClassDef, prefix: str = ""
) -> Iterator[tuple[str, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef]]:
    """Yield the public classes and functions of a module, and the public methods of its public classes."""
    for child in node.body:
        if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) or child.name.startswith("_"):
            continue
        yield prefix + child.name, child
        if isinstance(child, ast.ClassDef):
            yield from public(child, f"{prefix}{child.name}.")
