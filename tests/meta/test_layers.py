"""Who may import whom: faces -> pipeline -> stages -> base, and the reference by itself (ARCHITECTURE.md)."""

from __future__ import annotations

import sys

import pytest

from tests.meta.imports import Import, imports, modules

PARITY = modules("parity")
NAMES = frozenset(PARITY)

BASE = {
    "model",
    "errors",
    "files",
    "lossless",
    "config",
    "processes",
    "revisions",
    "runtime_config",
    "summary",
    "tally",
}
"""What every stage may stand on. Among themselves they may use those that the table below names."""
WITHIN_BASE = {
    "errors": set[str](),
    "lossless": set[str](),
    "files": set[str](),
    "processes": {"files"},
    "model": {"errors"},
    "revisions": {"errors"},
    "runtime_config": {"errors"},
    "config": {"errors", "revisions", "runtime_config"},
    "summary": {"model"},
    "tally": {"model"},
}
STAGES = {
    "classify",
    "compare",
    "corpus",
    "declare",
    "drive",
    "floor",
    "gate",
    "generate",
    "judge",
    "known",
    "normalise",
    "report",
    "shrink",
    "testees",
    "transports",
}
PIPELINE = {"pipeline", "listener", "count", "investigate", "interchange", "recall", "audit"}
FACES = {"cli", "started", "upkeep", "plugin", "__main__", "probes", ""} | PIPELINE
SIBLINGS = {
    ("testees", "parity.transports.helper", "Helper"),  # a testee is reached by a transport
    ("testees", "parity.transports.inprocess", "InProcess"),
    ("testees", "parity.transports", "Transport"),
    ("testees", "parity.transports", "Hello"),
    ("testees", "parity.transports.connection", "Address"),
    ("testees", "parity.transports.directories", "Files"),
    ("testees", "parity.transports.host", "Place"),
    ("testees", "parity.transports.message", "may_be_given"),
    ("testees", "parity.transports.adapters", "Adapters"),
    ("testees", "parity.transports.sequences", "Names"),
    ("testees", "parity.transports.service", "Service"),
    ("testees", "parity.drive", "Driver"),
    ("drive", "parity.transports", "Requests"),
    ("drive", "parity.transports", "Askable"),
}
"""Every import from one stage into another that there may be: the stage, the module, and the name."""


def room(module: str) -> str:
    """Return the stage or base module that a module of the harness belongs to."""
    return module.removeprefix("parity").removeprefix(".").split(".")[0]


def inside(module: str) -> list[Import]:
    """Return what a module imports from the harness."""
    return [one for one in imports(PARITY[module], NAMES) if room_of(one) is not None]


def room_of(one: Import) -> str | None:
    return room(one.module) if one.module.split(".")[0] == "parity" else None


def of(rooms: set[str]) -> list[str]:
    return [module for module in PARITY if room(module) in rooms]


def test_every_module_has_a_layer() -> None:
    assert {room(module) for module in PARITY} == BASE | STAGES | FACES


@pytest.mark.parametrize("module", of(BASE))
def test_a_base_module_stands_on_the_base_below_it(module: str) -> None:
    assert {room_of(one) for one in inside(module)} <= WITHIN_BASE[room(module)]


@pytest.mark.parametrize("module", of(STAGES))
def test_a_stage_stands_on_the_base_and_on_no_sibling(module: str) -> None:
    own = room(module)
    foreign = [one for one in inside(module) if room_of(one) not in BASE | {own}]
    assert [one for one in foreign if (own, one.module, one.name) not in SIBLINGS] == []


def test_every_exception_is_needed() -> None:
    used = {(room(module), one.module, one.name) for module in of(STAGES) for one in inside(module)}
    assert used >= SIBLINGS


def test_the_gate_knows_the_report_only_by_its_type() -> None:
    assert all(one.for_types for one in inside("parity.gate") if room_of(one) == "report")


def test_only_the_pipeline_imports_all_stages() -> None:
    flow = {
        "known",
        "floor",
        "generate",
        "drive",
        "normalise",
        "compare",
        "judge",
        "classify",
        "shrink",
        "corpus",
        "declare",
        "testees",
    }
    several = {
        module for module in PARITY if len({room_of(one) for one in inside(module) if not one.for_types} & flow) > 4
    }
    assert several == {"parity.pipeline"}
    # Parts of it are modules of their own, such as what becomes of the few cases that diverge.
    assert flow <= {room_of(one) for part in PIPELINE for one in inside(f"parity.{part}")}
    assert {room_of(one) for one in inside("parity.count")} <= {"corpus", "judge"} | BASE
    assert {room_of(one) for one in inside("parity.interchange")} <= {
        "count",
        "investigate",
        "shrink",
        "transports",
    } | BASE
    assert {room_of(one) for one in inside("parity.recall")} <= {"corpus", "count"} | BASE
    assert {room_of(one) for one in inside("parity.audit")} <= {"declare", "floor", "known"} | BASE
    assert {room_of(one) for one in inside("parity.investigate")} <= {"classify", "corpus", "shrink"} | BASE


