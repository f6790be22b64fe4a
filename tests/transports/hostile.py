"""A helper that is sound, or misbehaves in one way: `hostile.py BEHAVIOUR [FOLDER]`.

It answers in upper case. Unless its behaviour says otherwise it misbehaves at an input that holds BAD, and only there.
Below FOLDER it leaves a file named after every process that it is or starts, so that a test sees what became of them.
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
from typing import Any, NoReturn

MARKER = b"BAD"
FOREVER = 120.0  # seconds after which even a forgotten one ends by itself
ENDLESS = 96 * 2**20  # bytes of the line that does not end


def write(data: bytes) -> None:
    """Write to standard output as it is, all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def log(text: str) -> None:
    """Write a line to standard error."""
    os.write(2, f"{text}\n".encode())


def hang() -> NoReturn:
    """Do nothing for longer than any test has patience, then end."""
    time.sleep(FOREVER)
    os._exit(0)


def note(pid: int) -> None:
    """Leave a file that names a process."""
    if len(sys.argv) > 2:
        (Path(sys.argv[2]) / str(pid)).touch()


def hello(**changed: object) -> bytes:
    """Return the line of the hello."""
    sound: dict[str, object] = {
        "protocol": 1,
        "runtime": "hostile",
        "version": "1.0",
        "commit": "abc1234",
        "surfaces": ["echo"],
        "plants": ["upside-down"],
        "planted": os.environ.get("LAKEHOUSE_PLANT") or None,
    }
    return json.dumps(sound | changed).encode() + b"\n"


def answer(request: dict[str, Any], **changed: object) -> bytes:
    """Return the line of a sound answer, with changes."""
    output = given(request).upper()
    sound: dict[str, Any] = {"id": request["id"]}
    try:
        sound["text"] = output.decode()
    except UnicodeDecodeError:
        sound["base64"] = base64.b64encode(output).decode()
    fields = sound | changed
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode() + b"\n"


def given(request: dict[str, Any]) -> bytes:
    """Return the bytes of the input."""
    text = request.get("text")
    return text.encode() if text is not None else base64.b64decode(request["base64"])


def spawn(*, in_a_session_of_its_own: bool = False) -> None:
    """Start a process that has this one's pipes and outlives it; note it down."""
    command = [sys.executable, "-I", "-S", "-c", f"import time; time.sleep({FOREVER})"]
    note(subprocess.Popen(command, start_new_session=in_a_session_of_its_own).pid)


