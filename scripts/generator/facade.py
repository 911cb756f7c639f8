"""Writes the flat facade: every action of the contract as one keyword-only method, sync and async."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from mavibot_contract import Contract, Operation, Schema
from mavibot_contract.words import conditions

_SCALARS = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
_WIDTH = 100

_HEAD = '''"""Every action of the API as a method with flat keyword arguments, sync and async.

Both classes leave the sending to `_send`, which a subclass provides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from datetime import date, datetime, timedelta

    from mavibot_api import models

__all__ = ["Actions", "AsyncActions"]
'''

_CLASS = '''

class {name}:
    """The actions of the API as {kind} methods.

    A parameter that is `None` is not sent. Where an action saves variables, further keywords are variables too.
    """

    {def_} _send(
        self,
        action: str,
        parameters: Mapping[str, Any],
        *,
        method: Literal["GET", "POST"] | None = None,
        variables: Mapping[str, Any] | None = None,
        more_variables: Mapping[str, Any] | None = None,
    ) -> Any:
        """Send a call and return its parsed reply."""
        raise NotImplementedError
'''


def facade_source(contract: Contract) -> str:
    """Return the source text of the module with the classes `Actions` and `AsyncActions`."""
    parts = [_HEAD]
    for name, kind, def_ in (("Actions", "blocking", "def"), ("AsyncActions", "awaitable", "async def")):
        parts.append(_CLASS.format(name=name, kind=kind, def_=def_))
        parts.extend(_method(contract, action, def_) for action in contract.actions)
    return "".join(parts)


def _method(contract: Contract, action: str, def_: str) -> str:
    methods = contract.actions[action]
    operation = contract.operation(action)
    twin = len(methods) > 1
    returns, failures = _reply(contract, operation)
    signature = list(_signature(contract, operation, twin=twin))
    star = ["*"] if signature else []
    sent = ", ".join(f'"{name}": {name}' for name in operation.schema["properties"])
    extra = ", method=method" if twin else ""
    if operation.free_variables:
        signature.append("**more_variables: Any")
        extra += ", variables=variables, more_variables=more_variables"
    wait = "await " if def_.startswith("async") else ""
    return (
        f"\n    {def_} {action}(self, {', '.join(star + signature)}) -> {returns}:\n"
        + textwrap.indent(_docstring(contract, operation, failures, twin=twin), "        ")
        + f'        reply: {returns} = {wait}self._send("{action}", {{{sent}}}{extra})\n'
        + "        return reply\n"
    )


def _signature(contract: Contract, operation: Operation, *, twin: bool) -> Iterator[str]:
    required = set(operation.schema.get("required", ()))
    properties: Mapping[str, Schema] = operation.schema["properties"]
    for name in sorted(properties, key=lambda name: name not in required):
        kind = _argument(contract, properties[name])
        yield f"{name}: {kind}" if name in required else f"{name}: {kind} | None = None"
    if operation.free_variables:
        yield f"variables: {_argument(contract, {'$ref': '#/components/schemas/Variables'})} | None = None"
    if twin:
        yield 'method: Literal["GET", "POST"] = "POST"'


def _argument(contract: Contract, schema: Schema) -> str:
    """Return the type of an argument: wide, so that plain values are accepted beside the models."""
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    target = contract.resolve(schema)
    if "x-time" in target:
        return _time(target["x-time"])
    if "enum" in target:
        return f"models.{name} | Literal[{', '.join(map(repr, target['enum']))}]"
    if "anyOf" in target:
        return _union(_argument(contract, branch) for branch in target["anyOf"])
    match target["type"]:
        case "array":
            return f"Sequence[{_argument(contract, target['items'])}]"
        case "object" if "properties" in target:
            return f"models.{target['title']} | Mapping[str, Any]"
        case "object":
            return f"Mapping[str, {_argument(contract, target['additionalProperties'])}]"
        case kind:
            return _SCALARS[kind]


def _time(notation: str) -> str:
    if notation == "seconds":
        return "timedelta | float"
    return "datetime | str" if "%H" in notation else "date | str"


def _reply(contract: Contract, operation: Operation) -> tuple[str, list[str]]:
    """Return the type of a successful reply and the failures that the same status can carry."""
    schema: Schema = operation.responses["200"]["content"]["application/json"]["schema"]
    branches = schema.get("anyOf", [schema])
    failures = [branch for branch in branches if contract.resolve(branch).get("x-failure")]
    kinds = _union(_result(contract, branch) for branch in branches if branch not in failures)
    return kinds, [contract.resolve(failure)["description"] for failure in failures]


def _result(contract: Contract, schema: Schema) -> str:
    target = contract.resolve(schema)
    match target.get("type"):
        case "array":
            return f"list[{_result(contract, target['items'])}]"
        case "object" if "properties" not in target:
            return f"dict[str, {_argument(contract, target['additionalProperties'])}]"
        case _:
            return f"models.{target['title']}"


def _union(kinds: Iterator[str]) -> str:
    members = dict.fromkeys(member for kind in kinds for member in kind.split(" | "))
    if "int" in members:  # makes the literals of an open enum superfluous
        members = {member: None for member in members if not member.startswith("Literal[")}
    return " | ".join(members)


def _docstring(contract: Contract, operation: Operation, failures: list[str], *, twin: bool) -> str:
    node = contract.document["paths"][f"/{operation.action}"][operation.method.lower()]
    lines = [f'"""{operation.summary}.', "", *textwrap.wrap(node["description"], _WIDTH), ""]
    arguments = [_argument_line(contract, name, schema) for name, schema in operation.schema["properties"].items()]
    if operation.free_variables:
        arguments.append("variables: variables to save, by name; further keywords are variables too.")
    if twin:
        arguments.append("method: HTTP method; GET carries only what a query string can.")
    if arguments:
        lines.append("Args:")
        for argument in arguments:
            lines += textwrap.wrap(argument, _WIDTH, initial_indent="    ", subsequent_indent="        ")
        lines.append("")
    if needed := conditions(operation.schema):
        lines += [*needed, ""]
    if failures:
        lines += ["Fails with:", *(f"    {failure}" for failure in failures), ""]
    idempotent = "can be repeated" if operation.idempotent else "must not be repeated blindly"
    lines += textwrap.wrap(f"Permission: `{operation.permission}`. Effect: {operation.effect}, {idempotent}.", _WIDTH)
    lines += textwrap.wrap(f"Evidence: {operation.evidence}: {operation.source}.", _WIDTH)
    return "\n".join([*lines, '"""\n'])


def _argument_line(contract: Contract, name: str, schema: Schema) -> str:
    target: Mapping[str, Any] = contract.resolve(schema)
    limits = [
        f"{word} {target[key]}"
        for key, word in (("default", "default"), ("maximum", "at most"), ("maxItems", "at most"))
        if key in target and target[key] is not False and not (key == "maximum" and target[key] > 2**31)
    ]
    # A component's own mark is about its type; only a mark at this place is about the parameter.
    marks = [schema["x-evidence"]] if schema.get("x-evidence", "documented") != "documented" else []
    notes = ([", ".join(limits)] if limits else []) + marks + (["deprecated"] if schema.get("deprecated") else [])
    return f"{name}: {target['description']}" + (f" ({'; '.join(notes)})" if notes else "")
