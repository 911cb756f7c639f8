"""Iterators over clients, subscribers and histories: everything once, and an end whatever the server does."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Literal

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.support import BASE_URL, CONTRACT, KEY, law

from mavibot import AsyncMavibot, ConnectionFailed, InvalidParameters, Mavibot, UnexpectedReply, _parameters
from mavibot.errors import IncompleteHistory
from mavibot_mock.server.api import reader_of
from mavibot_mock.server.server import Server

Kind = Literal["blocking", "asyncio"]
KINDS: list[Kind] = ["blocking", "asyncio"]
Handler = Callable[[httpx2.Request], httpx2.Response]

#: What the tests take for the 2000 messages or 1000 subscribers of the contract, so that they stay fast.
SMALL = 5


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    chosen: Kind = request.param
    return chosen


@pytest.fixture(scope="module")
def small() -> Iterator[None]:
    """The contract with small pages, where the size cannot be chosen."""
    history = CONTRACT.operation("get_history").schema["properties"]["limit"]
    subscribers = CONTRACT.operation("subscribers").responses["200"]["content"]["application/json"]["schema"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(history, "maximum", SMALL)
        patch.setitem(subscribers, "maxItems", SMALL)
        reader_of.cache_clear()
        yield
    # What a mock and a client made of the small pages meanwhile.
    reader_of.cache_clear()
    _parameters._rules.cache_clear()


def got(kind: Kind, handler: Handler, method: str, *, into: list[Any] | None = None, **arguments: Any) -> list[Any]:
    """Return the ids that an iterator gives; `into` keeps those before an error."""
    ids: list[Any] = [] if into is None else into
    transport = httpx2.MockTransport(handler)
    if kind == "blocking":
        with Mavibot(KEY, base_url=BASE_URL, transport=transport, retries=False) as bot:
            ids.extend(item.id for item in getattr(bot, method)(**arguments))
        return ids

    async def main() -> None:
        async with AsyncMavibot(KEY, base_url=BASE_URL, transport=transport, retries=False) as bot:
            async for item in getattr(bot, method)(**arguments):
                ids.append(item.id)

    asyncio.run(main())
    return ids


class Clients:
    """A server with clients 1 to `count`, newest first; with each call `new` ones are added."""

    def __init__(self, count: int, *, new: int = 0) -> None:
        self.ids = list(range(1, count + 1))
        self.new = new
        self.calls: list[dict[str, str]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        query = dict(request.url.params)
        self.calls.append(query)
        ids = self.ids if query.get("reverse") == "true" else self.ids[::-1]
        offset = int(query["offset"])
        page = ids[offset : offset + int(query["limit"])]
        self.ids += range(len(self.ids) + 1, len(self.ids) + 1 + self.new)
        items = [{"id": each, "platform_id": str(each), "client_type": 1} for each in page]
        return httpx2.Response(200, json={"status": "success", "clients": items})


class Subscribers:
    """A server with subscribers 1 to `count`."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.calls: list[dict[str, str]] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        query = dict(request.url.params)
        self.calls.append(query)
        first = int(query["page"]) * SMALL + 1
        return httpx2.Response(200, json=[{"id": each} for each in range(first, min(first + SMALL, self.count + 1))])


