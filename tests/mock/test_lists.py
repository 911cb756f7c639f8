"""Putting clients on lists and taking them off."""

from __future__ import annotations

from typing import Any

import pytest
from tests.mock.caller import Caller

_LIST = 4711


def _members(mock: Caller, list_id: int = _LIST) -> list[int]:
    return [each["id"] for each in mock.call("get_clients", query={"list": list_id}).json()["clients"]]


def _add(mock: Caller, *clients: Any, list_id: Any = _LIST) -> None:
    reply = mock.call("add_to_list", {"list_id": list_id, "clients": list(clients)})
    assert reply.json() == {"status": "success"}


def test_on_a_list_and_off_again(mock: Caller) -> None:
    _add(mock, 5, 110, 58)
    assert _members(mock) == [110, 58, 5]
    reply = mock.call("remove_from_list", {"list_id": _LIST, "clients": [58]})
    assert reply.json() == {"status": "success"}
    assert _members(mock) == [110, 5]
    assert mock.project.store.client(58) is not None


def test_adding_and_removing_twice_is_once(mock: Caller) -> None:
    _add(mock, 5, 5, "5")
    _add(mock, 5)
    assert _members(mock) == [5]
    for _ in range(2):
        mock.call("remove_from_list", {"list_id": str(_LIST), "clients": ["5", 5]})
    assert _members(mock) == []


def test_a_client_can_be_on_several_lists(mock: Caller) -> None:
    _add(mock, 5)
    _add(mock, 5, 58, list_id="4712")
    mock.call("remove_from_list", {"list_id": _LIST, "clients": [5]})
    assert (_members(mock), _members(mock, 4712)) == ([], [58, 5])


def test_unknown_clients_are_passed_over(mock: Caller) -> None:
    _add(mock, 1, 5, 999_999)
    assert _members(mock) == [5]
    mock.call("remove_from_list", {"list_id": _LIST, "clients": [1, 5]})
    assert _members(mock) == []


def test_an_unknown_list(mock: Caller) -> None:
    before = mock.state()
    assert mock.call("remove_from_list", {"list_id": _LIST, "clients": [5]}).json() == {"status": "success"}
    assert mock.state() == before
    _add(mock)
    assert _members(mock) == []


def test_lists_in_pages(mock: Caller) -> None:
    _add(mock, 5, 58, 110, 25554)
    pages = [
        mock.call("get_clients", query={"list": _LIST, "offset": offset, "limit": 3, "reverse": "true"}).json()
        for offset in (0, 3, 4)
    ]
    assert [[each["id"] for each in page["clients"]] for page in pages] == [[25554, 110, 58], [5], []]


@pytest.mark.parametrize("action", ["add_to_list", "remove_from_list"])
def test_one_number_is_no_list(mock: Caller, action: str) -> None:
    assert mock.refusal(action, {"list_id": _LIST, "clients": 5}).startswith("clients: must be a list")
    assert mock.refusal(action, {"clients": [5]}) == "list_id: is required"
