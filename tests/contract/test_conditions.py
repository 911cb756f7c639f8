"""The conditions and limits of requests, each by a call that just fits and one that just does not."""

from collections.abc import Mapping
from typing import Any

import jsonschema_rs
import pytest
from tests.contract.source import CARDS

import mavibot_contract

CONTRACT = mavibot_contract.load()


def fits(action: str, parameters: Mapping[str, Any]) -> bool:
    schema = CONTRACT.standalone(CONTRACT.operation(action).schema)
    return jsonschema_rs.validator_for(schema).is_valid(dict(parameters))


TEXT = {"message": "x"}
FILE = {"attachment_url": "https://files.example.com/a", "attachment_type": "file"}
CLIENT = {"client_id": 1}
NEW = {"platform_id": "1", "group_id": "bot", "client_type": 1}
RIGHT_AND_WRONG: dict[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {
    "callback needs a way to the client": ("callback", TEXT | {"client_email": "a@b"}, TEXT),
    "callback needs a text": ("callback", TEXT | CLIENT, CLIENT),
    "callback keeps further parameters": ("callback", TEXT | CLIENT | {"any": "thing"}, TEXT | {"any": "thing"}),
    "tg_callback needs the bot": ("tg_callback", TEXT | {"user_id": 1, "group_id": "b"}, TEXT | {"user_id": 1}),
    "message needs a text, a file or a block": ("message", CLIENT | {"message_id": 1}, CLIENT),
    "a file without a text": ("message", CLIENT | FILE, CLIENT | {"attachment_url": FILE["attachment_url"]}),
    "an attachment type needs a file": ("message", CLIENT | TEXT | FILE, CLIENT | TEXT | {"attachment_type": "file"}),
    "attachment types are closed": ("message", CLIENT | FILE, CLIENT | FILE | {"attachment_type": "video/image/file"}),
    "buttons with a hint": (
        "message",
        CLIENT | TEXT | {"buttons": {"hint": "h", "buttons": [{"type": "reply"}]}},
        CLIENT | TEXT | {"buttons": {"hint": "h"}},
    ),
    "buttons without a hint": (
        "message",
        CLIENT | TEXT | {"buttons": {"buttons": [{"type": "inline", "url": "https://example.com"}]}},
        CLIENT | TEXT | {"buttons": {"buttons": [{"type": "link"}]}},
    ),
    "buttons as a bare list": (
        "message",
        CLIENT | TEXT | {"buttons": [{"type": "phone"}]},
        CLIENT | TEXT | {"buttons": [{"text": "no type"}]},
    ),
    "buttons as JSON text": (
        "message",
        CLIENT | TEXT | {"buttons": '[{"type": "phone"}]'},
        CLIENT | TEXT | {"buttons": "Prices"},
    ),
    "the removal of a keyboard": (
        "message",
        CLIENT | TEXT | {"buttons": [{"buttons": [], "one_time": True, "line": 0, "index_in_line": 0}]},
        CLIENT | TEXT | {"buttons": [{"buttons": [{"type": "reply"}], "one_time": True}]},
    ),
    "one_time is a number or a boolean": (
        "broadcast",
        TEXT | {"list": 5, "buttons": [{"type": "reply", "one_time": 1}]},
        TEXT | {"list": 5, "buttons": [{"type": "reply", "one_time": 2}]},
    ),
    "send_time has one notation": (
        "message",
        CLIENT | TEXT | {"send_time": "2024-10-16 13:15:59"},
        CLIENT | TEXT | {"send_time": "16.10.2024 13:15"},
    ),
    "time_shift is not negative": ("message", CLIENT | TEXT | {"time_shift": 0}, CLIENT | TEXT | {"time_shift": -1}),
    "broadcast needs recipients": ("broadcast", TEXT | {"clients": [1]}, TEXT),
    "broadcast takes one kind of recipients": (
        "broadcast",
        TEXT | {"list": 5},
        TEXT | {"list": 5, "clients": [1]},
    ),
    "platform_ids need group_id": (
        "broadcast",
        TEXT | {"platform_ids": [1], "group_id": "b"},
        TEXT | {"platform_ids": [1]},
    ),
    "group_id chooses no recipients": (
        "broadcast",
        TEXT | {"clients": [1], "group_id": "b"},
        TEXT | {"group_id": "b"},
    ),
    "broadcast needs a text, a file or a block": ("broadcast", FILE | {"list": 5}, {"list": 5}),
    "300 callbacks": (
        "send_callback_by_platform_id",
        {"callback_text": "x", "platform_ids": ["1"] * 300},
        {"callback_text": "x", "platform_ids": ["1"] * 301},
    ),
    "500 deletions": ("delete_clients", {"client_ids": [1] * 500}, {"client_ids": [1] * 501}),
    "500 clients a page": ("get_clients", {"limit": 500}, {"limit": 501}),
    "2000 messages": ("get_history", CLIENT | {"limit": 2000}, CLIENT | {"limit": 2001}),
    "a period has two ends": (
        "get_history",
        CLIENT | {"start_date": "01.03.2026", "stop_date": "31.03.2026"},
        CLIENT | {"start_date": "01.03.2026"},
    ),
    "days are dd.mm.yyyy": (
        "get_history",
        CLIENT | {"start_date": "01.03.2026", "stop_date": "31.03.2026"},
        CLIENT | {"start_date": "2026-03-01", "stop_date": "2026-03-31"},
    ),
    "telephony has no group": (
        "load_clients",
        {"clients": [NEW | {"client_type": 13, "group_id": ""}]},
        {"clients": [NEW | {"client_type": 13}]},
    ),
    "other messengers have a group": ("load_clients", {"clients": [NEW]}, {"clients": [NEW | {"group_id": ""}]}),
    "unknown messengers are let through": (
        "load_clients",
        {"clients": [NEW | {"client_type": 23}]},
        {"clients": [NEW | {"client_type": "telegram"}]},
    ),
    "variables of a client or of clients": (
        "save_variables",
        {"clients": [1], "variables": {"a": None}},
        {"variables": {"a": None}},
    ),
    "variables are not nested": (
        "save_variables",
        CLIENT | {"variables": {"client.phone": 1}},
        CLIENT | {"variables": {"client": {"phone": 1}}},
    ),
    "three variables": (
        "find_all_client_id_by_several_vars",
        {"variables": {"a": "1", "b": "2", "c": "3"}},
        {"variables": {"a": "1", "b": "2", "c": "3", "d": "4"}},
    ),
    "operators of a search": (
        "find_clients",
        {"q": {"a": {"_in": ["x"]}, "b": {"_not": 1}, "c": {"_not_in": []}, "d": "plain"}},
        {"q": {"a": {"_like": "x"}}},
    ),
    "a search needs conditions": ("find_clients", {"q": {"a": 1}}, {"search_in": "order"}),
    "a search in deals": ("find_clients", {"q": {"a": 1}, "search_in": "order"}, {"q": {"a": 1}, "search_in": "deal"}),
    "a deal needs a client": ("create_order", {"phone": "+7 900"}, {"name": "x"}),
    "a budget is a number": ("create_order", CLIENT | {"budget": "49.50"}, CLIENT | {"budget": "much"}),
    "a deal's status": ("get_orders", CLIENT | {"order_status": 2}, CLIENT | {"order_status": 3}),
    "ids as text": ("get_variables", {"client_id": "25554"}, {"client_id": "@name"}),
    "ids as numbers": ("get_variables", {"client_id": 25554}, {"client_id": 0}),
}


@pytest.mark.parametrize(("action", "right", "wrong"), RIGHT_AND_WRONG.values(), ids=RIGHT_AND_WRONG.keys())
def test_condition(action: str, right: Mapping[str, Any], wrong: Mapping[str, Any]) -> None:
    assert fits(action, right)
    assert not fits(action, wrong)


def test_defaults_are_stated() -> None:
    defaults = {
        (action, name): schema["default"]
        for action in CARDS
        for name, schema in CONTRACT.operation(action).schema["properties"].items()
        if "default" in schema
    }
    assert defaults == {
        ("broadcast", "shift"): 0.2,
        ("get_history", "limit"): 2000,
        ("get_clients", "offset"): 0,
        ("get_clients", "limit"): 500,
        ("get_clients", "reverse"): False,
        ("subscribers", "page"): 0,
        ("find_clients", "include_all"): True,
    }


@pytest.mark.parametrize(
    "event",
    [
        {
            "id": 1,
            "client": {"id": 2, "recepient": "3", "client_type": 14, "unread_count": 1},
            "message": "",
            "is_input": 1,
        },
        {
            "id": 1,
            "client": {"id": 2, "created_at": "2026-07-26T10:00:00"},
            "message": None,
            "attachments": ["https://a"],
        },
        {"id": 1, "message": "chat_opened", "attachments": [{"url": "https://a", "type": "image", "name": "a"}]},
        {"id": 1, "client": {"id": 2, "variables": {"a": None}}, "attachments": "['url1','url2']", "internal_id": None},
        {"id": 1, "attachments": [{"phone_number": "79000000000"}], "delivered": 0, "error_message": "blocked"},
    ],
)
def test_webhook_events_of_every_shape_that_occurs(event: dict[str, Any]) -> None:
    schema = CONTRACT.standalone({"$ref": "#/components/schemas/ProjectMessage"})
    assert [error.message for error in jsonschema_rs.validator_for(schema).iter_errors(event)] == []
