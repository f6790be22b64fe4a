"""A stand-in for `python -m loadgen.keeper`: NAME says how it behaves, and its child has to be ended with it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

DAEMON = {
    "name": "matrixd",
    "resident_mib": 64.0,
    "resident_mib_at_end": 60.0,
    "cpu": 0.5,
    "cpu_max": 0.9,
    "open_files": 12,
    "restarts": 0,
    "panics": 0,
    "panic_lines": [],
}


def say(line: object) -> None:
    print(json.dumps(line), flush=True)


name, logs = sys.argv[1], Path(sys.argv[sys.argv.index("--logs") + 1])
how = os.environ.get(f"STUB_{name.upper()}", "")
say({"tell": f"{name}: building"})
if how == "refuses":
    say({"error": "unknown planted bug 'x'", "exit_code": 2})
    sys.exit(2)
if how == "breaks":
    say({"error": "matrixd does not start: address in use", "exit_code": 3})
    sys.exit(3)
if how == "vanishes":
    print("Traceback: it fell over", file=sys.stderr)
    sys.exit(1)
child = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
(logs / f"{name}.pids").write_text(f"{os.getpid()} {child.pid}")
for done in (1_000, 2_000):
    say({"tell": f"{name}: {done:,} of 2,000 workers are in"})
print("no JSON at all", flush=True)
say({"ready": {"urls": {"matrixd": f"http://{name}.test", "validatord": f"http://{name}.valid.test"}}})
for word in sys.stdin:
    if word == "end\n":
        say({"end": {"daemons": [DAEMON], "readings": []}})
    elif how == "dies":
        print("killed by its own hand", file=sys.stderr)
        os._exit(1)
child.kill()
child.wait()
(logs / f"{name}.ended").write_text("in good order")
