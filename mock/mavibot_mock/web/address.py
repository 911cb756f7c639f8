"""The server's address as a reader's browser knows it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import SplitResult, urlsplit

from mavibot_mock.hosts import is_local

if TYPE_CHECKING:
    from starlette.requests import Request

#: A browser sends nothing else; anything else must not end up in a command.
_HOST: Final = re.compile(r"([A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(:[0-9]{1,5})?")


def address_of(request: Request) -> str:
    """Return the address, such as `http://127.0.0.1:8080`."""
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        name, port = request.scope.get("server") or ("127.0.0.1", None)
        host = name if port is None else f"{name}:{port}"
    return f"{request.scope['scheme']}://{host}"


def is_own(url: SplitResult, address: str, port: int | None) -> bool:
    """Return True if an address leads to this server, by whatever name of this machine.

    Args:
        url: the address.
        address: the server's address as the reader's browser knows it.
        port: the port on which the server listens, where that is known.

    Raises:
        ValueError: the port of the address is not one.
    """
    known = urlsplit(address)
    is_here = is_local(url.hostname or "") or url.hostname == known.hostname
    return is_here and _port(url) in (port, _port(known))


def _port(url: SplitResult) -> int:
    return url.port or (443 if url.scheme == "https" else 80)
