"""Bulk runs: every item once and in order, each chunk with its outcome, and a crash that loses and repeats nothing."""

import asyncio
import contextlib
import errno
import json
import os
import re
import signal
import subprocess
import sys
import threading
import tracemalloc
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any, Literal, NamedTuple

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.support import BASE_URL, CONTRACT, KEY, good_reply, law

from mavibot import (
    AsyncMavibot,
    ConnectionFailed,
    InvalidParameters,
    Mavibot,
    RateLimited,
    RefusedKey,
    RefusedPermission,
    RejectedRequest,
    ServerError,
    TimedOut,
    UnreadableReply,
)
from mavibot._bulk import AsyncBulk, Bulk
from mavibot._bulk_run import DEFAULT_CHUNK_SIZE
from mavibot.bulk import AsyncBulkRun, BulkRun, BulkSummary, ChunkResult
from mavibot.errors import ResumeError
from mavibot_mock.server.server import Server

Kind = Literal["blocking", "asyncio"]
KINDS: list[Kind] = ["blocking", "asyncio"]
Run = Callable[[Any], BulkRun[Any] | AsyncBulkRun[Any]]


class Method(NamedTuple):
    """A method of the namespace, its action, the parameter that takes the items, and the others."""

    name: str
    action: str
    parameter: str
    constants: dict[str, Any]


METHODS = [
    Method("send_callbacks", "send_callback_by_platform_id", "platform_ids", {"callback_text": "hello"}),
    Method("broadcast_to", "broadcast", "clients", {"message": "hello", "shift": 0.3}),
    Method("add_to_list", "add_to_list", "clients", {"list_id": 5}),
    Method("remove_from_list", "remove_from_list", "clients", {"list_id": 5}),
    Method("save_variables_for", "save_variables", "clients", {"variables": {"client.city": "Paris", "note": None}}),
    Method("delete_clients", "delete_clients", "client_ids", {}),
]


def call(bulk: Any, method: str, items: Iterable[Any], **options: Any) -> Any:
    """Start a run of a method with its usual constants."""
    parameter, constants = next(each[2:] for each in METHODS if each.name == method)
    return getattr(bulk, method)(**{parameter: items}, **constants, **options)


class Crash(BaseException):
    """The process dies here."""


class Api:
    """A server that takes everything, and remembers it.

    Attributes:
        bodies: decoded bodies of all requests that were read, in their order.
        answer: what is done with a request after it was read.
        before: what is done with a request before.
    """

    def __init__(self) -> None:
        self.bodies: list[Any] = []
        self.actions: list[str] = []
        self.before: Callable[[], object] = lambda: None
        self.answer: Callable[[], httpx2.Response | None] = lambda: None

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.before()
        action = request.url.path.rsplit("/", 1)[1]
        self.actions.append(action)
        self.bodies.append(json.loads(request.content))
        return self.answer() or httpx2.Response(200, json=good_reply(CONTRACT.operation(action)))

    def items(self, parameter: str) -> list[Any]:
        """Return all items in the order in which they came."""
        return [item for body in self.bodies for item in body[parameter]]


def done(kind: Kind, server: Any, use: Run, *, base_url: str = BASE_URL) -> list[ChunkResult[Any]]:
    """Return the results of a run to its end."""
    return run(kind, server, use, base_url=base_url)[0]


def run(kind: Kind, server: Any, use: Run, *, base_url: str = BASE_URL) -> tuple[list[ChunkResult[Any]], BulkSummary]:
    """Return the results and the summary of a run to its end."""
    transport = httpx2.MockTransport(server)
    if kind == "blocking":
        with Mavibot(KEY, base_url=base_url, transport=transport, retries=False) as bot:
            blocking: Any = use(bot.bulk)
            return list(blocking), blocking.summary

    async def main() -> tuple[list[ChunkResult[Any]], BulkSummary]:
        async with AsyncMavibot(KEY, base_url=base_url, transport=transport, retries=False) as bot:
            awaitable: Any = use(bot.bulk)
            return [result async for result in awaitable], awaitable.summary

    return asyncio.run(main())


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture
def server() -> Api:
    return Api()


