"""What a call sends: where its parameters belong, and how they are written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import mavibot_contract

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mavibot_contract import Operation


def changes(action: str) -> bool:
    """Return True if an action may change something; one that the contract does not know changes nothing."""
    operations = mavibot_contract.load().actions.get(action, {})
    return any(each.effect != "read" for each in operations.values())


def arguments(operation: Operation, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return where parameters belong in a call of `Wire.call`: in the URL or in the body."""
    if operation.method == "GET":
        return {"method": "GET", "query": parameters}
    query = {name: value for name, value in parameters.items() if name in operation.aliases}
    body = {name: value for name, value in parameters.items() if name not in operation.aliases}
    return {
        "method": "POST",
        "query": query,
        "body": body[operation.body_argument] if operation.body_argument else body,
    }


def encoded(body: Any) -> bytes:
    """Return a body as it is sent: a text as UTF-8, anything else as JSON."""
    return body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()


def pairs(query: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    """Yield names and values of a query; a list repeats its name."""
    for name, value in query.items():
        if isinstance(value, dict):
            yield from pairs(value)  # an exploded object, as the contract has it
        elif isinstance(value, list | tuple):
            yield from ((name, _text(each)) for each in value)
        else:
            yield name, _text(value)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
