"""Every defect changes what a caller sees, and nothing of it is left when it is undone."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest
from tests.mock.bench import FOREIGN_PHONE, Bench
from tests.mock.caller import NOON
from tests.mock.receiver import Answer, Receiver, post_to
from tests.running import line_of, rest_of, started

from mavibot_mock import defects
from mavibot_mock.actions.jobs import JOBS
from mavibot_mock.actions.registry import handlers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Probe = Callable[["Bench"], object]

_FILE: Final[dict[str, Any]] = {"attachment_url": "https://files.example.com/a.jpg", "attachment_type": "image"}


def _told(*messages: dict[str, Any], action: str = "message", status: int = 200) -> Probe:
    """Return a probe of what a webhook's receiver gets while calls of an action are made."""

    def probe(bench: Bench) -> object:
        with Receiver(lambda _: Answer(status)) as receiver:
            post_to(bench.project, receiver.url)
            for message in messages:
                bench.post(action, **message)
                bench.settle()
            return [received.body for received in receiver.received]

    return probe


def _counted(bench: Bench) -> object:
    bench.project.configure(replace(bench.project.settings, calls_per_second=1.0, calls_at_once=1))
    return [bench.save(5, a="b") for _ in range(3)]


def _in_two_channels(bench: Bench) -> object:
    ids = [str(number) for number in range(151)]
    for client_type, group_id in ((0, "143414131"), (1, "example_bot")):
        items = [{"platform_id": each, "client_type": client_type, "group_id": group_id} for each in ids]
        bench.call("load_clients", items)
    return bench.post("send_callback_by_platform_id", platform_ids=ids, callback_text="x")


def _of_150(bench: Bench) -> object:
    for number in range(150):
        bench.project.store.add_message(5, text=str(number), now=NOON)
    return bench.history(5)


def _of_2001(bench: Bench) -> object:
    for number in range(2001):
        bench.project.store.add_message(5, text=str(number), now=NOON)
    return len(json.loads(bench.history(5)[1])["result"])


def _chat(number: int) -> dict[str, Any]:
    """Return a client of a Telegram bot to import."""
    return {"platform_id": str(number), "group_id": "example_bot", "client_type": 1}


def _newest(bench: Bench, count: int) -> list[int]:
    """Return the ids of the clients that were created last."""
    return [row["id"] for row in json.loads(bench.get("get_clients", limit=count)[1])["clients"]]


_HELLO: Final[dict[str, Any]] = {"client_id": 5, "message": "hello"}
_CHAT: Final[dict[str, Any]] = {"user_id": "123456789", "group_id": "bulls_vs_bears_bot", "message": "hello"}
_IMPORT: Final = {"platform_id": "79875555555", "group_id": "34810", "client_type": 6}

