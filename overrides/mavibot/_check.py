"""Checks parameters against the contract's JSON Schema and says in plain words what is wrong.

The client needs no JSON Schema library for the few keywords that the contract uses; a test proves that this module
and a full validator agree on them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from mavibot.errors import Problem, shown
from mavibot_contract.words import Resolve, Schema, type_names

#: Where a value is: names and indexes, from the outside in.
Path = tuple[str | int, ...]
#: Returns every way in which a plain JSON value at a path breaks a schema.
Check = Callable[[Any, Path], Sequence[Problem]]

#: Keywords of JSON Schema that are checked here; the contract's requests use no others.
KEYWORDS: Final = frozenset(
    (
        *("type", "enum", "const", "anyOf", "oneOf", "allOf", "not", "if", "then", "else"),
        *("required", "dependentRequired", "properties", "additionalProperties", "propertyNames"),
        *("minProperties", "maxProperties", "items", "minItems", "maxItems"),
        *("minLength", "maxLength", "pattern", "minimum", "maximum"),
    )
)

_NONE: Final = ()
_NUMBERS: Final = (int, float)


def problems(schema: Schema, value: Any, resolve: Resolve, field: str = "") -> Iterator[Problem]:
    """Yield every way in which a plain JSON value breaks a schema.

    Args:
        schema: JSON Schema of the contract.
        value: value made of `dict`, `list`, `str`, `int`, `float`, `bool` and `None`.
        resolve: follows the schema's `$ref`.
        field: path of the value, for the messages.
    """
    yield from compiled(schema, resolve)(value, (field,) if field else ())


def compiled(schema: Schema, resolve: Resolve) -> Check:
    """Return the check of a schema; the keywords are read once, here.

    Args:
        schema: JSON Schema of the contract.
        resolve: follows the schema's `$ref`.
    """
    schema = resolve(schema)
    checks = [(kinds, make(schema, resolve)) for words, kinds, make in _GROUPS if not words.isdisjoint(schema)]
    is_of = _test_of(schema["type"]) if "type" in schema else None
    if is_of is None and not checks:
        return _accepted
    # Most schemas have one type and one group of keywords, which concerns it.
    only = checks[0][1] if len(checks) == 1 and checks[0][0] in (object, _KINDS.get(str(schema.get("type")))) else None
    if is_of is None and only is not None:
        return only

    def check(value: Any, path: Path) -> Sequence[Problem]:
        if is_of is not None and not is_of(value):
            return [_problem(path, _misfit(schema, value, resolve))]
        if only is not None:
            return only(value, path)
        found: Sequence[Problem] = _NONE
        for kinds, each in checks:
            if isinstance(value, kinds) and (more := each(value, path)):
                found = [*found, *more]
        return found

    return check


def leaves_open(schema: Schema, resolve: Resolve) -> bool:
    """Return True if a schema accepts values that JSON cannot hold; a value of a simple type is one that it can."""
    schema = resolve(schema)
    if "anyOf" in schema:
        return any(leaves_open(branch, resolve) for branch in schema["anyOf"])
    match schema.get("type"):
        case "array":
            return leaves_open(schema.get("items", {}), resolve)
        case "string" | "integer" | "number" | "boolean":
            return False
    return True


def unsendable(value: Any, path: Path = ()) -> Sequence[Problem]:
    """Return everything in a value that JSON cannot hold, wherever the schema lets anything pass."""
    if isinstance(value, dict):
        found: list[Problem] = []
        for name, item in value.items():
            if isinstance(name, str) and is_text(name):
                found += unsendable(item, (*path, name))
            else:
                found.append(_problem(path, f"{shown(name)} cannot be sent as a name"))
        return found
    if isinstance(value, list):
        return [problem for index, item in enumerate(value) for problem in unsendable(item, (*path, index))]
    if value is None or isinstance(value, bool) or (is_text(value) if isinstance(value, str) else _is_number(value)):
        return _NONE
    return [_problem(path, f"{shown(value)} cannot be sent as JSON")]


# --- any value


def _values(schema: Schema, _: Resolve) -> Check:
    members = schema.get("enum", [schema.get("const")])

    def check(value: Any, path: Path) -> Sequence[Problem]:
        if any(_equal(value, member) for member in members):
            return _NONE
        allowed = f"one of {', '.join(map(str, members))};" if "enum" in schema else f"{shown(schema['const'])},"
        return [_problem(path, f"must be {allowed} got {shown(value)}")]

    return check


def _all_of(schema: Schema, resolve: Resolve) -> Check:
    branches = [compiled(branch, resolve) for branch in schema["allOf"]]
    if len(branches) == 1:
        return branches[0]
    return lambda value, path: [problem for branch in branches for problem in branch(value, path)]


def _any_of(schema: Schema, resolve: Resolve) -> Check:
    branches = [compiled(branch, resolve) for branch in schema["anyOf"]]

    def check(value: Any, path: Path) -> Sequence[Problem]:
        for branch in branches:
            if not branch(value, path):
                return _NONE
        return _no_branch(schema, schema["anyOf"], value, path, resolve)

    return check


def _one_of(schema: Schema, resolve: Resolve) -> Check:
    branches = [compiled(branch, resolve) for branch in schema["oneOf"]]

    def check(value: Any, path: Path) -> Sequence[Problem]:
        matching = [own for own, branch in zip(schema["oneOf"], branches, strict=True) if not branch(value, path)]
        if not matching:
            return _no_branch(schema, schema["oneOf"], value, path, resolve)
        return [_problem(path, f"only one of {_alternatives(matching)} can be given")] if len(matching) > 1 else _NONE

    return check


def _not(schema: Schema, resolve: Resolve) -> Check:
    branch = compiled(schema["not"], resolve)
    return lambda value, path: _NONE if branch(value, path) else [_problem(path, f"{shown(value)} is not allowed here")]


def _if(schema: Schema, resolve: Resolve) -> Check:
    condition, then, otherwise = (compiled(schema.get(word, {}), resolve) for word in ("if", "then", "else"))
    return lambda value, path: (otherwise if condition(value, path) else then)(value, path)


def _no_branch(schema: Schema, branches: list[Schema], value: Any, path: Path, resolve: Resolve) -> Sequence[Problem]:
    """Explain why no alternative fits, by the one whose type does; the widest comes last."""
    resolved = [resolve(branch) for branch in branches]
    if all(branch.keys() == {"required"} for branch in resolved):
        return [_problem(path, f"one of {_alternatives(resolved)} is required")]
    fitting = [branch for branch in resolved if "type" in branch and _test_of(branch["type"])(value)]
    if fitting:
        return compiled(_with_examples(schema, fitting[-1]), resolve)(value, path)
    return [_problem(path, _misfit({"anyOf": branches}, value, resolve))]


def _with_examples(schema: Schema, branch: Schema) -> Schema:
    """Return a branch with the examples of the whole schema that have its type, for the message."""
    fitting = list(filter(_test_of(branch["type"]), schema.get("examples", [])))
    numbers = [str(example) for example in schema.get("examples", []) if branch["type"] == "string"]
    shown = fitting or numbers
    return {"examples": shown, **branch} if shown else branch


def _alternatives(branches: list[Schema]) -> str:
    return ", ".join(" and ".join(branch["required"]) for branch in branches)


# --- values of one type


def _strings(schema: Schema, _: Resolve) -> Check:
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    form = re.compile(_python_pattern(schema["pattern"])) if "pattern" in schema else None

    def check(value: str, path: Path) -> Sequence[Problem]:
        length = len(value)
        if length < least:
            return [_problem(path, f"must have at least {least} characters" if value else "must not be empty")]
        if length > most:
            return [_problem(path, f"at most {most} characters, got {length}")]
        if form is not None and not form.search(value):
            example = f", such as {schema['examples'][0]!r}" if "examples" in schema else ""
            return [_problem(path, f"{shown(value)} does not have the expected form{example}")]
        return _NONE

    return check


def _python_pattern(pattern: str) -> str:
    # Python's `$` also matches before a final line break; JSON Schema's does not.
    return pattern[:-1] + r"\Z" if pattern.endswith("$") else pattern


def _numbers(schema: Schema, _: Resolve) -> Check:
    least, most = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)

    def check(value: float, path: Path) -> Sequence[Problem]:
        if value < least:
            return [_problem(path, f"at least {least}, got {shown(value)}")]
        return [_problem(path, f"at most {most}, got {shown(value)}")] if value > most else _NONE

    return check


def _lists(schema: Schema, resolve: Resolve) -> Check:
    least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    of_item = compiled(schema.get("items", {}), resolve)

    def check(value: list[Any], path: Path) -> Sequence[Problem]:
        found = []
        if len(value) < least:
            found.append(_problem(path, f"at least {_count(least, 'item')}, got {len(value)}"))
        if len(value) > most:
            found.append(_problem(path, f"at most {most} items, got {len(value)}"))
        for index, item in enumerate(value):
            found += of_item(item, (*path, index))
        return found

    return check


def _objects(schema: Schema, resolve: Resolve) -> Check:
    least, most = schema.get("minProperties", 0), schema.get("maxProperties", math.inf)
    required, dependent = schema.get("required", ()), schema.get("dependentRequired", {})
    declared: Mapping[str, Schema] = schema.get("properties", {})
    of_name = compiled(schema.get("propertyNames", {}), resolve)
    of_further = _further(schema.get("additionalProperties", True), declared, resolve)
    has_rules_for_members = bool(declared) or of_name is not _accepted or of_further is not _accepted
    required_names = frozenset(required)
    # A call has few of the declared members, so the check of each is compiled when it is first needed.
    of_member: dict[str, Check] = {}

    def check(value: dict[str, Any], path: Path) -> Sequence[Problem]:
        found: list[Problem] = []
        if not value.keys() >= required_names:
            found += [_problem((*path, name), "is required") for name in required if name not in value]
        for name, needed in dependent.items():
            if name in value:
                missing = [other for other in needed if other not in value]
                found += [_problem((*path, other), f"is required together with {name}") for other in missing]
        if len(value) < least:
            found.append(_problem(path, f"at least {_count(least, 'entry', 'entries')}, got {len(value)}"))
        if len(value) > most:
            found.append(_problem(path, f"at most {most} entries, got {len(value)}"))
        for name, item in value.items() if has_rules_for_members else ():
            inner = (*path, name)
            if of_name is not _accepted and (misnamed := of_name(name, ())):
                found += [_problem(inner, f"its name: {problem.reason}") for problem in misnamed]
            if name in declared and name not in of_member:
                of_member[name] = compiled(declared[name], resolve)
            if more := of_member.get(name, of_further)(item, inner):
                found += more
        return found

    return check


def _further(rule: Schema | bool, declared: Mapping[str, Any], resolve: Resolve) -> Check:
    """Return the check of a member that is not declared."""
    if rule is False:
        return lambda _, path: [_problem(path, unknown(str(path[-1]), declared))]
    return compiled({} if rule is True else rule, resolve)


def unknown(name: str, declared: Mapping[str, Any]) -> str:
    """Return the message about an undeclared name, with the declared one that was probably meant."""
    meant = similar(name, declared)
    return f"is no parameter here; did you mean {meant!r}?" if meant else "is no parameter here"


def similar(name: str, declared: Mapping[str, Any], least: float = 0.6) -> str | None:
    """Return the declared name that was probably meant by another one.

    Args:
        name: the undeclared name.
        declared: the declared names.
        least: how similar they must be, from 0 to 1, if the one is not the end of the other.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only a typo needs it

    longer = [candidate for candidate in declared if candidate.endswith(f"_{name}")]
    return next(iter(longer or get_close_matches(str(name), declared, n=1, cutoff=least)), None)


