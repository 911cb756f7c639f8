"""Checks parameters against the contract's JSON Schema and says in plain words what is wrong.

The client needs no JSON Schema library for the few keywords that the contract uses; a test proves that this module
and a full validator agree on them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mavibot.errors import Problem

Schema = Mapping[str, Any]
Resolve = Callable[[Schema], Schema]

#: Keywords of JSON Schema that are checked here; the contract's requests use no others.
KEYWORDS = frozenset(
    (
        *("type", "enum", "const", "anyOf", "oneOf", "allOf", "not", "if", "then", "else"),
        *("required", "dependentRequired", "properties", "additionalProperties", "propertyNames"),
        *("minProperties", "maxProperties", "items", "minItems", "maxItems"),
        *("minLength", "maxLength", "pattern", "minimum", "maximum"),
    )
)

_CHOICES = frozenset(("enum", "const"))
_BRANCHES = frozenset(("anyOf", "oneOf", "allOf", "not", "if"))

_NAMES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


def problems(schema: Schema, value: Any, resolve: Resolve, field: str = "") -> Iterator[Problem]:
    """Yield everything in which a plain JSON value breaks a schema.

    Args:
        schema: JSON Schema of the contract.
        value: value made of `dict`, `list`, `str`, `int`, `float`, `bool` and `None`.
        resolve: follows the schema's `$ref`.
        field: path of the value, for the messages.
    """
    schema = resolve(schema)
    if "type" in schema and not _is_of(schema["type"], value):
        yield Problem(field, f"must be {_kinds(schema, resolve)}, got {_shown(value)}")
        return
    if not _CHOICES.isdisjoint(schema):
        yield from _values(schema, value, field)
    if not _BRANCHES.isdisjoint(schema):
        yield from _branches(schema, value, field, resolve)
    match value:
        case str():
            yield from _strings(schema, value, field)
        case dict():
            yield from _objects(schema, value, field, resolve)
        case list():
            yield from _lists(schema, value, field, resolve)
        case int() | float():
            yield from _numbers(schema, value, field)


def unsendable(value: Any, field: str = "") -> Iterator[Problem]:
    """Yield everything in a value that JSON cannot hold, wherever the schema lets anything pass."""
    match value:
        case dict():
            for name, item in value.items():
                if isinstance(name, str) and _is_text(name):
                    yield from unsendable(item, _path(field, name))
                else:
                    yield Problem(field, f"{_shown(name)} cannot be sent as a name")
        case list():
            for index, item in enumerate(value):
                yield from unsendable(item, f"{field}[{index}]")
        case str() if _is_text(value):
            return
        case None | bool():
            return
        case _ if not _is_number(value):
            yield Problem(field, f"{_shown(value)} cannot be sent as JSON")


def _holds(schema: Schema, value: Any, resolve: Resolve) -> bool:
    return next(problems(schema, value, resolve), None) is None


def _values(schema: Schema, value: Any, field: str) -> Iterator[Problem]:
    if "enum" in schema and not any(_equal(value, member) for member in schema["enum"]):
        allowed = ", ".join(map(str, schema["enum"]))
        yield Problem(field, f"must be one of {allowed}; got {_shown(value)}")
    if "const" in schema and not _equal(value, schema["const"]):
        yield Problem(field, f"must be {_shown(schema['const'])}, got {_shown(value)}")


def _branches(schema: Schema, value: Any, field: str, resolve: Resolve) -> Iterator[Problem]:
    for branch in schema.get("allOf", ()):
        yield from problems(branch, value, resolve, field)
    if "anyOf" in schema and not any(_holds(branch, value, resolve) for branch in schema["anyOf"]):
        yield from _no_branch(schema, schema["anyOf"], value, field, resolve)
    if "oneOf" in schema:
        matching = [branch for branch in schema["oneOf"] if _holds(branch, value, resolve)]
        if not matching:
            yield from _no_branch(schema, schema["oneOf"], value, field, resolve)
        elif len(matching) > 1:
            yield Problem(field, f"only one of {_alternatives(matching)} can be given")
    if "not" in schema and _holds(schema["not"], value, resolve):
        yield Problem(field, f"{_shown(value)} is not allowed here")
    if "if" in schema:
        branch = schema.get("then" if _holds(schema["if"], value, resolve) else "else", {})
        yield from problems(branch, value, resolve, field)


def _no_branch(schema: Schema, branches: list[Schema], value: Any, field: str, resolve: Resolve) -> Iterator[Problem]:
    """Explain why no alternative fits, by the one whose type does; the widest one comes last."""
    resolved = [resolve(branch) for branch in branches]
    if all(branch.keys() == {"required"} for branch in resolved):
        yield Problem(field, f"one of {_alternatives(resolved)} is required")
        return
    fitting = [branch for branch in resolved if "type" in branch and _is_of(branch["type"], value)]
    if fitting:
        yield from problems(_with_examples(schema, fitting[-1]), value, resolve, field)
    else:
        yield Problem(field, f"must be {_kinds({'anyOf': branches}, resolve)}, got {_shown(value)}")


def _with_examples(schema: Schema, branch: Schema) -> Schema:
    """Return a branch with those examples of the whole that are of its type, for the message."""
    fitting = [example for example in schema.get("examples", []) if _is_of(branch["type"], example)]
    numbers = [str(example) for example in schema.get("examples", []) if branch["type"] == "string"]
    shown = fitting or numbers
    return {"examples": shown, **branch} if shown else branch


def _alternatives(branches: list[Schema]) -> str:
    return ", ".join(" and ".join(branch["required"]) for branch in branches)


def _strings(schema: Schema, value: str, field: str) -> Iterator[Problem]:
    length = len(value)
    if length < schema.get("minLength", 0):
        few = f"must have at least {schema['minLength']} characters"
        yield Problem(field, few if value else "must not be empty")
    elif length > schema.get("maxLength", math.inf):
        yield Problem(field, f"at most {schema['maxLength']} characters, got {length}")
    elif "pattern" in schema and not re.search(_python_pattern(schema["pattern"]), value):
        example = f", such as {schema['examples'][0]!r}" if "examples" in schema else ""
        yield Problem(field, f"{_shown(value)} does not have the expected form{example}")


def _numbers(schema: Schema, value: float, field: str) -> Iterator[Problem]:
    if value < schema.get("minimum", -math.inf):
        yield Problem(field, f"at least {schema['minimum']}, got {value}")
    if value > schema.get("maximum", math.inf):
        yield Problem(field, f"at most {schema['maximum']}, got {value}")


def _python_pattern(pattern: str) -> str:
    # Python's `$` also matches before a final line break; JSON Schema's does not.
    return pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern


def _lists(schema: Schema, value: list[Any], field: str, resolve: Resolve) -> Iterator[Problem]:
    if len(value) < schema.get("minItems", 0):
        yield Problem(field, f"at least {_count(schema['minItems'], 'item')}, got {len(value)}")
    if len(value) > schema.get("maxItems", math.inf):
        yield Problem(field, f"at most {schema['maxItems']} items, got {len(value)}")
    if "items" in schema:
        for index, item in enumerate(value):
            yield from problems(schema["items"], item, resolve, f"{field}[{index}]")


def _objects(schema: Schema, value: dict[str, Any], field: str, resolve: Resolve) -> Iterator[Problem]:
    declared: Mapping[str, Schema] = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            yield Problem(_path(field, name), "is required")
    for name, needed in schema.get("dependentRequired", {}).items():
        for other in needed:
            if name in value and other not in value:
                yield Problem(_path(field, other), f"is required together with {name}")
    if len(value) < schema.get("minProperties", 0):
        yield Problem(field, f"at least {_count(schema['minProperties'], 'entry', 'entries')}, got {len(value)}")
    if len(value) > schema.get("maxProperties", math.inf):
        yield Problem(field, f"at most {schema['maxProperties']} entries, got {len(value)}")
    for name, item in value.items():
        if "propertyNames" in schema:
            for problem in problems(schema["propertyNames"], name, resolve):
                yield Problem(_path(field, name), f"its name: {problem.message}")
        if name in declared:
            yield from problems(declared[name], item, resolve, _path(field, name))
        elif (further := schema.get("additionalProperties", True)) is False:
            yield Problem(_path(field, name), unknown(name, declared))
        elif further is not True:
            yield from problems(further, item, resolve, _path(field, name))


def unknown(name: str, declared: Mapping[str, Any]) -> str:
    """Return what to say about a name that is not declared, with the declared name that was probably meant."""
    from difflib import get_close_matches  # noqa: PLC0415  (needed for a slip alone)

    longer = [candidate for candidate in declared if candidate.endswith(f"_{name}")]
    similar = longer or get_close_matches(name, declared, n=1)
    return f"is no parameter here; did you mean {similar[0]!r}?" if similar else "is no parameter here"


def _path(field: str, name: str) -> str:
    return f"{field}.{name}" if field else name


def _is_of(kinds: str | list[str], value: Any) -> bool:
    if isinstance(kinds, list):
        return any(_is_of(kind, value) for kind in kinds)
    match kinds:
        case "null":
            return value is None
        case "boolean":
            return isinstance(value, bool)
        case "string":
            return isinstance(value, str) and _is_text(value)
        case "array":
            return isinstance(value, list)
        case "object":
            return isinstance(value, dict) and all(isinstance(name, str) for name in value)
        case "integer":
            return _is_number(value) and value == int(value)
        case _:
            return _is_number(value)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number that is greater than all floats
        return False


def _is_text(value: str) -> bool:
    """Tell whether a string can be sent: half of a character pair, as broken text has it, cannot."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _equal(left: Any, right: Any) -> bool:
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _kinds(schema: Schema, resolve: Resolve) -> str:
    schema = resolve(schema)
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kinds(branch, resolve) for branch in schema["anyOf"]))
    kinds = schema.get("type", "object")
    return " or ".join(_NAMES[kind] for kind in ([kinds] if isinstance(kinds, str) else kinds))


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


def _shown(value: Any) -> str:
    try:
        shown = repr(value)
    except ValueError:  # Python refuses to print numbers of thousands of digits
        shown = "a number without end"
    return shown if len(shown) <= 60 else f"{shown[:60]}…"
