"""How one JSON Schema differs from another: what it takes no more, what it takes now, and what it says otherwise.

Where two keywords differ in a way whose direction nothing here can tell, such as two patterns, both directions are
reported. A keyword that nothing here knows is a change over which a program may fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from mavibot_contract.essence import ANNOTATIONS, EVIDENCE, essence, inlined
from mavibot_contract.words import Resolve, Schema, as_json, words

__all__ = ["HARMLESS", "Difference", "Kind", "Schemas", "keyword"]

_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
#: A value must fit what stands there; nothing here reads it.
_RULES: Final = (
    *("pattern", "format", "multipleOf", "uniqueItems", "not", "if", "then", "else", "propertyNames", "contains"),
    *("contentMediaType", "contentEncoding", "contentSchema", "patternProperties", "oneOf"),
)
#: Keywords over which no program fails, however they change.
HARMLESS: Final = frozenset({"deprecated"})
#: Characters of two values that stand in a text.
_LONGEST: Final = 200
_ENUM: Final = ("enum", "const", "x-enum-varnames")
_READ: Final = {
    *(*_LOWER, *_UPPER, *_RULES, *_ENUM, *ANNOTATIONS, EVIDENCE),
    *("$ref", "type", "nullable", "anyOf", "allOf", "dependentRequired", "default"),
    *("properties", "required", "additionalProperties", "items"),
}


class Kind(StrEnum):
    """What happened to a part of the contract."""

    ADDED = "added"
    REMOVED = "removed"
    NARROWED = "narrowed"
    WIDENED = "widened"
    CHANGED = "changed"
    EVIDENCE = "evidence changed"
    WORDING = "wording changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two schemas.

    Attributes:
        kind: what happened.
        place: where, from the value that the schemas describe, such as `clients[].name`; empty for the value itself.
        text: what differs, in words.
        matters: whether a program that works with the old schema may fail with the new one; of what is narrowed,
            widened, added or removed this is not known here: it depends on who sends the value.
    """

    kind: Kind
    place: str
    text: str
    matters: bool = False


