"""Boundaries that are off by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import bot, messages
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Around, Parts

_A_DAY: Final = 24 * 60 * 60


@defect("Retrieving message history", "start_date - start date of the selection period")
def first_day_of_a_history_missing(parts: Parts) -> None:
    """The messages of start_date itself are not in the history."""

    def later_begin(old: Around, *args: Any, **kwargs: Any) -> Any:
        days = old(*args, **kwargs)
        return None if days is None else (days[0] + _A_DAY, days[1])

    parts.function(messages, "period", later_begin)


@defect("Retrieve the list of blocks from the bot's flow", "the list of blocks")
def last_block_missing(parts: Parts) -> None:
    """get_messages leaves out the last block of the flow."""
    parts.reply("get_messages", lambda body: {**body, "messages": body["messages"][:-1]})


@defect("Retrieve a list of client_id values based on multiple variable values", "variable1, variable2, variable3")
def third_variable_refused(parts: Parts) -> None:
    """find_all_client_id_by_several_vars refuses more than two variables."""

    def search(handler: Any, call: Call) -> Any:
        if len(call.parameters["variables"]) > 2:
            raise invalid("variables: at most 2 are searched at once")
        return handler(call)

    parts.action("find_all_client_id_by_several_vars", search)


@defect("Bulk message sending", "shift - number of seconds between messages")
def first_two_of_a_broadcast_at_once(parts: Parts) -> None:
    """The second message of a broadcast goes out with the first; only those after it keep the distance."""
    sent = 0

    def broadcast(handler: Any, call: Call) -> Any:
        nonlocal sent
        sent = 0
        return handler(call)

    def deliver(old: Around, call: Call, job: dict[str, Any], due: float) -> None:
        nonlocal sent
        is_later = call.operation.action == "broadcast" and sent > 0
        sent += 1
        old(call, job, due - float(call.parameters["shift"]) if is_later else due)

    parts.action("broadcast", broadcast)
    parts.function(messages, "_deliver", deliver)


@defect("Sending a message in WhatsApp", 'send_time - date and time in the format "%Y-%m-%d %H:%M:%S"')
def send_time_to_the_minute(parts: Parts) -> None:
    """send_time counts to the minute: what is due at 30 seconds past goes out up to 30 seconds early."""

    def due(old: Around, parameters: Mapping[str, Any], **others: Any) -> Any:
        whole = {**parameters, "send_time": parameters["send_time"][:-2] + "00"} if "send_time" in parameters else None
        return old(whole or parameters, **others)

    for module in (bot, messages):
        parts.function(module, "due_time", due)
