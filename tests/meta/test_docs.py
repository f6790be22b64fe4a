"""What the documents claim is checked: the matrix, the example, the options, the commands, the links."""

from __future__ import annotations

import base64
import re
from pathlib import Path

import pytest

from parity.model import Signature

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PAGES = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]


def test_the_matrix_in_the_readme_is_the_one_of_the_committed_report() -> None:
    block = re.search(r"```text\n(surface .*?)```", README, re.DOTALL)
    assert block is not None
    shown = [re.split(r"\s{2,}", line.strip()) for line in block[1].strip().splitlines()]
    index = (ROOT / "reports/parity/index.md").read_text().splitlines()
    table = [line for line in index if line.startswith("|")]
    committed = [[cell.strip() for cell in line.strip("|").split("|")] for line in table[: 1 + len(shown)]]
    committed = [[re.sub(r"\[(.*?)\]\(.*?\)", r"\1", cell) for cell in row] for row in committed if row[0] != "---"]
    assert shown == committed[: len(shown)]


def test_the_example_in_the_readme_is_consistent() -> None:
    block = re.search(r"```console\n(.*?)```", README, re.DOTALL)
    assert block is not None
    example = block[1]
    signature = Signature("extract_json", "/**", "negative-zero", (("python", "rust"), ("go",)))
    assert f"\n{signature.id}: python+rust against go, the contract with python+rust, in 4 cases\n" in example
    token = re.search(r"replay extract_json:(\S+)", example)
    given = re.search(r"input   (.*)", example)
    assert token is not None
    assert given is not None
    assert base64.urlsafe_b64decode(token[1] + "=" * (-len(token[1]) % 4)).decode() == given[1]
    answers = ROOT / "fixtures/known_answers/extract_json"
    known = [file for file in answers.glob("*.json") if '"negative-zero"' in file.read_text()]
    assert len(known) >= 4


def test_every_option_is_documented_and_every_documented_option_exists() -> None:
    plugin = (ROOT / "parity/plugin.py").read_text()
    declared = set(re.findall(r'addoption\(\s*"(--parity-[a-z]+)"', plugin))
    assert declared == set(re.findall(r"`(--parity-[a-z]+)", README))


def test_every_option_of_a_load_run_is_documented_and_every_documented_option_exists() -> None:
    declared = set(re.findall(r'option\(\s*"(--[a-z0-9-]+)"', (ROOT / "loadgen/options.py").read_text()))
    section = README.partition("## Load that checks answers")[2].partition("\n## ")[0]
    of_locust = {"--host", "--headless", "--processes", "--master", "--worker"}
    of_compare = {"--fail-if-slower"}
    assert declared == set(re.findall(r"(--[a-z][a-z0-9-]+)", section)) - of_locust - of_compare


def test_every_command_is_documented_and_every_documented_command_exists() -> None:
    declared = set(re.findall(r"@app\.command\(\)\ndef ([a-z]+)", (ROOT / "parity/cli.py").read_text()))
    upkeep = (ROOT / "parity/upkeep.py").read_text()
    declared |= {" ".join(words) for words in re.findall(r'@([a-z]+)_app\.command\("([a-z]+)"\)', upkeep)}
    assert len(declared) == 6
    assert declared == set(re.findall(r"\| `uv run parity ([a-z]+(?: [a-z]+)?)", README))


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", (ROOT / page).read_text()):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target


def test_every_make_target_in_the_documents_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        assert set(re.findall(r"`make ([a-z]+)`", (ROOT / page).read_text())) <= targets, page


def test_every_dependency_earns_its_place() -> None:
    architecture = (ROOT / "ARCHITECTURE.md").read_text()
    table = architecture[architecture.index("## Dependencies") :]
    pyproject = (ROOT / "pyproject.toml").read_text()
    lists = re.findall(r"^(?:dependencies|dev) = \[\n(.*?)^\]", pyproject, re.MULTILINE | re.DOTALL)
    names = re.findall(r'^    "([a-z0-9-]+)"', "".join(lists), re.MULTILINE)
    assert len(names) > 10
    for name in names:
        assert name in table, f"{name} has no line in ARCHITECTURE.md"
