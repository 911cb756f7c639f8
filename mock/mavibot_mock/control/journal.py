"""Control of the journal: what was called, how it was answered, and waiting for it."""

from __future__ import annotations

import re
from collections import deque
from contextlib import suppress
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

import mavibot_contract
from mavibot_mock.request.replies import RefusedError, Reply, fail
from mavibot_mock.server.api import Api
from mavibot_mock.server.faults import ConnectionLostError
from mavibot_mock.server.journal import mask
from mavibot_mock.server.snippets import as_curl, as_python

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from starlette.types import Message

    from mavibot_mock.control.call import ControlCall
    from mavibot_mock.server.journal import Entry, Journal

#: As the document says.
_SHOWN: Final = 100
_TIMEOUT: Final = 10.0
_MOST_NEAREST: Final = 5
_FILTERS: Final = ("action", "key", "status", "client_id")
#: What is shorter could be any word of a text; the platform's keys have 32 characters or more.
_SHORTEST_SECRET: Final = 8
#: A text without any of these spells no character otherwise.
_ESCAPE: Final = re.compile(rb"%[0-9A-Fa-f]|\\u[0-9A-Fa-f]|&#")
#: Parameters and fields of replies that number clients.
_CLIENTS: Final = ("client_id", "clients", "client_ids")


async def list_calls(call: ControlCall) -> Reply:
    """Return the last calls of a project."""
    return _listed(call, call.project.journal, call.project.keys)


async def list_stray_calls(call: ControlCall) -> Reply:
    """Return the last calls with a key that belongs to no project."""
    keys = {key for project in call.platform.projects.values() for key in project.keys}
    return _listed(call, call.platform.journal, keys)


async def get_call(call: ControlCall) -> Reply:
    """Return one call, with what repeats it."""
    project, number = call.project, call.path["number"]
    return Reply(200, call_in_full(_entry(project.journal, number), project.keys))


async def repeat_call(call: ControlCall) -> Reply:
    """Make a call once more, with the key that it had; a recorded one, whose key is not known, with the project's."""
    project = call.project
    entry = _entry(project.journal, call.path["number"])
    if entry.is_cut:
        return fail(409, f"call {entry.number}: the journal does not hold all of it")
    key = entry.key if entry.recorded is None else project.api_key
    if key is None:
        return fail(409, f"call {entry.number}: the project has no key for a recorded call")
    made = await _made_again(call, entry, key)
    return Reply(200, call_in_full(made, project.keys))


async def count_calls(call: ControlCall) -> Reply:
    """Count calls."""
    journal = call.project.journal
    fits = call_filter(call.query)
    count = sum(1 for entry in journal.entries(since=call.query.get("since", 0)) if fits(entry))
    return Reply(200, {"count": count, "last_number": journal.last_number})


async def delete_calls(call: ControlCall) -> Reply:
    """Forget all calls of a project."""
    call.project.journal.clear()
    return Reply(200, {"status": "success"})


async def wait_for_calls(call: ControlCall) -> Reply:
    """Wait until at least n calls were made."""
    project, query = call.project, call.query
    n, since, timeout = query.get("n", 1), query.get("since", 0), query.get("timeout", _TIMEOUT)
    found = await project.journal.wait(call_filter(query), n=n, since=since, timeout=timeout)
    if len(found) < n:
        wanted = " and ".join(f"{name} {query[name]}" for name in _FILTERS if name in query)
        of = f" with {wanted}" if wanted else ""
        nearest = deque(project.journal.entries(since=since), _MOST_NEAREST)
        shown = "; ".join(_in_words(entry, project.keys) for entry in nearest) or "none at all"
        return fail(408, f"expected {n} calls{of} within {timeout:g} s, got {len(found)}; nearest calls: {shown}")
    return Reply(200, [shown_call(entry, project.keys) for entry in found])


async def _made_again(call: ControlCall, entry: Entry, key: str) -> Entry:
    """Make a call with a key as if it came by a connection, and return what the journal has of it."""
    made: list[Entry] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": entry.sent.body, "more_body": False}

    async def send(_message: Message) -> None:
        # The call is recorded before its answer goes out.
        made.extend(() if made else islice(call.project.journal.newest(), 1))

    scope = {
        "type": "http",
        "method": entry.sent.method,
        "query_string": entry.sent.query,
        "headers": [(b"content-type", entry.sent.content_type.encode("latin-1", "replace"))],
    }
    with suppress(ConnectionLostError):
        await Api(call.platform, mavibot_contract.load()).answer(scope, receive, send, key=key, action=entry.action)
    return made[0] if made else next(iter(call.project.journal.newest()))


def _entry(journal: Journal, number: int) -> Entry:
    """Return a call by its number.

    Raises:
        RefusedError: the journal does not hold it.
    """
    found = journal.entry(number)
    if found is None:
        raise RefusedError(fail(404, f"call {number} is not in the journal, which holds the last ones"))
    return found


def call_in_full(entry: Entry, keys: Collection[str]) -> dict[str, Any]:
    """Return a call ready for JSON, with what repeats it, without its own key and without other `keys`."""
    return {**shown_call(entry, keys), "curl": _curl(entry, keys), "python": _python(entry, keys)}