def _problem(path: Path, message: str) -> Problem:
    field = ""
    for part in path:
        if isinstance(part, int):
            field += f"[{part}]"
        else:
            field += f".{part}" if field else part
    return Problem(field, message)


def _accepted(_value: Any, _path: Path) -> Sequence[Problem]:
    """Check nothing: the schema has no keywords that are checked."""
    return _NONE


def _test_of(kinds: str | list[str]) -> Callable[[Any], bool]:
    """Return a function that returns True if a value has one of the types."""
    if isinstance(kinds, str):
        return _TESTS[kinds]
    tests = [_TESTS[kind] for kind in kinds]
    return lambda value: any(test(value) for test in tests)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer that is greater than all floats
        return False


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def is_text(value: str) -> bool:
    """Return True if a string can be sent: an unpaired surrogate cannot."""
    if value.isascii():  # saves most texts the copy
        return True
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
    return type_names([kinds] if isinstance(kinds, str) else kinds)


def _misfit(schema: Schema, value: Any, resolve: Resolve) -> str:
    """Return the message about a value of a wrong type."""
    kinds = _kinds(schema, resolve)
    odd = [name for name in value if not isinstance(name, str)] if isinstance(value, dict) else []
    if odd and "object" in kinds:
        return f"must be an object whose names are text, got the name {shown(odd[0])}"
    return f"must be {kinds}, got {shown(value)}"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"


