"""Find what is declared: the probes in their modules, and the contract that stands beside them in fixtures/contract."""

from __future__ import annotations

import importlib.util
import sys
import tomllib
from typing import TYPE_CHECKING, Any

import jsonschema_rs
import msgspec

from parity.errors import FixtureError, UsageError
from parity.model import Contract, Plant, Probe, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import ModuleType


def load_contract(surface: str, fixtures: Path) -> Contract:
    """Read the rules and the answer's schema of a surface. Raises FixtureError."""
    folder = fixtures / "contract"
    rules_file = folder / f"{surface}.rules.toml"
    table = _toml(rules_file)
    try:
        rules = msgspec.convert(table.get("rule", []), tuple[Rule, ...])
    except msgspec.ValidationError as error:
        raise FixtureError(f"{rules_file}: {error}") from None
    if not rules:
        raise FixtureError(f"{rules_file}: holds no [[rule]]; a contract has at least one")
    schema_file = folder / f"{surface}.answer.schema.json"
    try:
        schema = msgspec.json.decode(schema_file.read_bytes())
        validator = jsonschema_rs.validator_for(schema)
    except OSError as error:
        raise FixtureError(f"{schema_file} cannot be read: {error.strerror}") from None
    except (ValueError, jsonschema_rs.ValidationError) as error:
        raise FixtureError(f"{schema_file} is not a JSON Schema: {error}") from None
    return Contract(surface, rules, validator.is_valid, frozenset(_paths(schema, "")))


def load_plants(fixtures: Path) -> dict[str, Plant]:
    """Read what the planted bugs are. Raises FixtureError."""
    file = fixtures / "contract" / "plants.toml"
    if not file.exists():
        return {}
    try:
        plants = msgspec.convert(_toml(file).get("plant", []), tuple[Plant, ...])
    except msgspec.ValidationError as error:
        raise FixtureError(f"{file}: {error}") from None
    return {plant.name: plant for plant in plants}


def find_probes(folders: Sequence[Path]) -> dict[str, Probe]:
    """Import every test_*.py of the folders and return the probes by surface. Raises UsageError."""
    probes: dict[str, Probe] = {}
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"the folder of probes {folder} does not exist; see parity.probes in parity.toml")
        for file in sorted(folder.glob("test_*.py")):
            for value in vars(_import(file)).values():
                if isinstance(value, Probe):
                    if probes.get(value.surface, value) is not value:
                        raise UsageError(f"two probes of surface {value.surface!r}; the second one is in {file}")
                    probes[value.surface] = value
    return probes


def _import(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"parity_probes_{file.stem}", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def _toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise FixtureError(f"{file} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise FixtureError(f"{file} is not valid TOML: {error}") from None


def _paths(schema: object, at: str) -> set[str]:
    """Return the pointers that a schema names, through its unions."""
    found: set[str] = set()
    if not isinstance(schema, dict):
        return found
    for union in ("oneOf", "anyOf", "allOf"):
        for branch in schema.get(union, []):
            found |= _paths(branch, at)
    for name, branch in schema.get("properties", {}).items():
        path = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        found |= {path} | _paths(branch, path)
    if "items" in schema:
        found |= {f"{at}/*"} | _paths(schema["items"], f"{at}/*")
    return found
