"""Actions that start the bot for a client or report an event to it; the client does not see the text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.actions import flow, history
from mavibot_mock.actions.call import done
from mavibot_mock.actions.recipients import (
    client_by_contact,
    client_in_messenger,
    clients_with_platform_ids,
    email_client,
    whatsapp_client,
)
from mavibot_mock.actions.variables import variables_stored
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import InvalidValueError
from mavibot_mock.state.facts import MESSENGERS
from mavibot_mock.state.schedule import due_time

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mavibot_mock.actions.call import Call
    from mavibot_mock.state.state import State
    from mavibot_mock.state.steps import Steps


def callback(call: Call) -> Steps[Reply]:
    """Report an event about a client that is named by number, phone or e-mail.

    Changes: the event in the history; the variables; the answer of the block into which the text leads.
    Assumed: number before phone before e-mail; the variables of a later event are saved when it happens.
    """
    return (yield from _report(call, client_by_contact(call)))


def whatsapp_callback(call: Call) -> Steps[Reply]:
    """Start the bot for a WhatsApp number.

    Changes: as callback; the client's name; a new client where the number is unknown (assumed), in the first WhatsApp
    channel unless another is named.
    """
    return (yield from _report(call, whatsapp_client(call, "bot_id")))


def email_callback(call: Call) -> Steps[Reply]:
    """Start the bot for an e-mail address.

    Changes: as callback; the client's name; a new client where the address is unknown.
    Assumed: without `email_id_bot` any e-mail client with the address is meant, and a new one belongs to the first
    e-mail channel; through a channel that the project does not have, the client is not found.
    """
    return (yield from _report(call, email_client(call)))


def tg_callback(call: Call) -> Steps[Reply]:
    """Start the bot for a Telegram user, or for one of a Telegram Business account.

    Changes: as callback.
    """
    is_business = int(call.parameters.get("tg_business", 0)) == 1
    client_type = MESSENGERS["TELEGRAM_BUSINESS" if is_business else "TELEGRAM"]
    return (yield from _report(call, client_in_messenger(call, client_type, call.text("user_id"))))


def vk_callback(call: Call) -> Steps[Reply]:
    """Start the bot for a VKontakte user.

    Changes: as callback.
    """
    return (yield from _report(call, client_in_messenger(call, MESSENGERS["VKONTAKTE"], call.text("user_id"))))


def ok_callback(call: Call) -> Steps[Reply]:
    """Start the bot for an Odnoklassniki user.

    Changes: as callback; the client's name.
    """
    return (yield from _report(call, client_in_messenger(call, MESSENGERS["ODNOKLASSNIKI"], call.text("user_id"))))


def fb_callback(call: Call) -> Steps[Reply]:
    """Start the bot for a Facebook user.

    Changes: as callback.
    """
    return (yield from _report(call, client_in_messenger(call, MESSENGERS["FACEBOOK"], call.text("user_id"))))


def max_callback(call: Call) -> Steps[Reply]:
    """Start the bot for a chat of MAX.

    Changes: as callback.
    """
    return (yield from _report(call, client_in_messenger(call, MESSENGERS["MAX"], call.text("platform_id"))))


def send_callback_by_platform_id(call: Call) -> Steps[Reply]:
    """Report an event about every client with one of these ids in a messenger; others are passed over.

    Changes: the event in the history; the answer of the block into which the text leads.
    Assumed: an id of several channels means the client of each, and so several sends; for more than 300 sends none is
    made.
    """
    client_ids = yield from clients_with_platform_ids(call)
    _check_sends(call, len(client_ids))
    yield from _schedule(call, client_ids, call.parameters["callback_text"])
    return Reply(200, {"callback_sended": len(client_ids)})


def _check_sends(call: Call, sends: int) -> None:
    """Refuse more sends than one call may make; the contract bounds the ids by the same number."""
    most = call.operation.schema["properties"]["platform_ids"]["maxItems"]
    if sends > most:
        reason = f"at most {most} sends a call, and {sends} clients have these ids"
        raise InvalidValueError("platform_ids", f"{reason}; send fewer, or name the bot in `group_id`")


def deliver_callback(state: State, job: dict[str, Any], now: float) -> Steps[None]:
    """Put an event into the client's history and let the bot react to it."""
    client_id = job["client_id"]
    yield from variables_stored(state, client_id, job.get("variables", {}), now)
    if job.get("resume_bot"):
        state.store.set_paused(client_id, paused=False, now=now)
    history.receive(state, client_id, text=job["message"], now=now, is_callback=True)
    flow.react(state, client_id, job["message"], now)


def _report(call: Call, client_id: int) -> Steps[Reply]:
    if "name" in call.parameters:
        call.state.store.update_client(client_id, name=call.parameters["name"], now=call.now)
    yield from _schedule(call, [client_id], call.parameters["message"])
    return done(call)


def _schedule(call: Call, client_ids: Iterable[int], text: str) -> Steps[None]:
    """Report an event to the bot, now or later; further parameters become variables."""
    event = {
        "message": text,
        "resume_bot": call.parameters.get("resume_bot", False),
        "variables": call.variables,
    }
    due = due_time(call.parameters, now=call.now, zone=call.state.zone)
    jobs = [{"client_id": client_id, **event} for client_id in client_ids]
    if due > call.now:
        call.state.store.add_jobs("callback", [(due, job) for job in jobs])
        return
    for job in jobs:
        yield from deliver_callback(call.state, job, call.now)
