"""parity.toml and the options that stand above it: what a run works with."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

import msgspec

from parity import revisions
from parity.errors import ConfigError, UsageError, unknown

T = TypeVar("T", bound=msgspec.Struct)

CONFIG = "parity.toml"
DEFAULT_SEED = 20260430  # the day of the first parity verdict in the story; any fixed number would do
PLANTED_REPORT = "reports/planted"


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


class ParityTable(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """The table [parity]: the twins of the options."""

    runtimes: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    cases: int | None = None
    seconds: float | None = None
    seed: int = DEFAULT_SEED
    report: str = "reports/parity"
    probes: tuple[str, ...] = ("parity/probes",)
    fixtures: str = "fixtures"
    state: str = ".parity"
    deadline: float = 10.0
    """Seconds in which a testee must give its next answer."""


class ConfigFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The whole of parity.toml."""

    parity: ParityTable = ParityTable()
    runtimes: dict[str, RuntimeConfig] = {}


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What was given on the command line; None where nothing was."""

    prefix: str = "--parity-"
    """How this command line begins the name of an option, so that an error names what the user can type."""
    runtimes: str | None = None
    require: str | None = None
    cases: int | None = None
    seconds: float | None = None
    seed: int | None = None
    plants: tuple[str, ...] = ()
    attach: tuple[str, ...] = ()
    report: str | None = None


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What a run works with: parity.toml with the options applied, every name checked."""

    prefix: str = "--parity-"
    root: Path
    runtimes: dict[str, RuntimeConfig]
    """The selected ones, in the order of parity.toml."""
    declared: tuple[str, ...] = ()
    """Every runtime that parity.toml or the command line names, selected or not."""
    all_runtimes: bool = True
    """Whether none of parity.toml's own selection was left out on the command line."""
    require: tuple[str, ...]
    cases: int | None
    seconds: float | None
    seed: int
    plants: dict[str, str]
    """Runtime -> planted bug."""
    attached: tuple[str, ...] = ()
    """What the command line attaches to, as `runtime=url`."""
    report: Path
    probes: tuple[Path, ...]
    fixtures: Path
    state: Path
    deadline: float


def find_root(start: Path) -> Path:
    """Return the nearest folder upwards that holds a parity.toml. Raises ConfigError."""
    for folder in (start, *start.parents):
        if (folder / CONFIG).is_file():
            return folder
    raise ConfigError(f"no {CONFIG} in {start} or above it; run from the project's folder, or write one")


def load(root: Path, options: Options = Options()) -> Settings:  # noqa: B008 - frozen
    """Read parity.toml and apply the options. Raises ConfigError and UsageError, each with one sentence."""
    file = read(root / CONFIG)
    table = file.parity
    attached = _attached(options.attach, file.runtimes, f"{options.prefix}attach")
    runtimes = file.runtimes | attached
    selected = _names(options.runtimes, f"{options.prefix}runtimes")
    if selected is None:
        selected = tuple(dict.fromkeys((*(table.runtimes or tuple(file.runtimes)), *attached)))
    required = _names(options.require, f"{options.prefix}require")
    if required is None:
        required = table.require
    selected = _with_revisions(selected, runtimes, root, f"{options.prefix}runtimes")
    for option, names in (("runtimes", selected), ("require", required)):
        for name in names:
            if name not in runtimes:
                raise unknown("runtime", name, runtimes, f"{options.prefix}{option} or its twin in {CONFIG}")
    for name in required:
        if name not in selected:
            raise UsageError(
                f"runtime {name!r} is required ({options.prefix}require) and not selected ({options.prefix}runtimes)"
            )
    plants = _plants(options.plants, selected, f"{options.prefix}plant")
    settings = Settings(
        prefix=options.prefix,
        root=root,
        declared=tuple(runtimes),
        all_runtimes=set(selected) >= set(table.runtimes or file.runtimes),
        runtimes={name: runtimes[name] for name in runtimes if name in selected},
        # Without the runtime that a bug was planted in, or that was to be attached to, a run shows nothing of it.
        require=tuple(dict.fromkeys((*required, *plants, *(name for name in attached if name in selected)))),
        cases=options.cases if options.cases is not None else table.cases,
        seconds=options.seconds if options.seconds is not None else table.seconds,
        seed=options.seed if options.seed is not None else table.seed,
        plants=plants,
        attached=options.attach,
        report=_report(root, table, options, planted=bool(plants)),
        probes=tuple(root / folder for folder in table.probes),
        fixtures=root / table.fixtures,
        state=root / table.state,
        deadline=table.deadline,
    )
    for value, option in ((settings.cases, "cases"), (settings.seconds, "seconds")):
        if value is not None and not value > 0:
            raise UsageError(f"{options.prefix}{option}, or its twin in {CONFIG}, must be above zero, not {value}")
    if not settings.deadline > 0:
        raise ConfigError(f"{CONFIG}: parity.deadline must be above zero, not {settings.deadline}")
    return settings


