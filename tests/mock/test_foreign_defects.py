"""Each foreign defect puts a wrong value on the wire, where the mock has the one of the vendor's document."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.mock.bench import FOREIGN_PHONE, Bench
from tests.mock.receiver import Receiver, post_to

from mavibot_mock import defects

if TYPE_CHECKING:
    from collections.abc import Callable

    Probe = Callable[[Bench], object]

_BOT: Final = "bulls_vs_bears_bot"
_FILE: Final[dict[str, Any]] = {"attachment_url": "https://files.example.com/a.jpg", "attachment_type": "image"}
_BUTTON: Final = {"type": "reply", "text": "Contacts", "line": 0, "index_in_line": 0}
_SUPPORT: Final = "1hwF7lwEjv4SKYIGFhQnBw=="  # the second WhatsApp account of the demo project
_NO_WHATSAPP: Final = "79000000404"
_STRANGER: Final = "79991112233"
_IN_A_MINUTE: Final = "2026-03-10 12:01:00"


@dataclass(frozen=True)
class Shown:
    """What shows a defect.

    Attributes:
        probe: returns what is on the wire.
        right: what the vendor's document says.
        wrong: what is there with the defect.
    """

    probe: Probe
    right: object
    wrong: object


def _body(answer: tuple[int, str]) -> Any:
    return json.loads(answer[1])


def _texts(bench: Bench, client_id: int, **query: Any) -> list[str]:
    return [each["text"] for each in _body(bench.history(client_id, **query))["result"]]


def _variable(bench: Bench, client_id: int, name: str) -> Any:
    return _body(bench.variables(client_id)).get(name)


def _on_list(bench: Bench, list_id: int = 7, **query: Any) -> list[int]:
    return [each["id"] for each in _body(bench.get("get_clients", list=list_id, **query))["clients"]]


def _put_on_list(bench: Bench, *client_ids: int, list_id: int = 7) -> None:
    bench.post("add_to_list", list_id=list_id, clients=client_ids)


def _take_off(bench: Bench, *client_ids: int, list_id: int = 7) -> None:
    bench.post("remove_from_list", list_id=list_id, clients=client_ids)


def _told(bench: Bench, *steps: Callable[[], object]) -> list[list[dict[str, Any]]]:
    """Return the events that a webhook's receiver gets of each step."""
    events = []
    with Receiver() as receiver:
        post_to(bench.project, receiver.url)
        for step in steps:
            before = len(receiver.received)
            step()
            bench.settle()
            events.append([json.loads(each.body) for each in receiver.received[before:]])
    return events


def _told_of_a_later(bench: Bench, call: Callable[[], object], seconds: float) -> list[int]:
    """Return how many events come with a call, and how many when the clock has moved."""

    def wait() -> None:
        bench.advance(seconds)
        bench.get("get_messages")

    return [len(each) for each in _told(bench, call, wait)]


# several


def _list_after_two_left(bench: Bench) -> object:
    _put_on_list(bench, 5, 58, 110)
    _take_off(bench, 5, 58)
    return _on_list(bench)


def _names_of_deal(bench: Bench) -> object:
    reply = bench.post("get_order_vars", client_id=25554, order_id=40632, variables=["var_name1", "var_name2"])
    return _body(reply)["result"]


# again


def _history_after_two_clearings(bench: Bench) -> object:
    for text in ("x", "y"):
        bench.post("message", client_id=5, message=text)
        bench.get("clear_history", client_id=5)
    return _texts(bench, 5)


def _found_by_the_second_email(bench: Bench) -> object:
    bench.save_in_client(58, email="a@example.com")
    bench.save_in_client(58, email="b@example.com")
    return bench.get("find_client_id_by_email", email="b@example.com")[0]


def _clients_with_a_new_email(bench: Bench) -> object:
    for text in ("x", "y"):
        bench.post("email_callback", email="new@example.com", message=text)
    clients = _body(bench.get("get_clients"))["clients"]
    return [each["platform_id"] for each in clients].count("new@example.com")


