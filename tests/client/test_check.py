"""The client's own check of parameters, against a full JSON Schema validator."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.support import CONTRACT, OPERATIONS, Api, example_of, good_reply, law, request_examples, sent

from mavibot import _check
from mavibot_contract import Operation, Schema

BY_OPERATION = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
ANNOTATIONS = {"title", "deprecated", "description", "examples", "default", "contentMediaType", "contentSchema", "$ref"}
ABSENT = object()


def subschemas(schema: Schema) -> Iterator[Schema]:
    """Yield a schema and all schemas in it, references followed."""
    schema = CONTRACT.resolve(schema)
    yield schema
    for keyword in ("allOf", "anyOf", "oneOf"):
        for branch in schema.get(keyword, []):
            yield from subschemas(branch)
    for keyword in ("items", "additionalProperties", "propertyNames", "if", "then", "else", "not"):
        if isinstance(schema.get(keyword), Mapping):
            yield from subschemas(schema[keyword])
    for branch in schema.get("properties", {}).values():
        yield from subschemas(branch)


def mine(schema: Schema, value: Any) -> bool:
    return not list(_check.problems(schema, value, CONTRACT.resolve))


@cache
def validator(operation_id: str) -> jsonschema_rs.Validator:
    operation = next(each for each in OPERATIONS if each.operation_id == operation_id)
    return jsonschema_rs.validator_for(CONTRACT.standalone(operation.schema))


# --- keywords

#: Keyword -> schema, value that fits, value that does not.
SAMPLES: dict[str, tuple[dict[str, Any], Any, Any]] = {
    "type": ({"type": ["integer", "null"]}, None, True),
    "enum": ({"enum": ["a", 1]}, 1, True),
    "const": ({"const": 13}, 13, "13"),
    "anyOf": ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, 1, 1.5),
    "oneOf": ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"a": 1}, {"a": 1, "b": 1}),
    "allOf": ({"allOf": [{"minimum": 1}, {"maximum": 5}]}, 3, 6),
    "not": ({"not": {"const": ""}}, "a", ""),
    "if": ({"if": {"const": 1}, "then": {"const": 2}}, 3, 1),
    "then": ({"if": {"type": "string"}, "then": {"minLength": 2}}, "ab", "a"),
    "else": ({"if": {"type": "string"}, "else": {"type": "null"}}, None, 1),
    "required": ({"required": ["a"]}, {"a": None}, {"b": 1}),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"b": 1}, {"a": 1}),
    "properties": ({"properties": {"a": {"type": "string"}}}, {"a": "x", "b": 1}, {"a": 1}),
    "additionalProperties": ({"additionalProperties": {"type": "string"}}, {"a": "x"}, {"a": 1}),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, {"a": 1}, {"ab": 1}),
    "minProperties": ({"minProperties": 1}, {"a": 1}, {}),
    "maxProperties": ({"maxProperties": 1}, {"a": 1}, {"a": 1, "b": 1}),
    "items": ({"items": {"type": "integer"}}, [1, 2], [1, "2"]),
    "minItems": ({"minItems": 1}, [1], []),
    "maxItems": ({"maxItems": 1}, [1], [1, 2]),
    "minLength": ({"minLength": 2}, "🙂🙂", "🙂"),
    "maxLength": ({"maxLength": 1}, "🙂", "🙂🙂"),
    "pattern": ({"pattern": "^[0-9]+$"}, "12", "12\n"),
    "minimum": ({"minimum": 0}, 0, -0.5),
    "maximum": ({"maximum": 500}, 500.0, 500.5),
}


def test_every_keyword_that_the_check_knows_has_a_sample() -> None:
    assert SAMPLES.keys() == _check.KEYWORDS


@pytest.mark.parametrize("keyword", SAMPLES)
def test_a_keyword_is_checked_as_a_full_validator_does(keyword: str) -> None:
    schema, fits, breaks = SAMPLES[keyword]
    full = jsonschema_rs.validator_for(schema)
    assert (full.is_valid(fits), full.is_valid(breaks)) == (True, False)
    assert (mine(schema, fits), mine(schema, breaks)) == (True, False)


@BY_OPERATION
def test_the_contract_uses_only_keywords_that_are_checked(operation: Operation) -> None:
    for schema in subschemas(operation.schema):
        unknown = schema.keys() - _check.KEYWORDS - ANNOTATIONS
        assert not {keyword for keyword in unknown if not keyword.startswith("x-")}


@BY_OPERATION
def test_no_reference_stands_beside_a_keyword_that_would_replace_it(operation: Operation) -> None:
    """`Contract.resolve` lets a sibling win; a full validator asks for both. They agree where none is a keyword."""
    for schema in subschemas(operation.schema):
        for name, member in schema.get("properties", {}).items():
            if "$ref" in member:
                assert not member.keys() & _check.KEYWORDS, name


# --- agreement on calls


def literals(operation: Operation) -> list[Any]:
    """Return values at and around every limit that an operation's schema names."""
    found: list[Any] = [0, 1, -1, 1.0, 1.5, True, False, None, "", "x", "1", " ", "1\n", [], {}, "é🙂"]
    for schema in subschemas(operation.schema):
        for keyword in ("minimum", "maximum"):
            if keyword in schema:
                limit = schema[keyword]
                found += [limit - 1, limit, limit + 1, float(limit), limit + 0.5, str(limit), str(limit + 1)]
        for keyword in ("minLength", "maxLength"):
            if keyword in schema:
                length = schema[keyword]
                found += [text * size for text in ("a", "1", "🙂") for size in (max(length - 1, 0), length, length + 1)]
        for keyword in ("minItems", "maxItems"):
            if keyword in schema:
                item = example_of(schema["items"])
                found += [[item] * size for size in (max(schema[keyword] - 1, 0), schema[keyword], schema[keyword] + 1)]
        found += [*schema.get("enum", []), *schema.get("examples", [])]
        if "const" in schema:
            found.append(schema["const"])
    texts = [text for text in found if isinstance(text, str) and len(text) < 100]
    return found + [text + end for text in texts for end in ("\n", " ", "0", "x")]


