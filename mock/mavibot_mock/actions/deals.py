"""Actions on deals: create them, move them through the funnel, read and write their data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mavibot_mock.actions import pipeline
from mavibot_mock.actions.call import done
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import InvalidValueError

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.state.steps import Steps


def get_current_order_id(call: Call) -> Reply:
    """Return the newest deal that is neither closed nor archived.

    Assumed: a client without one gets `order not found`.
    """
    return Reply(200, {"status": "success", "order_id": pipeline.find_order(call)["id"]})


def get_orders(call: Call) -> Reply:
    """List the numbers of the client's deals, oldest first.

    Assumed: without `order_status` all deals, archived ones too; an archived deal has no status.
    Settings: `orders_key`
    """
    found = call.state.store.orders(pipeline.existing_client_id(call), call.parameters.get("order_status"))
    return Reply(200, {"status": "success", call.state.settings.orders_key: found})


def get_order_state(call: Call) -> Reply:
    """Return the stage of the given deal or of the current one; without it `order not found`, as the card shows.

    Assumed: `order_id` wins over its deprecated name `state_id`.
    """
    name = "order_id" if "order_id" in call.parameters else "state_id"
    stage = pipeline.stage_of(call.state, pipeline.find_order(call, name, is_numbered=False))
    return Reply(200, {"status": "success", "state_id": stage["id"]})


def get_order_vars(call: Call) -> Reply:
    """Return the named variables, or all, of the given deal or of the current one.

    Assumed: a name that is not set is left out.
    """
    variables = call.state.store.order_variables(pipeline.find_order(call)["id"], call.parameters.get("variables"))
    return Reply(200, {"status": "success", "result": variables})


def set_order_vars(call: Call) -> Steps[Reply]:
    """Save variables of the given deal or of the current one.

    Changes: the deal's variables; null or empty text clears one.
    Assumed: a name is taken as it is, with whatever stands before it.
    """
    order_id = pipeline.find_order(call)["id"]
    for name, value in call.parameters["variables"].items():
        call.state.store.set_order_variable(order_id, name, value)
        yield
    return done(call)


def create_order(call: Call) -> Reply:
    """Create a deal for the client found by `client_id`, else by `phone`, else by `email`.

    Changes: a new deal, the current one unless its stage closes it; a new client where phone or e-mail is unknown.
    Assumed: the new client belongs to telephony or to the first e-mail channel and has the variable `phone` or `email`;
    without `state_id` the deal begins in the first stage; no callback runs.
    """
    chosen: dict[str, Any] = {
        name: call.parameters[name] for name in ("name", "description") if name in call.parameters
    }
    if "budget" in call.parameters:
        chosen["budget"] = _budget(call)
    if "state_id" in call.parameters:
        chosen["state_id"] = pipeline.find_stage(call)["id"]
    order_id = call.state.store.add_order(pipeline.find_buyer(call), now=call.now, **chosen)
    return Reply(200, {"status": "success", "order_id": order_id})


def move_order_to_next_state(call: Call) -> Reply:
    """Move the given deal or the current one to the next stage of its pipeline.

    Changes: the deal's stage, which may close it; the callback `crm_state_changed Pipeline:Stage` in the history,
    before it `crm_system_state_changed` where the deal is won or lost (that both run: assumed); the client's variable
    `callback_order_id`.
    Assumed: stages of failure are passed over; after the last stage nothing changes and the last is returned.
    """
    order = pipeline.find_order(call)
    stage = pipeline.stage_of(call.state, order)
    following = call.state.store.next_stage(stage)
    if following is not None:
        pipeline.move(call.state, order, following, call.now)
        stage = following
    return Reply(200, {"status": "success", "state_id": stage["id"]})


def set_order_state(call: Call) -> Reply:
    """Move the client's current deal to a stage of any pipeline.

    Changes: the deal's stage, which may close it; the callback `crm_state_changed Pipeline:Stage` in the history,
    before it `crm_system_state_changed` where the deal is won or lost (that both run: assumed); the client's variable
    `callback_order_id`.
    Assumed: a deal that is there already stays, and no callback runs.
    """
    order = pipeline.find_order(call)
    stage = pipeline.find_stage(call)
    if stage["id"] != order["state_id"]:
        pipeline.move(call.state, order, stage, call.now)
    return done(call)


def _budget(call: Call) -> float:
    """Return the amount of a new deal, which may be sent as text."""
    budget = float(str(call.parameters["budget"]))
    if not math.isfinite(budget):
        raise InvalidValueError("budget", "the number is too large")
    return budget