#: For every defect something whose result it changes.
_PROBES: Final[dict[str, Probe]] = {
    # keys
    "get-history-wants-no-permission": lambda b: b.get("get_history", key="demo-none", client_id=5),
    "client-read-implies-write": lambda b: b.post("message", key="demo-clients-read", **_HELLO),
    "write-implies-delete": lambda b: b.post("delete_clients", key="demo-clients-write", client_ids=[5]),
    "client-read-implies-crm-read": lambda b: b.get("get_orders", key="demo-clients-read", client_id=25554),
    "set-order-vars-wants-read-only": lambda b: b.post(
        "set_order_vars", key="demo-crm-read", client_id=25554, variables={"a": "b"}
    ),
    "no-permissions-mean-all": lambda b: b.get("get_clients", key="demo-none"),
    "permissions-ignored-by-get": lambda b: b.get("get_clients", key="demo-none"),
    "revoked-key-accepted": lambda b: b.get("get_clients", key="demo-revoked"),
    "unknown-key-accepted": lambda b: b.get("get_clients", key="nobody"),
    "key-in-any-case-of-letters": lambda b: b.get("get_clients", key="DEMO-full"),
    "beginning-of-a-key-accepted": lambda b: b.get("get_clients", key="demo-fu"),
    # tenants
    "variables-of-other-projects": lambda b: b.variables(b.foreign()),
    "message-to-other-projects": lambda b: b.post("message", client_id=b.foreign(), message="x"),
    "phone-search-in-other-projects": lambda b: [b.foreign(), b.get("find_client_id_by_phone", phone=FOREIGN_PHONE)],
    "clients-of-all-projects-listed": lambda b: b.get("get_clients"),
    "find-clients-in-all-projects": lambda b: [b.foreign(), b.post("find_clients", q={"city": "Oslo"})],
    "broadcast-in-all-projects": lambda b: [
        b.post("broadcast", clients=[5], message="x"),
        b.get("get_history", key="other-full", client_id=5),
    ],
    "project-id-chooses-the-project": lambda b: [b.post("message", project_id=2, **_HELLO), b.history(5)],
    "deal-of-another-client-read": lambda b: b.post("get_order_vars", client_id=5, order_id=40632),
    "deal-of-another-client-moved": lambda b: b.post("move_order_to_next_state", client_id=5, order_id=40632),
    # aliases
    "value-phone-ignored": lambda b: b.call("callback", {"p": "79875146788", "message": "x"}, value_phone="p"),
    "value-email-ignored": lambda b: b.call("callback", {"e": "client@example.com", "message": "x"}, value_email="e"),
    "value-group-id-ignored": lambda b: b.call(
        "tg_callback", {"user_id": "123456789", "g": "bulls_vs_bears_bot", "message": "x"}, value_group_id="g"
    ),
    "value-message-ignored-by-whatsapp-message": lambda b: b.call(
        "whatsapp_message", {"phone": "79609879898", "t": "x"}, value_message="t"
    ),
    "value-user-id-ignored-by-fb-callback": lambda b: b.call(
        "fb_callback",
        {"u": "100000000000001", "group_id": "100000000000002", "message": "x"},
        value_user_id="u",
    ),
    "only-one-alias-counts": lambda b: b.call("callback", {"w": 5, "t": "x"}, value_client_id="w", value_message="t"),
    "aliased-key-becomes-a-variable": lambda b: [
        b.call("callback", {"who": 5, "message": "x"}, value_client_id="who"),
        b.variables(5),
    ],
    "alias-itself-becomes-a-variable": lambda b: [
        b.call("callback", {"who": 5, "message": "x"}, value_client_id="who"),
        b.variables(5),
    ],
    "aliases-after-the-check": lambda b: b.call("callback", {"client_id": 5, "t": "x"}, value_message="t"),
    "delimiter-of-two-keys-only": lambda b: b.call(
        "callback", {"a": {"b": {"c": 5}}, "message": "x"}, delimiter="1", delimiter_value_client_id="a1b1c"
    ),
    "delimiter-is-always-a-dot": lambda b: b.call(
        "callback", {"a": {"b": 5}, "message": "x"}, delimiter="2", delimiter_value_client_id="a2b"
    ),
    "only-the-last-key-of-a-path-counts": lambda b: b.call(
        "callback", {"a": {"b": 5}, "message": "x"}, delimiter="1", delimiter_value_client_id="a1b"
    ),
    "delimiter-of-the-phone-ignored": lambda b: b.call(
        "callback", {"a": {"b": "79875146788"}, "message": "x"}, delimiter="1", delimiter_value_phone="a1b"
    ),
    "delimiter-ignored-by-save-variables": lambda b: b.call(
        "save_variables", {"a": {"b": 5}, "variables": {"x": "y"}}, delimiter="1", delimiter_value_client_id="a1b"
    ),
    # priorities
    "create-order-by-email-before-phone": lambda b: [
        b.post("create_order", phone="79875146788", email="john.smith@example.com"),
        b.get("get_orders", client_id=5),
    ],
    "create-order-by-phone-before-client-id": lambda b: [
        b.post("create_order", client_id=5, phone="79875146788"),
        b.get("get_orders", client_id=5),
    ],
    "create-order-with-two-identifiers-refused": lambda b: b.post("create_order", client_id=5, phone="79875146788"),
    "send-time-before-time-shift": lambda b: [
        b.post("message", time_shift=10, send_time="2026-03-10 13:00:00", **_HELLO),
        b.advance(20),
        b.history(5),
    ],
    "callback-by-email-before-client-id": lambda b: [
        b.post("callback", client_email="client@example.com", **_HELLO),
        b.history(5),
    ],
    "broadcast-merges-its-targets": lambda b: b.post("broadcast", list=1170282, clients=[5], message="x"),
    "broadcast-without-target-goes-to-all": lambda b: b.post("broadcast", message="x"),
    "broadcast-ignores-the-bot": lambda b: [
        b.post("broadcast", platform_ids=["146467928"], group_id="143414131", message="x", shift=0),
        b.history(85856),
    ],
    "get-order-state-of-the-current-deal-only": lambda b: b.get("get_order_state", client_id=25554, order_id=40338),
    "resume-bot-ignored": lambda b: [
        b.post("callback", client_id=5, message="human"),
        b.post("callback", client_id=5, message="bye", resume_bot=True),
        b.history(5),
    ],
    # limits
    "only-299-platform-ids": lambda b: b.post(
        "send_callback_by_platform_id", platform_ids=list(range(300)), callback_text="x"
    ),
    "more-than-300-platform-ids": lambda b: b.post(
        "send_callback_by_platform_id", platform_ids=list(range(301)), callback_text="x"
    ),
    "more-than-300-callbacks": _in_two_channels,
    "get-clients-takes-501": lambda b: b.get("get_clients", limit=501),
    "get-clients-lists-10-by-default": lambda b: b.get("get_clients"),
    "history-of-100-by-default": _of_150,
    "history-takes-2001": lambda b: b.history(5, limit=2001),
    "history-limit-ignored": lambda b: b.history(25554, limit=1),
    "history-one-too-many": lambda b: b.history(25554, limit=1),
    "four-variables-searched": lambda b: b.get("find_all_client_id_by_several_vars", a=1, b=2, c=3, d=4),
    "third-variable-overlooked": lambda b: b.get(
        "find_all_client_id_by_several_vars", city="Paris", plan="pro", promo_code="WRONG"
    ),
    "delete-clients-takes-501": lambda b: b.post("delete_clients", client_ids=list(range(1000, 1501))),
    "save-variables-counted": _counted,
    # writes
    "text-lost-beside-a-file": lambda b: [b.post("message", **_HELLO, **_FILE), b.history(5)],
    "block-leaves-no-trace": lambda b: [b.post("message", client_id=5, message_id=390), b.history(5)],
    "callback-kept-twice": lambda b: [b.post("callback", **_HELLO), b.history(5)],
    "callback-triggers-nothing": lambda b: [b.post("callback", client_id=5, message="meow"), b.history(5)],
    "email-callback-makes-nobody": lambda b: b.post("email_callback", email="new@example.com", message="x"),
    "create-order-makes-nobody": lambda b: b.post("create_order", email="new@example.com"),
    "create-order-makes-two": lambda b: [b.post("create_order", client_id=5), b.get("get_orders", client_id=5)],
    "add-to-list-replaces": lambda b: [b.post("add_to_list", list_id=1170282, clients=[5]), b.on_list()],
    "list-holds-a-client-twice": lambda b: [
        b.post("add_to_list", list_id=1170282, clients=[411262772]),
        b.post("broadcast", list=1170282, message="x", shift=0),
        b.history(411262772),
    ],
    "remove-from-list-empties-it": lambda b: [b.post("remove_from_list", list_id=1170282, clients=[5]), b.on_list()],
    "broadcast-twice-to-the-first": lambda b: [
        b.post("broadcast", clients=[5, 58], message="x", shift=0),
        b.history(5),
    ],
    "broadcast-skips-the-last": lambda b: [b.post("broadcast", clients=[5, 58], message="x", shift=0), b.history(58)],
    "variables-for-the-first-client-only": lambda b: [
        b.post("save_variables", clients=[5, 58], variables={"a": "b"}),
        b.variables(58),
    ],
    "load-clients-imports-the-first": lambda b: b.call("load_clients", [_IMPORT, {**_IMPORT, "platform_id": "7999"}]),
    "history-of-everybody-cleared": lambda b: [b.get("clear_history", client_id=5), b.history(25554)],
    "deleted-clients-are-still-found": lambda b: [
        b.post("delete_clients", client_ids=[201]),
        b.post("find_clients", q={"city": "Paris"}),
    ],
    "next-stage-skipped": lambda b: b.post("move_order_to_next_state", client_id=25554),
    "set-order-state-not-kept": lambda b: [
        b.post("set_order_state", client_id=25554, state_id=37),
        b.get("get_order_state", client_id=25554),
    ],
    # ordering
    "history-oldest-first": lambda b: b.history(25554),
    "history-of-the-oldest-messages": lambda b: b.history(25554, limit=1),
    "reverse-inverted": lambda b: b.get("get_clients"),
    "reverse-turns-lists-too": lambda b: [
        b.post("add_to_list", list_id=1170282, clients=[5]),
        b.get("get_clients", list=1170282, reverse="true"),
    ],
    "pages-overlap": lambda b: b.get("get_clients", offset=2, limit=2),
    "pages-leave-gaps": lambda b: b.get("get_clients", offset=2, limit=2),
    "list-ignored": lambda b: b.on_list(),
    "subscribers-pages-count-from-one": lambda b: b.get("subscribers", page=1),
    # variables
    "client-prefix-saves-in-the-deal": lambda b: [
        b.save_in_client(5, a="b"),
        b.get("find_all_client_id_by_var", var="a", val="b"),
    ],
    "plain-name-saves-in-the-client": lambda b: [
        b.save(5, a="b"),
        b.get("find_all_client_id_by_var", var="a", val="b"),
    ],
    "client-prefix-stays-in-the-name": lambda b: [b.save_in_client(5, a="b"), b.variables(5)],
    "client-hides-the-deal": lambda b: [b.save(5, a="deal"), b.save_in_client(5, a="client"), b.variables(5)],
    "variables-left-from-the-last-answer": lambda b: [b.variables(201), b.variables(58)],
    "extra-of-tg-callback-lost": lambda b: [b.post("tg_callback", **_CHAT, extra="1"), b.variables(201)],
    "extra-of-email-callback-lost": lambda b: [
        b.post("email_callback", email="reader@example.com", message="x", extra="1"),
        b.variables(207),
    ],
    "extra-of-a-callback-in-the-client": lambda b: [
        b.post("callback", **_HELLO, extra="1"),
        b.get("find_all_client_id_by_var", var="extra", val="1"),
    ],
    "parameters-of-a-callback-saved-too": lambda b: [b.post("callback", **_HELLO), b.variables(5)],
    "set-order-vars-in-the-current-deal": lambda b: [
        b.post("set_order_vars", client_id=25554, order_id=40338, variables={"a": "b"}),
        b.post("get_order_vars", client_id=25554, order_id=40338),
    ],
    "get-order-vars-returns-all": lambda b: b.post("get_order_vars", client_id=25554, variables=["var_name1"]),
    "new-deal-inherits-variables": lambda b: [
        b.post("create_order", client_id=25554),
        b.post("get_order_vars", client_id=25554),
    ],
    # methods
    "whatsapp-callback-refuses-get": lambda b: b.get("whatsapp_callback", phone="79609879898", message="x"),
    "check-whatsapp-refuses-post": lambda b: b.post("check_whatsapp", phone="79609879898"),
    "extra-lost-by-get": lambda b: [b.get("callback", **_HELLO, extra="1"), b.variables(5)],
    "time-shift-lost-by-get": lambda b: [b.get("message", **_HELLO, time_shift=10), b.history(5)],
    "plus-stays-plus-by-get": lambda b: [
        b.raw("GET", "/api/demo-full/message?client_id=5&message=a+b"),
        b.history(5),
    ],
    "url-read-as-latin": lambda b: [b.get("message", client_id=5, message="Привет"), b.history(5)],
    "json-label-with-charset-refused": lambda b: b.raw(
        "POST",
        "/api/demo-full/message",
        content=json.dumps(_HELLO),
        headers={"Content-Type": "application/json; charset=utf-8"},
    ),
    # repeats
    "second-save-of-a-variable-lost": lambda b: [b.save(5, a="1"), b.save(5, a="2"), b.variables(5)],
    "second-deal-is-the-first": lambda b: b.post("create_order", client_id=25554),
    "create-order-makes-a-client-each-time": lambda b: [
        b.post("create_order", email="new@example.com"),
        b.post("create_order", email="new@example.com"),
        b.get("get_clients", limit=2),
    ],
    "second-import-makes-another-client": lambda b: [b.call("load_clients", [_IMPORT]) for _ in range(2)],
    "second-callback-dropped": lambda b: [b.post("callback", **_HELLO), b.post("callback", **_HELLO), b.history(5)],
    "online-chat-forgets-its-clients": lambda b: [b.get("online_chat_client_id", recipient="new") for _ in range(2)],
    "second-adding-takes-off": lambda b: [
        b.post("add_to_list", list_id=1170282, clients=[411262772]),
        b.on_list(),
    ],
    "second-search-is-the-first": lambda b: [
        b.get("find_client_id_by_email", email="client@example.com"),
        b.save_in_client(25554, email="another@example.com"),
        b.get("find_client_id_by_email", email="client@example.com"),
    ],
    # notations
    "client-id-as-text-unknown": lambda b: b.post("message", client_id="5", message="x"),
    "broadcast-passes-over-text-ids": lambda b: [
        b.post("broadcast", clients=["5"], message="x", shift=0),
        b.history(5),
    ],
    "platform-ids-as-numbers-not-found": lambda b: b.post("find_client_id_by_platform_id", platform_ids=[407184121]),
    "group-id-as-number-unknown": lambda b: b.call("load_clients", [{**_IMPORT, "group_id": 34810}]),
    "telephony-needs-a-channel": lambda b: b.call("load_clients", [{**_IMPORT, "group_id": "", "client_type": 13}]),
    "whatsapp-ending-makes-another-client": lambda b: b.call(
        "load_clients", [_IMPORT, {**_IMPORT, "platform_id": "79875555555@s.whatsapp.net"}]
    ),
    "numbers-saved-as-text": lambda b: [b.save(5, a=5), b.variables(5)],
    "texts-of-digits-saved-as-numbers": lambda b: [b.save(5, a="12"), b.variables(5)],
    "leading-zeros-lost": lambda b: [b.save(5, a="0012"), b.variables(5)],
    "zero-taken-for-nothing": lambda b: [b.save(5, a=0), b.variables(5)],
    "phone-with-plus-not-found": lambda b: b.get("find_client_id_by_phone", phone="+79875146788"),
    "check-whatsapp-wants-bare-digits": lambda b: b.get("check_whatsapp", phone="+7 987 514-67-88"),
    "number-in-a-variable-not-found": lambda b: [
        b.save_in_client(5, a=5),
        b.get("find_client_id_by_var", var="a", val=5),
    ],
    "large-ids-rounded": lambda b: [
        b.post("add_to_list", list_id=2**32 + 7, clients=[5]),
        b.get("get_clients", list=7),
    ],
    # search
    "and-becomes-or": lambda b: b.post("find_clients", q={"city": "Paris", "plan": "free"}),
    "include-all-ignored": lambda b: b.post("find_clients", q={"city": "Paris", "plan": "free"}, include_all=False),
    "not-ignored": lambda b: b.post("find_clients", q={"city": {"_not": "Paris"}}),
    "not-in-taken-for-in": lambda b: b.post("find_clients", q={"city": {"_not_in": ["Paris"]}}),
    "only-the-first-of-in-counts": lambda b: b.post("find_clients", q={"city": {"_in": ["Oslo", "Paris"]}}),
    "search-in-ignored": lambda b: b.post("find_clients", q={"utm_source": "spring"}, search_in="order"),
    "strings-compared-with-numbers": lambda b: b.post("find_clients", q={"city": 5}),
    "part-of-a-value-found": lambda b: b.get("find_all_client_id_by_var", var="city", val="Par"),
    "value-in-any-case-found": lambda b: b.get("find_all_client_id_by_var", var="city", val="paris"),
    "one-of-several-variables-is-enough": lambda b: b.get(
        "find_all_client_id_by_several_vars", city="Paris", plan="free"
    ),
    "search-in-ignored-by-var": lambda b: b.get(
        "find_client_id_by_var", var="utm_source", val="spring", search_in="order"
    ),
    "group-id-ignored-by-var": lambda b: b.get(
        "find_client_id_by_var", var="city", val="Paris", group_id="example_bot"
    ),
    "group-id-ignored-by-platform-id": lambda b: b.post(
        "find_client_id_by_platform_id", platform_ids=["146467928"], group_id="143414131"
    ),
    "group-id-ignored-by-whatsapp": lambda b: b.get("whatsapp_client_id", phone="79609879898", group_id="unknown"),
    "latest-client-is-the-first": lambda b: [
        b.save_in_client(5, a="b"),
        b.save_in_client(58, a="b"),
        b.get("find_latest_client_id_by_var", var="a", val="b"),
    ],
    "latest-client-without-deals": lambda b: b.get("find_latest_client_id_by_var", var="utm_source", val="spring"),
    "phone-search-without-variables": lambda b: b.get("find_client_id_by_phone", phone="79000000085"),
    "email-search-without-variables": lambda b: b.get("find_client_id_by_email", email="client@example.com"),
    "subscribers-of-any-tag": lambda b: b.get("subscribers", tag="landing"),
    "subscribers-of-any-group": lambda b: b.get("subscribers", group="example_bot"),
    "subscribers-of-any-messenger": lambda b: b.get("subscribers", client_type=6),
    "messenger-0-taken-for-none": lambda b: b.get("subscribers", client_type=0),
    "subscribers-since-ever": lambda b: b.get("subscribers", date_from=2_000_000_000),
    "subscribers-until-now": lambda b: b.get("subscribers", date_to=1_000_000_000),
    "order-status-ignored": lambda b: b.get("get_orders", client_id=25554, order_status=1),
    "current-deal-is-the-newest": lambda b: [
        b.post("set_order_state", client_id=25554, state_id=39),
        b.get("get_current_order_id", client_id=25554),
    ],
    "period-of-a-history-ignored": lambda b: b.history(25554, start_date="01.01.2000", stop_date="02.01.2000"),
    "last-day-of-a-history-missing": lambda b: b.history(25554, start_date="30.04.2020", stop_date="30.04.2020"),
    # webhooks
    "webhook-retried": _told(_HELLO, status=500),
    "webhook-posted-twice": _told(_HELLO),
    "webhook-stops-after-an-error": _told(_HELLO, _HELLO, status=500),
    "webhook-for-incoming-only": _told(_HELLO),
    "webhook-not-told-of-files": _told(_HELLO | _FILE),
    "webhook-out-of-order": _told({"client_id": 5, "message": "meow"}, action="callback"),
    "webhook-before-the-state": _told({**_HELLO, "extra": "1"}, action="callback"),
    "webhook-is-input-inverted": _told(_HELLO),
    "webhook-flags-as-booleans": _told(_HELLO),
    "webhook-recipient-spelled-well": _told(_HELLO),
    "webhook-message-id-is-the-messages": _told(_HELLO),
    "webhook-always-delivered": _told({"phone": "79000000404", "message": "x"}, action="whatsapp_message"),
    "webhook-as-a-form": _told(_HELLO),
    "webhook-not-told-of-callbacks": _told(_HELLO, action="callback"),
    # schedule
    "time-shift-ignored": lambda b: [b.post("message", time_shift=10, **_HELLO), b.history(5)],
    "time-shift-in-milliseconds": lambda b: [
        b.post("message", time_shift=1000, **_HELLO),
        b.advance(5),
        b.history(5),
    ],
    "send-callback-ignores-time-shift": lambda b: [
        b.post("send_callback_by_platform_id", platform_ids=["123456789"], callback_text="x", time_shift=10),
        b.history(201),
    ],
    "whatsapp-message-ignores-send-time": lambda b: [
        b.post("whatsapp_message", phone="79609879898", message="x", send_time="2026-03-10 13:00:00"),
        b.history(49177759),
    ],
    "send-time-in-utc": lambda b: [
        b.post("message", send_time="2026-03-10 12:00:10", **_HELLO),
        b.advance(20),
        b.history(5),
    ],
    "past-send-time-dropped": lambda b: [b.post("message", send_time="2020-01-01 00:00:00", **_HELLO), b.history(5)],
    "shift-ignored": lambda b: [b.post("broadcast", clients=[5, 58], message="x", shift=10), b.history(58)],
    "shift-of-two-seconds-by-default": lambda b: [
        b.post("broadcast", clients=[5, 58], message="x"),
        b.advance(1),
        b.history(58),
    ],
    "later-callback-without-variables": lambda b: [
        b.post("callback", **_HELLO, extra="1", time_shift=1),
        b.advance(2),
        b.variables(5),
    ],
    "later-message-sent-at-once-too": lambda b: [b.post("message", time_shift=10, **_HELLO), b.history(5)],
    "one-message-waits-for-a-client": lambda b: [
        b.post("message", time_shift=1, **_HELLO),
        b.post("message", time_shift=2, **_HELLO),
        b.advance(3),
        b.history(5),
    ],
    # refusals
    "client-not-found-as-text": lambda b: b.variables(1),
    "order-not-found-as-404": lambda b: b.get("get_order_state", client_id=5),
    "failure-without-message": lambda b: b.post("message", client_id="x", message="x"),
    "whatsapp-client-id-null": lambda b: b.get("whatsapp_client_id", phone="79990000000"),
    "unknown-client-crashes": lambda b: b.variables(1),
    "unknown-client-has-no-variables": lambda b: b.variables(1),
    "message-to-nobody-is-ok": lambda b: b.post("message", client_id=1, message="x"),
    "lacking-permission-is-empty": lambda b: b.post("message", key="demo-none", **_HELLO),
    "reads-without-permission-are-empty": lambda b: b.get("get_clients", key="demo-none"),
    "empty-message-sent": lambda b: b.post("message", client_id=5),
    "file-wants-a-text": lambda b: b.post("message", client_id=5, **_FILE),
    "file-without-type-sent": lambda b: b.post("message", client_id=5, attachment_url=_FILE["attachment_url"]),
    "broadcast-takes-the-first-of-two-targets": lambda b: b.post("broadcast", list=1170282, clients=[5], message="x"),
    "half-a-period-ignored": lambda b: b.history(25554, start_date="01.01.2030"),
    "assign-wants-an-employee": lambda b: b.post("assign_to_user", client_id=5),
    "unknown-stage-accepted": lambda b: b.post("set_order_state", client_id=25554, state_id=999),
    "refused-save-keeps-some": lambda b: [
        b.post("save_variables", clients=[5, 1], variables={"a": "b"}),
        b.variables(5),
    ],
    "refused-deal-leaves-a-client": lambda b: [
        b.post("create_order", phone=FOREIGN_PHONE, state_id=999),
        b.get("get_clients", limit=1),
    ],
    "refused-message-reaches-the-client": lambda b: [b.post("message", message_id=99, **_HELLO), b.history(5)],
    # replies
    "client-ids-as-text": lambda b: b.get("get_clients"),
    "created-at-as-iso-text": lambda b: b.get("get_clients"),
    "who-wrote-it-inverted": lambda b: b.history(25554),
    "order-ids-as-texts": lambda b: b.get("get_orders", client_id=25554),
    "single-order-without-a-list": lambda b: b.get("get_orders", client_id=58),
    "status-missing": lambda b: b.get("get_current_order_id", client_id=25554),
    "old-stage-answered": lambda b: b.post("move_order_to_next_state", client_id=25554),
    "nobody-found-is-null": lambda b: b.post("find_clients", q={"city": "Oslo"}),
    "found-clients-without-variables": lambda b: b.post("find_client_id_by_platform_id", platform_ids=["2568652"]),
    "subscribers-with-variables": lambda b: b.get("subscribers"),
    "imported-clients-without-ids": lambda b: b.call("load_clients", [_IMPORT]),
    "empty-messengers-left-out": lambda b: b.get("connected_channels", key=b.key_of_new_project()),
    "whatsapp-without-status": lambda b: b.get("connected_channels"),
    "check-whatsapp-always-true": lambda b: b.get("check_whatsapp", phone="79000000404"),
    "blocks-without-condition-left-out": lambda b: b.get("get_messages"),
    "callback-answers-nothing": lambda b: b.post("callback", **_HELLO),
    # rare
    "emoji-crashes": lambda b: b.post("message", client_id=5, message="🦊"),
    "nul-crashes": lambda b: b.post("message", client_id=5, message="a\0b"),
    "long-text-cut": lambda b: [b.post("message", client_id=5, message="x" * 300), b.history(5)],
    "text-escaped-as-html": lambda b: [b.post("message", client_id=5, message="1 < 2"), b.history(5)],
    "text-stripped": lambda b: [b.post("message", client_id=5, message=" x "), b.history(5)],
    "cyrillic-lost": lambda b: [b.post("message", client_id=5, message="Привет"), b.history(5)],
    "apostrophe-crashes-a-search": lambda b: b.get("find_client_id_by_var", var="a", val="O'Neill"),
    "huge-id-crashes": lambda b: b.variables(3_000_000_000),
    "negative-id-crashes": lambda b: b.variables(-1),
    "empty-list-crashes": lambda b: b.post("add_to_list", list_id=1170282, clients=[]),
    "nested-extra-crashes": lambda b: b.post("callback", **_HELLO, extra={"a": 1}),
    "duplicate-keys-take-the-first": lambda b: [
        b.raw("POST", "/api/demo-full/message", content=b'{"client_id": 5, "message": "x", "message": "y"}'),
        b.history(5),
    ],
    "body-missing-crashes": lambda b: b.raw("POST", "/api/demo-full/message"),
    "empty-in-finds-everybody": lambda b: b.post("find_clients", q={"city": {"_in": []}}),
    "unknown-client-ends-a-broadcast": lambda b: [
        b.post("broadcast", clients=[5, 1, 58], message="x", shift=0),
        b.history(58),
    ],
    # several
    "broadcast-to-three-platform-ids": lambda b: [
        b.call("load_clients", [_chat(number) for number in range(5)]),
        b.post("broadcast", platform_ids=["0", "1", "2", "3", "4"], group_id="example_bot", message="x", shift=0),
        [b.history(client_id) for client_id in _newest(b, 5)],
    ],
    "deal-variables-for-the-first-client-only": lambda b: [
        b.post("save_variables", clients=[5, 25554], variables={"a": "b"}),
        b.variables(25554),
    ],
    "callbacks-for-the-first-and-the-last": lambda b: [
        b.call("load_clients", [_chat(number) for number in range(5)]),
        b.post("send_callback_by_platform_id", platform_ids=["0", "1", "2", "3", "4"], callback_text="x"),
        [b.history(client_id) for client_id in _newest(b, 5)],
    ],
    "one-client-is-taken-off-a-list": lambda b: [
        b.post("add_to_list", list_id=1170282, clients=[5, 58]),
        b.post("remove_from_list", list_id=1170282, clients=[5, 58]),
        b.on_list(),
    ],
    "two-clients-are-deleted": lambda b: [b.post("delete_clients", client_ids=[5, 58, 201]), b.variables(201)],
    "import-into-the-channel-of-the-first": lambda b: b.call("load_clients", [_IMPORT, _chat(1)]),
    "four-clients-are-found": lambda b: [
        b.post("save_variables", clients=[5, 58, 110, 201, 207], variables={"client.a": "b"}),
        b.get("find_all_client_id_by_var", var="a", val="b"),
    ],
    "two-variables-of-a-deal-are-given": lambda b: [
        b.post("set_order_vars", client_id=25554, variables={"a": "1", "b": "2", "c": "3"}),
        b.post("get_order_vars", client_id=25554, variables=["a", "b", "c"]),
    ],
    "three-deals-are-listed": lambda b: [
        *(b.post("create_order", client_id=5) for _ in range(4)),
        b.get("get_orders", client_id=5),
    ],
    "two-extra-parameters-are-saved": lambda b: [b.post("callback", **_HELLO, a="1", b="2", c="3"), b.variables(5)],
    "webhook-for-two-of-a-call": _told({"clients": [5, 58, 201], "message": "x", "shift": 0}, action="broadcast"),
    "history-lists-a-message-once": lambda b: [b.history(25554), b.history(25554)],
    "same-text-is-sent-once": lambda b: [b.post("message", **_HELLO), b.post("message", **_HELLO), b.history(5)],
    "later-callbacks-save-nothing": lambda b: [
        b.post("whatsapp_callback", phone="79609879898", message="x"),
        b.post("whatsapp_callback", phone="79609879898", message="x", extra="1"),
        b.variables(49177759),
    ],
    "whatsapp-message-greets-once": lambda b: [
        b.post("whatsapp_message", phone="79609879898", message="x"),
        b.history(49177759),
    ],
    "history-is-cleared-once": lambda b: [
        b.get("clear_history", client_id=5),
        b.post("message", **_HELLO),
        b.get("clear_history", client_id=5),
        b.history(5),
    ],
    "deals-move-forward-only": lambda b: [
        b.post("set_order_state", client_id=25554, state_id=37),
        b.post("set_order_state", client_id=25554, state_id=36),
        b.get("get_order_state", client_id=25554),
    ],
    # corners
    "deal-wants-a-budget": lambda b: b.post("create_order", client_id=5),
    "whatsapp-file-wants-a-text": lambda b: b.post("whatsapp_message", phone="79609879898", **_FILE),
    "callbacks-in-every-bot": lambda b: b.post(
        "send_callback_by_platform_id", platform_ids=["123456789"], group_id="another", callback_text="x"
    ),
    "telegram-user-of-any-bot": lambda b: [
        b.call("load_clients", [_chat(123456789)]),
        b.post("tg_callback", user_id="123456789", group_id="example_bot", message="x"),
        b.history(201),
    ],
    "current-deal-moves-instead": lambda b: b.post("move_order_to_next_state", client_id=25554, order_id=40338),
    "oldest-deal-is-meant": lambda b: [
        b.post("set_order_vars", client_id=25554, variables={"a": "b"}),
        b.post("get_order_vars", client_id=25554),
    ],
    "limit-ignored-in-a-period": lambda b: b.history(25554, start_date="01.01.2000", stop_date="01.01.2090", limit=1),
    "tag-hides-other-filters": lambda b: [
        b.get("online_chat_client_id", recipient="new", tag="t"),
        b.get("subscribers", tag="t", date_from=4_000_000_000),
    ],
    "group-ignored-in-deals": lambda b: b.get(
        "find_client_id_by_var", var="utm_source", val="spring", search_in="order", group_id="another"
    ),
    "file-lost-by-get": lambda b: [b.get("message", **_HELLO, **_FILE), b.history(5)],
    "send-time-beats-time-shift-of-a-broadcast": lambda b: [
        b.post("broadcast", clients=[5], message="x", time_shift=0, send_time="2099-01-01 00:00:00"),
        b.history(5),
    ],
    "known-email-beats-unknown-phone": lambda b: [
        b.post("create_order", phone=FOREIGN_PHONE, email="client@example.com"),
        b.get("get_orders", client_id=25554),
    ],
    "group-beside-clients-refused": lambda b: b.post("broadcast", clients=[5], group_id="another", message="x"),
    "cleared-history-takes-lists-along": lambda b: [b.get("clear_history", client_id=411262772), b.on_list()],
    "cleared-variable-takes-the-deals-along": lambda b: [
        b.save(25554, a="deal"),
        b.save_in_client(25554, a=""),
        b.variables(25554),
    ],
    "leaving-a-list-clears-the-history": lambda b: [
        b.post("remove_from_list", list_id=1170282, clients=[25554]),
        b.history(25554),
    ],
    "second-import-clears-the-history": lambda b: [
        b.call("load_clients", [_IMPORT]),
        b.post("whatsapp_message", phone=_IMPORT["platform_id"], message="x"),
        b.call("load_clients", [_IMPORT]),
        b.history(_newest(b, 1)[0]),
    ],
    "moved-deal-loses-its-variables": lambda b: [
        b.save(25554, a="deal"),
        b.post("set_order_state", client_id=25554, state_id=37),
        b.variables(25554),
    ],
    "tag-of-the-online-chat-lost": lambda b: [
        b.get("online_chat_client_id", recipient="new", tag="t"),
        b.get("get_clients", limit=1),
    ],
    "whatsapp-callback-is-a-message": lambda b: [
        b.post("whatsapp_callback", phone="79609879898", message="x"),
        b.history(49177759),
    ],
    "resume-bot-lost-by-get": lambda b: [
        b.post("callback", client_id=5, message="human"),
        b.get("callback", client_id=5, message="bye", resume_bot="True"),
        b.history(5),
    ],
    "later-tg-callback-without-variables": lambda b: [
        b.post("tg_callback", **_CHAT, extra="1", time_shift=1),
        b.advance(2),
        b.variables(201),
    ],
    "time-shift-a-second-short": lambda b: [b.post("message", **_HELLO, time_shift=1), b.history(5)],
    "send-time-a-second-late": lambda b: [
        b.post("message", **_HELLO, send_time="2026-03-10 12:00:10"),
        b.advance(10.5),
        b.history(5),
    ],
    "later-broadcast-all-at-once": lambda b: [
        b.post("broadcast", clients=[5, 58], message="x", shift=10, time_shift=1),
        b.advance(2),
        b.history(58),
    ],
    "later-file-lost": lambda b: [b.post("message", **_HELLO, **_FILE, time_shift=1), b.advance(2), b.history(5)],
    "later-message-an-hour-old": lambda b: [b.post("message", **_HELLO, time_shift=1), b.advance(2), b.history(5)],
    "history-of-1999": _of_2001,
    "date-from-is-its-day": lambda b: [
        b.get("online_chat_client_id", recipient="new", tag="t"),
        b.get("subscribers", tag="t", date_from=int(NOON) + 10),
    ],
    "days-of-a-history-in-utc": lambda b: [
        b.advance(13 * 3600),
        b.post("message", **_HELLO),
        b.history(5, start_date="11.03.2026", stop_date="11.03.2026"),
    ],
    "last-page-is-empty": lambda b: b.get("get_clients", offset=1, limit=500),
    "phone-not-searched-on-whatsapp": lambda b: b.get("find_client_id_by_phone", phone="79609879898"),
    "include-all-ignored-in-deals": lambda b: b.post(
        "find_clients", q={"utm_source": "spring", "a": "b"}, search_in="order", include_all=False
    ),
    "fourth-condition-overlooked": lambda b: [
        b.save_in_client(5, a="1", b="2", c="3"),
        b.post("find_clients", q={"a": "1", "b": "2", "c": "3", "d": "4"}),
    ],
    "callback-wants-bare-digits": lambda b: [
        b.save_in_client(5, phone="79000000085"),
        b.post("callback", client_phone="+79000000085", message="x"),
    ],
    "assigning-wants-numbers": lambda b: b.post("assign_to_user", client_id="5"),
    "created-at-in-milliseconds": lambda b: b.get("get_clients", limit=1),
    "clients-of-project-1": lambda b: b.get("get_clients", key="other-full"),
    "whatsapp-status-of-4": lambda b: b.get("connected_channels"),
    "broadcast-of-a-file-without-type": lambda b: b.post(
        "broadcast", clients=[5], message="x", attachment_url=_FILE["attachment_url"]
    ),
    "webhook-shows-the-tag-as-name": _told({"client_id": 25554, "message": "x"}),
    "webhook-not-told-of-email": _told({"email": "reader@example.com", "message": "x"}, action="email_callback"),
    "webhook-without-files-of-whatsapp": _told({"phone": "79609879898", **_FILE}, action="whatsapp_message"),
    "json-called-windows-1251": lambda b: b.send("GET", "/api/demo-full/get_history?client_id=5").headers.items(),
    "nan-in-variables": lambda b: [b.get("online_chat_client_id", recipient="new"), b.variables(_newest(b, 1)[0])],
}


