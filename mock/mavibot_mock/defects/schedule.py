"""Defects of what goes out later."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import bot, messages
from mavibot_mock.defects.parts import EVERY, given, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.state.store.jobs import Jobs

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.state.store import Store

_CALLBACK: Final = "Start the bot"
_MESSAGE: Final = "Sending a message to a client"
_BULK: Final = "Bulk message sending"
_SHIFT: Final = "the message will be sent after the given number of seconds from the current time"
_AT: Final = 'date and time in the format "%Y-%m-%d %H:%M:%S"; this sets the date and time for sending'

#: The modules that ask when something is due, each by a name of its own.
_MODULES: Final = (bot, messages)


@defect(_CALLBACK, _SHIFT)
def time_shift_ignored(parts: Parts) -> None:
    """time_shift is ignored: all goes out at once."""
    parts.read(EVERY, lambda call, _: without(call, "time_shift"))


@defect(_CALLBACK, _SHIFT)
def time_shift_in_milliseconds(parts: Parts) -> None:
    """time_shift counts thousandths of a second."""
    parts.read(EVERY, lambda call, _: _times(call, 0.001))


@defect("Sending callback messages to a list of clients by platform_id", _SHIFT)
def send_callback_ignores_time_shift(parts: Parts) -> None:
    """send_callback_by_platform_id ignores time_shift, which the other callbacks know."""
    parts.call("send_callback_by_platform_id", lambda call: without(call, "time_shift"))


@defect("Sending a message in WhatsApp", _AT)
def whatsapp_message_ignores_send_time(parts: Parts) -> None:
    """whatsapp_message ignores send_time, which message knows."""
    parts.call("whatsapp_message", lambda call: without(call, "send_time"))


@defect(_MESSAGE, "assumed: send_time is in the project's time zone")
def send_time_in_utc(parts: Parts) -> None:
    """send_time is read as UTC whatever the project's time zone."""
    for module in _MODULES:
        parts.function(module, "due_time", lambda old, *args, **how: old(*args, **{**how, "zone": UTC}))


@defect(_MESSAGE, "assumed: what has a send_time in the past goes out at once")
def past_send_time_dropped(parts: Parts) -> None:
    """Message with a send_time in the past is never sent."""

    def deliver(old: Around, call: Call, job: Any, due: float) -> None:
        is_past = _has_time(call) and "time_shift" not in call.parameters and due <= call.now
        if not is_past:
            old(call, job, due)

    parts.function(messages, "_deliver", deliver)


@defect(_BULK, "shift — number of seconds between messages")
def shift_ignored(parts: Parts) -> None:
    """Broadcast sends to all clients at once."""
    parts.call("broadcast", lambda call: given(call, shift=0))


@defect(_BULK, "shift — The default is 0.2")
def shift_of_two_seconds_by_default(parts: Parts) -> None:
    """Broadcast without `shift` waits two seconds between messages."""
    parts.schema("broadcast", "shift", default=2)


@defect(_CALLBACK, "any parameters you additionally pass will be saved in variable")
def later_callback_without_variables(parts: Parts) -> None:
    """A callback that comes later saves no variables."""
    parts.job("callback", lambda old, project, job, now: old(project, {**job, "variables": {}}, now))


@defect(_MESSAGE, _SHIFT)
def later_message_sent_at_once_too(parts: Parts) -> None:
    """A message with time_shift goes out at once and again when it is due."""

    def twice(handler: Any, call: Call) -> Any:
        if "time_shift" in call.parameters:
            handler(without(call, "time_shift"))
        return handler(call)

    parts.action("message", twice)


@defect(_MESSAGE, _SHIFT)
def one_message_waits_for_a_client(parts: Parts) -> None:
    """What is scheduled for a client takes the place of what was scheduled before."""

    def add(old: Around, store: Store, kind: str, jobs: Any) -> Any:
        wanted = list(jobs)
        clients = {job["client_id"] for _, job in wanted}
        for row in store.jobs(offset=0, limit=-1):
            if any(f'"client_id":{each},' in row["parameters"] for each in clients):
                store.remove_job(row["id"])
        return old(store, kind, wanted)

    parts.function(Jobs, "add_jobs", add)


def _times(call: Call, factor: float) -> Call:
    shift = call.parameters.get("time_shift")
    return call if shift is None else given(call, time_shift=float(shift) * factor)


def _has_time(call: Call) -> bool:
    return "send_time" in call.parameters
