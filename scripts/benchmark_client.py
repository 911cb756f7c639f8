"""Measures the client's speed as ratios within one run, against a bare echo server in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from tempfile import TemporaryDirectory
from typing import Any, Final

import aiohttp
import httpx2
import requests

import figures
import mavibot_contract
from mavibot import AsyncMavibot, Mavibot
from mavibot._aiohttp import AiohttpSender
from mavibot._secrets import Key
from mavibot._wire import USER_AGENT, Request

# As long as a real one: what hides it is part of a call.
_KEY: Final = "5ec4e7" * 6 + "cafe"
_MESSAGE: Final[dict[str, Any]] = {"client_id": 25554, "message": "Your order is on its way"}
_PAGE: Final = 500
_TURNS_A_ROUND: Final = 4
_CALLERS: Final = (1, 8, 100)
_RATES: Final = "client: many calls at once"


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
    started = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - started) / times


def _cpu_a_call(url: str, rounds: int, calls: int) -> None:
    address = f"{url}/api/{_KEY}/message"
    ratios, own = [], []
    with httpx2.Client() as bare, Mavibot(_KEY, base_url=url) as bot:
        # Short turns, because the machine is not equally fast all the time.
        for _ in range(_TURNS_A_ROUND * rounds):
            base = _cpu(lambda: bare.post(address, json=_MESSAGE).json(), calls)
            own.append(_cpu(lambda: bot.message(**_MESSAGE), calls))
            ratios.append(own[-1] / base)
    _say("CPU a call / httpx2.Client.post + json()", ratios, f"ours {statistics.median(own) * 1e6:.0f} us")


def _first_call(url: str, rounds: int) -> None:
    by_hand = f"import httpx2; httpx2.Client().post('{url}/api/k/message', json={_MESSAGE!r}).json()"
    ours = f"from mavibot import Mavibot; Mavibot('k', base_url='{url}').message(**{_MESSAGE!r})"
    # httpx2 imports click, and with it rich, where they are installed; the client alone does not install them.
    lean = "import sys; sys.modules['click'] = None; "
    with TemporaryDirectory() as folder:
        _first_calls(
            "import and first call / import httpx2 and the same call", lean + by_hand, lean + ours, folder, rounds
        )
        _first_calls("  the same where the extra [cli] is installed", by_hand, ours, folder, rounds)


def _first_calls(name: str, by_hand: str, ours: str, folder: str, rounds: int) -> None:
    _fresh(by_hand, folder)
    _fresh(ours, folder)
    ratios, seconds = [], []
    for _ in range(rounds):
        base = _fresh(by_hand, folder)
        seconds.append(_fresh(ours, folder))
        ratios.append(seconds[-1] / base)
    _say(name, ratios, f"ours {statistics.median(seconds) * 1000:.0f} ms")


def _fresh(script: str, folder: str) -> float:
    """Return the seconds that a script takes in an interpreter of its own, which keeps compiled modules in a folder."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", script], check=True, env=environment | {"PYTHONPYCACHEPREFIX": folder})
    return time.perf_counter() - started


@dataclass
class _Row:
    """One way to make calls, and what was measured.

    Attributes:
        name: what is shown.
        call: makes one call.
        rates: calls a second, by callers at once.
        cpu: calls a CPU second of this process, likewise; others on the machine disturb it less.
    """

    name: str
    call: Callable[[], Awaitable[object]]
    rates: dict[int, list[float]] = field(default_factory=lambda: {callers: [] for callers in _CALLERS})
    cpu: dict[int, list[float]] = field(default_factory=lambda: {callers: [] for callers in _CALLERS})

    async def measure(self, calls: int) -> None:
        for callers in _CALLERS:
            started = time.process_time()
            self.rates[callers].append(await _rate(self.call, callers, calls))
            self.cpu[callers].append(calls / (time.process_time() - started))

    def rate(self, callers: int) -> float:
        return statistics.median(self.rates[callers])

    def best(self) -> list[float]:
        """Return the rates with as many callers as suit it best."""
        return max(self.rates.values(), key=statistics.median)

    def best_cpu(self) -> list[float]:
        """Return the calls a CPU second with as many callers as suit it best."""
        return max(self.cpu.values(), key=statistics.median)

    def show(self) -> None:
        print(f"  {self.name:<58}", *(f"{self.rate(callers):>8.0f}" for callers in _CALLERS))


async def _rate(call: Callable[[], Awaitable[object]], concurrency: int, calls: int) -> float:
    """Return calls a second with so many callers at once."""
    left = iter(range(calls))

    async def caller() -> None:
        for _ in left:
            await call()

    started = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(concurrency)))
    return calls / (time.perf_counter() - started)


