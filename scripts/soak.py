"""Holds a mock under malformed requests, and kills one under load to see whether what it acknowledged is kept."""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass
from itertools import count, islice
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from malformed import Malformed, requests

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

#: From this status on a request must have no effect.
REFUSED: Final = 400

_BATCH: Final = 200
_CONNECTIONS: Final = 8
#: Longest wait for a reply, seconds.
_PATIENCE: Final = 60.0
_CLIENT: Final = 25554
_PROJECT: Final = "/_mock/v1/projects/1"
#: How long a mock is under load before it is killed, seconds.
_SHORTEST_LIFE: Final = 0.3
_LONGEST_LIFE: Final = 1.5


class ProblemError(Exception):
    """The mock did what it must not."""


@dataclass(frozen=True, slots=True)
class _Mock:
    """A running mock.

    Attributes:
        process: its process.
        host: where it listens.
        port: likewise.
        key: its API key.
    """

    process: subprocess.Popen[str]
    host: str
    port: int
    key: str


class _Connection:
    """One connection, made anew when the mock has closed it."""

    def __init__(self, mock: _Mock) -> None:
        self._mock: Final = mock
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> _Connection:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._close()

    async def send(
        self,
        method: str,
        target: bytes,
        body: bytes = b"",
        headers: Sequence[tuple[str, str]] = (("content-type", "application/json"),),
    ) -> tuple[int, bytes]:
        """Send a request and return status and body of the reply.

        Raises:
            OSError: the connection ended before the reply; so it is for the other two.
            EOFError: likewise.
            TimeoutError: there was none in time.
        """
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._mock.host, self._mock.port)
        reader, writer = self._streams
        names = {name for name, _ in headers}
        lines = [method.encode() + b" " + target + b" HTTP/1.1"]
        lines += [f"host: {self._mock.host}".encode()] if "host" not in names else []
        lines += [f"{name}: {value}".encode("latin-1") for name, value in headers]
        lines += [b"content-length: %d" % len(body)]
        writer.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._reply(reader, method)
        except BaseException:
            await self._close()
            raise

    async def _reply(self, reader: asyncio.StreamReader, method: str) -> tuple[int, bytes]:
        while True:
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            status = int(first.split()[1])
            if status != 100:
                break
        headers = dict(line.split(b": ", 1) for line in lines if line)
        length = 0 if method == "HEAD" else int(headers.get(b"content-length", 0))
        body = await reader.readexactly(length)
        if headers.get(b"connection") == b"close":
            await self._close()
        return status, body

    async def _close(self) -> None:
        if self._streams is not None:
            _, writer = self._streams
            self._streams = None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()


def _malformed(total: int, seed: int) -> None:
    """Send malformed requests; none may crash the server, and a refused one must not change anything."""
    with tempfile.TemporaryFile("w+") as errors, _running(stderr=errors) as mock:
        began = time.monotonic()
        statuses = asyncio.run(_send_all(mock, total, seed))
        seconds = time.monotonic() - began
        if mock.process.poll() is not None:
            raise ProblemError("the mock has ended")
        errors.seek(0)
        said = errors.read()
        if said:
            raise ProblemError(f"the mock complains: {said[-2000:]}")
    figures = ", ".join(f"{times:,} x {status}" for status, times in sorted(statuses.items()))
    print(f"malformed requests: {total:,} in {seconds:.0f} s, seed {seed}: {figures}")
    print("  no 5xx, every one was answered, no refused one changed anything, the mock answers still and said nothing")


async def _send_all(mock: _Mock, total: int, seed: int) -> Counter[int]:
    statuses: Counter[int] = Counter()
    left = requests(mock.key, total, seed=seed)
    async with AsyncExitStack() as stack:
        connections = [await stack.enter_async_context(_Connection(mock)) for _ in range(_CONNECTIONS)]
        control = connections[0]
        before = await _state(control)
        while batch := list(islice(left, _BATCH)):
            answered = await _send(connections, batch)
            statuses.update(answered)
            for request, status in zip(batch, answered, strict=True):
                if status >= 500:
                    raise ProblemError(f"{status} to {_shown(request)}")
            if await _state(control) != before:
                await _check_refused(connections, _refused(batch, answered), before)
                await _reset(control)
    return statuses


async def _check_refused(connections: list[_Connection], refused: list[Malformed], before: bytes) -> None:
    """Send requests once more that were refused among others that had an effect: alone they must have none.

    Raises:
        ProblemError: one of them has.
    """
    control = connections[0]
    await _reset(control)
    while (again := _refused(refused, await _send(connections, refused))) != refused:
        refused = again  # without the effects of others some are refused no longer
        await _reset(control)
    if await _state(control) == before:
        return
    for request in refused:
        await _reset(control)
        status = await _status(control, request)
        if await _state(control) != before:
            raise ProblemError(f"refused with {status}, and yet something changed: {_shown(request)}")
    raise ProblemError("refused requests change something, but only together")


