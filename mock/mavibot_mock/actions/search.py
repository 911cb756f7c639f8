"""Actions that find clients: by phone, e-mail, id in a messenger, dialogue on a website, or variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions.recipients import clients_with_platform_ids
from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import ClientNotFoundError, InvalidValueError
from mavibot_mock.state.identity import ONLINE_CHAT
from mavibot_mock.state.store.search import Condition

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from sqlite3 import Row

    from mavibot_contract import Operation
    from mavibot_mock.actions.call import Call
    from mavibot_mock.state.steps import Steps

#: SQLite takes no query that is much longer.
_MOST_CONDITIONS: Final = 500
_NEGATED: Final = frozenset({"_not", "_not_in"})


def find_client_id_by_platform_id(call: Call) -> Steps[Reply]:
    """List the clients with these ids in any messenger, or in one channel.

    Assumed: in the order of the ids; those with one id oldest first.
    """
    found = []
    for client_id in (yield from clients_with_platform_ids(call)):
        row = call.state.store.client(client_id)
        if row is not None:
            found.append(_found(row, call))
        yield
    return Reply(200, found)


def find_client_id_by_phone(call: Call) -> Reply:
    """Find a client among WhatsApp's and by the client's variable `phone`, the number in any notation.

    Assumed: of several the one with the lowest number; a deal's variable does not count unless the project is set so.
    Settings: `contact_variables`
    """
    phone = call.text("phone")
    return _least(call.state.store.client_on_whatsapp(phone), *_with_contact(call, "phone", phone))


def find_client_id_by_email(call: Call) -> Reply:
    """Find a client by the client's variable `email`.

    Assumed: in any case of letters; of several the one with the lowest number; a deal's variable does not count unless
    the project is set so.
    Settings: `contact_variables`
    """
    return _least(*_with_contact(call, "email", call.text("email")))


def find_client_id_by_var(call: Call) -> Reply:
    """Find a client by a variable of the client or, where asked, of any of the client's deals.

    Assumed: of several clients the one with the lowest number, of several deals the first.
    """
    store, parameters = call.state.store, call.parameters
    search = store.first_client_with_order if _in_orders(call) else store.first_client_with
    return _single(search(parameters["var"], parameters["val"], _group(call)))


def find_latest_client_id_by_var(call: Call) -> Reply:
    """Find the newest client by a variable of the client or of any of the client's deals.

    Assumed: of those created in the same second the highest number is the newest.
    """
    return _single(call.state.store.latest_client_with(call.parameters["var"], call.parameters["val"]))


def find_all_client_id_by_var(call: Call) -> Steps[Reply]:
    """List the clients by a variable of the client.

    Assumed: lowest number first; deals are not looked at.
    """
    return _all(call, [Condition(call.parameters["var"], [call.parameters["val"]])])


def find_all_client_id_by_several_vars(call: Call) -> Steps[Reply]:
    """List the clients that have all of up to three variables.

    Assumed: lowest number first; deals are not looked at.
    """
    return _all(call, [Condition(name, [value]) for name, value in call.parameters["variables"].items()])


def find_clients(call: Call) -> Steps[Reply]:
    """List the clients whose variables, or the variables of whose deals, meet the conditions.

    The client's own fields that get_variables shows, such as `name`, are searched like variables.
    The search fails where a condition holds a number and the variable of some client is not a number.
    Assumed: lowest number first; the text `5` is equal to the number 5; who lacks the variable does not meet `_not` and
    `_not_in`; one deal of any status must meet all conditions; 500 conditions at most.
    """
    if len(call.parameters["q"]) > _MOST_CONDITIONS:
        raise InvalidValueError("q", f"at most {_MOST_CONDITIONS} conditions, got {len(call.parameters['q'])}")
    conditions = [_condition(name, wanted) for name, wanted in call.parameters["q"].items()]
    store, in_orders = call.state.store, _in_orders(call)
    if any(each.is_numeric and not store.is_numeric(each.name, in_orders=in_orders) for each in conditions):
        return _documented(call.operation, "failed")
    return (yield from _all(call, conditions, in_orders=in_orders, every=call.parameters["include_all"]))


def refuse_find_clients(operation: Operation, parameters: Mapping[str, Any] | None) -> Reply:
    """Return how find_clients refuses wrong parameters: with HTTP 200 (assumed) and the document's words."""
    return _documented(operation, "wrong_q" if parameters is None or parameters.get("q") else "without_q")


def whatsapp_client_id(call: Call) -> Reply:
    """Find a WhatsApp client by number in any notation.

    Assumed: of several the one with the lowest number.
    """
    found = call.state.store.client_on_whatsapp(call.text("phone"), _group(call))
    if found is None:
        raise ClientNotFoundError
    return Reply(200, {"client_id": found})


def online_chat_client_id(call: Call) -> Reply:
    """Return the client of a dialogue on the website, with the tag and name that are given.

    Changes: a new client where the dialogue is unknown; tag and name.
    Assumed: both changes; the new client belongs to the first channel of the online chat, if there is one.
    """
    store, recipient = call.state.store, call.text("recipient")
    given = {name: call.parameters[name] for name in ("tag", "name") if name in call.parameters}
    client_id = store.client_in_online_chat(recipient)
    if client_id is None:
        group_id = store.group_of_bot(ONLINE_CHAT, None) or ""
        client_id = store.add_client(
            client_type=ONLINE_CHAT, group_id=group_id, platform_id=recipient, now=call.now, **given
        )
    elif given:
        store.update_client(client_id, now=call.now, **given)
    return Reply(200, {"client_id": client_id})


def _group(call: Call) -> str | None:
    return call.text("group_id") if "group_id" in call.parameters else None


def _in_orders(call: Call) -> bool:
    return call.parameters.get("search_in") == "order"


def _condition(name: str, wanted: Any) -> Condition:
    """Return the condition that find_clients states as a plain value or with one operator."""
    if not isinstance(wanted, dict):
        return Condition(name, [wanted])
    [(operator, value)] = wanted.items()
    return Condition(name, value if isinstance(value, list) else [value], negated=operator in _NEGATED)


def _with_contact(call: Call, name: str, value: str) -> list[int | None]:
    """Return the first client with a variable of its own, and the first with one of a deal where those count."""
    store = call.state.store
    found = [store.first_client_with(name, value)]
    if call.state.settings.contact_variables == "client_and_deals":
        found.append(store.first_client_with_order(name, value))
    return found


def _least(*client_ids: int | None) -> Reply:
    return _single(min((each for each in client_ids if each is not None), default=None))


def _single(client_id: int | None) -> Reply:
    if client_id is None:
        raise ClientNotFoundError
    return Reply(200, {"status": "success", "client_id": client_id})


def _all(call: Call, conditions: Sequence[Condition], *, in_orders: bool = False, every: bool = True) -> Steps[Reply]:
    found = yield from call.state.store.find_clients(conditions, in_orders=in_orders, every=every)
    return Reply(200, {"status": "success", "client_ids": found})


def _documented(operation: Operation, example: str) -> Reply:
    """Return a reply that the contract gives word for word."""
    examples = operation.responses["200"]["content"]["application/json"]["examples"]
    return Reply(200, examples[example]["value"])


def _found(client: Row, call: Call) -> dict[str, Any]:
    return {
        "id": client["id"],
        "tag": client["tag"],
        "created_at": call.shown_time(client["created_at"]),
        "name": client["name"],
        "avatar": client["avatar"],
        "platform_id": client["platform_id"],
        "group": client["group_id"],
        "variables": call.state.store.client_variables(client["id"]) or None,
    }
