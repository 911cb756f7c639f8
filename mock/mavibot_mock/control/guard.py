"""Keeps web pages and other machines from driving the mock by the control interface."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Final

from mavibot_mock.hosts import is_local
from mavibot_mock.request.replies import RefusedError, Reply, fail

if TYPE_CHECKING:
    from starlette.requests import Request

_SCHEME: Final = "Bearer"
#: The cookie of a page where other machines reach the mock.
COOKIE: Final = "mavibot_mock"
#: What a browser says of a call of the mock's own pages, or of an address that a person typed.
_OWN_SITE: Final = ("same-origin", "none")


class Guard:
    """Refuses calls that the machine's own programs and pages would not make.

    Attributes:
        cookie: what the cookie of a page holds whose reader has given the token; `None` where none is needed.
    """

    def __init__(self, token: str | None = None) -> None:
        """Make a guard.

        Args:
            token: what each call must bring, where other machines reach the mock; `None` where none does.
        """
        self._token: Final = token
        # Cookies go to every port of a host, so this one does not hold the token itself.
        self.cookie: Final = None if token is None else hashlib.sha256(f"cookie of {token}".encode()).hexdigest()

    def check(self, request: Request) -> None:
        """Check a call.

        Raises:
            RefusedError: it comes from a web page of another site, or lacks the token.
        """
        self.check_site(request)
        if not self.is_known(request):
            text = "Authorization: must be 'Bearer TOKEN', with the token that the mock printed when it began"
            raise RefusedError(Reply(401, fail(401, text).body, {"WWW-Authenticate": "Bearer"}))

    def is_known(self, request: Request) -> bool:
        """Return True if a call brings the token, or the cookie of who has given it, as far as one is needed."""
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        is_given = scheme == _SCHEME and self.admits(given)
        return self._token is None or is_given or _same(request.cookies.get(COOKIE, ""), self.cookie)

    def admits(self, token: str) -> bool:
        """Return True if this is the token."""
        return _same(token, self._token)

    def check_site(self, request: Request) -> None:
        """Check where a call comes from.

        Raises:
            RefusedError: it comes from a web page of another site.
        """
        host = request.headers.get("host", "")
        origin = request.headers.get("origin")
        # A page of another site can send what it likes to a loopback address, but not without telling its own.
        if origin is not None and origin.partition("://")[2] != host:
            raise RefusedError(fail(403, "Origin: web pages of other sites may not drive the mock"))
        # Of what it only loads, such as a picture, a browser tells no more than this; a link may lead here.
        is_followed = request.method in ("GET", "HEAD") and request.headers.get("sec-fetch-mode") == "navigate"
        if request.headers.get("sec-fetch-site", "none") not in _OWN_SITE and not is_followed:
            raise RefusedError(fail(403, "Sec-Fetch-Site: web pages of other sites may not drive the mock"))
        if self._token is not None:
            return
        # A page whose name was made to lead here shows that name.
        name = _name(host)
        if not is_local(name) and name != (request.scope.get("server") or ("",))[0]:
            raise RefusedError(fail(403, "Host: the control interface answers at this machine's own addresses only"))


def _same(given: str, wanted: str | None) -> bool:
    return wanted is not None and secrets.compare_digest(given.encode("utf-8", "replace"), wanted.encode())


def _name(host: str) -> str:
    """Return a `Host` header without its port."""
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.partition(":")[0].lower()
