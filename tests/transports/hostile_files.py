"""A files testee that does what its case says, good or bad: `hostile_files.py NAME MANNER [FOLDER [SURFACE...]]`.

Each step names what to do, as in `["line","log","text"]`. The manner is how it does everything: `buffers` answers only
once nothing more waits, `remembers` answers from memory what it wrote itself, `jealous` dies of files that another one
wrote, `distrusts` takes them for empty, `shouts` writes in upper case.
Below FOLDER it leaves a file named after its process.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from collections.abc import Callable

FOREVER = 120.0  # seconds after which even a forgotten one ends by itself
HUGE = 2**40  # bytes of a file that takes no place
OURS = 1_000_000_000  # seconds since 1970: when a jealous or distrusting one says that it wrote a file

FORMS: dict[str, Callable[[bytes], bytes]] = {
    "raw": lambda key: key,
    "hex": lambda key: key.hex().encode(),
    "HEX": lambda key: key.hex().upper().encode(),
    "base64": base64.b64encode,
    "numbers": lambda key: str(list(key)).encode(),
    "repr": lambda key: repr(key).encode(),
    "half": lambda key: key[: len(key) // 2],
}


def write(data: bytes) -> None:
    """Write to standard output as it is, all of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(1, view) :]


def die() -> NoReturn:
    """End at once."""
    os.write(2, b"the disk is on fire\n")
    os._exit(7)


def key(form: str) -> bytes:
    """Return the case's key in one of the forms."""
    return FORMS[form](Path("key").read_bytes())


class Testee:
    """One process, which should remember nothing from step to step."""

    def __init__(self, name: str, manner: str) -> None:
        self.name, self.manner = name, manner
        self.heard = 0
        self.written: dict[str, bytes] = {}

    def take_step(self, what: str = "", *rest: str) -> object:
        """Do one step in the current directory; return the answer and the exit code, 2 for what cannot be done."""
        self.heard += 1
        try:
            return {"answer": getattr(self, what.replace("-", "_"))(*rest), "exit": 0}
        except (AttributeError, LookupError, OSError, TypeError, ValueError):
            return {"answer": None, "exit": 2}

    # ---------------------------------------------------------------- what is sound

    def line(self, name: str, text: str) -> object:
        """Append a line, and count those that are there."""
        file = Path(name)
        with file.open("a") as log:
            log.write((text.upper() if self.manner == "shouts" else text) + "\n")
        file.chmod(0o600)
        if self.manner in {"jealous", "distrusts"}:
            os.utime(file, (OURS, OURS))
        self.written[str(file.absolute())] = data = file.read_bytes()
        return {"lines": data.count(b"\n")}

    def read(self, name: str) -> object:
        """Return what a file holds."""
        file = Path(name)
        text = file.read_text()
        if self.manner == "remembers" and (kept := self.written.get(str(file.absolute()))) is not None:
            text = kept.decode()
        elif file.stat().st_mtime != OURS:
            if self.manner == "jealous":
                die()
            elif self.manner == "distrusts":
                text = ""
        return {"length": len(text), "text": text}

    def who(self) -> object:
        """Return who it is, and where."""
        return [self.name, str(Path.cwd())]

    def count(self) -> object:
        """Return how many steps it has taken."""
        return self.heard

    # ---------------------------------------------------------------- what ends the conversation

    def die(self, name: str) -> None:
        """Change the directory, then end."""
        self.line(name, "written by one who died")
        die()

    def tire(self) -> None:
        """End, unless this is the first step of all."""
        if self.heard > 1:
            die()

    def hang(self, name: str) -> None:
        """Change the directory, then do nothing more."""
        self.line(name, "written by one who hangs")
        time.sleep(FOREVER)
        os._exit(0)

    # ---------------------------------------------------------------- what gives a key away

    def log(self, form: str) -> None:
        """Write it to standard error."""
        os.write(2, b"the key is <" + key(form) + b">\n")

    def log_and_die(self, form: str) -> None:
        """Write it to standard error, and end."""
        self.log(form)
        die()

    def babble(self, form: str) -> None:
        """Write it where the next answer should be."""
        write(b"debug: " + key(form) + b"\n")

    def keep(self, form: str, name: str) -> None:
        """Write it into a file."""
        Path(name).write_bytes(b"<" + key(form) + b">\n")
        Path(name).chmod(0o600)

    def call(self, form: str) -> None:
        """Name a file after it."""
        Path(os.fsdecode(key(form).replace(b"/", b"_").replace(b"\0", b"_"))).touch()

    def point(self, form: str) -> None:
        """Let a link lead to it."""
        Path("link").symlink_to(os.fsdecode(key(form).replace(b"\0", b"_")))

    # ---------------------------------------------------------------- what it leaves

    def many(self, count: str) -> None:
        """Leave many files."""
        for at in range(int(count)):
            Path(str(at)).touch()

    def huge(self) -> None:
        """Leave a file that seems to be larger than any disk."""
        with Path("huge").open("wb") as file:
            file.truncate(HUGE)

    def nest(self, depth: str) -> None:
        """Leave folders in folders, so deep that no path leads there."""
        for _ in range(int(depth)):
            Path("d").mkdir()
            os.chdir("d")

    def pipe(self) -> None:
        """Leave what a reader would wait at."""
        os.mkfifo("pipe", 0o600)
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("socket")
        Path("socket").chmod(0o600)

    def link(self, to: str) -> None:
        """Leave a link."""
        Path("link").symlink_to(to)

    def close(self) -> None:
        """Leave a folder that nobody may look into."""
        Path("closed").mkdir()
        (Path("closed") / "file").touch()
        Path("closed").chmod(0)

    def vanish(self) -> None:
        """Take the directory itself away."""
        shutil.rmtree(Path.cwd())

    def turn(self, into: str) -> None:
        """Put something else in the place of the directory: a file, or a link."""
        place = Path.cwd()
        shutil.rmtree(place)
        if into == "file":
            place.touch()
        else:
            place.symlink_to(into)

    def reach(self) -> None:
        """Write into the directories of all other cases."""
        for other in Path.cwd().parent.iterdir():
            if other != Path.cwd():
                (other / "stray").write_text("x")


