"""Turns the arguments of a call into a checked request of plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import tzinfo
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Final, get_args

import mavibot_contract
from mavibot import _check
from mavibot._secrets import hidden
from mavibot._time import with_times_written
from mavibot._wire import Request
from mavibot.errors import Advice, InvalidParameters, Problem, UnknownAction, shown
from mavibot_contract import Method, Operation

_NAME: Final = re.compile(r"[A-Za-z0-9_]+")
# Objects and lists in each other; the contract's own have four.
_DEEPEST: Final = 64
# How much a keyword must be like a parameter's name to be taken for a typo of it, and not for a variable: `mesage` is.
_ALMOST_EQUAL: Final = 0.85
_VARIABLES: Final = {"$ref": "#/components/schemas/Variables"}


def find_operation(action: str, method: Method | None = None) -> Operation:
    """Return the operation of an action.

    Raises:
        UnknownAction: the contract has no such action.
        InvalidParameters: the action does not work by this method.
    """
    contract = mavibot_contract.load()
    if not isinstance(action, str) or action not in contract.actions:
        name = action if isinstance(action, str) else shown(action)
        raise UnknownAction(name, contract.similar(name))
    if method is not None and method not in [*contract.actions[action]]:
        known = ", ".join(contract.actions[action])
        meant_to_save = contract.operation(action).free_variables and method not in get_args(Method)
        advice = Advice.USE_VARIABLES if meant_to_save else None
        wrong = method if isinstance(method, str) else shown(method)
        problem = Problem("method", f"the action works only by {known}, not by {wrong}", advice)
        raise InvalidParameters(action, [problem])
    return contract.operation(action, method)


def foreign_operation(action: str, method: Method, *, idempotent: bool) -> Operation:
    """Return a placeholder for an action that the contract does not know.

    Raises:
        UnknownAction: no action can have this name.
    """
    # The key, given here by mistake, would appear in the log as the name of the action.
    if not isinstance(action, str) or not _NAME.fullmatch(action) or hidden(action) != action:
        raise UnknownAction(action if isinstance(action, str) else shown(action), None)
    if method not in get_args(Method):
        raise InvalidParameters(action, [Problem("method", f"must be GET or POST, got {shown(method)}")])
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
        messenger=None,
        value_parameters={},
        delimiter={},
        idle_aliases=frozenset(),
        schema={},
        query=frozenset(),
        body_argument=None,
        responses={},
        success={"properties": {"status": {}}},
    )


def checked_request(
    operation: Operation,
    parameters: Mapping[str, Any],
    variables: Mapping[str, Any] | None,
    more_variables: Mapping[str, Any] | None,
    zone: tzinfo | None,
) -> Request:
    """Return the request of a call.

    Args:
        operation: operation that is called.
        parameters: declared parameters by name; `None` means left out.
        variables: variables to save; `None` clears one.
        more_variables: variables given as further keywords.
        zone: the project's time zone, if it is known.

    Raises:
        InvalidParameters: naming everything that breaks the contract.
    """
    checked = _checked(operation, parameters, variables or {}, more_variables or {}, zone)
    if operation.method == "GET":
        return Request(operation, _spread(operation, checked), None)
    argument = operation.body_argument
    return Request(operation, {}, checked if argument is None else checked[argument])


def raw_request(operation: Operation, params: Mapping[str, Any] | None, json: Any) -> Request:
    """Return the request of a call that the contract does not check, and whose reply is not parsed.

    Raises:
        InvalidParameters: it cannot be sent at all.
    """
    body, query = plain_value(json), plain_value({} if params is None else params)
    problems = [*_check.unsendable(body, ("json",))]
    if isinstance(query, dict):
        problems += _check.unsendable(query, ("params",))
        problems += [
            Problem(f"params.{name}", "an address carries only text, numbers, true and false")
            for name, value in query.items()
            if isinstance(value, dict | list)
        ]
    else:
        problems.append(Problem("params", "must be a mapping of query parameters"))
    if problems:
        raise InvalidParameters(operation.action, problems)
    return Request(operation, {name: value for name, value in query.items() if value is not None}, body, parsed=False)


def _checked(
    operation: Operation,
    parameters: Mapping[str, Any],
    variables: Mapping[str, Any],
    more_variables: Mapping[str, Any],
    zone: tzinfo | None,
) -> dict[str, Any]:
    """Return parameters and variables as plain JSON values by name, without what was left out."""
    if not isinstance(variables, Mapping):
        raise InvalidParameters(operation.action, [*_variables_check()(variables, ("variables",))])
    given = {name: value for name, value in parameters.items() if value is not None}
    timely, problems = with_times_written(_notations(operation.action), given, zone)
    plain = {name: plain_value(value) for name, value in timely.items()}
    unfit = {problem.field: problem for problem in (*_read_json_texts(operation, plain), *_misplaced(operation, plain))}
    problems += unfit.values()
    placed = {name: value for name, value in plain.items() if name not in unfit}
    problems += _own_check(operation.action, operation.method)(placed, ())

    saved = {name: plain_value(value) for name, value in {**more_variables, **variables}.items()}
    variables_path = ("variables",) if variables else ()
    if saved:
        problems += _clashes(operation, saved, more_variables.keys() & variables, more_variables)
        problems += _variables_check()(saved, variables_path)
        problems += _unfit_for_a_query(saved) if operation.method == "GET" else ()

    # What the contract leaves open must still be something that can be sent.
    problems = problems or [*_check.unsendable(plain), *_check.unsendable(saved, variables_path)]
    if problems:
        raise InvalidParameters(operation.action, problems)
    return plain | saved


@cache
def _own_check(action: str, method: Method) -> _check.Check:
    contract = mavibot_contract.load()
    return _check.compiled(contract.operation(action, method).schema, contract.resolve)


@cache
def _variables_check() -> _check.Check:
    return _check.compiled(_VARIABLES, mavibot_contract.load().resolve)


@cache
def _notations(action: str) -> dict[str, str]:
    """Return how an action wants its times written, by parameter."""
    contract = mavibot_contract.load()
    rules = {name: contract.resolve(rule) for name, rule in contract.operation(action).schema["properties"].items()}
    return {name: rule["x-time"] for name, rule in rules.items() if "x-time" in rule}


class _TooDeep:
    """Stands for what is nested too deeply, or holds itself; it can be sent no more than any other object."""

    def __repr__(self) -> str:
        return "<nested too deeply>"


def plain_value(value: Any, depth: int = 0) -> Any:
    """Return a plain JSON value: models, enum members and any mapping or sequence are converted.

    What has no such form is left as it is, for the check to name it.

    Args:
        value: any value.
        depth: how many objects and lists it stands in.
    """
    match value:
        case Enum():
            return value.value
        case float() if value.is_integer():
            return int(value)  # 25554.0 is a valid client id, but not as text in an address
        case str() | int() | float() | None | bytes():
            return value
        case _ if depth > _DEEPEST:
            return _TooDeep()
        case Mapping():
            return {name: plain_value(item, depth + 1) for name, item in value.items()}
        case _ if hasattr(value, "to_dict"):
            try:
                members = value.to_dict()
            except (TypeError, AttributeError, ValueError, RecursionError):  # a member is of a wrong type
                return value
            return plain_value(members, depth + 1)
        case Iterable():
            return [plain_value(item, depth + 1) for item in value]
        case _:
            return value


@cache
def _json_texts(action: str) -> frozenset[str]:
    """Return the names of the parameters that may be a list or an object as JSON text."""
    contract = mavibot_contract.load()
    rules = contract.operation(action).schema["properties"].items()
    return frozenset(name for name, rule in rules if contract.may_be_json_text(rule))


def _read_json_texts(operation: Operation, plain: dict[str, Any]) -> Iterator[Problem]:
    """Replace JSON texts by what they hold, and yield those that cannot be read."""
    for name in _json_texts(operation.action) & plain.keys():
        text = plain[name]
        if isinstance(text, str):
            try:
                plain[name] = json.loads(text)
            except ValueError:
                plain[name] = None
            if not isinstance(plain[name], list | dict):
                yield Problem(name, f"must be a list or an object, or either as JSON text, got {shown(text)}")


def _misplaced(operation: Operation, plain: dict[str, Any]) -> Iterator[Problem]:
    """Yield the parameters that this operation does not take although its body is open."""
    for name in plain:
        if name in operation.schema["properties"]:
            continue
        if name in operation.aliases:
            yield Problem(name, "is for the address of a webhook; here pass the parameter that it stands for")
        else:
            yield Problem(name, _check.unknown(name, operation.schema["properties"]))


def _clashes(
    operation: Operation, saved: dict[str, Any], twice: Collection[str], keywords: Collection[str]
) -> Iterator[Problem]:
    declared = operation.schema["properties"]
    for name in saved:
        if name in declared or name in operation.aliases:
            yield Problem(f"variables.{name}", "is the name of a parameter, so a variable cannot have it")
        elif name in twice:
            yield Problem(f"variables.{name}", "is given twice, in variables and under its own name")
        elif name in keywords and (meant := _meant(operation.action, operation.method, name)):
            yield Problem(name, f"looks like the parameter {meant!r}", Advice.USE_VARIABLES)


@lru_cache(maxsize=1024)
def _meant(action: str, method: Method, name: str) -> str | None:
    """Return the parameter whose name this one is the end of, or almost is."""
    return _check.similar(name, mavibot_contract.load().operation(action, method).schema["properties"], _ALMOST_EQUAL)


def _unfit_for_a_query(saved: dict[str, Any]) -> Iterator[Problem]:
    for name, value in saved.items():
        if value is None:
            yield Problem(f"variables.{name}", "cannot be cleared in a query string", Advice.USE_POST_OR_EMPTY_TEXT)


def _spread(operation: Operation, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters as a query holds them: as JSON text, or the members of an object as parameters of their own."""
    query: dict[str, Any] = {}
    for name, value in parameters.items():
        if name in _json_texts(operation.action):
            query[name] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        else:
            query |= value if isinstance(value, dict) else {name: value}
    return {name: value for name, value in query.items() if value is not None}
