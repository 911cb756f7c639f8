"""Iterators over what the API returns page by page: clients, subscribers, the history of a client.

A plan that knows nothing of sending decides what comes next, so that both clients share it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Protocol

import mavibot_contract
from mavibot.errors import IncompleteHistory, InvalidParameters, Problem, UnexpectedReply, shown

if TYPE_CHECKING:
    from mavibot._reply import Reply
    from mavibot_api import models

#: First day of a period without a start; the platform is younger.
_BEFORE_ALL: Final = date(2000, 1, 1)
#: Notation of a day in the contract.
_DAY: Final = "%d.%m.%Y"
_ONE_DAY: Final = timedelta(days=1)
# Periods reach one day past the oldest message, and one day more lies between UTC and the project's zone.
_OVERLAP: Final = timedelta(days=3).total_seconds()


class _Plan(Protocol):
    """Which call comes next, and which items of its reply are new.

    Attributes:
        action: action that is called.
        request: parameters of the next call; `None` after the last.
    """

    action: str
    request: Mapping[str, Any] | None

    def take(self, reply: Reply) -> list[Any]:
        """Return the new items of a reply, and plan the next call."""
        ...


class _Calls(Protocol):
    def call(self, action: str, /, **parameters: Any) -> Reply: ...


class _AsyncCalls(Protocol):
    async def call(self, action: str, /, **parameters: Any) -> Reply: ...


class Paging:
    """The iterators of the blocking client."""

    def iter_clients(
        self: _Calls,
        *,
        list: int | str | None = None,
        reverse: bool | None = None,
        page_size: int | None = None,
        start: int = 0,
    ) -> Iterator[models.Client]:
        """Iterate over the clients of the project or of a list; each page is read when it is needed.

        The platform counts from one end, so a list that changes meanwhile shifts. Oldest first (`reverse=True`) new
        clients only come at the end and nothing is missed; newest first they shift the pages, and a client that stood
        on the previous page is not yielded again. If a client is deleted meanwhile, one other can be missed.

        Args:
            list: only clients of this list.
            reverse: oldest first instead of newest first; the platform ignores it together with `list`.
            page_size: clients per call, at most what the contract allows, which is the default.
            start: how many clients to skip.

        Raises:
            InvalidParameters: `page_size` or `start` is out of bounds; raised at once.
            UnexpectedReply: the server returns the same page again; raised while iterating, as all errors of
                `get_clients`.

        Source: document section 'Retrieve client list'; field: offsets count from 0, a short page is the last.
        """
        return _items(self, _client_pages(list=list, reverse=reverse, page_size=page_size, start=start))

    def iter_subscribers(
        self: _Calls,
        *,
        tag: str | None = None,
        group: int | str | None = None,
        date_from: float | None = None,
        date_to: float | None = None,
        client_type: models.Messenger | int | None = None,
        page: int = 0,
    ) -> Iterator[models.Subscriber]:
        """Iterate over subscribers; the next page is read when it is needed.

        Args:
            tag: only clients that subscribed with this tag.
            group: only clients of this bot or group.
            date_from: only clients that subscribed after this moment, in Unix seconds.
            date_to: only clients that subscribed before this moment, in Unix seconds.
            client_type: only clients of this messenger.
            page: page to start with, counted from 0.

        Raises:
            InvalidParameters: `page` is negative; raised at once.
            UnexpectedReply: the server returns the same page again; raised while iterating, as all errors of
                `subscribers`.

        Source: document section 'Retrieve the list of bot subscribers in any messenger'; field: pages count from 0.
        """
        filters = {"tag": tag, "group": group, "date_from": date_from, "date_to": date_to, "client_type": client_type}
        return _items(self, _subscriber_pages(filters, page))

    def iter_history(
        self: _Calls,
        *,
        client_id: int | str,
        start_date: date | str | None = None,
        stop_date: date | str | None = None,
    ) -> Iterator[models.HistoryMessage]:
        """Iterate over the messages of a client, newest first, each once.

        The API returns the newest messages of a period and has no offset. Older ones are read by periods that end at
        the oldest message so far. Messages that arrive meanwhile are not included.

        Args:
            client_id: client whose history is read.
            start_date: first day, as a `date` or `dd.mm.yyyy`, in the project's time zone; needs `stop_date`.
            stop_date: last day, likewise; needs `start_date`.

        Raises:
            InvalidParameters: a date is malformed or alone; raised at once.
            IncompleteHistory: a single day holds so many messages that the rest cannot be read; raised after all
                messages that can.
            UnexpectedReply: a message has no readable `created_at`, so the next period is unknown.

        Source: document section 'Retrieving message history'; assumption: both days are included.
        """
        return _items(self, _History(client_id, start_date, stop_date))


class AsyncPaging:
    """The iterators of the asynchronous client."""

    def iter_clients(
        self: _AsyncCalls,
        *,
        list: int | str | None = None,
        reverse: bool | None = None,
        page_size: int | None = None,
        start: int = 0,
    ) -> AsyncIterator[models.Client]:
        """Iterate over the clients of the project or of a list; see `Mavibot.iter_clients`."""
        return _async_items(self, _client_pages(list=list, reverse=reverse, page_size=page_size, start=start))

    def iter_subscribers(
        self: _AsyncCalls,
        *,
        tag: str | None = None,
        group: int | str | None = None,
        date_from: float | None = None,
        date_to: float | None = None,
        client_type: models.Messenger | int | None = None,
        page: int = 0,
    ) -> AsyncIterator[models.Subscriber]:
        """Iterate over subscribers; see `Mavibot.iter_subscribers`."""
        filters = {"tag": tag, "group": group, "date_from": date_from, "date_to": date_to, "client_type": client_type}
        return _async_items(self, _subscriber_pages(filters, page))

    def iter_history(
        self: _AsyncCalls,
        *,
        client_id: int | str,
        start_date: date | str | None = None,
        stop_date: date | str | None = None,
    ) -> AsyncIterator[models.HistoryMessage]:
        """Iterate over the messages of a client, newest first, each once; see `Mavibot.iter_history`."""
        return _async_items(self, _History(client_id, start_date, stop_date))


def _items(bot: _Calls, plan: _Plan) -> Iterator[Any]:
    while plan.request is not None:
        yield from plan.take(bot.call(plan.action, **plan.request))


async def _async_items(bot: _AsyncCalls, plan: _Plan) -> AsyncIterator[Any]:
    while plan.request is not None:
        for item in plan.take(await bot.call(plan.action, **plan.request)):
            yield item


class _Pages:
    """Pages that are counted, by offset or by number, until one is short."""

    def __init__(self, action: str, filters: Mapping[str, Any], size: int, counter: str, start: int) -> None:
        self.action = action
        self.request: Mapping[str, Any] | None = {**filters, counter: start}
        self._size = size
        self._counter = counter
        self._next = start
        self._page_before: set[int] = set()

    def take(self, reply: Reply) -> list[Any]:
        page: list[Any] = reply.result if isinstance(reply.result, list) else reply.result.clients
        _check_ids(page, reply)
        new = [item for item in page if item.id not in self._page_before]
        if len(page) < self._size:
            self.request = None
            return new
        if not new:
            raise UnexpectedReply(
                self.action,
                reply.http_status,
                reply.text,
                f"the page at {self._counter}={self._next} is the one before it again; "
                f"the server seems to ignore {self._counter}",
            )
        self._page_before = {item.id for item in page}
        self._next += len(page) if self._counter == "offset" else 1
        assert self.request is not None  # noqa: S101 - this is the reply to a request
        self.request = {**self.request, self._counter: self._next}
        return new


def _client_pages(*, page_size: int | None, start: int, **filters: Any) -> _Pages:
    greatest: int = mavibot_contract.load().operation("get_clients").schema["properties"]["limit"]["maximum"]
    size = greatest if page_size is None else page_size
    _check_whole("get_clients", "page_size", size)
    if not 1 <= size <= greatest:
        raise InvalidParameters("get_clients", [Problem("page_size", f"from 1 to {greatest}, got {shown(page_size)}")])
    _check_start("get_clients", "start", start)
    return _Pages("get_clients", {**filters, "limit": size}, size, "offset", start)


def _subscriber_pages(filters: Mapping[str, Any], page: int) -> _Pages:
    reply = mavibot_contract.load().operation("subscribers").responses["200"]
    size: int = reply["content"]["application/json"]["schema"]["maxItems"]
    _check_start("subscribers", "page", page)
    return _Pages("subscribers", filters, size, "page", page)


def _check_whole(action: str, name: str, number: int) -> None:
    if type(number) is not int:
        raise InvalidParameters(action, [Problem(name, f"must be a whole number, got {shown(number)}")])


def _check_ids(page: list[Any], reply: Reply) -> None:
    """Check that items can be told apart.

    Raises:
        UnexpectedReply: an item has no readable id.
    """
    if any(isinstance(item.id, bool) or not isinstance(item.id, int | str) for item in page):
        raise UnexpectedReply(reply.action, reply.http_status, reply.text, "an item has no readable id")


def _check_start(action: str, name: str, start: int) -> None:
    _check_whole(action, name, start)
    if start < 0:
        raise InvalidParameters(action, [Problem(name, f"at least 0, got {shown(start)}")])


class _History:
    """Periods of a history, each of which ends where the previous one started.

    It is not certain in which time zone the platform counts days. So a period ends a day late at first, which costs
    some messages twice, and ends earlier only if that shows nothing new. A period that shows no known message would
    leave a gap; it is refused.
    """

    action = "get_history"

    def __init__(self, client_id: int | str, start: date | str | None, stop: date | str | None) -> None:
        if (start is None) != (stop is None):
            missing, given = ("start_date", "stop_date") if start is None else ("stop_date", "start_date")
            raise InvalidParameters(self.action, [Problem(missing, f"is required together with {given}")])
        self._start = _day("start_date", start) or _BEFORE_ALL
        self._stop = _day("stop_date", stop)
        self._limit: int = mavibot_contract.load().operation(self.action).schema["properties"]["limit"]["maximum"]
        self._client: dict[str, Any] = {"client_id": client_id, "limit": self._limit}
        # Messages already yielded that the next periods can contain, with their times; no more, to keep memory flat.
        self._known: dict[int, float] = {}
        self._last_days: list[date] = []
        self.request: Mapping[str, Any] | None = (
            self._client if self._stop is None else self._period(self._start, self._stop)
        )

    def take(self, reply: Reply) -> list[Any]:
        page: list[models.HistoryMessage] = reply.result.result
        _check_ids(page, reply)
        new, full = page, len(page) >= self._limit
        if self._known:
            oldest = min(self._known.values())
            new = [each for each in page if each.id not in self._known and _moment(each, reply) <= oldest]
            if not any(each.id in self._known for each in page):
                raise self._incomplete(oldest)
        if not full:
            self.request = None
            return new
        if new:
            self._continue_before({each.id: _moment(each, reply) for each in new})
        self._next_period()
        return new

    def _continue_before(self, new: dict[int, float]) -> None:
        oldest = min(new.values())
        self._known = {number: moment for number, moment in (self._known | new).items() if moment <= oldest + _OVERLAP}
        day = _utc_day(oldest)
        ends = (day + _ONE_DAY, day, day - _ONE_DAY)
        allowed = [end if self._stop is None else min(end, self._stop) for end in ends if end >= self._start]
        self._last_days = list(dict.fromkeys(allowed))

    def _next_period(self) -> None:
        if not self._last_days:
            raise self._incomplete(min(self._known.values()))
        self.request = self._period(self._start, self._last_days.pop(0))

    def _period(self, start: date, stop: date) -> dict[str, Any]:
        return {**self._client, "start_date": start.strftime(_DAY), "stop_date": stop.strftime(_DAY)}

    def _incomplete(self, oldest: float) -> IncompleteHistory:
        day, limit = _utc_day(oldest), self._limit
        reason = (
            f"has {limit} messages or more about {day.strftime(_DAY)}. The API gives the newest {limit} of a "
            "period, and a period is of whole days, so the rest of that day cannot be read. What came before it can: "
            f"start_date={_BEFORE_ALL.strftime(_DAY)!r}, stop_date={(day - _ONE_DAY).strftime(_DAY)!r}"
        )
        return IncompleteHistory(self._client["client_id"], day, reason)


def _day(name: str, value: date | str | None) -> date | None:
    if isinstance(value, str):
        try:
            return datetime.strptime(value, _DAY).replace(tzinfo=UTC).date()
        except ValueError:
            problem = Problem(name, f"must be a date or 'dd.mm.yyyy', got {value!r}")
            raise InvalidParameters("get_history", [problem]) from None
    if isinstance(value, datetime):
        raise InvalidParameters("get_history", [Problem(name, f"must be a day, not a moment: got {value}")])
    if value is not None and not isinstance(value, date):
        raise InvalidParameters("get_history", [Problem(name, f"must be a date or 'dd.mm.yyyy', got {shown(value)}")])
    return value


def _utc_day(moment: float) -> date:
    return datetime.fromtimestamp(moment, UTC).date()


def _moment(message: models.HistoryMessage, reply: Reply) -> float:
    """Return when a message was written, in Unix seconds; text without a time zone is read as UTC."""
    created_at: object = message.created_at
    with suppress(ValueError, OverflowError, OSError):  # what no calendar has
        if isinstance(created_at, str):
            moment = datetime.fromisoformat(created_at)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        if (
            isinstance(created_at, int | float)
            and not isinstance(created_at, bool)
            and _utc_day(created_at) > _BEFORE_ALL
        ):
            return created_at
    raise UnexpectedReply(
        reply.action,
        reply.http_status,
        reply.text,
        f"message {message.id} has no readable created_at, so the messages before it cannot be asked for",
    )
