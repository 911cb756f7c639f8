"""What happens when a scheduled job is due, by its kind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions.bot import deliver_callback
from mavibot_mock.actions.messages import deliver_message

if TYPE_CHECKING:
    from collections.abc import Callable

    from mavibot_mock.state.state import State

    #: Gets the state, the job's parameters and the moment at which it runs, Unix seconds.
    JobHandler = Callable[[State, dict[str, Any], float], None]

#: Kind of a job -> what happens when it is due.
JOBS: Final[dict[str, JobHandler]] = {"callback": deliver_callback, "message": deliver_message}
