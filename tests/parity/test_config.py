"""parity.toml and the options above it: what they come to, and the sentence for every mistake."""

from __future__ import annotations

import json
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


# ------------------------------------------------------------------ services that already run

GOOD_URLS = [
    "http://127.0.0.1:3221",
    "http://localhost",
    "HTTP://Example.ORG/",
    "https://example.org/base/v2/",
    "http://[::1]:8080/x",
    "http://h:65535/a%20b;c=d",
]
BROKEN_URLS = [
    "h:80",
    "//h",
    "ftp://h",
    "http://",
    "http:///x",
    "http://:80",
    "http://h:65536",
    "http://h:-1",
    "http://h:http",
    "http://[::1",
    "http://h/a b",
    "http://h/caf\u00e9",
    "http://h\u00e9/",
    "http://h/?a=b",
    "http://h/#a",
    " http://h",
    "http://h\n",
    "http://h/\x1b[31m",
]
SECRET = "s3cr3t-t0ken"
SECRET_URLS = [f"http://{SECRET}@h", f"http://ada:{SECRET}@h/x", f"ftp://ada:{SECRET}@h", f"http://{SECRET}@h:99999"]
BADLY_SHOWN = [f"ada:{SECRET}@h", f"https:/ada:{SECRET}@h", f"http://h/?token={SECRET}", f"http://h/#{SECRET}"]


@pytest.mark.parametrize("url", GOOD_URLS)
def test_a_url_may_be_given_in_the_file_or_on_the_command_line(tmp_path: Path, url: str) -> None:
    in_file = load(tmp_path, f'[runtimes.go]\nurl = "{url}"')
    assert in_file.runtimes["go"].url == url
    assert in_file.runtimes["go"].is_attached
    assert load(tmp_path, attach=(f"go={url}",)).runtimes["go"].url == url


@pytest.mark.parametrize("url", BROKEN_URLS)
def test_a_broken_url_is_told_in_one_sentence(tmp_path: Path, url: str) -> None:
    for given in ({"text": f"[runtimes.go]\nurl = {json.dumps(url)}"}, {"attach": (f"go={url}",)}):
        with pytest.raises(ConfigError, match=r"parity\.toml: runtime 'go'|--parity-attach go") as caught:
            load(tmp_path, **given)
        sentence = str(caught.value)
        assert "is not http://host:port or https://host" in sentence or "its url is broken" in sentence
        assert sentence.isprintable()


