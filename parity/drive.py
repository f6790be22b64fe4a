"""Drive every testee with the same bytes.

The event loop runs in a thread of its own, so that testees work and answers arrive while the caller generates the next
batch and compares the last one.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import Future, InvalidStateError
from typing import TYPE_CHECKING, TypeVar

from parity.transports import Requests

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping, Sequence

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
        asking: Future[list[dict[str, Observation]]] = Future()
        self._asking.add(asking)
        asking.add_done_callback(self._asking.discard)
        # The coroutine is made over there: an interruption here must not leave one that nobody awaits.
        self._loop.call_soon_threadsafe(self._begin, asking, transports, requests)
        return asking

    def _begin(
        self, asking: Future[list[dict[str, Observation]]], transports: Mapping[str, Askable], requests: Requests
    ) -> None:
        """Ask, on the loop, until there are answers or nobody wants them any more."""
        task = self._loop.create_task(_ask_all(transports, requests))

        def hand_on(done: asyncio.Task[list[dict[str, Observation]]]) -> None:
            error = None if done.cancelled() else done.exception()
            with contextlib.suppress(InvalidStateError):  # where it was given up in this moment
                if done.cancelled():
                    asking.cancel()
                elif error is not None:
                    asking.set_exception(error)
                else:
                    asking.set_result(done.result())

        task.add_done_callback(hand_on)
        asking.add_done_callback(lambda _: self._loop.call_soon_threadsafe(task.cancel) if not task.done() else None)

    def cancel(self) -> None:
        """Give up what was asked and is not answered, as after an interruption."""
        for asking in list(self._asking):
            asking.cancel()

    def close(self) -> None:
        """Stop the loop, once everything on it has ended. Close the transports before."""
        self.run(_settle())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


async def _settle() -> None:
    """Let what was given up end: a loop that stops before would leave tasks that nobody waits for."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)


async def _ask_all(transports: Mapping[str, Askable], requests: Requests) -> list[dict[str, Observation]]:
    answers = await asyncio.gather(*[transport.ask(requests) for transport in transports.values()])
    names = list(transports)
    return [dict(zip(names, row, strict=True)) for row in zip(*answers, strict=True)]