class History:
    """A server with messages, which counts days in its own time zone.

    Attributes:
        moments: when the messages were written, in Unix seconds; their ids count from the oldest.
        new: moments of messages of which one arrives with each call.
        calls: the parameters of all calls.
    """

    def __init__(self, moments: list[int], *, hours: int = 3, text: bool = False, new: list[int] | None = None) -> None:
        self.messages = dict(enumerate(sorted(moments), 1))
        self.zone = timezone(timedelta(hours=hours))
        self.text = text
        self.new = new or []
        self.calls: list[dict[str, str]] = []

    @property
    def newest_first(self) -> list[int]:
        return sorted(self.messages, reverse=True)

    def day(self, moment: int) -> date:
        return datetime.fromtimestamp(moment, self.zone).date()

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        query = dict(request.url.params)
        self.calls.append(query)
        ids = self.newest_first
        if "start_date" in query:
            first, last = (datetime.strptime(query[name], "%d.%m.%Y").date() for name in ("start_date", "stop_date"))
            assert first <= last
            ids = [each for each in ids if first <= self.day(self.messages[each]) <= last]
        rows = [{"id": each, "text": "", "created_at": self.shown(each)} for each in ids[: int(query["limit"])]]
        if self.new:
            self.messages[max(self.messages) + 1] = self.new.pop(0)
        return httpx2.Response(200, json={"status": "success", "result": rows})

    def shown(self, each: int) -> int | str:
        moment = datetime.fromtimestamp(self.messages[each], UTC)
        return f"{moment:%Y-%m-%d %H:%M:%S.%f}" if self.text else self.messages[each]


