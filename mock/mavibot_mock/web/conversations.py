"""The view of conversations: who wrote last, one conversation as its messenger shows it, and all about its client."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

import mavibot_contract
from mavibot_mock.control.conversations import shown_message
from mavibot_mock.hosts import is_local
from mavibot_mock.state.facts import MESSENGERS, ORDER_STATUSES
from mavibot_mock.state.identity import TELEPHONY
from mavibot_mock.state.store.database import GREATEST, from_json
from mavibot_mock.web import address
from mavibot_mock.web.recorded import messages_of
from mavibot_mock.web.visit import whole_number

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from sqlite3 import Row

    from mavibot_mock.web.visit import Visit

_CLIENTS: Final = 50
_MESSAGES: Final = 60
_JOBS: Final = 30
_DEALS: Final = 20
_LISTS: Final = 200
#: What a search looks through in one go before others get their turn.
_AT_ONCE: Final = 5000
_LONGEST_SEARCH: Final = 100
_LONGEST_PREVIEW: Final = 90
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".svg")
_EVENTS: Final = mavibot_contract.load().document["webhooks"]["project_message"]["post"]["x-system-events"]


async def shown(visit: Visit) -> dict[str, Any]:
    """Return what the view shows."""
    store = visit.project.store
    query = visit.query.get("q", "").strip()
    rows = await _found(visit, query) if query else store.conversations(before=_cursor(visit), limit=_CLIENTS + 1)
    last = {row["id"]: row for row in store.messages_with(row["last_message"] for row in rows)}
    of_record = messages_of(visit.project, {*(row["id"] for row in rows), visit.number or 0})
    return {
        "query": query,
        "clients": [_entry(visit, row, last.get(row["last_message"]), of_record[row["id"]]) for row in rows[:_CLIENTS]],
        "older": _address(visit, list=f"{rows[_CLIENTS - 1]['last_message']}-{rows[_CLIENTS - 1]['id']}")
        if len(rows) > _CLIENTS and not query
        else None,
        "is_newest": "list" not in visit.query,
        "channels": [
            *(
                {"messenger": each["client_type"], "group_id": each["group_id"], "name": _channel_name(visit, each)}
                for each in store.rows("channels")
            ),
            {"messenger": TELEPHONY, "group_id": "", "name": _messenger(visit, TELEPHONY)},
        ],
        "open": None if visit.number is None else _conversation(visit, visit.number, of_record[visit.number]),
        "messenger": partial(_messenger, visit),
        "events": [each["name"] for each in _EVENTS if not each.get("details")],
    }


def _messenger(visit: Visit, number: int) -> str:
    """Return a messenger's name as people know it; its number where the contract has no name."""
    name = next((name for name, each in MESSENGERS.items() if each == number), None)
    return str(number) if name is None else visit.texts(f"messenger_{name}")


async def _found(visit: Visit, text: str) -> list[Row]:
    """Return the newest clients whose id, name or id in the messenger holds a text, those who wrote last first."""
    rows: list[Row] = []
    below: int | None = GREATEST
    while below is not None and len(rows) < _CLIENTS:
        found, below = visit.project.store.clients_holding(
            text[:_LONGEST_SEARCH], below=below, at_once=_AT_ONCE, limit=_CLIENTS - len(rows)
        )
        rows += found
        await asyncio.sleep(0)
        await visit.project.at_rest()
    return sorted(rows, key=lambda row: (row["last_message"], row["id"]), reverse=True)


def _cursor(visit: Visit) -> tuple[int, int]:
    first, _, second = visit.query.get("list", "").partition("-")
    newest, client_id = whole_number(first), whole_number(second)
    return (GREATEST, GREATEST) if newest is None or client_id is None else (newest, client_id)


def _address(visit: Visit, client_id: int | None = None, **query: str) -> str:
    """Return the address of a conversation, the open one by default; the window of the list stays."""
    chosen = visit.number if client_id is None else client_id
    path = f"/projects/{visit.project.id}/conversations" + ("" if chosen is None else f"/{chosen}")
    kept = {name: visit.query[name] for name in ("q", "list") if visit.query.get(name)} | query
    return f"{path}?{urlencode(kept)}" if kept else path


def _entry(visit: Visit, row: Row, message: Row | None, of_record: Sequence[dict[str, Any]]) -> dict[str, Any]:
    last = None if message is None else _message(visit, message, row)
    if of_record and (last is None or last["time"] < of_record[-1]["time"]):
        last = of_record[-1]
    return {
        "id": row["id"],
        "name": _name(row),
        "messenger": row["client_type"],
        "group": row["group_id"],
        "blocked": row["blocked"],
        "href": _address(visit, row["id"]),
        "last": last,
        "preview": None if last is None else last["text"][:_LONGEST_PREVIEW],
    }


