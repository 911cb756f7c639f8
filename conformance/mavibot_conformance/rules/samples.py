"""A valid call of every action, with test data of the run's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.rules.trial import LacksInputError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from mavibot_conformance.rules.trial import Trial
    from mavibot_conformance.target.wire import Exchange


_MESSENGERS: Final = mavibot_contract.load().enum("Messenger")


def valid(t: Trial, action: str) -> dict[str, Any]:
    """Return parameters with which an action succeeds; what they name is created or comes from the profile.

    Args:
        t: the trial that makes the call.
        action: the action.
    """
    return _SAMPLES[action](t)


def reached(t: Trial, parameters: Mapping[str, Any]) -> Any:
    """Return the client whom a call with these parameters reaches, or `None` for one who does not exist yet.

    Args:
        t: the trial that makes the call.
        parameters: those of the call.
    """
    if "client_id" in parameters:
        return parameters["client_id"]
    if "clients" in parameters:
        return parameters["clients"][0]
    if "client_phone" in parameters or "client_email" in parameters:
        kind = "phone" if "client_phone" in parameters else "email"
        return t.ok(f"find_client_id_by_{kind}", **{kind: parameters[f"client_{kind}"]})["client_id"]
    if "email" in parameters:
        # An e-mail client has the address as its platform id, any other one in a variable.
        by_variable = t.call("find_client_id_by_email", email=parameters["email"])
        return _found(by_variable) or _in_group(t, parameters["email"], t.group("email"))
    if "phone" in parameters:
        phone, group_id = parameters["phone"], t.group("whatsapp")
        return _found(t.call("whatsapp_client_id", phone=phone, group_id=group_id))
    ids = parameters.get("platform_ids") or [parameters.get("user_id", parameters.get("platform_id"))]
    return _in_group(t, ids[0], parameters["group_id"])


def messenger(name: str) -> int:
    """Return the number of a messenger of `profile.groups`, such as 1 for `telegram`.

    Args:
        name: name of the messenger.

    Raises:
        LacksInputError: the contract has no such messenger.
    """
    found: int | None = _MESSENGERS.get("ODNOKLASSNIKI" if name == "ok" else name.upper())
    if found is None:
        raise LacksInputError(f"groups.{name}: the contract has no such messenger")
    return found


def _in_group(t: Trial, platform_id: object, group_id: str) -> Any:
    found = t.ok("find_client_id_by_platform_id", platform_ids=[platform_id], group_id=group_id)
    rows = found if isinstance(found, list) else found.get("clients", found.get("items", []))
    return rows[0]["id"] if rows else None


def _found(exchange: Exchange) -> Any:
    return exchange.data["client_id"] if exchange.succeeded else None


def _event(t: Trial) -> dict[str, Any]:
    return {"message": t.nonce()}


def _client(t: Trial) -> dict[str, Any]:
    return {"client_id": t.client()}


def _in_messenger(t: Trial, name: str, id_name: str = "user_id") -> dict[str, Any]:
    """Return the call for a client whom the messenger knows."""
    group_id, platform_id = t.group(name), str(t.number())
    t.ok(
        "load_clients",
        clients=[{"client_type": messenger(name), "group_id": group_id, "platform_id": platform_id}],
    )
    return {"group_id": group_id, id_name: platform_id, **_event(t)}


def _deal(t: Trial) -> dict[str, Any]:
    client_id = t.client()
    return {"client_id": client_id, "order_id": t.order(client_id)}


def _listed(t: Trial) -> dict[str, Any]:
    return {"list_id": t.profile.list_id, "clients": t.clients(2)}


def _variable(t: Trial) -> dict[str, Any]:
    name, value = t.nonce(), t.nonce()
    t.ok("save_variables", client_id=t.client(), variables={f"client.{name}": value})
    return {"var": name, "val": value}


def _platform_ids(t: Trial) -> dict[str, Any]:
    channel, platform_id = t.profile.channel or {}, str(t.number())
    t.ok("load_clients", clients=[{"platform_id": platform_id, **channel}])
    return {"platform_ids": [platform_id], "group_id": channel["group_id"]}


def _phone(t: Trial) -> dict[str, Any]:
    phone = t.phone()
    t.ok("save_variables", client_id=t.client(), variables={"client.phone": phone})
    return {"phone": phone}


def _email(t: Trial) -> dict[str, Any]:
    email = f"{t.nonce()}@example.com"
    t.ok("save_variables", client_id=t.client(), variables={"client.email": email})
    return {"email": email}


def _whatsapp(t: Trial) -> dict[str, Any]:
    phone = t.phone()
    t.ok("whatsapp_callback", phone=phone, message=t.nonce())
    return {"phone": phone}


def _several(t: Trial) -> dict[str, Any]:
    found = _variable(t)
    return {"variables": {found["var"]: found["val"]}}


_SAMPLES: Final[dict[str, Callable[[Trial], dict[str, Any]]]] = {
    "callback": lambda t: _client(t) | _event(t),
    "whatsapp_callback": lambda t: {"phone": t.phone(), **_event(t)},
    "tg_callback": lambda t: _in_messenger(t, "telegram"),
    "vk_callback": lambda t: _in_messenger(t, "vkontakte"),
    "ok_callback": lambda t: _in_messenger(t, "ok"),
    "fb_callback": lambda t: _in_messenger(t, "facebook"),
    "max_callback": lambda t: _in_messenger(t, "max", "platform_id"),
    "send_callback_by_platform_id": lambda t: {"callback_text": t.nonce(), **_platform_ids(t)},
    "email_callback": lambda t: {"email": f"{t.nonce()}@example.com", **_event(t)},
    "message": lambda t: _client(t) | _event(t),
    "whatsapp_message": lambda t: {**_whatsapp(t), **_event(t)},
    "broadcast": lambda t: {"clients": t.clients(2), **_event(t)},
    "get_history": _client,
    "clear_history": _client,
    "assign_to_user": _client,
    "load_clients": lambda t: {"clients": [{"platform_id": str(t.number()), **(t.profile.channel or {})}]},
    "add_to_list": _listed,
    "remove_from_list": _listed,
    "get_clients": lambda _t: {"limit": 10},
    "subscribers": lambda _t: {"page": 0},
    "delete_clients": lambda t: {"client_ids": t.clients(1)},
    "save_variables": lambda t: {**_client(t), "variables": {"client.cnf_a": t.nonce()}},
    "get_variables": _client,
    "find_client_id_by_platform_id": _platform_ids,
    "online_chat_client_id": lambda t: {"recipient": t.nonce()},
    "whatsapp_client_id": lambda t: {**_whatsapp(t), "group_id": t.group("whatsapp")},
    "find_client_id_by_phone": _phone,
    "find_client_id_by_email": _email,
    "find_client_id_by_var": _variable,
    "find_latest_client_id_by_var": _variable,
    "find_all_client_id_by_var": _variable,
    "find_all_client_id_by_several_vars": _several,
    "find_clients": lambda t: {"q": _several(t)["variables"]},
    "get_current_order_id": lambda t: {"client_id": _deal(t)["client_id"]},
    "get_orders": lambda t: {"client_id": _deal(t)["client_id"]},
    "move_order_to_next_state": _deal,
    "get_order_vars": _deal,
    "set_order_vars": lambda t: {**_deal(t), "variables": {"cnf_a": t.nonce()}},
    "create_order": lambda t: {**_client(t), "name": t.nonce()},
    "set_order_state": lambda t: {"client_id": _deal(t)["client_id"], "state_id": t.profile.stage_ids[1]},
    "get_order_state": lambda t: {"client_id": _deal(t)["client_id"]},
    "check_whatsapp": lambda t: {"phone": t.phone()},
    "connected_channels": lambda _t: {},
    "get_messages": lambda _t: {},
}
