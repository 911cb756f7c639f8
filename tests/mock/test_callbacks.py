"""Starting the bot: who is meant, what is saved, what the bot does, and what the client does not see."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import pytest
from tests.mock.caller import CONTRACT, NOON, Caller

from mavibot_mock.state.facts import MESSENGERS


class Target(NamedTuple):
    """Whom an action means: the client with an id in a channel of a messenger."""

    action: str
    name: str  # of the parameter with the id
    messenger: str
    group_id: str
    platform_id: str

    def add(self, mock: Caller) -> int:
        return _add_client(mock, self.messenger, self.group_id, self.platform_id)


_TARGETS: Final = (
    Target("tg_callback", "user_id", "TELEGRAM", "shop_bot", "123456789"),
    Target("tg_callback", "user_id", "TELEGRAM_BUSINESS", "shop_bot", "123456789"),
    Target("vk_callback", "user_id", "VKONTAKTE", "143000000", "146000000"),
    Target("ok_callback", "user_id", "ODNOKLASSNIKI", "61000000000009", "570000000009"),
    Target("fb_callback", "user_id", "FACEBOOK", "100000000000009", "100000000000008"),
    Target("max_callback", "platform_id", "MAX", "shop_bot", "7654321"),
)

#: Every callback with a client of its own kind, and the further parameters that name it.
_CALLBACKS: Final = (
    *((target, {"group_id": target.group_id}) for target in _TARGETS if target.messenger != "TELEGRAM_BUSINESS"),
    (Target("whatsapp_callback", "phone", "WHATSAPP", "34810", "79990000099"), {}),
    (Target("email_callback", "email", "EMAIL", "shop@example.com", "new@example.com"), {}),
    (Target("callback", "client_phone", "WHATSAPP", "34810", "79990000099"), {}),
)


def _add_client(mock: Caller, messenger: str, group_id: str, platform_id: str) -> int:
    return mock.project.store.add_client(
        client_type=MESSENGERS[messenger], group_id=group_id, platform_id=platform_id, now=NOON
    )


def _add_block(mock: Caller, condition: str, *, pauses: bool = False) -> int:
    block = {"id": 7001, "message_type": 0, "condition": condition, "answer": "Thank you!", "paused": pauses}
    mock.project.store.insert("blocks", block)
    return 7001


def _texts(mock: Caller, client_id: int) -> list[tuple[str, int]]:
    """Return the messages of a client, oldest first, with their origin."""
    return [(row["text"], row["message_from_outside"]) for row in reversed(mock.history(client_id))]


@pytest.mark.parametrize("target", _TARGETS)
def test_the_client_of_a_channel(mock: Caller, target: Target) -> None:
    others = [target._replace(messenger=each).add(mock) for each in MESSENGERS if each != target.messenger]
    others.append(target._replace(group_id="another").add(mock))
    client_id = target.add(mock)
    business = {"tg_business": "1"} if target.messenger == "TELEGRAM_BUSINESS" else {}
    report = {target.name: int(target.platform_id), "group_id": target.group_id, "message": "paid", **business}
    assert mock.call(target.action, report).text == "ok"
    assert _texts(mock, client_id) == [("paid", 3)]
    assert not any(mock.history(other) for other in others)
    if not mock.project.store.has_channel(MESSENGERS[target.messenger], target.group_id):
        mock.project.store.add_channel("x", MESSENGERS[target.messenger], {"id": 900, "group_id": target.group_id})
    assert mock.refusal(target.action, {**report, target.name: "unknown"}, status=404) == "client_not_found"
    assert mock.refusal(target.action, {**report, "group_id": "unknown"}, status=404).startswith("group_id: ")


def test_a_name_is_the_clients_own(mock: Caller) -> None:
    client_id = _add_client(mock, "ODNOKLASSNIKI", "61000000000009", "570000000009")
    who = {"user_id": "570000000009", "group_id": "61000000000009"}
    mock.call("ok_callback", {**who, "message": "x", "name": "Ольга"})
    assert mock.variables(client_id)["name"] == "Ольга"


@pytest.mark.parametrize(
    "named",
    [
        {"client_id": 25554},
        {"client_phone": "+7 987 514-67-88"},
        {"client_phone": 79875146788},
        {"client_phone": "79875146788@s.whatsapp.net"},
        {"client_email": "Client@Example.com"},
        {"client_id": "25554", "client_phone": "79609879898", "client_email": "john.smith@example.com"},
        {"client_phone": "79875146788", "client_email": "john.smith@example.com"},
    ],
)
def test_number_before_phone_before_email(mock: Caller, named: dict[str, Any]) -> None:
    mock.call("callback", {**named, "message": "paid"})
    assert _texts(mock, 25554)[-1] == ("paid", 3)


@pytest.mark.parametrize("phone", ["+7 (999) 000-00-99", 79990000099, "79990000099@s.whatsapp.net"])
def test_an_unknown_whatsapp_number_becomes_a_client_of_the_first_channel(mock: Caller, phone: Any) -> None:
    mock.call("whatsapp_callback", {"phone": phone, "name": "Ирина", "message": "registered", "source": "site"})
    listed = mock.call("get_clients", query={"limit": 1}).json()["clients"][0]
    assert (listed["platform_id"], listed["client_type"], listed["name"]) == ("79990000099", 6, "Ирина")
    assert listed["group"] == "34810"
    assert _texts(mock, listed["id"]) == [("registered", 3)]
    assert mock.variables(listed["id"])["source"] == "site"
    mock.call("whatsapp_callback", {"phone": "7 999 000 00 99", "message": "again"})
    assert _texts(mock, listed["id"]) == [("registered", 3), ("again", 3)]


@pytest.mark.parametrize("bot_id", [34810, "34810", 41, "41"])
def test_a_whatsapp_bot_is_named_by_its_group_or_its_number(mock: Caller, bot_id: Any) -> None:
    mock.call("whatsapp_callback", {"phone": "79609879898", "bot_id": bot_id, "message": "x"})
    assert _texts(mock, 49177759) == [("x", 3)]


def test_another_whatsapp_bot_has_another_client(mock: Caller) -> None:
    mock.call("whatsapp_callback", {"phone": "79609879898", "bot_id": 42, "message": "x"})
    listed = mock.call("get_clients", query={"limit": 1}).json()["clients"][0]
    assert (listed["group"], _texts(mock, listed["id"])) == ("1hwF7lwEjv4SKYIGFhQnBw==", [("x", 3)])
    assert _texts(mock, 49177759) == []


_EMAIL = {"email": "a@example.com", "message": "x"}


@pytest.mark.parametrize(
    ("action", "parameters", "named"),
    [
        ("whatsapp_callback", {"phone": "79609879898", "message": "x"}, {"bot_id": 5}),
        ("whatsapp_message", {"phone": "79609879898", "message": "x"}, {"whatsapp_bot_id": 5}),
        ("email_callback", _EMAIL, {"email_id_bot": "nobody@example.com"}),
        ("tg_callback", {"user_id": "2568652", "message": "x"}, {"group_id": "unknown_bot"}),
        ("max_callback", {"platform_id": "1234567", "message": "x"}, {"group_id": "unknown_bot"}),
    ],
)
def test_an_unknown_bot_is_refused(
    mock: Caller, action: str, parameters: dict[str, Any], named: dict[str, Any]
) -> None:
    [(name, bot)] = named.items()
    message = mock.refusal(action, {**parameters, **named}, status=404)
    assert message.startswith(f"{name}: the project has no such bot of {CONTRACT.operation(action).messenger}")
    assert message.endswith(str(bot))


def test_an_unknown_address_becomes_an_email_client(mock: Caller) -> None:
    parameters = {"email": "New@Example.com", "name": "Ирина", "message": "registered", "form": "spring"}
    for _ in range(2):
        assert mock.call("email_callback", parameters).text == "ok"
    listed = mock.call("get_clients", query={"limit": 1}).json()["clients"][0]
    assert (listed["platform_id"], listed["client_type"], listed["name"]) == ("New@Example.com", 14, "Ирина")
    assert _texts(mock, listed["id"]) == [("registered", 3)] * 2
    assert mock.variables(listed["id"])["form"] == "spring"


def test_an_address_in_a_variable_makes_no_email_client(mock: Caller) -> None:
    mock.call("email_callback", {"email": "client@example.com", "message": "registered"})
    assert ("registered", 3) not in _texts(mock, 25554)


def test_an_email_bot_has_clients_of_its_own(mock: Caller) -> None:
    for channel_id, address in ((90, "one@example.com"), (91, "other@example.com")):
        mock.project.store.add_channel("email", 14, {"id": channel_id, "group_id": address})
        mock.call("email_callback", {**_EMAIL, "email_id_bot": address})
    listed = mock.call("get_clients", query={"limit": 2}).json()["clients"]
    assert [client["group"] for client in listed] == ["other@example.com", "one@example.com"]


def test_a_callback_reaches_those_who_are_found(mock: Caller) -> None:
    mock.call("save_variables", {"client_id": 58, "variables": {"a": "kept"}})
    parameters = {"platform_ids": [571830542, "7960 987-98-98", "2rwewefw", "571830542"], "callback_text": "paid"}
    response = mock.call("send_callback_by_platform_id", {**parameters, "a": "ignored"})
    assert response.json() == {"callback_sended": 2}
    assert (_texts(mock, 58), _texts(mock, 49177759), _texts(mock, 5)) == ([("paid", 3)], [("paid", 3)], [])
    assert mock.variables(58)["a"] == "kept"


def test_an_id_of_several_channels_means_each_client_unless_a_group_is_given(mock: Caller) -> None:
    other = _add_client(mock, "VKONTAKTE", "143414131", "571830542")
    parameters = {"platform_ids": ["571830542"], "callback_text": "paid"}
    assert mock.call("send_callback_by_platform_id", parameters).json() == {"callback_sended": 2}
    in_group = {**parameters, "group_id": 143414131, "time_shift": 10}
    assert mock.call("send_callback_by_platform_id", in_group).json() == {"callback_sended": 1}
    assert (len(mock.history(58)), len(mock.history(other))) == (1, 1)
    mock.now += 10
    assert (len(mock.history(58)), len(mock.history(other))) == (1, 2)


def test_at_most_300_ids(mock: Caller) -> None:
    ids = [str(number) for number in range(301)]
    said = mock.refusal("send_callback_by_platform_id", {"platform_ids": ids, "callback_text": "x"})
    assert said == "platform_ids: at most 300 items, got 301"
    accepted = mock.call("send_callback_by_platform_id", {"platform_ids": ids[:300], "callback_text": "x"})
    assert accepted.json() == {"callback_sended": 0}


def test_at_most_300_sends(mock: Caller) -> None:
    ids = [str(10**9 + number) for number in range(151)]
    for channel in ({"client_type": 1, "group_id": "example_bot"}, {"client_type": 0, "group_id": "143414131"}):
        mock.call("load_clients", [{"platform_id": each, **channel} for each in ids])
    parameters = {"platform_ids": ids, "callback_text": "x"}
    said = mock.refusal("send_callback_by_platform_id", parameters)
    assert "at most 300 sends a call, and 302 clients have these ids" in said
    assert mock.call("send_callback_by_platform_id", {**parameters, "platform_ids": ids[:150]}).json() == {
        "callback_sended": 300
    }
    assert mock.call("send_callback_by_platform_id", {**parameters, "group_id": "example_bot"}).json() == {
        "callback_sended": 151
    }


def test_the_text_leads_into_a_block_and_the_client_sees_the_answer_only(mock: Caller) -> None:
    block_id = _add_block(mock, "paid")
    mock.call("callback", {"client_id": 5, "message": "paid"})
    [answer, event] = mock.history(5)
    assert (event["text"], event["client_replica"], event["message_id"]) == ("paid", True, None)
    assert (answer["text"], answer["client_replica"], answer["message_id"]) == ("Thank you!", False, block_id)
    assert mock.variables(5)["message_id"] == block_id


def test_another_text_leads_nowhere(mock: Caller) -> None:
    _add_block(mock, "paid")
    mock.call("callback", {"client_id": 5, "message": "Paid"})
    assert _texts(mock, 5) == [("Paid", 3)]


def test_a_paused_bot_does_not_react_until_it_is_resumed(mock: Caller) -> None:
    _add_block(mock, "operator please", pauses=True)
    report = {"client_id": 5, "message": "operator please"}
    mock.call("callback", report)
    mock.call("callback", report)
    mock.call("callback", {**report, "resume_bot": False})
    texts = [text for text, _ in _texts(mock, 5)]
    assert texts == ["operator please", "Thank you!", "operator please", "operator please"]
    mock.call("callback", {**report, "resume_bot": True})
    assert [text for text, _ in _texts(mock, 5)][4:] == ["operator please", "Thank you!"]


def test_every_action_with_free_variables_is_tried_below() -> None:
    actions = {action for action in CONTRACT.actions if CONTRACT.operation(action).free_variables}
    assert {target.action for target, _ in _CALLBACKS} == actions


@pytest.mark.parametrize(("target", "further"), _CALLBACKS)
def test_further_parameters_are_saved_where_their_names_say(
    mock: Caller, target: Target, further: dict[str, str]
) -> None:
    client_id = target.add(mock)
    order_id = mock.project.store.add_order(client_id, now=NOON)
    variables = {"amount": 4900, "client.city": "Paris", "project.season": "spring", "note": None}
    who = {target.name: target.platform_id, **further}
    assert mock.call(target.action, {**who, "message": "paid", **variables}).text == "ok"
    store = mock.project.store
    assert store.order_variables(order_id) == {"amount": 4900}
    assert store.client_variables(client_id) == {"city": "Paris"}
    assert store.project_variables() == {"season": "spring"}


@pytest.mark.parametrize(("target", "further"), _CALLBACKS)
def test_a_callback_can_wait(mock: Caller, target: Target, further: dict[str, str]) -> None:
    client_id = target.add(mock)
    report = {target.name: target.platform_id, **further, "message": "late", "send_time": "2026-03-10 12:01:00"}
    mock.call(target.action, {**report, "client.a": "saved when it happens"})
    mock.call(target.action, {**report, "time_shift": 30})
    assert (mock.history(client_id), mock.variables(client_id).get("a")) == ([], None)
    mock.now += 30
    assert [row["created_at"] for row in mock.history(client_id)] == [NOON + 30]
    mock.now += 30
    assert [row["created_at"] for row in mock.history(client_id)] == [NOON + 60, NOON + 30]
    assert mock.variables(client_id)["a"] == "saved when it happens"
