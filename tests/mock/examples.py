"""Calls made of the contract's own examples, which the demo project must be able to answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from tests.mock.caller import CONTRACT

from mavibot_contract import Operation


class Example(NamedTuple):
    """A call that the contract shows."""

    action: str
    method: str
    query: dict[str, Any]
    body: Any


def examples(action: str) -> list[Example]:
    """Return the calls that the contract shows for an action, by each of its methods."""
    return list(_examples(action))


def _examples(action: str) -> Iterator[Example]:
    bodies: list[Any] = []
    for method, operation in CONTRACT.actions[action].items():
        if method == "POST":
            shown = CONTRACT.document["paths"][f"/{action}"]["post"]["requestBody"]["content"]["application/json"]
            bodies = [example["value"] for example in shown["examples"].values()]
            yield from (Example(action, "POST", {}, body) for body in bodies)
        elif bodies:
            yield from (Example(action, "GET", _plain(body), None) for body in bodies)
        else:
            yield Example(action, "GET", _parameters(operation, operation.schema.get("required", [])), None)


def with_all_parameters(action: str) -> Example:
    """Return the call of a GET action with the example of every parameter; together they may name nobody."""
    operation = CONTRACT.operation(action)
    return Example(action, "GET", _parameters(operation, operation.schema["properties"]), None)


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    """Return what of a body a query string can carry."""
    return {name: value for name, value in body.items() if not isinstance(value, dict | list)}


def _parameters(operation: Operation, names: Iterable[str]) -> dict[str, Any]:
    shown = {name: CONTRACT.resolve(operation.schema["properties"][name])["examples"][0] for name in names}
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in shown.items()}
