"""Renew the exact pins: resolve everything anew, and write the versions into pyproject.toml.

The lock file stays out of the repository, since it names the registry that it was made with; the pins in
`[tool.uv] constraint-dependencies` fix the same versions without that.

Run with `make pins`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = re.compile(r"^constraint-dependencies = \[\n(?:.*\n)*?\]\n", re.MULTILINE)


def main() -> int:
    """Resolve without the old pins, then write the new ones."""
    pyproject = ROOT / "pyproject.toml"
    before = pyproject.read_text()
    try:
        pyproject.write_text(PINS.sub("constraint-dependencies = [\n]\n", before))
        subprocess.run(["uv", "lock", "--upgrade"], cwd=ROOT, check=True)
        packages = tomllib.loads((ROOT / "uv.lock").read_text())["package"]
    except BaseException:
        pyproject.write_text(before)
        raise
    pins: dict[str, list[str]] = {}
    for package in packages:
        if "editable" not in package["source"]:
            pins.setdefault(package["name"], []).append(package["version"])
    # A package that resolves differently on different Pythons is pinned to the set of its versions.
    lines = [
        f'    "{name}=={versions[0]}",' if len(versions) == 1 else f'    "{name}<={max(versions, key=_key)}",'
        for name, versions in sorted(pins.items())
    ]
    pyproject.write_text(PINS.sub(lambda _: "\n".join(["constraint-dependencies = [", *lines, "]\n"]), before))
    print(f"{len(lines)} pins written to {pyproject.name}")
    return 0


def _key(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]


if __name__ == "__main__":
    sys.exit(main())
