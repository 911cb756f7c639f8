"""Webhooks that are sent when something is asked for instead of when it is due."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson

from mavibot_mock.actions import bot, history, messages
from mavibot_mock.actions.messages import deliver_message
from mavibot_mock.defects.registry import defect
from mavibot_mock.state.schedule import due_time
from mavibot_mock.webhook.event import event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.state.steps import Steps

_WEBHOOK: Final = "How to receive messages at the Webhook URL specified in the project settings"
_EACH: Final = "Each incoming or outgoing message will be sent: one that is to be sent later has not been sent yet"


@defect(_WEBHOOK, _EACH)
def later_message_told_at_once(parts: Parts) -> None:
    """The webhook of a message with time_shift or send_time comes with the call, and none when it goes out."""
    _told_at_once(parts, "message")


@defect(_WEBHOOK, _EACH)
def broadcast_told_at_once(parts: Parts) -> None:
    """The webhooks of a broadcast come all with the call, and none when its messages go out one by one."""
    _told_at_once(parts, "broadcast")


@defect(_WEBHOOK, _EACH)
def later_callback_told_at_once(parts: Parts) -> None:
    """The webhook of a callback with time_shift or send_time comes with the call, and none when it is due."""

    def schedule(old: Around, call: Call, client_ids: Iterable[int], text: str) -> Steps[None]:
        found = list(client_ids)
        yield from old(call, found, text)
        if due_time(call.parameters, now=call.now, zone=call.state.zone) > call.now:
            for client_id in found:
                _tell(
                    call.state,
                    partial(history.receive, call.state, client_id, text=text, now=call.now, is_callback=True),
                )

    def late(old: Around, state: Any, job: Any, now: float) -> Steps[None]:
        yield from old(state, job, now)
        del state.written[0]  # the callback itself, before what the bot answers

    parts.function(bot, "_schedule", schedule)
    parts.job("callback", late)


def _told_at_once(parts: Parts, action: str) -> None:
    """Post the webhook of the texts and files that an action schedules when they are scheduled."""

    def deliver(old: Around, call: Call, job: dict[str, Any], due: float) -> None:
        if call.operation.action != action or due <= call.now or "message_id" in job:
            old(call, job, due)
            return
        _tell(call.state, lambda: deliver_message(call.state, job, call.now))
        old(call, {**job, "told": True}, due)

    def late(old: Around, state: Any, job: dict[str, Any], now: float) -> None:
        old(state, job, now)
        if job.get("told"):
            state.written.clear()

    parts.function(messages, "_deliver", deliver)
    parts.job("message", late)


def _tell(state: Any, write: Callable[[], object]) -> None:
    """Post the webhook of a message that is not written yet."""
    before = len(state.written)
    write()
    for message_id in state.written[before:]:
        state.outbox._post(message_id, request=orjson.dumps(event(state, message_id)))
        state.store._db.execute("DELETE FROM messages WHERE id = ?", (message_id,))
    del state.written[before:]
    state.outbox.start()
