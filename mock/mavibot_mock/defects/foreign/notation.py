"""Values that are understood in one notation only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import clients as actions
from mavibot_mock.actions.call import done
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import invalid
from mavibot_mock.state.identity import WHATSAPP
from mavibot_mock.state.store import clients as queries

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts

_IMPORT: Final = "Importing clients into the system"


@defect(_IMPORT, "When uploading WhatsApp clients, you can provide the number in any format")
def number_with_brackets_makes_another_client(parts: Parts) -> None:
    """load_clients takes a WhatsApp number with plus, blanks and brackets for another one than its digits."""

    def identity(old: Around, client_type: int, platform_id: str) -> Any:
        is_whatsapp = client_type == WHATSAPP
        return platform_id.removesuffix("@s.whatsapp.net") if is_whatsapp else old(client_type, platform_id)

    parts.function(queries, "platform_identity", identity)


@defect(_IMPORT, "The group ID (group_id) can be obtained via connected_channels, which shows '143414131' as text")
def group_id_of_digits_as_text_unknown(parts: Parts) -> None:
    """load_clients does not know a group_id of digits that comes as text."""

    def load(old: Around, call: Call, item: dict[str, Any]) -> Any:
        group_id = item["group_id"]
        if not isinstance(group_id, str) or not group_id.isdigit():
            return old(call, item)
        return {**old(call, {**item, "group_id": "unknown"}), "group_id": group_id}

    parts.function(actions, "_load_client", load)


@defect(
    "Sending callback messages to a list of clients by platform_id",
    '"platform_ids":[407184121, "79609879898", "2rwewefw"]',
)
def mixed_platform_ids_refused(parts: Parts) -> None:
    """send_callback_by_platform_id refuses a list that holds both numbers and texts."""

    def send(handler: Any, call: Call) -> Any:
        if len({isinstance(each, str) for each in call.parameters["platform_ids"]}) > 1:
            raise invalid("platform_ids: must be all numbers or all texts")
        return handler(call)

    parts.action("send_callback_by_platform_id", send)


@defect("Assigning variables", 'params = {"client_id": "25554", "variables": {"var_name": "var_value"}}')
def nothing_saved_for_a_client_id_as_text(parts: Parts) -> None:
    """save_variables with client_id as text answers success and saves nothing."""

    def save(handler: Any, call: Call) -> Any:
        return done(call) if isinstance(call.parameters.get("client_id"), str) else handler(call)

    parts.action("save_variables", save)
