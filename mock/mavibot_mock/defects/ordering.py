"""Defects of order and paging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mavibot_mock.defects.parts import given, without
from mavibot_mock.defects.registry import defect

if TYPE_CHECKING:
    from typing import Any

    from mavibot_mock.actions.call import Call
    from mavibot_mock.defects.parts import Parts

_CLIENTS: Final = "Retrieve client list"
_HISTORY: Final = "Retrieving message history"
_REVERSE: Final = (
    "reverse – from the oldest record to the newest. This parameter works only if the list is not specified"
)


@defect(_HISTORY, "limit - number of items (assumed: the newest message comes first)")
def history_oldest_first(parts: Parts) -> None:
    """get_history lists the oldest message of the page first."""
    parts.reply("get_history", lambda body: {**body, "result": body["result"][::-1]})


@defect(_HISTORY, "limit - number of items (assumed: of the newest messages)")
def history_of_the_oldest_messages(parts: Parts) -> None:
    """get_history with a limit returns the first messages of a client, not the last."""

    def last(handler: Any, call: Call) -> Any:
        reply = handler(given(call, limit=2000))
        return type(reply)(200, {**reply.body, "result": reply.body["result"][-call.number("limit") :]})

    parts.action("get_history", last)


@defect(_CLIENTS, _REVERSE)
def reverse_inverted(parts: Parts) -> None:
    """get_clients lists the oldest first without `reverse`, and the newest first with it."""
    parts.call("get_clients", lambda call: given(call, reverse=not call.parameters["reverse"]))


@defect(_CLIENTS, _REVERSE)
def reverse_turns_lists_too(parts: Parts) -> None:
    """get_clients turns the order of a list where `reverse` is given."""

    def turned(handler: Any, call: Call) -> Any:
        reply = handler(call)
        is_turned = "list" in call.parameters and call.parameters["reverse"]
        return type(reply)(200, {**reply.body, "clients": reply.body["clients"][:: -1 if is_turned else 1]})

    parts.action("get_clients", turned)


@defect(_CLIENTS, "offset – Offset from the first element")
def pages_overlap(parts: Parts) -> None:
    """Each page of get_clients after the first begins with the last client of the one before."""
    parts.call("get_clients", lambda call: given(call, offset=max(0, call.number("offset") - 1)))


@defect(_CLIENTS, "offset – Offset from the first element")
def pages_leave_gaps(parts: Parts) -> None:
    """Between two pages of get_clients one client is left out."""
    parts.call("get_clients", lambda call: given(call, offset=(offset := call.number("offset")) + (offset > 0)))


@defect(_CLIENTS, "list – List number")
def list_ignored(parts: Parts) -> None:
    """get_clients lists all clients where a list is asked for."""
    parts.call("get_clients", lambda call: without(call, "list"))


@defect("Retrieve the list of bot subscribers in any messenger", "page")
def subscribers_pages_count_from_one(parts: Parts) -> None:
    """Subscribers answers page 1 with the first page."""
    parts.call("subscribers", lambda call: given(call, page=max(0, call.number("page") - 1)))