def test_the_pipeline_knows_neither_its_faces_nor_the_reports() -> None:
    assert {room_of(one) for one in inside("parity.pipeline")} & {"cli", "plugin", "probes", "report", "gate"} == set()


@pytest.mark.parametrize(
    ("face", "allowed"),
    [
        ("parity", {"model", "normalise", "transports"}),
        ("parity.__main__", {"cli"}),
        ("parity.plugin", {"config", "errors", "gate", "model", "pipeline", "report"}),
        ("parity.started", {"config", "listener", "pipeline", "report"}),
        (
            "parity.cli",
            {"config", "errors", "model", "pipeline", "report", "declare", "gate", "started", "testees", "upkeep"},
        ),
        ("parity.upkeep", {"config", "declare", "errors", "floor", "known", "model", "report", "started", "summary"}),
    ],
)
def test_a_face_is_thin(face: str, allowed: set[str]) -> None:
    assert {room_of(one) for one in inside(face)} <= allowed


@pytest.mark.parametrize("module", of({"probes"}))
def test_a_probe_is_only_declared(module: str) -> None:
    assert {one.module for one in inside(module)} <= {
        "parity",
        "parity.model",
        "parity.generate.calls",
        "parity.generate.grammar",
        *of({"probes"}),
    }


@pytest.mark.parametrize("module", [module for module in PARITY if room(module) != "probes"])
def test_the_harness_does_not_know_its_probes(module: str) -> None:
    assert [one for one in inside(module) if room_of(one) == "probes"] == []


@pytest.mark.parametrize("module", PARITY)
def test_the_harness_knows_neither_the_reference_nor_the_load_tool(module: str) -> None:
    packages = {one.module.split(".")[0] for one in imports(PARITY[module])}
    assert packages & {"lakehouse_ref", "locust", "loadgen", "tests"} == set()


@pytest.mark.parametrize("module", modules("lakehouse_ref"))
def test_the_reference_knows_nothing_of_the_harness(module: str) -> None:
    packages = {one.module.split(".")[0] for one in imports(modules("lakehouse_ref")[module])}
    assert packages - set(sys.stdlib_module_names) <= {
        "lakehouse_ref",
        "duckdb",
        "faiss",
        "numpy",
        "obstore",
        "rfc8785",
        "msgspec",
        "starlette",
        "uvicorn",
        "uvloop",
    }


@pytest.mark.parametrize(
    "module", [module for module in modules("lakehouse_ref") if not module.startswith("lakehouse_ref.services")]
)
def test_the_reference_knows_nothing_of_its_services(module: str) -> None:
    found = imports(modules("lakehouse_ref")[module], frozenset(modules("lakehouse_ref")))
    assert [one for one in found if one.module.startswith("lakehouse_ref.services")] == []


LOAD = modules("loadgen")
GEVENT = {
    "client",
    "child",
    "meter",
    "run",
    "users",
    "multitier",
    "cutover",
    "runtime",
    "testimony",
    "scenarios",
    "options",
    "pace",
    "gather",
    "conclude",
}
"""What works in Locust's process alone."""


def load_room(module: str) -> str:
    return module.removeprefix("loadgen").removeprefix(".").split(".")[0]


@pytest.mark.parametrize("module", [module for module in LOAD if load_room(module) not in GEVENT])
def test_what_works_beside_locust_never_loads_it(module: str) -> None:
    """The keeper, the witness, the comparison and the report: gevent would patch what they stand on."""
    reached, ahead = set(), [module]
    while ahead:
        one = ahead.pop()
        if one in reached or one not in LOAD:
            continue
        reached.add(one)
        found = [each for each in imports(LOAD[one], frozenset(LOAD)) if not each.for_types]
        packages = {each.module.split(".")[0] for each in found}
        assert packages & {"locust", "gevent"} == set(), one
        ahead.extend(each.module for each in found)


@pytest.mark.parametrize("module", LOAD)
def test_only_the_run_and_its_users_know_locust(module: str) -> None:
    if "locust" in {one.module.split(".")[0] for one in imports(LOAD[module])}:
        assert load_room(module) in {"run", "users", "multitier", "cutover"}
