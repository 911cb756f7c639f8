"""Keeps web pages and other machines from driving the mock by the control interface."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from mavibot_mock.hosts import is_local
from mavibot_mock.request.replies import RefusedError, Reply, fail

if TYPE_CHECKING:
    from starlette.requests import Request

_SCHEME: Final = "Bearer "
#: What a browser says of a call of the mock's own pages, or of an address that a person typed.
_OWN_SITE: Final = ("same-origin", "none")


class Guard:
    """Refuses calls that the machine's own programs would not make."""

    def __init__(self, token: str | None = None) -> None:
        """Make a guard.

        Args:
            token: what each call must bring, where other machines reach the mock; `None` where none does.
        """
        self._token: Final = token

    def check(self, request: Request) -> None:
        """Check a call.

        Raises:
            RefusedError: it comes from a web page of another site, or lacks the token.
        """
        host = request.headers.get("host", "")
        origin = request.headers.get("origin")
        # A page of another site can send what it likes to a loopback address, but not without telling its own.
        if origin is not None and origin.partition("://")[2] != host:
            raise RefusedError(fail(403, "Origin: web pages of other sites may not drive the mock"))
        # Of what it only loads, such as a picture, a browser tells no more than this.
        if request.headers.get("sec-fetch-site", "none") not in _OWN_SITE:
            raise RefusedError(fail(403, "Sec-Fetch-Site: web pages of other sites may not drive the mock"))
        if self._token is not None:
            self._check_token(request)
            return
        # A page whose name was made to lead here shows that name.
        name = _name(host)
        if not is_local(name) and name != (request.scope.get("server") or ("",))[0]:
            raise RefusedError(fail(403, "Host: the control interface answers at this machine's own addresses only"))

    def _check_token(self, request: Request) -> None:
        given = request.headers.get("authorization", "")
        wanted = f"{_SCHEME}{self._token}"
        if not secrets.compare_digest(given.encode("latin-1", "replace"), wanted.encode()):
            text = "Authorization: must be 'Bearer TOKEN', with the token that the mock printed when it began"
            raise RefusedError(Reply(401, fail(401, text).body, {"WWW-Authenticate": "Bearer"}))


def _name(host: str) -> str:
    """Return a `Host` header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
