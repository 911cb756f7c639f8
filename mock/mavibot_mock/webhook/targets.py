"""Says where webhooks may go: to this machine, and to no other host that was not allowed by name."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from mavibot_mock.hosts import is_local, is_loopback

if TYPE_CHECKING:
    from collections.abc import Collection


def check_target(url: str, *, allowed: Collection[str] = ()) -> SplitResult:
    """Return the parts of a webhook's address if it may be used; what a name leads to is seen when it is used.

    Args:
        url: the address.
        allowed: hosts beyond this machine, lower-case.

    Raises:
        ValueError: it is not an address, or names another machine.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"webhook_url: {error}") from error
    if not url.isascii() or not url.isprintable() or " " in url:
        raise ValueError("webhook_url: must be ASCII; write other characters as %XX")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("webhook_url: must begin with http:// or https:// and name a host")
    if parts.hostname not in allowed and not is_local(parts.hostname):
        raise _elsewhere(parts.hostname)
    return parts


async def addresses_of(parts: SplitResult, *, allowed: Collection[str] = ()) -> list[str]:
    """Return the addresses of a webhook's host, best first.

    Args:
        parts: the webhook's address, as `check_target` returns it.
        allowed: hosts beyond this machine, lower-case.

    Raises:
        OSError: the name leads nowhere.
        ValueError: the name leads to another machine.
    """
    host = parts.hostname or ""
    if is_loopback(host):
        return [host]
    port = parts.port or parts.scheme
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    if host not in allowed and not all(is_loopback(address) for address in addresses):
        raise _elsewhere(host)
    return addresses


def _elsewhere(host: str) -> ValueError:
    return ValueError(
        f"webhook_url: {host} is another machine; use localhost, or start the mock with --allow-host {host}"
    )
