"""find_clients: operators, numbers, scopes and refusals, and that it agrees with a plain model."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tests.mock.caller import Caller, deviations

if TYPE_CHECKING:
    from collections.abc import Mapping

_WRONG = {"status": "fail", "message": "Error in parameter format"}
_MISSING = {"status": "fail", "message": 'Parameter "q" required'}
_FAILED = {"status": "fail", "message": "Something went wrong"}

#: Clients of the demo project.
_JOHN, _MARY, _OLEG = 5, 58, 110


def _find(mock: Caller, q: Mapping[str, Any], **others: Any) -> list[int]:
    reply = mock.call("find_clients", {"q": q, **others})
    assert reply.status_code == 200
    assert reply.json()["status"] == "success", reply.text
    found: list[int] = reply.json()["client_ids"]
    return found


@pytest.fixture(autouse=True)
def _people(mock: Caller) -> None:
    for client_id, variables in {
        _JOHN: {"first": "Joe", "level": 5, "mixed": 5, "flag": True, "same": "x"},
        _MARY: {"first": "Jane", "level": 7.5, "mixed": "5", "flag": False, "same": "x"},
        _OLEG: {"first": "Oleg", "level": -1, "mixed": True, "same": "x"},
    }.items():
        saved = {f"client.{name}": value for name, value in variables.items()}
        mock.call("save_variables", {"client_id": client_id, "variables": saved})


@pytest.mark.parametrize(
    ("q", "expected"),
    [
        ({"first": "Joe"}, [_JOHN]),
        ({"first": "joe"}, []),
        ({"first": {"_in": ["Jane", "Joe", "Donald"]}}, [_JOHN, _MARY]),
        ({"first": {"_in": []}}, []),
        ({"first": {"_not_in": ["Jane", "Joe", "Donald"]}}, [_OLEG]),
        ({"first": {"_not_in": []}}, [_JOHN, _MARY, _OLEG]),
        ({"first": {"_not": "Joe"}}, [_MARY, _OLEG]),
        ({"level": 5}, [_JOHN]),
        ({"level": 5.0}, [_JOHN]),
        ({"level": "5"}, [_JOHN]),
        ({"level": {"_in": [7.5, -1, 4]}}, [_MARY, _OLEG]),
        ({"level": {"_not": 5}}, [_MARY, _OLEG]),
        ({"level": {"_not_in": [5, "7.5"]}}, [_OLEG]),
        ({"mixed": "5"}, [_JOHN, _MARY]),
        ({"mixed": {"_not": "5"}}, [_OLEG]),
        ({"flag": True}, [_JOHN]),
        ({"flag": {"_not": True}}, [_MARY]),
        ({"first": "Joe", "level": 5}, [_JOHN]),
        ({"first": "Joe", "level": 7.5}, []),
        ({"same": "x", "first": {"_not": "Jane"}, "level": {"_in": [5, 7.5]}}, [_JOHN]),
        ({"nobody": {"_not": "x"}}, []),
        ({"nobody": 5}, []),
    ],
    ids=str,
)
def test_operators(mock: Caller, q: dict[str, Any], expected: list[int]) -> None:
    assert _find(mock, q) == expected


def test_one_condition_is_enough(mock: Caller) -> None:
    q = {"first": {"_in": ["Joe", "Oleg"]}, "level": 7.5}
    assert _find(mock, q, include_all=False) == [_JOHN, _MARY, _OLEG]
    assert _find(mock, q, include_all=True) == _find(mock, q) == []
    assert _find(mock, {"first": "nobody", "level": 8}, include_all=False) == []


@pytest.mark.parametrize("wanted", [5, {"_in": ["x", 5]}, {"_not_in": [5]}, {"_not": 5}])
def test_one_text_makes_a_comparison_with_a_number_fail(mock: Caller, wanted: Any) -> None:
    query = {"q": {"mixed": wanted, "first": "Joe"}, "include_all": False}
    reply = mock.call("find_clients", query)
    assert (reply.status_code, reply.json()) == (200, _FAILED)
    for client_id in (_MARY, _OLEG):
        assert mock.call("find_clients", query).json() == _FAILED
        mock.call("save_variables", {"client_id": client_id, "variables": {"client.mixed": 6}})
    assert mock.call("find_clients", query).json()["status"] == "success"


def test_the_text_of_a_deleted_client_does_not_count(mock: Caller) -> None:
    assert mock.call("find_clients", {"q": {"mixed": 5}}).json() == _FAILED
    mock.call("delete_clients", {"client_ids": [_MARY, _OLEG]})
    assert _find(mock, {"mixed": 5}) == [_JOHN]


def test_in_deals(mock: Caller) -> None:
    deals = {}
    for name, client_id, variables in (
        ("first", _JOHN, {"outcome": "ok", "total": 10}),
        ("second", _JOHN, {"outcome": "bad", "total": 20}),
        ("hers", _MARY, {"outcome": "ok", "total": 20}),
    ):
        deals[name] = mock.call("create_order", {"client_id": client_id}).json()["order_id"]
        body = {"client_id": client_id, "order_id": deals[name], "variables": variables}
        assert mock.call("set_order_vars", body).json() == {"status": "success"}
    scope = {"search_in": "order"}
    assert _find(mock, {"outcome": "ok"}) == []
    assert _find(mock, {"outcome": "ok"}, **scope) == [_JOHN, _MARY]
    assert _find(mock, {"outcome": {"_in": ["ok", "bad"]}}, **scope) == [_JOHN, _MARY]
    assert _find(mock, {"outcome": "ok", "total": 20}, **scope) == [_MARY]
    assert _find(mock, {"outcome": "bad", "total": 10}, include_all=False, **scope) == [_JOHN]
    assert _find(mock, {"outcome": {"_not": "ok"}}, **scope) == [_JOHN]
    assert _find(mock, {"first": "Joe"}, **scope) == []
    changed = {"client_id": _MARY, "order_id": deals["hers"], "variables": {"total": "20"}}
    mock.call("set_order_vars", changed)
    assert mock.call("find_clients", {"q": {"total": 20}, **scope}).json() == _FAILED
    assert _find(mock, {"total": 20}) == []
    assert _find(mock, {"total": "20"}, **scope) == [_JOHN, _MARY]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ({"name": {"_in": ["Joe", "Jane", "Donald"]}}, [201]),
        ({"name": "Joe"}, [201]),
        ({"name": "Joe", "city": "Paris"}, [201]),
        ({"city": "Paris", "name": "Jane"}, []),
        ({"tag": "spring", "name": "John Smith"}, [5]),
        ({"platform_id": "2568652"}, [5]),
        ({"messenger": "MAX"}, [205]),
        ({"client_type": 20}, [205]),
        ({"group": "shop_bot"}, [205]),
        ({"messenger": "MAX", "name": {"_not": "Joe"}}, []),  # who has no name does not meet it
    ],
)
def test_the_clients_own_fields_are_searched_like_variables(mock: Caller, q: dict[str, Any], found: list[int]) -> None:
    assert _find(mock, q) == found


def test_every_field_that_get_variables_shows_finds_its_client(mock: Caller) -> None:
    mock.call("message", {"client_id": 5, "message_id": 390})
    shown = mock.variables(5)
    for name in ("name", "tag", "avatar", "platform_id", "group", "client_type", "messenger", "message_id"):
        value = shown[name]
        assert 5 in _find(mock, {name: value}), name
        assert 5 not in _find(mock, {name: {"_not": value}}), name
        assert 5 in mock.call("find_all_client_id_by_var", query={"var": name, "val": value}).json()["client_ids"], name


def test_a_variable_hides_the_field_of_its_name(mock: Caller) -> None:
    mock.call("save_variables", {"client_id": 201, "variables": {"client.name": "Joseph"}})
    assert (_find(mock, {"name": "Joe"}), _find(mock, {"name": "Joseph"})) == ([], [201])
    assert mock.call("find_client_id_by_var", query={"var": "name", "val": "Joseph"}).json()["client_id"] == 201
    query = {"var": "name", "val": "John Smith"}
    assert mock.call("find_latest_client_id_by_var", query=query).json()["client_id"] == 5
    assert (
        mock.call("find_client_id_by_var", query={**query, "group_id": "bulls_vs_bears_bot"}).json()["client_id"] == 5
    )


@pytest.mark.parametrize("body", [{}, {"q": None}, {"q": ""}, {"q": {}}, {"search_in": "order"}])
def test_without_conditions(mock: Caller, body: dict[str, Any]) -> None:
    reply = mock.call("find_clients", body)
    assert (reply.status_code, reply.json()) == (200, _MISSING)


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"q": "Joe"}, "q: must be an object"),
        ({"q": ["Joe"]}, "q: must be an object"),
        ({"q": {"a": None}}, "q.a: "),
        ({"q": {"a": ["Joe"]}}, "q.a: "),
        ({"q": {"a": {}}}, "q.a: "),
        ({"q": {"a": {"_gt": 5}}}, "q.a: "),
        ({"q": {"a": {"_not": "x", "_in": ["x"]}}}, "q.a: "),
        ({"q": {"a": {"_in": "x"}}}, "q.a._in: must be a list"),
        ({"q": {"a": {"_not": ["x"]}}}, "q.a._not: "),
        ({"q": {"a": "x"}, "search_in": "client"}, "search_in: must be "),
        ({"q": {"a": "x"}, "include_all": "some"}, "include_all: must be true or false"),
    ],
    ids=lambda value: json.dumps(value) if isinstance(value, dict) else "",
)
def test_wrong_conditions_are_refused_in_the_documents_words(mock: Caller, body: dict[str, Any], problem: str) -> None:
    reply = mock.call("find_clients", body)
    assert (reply.status_code, reply.json()) == (200, _WRONG)
    assert any(each.startswith(problem) for each in deviations(reply)), deviations(reply)


def test_the_documents_own_example_with_a_name_twice(mock: Caller) -> None:
    body = b'{"q": {"first": "Joe", "level": "home", "level": "5"}}'
    assert mock.call("find_clients", body).json()["client_ids"] == [_JOHN]


def test_phones_and_addresses_in_any_notation(mock: Caller) -> None:
    saved = {"client.phone": "+7 (900) 111-22-33", "client.email": "Joe@Example.com"}
    mock.call("save_variables", {"client_id": _JOHN, "variables": saved})
    assert _find(mock, {"phone": "79001112233", "email": "joe@example.com"}) == [_JOHN]
    assert _find(mock, {"phone": {"_in": ["7 900 1112233"]}}) == [_JOHN]


_NAMES = st.sampled_from(["a", "b"])
_NUMBERS = st.integers(0, 2) | st.sampled_from([0.5, 1.0, 2**60, -0.0])
_SCALARS = _NUMBERS | st.sampled_from(["0", "1", "x", "true", "0.5", "X", " ", "\x00"]) | st.booleans()
_CONDITIONS = st.one_of(
    _SCALARS,
    st.builds(lambda value: {"_not": value}, _SCALARS),
    st.builds(lambda values: {"_in": values}, st.lists(_SCALARS, max_size=3)),
    st.builds(lambda values: {"_not_in": values}, st.lists(_SCALARS, max_size=3)),
)
#: Variables are numbers alone or anything, since one text makes each comparison with a number fail.
_VARIABLES = st.sampled_from([_NUMBERS, _SCALARS]).flatmap(
    lambda values: st.dictionaries(st.sampled_from([_JOHN, _MARY, _OLEG]), st.dictionaries(_NAMES, values))
)


@example(variables={_JOHN: {"a": 1, "b": "x\0y"}}, q={"a": 1, "b": "x\0y"}, every=True)
@given(variables=_VARIABLES, q=st.dictionaries(_NAMES, _CONDITIONS, min_size=1), every=st.booleans())
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("in_orders", [False, True])
def test_it_agrees_with_a_plain_model(
    mock: Caller, variables: dict[int, dict[str, Any]], q: dict[str, Any], *, every: bool, in_orders: bool
) -> None:
    prefix, scope = ("", {"search_in": "order"}) if in_orders else ("client.", {})
    for client_id in (_JOHN, _MARY, _OLEG):
        saved = {prefix + name: variables.get(client_id, {}).get(name) for name in ("a", "b")}
        mock.call("save_variables", {"client_id": client_id, "variables": saved})
    reply = mock.call("find_clients", {"q": q, "include_all": every, **scope}).json()
    expected = _expected(variables, q, every=every)
    assert reply == (_FAILED if expected is None else {"status": "success", "client_ids": expected})


def _expected(variables: dict[int, dict[str, Any]], q: dict[str, Any], *, every: bool) -> list[int] | None:
    """Return who meets the conditions, or `None` where the search fails."""
    for name, condition in q.items():
        values = [own[name] for own in variables.values() if name in own]
        if any(_is_number(each) for each in _wanted(condition)) and not all(_is_number(each) for each in values):
            return None
    fits = all if every else any
    return sorted(
        client_id
        for client_id, own in variables.items()
        if fits(name in own and _meets(own[name], condition) for name, condition in q.items())
    )


@pytest.mark.parametrize("body", ['{"q": ', "no JSON", '["q"]', "\xff"])
def test_a_body_that_cannot_be_read(mock: Caller, body: str) -> None:
    response = mock.call("find_clients", body.encode("latin-1"))
    assert (response.status_code, response.json()) == (200, _WRONG)
    [note] = deviations(response)
    assert note.startswith("body: ")


def _wanted(condition: Any) -> list[Any]:
    [value] = condition.values() if isinstance(condition, dict) else [condition]
    return value if isinstance(value, list) else [value]


def _meets(value: Any, condition: Any) -> bool:
    is_one_of_them = any(_equal(value, each) for each in _wanted(condition))
    return is_one_of_them != (isinstance(condition, dict) and not condition.keys().isdisjoint({"_not", "_not_in"}))


def _equal(value: Any, wanted: Any) -> bool:
    if _is_number(value) and _is_number(wanted):
        return bool(value == wanted)
    return _text(value) == _text(wanted)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    return json.dumps(int(value) if isinstance(value, float) and value == int(value) else value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@pytest.mark.parametrize("include_all", [True, False])
@pytest.mark.parametrize("place", [{}, {"search_in": "order"}])
def test_many_conditions_are_answered_and_too_many_refused(
    mock: Caller, place: dict[str, str], *, include_all: bool
) -> None:
    how = {**place, "include_all": include_all}
    many = {f"name{number}": "x" for number in range(500)}
    assert mock.call("find_clients", {"q": many, **how}).json() == {"status": "success", "client_ids": []}
    refused = mock.refusal("find_clients", {"q": {**many, "one": "x"}, **how})
    assert refused == "q: at most 500 conditions, got 501"