class TestChunks:
    @pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
    def test_a_method_calls_its_action_with_all_items(self, kind: Kind, server: Api, method: Method) -> None:
        results = done(kind, server, lambda bulk: call(bulk, method.name, [1, 2, "3"], chunk_size=2, concurrency=1))
        assert server.actions == [method.action] * 2
        assert server.bodies == [
            {**method.constants, method.parameter: [1, 2]},
            {**method.constants, method.parameter: ["3"]},
        ]
        assert [(each.index, each.first, each.items, each.items_count, each.outcome) for each in results] == [
            (0, 0, (1, 2), 2, "done"),
            (1, 2, ("3",), 1, "done"),
        ]
        assert all(each.reply is not None and each.error is None for each in results)

    @given(
        items=st.lists(st.integers(1, 9), max_size=40),
        size=st.integers(1, 12),
        concurrency=st.integers(1, 4),
        kind=st.sampled_from(KINDS),
    )
    @law(60)
    def test_the_chunks_together_are_the_input_in_its_order(
        self, items: list[int], size: int, concurrency: int, kind: Kind
    ) -> None:
        server = Api()
        results, summary = run(
            kind, server, lambda bulk: bulk.add_to_list(5, iter(items), chunk_size=size, concurrency=concurrency)
        )
        results.sort(key=lambda each: each.index)
        assert [each.index for each in results] == list(range(-(-len(items) // size)))
        assert [item for each in results for item in each.items] == items
        assert sorted(server.items("clients")) == sorted(items)
        assert all(each.items_count == size for each in results[:-1])
        assert summary == BulkSummary(chunks=len(results), items=len(items), done=len(items))
        if concurrency == 1:
            assert server.items("clients") == items

    @pytest.mark.parametrize("method", METHODS, ids=lambda method: method.name)
    def test_a_chunk_is_as_large_as_the_contract_allows(self, server: Api, method: Method) -> None:
        greatest = CONTRACT.operation(method.action).schema["properties"][method.parameter].get("maxItems")
        many = range(1, (greatest or DEFAULT_CHUNK_SIZE) + 2)
        results = done("blocking", server, lambda bulk: call(bulk, method.name, many))
        assert sorted(each.items_count for each in results) == [1, greatest or DEFAULT_CHUNK_SIZE]

    @pytest.mark.parametrize(
        ("options", "message"),
        [
            ({"chunk_size": 301}, "chunk_size: from 1 to 300, got 301"),
            ({"chunk_size": 0}, "chunk_size: from 1 to 300, got 0"),
            ({"concurrency": 0}, "concurrency: at least 1, got 0"),
            ({"chunk_size": "5"}, "chunk_size: must be a whole number, got '5'"),
            ({"concurrency": 2.0}, "concurrency: must be a whole number"),
            ({"concurrency": True}, "concurrency: must be a whole number"),
            ({"on_progress": "print"}, "on_progress: must be callable"),
            ({"resume": 5}, "resume: must be a path, got 5"),
            ({"repeat_unknown": "no"}, "repeat_unknown: must be True or False"),
            ({"chunksize": 5}, "chunksize: is no parameter here; did you mean 'chunk_size'"),
        ],
    )
    def test_an_option_out_of_bounds_is_refused_at_once(
        self, kind: Kind, server: Api, options: Any, message: str
    ) -> None:
        with pytest.raises(InvalidParameters, match=message):
            done(kind, server, lambda bulk: bulk.send_callbacks([1], callback_text="hello", **options))
        assert not server.bodies

    @pytest.mark.parametrize("items", ["12345", b"12345", 12345, None, {"id": 12345}])
    def test_what_is_no_list_of_items_is_refused_at_once(self, kind: Kind, server: Api, items: Any) -> None:
        with pytest.raises(InvalidParameters, match=r"clients: must be a list"):
            done(kind, server, lambda bulk: bulk.add_to_list(5, items))
        assert not server.bodies

    def test_asynchronous_iterables_are_taken(self, server: Api) -> None:
        async def ids() -> AsyncIterator[int]:
            for each in range(1, 6):
                await asyncio.sleep(0)
                yield each

        results = done("asyncio", server, lambda bulk: bulk.add_to_list(5, ids(), chunk_size=2, concurrency=1))
        assert [each.items for each in results] == [(1, 2), (3, 4), (5,)]

    @pytest.mark.parametrize("concurrency", [1, 3])
    def test_items_are_read_as_they_are_needed(self, kind: Kind, server: Api, concurrency: int) -> None:
        read = 0

        def ids() -> Iterator[int]:
            nonlocal read
            for each in range(1, 101):
                read = each
                yield each

        ahead: list[int] = []
        server.before = lambda: ahead.append(read - len(server.items("clients")))
        done(kind, server, lambda bulk: bulk.add_to_list(5, ids(), chunk_size=2, concurrency=concurrency))
        assert max(ahead) <= 2 * (concurrency + 1)

    def test_a_million_items_leave_memory_flat(self) -> None:
        bot: Any = SimpleNamespace(_send=lambda _, arguments: len(arguments["clients"]))
        work: Any = Bulk(bot, BASE_URL).add_to_list(5, iter(range(1, 1_000_001)), chunk_size=10_000, concurrency=4)
        tracemalloc.start()
        try:
            sent = sum(result.reply for result in work)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert sent == 1_000_000
        # A chunk of 10,000 numbers takes half a megabyte; all together would take forty.
        assert peak < 8_000_000

    def test_a_million_items_leave_memory_flat_asynchronously(self) -> None:
        async def send(action: str, arguments: Any) -> int:
            return len(arguments["clients"])

        async def main() -> int:
            bot: Any = SimpleNamespace(_send=send)
            work: Any = AsyncBulk(bot, BASE_URL).add_to_list(5, iter(range(1, 200_001)), chunk_size=2_000)
            return sum([result.reply async for result in work])

        tracemalloc.start()
        try:
            assert asyncio.run(main()) == 200_000
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < 4_000_000


class TestConcurrency:
    def test_threads_work_at_the_same_time(self, server: Api) -> None:
        together = threading.Barrier(3, timeout=10)
        server.before = together.wait
        results = done("blocking", server, lambda bulk: bulk.add_to_list(5, range(1, 7), chunk_size=1, concurrency=3))
        assert [each.outcome for each in results] == ["done"] * 6

    def test_tasks_work_at_the_same_time_and_no_more_than_asked_for(self) -> None:
        now = most = 0

        async def answer(request: httpx2.Request) -> httpx2.Response:
            nonlocal now, most
            now += 1
            most = max(most, now)
            for _ in range(20):
                await asyncio.sleep(0)
            now -= 1
            return httpx2.Response(200, text="ok")

        results = done("asyncio", answer, lambda bulk: bulk.add_to_list(5, range(1, 21), chunk_size=1, concurrency=3))
        assert len(results) == 20
        assert most == 3

    @pytest.mark.parametrize("method", ["send_callbacks", "broadcast_to"])
    def test_sends_keep_their_order_unless_told_otherwise(self, kind: Kind, server: Api, method: str) -> None:
        done(kind, server, lambda bulk: call(bulk, method, range(1, 30), chunk_size=1))
        parameter = "platform_ids" if method == "send_callbacks" else "clients"
        assert server.items(parameter) == list(range(1, 30))

    def test_a_loop_that_is_left_ends_the_run(self, server: Api, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        with Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(server)) as bot:
            for _ in bot.bulk.add_to_list(5, range(1, 100), chunk_size=1, concurrency=3, resume=file):
                break
            assert 1 <= len(server.bodies) <= 3
            # All calls that were under way are recorded, and the file is free.
            results = list(bot.bulk.add_to_list(5, range(1, 100), chunk_size=1, resume=file))
        assert Counter(server.items("clients")) == Counter(range(1, 100))
        assert [each.outcome for each in results].count("skipped") >= 1

    def test_a_cancelled_task_cancels_what_is_under_way(self, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        called = asyncio.Event()

        async def hang(request: httpx2.Request) -> httpx2.Response:
            called.set()
            await asyncio.Event().wait()
            raise AssertionError("unreachable")

        async def main() -> None:
            async with AsyncMavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(hang)) as bot:
                run = bot.bulk.send_callbacks([1, 2, 3], callback_text="hello", chunk_size=1, resume=file)
                task = asyncio.create_task(run.finish())
                await called.wait()
                task.cancel()
                await task

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(main())
        results = done(
            "asyncio",
            Api(),
            lambda bulk: bulk.send_callbacks([1, 2, 3], callback_text="hello", chunk_size=1, resume=file),
        )
        assert [each.outcome for each in results] == ["unknown", "done", "done"]


def raising(error: Exception) -> Callable[[], httpx2.Response]:
    """Return an answer that is an error on the way."""

    def answer() -> httpx2.Response:
        raise error

    return answer


def replying(status: int, **content: Any) -> Callable[[], httpx2.Response]:
    """Return an answer."""
    return lambda: httpx2.Response(status, **content)


class TestOutcomes:
    @pytest.mark.parametrize(
        ("answer", "outcome", "error"),
        [
            (replying(200, json={"callback_sended": 2}), "done", None),
            (replying(200, text="<html>"), "done", UnreadableReply),
            (replying(400, json={"status": "fail", "message": "no"}), "failed", RejectedRequest),
            (replying(200, json={"status": "fail", "message": "no"}), "failed", RejectedRequest),
            (replying(429, text=""), "failed", RateLimited),
            (replying(502, text="<html>"), "unknown", ServerError),
            (raising(httpx2.ConnectError("refused")), "failed", ConnectionFailed),
            (raising(httpx2.ConnectTimeout("slow")), "failed", TimedOut),
            (raising(httpx2.ReadTimeout("slow")), "unknown", TimedOut),
            (raising(httpx2.RemoteProtocolError("closed")), "unknown", ConnectionFailed),
        ],
    )
    def test_a_chunk_tells_what_became_of_it_and_the_run_goes_on(
        self, kind: Kind, server: Api, answer: Callable[[], httpx2.Response], outcome: str, error: type | None
    ) -> None:
        server.answer = lambda: answer() if len(server.bodies) == 1 else None
        results, summary = run(
            kind, server, lambda bulk: bulk.send_callbacks([1, 2, 3], callback_text="hello", chunk_size=2)
        )
        assert [each.outcome for each in results] == [outcome, "done"]
        assert type(results[0].error) is (error or type(None))
        assert len(server.bodies) == 2
        counts = Counter({outcome: 2})
        counts["done"] += 1
        assert summary == BulkSummary(chunks=2, items=3, **counts)
        assert summary.complete is (outcome == "done")

    @pytest.mark.parametrize(("status", "error"), [(401, RefusedKey), (403, RefusedPermission)])
    @pytest.mark.parametrize("concurrency", [1, 3])
    def test_a_refused_key_ends_the_run_after_what_is_under_way(
        self, kind: Kind, server: Api, status: int, error: type[Exception], concurrency: int
    ) -> None:
        server.answer = replying(status, json={})
        runs: list[Any] = []

        def use(bulk: Any) -> Any:
            runs.append(bulk.add_to_list(5, range(1, 100), chunk_size=1, concurrency=concurrency))
            return runs[0]

        with pytest.raises(error):
            done(kind, server, use)
        assert 1 <= len(server.bodies) <= concurrency
        assert runs[0].summary == BulkSummary(
            chunks=len(server.bodies), items=len(server.bodies), failed=len(server.bodies)
        )

    def test_a_wrong_constant_ends_the_run_before_anything_is_sent(
        self, kind: Kind, server: Api, tmp_path: Path
    ) -> None:
        with pytest.raises(InvalidParameters, match="callback_text: must not be empty"):
            done(
                kind,
                server,
                lambda bulk: bulk.send_callbacks([1, 2], callback_text="", resume=tmp_path / "run.jsonl"),
            )
        assert not server.bodies

    def test_an_invalid_item_is_left_out_alone_and_named_by_its_place(self, kind: Kind, server: Api) -> None:
        items = [1, 2, 3, "x", 5, -6, 7]
        results, summary = run(kind, server, lambda bulk: bulk.add_to_list(5, items, chunk_size=3, concurrency=1))
        assert server.items("clients") == [1, 2, 3, 5, 7]
        assert [list(each.invalid) for each in results] == [[], [3, 5], []]
        assert "'x'" in results[1].invalid[3]
        assert [each.outcome for each in results] == ["done"] * 3
        assert summary == BulkSummary(chunks=3, items=7, done=5, invalid=2)
        assert not summary.complete

    def test_a_chunk_without_a_valid_item_is_not_sent(self, kind: Kind, server: Api) -> None:
        results, summary = run(kind, server, lambda bulk: bulk.add_to_list(5, [1, "x", 3], chunk_size=1, concurrency=1))
        assert server.items("clients") == [1, 3]
        assert [each.outcome for each in results] == ["done", "failed", "done"]
        assert isinstance(results[1].error, InvalidParameters)
        assert results[1].error.problems[0].field == "clients[1]"
        assert summary == BulkSummary(chunks=3, items=3, done=2, invalid=1)

    def test_what_is_wrong_with_a_part_of_an_item_is_told(self, kind: Kind, server: Api) -> None:
        good = {"platform_id": "1", "group_id": "x_bot", "client_type": 1}
        bad = {"platform_id": "", "group_id": "x_bot"}
        (result,) = done(kind, server, lambda bulk: bulk.load_clients([good, bad]))
        assert server.bodies == [[good]]
        assert result.invalid.keys() == {1}
        assert "platform_id: must not be empty" in result.invalid[1]
        assert "client_type: is required" in result.invalid[1]

    def test_progress_is_told_after_each_chunk(self, kind: Kind, server: Api) -> None:
        told: list[tuple[int, int | None]] = []
        options: dict[str, Any] = {"chunk_size": 2, "on_progress": lambda *numbers: told.append(numbers)}
        done(kind, server, lambda bulk: bulk.send_callbacks([1, 2, 3], callback_text="hello", **options))
        done(kind, server, lambda bulk: bulk.send_callbacks(iter([1, 2, 3]), callback_text="hello", **options))
        assert told == [(2, 3), (3, 3), (2, None), (3, None)]

    @pytest.mark.parametrize("concurrency", [1, 2])
    def test_an_error_of_the_input_comes_through_after_what_is_under_way(
        self, kind: Kind, server: Api, concurrency: int
    ) -> None:
        def ids() -> Iterator[int]:
            yield from (1, 2, 3)
            raise KeyError("source")

        with pytest.raises(KeyError, match="source"):
            done(kind, server, lambda bulk: bulk.add_to_list(5, ids(), chunk_size=2, concurrency=concurrency))
        assert server.items("clients") == [1, 2]

    def test_results_show_no_personal_data_in_their_repr(self, server: Api) -> None:
        (result,) = done("blocking", server, lambda bulk: bulk.send_callbacks(["79875555555"], callback_text="secret"))
        assert "7987" not in repr(result)

    def test_a_run_is_iterated_once(self, kind: Kind, server: Api) -> None:
        def twice(bulk: Any) -> Any:
            work = bulk.add_to_list(5, [1])
            (iter if kind == "blocking" else aiter)(work)
            return work

        with pytest.raises(RuntimeError, match="once"):
            done(kind, server, twice)

    def test_finish_returns_the_summary(self, server: Api) -> None:
        transport = httpx2.MockTransport(server)
        with Mavibot(KEY, base_url=BASE_URL, transport=transport) as bot:
            assert bot.bulk.delete_clients([1, 2]).finish() == BulkSummary(chunks=1, items=2, done=2)

    def test_a_run_that_is_forgotten_warns(self, server: Api) -> None:
        bot = Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(server))
        with pytest.warns(RuntimeWarning, match=r"run of add_to_list was neither iterated .* nothing was sent"):
            bot.bulk.add_to_list(5, [1])
        assert not server.bodies


def send(items: Iterable[Any], file: Path, **options: Any) -> Run:
    """Return a use of the namespace that sends, a chunk of two at a time."""
    return lambda bulk: bulk.send_callbacks(
        items, **{"callback_text": "hello", "chunk_size": 2, "resume": file, **options}
    )


def write(items: Iterable[Any], file: Path, **options: Any) -> Run:
    """Return a use of the namespace that writes, a chunk of two at a time."""
    return lambda bulk: bulk.add_to_list(5, items, **{"chunk_size": 2, "resume": file, "concurrency": 1, **options})


def crashing(server: Api, request: int, *, read: bool) -> None:
    """Let the process die at a request, before or after the server has read it."""
    seen = 0

    def count() -> None:
        nonlocal seen
        seen += 1
        if seen == request and not read:
            raise Crash

    def answer() -> httpx2.Response | None:
        if seen == request and read:
            raise Crash
        return None

    server.before, server.answer = count, answer


def done_after(
    crashes: Iterable[tuple[int, bool]], kind: Kind, server: Api, use: Callable[[], Run]
) -> tuple[list[ChunkResult[Any]], list[ChunkResult[Any]]]:
    """Crash at each of some requests, before or after it was read, then return what two whole runs give."""
    for request, read in crashes:
        crashing(server, request, read=read)
        with contextlib.suppress(Crash):
            done(kind, server, use())
    crashing(server, 0, read=False)
    return done(kind, server, use()), done(kind, server, use())


class TestResume:
    @given(
        items=st.lists(st.integers(1, 99), unique=True, max_size=12),
        crashes=st.lists(st.tuples(st.integers(1, 4), st.booleans()), max_size=4),
        sends=st.booleans(),
        kind=st.sampled_from(KINDS),
    )
    @law(60)
    def test_whenever_it_crashes_nothing_is_lost_and_nothing_is_sent_twice(
        self, items: list[int], crashes: list[tuple[int, bool]], sends: bool, kind: Kind
    ) -> None:
        server, use = Api(), send if sends else write
        with TemporaryDirectory() as folder:
            file = Path(folder) / "run.jsonl"
            results, again = done_after(crashes, kind, server, lambda: use(iter(items), file))
        assert [item for each in results for item in each.items] == items
        received = Counter(server.items("platform_ids" if sends else "clients"))
        if sends:
            assert all(times == 1 for times in received.values())
            certain = {item for each in results if each.outcome != "unknown" for item in each.items}
            assert certain <= received.keys()
            assert {each.outcome for each in again} <= {"skipped", "unknown"}
        else:
            assert received.keys() == set(items)
            assert {each.outcome for each in again} <= {"skipped"}

    def test_items_may_be_added_after_a_full_chunk_and_nowhere_else(
        self, kind: Kind, server: Api, tmp_path: Path
    ) -> None:
        file = tmp_path / "run.jsonl"
        done(kind, server, send([1, 2, 3, 4], file))
        assert [each.outcome for each in done(kind, server, send([1, 2, 3, 4, 5], file))] == [
            "skipped",
            "skipped",
            "done",
        ]
        assert server.items("platform_ids") == [1, 2, 3, 4, 5]
        with pytest.raises(ResumeError, match="chunk 2 has other items"):
            done(kind, server, send([1, 2, 3, 4, 5, 6], file))
        assert server.items("platform_ids") == [1, 2, 3, 4, 5]

    def test_the_intent_is_on_disk_before_the_chunk_is_sent_and_the_outcome_after_it(
        self, kind: Kind, server: Api, tmp_path: Path
    ) -> None:
        file = tmp_path / "run.jsonl"
        states: list[list[str]] = []
        server.before = lambda: states.append(
            [
                "intent" if "items" in line else line["outcome"]
                for line in map(json.loads, file.read_text().splitlines())
                if "chunk" in line
            ]
        )
        done(kind, server, send([1, 2, 3, 4, 5], file))
        assert states == [["intent"], ["intent", "done", "intent"], ["intent", "done", "intent", "done", "intent"]]

    def test_every_line_is_forced_to_the_disk_before_the_next_step(
        self, kind: Kind, server: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file, forced = tmp_path / "run.jsonl", [0]
        monkeypatch.setattr("os.fsync", lambda descriptor: forced.append(file.stat().st_size))
        server.before = lambda: seen.append((forced[-1], file.stat().st_size))
        seen: list[tuple[int, int]] = []
        done(kind, server, send([1, 2, 3], file))
        assert len(seen) == 2
        assert all(on_disk == size for on_disk, size in seen)
        assert forced[-1] == file.stat().st_size

    @pytest.mark.parametrize("use", [send, write])
    def test_a_killed_process_leaves_a_chunk_in_doubt(self, tmp_path: Path, use: Callable[..., Run]) -> None:
        file, read = tmp_path / "run.jsonl", tmp_path / "read"
        action = (
            'send_callbacks([1, 2, 3, 4, 5], callback_text="hello", '
            if use is send
            else "add_to_list(5, [1, 2, 3, 4, 5], concurrency=1, "
        )
        script = f"""
import os, httpx2, pathlib, mavibot
read = pathlib.Path({str(read)!r})
def answer(request):
    with read.open("ab") as file:
        file.write(request.content + b"\\n")
    if read.read_bytes().count(b"\\n") == 2:
        os._exit(9)
    return httpx2.Response(200, json={{"status": "success", "callback_sended": 2}})
bot = mavibot.Mavibot({KEY!r}, base_url={BASE_URL!r}, transport=httpx2.MockTransport(answer))
bot.bulk.{action}chunk_size=2, resume={str(file)!r}).finish()
"""
        assert subprocess.run([sys.executable, "-c", script], timeout=240, check=False).returncode == 9
        assert len(read.read_bytes().splitlines()) == 2
        server = Api()
        outcomes = [each.outcome for each in done("blocking", server, use([1, 2, 3, 4, 5], file))]
        if use is send:
            assert outcomes == ["skipped", "unknown", "done"]
            assert server.items("platform_ids") == [5]
        else:
            assert outcomes == ["skipped", "done", "done"]
            assert server.items("clients") == [3, 4, 5]

    def test_a_chunk_in_doubt_is_sent_again_only_if_asked(self, kind: Kind, server: Api, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        server.answer = raising(httpx2.ReadTimeout("slow"))
        assert [each.outcome for each in done(kind, server, send([1, 2], file))] == ["unknown"]
        server.answer = lambda: None
        for _ in range(2):
            (doubtful,) = done(kind, server, send([1, 2], file))
            assert (doubtful.outcome, doubtful.items, doubtful.error) == ("unknown", (1, 2), None)
        assert len(server.bodies) == 1
        assert [each.outcome for each in done(kind, server, send([1, 2], file, repeat_unknown=True))] == ["done"]
        assert [each.outcome for each in done(kind, server, send([1, 2], file, repeat_unknown=True))] == ["skipped"]
        assert len(server.bodies) == 2

    def test_failed_chunks_are_tried_again(self, kind: Kind, server: Api, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        server.answer = lambda: httpx2.Response(429) if len(server.bodies) == 1 else None
        assert [each.outcome for each in done(kind, server, send([1, 2, 3], file))] == ["failed", "done"]
        assert [each.outcome for each in done(kind, server, send([1, 2, 3], file))] == ["done", "skipped"]
        assert server.items("platform_ids") == [1, 2, 3, 1, 2]

    def test_an_item_that_was_left_out_is_told_again(self, kind: Kind, server: Api, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        done(kind, server, write([1, 2, 3, "x"], file))
        results, summary = run(kind, server, write([1, 2, 3, "x"], file))
        assert [(each.outcome, list(each.invalid)) for each in results] == [("skipped", []), ("skipped", [3])]
        assert summary == BulkSummary(chunks=2, items=4, skipped=3, invalid=1)

    def test_a_torn_last_line_is_as_if_it_had_not_been_written(self, server: Api, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        done("blocking", server, send([1, 2, 3], file))
        whole = file.read_bytes()
        lines = whole.splitlines(keepends=True)
        for kept in range(len(lines)):
            before = b"".join(lines[:kept])
            for cut in {0, 1, len(lines[kept]) // 2, len(lines[kept]) - 1}:
                file.write_bytes(before + lines[kept][:cut])
                server.bodies.clear()
                outcomes = [each.outcome for each in done("blocking", server, send([1, 2, 3], file))]
                # Lines: fingerprint, intent, outcome, intent, outcome. An intent that is not whole was not sent.
                assert (
                    outcomes
                    == {
                        0: ["done", "done"],
                        1: ["done", "done"],
                        2: ["unknown", "done"],
                        3: ["skipped", "done"],
                        4: ["skipped", "unknown"],
                    }[kept]
                )
                assert all(json.loads(line) for line in file.read_bytes().splitlines())

    @pytest.mark.parametrize(
        "damage",
        [
            lambda lines: [lines[0], b'{"chunk": 0, "it\n', *lines[2:]],
            lambda lines: [lines[0], b"[]\n", *lines[2:]],
            lambda lines: [lines[0], b'{"chunk": 7, "outcome": "done", "left_out": []}\n', *lines[2:]],
            lambda lines: [*lines[:2], b'{"chunk": 0, "outcome": "perhaps", "left_out": []}\n'],
            lambda lines: lines[1:],
            lambda lines: [lines[0], b'{"chunk": "0", "items": "x"}\n'],
            lambda lines: [lines[0], b'{"chunk": 0.0, "items": "x"}\n'],
            lambda lines: [lines[0], b'{"chunk": -1, "items": "x"}\n'],
            lambda lines: [lines[0], b'{"chunk": true, "items": "x"}\n'],
            lambda lines: [*lines, b'{"chunk": false, "outcome": "done", "left_out": []}\n'],
            lambda lines: [lines[0], b'{"chunk": [0], "items": "x"}\n'],
            lambda lines: [lines[0], b'{"chunk": 0, "items": {}}\n'],
            lambda lines: [*lines[:2], b'{"chunk": 0, "outcome": ["done"], "left_out": []}\n'],
            lambda lines: [*lines[:2], b'{"chunk": 0, "outcome": "done", "left_out": "abc"}\n'],
            lambda lines: [*lines[:2], b'{"chunk": 0, "outcome": "done", "left_out": [2]}\n'],
            lambda lines: [*lines[:2], b'{"chunk": 0, "items": "x", "outcome": "done", "left_out": []}\n'],
            lambda lines: [lines[0], lines[0], *lines[1:]],
            lambda lines: [lines[0], b'"items"\n'],
            lambda lines: [lines[0], b"[" * 200_000 + b"\n"],
            lambda lines: [lines[0], b'{"chunk": ' + b"9" * 5000 + b', "items": "x"}\n'],
            lambda lines: [lines[0], b"\xff\xfe{\n"],
            lambda lines: [lines[0], b"\n", *lines[1:]],
            lambda lines: [b"name,phone\n", b"Anna,7987\n"],
            # As a power cut can leave a file: of its old length, and empty.
            lambda lines: [b"\0" * sum(map(len, lines))],
            lambda lines: [*lines[:3], lines[3][:9], b"\0" * 300],
            lambda lines: [b"notes without an end"],
        ],
    )
    def test_a_damaged_file_is_refused_and_kept(self, server: Api, tmp_path: Path, damage: Any) -> None:
        file = tmp_path / "run.jsonl"
        done("blocking", server, send([1, 2, 3], file))
        damaged = b"".join(damage(file.read_bytes().splitlines(keepends=True)))
        file.write_bytes(damaged)
        server.bodies.clear()
        with pytest.raises(ResumeError, match=r"line \d is damaged") as caught:
            done("blocking", server, send([1, 2, 3], file))
        assert caught.value.path == str(file)
        assert file.read_bytes() == damaged
        assert not server.bodies

    def test_a_fingerprint_with_true_for_1_is_another(self, server: Api, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        done("blocking", server, send([1, 2, 3], file, chunk_size=1))
        file.write_bytes(file.read_bytes().replace(b'"chunk_size": 1', b'"chunk_size": true', 1))
        server.bodies.clear()
        with pytest.raises(ResumeError, match="another chunk_size"):
            done("blocking", server, send([1, 2, 3], file, chunk_size=1))
        assert not server.bodies

    @pytest.mark.parametrize(
        ("use", "message"),
        [
            (lambda file: send([1, 2, 3], file, callback_text="bye"), "another arguments"),
            (lambda file: send([1, 2, 3], file, group_id="x_bot"), "another arguments"),
            (lambda file: send([1, 2, 3], file, chunk_size=3), "another chunk_size"),
            (lambda file: write([1, 2, 3], file), "another action and arguments"),
            (lambda file: send([1, 3, 2], file), "chunk 0 has other items"),
            (lambda file: send([1, 2, 4], file), "chunk 1 has other items"),
            (lambda file: send([1, 2, 3, 4], file), "chunk 1 has other items"),
            (lambda file: send([1, 2], file), "end after 1 chunks"),
            (lambda file: send([], file), "end after 0 chunks"),
        ],
    )
    def test_another_run_is_refused_and_nothing_is_sent(
        self, kind: Kind, server: Api, tmp_path: Path, use: Callable[[Path], Run], message: str
    ) -> None:
        file = tmp_path / "run.jsonl"
        done(kind, server, send([1, 2, 3], file))
        server.bodies.clear()
        with pytest.raises(ResumeError, match=message):
            done(kind, server, use(file))
        assert not server.bodies

    def test_a_rehearsal_against_another_server_does_not_count(self, server: Api, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        done("blocking", server, send([1, 2, 3], file), base_url="http://127.0.0.1:8080")
        with pytest.raises(ResumeError, match="another server"):
            done("blocking", server, send([1, 2, 3], file))

    @pytest.mark.parametrize("with_fcntl", [True, False])
    def test_two_runs_cannot_share_a_file(
        self, server: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_fcntl: bool
    ) -> None:
        if not with_fcntl:
            pytest.importorskip("filelock")
            monkeypatch.setitem(sys.modules, "fcntl", None)
        file = tmp_path / "run.jsonl"

        def second() -> None:
            with pytest.raises(ResumeError, match="another run is using it"):
                done("blocking", Api(), send([1, 2, 3], file))

        server.before = second
        done("blocking", server, send([1, 2, 3], file))
        server.before = lambda: None
        assert [each.outcome for each in done("blocking", server, send([1, 2, 3], file))] == ["skipped", "skipped"]
        left = {each.name for each in tmp_path.iterdir()}
        assert left <= ({"run.jsonl"} if with_fcntl else {"run.jsonl", "run.jsonl.lock"})

    def test_the_lock_of_a_killed_process_does_not_count(
        self, server: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pytest.importorskip("filelock")
        monkeypatch.setitem(sys.modules, "fcntl", None)
        file = tmp_path / "run.jsonl"
        (tmp_path / "run.jsonl.lock").write_text("4711")
        assert len(done("blocking", server, send([1, 2, 3], file))) == 2

    @pytest.mark.parametrize("kind_of_path", ["folder", "no folder", "device", "endless", "pipe", "nul"])
    def test_a_path_that_can_be_no_resume_file_is_refused(
        self, kind: Kind, server: Api, tmp_path: Path, kind_of_path: str
    ) -> None:
        path = tmp_path / "it"
        match kind_of_path:
            case "folder":
                path.mkdir()
            case "no folder":
                path = path / "run.jsonl"
            case "device":
                path = Path("/dev/null")
            case "endless":
                path = Path("/dev/zero")
            case "pipe":
                os.mkfifo(path)
            case "nul":
                path = Path("a\0b")
        with pytest.raises(ResumeError, match="cannot be"):
            done(kind, server, send([1], path))
        assert not server.bodies

    def test_a_folder_that_cannot_be_written_is_refused(
        self, kind: Kind, server: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def refuse(*_: Any, **__: Any) -> Any:
            raise PermissionError(errno.EACCES, "Permission denied")

        monkeypatch.setattr(Path, "open", refuse)  # root may write anywhere
        with pytest.raises(ResumeError, match="cannot be opened: Permission denied"):
            done(kind, server, send([1], tmp_path / "run.jsonl"))
        assert not server.bodies

    @pytest.mark.parametrize("room", range(0, 900, 37))
    def test_a_full_disk_ends_the_run_and_nothing_is_sent_twice(
        self, kind: Kind, server: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
    ) -> None:
        file, write_bytes = tmp_path / "run.jsonl", os.write
        left = [room]

        def write_a_part(descriptor: int, data: bytes) -> int:
            if not left[0]:
                raise OSError(errno.ENOSPC, "No space left on device")
            written = write_bytes(descriptor, bytes(data)[: left[0]])
            left[0] -= written
            return written

        seen: list[Any] = []
        with monkeypatch.context() as patch:
            patch.setattr("os.write", write_a_part)
            with pytest.raises(ResumeError, match="cannot be written: No space left"):
                done(
                    kind,
                    server,
                    send(range(1, 30), file, on_progress=lambda *told: seen.append(told)),
                )
        # Whatever was sent was reported, although the run ended with an error.
        assert len(seen) == len(server.bodies)
        results = done(kind, server, send(range(1, 30), file))
        assert Counter(server.items("platform_ids")).most_common(1)[0][1] == 1
        assert {each.outcome for each in results} <= {"skipped", "unknown", "done"}
        assert [each.outcome for each in results].count("unknown") <= 1

    def test_items_that_cannot_be_sent_are_left_out(self, kind: Kind, server: Api, tmp_path: Path) -> None:
        cyclic: list[Any] = []
        cyclic.append(cyclic)
        deep: Any = []
        for _ in range(100_000):
            deep = [deep]
        items = [1, cyclic, deep, object(), {1: 2, "a": 3}, float("nan"), "\ud800", b"x", None, 10**400, 2]
        use = lambda bulk: bulk.send_callbacks(items, callback_text="x", chunk_size=1, resume=tmp_path / "run.jsonl")  # noqa: E731
        for outcome in ("done", "skipped"):
            results = done(kind, server, use)
            assert [each.outcome for each in results] == [outcome, *["failed"] * 9, outcome]
        assert server.items("platform_ids") == [1, 2]

    def test_the_file_holds_neither_key_nor_text_nor_items(self, kind: Kind, server: Api, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        done(kind, server, send(["79875555555", "anna@example.com", "x"], file, callback_text="a secret"))
        content = file.read_text()
        assert not [word for word in (KEY, "7987", "anna", "secret") if word in content]

    def test_models_and_keys_in_another_order_are_the_same_run(self, server: Api, tmp_path: Path) -> None:
        from mavibot import models  # noqa: PLC0415 - imported late by the package too

        file = tmp_path / "run.jsonl"
        plain = {"client_type": 1, "group_id": "x_bot", "platform_id": "1"}
        model = models.NewClient(platform_id="1", group_id="x_bot", client_type=1)
        done("blocking", server, lambda bulk: bulk.load_clients([plain], resume=file))
        (again,) = done("blocking", server, lambda bulk: bulk.load_clients([model], resume=file))
        assert again.outcome == "skipped"


def personal(items: Iterable[Any], file: Path, **options: Any) -> Run:
    """Return a use of the namespace that sends each client a message of its own."""
    return lambda bulk: bulk.messages(items, resume=file, **options)


class TestMessages:
    def test_each_client_gets_its_own(self, kind: Kind, server: Api) -> None:
        items = [
            (1, "Hello Anna"),
            ("2", {"message": "Hello Ivan", "attachment_type": "image", "attachment_url": "https://a.example/b.jpg"}),
            [3, "x"],
        ]
        results, summary = run(kind, server, lambda bulk: bulk.messages(iter(items)))
        assert server.actions == ["message"] * 3
        assert server.bodies == [
            {"client_id": 1, "message": "Hello Anna"},
            {
                "client_id": "2",
                "message": "Hello Ivan",
                "attachment_type": "image",
                "attachment_url": "https://a.example/b.jpg",
            },
            {"client_id": 3, "message": "x"},
        ]
        assert [(each.first, each.items, each.outcome) for each in results] == [
            (index, (item,), "done") for index, item in enumerate(items)
        ]
        assert {each.reply.status for each in results if each.reply is not None} == {"success"}
        assert summary == BulkSummary(chunks=3, items=3, done=3)

    @pytest.mark.parametrize(
        ("item", "reason"),
        [
            ((1, ""), "message: must not be empty"),
            (("anna", "x"), "client_id: 'anna' does not have the expected form"),
            ((None, "x"), "client_id: is required"),
            ((1, {}), "is required"),
            ((1, {"text": "x"}), "text: is no parameter here"),
            ((1, {"message": "x", "mesage_id": 5}), "did you mean 'message_id'"),
            ((1, {"client_id": 2, "message": "x"}), "must be (client_id, message)"),
            ((1, {2: "x"}), "must be (client_id, message)"),
            ((1, {"buttons": [{"type": "x"}], "message": "x"}), "buttons[0].type"),
            ((1, 2), "must be (client_id, message)"),
            ((1, "x", "y"), "must be (client_id, message)"),
            ((1,), "must be (client_id, message)"),
            ("ab", "must be (client_id, message)"),
            (5, "must be (client_id, message)"),
            (None, "must be (client_id, message)"),
            ((1, "\ud800"), "message"),
        ],
    )
    def test_an_invalid_item_is_left_out_alone(
        self, kind: Kind, server: Api, tmp_path: Path, item: Any, reason: str
    ) -> None:
        use = personal([(1, "x"), item, (3, "y")], tmp_path / "run.jsonl")
        results, summary = run(kind, server, use)
        assert [each.outcome for each in results] == ["done", "failed", "done"]
        assert list(results[1].invalid) == [1]
        assert reason in results[1].invalid[1]
        assert [body["client_id"] for body in server.bodies] == [1, 3]
        assert summary == BulkSummary(chunks=3, items=3, done=2, invalid=1)
        assert [each.outcome for each in done(kind, server, use)] == ["skipped", "failed", "skipped"]

    @pytest.mark.parametrize("items", ["ab", {1: "x"}, 5, None])
    def test_what_is_no_list_of_pairs_is_refused_at_once(self, kind: Kind, server: Api, items: Any) -> None:
        with pytest.raises(InvalidParameters, match="items: must be a list"):
            done(kind, server, lambda bulk: bulk.messages(items))

    def test_a_call_carries_one_item(self, kind: Kind, server: Api) -> None:
        with pytest.raises(InvalidParameters, match="chunk_size: from 1 to 1, got 2"):
            done(kind, server, lambda bulk: bulk.messages([(1, "x")], chunk_size=2))

    def test_asynchronous_iterables_are_taken(self, server: Api) -> None:
        async def items() -> AsyncIterator[tuple[int, str]]:
            for each in range(1, 4):
                await asyncio.sleep(0)
                yield each, "Hello"

        assert len(done("asyncio", server, lambda bulk: bulk.messages(items()))) == 3
        assert [body["client_id"] for body in server.bodies] == [1, 2, 3]

    def test_progress_and_order(self, kind: Kind, server: Api) -> None:
        told: list[Any] = []
        items = [(number, "x") for number in range(1, 20)]
        done(kind, server, lambda bulk: bulk.messages(items, on_progress=lambda *numbers: told.append(numbers)))
        assert [body["client_id"] for body in server.bodies] == [*range(1, 20)]
        assert told == [(number, 19) for number in range(1, 20)]

    @given(
        clients=st.lists(st.integers(1, 99), unique=True, max_size=8),
        crashes=st.lists(st.tuples(st.integers(1, 6), st.booleans()), max_size=4),
        kind=st.sampled_from(KINDS),
    )
    @law(60)
    def test_whenever_it_crashes_nothing_is_lost_and_nothing_is_sent_twice(
        self, clients: list[int], crashes: list[tuple[int, bool]], kind: Kind
    ) -> None:
        server, items = Api(), [(client, f"Hello {client}") for client in clients]
        with TemporaryDirectory() as folder:
            file = Path(folder) / "run.jsonl"
            results, again = done_after(crashes, kind, server, lambda: personal(iter(items), file))
        assert [item for each in results for item in each.items] == items
        received = Counter(body["client_id"] for body in server.bodies)
        assert all(times == 1 for times in received.values())
        assert {each.items[0][0] for each in results if each.outcome != "unknown"} <= received.keys()
        assert {each.outcome for each in again} <= {"skipped", "unknown"}

    def test_a_killed_process_leaves_one_message_in_doubt(self, tmp_path: Path) -> None:
        file, read = tmp_path / "run.jsonl", tmp_path / "read"
        script = f"""
import os, signal, httpx2, pathlib, mavibot
read = pathlib.Path({str(read)!r})
def answer(request):
    with read.open("ab") as file:
        file.write(request.content + b"\\n")
    if read.read_bytes().count(b"\\n") == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return httpx2.Response(200, json={{"status": "success"}})
bot = mavibot.Mavibot({KEY!r}, base_url={BASE_URL!r}, transport=httpx2.MockTransport(answer))
bot.bulk.messages([(1, "a"), (2, "b"), (3, "c")], resume={str(file)!r}).finish()
"""
        assert subprocess.run([sys.executable, "-c", script], timeout=240, check=False).returncode == -signal.SIGKILL
        assert len(read.read_bytes().splitlines()) == 2
        server = Api()
        items = [(1, "a"), (2, "b"), (3, "c")]
        assert [each.outcome for each in done("blocking", server, personal(items, file))] == [
            "skipped",
            "unknown",
            "done",
        ]
        assert [body["client_id"] for body in server.bodies] == [3]
        again = done("blocking", server, personal(items, file, repeat_unknown=True))
        assert [each.outcome for each in again] == ["skipped", "done", "skipped"]
        assert [body["client_id"] for body in server.bodies] == [3, 2]

    def test_another_text_is_another_run(self, kind: Kind, server: Api, tmp_path: Path) -> None:
        file = tmp_path / "run.jsonl"
        done(kind, server, personal([(1, "a"), (2, "b")], file))
        with pytest.raises(ResumeError, match="chunk 1 has other items"):
            done(kind, server, personal([(1, "a"), (2, "c")], file))
        assert len(server.bodies) == 2
        assert not [word for word in ("Hello", KEY) if word in file.read_text()]

    def test_a_refused_key_ends_the_run(self, kind: Kind, server: Api) -> None:
        server.answer = replying(401, json={})
        with pytest.raises(RefusedKey):
            done(kind, server, lambda bulk: bulk.messages([(1, "a"), (2, "b")]))
        assert len(server.bodies) == 1

    def test_a_rate_limit_holds(self, server: Api) -> None:
        turns: list[str] = []

        def take(name: str, **_: Any) -> bool:
            turns.append(name)
            return True

        limiter = SimpleNamespace(try_acquire=take)
        transport = httpx2.MockTransport(server)
        with Mavibot(KEY, base_url=BASE_URL, transport=transport, rate=limiter) as bot:  # type: ignore[arg-type]
            assert bot.bulk.messages([(1, "a"), (2, "b")]).finish().done == 2
        assert len(turns) == 2


def test_against_the_mock(kind: Kind, tmp_path: Path) -> None:
    def results(server: Server, use: Run) -> list[ChunkResult[Any]]:
        if kind == "blocking":
            with Mavibot(server.api_key, base_url=server.url) as bot:
                blocking: Any = use(bot.bulk)
                return list(blocking)

        async def main() -> list[ChunkResult[Any]]:
            async with AsyncMavibot(server.api_key, base_url=server.url) as bot:
                awaitable: Any = use(bot.bulk)
                return [each async for each in awaitable]

        return asyncio.run(main())

    with Server() as server, Mavibot(server.api_key, base_url=server.url) as bot:
        people = [
            {"platform_id": f"90000{number}", "group_id": "example_bot", "client_type": 1} for number in range(25)
        ]
        loaded = results(server, lambda bulk: bulk.load_clients(people, chunk_size=10, resume=tmp_path / "load.jsonl"))
        replies = [each.reply for each in sorted(loaded, key=lambda each: each.index) if each.reply is not None]
        ids = [item.id for reply in replies for item in reply.items]
        assert len(set(ids)) == 25
        texts = [(each, f"Hello {each}") for each in ids]
        assert {each.outcome for each in results(server, lambda bulk: bulk.messages(texts))} == {"done"}
        assert {bot.get_history(client_id=each).result[0].text for each in ids} == {text for _, text in texts}
        saved = results(server, lambda bulk: bulk.save_variables_for(ids, {"client.city": "Paris"}, chunk_size=10))
        assert [each.outcome for each in saved] == ["done"] * 3
        assert {bot.get_variables(client_id=each)["city"] for each in ids} == {"Paris"}


DOCUMENT = Path(__file__).parents[2] / "docs/guides/bulk.md"
BLOCKS = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.splitlines()[0])
def test_the_examples_of_the_document_run(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, json=good_reply(CONTRACT.operation(request.url.path.rsplit("/", 1)[1])))

    def client(kind: Any) -> Any:
        return lambda *_, **__: kind(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(answer))

    monkeypatch.chdir(tmp_path)
    Path("ids.txt").write_text("25554\n49177759\n")
    with client(Mavibot)() as bot:
        names = {"bot": bot, "client_ids": [25554, 49177759], "AsyncMavibot": client(AsyncMavibot)}
        exec(compile(block, str(DOCUMENT), "exec"), names)
    assert capsys.readouterr().err == ""


def test_the_document_has_examples() -> None:
    assert len(BLOCKS) >= 4