def _deal_after_two_values(bench: Bench) -> object:
    for value in ("1", "2"):
        bench.post("set_order_vars", client_id=25554, order_id=40632, variables={"size": value})
    return _body(bench.post("get_order_vars", client_id=25554, order_id=40632, variables=["size"]))["result"]


def _list_after_a_return(bench: Bench) -> object:
    _put_on_list(bench, 5)
    _take_off(bench, 5)
    _put_on_list(bench, 5)
    return _on_list(bench)


# by_get


def _told_by_get(bench: Bench) -> object:
    status, _ = bench.get("callback", client_id=5, message="hello")
    return status, _texts(bench, 5)


def _file_by_get(bench: Bench) -> object:
    bench.get("message", client_id=5, message="x", **_FILE)
    return bool(_body(bench.history(5))["result"][0]["attachments"])


def _resumed_by_get(bench: Bench) -> object:
    bench.post("callback", client_id=49177759, message="human")
    bench.get("whatsapp_callback", phone="79609879898", message="menu", resume_bot="True")
    return "What would you like to know?" in _texts(bench, 49177759)


# exclusive


def _broadcast_to_another_bot(bench: Bench) -> object:
    bench.post("broadcast", clients=[5, 110], group_id=_BOT, message="x", shift=0)
    return _texts(bench, 5), _texts(bench, 110)


def _broadcast_after_half_a_minute(bench: Bench) -> object:
    bench.post("broadcast", clients=[5], message="x", time_shift=10, send_time=_IN_A_MINUTE)
    bench.advance(30)
    return _texts(bench, 5)


def _callback_after_half_a_minute(bench: Bench) -> object:
    bench.post("tg_callback", user_id="123456789", group_id=_BOT, message="x", time_shift=10, send_time=_IN_A_MINUTE)
    bench.advance(30)
    return _texts(bench, 201)


def _phone_after_a_deal(bench: Bench) -> object:
    bench.post("create_order", client_id=5, phone=_STRANGER)
    return _variable(bench, 5, "phone")


def _email_after_a_deal_by_phone(bench: Bench) -> object:
    bench.post("create_order", phone=_STRANGER, email="fresh@example.com")
    return bench.get("find_client_id_by_email", email="fresh@example.com")[0]


# clearing


def _city_after_clearing(bench: Bench) -> object:
    bench.save_in_client(5, city="Oslo")
    bench.get("clear_history", client_id=5)
    return _variable(bench, 5, "city")


def _list_after_clearing(bench: Bench) -> object:
    bench.get("clear_history", client_id=411262772)
    return _on_list(bench, 1170282)


def _other_list(bench: Bench) -> object:
    for list_id in (7, 8):
        _put_on_list(bench, 5, list_id=list_id)
    _take_off(bench, 5)
    return _on_list(bench, 8)


def _email_after_a_city(bench: Bench) -> object:
    bench.save_in_client(5, city="Oslo")
    return _variable(bench, 5, "email")


def _closed_deal(bench: Bench) -> object:
    bench.post("set_order_state", client_id=25554, state_id=38)
    return _body(bench.post("get_order_vars", client_id=25554, order_id=40632, variables=["utm_source"]))["result"]


# bounds


def _history_of_today(bench: Bench) -> object:
    bench.post("message", client_id=5, message="x")
    return _texts(bench, 5, start_date="10.03.2026", stop_date="11.03.2026")


def _second_of_a_broadcast(bench: Bench) -> object:
    bench.post("broadcast", clients=[5, 58], message="x", shift=10)
    return _texts(bench, 58)


def _before_the_second(bench: Bench) -> object:
    bench.post("whatsapp_message", phone="79609879898", message="x", send_time="2026-03-10 12:00:30")
    return _texts(bench, 49177759)


# extras


def _extra_of_whatsapp_callback(bench: Bench) -> object:
    bench.post("whatsapp_callback", phone="79609879898", message="x", color="red")
    return _variable(bench, 49177759, "color")


