"""Runs one action over any number of items, in chunks that are sent a few at a time, each with its own result."""

from __future__ import annotations

import asyncio
import os
import warnings
from collections.abc import (
    AsyncIterable,
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sized,
)
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count, islice
from typing import Any, Final, Generic, Literal, TypeVar

import mavibot_contract
from mavibot._bulk_job import Job, RunOptions
from mavibot._check import unknown
from mavibot._loops import running_loop
from mavibot._resume import Outcome, RunFile, digest, digest_of_all
from mavibot.errors import (
    ApiError,
    ConnectionFailed,
    InvalidParameters,
    MavibotError,
    Problem,
    RefusedKey,
    RefusedPermission,
    ResumeError,
    UnreadableReply,
    shown,
)

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")
_Reply_co = TypeVar("_Reply_co", covariant=True)

#: Items in a chunk if the contract has no limit. Integrators send broadcasts by the hundred; it keeps requests small,
#: and few items in doubt after a failure.
DEFAULT_CHUNK_SIZE: Final = 100
#: Chunks under way at a time. A send keeps its order, and no more than one chunk is ever in doubt.
SEND_CONCURRENCY: Final = 1
WRITE_CONCURRENCY: Final = 4

# Greatest chunk size and concurrency where the contract has no limit.
_MOST: Final = 1_000_000

# What would meet every other chunk too.
_FATAL: Final = (RefusedKey, RefusedPermission)
_LEFT_OUT: Final = "was left out in the earlier run"


@dataclass(frozen=True, slots=True)
class ChunkResult(Generic[_Reply_co]):
    """The result of one chunk; its type parameter is what the method of the action returns.

    Attributes:
        index: index of the chunk, from 0.
        first: index of its first item in the input, from 0.
        items: the items as given.
        outcome: `done`; `failed`, nothing was carried out; `unknown`, the server may have carried it out; `skipped`,
            an earlier run with the same resume file completed it.
        reply: what the method of the action returned, if the outcome is `done` and there is no error.
        error: why it failed or is not known; with `done` only an `UnreadableReply`.
        invalid: items that break the contract, index in the input -> what is wrong; only these were left out.
    """

    index: int
    first: int
    items: tuple[Any, ...] = field(repr=False)
    outcome: Outcome | Literal["skipped"]
    reply: _Reply_co | None = field(default=None, repr=False)
    error: MavibotError | None = None
    invalid: Mapping[int, str] = field(default_factory=dict)

    @property
    def items_count(self) -> int:
        """Number of its items."""
        return len(self.items)


@dataclass(frozen=True, slots=True)
class BulkSummary:
    """The results of a run so far, counted in items.

    Attributes:
        chunks: chunks processed.
        items: items processed; the sum of the following.
        done: items of chunks that were carried out.
        skipped: items of chunks that an earlier run completed.
        failed: items of chunks that were refused or not sent.
        unknown: items of chunks that the server may have carried out.
        invalid: items that break the contract and were left out.
    """

    chunks: int = 0
    items: int = 0
    done: int = 0
    skipped: int = 0
    failed: int = 0
    unknown: int = 0
    invalid: int = 0

    @property
    def complete(self) -> bool:
        """Whether every item so far is done, now or in an earlier run."""
        return self.items == self.done + self.skipped


@dataclass(frozen=True, slots=True)
class _Chunk:
    index: int
    first: int
    items: tuple[Any, ...]


