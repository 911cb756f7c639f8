"""A caller on a bare socket."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from mavibot_proxy import Proxy

#: The canary: nothing that is written or printed may hold it.
KEY = "5ec4e7" * 6 + "cafe"


def connect(proxy: Proxy) -> socket.socket:
    """Return a connection to a proxy."""
    address = urlsplit(proxy.url)
    return socket.create_connection((address.hostname, address.port), timeout=30)


def exchange(proxy: Proxy, request: bytes) -> bytes:
    """Send bytes that ask for the end of the connection, and return everything that comes until then."""
    with connect(proxy) as connection:
        connection.sendall(request)
        return rest(connection)


def rest(connection: socket.socket) -> bytes:
    """Return everything that comes until the other side ends the connection."""
    received = b""
    while chunk := connection.recv(65536):
        received += chunk
    return received


def get(action: str = "get_clients", *lines: str, method: str = "GET", version: str = "1.1") -> bytes:
    """Return a request without a body that ends its connection."""
    head = [f"{method} /api/{KEY}/{action} HTTP/{version}", "Host: caller.example", "Connection: close", *lines]
    return "\r\n".join([*head, "", ""]).encode()


def post(body: bytes, *lines: str, action: str = "message") -> bytes:
    """Return a request with a body that ends its connection."""
    head = [
        f"POST /api/{KEY}/{action} HTTP/1.1",
        "Host: caller.example",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *lines,
    ]
    return "\r\n".join([*head, "", ""]).encode() + body