def misbehave(behaviour: str, request: dict[str, Any]) -> bytes:  # noqa: PLR0912 - one arm a behaviour
    """Do what the behaviour is, or return the bytes that it answers."""
    number = request["id"]
    sound = answer(request)
    lines: dict[str, bytes] = {
        "wrong-id": answer(request, id=number + 1000),
        "twice": sound + sound,
        "chatters-before": b"working on it\n" + sound,
        "chatters-behind": sound + b"that was easy\n",
        "not-json": b"it is fine\n",
        "empty-line": b"\n",
        "json-but-no-object": b"[1]\n",
        "invalid-utf8": b'{"id":%d,"text":"\xff"}\n' % number,
        "surrogate": b'{"id":%d,"text":"\\ud800"}\n' % number,
        "truncated": sound[:-5] + b"\n",
        "broken-base64": b'{"id":%d,"base64":"A"}\n' % number,
        "base64-that-is-none": b'{"id":%d,"base64":"#&*!"}\n' % number,
        "both": b'{"id":%d,"text":"A","base64":"QQ=="}\n' % number,
        "text-and-refused": b'{"id":%d,"text":"A","refused":"no"}\n' % number,
        "neither": b'{"id":%d}\n' % number,
        "unknown-field": b'{"id":%d,"text":"A","answer":"B"}\n' % number,
        "deep": b'{"id":%d,"rules":%s}\n' % (number, b"[" * 200_000),
        "refuses": answer(request, text=None, base64=None, refused="too BAD"),
    }
    if behaviour in lines:
        return lines[behaviour]
    match behaviour:
        case "dies" | "dies-buffered":
            for at in range(40):
                log(f"line {at} before the end")
            log("the disk is on fire")
            os._exit(7)
        case "dies-by-signal":
            os.kill(os.getpid(), signal.SIGKILL)
        case "hangs":
            log("thinking")
            hang()
        case "cut-off-then-hangs":
            write(sound[:-5])
            hang()
        case "cut-off-then-dies":
            write(sound[:-5])
            os._exit(0)
        case "dribbles":  # a byte now and then, and never a line
            for _ in range(60):
                write(b" ")
                time.sleep(0.1)
            os._exit(9)
        case "endless-line":
            for _ in range(ENDLESS // 65536):
                write(b"x" * 65536)
            os._exit(9)
        case "closes-stdout":
            os.close(1)
            hang()
        case "floods-stderr":
            for at in range(20_000):
                log(f"{at} " + "x" * 1000)
            log("the last line")
            os._exit(7)
        case "dies-with-a-child":
            spawn()
            os._exit(7)
        case "shouts-in-its-log":
            log("\x1b[31mred\x1b[0m \r\x07 \xff")
            os.write(2, b"\xff\xfe not utf-8\n")
            os._exit(7)
    raise SystemExit(f"unknown behaviour {behaviour!r}")


def start(behaviour: str) -> None:  # noqa: PLR0912 - one arm a behaviour
    """Say hello, or whatever the behaviour says in its place."""
    match behaviour:
        case "slow-start":
            time.sleep(0.5)
            write(hello())
        case "no-hello":
            hang()
        case "dribbled-hello":
            for _ in range(60):
                write(b" ")
                time.sleep(0.1)
            os._exit(9)
        case "dies-at-start":
            log("no configuration found")
            sys.exit(3)
        case "garbage-hello":
            write(b"Starting server...\n")
        case "hello-of-bad-utf8":
            write(hello().replace(b"hostile", b"hostile\xff"))
        case "deep-hello":
            write(b'{"x":' + b"[" * 200_000 + b"\n")
        case "endless-hello":
            for _ in range(ENDLESS // 65536):
                write(b"x" * 65536)
            os._exit(9)
        case "other-protocol":
            write(hello(protocol=2))
        case "incomplete-hello":
            write(b'{"protocol":1,"runtime":"hostile"}\n')
        case "other-plant":
            write(hello(planted="something-else"))
        case "hello-and-dies":
            write(hello())
            os._exit(4)
        case "starts-once":
            note(os.getpid())
            if len(list(Path(sys.argv[2]).iterdir())) > 1:
                log("the port is taken")
                sys.exit(3)
            write(hello())
        case _:
            write(hello())


def main() -> None:
    """Be a helper."""
    behaviour = sys.argv[1]
    note(os.getpid())
    if behaviour in {"ignores-sigterm", "lives-on"}:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if behaviour == "has-children":
        spawn()
        spawn(in_a_session_of_its_own=True)
    start(behaviour)
    rest, kept = b"", b""
    while chunk := os.read(0, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        requests = [json.loads(line) for line in lines]
        if len(requests) > 1 and behaviour == "dies-in-flight":
            log("too much at once")
            os._exit(7)
        if behaviour == "out-of-order":
            requests.reverse()
        if behaviour == "dies-always" and requests:
            os._exit(7)
        for request in requests:
            is_bad = MARKER in given(request)
            if is_bad and behaviour in {"starts-once", "has-children"}:
                os._exit(7)
            sound = behaviour in {
                "sound",
                "slow-start",
                "out-of-order",
                "dies-in-flight",
                "ignores-sigterm",
                "lives-on",
            }
            data = misbehave(behaviour, request) if is_bad and not sound else answer(request)
            if behaviour == "dies-buffered":
                kept += data  # written once nothing waits, as the contract allows
            else:
                write(data)
        write(kept)
        kept = b""
    if behaviour == "ignores-sigterm":
        hang()
    if behaviour == "lives-on":
        hang()


if __name__ == "__main__":
    main()
