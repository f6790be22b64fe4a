"""Drive every testee with the same bytes.

The event loop runs in a thread of its own, so that testees work and answers arrive while the caller generates the next
batch and compares the last one.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, TypeVar

from parity.transports import Requests

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence
    from concurrent.futures import Future

    from parity.model import Observation
    from parity.transports import Askable

T = TypeVar("T")


class Driver:
    """The loop that all transports live on."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="parity-driver", daemon=True)
        self._thread.start()
        self._next_id = 0
        self._asking: set[Future[list[dict[str, Observation]]]] = set()

    def run(self, coroutine: Coroutine[object, object, T]) -> T:
        """Run a coroutine on the loop and wait for it."""
        return self.start(coroutine).result()

    def start(self, coroutine: Coroutine[object, object, T]) -> Future[T]:
        """Run a coroutine on the loop, and do not wait."""
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    def ask(
        self, transports: Mapping[str, Askable], surface: str, inputs: Sequence[bytes]
    ) -> Future[list[dict[str, Observation]]]:
        """Send the inputs to every transport; the future holds for each input what each runtime did with it."""
        requests = Requests(surface, inputs, self._next_id)
        self._next_id += len(inputs)
        asking = asyncio.run_coroutine_threadsafe(_ask_all(transports, requests), self._loop)
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        return asking

    def cancel(self) -> None:
        """Give up what was asked and is not answered, as after an interruption."""
        for asking in list(self._asking):
            asking.cancel()

    def close(self) -> None:
        """Stop the loop. Close the transports before."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _ask_all(transports: Mapping[str, Askable], requests: Requests) -> list[dict[str, Observation]]:
    answers = await asyncio.gather(*[transport.ask(requests) for transport in transports.values()])
    names = list(transports)
    return [dict(zip(names, row, strict=True)) for row in zip(*answers, strict=True)]
