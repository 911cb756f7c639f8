"""Measures what each action costs with a thousand clients and with many: it should follow from what is answered."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
import random
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

import mavibot_contract
from mavibot_mock import create_app, seeds
from mavibot_mock.control.document import document
from mavibot_mock.server.project import ApiKey, Project
from mavibot_mock.state.facts import MESSENGERS, PERMISSIONS
from mavibot_mock.state.store import own_fields

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

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
#: Calls that find nothing or make something, and how that is answered.
_STATUSES: Final = {
    "find_client_id_by_var, that none has in this group": 404,
    "find_client_id_by_var, of a deal, none in this group": 404,
    "find_client_id_by_var, a field that none has in this group": 404,
    "find_client_id_by_var, a field that a variable hides": 404,
    "find_latest_client_id_by_var, a field that a variable hides": 404,
    "control come_in, a button that was not sent": 400,
    "control create_project": 201,
    "control add_key": 201,
    "control delete_key, an unknown one": 404,
    "control delete_snapshot, an unknown one": 404,
    "control restore_snapshot, an unknown one": 404,
    "control redeliver_webhook, an unknown one": 404,
    "control delete_fault, an unknown one": 404,
    "control wait_for_webhooks, that do not come": 408,
    "control wait_for_calls, that do not come": 408,
}
#: Operations of the control interface whose cost follows from the whole state, from many jobs, from a call that the
#: journal holds or from another server.
_NOT_CALLED: Final = frozenset(
    {"reset_project", "seed_project", "export_state", "import_state", "save_snapshot", "run_until_idle"}
    | {"delete_project", "block_request", "get_call", "repeat_call"}
)
_SECONDS: Final = 0.02
_TURNS: Final = 7
#: Calls whose steps are counted: some do what has waited since earlier calls.
_COUNTED: Final = 3
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
        path: returns the path of the next call.
        body: makes body or query of the next call.
        follows: what its cost follows from, where that is not bounded by what it answers; it has no target then.
    """

    name: str
    method: str
    path: Callable[[], str]
    body: Callable[[], Any]
    follows: str | None = None

    @property
    def status(self) -> int:
        """HTTP status of its reply."""
        return _STATUSES.get(self.name, 200)


@dataclass(slots=True)
class Cost:
    """What a call costs, at each number of clients.

    Attributes:
        name: what is called.
        follows: what the cost follows from, where that is not bounded by what the call answers.
        microseconds: CPU time of a call.
        steps: instructions of SQLite's virtual machine, which do not depend on the machine and what else it does.
    """

    name: str
    follows: str | None = None
    microseconds: list[float] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """How many times more steps it takes with the most clients than with the fewest."""
        return self.steps[-1] / max(self.steps[0], 1) if self.steps else math.nan


def measure(most: int) -> Iterator[str]:
    """Return the lines of a table: CPU microseconds a call by number of clients, their ratio and that of the steps.

    Args:
        most: the greatest number of clients.
    """
    sizes = sorted({_FEWEST, most})
    costs = measured(sizes)
    yield _row("CPU microseconds a call, by number of clients", (f"{size:,}" for size in sizes), "ratio, of SQL")
    for cost in costs:
        ratio = cost.microseconds[-1] / cost.microseconds[0]
        verdict = f"target <= {_TARGET:g}: {'met' if ratio <= _TARGET else 'MISSED'}"
        verdict = f"follows from {cost.follows} (reported)" if cost.follows else verdict
        last = f"{ratio:5.2f} {cost.growth:7.2f}  {verdict}"
        yield _row(f"  {cost.name}", map("{:.0f}".format, cost.microseconds), last)


def measured(sizes: Sequence[int], *, with_time: bool = True) -> list[Cost]:
    """Return what each action and each operation of the control interface costs.

    Args:
        sizes: numbers of clients.
        with_time: whether CPU time is measured too.
    """
    costs: dict[str, Cost] = {}
    with tempfile.TemporaryDirectory(prefix="mavibot-bench-") as folder, asyncio.Runner() as runner:
        for size in sizes:
            with closing(_project(Path(folder) / str(size), size)) as project:
                caller = _Caller(project, runner)
                for case in _cases(size):
                    cost = costs.setdefault(case.name, Cost(case.name, case.follows))
                    cost.steps.append(caller.steps(case))
                    if with_time:
                        cost.microseconds.append(_cost(caller, case))
                for name, work in _whole(project) if with_time else ():
                    cost = costs.setdefault(name, Cost(name, "the whole state"))
                    cost.microseconds.append(_seconds(work) * 1e6)
    _check_all_are_called(costs)
    return list(costs.values())


