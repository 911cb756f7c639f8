"""Checks parameters against the contract; a refusal names the field and the fix."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from operator import is_not
from typing import TYPE_CHECKING, Any, Final

from jsonschema_rs import Draft202012Validator, ValidationError, ValidationErrorKind

from mavibot_contract.words import type_names
from mavibot_mock.request.replies import invalid

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from mavibot_contract import Contract, Schema

#: A list with a thousand bad items needs no thousand sentences.
_MOST_PROBLEMS: Final = 5
#: The validator explains all that is wrong, at some 7 KB a problem; of more values than these only the first is.
_MOST_VALUES: Final = 200
#: The search for a similar name is slow.
_MOST_NAMES: Final = 20
_LONGEST_VALUE: Final = 60
_LONGEST_NOTE: Final = 200
_NoneOf = ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid
_TYPES: Final[Mapping[type, str]] = {dict: "object", list: "array"}
#: The one frequent mistake that similarity of names does not reveal.
_SYNONYMS: Final = {"text": "message"}


class Validator:
    """Checks values against one schema of the contract."""

    def __init__(self, schema: Schema, contract: Contract, *, whole: str = "body") -> None:
        """Prepare a validator.

        Args:
            schema: the schema.
            contract: resolves its references.
            whole: what a refusal calls the value itself.
        """
        self._contract: Final = contract
        self._schema: Final = schema
        self._whole: Final = whole
        self._compiled: Final = Draft202012Validator(contract.standalone(schema))

    def fits(self, parameters: Mapping[str, Any]) -> bool:
        """Return True if parameters are right."""
        return self._compiled.is_valid(parameters)

    def check(
        self, parameters: Mapping[str, Any], others: Collection[str] = (), unresolved: Collection[str] = ()
    ) -> None:
        """Check parameters; the arguments are those of `problem`.

        Raises:
            RefusedError: they are wrong; the message says what and where.
        """
        problem = self.problem(parameters, others, unresolved)
        if problem is not None:
            raise invalid(problem)

    def problem(
        self, parameters: Mapping[str, Any], others: Collection[str] = (), unresolved: Collection[str] = ()
    ) -> str | None:
        """Return what is wrong with parameters and where, or `None` if they are right.

        Args:
            parameters: values by name.
            others: undeclared names that were sent beside them, for hints at the right name.
            unresolved: notes on aliases that lead nowhere, added where a parameter is missing.
        """
        if self.fits(parameters):
            return None
        errors = self._errors(parameters)
        problems = [self._explain(error, parameters, others) for error in errors]
        if any(_is_missing(error) for error in errors):
            problems.extend(text[:_LONGEST_NOTE] for text in unresolved)
        return "; ".join(dict.fromkeys(problems))

    def _errors(self, parameters: Mapping[str, Any]) -> list[ValidationError]:
        """Return the first errors of parameters that are wrong."""
        if _has_few_values(parameters):
            return list(islice(self._compiled.iter_errors(parameters), _MOST_PROBLEMS))
        settled = self._settled(parameters)
        for narrowed in (_narrowed(parameters, self._declared), parameters):
            try:
                settled.validate(narrowed)
            except ValidationError as error:
                return [error]
        return []

    @cached_property
    def _declared(self) -> frozenset[str]:
        """The names of all fields that the schema declares anywhere."""
        return frozenset(_declared(self._contract.standalone(self._schema)))

    def _settled(self, parameters: Mapping[str, Any]) -> Draft202012Validator:
        """Return a validator for which each parameter has the one type that was sent.

        Where a list fits none of several alternatives, the validator would explain each of its items by each of them.
        """
        properties = self._contract.resolve(self._schema).get("properties", {})
        meant = {
            name: alternative
            for name, schema in properties.items()
            if isinstance(parameters.get(name), dict | list)
            for alternative in self._contract.resolve(schema).get("anyOf", ())
            if self._contract.resolve(alternative).get("type") == _TYPES[type(parameters[name])]
        }
        if not meant:
            return self._compiled
        schema = {**self._contract.resolve(self._schema), "properties": {**properties, **meant}}
        return Draft202012Validator(self._contract.standalone(schema))

    def _explain(self, error: ValidationError, parameters: Mapping[str, Any], others: Iterable[str]) -> str:
        kind = error.kind
        if isinstance(kind, ValidationErrorKind.Required) and not error.instance_path:
            return self._explain_required(kind.property, parameters, others)
        if isinstance(kind, _NoneOf) and not error.instance_path:
            names = _alternatives(kind)
            return f"one of {', '.join(names)} is required{_hint(names, others)}"
        if isinstance(kind, ValidationErrorKind.OneOfMultipleValid) and not error.instance_path:
            return f"only one of {', '.join(self._given_alternatives(error, parameters))} can be given"
        meant = _meant(error)
        return f"{_place(meant) or self._whole}: {self._problem(meant)}"

    def _given_alternatives(self, error: ValidationError, parameters: Mapping[str, Any]) -> list[str]:
        """Return the parameters that were given although they exclude each other."""
        branches: Any = self._schema
        for part in error.schema_path:
            branches = branches[part]
        return [name for branch in branches for name in branch["required"] if name in parameters]

    def _explain_required(self, name: str, parameters: Mapping[str, Any], others: Iterable[str]) -> str:
        together = self._schema.get("dependentRequired", {})
        for trigger, needed in together.items():
            if trigger in parameters and name in needed:
                return f"{name} is required together with {trigger}"
        return f"{name}: is required{_hint([name], others)}"

    def _problem(self, error: ValidationError) -> str:
        got = _shown(error.instance)
        match error.kind:
            case ValidationErrorKind.AnyOf(context):
                return f"must be {type_names(_types(context))}, got {got}"
            case ValidationErrorKind.Required(name):
                return f"`{name}` is required"
            case ValidationErrorKind.Type(types):
                return f"must be {type_names(frozenset(types))}, got {got}"
            case ValidationErrorKind.Enum(options):
                return f"must be one of {', '.join(str(option) for option in options)}; got {got}"
            case ValidationErrorKind.Maximum(limit):
                return f"at most {limit}, got {got}"
            case ValidationErrorKind.Minimum(limit):
                return f"at least {limit}, got {got}"
            case ValidationErrorKind.MaxItems(limit):
                return f"at most {limit} items, got {_length(error.instance)}"
            case ValidationErrorKind.MinItems(limit):
                return f"at least {limit} items, got {_length(error.instance)}"
            case ValidationErrorKind.MaxLength(limit):
                return f"at most {limit} characters, got {_length(error.instance)}"
            case ValidationErrorKind.MinLength(limit):
                return "must not be empty" if limit == 1 else f"at least {limit} characters, got {got}"
            case ValidationErrorKind.Pattern(pattern):
                return f"must look like {self._example(error, pattern)}, got {got}"
            case ValidationErrorKind.Constant(value):
                return f"must be {_shown(value)} here, got {got}"
            case ValidationErrorKind.Not({"const": value}):
                return f"must not be {_shown(value)} here"
            case ValidationErrorKind.AdditionalProperties(names):
                shown = ", ".join(f"`{name[:_LONGEST_VALUE]}`" for name in names[:_MOST_PROBLEMS])
                return f"has no field {shown}" + (" …" if len(names) > _MOST_PROBLEMS else "")
            case ValidationErrorKind.PropertyNames(inner):
                return f"name {_shown(inner.instance)}: {self._problem(inner)}"
            case _:
                return error.message[: 2 * _LONGEST_VALUE]

    def _example(self, error: ValidationError, pattern: str) -> str:
        """Return the contract's example for the value that is wrong, or the pattern where it has none."""
        schema: Schema = self._schema
        for part in error.instance_path:
            schema = self._contract.resolve(schema)
            schema = schema.get("items", {}) if isinstance(part, int) else schema.get("properties", {}).get(part, {})
        examples = self._contract.resolve(schema).get("examples", [pattern])
        return _shown(examples[0])


