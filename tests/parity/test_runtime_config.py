"""What parity.toml says of one runtime: how it is reached, its services, its adapters; and every mistake in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from parity.errors import ConfigError, UsageError
from tests.parity.test_config import RUNTIMES, load

if TYPE_CHECKING:
    from pathlib import Path

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