class _Run(Generic[_Reply_co]):
    """What blocking and asynchronous runs share: everything except sending and waiting."""

    def __init__(self, job: Job, server: str, items: Any) -> None:
        self._job = job
        operation = mavibot_contract.load().operation(job.action)
        if isinstance(items, str | bytes | Mapping) or not isinstance(items, Iterable | AsyncIterable):
            raise self._wrong(job.items_name, f"must be a list or another iterable of items, got {shown(items)}")
        self._server = server
        self._idempotent = operation.idempotent
        self._check_options()
        self._chunk_size = self._option("chunk_size", job.most_items or DEFAULT_CHUNK_SIZE, job.most_items)
        usual = SEND_CONCURRENCY if operation.effect == "send" else WRITE_CONCURRENCY
        self._concurrency = self._option("concurrency", usual, None)
        self._items: Any = items
        self._total = len(items) if isinstance(items, Sized) else None
        self._file: RunFile | None = None
        self._summary = BulkSummary()
        self._started = False
        self._reading = True
        # What stops the run; raised when everything under way has been reported.
        self._trouble: BaseException | None = None

    @property
    def summary(self) -> BulkSummary:
        """The results of the run so far."""
        return self._summary

    def __del__(self) -> None:
        if not getattr(self, "_started", True):
            warnings.warn(
                f"a bulk run of {self._job.action} was neither iterated nor finished, so nothing was sent",
                RuntimeWarning,
                stacklevel=2,
            )

    def _start(self) -> None:
        if self._started:
            raise RuntimeError("a bulk run can be iterated once; to continue later, use a resume file")
        self._started = True

    def _check_end(self, chunks: int) -> None:
        if self._file is not None:
            self._file.finish(chunks)

    def _option(self, name: Literal["chunk_size", "concurrency"], usual: int, greatest: int | None) -> int:
        given = self._job.options.get(name)
        chosen = usual if given is None else given
        if type(chosen) is not int:
            raise self._wrong(name, f"must be a whole number, got {shown(chosen)}")
        if chosen > _MOST:
            raise self._wrong(name, f"at most {_MOST}, got {shown(chosen)}")
        if chosen < 1 or (greatest is not None and chosen > greatest):
            bounds = "at least 1" if greatest is None else f"from 1 to {greatest}"
            raise self._wrong(name, f"{bounds}, got {chosen}")
        return chosen

    def _check_options(self) -> None:
        options = self._job.options
        for name in options:
            if name not in RunOptions.__annotations__:
                raise self._wrong(name, unknown(name, RunOptions.__annotations__))
        on_progress: object = options.get("on_progress")
        if not (on_progress is None or callable(on_progress)):
            raise self._wrong("on_progress", f"must be callable, got {shown(on_progress)}")
        resume: object = options.get("resume")
        if not isinstance(resume, str | os.PathLike | None):
            raise self._wrong("resume", f"must be a path, got {shown(resume)}")
        repeat_unknown: object = options.get("repeat_unknown", False)
        if not isinstance(repeat_unknown, bool):
            raise self._wrong("repeat_unknown", f"must be True or False, got {shown(repeat_unknown)}")

    def _wrong(self, name: str, reason: str) -> InvalidParameters:
        return InvalidParameters(self._job.action, [Problem(name, reason)])

    def _open_file(self, stack: ExitStack) -> None:
        if (path := self._job.options.get("resume")) is not None:
            fingerprint = {
                "action": self._job.action,
                "server": self._server,
                "chunk_size": self._chunk_size,
                "arguments": digest(self._job.constants),
            }
            self._file = stack.enter_context(RunFile(path, fingerprint))

    def _begin(self, chunk: _Chunk) -> ChunkResult[_Reply_co] | None:
        """Record that a chunk is about to be sent, or return its result if it must not be sent."""
        if self._file is None:
            return None
        items = digest_of_all(chunk.items)
        earlier = self._file.earlier(chunk.index, items)
        if earlier is not None and earlier.outcome == "done":
            return self._result(chunk, "skipped", invalid=dict.fromkeys(earlier.left_out, _LEFT_OUT))
        doubtful = earlier is not None and earlier.outcome == "unknown"
        if doubtful and not (self._idempotent or self._job.options.get("repeat_unknown", False)):
            return self._result(chunk, "unknown")
        self._file.write_intent(chunk.index, items)
        return None

    def _end(self, result: ChunkResult[_Reply_co]) -> None:
        """Record the outcome of a chunk that was to be sent; where that fails the run ends, and the result is kept."""
        if self._file is not None and result.outcome != "skipped":
            try:
                self._file.write_outcome(result.index, result.outcome, result.invalid)
            except ResumeError as error:
                self._stop(error)

    def _invalid(self, chunk: _Chunk, error: InvalidParameters) -> dict[int, str]:
        """Return the items because of which a call was refused before it was sent: index in the input -> what is wrong.

        Raises:
            InvalidParameters: it was refused for another reason, as every other chunk would be.
        """
        found: dict[int, list[str]] = {}
        for problem in error.problems:
            culprit = self._job.culprit(problem)
            if culprit is None:
                self._end(self._result(chunk, "failed"))
                raise error
            index, of_item = culprit
            found.setdefault(chunk.first + index, []).append(str(of_item))
        return {index: "; ".join(messages) for index, messages in found.items()}

    def _without(self, chunk: _Chunk, invalid: Mapping[int, str]) -> list[Any]:
        return [item for index, item in enumerate(chunk.items, chunk.first) if index not in invalid]

    def _none_valid(self, chunk: _Chunk, invalid: Mapping[int, str]) -> ChunkResult[_Reply_co]:
        problems = [Problem(f"{self._job.items_name}[{index}]", message) for index, message in invalid.items()]
        error = InvalidParameters(self._job.action, problems)
        return self._result(chunk, "failed", error=error, invalid=invalid)

    def _result(
        self,
        chunk: _Chunk,
        outcome: Outcome | Literal["skipped"],
        *,
        reply: Any = None,
        error: MavibotError | None = None,
        invalid: Mapping[int, str] | None = None,
    ) -> ChunkResult[_Reply_co]:
        return ChunkResult(chunk.index, chunk.first, chunk.items, outcome, reply, error, invalid or {})

    def _settled(
        self, attempt: Future[ChunkResult[_Reply_co]] | asyncio.Task[ChunkResult[_Reply_co]]
    ) -> ChunkResult[_Reply_co] | None:
        """Return the result of a finished attempt; note what would stop every other one as well."""
        error = attempt.exception()
        result = attempt.result() if error is None else None
        if result is not None and isinstance(result.error, _FATAL):
            error = result.error
        if error is not None:
            self._stop(error)
        return result

    def _stop(self, trouble: BaseException) -> None:
        """End the run after what is under way."""
        self._trouble = self._trouble or trouble
        self._reading = False

    def _count(self, result: ChunkResult[_Reply_co]) -> ChunkResult[_Reply_co]:
        """Add a result to the summary, report the progress and return the result."""
        before = self._summary
        invalid = len(result.invalid)
        counts = {name: getattr(before, name) for name in ("done", "skipped", "failed", "unknown")}
        counts[result.outcome] += result.items_count - invalid
        self._summary = BulkSummary(
            chunks=before.chunks + 1,
            items=before.items + result.items_count,
            invalid=before.invalid + invalid,
            **counts,
        )
        if on_progress := self._job.options.get("on_progress"):
            on_progress(self._summary.items, self._total)
        return result