def names(operation: Operation) -> list[str]:
    """Return every name that an operation's schema declares, and some that it does not."""
    declared = {name for schema in subschemas(operation.schema) for name in schema.get("properties", {})}
    return [*sorted(declared), "", "xyzzy", "a" * 100, "a" * 101, "a" * 109, "client.имя", "a.b[0]"]


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of a value and of all values in it."""
    yield path
    if isinstance(value, dict):
        for name, member in value.items():
            yield from places(member, (*path, name))
    elif isinstance(value, list):
        for index, member in enumerate(value[:5]):
            yield from places(member, (*path, index))


def with_changed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a copy of a value of which one place is replaced, added or (`ABSENT`) removed."""
    if not path:
        return {} if new is ABSENT else new
    key, *rest = path
    if isinstance(value, list):
        members = [with_changed(member, tuple(rest), new) if i == key else member for i, member in enumerate(value)]
        return [member for i, member in enumerate(members) if rest or new is not ABSENT or i != key]
    copy = dict(value)
    if rest:
        copy[key] = with_changed(value[key], tuple(rest), new)
    elif new is ABSENT:
        copy.pop(key, None)
    else:
        copy[key] = new
    return copy


@cache
def calls(operation_id: str) -> st.SearchStrategy[Any]:
    """Return a strategy of calls of an operation: examples of the contract with up to three changes."""
    operation = next(each for each in OPERATIONS if each.operation_id == operation_id)
    seeds = [arguments for _, arguments in request_examples(operation)]
    seeds += [{name: example_of(schema)} for name, schema in operation.schema["properties"].items() if "$ref" in schema]
    scalars = st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False) | st.text()
    finite = scalars.filter(lambda value: value not in (float("inf"), float("-inf")))
    known = st.sampled_from(literals(operation))
    key = st.sampled_from(names(operation))
    new = known | st.recursive(
        finite | known,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(key | st.text(max_size=3), inner, max_size=3),
        max_leaves=4,
    )

    @st.composite
    def changed(draw: st.DrawFn) -> Any:
        value: Any = draw(st.sampled_from(seeds))
        for _ in range(draw(st.integers(0, 3))):
            path = draw(st.sampled_from(list(places(value))))
            kind = draw(st.sampled_from(["replace", "remove", "add"]))
            target = value
            for step in path:
                target = target[step]
            if kind == "add" and isinstance(target, dict):
                value = with_changed(value, (*path, draw(key)), draw(new))
            elif kind == "add" and isinstance(target, list):
                value = with_changed(value, path, [*target, draw(new)])
            elif path:
                value = with_changed(value, path, ABSENT if kind == "remove" else draw(new))
        return value

    return changed()


