"""Actions that describe the project itself: its channels and the blocks of its flow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mavibot_mock.request.replies import Reply
from mavibot_mock.state.errors import InvalidValueError
from mavibot_mock.state.facts import WHATSAPP_STATUSES

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call


def connected_channels(call: Call) -> Reply:
    """List the channels by messenger; every messenger that the contract names is there."""
    shape = call.operation.responses["200"]["content"]["application/json"]["schema"]["properties"]
    channels: dict[str, list[Any]] = {messenger: [] for messenger in shape if messenger != "project_id"}
    for messenger, shown in call.state.store.channels():
        channels.setdefault(messenger, []).append(shown)
    return Reply(200, {"project_id": call.state.id, **channels})


def check_whatsapp(call: Call) -> Reply:
    """Return True if a number in any notation has WhatsApp; every number has it that the project's seed does not deny.

    Assumed: one WhatsApp channel must be switched on and started; one that has no status counts as started.
    """
    if not any(messenger == "whatsapp" and _is_started(shown) for messenger, shown in call.state.store.channels()):
        reason = "cannot be checked, since no WhatsApp channel is connected to the project and started"
        raise InvalidValueError("phone", reason)
    return Reply(200, {"exists": call.state.store.has_whatsapp(call.text("phone"))})


def get_messages(call: Call) -> Reply:
    """List the blocks of the flow by number."""
    shape = ("id", "condition", "answer", "message_type", "description")
    blocks = [{name: row[name] for name in shape} for row in call.state.store.blocks()]
    return Reply(200, {"status": "success", "messages": blocks})


def _is_started(shown: dict[str, Any]) -> bool:
    started = WHATSAPP_STATUSES["STARTED"]
    return shown.get("enabled") is not False and shown.get("status", started) in (started, None)
