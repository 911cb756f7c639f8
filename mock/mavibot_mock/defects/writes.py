"""Defects by which something written is lost, doubled or put in another place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import bot, history, pipeline
from mavibot_mock.actions.variables import variables_stored
from mavibot_mock.defects.parts import given
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import ClientNotFoundError
from mavibot_mock.state.store.clients import Clients
from mavibot_mock.state.store.orders import Orders
from mavibot_mock.state.store.recipients import Recipients

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts
    from mavibot_mock.state.steps import Steps
    from mavibot_mock.state.store import Store

_MESSAGE: Final = "Sending a message to a client"
_BULK: Final = "Bulk message sending"


@defect(_MESSAGE, "If you are sending a file, the text is optional (so both can be sent)")
def text_lost_beside_a_file(parts: Parts) -> None:
    """Message with a text and a file sends the file alone."""
    _sent(parts, lambda how: {**how, "text": ""} if how.get("attachments") else how)


@defect(_MESSAGE, "message_id - block number for sending")
def block_leaves_no_trace(parts: Parts) -> None:
    """The history does not give the id of a block that message sent."""
    _sent(parts, lambda how: {**how, "block_id": None})


@defect("Start the bot", "This method can be used to trigger a funnel for a client")
def callback_kept_twice(parts: Parts) -> None:
    """A callback stands twice in the history."""

    def receive(old: Around, *args: Any, is_callback: bool = False, **how: Any) -> Any:
        if is_callback:
            old(*args, is_callback=True, **how)
        return old(*args, is_callback=is_callback, **how)

    parts.function(history, "receive", receive)


@defect("Start the bot", "This method can be used to trigger a funnel for a client")
def callback_triggers_nothing(parts: Parts) -> None:
    """Callback is kept in the history, and the bot does not react to it."""

    def deliver(_old: Around, project: Any, job: dict[str, Any], now: float) -> Steps[None]:
        yield from variables_stored(project, job["client_id"], job["variables"], now)
        history.receive(project, job["client_id"], text=job["message"], now=now, is_callback=True)

    parts.function(bot, "deliver_callback", deliver)


@defect("Sending a callback message to a client by email", "create it if not found")
def email_callback_makes_nobody(parts: Parts) -> None:
    """email_callback refuses an address that no client has."""

    def known(handler: Any, call: Call) -> Any:
        if call.state.store.email_client(call.text("email")) is None:
            raise ClientNotFoundError
        return handler(call)

    parts.action("email_callback", known)


@defect("Create a deal", "If no client exists with that phone number or email, a new client will be created")
def create_order_makes_nobody(parts: Parts) -> None:
    """create_order refuses a phone number or e-mail address that no client has."""

    def known(handler: Any, call: Call) -> Any:
        store, parameters = call.state.store, call.parameters
        if "client_id" in parameters:
            return handler(call)
        is_phone = "phone" in parameters
        found = store.client_by_phone(call.text("phone")) if is_phone else store.client_by_email(call.text("email"))
        if found is None:
            raise ClientNotFoundError
        return handler(call)

    parts.action("create_order", known)


@defect("Create a deal", "order_id is the ID of the new active deal")
def create_order_makes_two(parts: Parts) -> None:
    """create_order creates two deals and answers the id of one."""

    def twice(handler: Any, call: Call) -> Reply:
        handler(call)
        found: Reply = handler(call)
        return found

    parts.action("create_order", twice)


@defect("Add clients to a list", "Adds clients to a list")
def add_to_list_replaces(parts: Parts) -> None:
    """add_to_list empties the list before it adds."""

    def replaces(handler: Any, call: Call) -> Any:
        store, list_id = call.state.store, call.number("list_id")
        for client_id in store.clients_on_list(list_id):
            store.remove_from_list(list_id, client_id)
        return handler(call)

    parts.action("add_to_list", replaces)


@defect("Add clients to a list", "Adds clients to a list")
def list_holds_a_client_twice(parts: Parts) -> None:
    """A client who is added to a list again gets its broadcasts twice."""

    def add(old: Around, store: Store, list_id: int, client_id: int) -> None:
        if client_id in store.clients_on_list(list_id):
            store.set_fact(f"doubles of {list_id}", [*store.fact(f"doubles of {list_id}", []), client_id])
        old(store, list_id, client_id)

    def on_list(old: Around, store: Store, list_id: int) -> Any:
        return old(store, list_id) + store.fact(f"doubles of {list_id}", [])

    parts.function(Clients, "add_to_list", add)
    parts.function(Recipients, "clients_on_list", on_list)


@defect("Remove clients from a list", "Removes clients from a list")
def remove_from_list_empties_it(parts: Parts) -> None:
    """remove_from_list empties the list."""

    def change(call: Call) -> Call:
        return given(call, clients=call.state.store.clients_on_list(call.number("list_id")))

    parts.call("remove_from_list", change)


@defect(_BULK, "the broadcast will be sent to an array of client IDs")
def broadcast_twice_to_the_first(parts: Parts) -> None:
    """Broadcast sends to the first client twice."""
    parts.recipients(lambda old, call: (found := old(call))[:1] + found)


@defect(_BULK, "the broadcast will be sent to an array of client IDs")
def broadcast_skips_the_last(parts: Parts) -> None:
    """Broadcast to several clients leaves out the last."""
    parts.recipients(lambda old, call: (found := old(call))[: max(1, len(found) - 1)])


@defect("Assigning variables", "The clients parameter allows assigning variables in bulk")
def variables_for_the_first_client_only(parts: Parts) -> None:
    """save_variables with `clients` saves for the first of them."""

    def change(call: Call) -> Call:
        return given(call, clients=call.parameters["clients"][:1]) if "clients" in call.parameters else call

    parts.call("save_variables", change)


@defect("Importing clients into the system", "the function will return an ID and an addition status for each item")
def load_clients_imports_the_first(parts: Parts) -> None:
    """load_clients imports the first item and gives its id to all."""

    def first(handler: Any, call: Call) -> Reply:
        items = call.parameters["clients"]
        reply = handler(given(call, clients=items[:1]))
        outcome = [{**item, "status": "success", "id": reply.body["items"][0].get("id", 0)} for item in items[1:]]
        return Reply(200, {"status": "success", "items": [*reply.body["items"], *outcome]})

    parts.action("load_clients", first)


@defect("Clear message history", "Deletes chat history (of client_id)")
def history_of_everybody_cleared(parts: Parts) -> None:
    """clear_history deletes the messages of all clients."""

    def clear(handler: Any, call: Call) -> Any:
        for client in call.state.store.clients(offset=0, limit=-1, reverse=False):
            call.state.store.clear_history(client["id"])
        return handler(call)

    parts.action("clear_history", clear)


@defect("delete_clients (vendor's Russian document)", "deletes clients for good")
def deleted_clients_are_still_found(parts: Parts) -> None:
    """delete_clients leaves the variables, so that searches return clients who are gone."""

    def delete(handler: Any, call: Call) -> Any:
        store = call.state.store
        client_ids = {int(each) for each in call.parameters["client_ids"]}
        kept = [dict(row) for row in store.rows("client_variables") if row["owner"] in client_ids]
        reply = handler(call)
        for row in kept:
            store.insert("client_variables", row)
        return reply

    parts.action("delete_clients", delete)


@defect("Move a deal to the next stage in the Mavibot funnel", "next stage")
def next_stage_skipped(parts: Parts) -> None:
    """move_order_to_next_state goes two stages on."""

    def following(old: Around, store: Store, stage: Any) -> Any:
        found = old(store, stage)
        return found if found is None else old(store, found) or found

    parts.function(Orders, "next_stage", following)


@defect("Move a deal to a stage in MavibotCRM", "state_id - the stage to which the client's deal should be moved")
def set_order_state_not_kept(parts: Parts) -> None:
    """set_order_state answers success and leaves the deal where it is."""
    parts.function(pipeline, "move", lambda old, call, *how: old(call, *how) if _is_next(call) else None)


def _sent(parts: Parts, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change what goes out to a client, as `history.send` takes it."""
    parts.function(history, "send", lambda old, *args, **how: old(*args, **change(how)))


def _is_next(call: Call) -> bool:
    return call.operation.action == "move_order_to_next_state"
