"""The view of webhooks: every attempt, newest first, and one with request and reply."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.web.values import pretty

if TYPE_CHECKING:
    from mavibot_mock.web.visit import Visit

_ATTEMPTS: Final = 50


async def shown(visit: Visit) -> dict[str, Any]:
    """Return what the view shows."""
    outbox, before = visit.project.outbox, visit.integer("before")
    log = reversed(list(outbox.attempts()))
    attempts = list(islice((each for each in log if before is None or each.number < before), _ATTEMPTS + 1))
    messages = {row["id"]: row for row in visit.project.store.messages_with(each.message for each in attempts)}
    return {
        "attempts": attempts[:_ATTEMPTS],
        "messages": messages,
        "older": attempts[_ATTEMPTS - 1].number if len(attempts) > _ATTEMPTS else None,
        "is_newest": before is None,
        "outbox": outbox,
        "url": visit.project.settings.webhook_url,
        "open": None if visit.number is None else _in_full(visit, visit.number),
    }


def _in_full(visit: Visit, number: int) -> dict[str, Any]:
    attempt = visit.project.outbox.attempt(number)
    if attempt is None:
        raise visit.missing()
    whole = attempt.shown()
    message = visit.project.store.message(attempt.message)
    return {
        **whole,
        "request": pretty(whole["request"] or ""),
        "reply": pretty(whole["reply"] or ""),
        "client_id": None if message is None else message["client_id"],
    }
