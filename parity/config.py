"""parity.toml and the options that stand above it: what a run works with."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TypeVar

import msgspec

from parity import revisions
from parity.errors import ConfigError, UsageError, unknown
from parity.runtime_config import AdapterConfig, RuntimeConfig, check, is_name, split_url

T = TypeVar("T", bound=msgspec.Struct)

CONFIG = "parity.toml"
DEFAULT_SEED = 20260430  # the day of the first parity verdict in the story; any fixed number would do
PLANTED_REPORT = "reports/planted"


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
        if not is_name(name):
            raise ConfigError(f"{path.name}: {name!r} is no name for a runtime")
        check(f"{path.name}: runtime {name!r}", runtime)
    if len([name for name, runtime in file.runtimes.items() if runtime.reference]) > 1:
        raise ConfigError(f"{path.name}: more than one runtime is marked as the reference")
    return file


def _attached(given: tuple[str, ...], known: dict[str, RuntimeConfig], option: str) -> dict[str, RuntimeConfig]:
    """Return the runtimes that the command line attaches to, in the place of what parity.toml says of them."""
    attached: dict[str, RuntimeConfig] = {}
    for item in given:
        name, equals, url = item.partition("=")
        if not (equals and url) or not is_name(name):
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
