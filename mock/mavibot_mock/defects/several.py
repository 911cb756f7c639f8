"""Defects of several: the first ones are right, or the first time."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import history
from mavibot_mock.actions.call import done
from mavibot_mock.defects.parts import CALLBACKS, given, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.webhook.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.request.body import Sent
    from mavibot_mock.request.replies import Reply

_BULK: Final = "Bulk message sending"
_EXTRA: Final = "any parameters you additionally pass will be saved in variable"
_MOVE: Final = "Move a deal to a stage in MavibotCRM"


@defect(_BULK, "sends a message to each of the platform_ids")
def broadcast_to_three_platform_ids(parts: Parts) -> None:
    """Broadcast to platform_ids reaches the first three of them."""

    def recipients(old: Around, call: Call) -> Any:
        return old(call)[: 3 if "platform_ids" in call.parameters else None]

    parts.recipients(recipients)


@defect("Assigning variables", "by default variables are saved to the deal; clients, an array of client ids")
def deal_variables_for_the_first_client_only(parts: Parts) -> None:
    """save_variables saves variables of deals for the first of `clients`, and those of the client for all."""

    def save(handler: Any, call: Call) -> Reply:
        first, *others = call.parameters.get("clients", [call.parameters.get("client_id")])
        handler(given(without(call, "clients"), client_id=first))
        of_client = {k: v for k, v in call.parameters["variables"].items() if k.startswith("client.")}
        for each in others:
            handler(given(without(call, "clients"), client_id=each, variables=of_client))
        return done(call)

    parts.action("save_variables", save)


@defect("Sending callback messages to a list of clients by platform_id", "clients with these ids get the callback")
def callbacks_for_the_first_and_the_last(parts: Parts) -> None:
    """send_callback_by_platform_id reaches the first two and the last of the ids, and counts all."""

    def send(handler: Any, call: Call) -> Any:
        ids = call.parameters["platform_ids"]
        handler(given(call, platform_ids=[*ids[:2], ids[-1]] if len(ids) > 3 else ids))
        return handler(given(call, platform_ids=ids[3:-1], time_shift=10**9)) if len(ids) > 4 else done(call)

    parts.action("send_callback_by_platform_id", send)


@defect("Remove clients from a list", "clients, an array of client_id")
def one_client_is_taken_off_a_list(parts: Parts) -> None:
    """remove_from_list takes the first of several clients off the list."""
    parts.call("remove_from_list", lambda call: given(call, clients=call.parameters["clients"][:1]))


@defect("vendor's Russian document", "delete_clients deletes the clients")
def two_clients_are_deleted(parts: Parts) -> None:
    """delete_clients deletes the first two of fewer than ten clients."""
    parts.call("delete_clients", lambda call: _cut(call, "client_ids", 2))


@defect("Importing clients into the system", "each item has its own group_id and client_type")
def import_into_the_channel_of_the_first(parts: Parts) -> None:
    """load_clients creates all clients in the channel of the first item."""

    def moved(call: Call) -> Call:
        first = call.parameters["clients"][0]
        place = {name: first[name] for name in ("client_type", "group_id") if name in first}
        return given(call, clients=[{**each, **place} for each in call.parameters["clients"]])

    parts.call("load_clients", moved)


@defect("Retrieve a list of client_id values by variable value", "a list of all clients that have the variable")
def four_clients_are_found(parts: Parts) -> None:
    """find_all_client_id_by_var lists four clients at most."""
    parts.reply("find_all_client_id_by_var", lambda body: {**body, "client_ids": body["client_ids"][:4]})


@defect("Retrieve deal data", "variables, an array of names")
def two_variables_of_a_deal_are_given(parts: Parts) -> None:
    """get_order_vars gives the first two of the variables that were asked for."""
    parts.call("get_order_vars", lambda call: _cut(call, "variables", 2))


@defect("Retrieve the list of deals", "the list of the client's deals")
def three_deals_are_listed(parts: Parts) -> None:
    """get_orders lists three deals at most."""
    parts.reply("get_orders", lambda body: {**body, "order_id": body["order_id"][:3]} if "order_id" in body else body)


@defect("Start the bot", _EXTRA)
def two_extra_parameters_are_saved(parts: Parts) -> None:
    """Callbacks save the first two of their further parameters."""
    parts.read(CALLBACKS, lambda call, _: replace(call, variables=dict([*call.variables.items()][:2])))


@defect("How to receive messages at the Webhook URL specified in the project settings", "each message is sent")
def webhook_for_two_of_a_call(parts: Parts) -> None:
    """Where one call writes several messages, the webhook receives the first two."""
    parts.function(Outbox, "post", lambda old, sender, message_ids: old(sender, _first_two(message_ids)))


@defect("Retrieving message history", "the messages of the client")
def history_lists_a_message_once(parts: Parts) -> None:
    """get_history lists each message once, and leaves it out the next time."""
    seen: set[int] = set()

    def listed(body: Any) -> Any:
        rows = [row for row in body["result"] if row["id"] not in seen]
        seen.update(row["id"] for row in rows)
        return {**body, "result": rows}

    parts.reply("get_history", listed)


@defect("Sending a message to a client", "sends a message")
def same_text_is_sent_once(parts: Parts) -> None:
    """A text that equals the newest one of the client's history is not sent again."""

    def send(old: Around, state: Any, client_id: int, **how: Any) -> Any:
        newest = state.store.history(client_id, limit=1, period=None)
        return None if newest and newest[0]["text"] == how.get("text") else old(state, client_id, **how)

    parts.function(history, "send", send)


