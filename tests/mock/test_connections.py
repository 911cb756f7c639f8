"""Connections on a transport of the test: which calls are answered together, and which by themselves."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from tests.mock.caller import NOON
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from mavibot_mock import Platform, demo_project
from mavibot_mock.server import connections
from mavibot_mock.server.app import App
from mavibot_mock.server.breakage import CONNECTION
from mavibot_mock.server.connections import Connection, Together
from mavibot_mock.server.demo import FULL_KEY
from mavibot_mock.server.faults import PRESETS, Fault
from mavibot_mock.state.steps import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from mavibot_mock import Project

pytestmark = pytest.mark.skipif(
    not hasattr(HttpToolsProtocol, "_start_asgi_task"), reason="this version of uvicorn begins each call by itself"
)


class _Transport(asyncio.Transport):
    """Keeps what is written."""

    def __init__(self, log: list[str]) -> None:
        super().__init__()
        self.pieces: list[bytes] = []
        self._log = log
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.pieces.append(bytes(data))
        self._log.append("written")

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 1) if name == "peername" else default

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True

    abort = close

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    @property
    def replies(self) -> list[tuple[int, str]]:
        """Status and body of what was written."""
        parts = b"".join(self.pieces).split(b"HTTP/1.1 ")[1:]
        return [(int(part[:3]), part.partition(b"\r\n\r\n")[2].decode()) for part in parts]


class _Bench:
    """A project behind connections of the test."""

    def __init__(self) -> None:
        self.project: Project = demo_project(clock=lambda: NOON)
        self.log: list[str] = []
        app = App(Platform([self.project]))
        self.state = ServerState()
        self._together = Together(app.api)

        async def answer(scope: Any, receive: Any, send: Any) -> None:
            self.log.append("by itself")
            scope["extensions"] = {CONNECTION: lambda _scope: pytest.fail("no fault breaks a connection here")}
            await app(scope, receive, send)

        self._config = uvicorn.Config(answer, access_log=False, log_config=None, lifespan="off", ws="none")
        self._config.load()
        record = self.project.journal.record

        def recorded(entry: Any) -> None:
            self.log.append("answered")
            record(entry)

        self.project.journal.record = recorded  # type: ignore[method-assign]

    def connect(self) -> tuple[Connection, _Transport]:
        connection = Connection(self._config, self.state, {}, together=self._together)
        transport = _Transport(self.log)
        connection.connection_made(transport)
        return connection, transport

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110 - turns of the loop are what is waited for
                await asyncio.sleep(0)

    async def settle(self, transport: _Transport, count: int = 1) -> None:
        """Wait until a number of replies is written."""
        await self.until(lambda: len(transport.replies) >= count)

    def run(self, test: Callable[[], Awaitable[None]]) -> None:
        async def main() -> None:
            await test()

        asyncio.run(main())


@pytest.fixture
def bench() -> Iterator[_Bench]:
    bench = _Bench()
    yield bench
    bench.project.close()


def _call(text: str = "x", *, action: str = "message", head: bytes = b"", **parameters: Any) -> bytes:
    body = json.dumps({"client_id": 5, "message": text, **parameters}).encode()
    line = f"POST /api/{FULL_KEY}/{action} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n".encode()
    return line + head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def _texts(project: Project) -> list[str]:
    return [row["text"] for row in project.store.history(5, limit=100, period=None)][::-1]


def test_all_calls_that_have_come_are_answered_before_a_reply_is_written(bench: _Bench) -> None:
    async def test() -> None:
        ends = [bench.connect() for _ in range(5)]
        for number, (connection, _) in enumerate(ends):
            connection.data_received(_call(str(number)))
        await bench.settle(ends[-1][1])
        assert [transport.replies for _, transport in ends] == [[(200, "ok")]] * 5
        assert [len(transport.pieces) for _, transport in ends] == [1] * 5

    # However slow the machine, the turn is long enough.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(connections, "_LONGEST_TURN", 60.0)
        bench.run(test)
    assert bench.log == ["answered"] * 5 + ["written"] * 5
    assert _texts(bench.project) == list("01234")


def test_a_reply_does_not_wait_for_all_calls_that_have_come(bench: _Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        ends = [bench.connect() for _ in range(3)]
        for connection, _ in ends:
            connection.data_received(_call())
        await bench.settle(ends[-1][1])

    monkeypatch.setattr(connections, "_LONGEST_TURN", -1.0)
    bench.run(test)
    assert bench.log == ["answered", "written"] * 3


@pytest.mark.parametrize("cut", [30, -30, -1], ids=["in the head", "in the body", "before the end"])
def test_a_call_that_comes_in_pieces_is_answered_by_itself(bench: _Bench, cut: int) -> None:
    async def test() -> None:
        connection, transport = bench.connect()
        call = _call(head=b"X: " + b"x" * 100 + b"\r\n")
        connection.data_received(call[:cut])
        await asyncio.sleep(0)
        assert transport.replies == []
        connection.data_received(call[cut:])
        await bench.settle(transport)
        assert transport.replies == [(200, "ok")]

    bench.run(test)
    assert ("by itself" in bench.log) == (cut < 0)


def test_pipelined_calls_are_answered_in_their_order(bench: _Bench) -> None:
    async def test() -> None:
        connection, transport = bench.connect()
        connection.data_received(_call("0") + _call("1") + _call("2", client_id=6) + _call("3"))
        await bench.settle(transport, 4)
        assert [status for status, _ in transport.replies] == [200, 200, 404, 200]
        connection.data_received(_call("4"))
        await bench.settle(transport, 5)

    bench.run(test)
    assert _texts(bench.project) == ["0", "1", "3", "4"]


def test_the_connection_ends_where_the_caller_asks_for_it(bench: _Bench) -> None:
    async def test() -> None:
        connection, transport = bench.connect()
        connection.data_received(_call(head=b"Connection: close\r\n"))
        await bench.settle(transport)
        [reply] = transport.pieces
        assert b"\r\nconnection: close\r\n" in reply
        assert transport.is_closing()

    bench.run(test)


def test_who_waits_for_100_continue_gets_it(bench: _Bench) -> None:
    async def test() -> None:
        connection, transport = bench.connect()
        connection.data_received(_call(head=b"Expect: 100-continue\r\n"))
        await bench.settle(transport, 2)
        assert [status for status, _ in transport.replies] == [100, 200]

    bench.run(test)


def test_a_caller_that_leaves_before_the_answer_has_not_called(bench: _Bench) -> None:
    async def test() -> None:
        connection, transport = bench.connect()
        connection.data_received(_call())
        connection.connection_lost(None)
        await bench.until(lambda: bench.project.journal.last_number)
        assert transport.pieces == []

    bench.run(test)
    [entry] = bench.project.journal.entries()
    assert b"the connection ended before all of it came" in entry.reply
    assert _texts(bench.project) == []


def test_a_call_that_meets_a_fault_is_answered_by_itself(bench: _Bench) -> None:
    async def test() -> None:
        connection, transport = bench.connect()
        connection.data_received(_call())
        await bench.settle(transport)
        assert [status for status, _ in transport.replies] == [500]

    bench.project.faults.add(Fault(answer=PRESETS["server_error"]))
    bench.run(test)
    assert "by itself" in bench.log


def test_no_more_is_written_to_a_caller_who_does_not_read(bench: _Bench) -> None:
    async def test() -> None:
        connection, transport = bench.connect()
        connection.pause_writing()
        connection.data_received(_call())
        for _ in range(10):
            await asyncio.sleep(0)
        assert transport.pieces == []
        connection.resume_writing()
        await bench.settle(transport)
        assert transport.replies == [(200, "ok")]

    bench.run(test)


def test_others_have_their_turn_while_a_call_goes_on(bench: _Bench) -> None:
    """The long call comes first and is answered last; what calls the same project meanwhile waits for it."""
    variables = {f"v{n}": n for n in range(2 * AT_ONCE)}

    async def test() -> None:
        (slow, first), (quick, second), (other, third) = (bench.connect() for _ in range(3))
        slow.data_received(_call(action="save_variables", message=None, variables=variables))
        quick.data_received(_call("same project"))
        other.data_received(_call().replace(FULL_KEY.encode(), b"unknown"))
        await bench.settle(third)
        assert first.pieces == second.pieces == []
        assert bench.state.tasks
        await bench.settle(first)
        await bench.settle(second)
        assert first.replies == second.replies == [(200, "ok")]

    bench.run(test)
    assert _texts(bench.project) == ["same project"]
    assert not bench.state.tasks


@pytest.mark.parametrize("happens", ["fails", "is cancelled"])
def test_what_a_call_waits_for_tells_it_how_it_ended(
    bench: _Bench, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], happens: str
) -> None:
    async def reply(*_: object) -> None:
        future = asyncio.get_running_loop().create_future()
        if happens == "fails":
            asyncio.get_running_loop().call_soon(future.set_exception, ValueError("no luck"))
        try:
            await future
        except BaseException as error:
            bench.log.append(type(error).__name__)
            raise

    monkeypatch.setattr("mavibot_mock.server.api.Api.reply", reply)

    async def test() -> None:
        connection, transport = bench.connect()
        connection.data_received(_call())
        await bench.until(lambda: bench.state.tasks)
        [task] = bench.state.tasks
        if happens == "is cancelled":
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.wait([task])
        assert [status for status, _ in transport.replies] == ([500] if happens == "fails" else [])

    bench.run(test)
    assert bench.log[0] == ("ValueError" if happens == "fails" else "CancelledError")
    assert ("no luck" in capsys.readouterr().err) == (happens == "fails")


def test_a_bug_beside_a_call_ends_its_connection_alone(bench: _Bench) -> None:
    def record(entry: Any) -> None:
        if b"bug" in entry.sent.body:
            raise RuntimeError("in the journal")

    async def test() -> None:
        reports: list[Any] = []
        asyncio.get_running_loop().set_exception_handler(lambda _, context: reports.append(context["exception"]))
        ends = [bench.connect() for _ in range(3)]
        for text, (connection, _) in zip(["x", "bug", "x"], ends, strict=True):
            connection.data_received(_call(text))
        await bench.settle(ends[-1][1])
        assert [transport.replies for _, transport in ends] == [[(200, "ok")], [], [(200, "ok")]]
        assert [transport.is_closing() for _, transport in ends] == [False, True, False]
        assert list(map(str, reports)) == ["in the journal"]

    bench.project.journal.record = record  # type: ignore[method-assign]
    bench.run(test)