def _check_all_are_called(names: Iterable[str]) -> None:
    called = {name.partition(",")[0] for name in names}
    operations = {
        described["operationId"]
        for path in document()["paths"].values()
        for method, described in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    }
    wanted = {*mavibot_contract.load().actions, *(f"control {each}" for each in operations - _NOT_CALLED)}
    if missing := wanted - called:
        raise SystemExit(f"not measured: {', '.join(sorted(missing))}")


def _cases(size: int) -> Iterator[_Case]:
    """Return calls of every action, and of the control interface."""
    contract = mavibot_contract.load()
    chosen = _Chosen(size)
    for action, name, body, *follows in _calls(chosen, size):
        method = "POST" if "POST" in contract.actions[action] else "GET"
        shown = f"{action}, {name}" if name else action
        yield _Case(shown, method, _returning(f"/api/{_KEY}/{action}"), _returning(body), *follows)
    for method, path, name, body in _controls(chosen, size):
        yield _Case(f"control {name}", method, _below(path), _returning(body))


def _returning(value: Any) -> Callable[[], Any]:
    return value if callable(value) else lambda: value


def _below(path: Any) -> Callable[[], str]:
    """Return what makes an address of the control interface, below the project unless the path begins with `/`."""
    made = _returning(path)
    return lambda: (
        f"/_mock/v1{each}" if (each := made()).startswith("/") else f"/_mock/v1/projects/1/{each}".rstrip("/")
    )


