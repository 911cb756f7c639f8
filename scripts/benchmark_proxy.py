"""Measures what a call costs the proxy, as a ratio to a bare reverse proxy of the same libraries within one run."""

from __future__ import annotations

import argparse
import multiprocessing
import socket
import statistics
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import httpcore2
import uvicorn

import figures
from load import GENERATOR, post
from mavibot_proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence

    from starlette.types import Receive, Scope, Send

_BODY: Final = '{"client_id": 25554, "message": "Your order is on its way"}'
_CONNECTIONS: Final = 16
_TARGET: Final = 1.3
_PATH: Final = "/api/5ec4e75ec4e75ec4e75ec4e75ec4e75e/message"


@dataclass
class _Subject:
    """A server in a process of its own.

    Attributes:
        name: what is shown.
        url: where it answers.
        pipe: asked for anything, it tells the CPU seconds of the process.
        costs: CPU microseconds a call, one a turn.
        rates: calls a second, one a turn.
    """

    name: str
    url: str
    pipe: Any
    costs: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)

    def take_turn(self, seconds: float) -> None:
        before = self._cpu()
        load = post(f"{self.url}{_PATH}", _BODY, connections=_CONNECTIONS, seconds=seconds)
        if load.failed:
            raise SystemExit(f"{self.name}: {load.failed} of {load.calls} calls failed")
        self.costs.append((self._cpu() - before) / load.calls * 1e6)
        self.rates.append(load.rate)

    def _cpu(self) -> float:
        self.pipe.send(True)
        return float(self.pipe.recv())


@contextmanager
def _subject(name: str, serve: Callable[..., None], *arguments: str) -> Iterator[_Subject]:
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=serve, args=(theirs, *arguments), daemon=True)
    process.start()
    try:
        yield _Subject(name, ours.recv(), ours)
    finally:
        process.terminate()
        process.join()


def _tell(pipe: Any, url: str) -> None:
    """Tell where a server of this process answers, and then its CPU seconds whenever asked."""
    pipe.send(url)
    while pipe.recv():
        pipe.send(time.process_time())


def _serve_proxy(pipe: Any, upstream: str, record: str) -> None:
    with Proxy(upstream, record=Path(record) if record else None) as proxy:
        _tell(pipe, proxy.url)


def _serve_app(pipe: Any, app: Any) -> None:
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    # As the proxy runs it.
    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="error",
        http="httptools",
        lifespan="off",
        ws="none",
        proxy_headers=False,
        server_header=False,
    )
    threading.Thread(target=uvicorn.Server(config).run, kwargs={"sockets": [listening]}, daemon=True).start()
    _tell(pipe, f"http://127.0.0.1:{listening.getsockname()[1]}")


def _serve_upstream(pipe: Any) -> None:
    async def app(_scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"ok"})

    _serve_app(pipe, app)


def _serve_bare(pipe: Any, upstream: str) -> None:
    """Serve a reverse proxy that does nothing but pass on: uvicorn with httptools, and httpcore2."""
    pool = httpcore2.AsyncConnectionPool(max_connections=100)

    async def body(receive: Receive) -> AsyncIterator[bytes]:
        more = True
        while more:
            event = await receive()
            more = event.get("more_body", False)
            yield event.get("body", b"")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async with pool.stream(
            scope["method"],
            upstream.encode() + scope["raw_path"],
            headers=[(name, value) for name, value in scope["headers"] if name != b"connection"],
            content=body(receive),
        ) as response:
            await send({"type": "http.response.start", "status": response.status, "headers": response.headers})
            async for piece in response.aiter_stream():
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})

    _serve_app(pipe, app)


def main(given: Sequence[str] | None = None) -> None:
    """Measure, and print the ratios."""
    parser = argparse.ArgumentParser(prog="scripts/bench proxy", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="turns of each proxy under load")
    parser.add_argument("--seconds", type=int, default=3, help="length of a turn in seconds")
    options = parser.parse_args(given)
    print(f"`message` POST, {_CONNECTIONS} connections, one process a server, load from {GENERATOR}")
    with ExitStack() as stack:
        upstream = stack.enter_context(_subject("upstream", _serve_upstream))
        record = f"{stack.enter_context(tempfile.TemporaryDirectory())}/calls.ndjson"
        bare = stack.enter_context(_subject("a bare reverse proxy", _serve_bare, upstream.url))
        ours = stack.enter_context(_subject("the proxy", _serve_proxy, upstream.url, ""))
        recording = stack.enter_context(_subject("the proxy with a record", _serve_proxy, upstream.url, record))
        subjects = [bare, ours, recording]
        for subject in subjects:
            subject.take_turn(1)  # the first calls make everything ready
            subject.costs.clear()
            subject.rates.clear()
        for _ in range(options.rounds):
            for subject in subjects:  # in turns, because the machine is not equally fast all the time
                subject.take_turn(options.seconds)
        print(f"  {'':<28}{'calls/s':>10}{'CPU us/call':>14}")
        for subject in subjects:
            rate, cost = statistics.median(subject.rates), statistics.median(subject.costs)
            figures.note("proxy: CPU of a call", subject.name, subject.costs, "microseconds")
            print(f"  {subject.name:<28}{rate:>10,.0f}{cost:>14.0f}")
        for subject in (ours, recording):
            ratios = [mine / its for mine, its in zip(subject.costs, bare.costs, strict=True)]
            figures.note("proxy: ratios", f"CPU of {subject.name} / {bare.name}", ratios)
            ratio = statistics.median(ratios)
            verdict = "met" if ratio <= _TARGET else "MISSED"
            print(f"CPU of {subject.name} / {bare.name}: {ratio:.2f}, target <= {_TARGET}: {verdict}")


if __name__ == "__main__":
    main()
