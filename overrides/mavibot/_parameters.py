"""Turns the arguments of a call into a checked request of plain values."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
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
# What `plain_value` leaves as it is; most values are of these types themselves.
_PLAIN: Final = frozenset((str, int, bool, bytes, type(None)))


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
    by_method = contract.actions[action]
    if method is None:
        return contract.operation(action)
    if not isinstance(method, str) or method not in by_method:
        known = ", ".join(by_method)
        meant_to_save = contract.operation(action).free_variables and method not in get_args(Method)
        advice = Advice.USE_VARIABLES if meant_to_save else None
        wrong = method if isinstance(method, str) else shown(method)
        problem = Problem("method", f"the action works only by {known}, not by {wrong}", advice)
        raise InvalidParameters(action, [problem])
    return by_method[method]


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
    rules = _rules(operation.action, operation.method)
    given = {name: value for name, value in parameters.items() if value is not None}
    problems: list[Problem] = []
    if not rules.notations.keys().isdisjoint(given):
        given, problems = with_times_written(rules.notations, given, zone)
    plain = {name: value if type(value) in _PLAIN else plain_value(value) for name, value in given.items()}
    unfit: dict[str, Problem] = {}
    if not plain.keys().isdisjoint(rules.json_texts) or not plain.keys() <= operation.schema["properties"].keys():
        found = (*_read_json_texts(rules, plain), *_misplaced(operation, plain))
        unfit = {problem.field: problem for problem in found}
        problems += unfit.values()
    problems += rules.check({name: plain[name] for name in plain if name not in unfit} if unfit else plain, ())

    saved = {name: plain_value(value) for name, value in {**more_variables, **variables}.items()}
    variables_path = ("variables",) if variables else ()
    if saved:
        problems += _clashes(operation, saved, more_variables.keys() & variables, more_variables)
        problems += _variables_check()(saved, variables_path)
        problems += _unfit_for_a_query(saved) if operation.method == "GET" else ()

    # What the contract leaves open must still be something that can be sent.
    if not problems and (saved or not rules.open.isdisjoint(plain)):
        problems = [*_check.unsendable(plain), *_check.unsendable(saved, variables_path)]
    if problems:
        raise InvalidParameters(operation.action, problems)
    return plain | saved if saved else plain


@dataclass(frozen=True, slots=True)
class _Rules:
    """What the calls of one operation are checked against.

    Attributes:
        check: check of its parameters.
        notations: how it wants its times written, by parameter.
        json_texts: parameters that may be a list or an object as JSON text.
        open: parameters that can pass the check and yet be nothing that can be sent.
    """

    check: _check.Check
    notations: Mapping[str, str]
    json_texts: frozenset[str]
    open: frozenset[str]


@cache
def _rules(action: str, method: Method) -> _Rules:
    contract = mavibot_contract.load()
    schema = contract.operation(action, method).schema
    declared = {name: contract.resolve(rule) for name, rule in schema["properties"].items()}
    return _Rules(
        _check.compiled(schema, contract.resolve),
        {name: rule["x-time"] for name, rule in declared.items() if "x-time" in rule},
        frozenset(name for name, rule in declared.items() if contract.may_be_json_text(rule)),
        frozenset(name for name, rule in declared.items() if _check.leaves_open(rule, contract.resolve)),
    )


@cache
def _variables_check() -> _check.Check:
    return _check.compiled(_VARIABLES, mavibot_contract.load().resolve)


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
    if type(value) in _PLAIN:
        return value
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


def _read_json_texts(rules: _Rules, plain: dict[str, Any]) -> list[Problem]:
    """Replace JSON texts by what they hold, and return those that cannot be read."""
    unreadable = []
    for name in rules.json_texts & plain.keys():
        text = plain[name]
        if isinstance(text, str):
            try:
                plain[name] = json.loads(text)
            except ValueError:
                plain[name] = None
            if not isinstance(plain[name], list | dict):
                reason = f"must be a list or an object, or either as JSON text, got {shown(text)}"
                unreadable.append(Problem(name, reason))
    return unreadable


def _misplaced(operation: Operation, plain: Mapping[str, Any]) -> list[Problem]:
    """Return the parameters that this operation does not take although its body is open."""
    declared = operation.schema["properties"]
    return [
        Problem(name, "is for the address of a webhook; here pass the parameter that it stands for")
        if name in operation.aliases
        else Problem(name, _check.unknown(name, declared))
        for name in plain
        if name not in declared
    ]


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
    json_texts = _rules(operation.action, operation.method).json_texts
    query: dict[str, Any] = {}
    for name, value in parameters.items():
        if name in json_texts:
            query[name] = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        else:
            query |= value if isinstance(value, dict) else {name: value}
    return {name: value for name, value in query.items() if value is not None}
