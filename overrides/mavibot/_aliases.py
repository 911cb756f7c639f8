"""`value_*` and `delimiter`: an address that says where a foreign payload holds the parameters of a call."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from itertools import chain
from string import ascii_letters
from typing import Any, Final
from urllib.parse import quote, urlencode

import mavibot_contract
from mavibot import _check
from mavibot._parameters import find_operation, plain_value
from mavibot._wire import Request
from mavibot.errors import Advice, InvalidParameters, Problem
from mavibot_contract import Operation

#: Where a payload holds a parameter: a key of the first level, or the keys that lead to it from there.
Place = str | Sequence[str]
#: Value of a parameter that is the same in every call.
Constant = str | int | float | bool

#: Stands for the API key in an address.
KEY_IN_ADDRESS: Final = "{api_key}"

_VARIABLES: Final = {"$ref": "#/components/schemas/Variables"}
# Digits first, as in the document's samples; then what a query carries unchanged; then anything visible.
_DELIMITERS: Final = "1234567890.-_~" + ascii_letters
_MOST_KEYS_SHOWN: Final = 8


@dataclass(frozen=True, slots=True)
class _Mapping:
    """Where the parameters of an action are found, checked.

    Attributes:
        operation: the action, by the method that has a body.
        paths: keys that lead to each parameter, by the parameter's name.
        moved: keys of the first level whose value the platform moves, so that they are not variables as well.
        query: the query string by name.
        fixed: parameters with the same value in every call.
    """

    operation: Operation
    paths: Mapping[str, tuple[str, ...]]
    moved: frozenset[str]
    query: Mapping[str, str]
    fixed: Mapping[str, Constant]


def webhook_url(
    action: str,
    places: Mapping[str, Place],
    fixed: Mapping[str, Constant] | None,
    *,
    base_url: str,
    api_key: str = KEY_IN_ADDRESS,
) -> str:
    """Return the address to which a third party must post its payload.

    Args:
        action: name of the action.
        places: where the payload holds each parameter.
        fixed: parameters with the same value in every call.
        base_url: scheme and host.
        api_key: the key, or its placeholder.

    Raises:
        UnknownAction: there is no such action.
        InvalidParameters: the action cannot find a parameter there, or a fixed value breaks the contract.
    """
    query = urlencode(_mapping(action, places, fixed).query, quote_via=quote)
    return f"{base_url}/api/{api_key}/{action}?{query}"


def forwarded(
    action: str,
    payload: Mapping[str, Any],
    places: Mapping[str, Place],
    fixed: Mapping[str, Constant] | None,
) -> Request:
    """Return the request that passes on the payload of a third party, unchanged, with the mapping in its address.

    Args:
        action: name of the action.
        payload: JSON object of the third party.
        places: where the payload holds each parameter.
        fixed: parameters with the same value in every call.

    Raises:
        UnknownAction: there is no such action.
        InvalidParameters: the action does not support the mapping, it leads to nothing in the payload, or the resulting
            call breaks the contract.
    """
    mapping = _mapping(action, places, fixed)
    body = _json_object(action, payload)
    found = [*_clashes(mapping, body), *_dead_ends(mapping, body)]
    if not found:
        found = list(
            _check.problems(mapping.operation.schema, _effective(mapping, body), mavibot_contract.load().resolve)
        )
    if found:
        raise InvalidParameters(action, found)
    return Request(mapping.operation, mapping.query, body)


def _mapping(action: str, places: Mapping[str, Place], fixed: Mapping[str, Constant] | None) -> _Mapping:
    known = mavibot_contract.load()
    operation = find_operation(action)
    if not _targets(operation):
        able = ", ".join(name for name in known.actions if _targets(known.operation(name)))
        raise InvalidParameters(
            action, [Problem("action", f"cannot be told where a payload holds its parameters; these can: {able}")]
        )
    if not places:
        some = next(iter(_targets(operation)))
        raise InvalidParameters(
            action, [Problem("", f'name at least one parameter and where it is found, such as {some}="my_key"')]
        )
    if fixed is not None and not isinstance(fixed, Mapping):
        raise InvalidParameters(action, [Problem("fixed", f"must be a mapping, got {type(fixed).__name__}")])
    paths = {target: _path(place) for target, place in places.items()}
    constants = {name: plain_value(value) for name, value in (fixed or {}).items()}
    found = [
        *chain.from_iterable(_wrong_place(operation, target, path) for target, path in paths.items()),
        *chain.from_iterable(_wrong_constant(operation, paths, name, value) for name, value in constants.items()),
    ]
    if found:
        raise InvalidParameters(action, found)
    query, moved = _query(operation, paths)
    return _Mapping(operation, paths, moved, {**query, **_texts(constants)}, constants)


def _path(place: Place) -> tuple[Any, ...]:
    """Return the keys of a place; they are checked afterwards."""
    if isinstance(place, str) or not isinstance(place, Iterable):
        return (place,)
    return tuple(place)


def _targets(operation: Operation) -> list[str]:
    """Return the parameters that an alias can fill."""
    return list(dict.fromkeys([*operation.value_parameters.values(), *operation.delimiter.values()]))


def _wrong_place(operation: Operation, target: str, path: tuple[Any, ...]) -> Iterator[Problem]:
    targets = _targets(operation)
    if target not in targets:
        near = [full for full in targets if full.endswith(f"_{target}")]
        hint = f"did you mean {near[0]!r}? " if near else ""
        advice = Advice.USE_FIXED if target in operation.schema["properties"] else None
        yield Problem(target, f"{hint}{operation.action} can look for {', '.join(targets)}", advice)
    elif not path or not all(isinstance(key, str) for key in path):
        yield Problem(target, "must be the name of a key or a list of such names; an index is written '0'")
    elif not all(path):
        yield Problem(target, "the name of a key must not be empty")
    elif not all(map(_check.is_text, path)):
        yield Problem(target, "the name of a key holds an unpaired surrogate, which no address can carry")
    elif path[0] in operation.aliases:
        yield Problem(target, f"{path[0]!r} is a word of the address itself, so no key can be found by this name")
    elif len(path) > 1 and target not in operation.delimiter.values():
        nested = ", ".join(name for name in targets if name in operation.delimiter.values())
        yield Problem(target, f"is found on the first level only; nested can be {nested or 'none'}")


def _wrong_constant(
    operation: Operation, paths: Mapping[str, tuple[str, ...]], name: str, value: Any
) -> Iterator[Problem]:
    field = f"fixed.{name}"
    declared = operation.schema["properties"]
    resolve = mavibot_contract.load().resolve
    if name in paths:
        yield Problem(field, "is also looked for in the payload; keep one of the two")
    elif any(path[0] == name for path in paths.values()):
        yield Problem(field, "is also the name of a key in which a parameter is looked for")
    elif name in operation.aliases:
        yield Problem(field, "is a word of the address itself; name the parameter that it stands for")
    elif not isinstance(value, str | int | float):
        yield Problem(field, "must be text, a number, or true or false: an address carries nothing else")
    elif name in declared:
        yield from _check.problems(declared[name], value, resolve, field)
    elif operation.free_variables:
        yield from _check.problems(_VARIABLES, {name: value}, resolve, "fixed")
    else:
        yield Problem(field, _check.unknown(name, declared))


def _query(operation: Operation, paths: Mapping[str, tuple[str, ...]]) -> tuple[dict[str, str], frozenset[str]]:
    """Return the aliases of a mapping, and the keys of the first level that they move."""
    by_name = {target: alias for alias, target in operation.value_parameters.items()}
    by_path = {target: alias for alias, target in operation.delimiter.items()}
    named = {target: path[0] for target, path in paths.items() if len(path) == 1 and target in by_name}
    query = {by_name[target]: key for target, key in named.items()}
    nested = {target: path for target, path in paths.items() if target not in named}
    if nested:
        delimiter = _delimiter(chain.from_iterable(nested.values()))
        query["delimiter"] = delimiter
        query |= {by_path[target]: delimiter.join(path) for target, path in nested.items()}
    return query, frozenset(named.values())


def _delimiter(keys: Iterable[str]) -> str:
    """Return a character that none of the keys contains."""
    used = set(chain.from_iterable(keys))
    others = (chr(code) for code in range(0x110000) if chr(code).isprintable() and not chr(code).isspace())
    return next(character for character in chain(_DELIMITERS, others) if character not in used)


def _texts(constants: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in constants.items()}


def _json_object(action: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy of a payload as the platform will read it."""
    if not isinstance(payload, Mapping):
        kind = type(payload).__name__
        raise InvalidParameters(action, [Problem("payload", f"must be an object as json.loads gives it, got {kind}")])
    try:
        text = json.dumps(dict(payload), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise InvalidParameters(action, [Problem("payload", f"cannot be sent as JSON: {error}")]) from error
    body: dict[str, Any] = json.loads(text)
    return body


def _clashes(mapping: _Mapping, body: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what would stand both in the address and in the payload; it is unknown which of them counts."""
    for name in body:
        if name in mapping.operation.aliases:
            yield Problem(f"payload.{name}", "is a word of the address itself; rename the key before you forward it")
        elif name in mapping.fixed:
            yield Problem(f"fixed.{name}", "is a key of the payload as well; take it out of one of the two")


def _dead_ends(mapping: _Mapping, body: Mapping[str, Any]) -> Iterator[Problem]:
    for target, path in mapping.paths.items():
        try:
            value = _value(body, path)
        except LookupError as error:
            yield Problem(target, error.args[0])
        else:
            if value is None or value == "":
                yield Problem(target, f"{_shown(path)} is {_kind(value)}")


def _effective(mapping: _Mapping, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters that result from the aliases, as the contract describes them."""
    operation = mapping.operation
    declared, required = operation.schema["properties"], operation.schema.get("required", ())
    kept = {name: value for name, value in body.items() if name not in mapping.moved}
    found = {target: _filled(declared[target], _value(body, path)) for target, path in mapping.paths.items()}
    return {
        name: value
        for name, value in {**mapping.fixed, **kept, **found}.items()
        # A nested value of a foreign payload is not a variable to check.
        if (name in declared or (operation.free_variables and not isinstance(value, dict | list)))
        # Forms send every field; the platform treats an empty one as absent.
        and (value not in (None, "") or name not in declared or name in required)
    }


def _filled(schema: Mapping[str, Any], value: Any) -> Any:
    """Return the value that an alias gives a parameter: a number is text where text is wanted (assumed)."""
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return str(value) if is_number and mavibot_contract.load().resolve(schema).get("type") == "string" else value


def _value(value: Any, path: tuple[str, ...]) -> Any:
    """Follow a path into a payload.

    Raises:
        LookupError: it leads nowhere; the message says where it ends and what is there.
    """
    for depth, key in enumerate(path):
        if isinstance(value, dict) and key in value:
            value = value[key]
        elif isinstance(value, list) and key in map(str, range(len(value))):
            value = value[int(key)]
        else:
            raise LookupError(f"{_shown(path[:depth])} {_instead(value, key)}")
    return value


def _instead(value: Any, key: str) -> str:
    match value:
        case dict() if value:
            near = get_close_matches(key, value, n=1)
            names = ", ".join(map(repr, list(value)[:_MOST_KEYS_SHOWN])) + (", …" * (len(value) > _MOST_KEYS_SHOWN))
            return f"has no key {key!r}" + (f"; did you mean {near[0]!r}?" if near else f", but {names}")
        case list() if value:
            return f"is a list; its indices are '0' to '{len(value) - 1}', not {key!r}"
        case _:
            return f"is {_kind(value)}, so there is no {key!r} in it"


def _kind(value: Any) -> str:
    match value:
        case None:
            return "null"
        case "":
            return "empty"
        case bool():
            return "true or false"
        case str():
            return "text"
        case int() | float():
            return "a number"
        case list():
            return "a list" if value else "an empty list"
        case _:
            return "an object" if value else "an empty object"


def _shown(path: Sequence[str]) -> str:
    return " → ".join(path) if path else "the payload"
