"""Questions that the sources leave open and that a reply answers by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import mavibot_contract
from mavibot_conformance.target import judgements
from mavibot_conformance.target.shape import media_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mavibot_proxy.facts.seen import Seen

_CONTRACT: Final = mavibot_contract.load()
_MOST_ROWS: Final = 20


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        id: its name in reports.
        text: the question.
        assumed: the answer that the contract, or the mock, takes for true.
        rule: the rule of the suite that asks it too.
        answers: yields what a call with its reply answers.
    """

    id: str
    text: str
    assumed: str
    rule: str | None
    answers: Callable[[Seen], Iterator[str]]


def _moments(seen: Seen) -> Iterator[str]:
    rows = seen.data
    if isinstance(rows, dict):
        rows = rows.get("clients", rows.get("result"))
    for row in rows[:_MOST_ROWS] if isinstance(rows, list) else ():
        value = row.get("created_at") if isinstance(row, dict) else None
        if isinstance(value, str | int | float):
            yield "text" if isinstance(value, str) else "number"
            return


def _deals(seen: Seen) -> Iterator[str]:
    if seen.action == "get_orders" and isinstance(seen.data, dict):
        yield from [name for name in ("order_id", "result") if name in seen.data][:1]


def _acknowledgement(seen: Seen) -> Iterator[str]:
    if seen.succeeded and "text/plain" in seen.operation.responses["200"]["content"]:
        yield "text" if isinstance(seen.data, str) else "JSON"


def _content_type(seen: Seen) -> Iterator[str]:
    if seen.data not in (None, "") and media_type(seen.data) == "application/json":
        yield seen.headers.get("content-type", "none").partition(";")[0].strip().lower()


def _unknown_client(seen: Seen) -> Iterator[str]:
    if seen.operation.tag == "deals" and judgements.body_status(seen.data) == "client_not_found":
        yield str(seen.status)


def _retry_after(seen: Seen) -> Iterator[str]:
    if seen.status == 429:
        value = seen.headers.get("retry-after")
        yield "absent" if value is None else "seconds" if value.isdecimal() else "date"


def _empty(seen: Seen) -> Iterator[str]:
    if seen.action == "get_variables" and seen.succeeded and isinstance(seen.data, dict):
        shown = {None: "null", "": "empty text", "None": "the text None", "null": "the text null"}
        values = [value for value in seen.data.values() if value is None or isinstance(value, str)]
        yield from dict.fromkeys(shown[value] for value in values if value in shown)


def _status_of_refusals(seen: Seen) -> Iterator[str]:
    if seen.exchange.refusal is not None and seen.is_judged and seen.action != "find_clients":
        yield "accepted" if seen.succeeded else str(seen.status)


def _form_of_refusals(seen: Seen) -> Iterator[str]:
    if not seen.succeeded and 200 <= seen.status < 500:
        data = seen.data
        yield "text" if isinstance(data, str) else "status and message" if _is_envelope(data) else "status alone"


def _is_envelope(data: Any) -> bool:
    return isinstance(data, dict) and "message" in data


QUESTIONS: Final = (
    Question("created_at", "How are moments such as created_at written?", "number", "SHAPE-5", _moments),
    Question("orders", "Under which key does get_orders list the deals?", "order_id", "SHAPE-6", _deals),
    Question("acknowledgement", "How do actions without data answer?", "text", "SHAPE-17", _acknowledgement),
    Question("json", "Which content type does JSON come with?", "application/json", "SHAPE-1", _content_type),
    Question("unknown_client", "Which status has an unknown client on deals?", "200", "ERR-1", _unknown_client),
    Question("retry_after", "What does Retry-After hold after too many calls?", "seconds", None, _retry_after),
    Question("empty_values", "How does get_variables show what is empty?", "the text None", None, _empty),
    Question("wrong_call", "Which status has a call that the contract refuses?", "400", "ERR-5", _status_of_refusals),
    Question("refusal", "What does the body of a refusal hold?", "status and message", "ERR-5", _form_of_refusals),
)
