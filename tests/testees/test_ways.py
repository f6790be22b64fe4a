"""From a runtime's table in parity.toml to the ways that reach it."""

from __future__ import annotations

import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from parity.errors import StartError, UsageError
from parity.processes import MARK, PLANT, Processes
from parity.runtime_config import RuntimeConfig
from parity.testees.build import Build
from parity.testees.ways import ways
from parity.transports.directories import Files
from parity.transports.service import Service
from tests.parity import made

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parity.transports import Transport
    from parity.transports.host import Place

SECRET = "Bearer very-secret"


class Bench:
    """Makes the ways of one runtime, and opens none of them."""

    def __init__(self, root: Path) -> None:
        self.root, self._processes = root, Processes(root / "state")

    def reach(self, plant: str | None = None, **table: object) -> list[Transport]:
        config = RuntimeConfig(**table)  # type: ignore[arg-type]
        build = Build("go", config, self.root, self.root / "state", self._processes)
        return [way(plant) for way in ways("go", build, made.settings(self.root))]

    def place(self, plant: str | None = None, **table: object) -> Place:
        """Return where the only way leads, which is a service's."""
        (way,) = self.reach(plant, **table)
        assert isinstance(way, Service)
        return way.host._place

    def close(self) -> None:
        self._processes.close()


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("GO_TOKEN", SECRET)
    bench = Bench(tmp_path)
    yield bench
    bench.close()


@pytest.mark.parametrize(
    ("table", "kinds"),
    [
        ({"callables": {"s": "json:dumps"}}, ["in-process"]),
        ({"attach": "127.0.0.1:9"}, ["helper"]),
        ({"helper": ("x",)}, ["helper"]),
        ({"service": ("x", "{port}")}, ["http"]),
        ({"url": "http://h"}, ["http"]),
        ({"files": ("x",)}, ["files"]),
        ({"helper": ("x",), "service": ("x", "{port}")}, ["helper", "http"]),
        ({"helper": ("x",), "files": ("x",)}, ["helper", "files"]),
        ({"helper": ("x",), "files": ("x",), "service": ("x", "{port}")}, ["helper", "files", "http"]),
        ({"attach": "127.0.0.1:9", "url": "http://h"}, ["helper", "http"]),
    ],
)
def test_each_way_that_is_declared_is_there(bench: Bench, table: dict[str, object], kinds: list[str]) -> None:
    assert [way.kind for way in bench.reach(None, **table)] == kinds


