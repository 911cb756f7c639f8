"""Turns the arguments of a call into checked, plain parameters."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import tzinfo
from enum import Enum
from functools import cache
from typing import Any

from mavibot import _check
from mavibot._secrets import hidden
from mavibot._time import with_times_written
from mavibot.errors import Advice, InvalidParameters, Problem, UnknownAction
from mavibot_contract import Contract, Method, Operation

_NAME = re.compile(r"[A-Za-z0-9_]+")
_VARIABLES = {"$ref": "#/components/schemas/Variables"}


def find_operation(contract: Contract, action: str, method: Method | None) -> Operation:
    """Return the operation of an action.

    Raises:
        UnknownAction: the contract has no such action.
        InvalidParameters: the action does not work by this method.
    """
    if action not in contract.actions:
        raise UnknownAction(action, contract.similar(str(action)))
    if method is not None and method not in contract.actions[action]:
        known = ", ".join(contract.actions[action])
        meant_to_save = contract.operation(action).free_variables and method not in {"GET", "POST"}
        advice = Advice.USE_VARIABLES if meant_to_save else None
        raise InvalidParameters(
            action, [Problem("method", f"the action works only by {known}, not by {method}", advice)]
        )
    return contract.operation(action, method)


def foreign_operation(action: str, method: Method, *, idempotent: bool) -> Operation:
    """Return what stands for an action that the contract does not know.

    Raises:
        UnknownAction: the name cannot be that of an action.
    """
    # The key, given here by mistake, would stand in the log as the name of the action.
    if not _NAME.fullmatch(action) or hidden(action) != action:
        raise UnknownAction(action, None)
    return Operation(
        operation_id=action,
        action=action,
        method=method,
        tag="",
        summary="",
        permission="",
        effect="send",
        idempotent=idempotent,
        evidence="",
        source="",
        unlimited=False,
        free_variables=False,
        value_parameters={},
        delimiter={},
        schema={},
        query=frozenset(),
        body_argument=None,
        responses={},
        success={"properties": {"status": {}}},
    )


def checked_parameters(
    contract: Contract,
    operation: Operation,
    parameters: Mapping[str, Any],
    variables: Mapping[str, Any] | None = None,
    more_variables: Mapping[str, Any] | None = None,
    *,
    zone: tzinfo | None = None,
) -> dict[str, Any]:
    """Return what is to be sent: plain JSON values by name, without what was left out.

    Args:
        contract: the contract.
        operation: operation that is called.
        parameters: declared parameters by name; `None` means left out.
        variables: variables to save; `None` clears one.
        more_variables: variables given as further keywords.
        zone: the project's time zone, where it is known.

    Raises:
        InvalidParameters: naming everything that breaks the contract.
    """
    try:
        return _checked(contract, operation, parameters, variables, more_variables, zone)
    except RecursionError:
        raise InvalidParameters(operation.action, [Problem("", "a value is nested too deeply")]) from None


def _checked(  # noqa: PLR0917  (all that its one caller was given)
    contract: Contract,
    operation: Operation,
    parameters: Mapping[str, Any],
    variables: Mapping[str, Any] | None,
    more_variables: Mapping[str, Any] | None,
    zone: tzinfo | None,
) -> dict[str, Any]:
    given = {name: value for name, value in parameters.items() if value is not None}
    timely, time_problems = with_times_written(_notations(contract, operation.action), given, zone)
    plain = {name: plain_value(value) for name, value in timely.items()}
    if not isinstance(variables or {}, Mapping):
        raise InvalidParameters(operation.action, [*_variables_check(contract)(variables, ("variables",))])
    more_variables = more_variables or {}
    variables_path = ("variables",) if variables else ()
    saved = {name: plain_value(value) for name, value in {**more_variables, **(variables or {})}.items()}
    misplaced = list(_misplaced(contract, operation, plain))
    wrong_names = {problem.field for problem in misplaced}
    placed = {name: value for name, value in plain.items() if name not in wrong_names}
    found = [*time_problems, *misplaced, *_own_check(contract, operation.action, operation.method)(placed, ())]
    if saved:
        found += _clashes(operation, saved, set(more_variables) & set(variables or ()), set(more_variables))
        found += _variables_check(contract)(saved, variables_path)
        found += _unfit_for_a_query(saved) if operation.method == "GET" else ()
    # What the contract leaves free must still be something that can be sent.
    found = found or [*_check.unsendable(plain), *_check.unsendable(saved, variables_path)]
    if found:
        raise InvalidParameters(operation.action, found)
    return plain | saved


@cache
def _own_check(contract: Contract, action: str, method: Method) -> _check.Check:
    return _check.compiled(contract.operation(action, method).schema, contract.resolve)


@cache
def _variables_check(contract: Contract) -> _check.Check:
    return _check.compiled(_VARIABLES, contract.resolve)


@cache
def _notations(contract: Contract, action: str) -> dict[str, str]:
    """Return how an action wants its times written, by parameter."""
    declared = contract.operation(action).schema["properties"]
    rules = {name: contract.resolve(rule) for name, rule in declared.items()}
    return {name: rule["x-time"] for name, rule in rules.items() if "x-time" in rule}


def plain_value(value: Any) -> Any:
    """Return a value as JSON knows it: models, enum members and any mapping or sequence become plain ones."""
    match value:
        case Enum():
            return value.value
        case float() if value.is_integer():
            return int(value)  # 25554.0 is a fine number of a client, but not as text in an address
        case str() | int() | float() | None | bytes():
            return value
        case Mapping():
            return {name: plain_value(item) for name, item in value.items()}
        case _ if hasattr(value, "to_dict"):
            return plain_value(value.to_dict())
        case Iterable():
            return [plain_value(item) for item in value]
        case _:
            return value


def _misplaced(contract: Contract, operation: Operation, plain: dict[str, Any]) -> Iterator[Problem]:
    """Name the parameters that this operation does not take although the body of its twin is open."""
    first = contract.operation(operation.action)
    for name in plain:
        if name in operation.schema["properties"]:
            continue
        if name in first.schema["properties"]:
            yield Problem(name, "cannot travel in a query string", Advice.USE_POST)
        elif name in operation.aliases:
            yield Problem(name, "is for the address of a webhook; here pass the parameter that it stands for")
        else:
            yield Problem(name, _check.unknown(name, operation.schema["properties"]))


def _clashes(operation: Operation, saved: dict[str, Any], twice: set[str], keywords: set[str]) -> Iterator[Problem]:
    declared = operation.schema["properties"]
    for name in saved:
        if name in declared or name in operation.aliases:
            yield Problem(f"variables.{name}", "is the name of a parameter, so a variable cannot have it")
        elif name in twice:
            yield Problem(f"variables.{name}", "is given twice, in variables and under its own name")
        elif name in keywords and (meant := [full for full in declared if full.endswith(f"_{name}")]):
            yield Problem(name, f"looks like the parameter {meant[0]!r}", Advice.USE_VARIABLES)


def _unfit_for_a_query(saved: dict[str, Any]) -> Iterator[Problem]:
    for name, value in saved.items():
        if value is None:
            yield Problem(f"variables.{name}", "cannot be cleared in a query string", Advice.USE_POST_OR_EMPTY_TEXT)