def _extra_of_a_later_callback(bench: Bench) -> object:
    bench.post("tg_callback", user_id="123456789", group_id=_BOT, message="x", color="red", time_shift=1)
    bench.advance(2)
    return _variable(bench, 201, "color")


def _extra_beside_an_alias(bench: Bench) -> object:
    bench.call("callback", {"who": 5, "message": "x", "color": "red"}, value_client_id="who")
    return _variable(bench, 5, "color")


def _number_of_email_callback(bench: Bench) -> object:
    bench.post("email_callback", email="reader@example.com", message="x", count=7)
    return _variable(bench, 207, "count")


# narrowing


def _stage_of_the_older_deal(bench: Bench) -> object:
    bench.post("create_order", client_id=58)
    bench.post("move_order_to_next_state", client_id=58, order_id=40653)
    return _body(bench.get("get_order_state", client_id=58, state_id=40653))["state_id"]


def _bot_of_a_new_client(bench: Bench) -> object:
    bench.post("whatsapp_callback", phone=_STRANGER, bot_id=_SUPPORT, message="x")
    return _body(bench.get("get_clients", limit=1))["clients"][0]["group"]


def _two_of_a_list(bench: Bench) -> object:
    _put_on_list(bench, 5, 58, 110)
    return len(_on_list(bench, limit=2))


# notation


def _saved_by_text(bench: Bench) -> object:
    bench.post("save_variables", client_id="5", variables={"var_name": "var_value"})
    return _variable(bench, 5, "var_name")


def _imported(bench: Bench, platform_id: str, group_id: int | str, client_type: int) -> Any:
    item = {"platform_id": platform_id, "group_id": group_id, "client_type": client_type}
    return _body(bench.call("load_clients", [item]))["items"][0]


# neighbours


def _projects_of_a_client(bench: Bench) -> object:
    client = _body(bench.get("get_clients", limit=1))["clients"][0]
    return client["project_id"] == _body(bench.get("connected_channels"))["project_id"]


def _project_of_an_event(bench: Bench) -> object:
    [[event]] = _told(bench, lambda: bench.post("message", client_id=5, message="x"))
    return event["project_id"] == _body(bench.get("connected_channels"))["project_id"]


def _two_projects(bench: Bench) -> object:
    return len({_body(bench.get("connected_channels", key=key))["project_id"] for key in ("demo-full", "other-full")})


def _foreign_subscriber(bench: Bench) -> object:
    bench.foreign()
    return FOREIGN_PHONE in [each["vk_id"] for each in _body(bench.get("subscribers"))]


def _foreign_latest(bench: Bench) -> object:
    bench.foreign()
    return bench.get("find_latest_client_id_by_var", var="city", val="Oslo")[0]


# outcomes


def _current_after_a_loss(bench: Bench) -> object:
    bench.post("set_order_state", client_id=58, state_id=39)
    return _body(bench.get("get_current_order_id", client_id=58))["status"]


def _undelivered(bench: Bench) -> object:
    bench.post("whatsapp_message", phone=_NO_WHATSAPP, message="x")
    client_id = _body(bench.get("whatsapp_client_id", phone=_NO_WHATSAPP))["client_id"]
    return _body(bench.history(client_id))["result"][0]["delivered"]


def _reason(bench: Bench) -> object:
    [[event]] = _told(bench, lambda: bench.post("whatsapp_message", phone=_NO_WHATSAPP, message="x"))
    return event["delivered"], bool(event["error_message"])


