"""Turns what was sent into the types of the contract where the meaning is plain, and says so."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from operator import is_
from typing import TYPE_CHECKING, Any, Final

import orjson

from mavibot_contract.words import type_names
from mavibot_mock.request.deviations import shortened
from mavibot_mock.request.forms import Texts
from mavibot_mock.request.json_text import load_json
from mavibot_mock.request.replies import invalid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from mavibot_contract import Contract, Operation, Schema
    from mavibot_mock.request.deviations import Deviations

#: Spellings of true and false that the contract does not have.
_NUMBERED: Final = frozenset({"1", "0"})
_BOOLEANS: Final = {"true": True, "false": False, "1": True, "0": False}
_NUMBERS: Final = frozenset({"integer", "number"})
#: The search for a similar name is slow, and a refusal shows no more than these.
_MOST_HINTS: Final = 5
_MOST_UNKNOWN: Final = 20
_LONGEST_NAME: Final = 60
#: What the name of a variable may begin with, and what Russian programs write in its place.
_SCOPES: Final = ("client", "project")
_TRANSLATED: Final = {"клиент": "client", "проект": "project"}
_PLACES_OF_TYPES: Final = ("anyOf", "oneOf", "allOf")
#: Values of these types, empty texts aside, are already what such a JSON type wants.
_FITTING: Final = {"string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)}


@dataclass(slots=True)
class Typed:
    """Parameters in the types of the contract.

    Attributes:
        parameters: those that the contract declares.
        variables: those that it does not declare, where the action saves them as variables.
        unknown: the first names that it does not declare, where they have no meaning.
    """

    parameters: dict[str, Any]
    variables: dict[str, Any]
    unknown: list[str]


class Coercer:
    """Gives the parameters of one action their types; what the contract says of it is looked up once."""

    def __init__(self, operation: Operation, contract: Contract) -> None:
        self._operation: Final = operation
        self._types: Final = {
            name: accepted_types(schema, contract) for name, schema in operation.schema["properties"].items()
        }
        self._required: Final = frozenset(operation.schema.get("required", []))
        # A list that wants items says nothing without any.
        self._filled: Final = {name for name, schema in operation.schema["properties"].items() if "minItems" in schema}
        self._fields: Final = {
            name: fields
            for name, schema in operation.schema["properties"].items()
            if (fields := _fields_of_items(schema, contract)) is not None
        }
        self._json_texts: Final = {
            name for name, schema in operation.schema["properties"].items() if contract.may_be_json_text(schema)
        }
        self._open: Final = _open_object(operation, contract)
        self._fitting: Final = {
            name: frozenset(kind for each in types for kind in _FITTING.get(each, ()))
            for name, types in self._types.items()
            if name not in self._json_texts
        }

    def has_nothing_to_do(self, sent: dict[str, Any]) -> bool:
        """Return True if each parameter is declared and has its type already."""
        fitting = self._fitting
        return all([type(value) in fitting.get(name, ()) for name, value in sent.items()])  # noqa: C419 - it is quicker

    def coerce(
        self,
        sent: dict[str, Any],
        deviations: Deviations,
        *,
        moved: Collection[str] = (),
        foreign: Collection[str] = (),
    ) -> Typed:
        """Sort the parameters that were sent and give each its type; an empty optional one counts as absent.

        Args:
            sent: values by name, after aliases; it is used up.
            deviations: what departs from the contract is added here.
            moved: names that an alias has filled; a number that it found is text where text is wanted (assumed).
            foreign: names that an alias looked into; they need not be parameters.

        Raises:
            RefusedError: what must be JSON text is not.
        """
        parameters: dict[str, Any] = {}
        unknown: list[str] = []
        is_free = self._operation.free_variables
        gathered = self._gathered(sent)
        for name, value in gathered.items():
            if type(value) in self._fitting.get(name, ()) and value != "":
                parameters[name] = value
                continue
            types = self._types.get(name)
            if types is None:
                if is_free:
                    gathered[name] = plain(value)  # they may be many, so none is copied
                else:
                    self._note_unknown(name, unknown, deviations, foreign)
                continue
            if name in moved and type(value) in (int, float) and types == {"string"}:
                parameters[name] = orjson.dumps(value).decode()
                continue
            if name in self._json_texts:
                value = _structure(name, value)  # noqa: PLW2901 - the value that the text stands for
            meant = _from_texts(value, types) if isinstance(value, Texts) else _from_json(value, types)
            if meant is None or meant == "" or (meant == [] and name in self._filled):
                if name not in self._required:
                    deviations.note(name, "empty", ", taken as absent", fix="leave it out")
                    continue
            elif isinstance(value, Texts):
                if type(meant) is bool and value.last in _NUMBERED:
                    deviations.note(name, f"sent as {value.last} instead of true or false")
                if value.earlier and "array" not in types:
                    times = f"sent {len(value.earlier) + 1} times"
                    deviations.note(name, times, "; the last one counts", fix="send it once")
            elif type(meant) is not type(value):
                _note_type(deviations, name, value, types)
            if name in self._fields and isinstance(meant, list):
                meant = _items(name, meant, self._fields[name], deviations)
            parameters[name] = meant
        if is_free:
            for name in self._types:
                gathered.pop(name, None)
        return Typed(parameters, gathered if is_free else {}, unknown)

    def _note_unknown(self, name: str, unknown: list[str], deviations: Deviations, foreign: Collection[str]) -> None:
        if name not in foreign:
            hint = self._hint(name) if len(unknown) < _MOST_HINTS else None
            outcome = f", ignored; {hint}" if hint else ", ignored"
            deviations.note(name, f"no parameter of {self._operation.action}", outcome, fix=hint or "leave it out")
        if len(unknown) < _MOST_UNKNOWN:
            unknown.append(name)

    def _gathered(self, sent: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters with those inside the object that the contract spreads over the query string."""
        name = self._open
        if name is None:
            return sent
        whole = sent.get(name)
        if isinstance(whole, dict) or (isinstance(whole, Texts) and isinstance(_json_text(whole.last), dict)):
            return sent
        inside = {key: plain(value) for key, value in sent.items() if key not in self._types or key == name}
        others = {key: value for key, value in sent.items() if key not in inside}
        return {**others, name: inside} if inside else others

    def _hint(self, name: str) -> str | None:
        """Return the parameter that a name is probably a typo of, or has the same words as."""
        words = sorted(name[:_LONGEST_NAME].split("_"))
        turned = (each for each in self._types if sorted(each.split("_")) == words)
        like = next(turned, None) or next(iter(get_close_matches(name[:_LONGEST_NAME], self._types, 1, 0.75)), None)
        return None if like is None else f"did you mean `{like}`?"


