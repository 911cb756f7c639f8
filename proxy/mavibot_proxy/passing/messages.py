"""What of a call is passed on, and what of a reply: everything but what belongs to a single connection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable

    import h11
    from starlette.types import Receive, Scope, Send

    from mavibot_proxy.exchange import Headers

#: Bytes of a body that are read before a call is passed on, and kept of each side for checks and records.
KEPT: Final = 1_000_000
_MOST_PASSED_OVER: Final = 20_000_000
#: Says of an answer of the proxy itself whether the call was passed on: `not passed on`, or `unknown` if nothing came
#: back, so that it may have been carried out.
OUTCOME: Final = b"mavibot-proxy-outcome"
NOT_PASSED_ON: Final = b"not passed on"
UNKNOWN: Final = b"unknown"

#: Where the words of h11 begin to quote what came, which can hold keys.
_QUOTED: Final = re.compile(r"""[ :(]*(?:\bbytearray\()?\bb['"]""")

#: Headers of one connection alone, and `Expect`, which the proxy answers itself.
_HOP_BY_HOP: Final = frozenset(
    {
        *(b"connection", b"keep-alive", b"proxy-connection", b"proxy-authenticate", b"proxy-authorization"),
        *(b"te", b"trailer", b"upgrade", b"http2-settings", b"expect"),
    }
)


#: What `Connection` cannot make a header of one connection.
_NEVER_NAMED: Final = frozenset({b"host", b"content-length", b"transfer-encoding"})


class LeftError(Exception):
    """The caller left before all of the call had come."""


def reason_of(error: h11.ProtocolError) -> str:
    """Return why something is no sound HTTP; nothing of it is quoted."""
    return _QUOTED.split(str(error), maxsplit=1)[0]


async def beginning(receive: Receive) -> tuple[bytes, bool]:
    """Return the beginning of a body, and whether it is all of it.

    Raises:
        LeftError: the caller left.
    """
    event = await receive()
    pieces: list[bytes] = []
    size = 0
    while True:
        if event["type"] == "http.disconnect":
            raise LeftError
        pieces.append(event.get("body", b""))
        size += len(pieces[-1])
        if not event.get("more_body"):
            return b"".join(pieces), True
        if size >= KEPT:
            return b"".join(pieces), False
        event = await receive()


async def pass_over(receive: Receive) -> None:
    """Read what is left of a refused body, within bounds: a caller that is cut off does not see the reason."""
    left, more = _MOST_PASSED_OVER, True
    while more and left > 0:
        event = await receive()
        left -= len(event.get("body", b""))
        more = event.get("more_body", False)


def framing_problem(scope: Scope) -> str | None:
    """Return why a head could be read in two ways, or `None`; what is no HTTP never comes this far."""
    lengths = [value for name, value in scope["headers"] if name == b"content-length"]
    codings = [value.lower() for name, value in scope["headers"] if name == b"transfer-encoding"]
    if codings and lengths:
        return "the end of the body is ambiguous: Content-Length beside Transfer-Encoding"
    if len(lengths) > 1:
        return "the end of the body is ambiguous: more than one Content-Length"
    if codings and (codings != [b"chunked"] or scope["http_version"] == "1.0"):
        return "the end of the body is ambiguous: a Transfer-Encoding other than chunked"
    if sum(name == b"host" for name, _ in scope["headers"]) > 1:
        return "the host is ambiguous: more than one Host"
    return None


def passed_on(headers: Headers, authority: bytes) -> Headers:
    """Return the headers of a call as they are passed on: in their order, with the upstream's host.

    Args:
        headers: as they came.
        authority: host and port of the upstream.
    """
    kept = [(name, authority if name == b"host" else value) for name, value in _end_to_end(headers)]
    return kept if any(name == b"host" for name, _ in kept) else [(b"host", authority), *kept]


def passed_back(headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Return the headers of a reply as they are passed back, in their order."""
    return [(name, value) for name, value in _end_to_end(list(headers)) if name.lower() != b"transfer-encoding"]


def _end_to_end(headers: Headers) -> Headers:
    named = {
        token.strip().lower() for name, value in headers if name.lower() == b"connection" for token in value.split(b",")
    }
    gone = _HOP_BY_HOP | (named - _NEVER_NAMED) if named else _HOP_BY_HOP
    return [(name, value) for name, value in headers if name.lower() not in gone]


async def answer(send: Send, status: int, message: str, outcome: bytes, headers: Headers | None = None) -> None:
    """Answer a call in place of the upstream, in the platform's envelope.

    Args:
        send: as ASGI has it.
        status: HTTP status.
        message: what is wrong.
        outcome: what became of the call.
        headers: further headers.
    """
    body = orjson.dumps({"status": "fail", "message": message})
    await send_whole(send, status, [*fields_of(body), (OUTCOME, outcome), *(headers or ())], body)


def fields_of(body: bytes, content_type: str = "application/json") -> Headers:
    """Return the headers of a body that the proxy makes itself."""
    return [(b"content-type", content_type.encode()), (b"content-length", b"%d" % len(body))]


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send an answer of which all is there."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
