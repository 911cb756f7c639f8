"""Plays the client: what a person writes, presses or sends, and what the messenger reports of a person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_mock.actions import flow, history
from mavibot_mock.actions.buttons import posted_texts
from mavibot_mock.state.errors import InvalidValueError, NotFoundError
from mavibot_mock.state.identity import TELEPHONY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mavibot_mock.state.state import State

_WEBHOOK: Final = mavibot_contract.load().document["webhooks"]["project_message"]["post"]
#: System event -> what must follow it; empty where something may, and `None` where nothing may.
_DETAILS: Final[dict[str, str | None]] = {each["name"]: each.get("details") for each in _WEBHOOK["x-system-events"]}
#: System event -> whether the client is subscribed from then on.
_SUBSCRIPTION: Final = {"client_subscribed": True, "client_unsubscribed": False}


@dataclass(frozen=True, slots=True)
class Came:
    """What came of a message of a client.

    Attributes:
        client_id: id of the client.
        is_new: whether the client was created.
        message_id: id of the message.
        answer_id: id of the message by which the bot answered, or `None` where it did not.
    """

    client_id: int
    is_new: bool
    message_id: int
    answer_id: int | None


def is_system_event(text: str) -> bool:
    """Return True if a text is one of the contract's system events, complete with its details, or a payment."""
    name, *details = text.split(" ", maxsplit=1)
    if name in _DETAILS:
        return bool(_DETAILS[name]) <= bool(details) <= (_DETAILS[name] is not None)
    return re.search(_WEBHOOK["x-payment-event"]["pattern"], text) is not None


def find_client(state: State, sender: Mapping[str, Any], now: float) -> tuple[int, bool]:
    """Return the id of the client who writes, and whether the client is new.

    Args:
        state: the project's state.
        sender: `client_id`, or `client_type`, `group_id` and `platform_id`; of a new client also `name`, `avatar`
            and `tag`, which the messenger tells.
        now: when, Unix seconds.

    Raises:
        NotFoundError: there is no such client or channel.
    """
    store = state.store
    if "client_id" in sender:
        if store.client(sender["client_id"]) is None:
            raise NotFoundError("client_id", f"the project has no client {sender['client_id']}")
        return sender["client_id"], False
    client_type, group_id, platform_id = sender["client_type"], sender["group_id"], sender["platform_id"]
    found = store.client_of_channel(client_type, group_id, platform_id)
    if found is not None:
        return found, False
    if client_type != TELEPHONY and not store.has_channel(client_type, group_id):
        raise NotFoundError("client_type, group_id", "no such channel; connected_channels lists those of the project")
    known = {name: sender[name] for name in ("name", "avatar", "tag") if name in sender}
    return store.add_client(client_type=client_type, group_id=group_id, platform_id=platform_id, now=now, **known), True


def write(state: State, sender: Mapping[str, Any], *, text: str, attachments: Any, now: float) -> Came:
    """Take what a client writes or sends; the bot answers where the text leads into a block.

    Args:
        state: the project's state.
        sender: who writes, as `find_client` takes it.
        text: what the client writes, or an empty text.
        attachments: files in any shape that the contract knows.
        now: when, Unix seconds.

    Raises:
        NotFoundError: there is no such client or channel.
    """
    client_id, is_new = find_client(state, sender, now)
    message_id = history.receive(state, client_id, text=text, now=now, attachments=attachments)
    return Came(client_id, is_new, message_id, flow.react(state, client_id, text, now) if text else None)


def press(state: State, sender: Mapping[str, Any], button: str, now: float) -> Came:
    """Press one of the buttons that a client was sent last, which sends its `callback` or else its caption.

    Args:
        state: the project's state.
        sender: who presses it, as `find_client` takes it.
        button: caption of the button, or its `callback`.
        now: when, Unix seconds.

    Raises:
        NotFoundError: there is no such client or channel.
        InvalidValueError: there is no such button, or the caption is that of several that send different texts.
    """
    client_id, _ = find_client(state, sender, now)
    posted = posted_texts(state.store.last_buttons(client_id))
    named = dict.fromkeys(text for caption, text in posted if caption == button)
    if len(named) > 1:
        reason = f"'{button}' stands on {len(named)} buttons; name one by its callback: {_quoted(named)}"
        raise InvalidValueError("button", reason)
    text = next(iter(named), button)
    if text not in (each for _, each in posted):
        there = _quoted(caption for caption, _ in posted)
        raise InvalidValueError("button", f"'{button}' is none of the buttons that the client was sent last: {there}")
    return write(state, {"client_id": client_id}, text=text, attachments=None, now=now)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"'{each}'" for each in names) or "none"


def report(state: State, sender: Mapping[str, Any], event: str, now: float) -> Came:
    """Report a system event of a client; it stands in the history as the client's message (assumed).

    Args:
        state: the project's state.
        sender: the client, as `find_client` takes it.
        event: the event's name, with details where it has some.
        now: when, Unix seconds.

    Raises:
        NotFoundError: there is no such client or channel.
        InvalidValueError: there is no such event.
    """
    if not is_system_event(event):
        known = ", ".join(f"{each} …" if details else each for each, details in _DETAILS.items())
        payment = _WEBHOOK["x-payment-event"]["example"]
        reason = f"the contract has no event '{event}'; it has: {known}, and payments such as {payment}"
        raise InvalidValueError("event", reason)
    came = write(state, sender, text=event, attachments=None, now=now)
    name = event.split(" ", maxsplit=1)[0]
    if name in _SUBSCRIPTION:
        state.store.update_client(came.client_id, subscribed=_SUBSCRIPTION[name], now=now)
    return came
