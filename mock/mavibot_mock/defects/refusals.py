"""Defects of what is refused, of how that is said, and of what a refused call leaves behind."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import pipeline
from mavibot_mock.actions.call import done
from mavibot_mock.actions.variables import store_variables
from mavibot_mock.defects.parts import EVERY, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import RefusedError, Reply, reply_to
from mavibot_mock.state.errors import DomainError

if TYPE_CHECKING:
    from mavibot_contract import Operation
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts

_MESSAGE: Final = "Sending a message to a client"
_BULK: Final = "Bulk message sending"
_NOT_FOUND: Final = {"status": "client_not_found"}


@defect("Retrieve the current deal ID", 'Error response: {"status":"client_not_found"}')
def client_not_found_as_text(parts: Parts) -> None:
    """An unknown client is reported as plain text, not as JSON."""
    parts.refusal(EVERY, lambda reply: Reply(reply.status, "client_not_found") if _is_unknown(reply) else reply)


@defect("Retrieve the funnel stage ID in Mavibot CRM", "{'status': 'order not found'} (assumed: with HTTP 200)")
def order_not_found_as_404(parts: Parts) -> None:
    """get_order_state answers an unknown deal with HTTP 404."""
    parts.refusal({"get_order_state"}, lambda reply: replace(reply, status=404) if reply.status == 200 else reply)


@defect("Search by variables", '{"status": "fail", "message": "Error in parameter format"}')
def failure_without_message(parts: Parts) -> None:
    """A failure comes without a message."""

    def change(reply: Reply) -> Reply:
        return replace(reply, body={"status": "fail"}) if _is_failure(reply) else reply

    parts.refusal(EVERY, change)


@defect("Retrieve client_id by WhatsApp number", "If no client exists with that number, it will return a 404 error")
def whatsapp_client_id_null(parts: Parts) -> None:
    """whatsapp_client_id answers an unknown number with HTTP 200 and null."""
    parts.refusal(
        {"whatsapp_client_id"}, lambda reply: Reply(200, {"client_id": None}) if _is_unknown(reply) else reply
    )


@defect("Retrieve variables", "client_id - client ID (assumed: an unknown one is 404)")
def unknown_client_crashes(parts: Parts) -> None:
    """get_variables answers an unknown client with HTTP 500."""
    crashed = Reply(500, "<h1>Server Error (500)</h1>", content_type="text/html; charset=utf-8")
    parts.refusal({"get_variables"}, lambda reply: crashed if _is_unknown(reply) else reply)


@defect("Retrieve variables", "client_id - client ID")
def unknown_client_has_no_variables(parts: Parts) -> None:
    """get_variables answers an unknown client with an empty object."""
    parts.refusal({"get_variables"}, lambda reply: Reply(200, {}) if _is_unknown(reply) else reply)


@defect(_MESSAGE, "client_id - client ID in the builder")
def message_to_nobody_is_ok(parts: Parts) -> None:
    """Message to an unknown client is answered with ok."""
    parts.refusal({"message"}, lambda reply: Reply(200, "ok") if _is_unknown(reply) else reply)


@defect("How to generate an API key", "the API request will fail")
def lacking_permission_is_empty(parts: Parts) -> None:
    """A key that lacks the permission gets HTTP 200 and an empty body."""
    parts.refusal(EVERY, lambda reply: Reply(200, "") if reply.status == 403 else reply)


@defect("How to generate an API key", "the API request will fail")
def reads_without_permission_are_empty(parts: Parts) -> None:
    """A key that lacks the permission to read clients gets an empty list of them."""
    empty = Reply(200, {"status": "success", "clients": []})
    parts.refusal({"get_clients"}, lambda reply: empty if reply.status == 403 else reply)


@defect(_MESSAGE, "The message parameter is required unless you are sending a file")
def empty_message_sent(parts: Parts) -> None:
    """Message without text, file and block is sent as an empty one."""
    parts.without_rule("message", "allOf")


@defect(_MESSAGE, "If you are sending a file, the text is optional")
def file_wants_a_text(parts: Parts) -> None:
    """Message with a file and without a text is refused."""
    _require(parts, "message", "message")


@defect(_MESSAGE, "attachment_type - file display type. Required if attachment_url is provided")
def file_without_type_sent(parts: Parts) -> None:
    """Message with a file and without its type is sent."""
    parts.without_rule("message", "dependentRequired")


@defect(_BULK, "You can use one of the following mutually exclusive options")
def broadcast_takes_the_first_of_two_targets(parts: Parts) -> None:
    """Broadcast with two targets sends to one of them without a word."""

    def change(operation: Operation) -> Operation:
        kept = [rule if "oneOf" not in rule else {"anyOf": rule["oneOf"]} for rule in operation.schema["allOf"]]
        return replace(operation, schema={**operation.schema, "allOf": kept})

    parts.operation("broadcast", change)


@defect("Retrieving message history", "start_date (required if stop_date is specified)")
def half_a_period_ignored(parts: Parts) -> None:
    """get_history with start_date alone returns messages of any day."""

    def change(call: Call) -> Call:
        is_whole = {"start_date", "stop_date"} <= call.parameters.keys()
        return call if is_whole else without(call, "start_date", "stop_date")

    parts.without_rule("get_history", "dependentRequired")
    parts.call("get_history", change)


@defect("Assigning a client to an employee", "The email parameter is optional")
def assign_wants_an_employee(parts: Parts) -> None:
    """assign_to_user is refused without `email`."""
    _require(parts, "assign_to_user", "email")


@defect("Move a deal to a stage in MavibotCRM", "state_id - the stage number to which the deal should be moved")
def unknown_stage_accepted(parts: Parts) -> None:
    """set_order_state answers success for a stage that does not exist, and moves nothing."""

    def move(handler: Any, call: Call) -> Any:
        is_known = call.state.store.stage(call.number("state_id")) is not None
        return handler(call) if is_known else done(call)

    parts.action("set_order_state", move)


@defect("Assigning variables", "assumed: a refused call changes nothing")
def refused_save_keeps_some(parts: Parts) -> None:
    """save_variables saves for the clients before an unknown one, and then refuses the call."""

    def save(_handler: Any, call: Call) -> Reply:
        one = [call.parameters["client_id"]] if "client_id" in call.parameters else []
        for client_id in map(int, [*call.parameters.get("clients", []), *one]):
            if call.state.store.client(client_id) is None:
                return Reply(404, _NOT_FOUND)
            store_variables(call.state, client_id, call.parameters["variables"], call.now)
        return done(call)

    parts.action("save_variables", save)


@defect("Create a deal", "assumed: a refused call changes nothing")
def refused_deal_leaves_a_client(parts: Parts) -> None:
    """create_order for a new phone number makes the client before it refuses an unknown stage."""

    def create(handler: Any, call: Call) -> Any:
        try:
            return handler(call)
        except (RefusedError, DomainError) as refused:
            if "client_id" not in call.parameters:
                pipeline.find_buyer(call)
            return reply_to(refused)

    parts.action("create_order", create)


@defect("Sending a message to a client", "assumed: a refused call changes nothing")
def refused_message_reaches_the_client(parts: Parts) -> None:
    """Message with a text and an unknown block sends the text and then refuses the call."""

    def send(handler: Any, call: Call) -> Any:
        try:
            return handler(call)
        except (RefusedError, DomainError) as refused:
            if "message" in call.parameters and call.state.store.client(call.number("client_id")) is not None:
                handler(without(call, "message_id"))
            return reply_to(refused)

    parts.action("message", send)


def _require(parts: Parts, action: str, name: str) -> None:
    """Make an action refuse calls without a parameter."""

    def change(operation: Operation) -> Operation:
        required = [*operation.schema.get("required", []), name]
        return replace(operation, schema={**operation.schema, "required": required})

    parts.operation(action, change)


def _is_unknown(reply: Reply) -> bool:
    return reply.body == _NOT_FOUND


def _is_failure(reply: Reply) -> bool:
    return isinstance(reply.body, dict) and reply.body.get("status") == "fail"
