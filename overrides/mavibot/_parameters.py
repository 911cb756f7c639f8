"""Turns the arguments of a call into checked, plain parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any

from mavibot import _check
from mavibot.errors import InvalidParameters, Problem, UnknownAction
from mavibot_api.contract import Contract, Method, Operation

_VARIABLES = {"$ref": "#/components/schemas/Variables"}


def find_operation(contract: Contract, action: str, method: Method | None) -> Operation:
    """Return the operation of an action.

    Raises:
        UnknownAction: the contract has no such action.
        InvalidParameters: the action does not work by this method.
    """
    if action not in contract.actions:
        raise UnknownAction(action, contract.similar(action))
    if method is not None and method not in contract.actions[action]:
        known = ", ".join(contract.actions[action])
        raise InvalidParameters(action, [Problem("method", f"the action works only by {known}, not by {method}")])
    return contract.operation(action, method)


def checked_parameters(
    contract: Contract,
    operation: Operation,
    parameters: Mapping[str, Any],
    variables: Mapping[str, Any] | None = None,
    more_variables: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return what is to be sent: plain JSON values by name, without what was left out.

    Args:
        contract: the contract.
        operation: operation that is called.
        parameters: declared parameters by name; `None` means left out.
        variables: variables to save; `None` clears one.
        more_variables: variables given as further keywords.

    Raises:
        InvalidParameters: naming everything that breaks the contract.
    """
    plain = {name: _plain(value) for name, value in parameters.items() if value is not None}
    saved = {name: _plain(value) for name, value in {**(more_variables or {}), **(variables or {})}.items()}
    found = [
        *_misplaced(contract, operation, plain),
        *_check.problems(operation.schema, plain, contract.resolve),
        *_clashes(operation, saved, set(more_variables or ()) & set(variables or ()), set(more_variables or ())),
        *_check.problems(_VARIABLES, saved, contract.resolve, "variables" if variables else ""),
        *(_unfit_for_a_query(saved) if operation.method == "GET" else ()),
    ]
    if found:
        raise InvalidParameters(operation.action, found)
    return plain | saved


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: models, enum members and any mapping or sequence become plain ones."""
    match value:
        case Enum():
            return value.value
        case str() | int() | float() | None | bytes():
            return value
        case Mapping():
            return {name: _plain(item) for name, item in value.items()}
        case _ if hasattr(value, "to_dict"):
            return _plain(value.to_dict())
        case Iterable():
            return [_plain(item) for item in value]
        case _:
            return value


def _misplaced(contract: Contract, operation: Operation, plain: dict[str, Any]) -> Iterator[Problem]:
    """Name the parameters that this operation does not take although the body of its twin is open."""
    first = contract.operation(operation.action)
    for name in plain.keys() - operation.schema["properties"].keys():
        if name in first.schema["properties"]:
            yield Problem(name, 'cannot travel in a query string; use method="POST"')
        elif name in operation.aliases:
            yield Problem(name, "is for the address of a webhook; here pass the parameter that it stands for")
        elif operation.schema["additionalProperties"] is not False:
            yield Problem(name, _check.unknown(name, operation.schema["properties"]))


def _clashes(operation: Operation, saved: dict[str, Any], twice: set[str], keywords: set[str]) -> Iterator[Problem]:
    declared = operation.schema["properties"]
    for name in saved:
        if name in declared or name in operation.aliases:
            yield Problem(f"variables.{name}", "is the name of a parameter, so a variable cannot have it")
        elif name in twice:
            yield Problem(f"variables.{name}", "is given twice, in variables and as a keyword")
        elif name in keywords and (meant := [full for full in declared if full.endswith(f"_{name}")]):
            yield Problem(
                name,
                f"did you mean {meant[0]!r}? To save a variable of this name, pass it in variables={{…}}",
            )


def _unfit_for_a_query(saved: dict[str, Any]) -> Iterator[Problem]:
    for name, value in saved.items():
        if value is None:
            yield Problem(f"variables.{name}", 'a query string cannot carry None; use method="POST" or ""')
