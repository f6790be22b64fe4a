"""The real command with the real bench, over stand-ins for the keeper and for locust."""

from __future__ import annotations

import sys
from pathlib import Path

from loadgen.compare import cli
from loadgen.compare.locusts import Locusts

HERE = Path(__file__).parent
KEEPER = (sys.executable, str(HERE / "stub_keeper.py"))
LOCUST = (sys.executable, str(HERE / "stub_locust.py"))

if __name__ == "__main__":
    sys.exit(cli.main(sys.argv[1:], lambda plan: Locusts(plan, keeper=KEEPER, locust=LOCUST)))
