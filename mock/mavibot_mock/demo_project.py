"""The demo project: the same on every machine, with the ids of the vendor's own examples."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from mavibot_api import contract as bundled
from mavibot_mock.facts import MESSENGERS
from mavibot_mock.identity import TELEPHONY, WHATSAPP
from mavibot_mock.project import ApiKey, Project

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_mock.store import Store

#: The key that may do everything.
FULL_KEY: Final = "demo-full"

#: When the demo project's clients were created and its messages sent.
_CREATED: Final = 1588248599

_VK, _TELEGRAM, _VIBER = (MESSENGERS[name] for name in ("VKONTAKTE", "TELEGRAM", "VIBER"))

_CHANNELS: Final[tuple[tuple[str, int, dict[str, Any]], ...]] = (
    ("vkontakte", _VK, {"id": 33, "group": "143414131", "group_id": "143414131"}),
    ("vkontakte", _VK, {"id": 34, "group": "169166236", "group_id": "169166236"}),
    ("telegram", _TELEGRAM, {"id": 23, "short_name": "bulls_vs_bears_bot", "name": "bulls_vs_bears_bot"}),
    ("telegram", _TELEGRAM, {"id": 24, "short_name": "example_bot", "name": "Пример"}),
    ("telegram", _TELEGRAM, {"id": 25, "short_name": "Mavibotai_bot", "name": "Mavibot"}),
    ("viber", _VIBER, {"id": 14, "uri": "mavibotstage", "name": "mavibotstage", "enabled": True, "group_id": 11}),
    ("whatsapp", WHATSAPP, {"id": 41, "name": "Shop", "enabled": True, "group_id": 34810, "status": 1}),
    (
        "whatsapp",
        WHATSAPP,
        {"id": 42, "name": "Support", "enabled": True, "group_id": "1hwF7lwEjv4SKYIGFhQnBw==", "status": 1},
    ),
)

#: Number, text that leads into the block, answer, note.
_BLOCKS: Final = (
    (1, "/start", "Welcome! How can we help?", "Greeting"),
    (390, "meow", "Meow meow", "The example of the vendor's document"),
    (38327266, "subscription", "Your subscription is active.", "Subscription"),
    (60812489, "operator", "An operator will answer soon.", "Operator"),
)

#: Number, messenger, channel, id in the messenger, name, avatar, tag.
_CLIENTS: Final = (
    (5, _TELEGRAM, "bulls_vs_bears_bot", "2568652", "John Smith", "https://files.example.com/5.jpg", "spring"),
    (58, _TELEGRAM, "bulls_vs_bears_bot", "571830542", "Мария Иванова", None, None),
    (110, _VK, "143414131", "407184121", "Олег 🦊", "https://files.example.com/110.jpg", None),
    (25554, _TELEGRAM, "example_bot", "700025554", "Анна-Мария О'Нил", None, "utm_spring"),
    (85856, _VK, "169166236", "146467928", None, None, None),
    (1234565, _VIBER, "11", "AbC0+dEf/123==", "Test Person", None, ""),
    (1000001, _TELEGRAM, "example_bot", "200000001", "Test Person", None, None),
    (1000002, TELEPHONY, "", "79000000002", None, None, None),
    (49177759, WHATSAPP, "34810", "79609879898", "Пётр", None, None),
    (411262772, WHATSAPP, "1hwF7lwEjv4SKYIGFhQnBw==", "79000000004@s.whatsapp.net", None, None, "landing"),
    (646410963, _TELEGRAM, "Mavibotai_bot", "700646410", "  spaced   name ", None, None),
)

_CLIENT_VARIABLES: Final = (
    (5, "email", "john.smith@example.com"),
    (25554, "phone", "+7 (987) 514-67-88"),
    (25554, "email", "client@example.com"),
    (85856, "phone", 79000000085),
    (85856, "city", "Санкт-Петербург"),
)

_LIST: Final = (1170282, (411262772,))


def demo_project(*, clock: Callable[[], float] = time.time) -> Project:
    """Return a fresh demo project; the caller closes it.

    Args:
        clock: returns the time in Unix seconds.
    """
    keys = [
        ApiKey(FULL_KEY, _permissions(), is_primary=True),
        *(ApiKey(value, frozenset({permission})) for permission, value in _single_keys().items()),
        ApiKey("demo-none", frozenset()),
        ApiKey("demo-revoked", _permissions(), revoked=True),
    ]
    project = Project(1, keys, clock=clock)
    with project.transaction():
        _fill(project.store)
    return project


def demo_keys() -> dict[str, str]:
    """Return the demo project's keys by what they may do: `full`, a permission, `none` or `revoked`."""
    return {"full": FULL_KEY, **_single_keys(), "none": "demo-none", "revoked": "demo-revoked"}


def _permissions() -> frozenset[str]:
    contract = bundled.load()
    return frozenset(contract.operation(action).permission for action in contract.actions)


def _single_keys() -> dict[str, str]:
    return {permission: "demo-" + permission.replace(":", "-") for permission in sorted(_permissions())}


def _fill(store: Store) -> None:
    for messenger, client_type, shown in _CHANNELS:
        usual = {"enabled": True, "group_id": shown["short_name"]} if messenger == "telegram" else {}
        store.add_channel(messenger, client_type, {**shown, **usual})
    for block_id, condition, answer, description in _BLOCKS:
        store.add_block(block_id, condition=condition, answer=answer, description=description)
    for client_id, client_type, group_id, platform_id, name, avatar, tag in _CLIENTS:
        store.add_client(
            client_type=client_type,
            group_id=group_id,
            platform_id=platform_id,
            now=_CREATED,
            id=client_id,
            name=name,
            avatar=avatar,
            tag=tag,
        )
    for client_id, variable, value in _CLIENT_VARIABLES:
        store.set_client_variable(client_id, variable, value)
    order_id = store.add_order(25554, now=_CREATED)
    store.set_order_variable(order_id, "utm_source", "spring")
    list_id, members = _LIST
    for client_id in members:
        store.add_to_list(list_id, client_id)
    _fill_history(store)


def _fill_history(store: Store) -> None:
    """Give client 25554 a short dialogue: it writes, the bot answers, an operator answers."""
    store.add_message(25554, text="meow", now=_CREATED, client_replica=True, id=104499)
    store.add_message(25554, text="Meow meow", now=_CREATED + 1, block_id=390)
    store.add_message(
        25554,
        text="Чем помочь?",
        now=_CREATED + 60,
        attachments=["https://files.example.com/price-list.pdf"],
        manager_id=12486,
        manager_email="manager@example.com",
    )
    store.move_to_block(25554, 390, now=_CREATED + 1)
