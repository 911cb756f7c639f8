"""Parameters that narrow what is meant, and are ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.defects.parts import given, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import ClientNotFoundError
from mavibot_mock.state.steps import at_once
from mavibot_mock.state.store.search import Condition

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts


@defect("Move a deal to the next stage in the Mavibot funnel", "order_id - deal ID")
def next_stage_of_the_current_deal_only(parts: Parts) -> None:
    """move_order_to_next_state moves the current deal, whichever is named."""
    parts.call("move_order_to_next_state", lambda call: without(call, "order_id"))


@defect("Starting the bot using a WhatsApp number", "bot_id - bot ID")
def whatsapp_callback_of_any_bot(parts: Parts) -> None:
    """whatsapp_callback ignores bot_id: the client of any WhatsApp account is meant, and a new one gets the first."""
    parts.call("whatsapp_callback", lambda call: without(call, "bot_id"))


@defect("Retrieve client list", "limit - Number of items in the response")
def limit_of_a_list_ignored(parts: Parts) -> None:
    """get_clients with a list ignores `limit`."""
    parts.call("get_clients", lambda call: given(call, limit=500) if "list" in call.parameters else call)


@defect("Retrieve a list of client_id values by variable value", "the specified variable with the specified value")
def every_value_of_a_variable_found(parts: Parts) -> None:
    """find_all_client_id_by_var lists all clients that have the variable, whatever its value."""

    def search(_: Any, call: Call) -> Reply:
        found = at_once(call.state.store.find_clients([Condition(call.parameters["var"], [], negated=True)]))
        return Reply(200, {"status": "success", "client_ids": found})

    parts.action("find_all_client_id_by_var", search)


@defect("Retrieve client_id by variable value", "search_in - pass the value 'order' to search in deal variables")
def deal_search_finds_client_variables_too(parts: Parts) -> None:
    """find_client_id_by_var in deals finds the client by its own variable where no deal has it."""

    def search(handler: Any, call: Call) -> Any:
        try:
            return handler(call)
        except ClientNotFoundError:
            return handler(without(call, "search_in"))

    parts.action("find_client_id_by_var", search)
