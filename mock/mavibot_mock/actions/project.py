"""Actions that describe the project itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mavibot_mock.replies import Reply

if TYPE_CHECKING:
    from typing import Any

    from mavibot_mock.actions.call import Call


def connected_channels(call: Call) -> Reply:
    """List the channels by messenger; every messenger that the contract names is there."""
    shape = call.operation.responses["200"]["content"]["application/json"]["schema"]["properties"]
    channels: dict[str, list[Any]] = {messenger: [] for messenger in shape if messenger != "project_id"}
    for messenger, shown in call.project.store.channels():
        channels[messenger].append(shown)
    return Reply(200, {"project_id": call.project.id, **channels})