@defect("Starting the bot using a WhatsApp number", _EXTRA)
def later_callbacks_save_nothing(parts: Parts) -> None:
    """whatsapp_callback saves further parameters of the first callback for a number, and of no later one."""
    seen: set[tuple[Any, ...]] = set()

    def once(call: Call, _sent: Sent) -> Call:
        who = (call.state, call.text("phone"))
        known = who in seen
        seen.add(who)
        return replace(call, variables={}) if known else call

    parts.read({"whatsapp_callback"}, once)


@defect("Sending a message in WhatsApp", "sends a message to the number")
def whatsapp_message_greets_once(parts: Parts) -> None:
    """whatsapp_message sends to numbers that are new, and nothing to those that are known."""

    def greet(handler: Any, call: Call) -> Any:
        return handler(call) if call.state.store.client_on_whatsapp(call.text("phone")) is None else done(call)

    parts.action("whatsapp_message", greet)


@defect("Clear message history", "deletes the chat history with a user")
def history_is_cleared_once(parts: Parts) -> None:
    """clear_history clears a client's history the first time, and answers success without doing it later."""
    _once(parts, "clear_history", lambda call: call.client_id())


@defect(_MOVE, "moves the deal to the stage")
def deals_move_forward_only(parts: Parts) -> None:
    """set_order_state leaves a deal where it is if the stage lies before."""

    def forward(handler: Any, call: Call) -> Any:
        order_id = call.state.store.current_order(call.client_id())
        row = None if order_id is None else call.state.store.order(order_id)
        return done(call) if row is not None and row["state_id"] > call.number("state_id") else handler(call)

    parts.action("set_order_state", forward)


def _cut(call: Call, name: str, most: int) -> Call:
    values = call.parameters.get(name, ())
    return given(call, **{name: values[:most]}) if most < len(values) < 10 else call


def _first_two(message_ids: Sequence[int]) -> Sequence[int]:
    return message_ids[:2]


def _once(parts: Parts, action: str, who: Callable[[Call], Any]) -> None:
    """Let an action do something for each client once."""
    seen: set[tuple[Any, Any]] = set()

    def acted(handler: Any, call: Call) -> Any:
        place = (call.state, who(call))
        if place in seen:
            return done(call)
        seen.add(place)
        return handler(call)

    parts.action(action, acted)
