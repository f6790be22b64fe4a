"""What the reference's HTTP services have in common as programs: command line, port, signals."""

from __future__ import annotations

import argparse
import signal
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

import uvicorn

from lakehouse_ref.services.asgi import Protocol

if TYPE_CHECKING:
    from starlette.types import ASGIApp

BAD_USAGE, NO_PORT = 2, 3  # exit codes
IDLE_SECONDS = 3600  # so long a connection may wait for its next request
ENDING_SECONDS = 1  # so long a request that is still arriving may hold up the end


class Arguments(argparse.ArgumentParser):
    """A command line with a port. What it doesn't understand, it answers with one sentence."""

    def __init__(self, name: str, description: str) -> None:
        super().__init__(name, description=description, allow_abbrev=False)
        self.add_argument("--port", type=port_number, required=True, help="where to listen, on 127.0.0.1")

    def error(self, message: str) -> NoReturn:
        """End the process, without the usage that the standard library would print before."""
        self.exit(BAD_USAGE, f"{self.prog}: {message}\n")


def port_number(text: str) -> int:
    """Return the number of a port. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to 65535 are")
    return int(text)


def say(sentence: object) -> None:
    """Write a sentence to standard error."""
    print(sentence, file=sys.stderr, flush=True)  # noqa: T201


def listen(port: int) -> socket.socket | None:
    """Return a socket that listens, or say why there is none and return None."""
    try:
        return socket.create_server(("127.0.0.1", port))
    except OSError as error:
        say(f"port {port} cannot be had: {error.strerror}")
        return None


def serve(app: ASGIApp, listener: socket.socket) -> None:
    """Serve on a socket that listens, until SIGTERM or SIGINT."""
    server = uvicorn.Server(
        uvicorn.Config(
            app,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=IDLE_SECONDS,
            timeout_graceful_shutdown=ENDING_SECONDS,
        )
    )
    # uvicorn raises a signal again when it has ended, for the handler from before its start; with this one, which also
    # covers the time until then, the process does not die of it.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    server.run(sockets=[listener])
