"""Stands between schemathesis and the socket: puts the key in, asks the guard, keeps the pace.

Schemathesis sees an address with a placeholder. The key takes its place in the copy of the request that goes to the
socket, so that no report, log line or reproduction command can hold it.
"""

from __future__ import annotations

import logging
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

import requests
from requests.adapters import HTTPAdapter
from schemathesis.engine.run import probes
from urllib3.exceptions import MaxRetryError

from mavibot_conformance.target.guard import KEY_PLACEHOLDER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mavibot_conformance.target.guard import Guard

#: Stands for a key that no project has.
UNKNOWN_KEY: Final = f"{KEY_PLACEHOLDER}.unknown"
_NO_KEY: Final = "no-such-key"


def placeholder(name: str) -> str:
    """Return what stands for a further key of a profile, such as `API_KEY.crm:read`."""
    return f"{KEY_PLACEHOLDER}.{name}"


@contextmanager
def key_at_the_socket(
    keys: Mapping[str, str], guard: Guard, *, calls_per_second: float | None = None
) -> Iterator[None]:
    """Watch over what schemathesis sends, while the block runs.

    Args:
        keys: keys by what stands for them.
        guard: refuses what the run may not do; nothing of that is sent.
        calls_per_second: most calls in a second.
    """
    known = {**keys, UNKNOWN_KEY: _NO_KEY}
    original = HTTPAdapter.send
    pause = 1 / calls_per_second if calls_per_second else 0.0
    following = 0.0

    def send(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        nonlocal following
        url = request.url or ""
        guard.check(_with_key(url, dict.fromkeys(known, KEY_PLACEHOLDER)), body_of(request))
        if pause:
            now = time.monotonic()
            time.sleep(max(0.0, following - now))
            following = max(now, following) + pause
        outgoing = request.copy()
        outgoing.url = _with_key(url, known)
        broken = None
        try:
            response = original(self, outgoing, *args, **{**kwargs, "proxies": None})
            content = response.content
        except requests.RequestException as error:
            broken = error
        if broken is not None:
            # It names the address as it was sent, and so do the frames below.
            _mask_error(broken, keys)
            broken.request = request
            raise broken.with_traceback(None)
        guard.learn(url, content)
        _mask(response, keys)
        response.request = request
        response.url = url
        return response

    with (
        patch.object(HTTPAdapter, "send", send),
        # Neither passwords nor proxies of the environment are used, here and above.
        patch("requests.sessions.get_netrc_auth", lambda *_args, **_kwargs: None),
        # Two calls of no action, by which schemathesis would learn what a server can stand, say nothing here.
        patch.object(probes, "send", lambda probe, _context: probes.ProbeRun(probe, probes.ProbeOutcome.SKIP)),
        _quiet(),
    ):
        yield


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep urllib3 from writing addresses as they were sent into the log."""
    log = logging.getLogger("urllib3")
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def _with_key(url: str, keys: Mapping[str, str]) -> str:
    """Return an address with a key in place of what stands for it; any other address as it is."""
    head, found, tail = url.partition(f"/api/{KEY_PLACEHOLDER}")
    if not found:
        return url
    which, slash, rest = tail.partition("/")
    name = KEY_PLACEHOLDER + which
    return f"{head}/api/{keys.get(name, name)}{slash}{rest}"


def _mask(response: requests.Response, keys: Mapping[str, str]) -> None:
    """Take the keys out of a reply that repeats them."""
    for name, key in keys.items():
        if key.encode() in response.content:
            response._content = response.content.replace(key.encode(), name.encode())
        for headers in (response.headers, response.raw.headers):
            for header, value in headers.items():
                if key in value:
                    headers[header] = value.replace(key, name)


def _mask_error(error: BaseException, keys: Mapping[str, str]) -> None:
    """Take the keys out of an error and of those that it wraps."""
    inner = [error.__context__, error.__cause__, getattr(error, "reason", None), *error.args]
    error.__context__ = error.__cause__ = None
    error.args = tuple(_masked(each, keys) if isinstance(each, str) else each for each in error.args)
    if isinstance(error, MaxRetryError):
        error.url = _masked(error.url or "", keys)
    for each in inner:
        if isinstance(each, BaseException):
            _mask_error(each, keys)


def _masked(text: str, keys: Mapping[str, str]) -> str:
    for name, key in keys.items():
        text = text.replace(key, name)
    return text


def body_of(request: requests.PreparedRequest) -> bytes:
    """Return the body of a request as it is sent."""
    body = request.body
    return body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b""
