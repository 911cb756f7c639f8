"""Measures what each action costs with a thousand clients and with many: it should follow from what is answered."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import mavibot_contract
from mavibot_mock import create_app, seeds
from mavibot_mock.server.project import ApiKey, Project
from mavibot_mock.state.facts import MESSENGERS, PERMISSIONS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from starlette.types import Message

    from mavibot_mock.state.store import Store

_FEWEST: Final = 1_000
#: Calls cost at most so many times what they cost with the fewest clients.
_TARGET: Final = 2.0

_KEY: Final = "bench"
_GROUP: Final = "example_bot"
_LIST: Final = 4_999_999
#: Clients of the demo project, each of which gets much of one thing.
_MANY_MESSAGES: Final = 58
_MANY_DEALS: Final = 110
_MANY_VARIABLES: Final = 5
#: Ids of the clients begin above those of the demo project.
_BASE: Final = 2_000_000_000
#: Calls that find nothing, and how that is answered.
_REFUSED: Final = {
    "find_client_id_by_var, that none has in this group": 404,
    "find_client_id_by_var, of a deal, none in this group": 404,
    "control: a button that was not sent": 400,
}
_SECONDS: Final = 0.02
_TURNS: Final = 7
#: So that there are enough clients to delete.
_MOST_TIMES: Final = 50
#: Spreads numbers, so that ids in messengers and values of variables come in no order.
_STEP: Final = 7_654_321
_NUMBERS: Final = 10_000_000


@dataclass(frozen=True, slots=True)
class _Case:
    """Something to call.

    Attributes:
        name: what is shown beside the action.
        method: HTTP method.
        path: action, or path below the project in the control interface.
        body: makes body or query of the next call.
        follows: what its cost follows from, where that is not bounded by what it answers; it has no target then.
    """

    name: str
    method: str
    path: str
    body: Callable[[], Any]
    follows: str | None = None

    @property
    def status(self) -> int:
        """HTTP status of its reply."""
        return _REFUSED.get(self.name, 200)


def measure(most: int) -> Iterator[str]:
    """Return the lines of a table: CPU microseconds a call by number of clients.

    Args:
        most: the greatest number of clients.
    """
    sizes = sorted({_FEWEST, most})
    costs: dict[str, list[float]] = {}
    followed: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="mavibot-bench-") as folder, asyncio.Runner() as runner:
        for size in sizes:
            project = _project(Path(folder) / str(size), size)
            yield f"{size:,} clients with variables, deals, messages and jobs are there"
            caller = _Caller(project, runner)
            for case in _cases(size):
                costs.setdefault(case.name, []).append(_cost(caller, case))
                if case.follows:
                    followed[case.name] = case.follows
            for name, work in _whole(project):
                costs.setdefault(name, []).append(_seconds(work) * 1e6)
                followed[name] = "the whole state"
            project.close()
    shown = Counter(name.partition(",")[0] for name in costs)
    missing = set(mavibot_contract.load().actions) - set(shown)
    if missing:
        raise SystemExit(f"not measured: {', '.join(sorted(missing))}")
    yield _row("CPU microseconds a call, by number of clients", (f"{size:,}" for size in sizes), "ratio")
    for name, measured in costs.items():
        few, many = measured[0], measured[-1]
        verdict = f"target <= {_TARGET:g}: {'met' if many <= few * _TARGET else 'MISSED'}"
        verdict = f"follows from {followed[name]} (reported)" if name in followed else verdict
        yield _row(f"  {name}", map("{:.0f}".format, measured), f"{many / few:.2f}  {verdict}")


def _cases(size: int) -> Iterator[_Case]:
    """Return calls of every action, and of the control interface."""
    contract = mavibot_contract.load()
    for action, name, body, *follows in _calls(size):
        method = "POST" if "POST" in contract.actions[action] else "GET"
        shown = f"{action}, {name}" if name else action
        yield _Case(shown, method, action, body if callable(body) else lambda body=body: body, *follows)  # type: ignore[misc]
    for method, path, name, body in _controls(size):
        yield _Case(f"control: {name}", method, f"/{path}", lambda body=body: body)  # type: ignore[misc]


class _Chosen:
    """Clients and values that come in no order, so that no call finds what the one before it left in the caches."""

    def __init__(self, size: int) -> None:
        self._size: Final = size
        self._chance: Final = random.Random(size)  # noqa: S311 - no secret
        self._fresh: Final = itertools.count()
        self._gone: Final = itertools.count(_BASE + size // 2)  # of these no other call knows

    def client(self) -> int:
        return _BASE + self._place()

    def platform_id(self) -> str:
        return f"p{self._place()}"

    def new_platform_id(self) -> str:
        return f"new{next(self._fresh)}"

    def goes(self) -> int:
        return next(self._gone)

    def code(self) -> str:
        return f"v{_spread(self._place())}"

    def phone(self) -> str:
        return f"7901{_spread(self._place()):07}"

    def email(self) -> str:
        return f"c{_spread(self._place())}@example.com"

    def _place(self) -> int:
        return self._chance.randrange(self._size // 2)


#: Action, what is shown beside it, the body or what makes it, and what its cost follows from beside what it answers.
_Call = tuple[str, str, Any] | tuple[str, str, Any, str]


def _calls(size: int) -> Iterator[_Call]:
    chosen = _Chosen(size)
    yield from _message_calls(chosen)
    yield from _bot_calls(chosen)
    yield from _client_calls(chosen, size)
    yield from _search_calls(chosen)
    yield from _deal_calls(chosen)
    yield "check_whatsapp", "", {"phone": "79000000001"}
    yield "connected_channels", "", {}
    yield "get_messages", "", {}


def _message_calls(chosen: _Chosen) -> Iterator[_Call]:
    some = {"message": "x"}
    yield "message", "", lambda: {"client_id": chosen.client(), **some}
    yield "message", "later", lambda: {"client_id": chosen.client(), "time_shift": 9000, **some}
    yield "whatsapp_message", "", {"phone": "79875146788", **some}
    yield "broadcast", "to three", {"clients": [_BASE, _BASE + 1, _BASE + 2], **some}
    yield "get_history", "", lambda: {"client_id": chosen.client(), "limit": 10}
    yield "get_history", "of a long one", {"client_id": _MANY_MESSAGES, "limit": 10}
    old = {"start_date": "01.01.1990", "stop_date": "02.01.1990"}
    yield "get_history", "of an old period", {"client_id": _MANY_MESSAGES, "limit": 10, **old}
    yield "clear_history", "", lambda: {"client_id": chosen.client()}


def _bot_calls(chosen: _Chosen) -> Iterator[_Call]:
    some = {"message": "x"}
    yield "callback", "", lambda: {"client_id": chosen.client(), **some}
    yield "callback", "by phone", lambda: {"client_phone": chosen.phone(), **some}
    yield "whatsapp_callback", "", {"phone": "79875146788", **some}
    yield "email_callback", "", {"email": "reader@example.com", **some}
    yield "tg_callback", "", lambda: {"user_id": chosen.platform_id(), "group_id": _GROUP, **some}
    for action, user, group in (
        ("vk_callback", "407184121", "143414131"),
        ("ok_callback", "570000000001", "61000000000001"),
        ("fb_callback", "100000000000001", "100000000000002"),
    ):
        yield action, "", {"user_id": user, "group_id": group, **some}
    yield "max_callback", "", {"platform_id": "1234567", "group_id": "shop_bot", **some}
    yield (
        "send_callback_by_platform_id",
        "",
        lambda: {"callback_text": "x", "group_id": _GROUP, "platform_ids": [chosen.platform_id()]},
    )


def _client_calls(chosen: _Chosen, size: int) -> Iterator[_Call]:
    yield (
        "load_clients",
        "one",
        lambda: [{"platform_id": chosen.new_platform_id(), "group_id": _GROUP, "client_type": 1}],
    )
    yield "get_clients", "first page", {"limit": 10}
    yield "get_clients", "a page in the middle", {"limit": 10, "offset": size // 2}
    yield "get_clients", "the last page", {"limit": 10, "offset": size - 10}
    yield "get_clients", "oldest first, in the middle", {"limit": 10, "offset": size // 2, "reverse": True}
    yield "get_clients", "a list, in the middle", {"limit": 10, "offset": size // 2, "list": _LIST}
    yield "subscribers", "none with this tag", {"tag": "none"}
    yield "subscribers", "none of this messenger", {"client_type": 15}
    yield "subscribers", "none of group and messenger", {"group": _GROUP, "client_type": 15}
    yield "subscribers", "none of group and tag", {"group": _GROUP, "tag": "none"}
    yield "subscribers", "none of tag and messenger", {"tag": "bulk", "client_type": 15}
    yield "subscribers", "created at one moment", {"date_from": 1_600_000_500, "date_to": 1_600_000_502}
    yield "subscribers", "beyond the last page", {"page": 10_000}
    yield (
        "subscribers",
        "beyond the last page of a filter",
        {"page": 10_000, "client_type": MESSENGERS["TELEGRAM"]},
        "the clients that fit",
    )
    yield "delete_clients", "one", lambda: {"client_ids": [chosen.goes()]}
    yield "delete_clients", "an unknown one", {"client_ids": [987_654_321]}
    yield "add_to_list", "", lambda: {"list_id": _LIST, "clients": [chosen.client()]}
    yield "remove_from_list", "", lambda: {"list_id": 1, "clients": [chosen.client()]}
    yield "assign_to_user", "", lambda: {"client_id": chosen.client()}
    yield "save_variables", "", lambda: {"client_id": chosen.client(), "variables": {"client.seen": "yes"}}
    yield "save_variables", "of the project", {"client_id": _BASE, "variables": {"project.seen": "yes"}}
    yield "get_variables", "", lambda: {"client_id": chosen.client()}


def _search_calls(chosen: _Chosen) -> Iterator[_Call]:
    yield "find_client_id_by_phone", "", lambda: {"phone": chosen.phone()}
    yield "find_client_id_by_email", "", lambda: {"email": chosen.email()}
    yield "find_client_id_by_platform_id", "", lambda: {"platform_ids": [chosen.platform_id()]}
    yield "whatsapp_client_id", "", {"phone": "79875146788"}
    yield "online_chat_client_id", "", {"recipient": "a1b2c3d4"}
    common = {"var": "city", "val": "Paris"}
    yield "find_client_id_by_var", "", lambda: {"var": "code", "val": chosen.code()}
    yield "find_client_id_by_var", "that all have", common
    yield "find_client_id_by_var", "that none has in this group", {**common, "group_id": "shop_bot"}
    yield "find_client_id_by_var", "of a deal", lambda: {"var": "code", "val": chosen.code(), "search_in": "order"}
    in_orders = {**common, "search_in": "order"}
    yield "find_client_id_by_var", "of a deal, none in this group", {**in_orders, "group_id": "shop_bot"}
    yield "find_latest_client_id_by_var", "that all have", common
    yield "find_all_client_id_by_var", "", lambda: {"var": "code", "val": chosen.code()}
    yield (
        "find_all_client_id_by_several_vars",
        "one common, one unique",
        lambda: {"variables": {"city": "Paris", "code": chosen.code()}},
    )
    yield "find_clients", "one common, one unique", lambda: {"q": {"city": "Paris", "code": chosen.code()}}
    yield (
        "find_clients",
        "the same in deals",
        lambda: {"q": {"city": "Paris", "code": chosen.code()}, "search_in": "order"},
    )
    yield "find_clients", "a negation that none meets", {"q": {"city": {"_not": "Paris"}}}
    yield "find_clients", "a number", {"q": {"num": 5}}
    yield "find_clients", "a negation that all meet", {"q": {"city": {"_not": "Rome"}}}, "the ids that it answers"
    yield (
        "find_clients",
        "two conditions that half meet, none both",
        {"q": {"half": "one", "other": "one"}},
        "the condition that the fewest meet",
    )


def _deal_calls(chosen: _Chosen) -> Iterator[_Call]:
    yield "get_current_order_id", "", lambda: {"client_id": chosen.client()}
    yield "get_current_order_id", "of many deals", {"client_id": _MANY_DEALS}
    yield "get_orders", "", lambda: {"client_id": chosen.client()}
    yield "get_orders", "of one status, of many deals", {"client_id": _MANY_DEALS, "order_status": 2}
    yield "create_order", "", lambda: {"client_id": chosen.client()}
    yield "create_order", "by phone", lambda: {"phone": chosen.phone()}
    yield "get_order_state", "", lambda: {"client_id": chosen.client()}
    yield "set_order_state", "", {"client_id": _MANY_DEALS, "state_id": 37}
    yield "move_order_to_next_state", "", lambda: {"client_id": chosen.client()}
    yield "get_order_vars", "one of many", {"client_id": _MANY_VARIABLES, "variables": ["v1"]}
    yield "set_order_vars", "", lambda: {"client_id": chosen.client(), "variables": {"seen": "yes"}}


def _controls(size: int) -> Iterator[tuple[str, str, str, Any]]:
    yield "GET", "clock", "the clock", {}
    yield "POST", "clock/advance", "the clock moved by a second", {"by": 1}
    yield "GET", "jobs", "first jobs", {"limit": 10}
    yield "GET", "jobs", "jobs in the middle", {"limit": 10, "offset": size // 20}
    yield "POST", "inbound", "a message of a client", {"client_id": _BASE, "text": "q"}
    yield "POST", "inbound", "a button that was not sent", {"client_id": _MANY_MESSAGES, "button": "q"}
    yield "PATCH", "settings", "settings", {"strict": False}
    yield "PUT", f"clients/{_BASE}/block", "a client blocked", {"reason": "x"}


def _whole(project: Project) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "control: a snapshot", lambda: project.images.save("one", project.store)
    yield "control: back to a snapshot", lambda: project.images.restore("one", project.store)


class _Caller:
    """Calls the mock in process, past HTTP."""

    def __init__(self, project: Project, runner: asyncio.Runner) -> None:
        self._app: Final = create_app([project])
        self._runner: Final = runner

    def seconds(self, case: _Case, times: int) -> float:
        """Return the CPU seconds that so many calls take."""
        is_control = case.path.startswith("/")
        path = f"/_mock/v1/projects/1{case.path}" if is_control else f"/api/{_KEY}/{case.path}"
        made = [case.body() for _ in range(times)]
        sent = [(urlencode(body).encode(), b"") if case.method == "GET" else (b"", _json(body)) for body in made]
        scope = {
            "type": "http",
            "method": case.method,
            "path": path,
            "raw_path": path.encode(),
            "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
        }

        async def check(message: Message) -> None:
            if message.get("status") not in (None, case.status):
                raise SystemExit(f"{case.name} failed: {message}")

        async def run() -> None:
            for query, body in sent:

                async def receive(body: bytes = body) -> Message:
                    return {"type": "http.request", "body": body}

                await self._app({**scope, "query_string": query}, receive, check)

        began = time.process_time()
        self._runner.run(run())
        return time.process_time() - began


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body).encode()


def _cost(caller: _Caller, case: _Case) -> float:
    """Return CPU microseconds, the least of several turns: others on the machine only add to them."""
    times = max(1, min(_MOST_TIMES, round(_SECONDS / caller.seconds(case, 1))))
    return min(caller.seconds(case, times) for _ in range(_TURNS)) / times * 1e6


def _seconds(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def _project(folder: Path, size: int) -> Project:
    """Return the demo project with so many more clients, kept in a folder."""
    folder.mkdir()
    with closing(seeds.build("demo")) as store:
        with store.filling():
            _fill(store, size)
        return Project(1, [ApiKey(_KEY, PERMISSIONS)], folder=folder, like=store)


def _fill(store: Store, size: int) -> None:
    """Add clients, each with variables, a deal and a message; and a few with much of one thing."""
    telegram, begun = MESSENGERS["TELEGRAM"], 1_600_000_000
    _add(
        store,
        "clients (id, client_type, group_id, platform_id, identity, name, tag, created_at, updated_at)",
        (
            (_BASE + place, telegram, _GROUP, f"p{place}", f"p{place}", "Name", _tag(place), begun + place, begun)
            for place in range(size)
        ),
    )
    _add(
        store,
        "client_variables",
        (
            (_BASE + place, name, f'"{value}"', value, _GROUP, begun + place)
            for place in range(size)
            for name, value in _variables(place)
        ),
    )
    _add(
        store,
        "orders (id, client_id, state_id, order_status, created_at)",
        (
            *((_BASE + place, _BASE + place, 36, 0, begun + place) for place in range(size)),
            *((place + 1_000_000, _MANY_DEALS, 38, 1, begun) for place in range(size // 100)),
            (999_999, _MANY_DEALS, 36, 0, begun),
        ),
    )
    _add(
        store,
        "order_variables",
        (
            (_BASE + place, name, f'"{value}"', value, _BASE + place, _GROUP, begun + place)
            for place in range(size)
            for name, value in (("city", "Paris"), ("code", f"v{_spread(place)}"))
        ),
    )
    _add(
        store,
        "client_variables",
        ((_MANY_VARIABLES, f"v{place}", '"x"', "x", _GROUP, begun) for place in range(size // 100)),
    )
    _add(
        store,
        "order_variables",
        ((999_998, f"v{place}", '"x"', "x", _MANY_VARIABLES, _GROUP, begun) for place in range(size // 100)),
    )
    _add(store, "orders (id, client_id, state_id, created_at)", [(999_998, _MANY_VARIABLES, 36, begun)])
    columns = "client_id, created_at, text, answered, client_replica, message_from_outside, delivered, attachments"
    _add(
        store,
        f"messages ({columns})",
        (
            *((_BASE + place, begun + place, "On its way", 1, 0, 0, 1, "{}") for place in range(size)),
            *((_MANY_MESSAGES, begun + place, "Hello", 1, 0, 0, 1, "{}") for place in range(size // 5)),
        ),
    )
    _add(store, "list_members", ((_LIST, begun + place, _BASE + place) for place in range(size)))
    job = '{"client_id": 204, "message": "later"}'
    _add(
        store,
        "jobs (due, kind, parameters, client_id)",
        ((9e9 + place, "message", job, 204) for place in range(size // 10)),
    )


def _tag(place: int) -> str | None:
    return "bulk" if place % 2 else None


def _variables(place: int) -> Iterator[tuple[str, str]]:
    spread = _spread(place)
    yield from (("city", "Paris"), ("code", f"v{spread}"), ("phone", f"7901{spread:07}"))
    yield "email", f"c{spread}@example.com"
    if place % 10 < 2:
        yield ("half", "one") if place % 10 else ("other", "one")
        yield ("half", "two") if not place % 10 else ("other", "two")


def _add(store: Store, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    found = iter(rows)
    first = next(found)
    marks = ", ".join("?" * len(first))
    store._db.execute(f"INSERT INTO {table} VALUES ({marks})", first)  # noqa: S608
    store._db.executemany(f"INSERT INTO {table} VALUES ({marks})", found)  # noqa: S608


def _spread(place: int) -> int:
    return place * _STEP % _NUMBERS


def _row(name: str, figures: Iterable[str], last: str) -> str:
    return f"{name:<62}" + "".join(f"{figure:>11}" for figure in figures) + f"  {last}"