def _refused(batch: list[Malformed], answered: list[int]) -> list[Malformed]:
    return [request for request, status in zip(batch, answered, strict=True) if status >= REFUSED]


async def _send(connections: list[_Connection], batch: Sequence[Malformed]) -> list[int]:
    """Send requests over all connections at once and return the statuses in the order of the requests."""
    statuses = [0] * len(batch)
    places = iter(range(len(batch)))

    async def run(connection: _Connection) -> None:
        for place in places:
            statuses[place] = await _status(connection, batch[place])

    await asyncio.gather(*map(run, connections))
    return statuses


async def _status(connection: _Connection, request: Malformed) -> int:
    target = request.path.encode() + (b"?" + request.query if request.query else b"")
    try:
        return (await connection.send(request.method, target, request.body, request.headers))[0]
    except (OSError, EOFError, TimeoutError, ValueError) as error:
        raise ProblemError(f"no reply ({type(error).__name__}) to {_shown(request)}") from error


async def _state(control: _Connection) -> bytes:
    status, body = await control.send("GET", f"{_PROJECT}/state".encode())
    if status != 200:
        raise ProblemError(f"the state cannot be read: {status}")
    return body


async def _reset(control: _Connection) -> None:
    await control.send("POST", f"{_PROJECT}/reset".encode())


def _shown(request: Malformed) -> str:
    return f"{request.method} {request.path[:200]}?{request.query[:500]!r} {request.headers} {request.body[:1000]!r}"


def _kills(rounds: int, seed: int) -> None:
    """Kill a mock that keeps its state, again and again; what it acknowledged must be there afterwards."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    numbers = count(1)
    acknowledged: set[str] = set()
    with tempfile.TemporaryDirectory() as folder:
        options = ("--db", folder)
        for _ in range(rounds):
            with _running(*options) as mock:
                life = chance.uniform(_SHORTEST_LIFE, _LONGEST_LIFE)
                acknowledged |= asyncio.run(_write_until_killed(mock, life, numbers))
        with _running(*options) as mock:
            kept = asyncio.run(_kept(mock))
    print(f"kill -9 under load: {rounds} times, {len(acknowledged):,} writes acknowledged, {len(kept):,} kept")
    lost = acknowledged - kept
    if lost:
        raise ProblemError(f"{len(lost)} acknowledged writes are lost, such as {sorted(lost)[:5]}")
    print("  no acknowledged write was lost")


async def _write_until_killed(mock: _Mock, seconds: float, numbers: Iterator[int]) -> set[str]:
    """Write over several connections until the mock is dead; return what it acknowledged."""
    acknowledged = set()

    async def write() -> None:
        with suppress(OSError, EOFError):
            async with _Connection(mock) as connection:
                while True:
                    text = f"write-{next(numbers)}"
                    action, body = _write(text)
                    target = f"/api/{mock.key}/{action}".encode()
                    status, _ = await connection.send("POST", target, json.dumps(body).encode())
                    if status != 200:
                        raise ProblemError(f"{action} was answered with {status}")
                    acknowledged.add(text)

    asyncio.get_running_loop().call_later(seconds, mock.process.kill)
    await asyncio.gather(*(write() for _ in range(_CONNECTIONS)))
    return acknowledged


def _write(text: str) -> tuple[str, dict[str, Any]]:
    """Return a call that leaves a text behind: every other one a message or a variable."""
    if int(text.rpartition("-")[2]) % 2:
        return "message", {"client_id": _CLIENT, "message": text}
    return "save_variables", {"client_id": _CLIENT, "variables": {"client." + text: text}}


async def _kept(mock: _Mock) -> set[str]:
    async with _Connection(mock) as control:
        state = json.loads(await _state(control))
    variables = next(client["variables"] for client in state["clients"] if client["id"] == _CLIENT)
    texts = {*(message["text"] for message in state["messages"]), *map(str, variables.values())}
    return {text for text in texts if text.startswith("write-")}


@contextmanager
def _running(*options: str, stderr: Any = None) -> Iterator[_Mock]:
    command = [sys.executable, "-m", "mavibot", "mock", "--port", "0", "--ready-json", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)
    try:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        line = process.stdout.readline()
        if not line:
            raise ProblemError("the mock does not start")
        ready = json.loads(line)
        address = urlsplit(ready["url"])
        yield _Mock(process, address.hostname or "", address.port or 0, ready["api_key"])
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both parts; return 0 where the mock did as it must, else 1."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description=__doc__)
    parser.add_argument("--requests", type=int, default=50_000, help="how many malformed requests")
    parser.add_argument("--kills", type=int, default=10, help="how many times a mock is killed")
    parser.add_argument("--seed", type=int, default=20260310, help="where chance begins")
    options = parser.parse_args(arguments)
    try:
        _malformed(options.requests, options.seed)
        _kills(options.kills, options.seed)
    except ProblemError as problem:
        print(f"FAILED: {problem}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
