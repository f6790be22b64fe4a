"""A mistake in an option or in parity.toml is one sentence and pytest's exit code for usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from .conftest import REPOSITORY, command
from .usage import assert_usage_error, run_inside

if TYPE_CHECKING:
    from .conftest import Project

TOML = '[parity]\nprobes = ["probes"]\n'
REACHED = "must be started (helper, service, services, files), attached to (attach, url) or called (callables)"
SOUND = TOML + '[runtimes.one]\nhelper = ["x"]\n[runtimes.two]\nhelper = ["x"]\n'


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--parity-cases 0", "--parity-cases: invalid number above zero value: '0'"),
        ("--parity-cases -5", "--parity-cases: invalid number above zero value: '-5'"),
        ("--parity-cases many", "--parity-cases: invalid number above zero value: 'many'"),
        ("--parity-seconds 0", "--parity-seconds: invalid number of seconds above zero value: '0'"),
        ("--parity-seconds nan", "--parity-seconds: invalid number of seconds above zero value: 'nan'"),
        ("--parity-seconds soon", "--parity-seconds: invalid number of seconds above zero value: 'soon'"),
        ("--parity-seed x", "--parity-seed: invalid int value: 'x'"),
        ("--parity-runtimes nosuch", "unknown runtime 'nosuch' in --parity-runtimes"),
        ("--parity-runtimes one,nosuch", "known: one, two"),
        ("--parity-runtimes ,", "--parity-runtimes was given no name"),
        ("--parity-require nosuch", "unknown runtime 'nosuch' in --parity-require"),
        (
            "--parity-require two --parity-runtimes one",
            "'two' is required (--parity-require) and not selected",
        ),
        ("--parity-plant one", "--parity-plant takes runtime=name"),
        ("--parity-plant one=", "--parity-plant takes runtime=name"),
        ("--parity-plant =off-by-one", "--parity-plant takes runtime=name"),
        (
            "--parity-plant nosuch=off-by-one",
            "unknown runtime 'nosuch' in --parity-plant nosuch=off-by-one; known: one, two",
        ),
        (
            "--parity-plant one=nosuch",
            "unknown planted bug 'nosuch' in --parity-plant one=nosuch; known: nobody-has-it, off-by-one",
        ),
        ("--parity-plant one=off-by-one --parity-plant one=nobody-has-it", "names 'one' twice"),
        ("--parity-plant one=off-by-one --parity-report reports/parity", "does not write to reports/parity"),
        ("--parity-report pytest.ini", "pytest.ini"),
    ],
)
def test_of_an_option(
    pair: Project, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, options: str, sentence: str
) -> None:
    pair.write()
    assert_usage_error(run_inside(pair, pytester, monkeypatch, *options.split()), sentence)


@pytest.mark.parametrize(
    ("toml", "sentence"),
    [
        ("[parity\n", "parity.toml is not valid TOML"),
        (b"[parity]\nreport = '\xff'\n", "parity.toml"),
        (SOUND.replace("[parity]\n", "[parity]\ncases = 'many'\n"), "parity.toml: Expected `int"),
        (
            SOUND.replace("[parity]\n", "[parity]\ncases = 0\n"),
            "--parity-cases, or its twin in parity.toml,",
        ),
        (
            SOUND.replace("[parity]\n", "[parity]\nseconds = nan\n"),
            "--parity-seconds, or its twin in parity.toml,",
        ),
        (SOUND.replace("[parity]\n", "[parity]\ndeadline = 0\n"), "deadline must be above zero"),
        (SOUND.replace("[parity]\n", "[parity]\ncase = 5\n"), "unknown field `case`"),
        (SOUND.replace("[parity]\n", "[parity]\nruntimes = ['three']\n"), "unknown runtime 'three'"),
        (SOUND + "start = ['x']\n", "unknown field `start`"),
        (SOUND + "attach = 'localhost:1'\n", f"runtime 'two' {REACHED}, and has helper and attach"),
        (SOUND + "[runtimes.three]\n", f"runtime 'three' {REACHED}, and has none of these"),
        (
            SOUND + "service = ['x', '{port}']\nurl = 'http://127.0.0.1:1'\n",
            f"runtime 'two' {REACHED}, and has helper and service and url",
        ),
        (SOUND.replace("helper", "reference = true\nhelper"), "more than one runtime is marked as the reference"),
    ],
)
def test_of_parity_toml(
    pair: Project, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, toml: str | bytes, sentence: str
) -> None:
    (pair.root / "parity.toml").write_bytes(toml.encode() if isinstance(toml, str) else toml)

    assert_usage_error(run_inside(pair, pytester, monkeypatch), sentence)


def test_in_this_repository(tmp_path_factory: pytest.TempPathFactory) -> None:
    cache = f"cache_dir={tmp_path_factory.mktemp('cache')}"
    done = command("python", "-m", "pytest", "parity/", "-o", cache, "--parity-plant", "go=nosuch", cwd=REPOSITORY)

    assert_usage_error(done, "unknown planted bug 'nosuch' in --parity-plant go=nosuch; known: array-whole, ")


def test_help_mentions_every_option(pair: Project) -> None:
    done = pair.pytest("--help")

    assert done.code == 0
    for option in ("runtimes", "require", "cases", "seconds", "seed", "plant", "attach", "report"):
        assert f"--parity-{option}" in done.out


def test_a_project_without_parity_toml_and_probes_is_none_of_its_business(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_something():\n    pass\n")

    done = pytester.runpytest_subprocess()

    done.assert_outcomes(passed=1)
    done.stdout.no_fnmatch_line("*parity:*")


def test_a_probe_without_parity_toml_says_what_is_missing(pair: Project) -> None:
    pair.write = lambda: None  # type: ignore[method-assign]

    done = pair.pytest()

    assert done.code in {2, 4}
    assert "declares a probe" in done.all
    assert "no parity.toml" in done.all
    assert "plugin.py" not in done.all  # a sentence, and no way into the harness
