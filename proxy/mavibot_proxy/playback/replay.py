"""Plays recorded calls on a mock, and shows where it answers otherwise than the platform did.

Compared are statuses, content types, the words of success and failure, and names and types of fields: ids and texts of
a record are not those of a mock.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx2

import mavibot_contract
from mavibot_conformance.target import judgements

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mavibot_proxy.records.reader import Recorded

_CONTRACT: Final = mavibot_contract.load()
_TIMEOUT: Final = 30.0
_MOST_ROWS: Final = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a mock answers otherwise.

    Attributes:
        number: place of the call in the record, from 1.
        action: the action.
        what: what differs: `status`, `content type`, `form`, `word`, or a field.
        recorded: what the platform answered.
        answered: what the mock answers.
    """

    number: int
    action: str
    what: str
    recorded: str
    answered: str

    def __str__(self) -> str:
        return f"{self.number} {self.action}: {self.what}: {self.recorded} in the record, {self.answered} here"


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of a record.

    Attributes:
        played: number of calls that were played.
        left_out: number of calls that cannot be played, by reason.
        differences: where the mock answered otherwise.
    """

    played: int
    left_out: Counter[str]
    differences: Sequence[Difference]


def play(calls: Sequence[Recorded], url: str, key: str, *, transport: httpx2.BaseTransport | None = None) -> Replay:
    """Play recorded calls on a mock, in their order.

    Args:
        calls: the calls.
        url: base URL of the mock.
        key: its API key.
        transport: carries the calls instead of the network.

    Raises:
        httpx2.TransportError: it does not answer.
    """
    left_out: Counter[str] = Counter()
    differences: list[Difference] = []
    played = 0
    with httpx2.Client(transport=transport, timeout=_TIMEOUT, trust_env=False) as client:
        for number, call in enumerate(calls, 1):
            reason = _reason_to_leave_out(call)
            if reason is not None:
                left_out[reason] += 1
                continue
            played += 1
            address = f"{url}/api/{key}/{call.action}" + (f"?{call.query}" if call.query else "")
            content = None if call.sent is None else call.sent.encode()
            headers = {"Content-Type": call.content_type} if call.content_type else {}
            response = client.request(call.method, address, content=content, headers=headers)
            differences += _differences(number, call, response)
    return Replay(played, left_out, differences)


def _reason_to_leave_out(call: Recorded) -> str | None:
    if call.is_webhook:
        return "posted by the platform"
    if not call.status:
        return "without a reply"
    if not call.by_upstream:
        return "answered by the proxy"
    if not (call.holds_body and call.holds_reply):
        return "not recorded whole"
    return None


def _differences(number: int, call: Recorded, response: httpx2.Response) -> Iterator[Difference]:
    def differ(what: str, recorded: object, answered: object) -> Iterator[Difference]:
        if recorded != answered:
            yield Difference(number, call.action, what, str(recorded), str(answered))

    yield from differ("status", call.status, response.status_code)
    yield from differ("content type", _bare(call.reply_type), _bare(response.headers.get("content-type", "")))
    try:
        answered: Any = response.json()
    except ValueError:
        answered = response.text
    recorded = call.data
    yield from differ("form", _form(recorded), _form(answered))
    if _form(recorded) != _form(answered):
        return
    if isinstance(recorded, str):
        yield from differ("word", recorded.strip(), answered.strip())
        return
    words = judgements.body_status(recorded), judgements.body_status(answered)
    operation = _CONTRACT.operation(call.action) if call.action in _CONTRACT.actions else None
    has_variables = operation is not None and not _CONTRACT.resolve(operation.success).get("properties")
    if has_variables and call.status < 300:
        return  # nothing but variables, which are the record's own
    yield from differ("word", *words)
    if words[0] == words[1]:
        ours, theirs = dict(_fields(answered)), dict(_fields(recorded))
        for name in sorted(ours.keys() | theirs.keys()):
            yield from differ(name, theirs.get(name, "absent"), ours.get(name, "absent"))


def _bare(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower()


def _form(data: Any) -> str:
    match data:
        case dict():
            return "an object"
        case list():
            return "a list"
        case str():
            return "a text"
        case _:
            return "another value"


def _fields(data: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yield each field with its types; what is below a name that the contract has for variables is left out."""
    if isinstance(data, dict):
        for name, value in data.items():
            if not (isinstance(value, dict) and name in ("variables", "order_variables", "result")):
                yield from _fields(value, f"{place}.{name}" if place else name)
    elif isinstance(data, list):
        for row in data[:_MOST_ROWS]:
            yield from _fields(row, f"{place}[]")
    elif data is not None:
        yield place, "number" if isinstance(data, int | float) and not isinstance(data, bool) else type(data).__name__
