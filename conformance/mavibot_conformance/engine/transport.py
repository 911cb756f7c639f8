"""Stands between schemathesis and the socket: puts the key in, asks the guard, keeps the pace.

Schemathesis sees an address with a placeholder. The key takes its place in the copy of the request that goes to the
socket, so that no report, log line or reproduction command can contain it.

Schemathesis creates its sessions of requests itself and takes none from outside. So for the duration of a run this
module replaces the one class with which requests equips a new session, `requests.sessions.HTTPAdapter`, and what reads
proxies and passwords for each call: neither those of the environment nor those of .netrc are used.
"""

from __future__ import annotations

import io
import logging
import math
import time
from contextlib import contextmanager
from functools import cache, partial
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any, Final

import httpx2
import requests
from requests import sessions
from requests.adapters import HTTPAdapter
from schemathesis.engine.run.probes import HEADER_NAME as PROBE_HEADER
from urllib3.exceptions import MaxRetryError

from mavibot_contract.keys import PLACEHOLDER, Finder, hide_all

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Collection, Iterator, Mapping

    from urllib3 import PoolManager

    from mavibot_conformance.target.guard import Guard

#: Stands for a key that no project has.
UNKNOWN_KEY: Final = f"{PLACEHOLDER}.unknown"
_NO_KEY: Final = "no-such-key"


def placeholder(name: str) -> str:
    """Return what stands for a further key of a profile, such as `API_KEY.crm:read`."""
    return f"{PLACEHOLDER}.{name}"


@contextmanager
def guarded_sessions(
    keys: Mapping[str, str], guard: Guard, *, calls_per_second: float | None = None, proxy: str | None = None
) -> Iterator[None]:
    """Give every session of requests that is created in the block an adapter that watches over its calls.

    Args:
        keys: keys by their placeholders.
        guard: asked about every call; what it refuses is not sent.
        calls_per_second: maximum number of calls per second.
        proxy: address of a proxy for all calls.
    """
    names: dict[str, Any] = sessions.__dict__
    pace = _Pace(calls_per_second)
    tls = httpx2.create_ssl_context()
    log = logging.getLogger("urllib3")
    level = log.level
    ours: dict[str, Any] = {
        "HTTPAdapter": partial(_GuardedAdapter, keys, guard, pace, proxy, tls),
        "get_environ_proxies": lambda *_, **__: {},
        "get_netrc_auth": lambda *_, **__: None,
    }
    replaced = {name: names[name] for name in ours}
    names.update(ours)
    log.setLevel(logging.ERROR)  # below, urllib3 logs addresses with the key
    try:
        yield
    finally:
        names.update(replaced)
        log.setLevel(level)


class _Pace:
    """Spaces the calls of a run evenly."""

    def __init__(self, calls_per_second: float | None) -> None:
        self._pause: Final = 1 / calls_per_second if calls_per_second else 0.0
        self._next = 0.0

    def wait(self) -> None:
        """Wait until the next call may be made."""
        if self._pause:
            now = time.monotonic()
            time.sleep(max(0.0, self._next - now))
            self._next = max(now, self._next) + self._pause


class _GuardedAdapter(HTTPAdapter):
    """Sends what the guard lets through, with the key in place of its placeholder."""

    def __init__(
        self, keys: Mapping[str, str], guard: Guard, pace: _Pace, proxy: str | None, tls: ssl.SSLContext
    ) -> None:
        self._tls: Final = tls
        super().__init__()
        self._keys: Final = keys
        self._finders: Final = tuple(Finder(key, shown_as=name, encoded=True) for name, key in keys.items())
        self._guard: Final = guard
        self._pace: Final = pace
        self._proxies: Final = None if proxy is None else {"http": proxy, "https": proxy}

    # Certificates are trusted as in the rest of the run: `requests` knows neither SSL_CERT_FILE nor the system's.
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Prepare direct connections."""
        super().init_poolmanager(*args, **options, ssl_context=self._tls)
        _bound_replies(self.poolmanager)

    def proxy_manager_for(self, *args: Any, **options: Any) -> Any:
        """Return what connects through a proxy."""
        manager = super().proxy_manager_for(*args, **options, ssl_context=self._tls)
        _bound_replies(manager)
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request.

        Raises:
            GuardRefusedError: the run may not make this call.
            requests.RequestException: there is no reply; neither the error nor its frames contain a key.
        """
        if PROBE_HEADER in request.headers:
            # Schemathesis probes what a server can stand with calls of no action; "no answer" leaves that open.
            raise requests.ReadTimeout("not sent", request=request)
        url = request.url or ""
        known = {**self._keys, UNKNOWN_KEY: _NO_KEY}
        self._guard.check(_with_key(url, dict.fromkeys(known, PLACEHOLDER)), body_of(request))
        self._pace.wait()
        outgoing = request.copy()
        outgoing.url = _with_key(url, known)
        # Proxies of the environment are not used.
        response = self._reply(outgoing, *args, **{**kwargs, "proxies": self._proxies})
        if isinstance(response, requests.RequestException):
            _mask_error(response, self._finders)
            response.request = request
            raise response.with_traceback(None)
        self._guard.learn(url, response.content)
        _mask(response, self._finders)
        response.request = request
        response.url = url
        return response

    def _reply(
        self, outgoing: requests.PreparedRequest, *args: Any, **kwargs: Any
    ) -> requests.Response | requests.RequestException:
        """Return the whole reply, or what was raised instead, whose frames contain the key."""
        try:
            response = super().send(outgoing, *args, **kwargs)
            response.content  # noqa: B018 - is read to its end
        except requests.RequestException as error:
            return error
        finally:
            self.close()  # each call has a connection of its own, for the reason that `network` gives
        return response


