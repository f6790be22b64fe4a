"""A stand-in for locust: it writes the summary of a quick turn, or misbehaves as STUB_LOCUST says."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

arguments = dict(zip(sys.argv[1:], sys.argv[2:], strict=False))
folder = Path(arguments["--load-report"])
how, _, code = os.environ.get("STUB_LOCUST", "passes").partition(" ")
(folder / "arguments.json").write_text(json.dumps(sys.argv[1:]))
(folder / "plant").write_text(os.environ.get("LAKEHOUSE_PLANT", ""))
if how == "hangs" and "round-2" in str(folder):
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    os.kill(os.getppid(), signal.SIGINT)  # as Ctrl-C does, but at a moment that is sure
    signal.sigwait({signal.SIGINT})
    sys.exit(130)
name = arguments["--host"].removeprefix("http://").removesuffix(".test")
summary = json.loads(Path(f"{name}.json").read_text())
if how == "ends":
    verdicts = {"1": "failed", "2": "passed", "3": "unable", "5": "vacuous", "130": "interrupted"}
    summary |= {"verdict": verdicts[code], "reasons": ["matrixd answers nothing"]}
if how == "garbles":
    summary["verdict"] = 1
if how != "forgets" and code != "2":
    (folder / "summary.json").write_text(json.dumps(summary))
print("the last word of locust")
sys.exit(int(code or 0))
