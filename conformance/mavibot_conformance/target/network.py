"""Connections to a server under test. Its certificates are read once: that takes many milliseconds, for http too."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import httpx2

if TYPE_CHECKING:
    import ssl

#: Variables of the environment that name certificates beside those of the operating system.
_CERTIFICATES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def transport(proxy: str | None = None) -> httpx2.HTTPTransport:
    """Return a transport of its own connections.

    Args:
        proxy: URL of a proxy to connect through, or `None`.
    """
    return httpx2.HTTPTransport(verify=_trusted(*map(os.environ.get, _CERTIFICATES)), proxy=proxy)


@lru_cache(maxsize=4)
def _trusted(*_named: str | None) -> ssl.SSLContext:
    return httpx2.create_ssl_context()
