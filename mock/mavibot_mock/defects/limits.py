"""Defects of limits and defaults, most of them off by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_mock.actions import bot
from mavibot_mock.defects.parts import given
from mavibot_mock.defects.registry import defect
from mavibot_mock.server import api

if TYPE_CHECKING:
    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Answer, Parts, Turn
    from mavibot_mock.request.replies import Reply

_CALLBACKS: Final = "Sending callback messages to a list of clients by platform_id"
_300: Final = "Limit: 1 request = maximum 300 sends"
_HISTORY: Final = "limit - number of items in the response. Default: 2000, maximum: 2000"
_CLIENTS: Final = "limit – Number of items in the response / Default: 500, Maximum: 500"
_THREE: Final = "searches up to three variables for project clients"


@defect(_CALLBACKS, _300)
def only_299_platform_ids(parts: Parts) -> None:
    """send_callback_by_platform_id refuses 300 ids: the comparison is off by one."""
    parts.schema("send_callback_by_platform_id", "platform_ids", maxItems=299)


@defect(_CALLBACKS, _300)
def more_than_300_platform_ids(parts: Parts) -> None:
    """send_callback_by_platform_id has no limit."""
    parts.schema("send_callback_by_platform_id", "platform_ids", maxItems=None)


@defect(_CALLBACKS, _300)
def more_than_300_callbacks(parts: Parts) -> None:
    """send_callback_by_platform_id limits the ids, of which each can be a client's in several channels."""
    parts.function(bot, "_check_sends", lambda _old, _call, _sends: None)


@defect("Retrieve client list", _CLIENTS)
def get_clients_takes_501(parts: Parts) -> None:
    """get_clients accepts a limit above 500."""
    parts.schema("get_clients", "limit", maximum=None)


@defect("Retrieve client list", _CLIENTS)
def get_clients_lists_10_by_default(parts: Parts) -> None:
    """get_clients lists 10 clients where no limit is given."""
    parts.schema("get_clients", "limit", default=10)


@defect("Retrieving message history", _HISTORY)
def history_of_100_by_default(parts: Parts) -> None:
    """get_history returns 100 messages where no limit is given."""
    parts.schema("get_history", "limit", default=100)


@defect("Retrieving message history", _HISTORY)
def history_takes_2001(parts: Parts) -> None:
    """get_history accepts a limit above 2000."""
    parts.schema("get_history", "limit", maximum=None)


@defect("Retrieving message history", _HISTORY)
def history_limit_ignored(parts: Parts) -> None:
    """get_history returns all messages whatever the limit."""
    parts.call("get_history", lambda call: given(call, limit=2000))


@defect("Retrieving message history", _HISTORY)
def history_one_too_many(parts: Parts) -> None:
    """get_history returns one message more than the limit allows."""
    parts.call("get_history", lambda call: given(call, limit=call.number("limit") + 1))


@defect("Retrieve a list of client_id values based on multiple variable values", _THREE)
def four_variables_searched(parts: Parts) -> None:
    """find_all_client_id_by_several_vars accepts a fourth variable."""
    parts.schema("find_all_client_id_by_several_vars", "variables", maxProperties=None)


@defect("Retrieve a list of client_id values based on multiple variable values", _THREE)
def third_variable_overlooked(parts: Parts) -> None:
    """find_all_client_id_by_several_vars accepts three variables and compares the first two."""

    def change(call: Call) -> Call:
        return given(call, variables=dict(list(call.parameters["variables"].items())[:2]))

    parts.call("find_all_client_id_by_several_vars", change)


@defect("delete_clients (vendor's Russian document)", "at most 500 clients in one call")
def delete_clients_takes_501(parts: Parts) -> None:
    """delete_clients accepts more than 500 ids."""
    parts.schema("delete_clients", "client_ids", maxItems=None)


@defect("Assigning variables", "No limit applies to this request")
def save_variables_counted(parts: Parts) -> None:
    """save_variables counts against the limit on calls."""

    async def answered(answer: Answer, turn: Turn) -> Reply:
        rate = turn.project.settings.calls_per_second
        if rate is not None and turn.entry.action == "save_variables":
            api.take_turn(turn.project, turn.key, rate)
        return await answer(turn)

    parts.answer(answered)
