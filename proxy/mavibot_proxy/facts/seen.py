"""A call with its reply, as observers look at it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from mavibot_conformance.target import judgements
from mavibot_proxy.records.redaction import bounded, decoded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_contract import Method, Operation
    from mavibot_proxy.exchange import Exchange

_LONGEST: Final = 500
#: A note on a parameter begins with its name.
_FIELD: Final = re.compile(r"([\w.]+)(?:\[[^\]]*\])*: ")


@dataclass(eq=False)
class Seen:
    """A call of an action that the contract knows, with its reply.

    Attributes:
        exchange: the call.
        operation: the action, by the method that was used or the nearest one.
        data: the reply as JSON, or as text.
    """

    exchange: Exchange
    operation: Operation
    data: Any

    @property
    def action(self) -> str:
        """The action."""
        return self.operation.action

    @property
    def method(self) -> Method:
        """HTTP method, one that the contract offers."""
        return self.operation.method

    @property
    def status(self) -> int:
        """HTTP status."""
        return self.exchange.status or 0

    @property
    def headers(self) -> Mapping[str, str]:
        """Headers of the reply, by lower-case name."""
        return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self.exchange.reply_headers}

    @cached_property
    def words(self) -> str:
        """What a refusal says, in lower case; empty where the call succeeded."""
        if self.succeeded:
            return ""
        data = self.data
        said = [data.get(name) for name in ("status", "message", "error")] if isinstance(data, dict) else [data]
        return " ".join(str(each) for each in said if each)[:_LONGEST].lower()

    @cached_property
    def succeeded(self) -> bool:
        """Whether status and body both say success."""
        return 200 <= self.status < 300 and self.exchange.failure is None and not self._text_of_failure

    @property
    def _text_of_failure(self) -> bool:
        return isinstance(self.data, str) and judgements.is_word_of_failure(self.data)

    @cached_property
    def sent(self) -> Mapping[str, Any]:
        """What was sent by name: the query, and the body where it is an object or a form."""
        exchange = self.exchange
        query = exchange.query.decode("latin-1")
        found: dict[str, Any] = dict(parse_qsl(query, keep_blank_values=True)) if query else {}
        if exchange.body and exchange.is_whole:
            body = bounded(decoded(exchange.body))
            if isinstance(body, list):
                body = {self.operation.body_argument or "clients": body}
            elif body is None:
                body = dict(parse_qsl(exchange.body.decode("latin-1"), keep_blank_values=True))
            if isinstance(body, dict):
                found.update(body)
        return found

    @cached_property
    def wrong(self) -> str | None:
        """The one parameter for which the contract refuses the call; `None` if there is none, or more than one."""
        refusal = self.exchange.refusal
        found = None if refusal is None or "; " in refusal else _FIELD.match(refusal)
        return None if found is None else found[1].partition(".")[0]

    @property
    def is_judged(self) -> bool:
        """Whether the reply is about the parameters: a success, or a refusal that is not about anything before them."""
        return self.succeeded or (self.status not in (401, 403, 404, 405, 429) and self.status < 500)
