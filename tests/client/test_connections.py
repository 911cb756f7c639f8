"""Connections of the client: which are used again, and which must not be."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

import httpx2
import pytest
from tests.client.support import KEY
from tests.misbehaving import Behaviour, MisbehavingServer, answer, drip_head
from tests.running import started

from mavibot import (
    AsyncMavibot,
    ConfigurationError,
    ConnectionFailed,
    Mavibot,
    RejectedRequest,
    TimedOut,
    UntrustedCertificate,
)

_OK: Final = b'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"status":"success"}'
_BUSY: Final = b"HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 2\r\n\r\n{}"

Transport = Literal["aiohttp"] | None
ASYNCHRONOUS = pytest.mark.parametrize("transport", [None, "aiohttp"])


def blocking(url: str, *texts: str, **settings: Any) -> None:
    """Send some messages over one client."""
    with Mavibot(KEY, base_url=url, **settings) as bot:
        for text in texts:
            bot.message(client_id=1, message=text)


def asynchronous(url: str, *texts: str, **settings: Any) -> None:
    """Send some messages over one client."""

    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=url, **settings) as bot:
            for text in texts:
                await bot.message(client_id=1, message=text)

    asyncio.run(main())


def over_aiohttp(url: str, *texts: str, **settings: Any) -> None:
    """Send some messages over one client."""
    asynchronous(url, *texts, transport="aiohttp", **settings)


CLIENTS = pytest.mark.parametrize("send", [blocking, asynchronous, over_aiohttp])


def answer_and(surplus: bytes) -> Behaviour:
    """Answer one request with more bytes than its reply has, and wait for the client to leave."""

    def behave(server: MisbehavingServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(_OK + surplus)
        while connection.recv(65536):
            server.seen += 1

    return behave


@pytest.mark.parametrize(
    ("send", "surplus"),
    [
        *((send, surplus) for send in (blocking, asynchronous) for surplus in (_OK, _BUSY, b"HTTP/1.1 200", b"\r\n")),
        # Half a reply more is not seen by aiohttp; the next call then gets no answer, and says that it is unknown.
        *((over_aiohttp, surplus) for surplus in (_OK, _BUSY)),
    ],
)
def test_bytes_that_belong_to_no_reply_are_not_taken_for_the_next_one(
    send: Callable[..., None], surplus: bytes
) -> None:
    refusal = answer(400, b'{"status": "fail"}')
    with MisbehavingServer(answer_and(surplus), refusal) as server:
        with pytest.raises(RejectedRequest):
            send(server.url, "first", "second")
        assert server.seen == 2


FORKED = """
import os, sys
from mavibot import Mavibot, TimedOut

bot = Mavibot(sys.argv[1], base_url=sys.argv[2], retries=False)
bot.message(client_id=1, message="before")
child = os.fork()
if child == 0:
    # The server still serves the parent's connection: there is an answer on that one alone.
    try:
        bot.with_options(timeout=0.2).message(client_id=1, message="in the child")
    except TimedOut:
        os._exit(0)
    os._exit(1)
print(os.waitpid(child, 0)[1], flush=True)
sys.stdin.readline()
bot.message(client_id=1, message="after")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_process_that_was_forked_opens_connections_of_its_own() -> None:
    def two_on_one(server: MisbehavingServer, connection: socket.socket) -> None:
        for _ in range(2):
            server.read(connection)
            connection.sendall(_OK)

    with MisbehavingServer(two_on_one, answer(200)) as server:
        command = [sys.executable, "-c", FORKED, KEY, server.url]
        with started(command, stdin=subprocess.PIPE) as program:
            assert program.stdin is not None
            assert program.stdout is not None
            assert program.stdout.readline() == "0\n"
            assert server.seen == 1, "the child sent nothing on the connection of its parent"
            program.stdin.write("\n")
            program.stdin.flush()
            assert program.wait(60) == 0


