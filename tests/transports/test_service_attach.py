"""A service that is attached to by URL: reached as it says, asked with its headers and at its pace, and left alone."""

from __future__ import annotations

import ssl
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from parity.errors import StartError, UnreachableError
from parity.model import Kind
from parity.transports.connection import Address

from .conftest import kinds
from .hostile_service import JSON, http, shouted_health
from .services import post, said

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from .services import Server, ServiceBench

    Serve = Callable[..., Server]


def test_it_says_who_it_is_and_answers(services: ServiceBench, serve: Serve) -> None:
    service = services.attached(serve())

    hello = services.driver.run(service.open())

    assert (hello.runtime, hello.version, hello.commit) == ("hostile", "1.0", "abc1234")
    assert (hello.surfaces, hello.plants, hello.planted) == (("echo",), ("upside-down",), None)
    assert [row.output for row in services.ask(service, post(b"a"), post(b"b"))] == [said("A"), said("B")]


def test_it_is_not_ended_at_the_close(services: ServiceBench, serve: Serve) -> None:
    server = serve()
    services.observe(services.attached(server), post(b"a"))

    assert kinds(services.observe(services.attached(server), post(b"b"))) == [Kind.ANSWERED]


def test_closing_twice_or_before_opening_is_nothing(services: ServiceBench, serve: Serve) -> None:
    service = services.attached(serve())
    services.driver.run(service.close())
    services.observe(service, post(b"a"))
    services.driver.run(service.close())


class TestConnections:
    def test_are_kept_open_and_no_more_than_was_said(self, services: ServiceBench, serve: Serve) -> None:
        server = serve()
        service = services.attached(server, connections=3)
        cases = [post(b"%d" % number) for number in range(100)]

        seen = services.observe(service, *cases)

        assert [row.output for row in seen] == [said(str(number)) for number in range(100)]
        assert server.connections <= 1 + 3  # one was for its health
        assert len(server.asked) == 100

    @pytest.mark.parametrize("connections", [1, 4])
    def test_that_are_closed_unannounced_are_made_again(
        self, services: ServiceBench, serve: Serve, connections: int
    ) -> None:
        server = serve("keeps-nothing-open")
        service = services.attached(server, connections=connections)

        seen = services.observe(service, *[post(b"%d" % number) for number in range(50)])

        assert [row.output for row in seen] == [said(str(number)) for number in range(50)]
        assert sorted(request.body for request in server.asked) == sorted(b"%d" % number for number in range(50))

    def test_over_which_an_answer_came_too_early_are_not_used_again(self, services: ServiceBench, serve: Serve) -> None:
        """What is left of the request would else stand before the next one."""
        server = serve("answers-too-early")
        service = services.attached(server, connections=1)

        seen = services.observe(service, post(b"a"), post(b"x" * 30_000_000, b"/early"), post(b"b"))

        assert kinds(seen) == [Kind.ANSWERED] * 3
        assert (seen[0].output, seen[2].output) == (said("A"), said("B"))
        assert b'"said":"FINE"' in seen[1].output
        assert server.connections == 3

    def test_over_which_the_rest_of_a_request_is_not_read_are_no_ones_fault(
        self, services: ServiceBench, serve: Serve
    ) -> None:
        """It answers and hangs up, as servers do that find a request too large; the answer may be lost with that."""
        service = services.attached(serve("reads-no-more"), connections=2)

        seen = services.observe(service, post(b"a"), post(b"x" * 8_000_000, b"/early"), post(b"b"))

        assert seen[1].kind in {Kind.ANSWERED, Kind.RESET}
        assert [seen[0].output, seen[2].output] == [said("A"), said("B")]


HEALTHS = {
    "health-list": "runtime 'hostile': /health does not say who it is: Expected `object`, got `array`",
    "health-no-json": "runtime 'hostile': /health does not say who it is: JSON is malformed",
    "health-of-bad-utf8": "runtime 'hostile': /health does not say who it is",
    "health-deep": "runtime 'hostile': /health does not say who it is",
    "health-of-other-types": "does not say who it is: Expected `array`, got `str` - at `$.surfaces`",
    "health-without-a-name": "does not say who it is: it has neither runtime nor service",
    "health-without-surfaces": "does not say what it serves; write surfaces = [...] for it in parity.toml",
    "health-500": "runtime 'hostile': /health answers 500",
    "health-redirects": "/health redirected: 302, which is not followed, to /",
}