class TestService:
    def test_gets_its_folder_its_build_and_this_python(self, bench: Bench) -> None:
        (bench.root / "sub").mkdir()
        command = ("{python}", "{out}/service", "--port={port}")

        place = bench.place(service=command, directory="sub", health="/up", surfaces=("echo",))

        out = bench.root / "state" / "build" / "go"
        assert list(place.command) == [sys.executable, f"{out}/service", "--port={port}"]
        assert place.directory == str(bench.root / "sub")
        assert (place.health, place.surfaces, place.headers, place.prefix) == ("/up", ("echo",), {}, "")

    @pytest.mark.parametrize("plant", [None, "upside-down"])
    def test_gets_the_plant_and_the_mark_in_its_environment(
        self, bench: Bench, plant: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(PLANT, "from-outside")

        place = bench.place(plant, service=("x", "{port}"), environment={"LEVEL": "3"})

        assert place.environment.get(PLANT) == plant
        assert (place.environment["LEVEL"], place.environment[MARK]) == ("3", bench._processes.run)

    def test_that_is_attached_to_gets_neither(self, bench: Bench) -> None:
        place = bench.place("upside-down", url="http://h")

        assert (place.environment, list(place.command)) == ({}, [])


class TestFiles:
    def test_are_a_process_like_a_helper(self, bench: Bench) -> None:
        (way,) = bench.reach("upside-down", files=("{out}/audit", "serve"), directory="sub", environment={"LEVEL": "3"})
        assert isinstance(way, Files)
        helper = way._helper

        assert helper._command == [str(bench.root / "state" / "build" / "go" / "audit"), "serve"]
        assert helper._directory == str(bench.root / "sub")
        assert (helper._environment[PLANT], helper._environment["LEVEL"]) == ("upside-down", "3")


@pytest.mark.parametrize(
    ("url", "host", "port", "prefix"),
    [
        ("http://h", "h", 80, ""),
        ("http://h/", "h", 80, ""),
        ("https://h", "h", 443, ""),
        ("http://h:8080", "h", 8080, ""),
        ("https://H.Example:8443/base/v2/", "h.example", 8443, "/base/v2"),
        ("http://127.0.0.1:1/a%20b", "127.0.0.1", 1, "/a%20b"),
        ("http://[::1]:8080/x", "::1", 8080, "/x"),
        ("http://[::1]", "::1", 80, ""),
    ],
)
def test_a_url_says_where_and_below_which_path(bench: Bench, url: str, host: str, port: int, prefix: str) -> None:
    place = bench.place(url=url, health="/up", surfaces=("echo",))

    assert (place.address.host, place.address.port, place.prefix) == (host, port, prefix)
    assert (place.address.tls is not None) == url.startswith("https")
    assert (place.health, place.surfaces) == ("/up", ("echo",))


class TestHeaders:
    def test_come_from_the_environment(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TENANT", "a b")
        place = bench.place(url="https://h", headers_from={"authorization": "GO_TOKEN", "X-Tenant": "TENANT"})

        assert place.headers == {"authorization": SECRET, "X-Tenant": "a b"}

    @pytest.mark.parametrize("value", [None, "", "  ", "very\nsecret", "very-s\u00e9cret", "very\x00secret", "s\x7f"])
    def test_whose_variable_is_no_use_are_an_error_that_names_it(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch, value: str | None
    ) -> None:
        if value is None or "\x00" in value:
            monkeypatch.delenv("GO_TOKEN")
        else:
            monkeypatch.setenv("GO_TOKEN", value)

        with pytest.raises(UsageError) as caught:
            bench.reach(url="http://h", headers_from={"authorization": "GO_TOKEN"})

        sentence = str(caught.value)
        assert sentence == "runtime 'go' wants its header authorization from the environment: set GO_TOKEN"

    @pytest.mark.parametrize(
        "name", ["Host", "content-length", "Transfer-Encoding", "connection", "", "a b", "a:b", "x\r\ny"]
    )
    def test_that_are_not_theirs_to_set_are_an_error(self, bench: Bench, name: str) -> None:
        with pytest.raises(UsageError, match="in headers_from is no header, or the harness's to set") as caught:
            bench.reach(url="http://h", headers_from={name: "GO_TOKEN"})

        assert "very-secret" not in str(caught.value)
        assert "\n" not in str(caught.value)


class TestCertificates:
    def test_are_read_from_where_parity_toml_stands(self, bench: Bench) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-subj", "/CN=h"]
        subprocess.run([*command, "-out", "ca.pem"], cwd=bench.root, check=True, capture_output=True, timeout=60)

        tls = bench.place(url="https://h", ca="ca.pem").address.tls

        assert tls is not None
        assert [one["subject"] for one in tls.get_ca_certs()] == [((("commonName", "h"),),)]
        assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)

    def test_are_those_of_the_machine_otherwise(self, bench: Bench) -> None:
        tls = bench.place(url="https://h").address.tls

        assert tls is not None
        assert (tls.verify_mode, tls.check_hostname) == (ssl.CERT_REQUIRED, True)

    @pytest.mark.parametrize("content", [None, b"", b"not a certificate", b"\xff\x00"])
    def test_that_cannot_be_read_are_an_error_that_names_the_file(self, bench: Bench, content: bytes | None) -> None:
        if content is not None:
            (bench.root / "ca.pem").write_bytes(content)

        with pytest.raises(StartError, match=r"runtime 'go': the certificates in ca\.pem cannot be used: ") as caught:
            bench.reach(url="https://h", ca="ca.pem")

        assert "\n" not in str(caught.value)
