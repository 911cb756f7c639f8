"""Puts a message into a client's history; every message is created here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.actions.buttons import undeliverable_reason
from mavibot_mock.state.facts import ORIGINS
from mavibot_mock.state.identity import WHATSAPP
from mavibot_mock.state.store.database import to_json

if TYPE_CHECKING:
    from mavibot_mock.state.state import State


def send(
    state: State,
    client_id: int,
    *,
    text: str,
    now: float,
    attachments: Any = None,
    buttons: Any = None,
    block_id: int | None = None,
    origin: int = ORIGINS["API"],
    error_message: str | None = None,
) -> int:
    """Send a message to a client and return its id.

    A blocked client or channel, or a button that the messenger refuses, leaves it undelivered.

    WhatsApp shows the hint of buttons below the text, since it has no buttons (the place is assumed).

    Args:
        state: the project's state.
        client_id: who gets it.
        text: text of the message.
        now: when it goes out, Unix seconds.
        attachments: files, as the history shows them.
        buttons: buttons as the API takes them.
        block_id: the block of the flow that sends it, or `None` for what a call sends.
        origin: what the history gives as its origin, one of `ORIGINS`.
        error_message: why it cannot be delivered, whatever the client; `None` if deliverable.
    """
    reason = error_message or state.store.why_undelivered(client_id) or _refusal(state, client_id, buttons)
    if isinstance(buttons, dict) and buttons.get("hint") and _is_on_whatsapp(state, client_id):
        text = f"{text}\n{buttons['hint']}" if text else buttons["hint"]
    message_id = state.store.add_message(
        client_id,
        text=text,
        now=now,
        attachments=attachments,
        buttons=None if buttons is None else to_json(buttons),
        message_from_outside=origin,
        block_id=block_id,
        delivered=int(reason is None),
        error_message=reason,
    )
    return _written(state, message_id)


def receive(
    state: State, client_id: int, *, text: str, now: float, attachments: Any = None, is_callback: bool = False
) -> int:
    """Take a message of a client, or an event that a call reports as if the client had written it.

    Args:
        state: the project's state.
        client_id: who wrote it, or the client of the event.
        text: text of the message, or name of the event.
        now: when it came, Unix seconds.
        attachments: files, as the history shows them.
        is_callback: whether a call reported it; the client does not see it then.
    """
    origin = ORIGINS["CALLBACK"] if is_callback else ORIGINS["DIALOGUE"]
    message_id = state.store.add_message(
        client_id, text=text, now=now, attachments=attachments, message_from_outside=origin, client_replica=1
    )
    return _written(state, message_id)


def _is_on_whatsapp(state: State, client_id: int) -> bool:
    client = state.store.client(client_id)
    return client is not None and client["client_type"] == WHATSAPP


def _refusal(state: State, client_id: int, buttons: Any) -> str | None:
    """Return why the client's messenger refuses a message for its buttons, or `None` if deliverable."""
    client = None if buttons is None else state.store.client(client_id)
    return None if client is None else undeliverable_reason(buttons, client["client_type"])


def _written(state: State, message_id: int) -> int:
    state.store.prune_messages(state.settings.messages_kept)
    state.written.append(message_id)
    return message_id