def note_misnamed_variables(names: Iterable[str], deviations: Deviations) -> None:
    """Note names of variables whose prefix is probably a typo of `client.` or `project.`.

    Args:
        names: names that are to be saved.
        deviations: what is probably a typo is added here.
    """
    meant: dict[str, str | None] = {}
    for name in names:
        scope, dot, rest = name[:_LONGEST_NAME].partition(".")
        if not dot or not rest or scope in _SCOPES:
            continue
        if scope not in meant and len(meant) < _MOST_HINTS:
            written = _TRANSLATED.get(scope.lower(), scope.lower())
            meant[scope] = next(iter(get_close_matches(written, _SCOPES, n=1, cutoff=0.75)), None)
        if like := meant.get(scope):
            hint = f"did you mean `{like}.{rest}`?"
            deviations.note(name, "no prefix of a variable", f", saved in the deal under this name; {hint}", fix=hint)


def defaults(operation: Operation, contract: Contract) -> dict[str, Any]:
    """Return the defaults that the contract states, by parameter."""
    schemas = {name: contract.resolve(schema) for name, schema in operation.schema["properties"].items()}
    return {name: schema["default"] for name, schema in schemas.items() if "default" in schema}


def plain(value: Any) -> Any:
    """Return a value of unknown type as it was sent: a JSON value, one text, or a list of texts."""
    if not isinstance(value, Texts):
        return value
    return value.values if value.bracketed else value.last


