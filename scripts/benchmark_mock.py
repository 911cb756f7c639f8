"""Measures the mock's speed as ratios within one run, against a bare Starlette route and against Prism."""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import benchmark_store
import figures
import mavibot_contract
from load import GENERATOR, Load, post

_PARTS: Final = ("calls", "start", "lookups", "memory")
_BODY: Final = '{"client_id": 25554, "message": "Your order is on its way"}'
_CONNECTIONS: Final = 16
_RESETS: Final = 21
#: Few enough for the memory to come to its bound.
_KEPT: Final = 100_000
_TICKS: Final = os.sysconf("SC_CLK_TCK")

_PRISM: Final = "@stoplight/prism-cli@5.14.2"
#: Beside the other things that are made once and not kept in the repository.
_PRISM_FOLDER: Final = Path(".venv/prism")
_START_TIMEOUT: Final = 30.0

_READY_SECONDS: Final = 0.6
_RESET_MS: Final = 5.0
_OF_STARLETTE: Final = 0.6
_OF_PRISM_SILENT: Final = 4.0
_OF_PRISM: Final = 4.0


@dataclass
class _Server:
    """A server under load, and what was measured.

    Attributes:
        name: what is shown.
        url: address of the action.
        pid: its process.
        loads: what each turn met.
        cpu: calls a CPU second of the server in each turn; others on the machine disturb it less.
    """

    name: str
    url: str
    pid: int
    loads: list[Load] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def take_turn(self, seconds: float) -> None:
        before = _cpu_seconds(self.pid)
        load = post(self.url, _BODY, connections=_CONNECTIONS, seconds=seconds)
        if load.failed:
            raise SystemExit(f"{self.name}: {load.failed} of {load.calls} calls failed")
        self.loads.append(load)
        self.cpu.append(load.calls / (_cpu_seconds(self.pid) - before))

    def middle(self, figure: Callable[[Load], float]) -> float:
        return statistics.median(figure(load) for load in self.loads)

    def show(self) -> None:
        rate, p50, p99 = (self.middle(each) for each in (_rate, _p50, _p99))
        print(f"  {self.name:<36}{rate:>10,.0f}{p50:>10.2f}{p99:>10.2f}{1e6 / statistics.median(self.cpu):>12.0f}")


def _rate(load: Load) -> float:
    return load.rate


def _p50(load: Load) -> float:
    return load.p50


def _p99(load: Load) -> float:
    return load.p99


def _calls(rounds: int, seconds: float, *, with_prism: bool) -> None:
    print(
        f"`message` POST, {_CONNECTIONS} connections, one process a server, load from {GENERATOR}; {rounds} turns each"
    )
    with ExitStack() as stack:
        ours = stack.enter_context(_mock())
        bare = stack.enter_context(_starlette())
        rivals = []
        if with_prism and _has_prism():
            rivals.append((stack.enter_context(_prism("-v", "silent")), _OF_PRISM_SILENT))
            rivals.append((stack.enter_context(_prism()), _OF_PRISM))
        servers = [ours, bare, *(prism for prism, _ in rivals)]
        for server in servers:
            post(server.url, _BODY, connections=_CONNECTIONS, seconds=min(1, seconds))
        for _ in range(rounds):
            for server in servers:  # in turns, because the machine is not equally fast all the time
                server.take_turn(seconds)
        print(f"  {'':<36}{'calls/s':>10}{'p50 ms':>10}{'p99 ms':>10}{'CPU us/call':>12}")
        for server in servers:
            server.show()
            figures.note("mock: `message`", server.name, [load.rate for load in server.loads], "calls a second")
        _compare(ours, bare, _OF_STARLETTE)
        for prism, target in rivals:
            _compare(ours, prism, target)
            mine, its = ours.middle(_p99), prism.middle(_p99)
            _judge(f"p99 / {prism.name}", mine / its, 1.0, is_met=mine <= its, sign="<=")
        _resets(ours)


