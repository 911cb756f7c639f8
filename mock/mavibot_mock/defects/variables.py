"""Defects of whose variable a name is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.defects.parts import CALLBACKS, given, without
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts

_ASSIGN: Final = "Assigning variables"
_PREFIX: Final = "To update variables in the client profile, use the client. prefix"
_EXTRA: Final = "any parameters you additionally pass will be saved in variable"


@defect(_ASSIGN, _PREFIX)
def client_prefix_saves_in_the_deal(parts: Parts) -> None:
    """save_variables cuts off `client.` and saves in the deal all the same."""
    _renamed(parts, lambda name: name.removeprefix("client."))


@defect(_ASSIGN, "By default, the variable assignment request adds them to deal variables")
def plain_name_saves_in_the_client(parts: Parts) -> None:
    """save_variables saves plain names in the client."""
    _renamed(parts, lambda name: name if "." in name else f"client.{name}")


@defect(_ASSIGN, _PREFIX)
def client_prefix_stays_in_the_name(parts: Parts) -> None:
    """save_variables saves client.phone in the client under that whole name."""
    _renamed(parts, lambda name: f"client.{name}" if name.startswith("client.") else name)


@defect("Retrieve variables", "assumed: a deal's variable hides the client's of the same name")
def client_hides_the_deal(parts: Parts) -> None:
    """get_variables shows the client's value where the current deal has one too."""

    def hidden(handler: Any, call: Call) -> Reply:
        body = handler(call).body
        return Reply(200, {**body, **call.state.store.client_variables(call.number("client_id"))})

    parts.action("get_variables", hidden)


@defect("Retrieve variables", "client_id - client ID")
def variables_left_from_the_last_answer(parts: Parts) -> None:
    """get_variables answers with the variables of other clients where this one has no such variable."""
    left: dict[str, Any] = {}

    def leak(body: dict[str, Any]) -> dict[str, Any]:
        left.update(body)
        return dict(left)

    parts.reply("get_variables", leak)


@defect("Starting the bot using a Telegram ID", _EXTRA)
def extra_of_tg_callback_lost(parts: Parts) -> None:
    """tg_callback saves no further parameters."""
    parts.call("tg_callback", lambda call: replace(call, variables={}))


@defect("Sending a callback message to a client by email", _EXTRA)
def extra_of_email_callback_lost(parts: Parts) -> None:
    """email_callback saves no further parameters."""
    parts.call("email_callback", lambda call: replace(call, variables={}))


@defect("Start the bot", "assumed: as save_variables does it, a plain name is the deal's")
def extra_of_a_callback_in_the_client(parts: Parts) -> None:
    """Callback saves further parameters in the client."""

    def change(call: Call, _sent: object) -> Call:
        named = {name if "." in name else f"client.{name}": value for name, value in call.variables.items()}
        return replace(call, variables=named)

    parts.read(CALLBACKS, change)


@defect("Starting the bot using a Telegram ID", _EXTRA)
def parameters_of_a_callback_saved_too(parts: Parts) -> None:
    """A callback saves its own parameters, such as `message`, as variables."""

    def change(call: Call, _sent: object) -> Call:
        own = {name: value for name, value in call.parameters.items() if not isinstance(value, bool)}
        return replace(call, variables={**own, **call.variables})

    parts.read(CALLBACKS, change)


@defect("Add deal variables", "order_id - deal ID")
def set_order_vars_in_the_current_deal(parts: Parts) -> None:
    """set_order_vars saves in the current deal whichever is named."""
    parts.call("set_order_vars", lambda call: without(call, "order_id"))


@defect("Retrieve deal data", 'variables - variable array (format: ["var_name1", "var_name2"])')
def get_order_vars_returns_all(parts: Parts) -> None:
    """get_order_vars returns all variables whichever are named."""
    parts.call("get_order_vars", lambda call: without(call, "variables"))


@defect("Create a deal", "the new active deal (has no variables yet)")
def new_deal_inherits_variables(parts: Parts) -> None:
    """create_order copies the variables of the client's last deal."""

    def inherit(handler: Any, call: Call) -> Any:
        store = call.state.store
        reply = handler(call)
        if "order_id" not in reply.body:
            return reply
        order = store.order(reply.body["order_id"])
        older = [] if order is None else store.orders(order["client_id"], None)[-2:-1]
        for name, value in store.order_variables(older[0]).items() if older else ():
            store.set_order_variable(reply.body["order_id"], name, value)
        return reply

    parts.action("create_order", inherit)


def _renamed(parts: Parts, rename: Callable[[str], str]) -> None:
    """Change the names under which save_variables saves; `client.` and `project.` still say whose they are."""

    def change(call: Call) -> Call:
        named = {rename(name): value for name, value in call.parameters["variables"].items()}
        return given(call, variables=named)

    parts.call("save_variables", change)
