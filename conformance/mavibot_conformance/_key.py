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

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mavibot_conformance.guard import Guard

#: Stands for the API key in every address that can be seen.
KEY_PLACEHOLDER: Final = "API_KEY"


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
    original = HTTPAdapter.send
    pause = 1 / calls_per_second if calls_per_second else 0.0
    following = 0.0

    def send(self: HTTPAdapter, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        nonlocal following
        url = request.url or ""
        guard.check(url, _bytes(request.body))
        now = time.monotonic()
        time.sleep(max(0.0, following - now))
        following = max(now, following) + pause
        outgoing = request.copy()
        outgoing.url = _with_key(url, keys)
        broken = None
        try:
            response = original(self, outgoing, *args, **kwargs)
            content = response.content
        except requests.RequestException as error:
            # The error names the address as it was sent; it must not even be the context of the one that is shown.
            broken = type(error)(_masked(str(error), keys), request=request)
        if broken is not None:
            raise broken
        guard.learn(url, content)
        _mask(response, keys)
        response.request = request
        response.url = url
        return response

    # Two calls of no action, which schemathesis makes to learn what a server stands, say nothing here.
    with patch.object(HTTPAdapter, "send", send), patch("schemathesis.engine.run.probes.PROBES", ()), _quiet():
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
    head, separator, tail = url.partition("/api/")
    name, slash, rest = tail.partition("/")
    return f"{head}{separator}{keys.get(name, name)}{slash}{rest}"


def _mask(response: requests.Response, keys: Mapping[str, str]) -> None:
    """Take the keys out of a reply that repeats them."""
    for name, key in keys.items():
        if key.encode() in response.content:
            response._content = response.content.replace(key.encode(), name.encode())  # noqa: SLF001
        for header, value in response.headers.items():
            if key in value:
                response.headers[header] = value.replace(key, name)


def _masked(text: str, keys: Mapping[str, str]) -> str:
    for name, key in keys.items():
        text = text.replace(key, name)
    return text


def _bytes(body: object) -> bytes:
    return body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else b""