@pytest.mark.parametrize(
    "url",
    [
        *SECRET_URLS,
        *BADLY_SHOWN,
    ],
)
def test_a_secret_in_a_url_is_refused_and_not_shown(tmp_path: Path, url: str) -> None:
    for given in ({"text": f'[runtimes.go]\nurl = "{url}"'}, {"attach": (f"go={url}",)}):
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, **given)
        assert SECRET not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_port_of_zero_is_none(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        load(tmp_path, '[runtimes.go]\nurl = "http://h:0"')


class TestAttach:
    @pytest.mark.parametrize(
        "given", ["", "go", "go=", "=http://h", "go http://h", "go,rust=http://h", "go@v1=http://h"]
    )
    def test_that_is_not_a_runtime_with_a_url_is_told(self, tmp_path: Path, given: str) -> None:
        with pytest.raises(UsageError) as caught:
            load(tmp_path, attach=(given,))
        assert str(caught.value) == "--parity-attach takes runtime=url, for example go=http://127.0.0.1:3221"

    def test_twice_for_one_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="--parity-attach names 'go' twice"):
            load(tmp_path, attach=("go=http://h", "go=http://i"))

    def test_names_the_option_as_the_command_has_it(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match=r"^--attach takes"):
            load(tmp_path, attach=("go",), prefix="--")

    def test_takes_the_place_of_how_a_runtime_is_built_and_started(self, tmp_path: Path) -> None:
        text = RUNTIMES.replace("[runtimes.go]", '[runtimes.go]\nidentity = "gopher"\nneeds = ["go"]\nbuild = ["x"]')
        settings = load(tmp_path, text, attach=("go=http://h", "python=http://p"))
        assert list(settings.runtimes) == ["python", "go", "rust"], "in the order of the file"
        go, python = settings.runtimes["go"], settings.runtimes["python"]
        assert (go.url, go.identity, go.helper, go.build, go.needs) == ("http://h", "gopher", (), (), ())
        assert (python.url, python.reference, python.callables) == ("http://p", True, {})
        assert settings.attached == ("go=http://h", "python=http://p")

    def test_keeps_what_the_file_says_of_one_that_is_attached_to_anyway(self, tmp_path: Path) -> None:
        text = '[runtimes.go]\nurl = "https://h"\nrate = 5\nca = "x"\nheaders_from = { a = "B" }\nallow_writes = true'
        go = load(tmp_path, text, attach=("go=https://other/base",)).runtimes["go"]
        assert (go.url, go.rate, go.ca, go.headers_from, go.allow_writes) == (
            "https://other/base",
            5,
            "x",
            {"a": "B"},
            True,
        )

    def test_of_a_new_name_is_one_more_runtime(self, tmp_path: Path) -> None:
        settings = load(tmp_path, f'[parity]\nruntimes = ["go"]\n{RUNTIMES}', attach=("staging=http://h",))
        assert list(settings.runtimes) == ["go", "staging"]
        assert settings.runtimes["staging"].allow_writes is False

    def test_of_one_that_is_not_selected_takes_no_part(self, tmp_path: Path) -> None:
        settings = load(tmp_path, runtimes="python,rust", attach=("go=http://h",))
        assert list(settings.runtimes) == ["python", "rust"]


# ------------------------------------------------------------------ services that keep something

SERVICE = '[runtimes.go]\nservice = ["a", "{port}"]\n'
ADAPTER = '[[runtimes.go.adapters]]\nname = "hybrid"\nsurface = "matrix"\npath = "/v1/a"\nthere = "/b"\n'


class TestServices:
    def test_may_be_several_and_have_names(self, tmp_path: Path) -> None:
        text = SERVICE + 'services = { matrixd = ["m", "{port}", "{data}"], ingestd = ["i", "--at=:{port}"] }'
        go = load(tmp_path, text).runtimes["go"]

        assert go.commands == {
            "service": ("a", "{port}"),
            "matrixd": ("m", "{port}", "{data}"),
            "ingestd": ("i", "--at=:{port}"),
        }
        assert not go.is_attached

    def test_may_be_all_that_there_is(self, tmp_path: Path) -> None:
        go = load(tmp_path, '[runtimes.go]\nservices = { matrixd = ["m", "{port}"] }').runtimes["go"]

        assert go.commands == {"matrixd": ("m", "{port}")}

    def test_have_the_contracts_names_where_the_file_has_no_others(self, tmp_path: Path) -> None:
        go = load(tmp_path, SERVICE).runtimes["go"]
        own = load(tmp_path, f'{SERVICE}tenant = "x-realm"\nforget = "POST /forget {{}}"').runtimes["go"]

        assert (go.tenant, go.forget, go.adapters) == ("x-lakehouse-tenant", "DELETE /v1/tenant", ())
        assert (own.tenant, own.forget) == ("x-realm", "POST /forget {}")

    def test_keep_their_names_where_they_are_attached_to_instead(self, tmp_path: Path) -> None:
        text = f'{SERVICE}tenant = "x-realm"\nforget = "DELETE /x"\nservices = {{ m = ["m", "{{port}}"] }}\n{ADAPTER}'
        before = load(tmp_path, text).runtimes["go"]
        go = load(tmp_path, text, attach=("go=http://h",)).runtimes["go"]

        assert (go.tenant, go.forget, go.adapters) == (before.tenant, before.forget, before.adapters)
        assert go.commands == {}

    @pytest.mark.parametrize(
        ("text", "fragments"),
        [
            ('services = { m = ["x"] }', ["runtime 'go'", "its m must be told its port; write {port}"]),
            ("services = { m = [] }", ["its m must be told its port"]),
            ('services = { m = "x" }', ["Expected `array`, got `str`", "services"]),
            ('services = ["x", "{port}"]', ["Expected `object`, got `array`", "services"]),
            ('services = { service = ["x", "{port}"] }', ["services has one named service; give it another name"]),
            ('services = { m = ["x", "{port}"] }\nurl = "http://h"', ["has services and url"]),
            ('services = { m = ["x", "{port}"] }\ncallables = { s = "m:f" }', ["has services and callables"]),
        ],
    )
    def test_that_are_wrong_are_told(self, tmp_path: Path, text: str, fragments: list[str]) -> None:
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, f"[runtimes.go]\n{text}")
        sentence = str(caught.value)
        assert [fragment for fragment in ["parity.toml", *fragments] if fragment not in sentence] == [], sentence

    @pytest.mark.parametrize("forget", ["", "DELETE", "DELETE v1/tenant", "delete /v1/tenant", " /v1"])
    def test_that_cannot_be_told_to_forget_are_told(self, tmp_path: Path, forget: str) -> None:
        with pytest.raises(ConfigError, match="runtime 'go': forget is a method and a path, for example DELETE /v1"):
            load(tmp_path, f'{SERVICE}forget = "{forget}"')