class TestHealth:
    @pytest.mark.parametrize("behaviour", HEALTHS)
    def test_that_is_none_is_an_error_that_names_the_runtime(
        self, services: ServiceBench, serve: Serve, behaviour: str
    ) -> None:
        server = serve()
        server.service.health = shouted_health(behaviour)

        with pytest.raises(StartError) as caught:
            services.driver.run(services.attached(server).open())

        assert HEALTHS[behaviour] in str(caught.value)
        assert len(str(caught.value).splitlines()) == 1
        assert not isinstance(caught.value, UnreachableError)

    def test_may_name_the_service_and_say_more(self, services: ServiceBench, serve: Serve) -> None:
        server = serve()
        server.service.health = shouted_health("health-of-a-service")

        assert services.driver.run(services.attached(server).open()).runtime == "hostiled"

    def test_may_leave_the_surfaces_to_parity_toml(self, services: ServiceBench, serve: Serve) -> None:
        server = serve()
        server.service.health = shouted_health("health-without-surfaces")

        hello = services.driver.run(services.attached(server, surfaces=("echo", "more")).open())

        assert hello.surfaces == ("echo", "more")

    def test_may_be_elsewhere_below_a_prefix(self, services: ServiceBench, serve: Serve) -> None:
        server = serve()
        service = services.attached(server, prefix="/base/v2", health="/is/health")

        services.observe(service, post(b"a"), b"GET /x?y=/z\n\n")

        targets = [request.target for request in server.service.requests]
        assert sorted(targets) == [b"/base/v2/is/health", b"/base/v2/v1/echo", b"/base/v2/x?y=/z"]


class TestUnreachable:
    @pytest.mark.parametrize(
        ("host", "where"),
        [
            ("127.0.0.1", "127.0.0.1:9"),
            ("::1", "[::1]:9"),
            ("nosuch.invalid", "nosuch.invalid:9"),
            ("a..b", "a..b:9"),
            ("a" * 70 + ".b", ".b:9"),
        ],
    )
    def test_is_an_error_that_names_the_address(
        self, services: ServiceBench, serve: Serve, host: str, where: str
    ) -> None:
        service = services.attached(serve(), address=Address(host, 9))

        with pytest.raises(UnreachableError, match="runtime 'hostile' cannot be reached at") as caught:
            services.driver.run(service.open())

        assert where in str(caught.value)
        assert not str(caught.value).rstrip().endswith(":")
        assert "\n" not in str(caught.value)

    def test_is_one_that_takes_connections_and_says_nothing(self, services: ServiceBench, serve: Serve) -> None:
        server = serve("hangs")
        server.service.health = lambda _: b""

        with pytest.raises(UnreachableError, match=r"cannot be reached at 127.0.0.1:\d+: no answer within 0\.3 s"):
            services.driver.run(services.attached(server, deadline=0.3).open())


class TestRate:
    def test_is_kept(self, services: ServiceBench, serve: Serve) -> None:
        server = serve()
        service = services.attached(server, connections=8, rate=100)
        services.driver.run(service.open())

        began = time.monotonic()
        seen = services.ask(service, *[post(b"%d" % number) for number in range(30)])
        took = time.monotonic() - began

        assert kinds(seen) == [Kind.ANSWERED] * 30
        assert took >= 0.2

    def test_is_kept_over_batches(self, services: ServiceBench, serve: Serve) -> None:
        service = services.attached(serve(), connections=8, rate=100)
        services.driver.run(service.open())

        began = time.monotonic()
        for number in range(15):
            services.ask(service, post(b"%d" % number), post(b"x"))

        assert time.monotonic() - began >= 0.2

    def test_is_not_passed_by_what_is_asked_again(self, services: ServiceBench, serve: Serve) -> None:
        """A connection that was closed meanwhile takes a request of its own."""
        service = services.attached(serve("keeps-nothing-open"), connections=2, rate=100)
        services.driver.run(service.open())

        began = time.monotonic()
        seen = services.ask(service, *[post(b"%d" % number) for number in range(30)])

        assert kinds(seen) == [Kind.ANSWERED] * 30
        assert time.monotonic() - began >= 0.2