def _listed(call: ControlCall, journal: Journal, keys: Collection[str]) -> Reply:
    fits = call_filter(call.query)
    since, limit = call.query.get("since", 0), call.query.get("limit", _SHOWN)
    newest = deque((entry for entry in journal.entries(since=since) if fits(entry)), limit)
    return Reply(200, [shown_call(entry, keys) for entry in newest])


def call_filter(query: Mapping[str, Any]) -> Callable[[Entry], bool]:
    """Return what tells whether a call has this `action`, `key`, `status` and `client_id`, as far as they are given."""
    action, key, status, client_id = (query.get(name) for name in _FILTERS)

    def fits(entry: Entry) -> bool:
        return (
            (action is None or entry.action == action)
            and (key is None or entry.key.startswith(key))
            and (status is None or entry.status == status)
            and (client_id is None or client_id in _client_ids(entry))
        )

    return fits


def shown_call(entry: Entry, keys: Collection[str]) -> dict[str, Any]:
    """Return a call ready for JSON, without its own key and without other `keys`."""
    sent = entry.sent
    shown = {
        "number": entry.number,
        "time": entry.time,
        "wall_time": entry.wall_time,
        "milliseconds": round(entry.seconds * 1000, 3),
        "key": mask(entry.key),
        "method": sent.method,
        "action": entry.action,
        "query": sent.query.decode(errors="replace"),
        "content_type": sent.content_type,
        "body": sent.body.decode(errors="replace"),
        "parameters": entry.parameters,
        "client_ids": _client_ids(entry),
        "message_ids": list(entry.messages),
        "status": entry.status,
        "reply": entry.reply.decode(errors="replace"),
        "deviations": entry.deviations,
        "fixes": entry.fixes,
        "fault": entry.fault,
        "recorded": entry.recorded,
    }
    return orjson.loads(_masked(orjson.dumps(shown), entry, keys))  # type: ignore[no-any-return]


def _masked(text: bytes, entry: Entry, keys: Collection[str]) -> bytes:
    """Return a text without the key of the call and without other `keys`."""
    is_spelt_otherwise = _ESCAPE.search(text) is not None
    for key in {entry.key, *keys}:
        if len(key) >= _SHORTEST_SECRET:
            # As it stands in JSON; of the quotes around it nothing is replaced.
            shown = orjson.dumps(mask(key))[1:-1]
            text = text.replace(orjson.dumps(key)[1:-1], shown)
            text = _spellings(key, escaped=is_spelt_otherwise).sub(shown.replace(b"\\", rb"\\"), text)
    return text


@lru_cache(maxsize=1024)
def _spellings(key: str, *, escaped: bool) -> re.Pattern[bytes]:
    """Return what finds a key in either case, and with characters escaped as in addresses, JSON and HTML."""
    if not escaped:
        return re.compile(re.escape(key.encode()), re.IGNORECASE)
    characters = []
    for character in key:
        code = f"{ord(character):02x}"
        other = [rf"%(?:25)*{code}", rf"\\+u0*{code}", rf"&\#(?:x0*{code}|0*{ord(character)});"]
        characters.append(f"(?:{'|'.join([re.escape(character), *other])})")
    return re.compile("".join(characters).encode(), re.IGNORECASE)


def _curl(entry: Entry, keys: Collection[str]) -> str | None:
    """Return the call for a shell; `None` where its body was cut."""
    sent = entry.sent
    if entry.is_cut:
        return None
    action, query, body = (_masked(raw, entry, keys) for raw in (entry.action.encode(), sent.query, sent.body))
    return as_curl(method=sent.method, action=action.decode(), query=query, content_type=sent.content_type, body=body)


def _python(entry: Entry, keys: Collection[str]) -> str | None:
    """Return the call for Python; `None` where it was not understood."""
    if entry.parameters is None:
        return None
    text = as_python(
        mavibot_contract.load(), method=entry.sent.method, action=entry.action, parameters=entry.parameters
    )
    return _masked(text.encode(), entry, keys).decode()


def _client_ids(entry: Entry) -> list[int]:
    """Return the clients that parameters and reply name, and those that the action found by what they name."""
    found = [*entry.reached, *named_clients(entry.parameters or {})]
    if entry.reply[:1] == b"{":
        with suppress(orjson.JSONDecodeError):  # it may be cut
            found.extend(named_clients(orjson.loads(entry.reply)))
    return sorted(set(found))


def named_clients(named: Mapping[str, Any]) -> Iterable[int]:
    """Yield the clients that parameters, or a reply, name by id."""
    for name in _CLIENTS:
        value = named.get(name)
        for each in value if isinstance(value, list) else [value]:
            if isinstance(each, int | str) and str(each).isdecimal():
                yield int(each)


def _in_words(entry: Entry, keys: Collection[str]) -> str:
    shown = shown_call(entry, keys)
    return f"{shown['number']}: {shown['action']} {shown['body'] or shown['query']} -> {shown['status']}"[:200]


OPERATIONS: Final = {
    "list_calls": list_calls,
    "list_stray_calls": list_stray_calls,
    "get_call": get_call,
    "repeat_call": repeat_call,
    "count_calls": count_calls,
    "delete_calls": delete_calls,
    "wait_for_calls": wait_for_calls,
}
