"""matrixd: vectors and playbooks as a service (`fixtures/contract/search.md`), on uvicorn.

python -m lakehouse_ref.services.matrixd --port 8710 --data DIR
"""

from __future__ import annotations

import gc
import os
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import faiss

from lakehouse_ref.search import answers, calls
from lakehouse_ref.services import identity, plants
from lakehouse_ref.services.asgi import Endpoint, Guard
from lakehouse_ref.services.embedders import LocalEmbedder, RemoteEmbedder
from lakehouse_ref.services.program import BAD_USAGE, NO_PORT, Arguments, listen, say, serve
from lakehouse_ref.services.remote_store import RemoteStore
from lakehouse_ref.services.storage.indexes import LocalStore
from lakehouse_ref.services.storage.journals import UnusableError
from lakehouse_ref.services.upstream import Upstream

if TYPE_CHECKING:
    import argparse

    from starlette.types import ASGIApp, Scope

    from lakehouse_ref.search.calls import Service
    from lakehouse_ref.validate.answers import Answer

NAME = "matrixd"
SURFACES = ("vectors", "matrix")
UNUSABLE_DATA = 4  # exit code
REST_SECONDS = 0.1  # between two looks for an index that has fallen behind


def main() -> int:
    """Run the service until SIGTERM; return the exit code."""
    arguments = command_line()
    try:
        planted = plants.plant_from_environment(SURFACES)
        service = service_of(arguments, planted)
    except (plants.UnknownPlantError, ValueError) as error:
        say(error)
        return BAD_USAGE
    except UnusableError as error:
        say(f"{NAME}: {error}")
        return UNUSABLE_DATA
    listener = listen(arguments.port)
    if listener is None:
        return NO_PORT
    if isinstance(service.store, LocalStore):
        threading.Thread(target=grow, args=(service.store,), daemon=True).start()
    faiss.omp_set_num_threads(1)  # the graph grows beside the requests, and leaves them the other cores
    # What was read at the start stays; looking through it for garbage would hold up every so many requests.
    gc.freeze()
    waiting = not (arguments.vectord is None and arguments.embedder is None)
    app = application(service, tell_rules=os.environ.get("LAKEHOUSE_RULES") == "1", in_threads=waiting)
    serve(app, listener)
    return 0


def command_line() -> argparse.Namespace:
    """Return what the command line says."""
    parser = Arguments(NAME, "Keep vectors, search them, and learn from recordings.")
    parser.add_argument("--data", type=Path, required=True, help="the directory of the indexes; made if missing")
    parser.add_argument("--embedder", metavar="URL", help="what makes vectors of texts, instead of hash-768")
    parser.add_argument("--vectord", metavar="URL", help="the matrixd that keeps the indexes, instead of this process")
    parser.add_argument(
        "--index", choices=["hnsw", "exact"], default="hnsw", help="how more than 1,000 vectors are searched"
    )
    return parser.parse_args()


def service_of(arguments: argparse.Namespace, planted: str | None) -> Service:
    """Return what the process has. Raises UnusableError, and ValueError where a URL is none."""
    embedder = RemoteEmbedder(Upstream(arguments.embedder)) if arguments.embedder is not None else LocalEmbedder()
    health = answers.encode(identity_of_service(planted))
    if arguments.vectord is not None:
        return calls.Service(RemoteStore(Upstream(arguments.vectord)), embedder, health, with_vectors=False)
    store = LocalStore(arguments.data, approximate=arguments.index == "hnsw")
    return calls.Service(store, embedder, health, with_vectors=True)


def application(service: Service, *, tell_rules: bool, in_threads: bool) -> ASGIApp:
    """Return the ASGI application: one endpoint for all paths, which the contract has a grammar of."""

    def answering(scope: Scope, body: bytes | None, touched: set[str]) -> Answer:
        return calls.respond(service, scope["method"], scope["path"], scope["headers"], body, touched)

    endpoint = Endpoint(answering, tell_rules=tell_rules, largest=calls.LARGEST_BODY, in_threads=in_threads)
    return Guard(endpoint, NAME)


def grow(store: LocalStore) -> None:
    """Let indexes take in what was added to them, for ever; searches look at that one by one until then."""
    while True:
        index = store.behind()
        if index is None:
            time.sleep(REST_SECONDS)
        else:
            index.grow()


def identity_of_service(planted: str | None) -> dict[str, object]:
    """Return what the service says of itself at /health."""
    return {
        "status": "ok",
        "service": NAME,
        "runtime": identity.RUNTIME,
        "version": identity.VERSION,
        "commit": identity.commit(),
        "surfaces": SURFACES,
        "plants": plants.known(SURFACES),
        "planted": planted,
    }


if __name__ == "__main__":
    sys.exit(main())
