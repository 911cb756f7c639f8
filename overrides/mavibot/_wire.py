"""What goes over the wire and what comes back, whichever library carries it."""

from __future__ import annotations

import os
import ssl
import sys
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

import httpx2

from mavibot._secrets import Key
from mavibot._version import __version__
from mavibot.errors import (
    Advice,
    ConfigurationError,
    ConnectionFailed,
    InvalidParameters,
    MavibotError,
    Problem,
    TimedOut,
    UntrustedCertificate,
)
from mavibot_contract import Method, Operation
from mavibot_contract.keys import PLACEHOLDER

#: Seconds within which a connection must be established.
CONNECT_TIMEOUT: Final = 5.0
#: Most calls under way at once.
MAX_CONCURRENCY: Final = 100
#: What an address raises that cannot be sent to.
UNFIT_ADDRESS: Final = (httpx2.InvalidURL, UnicodeError)
#: Variables of the environment that name certificates beside those of the operating system.
CERTIFICATE_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")
#: What a client calls itself unless told otherwise.
USER_AGENT: Final = f"mavibot/{__version__} python/{'.'.join(map(str, sys.version_info[:3]))}"


class Request(NamedTuple):
    """What is to be sent, without host and key.

    Attributes:
        operation: operation that is called.
        params: query parameters.
        json: body, or `None` where there is none.
        parsed: whether the reply is parsed into models.
    """

    operation: Operation
    params: Mapping[str, Any]
    json: Any
    parsed: bool = True

    @property
    def action(self) -> str:
        """Action that is called."""
        return self.operation.action

    @property
    def method(self) -> Method:
        """HTTP method."""
        return self.operation.method


class RawReply(NamedTuple):
    """What the server answered, before it is interpreted.

    Attributes:
        http_status: HTTP status.
        headers: headers, by lower-case name; what came several times is joined by commas.
        content: the body's bytes; the API key, if the server repeats it, is replaced by a placeholder here and below.
        text: the body as text.
    """

    http_status: int
    headers: Mapping[str, str]
    content: bytes
    text: str


class Addresses:
    """The addresses of the actions, with a placeholder for the key; each is parsed once.

    Args:
        base_url: scheme and host.

    Raises:
        ConfigurationError: the host cannot be read.
    """

    def __init__(self, base_url: str) -> None:
        try:
            self._base = httpx2.URL(f"{base_url}/api/{PLACEHOLDER}/")
        except UNFIT_ADDRESS:
            raise _unreadable_host() from None
        self._known: dict[str, httpx2.URL] = {}

    def of(self, request: Request) -> httpx2.URL:
        """Return the address of a request.

        Raises:
            httpx2.InvalidURL: it would be too long.
        """
        if request.action not in self._known:
            self._known[request.action] = self._base.join(request.action)
        known = self._known[request.action]
        return httpx2.URL(known, params=request.params) if request.params else known


def tls_of(base_url: str) -> ssl.SSLContext | None:
    """Return how the server of an address is verified, or `None` for one without TLS.

    Raises:
        ConfigurationError: the certificates that the environment names cannot be read.
    """
    return certificates() if base_url.startswith("https:") else None


def certificates() -> ssl.SSLContext:
    """Return the certificates that are trusted: those that the environment names, else the operating system's.

    All clients share them: they take a megabyte, and many milliseconds to read.

    Raises:
        ConfigurationError: they cannot be read.
    """
    return _certificates(*(os.environ.get(name) for name in CERTIFICATE_VARIABLES))


@lru_cache(maxsize=4)
def _certificates(*named: str | None) -> ssl.SSLContext:
    try:
        return httpx2.create_ssl_context()
    except OSError as error:
        setting = next((name for name, value in zip(CERTIFICATE_VARIABLES, named, strict=True) if value), "transport")
        raise ConfigurationError(setting, f"the certificates cannot be read: {error.strerror or error}") from None


def must_be_open(*, closed: bool) -> None:
    """Refuse to use a closed client.

    Raises:
        ConfigurationError: it is closed.
    """
    if closed:
        raise ConfigurationError("", "the client is closed; make a new one")


def failure(action: str, error: Exception, key: Key, *, sent: bool) -> MavibotError:
    """Return our own error for one of the HTTP library, of asyncio or of the address.

    Raise it outside the `except` block, so that it does not carry the other one along: the other's traceback holds the
    request as it went to the socket, with the key.

    Args:
        action: action that was called.
        error: what was raised.
        key: key to hide in its text.
        sent: whether the server may have read the request.
    """
    match error:
        case httpx2.InvalidURL():
            return InvalidParameters(action, [Problem("", "too much for a query string", Advice.USE_POST)])
        case UnicodeError():
            return _unreadable_host()
        case TimeoutError():
            return TimedOut(action, "the answer took too long", sent=sent)
    if (refusal := _refused_certificate(error)) is not None:
        reason = getattr(refusal, "verify_message", "") or str(refusal)
        return UntrustedCertificate(action, f"the server's certificate is not trusted: {key.hide(reason)}", sent=False)
    kind = TimedOut if isinstance(error, httpx2.TimeoutException) else ConnectionFailed
    return kind(action, key.hide(str(error)) or type(error).__name__, sent=sent)


def _refused_certificate(error: BaseException | None) -> ssl.SSLCertVerificationError | None:
    """Return the refusal of a certificate that an error is, or comes from."""
    while error is not None and not isinstance(error, ssl.SSLCertVerificationError):
        error = error.__cause__ or error.__context__
    return error


def raw_reply(http_status: int, headers: Sequence[tuple[bytes, bytes]], content: bytes, key: Key) -> RawReply:
    """Return an answer without the key, which the server may have repeated."""
    shown: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        shown[name] = f"{shown[name]}, {value}" if name in shown else value
    # The key is there seldom, so head and body are searched one by one only then.
    whole = b"\n".join((*chain.from_iterable(headers), content))
    if key.hide_bytes(whole) != whole:
        shown = {key.hide(name).lower(): key.hide(value) for name, value in shown.items()}
        content = key.hide_bytes(content)
    return RawReply(http_status, shown, content, content.decode(errors="replace"))


def _unreadable_host() -> ConfigurationError:
    return ConfigurationError("base_url", "the host cannot be read")
