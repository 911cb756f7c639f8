"""Reads what comes back, within bounds; says what came where nothing can be read."""

from __future__ import annotations

import re
import socket
import ssl
from contextlib import suppress
from typing import Final
from urllib.parse import urlsplit

import httpx2

from mavibot_conformance.target.exchange import GREATEST_REPLY, NO_REPLY, NOT_IN_TIME, TOO_LONG

#: What Python adds to the text of an error: the error's number, and how it writes bytes.
_NUMBER: Final = re.compile(r"\[Errno -?\d+\] ")
_BYTES: Final = re.compile(r"""(?:bytearray\()?b(["'])(?P<bytes>.*?)\1\)?""")
#: Linux alone has it.
_QUICK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)


def read_reply(response: httpx2.Response) -> bytes:
    """Return the body of a reply that is read as a stream.

    Raises:
        httpx2.ReadError: it is too long.
        httpx2.ReadTimeout: the call takes too long.
    """
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > GREATEST_REPLY:
            raise httpx2.ReadError(TOO_LONG)
    return bytes(body)


def tls_problem(error: BaseException, url: str) -> str | None:
    """Return what is wrong with the TLS of a server that could not be connected to, or `None` if it is something else.

    Args:
        error: what was raised.
        url: base URL of the server.
    """
    each: BaseException | None = error
    while each is not None and not isinstance(each, ssl.SSLError):
        each = each.__cause__ or each.__context__
    if each is None:
        return None
    if isinstance(each, ssl.SSLCertVerificationError):
        return f"has a certificate that is not trusted: {each.verify_message}"
    return f"answers, but not by TLS; if it speaks plain HTTP, give http://{urlsplit(url).netloc}"


def acknowledge(response: httpx2.Response) -> None:
    """Acknowledge the headers of a reply at once: many a small server sends no body before, which takes 40 ms else."""
    stream = response.extensions.get("network_stream")
    connection = stream.get_extra_info("socket") if stream is not None and _QUICK is not None else None
    if connection is not None and _QUICK is not None:
        with suppress(OSError):
            connection.setsockopt(socket.IPPROTO_TCP, _QUICK, 1)


def as_text(body: bytes, charset: str | None) -> str:
    """Return a body as text, in its charset if that is known."""
    try:
        return body.decode(charset or "utf-8", errors="replace")
    except LookupError:
        return body.decode(errors="replace")


def is_utf8(body: bytes) -> bool:
    """Return True if a body is UTF-8."""
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def no_reply(error: httpx2.RequestError) -> tuple[httpx2.Response, bytes]:
    """Return a stand-in for the reply of a call whose connection broke, or whose reply cannot be read."""
    if isinstance(error, httpx2.TimeoutException):
        return httpx2.Response(NO_REPLY), NOT_IN_TIME.encode()
    if isinstance(error, httpx2.DecodingError):
        return httpx2.Response(NO_REPLY), b"no reply that can be read: its body is not of its Content-Encoding"
    why = _BYTES.sub(r"\g<bytes>", _NUMBER.sub("", str(error))).rstrip(".")
    return httpx2.Response(NO_REPLY), f"no reply that can be read{why and f': {why}'}".encode()
