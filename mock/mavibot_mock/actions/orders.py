"""Actions on deals: create them, move them through the funnel, read and write their data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import flow, history
from mavibot_mock.request.replies import RefusedError, Reply, done, fail, invalid
from mavibot_mock.state.identity import EMAIL, TELEPHONY, phone_identity

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.actions.call import Call
    from mavibot_mock.server.project import Project

#: The project's callback that a change of stage runs, followed by `Pipeline:Stage`.
_STATE_CHANGED: Final = "crm_state_changed"


def get_current_order_id(call: Call) -> Reply:
    """Return the newest deal that is neither closed nor archived.

    Assumed: a client without one gets `order not found`.
    """
    return Reply(200, {"status": "success", "order_id": _order(call)["id"]})


def get_orders(call: Call) -> Reply:
    """List the numbers of the client's deals, oldest first.

    Assumed: without `order_status` all deals, archived ones too; an archived deal has no status.
    Settings: `orders_key`
    """
    found = call.project.store.orders(_client(call), call.parameters.get("order_status"))
    return Reply(200, {"status": "success", call.project.settings.orders_key: found})


def get_order_state(call: Call) -> Reply:
    """Return the stage of the given deal or of the current one.

    Assumed: `order_id` wins over its deprecated name `state_id`.
    """
    name = "order_id" if "order_id" in call.parameters else "state_id"
    return Reply(200, {"status": "success", "state_id": _stage(call.project, _order(call, name))["id"]})


def get_order_vars(call: Call) -> Reply:
    """Return the named variables, or all, of the given deal or of the current one.

    Assumed: a name that is not set is left out.
    """
    variables = call.project.store.order_variables(_order(call)["id"])
    names = call.parameters.get("variables", variables)
    return Reply(200, {"status": "success", "result": {name: variables[name] for name in names if name in variables}})


def set_order_vars(call: Call) -> Reply:
    """Save variables of the given deal or of the current one.

    Changes: the deal's variables; null or empty text clears one.
    Assumed: a name is taken as it is, with whatever stands before it.
    """
    order_id = _order(call)["id"]
    for name, value in call.parameters["variables"].items():
        call.project.store.set_order_variable(order_id, name, value)
    return done(call)


def create_order(call: Call) -> Reply:
    """Create a deal for the client found by `client_id`, else by `phone`, else by `email`.

    Changes: a new deal, the current one unless its stage closes it; a new client where phone or e-mail is unknown.
    Assumed: the new client belongs to telephony or to the first e-mail channel and has the variable `phone` or `email`;
    without `state_id` the deal begins in the first stage; no callback runs.
    """
    store = call.project.store
    chosen: dict[str, Any] = {
        name: call.parameters[name] for name in ("name", "description") if name in call.parameters
    }
    if "budget" in call.parameters:
        chosen["budget"] = _budget(call)
    if "state_id" in call.parameters:
        chosen["state_id"] = _given_stage(call)["id"]
    return Reply(200, {"status": "success", "order_id": store.add_order(_buyer(call), now=call.now, **chosen)})


def move_order_to_next_state(call: Call) -> Reply:
    """Move the given deal or the current one to the next stage of its pipeline.

    Changes: the deal's stage, which may close it; the callback `crm_state_changed Pipeline:Stage` in the history.
    Assumed: stages of failure are passed over; after the last stage nothing changes and the last is returned.
    """
    order = _order(call)
    stage = _stage(call.project, order)
    following = call.project.store.next_stage(stage)
    if following is not None:
        _move(call, order, following)
        stage = following
    return Reply(200, {"status": "success", "state_id": stage["id"]})


def set_order_state(call: Call) -> Reply:
    """Move the client's current deal to a stage of any pipeline.

    Changes: the deal's stage, which may close it; the callback `crm_state_changed Pipeline:Stage` in the history.
    Assumed: a deal that is there already stays, and no callback runs.
    """
    order = _order(call)
    stage = _given_stage(call)
    if stage["id"] != order["state_id"]:
        _move(call, order, stage)
    return done(call)


def _client(call: Call) -> int:
    """Return the number of the client whom the call names; unlike elsewhere an unknown one is HTTP 200 (field)."""
    client_id = call.number("client_id")
    if call.project.store.client(client_id) is None:
        raise RefusedError(Reply(200, {"status": "client_not_found"}))
    return client_id


def _order(call: Call, name: str = "order_id") -> Row:
    """Return the deal that a parameter names, which must be the client's own, or the client's current one.

    Raises:
        RefusedError: there is no such client or deal; the wording has the number where the call gave one (assumed).
    """
    client_id = _client(call)
    order_id = call.number(name) if name in call.parameters else call.project.store.current_order(client_id)
    order = None if order_id is None else call.project.store.order(order_id)
    if order is None or order["client_id"] != client_id:
        number = f"{order_id} " if name in call.parameters else ""
        raise RefusedError(Reply(200, {"status": f"order {number}not found"}))
    return order


def _stage(project: Project, order: Row) -> Row:
    """Return the stage of a deal; one that was made before the project had stages stands in the first."""
    stage = project.store.first_stage() if order["state_id"] is None else project.store.stage(order["state_id"])
    if stage is None:
        raise invalid("order_id: the mock's project has no stages; give it some in its seed")
    return stage


def _given_stage(call: Call) -> Row:
    """Return the stage that `state_id` names; that an unknown one is refused is assumed."""
    stage = call.project.store.stage(call.number("state_id"))
    if stage is None:
        raise RefusedError(fail(404, f"state_id: the project has no stage {call.number('state_id')}"))
    return stage


def _move(call: Call, order: Row, stage: Row) -> None:
    """Put a deal into a stage and run the project's callback for it, as the vendor's Russian document says (field)."""
    call.project.store.move_order(order["id"], stage)
    event = f"{_STATE_CHANGED} {stage['pipeline']}:{stage['name']}"
    history.receive(call.project, order["client_id"], text=event, now=call.now, is_callback=True)
    flow.react(call.project, order["client_id"], event, call.now)


def _budget(call: Call) -> float:
    """Return the amount of a new deal, which may be sent as text."""
    budget = float(str(call.parameters["budget"]))
    if not math.isfinite(budget):
        raise invalid("budget: the number is too large")
    return budget


def _buyer(call: Call) -> int:
    """Return the client for whom a deal is created; of several identifiers only the first counts."""
    store = call.project.store
    if "client_id" in call.parameters:
        return _client(call)
    if "phone" in call.parameters:
        phone = call.text("phone")
        return store.client_by_phone(phone) or _new_client(call, TELEPHONY, phone_identity(phone), phone=phone)
    email = call.text("email")
    return store.client_by_email(email) or _new_client(call, EMAIL, email, email=email)


def _new_client(call: Call, client_type: int, platform_id: str, **variables: str) -> int:
    """Create a client of the first channel that a messenger has, if any; which messenger and channel is assumed."""
    store = call.project.store
    group_id = store.group_of_bot(client_type, None) or ""
    client_id = store.add_client(client_type=client_type, group_id=group_id, platform_id=platform_id, now=call.now)
    for name, value in variables.items():
        store.set_client_variable(client_id, name, value)
    return client_id
