"""validatord: validate as a service (`fixtures/contract/service.md`), on Starlette's router and uvicorn.

python -m lakehouse_ref.services.validatord --port 8700
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
from typing import TYPE_CHECKING, NoReturn

import uvicorn
from starlette.routing import Route, Router

from lakehouse_ref.services import identity, plants
from lakehouse_ref.services.asgi import Endpoint, Protocol
from lakehouse_ref.validate import answers, http, respond
from lakehouse_ref.validate.answers import Answer
from lakehouse_ref.validate.errors import ValidationError

if TYPE_CHECKING:
    from starlette.types import Scope

SURFACES = ("validate",)
BAD_USAGE, NO_PORT = 2, 3  # exit codes
IDLE_SECONDS = 3600  # so long a connection may wait for its next request
ENDING_SECONDS = 1  # so long a request that is still arriving may hold up the end


def main() -> int:
    """Run the service until SIGTERM; return the exit code."""
    port = Arguments().parse_args().port
    try:
        planted = plants.plant_from_environment(SURFACES)
    except plants.UnknownPlantError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return BAD_USAGE
    try:
        listener = socket.create_server(("127.0.0.1", port))
    except OSError as error:
        print(f"port {port} cannot be had: {error.strerror}", file=sys.stderr)  # noqa: T201
        return NO_PORT
    serve(application(planted, tell_rules=os.environ.get("LAKEHOUSE_RULES") == "1"), listener)
    return 0


class Arguments(argparse.ArgumentParser):
    """The command line. What it doesn't understand, it answers with one sentence."""

    def __init__(self) -> None:
        super().__init__("validatord", description="Validate fills, e-mails and text messages.", allow_abbrev=False)
        self.add_argument("--port", type=port_number, required=True, help="where to listen, on 127.0.0.1")

    def error(self, message: str) -> NoReturn:
        """End the process, without the usage that the standard library would print before."""
        self.exit(BAD_USAGE, f"{self.prog}: {message}\n")


def port_number(text: str) -> int:
    """Return the number of a port. Raises ArgumentTypeError."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 65535):
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 1 to 65535 are")
    return int(text)


def application(planted: str | None, *, tell_rules: bool) -> Router:
    """Return the ASGI application. Slashes are not redirected, and methods and other paths are the endpoints' own."""
    health = Answer(answers.ACCEPTED, answers.encode(identity_of_service(planted)))

    def answer_validate(scope: Scope, body: bytes | None, touched: set[str]) -> Answer:
        return respond(scope["method"], scope["headers"], body, touched)

    def answer_health(scope: Scope, _: bytes | None, touched: set[str]) -> Answer:
        try:
            http.check_method(scope["method"], "GET")
        except ValidationError as error:
            return answers.refused(error, touched)
        return health

    def answer_unknown(_: Scope, __: bytes | None, touched: set[str]) -> Answer:
        return answers.refused(http.unknown_path(), touched)

    return Router(
        [
            Route(http.VALIDATE, Endpoint(answer_validate, tell_rules=tell_rules)),
            Route(http.HEALTH, Endpoint(answer_health, tell_rules=tell_rules)),
        ],
        redirect_slashes=False,
        default=Endpoint(answer_unknown, tell_rules=tell_rules),
    )


def identity_of_service(planted: str | None) -> dict[str, object]:
    """Return what the service says of itself at /health."""
    return {
        "status": "ok",
        "service": "validatord",
        "runtime": identity.RUNTIME,
        "version": identity.VERSION,
        "commit": identity.commit(),
        "surfaces": SURFACES,
        "plants": plants.known(SURFACES),
        "planted": planted,
    }


def serve(app: Router, listener: socket.socket) -> None:
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


if __name__ == "__main__":
    sys.exit(main())
