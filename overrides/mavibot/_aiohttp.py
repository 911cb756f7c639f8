"""Sends requests over aiohttp itself (extra `[aiohttp]`): with httpx2 in between, a call costs several times as much.

The address with the API key goes from here into aiohttp, which logs none and whose errors go no further.
"""

from __future__ import annotations

import asyncio
import json
from functools import lru_cache
from typing import Any, Final

from aiohttp import ClientConnectorError, ClientError, ClientSession, ClientTimeout, ConnectionTimeoutError
from yarl import URL

from mavibot._codec import Request
from mavibot._transport import (
    CONNECT_TIMEOUT,
    MOST_CONCURRENCY,
    UNFIT_ADDRESS,
    Addresses,
    Key,
    RawReply,
    must_be_open,
    own_error,
    raw_reply,
)

_JSON: Final = {"Content-Type": "application/json"}
_FAILURES = (ClientError, OSError, *UNFIT_ADDRESS)
# Where these happen the request has not left this machine.
_NOT_SENT = (ClientConnectorError, ConnectionTimeoutError)


class AiohttpSender:
    """Sends requests without blocking the event loop, many at a time."""

    def __init__(self, base_url: str, api_key: str) -> None:
        self._key = Key(api_key)
        self._addresses = Addresses(base_url)
        self._known: dict[str, URL] = {}
        self._places = asyncio.Semaphore(MOST_CONCURRENCY)
        self._session: ClientSession | None = None
        self._is_closed = False

    async def send(self, request: Request, patience: float, time_left: float | None = None) -> RawReply:
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
                    timeout=_timeout(patience),
                ) as response:
                    content = await response.read()
            return raw_reply(response.status, response.raw_headers, content, self._key)
        except _FAILURES as error:
            sent = started and not isinstance(error, _NOT_SENT)
            own = own_error(request.action, error, self._key, sent=sent)
        raise own

    def _address(self, request: Request) -> URL:
        """Return the address with the key."""
        if request.params:  # seldom comes again
            return self._revealed(request)
        if request.action not in self._known:
            self._known[request.action] = self._revealed(request)
        return self._known[request.action]

    def _revealed(self, request: Request) -> URL:
        return URL(self._key.reveal_address(self._addresses.of(request.action, request.params)), encoded=True)

    def _opened(self) -> ClientSession:
        """Return the session, which can be made only while the event loop runs."""
        if self._session is None:
            self._session = ClientSession()
            # aiohttp repeats a GET by itself when a kept connection breaks; of our GETs some send messages.
            self._session._retry_connection = False
        return self._session

    def revealed_key(self) -> str:
        """Return the API key, for an address that is made to hold it."""
        return self._key.revealed()

    async def close(self) -> None:
        """Close all connections."""
        self._is_closed = True
        if self._session is not None:
            await self._session.close()


def _encoded(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


@lru_cache(maxsize=8)
def _timeout(patience: float) -> ClientTimeout:
    return ClientTimeout(sock_connect=min(CONNECT_TIMEOUT, patience), sock_read=patience)
