"""One call with its reply, as they went through the proxy."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Headers as they came: pairs of name and value.
Headers = list[tuple[bytes, bytes]]


@dataclass(slots=True, repr=False)
class Exchange:
    """A call and its reply; it holds the key, so it is shown by `records` alone.

    Attributes:
        method: HTTP method.
        key: the API key, as it stands in the address.
        action: what follows it.
        query: query string, without `?`.
        headers: headers of the call.
        body: body of the call, or the beginning of a long one.
        is_whole: whether that is all of it.
        began: when it came, Unix seconds.
        seconds: how long it took, to the end of the reply.
        status: HTTP status of the reply; `None` if there was none.
        reply_headers: headers of the reply.
        reply: body of the reply, or the beginning of a long one.
        reply_is_whole: whether that is all of it.
        size: bytes of the body of the reply.
        trouble: what went wrong on the way, in words.
        kept_back: why a guard did not let the call pass.
        is_abandoned: whether the caller left before the end of the reply.
        answered_by: `upstream`; or `proxy` if it answered itself: the call was not passed on, or nothing came back.
        is_dry: whether it is a send that was only checked.
        is_webhook: whether the platform posted it to the project, and no caller to the platform.
        deviations: where the call deviates from the contract, each with the fix.
        refusal: why the contract does not allow the call at all.
        unknown_reply: what of the reply the contract does not know.
        failure: what a reply with the status 2xx says of a failure.
    """

    method: str
    key: str
    action: str
    query: bytes = b""
    headers: Headers = field(default_factory=list)
    body: bytes = b""
    is_whole: bool = True
    began: float = field(default_factory=time.time)
    seconds: float = 0.0
    status: int | None = None
    reply_headers: Headers = field(default_factory=list)
    reply: bytearray = field(default_factory=bytearray)
    reply_is_whole: bool = True
    size: int = 0
    trouble: str | None = None
    kept_back: str | None = None
    is_abandoned: bool = False
    answered_by: str = "upstream"
    is_dry: bool = False
    is_webhook: bool = False
    deviations: Sequence[str] = ()
    refusal: str | None = None
    unknown_reply: str | None = None
    failure: str | None = None

    def header(self, name: bytes) -> str:
        """Return a header of the call by its lower-case name, or an empty text."""
        return _value(self.headers, name)

    def reply_header(self, name: bytes) -> str:
        """Return a header of the reply by its lower-case name, or an empty text."""
        return _value(self.reply_headers, name)


def _value(headers: Headers, name: bytes) -> str:
    return next((value.decode("latin-1") for each, value in headers if each.lower() == name), "")