class BulkRun(_Run[_Reply_co]):
    """A bulk run of the blocking client. It works while it is iterated, which is possible once; nothing is sent before.

    Iterating yields a `ChunkResult` for each chunk, in the order in which they are settled; or call `finish`.
    Leaving the loop early ends the run after the calls under way.

    Raises:
        RefusedKey, RefusedPermission: the server refuses the key; the chunk's result comes first.
        InvalidParameters: an argument that is the same for all items breaks the contract; nothing was sent.
        ResumeError: the resume file cannot be used with these arguments.
    """

    def __init__(self, call: Callable[[Mapping[str, Any]], Any], job: Job, server: str, items: Any) -> None:
        super().__init__(job, server, items)
        self._call = call

    def __iter__(self) -> Iterator[ChunkResult[_Reply_co]]:
        self._start()
        return self._work()

    def finish(self) -> BulkSummary:
        """Run to the end and return the summary."""
        for _ in self:
            pass
        return self.summary

    def _work(self) -> Iterator[ChunkResult[_Reply_co]]:
        with ExitStack() as stack:
            self._open_file(stack)
            pool = stack.enter_context(ThreadPoolExecutor(self._concurrency)) if self._concurrency > 1 else None
            chunks, under_way = self._chunks(), set[Future[ChunkResult[_Reply_co]]]()
            while self._reading or under_way:
                has_room = self._reading and len(under_way) < self._concurrency
                step = self._next(chunks) if has_room else self._first_settled(under_way)
                if isinstance(step, _Chunk):
                    under_way.add(self._submit(step, pool))
                elif step is not None:
                    yield self._count(step)
            if self._trouble is not None:
                raise self._trouble

    def _submit(self, chunk: _Chunk, pool: ThreadPoolExecutor | None) -> Future[ChunkResult[_Reply_co]]:
        """Send a chunk; in this thread if there is no pool."""
        if pool is not None:
            return pool.submit(self._attempt, chunk)
        future: Future[ChunkResult[_Reply_co]] = Future()
        try:
            future.set_result(self._attempt(chunk))
        except Exception as error:
            future.set_exception(error)
        return future

    def _next(self, chunks: Iterator[_Chunk]) -> _Chunk | ChunkResult[_Reply_co] | None:
        """Return the next chunk to send, or the result of one that must not be sent; `None` if none is left."""
        try:
            chunk = next(chunks, None)
            if chunk is not None:
                return self._begin(chunk) or chunk
        except Exception as error:
            self._stop(error)
        self._reading = False
        return None

    def _first_settled(self, under_way: set[Future[ChunkResult[_Reply_co]]]) -> ChunkResult[_Reply_co] | None:
        """Wait until a chunk is settled, take it out, and return its result if it has one."""
        # One at a time, so that the items of those that are reported are not kept.
        future = next(iter(wait(under_way, return_when=FIRST_COMPLETED).done))
        under_way.remove(future)
        return self._settled(future)

    def _chunks(self) -> Iterator[_Chunk]:
        source, first = iter(self._items), 0
        for index in count():
            items = tuple(islice(source, self._chunk_size))
            if not items:
                self._check_end(index)
                return
            yield _Chunk(index, first, items)
            first += len(items)

    def _attempt(self, chunk: _Chunk) -> ChunkResult[_Reply_co]:
        result = self._send(chunk)
        self._end(result)
        return result

    def _send(self, chunk: _Chunk) -> ChunkResult[_Reply_co]:
        invalid: dict[int, str] = {}
        try:
            try:
                reply = self._call(self._job.parameters(chunk.items))
            except InvalidParameters as error:
                invalid = self._invalid(chunk, error)
                if not (rest := self._without(chunk, invalid)):
                    return self._none_valid(chunk, invalid)
                reply = self._call(self._job.parameters(rest))
        except (ApiError, ConnectionFailed) as error:
            return self._result(chunk, _outcome(error), error=error, invalid=invalid)
        return self._result(chunk, "done", reply=reply, invalid=invalid)


