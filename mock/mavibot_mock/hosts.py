"""Which names and addresses are this machine's own."""

from __future__ import annotations

from ipaddress import ip_address


def is_local(host: str) -> bool:
    """Return True if a host's name or address leads to this machine wherever it is resolved."""
    return host == "localhost" or host.endswith(".localhost") or is_loopback(host)


def is_loopback(text: str) -> bool:
    """Return True if a text is a loopback address."""
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
