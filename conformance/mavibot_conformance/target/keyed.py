"""The last step before the socket: the guard is asked, then the key takes the place of its placeholder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import httpx2

from mavibot_contract.keys import PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mavibot_conformance.target.guard import Guard


class KeyTransport(httpx2.BaseTransport):
    """Asks the guard, then puts the key into the copy of a request that goes to the socket."""

    def __init__(self, inner: httpx2.BaseTransport, secrets: Mapping[str, str], guard: Guard) -> None:
        """Prepare.

        Args:
            inner: sends what the guard lets through.
            secrets: keys by name.
            guard: refuses what the run may not do.
        """
        self._inner: Final = inner
        self._secrets: Final = secrets
        self._guard: Final = guard

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request, with the key that its extension `key` names."""
        self._guard.check(str(request.url), request.content)
        name = request.extensions["key"]
        value = name[1:] if name.startswith("=") else self._secrets[name]
        url = httpx2.URL(str(request.url).replace(f"/api/{PLACEHOLDER}/", f"/api/{value}/", 1))
        outgoing = httpx2.Request(
            request.method, url, headers=request.headers, content=request.content, extensions=request.extensions
        )
        return self._inner.handle_request(outgoing)

    def close(self) -> None:
        """Close the connections."""
        self._inner.close()
