"""What parity.toml says of one runtime: how it is built and reached, and what of that does not fit together."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

import msgspec

from parity.errors import ConfigError

TAKEN = {"contract", "floor"}
"""Who else stands in a finding beside the runtimes."""


class AdapterConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Other names that a runtime has for one call of a surface of sequences: drift that is declared."""

    name: str
    surface: str
    path: str
    """The call's path, as the contract and the cases have it."""
    there: str
    """Its path in this runtime."""
    request: dict[str, str] = {}
    """The members of the request that have other names: the contract's -> this runtime's."""
    answer: dict[str, str] = {}
    """The members of the answer that have other names: the contract's -> this runtime's."""
    names_at: tuple[str, ...] = ()
    """The JSON pointers of an answer at which a text names a member of the request, alone or before a dot."""


class RuntimeConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """How one runtime is built and reached.

    It is started (`helper`, `service`, `services`, `files` or several), or it already runs (`attach`, `url` or
    both), or it is `callables`.
    """

    reference: bool = False
    directory: str = "."
    needs: tuple[str, ...] = ()
    """The programs without which it is absent."""
    sources: tuple[str, ...] = ()
    """Files and folders below `directory`; a change of one of them means a build."""
    build: tuple[str, ...] = ()
    gate: tuple[str, ...] = ()
    """Its own unit tests: they run after a build, and a runtime that fails them is not compared."""
    environment: dict[str, str] = {}
    helper: tuple[str, ...] = ()
    service: tuple[str, ...] = ()
    """The command of its HTTP service, with `{port}` in it, and `{data}` where it wants a directory of its own."""
    services: dict[str, tuple[str, ...]] = {}
    """The commands of further ones, by their names."""
    files: tuple[str, ...] = ()
    """The command of what works on directories."""
    attach: str = ""
    """host:port of a helper that already runs and is not ours to start or stop."""
    url: str = ""
    """http:// or https:// of a service that already runs and is not ours to start or stop."""
    headers_from: dict[str, str] = {}
    """For `url`: header -> the environment variable that holds its value, as for an authorisation."""
    ca: str = ""
    """For an https `url`: a file of certificates to trust, instead of the machine's own."""
    rate: float | None = None
    """For `url`: the most requests a second."""
    connections: int = 8
    """How many requests a service gets at once."""
    allow_writes: bool = False
    """Whether surfaces that write may be run against it although it is not ours."""
    adapters: tuple[AdapterConfig, ...] = ()
    """Where it has other names for the same calls."""
    tenant: str = "x-lakehouse-tenant"
    """The header by which its services keep sequences apart."""
    forget: str = "DELETE /v1/tenant"
    """The call by which they forget a sequence."""
    health: str = "/health"
    surfaces: tuple[str, ...] = ()
    """What its service serves, where its health does not say so."""
    identity: str = ""
    """What it calls itself, where that is not its name here."""
    callables: dict[str, str] = {}
    """For an in-process testee: surface -> "module:function", a function from bytes to bytes."""
    base: str = ""
    """Of `name@revision`, the name; set by the harness."""
    revision: str = ""
    """Of `name@revision`, the commit; set by the harness."""

    @property
    def is_attached(self) -> bool:
        """Whether it runs without the harness."""
        return bool(self.attach or self.url)

    @property
    def commands(self) -> dict[str, tuple[str, ...]]:
        """The commands of all its services, by their names."""
        return ({"service": self.service} if self.service else {}) | self.services

    def at_revision(self, base: str, revision: str) -> RuntimeConfig:
        """Return it as the runtime `base@revision`; the reference is the one of today."""
        return msgspec.structs.replace(self, reference=False, base=base, revision=revision)


WAYS = {
    "started": ("helper", "service", "services", "files"),
    "attached to": ("attach", "url"),
    "called": ("callables",),
}


def check(where: str, runtime: RuntimeConfig) -> None:
    """Raise ConfigError unless a runtime is reached in one manner, and what belongs to that fits."""
    ways = [way for group in WAYS.values() for way in group if getattr(runtime, way)]
    if sum(any(way in group for way in ways) for group in WAYS.values()) != 1:
        raise ConfigError(
            f"{where} must be started (helper, service, services, files), attached to (attach, url) "
            f"or called (callables), and has {' and '.join(ways) or 'none of these'}"
        )
    for name, command in runtime.commands.items():
        if not any("{port}" in part for part in command):
            raise ConfigError(f"{where}: its {name} must be told its port; write {{port}} where the command takes it")
    if "service" in runtime.services:
        raise ConfigError(f"{where}: services has one named service; give it another name")
    _check_adapters(where, runtime)
    if runtime.base or runtime.revision:
        raise ConfigError(f"{where}: base and revision are not yours to set; write name@revision where it is selected")
    if runtime.rate is not None and not runtime.rate > 0:
        raise ConfigError(f"{where}: rate must be above zero, not {runtime.rate}")
    if runtime.connections < 1:
        raise ConfigError(f"{where}: connections must be above zero, not {runtime.connections}")
    if not runtime.url and (runtime.headers_from or runtime.ca or runtime.rate):
        raise ConfigError(f"{where}: headers_from, ca and rate are for a url, and it has none")
    if runtime.url:
        parts = split_url(runtime.url, where)
        if runtime.ca and parts.scheme != "https":
            raise ConfigError(f"{where}: ca is for https")


def _check_adapters(where: str, runtime: RuntimeConfig) -> None:
    for adapter in runtime.adapters:
        if not adapter.path.startswith("/") or not adapter.there.startswith("/"):
            raise ConfigError(f"{where}: adapter {adapter.name!r}: path and there are paths, and begin with a slash")
        for names in (adapter.request, adapter.answer):
            if len(set(names) | set(names.values())) != 2 * len(names):
                raise ConfigError(f"{where}: adapter {adapter.name!r} gives one name to two members")
    for pointer in [pointer for adapter in runtime.adapters for pointer in adapter.names_at]:
        if not pointer.startswith("/"):
            raise ConfigError(f"{where}: {pointer!r} in names_at is no JSON pointer; it begins with a slash")
    if len({adapter.name for adapter in runtime.adapters}) != len(runtime.adapters):
        raise ConfigError(f"{where}: two adapters have one name")
    paths = [path for adapter in runtime.adapters for path in (adapter.path, adapter.there)]
    if len(set(paths)) != len(paths):
        raise ConfigError(f"{where}: two adapters share a path")
    method, _, path = runtime.forget.partition(" ")
    if not method.isupper() or not path.startswith("/"):
        raise ConfigError(f"{where}: forget is a method and a path, for example DELETE /v1/tenant")


def split_url(url: str, where: str) -> SplitResult:
    """Return the parts of a service's URL. Raises ConfigError, which shows nothing of it: it may hold a secret."""
    try:
        parts = urlsplit(url)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        raise ConfigError(f"{where}: its url is broken") from None
    if parts.username is not None or parts.password is not None:
        raise ConfigError(f"{where}: a secret has no place in a url; use headers_from")
    if not fits or parts.query or parts.fragment or not url.isascii() or not url.isprintable() or " " in url:
        raise ConfigError(f"{where}: its url is not http://host:port or https://host, with a path at most")
    return parts


def is_name(name: str) -> bool:
    """Tell whether a runtime may be called so; some names stand for others in reports and commands."""
    return bool(name) and name not in TAKEN and name.isprintable() and not set(name) & set(", =|+@/")
