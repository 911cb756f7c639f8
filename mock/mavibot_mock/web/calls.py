"""The view of calls: the journal, newest first, and one call with all that belongs to it."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import orjson

import mavibot_contract
from mavibot_mock.control.journal import call_filter, call_in_full, shown_call
from mavibot_mock.state.store.database import GREATEST
from mavibot_mock.web.values import pretty

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mavibot_mock.server.journal import Entry
    from mavibot_mock.web.visit import Visit

_CALLS: Final = 50
_LONGEST_PREVIEW: Final = 160

#: Name of an outcome -> whether a call had it.
OUTCOMES: Final[Mapping[str, Callable[[Entry], bool]]] = {
    "succeeded": lambda entry: entry.status is not None and entry.status < 400,
    "refused_call": lambda entry: entry.status is not None and 400 <= entry.status < 500,
    "server_error": lambda entry: entry.status is not None and entry.status >= 500,
    "no_answer": lambda entry: entry.status is None,
    "met_a_fault": lambda entry: entry.fault is not None,
    "deviates": lambda entry: bool(entry.deviations),
    "recorded": lambda entry: entry.recorded is not None,
}


async def shown(visit: Visit) -> dict[str, Any]:
    """Return what the view shows."""
    project = visit.project
    fits = _filter(visit)
    entries = (entry for entry in project.journal.newest(before=visit.integer("before")) if fits(entry))
    calls = [_row(entry, project.keys) for entry in islice(entries, _CALLS + 1)]
    kept = {name: visit.query[name] for name in ("action", "outcome", "client", "text") if visit.query.get(name)}
    older = {**kept, "before": str(calls[_CALLS - 1]["number"])} if len(calls) > _CALLS else None
    return {
        "calls": calls[:_CALLS],
        "filters": {name: kept.get(name, "") for name in ("action", "outcome", "client", "text")},
        "kept": urlencode(kept),
        "older": None if older is None else urlencode(older),
        "is_newest": "before" not in visit.query,
        "outcomes": list(OUTCOMES),
        "statuses": sorted({entry.status for entry in project.journal.newest() if entry.status is not None}),
        "actions": sorted(mavibot_contract.load().actions),
        "count": project.journal.last_number,
        "open": None if visit.number is None else _in_full(visit, visit.number),
    }


def _filter(visit: Visit) -> Callable[[Entry], bool]:
    wanted: dict[str, Any] = {"action": visit.query["action"]} if visit.query.get("action") else {}
    client_id = visit.integer("client")
    if client_id is not None:
        wanted["client_id"] = client_id
    if (status := visit.integer("outcome")) is not None:
        wanted["status"] = status
    fits, text = call_filter(wanted), visit.query.get("text", "").casefold()
    outcome = OUTCOMES.get(visit.query.get("outcome", ""))

    def is_wanted(entry: Entry) -> bool:
        return (outcome is None or outcome(entry)) and (not text or text in _text(entry)) and fits(entry)

    return is_wanted


def _text(entry: Entry) -> str:
    parts = (entry.action.encode(), entry.sent.query, entry.sent.body, entry.reply)
    return b" ".join(parts).decode(errors="replace").casefold()


def _row(entry: Entry, keys: Mapping[str, Any]) -> dict[str, Any]:
    call = shown_call(entry, keys)
    given = orjson.dumps(call["parameters"]).decode() if call["parameters"] else call["body"] or call["query"]
    return {**call, "preview": given[:_LONGEST_PREVIEW], "kind": _kind(call)}


def _kind(call: Mapping[str, Any]) -> str:
    if call["status"] is None or call["status"] >= 400:
        return "bad"
    return "odd" if call["deviations"] or call["fault"] is not None else "good"


def _in_full(visit: Visit, number: int) -> dict[str, Any]:
    project = visit.project
    entry = project.journal.entry(number)
    if entry is None:
        raise visit.missing()
    call = call_in_full(entry, project.keys)
    messages = set(entry.messages)
    return {
        **call,
        "kind": _kind(call),
        "reply": pretty(call["reply"]),
        "request": pretty(call["body"]),
        "webhooks": [attempt for attempt in project.outbox.attempts() if attempt.message in messages],
        "clients": _clients(visit, call["client_ids"][:_CALLS]),
    }


def _clients(visit: Visit, client_ids: Iterable[int]) -> list[tuple[int, str | None]]:
    """Return ids with names; a client that is not there has none."""
    found = []
    for client_id in client_ids:
        client = visit.project.store.client(client_id) if client_id <= GREATEST else None
        found.append((client_id, None if client is None else client["name"] or client["platform_id"]))
    return found
