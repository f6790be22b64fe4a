"""parity.toml and the options above it: what they come to, and the sentence for every mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from parity import config
from parity.config import Options, Settings
from parity.errors import ConfigError, ParityError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

RUNTIMES = """
[runtimes.python]
reference = true
callables = { s = "m:f" }
[runtimes.go]
helper = ["{out}/helper"]
[runtimes.rust]
attach = "127.0.0.1:7000"
"""


def load(root: Path, text: str = RUNTIMES, **given: Any) -> Settings:  # noqa: ANN401
    (root / config.CONFIG).write_text(text)
    return config.load(root, Options(**given))


def test_without_options_the_file_and_its_defaults_hold(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert list(settings.runtimes) == ["python", "go", "rust"]
    assert (settings.require, settings.cases, settings.seconds, settings.plants) == ((), None, None, {})
    assert settings.seed == config.DEFAULT_SEED
    assert settings.report == tmp_path / "reports/parity"
    assert settings.fixtures == tmp_path / "fixtures"
    assert settings.state == tmp_path / ".parity"
    assert settings.probes == (tmp_path / "parity/probes",)


TABLE = '[parity]\nruntimes = ["go", "python"]\nrequire = ["go"]\ncases = 7\nseconds = 8.5\nseed = 9\nreport = "out"\n'


def test_the_file_sets_what_its_options_do(tmp_path: Path) -> None:
    settings = load(tmp_path, TABLE + RUNTIMES)
    assert list(settings.runtimes) == ["python", "go"], "in the order of the file"
    assert (settings.require, settings.cases, settings.seconds, settings.seed) == (("go",), 7, 8.5, 9)
    assert settings.report == tmp_path / "out"


def test_an_option_stands_above_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    given = {"runtimes": "rust, go", "require": "rust", "cases": 1, "seconds": 2.0, "seed": 0, "report": "mine"}
    settings = load(tmp_path, TABLE + RUNTIMES, **given)
    assert list(settings.runtimes) == ["go", "rust"]
    assert (settings.require, settings.cases, settings.seconds, settings.seed) == (("rust",), 1, 2.0, 0)
    assert settings.report == tmp_path / "elsewhere/mine", "from where the command was given"


def test_plants_are_read_by_runtime(tmp_path: Path) -> None:
    assert load(tmp_path, plants=("go=last-object", "python=a=b")).plants == {"go": "last-object", "python": "a=b"}


BROKEN_FILES = [
    pytest.param("[runtimes", ["parity.toml is not valid TOML"], id="no-toml"),
    pytest.param("parity = 1", ["Expected `object`, got `int`", "parity"], id="table-that-is-a-number"),
    pytest.param("[runtime.go]", ["unknown field `runtime`", "known: parity, runtimes"], id="unknown-table"),
    pytest.param("[paritys]", ["unknown field `paritys`", "known: parity, runtimes"], id="unknown-table-like-another"),
    pytest.param(
        "[parity]\ncase = 1",
        ["unknown field `case`", "`parity`", "known: runtimes, require, cases"],
        id="unknown-option",
    ),
    pytest.param(
        "[parity]\nruntimes_ = 1",
        ["unknown field `runtimes_`", "known: runtimes, require, cases"],
        id="unknown-option-like-another",
    ),
    pytest.param(
        '[runtimes.go]\nhalper = ["x"]',
        ["unknown field `halper`", "known: reference, directory", "helper"],
        id="unknown-field-of-a-runtime",
    ),
    pytest.param('[runtimes.go]\nhelper = "x"', ["Expected `array`, got `str`", "helper"], id="command-that-is-a-text"),
    pytest.param('[parity]\nseed = "1"', ["Expected `int`, got `str`", "parity.seed"], id="seed-that-is-a-text"),
    pytest.param(
        "[runtimes.go]", ["runtime 'go'", "must be started (helper, service, services, files)", "none"], id="no-way"
    ),
    pytest.param(
        '[runtimes.go]\nhelper = ["x"]\nattach = "h:1"',
        ["runtime 'go'", "must be started", "helper and attach"],
        id="two-ways",
    ),
    pytest.param(
        '[runtimes.go]\nfiles = ["x"]\ncallables = { s = "m:f" }',
        ["runtime 'go'", "must be started", "files and callables"],
        id="started-and-called",
    ),
    pytest.param('[runtimes.go]\nfiles = "x"', ["Expected `array`, got `str`", "files"], id="files-that-are-a-text"),
    pytest.param(
        '[runtimes.go]\nservice = ["x", "{port}"]\nurl = "http://h"',
        ["runtime 'go'", "must be started", "service and url"],
        id="started-and-attached-to",
    ),
    pytest.param(
        '[runtimes.go]\nurl = "http://h"\ncallables = { s = "m:f" }',
        ["runtime 'go'", "must be started", "url and callables"],
        id="attached-to-and-called",
    ),
    pytest.param('[runtimes.go]\nservice = ["x"]', ["runtime 'go'", "write {port}"], id="service-without-its-port"),
    pytest.param(
        '[runtimes.go]\nurl = "http://h"\nrate = 0', ["runtime 'go'", "rate must be above zero, not 0"], id="rate-0"
    ),
    pytest.param('[runtimes.go]\nurl = "http://h"\nrate = nan', ["rate must be above zero"], id="rate-no-number"),
    pytest.param(
        '[runtimes.go]\nurl = "http://h"\nconnections = 0', ["connections must be above zero, not 0"], id="connections"
    ),
    pytest.param(
        '[runtimes.go]\nhelper = ["x"]\nheaders_from = { a = "B" }', ["are for a url"], id="headers-without-a-url"
    ),
    pytest.param('[runtimes.go]\nattach = "h:1"\nca = "x"', ["are for a url"], id="certificates-without-a-url"),
    pytest.param('[runtimes.go]\nservice = ["{port}"]\nrate = 1', ["are for a url"], id="rate-without-a-url"),
    pytest.param('[runtimes.go]\nurl = "http://h"\nca = "x"', ["ca is for https"], id="certificates-for-http"),
    pytest.param(
        '[runtimes.go]\nhelper = ["x"]\nrevision = "abc"',
        ["base and revision are not yours"],
        id="revision-in-the-file",
    ),
    pytest.param('[runtimes."go@v1"]\nhelper = ["x"]', ["'go@v1' is no name for a runtime"], id="revision-in-a-name"),
    pytest.param('[runtimes.floor]\nhelper = ["x"]', ["'floor' is no name for a runtime"], id="name-of-the-floor"),
    pytest.param(
        '[runtimes.a]\nreference = true\nattach = "h:1"\n[runtimes.b]\nreference = true\nattach = "h:2"',
        ["more than one runtime", "reference"],
        id="two-references",
    ),
    pytest.param("[parity]\ndeadline = 0\n" + RUNTIMES, ["parity.deadline must be above zero, not 0"], id="deadline-0"),
    pytest.param(
        "[parity]\ndeadline = nan\n" + RUNTIMES, ["parity.deadline must be above zero"], id="deadline-not-a-number"
    ),
]


@pytest.mark.parametrize(("text", "fragments"), BROKEN_FILES)
def test_a_broken_file_is_told_in_one_sentence(tmp_path: Path, text: str, fragments: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text)
    sentence = str(caught.value)
    assert [fragment for fragment in ["parity.toml", *fragments] if fragment not in sentence] == [], sentence
    assert caught.value.exit_code == 2


def test_an_unknown_field_names_its_runtime(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'go'"):
        load(tmp_path, RUNTIMES.replace("[runtimes.rust]", 'halper = ["x"]\n[runtimes.rust]'))


WRONG_OPTIONS: list[tuple[str, dict[str, object], list[str]]] = [
    ("unknown-runtime", {"runtimes": "python,gi"}, ["'gi'", "--parity-runtimes", "known: go, python, rust"]),
    ("no-runtime", {"runtimes": " , "}, ["--parity-runtimes was given no name"]),
    ("unknown-required", {"require": "bun"}, ["'bun'", "--parity-require", "known: go, python, rust"]),
    ("no-required", {"require": ""}, ["--parity-require was given no name"]),
    (
        "required-and-not-selected",
        {"runtimes": "python,go", "require": "rust"},
        ["'rust'", "--parity-require", "--parity-runtimes"],
    ),
    ("plant-without-runtime", {"plants": ("last-object",)}, ["runtime=name", "'last-object'"]),
    ("plant-without-name", {"plants": ("go=",)}, ["runtime=name", "'go='"]),
    ("plant-for-nobody", {"plants": ("=last-object",)}, ["runtime=name", "'=last-object'"]),
    ("plant-for-an-unknown-runtime", {"plants": ("bun=x",)}, ["'bun'", "--parity-plant bun=x", "go, python, rust"]),
    (
        "plant-for-an-unselected-runtime",
        {"runtimes": "python,go", "plants": ("rust=x",)},
        ["'rust'", "known: go, python"],
    ),
    ("two-plants-for-one", {"plants": ("go=x", "go=y")}, ["'go' twice"]),
    ("no-cases", {"cases": 0}, ["--parity-cases", "must be above zero, not 0"]),
    ("negative-cases", {"cases": -1}, ["--parity-cases", "must be above zero, not -1"]),
    ("no-time", {"seconds": 0.0}, ["--parity-seconds", "must be above zero"]),
    ("time-that-is-not-a-number", {"seconds": float("nan")}, ["--parity-seconds", "must be above zero"]),
]


@pytest.mark.parametrize(
    ("given", "fragments"), [pytest.param(given, fragments, id=name) for name, given, fragments in WRONG_OPTIONS]
)
def test_a_wrong_option_is_told_in_one_sentence(tmp_path: Path, given: dict[str, Any], fragments: list[str]) -> None:
    with pytest.raises(UsageError) as caught:
        load(tmp_path, **given)
    sentence = str(caught.value)
    assert [fragment for fragment in fragments if fragment not in sentence] == [], sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("table", ["cases = 0", "seconds = -1.0"])
def test_the_twin_of_a_wrong_option_is_wrong_too(tmp_path: Path, table: str) -> None:
    with pytest.raises(UsageError, match="must be above zero"):
        load(tmp_path, f"[parity]\n{table}\n{RUNTIMES}")


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"parity\.toml cannot be read: No such file"):
        config.load(tmp_path)


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / config.CONFIG).write_bytes(b"\xff")
    with pytest.raises(ConfigError, match=r"parity\.toml is not valid TOML"):
        config.load(tmp_path)


def test_the_root_is_the_nearest_folder_upwards(tmp_path: Path) -> None:
    load(tmp_path)
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert config.find_root(deep) == tmp_path
    load(deep)
    assert config.find_root(deep) == deep


def test_no_root_is_told_with_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="or above it") as caught:
        config.find_root(tmp_path)
    assert str(tmp_path) in str(caught.value)


# ------------------------------------------------------------------ a planted run and the committed report


def test_a_planted_run_reports_elsewhere(tmp_path: Path) -> None:
    assert load(tmp_path, plants=("go=x",)).report == tmp_path / "reports/planted"


@pytest.mark.parametrize(
    "report",
    [
        "reports/parity",
        "./reports/../reports/parity/",
        pytest.param("reports/parity/planted", id="inside-of-it"),
        pytest.param("link", id="through-a-link"),
    ],
)
def test_a_planted_run_never_writes_the_committed_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report: str
) -> None:
    (tmp_path / "reports/parity").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "reports/parity")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match="a planted run does not write to reports/parity"):
        load(tmp_path, plants=("go=x",), report=report)


def test_a_planted_run_never_writes_the_committed_report_of_that_name(tmp_path: Path) -> None:
    committed = tmp_path / config.PLANTED_REPORT
    try:
        settings = load(tmp_path, f'[parity]\nreport = "{config.PLANTED_REPORT}"\n{RUNTIMES}', plants=("go=x",))
    except ParityError:
        return
    assert not settings.report.is_relative_to(committed)


def test_a_planted_run_may_write_beside_the_committed_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(tmp_path, plants=("go=x",), report="reports/parity-2").report == tmp_path / "reports/parity-2"


def test_the_committed_report_is_for_runs_without_a_plant(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(tmp_path, report="reports/parity").report == tmp_path / "reports/parity"
