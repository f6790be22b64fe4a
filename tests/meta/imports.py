"""What a module imports, read from its source."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


class Import(NamedTuple):
    """One imported module, or one name out of it."""

    module: str
    """The dotted name of the module."""
    name: str
    """The name that is taken out of it; empty for the module itself."""
    for_types: bool
    """Whether only a type checker follows it."""


def modules(package: str) -> dict[str, Path]:
    """Return the modules of a package by their dotted names."""
    found = {}
    for file in sorted((ROOT / package).rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = file
    return found


def imports(file: Path, known: frozenset[str] = frozenset()) -> list[Import]:
    """Return the imports of a file; `from package import module` counts as the module where that is a known one."""
    found: list[Import] = []

    def visit(node: ast.AST, *, for_types: bool) -> None:
        if isinstance(node, ast.Import):
            found.extend(Import(alias.name, "", for_types) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file}: a relative import"
            assert node.module is not None
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.append(
                    Import(whole, "", for_types) if whole in known else Import(node.module, alias.name, for_types)
                )
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            for statement in node.body:
                visit(statement, for_types=True)
        else:
            for child in ast.iter_child_nodes(node):
                visit(child, for_types=for_types)

    visit(ast.parse(file.read_text()), for_types=False)
    return found
