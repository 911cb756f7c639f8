"""Measures what a call costs in process with few clients and with many, and the query of the store inside it."""

from __future__ import annotations

import asyncio
import json
import random
import time
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from mavibot_mock import create_app
from mavibot_mock.server.project import ApiKey, Project
from mavibot_mock.state.facts import PERMISSIONS
from mavibot_mock.state.identity import WHATSAPP
from mavibot_mock.state.store.images import Images

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from starlette.types import Message

    from mavibot_mock.state.store import Store

    #: Does something so many times and returns the CPU seconds that it took.
    Timed = Callable[[int], float]

_SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
#: Calls cost at most so many times what they cost with the fewest clients.
_TARGET: Final = 2.0

_KEY: Final = "bench"
_PAGE: Final = 500
_LAST_OFFSET: Final = 5_000
_GROUP: Final = "bot"
_SECONDS: Final = 0.05
_TURNS: Final = 9
#: Spreads numbers, so that ids in messengers and values of variables come in no order.
_STEP: Final = 7_654_321
_NUMBERS: Final = 10_000_000


def measure(most: int) -> Iterator[str]:
    """Return the lines of a table, microseconds by number of clients, and below it what has no target.

    Args:
        most: the greatest number of clients.
    """
    sizes = [size for size in _SIZES if size <= most]
    calls: dict[str, list[float]] = {}
    queries: dict[str, list[float]] = {}
    project = Project(1, [ApiKey(_KEY, PERMISSIONS)])
    store, images = project.store, Images()
    filled = 0
    with asyncio.Runner() as runner:
        for size in sizes:
            _fill(store, filled, size)
            filled = size
            for name, call in _calls(_Caller(project, runner), size):
                calls.setdefault(name, []).append(_cost(call))
            for name, query in _queries(store, size):
                queries.setdefault(name, []).append(_cost(query))
        yield _row("CPU microseconds a call, by number of clients", (f"{size:,}" for size in sizes), "ratio")
        for name, costs in calls.items():
            verdict = "met" if costs[-1] <= costs[0] * _TARGET else "MISSED"
            ratio = f"{costs[-1] / costs[0]:.2f}  target <= {_TARGET:g}: {verdict}"
            yield _row(f"  {name}", map("{:.1f}".format, costs), ratio)
        yield "the query alone, which feels how far away the memory of many clients is (reported)"
        for name, costs in queries.items():
            yield _row(f"  {name}", map("{:.1f}".format, costs), f"{costs[-1] / costs[0]:.2f}")
        for size in sizes:
            page = _cost(_Caller(project, runner).get("get_clients", lambda offset=size // 2: {"offset": offset}))  # type: ignore[misc]
            yield f"get_clients of {filled:,}, a page at the offset {size // 2:,}: {page / 1000:.2f} ms (reported)"
    yield f"snapshot of {filled:,} clients: {_once(lambda: images.save('one', store)):.3f} s (reported)"
    yield f"going back to it: {_once(lambda: images.restore('one', store)):.3f} s (reported)"
    images.close()
    project.close()


class _Caller:
    """Calls the mock in process, past HTTP."""

    def __init__(self, project: Project, runner: asyncio.Runner) -> None:
        self._app: Final = create_app([project])
        self._runner: Final = runner

    def get(self, action: str, query: Callable[[], Mapping[str, Any]]) -> Timed:
        """Return what calls an action by GET, with another query every time."""
        return lambda times: self._seconds("GET", action, [(urlencode(query()).encode(), b"") for _ in range(times)])

    def post(self, action: str, body: Callable[[], Any]) -> Timed:
        """Return what calls an action by POST, with another body every time."""
        return lambda times: self._seconds("POST", action, [(b"", json.dumps(body()).encode()) for _ in range(times)])

    def _seconds(self, method: str, action: str, sent: list[tuple[bytes, bytes]]) -> float:
        scope = {
            "type": "http",
            "method": method,
            "path": f"/api/{_KEY}/{action}",
            "headers": [(b"content-type", b"application/json")],
        }

        async def run() -> None:
            for query, body in sent:

                async def receive(body: bytes = body) -> Message:
                    return {"type": "http.request", "body": body}

                await self._app({**scope, "query_string": query}, receive, _check)

        began = time.process_time()
        self._runner.run(run())
        return time.process_time() - began


async def _check(message: Message) -> None:
    if message.get("status", 200) != 200:
        raise SystemExit(f"a call failed: {message}")


def _calls(caller: _Caller, size: int) -> Iterator[tuple[str, Timed]]:
    """Return the calls that have a target; each is about another client every time."""
    chance = random.Random(size)  # noqa: S311 - no secret

    def spread() -> int:
        return _spread(chance.randrange(size))

    def number() -> int:
        return 1 + chance.randrange(size)

    yield "find_client_id_by_phone", caller.get("find_client_id_by_phone", lambda: {"phone": f"7901{spread():07}"})
    yield "whatsapp_client_id", caller.get("whatsapp_client_id", lambda: {"phone": f"7900{spread():07}"})
    yield (
        "find_client_id_by_email",
        caller.get("find_client_id_by_email", lambda: {"email": f"c{spread()}@example.com"}),
    )
    yield (
        "find_client_id_by_platform_id",
        caller.post("find_client_id_by_platform_id", lambda: {"platform_ids": [f"7900{spread():07}"]}),
    )
    for scope in ({}, {"search_in": "order"}):
        name = "find_client_id_by_var, of a deal" if scope else "find_client_id_by_var"
        yield (
            name,
            caller.get("find_client_id_by_var", lambda scope=scope: {"var": "code", "val": f"v{spread()}", **scope}),  # type: ignore[misc]
        )
    yield (
        "find_latest_client_id_by_var",
        caller.get("find_latest_client_id_by_var", lambda: {"var": "code", "val": f"v{spread()}"}),
    )
    yield "get_variables", caller.get("get_variables", lambda: {"client_id": number()})
    yield "get_current_order_id", caller.get("get_current_order_id", lambda: {"client_id": number()})
    yield "get_history", caller.get("get_history", lambda: {"client_id": number()})
    last = min(_LAST_OFFSET, size) - _PAGE
    for place, offset in (("first", 0), ("middle", last // 2), ("last", last)):
        yield (
            f"get_clients, {place} page up to {_LAST_OFFSET:,}",
            caller.get("get_clients", lambda offset=offset: {"offset": offset}),  # type: ignore[misc]
        )


def _queries(store: Store, size: int) -> Iterator[tuple[str, Timed]]:
    chance = random.Random(size)  # noqa: S311 - no secret

    def spread() -> int:
        return _spread(chance.randrange(size))

    def number() -> int:
        return 1 + chance.randrange(size)

    yield "by phone, variable", _times(lambda: store.client_by_phone(f"+7901{spread():07}"))
    yield "by phone, WhatsApp", _times(lambda: store.client_on_whatsapp(f"7900{spread():07}"))
    yield "by e-mail", _times(lambda: store.client_by_email(f"c{spread()}@example.com"))
    yield "by platform id", _times(lambda: store.clients_with_platform_id(f"7900{spread():07}"))
    yield "by a variable of the client", _times(lambda: store.first_client_with("code", f"v{spread()}"))
    yield "by a variable of a deal", _times(lambda: store.first_client_with_order("code", f"v{spread()}"))
    yield "the current deal", _times(lambda: store.current_order(number()))
    yield "the history", _times(lambda: store.history(number(), limit=50, period=None))


def _times(query: Callable[[], object]) -> Timed:
    def run(times: int) -> float:
        began = time.process_time()
        for _ in range(times):
            query()
        return time.process_time() - began

    return run


def _fill(store: Store, begin: int, end: int) -> None:
    """Add clients with the numbers `begin + 1` to `end`, each with variables, a deal and a message."""
    with store.transaction():
        for place in range(begin, end):
            spread = _spread(place)
            number = store.add_client(
                client_type=WHATSAPP, group_id=_GROUP, platform_id=f"7900{spread:07}", now=place, name="Name"
            )
            store.set_client_variable(number, "phone", f"7901{spread:07}")
            store.set_client_variable(number, "email", f"c{spread}@example.com")
            store.set_client_variable(number, "code", f"v{spread}")
            deal = store.add_order(number, now=place)
            store.set_order_variable(deal, "code", f"v{spread}")
            store.add_message(number, text="Your order is on its way", now=place)


def _spread(place: int) -> int:
    return place * _STEP % _NUMBERS


def _cost(timed: Timed) -> float:
    """Return CPU microseconds, the least of several turns: others on the machine only add to them."""
    timed(1)
    times = max(1, round(_SECONDS / timed(10) * 10))
    return min(timed(times) for _ in range(_TURNS)) / times * 1e6


def _once(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _row(name: str, figures: Iterable[str], last: str) -> str:
    return f"{name:<48}" + "".join(f"{figure:>11}" for figure in figures) + f"  {last}"