def _has_few_values(value: Any) -> bool:
    """Return True if a JSON value holds few others."""
    left, waiting = _MOST_VALUES, [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict | list):
            left -= len(each)
            if left < 0:
                return False
            waiting.extend(each.values() if isinstance(each, dict) else each)
    return True


def _narrowed(value: Any, declared: Collection[str]) -> Any:
    """Return a value whose objects have few names beside the declared ones: the validator would list all of them."""
    if isinstance(value, list):
        narrowed = [_narrowed(each, declared) for each in value]
        return narrowed if any(map(is_not, narrowed, value)) else value
    if not isinstance(value, dict):
        return value
    if len(value) > _MOST_VALUES:
        others = islice((name for name in value if name not in declared), _MOST_PROBLEMS + 1)
        value = {name: value[name] for name in (*filter(declared.__contains__, value), *others)}
    changed = {name: new for name, each in value.items() if (new := _narrowed(each, declared)) is not each}
    return {**value, **changed} if changed else value


def _declared(schema: Any) -> Iterator[str]:
    if isinstance(schema, list):
        for each in schema:
            yield from _declared(each)
    elif isinstance(schema, dict):
        yield from schema.get("properties", ())
        for each in schema.values():
            yield from _declared(each)


def _is_missing(error: ValidationError) -> bool:
    is_of_call = not error.instance_path
    return is_of_call and isinstance(error.kind, ValidationErrorKind.Required | _NoneOf)