def _message(visit: Visit, row: Row, client: Row) -> dict[str, Any]:
    """Return a message of the project, in the form that those of a record have."""
    listed = f"/projects/{visit.project.id}/clients/{client['id']}/messages"
    return {**shown_message(row, client), "record": None, "whole": f"{listed}?after={row['id'] - 1}"}


def _name(client: Row) -> str:
    name: str = (client["name"] or "").strip() or client["platform_id"]
    return name


def _channel_name(visit: Visit, channel: Row) -> str:
    name = from_json(channel["shown"]).get("name") or channel["group_id"]
    return f"{_messenger(visit, channel['client_type'])} · {name}"


def _conversation(visit: Visit, client_id: int, of_record: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what is shown of a client, with the messages of a record among those of the project."""
    project = visit.project
    store = project.store
    client = store.client(client_id)
    if client is None:
        raise visit.missing()
    first = store.message(visit.integer("before") or 0)
    rows = store.messages_before(client_id, first, limit=_MESSAGES + 1)
    messages = [_message(visit, row, client) for row in reversed(rows[:_MESSAGES])]
    since = messages[0]["time"] if len(rows) > _MESSAGES else 0
    until = float("inf") if first is None else first["created_at"]
    of_record = [each for each in of_record if since <= each["time"] < until]
    if of_record:
        messages = sorted([*messages, *of_record[-_MESSAGES:]], key=lambda message: message["time"])
    with_buttons = store.last_message_with_buttons(client_id)
    for message in messages:
        message["rows"] = _button_rows(message["buttons"])
        message["is_pressable"] = with_buttons is not None and message["id"] == with_buttons["id"]
        message["files"] = [_file(visit, file) for file in message["files"]]
    deals = store.deals_of_client(client_id, limit=_DEALS)
    current = store.current_order(client_id)
    return {
        "client": client,
        "name": _name(client),
        "messages": messages,
        "older": _address(visit, before=str(rows[_MESSAGES - 1]["id"])) if len(rows) > _MESSAGES else None,
        "more_of_record": len(of_record) > _MESSAGES,
        "newest": _address(visit) if first is not None else None,
        "jobs": [_job(row) for row in store.jobs_of_client(client_id, limit=_JOBS)],
        "why_undelivered": store.why_undelivered(client_id),
        "variables": store.client_variables(client_id),
        "deal_variables": {} if current is None else store.order_variables(current),
        "current": current,
        "deals": deals,
        "is_open": {row["id"]: row["order_status"] == ORDER_STATUSES["ACTIVE"] for row in deals},
        "stages": _by_pipeline(store.stages()),
        "lists": store.lists_of_client(client_id),
        "all_lists": store.lists(limit=_LISTS),
    }


def _button_rows(buttons: Iterable[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Return buttons with a caption as they stand: by line, and by place in the line.

    Each has in `named` what a press names it by: its caption, or its callback where others have the caption too.
    """
    rows: dict[int, list[Mapping[str, Any]]] = {}
    shown = [button for button in buttons if "text" in button]
    captions = Counter(button["text"] for button in shown)
    for button in shown:
        callback = button.get("callback") if captions[button["text"]] > 1 else None
        named = {**button, "named": callback or button["text"]}
        rows.setdefault(_place(button, "line"), []).append(named)
    return [sorted(rows[line], key=lambda button: _place(button, "index_in_line")) for line in sorted(rows)]


def _place(button: Mapping[str, Any], name: str) -> int:
    place = button.get(name, 0)
    return place if isinstance(place, int) else 0


def _file(visit: Visit, file: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is shown of a file: a picture only where it is on this machine, or on an allowed host.

    An address of the mock itself may be a call, which a picture would carry out, and so is only a link.
    """
    try:
        parts = urlsplit(file["url"])
        host = parts.hostname or ""
        is_own = address.is_own(parts, visit.address, visit.port)
    except ValueError:
        return {"url": file["url"], "name": file["url"], "kind": file["type"], "is_link": False, "is_shown": False}
    is_link = parts.scheme in ("http", "https") and bool(host)
    is_picture = file["type"] == "image" or parts.path.lower().endswith(_PICTURES)
    # What stands before an @, or after a backslash, browsers read otherwise.
    is_near = (is_local(host) or host in visit.project.outbox.allowed_hosts) and not re.search(r"[@\\]", parts.netloc)
    return {
        "url": file["url"],
        "name": parts.path.rpartition("/")[2] or file["url"],
        "kind": file["type"],
        "is_link": is_link,
        "is_shown": is_link and is_picture and is_near and not is_own,
    }


def _job(row: Row) -> dict[str, Any]:
    parameters = from_json(row["parameters"])
    return {
        "id": row["id"],
        "due": row["due"],
        "kind": row["kind"],
        "text": parameters.get("message") or parameters.get("attachment_url") or "",
        "block": parameters.get("message_id"),
    }


def _by_pipeline(stages: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for stage in stages:
        found.setdefault(stage["pipeline"], []).append(stage)
    return found