def accepted_types(schema: Schema, contract: Contract) -> frozenset[str]:
    """Return the JSON types that a schema accepts, through references and alternatives."""
    schema = contract.resolve(schema)
    stated = schema.get("type", [])
    types = {stated} if isinstance(stated, str) else set(stated)
    for place in _PLACES_OF_TYPES:
        for part in schema.get(place, []):
            types |= accepted_types(part, contract)
    return frozenset(types)


def _open_object(operation: Operation, contract: Contract) -> str | None:
    """Return the parameter whose fields are query parameters of their own, under any name."""
    for parameter in contract.document["paths"][f"/{operation.action}"].get("get", {}).get("parameters", []):
        resolved = contract.resolve(parameter)
        if resolved.get("explode") and contract.resolve(resolved["schema"]).get("type") == "object":
            name: str = resolved["name"]
            # The object that holds the free variables of a GET twin is not one of its parameters.
            return name if name in operation.schema["properties"] else None
    return None


def _fields_of_items(schema: Schema, contract: Contract) -> dict[str, frozenset[str]] | None:
    """Return the types of the fields of a list's items, where they are objects with declared fields."""
    fields = contract.resolve(contract.resolve(schema).get("items", {})).get("properties")
    return None if fields is None else {field: accepted_types(each, contract) for field, each in fields.items()}


def _items(name: str, items: list[Any], types: Mapping[str, frozenset[str]], deviations: Deviations) -> list[Any]:
    """Return a list of objects with each field in its type, without undeclared fields."""
    return [
        _item(name, index, item, types, deviations) if isinstance(item, dict) else item
        for index, item in enumerate(items)
    ]


def _item(
    name: str, index: int, item: dict[str, Any], types: Mapping[str, frozenset[str]], deviations: Deviations
) -> dict[str, Any]:
    typed = {}
    for field_name, value in item.items():
        if field_name not in types:
            place = f"{name}[{index}].{field_name}"
            deviations.note(place, "no field of an item", ", ignored", fix="leave it out")
            continue
        meant = typed[field_name] = _from_json(value, types[field_name])
        if type(meant) is not type(value):
            _note_type(deviations, f"{name}[{index}].{field_name}", value, types[field_name])
    return item if len(typed) == len(item) and all(map(is_, typed.values(), item.values())) else typed


def _note_type(deviations: Deviations, place: str, value: Any, types: frozenset[str]) -> None:
    sent = "text" if isinstance(value, str) else "a number"
    deviations.note(place, f"sent as {sent} instead of {type_names(types)}")


def _from_json(value: Any, types: frozenset[str]) -> Any:
    if isinstance(value, str):
        return _scalar(value, types)
    # Python counts true as 1; what is true or false already must stay as it is.
    if type(value) is int and value in (0, 1) and "boolean" in types and not types & _NUMBERS:
        return bool(value)
    return value


def _from_texts(texts: Texts, types: frozenset[str]) -> Any:
    if "array" in types and (texts.bracketed or texts.earlier):
        return texts.values
    text = texts.last
    if types & {"array", "object"} and text[:1] in ("[", "{"):
        return _json_text(text)
    if types == {"array"} and text:
        return [text]
    return _scalar(text, types)


def _scalar(text: str, types: frozenset[str]) -> Any:
    if "string" in types:
        return text
    if "boolean" in types and text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if types & _NUMBERS:
        number = _json_text(text)
        return number if type(number) in (int, float) else text
    return text


def _structure(name: str, value: Any) -> Any:
    """Return the list or object that a JSON text holds, or another value as it is.

    Raises:
        RefusedError: the text holds neither.
    """
    is_one = isinstance(value, Texts) and not value.earlier and not value.bracketed
    text = value.last if is_one else value
    if not isinstance(text, str) or not text:
        return value
    found = _json_text(text)
    if not isinstance(found, list | dict):
        raise invalid(f"{name}: must be a list or an object as JSON text, got '{shortened(text)}'")
    return found


def _json_text(text: str) -> Any:
    try:
        return load_json(text)
    except ValueError:
        return text
