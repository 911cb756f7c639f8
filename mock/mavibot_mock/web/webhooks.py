"""The view of webhooks: every attempt, newest first, and one with request and reply."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.web import recorded
from mavibot_mock.web.values import pretty

if TYPE_CHECKING:
    from collections.abc import Mapping
    from sqlite3 import Row

    from mavibot_mock.web.visit import Visit
    from mavibot_mock.webhook.outbox import Attempt

_ATTEMPTS: Final = 50


async def shown(visit: Visit) -> dict[str, Any]:
    """Return what the view shows."""
    outbox, before = visit.project.outbox, visit.integer("before")
    attempts = list(islice(outbox.newest(before=before), _ATTEMPTS + 1))
    rows = visit.project.store.messages_with(each.message for each in attempts if each.message is not None)
    messages = {row["id"]: row for row in rows}
    return {
        "attempts": attempts[:_ATTEMPTS],
        "messages": {each.number: _message(each, messages) for each in attempts},
        "older": attempts[_ATTEMPTS - 1].number if len(attempts) > _ATTEMPTS else None,
        "is_newest": before is None,
        "outbox": outbox,
        "url": visit.project.settings.webhook_url,
        "open": None if visit.number is None else _in_full(visit, visit.number),
    }


def _message(attempt: Attempt, messages: Mapping[int, Row]) -> Mapping[str, Any] | Row | None:
    """Return client and text of what an attempt tells of; `None` where the project does not have it any more."""
    if attempt.message is not None:
        return messages.get(attempt.message)
    event = recorded.event_of(attempt)
    return {"client_id": recorded.client_of(event), "text": recorded.text_of(event)}


def _in_full(visit: Visit, number: int) -> dict[str, Any]:
    attempt = visit.project.outbox.attempt(number)
    if attempt is None:
        raise visit.missing()
    whole = attempt.shown()
    messages = visit.project.store.messages_with([] if attempt.message is None else [attempt.message])
    message = _message(attempt, {row["id"]: row for row in messages})
    return {
        **whole,
        "recorded": attempt.recorded,
        "is_repeatable": attempt.is_repeatable,
        "request": pretty(whole["request"] or ""),
        "reply": pretty(whole["reply"] or ""),
        "client_id": None if message is None else message["client_id"],
    }
