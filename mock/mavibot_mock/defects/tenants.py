"""Defects of the wall between projects, and between the clients of one."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.actions import pipeline
from mavibot_mock.defects.registry import defect
from mavibot_mock.request.replies import CLIENT_NOT_FOUND, RefusedError, Reply, reply_to
from mavibot_mock.state.errors import DomainError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mavibot_mock.defects.parts import Answer, Around, Parts, Turn

_OWN: Final = "a key belongs to one project, in whose settings it was generated"
#: The parameter in JSON, a form or a URL.
_PROJECT_ID: Final = re.compile(rb"project_id\W+(\d+)")


@defect("Retrieve variables", _OWN)
def variables_of_other_projects(parts: Parts) -> None:
    """get_variables finds the client of another project where its own has none with the id."""
    _reach_beyond(parts, "get_variables")


@defect("Sending a message to a client", _OWN)
def message_to_other_projects(parts: Parts) -> None:
    """Message reaches the client of another project."""
    _reach_beyond(parts, "message")


@defect("Retrieve client_id by phone number", _OWN)
def phone_search_in_other_projects(parts: Parts) -> None:
    """find_client_id_by_phone returns a client of another project where its own has none."""
    _reach_beyond(parts, "find_client_id_by_phone")


@defect("Retrieve client list", _OWN)
def clients_of_all_projects_listed(parts: Parts) -> None:
    """get_clients lists the clients of every project of the server."""

    def merge(own: Any, other: Any) -> Any:
        return {**own, "clients": own["clients"] + other["clients"]}

    _everywhere(parts, "get_clients", merge)


@defect("Search by variables", "returns a list of client IDs that meet the query conditions")
def find_clients_in_all_projects(parts: Parts) -> None:
    """find_clients returns the clients of every project that meet the conditions."""

    def merge(own: Any, other: Any) -> Any:
        return {**own, "client_ids": own.get("client_ids", []) + other.get("client_ids", [])}

    _everywhere(parts, "find_clients", merge)


@defect("Bulk message sending", "the broadcast will be sent to the specified list of clients")
def broadcast_in_all_projects(parts: Parts) -> None:
    """Broadcast also goes to the list or the clients with these ids in every other project."""
    _everywhere(parts, "broadcast", lambda own, _: own)


@defect("Sending a message to a client", _OWN)
def project_id_chooses_the_project(parts: Parts) -> None:
    """Message goes to the client of the project that `project_id` names, whose key was not shown."""

    def answered(answer: Answer, turn: Turn) -> Awaitable[Reply]:
        sent = turn.entry.sent
        wanted = _PROJECT_ID.search(sent.body + sent.query) if turn.entry.action == "message" else None
        chosen = turn.platform.projects.get(int(wanted[1])) if wanted else None
        return answer(turn if chosen is None else replace(turn, project=chosen))

    parts.answer(answered)


@defect("Retrieve deal data", "client_id - client ID, order_id - deal ID")
def deal_of_another_client_read(parts: Parts) -> None:
    """get_order_vars shows any deal of the project, whosever it is."""
    _deals_of_any_client(parts, "get_order_vars")


@defect("Move a deal to the next stage in the Mavibot funnel", "client_id - client ID, order_id - deal ID")
def deal_of_another_client_moved(parts: Parts) -> None:
    """move_order_to_next_state moves any deal of the project, whosever it is."""
    _deals_of_any_client(parts, "move_order_to_next_state")


def _reach_beyond(parts: Parts, action: str) -> None:
    """Try the other projects where an action finds no client in its own."""

    async def answered(answer: Answer, turn: Turn) -> Reply:
        try:
            return await answer(turn)
        except (RefusedError, DomainError) as refused:
            if turn.entry.action != action or reply_to(refused) != CLIENT_NOT_FOUND:
                raise
            for other in turn.elsewhere():
                with suppress(RefusedError, DomainError):
                    return await answer(other)
            raise

    parts.answer(answered)


def _everywhere(parts: Parts, action: str, merge: Callable[[Any, Any], Any]) -> None:
    """Run an action in every project, and merge the answers."""

    async def answered(answer: Answer, turn: Turn) -> Reply:
        own = await answer(turn)
        if turn.entry.action != action or own.status != 200:
            return own
        body = own.body
        for other in turn.elsewhere():
            body = merge(body, (await answer(other)).body)
        return Reply(200, body)

    parts.answer(answered)


def _deals_of_any_client(parts: Parts, action: str) -> None:
    """Find the deal of an action by its id alone."""

    def order(old: Around, call: Any, name: str = "order_id") -> Any:
        found = call.state.store.order(call.number(name)) if name in call.parameters else None
        return found if found is not None and call.operation.action == action else old(call, name)

    parts.function(pipeline, "find_order", order)
