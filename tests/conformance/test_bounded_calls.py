"""A call ends in time as a whole, whichever part of the reply comes piece by piece."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Final

import httpx2
import pytest
import requests
from tests.running import serving

from mavibot_conformance.engine.transport import guarded_sessions
from mavibot_conformance.plan import Plan
from mavibot_conformance.suite import run
from mavibot_conformance.target import network
from mavibot_conformance.target.guard import Guard
from mavibot_conformance.target.profile import Profile

from .test_stand_in import KEY, StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Replies whose pieces come one every few hundredths of a second: whoever reads on gets all of each in the end.
REPLIES: Final[dict[str, list[bytes]]] = {
    "status line": [*(bytes([each]) for each in b"HTTP/1.1 200 OK" + b"!" * 80), b"\r\nContent-Length: 2\r\n\r\n{}"],
    "headers": [b"HTTP/1.1 200 OK\r\n", *[b"X-Header: of many\r\n"] * 90, b"Content-Length: 2\r\n\r\n{}"],
    "one header": [b"HTTP/1.1 200 OK\r\nX: ", *[b"y"] * 90, b"\r\nContent-Length: 2\r\n\r\n{}"],
    "interim replies": [*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 90, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"],
    "body": [b"HTTP/1.1 200 OK\r\nContent-Length: 92\r\n\r\n", *[b" "] * 90, b"{}"],
}
#: Seconds between two pieces, and seconds that a call has: more than the one, far fewer than all.
PAUSE: Final = 0.03
TIMEOUT: Final = 0.3


@contextmanager
def dripping(part: str, action: str = "") -> Iterator[str]:
    """Run a stand-in that answers one action, or every call, piece by piece; yield its URL."""
    stand_in = StandIn()
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.close_connection = True
            if self.path.partition("?")[0].endswith(action):
                for piece in REPLIES[part]:
                    self.wfile.write(piece)
                    over.wait(PAUSE)
                return
            response = stand_in(httpx2.Request(self.command, f"http://stand-in{self.path}", content=body))
            self.send_response(response.status_code)
            self.send_header("Content-Length", str(len(response.content)))
            self.send_header("Content-Type", response.headers["Content-Type"])
            self.end_headers()
            self.wfile.write(response.content)

        do_POST = do_CONNECT = do_GET  # noqa: N815 - as the base class wants it

        def handle(self) -> None:
            with suppress(OSError):  # the client has gone, as it should
                super().handle()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with serving(server):
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            over.set()


def _client(timeout: float = TIMEOUT, *, proxy: str | None = None) -> httpx2.Client:
    return httpx2.Client(transport=network.transport(proxy), timeout=timeout, trust_env=False)


@contextmanager
def _session(url: str) -> Iterator[requests.Session]:
    """Yield a session as schemathesis has them."""
    with guarded_sessions({"API_KEY": KEY}, Guard(url, consent="read")), requests.Session() as session:
        yield session


@pytest.mark.parametrize("part", REPLIES)
def test_a_reply_that_drips_is_no_reply_in_time(part: str) -> None:
    with dripping(part) as url, _client() as client, pytest.raises(httpx2.ReadTimeout):
        client.get(url)


@pytest.mark.parametrize("part", REPLIES)
def test_a_reply_to_schemathesis_that_drips_is_no_reply_in_time(part: str) -> None:
    with dripping(part) as url, _session(url) as session, pytest.raises(requests.RequestException):
        session.get(f"{url}/api/API_KEY/connected_channels", timeout=TIMEOUT)


def test_a_reply_through_a_proxy_that_drips_is_no_reply_in_time() -> None:
    with dripping("headers") as proxy, _client(proxy=proxy) as client:
        for address in ("http://staging.invalid", "https://staging.invalid"):
            with pytest.raises(httpx2.ReadTimeout):
                client.get(address)


def test_a_handshake_that_never_ends_is_no_connection_in_time() -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    with silent, _client() as client, pytest.raises(httpx2.ConnectTimeout):
        client.get(f"https://127.0.0.1:{silent.getsockname()[1]}")


def test_each_call_has_a_connection_of_its_own() -> None:
    connections: set[object] = set()

    class Kept(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            connections.add(self.connection)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Kept)
    url = f"http://127.0.0.1:{server.server_port}"
    with serving(server):
        with _client(network.TIMEOUT) as client:
            for _ in range(3):
                assert client.get(url).status_code == 200
        with _session(url) as session:
            for _ in range(3):
                assert session.get(f"{url}/api/API_KEY/connected_channels", timeout=network.TIMEOUT).status_code == 200
    assert len(connections) == 6


@pytest.mark.heavy
@pytest.mark.parametrize("part", ["headers", "body"])
def test_a_run_goes_on_where_the_replies_of_one_action_drip(part: str) -> None:
    with dripping(part, "get_history") as url:
        profile = Profile(keys={"full": KEY}, clients=(1, 2))
        results = run(Plan(url, profile, consent="send", selection="EQ-1,EQ-7", timeout=1.0))
    [finding] = [each for each in results.findings if each.cause == "get_history breaks: no reply in time"]
    assert finding.blocked