def test_an_ipv6_address_is_reached_and_named_in_brackets(services: ServiceBench, serve: Serve) -> None:
    try:
        server = serve(host="::1")
    except OSError:
        pytest.skip("no IPv6 on the loopback")
    service = services.attached(server, address=Address("::1", server.port))

    seen = services.observe(service, post(b"a"))

    assert kinds(seen) == [Kind.ANSWERED]
    assert {request.headers[b"host"] for request in server.service.requests} == {b"[::1]:%d" % server.port}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate that nobody has signed; the key stands in the same file."""
    folder = tmp_path_factory.mktemp("tls")
    key, file = folder / "key.pem", folder / "certificate.pem"
    names = "subjectAltName=IP:127.0.0.1,DNS:localhost"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    command += ["-keyout", str(key), "-out", str(file), "-days", "2", "-subj", "/CN=localhost", "-addext", names]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return file


@pytest.fixture
def encrypted(serve: Serve, certificate: Path) -> Server:
    return serve(tls=server_context(certificate))


def server_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    return context


class TestTls:
    def address(self, encrypted: Server, certificate: Path | None, host: str = "127.0.0.1") -> Address:
        return Address(host, encrypted.port, ssl.create_default_context(cafile=certificate))

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
    def test_is_spoken_with_who_is_trusted(
        self, services: ServiceBench, encrypted: Server, certificate: Path, host: str
    ) -> None:
        service = services.attached(encrypted, address=self.address(encrypted, certificate, host))

        seen = services.observe(service, *[post(b"%d" % number) for number in range(20)])

        assert [row.output for row in seen] == [said(str(number)) for number in range(20)]

    def test_is_refused_to_whom_nobody_trusts(self, services: ServiceBench, encrypted: Server) -> None:
        place = self.address(encrypted, None)
        service = services.attached(encrypted, address=place, headers={"authorization": "Bearer very-secret"})

        with pytest.raises(StartError, match="runtime 'hostile' cannot be trusted at 127") as caught:
            services.driver.run(service.open())

        sentence = str(caught.value)
        assert (
            "certificate does not verify: self-signed certificate; `ca` in parity.toml says whom to trust" in sentence
        )
        assert "\n" not in sentence
        assert not isinstance(caught.value, UnreachableError)  # somebody is there
        assert encrypted.service.requests == []

    def test_is_refused_to_another_name(self, services: ServiceBench, serve: Serve, certificate: Path) -> None:
        server = serve(tls=server_context(certificate), host="127.0.0.2")
        service = services.attached(server, address=self.address(server, certificate, "127.0.0.2"))

        with pytest.raises(StartError, match="certificate does not verify: IP address mismatch"):
            services.driver.run(service.open())

    def test_is_asked_of_who_does_not_speak_it(self, services: ServiceBench, serve: Serve, certificate: Path) -> None:
        plain = serve()
        service = services.attached(plain, address=self.address(plain, certificate), deadline=0.5)

        with pytest.raises(StartError, match="runtime 'hostile' cannot be"):
            services.driver.run(service.open())

    def test_faults_stay_with_their_case(self, services: ServiceBench, encrypted: Server, certificate: Path) -> None:
        encrypted.service.behaviour = "too-short"
        service = services.attached(encrypted, address=self.address(encrypted, certificate), connections=2)

        seen = services.observe(service, post(b"a"), post(b"BAD"), post(b"b"))

        assert kinds(seen) == [Kind.ANSWERED, Kind.GARBLED, Kind.ANSWERED]
        assert "its answer ended after 2 bytes of 100" in seen[1].detail


class TestHeaders:
    def test_of_its_own_go_with_every_request(self, services: ServiceBench, serve: Serve) -> None:
        server = serve()
        headers = {"authorization": "Bearer very-secret", "x-tenant": "t-1234"}

        services.observe(services.attached(server, headers=headers), *[post(b"%d" % number) for number in range(9)])

        assert len(server.service.requests) == 10
        for request in server.service.requests:
            assert request.raw.count(b"\r\nauthorization: Bearer very-secret\r\n") == 1
            assert request.raw.count(b"\r\nx-tenant: t-1234\r\n") == 1

    def test_are_not_there_for_anybody_else(self, services: ServiceBench, serve: Serve) -> None:
        with_them, without = serve(), serve()
        ways = {
            "one": services.attached(with_them, headers={"authorization": "Bearer very-secret"}),
            "other": services.attached(without),
        }
        for way in ways.values():
            services.driver.run(way.open())

        services.driver.ask(ways, "echo", [post(b"a")]).result(timeout=60)

        assert all(b"secret" not in request.raw for request in without.service.requests)


def test_a_runtime_that_says_nothing_but_its_name(services: ServiceBench, serve: Serve) -> None:
    server = serve()
    server.service.health = lambda _: http(b'{"runtime":"x","surfaces":["echo"]}', JSON)
    hello = services.driver.run(services.attached(server).open())

    assert (hello.runtime, hello.version, hello.commit) == ("x", "unknown", "unknown")
    assert (hello.plants, hello.planted) == ((), None)
