"""The default transport of `Mavibot`: sockets of our own, below everything that observes httpx2."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING, Final

import httpx2

from mavibot._exchange import Exchanges, is_readable, port_of, time_limit

if TYPE_CHECKING:
    from mavibot._secrets import Key

_PIECE: Final = 65_536


class _Connection:
    def __init__(self, opened: socket.socket, key: Key) -> None:
        self._socket: Final = opened
        self._exchanges: Final = Exchanges(key)

    def exchange(self, request: httpx2.Request) -> httpx2.Response:
        self._write(request)
        reply = self._exchanges.reply()
        try:
            next(reply)
            while True:
                self._socket.settimeout(time_limit(request, "read"))
                reply.send(self._socket.recv(_PIECE))
        except StopIteration as end:
            response: httpx2.Response = end.value
            return response
        except TimeoutError:
            raise httpx2.ReadTimeout("the reply took too long") from None
        except OSError as error:
            raise httpx2.ReadError(str(error)) from None

    def _write(self, request: httpx2.Request) -> None:
        try:
            self._socket.settimeout(time_limit(request, "write"))
            self._socket.sendall(self._exchanges.request(request))
        except TimeoutError:
            failure: BaseException = httpx2.WriteTimeout("the request could not be sent in time")
        except OSError:
            return  # a server that refuses a request early may have replied all the same
        except BaseException as error:
            # The frames below hold the key: TLS sends from a function in Python.
            failure = error.with_traceback(None)
        else:
            return
        raise failure

    def is_fit(self) -> bool:
        """Return True if nothing has come since the last reply, and the server has not closed it."""
        return self._exchanges.is_fresh() and not is_readable(self._socket.fileno())

    def may_follow(self) -> bool:
        return self._exchanges.may_follow()

    def close(self) -> None:
        self._socket.close()


class Sockets(httpx2.BaseTransport):
    """Connections to one server, as many as calls are on their way."""

    def __init__(self, key: Key, tls: ssl.SSLContext | None) -> None:
        self._key: Final = key
        self._tls: Final = tls
        self._idle: Final[list[_Connection]] = []
        self._is_closed = False

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and return the whole reply.

        Raises:
            httpx2.ConnectError, httpx2.ConnectTimeout: there is no connection; nothing was sent.
            httpx2.TransportError: the exchange failed.
        """
        connection = self._kept() or self._opened(request)
        try:
            response = connection.exchange(request)
        except BaseException:
            connection.close()
            raise
        if connection.may_follow() and not self._is_closed:
            self._idle.append(connection)
        else:
            connection.close()
        return response

    def _kept(self) -> _Connection | None:
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread was faster
                return None
            if connection.is_fit():
                return connection
            connection.close()
        return None

    def _opened(self, request: httpx2.Request) -> _Connection:
        host, port = request.url.raw_host.decode("ascii"), port_of(request)
        opened = None
        try:
            opened = socket.create_connection((host, port), time_limit(request, "connect"))
            opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                opened.settimeout(time_limit(request, "connect"))
                opened = self._tls.wrap_socket(opened, server_hostname=host)
        except BaseException as error:
            if opened is not None:
                opened.close()
            match error:
                case TimeoutError():
                    raise httpx2.ConnectTimeout("no connection in time") from None
                case OSError():
                    raise httpx2.ConnectError(str(error)) from None
            raise
        return _Connection(opened, self._key)

    def close(self) -> None:
        """Close all idle connections; those in use are closed when their call ends."""
        self._is_closed = True
        while self._idle:
            self._idle.pop().close()
