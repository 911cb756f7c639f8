"""What the actions on deals share: which deal, stage and buyer a call means, and the move to another stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_mock.actions import flow, history
from mavibot_mock.request.replies import RefusedError, Reply
from mavibot_mock.state.errors import InvalidValueError, NotFoundError
from mavibot_mock.state.facts import ORDER_STATUSES
from mavibot_mock.state.identity import EMAIL, TELEPHONY, phone_identity

if TYPE_CHECKING:
    from sqlite3 import Row

    from mavibot_mock.actions.call import Call
    from mavibot_mock.state.state import State

#: The project's callback that a change of stage runs, followed by `Pipeline:Stage`.
_STATE_CHANGED: Final = "crm_state_changed"
#: The callback of a deal that is won or lost by the change.
_CLOSED: Final = "crm_system_state_changed"
#: The client's variable that holds the deal of the last callback.
_DEAL: Final = "callback_order_id"


def existing_client_id(call: Call) -> int:
    """Return the id of the client that the call names; unlike elsewhere an unknown one is HTTP 200 (field).

    Raises:
        RefusedError: the project has no such client.
    """
    client_id = call.number("client_id")
    if not call.state.store.has_client(client_id):
        raise RefusedError(Reply(200, {"status": "client_not_found"}))
    return client_id


def find_order(call: Call, name: str = "order_id", *, is_numbered: bool = True) -> Row:
    """Return the deal that a parameter names, which must be the client's own, or the client's current one.

    Args:
        call: holds the numbers of client and deal.
        name: the parameter that holds the deal's.
        is_numbered: whether the refusal repeats a number that the call gave.

    Raises:
        RefusedError: there is no such client or deal.
    """
    client_id = existing_client_id(call)
    order_id = call.number(name) if name in call.parameters else call.state.store.current_order(client_id)
    order = None if order_id is None else call.state.store.order(order_id)
    if order is None or order["client_id"] != client_id:
        number = f"{order_id} " if is_numbered and name in call.parameters else ""
        raise RefusedError(Reply(200, {"status": f"order {number}not found"}))
    return order


def stage_of(state: State, order: Row) -> Row:
    """Return the stage of a deal; one that was made before the project had stages stands in the first."""
    stage = state.store.first_stage() if order["state_id"] is None else state.store.stage(order["state_id"])
    if stage is None:
        raise InvalidValueError("order_id", "the mock's project has no stages; give it some in its seed")
    return stage


def find_stage(call: Call) -> Row:
    """Return the stage that `state_id` names.

    Raises:
        NotFoundError: there is none (assumed).
    """
    stage = call.state.store.stage(call.number("state_id"))
    if stage is None:
        raise NotFoundError("state_id", f"the project has no stage {call.number('state_id')}")
    return stage


def move(state: State, order: Row, stage: Row, now: float) -> None:
    """Put a deal into a stage and run the project's callbacks for it, as the vendor's Russian document says (field).

    That a stage which closes the deal runs both callbacks, and in which order, is assumed.
    """
    client_id = order["client_id"]
    state.store.move_order(order["id"], stage)
    state.store.set_client_variable(client_id, _DEAL, order["id"])
    events = [f"{_STATE_CHANGED} {stage['pipeline']}:{stage['name']}"]
    if stage["order_status"] not in (ORDER_STATUSES["ACTIVE"], order["order_status"]):
        events.insert(0, _CLOSED)
    for event in events:
        history.receive(state, client_id, text=event, now=now, is_callback=True)
        flow.react(state, client_id, event, now)


def find_buyer(call: Call) -> int:
    """Return the client that a deal is created for; of several identifiers only the first counts."""
    store = call.state.store
    if "client_id" in call.parameters:
        return existing_client_id(call)
    if "phone" in call.parameters:
        phone = call.text("phone")
        found = store.client_by_phone(phone) or _new_client(call, TELEPHONY, phone_identity(phone), phone=phone)
        return call.reach(found)
    email = call.text("email")
    return call.reach(store.client_by_email(email) or _new_client(call, EMAIL, email, email=email))


def _new_client(call: Call, client_type: int, platform_id: str, **variables: str) -> int:
    """Create a client of the first channel that a messenger has, if any; which messenger and channel is assumed."""
    store = call.state.store
    group_id = store.group_of_bot(client_type, None) or ""
    client_id = store.add_client(client_type=client_type, group_id=group_id, platform_id=platform_id, now=call.now)
    for name, value in variables.items():
        store.set_client_variable(client_id, name, value)
    return client_id