@BY_OPERATION
@given(data=st.data())
@law(30)
def test_the_check_and_a_full_validator_agree(operation: Operation, data: st.DataObject) -> None:
    call = data.draw(calls(operation.operation_id))
    assert mine(operation.schema, call) is validator(operation.operation_id).is_valid(call)


@BY_OPERATION
@given(data=st.data())
@law(12)
def test_every_problem_names_a_field_that_exists_or_is_missing(operation: Operation, data: st.DataObject) -> None:
    call = data.draw(calls(operation.operation_id))
    declared = names(operation)
    existing = {field for field, _ in fields(call)}
    missing = {
        f"{field}.{name}" if field else name
        for field, value in fields(call)
        if isinstance(value, dict)
        for name in declared
        if name not in value
    }
    for problem in _check.problems(operation.schema, call, CONTRACT.resolve):
        assert problem.field in existing or problem.field in missing
        assert problem.message


def fields(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value in a call by its path as messages write it."""
    yield path, value
    if isinstance(value, dict):
        for name, member in value.items():
            yield from fields(member, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from fields(member, f"{path}[{index}]")


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if each.method == "POST"], ids=lambda operation: operation.operation_id
)
@given(data=st.data())
@law(12)
def test_what_is_valid_is_sent_as_it_is(operation: Operation, data: st.DataObject) -> None:
    call = data.draw(calls(operation.operation_id))
    declared = operation.schema["properties"]
    if (
        isinstance(call, dict)
        and call.keys() <= declared.keys()
        and None not in call.values()
        # A JSON text is sent as the list or object that it holds.
        and not any(isinstance(call[name], str) and CONTRACT.may_be_json_text(declared[name]) for name in call)
        and mine(operation.schema, call)
    ):
        api = Api().reply(200, json=good_reply(operation))
        api(operation.action, **call)
        body = sent(api.requests[0])
        assert body == (call if operation.body_argument is None else call[operation.body_argument])


# --- wording


def test_a_message_stays_short_whatever_the_value_is() -> None:
    (problem,) = _check.problems({"type": "integer"}, "x" * 10_000, CONTRACT.resolve)
    assert len(problem.message) < 200


@pytest.mark.parametrize(
    "schema", [{"pattern": "^[0-9]+$"}, {"enum": ["a"]}, {"const": "a"}, {"not": {"minLength": 1}}]
)
def test_a_message_stays_short_for_every_keyword_that_shows_the_value(schema: dict[str, Any]) -> None:
    (problem,) = _check.problems({"type": "string", **schema}, "x" * 10_000, CONTRACT.resolve)
    assert len(problem.message) < 200


def test_a_nested_field_is_written_as_in_python() -> None:
    schema = {"properties": {"clients": {"items": {"properties": {"group_id": {"type": "string"}}}}}}
    value = {"clients": [{}, {}, {}, {"group_id": 1}]}
    (problem,) = _check.problems(schema, value, CONTRACT.resolve)
    assert problem.field == "clients[3].group_id"
    assert str(problem) == "clients[3].group_id: must be text, got 1"


def test_a_message_about_a_form_shows_an_example() -> None:
    schema = {"pattern": "^[0-9]{2}$", "examples": ["17"]}
    (problem,) = _check.problems(schema, "x", CONTRACT.resolve)
    assert problem.message == "'x' does not have the expected form, such as '17'"
