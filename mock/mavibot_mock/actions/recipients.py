"""Finds the clients that a call means, and creates one where the action may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mavibot_mock.state.errors import ClientNotFoundError
from mavibot_mock.state.identity import EMAIL, WHATSAPP, as_text, phone_identity

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.state.steps import Steps


def whatsapp_client(call: Call, bot_id: str | None) -> int:
    """Return the WhatsApp client with the number in `phone`; an unknown number becomes a client.

    Args:
        call: holds the number.
        bot_id: channel of the client; `None` for any, and for the first where there is no client.

    Raises:
        ClientNotFoundError: the project has no such channel.
    """
    store, phone = call.state.store, call.text("phone")
    group_id = store.group_of_bot(WHATSAPP, bot_id)
    if bot_id is not None and group_id is None:
        raise ClientNotFoundError
    found = store.client_on_whatsapp(phone, None if bot_id is None else group_id)
    if found is not None:
        return found
    platform_id = phone_identity(phone)
    return store.add_client(client_type=WHATSAPP, group_id=group_id or "", platform_id=platform_id, now=call.now)


def email_client(call: Call) -> int:
    """Return the e-mail client with the address in `email`; an unknown address becomes a client.

    Raises:
        ClientNotFoundError: the project has no channel `email_id_bot`.
    """
    store, address = call.state.store, call.text("email")
    if "email_id_bot" in call.parameters:
        group_id = call.text("email_id_bot")
        if not store.has_channel(EMAIL, group_id):
            raise ClientNotFoundError
        found = store.client_of_channel(EMAIL, group_id, address)
    else:
        group_id = store.group_of_bot(EMAIL, None) or ""
        found = store.email_client(address)
    return found or store.add_client(client_type=EMAIL, group_id=group_id, platform_id=address, now=call.now)


def client_in_messenger(call: Call, client_type: int, platform_id: str) -> int:
    """Return the client with an id in the messenger's channel `group_id`.

    Raises:
        ClientNotFoundError: there is none.
    """
    found = call.state.store.client_of_channel(client_type, call.text("group_id"), platform_id)
    if found is None:
        raise ClientNotFoundError
    return found


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
    return found


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
    return list(client_ids)
