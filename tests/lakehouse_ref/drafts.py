"""Requests for /v1/validate that are accepted, ways to spoil them, and what then is answered."""

from __future__ import annotations

import copy
import json
import tomllib
from pathlib import Path
from typing import Any

from lakehouse_ref.validate import validate

CONTRACT = Path(__file__).parents[2] / "fixtures" / "contract" / "validate.rules.toml"
RULES: dict[str, str | None] = {
    rule["name"]: rule.get("category") for rule in tomllib.loads(CONTRACT.read_text())["rule"]
}

ORDER = {"id": "ORD-7", "role": "Welder", "city": "Aurora", "state": "IL", "headcount": 2}
ADA = {
    "id": "w-1",
    "role": "Welder",
    "city": "Aurora",
    "state": "IL",
    "email": "ada@example.com",
    "phone": "312-555-0142",
}
BEN = {"id": "w-2", "role": "Welder", "city": "Aurora", "state": "IL"}
FILL = {"worker_ids": ["w-1", "w-2"]}
EMAIL = {"worker_id": "w-1", "to": "ada@example.com", "subject": "Monday", "body": "About ORD-7."}
SMS = {"worker_id": "w-1", "to": "312-555-0142", "body": "Monday at 7?"}
ARTIFACTS = {"fill": FILL, "email": EMAIL, "sms": SMS}


def draft(kind: str, /, **changes: object) -> dict[str, Any]:
    """Return a request of that kind; each change is the way to a member, its dots written `__`, and its new value."""
    request = copy.deepcopy({"kind": kind, "order": ORDER, "roster": [ADA, BEN], "artifact": ARTIFACTS[kind]})
    for way, value in changes.items():
        *parents, last = way.split("__")
        holder: Any = request
        for name in parents:
            holder = holder[int(name) if name.isdigit() else name]
        if value is ...:
            del holder[last]
        else:
            holder[int(last) if last.isdigit() else last] = value
    return request


def bytes_of(request: object) -> bytes:
    """Return a request as its sender may write it."""
    return json.dumps(request, ensure_ascii=False).encode()


def asked(body: bytes) -> tuple[int, str, set[str]]:
    """Return the status and the body that the reference answers, and the rules that mattered."""
    touched: set[str] = set()
    status, answer = validate(body, touched)
    return status, answer.decode(), touched


def refusal(rule: str, field: str = "") -> str:
    """Return the body that answers when this rule refuses."""
    if RULES[rule] == "Schema":
        return f'{{"Schema":{{"field":"{field}","reason":"{rule}"}}}}'
    return f'{{"{RULES[rule]}":{{"reason":"{rule}"}}}}'