@ASYNCHRONOUS
def test_a_client_works_in_several_event_loops(transport: Transport) -> None:
    with MisbehavingServer(answer(200)) as server:
        bot = AsyncMavibot(KEY, base_url=server.url, transport=transport)
        for number in range(3):
            asyncio.run(_once(bot, number))
        asyncio.run(bot.close())
        assert server.seen == 3


@ASYNCHRONOUS
def test_connections_end_with_their_event_loop(transport: Transport) -> None:
    ended = threading.Event()

    def serve(server: MisbehavingServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(_OK)
        if connection.recv(1) == b"":
            ended.set()

    with MisbehavingServer(serve) as server:
        bot = AsyncMavibot(KEY, base_url=server.url, transport=transport)
        asyncio.run(_once(bot, 1))
        assert ended.wait(60)


async def _once(bot: AsyncMavibot, number: int) -> None:
    await bot.message(client_id=number + 1, message="hello")


@ASYNCHRONOUS
def test_another_kind_of_event_loop_is_refused_by_name(transport: Transport) -> None:
    bot = AsyncMavibot(KEY, base_url="http://127.0.0.1:1", transport=transport)
    coroutine: Coroutine[Any, Any, Any] = bot.message(client_id=1, message="hello")
    with pytest.raises(ConfigurationError, match="asyncio"):
        coroutine.send(None)  # as a library with a loop of its own would


@CLIENTS
def test_a_deadline_holds_while_a_server_drips_its_head(send: Callable[..., None]) -> None:
    with MisbehavingServer(drip_head) as server, pytest.raises(TimedOut) as caught:
        send(server.url, "hello", deadline=0.5, retries=False)
    assert caught.value.sent


@pytest.mark.parametrize("content", [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n"])
def test_certificates_that_cannot_be_read_are_a_matter_of_configuration(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "certificates.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    for send in (blocking, asynchronous, over_aiohttp):
        with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
            send("https://mavibot.test", "hello")
    with pytest.raises(ConnectionFailed):
        blocking("http://127.0.0.1:1", "hello", retries=False)


def test_many_clients_share_the_certificates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # A name that no test has used: what is read once a process must not have been read before.
    file = tmp_path / "certificates.pem"
    file.write_bytes((Path(__file__).parents[1] / "data" / "untrusted-server.pem").read_bytes())
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    read: list[object] = []
    create = httpx2.create_ssl_context

    def counted() -> ssl.SSLContext:
        read.append(context := create())
        return context

    monkeypatch.setattr(httpx2, "create_ssl_context", counted)
    for number in range(20):
        Mavibot(f"{KEY}{number}", base_url="https://mavibot.test").close()
        asyncio.run(AsyncMavibot(f"{KEY}{number}", base_url="https://mavibot.test").close())
        asyncio.run(AsyncMavibot(f"{KEY}{number}", base_url="https://mavibot.test", transport="aiohttp").close())
    assert len(read) == 1
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    with pytest.raises(ConfigurationError, match="SSL_CERT_FILE"):
        Mavibot(KEY, base_url="https://mavibot.test")


def over_httpx2(url: str, *texts: str, **settings: Any) -> None:
    """Send some messages over one client."""
    blocking(url, *texts, transport=httpx2.HTTPTransport(), **settings)


@pytest.mark.parametrize("send", [blocking, asynchronous, over_aiohttp, over_httpx2])
def test_an_untrusted_certificate_is_met_once_and_nothing_is_sent(send: Callable[..., None]) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(__file__).parents[1] / "data" / "untrusted-server.pem")

    def greet(_: MisbehavingServer, connection: socket.socket) -> None:
        with suppress(OSError), tls.wrap_socket(connection, server_side=True) as secure:
            secure.recv(1)

    with (
        MisbehavingServer(greet) as server,
        pytest.raises(UntrustedCertificate, match=r"certificate is not trusted: .*; nothing was sent") as caught,
    ):
        send(server.url.replace("http:", "https:"), "hello")
    assert not caught.value.sent
    assert caught.value.attempts == 1
    assert server.connections == 1