_TESTS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "null": lambda value: value is None,
    "boolean": lambda value: isinstance(value, bool),
    "string": lambda value: isinstance(value, str) and is_text(value),
    "array": lambda value: isinstance(value, list),
    "object": lambda value: isinstance(value, dict) and all(map(_is_string, value)),
    "integer": lambda value: _is_number(value) and (type(value) is int or value == int(value)),
    "number": _is_number,
}
# Types of value that a keyword can concern, by the type that a schema names.
_KINDS: Final[Mapping[str, Any]] = {
    "string": str,
    "integer": _NUMBERS,
    "number": _NUMBERS,
    "array": list,
    "object": dict,
}
# Keywords, the types of value that they concern, and what compiles their check.
_GROUPS: Final[Sequence[tuple[frozenset[str], Any, Callable[[Schema, Resolve], Check]]]] = (
    (frozenset(("enum", "const")), object, _values),
    (frozenset(("allOf",)), object, _all_of),
    (frozenset(("anyOf",)), object, _any_of),
    (frozenset(("oneOf",)), object, _one_of),
    (frozenset(("not",)), object, _not),
    (frozenset(("if",)), object, _if),
    (frozenset(("minLength", "maxLength", "pattern")), str, _strings),
    (frozenset(("minimum", "maximum")), _NUMBERS, _numbers),
    (frozenset(("items", "minItems", "maxItems")), list, _lists),
    (
        frozenset(
            (
                *("required", "dependentRequired", "properties", "additionalProperties", "propertyNames"),
                *("minProperties", "maxProperties"),
            )
        ),
        dict,
        _objects,
    ),
)