_SHOWN: Final = {
    # several
    "list-loses-the-first-client-only": Shown(_list_after_two_left, [110], [110, 58]),
    "deal-shows-the-first-variable-only": Shown(
        _names_of_deal, {"var_name1": "111", "var_name2": "13.04.2023"}, {"var_name1": "111"}
    ),
    "phone-search-in-the-first-whatsapp-only": Shown(
        lambda b: b.get("find_client_id_by_phone", phone="79000000004")[0], 200, 404
    ),
    "find-clients-reads-the-first-condition-only": Shown(
        lambda b: _body(b.post("find_clients", q={"city": "Paris", "plan": "free"}))["client_ids"], [], [201]
    ),
    "platform-id-search-knows-the-first-only": Shown(
        lambda b: [
            each["id"] for each in _body(b.post("find_client_id_by_platform_id", platform_ids=["2568652", "571830542"]))
        ],
        [5, 58],
        [5],
    ),
    # again
    "history-cleared-once-only": Shown(_history_after_two_clearings, [], ["y"]),
    "changed-email-not-found": Shown(_found_by_the_second_email, 200, 404),
    "email-callback-makes-a-client-each-time": Shown(_clients_with_a_new_email, 1, 2),
    "deal-variable-set-once-only": Shown(_deal_after_two_values, {"size": "2"}, {"size": "1"}),
    "client-taken-off-a-list-cannot-return": Shown(_list_after_a_return, [5], []),
    # by_get
    "callback-by-get-does-nothing": Shown(_told_by_get, (200, ["hello"]), (200, [])),
    "message-by-get-without-its-file": Shown(_file_by_get, True, False),
    "resume-bot-unread-by-get": Shown(_resumed_by_get, True, False),
    "names-in-the-address-unread-by-get": Shown(
        lambda b: b.get("message", value_client_id="who", who=5, message="x")[0], 200, 400
    ),
    "whatsapp-message-refuses-get": Shown(
        lambda b: b.get("whatsapp_message", phone="79609879898", message="x")[0], 200, 405
    ),
    # exclusive
    "broadcast-bot-narrows-clients": Shown(_broadcast_to_another_bot, (["x"], ["x"]), (["x"], [])),
    "broadcast-prefers-the-time-of-day": Shown(_broadcast_after_half_a_minute, ["x"], []),
    "tg-callback-waits-for-both-times": Shown(_callback_after_half_a_minute, ["x"], []),
    "create-order-saves-the-unused-phone": Shown(_phone_after_a_deal, None, _STRANGER),
    "create-order-makes-the-unused-email-a-client": Shown(_email_after_a_deal_by_phone, 404, 200),
    # clearing
    "clearing-takes-the-variables": Shown(_city_after_clearing, "Oslo", None),
    "clearing-takes-the-client-off-its-lists": Shown(_list_after_clearing, [411262772], []),
    "taken-off-every-list": Shown(_other_list, [5], []),
    "saving-empties-the-profile": Shown(_email_after_a_city, "john.smith@example.com", None),
    "closed-deal-loses-its-variables": Shown(_closed_deal, {"utm_source": "spring"}, {}),
    # bounds
    "first-day-of-a-history-missing": Shown(_history_of_today, ["x"], []),
    "last-block-missing": Shown(lambda b: _body(b.get("get_messages"))["messages"][-1]["id"] == 60812489, True, False),
    "third-variable-refused": Shown(
        lambda b: b.get("find_all_client_id_by_several_vars", city="Paris", plan="pro", promo_code="SPRING")[0],
        200,
        400,
    ),
    "first-two-of-a-broadcast-at-once": Shown(_second_of_a_broadcast, [], ["x"]),
    "send-time-to-the-minute": Shown(_before_the_second, [], ["x"]),
    # extras
    "extra-of-whatsapp-callback-lost": Shown(_extra_of_whatsapp_callback, "red", None),
    "extra-of-a-later-tg-callback-lost": Shown(_extra_of_a_later_callback, "red", None),
    "extra-beside-an-alias-lost": Shown(_extra_beside_an_alias, "red", None),
    "number-beside-an-email-lost": Shown(_number_of_email_callback, 7, None),
    # optional
    "whatsapp-message-wants-a-bot": Shown(
        lambda b: b.post("whatsapp_message", phone="79875146788", message="some_text")[0], 200, 400
    ),
    "whatsapp-client-id-wants-a-bot": Shown(lambda b: b.get("whatsapp_client_id", phone="79609879898")[0], 200, 400),
    "deal-stage-wants-the-deal": Shown(lambda b: b.get("get_order_state", client_id=25554)[0], 200, 400),
    "buttons-want-a-hint": Shown(lambda b: b.post("message", client_id=5, message="x", buttons=[_BUTTON])[0], 200, 400),
    "dialogue-wants-a-name": Shown(lambda b: b.get("online_chat_client_id", recipient="a1b2c3d4")[0], 200, 400),
    # narrowing
    "next-stage-of-the-current-deal-only": Shown(_stage_of_the_older_deal, 123457, 123456),
    "whatsapp-callback-of-any-bot": Shown(_bot_of_a_new_client, _SUPPORT, "34810"),
    "limit-of-a-list-ignored": Shown(_two_of_a_list, 2, 3),
    "every-value-of-a-variable-found": Shown(
        lambda b: _body(b.get("find_all_client_id_by_var", var="city", val="Paris"))["client_ids"],
        [201],
        [201, 85856],
    ),
    "deal-search-finds-client-variables-too": Shown(
        lambda b: b.get("find_client_id_by_var", var="city", val="Paris", search_in="order")[0], 404, 200
    ),
    # notation
    "number-with-brackets-makes-another-client": Shown(
        lambda b: _imported(b, "+7 (960) 987-98-98", 34810, 6)["id"] == 49177759, True, False
    ),
    "group-id-of-digits-as-text-unknown": Shown(
        lambda b: _imported(b, "555", "143414131", 0)["status"], "success", "fail"
    ),
    "mixed-platform-ids-refused": Shown(
        lambda b: b.post(
            "send_callback_by_platform_id",
            platform_ids=[407184121, "79609879898", "2rwewefw"],
            callback_text="test_callback",
        )[0],
        200,
        400,
    ),
    "nothing-saved-for-a-client-id-as-text": Shown(_saved_by_text, "var_value", None),
    # neighbours
    "clients-with-the-next-project": Shown(_projects_of_a_client, True, False),
    "webhook-with-the-channel-as-project": Shown(_project_of_an_event, True, False),
    "channels-with-the-first-project": Shown(_two_projects, 2, 1),
    "subscribers-of-all-projects": Shown(_foreign_subscriber, False, True),
    "latest-client-of-any-project": Shown(_foreign_latest, 404, 200),
    # outcomes
    "won-and-lost-deals-swapped": Shown(
        lambda b: _body(b.get("get_orders", client_id=25554, order_status=1))["order_id"], [40338], [40340]
    ),
    "lost-deal-stays-current": Shown(_current_after_a_loss, "order not found", "success"),
    "history-calls-everything-delivered": Shown(_undelivered, False, True),
    "webhook-without-the-reason": Shown(_reason, (0, True), (0, False)),
    # due
    "later-message-told-at-once": Shown(
        lambda b: _told_of_a_later(b, lambda: b.post("message", client_id=5, message="x", time_shift=10), 20),
        [0, 1],
        [1, 0],
    ),
    "broadcast-told-at-once": Shown(
        lambda b: _told_of_a_later(b, lambda: b.post("broadcast", clients=[5, 58], message="x", shift=10), 20),
        [1, 1],
        [2, 0],
    ),
    "later-callback-told-at-once": Shown(
        lambda b: _told_of_a_later(b, lambda: b.post("callback", client_id=5, message="x", time_shift=10), 20),
        [0, 1],
        [1, 0],
    ),
}


def test_every_foreign_defect_is_shown() -> None:
    assert list(_SHOWN) == defects.names("foreign")


@pytest.mark.parametrize("name", _SHOWN)
def test_a_defect_puts_the_wrong_value_on_the_wire(name: str) -> None:
    shown = _SHOWN[name]
    with Bench() as bench:
        assert shown.probe(bench) == shown.right
    with defects.applied(name), Bench() as bench:
        assert bench.get("connected_channels")[0] == 200
        assert shown.probe(bench) == shown.wrong
    with Bench() as bench:
        assert shown.probe(bench) == shown.right
