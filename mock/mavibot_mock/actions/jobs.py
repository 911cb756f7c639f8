"""What happens when a scheduled job is due, by its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions.bot import deliver_callback
from mavibot_mock.actions.messages import deliver_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_mock.state.state import State
    from mavibot_mock.state.steps import Steps

    #: Gets the state, the job's parameters and the moment at which it runs, Unix seconds; works at once or in steps.
    JobHandler = Callable[[State, dict[str, Any], float], Steps[None] | None]

#: Kind of a job -> what happens when it is due.
JOBS: Final[dict[str, JobHandler]] = {"callback": deliver_callback, "message": deliver_message}
