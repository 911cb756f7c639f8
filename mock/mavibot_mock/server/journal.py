"""Remembers the last calls of a project, refused ones too, and lets tests wait for them."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.state.changes import Changes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mavibot_mock.request.body import Sent

#: How much is kept: enough for any test, little enough for endless load.
MOST_CALLS: Final = 10_000
MOST_BYTES: Final = 32_000_000
#: Bodies of calls and replies are cut here, bytes.
LONGEST_BODY: Final = 65_536
#: Of a call that reaches more clients, or writes more messages, only these are kept.
MOST_REACHED: Final = 1_000
_LONGEST_ACTION: Final = 100
#: What an entry takes beside its bodies, and how much more a parsed body takes than its text, at most.
_SIZE_OF_ENTRY: Final = 1_000
_SIZE_OF_PARSED: Final = 12
_SIZE_OF_NUMBER: Final = 40

#: To give back thousands of calls at once takes longer than a reset should, so each later call gives back a few.
_GIVEN_BACK: Final = 2

_SHOWN_OF_KEY: Final = 4


@dataclass(slots=True, repr=False)
class Entry:
    """One call, as it came and as it was answered; it holds the key, so it is shown by `control.journal` alone.

    Attributes:
        key: the whole key.
        action: last part of the address.
        sent: method, query string, content type and body; long ones are cut.
        number: place of the call in the project's life, from 1; 0 until the call is recorded.
        time: the project's time at the end of the call, Unix seconds.
        wall_time: the true time at the end of the call, Unix seconds.
        seconds: how long the call really took.
        parameters: what was understood, or `None` where the call did not come that far.
        status: HTTP status of the reply, or `None` where there was none.
        reply: body of the reply, cut.
        deviations: deviations from the contract, bounded.
        fixes: what to send instead, for the first of them; empty where a deviation says it.
        fault: number of the fault that fired, or `None`.
        is_cut: whether the request is not all there.
        reached: the first clients that the action found by phone, e-mail address or id in a messenger.
        messages: ids of the first messages that the call wrote at once.
        recorded: what a record says of the call beside, in words; `None` for a call that was made here.
        size: about how many bytes it takes, once the call is recorded.
    """

    key: str
    action: str
    sent: Sent
    number: int = 0
    time: float = 0.0
    wall_time: float = 0.0
    seconds: float = 0.0
    parameters: dict[str, Any] | None = None
    status: int | None = None
    reply: bytes = b""
    deviations: Sequence[str] = ()
    fixes: Sequence[str] = ()
    fault: int | None = None
    is_cut: bool = False
    reached: Sequence[int] = ()
    messages: Sequence[int] = ()
    recorded: Sequence[str] | None = None
    size: int = 0

    def cut(self) -> None:
        """Shorten what is long, and count how many bytes are left."""
        sent = self.sent
        self.deviations = self.deviations or ()  # thousands of empty lists would take time to collect
        if len(sent.body) > LONGEST_BODY or len(sent.query) > LONGEST_BODY:
            self.is_cut = True
            self.parameters = None  # they would hold the whole body again
            sent.body = sent.body[:LONGEST_BODY]
            sent.query = sent.query[:LONGEST_BODY]
        self.reply = self.reply[:LONGEST_BODY]
        self.action = self.action[:_LONGEST_ACTION]
        sent_bytes = len(sent.body) + len(sent.query)
        parsed = 0 if self.parameters is None else sent_bytes * _SIZE_OF_PARSED
        numbers = (len(self.reached) + len(self.messages)) * _SIZE_OF_NUMBER
        others = numbers + len(self.reply) + len(self.key) + len(sent.content_type)
        self.size = _SIZE_OF_ENTRY + sent_bytes + parsed + others


class Journal:
    """The last calls of one project."""

    def __init__(self, *, changed: Callable[[], object] | None = None) -> None:
        """Make an empty journal.

        Args:
            changed: called at every change.
        """
        self._entries: Final[deque[Entry]] = deque()
        self._forgotten: Final[deque[Entry]] = deque()
        self._bytes = 0
        self._count = 0
        self._changes: Final = Changes(also=changed)

    def record(self, entry: Entry) -> None:
        """Add a call; the oldest go where there are too many."""
        self._count += 1
        entry.number = self._count
        entry.cut()
        self._entries.append(entry)
        self._bytes += entry.size
        while len(self._entries) > MOST_CALLS or self._bytes > MOST_BYTES:
            self._bytes -= self._entries.popleft().size
        if self._forgotten:
            for _ in range(min(_GIVEN_BACK, len(self._forgotten))):
                self._forgotten.popleft()
        self._changes.tell()

    @property
    def last_number(self) -> int:
        """Number of the newest call, kept or not."""
        return self._count

    def newest(self, *, before: int | None = None) -> Iterator[Entry]:
        """Return the calls before the one with a number, or all, newest first; recorded ones too."""
        return (entry for entry in reversed(self._entries) if before is None or entry.number < before)

    def recorded(self) -> Iterator[Entry]:
        """Return the calls of a record that are still kept, oldest first: a journal begins with them."""
        return takewhile(lambda entry: entry.recorded is not None, self._entries)

    def entries(self, *, since: int = 0) -> Iterator[Entry]:
        """Return the calls that were made here after the one with the number `since`, oldest first."""
        newer = takewhile(lambda entry: entry.number > since, reversed(self._entries))
        return reversed([entry for entry in newer if entry.recorded is None])

    def entry(self, number: int) -> Entry | None:
        """Return the call with a number; `None` where the journal does not hold it."""
        return next((entry for entry in self.newest() if entry.number == number), None)

    def clear(self) -> None:
        """Forget all calls; the numbers go on."""
        self._forgotten.extend(self._entries)
        self._entries.clear()
        self._bytes = 0
        self._changes.tell()

    async def wait(
        self,
        fits: Callable[[Entry], bool],
        *,
        n: int,
        since: int = 0,
        timeout: float,  # noqa: ASYNC109
    ) -> list[Entry]:
        """Return the calls made here that fit as soon as there are `n`; fewer where time runs out.

        Args:
            fits: tells which calls count.
            n: how many are wanted.
            since: number of the call after which to start.
            timeout: longest wait, real seconds.
        """
        found: list[Entry] = []
        last = since

        def is_enough() -> bool:
            nonlocal last
            first = self._entries[0].number if self._entries else self._count + 1
            if found and found[0].number < first:
                found[:] = [entry for entry in found if entry.number >= first]  # the others are forgotten
            found.extend(entry for entry in self.entries(since=last) if fits(entry))
            last = max(last, self._count)
            return len(found) >= n

        await self._changes.until(is_enough, timeout=timeout)
        return found


def mask(key: str) -> str:
    """Return the beginning of a key; of a short one less than half."""
    return key[: min(_SHOWN_OF_KEY, len(key) // 2)] + "…"