def read(path: Path) -> ConfigFile:
    """Read a parity.toml as it stands. Raises ConfigError."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path.name} cannot be read: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} is not valid TOML: {error}") from None
    tables = data.pop("runtimes", {})
    if not isinstance(tables, dict):
        raise ConfigError(f"{path.name}: runtimes must be tables, one for each runtime: [runtimes.NAME]")
    file = _convert(data, ConfigFile, path.name)
    file = msgspec.structs.replace(
        file,
        runtimes={
            name: _convert(table, RuntimeConfig, f"{path.name}: runtime {name!r}") for name, table in tables.items()
        },
    )
    for name, runtime in file.runtimes.items():
        if not _is_name(name):
            raise ConfigError(f"{path.name}: {name!r} is no name for a runtime")
        _check_ways(f"{path.name}: runtime {name!r}", runtime)
    if len([name for name, runtime in file.runtimes.items() if runtime.reference]) > 1:
        raise ConfigError(f"{path.name}: more than one runtime is marked as the reference")
    return file


WAYS = {
    "started": ("helper", "service", "services", "files"),
    "attached to": ("attach", "url"),
    "called": ("callables",),
}


def _check_ways(where: str, runtime: RuntimeConfig) -> None:
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


def _attached(given: tuple[str, ...], known: dict[str, RuntimeConfig], option: str) -> dict[str, RuntimeConfig]:
    """Return the runtimes that the command line attaches to, in the place of what parity.toml says of them."""
    attached: dict[str, RuntimeConfig] = {}
    for item in given:
        name, equals, url = item.partition("=")
        if not (equals and url) or not _is_name(name):
            raise UsageError(f"{option} takes runtime=url, for example go=http://127.0.0.1:3221")
        if name in attached:
            raise UsageError(f"{option} names {name!r} twice")
        split_url(url, f"{option} {name}")
        of_file = known.get(name, RuntimeConfig())
        kept = of_file
        if not of_file.url:
            same = ("reference", "identity", "health", "surfaces", "connections", "adapters", "tenant", "forget")
            kept = RuntimeConfig(**{field: getattr(of_file, field) for field in same})
        attached[name] = msgspec.structs.replace(kept, url=url)
    return attached


def _with_revisions(
    selected: tuple[str, ...], runtimes: dict[str, RuntimeConfig], root: Path, option: str
) -> tuple[str, ...]:
    """Resolve every `name@revision`, and add it to the runtimes."""
    names = []
    for name in selected:
        if "@" not in name:
            names.append(name)
            continue
        base, commit = revisions.resolve(root, name)
        if base not in runtimes:
            raise unknown("runtime", base, runtimes, f"{option} {name}")
        config = runtimes[base]
        if config.is_attached or config.callables:
            raise UsageError(f"{option} {name}: only what the harness starts can be built from a revision")
        resolved = f"{base}@{commit}"
        runtimes[resolved] = config.at_revision(base, commit)
        names.append(resolved)
    return tuple(dict.fromkeys(names))


def _is_name(name: str) -> bool:
    return bool(name) and name != "contract" and name.isprintable() and not set(name) & set(", =|+@/")


def _convert(data: object, kind: type[T], where: str) -> T:
    """Convert a table strictly; the error names the place and, for an unknown field, those that there are."""
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        sentence = str(error).replace("`$.", "`")
        if "unknown field" in sentence:
            struct = ParityTable if "at `parity`" in sentence else AdapterConfig if "adapters[" in sentence else kind
            sentence += f"; known: {', '.join(struct.__struct_fields__)}"
        raise ConfigError(f"{where}: {sentence}") from None


def _names(given: str | None, option: str) -> tuple[str, ...] | None:
    if given is None:
        return None
    names = tuple(name.strip() for name in given.split(",") if name.strip())
    if not names:
        raise UsageError(f"{option} was given no name; write for example {option} go,rust")
    return names


def _plants(given: tuple[str, ...], selected: tuple[str, ...], option: str) -> dict[str, str]:
    plants: dict[str, str] = {}
    for item in given:
        runtime, equals, name = item.partition("=")
        if not (equals and runtime and name):
            raise UsageError(f"{option} takes runtime=name, for example go=last-object, not {item!r}")
        if runtime not in selected:
            raise unknown("runtime", runtime, selected, f"{option} {item}")
        if runtime in plants:
            raise UsageError(f"{option} names {runtime!r} twice; a testee takes one planted bug at a time")
        plants[runtime] = name
    return plants


def _report(root: Path, table: ParityTable, options: Options, *, planted: bool) -> Path:
    committed = (root / table.report).resolve()
    if options.report is None and planted:
        default = root / PLANTED_REPORT
        return root / table.state / "planted" if default.is_relative_to(committed) else default
    if options.report is None:
        return committed
    if not options.report.strip():
        raise UsageError(f"{options.prefix}report wants a folder")
    chosen = Path(options.report).resolve()  # as a user means it: from where the command was given
    if planted and chosen.is_relative_to(committed):
        raise UsageError(
            f"a planted run does not write to {table.report}, which is committed; give another {options.prefix}report"
        )
    for folder in (chosen, *chosen.parents):
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{options.prefix}report wants a folder, and {folder} is a file")
    return chosen