class Schemas:
    """Compares the schemas of two documents."""

    def __init__(self, old: Resolve, new: Resolve) -> None:
        """Take what follows a `$ref` in each of the documents."""
        self._old: Final = _whole(old)
        self._new: Final = _whole(new)
        self._open: Final[set[tuple[str | int, str | int]]] = set()

    def differences(self, old: Schema, new: Schema, place: str = "") -> Iterator[Difference]:
        """Yield how a schema differs from an older one.

        Args:
            old: schema of the older document.
            new: schema of the newer one.
            place: name of the value that they describe.
        """
        old, new = _written(old), _written(new)
        pair = (_identity(old), _identity(new))
        if pair in self._open:  # an object that holds others of its kind
            return
        self._open.add(pair)
        yield from self._values(self._old(old), self._new(new), place)
        self._open.discard(pair)

    def _values(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        yield from self._keywords(old, new, place)
        olds, news = list(_shapes(old, self._old)), list(_shapes(new, self._new))
        pairs, gone, come = _pairs(olds, news)
        for one, other in pairs:
            if _is_choice(old) and _is_choice(new):
                yield from self._keywords(one, other, place)
            if _known_values_only(one, olds) and _known_values_only(other, news):
                yield from _known(one, other, place)
            else:
                yield from self._shape(one, other, place)
        if gone:
            yield Difference(Kind.NARROWED, place, f"no longer {_words(gone, self._old)}")
        if come:
            yield Difference(Kind.WIDENED, place, f"now {_words(come, self._new)} too")

    def _shape(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        """Yield how a schema differs from another one that describes a value of the same type."""
        kinds = _type(old), _type(new)
        if kinds == ("integer", "number"):
            yield Difference(Kind.WIDENED, place, "any number, not only a whole one")
        elif kinds == ("number", "integer"):
            yield Difference(Kind.NARROWED, place, "a whole number only")
        elif kinds[0] is None and kinds[1]:
            yield Difference(Kind.NARROWED, place, f"{words(new, self._new)} only, not any value")
        elif kinds[0] and kinds[1] is None:
            yield Difference(Kind.WIDENED, place, f"any value, not {words(old, self._old)} only")
        yield from _enum(old, new, place)
        yield from _limits(old, new, place)
        yield from self._rules(old, new, place)
        yield from self._fields(old, new, place)
        yield from self._others(old, new, place)
        if "items" in old or "items" in new:
            yield from self.differences(old.get("items", {}), new.get("items", {}), f"{place}[]")

    def _fields(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        before, after = (
            {name: _written(each) for name, each in schema.get("properties", {}).items()} for schema in (old, new)
        )
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        for name in dict.fromkeys([*before, *after, *sorted(needed | needs)]):
            where = f"{place}.{name}" if place else name
            if name not in before and name in after:
                yield Difference(Kind.ADDED, where, words(after[name], self._new))
            elif name in before and name not in after:
                yield Difference(Kind.REMOVED, where, words(before[name], self._old))
            elif name in before:
                yield from self.differences(before[name], after[name], where)
            if name in needs - needed:
                yield Difference(Kind.NARROWED, where, "required")
            elif name in needed - needs and (name in after or name not in before):
                yield Difference(Kind.WIDENED, where, "no longer required")

    def _others(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        """Yield how the fields differ that an object may have beside those that it names."""
        if "additionalProperties" not in old and "additionalProperties" not in new:
            return
        before, after = (_rest(schema) for schema in (old, new))
        where = f"{place}.*" if place else "*"
        if before is not None and after is not None:
            yield from self.differences(before, after, where)
        elif after is None and before is not None:
            yield Difference(Kind.NARROWED, where, "no other fields")
        elif before is None and after is not None:
            yield Difference(Kind.WIDENED, where, "other fields too")

    def _rules(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        """Yield how the keywords differ that only a validator reads."""
        for key in _RULES:
            if self._essences(key, old, new):
                text = keyword(key, old.get(key), new.get(key))
                if key in new:
                    yield Difference(Kind.NARROWED, place, text)
                if key in old:
                    yield Difference(Kind.WIDENED, place, text)
        yield from self._conditions(old, new, place)

    def _conditions(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        """Yield how the conditions differ that join several fields."""
        before, after = (
            {as_json(essence(inlined(each, resolve))): each for each in _joint(schema)}
            for schema, resolve in ((old, self._old), (new, self._new))
        )
        gone = [before[each] for each in before if each not in after]
        come = [after[each] for each in after if each not in before]
        if len(gone) == len(come) == 1 and gone[0].keys() == come[0].keys() == {"anyOf"}:
            had, has = gone[0]["anyOf"], come[0]["anyOf"]
            text = f"{_condition(come[0])}, no longer {_condition(gone[0])}"
            narrowed, widened = any(each not in has for each in had), any(each not in had for each in has)
            if narrowed or not widened:
                yield Difference(Kind.NARROWED, place, text)
            if widened or not narrowed:
                yield Difference(Kind.WIDENED, place, text)
            return
        yield from (Difference(Kind.NARROWED, place, _condition(each)) for each in come)
        yield from (Difference(Kind.WIDENED, place, f"no longer {_condition(each)}") for each in gone)

    def _keywords(self, old: Schema, new: Schema, place: str) -> Iterator[Difference]:
        """Yield how the keywords differ that restrict no value, or that nothing here knows."""
        if old.get(EVIDENCE) != new.get(EVIDENCE):
            yield Difference(Kind.EVIDENCE, place, f"{old.get(EVIDENCE)} became {new.get(EVIDENCE)}")
        if texts := [key for key in sorted(ANNOTATIONS) if old.get(key) != new.get(key)]:
            yield Difference(Kind.WORDING, place, ", ".join(texts))
        if old.get("default") != new.get("default"):
            text = keyword("default", old.get("default"), new.get("default"))
            yield Difference(Kind.CHANGED, place, text, matters="default" in old)
        for key in sorted({*old, *new} - _READ):
            if self._essences(key, old, new):
                text = keyword(key, old.get(key), new.get(key))
                yield Difference(Kind.CHANGED, place, text, matters=key not in HARMLESS)
            elif old.get(key) != new.get(key):
                yield Difference(Kind.WORDING, place, key)

    def _essences(self, key: str, old: Schema, new: Schema) -> bool:
        """Return True if the values of a keyword differ by more than what only people read."""
        before, after = (
            essence({key: inlined(schema[key], resolve)} if key in schema else {})
            for schema, resolve in ((old, self._old), (new, self._new))
        )
        return bool(before != after)


def _whole(resolve: Resolve) -> Resolve:
    """Return what follows a `$ref`, and the one that an `allOf` of nothing else holds, as OpenAPI 3.0 writes it."""

    def follow(schema: Schema) -> Schema:
        schema = resolve(schema)
        match schema:
            case {"allOf": [{"$ref": _} as base]}:
                return {**follow(base), **{key: value for key, value in schema.items() if key != "allOf"}}
        return schema

    return follow


def _written(schema: Schema | bool) -> Schema:
    """Return a schema that says in keywords what `true` and `false` say."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    return schema


def _identity(schema: Schema) -> str | int:
    """Return what is the same whenever a schema is met again."""
    return str(schema["$ref"]) if schema.keys() == {"$ref"} else id(schema)


def _shapes(schema: Schema, resolve: Resolve, within: tuple[str, ...] = ()) -> Iterator[Schema]:
    """Yield the alternatives of a schema, each of at most one type, without what only describes.

    Raises:
        ValueError: the schema is an alternative of itself.
    """
    schema = resolve(schema)
    if schema.get("nullable") is True:
        yield {"type": "null"}
    schema = {key: value for key, value in schema.items() if key != "nullable"}
    if _is_choice(schema):
        unshared = {"anyOf", "default", *ANNOTATIONS}
        common = {key: value for key, value in schema.items() if key not in unshared and not key.startswith("x-")}
        for each in schema["anyOf"]:
            reference = each.get("$ref", "")
            if reference in within:
                raise ValueError(f"the reference {reference} leads back to itself")
            yield from _shapes({**common, **resolve(each)}, resolve, (*within, reference) if reference else within)
    elif isinstance(schema.get("type"), list):
        yield from ({**schema, "type": kind} for kind in schema["type"])
    else:
        yield schema


def _is_choice(schema: Schema) -> bool:
    """Return True if the alternatives of a schema are values, not conditions on what an object holds."""
    return "anyOf" in schema and not all(each.keys() <= {"required"} for each in schema["anyOf"])


def _pairs(
    olds: Sequence[Schema], news: Sequence[Schema]
) -> tuple[list[tuple[Schema, Schema]], list[Schema], list[Schema]]:
    """Return the alternatives of both sides that belong together, and those of either that stand alone."""
    left, right = list(olds), list(news)
    pairs: list[tuple[Schema, Schema]] = []
    for match in _MATCHES:
        for one in list(left):
            other = next((each for each in right if match(one, each)), None)
            if other is not None:
                pairs.append((one, other))
                left = [each for each in left if each is not one]
                right = [each for each in right if each is not other]
    if len(left) == len(right) == 1 and None in {_type(left[0]), _type(right[0])}:
        pairs.append((left.pop(), right.pop()))
    return pairs, left, right


def _same_kind(one: Schema, other: Schema) -> bool:
    return _type(one) == _type(other) and ("enum" in one) == ("enum" in other)


#: What makes two alternatives counterparts, the surest first.
_MATCHES: Final[Sequence[Callable[[Schema, Schema], bool]]] = (
    lambda one, other: one == other,
    lambda one, other: _same_kind(one, other) and one.get("title") == other.get("title"),
    _same_kind,
    lambda one, other: _type(one) == _type(other),
    lambda one, other: {_type(one), _type(other)} == {"integer", "number"},
)


def _known_values_only(shape: Schema, shapes: Iterable[Schema]) -> bool:
    """Return True if a schema only lists known values of what another alternative takes anyway."""
    return "enum" in shape and any(
        each is not shape and _type(each) == _type(shape) and not each.keys() & {"enum", "const"} for each in shapes
    )


def _known(old: Schema, new: Schema, place: str) -> Iterator[Difference]:
    before, after = _values(old) or {}, _values(new) or {}
    if come := [after[value] for value in after if value not in before]:
        yield Difference(Kind.ADDED, place, f"the known value {', '.join(come)}")
    if gone := [before[value] for value in before if value not in after]:
        yield Difference(Kind.CHANGED, place, f"no longer known: {', '.join(gone)}", matters=True)
    yield from _renamed(before, after, place)


def _enum(old: Schema, new: Schema, place: str) -> Iterator[Difference]:
    before, after = _values(old), _values(new)
    if before is None and after is None:
        return
    if before is None or after is None:
        kind = Kind.NARROWED if before is None else Kind.WIDENED
        text = f"only {', '.join((after or {}).values())}" if before is None else "no longer a list of values"
        yield Difference(kind, place, text)
        return
    if gone := [before[value] for value in before if value not in after]:
        yield Difference(Kind.NARROWED, place, f"no longer {', '.join(gone)}")
    if come := [after[value] for value in after if value not in before]:
        yield Difference(Kind.WIDENED, place, f"now {', '.join(come)} too")
    yield from _renamed(before, after, place)


def _renamed(before: Mapping[str, str], after: Mapping[str, str], place: str) -> Iterator[Difference]:
    for value in before:
        if value in after and before[value] != after[value]:
            text = f"{before[value]} is now named {after[value]}"
            yield Difference(Kind.CHANGED, place, text, matters=True)


def _values(schema: Schema) -> dict[str, str] | None:
    """Return the values that a schema lists, as JSON, with the text that names each; `None` if it lists none."""
    if "const" in schema:
        return {as_json(schema["const"]): as_json(schema["const"])}
    if "enum" not in schema:
        return None
    names = schema.get("x-enum-varnames", [""] * len(schema["enum"]))
    return {
        as_json(value): f"{as_json(value)} {name}".rstrip()
        for value, name in zip(schema["enum"], [*names, *[""] * len(schema["enum"])], strict=False)
    }


def _limits(old: Schema, new: Schema, place: str) -> Iterator[Difference]:
    for keys, sign in ((_LOWER, -1), (_UPPER, 1)):
        for key in keys:
            before, after = (_limit(schema.get(key), sign) for schema in (old, new))
            if before != after:
                kind = Kind.NARROWED if after < before else Kind.WIDENED
                yield Difference(kind, place, keyword(key, old.get(key), new.get(key)))


def _limit(value: Any, sign: int) -> float:
    """Return a limit as a number that is the less, the less it lets through; OpenAPI 3.0 has limits that are flags."""
    if isinstance(value, bool):
        return 0 if value else float("inf")
    return float("inf") if value is None else sign * value


def _joint(schema: Schema) -> list[Schema]:
    """Return the conditions of a schema, each as a schema of its own."""
    found = [*schema.get("allOf", ())]
    if "anyOf" in schema and not _is_choice(schema):
        found.append({"anyOf": schema["anyOf"]})
    found += [
        {"dependentRequired": {name: [each]}}
        for name, needed in schema.get("dependentRequired", {}).items()
        for each in needed
    ]
    return found


def _condition(schema: Schema) -> str:
    match schema:
        case {"anyOf": branches} if all("required" in branch for branch in branches):
            return f"at least one of {', '.join(' and '.join(branch['required']) for branch in branches)}"
        case {"oneOf": branches} if all("required" in branch for branch in branches):
            return f"exactly one of {', '.join(' and '.join(branch['required']) for branch in branches)}"
        case {"dependentRequired": needed}:
            return ", ".join(f"{name} needs {' and '.join(others)}" for name, others in needed.items())
    return f"the condition {as_json(schema)}"


def keyword(key: str, before: Any, after: Any) -> str:
    """Return in words how the value of a keyword differs; `None` is one that does not stand."""
    was, now = as_json(before), as_json(after)
    if before is not None and after is not None:
        return f"{key} {now}, was {was}" if len(was) + len(now) <= _LONGEST else f"{key} is another"
    if after is None:
        return f"no {key}, was {was}" if len(was) <= _LONGEST else f"no {key}"
    return f"{key} {now}" if len(now) <= _LONGEST else f"{key} is new"


def _type(schema: Schema) -> str | None:
    """Return the JSON type of a schema of one type, which its values or fields may state; `None` for any value."""
    if "type" in schema:
        return str(schema["type"])
    if "properties" in schema:
        return "object"
    listed = schema.get("enum", [schema["const"]] if "const" in schema else [])
    kinds = {_NAMES.get(type(value)) for value in listed}
    return kinds.pop() if len(kinds) == 1 else None


_NAMES: Final = {str: "string", bool: "boolean", int: "integer", float: "number", type(None): "null"}


def _rest(schema: Schema) -> Schema | None:
    """Return the schema of the fields that an object does not name; `None` if it has no others."""
    others = schema.get("additionalProperties", True)
    if others is False:
        return None
    return others if isinstance(others, Mapping) else {}


def _words(shapes: Sequence[Schema], resolve: Resolve) -> str:
    named = (
        shape["title"] if "properties" in shape and "title" in shape else words(shape, resolve) for shape in shapes
    )
    return " or ".join(dict.fromkeys(named))