class _Bytes(io.RawIOBase):
    """The bytes of a reply, which must all arrive within the timeout of its connection.

    That timeout alone bounds each read: a server that sends a header line now and then never exceeds it.
    """

    def __init__(self, connection: socket.socket) -> None:
        super().__init__()
        self._connection: Final = connection
        self._timeout: Final = connection.gettimeout()
        self._ends: Final = math.inf if self._timeout is None else time.monotonic() + self._timeout
        self._raw: Final = connection.makefile("rb", buffering=0)

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read some bytes.

        Raises:
            TimeoutError: the reply has not ended in time.
        """
        left = self._ends - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self._connection.settimeout(None if self._timeout is None else left)
        try:
            return self._raw.readinto(buffer)
        finally:
            self._connection.settimeout(self._timeout)

    def close(self) -> None:
        """Close the file, not the connection."""
        self._raw.close()
        super().close()


class _BoundReply(HTTPResponse):
    """A reply as urllib3 reads it, headers included, that must end in time."""

    def __init__(self, connection: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(connection, *args, **options)
        self.fp.close()
        self.fp = io.BufferedReader(_Bytes(connection))


def _bound_replies(manager: PoolManager) -> None:
    """Make the replies of all connections of a manager end in time."""
    manager.pool_classes_by_scheme = {scheme: _bounded(pool) for scheme, pool in manager.pool_classes_by_scheme.items()}


@cache
def _bounded(pool: Any) -> Any:
    """Return a class of pools whose connections read bounded replies."""
    connection = type("_Connection", (pool.ConnectionCls,), {"response_class": _BoundReply})
    return type("_Pool", (pool,), {"ConnectionCls": connection})


def _with_key(url: str, keys: Mapping[str, str]) -> str:
    """Return an address with the key in place of its placeholder; any other address unchanged."""
    head, found, tail = url.partition(f"/api/{PLACEHOLDER}")
    if not found:
        return url
    which, slash, rest = tail.partition("/")
    name = PLACEHOLDER + which
    return f"{head}/api/{keys.get(name, name)}{slash}{rest}"


def _mask(response: requests.Response, finders: Collection[Finder]) -> None:
    """Take the keys out of a reply that repeats them."""
    for each in finders:
        response._content = each.hide_bytes(response.content)
    for headers in (response.headers, response.raw.headers):
        for name, value in list(headers.items()):
            shown = hide_all(finders, name), hide_all(finders, value)
            if shown != (name, value):
                headers.pop(name, None)  # several of one name are gone with the first
                headers[shown[0]] = shown[1]


def _mask_error(error: BaseException, finders: Collection[Finder]) -> None:
    """Take the keys out of an error and of those that it wraps."""
    inner = [error.__context__, error.__cause__, getattr(error, "reason", None), *error.args]
    error.__context__ = error.__cause__ = None
    error.args = tuple(hide_all(finders, each) if isinstance(each, str) else each for each in error.args)
    if isinstance(error, MaxRetryError):
        error.url = hide_all(finders, error.url or "")
    for each in inner:
        if isinstance(each, BaseException):
            _mask_error(each, finders)


def body_of(request: requests.PreparedRequest) -> bytes:
    """Return the body of a request as it is sent."""
    body = request.body
    return body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b""
