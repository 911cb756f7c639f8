"""Measures the client's speed as ratios within one run, against a bare echo server in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import httpx
import requests

from mavibot import AsyncMavibot, Mavibot

_KEY = "bench"
_MESSAGE: dict[str, Any] = {"client_id": 25554, "message": "Your order is on its way"}
_PAGE = 500
_ROUNDS = 5


class _Echo(asyncio.Protocol):
    """Answers every request at once: a page of clients where one is asked for, else a success."""

    def __init__(self) -> None:
        self._buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            start = head.find(b"content-length:")
            length = int(head[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            self._transport.write(_page(head) if b"get_clients" in head else _OK)


def _response(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


_OK = _response(b'{"status":"success"}')


def _page(head: bytes) -> bytes:
    start = head.find(b"offset=")
    offset = int(head[start + 7 :].split(b"&")[0].split(b" ")[0]) if start >= 0 else 0
    rows = ",".join(f'{{"id":{offset + n + 1},"platform_id":"{offset + n}","client_type":1}}' for n in range(_PAGE))
    return _response(f'{{"status":"success","clients":[{rows}]}}'.encode())


def _serve(ready: Any) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Echo, "127.0.0.1", 0)
        ready.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


@contextmanager
def _echo_server() -> Iterator[str]:
    ready: Any = multiprocessing.Queue()
    process = multiprocessing.Process(target=_serve, args=(ready,), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{ready.get()}"
    finally:
        process.terminate()


def _cpu(call: Callable[[], object], times: int) -> float:
    """Return the CPU seconds of this process for one call."""
    for _ in range(times // 10):
        call()
    started = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - started) / times


def _cpu_a_call(url: str) -> None:
    address = f"{url}/api/{_KEY}/message"
    ratios, own = [], []
    with httpx.Client() as bare, Mavibot(_KEY, base_url=url) as bot:
        for _ in range(_ROUNDS):
            base = _cpu(lambda: bare.post(address, json=_MESSAGE).json(), 1000)
            own.append(_cpu(lambda: bot.message(**_MESSAGE), 1000))
            ratios.append(own[-1] / base)
    _say("CPU a call / httpx.Client.post + json()", ratios, f"ours {min(own) * 1e6:.0f} us")


def _first_call(url: str) -> None:
    by_hand = f"import httpx; httpx.Client().post('{url}/api/k/message', json={_MESSAGE!r}).json()"
    ours = f"from mavibot import Mavibot; Mavibot('k', base_url='{url}').message(**{_MESSAGE!r})"
    ratios, seconds = [], []
    for _ in range(2 * _ROUNDS):
        base = _wall(lambda: subprocess.run([sys.executable, "-c", by_hand], check=True))
        seconds.append(_wall(lambda: subprocess.run([sys.executable, "-c", ours], check=True)))
        ratios.append(seconds[-1] / base)
    _say("import and first call / import httpx and the same call", ratios, f"ours {min(seconds) * 1000:.0f} ms")


def _wall(action: Callable[[], object]) -> float:
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


async def _rate(call: Callable[[], Awaitable[object]], concurrency: int, calls: int) -> float:
    """Return calls a second with so many callers at once."""
    left = iter(range(calls))

    async def caller() -> None:
        for _ in left:
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(concurrency)))
    return calls / (time.perf_counter() - started)


async def _bulk(url: str) -> None:
    address = f"{url}/api/{_KEY}/message"
    print(f"{'calls a second, by callers at once':<60} {'8':>8} {'100':>8}")

    async def row(name: str, call: Callable[[], Awaitable[object]]) -> list[float]:
        rates = [await _rate(call, concurrency, 2000) for concurrency in (8, 100)]
        print(f"  {name:<58} {rates[0]:>8.0f} {rates[1]:>8.0f}")
        return rates

    async with httpx.AsyncClient(timeout=60) as bare:
        httpx_rates = await row("bare httpx.AsyncClient", lambda: bare.post(address, json=_MESSAGE))
    async with AsyncMavibot(_KEY, base_url=url) as bot:
        own = await row("AsyncMavibot", lambda: bot.message(**_MESSAGE))
    async with AsyncMavibot(_KEY, base_url=url, transport="aiohttp") as bot:
        fast = await row('AsyncMavibot(transport="aiohttp")', lambda: bot.message(**_MESSAGE))
    async with aiohttp.ClientSession() as session:

        async def post() -> object:
            async with session.post(address, json=_MESSAGE) as response:
                return await response.json()

        bare_rates = await row("bare aiohttp", post)
    snippet = await asyncio.to_thread(_vendors_snippet, address)
    print(f"  {'requests.post a call, as the vendor shows it (one at a time)':<58} {snippet:>8.0f}")
    best = max(own)
    print(f"  AsyncMavibot at 100 / bare httpx at its best: {own[1] / max(httpx_rates):.2f}")
    print(f"  with aiohttp / AsyncMavibot at its best: {max(fast) / best:.2f}")
    print(f"  with aiohttp / bare aiohttp: {max(fast) / max(bare_rates):.2f}")
    print(f"  with aiohttp / the vendor's snippet: {max(fast) / snippet:.1f}")


def _vendors_snippet(address: str) -> float:
    """Return calls a second by a new connection a call, as the document's samples make them."""
    started = time.perf_counter()
    for _ in range(300):
        requests.post(address, json=_MESSAGE, timeout=60)
    return 300 / (time.perf_counter() - started)


def _paging(url: str, clients: int) -> None:
    with Mavibot(_KEY, base_url=url) as bot:
        pages = bot.iter_clients()
        for _ in range(10 * _PAGE):
            next(pages)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        started = time.perf_counter()
        for _ in range(clients):
            next(pages)
        seconds = time.perf_counter() - started
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    name = f"paging {clients:,} clients"
    print(f"{name:<60} {clients / seconds:>8.0f}/s, memory grew by {after - before} KiB")


def _say(name: str, ratios: list[float], note: str) -> None:
    print(f"{name:<60} {statistics.median(ratios):>8.2f}  (best {min(ratios):.2f}; {note})")


def main() -> None:
    """Run the benchmark that the command line names."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("what", choices=["client"], help="what to measure")
    parser.add_argument("--clients", type=int, default=1_000_000, help="how many clients to page through")
    arguments = parser.parse_args()
    with _echo_server() as url:
        _cpu_a_call(url)
        _first_call(url)
        asyncio.run(_bulk(url))
        _paging(url, arguments.clients)


if __name__ == "__main__":
    main()
