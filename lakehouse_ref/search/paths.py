"""Which call a request is: its path, its method, and for which tenant. Step 1 of the contract's order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from lakehouse_ref import http
from lakehouse_ref.search.errors import SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterable

NAME = re.compile("[a-z0-9_-]{1,64}")
TENANT = re.compile("[a-z0-9-]{1,64}")
TENANT_HEADER = "x-lakehouse-tenant"
DEFAULT_TENANT = "default"

OF_INDEX = re.compile(rf"/vectors/index/(?P<name>{NAME.pattern})(?:/(?P<verb>add|search|delete|save|reload))?")
OF_MATRIX = {
    "/v1/matrix/retrieve": "retrieve",
    "/v1/matrix/search": "matrix-search",
    "/v1/matrix/playbooks/record": "record",
}
OF_TENANT = "/v1/tenant"


class Call(NamedTuple):
    """What is asked for: a row of the contract's table, and the index that the path names, if it names one."""

    verb: str
    """A verb of /vectors/index/NAME, `describe` or `drop`; one of /v1/matrix; `forget` or `health`."""
    name: str = ""


def call(path: str, method: str, *, with_vectors: bool = True) -> Call:
    """Return the call that path and method make; without `with_vectors` /vectors/* is unknown. Raises SchemaError."""
    try:
        return _call(path, method, with_vectors=with_vectors)
    except http.RequestError as error:
        raise SchemaError(error.reason) from None


def _call(path: str, method: str, *, with_vectors: bool) -> Call:
    if path in OF_MATRIX:
        http.check_method(method, "POST")
        return Call(OF_MATRIX[path])
    if path == OF_TENANT:
        http.check_method(method, "DELETE")
        return Call("forget")
    if path == http.HEALTH:
        http.check_method(method, "GET")
        return Call("health")
    found = OF_INDEX.fullmatch(path) if with_vectors else None
    if found is None:
        raise http.RequestError("unknown-path")
    if found["verb"]:
        http.check_method(method, "POST")
        return Call(found["verb"], found["name"])
    http.check_method(method, "GET", "DELETE")
    return Call("describe" if method == "GET" else "drop", found["name"])


def tenant(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the tenant that the headers name (rule `bad-name`). Raises SchemaError."""
    named = http.first_header(headers, TENANT_HEADER.encode())
    if named is None:
        return DEFAULT_TENANT
    name = named.decode("latin-1").strip(" \t")  # around it stands white space, RFC 9110 section 5.5
    if not TENANT.fullmatch(name):
        raise SchemaError("bad-name", TENANT_HEADER)
    return name