def hello(name: str, surfaces: list[str]) -> bytes:
    """Return the line of the hello."""
    said = {
        "protocol": 1,
        "runtime": name,
        "version": "1.0",
        "commit": "abc1234",
        "surfaces": surfaces,
        "plants": ["upside-down"],
        "planted": os.environ.get("LAKEHOUSE_PLANT") or None,
    }
    return json.dumps(said).encode() + b"\n"


def answer(testee: Testee, request: dict[str, Any]) -> bytes:
    """Do what a request asks for, and return the line that answers it."""
    asked = json.loads(request["text"])
    os.chdir(asked["directory"])
    line: dict[str, Any] = {"id": request["id"], "rules": ["rule-" + one for one in asked["arguments"][:1]]}
    match asked["arguments"]:
        case ["say", text]:
            line["text"] = text
        case ["say-base64", text]:
            line["base64"] = text
        case ["refuse", why]:
            line["refused"] = why
        case ["tell", form]:  # as bytes: a key need not be text
            line["base64"] = base64.b64encode(b'{"answer":"%b","exit":0}' % key(form)).decode()
        case ["exit", code]:
            line["text"] = json.dumps({"answer": None, "exit": int(code)})
        case arguments:
            line["text"] = json.dumps(testee.take_step(*arguments))
    os.chdir("/")
    return json.dumps(line).encode() + b"\n"


def main() -> None:
    """Be a files testee."""
    name, manner, *more = sys.argv[1:]
    if more:
        (Path(more[0]) / str(os.getpid())).touch()
    testee = Testee(name, manner)
    write(hello(name, more[1:] or ["s"]))
    rest = b""
    while chunk := os.read(0, 65536):
        *lines, rest = (rest + chunk).split(b"\n")
        kept = b""
        for line in lines:
            data = answer(testee, json.loads(line))
            if manner == "buffers":
                kept += data  # written once nothing waits, as the contract allows
            else:
                write(data)
        write(kept)


if __name__ == "__main__":
    main()
