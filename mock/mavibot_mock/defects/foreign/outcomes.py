"""Success and failure mixed up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.defects.parts import given
from mavibot_mock.defects.registry import defect
from mavibot_mock.defects.webhooks import changed_event
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.facts import ORDER_STATUSES

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts

_ACTIVE: Final = ORDER_STATUSES["ACTIVE"]
_WON: Final = ORDER_STATUSES["SUCCESSFUL"]
_LOST: Final = ORDER_STATUSES["UNSUCCESSFUL"]


@defect("Retrieve the list of deals", "order_status: 1 - successful deals, 2 - unsuccessful deals")
def won_and_lost_deals_swapped(parts: Parts) -> None:
    """get_orders lists the lost deals for 1 and the won ones for 2."""
    swapped = {_WON: _LOST, _LOST: _WON}

    def swap(call: Call) -> Call:
        status = call.parameters.get("order_status")
        return given(call, order_status=swapped[status]) if status in swapped else call

    parts.call("get_orders", swap)


@defect("Retrieve the current deal ID", "order_id - current deal ID")
def lost_deal_stays_current(parts: Parts) -> None:
    """get_current_order_id returns the newest deal that is not won, a lost one too."""

    def current(handler: Any, call: Call) -> Any:
        client_id, store = call.number("client_id"), call.state.store
        open_ones = [*store.orders(client_id, _ACTIVE), *store.orders(client_id, _LOST)]
        return Reply(200, {"status": "success", "order_id": max(open_ones)}) if open_ones else handler(call)

    parts.action("get_current_order_id", current)


@defect("Retrieving message history", '"delivered": true')
def history_calls_everything_delivered(parts: Parts) -> None:
    """get_history shows a message that could not be delivered as delivered."""
    parts.reply(
        "get_history", lambda body: {**body, "result": [{**each, "delivered": True} for each in body["result"]]}
    )


@defect(
    "How to receive messages at the Webhook URL specified in the project settings",
    '"error_message": "text of the message delivery error"',
)
def webhook_without_the_reason(parts: Parts) -> None:
    """The webhook of a message that could not be delivered does not say why."""
    changed_event(parts, lambda event: {**event, "error_message": None})
