"""Control of the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_mock.replies import Reply

if TYPE_CHECKING:
    from mavibot_mock.control.call import ControlCall


async def list_calls(call: ControlCall) -> Reply:
    """Return the last calls of a project."""
    return Reply(200, call.project.journal.entries())


OPERATIONS: Final = {"list_calls": list_calls}
