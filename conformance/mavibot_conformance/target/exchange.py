"""One call and its reply, and what the reply says."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from mavibot_conformance.target import judgements, notation
from mavibot_conformance.target.curl import quoted
from mavibot_contract.keys import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_contract import Method

_LONGEST_SHOWN: Final = 2000
#: Stands for the HTTP status where the reply cannot be read, and for its text where it did not come in time.
NO_REPLY: Final = 599
NOT_IN_TIME: Final = "no reply in time"
#: Bound of one reply, in bytes: more is no answer.
GREATEST_REPLY: Final = 16_000_000
TOO_LONG: Final = f"the body has more than {GREATEST_REPLY:,} bytes"


class MissingError(LookupError):
    """A rule needs a key or an item that the reply does not hold; the text names it.

    Attributes:
        exchange: the call and its reply.
    """

    def __init__(self, missing: str, exchange: Exchange) -> None:
        self.exchange: Final = exchange
        super().__init__(missing)


class _Object(dict[str, Any]):
    """A JSON object of a reply."""

    def __init__(self, exchange: Exchange, values: dict[str, Any]) -> None:
        super().__init__({name: _parsed(exchange, value, repr(name)) for name, value in values.items()})
        self._exchange: Final = exchange

    def __missing__(self, key: str) -> Any:
        raise MissingError(repr(key), self._exchange)


class _Array(list[Any]):
    """A JSON array of a reply."""

    def __init__(self, exchange: Exchange, items: list[Any], name: str) -> None:
        super().__init__(items)
        self._exchange: Final = exchange
        self._name: Final = name

    def __getitem__(self, index: Any) -> Any:
        try:
            return super().__getitem__(index)
        except IndexError:
            place = "the last item" if index < 0 else f"item {index + 1}"
            raise MissingError(f"{place} of {self._name}", self._exchange) from None


def _parsed(exchange: Exchange, value: Any, name: str) -> Any:
    """Return a value of a reply as one that says what it lacks."""
    return _Array(exchange, value, name) if type(value) is list else value


@dataclass(frozen=True, slots=True)
class Exchange:
    """One call and its reply; a placeholder stands for the key in both.

    Attributes:
        action: the action.
        method: HTTP method.
        url: address with the query.
        key: name of the key in the profile.
        content_type: content type of the body.
        sent: body as text.
        status: HTTP status; `NO_REPLY` if no reply came, or none that can be read, which `text` then describes.
        headers: of the reply.
        text: body of the reply.
        seconds: how long it took.
        started: when it began, in Unix seconds.
        is_utf8: whether the bytes of the body are UTF-8.
    """

    action: str
    method: Method
    url: str
    key: str
    content_type: str | None
    sent: str | None
    status: int
    headers: Mapping[str, str]
    text: str
    seconds: float
    started: float = 0.0
    is_utf8: bool = True

    @property
    def data(self) -> Any:
        """The body as JSON, or as text if it is not JSON.

        A key that an object of it lacks raises `MissingError`, as does an item that an array lacks.
        """
        try:
            return _parsed(self, json.loads(self.text, object_hook=partial(_Object, self)), "the list")
        except (ValueError, RecursionError):
            return self.text

    @property
    def read(self) -> Any:
        """The data, with numbers for their digits where the document does not show how the server writes them."""
        return notation.reply_as_read(self)

    @property
    def body_status(self) -> str | None:
        """The status that the body states, such as `success`, `fail` or `client_not_found`."""
        return judgements.body_status(self.data)

    @property
    def succeeded(self) -> bool:
        """Whether HTTP status and body both say success; of an import, that of one item at least."""
        return judgements.succeeded(self)

    @property
    def is_page(self) -> bool:
        """Whether the reply is HTML, where the API answers JSON or a word."""
        return self.text.lstrip()[:1] == "<"

    @property
    def is_broken(self) -> bool:
        """Whether the action failed whatever was asked of it: a crash, a page, or nothing that can be read."""
        return self.status >= HTTPStatus.INTERNAL_SERVER_ERROR or self.is_page

    @property
    def leads_to(self) -> str | None:
        """Where the reply redirects to, or `None` if it does not."""
        is_redirect = HTTPStatus.MULTIPLE_CHOICES <= self.status < HTTPStatus.BAD_REQUEST
        return self.headers.get("location") if is_redirect else None

    @property
    def is_lost(self) -> bool:
        """Whether no reply came, or none that can be read."""
        return self.status == NO_REPLY

    @property
    def is_endless(self) -> bool:
        """Whether the reply did not end in time, or not within its bound."""
        return self.is_lost and self.text.endswith((NOT_IN_TIME, TOO_LONG))

    def as_curl(self, shown_key: str) -> str:
        """Return a command that repeats the call; `shown_key` is a shell variable with the key."""
        parts = ["curl", "-sS"]
        if self.method != ("GET" if self.sent is None else "POST"):
            parts += ["-X", self.method]
        if self.content_type:
            parts += ["-H", shlex.quote(f"Content-Type: {self.content_type}")]
        if self.sent is not None:
            parts += ["--data-binary", quoted(self.sent)]
        before, after = self.url.split(PLACEHOLDER, 1)
        # The shell must put the key in, and must leave everything else unchanged.
        return " ".join([*parts, f'"{before}{shown_key}"{shlex.quote(after)}'])

    def as_record(self) -> dict[str, Any]:
        """Return the call as JSON data, with long bodies cut."""
        return {
            "action": self.action,
            "method": self.method,
            "url": self.url,
            "key": self.key,
            "content_type": self.content_type,
            "sent": None if self.sent is None else self.sent[:_LONGEST_SHOWN],
            "status": self.status,
            "reply": self.text[:_LONGEST_SHOWN],
            "seconds": round(self.seconds, 4),
            "started": datetime.fromtimestamp(self.started, UTC).isoformat(timespec="milliseconds"),
        }