def _parts() -> dict[tuple[str, ...], int]:
    """Return everything that the mock's modules and classes hold, but for the defects themselves."""
    modules = {
        name: module
        for name, module in sys.modules.items()
        if name.startswith("mavibot_mock") and not name.startswith(defects.__name__)
    }
    holders: dict[tuple[str, ...], Mapping[str, object]] = {("actions",): handlers(), ("jobs",): JOBS}
    for name, module in modules.items():
        holders[name,] = vars(module)
        holders.update({(name, each): vars(value) for each, value in vars(module).items() if isinstance(value, type)})
    return {(*place, name): id(value) for place, holder in holders.items() for name, value in holder.items()}


def _result(probe: Probe) -> object:
    with Bench() as bench:
        return probe(bench)


def test_every_defect_has_a_probe() -> None:
    assert list(_PROBES) == defects.names("own")


@pytest.fixture(scope="module")
def parts() -> dict[tuple[str, ...], int]:
    return _parts()


@pytest.mark.heavy
@pytest.mark.parametrize("name", _PROBES)
def test_a_defect_changes_what_a_caller_sees_until_it_is_undone(name: str, parts: dict[tuple[str, ...], int]) -> None:
    probe = _PROBES[name]
    right = _result(probe)
    with defects.applied(name), Bench() as bench:
        assert not parts.items() <= _parts().items()
        assert bench.get("connected_channels")[0] == 200
        assert probe(bench) != right
    assert parts.items() <= _parts().items()
    assert _result(probe) == right


