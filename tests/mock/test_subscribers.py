"""Every filter of subscribers, its pages and the form of its items."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from tests.mock.caller import CONTRACT, NOON, Caller

if TYPE_CHECKING:
    from collections.abc import Mapping

_PAGE = CONTRACT.operation("subscribers").responses["200"]["content"]["application/json"]["schema"]["maxItems"]
#: Channels of the demo project: two of Telegram, one of WhatsApp.
_FIRST = {"client_type": 1, "group_id": "bulls_vs_bears_bot"}
_SECOND = {"client_type": 1, "group_id": "example_bot"}
_WHATSAPP = {"client_type": 6, "group_id": 34810}


def _load(mock: Caller, *items: Mapping[str, Any]) -> list[int]:
    return [item["id"] for item in mock.call("load_clients", list(items)).json()["items"]]


def _listed(mock: Caller, **query: Any) -> list[int]:
    """Return the subscribers who came after the demo project's own clients."""
    own = {"date_from": NOON - 1}
    return [each["id"] for each in mock.call("subscribers", query={**own, **query}).json()]


@pytest.fixture
def loaded(mock: Caller) -> list[int]:
    """One client of each channel at one second after another."""
    found = []
    for channel in (_FIRST, _SECOND, _WHATSAPP):
        found += _load(mock, {**channel, "platform_id": "790000"})
        mock.now += 1
    return found


def test_what_is_said_of_a_subscriber(mock: Caller) -> None:
    [client_id] = _load(mock, {**_FIRST, "platform_id": 123})
    mock.call("save_variables", {"client_id": client_id, "variables": {"client.utm_source": "some_value"}})
    assert mock.call("subscribers", query={"date_from": NOON - 1}).json() == [
        {
            "id": client_id,
            "tag": None,
            "created_at": NOON,
            "name": None,
            "vk_id": "123",
            "group": "bulls_vs_bears_bot",
            "variables": None,
        }
    ]


def test_without_filters_everybody_oldest_first(mock: Caller, loaded: list[int]) -> None:
    page = mock.call("subscribers").json()
    everybody = {client["id"] for client in mock.call("get_clients").json()["clients"]}
    assert len(page) == len(everybody)
    assert {each["id"] for each in page} == everybody
    moments = [(each["created_at"], each["id"]) for each in page]
    assert moments == sorted(moments)
    assert [each["id"] for each in page[-3:]] == loaded


def test_by_messenger(mock: Caller, loaded: list[int]) -> None:
    assert _listed(mock, client_type=1) == loaded[:2]
    assert _listed(mock, client_type="6") == loaded[2:]
    assert _listed(mock, client_type=22) == []


@pytest.mark.parametrize(("group", "place"), [("bulls_vs_bears_bot", 0), ("example_bot", 1), (34810, 2)])
def test_by_group(mock: Caller, loaded: list[int], group: str | int, place: int) -> None:
    assert _listed(mock, group=group) == [loaded[place]]
    assert _listed(mock, group=group, client_type=6) == ([loaded[place]] if place == 2 else [])


def test_by_tag(mock: Caller) -> None:
    visitors = [
        mock.call("online_chat_client_id", query={"recipient": f"visitor{tag}", "tag": tag}).json()["client_id"]
        for tag in ("spring", "autumn")
    ]
    assert _listed(mock, tag="autumn") == [visitors[1]]
    assert _listed(mock, tag="Autumn") == []
    assert _listed(mock, tag="autumn", client_type=1) == []


@pytest.mark.parametrize(
    ("period", "places"),
    [
        ({"date_from": NOON}, [1, 2]),
        ({"date_from": NOON - 0.5}, [0, 1, 2]),
        ({"date_to": NOON + 1}, [0]),
        ({"date_to": NOON + 1.5}, [0, 1]),
        ({"date_from": NOON, "date_to": NOON + 2}, [1]),
        ({"date_from": NOON + 2, "date_to": NOON}, []),
    ],
)
def test_both_ends_of_a_period_are_outside(
    mock: Caller, loaded: list[int], period: dict[str, float], places: list[int]
) -> None:
    assert _listed(mock, **period) == [loaded[place] for place in places]


def test_pages_count_from_0(mock: Caller) -> None:
    loaded = _load(mock, *({**_FIRST, "platform_id": number} for number in range(1, _PAGE + 3)))
    assert _listed(mock) == _listed(mock, page=0) == loaded[:_PAGE]
    assert _listed(mock, page=1) == loaded[_PAGE:]
    assert _listed(mock, page=1, client_type=1, group="bulls_vs_bears_bot") == loaded[_PAGE:]
    assert _listed(mock, page=2) == _listed(mock, page=2**53 - 1) == []


def test_moments_as_text(mock: Caller) -> None:
    mock.project.configure(replace(mock.project.settings, created_at="text"))
    _load(mock, {**_FIRST, "platform_id": 1})
    [found] = mock.call("subscribers", query={"date_from": NOON - 1}).json()
    assert found["created_at"] == "2026-03-10 12:00:00.000000"


@pytest.mark.parametrize("query", [{"page": -1}, {"client_type": "vk"}, {"date_from": "yesterday"}, {"date_to": -1}])
def test_what_is_no_filter(mock: Caller, query: dict[str, Any]) -> None:
    [name] = query
    assert mock.refusal("subscribers", query=query).startswith(f"{name}: ")
