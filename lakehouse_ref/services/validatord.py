"""validatord: validate as a service (`fixtures/contract/service.md`), on Starlette's router and uvicorn.

python -m lakehouse_ref.services.validatord --port 8700
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from starlette.routing import Route, Router

from lakehouse_ref.services import identity, plants
from lakehouse_ref.services.asgi import Endpoint
from lakehouse_ref.services.program import BAD_USAGE, NO_PORT, Arguments, listen, say, serve
from lakehouse_ref.validate import answers, http, respond
from lakehouse_ref.validate.answers import Answer
from lakehouse_ref.validate.errors import ValidationError

if TYPE_CHECKING:
    from starlette.types import Scope

SURFACES = ("validate",)


def main() -> int:
    """Run the service until SIGTERM; return the exit code."""
    port = Arguments("validatord", "Validate fills, e-mails and text messages.").parse_args().port
    try:
        planted = plants.plant_from_environment(SURFACES)
    except plants.UnknownPlantError as error:
        say(error)
        return BAD_USAGE
    listener = listen(port)
    if listener is None:
        return NO_PORT
    serve(application(planted, tell_rules=os.environ.get("LAKEHOUSE_RULES") == "1"), listener)
    return 0


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


if __name__ == "__main__":
    sys.exit(main())