class AsyncBulkRun(_Run[_Reply_co]):
    """A bulk run of the asynchronous client; otherwise like `BulkRun`.

    Asynchronous iterables are accepted too. If the task is cancelled, so are the calls under way: their outcome is not
    known.
    """

    def __init__(
        self, call: Callable[[Mapping[str, Any]], Coroutine[Any, Any, Any]], job: Job, server: str, items: Any
    ) -> None:
        super().__init__(job, server, items)
        self._call = call

    def __aiter__(self) -> AsyncIterator[ChunkResult[_Reply_co]]:
        self._start()
        return self._work()

    async def finish(self) -> BulkSummary:
        """Run to the end and return the summary."""
        async for _ in self:
            pass
        return self.summary

    async def _work(self) -> AsyncIterator[ChunkResult[_Reply_co]]:
        running_loop()
        with ExitStack() as stack:
            self._open_file(stack)
            chunks, under_way = self._chunks(), set[asyncio.Task[ChunkResult[_Reply_co]]]()
            try:
                while self._reading or under_way:
                    has_room = self._reading and len(under_way) < self._concurrency
                    step = await self._next(chunks) if has_room else await self._first_settled(under_way)
                    if isinstance(step, _Chunk):
                        under_way.add(asyncio.create_task(self._attempt(step)))
                    elif step is not None:
                        yield self._count(step)
            except asyncio.CancelledError:
                for task in under_way:
                    task.cancel()
                raise
            finally:
                if under_way:
                    await asyncio.wait(under_way)
            if self._trouble is not None:
                raise self._trouble

    async def _next(self, chunks: AsyncIterator[_Chunk]) -> _Chunk | ChunkResult[_Reply_co] | None:
        """Return the next chunk to send, or the result of one that must not be sent; `None` if none is left."""
        try:
            chunk = await anext(chunks, None)
            if chunk is not None:
                return await self._on_disk(self._begin, chunk) or chunk
        except Exception as error:
            self._stop(error)
        self._reading = False
        return None

    async def _first_settled(
        self, under_way: set[asyncio.Task[ChunkResult[_Reply_co]]]
    ) -> ChunkResult[_Reply_co] | None:
        """Wait until a chunk is settled, take it out, and return its result if it has one."""
        # One at a time, so that the items of those that are reported are not kept.
        finished, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
        task = finished.pop()
        under_way.remove(task)
        return self._settled(task)

    async def _chunks(self) -> AsyncIterator[_Chunk]:
        items: list[Any] = []
        index = first = 0
        async for item in _each(self._items):
            items.append(item)
            if len(items) == self._chunk_size:
                yield _Chunk(index, first, tuple(items))
                index, first, items = index + 1, first + len(items), []
        if items:
            yield _Chunk(index, first, tuple(items))
            index += 1
        self._check_end(index)

    async def _attempt(self, chunk: _Chunk) -> ChunkResult[_Reply_co]:
        result = await self._send(chunk)
        await self._on_disk(self._end, result)
        return result

    async def _send(self, chunk: _Chunk) -> ChunkResult[_Reply_co]:
        invalid: dict[int, str] = {}
        try:
            try:
                reply = await self._call(self._job.parameters(chunk.items))
            except InvalidParameters as error:
                invalid = self._invalid(chunk, error)
                if not (rest := self._without(chunk, invalid)):
                    return self._none_valid(chunk, invalid)
                reply = await self._call(self._job.parameters(rest))
        except (ApiError, ConnectionFailed) as error:
            return self._result(chunk, _outcome(error), error=error, invalid=invalid)
        return self._result(chunk, "done", reply=reply, invalid=invalid)

    async def _on_disk(self, write: Callable[[_Item], _Result], item: _Item) -> _Result:
        """Write outside the event loop, because it may wait for the disk."""
        return write(item) if self._file is None else await asyncio.to_thread(write, item)


async def _each(items: Iterable[Any] | AsyncIterable[Any]) -> AsyncIterator[Any]:
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


def _outcome(error: MavibotError) -> Outcome:
    """Return whether a call was carried out, as far as its error says."""
    if isinstance(error, UnreadableReply):
        return "done"
    return "unknown" if error.sent else "failed"
