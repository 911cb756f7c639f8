"""Finds the clients that a call means, and creates one where the action may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mavibot_mock.state.errors import ClientNotFoundError, NotFoundError
from mavibot_mock.state.identity import EMAIL, WHATSAPP, as_text, phone_identity

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.state.steps import Steps


def group_of_bot(call: Call, client_type: int, name: str) -> str | None:
    """Return the `group_id` of the bot that a parameter names, or `None` where the call leaves it out.

    Args:
        call: may hold the parameter.
        client_type: number of the bot's messenger.
        name: the parameter, which holds the bot's `group_id` or its id in the builder.

    Raises:
        NotFoundError: the project has no such bot (assumed).
    """
    if name not in call.parameters:
        return None
    group_id = call.state.store.group_of_bot(client_type, call.text(name))
    if group_id is None:
        raise _unknown_bot(call, name)
    return group_id


def whatsapp_client(call: Call, bot: str) -> int:
    """Return the WhatsApp client with the number in `phone`; an unknown number becomes a client.

    Args:
        call: holds the number.
        bot: the parameter that names the client's channel; where the call leaves it out, any channel, and the first one
            for a new client.

    Raises:
        NotFoundError: the project has no such channel.
    """
    store, phone = call.state.store, call.text("phone")
    group_id = group_of_bot(call, WHATSAPP, bot)
    found = store.client_on_whatsapp(phone, group_id)
    if found is not None:
        return call.reach(found)
    group_id = group_id or store.group_of_bot(WHATSAPP, None) or ""
    platform_id = phone_identity(phone)
    return call.reach(store.add_client(client_type=WHATSAPP, group_id=group_id, platform_id=platform_id, now=call.now))


def email_client(call: Call) -> int:
    """Return the e-mail client with the address in `email`; an unknown address becomes a client.

    Raises:
        NotFoundError: the project has no channel `email_id_bot`.
    """
    store, address = call.state.store, call.text("email")
    group_id = group_of_bot(call, EMAIL, "email_id_bot")
    found = store.email_client(address) if group_id is None else store.client_of_channel(EMAIL, group_id, address)
    if found is None:
        group_id = group_id or store.group_of_bot(EMAIL, None) or ""
        found = store.add_client(client_type=EMAIL, group_id=group_id, platform_id=address, now=call.now)
    return call.reach(found)


def client_in_messenger(call: Call, client_type: int, platform_id: str) -> int:
    """Return the client with an id in the messenger's channel `group_id`.

    Raises:
        ClientNotFoundError: there is none.
        NotFoundError: the project has no such channel.
    """
    store, group_id = call.state.store, call.text("group_id")
    found = store.client_of_channel(client_type, group_id, platform_id)
    if found is None:
        raise ClientNotFoundError if store.has_channel(client_type, group_id) else _unknown_bot(call, "group_id")
    return call.reach(found)


def _unknown_bot(call: Call, name: str) -> NotFoundError:
    return NotFoundError(name, f"the project has no such bot of {call.operation.messenger}: {call.text(name)[:60]}")


def client_by_contact(call: Call) -> int:
    """Return the client by number, else by phone, else by e-mail.

    Raises:
        ClientNotFoundError: there is none.
    """
    if "client_id" in call.parameters:
        return call.client_id()
    if "client_phone" in call.parameters:
        found = call.state.store.client_by_phone(call.text("client_phone"))
    else:
        found = call.state.store.client_by_email(call.text("client_email"))
    if found is None:
        raise ClientNotFoundError
    return call.reach(found)


def broadcast_recipients(call: Call) -> Steps[list[int]]:
    """Return the clients that the one given target of a broadcast means."""
    store = call.state.store
    if "list" in call.parameters:
        return store.clients_on_list(call.number("list"))
    if "clients" in call.parameters:
        return store.existing_clients(map(int, call.parameters["clients"]))
    return (yield from clients_with_platform_ids(call))


def clients_with_platform_ids(call: Call) -> Steps[list[int]]:
    """Return the clients that the ids in a messenger mean, in any channel or the given one, each once."""
    store = call.state.store
    group_id = call.text("group_id") if "group_id" in call.parameters else None
    client_ids: dict[int, None] = {}
    for platform_id in call.parameters["platform_ids"]:
        client_ids.update(dict.fromkeys(store.clients_with_platform_id(as_text(platform_id), group_id)))
        yield
    call.reached.extend(client_ids)
    return list(client_ids)