class TestClients:
    @given(count=st.integers(0, 40), page_size=st.integers(1, 12), reverse=st.booleans(), kind=st.sampled_from(KINDS))
    @law(60)
    def test_each_client_comes_once_and_in_order(self, count: int, page_size: int, reverse: bool, kind: Kind) -> None:
        server = Clients(count)
        ids = got(kind, server, "iter_clients", page_size=page_size, reverse=reverse)
        assert ids == (server.ids if reverse else server.ids[::-1])
        assert len(server.calls) == count // page_size + 1

    @given(count=st.integers(0, 40), page_size=st.integers(2, 12), new=st.integers(0, 3))
    @law(60)
    def test_new_clients_shift_the_pages_but_nobody_comes_twice(self, count: int, page_size: int, new: int) -> None:
        server = Clients(count, new=min(new, page_size - 1))
        ids = got("blocking", server, "iter_clients", page_size=page_size)
        assert ids == list(range(count, 0, -1))

    def test_the_page_is_as_large_as_the_contract_allows(self, kind: Kind) -> None:
        server = Clients(3)
        got(kind, server, "iter_clients", list=7)
        greatest = CONTRACT.operation("get_clients").schema["properties"]["limit"]["maximum"]
        assert server.calls == [{"limit": str(greatest), "list": "7", "offset": "0"}]

    def test_it_starts_where_it_is_told(self, kind: Kind) -> None:
        assert got(kind, Clients(9), "iter_clients", start=7, page_size=2) == [2, 1]

    def test_pages_are_read_when_they_are_needed(self) -> None:
        server = Clients(10)
        with Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(server)) as bot:
            clients = bot.iter_clients(page_size=2)
            assert not server.calls
            next(clients)
            assert len(server.calls) == 1

    @pytest.mark.parametrize(
        ("arguments", "field"),
        [({"page_size": 0}, "page_size"), ({"page_size": 501}, "page_size"), ({"start": -1}, "start")],
    )
    def test_what_is_out_of_bounds_is_refused_before_the_first_item(self, arguments: Any, field: str) -> None:
        server = Clients(10)
        for client in (Mavibot, AsyncMavibot):
            bot = client(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(server))
            with pytest.raises(InvalidParameters, match=f"get_clients: {field}: "):
                bot.iter_clients(**arguments)
        assert not server.calls

    def test_a_server_that_ignores_the_offset_is_an_error_and_no_endless_loop(self, kind: Kind) -> None:
        server = Clients(10)
        before: list[int] = []
        with pytest.raises(UnexpectedReply, match=r"offset=4 .* ignore offset"):
            got(
                kind,
                lambda request: server(httpx2.Request("GET", request.url.copy_set_param("offset", 0))),
                "iter_clients",
                into=before,
                page_size=4,
            )
        assert before == [10, 9, 8, 7]
        assert len(server.calls) == 2

    def test_an_error_of_the_action_comes_through(self, kind: Kind) -> None:
        def fail(request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("no route")

        with pytest.raises(ConnectionFailed):
            got(kind, fail, "iter_clients")


@pytest.mark.usefixtures("small")
class TestSubscribers:
    @given(count=st.integers(0, 23), kind=st.sampled_from(KINDS))
    @law(40)
    def test_each_subscriber_comes_once_from_page_zero(self, count: int, kind: Kind) -> None:
        server = Subscribers(count)
        assert got(kind, server, "iter_subscribers") == list(range(1, count + 1))
        assert [call["page"] for call in server.calls] == [str(page) for page in range(count // SMALL + 1)]

    def test_filters_go_with_every_page(self, kind: Kind) -> None:
        server = Subscribers(7)
        filters: dict[str, Any] = {"tag": "spring", "group": "42", "date_from": 1, "date_to": 2.5, "client_type": 1}
        assert got(kind, server, "iter_subscribers", page=1, **filters) == [6, 7]
        assert server.calls == [{"page": "1", **{name: str(value) for name, value in filters.items()}}]

    def test_a_negative_page_is_refused(self) -> None:
        with pytest.raises(InvalidParameters, match="subscribers: page: at least 0"):
            got("blocking", Subscribers(7), "iter_subscribers", page=-1)

    def test_a_server_that_ignores_the_page_is_an_error(self, kind: Kind) -> None:
        server = Subscribers(12)
        with pytest.raises(UnexpectedReply, match=r"page=1 .* ignore page"):
            got(
                kind,
                lambda request: server(httpx2.Request("GET", request.url.copy_set_param("page", 0))),
                "iter_subscribers",
            )


#: Noon of some day, in UTC.
NOON = 1_767_268_800
HOUR = 3_600
DAY = 24 * HOUR


@pytest.mark.usefixtures("small")
class TestHistory:
    @given(
        moments=st.lists(st.integers(0, 12 * 24).map(lambda hour: NOON + hour * HOUR), max_size=30),
        hours=st.integers(-12, 14),
        text=st.booleans(),
        kind=st.sampled_from(KINDS),
    )
    @law(100)
    def test_each_message_comes_once_and_newest_first_or_an_error_says_which_day_is_too_full(
        self, moments: list[int], hours: int, text: bool, kind: Kind
    ) -> None:
        server = History(moments, hours=hours, text=text)
        ids: list[int] = []
        days = [server.day(moment) for moment in moments]
        refusal = None
        try:
            got(kind, server, "iter_history", into=ids, client_id=1)
        except IncompleteHistory as error:
            refusal = error
        assert ids == server.newest_first[: len(ids)]
        if refusal is None:
            assert len(ids) == len(moments)
        else:
            full = {day for day in days if days.count(day) >= SMALL}
            assert any(abs(refusal.day - day) <= timedelta(days=1) for day in full)
        assert len(server.calls) <= 3 * len(moments) + 1

    @given(
        moments=st.lists(st.integers(0, 12 * 24), max_size=30, unique_by=lambda hour: (hour // 24, hour % 4)).map(
            lambda hours: [NOON - 12 * HOUR + hour * HOUR for hour in hours]
        ),
        first=st.integers(0, 12),
        length=st.integers(0, 12),
    )
    @law(100)
    def test_a_period_is_kept_to(self, moments: list[int], first: int, length: int) -> None:
        server = History(moments, hours=0)
        start = server.day(NOON) + timedelta(days=first)
        stop = start + timedelta(days=length)
        ids = got("blocking", server, "iter_history", client_id=1, start_date=start, stop_date=f"{stop:%d.%m.%Y}")
        assert ids == [each for each in server.newest_first if start <= server.day(server.messages[each]) <= stop]

    def test_no_period_ends_before_the_given_one_begins(self, kind: Kind) -> None:
        server = History([NOON + each for each in range(SMALL)], hours=0)
        day = server.day(NOON)
        with pytest.raises(IncompleteHistory):
            got(kind, server, "iter_history", client_id=1, start_date=day, stop_date=day)
        assert {(call["start_date"], call["stop_date"]) for call in server.calls} == {("01.01.2026", "01.01.2026")}

    @pytest.mark.parametrize("hours", [-12, 0, 3, 14])
    def test_messages_that_arrive_meanwhile_change_nothing(self, kind: Kind, hours: int) -> None:
        moments = [NOON + each * DAY // 4 for each in range(20)]
        server = History(moments, hours=hours, new=[moments[-1] + each for each in range(1, 40)])
        assert got(kind, server, "iter_history", client_id=1) == list(range(20, 0, -1))

    def test_a_short_history_is_one_call_without_dates(self, kind: Kind) -> None:
        server = History([NOON] * (SMALL - 1))
        assert len(got(kind, server, "iter_history", client_id=1)) == SMALL - 1
        assert server.calls == [{"client_id": "1", "limit": str(SMALL)}]

    def test_a_day_that_is_too_full_is_named_after_what_can_be_read(self, kind: Kind) -> None:
        crowded = [NOON + each for each in range(SMALL + 2)]
        server = History([NOON - 9 * DAY, *crowded, NOON + DAY], hours=0)
        ids: list[int] = []
        with pytest.raises(IncompleteHistory, match=r"client 1 .* 01\.01\.2026\..* stop_date='31\.12\.2025'") as caught:
            got(kind, server, "iter_history", into=ids, client_id=1)
        assert ids[0] == 9
        assert ids == server.newest_first[: len(ids)]
        assert caught.value.day == date(2026, 1, 1)
        rest = got(kind, server, "iter_history", client_id=1, start_date="01.01.2000", stop_date="31.12.2025")
        assert rest == [1]

    def test_a_server_that_ignores_dates_is_an_error_and_no_endless_loop(self, kind: Kind) -> None:
        server = History([NOON + each * DAY for each in range(30)])

        def ignore(request: httpx2.Request) -> httpx2.Response:
            return server(httpx2.Request("GET", request.url.copy_remove_param("start_date")))

        with pytest.raises(IncompleteHistory):
            got(kind, ignore, "iter_history", client_id=1)
        assert len(server.calls) == 4

    @pytest.mark.parametrize("created_at", [None, "yesterday", {}, True])
    def test_an_unreadable_moment_is_an_error(self, created_at: Any) -> None:
        rows = [{"id": each, "text": "", "created_at": created_at} for each in range(SMALL)]
        with pytest.raises(UnexpectedReply):
            got(
                "blocking",
                lambda request: httpx2.Response(200, json={"status": "success", "result": rows}),
                "iter_history",
                client_id=1,
            )

    @pytest.mark.parametrize(
        ("dates", "field"),
        [
            ({"start_date": "01.03.2026"}, "stop_date"),
            ({"stop_date": date(2026, 3, 1)}, "start_date"),
            ({"start_date": "2026-03-01", "stop_date": "02.03.2026"}, "start_date"),
            ({"start_date": date(2026, 3, 1), "stop_date": datetime(2026, 3, 1, tzinfo=UTC)}, "stop_date"),
        ],
    )
    def test_a_malformed_or_lonely_date_is_refused_before_the_first_item(self, dates: Any, field: str) -> None:
        bot = Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(History([])))
        with pytest.raises(InvalidParameters, match=f"get_history: {field}: "):
            bot.iter_history(client_id=1, **dates)


def test_against_the_mock() -> None:
    with Server() as server, Mavibot(server.api_key, base_url=server.url) as bot:
        known = [client.id for client in bot.get_clients().clients]
        assert len(known) > 1
        assert [client.id for client in bot.iter_clients(page_size=1)] == known
        assert [client.id for client in bot.iter_clients(page_size=len(known), reverse=True)] == known[::-1]
        for number in range(3):
            bot.message(client_id=known[0], message=f"Message {number}")
        history = bot.get_history(client_id=known[0]).result
        assert [message.id for message in bot.iter_history(client_id=known[0])] == [each.id for each in history]