def _compare(ours: _Server, other: _Server, target: float) -> None:
    ratios = [mine.rate / its.rate for mine, its in zip(ours.loads, other.loads, strict=True)]
    cpu = statistics.median(mine / its for mine, its in zip(ours.cpu, other.cpu, strict=True))
    ratio = statistics.median(ratios)
    figures.note("mock: ratios", f"calls a second / {other.name}", ratios)
    note = f"turns {min(ratios):.2f} to {max(ratios):.2f}; in calls a CPU second {cpu:.2f}"
    _judge(f"calls/s / {other.name}", ratio, target, is_met=ratio >= target, sign=">=", note=note)


def _resets(ours: _Server) -> None:
    _control(ours, "GET", "settings")  # the first call of the control interface makes it ready
    first = _control(ours, "POST", "reset")
    middle = statistics.median(_control(ours, "POST", "reset") for _ in range(_RESETS))
    note = f"right after the load {first:.2f}"
    _judge("reset over HTTP, ms", middle, _RESET_MS, is_met=middle < _RESET_MS, sign="<", note=note)


def _control(server: _Server, method: str, path: str, body: str | None = None) -> float:
    """Tell the mock's first project something, and return the milliseconds until the answer."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname or "", address.port)
    headers = {} if body is None else {"Content-Type": "application/json"}
    began = time.perf_counter()
    connection.request(method, f"/_mock/v1/projects/1/{path}", body, headers)
    with connection.getresponse() as response:
        response.read()
        if response.status != 200:
            raise SystemExit(f"{path}: {response.status}")
    seconds = time.perf_counter() - began
    connection.close()
    return seconds * 1000


def _starts(rounds: int) -> None:
    times = []
    for _ in range(rounds):
        began = time.perf_counter()
        with _mock():
            times.append(time.perf_counter() - began)
    middle = statistics.median(times)
    figures.note("mock: start", "until it answers", times, "seconds")
    note = f"least {min(times):.2f}, most {max(times):.2f}"
    name = "mavibot mock --port 0 --ready-json, s to its line"
    _judge(name, middle, _READY_SECONDS, is_met=middle < _READY_SECONDS, sign="<", note=note)


def _memory(calls: int, seconds: float) -> None:
    print(f"memory of the mock under load, up to {calls:,} calls, with {_KEPT:,} messages kept (reported)")
    with _mock() as ours:
        _control(ours, "PATCH", "settings", f'{{"messages_kept": {_KEPT}}}')
        made, shown = 0, 0
        print(f"  {made:>10,} calls: {_rss(ours.pid):>7.1f} MB")
        while made < calls:
            made += post(ours.url, _BODY, connections=_CONNECTIONS, seconds=seconds).calls
            if made >= 1.5 * shown or made >= calls:
                shown = made
                print(f"  {made:>10,} calls: {_rss(ours.pid):>7.1f} MB")


def _judge(name: str, value: float, target: float, *, is_met: bool, sign: str, note: str = "") -> None:
    verdict = f"target {sign} {target:g}: {'met' if is_met else 'MISSED'}"
    print(f"{name:<52}{value:>8.2f}  {verdict}{note and '; '}{note}")


@contextmanager
def _mock() -> Iterator[_Server]:
    command = [sys.executable, "-m", "mavibot", "mock", "--port", "0", "--ready-json"]
    with _process(command, stdout=subprocess.PIPE) as process:
        ready = json.loads(process.stdout.readline())
        yield _Server("the mock", f"{ready['url']}/api/{ready['api_key']}/message", process.pid)


@contextmanager
def _starlette() -> Iterator[_Server]:
    spawning = multiprocessing.get_context("spawn")
    ready: Any = spawning.Queue()
    process = spawning.Process(target=_serve_starlette, args=(ready,), daemon=True)
    process.start()
    try:
        yield _Server("a bare Starlette route", f"http://127.0.0.1:{ready.get()}/api/key/message", process.pid or 0)
    finally:
        process.terminate()
        process.join()


def _serve_starlette(ready: Any) -> None:
    async def message(request: Request) -> Response:
        await request.json()
        return JSONResponse({"status": "success"})

    app = Starlette(routes=[Route("/api/{api_key}/message", message, methods=["POST"])])
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        ready.put(listening.getsockname()[1])
        # As the mock runs it.
        config = uvicorn.Config(
            app,
            access_log=False,
            log_level="error",
            lifespan="off",
            ws="none",
            proxy_headers=False,
            server_header=False,
        )
        uvicorn.Server(config).run(sockets=[listening])


def _has_prism() -> bool:
    """Return True if Prism is installed, by npm where it was not; print why where it cannot be."""
    if (_PRISM_FOLDER / "node_modules/.bin/prism").exists():
        return True
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        print("  Prism is left out: node and npm are not installed")
        return False
    _PRISM_FOLDER.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(_PRISM_FOLDER), _PRISM]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"  Prism is left out: npm could not install {_PRISM}: {done.stderr.strip()[-200:]}")
    return done.returncode == 0


@contextmanager
def _prism(*options: str) -> Iterator[_Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    document = files(mavibot_contract.PACKAGE) / mavibot_contract.FILE_NAME
    program = ["node", str(_PRISM_FOLDER / "node_modules/.bin/prism"), "mock", str(document)]
    name = " ".join((_PRISM.rpartition("/")[2], *options)) if options else f"{_PRISM.rpartition('/')[2]} as shipped"
    with (
        Path(os.devnull).open("wb") as nowhere,
        _process([*program, "-h", "127.0.0.1", "-p", str(port), *options], stdout=nowhere) as process,
    ):
        _wait_for(port, process)
        yield _Server(name, f"http://127.0.0.1:{port}/message", process.pid)


@contextmanager
def _process(command: list[str], stdout: Any) -> Iterator[Any]:
    process = subprocess.Popen(command, stdout=stdout)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return once the port accepts connections.

    Raises:
        TimeoutError: it did not in time, or the server has ended.
    """
    end = time.monotonic() + _START_TIMEOUT
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError(f"no server listens on port {port}")


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _rss(pid: int) -> float:
    """Return the memory of a process, MB."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def main(given: Sequence[str] | None = None) -> None:
    """Measure the parts that the command line names, or all."""
    parser = argparse.ArgumentParser(prog="scripts/bench mock", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="part", help=f"{', '.join(_PARTS)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=7, help="turns of each server under load, and starts of the mock")
    parser.add_argument("--seconds", type=int, default=3, help="length of a turn in seconds")
    parser.add_argument(
        "--clients", type=int, default=1_000_000, help="clients that actions are measured with, at least 1000"
    )
    parser.add_argument("--calls", type=int, default=500_000, help="calls after which memory is measured last")
    parser.add_argument("--no-prism", action="store_true", help="leave out Prism, which npm installs once")
    arguments = parser.parse_args(given)
    # Before Python 3.12 `choices` refuses an empty list of parts.
    if unknown := [part for part in arguments.parts if part not in _PARTS]:
        parser.error(f"there is no part {', '.join(unknown)}; choose from {', '.join(_PARTS)}")
    if arguments.clients < 1_000:
        parser.error("--clients must be at least 1000")
    parts = arguments.parts or _PARTS
    if "calls" in parts:
        _calls(arguments.rounds, arguments.seconds, with_prism=not arguments.no_prism)
    if "start" in parts:
        _starts(arguments.rounds)
    if "lookups" in parts:
        for line in benchmark_store.measure(arguments.clients):
            print(line, flush=True)
    if "memory" in parts:
        _memory(arguments.calls, arguments.seconds)


if __name__ == "__main__":
    main()
