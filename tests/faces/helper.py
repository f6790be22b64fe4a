"""A small helper for whole runs: `helper.py BEHAVIOUR [FOLDER] [SURFACE...]`. It says how long an input is.

A behaviour shows at inputs that hold BAD. The plant `off-by-one` shows at inputs that hold a z. Below FOLDER it leaves
a file named after every process that it is or starts.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

FOREVER = 120.0
SLOWLY = 0.002  # seconds an answer: the harness mostly waits, which is where an interruption then meets it
ESCAPES = "\x1b[31mred\x1b[0m\r\x07"


def note(pid: int) -> None:
    """Leave a file that names a process."""
    (Path(sys.argv[2]) / str(pid)).touch()


def answer(behaviour: str, request: dict[str, str], plant: str | None) -> dict[str, object]:
    """Answer one request, or misbehave."""
    data = request["text"].encode() if "text" in request else base64.b64decode(request["base64"])
    length = len(data) + (plant == "off-by-one" and b"z" in data)
    if b"BAD" in data:
        match behaviour:
            case "dies":
                os.write(2, f"the disk is on fire {ESCAPES}\n".encode())
                os._exit(7)
            case "hangs":
                time.sleep(FOREVER)
            case "wrong":
                length += 1
            case "deep":
                return {"text": "[" * 100_000 + "]" * 100_000}
            case "escapes":
                return {"text": json.dumps({"length": length, "note": ESCAPES}, ensure_ascii=False)}
            case "refuses":
                return {"refused": f"too bad {ESCAPES}"}
            case "twice":
                os.write(1, json.dumps({"id": request["id"], "text": "{}"}).encode() + b"\n")
    if behaviour == "notes-inputs":
        with (Path(sys.argv[2]).parent / "asked").open("ab") as asked:
            asked.write(data + b"\n")
    if behaviour == "lives-on":
        time.sleep(SLOWLY)
    if behaviour == "dies-when-long" and len(data) > 2000:
        os._exit(7)
    length += wrong_by(behaviour, data)
    if behaviour == "no-text-at-y" and b"y" in data:
        return {"base64": base64.b64encode(b'{"length":"\xff\x7f"}').decode()}
    return {"text": json.dumps({"length": length}, separators=(",", ":"))}


def wrong_by(behaviour: str, data: bytes) -> int:
    """Return by how much a behaviour miscounts."""
    match behaviour:
        case "wrong-always":
            return 1
        case "wrong-at-y":
            return b"y" in data
        case "wrong-at-y-by-two":
            return 2 * (b"y" in data)
        case "wrong-at-z":
            return b"z" in data
        case "wrong-at-y-or-z":
            return b"y" in data or b"z" in data
        case "wrong-at-no-text":
            return b"\xff" in data
    return 0


def main() -> None:
    """Be a helper."""
    behaviour, surfaces = sys.argv[1], sys.argv[3:] or ["size"]
    plant = os.environ.get("LAKEHOUSE_PLANT") or None
    note(os.getpid())
    if behaviour == "lives-on":
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        code = f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep({FOREVER})"
        command = [sys.executable, "-I", "-S", "-c", code]
        nowhere = subprocess.DEVNULL
        note(subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere, start_new_session=True).pid)
    if behaviour == "silent":
        time.sleep(FOREVER)
    if behaviour == "dies-at-start":
        sys.exit(f"no configuration found {ESCAPES}")
    version = f"1.0{ESCAPES}" if behaviour == "escapes" else "1.0"
    hello = {"protocol": 1, "runtime": "fake", "version": version, "commit": "abc", "surfaces": surfaces}
    print(json.dumps(hello | {"plants": ["off-by-one"], "planted": plant}), flush=True)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        print(json.dumps({"id": request["id"]} | answer(behaviour, request, plant)), flush=True)
    if behaviour == "lives-on":
        time.sleep(FOREVER)


if __name__ == "__main__":
    main()
