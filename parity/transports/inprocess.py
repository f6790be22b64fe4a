"""A testee that is a Python callable: for the harness's own tests, and for users one of whose sides is Python.

It shares the harness's process, so a hang of it is a hang of the harness. Whatever could hang belongs behind a helper.
"""

from __future__ import annotations

import importlib
import sys
import traceback
from typing import TYPE_CHECKING

from parity.errors import StartError
from parity.model import Kind, Observation
from parity.transports import Hello

if TYPE_CHECKING:
    from collections.abc import Callable

    from parity.transports import Requests


class Refusal(Exception):  # noqa: N818 - not an error: the testee declines the case
    """What a callable raises to decline a case; the text is its reason."""


class InProcess:
    """Calls `surface -> "module:function"`, each a function from bytes to bytes."""

    kind = "in-process"

    def __init__(self, name: str, callables: dict[str, str], root: str = "") -> None:
        """Take the callables, and the project's folder, from which their modules can be imported."""
        self._root = root
        self._name, self._paths = name, callables
        self._functions: dict[str, Callable[[bytes], bytes]] = {}

    async def open(self) -> Hello:
        """Import the callables. Raises StartError."""
        if self._root and self._root not in sys.path:
            sys.path.append(self._root)
        for surface, path in self._paths.items():
            module, _, function = path.partition(":")
            try:
                self._functions[surface] = getattr(importlib.import_module(module), function)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever importing a module raises
                raise StartError(
                    f"runtime {self._name!r}: {path!r} of surface {surface!r} is not there: {error}"
                ) from None
        return Hello(1, self._name, "in-process", "unknown", tuple(self._functions), (), None)

    async def ask(self, requests: Requests) -> list[Observation]:
        """Call the function for each input."""
        function = self._functions[requests.surface]
        return [_observe(function, data) for data in requests.inputs]

    async def close(self) -> None:
        """Nothing is left to end."""


def _observe(function: Callable[[bytes], bytes], data: bytes) -> Observation:
    try:
        output: object = function(data)
    except Refusal as refusal:
        return Observation(Kind.REFUSED, detail=str(refusal))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a testee raises is an observation
        return Observation(Kind.CRASHED, detail=f"{type(error).__name__}: {error}", log=traceback.format_exc(limit=-5))
    if not isinstance(output, bytes):  # its annotation may say so and be wrong
        return Observation(Kind.GARBLED, detail=f"it returned {type(output).__name__} instead of bytes")
    return Observation(Kind.ANSWERED, output)
