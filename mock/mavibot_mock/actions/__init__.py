"""What each action does to the state of a project; an action that is missing here is not implemented yet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_mock.actions.bot import callback, deliver_callback
from mavibot_mock.actions.clients import get_clients, load_clients
from mavibot_mock.actions.messages import deliver_message, get_history, message
from mavibot_mock.actions.project import connected_channels
from mavibot_mock.actions.variables import get_variables, save_variables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from mavibot_mock.actions.call import Call
    from mavibot_mock.project import Project
    from mavibot_mock.replies import Reply

#: Action -> what it does.
ACTIONS: Final[Mapping[str, Callable[[Call], Reply]]] = {
    "callback": callback,
    "connected_channels": connected_channels,
    "get_clients": get_clients,
    "get_history": get_history,
    "get_variables": get_variables,
    "load_clients": load_clients,
    "message": message,
    "save_variables": save_variables,
}

#: Kind of a scheduled job -> what happens when it is due.
JOBS: Final[Mapping[str, Callable[[Project, dict[str, Any], float], None]]] = {
    "callback": deliver_callback,
    "message": deliver_message,
}
