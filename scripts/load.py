"""Calls one address again and again, as fast as it answers: by wrk where it is installed, else by its own process."""

from __future__ import annotations

import asyncio
import multiprocessing
import shutil
import statistics
import subprocess
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

_WRK: Final = shutil.which("wrk")

#: What makes the load.
GENERATOR: Final = "wrk" if _WRK else "a generator of our own"

#: A Lua text in double brackets may hold anything that does not end them.
_SCRIPT: Final = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [[%s]]
done = function(summary, latency)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format("figures %%d %%d %%d %%d %%d\\n", summary.requests, summary.duration,
        latency:percentile(50), latency:percentile(99), failed))
end
"""


@dataclass(frozen=True, slots=True)
class Load:
    """What a load met.

    Attributes:
        calls: how many were answered.
        rate: calls a second.
        p50: milliseconds within which half of them were answered.
        p99: likewise 99 of 100.
        failed: how many got no answer, or one that is no success.
    """

    calls: int
    rate: float
    p50: float
    p99: float
    failed: int


def post(url: str, body: str, *, connections: int, seconds: float) -> Load:
    """Post a JSON text to an address.

    Args:
        url: the address.
        body: the text.
        connections: how many calls are on their way at any moment.
        seconds: how long; wrk takes whole seconds.
    """
    if _WRK is not None:
        return _by_wrk(_WRK, url, body, connections, seconds)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_by_us, url, body, connections, seconds).result()


def _by_wrk(program: str, url: str, body: str, connections: int, seconds: float) -> Load:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_SCRIPT % body)
        script.flush()
        options = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", script.name]
        output = subprocess.run([program, *options, url], check=True, capture_output=True, text=True).stdout
    figures = next(line for line in output.splitlines() if line.startswith("figures "))
    calls, microseconds, p50, p99, failed = map(int, figures.split()[1:])
    return Load(calls, calls / microseconds * 1e6, p50 / 1000, p99 / 1000, failed)


def _by_us(url: str, body: str, connections: int, seconds: float) -> Load:
    address = urlsplit(url)
    head = (
        f"POST {address.path} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body.encode())}\r\n\r\n"
    )
    request = (head + body).encode()

    async def run() -> Load:
        loop = asyncio.get_running_loop()
        began = time.perf_counter()
        callers = []
        for _ in range(connections):
            _, caller = await loop.create_connection(
                lambda: _Caller(request, began + seconds), address.hostname or "", address.port or 80
            )
            callers.append(caller)
        await asyncio.gather(*(caller.ended for caller in callers))
        took = time.perf_counter() - began
        times = sorted(each * 1000 for caller in callers for each in caller.times)
        hundredths = statistics.quantiles(times, n=100)
        failed = sum(caller.failed for caller in callers)
        return Load(len(times), len(times) / took, hundredths[49], hundredths[98], failed)

    return asyncio.run(run())


class _Caller(asyncio.Protocol):
    """Sends the same request over one connection until its time is over."""

    def __init__(self, request: bytes, end: float) -> None:
        self._request: Final = request
        self._end: Final = end
        self._reply = b""
        self.ended: Final = asyncio.get_running_loop().create_future()
        self.times: Final[list[float]] = []
        self.failed = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: Any = transport
        self._send()

    def _send(self) -> None:
        self._began = time.perf_counter()
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._reply += data
        head, blank, body = self._reply.partition(b"\r\n\r\n")
        if not blank or len(body) < int(head.lower().partition(b"content-length:")[2].split(b"\r\n")[0]):
            return
        now = time.perf_counter()
        self.times.append(now - self._began)
        self.failed += not head.startswith(b"HTTP/1.1 200")
        self._reply = b""
        if now < self._end:
            self._send()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.failed += exc is not None
        self.ended.set_result(None)
