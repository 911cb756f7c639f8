"""A program whose calls somebody observes: run as `python -m tests.client.observed OBSERVER`, it prints what was seen.

Each call goes to a server of this process and ends in its own way. What an observer records, and what tools that show
the local variables of a traceback make of each error, goes to standard output.
"""

from __future__ import annotations

import asyncio
import importlib
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import aiohttp
import httpx2
import sentry_sdk
from opentelemetry import trace
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.httpx import HTTPX2ClientInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from rich.traceback import Traceback
from sentry_sdk.transport import Transport

from mavibot import AsyncMavibot, Mavibot

KEY: Final = "5ec4e7" * 6 + "cafe"
#: A path that every observer is first shown to see.
PLAIN: Final = "plain-call"


class _Handler(BaseHTTPRequestHandler):
    """Answers by what the message says."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if b"hang" in said:
            self.server.ends.wait()  # type: ignore[attr-defined]
            return
        if b"interrupt" in said:
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            self.server.ends.wait()  # type: ignore[attr-defined]
            return
        body = b'{"status": "fail", "message": "no"}' if b"refuse" in said else b'{"status": "success"}'
        self.send_response(400 if b"refuse" in said else 200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 - the name that the server looks for

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def _server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.ends = threading.Event()  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.ends.set()  # type: ignore[attr-defined]
            server.shutdown()
            thread.join()


def _broken(request: httpx2.Request) -> httpx2.Response:
    url = request.url
    raise RuntimeError(f"a transport's own error, at {url.host}")


def _timeout(text: str) -> float:
    """Return a timeout that ends only where no answer comes."""
    return 0.2 if text == "hang" else 60


def _blocking(url: str, text: str, transport: Callable[[], Any] = lambda: None) -> None:
    with Mavibot(KEY, base_url=url, retries=False, timeout=_timeout(text), transport=transport()) as bot:
        bot.message(client_id=1, message=text)


def _asynchronous(url: str, text: str, transport: Callable[[], Any] = lambda: None) -> None:
    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=url, retries=False, timeout=_timeout(text), transport=transport()) as bot:
            await bot.message(client_id=1, message=text)

    asyncio.run(main())


def _cancelled(url: str, transport: Callable[[], Any] = lambda: None) -> None:
    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=url, retries=False, transport=transport()) as bot:
            async with asyncio.timeout(0.2):
                await bot.message(client_id=1, message="hang")

    asyncio.run(main())


def calls(url: str) -> Iterator[Callable[[], None]]:
    """Yield calls that end in every way, over every transport."""
    for text in ("hello", "refuse", "hang"):
        yield partial(_blocking, url, text)
        yield partial(_blocking, url, text, httpx2.HTTPTransport)
        yield partial(_asynchronous, url, text)
        yield partial(_asynchronous, url, text, httpx2.AsyncHTTPTransport)
        yield partial(_asynchronous, url, text, lambda: "aiohttp")
    yield partial(_cancelled, url)
    yield partial(_cancelled, url, httpx2.AsyncHTTPTransport)
    yield partial(_cancelled, url, lambda: "aiohttp")
    yield partial(_blocking, url, "interrupt")
    yield partial(_asynchronous, url, "interrupt")
    yield partial(_asynchronous, url, "interrupt", lambda: "aiohttp")
    yield partial(_blocking, url, "hello", lambda: httpx2.MockTransport(_broken))
    yield partial(_asynchronous, url, "hello", lambda: httpx2.MockTransport(_broken))
    for refuses in ("http://127.0.0.1:1",):
        yield partial(_blocking, refuses, "hello")
        yield partial(_asynchronous, refuses, "hello")
        yield partial(_asynchronous, refuses, "hello", lambda: "aiohttp")


def frames_of(error: BaseException) -> str:
    """Return what tools that show local variables make of an error."""
    parts = ["".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())]
    parts.append(repr(Traceback.extract(type(error), error, error.__traceback__, show_locals=True)))
    if sys.version_info < (3, 13):
        cgitb = importlib.import_module("cgitb")
        with suppress(AttributeError):  # it asks some errors of sockets for what they do not have
            parts.append(cgitb.text((type(error), error, error.__traceback__)))
    return "\n".join(parts)


def _opentelemetry(url: str) -> Callable[[], str]:

    spans = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    trace.set_tracer_provider(provider)
    HTTPX2ClientInstrumentor().instrument()
    AioHttpClientInstrumentor().instrument()
    return lambda: "\n".join(span.to_json() for span in spans.get_finished_spans())


def _sentry(url: str) -> Callable[[], str]:

    seen: list[str] = []

    class Local(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            seen.append(envelope.serialize().decode())

    sentry_sdk.init(dsn="http://public@127.0.0.1:1/1", transport=Local, traces_sample_rate=1.0)

    def shown() -> str:
        sentry_sdk.capture_message("what led here")
        sentry_sdk.flush()
        return "\n".join(seen)

    return shown


def _nobody(url: str) -> Callable[[], str]:
    return lambda: PLAIN


OBSERVERS: Final = {"opentelemetry": _opentelemetry, "sentry": _sentry, "frames": _nobody}


def main(observer: str) -> None:
    """Make all calls under an observer and print what it saw."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have started this with Ctrl-C ignored
    with _server() as url:
        shown = OBSERVERS[observer](url)
        with httpx2.Client() as client:
            client.get(f"{url}/{PLAIN}-httpx2")

        async def plain() -> None:
            async with aiohttp.ClientSession() as session, session.get(f"{url}/{PLAIN}-aiohttp"):
                pass

        asyncio.run(plain())
        for call in calls(url):
            try:
                call()
            except BaseException as error:
                if observer == "frames":
                    sys.stdout.write(frames_of(error))
                if observer == "sentry":
                    sentry_sdk.capture_exception(error)
        sys.stdout.write(shown())


if __name__ == "__main__":
    main(sys.argv[1])
