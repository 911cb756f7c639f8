"""What the tests of reports and safety share: a server that is not on this machine, and a small run to report on."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode, encodebytes, urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from textwrap import wrap
from typing import Any, Final
from urllib.parse import quote, unquote

import httpx2

from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Results
from mavibot_conformance.suite import run
from mavibot_conformance.target.guard import Guard
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_conformance.target.wire import Wire
from mavibot_mock import Server

#: The canary: nothing that is written or printed may hold it.
KEY: Final = "5ec4e7" * 6 + "cafe"
#: Nobody listens there: what reaches the socket is counted, and goes no further.
REMOTE: Final = "https://staging.example"
#: Rules that pass, fail, observe and are not run on the project of `broken_run`.
RULES: Final = "AUTH-4,AUTH-5,AUTH-6,EQ-2,RYW-34,HOOK-1"


class Remote:
    """A wire to a server elsewhere, with the calls that would leave this machine.

    Attributes:
        wire: the connection.
        guard: its guard.
        requests: what came through.
    """

    def __init__(self, *replies: httpx2.Response, calls_per_second: float | None = None, **limits: Any) -> None:
        self.requests: Final[list[httpx2.Request]] = []
        self._replies: Final = list(replies)
        self.guard: Final = Guard(REMOTE, **{"consent": "send", "clients": (1, 2), **limits})
        self.clock: Final = Clock()
        self.wire: Final = Wire(
            REMOTE,
            Profile(keys={"full": KEY}),
            self.guard,
            transport=httpx2.MockTransport(self._answer),
            calls_per_second=calls_per_second,
            clock=self.clock,
        )

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self._replies.pop(0) if self._replies else httpx2.Response(200, text="ok")


class Altering(httpx2.BaseTransport):
    """Passes calls on to a mock in this process, and answers those of some actions in another way.

    Args:
        inner: leads to the mock.
        is_meant: whether an action is answered in another way.
        answer: makes another reply of that of the mock.
    """

    def __init__(
        self,
        inner: httpx2.BaseTransport,
        is_meant: Callable[[str], object],
        answer: Callable[[httpx2.Response], httpx2.Response],
    ) -> None:
        self._inner: Final = inner
        self._is_meant: Final = is_meant
        self._answer: Final = answer

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._inner.handle_request(request)
        response.read()
        is_call = request.url.path.startswith("/api/")
        return self._answer(response) if is_call and self._is_meant(request.url.path.rpartition("/")[2]) else response

    def close(self) -> None:
        self._inner.close()


class Clock:
    """A clock that moves by sleeping alone."""

    def __init__(self) -> None:
        self.now = 100.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


#: Ways to write a text, such as a key.
SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    str.upper,
    lambda text: "".join(f"%{ord(each):02x}" for each in text),
    lambda text: "".join(f"\\u{ord(each):04x}" for each in text),
    lambda text: "".join(f"&#{ord(each)};" for each in text),
    str.swapcase,
    lambda text: text.encode().hex(),
    lambda text: text.encode().hex().upper(),
    lambda text: b64encode(text.encode()).decode(),
    lambda text: urlsafe_b64encode(text.encode()).decode().rstrip("="),
    lambda text: quote(b64encode(f"Basic user:{text}".encode()), safe=""),
    "-".join,
    lambda text: "\u200b".join(wrap(text, 8)),
    lambda text: "\r\n  ".join(wrap(text, 10)),
    lambda text: text.encode().hex(" "),
    lambda text: text.encode().hex(":").upper(),
    lambda text: encodebytes(f"Basic user:{text}".encode()).decode(),
)

#: What could be hexadecimal or Base64, of a length that could hold most of a key.
_ENCODED: Final = re.compile(r"[\w+/-]{16,}")


def spellings_of(key: str, text: str) -> list[str]:
    """Return how a text holds a key: in which spellings, and what of it can be decoded and holds the key then."""
    found = [write(key) for write in SPELLINGS if write(key) in text]
    for part in _ENCODED.findall(unquote(text)):
        found += [part for decoded in _decoded(part) if key.lower() in decoded.decode("latin-1").lower()]
    return found


def _decoded(text: str) -> Iterator[bytes]:
    """Yield what a text decodes to, wherever in it the encoded text begins."""
    for start in range(4):
        part = text[start : len(text) - (len(text) - start) % 4]
        with suppress(ValueError):
            yield bytes.fromhex(part)
        for alphabet in (b"+/", b"-_"):
            with suppress(ValueError):
                yield b64decode(part, alphabet, validate=True)


class Echo(httpx2.BaseTransport):
    """Passes calls on to a mock, and tells the address of each, with its key, in every spelling."""

    def __init__(self) -> None:
        self._inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._inner.handle_request(request)
        response.read()
        data = response.json() if response.content.startswith(b"{") else {"text": response.text}
        told = json.dumps({**data, "you_called": [write(str(request.url)) for write in SPELLINGS]})
        return httpx2.Response(
            response.status_code, content=told, headers={f"X{request.url.path}".replace("/", "-"): "called"}
        )

    def close(self) -> None:
        self._inner.close()


def broken_run(server: Server, **options: Any) -> Results:
    """Run a few rules against a mock on which two permissions are the wrong way round, and no webhook is known."""
    profile = mock_profile(server.url)
    keys = {**profile.keys, "crm:read": profile.keys["crm:write"], "crm:write": profile.keys["crm:read"]}
    profile = replace(profile, keys=keys, webhook=None, stage_ids=profile.stage_ids[::-1])
    return run(Plan(server.url, profile, consent="send", selection=RULES, **options))
