"""Defects of the shape of successful replies."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import pipeline
from mavibot_mock.defects.parts import CALLBACKS
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts

_CLIENTS: Final = "Retrieve client list"
_CHANNELS: Final = "Get the list of messengers connected to the project"


@defect(_CLIENTS, '"id":44483')
def client_ids_as_text(parts: Parts) -> None:
    """get_clients gives the ids of clients as text."""
    _each(parts, "get_clients", "clients", lambda client: {**client, "id": str(client["id"])})


@defect(_CLIENTS, '"created_at":1588248599')
def created_at_as_iso_text(parts: Parts) -> None:
    """get_clients gives moments as ISO text although the project is set to numbers."""

    def change(client: dict[str, Any]) -> dict[str, Any]:
        moment = client["created_at"]
        is_number = isinstance(moment, int)
        return {**client, "created_at": datetime.fromtimestamp(moment, UTC).isoformat() if is_number else moment}

    _each(parts, "get_clients", "clients", change)


@defect("Retrieving message history", '"client_replica": false (for what the client was sent)')
def who_wrote_it_inverted(parts: Parts) -> None:
    """get_history shows the bot's messages as the client's, and the client's as the bot's."""
    _each(parts, "get_history", "result", lambda row: {**row, "client_replica": not row["client_replica"]})


@defect("Retrieve the list of deals", '{"status":"success","order_id":[40338,40340,40341]}')
def order_ids_as_texts(parts: Parts) -> None:
    """get_orders lists the ids of deals as text."""
    parts.reply(
        "get_orders", lambda body: {k: [str(i) for i in v] if isinstance(v, list) else v for k, v in body.items()}
    )


@defect("Retrieve the list of deals", '{"status":"success","order_id":[40338,40340,40341]}')
def single_order_without_a_list(parts: Parts) -> None:
    """get_orders gives a single deal as a number, not as a list."""

    def change(body: Any) -> Any:
        return {name: v[0] if isinstance(v, list) and len(v) == 1 else v for name, v in body.items()}

    parts.reply("get_orders", change)


@defect("Retrieve the current deal ID", '{"status":"success","order_id":40632}')
def status_missing(parts: Parts) -> None:
    """get_current_order_id answers without `status`."""
    parts.reply("get_current_order_id", lambda body: {"order_id": body["order_id"]})


@defect("Move a deal to the next stage in the Mavibot funnel", "state_id - stage ID in MavibotCRM")
def old_stage_answered(parts: Parts) -> None:
    """move_order_to_next_state moves the deal and answers the stage from which it came."""

    def move(handler: Any, call: Call) -> Reply:
        before = pipeline.stage_of(call.state, pipeline.find_order(call))["id"]
        handler(call)
        return Reply(200, {"status": "success", "state_id": before})

    parts.action("move_order_to_next_state", move)


@defect("Search by variables", '{"status":"success","client_ids":[]}')
def nobody_found_is_null(parts: Parts) -> None:
    """find_clients answers null where no client is found."""
    parts.reply(
        "find_clients", lambda body: {**body, "client_ids": body["client_ids"] or None} if _found(body) else body
    )


@defect("Retrieve client_id using the platform_id value", '"variables":{"tg_username":"@belik"}')
def found_clients_without_variables(parts: Parts) -> None:
    """find_client_id_by_platform_id answers null for the variables of the clients."""
    parts.reply("find_client_id_by_platform_id", lambda body: [{**client, "variables": None} for client in body])


@defect("Retrieve the list of bot subscribers in any messenger", "This method does not return variables")
def subscribers_with_variables(parts: Parts) -> None:
    """Subscribers shows the variables of each client."""

    def filled(handler: Any, call: Call) -> Reply:
        of = call.state.store.client_variables
        return Reply(200, [{**each, "variables": of(each["id"]) or None} for each in handler(call).body])

    parts.action("subscribers", filled)


@defect("Importing clients into the system", "the function will return an ID and an addition status for each item")
def imported_clients_without_ids(parts: Parts) -> None:
    """load_clients does not return the ids of the clients."""
    _each(parts, "load_clients", "items", lambda item: {name: v for name, v in item.items() if name != "id"})


@defect(_CHANNELS, "'facebook': [], 'whatsapp': []")
def empty_messengers_left_out(parts: Parts) -> None:
    """connected_channels leaves out messengers without a channel."""
    parts.reply("connected_channels", lambda body: {name: value for name, value in body.items() if value != []})


@defect(_CHANNELS, "For WhatsApp, it also returns a status field")
def whatsapp_without_status(parts: Parts) -> None:
    """connected_channels does not return the status of WhatsApp."""

    def change(channel: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in channel.items() if name != "status"}

    _each(parts, "connected_channels", "whatsapp", change)


@defect("Check if a phone number has WhatsApp", "assumed: exists is true or false")
def check_whatsapp_always_true(parts: Parts) -> None:
    """check_whatsapp says of every number that it has WhatsApp."""
    parts.reply("check_whatsapp", lambda body: {**body, "exists": True})


@defect("Retrieve the list of blocks from the bot's flow", "the list of blocks")
def blocks_without_condition_left_out(parts: Parts) -> None:
    """get_messages leaves out blocks into which no text leads."""

    def change(body: Any) -> Any:
        return {**body, "messages": [block for block in body["messages"] if block["condition"] is not None]}

    parts.reply("get_messages", change)


@defect("Start the bot", "assumed: the reply to a callback is the platform's word of success")
def callback_answers_nothing(parts: Parts) -> None:
    """Callbacks answer HTTP 200 with an empty body."""
    for action in CALLBACKS:
        parts.action(action, lambda handler, call: replace(handler(call), body=""))


def _each(parts: Parts, action: str, name: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Change every item of a list in an action's replies."""
    parts.reply(action, lambda body: {**body, name: [change(item) for item in body[name]]})


def _found(body: dict[str, Any]) -> bool:
    return "client_ids" in body