class TestAdapters:
    def test_are_read(self, tmp_path: Path) -> None:
        more = 'request = { query_text = "query" }\nanswer = { hits = "results" }\nnames_at = ["/Schema/field"]'
        (adapter,) = load(tmp_path, f"{SERVICE}{ADAPTER}{more}").runtimes["go"].adapters

        assert (adapter.name, adapter.surface, adapter.path, adapter.there) == ("hybrid", "matrix", "/v1/a", "/b")
        assert (adapter.request, adapter.answer) == ({"query_text": "query"}, {"hits": "results"})
        assert adapter.names_at == ("/Schema/field",)

    def test_may_rename_nothing_but_the_path(self, tmp_path: Path) -> None:
        (adapter,) = load(tmp_path, SERVICE + ADAPTER).runtimes["go"].adapters

        assert (adapter.request, adapter.answer, adapter.names_at) == ({}, {}, ())

    @pytest.mark.parametrize(
        ("text", "fragments"),
        [
            (ADAPTER.replace('"/v1/a"', '"v1/a"'), ["adapter 'hybrid'", "begin with a slash"]),
            (ADAPTER.replace('"/b"', '""'), ["adapter 'hybrid'", "begin with a slash"]),
            (ADAPTER.replace("there", "their"), ["adapters[0]", "`their`"]),
            (ADAPTER.replace('surface = "matrix"\n', ""), ["missing required field `surface`", "adapters[0]"]),
            (ADAPTER + 'request = { a = "b", b = "c" }', ["gives one name to two members"]),
            (ADAPTER + 'request = { a = "c", b = "c" }', ["gives one name to two members"]),
            (ADAPTER + 'answer = { a = "b", b = "a" }', ["gives one name to two members"]),
            (ADAPTER + 'answer = { a = "a" }', ["adapter 'hybrid'"]),
            (ADAPTER + "answer = { a = 1 }", ["Expected `str`, got `int`"]),
            (ADAPTER + 'names_at = "/field"', ["Expected `array`, got `str`", "names_at"]),
            (ADAPTER + ADAPTER.replace('"/v1/a"', '"/c"'), ["two adapters have one name"]),
        ],
    )
    def test_that_are_wrong_are_told(self, tmp_path: Path, text: str, fragments: list[str]) -> None:
        with pytest.raises(ConfigError) as caught:
            load(tmp_path, SERVICE + text)
        sentence = str(caught.value)
        assert [fragment for fragment in ["runtime 'go'", *fragments] if fragment not in sentence] == [], sentence
