"""Defects of what the project's webhook receives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from mavibot_mock.actions import bot
from mavibot_mock.actions.variables import variables_stored
from mavibot_mock.defects.registry import defect
from mavibot_mock.state.facts import ORIGINS
from mavibot_mock.webhook import outbox, poster
from mavibot_mock.webhook.event import event
from mavibot_mock.webhook.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.state.state import State
    from mavibot_mock.state.steps import Steps

_WEBHOOK: Final = "How to receive messages at the Webhook URL specified in the project settings"
_EACH: Final = "Each incoming or outgoing message will be sent as the following JSON POST request"
_ONCE: Final = "If a request returns an error, it will not be retried"
_ALWAYS: Final = "Even if the server returns errors, notifications will continue to be sent"

Event = dict[str, Any]


@defect(_WEBHOOK, _ONCE)
def webhook_retried(parts: Parts) -> None:
    """A webhook is posted again where the receiver answers an error."""

    async def post(old: Around, *args: Any) -> Any:
        reply = await old(*args)
        return reply if reply[0] < 400 else await old(*args)

    parts.function(poster, "post", post)


@defect(_WEBHOOK, _EACH)
def webhook_posted_twice(parts: Parts) -> None:
    """Every webhook is posted twice."""

    async def post(old: Around, *args: Any) -> Any:
        await old(*args)
        return await old(*args)

    parts.function(poster, "post", post)


@defect(_WEBHOOK, _ALWAYS)
def webhook_stops_after_an_error(parts: Parts) -> None:
    """Nothing more is posted to a receiver that answered an error."""
    broken: set[str] = set()

    async def post(old: Around, url: Any, *args: Any) -> Any:
        if url.geturl() in broken:
            raise ConnectionError("the receiver is broken")
        reply = await old(url, *args)
        if reply[0] >= 400:
            broken.add(url.geturl())
        return reply

    parts.function(poster, "post", post)


@defect(_WEBHOOK, _EACH)
def webhook_for_incoming_only(parts: Parts) -> None:
    """The webhook does not receive what is sent to clients."""
    posted_by_event(parts, lambda event: event["is_input"] == 1)


@defect(_WEBHOOK, '"attachments": "array containing file links or dictionaries of file links"')
def webhook_not_told_of_files(parts: Parts) -> None:
    """The webhook does not receive messages with files."""
    posted_by_event(parts, lambda event: event["attachments"] is None)


@defect(_WEBHOOK, _EACH)
def webhook_out_of_order(parts: Parts) -> None:
    """Where one call writes several messages, the webhook receives the last first."""

    def post(old: Around, sender: Outbox, message_ids: Sequence[int]) -> Any:
        return old(sender, message_ids[::-1])

    parts.function(Outbox, "post", post)


@defect(_WEBHOOK, _EACH)
def webhook_before_the_state(parts: Parts) -> None:
    """The webhook's event of a callback is made before the variables of the callback are kept."""
    made: dict[tuple[State, int], Any] = {}

    def deliver(old: Around, state: State, job: Any, now: float) -> Steps[None]:
        yield from old(state, {**job, "variables": {}}, now)
        made.update({(state, message_id): event(state, message_id) for message_id in state.written})
        yield from variables_stored(state, job["client_id"], job["variables"], now)

    parts.function(bot, "deliver_callback", deliver)
    parts.function(outbox, "event", lambda old, *message: made.pop(message, None) or old(*message))


@defect(_WEBHOOK, '"is_input": "1 if the message is from the client, 0 if from the bot"')
def webhook_is_input_inverted(parts: Parts) -> None:
    """is_input is 0 for the client's messages and 1 for the bot's."""
    changed_event(parts, lambda event: {**event, "is_input": 1 - event["is_input"]})


@defect(_WEBHOOK, '"is_input": "1 if the message is from the client, 0 if from the bot"')
def webhook_flags_as_booleans(parts: Parts) -> None:
    """is_input and delivered are true and false, not 1 and 0."""
    changed_event(parts, lambda event: {**event, **{flag: bool(event[flag]) for flag in ("is_input", "delivered")}})


@defect(_WEBHOOK, '"recepient": "client ID in the messenger" (spelled so)')
def webhook_recipient_spelled_well(parts: Parts) -> None:
    """The client's id in the messenger stands under `recipient`."""

    def change(event: Event) -> Event:
        client = {("recipient" if name == "recepient" else name): v for name, v in event["client"].items()}
        return {**event, "client": client}

    changed_event(parts, change)


@defect(_WEBHOOK, '"message_id": "ID of the block from which the message was sent"')
def webhook_message_id_is_the_messages(parts: Parts) -> None:
    """message_id is the id of the message, not of its block."""
    changed_event(parts, lambda event: {**event, "message_id": event["id"]})


@defect(_WEBHOOK, '"delivered": "0 if there was an error", "error_message": "text of the message delivery error"')
def webhook_always_delivered(parts: Parts) -> None:
    """The webhook receives an undelivered message as delivered."""
    changed_event(parts, lambda event: {**event, "delivered": 1, "error_message": None})


@defect(_WEBHOOK, "as the following JSON POST request")
def webhook_as_a_form(parts: Parts) -> None:
    """The webhook is posted as a form with the JSON in one field."""

    def post(old: Around, url: Any, addresses: Any, body: bytes) -> Any:
        return old(url, addresses, urlencode({"payload": body}).encode())

    parts.function(poster, "post", post)


@defect("How to use a universal webhook", 'system events such as "message: new_chat_member" (callbacks are events)')
def webhook_not_told_of_callbacks(parts: Parts) -> None:
    """The webhook does not receive callbacks."""

    def is_posted(state: State, message_id: int) -> bool:
        row = state.store.message(message_id)
        return row is None or row["message_from_outside"] != ORIGINS["CALLBACK"]

    _posted(parts, is_posted)


def changed_event(parts: Parts, change: Callable[[Event], Event]) -> None:
    """Change what the webhook receives of a message."""

    def other(old: Around, state: State, message_id: int) -> Any:
        made = old(state, message_id)
        return None if made is None else change(made)

    parts.function(outbox, "event", other)


def posted_by_event(parts: Parts, is_meant: Callable[[Event], bool]) -> None:
    """Post some messages only, judged by their event."""

    def is_posted(state: State, message_id: int) -> bool:
        made = event(state, message_id)
        return made is None or is_meant(made)

    _posted(parts, is_posted)


def _posted(parts: Parts, is_posted: Callable[[State, int], bool]) -> None:
    """Post some messages only."""

    def post(old: Around, sender: Outbox, message_ids: Iterable[int]) -> Any:
        return old(sender, [each for each in message_ids if is_posted(sender.state, each)])

    parts.function(Outbox, "post", post)
