"""The sender over aiohttp (extra `[aiohttp]`): with httpx2 in between, a call costs several times as much.

The address with the API key goes from here into aiohttp, which does not log it and whose errors go no further.
"""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from typing import Any, Final

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError
from aiohttp import __version__ as aiohttp_version
from yarl import URL

from mavibot._secrets import Key
from mavibot._wire import (
    CONNECT_TIMEOUT,
    MAX_CONCURRENCY,
    UNFIT_ADDRESS,
    Addresses,
    RawReply,
    Request,
    failure,
    must_be_open,
    raw_reply,
)
from mavibot.errors import ConfigurationError

_JSON: Final = {"Content-Type": "application/json"}
_FAILURES: Final = (ClientError, OSError, *UNFIT_ADDRESS)
# Where these happen the request has not left this machine.
_NOT_SENT: Final = (ClientConnectorError, ConnectionTimeoutError)
# aiohttp repeats a GET by itself when a kept connection breaks, and some of our GETs send messages. There is no public
# switch for it.
_REPEATS: Final = "_retry_connection"


class AiohttpSender:
    """Sends requests without blocking the event loop, many at a time.

    Args:
        base_url: scheme and host.
        key: the API key.
        user_agent: header `User-Agent` of every request.

    Raises:
        ConfigurationError: the host cannot be read.
    """

    def __init__(self, base_url: str, key: Key, user_agent: str) -> None:
        self._key = key
        self._user_agent = user_agent
        self._addresses = Addresses(base_url)
        self._known: dict[str, URL] = {}
        self._places = asyncio.Semaphore(MAX_CONCURRENCY)
        self._session: ClientSession | None = None
        self._is_closed = False

    async def send(self, request: Request, read_timeout: float, time_left: float | None = None) -> RawReply:
        """Send a request once; see `Sender.send`."""
        must_be_open(closed=self._is_closed)
        started = False
        try:
            url = self._address(request)
            async with asyncio.timeout(time_left), self._places:
                started = True
                async with self._opened().request(
                    request.method,
                    url,
                    data=None if request.json is None else _encoded(request.json),
                    headers=None if request.json is None else _JSON,
                    allow_redirects=False,
                    timeout=_timeout(read_timeout),
                ) as response:
                    content = await response.read()
            return raw_reply(response.status, response.raw_headers, content, self._key)
        except _FAILURES as error:
            own = failure(request.action, error, self._key, sent=started and not isinstance(error, _NOT_SENT))
        raise own

    def _address(self, request: Request) -> URL:
        """Return the address with the key."""
        if request.params:  # seldom comes again
            return self._revealed(request)
        if request.action not in self._known:
            self._known[request.action] = self._revealed(request)
        return self._known[request.action]

    def _revealed(self, request: Request) -> URL:
        return URL(self._key.reveal_in(str(self._addresses.of(request))), encoded=True)

    def _opened(self) -> ClientSession:
        """Return the session, which can be made only while the event loop runs."""
        if self._session is None:
            self._session = _without_repetition(ClientSession(headers={"User-Agent": self._user_agent}))
        return self._session

    async def close(self) -> None:
        """Close all connections."""
        self._is_closed = True
        if self._session is not None:
            await self._session.close()


def _without_repetition(session: ClientSession) -> ClientSession:
    """Return a session that makes each request once.

    Raises:
        ConfigurationError: this version of aiohttp has no switch for it, so a message could go out twice.
    """
    if not hasattr(session, _REPEATS):
        session.detach()
        raise ConfigurationError(
            "transport",
            f"ClientSession of aiohttp {aiohttp_version} has no {_REPEATS}, "
            "so it could repeat a message; use another version, or httpx2",
        )
    setattr(session, _REPEATS, False)
    return session


def _encoded(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


@lru_cache(maxsize=8)
def _timeout(read_timeout: float) -> ClientTimeout:
    return ClientTimeout(sock_connect=min(CONNECT_TIMEOUT, read_timeout), sock_read=read_timeout)