async def _bulk(url: str, rounds: int, calls: int) -> None:
    address = f"{url}/api/{_KEY}/message"
    snippets = []
    async with (
        httpx2.AsyncClient(timeout=60) as bare,
        aiohttp.ClientSession() as session,
        AsyncMavibot(_KEY, base_url=url) as bot,
        AsyncMavibot(_KEY, base_url=url, transport="aiohttp") as fast_bot,
    ):

        async def post() -> object:
            async with session.post(address, json=_MESSAGE) as response:
                return await response.json()

        sender = AiohttpSender(url, Key(_KEY), USER_AGENT)
        ready = Request(mavibot_contract.load().operation("message"), {}, _MESSAGE)
        by_httpx = _Row("bare httpx2.AsyncClient", lambda: bare.post(address, json=_MESSAGE))
        own = _Row("AsyncMavibot", lambda: bot.message(**_MESSAGE))
        fast = _Row('AsyncMavibot(transport="aiohttp")', lambda: fast_bot.message(**_MESSAGE))
        sending = _Row("  its sending alone", lambda: sender.send(ready, 60))
        by_aiohttp = _Row("bare aiohttp", post)
        for _ in range(rounds):
            for row in (by_httpx, own):
                await row.measure(2 * calls)
            for row in (fast, sending, by_aiohttp):
                await row.measure(8 * calls)
            snippets.append(_vendors_snippet(address, calls))
        await sender.close()

    print(f"{'calls a second, by callers at once':<60}", *(f"{callers:>8}" for callers in _CALLERS))
    for row in (by_httpx, own, fast, sending, by_aiohttp):
        row.show()
    for row in (by_aiohttp, fast, own, by_httpx):
        figures.note(_RATES, row.name, row.best(), "calls a second")
    figures.note(_RATES, "requests, as the vendor shows it", snippets, "calls a second")
    print(f"  {'requests.post a call, as the vendor shows it':<58} {statistics.median(snippets):>8.0f}")
    most = _CALLERS[-1]
    _say(f"AsyncMavibot at {most} / bare httpx2 at its best", _ratios(own.rates[most], by_httpx.best()))
    _say("  the same in calls a CPU second", _ratios(own.cpu[most], by_httpx.best_cpu()))
    _say("with aiohttp / AsyncMavibot, each at its best", _ratios(fast.best(), own.best()))
    _say("with aiohttp / bare aiohttp", _ratios(fast.best(), by_aiohttp.best()))
    _say("with aiohttp / the vendor's snippet", _ratios(fast.best(), snippets))
    _say("bare aiohttp / the vendor's snippet, the most to be had", _ratios(by_aiohttp.best(), snippets))
    print(f"CPU a call with {most} callers, by its parts, in us")
    parts = [1e6 / statistics.median(row.cpu[most]) for row in (by_aiohttp, sending, fast)]
    print(f"  aiohttp {parts[0]:>58.0f}")
    print(f"  our sending: address, limits of time and number, raw reply {parts[1] - parts[0]:>7.0f}")
    print(f"  the rest of us: check, attempts, log, reply {parts[2] - parts[1]:>22.0f}")


def _vendors_snippet(address: str, calls: int) -> float:
    """Return calls a second one after the other, a new connection each, as the document's samples make them."""
    started = time.perf_counter()
    for _ in range(calls):
        requests.post(address, json=_MESSAGE, timeout=60)
    return calls / (time.perf_counter() - started)


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


def _ratios(ours: list[float], theirs: list[float]) -> list[float]:
    """Return the ratios of what was measured one after the other."""
    return [own / base for own, base in zip(ours, theirs, strict=True)]


def _say(name: str, ratios: list[float], note: str = "") -> None:
    figures.note("client: ratios", name, ratios)
    low, middle, high = statistics.quantiles(ratios, n=4)
    print(f"{name:<60} {middle:>8.2f}  (half of all between {low:.2f} and {high:.2f}{note and '; '}{note})")


def main(given: Sequence[str] | None = None) -> None:
    """Measure the client and print a line for each figure."""
    parser = argparse.ArgumentParser(prog="scripts/bench client", description=__doc__)
    parser.add_argument("--rounds", type=int, default=15, help="times that each figure is taken, at least 2")
    parser.add_argument(
        "--calls", type=int, default=100, help="calls in a turn; where they are cheap, up to 8 times as many"
    )
    parser.add_argument("--clients", type=int, default=1_000_000, help="clients to page through")
    options = parser.parse_args(given)
    if options.rounds < 2:
        parser.error("--rounds must be at least 2: the figures are quartiles")
    with _echo_server() as url:
        _cpu_a_call(url, options.rounds, options.calls)
        _first_call(url, options.rounds)
        asyncio.run(_bulk(url, options.rounds, options.calls))
        _paging(url, options.clients)


if __name__ == "__main__":
    main()
