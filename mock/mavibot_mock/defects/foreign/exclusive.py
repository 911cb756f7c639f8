"""What takes one of several exclusive options beside another."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import pipeline
from mavibot_mock.defects.parts import given, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.state.schedule import due_time

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts

_BULK: Final = "Bulk message sending"
_DEAL: Final = "Create a deal"
_ONE: Final = "If multiple parameters are provided, only one will be used. The priority is client_id > phone > email"
_FIRST: Final = "If both time_shift and send_time are specified, time_shift will take precedence"


@defect(_BULK, "group_id - required only when using platform_ids. Ignored with other options")
def broadcast_bot_narrows_clients(parts: Parts) -> None:
    """Broadcast with `clients` and `group_id` sends to those clients alone that belong to the bot."""

    def of_the_bot(old: Any, call: Call) -> list[int]:
        found: list[int] = old(call)
        if not {"clients", "group_id"} <= call.parameters.keys():
            return found
        rows = [call.state.store.client(each) for each in found]
        return [row["id"] for row in rows if row is not None and row["group_id"] == call.text("group_id")]

    parts.recipients(of_the_bot)


@defect(_BULK, _FIRST)
def broadcast_prefers_the_time_of_day(parts: Parts) -> None:
    """Broadcast with both send_time and time_shift goes out at send_time."""
    parts.call("broadcast", lambda call: without(call, "time_shift") if "send_time" in call.parameters else call)


@defect("Starting the bot using a Telegram ID", _FIRST)
def tg_callback_waits_for_both_times(parts: Parts) -> None:
    """tg_callback with both send_time and time_shift comes so many seconds after send_time."""

    def both(call: Call) -> Call:
        if not {"send_time", "time_shift"} <= call.parameters.keys():
            return call
        begin = due_time(without(call, "time_shift").parameters, now=call.now, zone=call.state.zone)
        return given(call, time_shift=begin - call.now + float(call.parameters["time_shift"]))

    parts.call("tg_callback", both)


@defect(_DEAL, _ONE)
def create_order_saves_the_unused_phone(parts: Parts) -> None:
    """create_order with client_id and phone saves the phone in the client too."""

    def create(handler: Any, call: Call) -> Any:
        reply = handler(call)
        if {"client_id", "phone"} <= call.parameters.keys():
            call.state.store.set_client_variable(call.number("client_id"), "phone", call.text("phone"))
        return reply

    parts.action("create_order", create)


@defect(_DEAL, _ONE)
def create_order_makes_the_unused_email_a_client(parts: Parts) -> None:
    """create_order with a phone and an unknown e-mail address makes a client with the address too."""

    def create(handler: Any, call: Call) -> Any:
        reply = handler(call)
        if {"phone", "email"} <= call.parameters.keys():
            pipeline.find_buyer(without(call, "client_id", "phone"))
        return reply

    parts.action("create_order", create)