class _Chosen:
    """Clients and values that come in no order, so that no call finds what the one before it left in the caches."""

    def __init__(self, size: int) -> None:
        self._size: Final = size
        self._chance: Final = random.Random(size)  # noqa: S311 - no secret
        self._fresh: Final = itertools.count()
        self._gone: Final = itertools.count(_BASE + size // 2)  # of these no other call knows
        self._jobs: Final = itertools.count(1)

    def client(self) -> int:
        return _BASE + self._place()

    def platform_id(self) -> str:
        return f"p{self._place()}"

    def new_platform_id(self) -> str:
        return f"new{next(self._fresh)}"

    def goes(self) -> int:
        return next(self._gone)

    def job(self) -> int:
        return next(self._jobs)

    def key(self) -> str:
        return f"key{next(self._fresh)}"

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


def _calls(chosen: _Chosen, size: int) -> Iterator[_Call]:
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
    telegram = {"client_type": MESSENGERS["TELEGRAM"]}
    by: dict[str, dict[str, Any]] = {"messenger": telegram, "group": {"group": _GROUP}, "tag": {"tag": "bulk"}}
    for count in range(1, len(by) + 1):
        for names in itertools.combinations(by, count):
            filters = {name: value for each in names for name, value in by[each].items()}
            yield "subscribers", f"beyond the last page by {' and '.join(names)}", {"page": 10_000, **filters}
    late = {"date_from": 1_600_000_000 + size - 10, "date_to": 1_600_000_000 + size}
    yield "subscribers", "late ones of a messenger", {**telegram, **late}
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
    name = {"var": "name", "val": "Name"}
    hidden = {"var": "tag", "val": "bulk"}
    yield "find_client_id_by_var", "a field that all have", name
    yield "find_client_id_by_var", "a field that none has in this group", {**name, "group_id": "shop_bot"}
    yield "find_client_id_by_var", "a field that a variable hides", hidden
    yield "find_latest_client_id_by_var", "a field that all have", name
    yield "find_latest_client_id_by_var", "a field that a variable hides", hidden
    in_orders = {**common, "search_in": "order"}
    yield "find_client_id_by_var", "of a deal, none in this group", {**in_orders, "group_id": "shop_bot"}
    yield "find_latest_client_id_by_var", "that all have", common
    yield "find_all_client_id_by_var", "", lambda: {"var": "code", "val": chosen.code()}
    yield (
        "find_all_client_id_by_several_vars",
        "one common, one unique",
        lambda: {"variables": {"city": "Paris", "code": chosen.code()}},
    )
    yield (
        "find_all_client_id_by_several_vars",
        "a common field, one unique",
        lambda: {"variables": {"name": "Name", "code": chosen.code()}},
    )
    yield from (("find_clients", name, body) for name, body in _field_queries(chosen))
    yield (
        "find_clients",
        "one of two",
        lambda: {"q": {"city": "Rome", "code": chosen.code()}, "include_all": False},
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


def _field_queries(chosen: _Chosen) -> Iterator[tuple[str, Any]]:
    yield "a common field, one unique", lambda: {"q": {"name": "Name", "code": chosen.code()}}
    yield "a common field, a unique one", lambda: {"q": {"name": "Name", "platform_id": chosen.platform_id()}}
    yield "a field negated, one unique", lambda: {"q": {"name": {"_not": "No"}, "code": chosen.code()}}
    yield "a negated field that few meet", {"q": {"name": {"_not": "Name"}}}
    yield "a field that is a number", {"q": {"client_type": 99}}
    yield "a field that is no number", {"q": {"name": 5}}
    yield "a field that a variable hides", {"q": {"tag": "bulk"}}


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


def _controls(chosen: _Chosen, size: int) -> Iterator[tuple[str, Any, str, Any]]:
    """Return method, path, operation with what is shown beside it, and body or query."""
    yield "GET", "/openapi.json", "get_document", {}
    yield from _project_controls(chosen)
    yield from _clock_controls(chosen, size)
    yield from _conversation_controls(chosen)
    yield from _log_controls()


def _project_controls(chosen: _Chosen) -> Iterator[tuple[str, Any, str, Any]]:
    yield "GET", "/projects", "list_projects", {}
    yield "POST", "/projects", "create_project", {"seed": {}}
    yield "GET", "", "read_project", {}
    yield "GET", "settings", "read_settings", {}
    yield "PATCH", "settings", "change_settings", {"strict": False}
    yield "GET", "keys", "list_keys", {}
    yield "POST", "keys", "add_key", lambda: {"name": chosen.key()}
    yield "PATCH", "keys/key-1", "change_key", {"revoked": False}
    yield "DELETE", "keys/none", "delete_key, an unknown one", {}
    yield "GET", "snapshots", "list_snapshots", {}
    yield "DELETE", "snapshots/none", "delete_snapshot, an unknown one", {}
    yield "POST", "snapshots/none/restore", "restore_snapshot, an unknown one", {}


def _clock_controls(chosen: _Chosen, size: int) -> Iterator[tuple[str, Any, str, Any]]:
    yield "GET", "clock", "get_clock", {}
    yield "POST", "clock/freeze", "freeze_clock", {}
    yield "POST", "clock/run", "run_clock", {}
    yield "POST", "clock/set", "set_clock", {"to": 1_900_000_000}
    yield "POST", "clock/advance", "advance_clock", {"by": 1}
    yield "GET", "jobs", "list_jobs, the first", {"limit": 10}
    yield "GET", "jobs", "list_jobs, in the middle", {"limit": 10, "offset": size // 20}
    yield "POST", lambda: f"jobs/{chosen.job()}/run", "run_job", {}
    yield "DELETE", lambda: f"jobs/{chosen.job()}", "cancel_job", {}


def _conversation_controls(chosen: _Chosen) -> Iterator[tuple[str, Any, str, Any]]:
    yield "POST", "inbound", "come_in", lambda: {"client_id": chosen.client(), "text": "q"}
    yield "POST", "inbound", "come_in, a button that was not sent", {"client_id": _MANY_MESSAGES, "button": "q"}
    yield "POST", "inbound", "come_in, an event", lambda: {"client_id": chosen.client(), "event": "client_unsubscribed"}
    yield "PUT", lambda: f"clients/{chosen.client()}/block", "block_client", {"reason": "x"}
    yield "DELETE", lambda: f"clients/{chosen.client()}/block", "unblock_client", {}
    yield "PUT", "channels/24/block", "block_channel", {"reason": "x"}
    yield "DELETE", "channels/24/block", "unblock_channel", {}
    channel = {"client_type": MESSENGERS["TELEGRAM"], "group_id": _GROUP}
    yield "GET", "clients", "find_client", lambda: {**channel, "platform_id": chosen.platform_id()}
    many = f"clients/{_MANY_MESSAGES}/messages"
    yield "GET", many, "list_messages", {"limit": 10}
    yield "GET", many, "list_messages, none after the last", {"after": 10**12}
    yield "POST", "actions/get_history", "carry_out", lambda: {"client_id": chosen.client(), "limit": 10}
    yield "PATCH", lambda: f"deals/{chosen.client()}", "move_deal", {"state_id": 37}


def _log_controls() -> Iterator[tuple[str, Any, str, Any]]:
    yield "GET", "webhooks", "list_webhooks", {"after": 10**12}
    yield "POST", "webhooks/wait", "wait_for_webhooks, that do not come", {"after": 10**12, "timeout": 0.0001}
    yield "POST", "webhooks/hold", "hold_webhooks", {}
    yield "POST", "webhooks/release", "release_webhooks", {}
    yield "POST", "webhooks/settle", "settle_webhooks", {}
    yield "POST", "webhooks/1000000000000/redeliver", "redeliver_webhook, an unknown one", {}
    yield "GET", "faults", "list_faults", {}
    where = {"action": "check_whatsapp"}
    yield "POST", "faults", "add_fault", {"where": where, "when": {"next": 1}, "what": {"status": 500}}
    yield "DELETE", "faults/1000000000000", "delete_fault, an unknown one", {}
    yield "DELETE", "faults", "delete_faults", {}
    yield "GET", "/journal", "list_stray_calls", {}
    # Beyond these the journal holds as many calls as the machine had time for.
    yield "DELETE", "journal", "delete_calls", {}
    yield "GET", "journal", "list_calls", {"limit": 1}
    yield "GET", "journal/count", "count_calls", {}
    yield "GET", "journal/wait", "wait_for_calls, that do not come", {"n": 1000, "timeout": 0.0001}


def _whole(project: Project) -> Iterator[tuple[str, Callable[[], object]]]:
    yield "control: a snapshot", lambda: project.images.save("one", project.store)
    yield "control: back to a snapshot", lambda: project.images.restore("one", project.store)


class _Caller:
    """Calls the mock in process, past HTTP."""

    def __init__(self, project: Project, runner: asyncio.Runner) -> None:
        self._app: Final = create_app([project])
        self._runner: Final = runner
        self._database: Final = project.store._db

    def seconds(self, case: _Case, times: int) -> float:
        """Return the CPU seconds that so many calls take."""
        calls = [_call(case) for _ in range(times)]
        began = time.process_time()
        self._make(case, calls)
        return time.process_time() - began

    def steps(self, case: _Case) -> int:
        """Return the instructions that SQLite carries out for a call, the least of several."""
        return min(self._steps(case) for _ in range(_COUNTED))

    def _steps(self, case: _Case) -> int:
        steps = itertools.count()
        self._database.set_progress_handler(lambda: next(steps) < 0, 1)
        self._make(case, [_call(case)])
        self._database.set_progress_handler(None, 0)
        return next(steps)

    def _make(self, case: _Case, calls: list[tuple[dict[str, Any], bytes]]) -> None:
        async def check(message: Message) -> None:
            if message.get("status") not in (None, case.status):
                raise SystemExit(f"{case.name} failed: {message}")

        async def run() -> None:
            for scope, body in calls:

                async def receive(body: bytes = body) -> Message:
                    return {"type": "http.request", "body": body}

                await self._app(scope, receive, check)

        self._runner.run(run())


def _call(case: _Case) -> tuple[dict[str, Any], bytes]:
    """Return the next call as ASGI has it, and its body."""
    path, body = case.path(), case.body()
    is_get = case.method == "GET"
    scope = {
        "type": "http",
        "method": case.method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": urlencode(body).encode() if is_get else b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")],
    }
    return scope, _json(body) if body and not is_get else b""


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
    store._db.executemany(own_fields.hide("tag"), ((_BASE + place,) for place in range(size)))
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
        ((9e9 + place, "message", job, 204) for place in range(max(size // 10, _FEWEST))),
    )


def _tag(place: int) -> str | None:
    return "bulk" if place % 2 else None


def _variables(place: int) -> Iterator[tuple[str, str]]:
    spread = _spread(place)
    yield from (("city", "Paris"), ("code", f"v{spread}"), ("phone", f"7901{spread:07}"))
    yield "email", f"c{spread}@example.com"
    yield "tag", "none"  # hides the field
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
