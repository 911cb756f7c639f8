"""Posts a project's messages to its webhook address: one attempt each, in order, every attempt logged."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final, Literal

import orjson

from mavibot_mock.state.changes import Changes, running_loop
from mavibot_mock.webhook import poster
from mavibot_mock.webhook.event import event
from mavibot_mock.webhook.targets import addresses_of, check_target

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence

    from mavibot_mock.state.state import State
    from mavibot_mock.webhook.poster import Answer

    #: Hands an event to a receiver in this process.
    Deliver = Callable[[bytes], Awaitable[Answer]]

#: How many attempts are kept: enough for any test, little enough for endless load.
KEPT: Final = 1000
#: How many events wait at most, held ones too; what comes beyond is skipped.
_MOST_WAITING: Final = 20_000
#: Bytes of the events that wait, and of those in the log, at most.
_MOST_BYTES: Final = 32_000_000
#: How long the worker and its connection outlive the last event, seconds.
_LINGER: Final = 0.5

AttemptState = Literal["waiting", "held", "skipped", "delivered", "failed"]


@dataclass(slots=True)
class Attempt:
    """One event on its way to the webhook.

    Attributes:
        number: place of the attempt in the project's life, from 1; 0 until it is in the log.
        message: id of the message that the event is about; `None` if it is of a record, whose messages the project does
            not have.
        time: when it happened, Unix seconds on the project's clock.
        state: `delivered` after a 2xx reply; `skipped` where nothing was sent, as long as there is no address.
        redelivery_of: number of the attempt that it repeats.
        url: where it was sent.
        request: the exact bytes that are sent; `None` if there are none, or a record does not hold them.
        status: HTTP status of the reply.
        reply: the first bytes of the reply.
        latency: seconds until the reply or the error.
        error: what went wrong.
        recorded: what a record says of the attempt beside, in words; `None` for one that was made here.
    """

    number: int
    message: int | None
    time: float
    state: AttemptState
    redelivery_of: int | None = None
    url: str | None = None
    request: bytes | None = None
    status: int | None = None
    reply: bytes | None = None
    latency: float | None = None
    error: str | None = None
    recorded: Sequence[str] | None = None

    @property
    def size(self) -> int:
        """How many bytes the event has."""
        return 0 if self.request is None else len(self.request)

    @property
    def is_repeatable(self) -> bool:
        """Whether the event can be sent once more: a record may not hold it."""
        return self.message is not None or self.request is not None

    def shown(self) -> dict[str, Any]:
        """Return the attempt ready for JSON."""
        return {
            "number": self.number,
            "message_id": self.message,
            "time": self.time,
            "state": self.state,
            "redelivery_of": self.redelivery_of,
            "url": self.url,
            "request": None if self.request is None else self.request.decode(),
            "status": self.status,
            "reply": None if self.reply is None else self.reply.decode(errors="replace"),
            "latency": self.latency,
            "error": self.error,
        }


class Outbox:
    """The webhook deliveries of one project.

    Attributes:
        state: the project's state.
        allowed_hosts: where webhooks may go beyond this machine, lower-case.
        is_holding: whether events wait until they are released.
        changes: tells of every attempt that was made.
        receiver: address and function of a receiver in this process, instead of the project's webhook address.
    """

    def __init__(self, state: State, *, changed: Callable[[], object] | None = None) -> None:
        """Prepare the deliveries of a project.

        Args:
            state: the project's state, which holds the messages and the webhook's address.
            changed: called at every change.
        """
        self.state: Final = state
        self._queue: Final[deque[Attempt]] = deque()
        self._log: Final[deque[Attempt]] = deque()
        self._bytes_waiting = 0
        self._bytes_logged = 0
        self._count = 0
        self._on_its_way: Attempt | None = None
        self._worker: asyncio.Task[None] | None = None
        self.allowed_hosts: frozenset[str] = frozenset()
        self.is_holding = False
        self.changes: Final = Changes(also=changed)
        self.receiver: tuple[str, Deliver] | None = None

    def check(self, url: str) -> None:
        """Check whether an address may be used.

        Args:
            url: the address, or an empty text for none.

        Raises:
            ValueError: it is not an address, or leads to another machine.
        """
        if url:
            check_target(url, allowed=self.allowed_hosts)

    def post(self, message_ids: Iterable[int]) -> None:
        """Post messages, or log that they cannot be posted; called once the transaction that wrote them has succeeded.

        Args:
            message_ids: ids of the messages, in the order in which they go out.
        """
        for message_id in message_ids:
            self._post(message_id)
        self.start()

    @property
    def is_busy(self) -> bool:
        """Whether something is on its way or could go now."""
        return self._on_its_way is not None or (bool(self._queue) and not self.is_holding)

    @property
    def waiting(self) -> int:
        """How many events wait or are on their way."""
        return len(self._queue) + (self._on_its_way is not None)

    def record(self, attempt: Attempt) -> None:
        """Log an attempt of a record."""
        self._log_it(attempt)

    def attempts(self) -> Iterator[Attempt]:
        """Return the last attempts that were made here, oldest first."""
        return (attempt for attempt in self._log if attempt.recorded is None)

    def recorded(self) -> Iterator[Attempt]:
        """Return the attempts of a record that are still kept, oldest first: a log begins with them."""
        return takewhile(lambda attempt: attempt.recorded is not None, self._log)

    def newest(self, *, before: int | None = None) -> Iterator[Attempt]:
        """Return the attempts before the one with a number, or all, newest first; recorded ones too."""
        return (attempt for attempt in reversed(self._log) if before is None or attempt.number < before)

    def attempt(self, number: int) -> Attempt | None:
        """Return the attempt with a number; `None` if it is not in the log."""
        return next((attempt for attempt in self._log if attempt.number == number), None)

    def redeliver(self, number: int) -> Attempt | None:
        """Send an event once more, after all that wait, and return the new attempt.

        Returns:
            The new attempt; `None` if the event is not in the log, or a record does not hold it.
        """
        attempt = self.attempt(number)
        if attempt is None or not attempt.is_repeatable:
            return None
        again = self._post(attempt.message, request=attempt.request, redelivery_of=number)
        self.start()
        return again

    def hold(self) -> None:
        """Hold events until they are released."""
        self.is_holding = True
        for attempt in self._queue:
            attempt.state = "held"
        self.changes.tell()

    def release(self) -> int:
        """Release what was held, and return how many events that is."""
        self.is_holding = False
        for attempt in self._queue:
            attempt.state = "waiting"
        self.changes.tell()
        self.start()
        return len(self._queue)

    async def settle(self, *, timeout: float | None = None) -> bool:  # noqa: ASYNC109
        """Wait until everything that may go out went out, and return whether it did.

        Args:
            timeout: longest wait in seconds, or `None` for any.
        """
        self.start()
        return await self.changes.until(lambda: not self.is_busy, timeout=timeout)

    def start(self) -> None:
        """Wake the worker if there is work and an event loop; without a loop the next call does it."""
        if not self._queue or self.is_holding:
            return
        loop = running_loop()
        if loop is None:
            return
        if self._worker is None or self._worker.done() or self._worker.get_loop() is not loop:
            self._worker = loop.create_task(self._work())
        else:
            self.changes.tell()

    def reset(self) -> None:
        """Forget all attempts and everything that waits."""
        self._forget_waiting()
        self._log.clear()
        self._bytes_logged = 0
        self._count = 0
        self.is_holding = False
        self.changes.tell()

    def close(self) -> None:
        """Stop at once."""
        self._forget_waiting()
        worker = self._worker
        if worker is not None and not worker.done() and not worker.get_loop().is_closed():
            worker.get_loop().call_soon_threadsafe(worker.cancel)

    def _forget_waiting(self) -> None:
        for attempt in self._queue:
            attempt.state = "skipped"
        self._queue.clear()
        self._bytes_waiting = 0

    def _post(
        self, message_id: int | None, *, request: bytes | None = None, redelivery_of: int | None = None
    ) -> Attempt:
        attempt = Attempt(0, message_id, self.state.now(), "skipped", redelivery_of, None, request)
        # The event is made only if it is asked for: most projects have no address.
        if self.state.settings.webhook_url or self.receiver is not None:
            attempt.error = self._why_not(attempt)
            if attempt.error is None:
                attempt.state = "held" if self.is_holding else "waiting"
                self._queue.append(attempt)
                self._bytes_waiting += attempt.size
        self._log_it(attempt)
        return attempt

    def _log_it(self, attempt: Attempt) -> None:
        self._count += 1
        attempt.number = self._count
        self._log.append(attempt)
        self._bytes_logged += attempt.size
        while len(self._log) > KEPT or (self._bytes_logged > _MOST_BYTES and len(self._log) > 1):
            self._bytes_logged -= self._log.popleft().size
        self.changes.tell()

    def _why_not(self, attempt: Attempt) -> str | None:
        """Return why an event cannot wait for its turn; else it is made, and `None` returned."""
        if len(self._queue) >= _MOST_WAITING:
            return f"{_MOST_WAITING} events wait already"
        if self._bytes_waiting >= _MOST_BYTES:
            return f"events of {_MOST_BYTES} bytes wait already"
        if attempt.request is None:
            content = None if attempt.message is None else event(self.state, attempt.message)
            if content is None:
                return "the message is no longer kept"
            attempt.request = orjson.dumps(content)
        return None

    def _next(self) -> Attempt:
        attempt = self._queue.popleft()
        self._bytes_waiting -= attempt.size
        return attempt

    async def _work(self) -> None:
        me = asyncio.current_task()

        def has_work() -> bool:
            # Only one attempt at a time, also while a worker takes over from another.
            ready = bool(self._queue) and not self.is_holding and self._on_its_way is None
            return ready or self._worker is not me

        try:
            while await self.changes.until(has_work, timeout=_LINGER) and self._worker is me:
                self._on_its_way = self._next()
                try:
                    await self._attempt(self._on_its_way)
                finally:
                    self._on_its_way = None
                    self.changes.tell()
        finally:
            if self._worker is me:
                self._worker = None

    async def _attempt(self, attempt: Attempt) -> None:
        settings = self.state.settings
        begun = time.perf_counter()
        try:
            async with asyncio.timeout(settings.webhook_timeout):
                attempt.status, attempt.reply = await self._answer(attempt)
        except asyncio.CancelledError:
            attempt.error = "the mock stopped before the reply"
            raise
        except TimeoutError:
            attempt.error = f"no reply within {settings.webhook_timeout:g} seconds"
        except Exception as error:
            # Whatever it is, later events still go out.
            attempt.error = f"{type(error).__name__}: {error}"
        finally:
            attempt.latency = time.perf_counter() - begun
            attempt.state = "delivered" if attempt.status is not None and 200 <= attempt.status < 300 else "failed"

    async def _answer(self, attempt: Attempt) -> Answer:
        """Return the receiver's reply to an event."""
        request = attempt.request or b""
        if self.receiver is not None:
            attempt.url, deliver = self.receiver
            return await deliver(request)
        attempt.url = self.state.settings.webhook_url
        url = check_target(attempt.url, allowed=self.allowed_hosts)
        addresses = await addresses_of(url, allowed=self.allowed_hosts)
        # To the addresses that were checked, so that no name can lead elsewhere in between.
        return await poster.post(url, addresses, request)
