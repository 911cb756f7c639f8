"""The one server that calls are passed on to."""

from __future__ import annotations

import asyncio
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from mavibot._wire import certificates
from mavibot_mock.hosts import is_local
from mavibot_proxy.passing.connection import Connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

#: Seconds in which a connection must be made.
_CONNECT_TIMEOUT: Final = 10.0
#: Unused connections that are kept.
_MOST_IDLE: Final = 64


class UnreachableError(Exception):
    """There is no connection to the upstream; nothing was sent."""


class Upstream:
    """The server behind a proxy, with the connections to it.

    Attributes:
        url: its base URL.
        authority: host and port as the header `Host` has them.
        path: what its base URL has before `/api`.
    """

    def __init__(self, url: str) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: base URL: scheme and host, and a path where the API is below one.

        Raises:
            ValueError: it is no base URL, or it is not https although it is not on this machine.
            ConfigurationError: the certificates that the environment names cannot be read.
        """
        parts = urlsplit(url)
        has_more = parts.query or parts.fragment or parts.username is not None
        if parts.scheme not in ("http", "https") or not parts.hostname or has_more:
            raise ValueError(f"{url!r} is no base URL: give scheme and host, such as https://chatter.mavibot.ai")
        if parts.scheme == "http" and not is_local(parts.hostname):
            raise ValueError(f"{url}: keys travel in addresses, so a server that is not on this machine must be https")
        self.url: Final = url.rstrip("/").removesuffix("/api")
        self.authority: Final = parts.netloc.encode("ascii")
        self.path: Final = urlsplit(self.url).path.encode("ascii")
        self._host: Final = parts.hostname
        self._port: Final = parts.port or (443 if parts.scheme == "https" else 80)
        self._context: Final = self._tls(parts.hostname) if parts.scheme == "https" else None
        self._idle: Final[list[Connection]] = []

    @staticmethod
    def _tls(host: str) -> ssl.SSLContext:
        if not is_local(host):
            return certificates()
        # A context of its own: that of the trusted certificates is shared by all clients of the process.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """Lend a connection for one exchange: one that is kept and surely alive, or else a new one.

        A call is written on one connection alone, once: where that breaks, nothing tells whether it was carried out.

        Raises:
            UnreachableError: none can be made.
        """
        connection = self._kept() or await self._new()
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        if connection.rest() and len(self._idle) < _MOST_IDLE:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Close the connections that are kept."""
        while self._idle:
            self._idle.pop().close()

    def _kept(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_alive():
                return connection
            connection.close()
        return None

    async def _new(self) -> Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_CONNECT_TIMEOUT):
                _, connection = await loop.create_connection(Connection, self._host, self._port, ssl=self._context)
        except ssl.SSLCertVerificationError as error:
            raise UnreachableError(f"its certificate is not trusted: {error.verify_message}") from None
        except TimeoutError:
            raise UnreachableError(f"no connection in {_CONNECT_TIMEOUT:g} s") from None
        except OSError as error:
            raise UnreachableError(f"no connection: {error.strerror or type(error).__name__}") from None
        return connection