def test_a_defect_is_undone_after_an_error(parts: dict[tuple[str, ...], int]) -> None:
    with pytest.raises(ZeroDivisionError), defects.applied("emoji-crashes"):
        _ = 1 / 0
    assert parts.items() <= _parts().items()


def test_every_defect_says_what_is_wrong_and_where_the_document_says_otherwise() -> None:
    found = [defects.find(name) for name in defects.names()]
    assert [each.name for each in found] == defects.names()
    assert {(each.group, each.kind) for each in found} == {
        (group, each) for group, kinds in defects.KINDS.items() for each in kinds
    }
    for each in found:
        assert each.about.endswith(".")
        assert "\n" not in each.about
        assert ": " in each.source


def test_an_unknown_name_gives_the_nearest() -> None:
    with pytest.raises(ValueError, match="did you mean 'emoji-crashes'"), defects.applied("emoji-crash"):
        pass


def test_the_mock_does_not_load_the_defects_by_itself() -> None:
    script = "import sys, mavibot_mock; print(any('defects' in name for name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


_MOCK: Final = [sys.executable, "-m", "mavibot", "mock", "--port", "0", "--ready-json"]


def test_the_command_line_gives_the_mock_a_defect() -> None:
    command = [*_MOCK, "--defect", "emoji-crashes"]
    with started(command) as process:
        ready = json.loads(line_of(process))
        url = f"{ready['url']}/api/{ready['api_key']}/message"
        statuses = [httpx2.post(url, json={"client_id": 5, "message": text}).status_code for text in ("x", "🦊")]
        process.kill()
        assert statuses == [200, 500]
        assert "emoji-crashes" in rest_of(process)[1]


@pytest.mark.parametrize(("name", "code"), [("list", 0), ("emoji-crash", 2)])
def test_the_command_line_tells_the_names(name: str, code: int) -> None:
    done = subprocess.run([*_MOCK, "--defect", name], capture_output=True, text=True, check=False)
    assert done.returncode == code
    told = done.stdout + done.stderr
    assert {each for each in defects.names() if each in told} == set(
        defects.names() if code == 0 else ["emoji-crashes"]
    )
