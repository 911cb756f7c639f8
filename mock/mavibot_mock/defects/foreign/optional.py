"""Optional parts that are demanded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import invalid

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts


@defect("Sending a message in WhatsApp", 'params = {"message": "some_text", "phone": "79875146788"}')
def whatsapp_message_wants_a_bot(parts: Parts) -> None:
    """whatsapp_message is refused without whatsapp_bot_id."""
    _demand(parts, "whatsapp_message", "whatsapp_bot_id")


@defect("Retrieve client_id by WhatsApp number", "whatsapp_client_id?phone=")
def whatsapp_client_id_wants_a_bot(parts: Parts) -> None:
    """whatsapp_client_id is refused without group_id."""
    _demand(parts, "whatsapp_client_id", "group_id")


@defect("Retrieve the funnel stage ID in Mavibot CRM", "if not specified, the stage ID of the current deal")
def deal_stage_wants_the_deal(parts: Parts) -> None:
    """get_order_state is refused without the id of a deal."""
    _demand(parts, "get_order_state", "order_id", "state_id")


@defect("Message sending parameters", "Buttons can be passed in two ways: with a hint, or without it")
def buttons_want_a_hint(parts: Parts) -> None:
    """Message refuses buttons without a hint."""

    def hinted(handler: Any, call: Call) -> Any:
        if isinstance(call.parameters.get("buttons", {}), list):
            raise invalid("buttons: must be an object with hint and buttons")
        return handler(call)

    parts.action("message", hinted)


@defect("Retrieve the client ID from the online chat", "online_chat_client_id?recipient=")
def dialogue_wants_a_name(parts: Parts) -> None:
    """online_chat_client_id is refused without the client's name."""
    _demand(parts, "online_chat_client_id", "name")


def _demand(parts: Parts, action: str, *names: str) -> None:
    """Refuse the calls of an action that have none of these parameters."""

    def asked(handler: Any, call: Call) -> Any:
        if not call.parameters.keys() & set(names):
            raise invalid(f"{names[0]}: is required")
        return handler(call)

    parts.action(action, asked)