def _meant(error: ValidationError) -> ValidationError:
    """Return what to explain of a value that fits none of several alternatives.

    It is what is wrong by the alternative whose type fits; where none does, all the types are to be named.
    """
    if not isinstance(error.kind, ValidationErrorKind.AnyOf):
        return error
    for errors in reversed(error.kind.context):
        if not any(_is_wrong_type(inner, error) for inner in errors):
            return _meant(errors[0])
    return error


def _is_wrong_type(inner: ValidationError, outer: ValidationError) -> bool:
    return isinstance(inner.kind, ValidationErrorKind.Type) and inner.instance_path == outer.instance_path


def _types(context: Iterable[Iterable[ValidationError]]) -> frozenset[str]:
    kinds = [inner.kind for errors in context for inner in errors]
    return frozenset(name for kind in kinds if isinstance(kind, ValidationErrorKind.Type) for name in kind.types)


def _alternatives(kind: _NoneOf) -> list[str]:
    """Return the parameters of which the contract wants one."""
    inner = (error.kind for errors in kind.context for error in errors)
    return [each.property for each in inner if isinstance(each, ValidationErrorKind.Required)]


def _hint(wanted: list[str], others: Iterable[str]) -> str:
    for name in islice(others, _MOST_NAMES):
        suffixed = [each for each in wanted if each.endswith(f"_{name}")]
        like = suffixed or get_close_matches(_SYNONYMS.get(name, name[:_LONGEST_VALUE]), wanted, n=1, cutoff=0.75)
        if like:
            return f"; `{name[:_LONGEST_VALUE]}` was sent: did you mean `{like[0]}`?"
    return ""


def _place(error: ValidationError) -> str:
    place = ""
    for part in error.instance_path:
        place += f"[{part}]" if isinstance(part, int) else f".{part[:_LONGEST_VALUE]}" if place else part
    return place


def _shown(value: object) -> str:
    """Return a value as a message shows it: short, and in the words of JSON."""
    if isinstance(value, str):
        return f"'{value}'" if len(value) <= _LONGEST_VALUE else f"'{value[:_LONGEST_VALUE]}…'"
    if isinstance(value, dict):
        return "an object"
    if isinstance(value, list):
        return "a list"
    if value is None:
        return "null"
    return str(value).lower()


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | list) else 0
