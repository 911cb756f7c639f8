"""No action and no operation of the control interface reads a table whole unless it answers all of it."""

from __future__ import annotations

import re
import sqlite3
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from tests.mock.caller import CONTRACT
from tests.mock.examples import examples, with_all_parameters

from mavibot_mock.state import store
from mavibot_mock.state.store.own_fields import OPTIONAL, OWN_FIELDS
from mavibot_mock.web.site import VIEWS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.mock.caller import Caller

_FILTERS: Final = {"tag": "spring", "group": "shop_bot", "client_type": 1, "date_from": 1, "date_to": 9}
#: What is asked in ways that the contract's examples do not show.
_MORE: Final[list[tuple[str, Any]]] = [
    ("get_history", {"client_id": 25554, "limit": 1, "start_date": "01.01.1990", "stop_date": "02.01.1990"}),
    ("get_clients", {"limit": 1, "offset": 3}),
    ("get_clients", {"limit": 1, "offset": 3, "reverse": True}),
    ("get_clients", {"limit": 1, "offset": 1, "list": 1170283}),
    ("find_client_id_by_var", {"var": "city", "val": "Paris", "group_id": "shop_bot"}),
    ("find_client_id_by_var", {"var": "a", "val": "b", "search_in": "order", "group_id": "shop_bot"}),
    ("find_latest_client_id_by_var", {"var": "city", "val": "Paris"}),
    ("find_all_client_id_by_several_vars", {"variables": {"city": "Paris", "num": "5"}}),
    ("find_clients", {"q": {"city": "Paris", "num": "5"}}),
    ("find_clients", {"q": {"city": "Paris", "num": "5"}, "include_all": False}),
    ("find_clients", {"q": {"city": {"_not_in": ["Paris", "Rome"]}, "num": {"_in": [5, 6]}}}),
    ("find_clients", {"q": {"city": "Paris", "num": {"_not": "5"}}, "search_in": "order"}),
    *(
        ("find_clients", {"q": {name: value, "city": "Paris"}, "include_all": every})
        for name in OWN_FIELDS
        for value in ("x", {"_not": "x"}, 5)
        for every in (True, False)
    ),
    *(("find_client_id_by_var", {"var": name, "val": "x"}) for name in OWN_FIELDS),
    *(("find_client_id_by_var", {"var": name, "val": "x", "group_id": "shop_bot"}) for name in OWN_FIELDS),
    *(("find_all_client_id_by_several_vars", {"variables": {name: "x", "city": "Paris"}}) for name in OWN_FIELDS),
    *(("find_latest_client_id_by_var", {"var": name, "val": "x"}) for name in OWN_FIELDS),
    ("find_client_id_by_platform_id", {"platform_ids": ["200"], "group_id": "shop_bot"}),
    ("get_orders", {"client_id": 25554, "order_status": 1}),
    ("get_order_vars", {"client_id": 25554, "variables": ["utm_source"]}),
    ("create_order", {"phone": "79875146788"}),
    ("create_order", {"email": "new@example.com"}),
    ("delete_clients", {"client_ids": [987654321]}),
    ("message", {"client_id": 5, "message": "x", "time_shift": 1000}),
    ("broadcast", {"list": 1170283, "message": "x"}),
    ("assign_to_user", {"client_id": 5}),
    ("assign_to_user", {"client_id": 5, "email": "manager@example.com"}),
    *(("subscribers", dict(chosen)) for count in range(6) for chosen in combinations(_FILTERS.items(), count)),
]
_CONTROL: Final[list[tuple[str, str, Any]]] = [
    ("GET", "/clock", None),
    ("GET", "/jobs?limit=10&offset=5", None),
    ("POST", "/clock/advance", {"by": 1}),
    ("POST", "/inbound", {"client_id": 5, "text": "q"}),
    ("POST", "/inbound", {"client_id": 5, "button": "q"}),
    ("POST", "/inbound", {"client_id": 5, "event": "client_unsubscribed"}),
    ("PATCH", "/settings", {"strict": False}),
    ("GET", "/clients?client_type=1&group_id=shop_bot&platform_id=200", None),
    ("GET", "/clients/5/messages", None),
    ("GET", "/clients/5/messages?after=1", None),
    ("PUT", "/clients/5/block", {"reason": "x"}),
    ("DELETE", "/clients/5/block", None),
    ("PATCH", "/deals/40632", {"state_id": 37}),
    ("PUT", "/channels/24/block", {"reason": "x"}),
    ("GET", "/keys", None),
]
#: Actions that answer a table as a whole, or all of what a project sets up by hand.
_WHOLE: Final = {
    "connected_channels": {"channels"},
    "check_whatsapp": {"channels"},
    "get_messages": {"blocks"},
    "get_variables": {"project_variables"},
}
#: What a project sets up by hand: these do not grow with its clients.
_SMALL: Final = frozenset({"channels", "keys", "lists", "stages"})
#: Of the page.
_VIEWS: Final = [f"/{view}" for view in VIEWS]


class _Recorder:
    """A connection that remembers what was asked of it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: Final = connection
        self.asked: Final[list[tuple[str, Any]]] = []

    def execute(self, query: str, arguments: Any = ()) -> sqlite3.Cursor:
        self.asked.append((query, arguments))
        return self._connection.execute(query, arguments)

    def executemany(self, query: str, rows: list[Any]) -> sqlite3.Cursor:
        self.asked.append((query, rows[0]))
        return self._connection.executemany(query, rows)

    def __enter__(self) -> sqlite3.Connection:
        return self._connection.__enter__()

    def __exit__(self, *how: Any) -> object:
        return self._connection.__exit__(*how)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def read_whole(self) -> set[str]:
        """Return the tables that were read whole."""
        asked = dict.fromkeys((query, _hashable(arguments)) for query, arguments in self.asked)
        return {table for query, arguments in asked for table in self._read_whole(query, arguments)}

    def indexes(self, query: str, arguments: Any) -> list[str]:
        """Return the indexes that a query uses."""
        return re.findall(r"INDEX (\w+)", " ".join(self._plan(query, arguments)))

    def _plan(self, query: str, arguments: Any) -> list[str]:
        return [row[3] for row in self._connection.execute(f"EXPLAIN QUERY PLAN {query}", arguments)]

    def _read_whole(self, query: str, arguments: Any) -> Iterator[str]:
        if query.split(maxsplit=1)[0] not in ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH"):
            return
        given = dict(arguments) if isinstance(arguments, frozenset) else arguments
        plan = self._plan(query, given)
        is_first_alone = query.endswith("LIMIT 1") and "WHERE" not in query and len(plan) == 1 and "INDEX" in plan[0]
        for step in plan:
            found = re.match(r"SCAN (\w+)", step)
            # Virtual tables hold what the call itself brought; runs are few, and read no further than the page.
            is_small = "VIRTUAL TABLE" in step or "CONSTANT ROW" in step or "_runs" in step
            if found and not is_small and not is_first_alone:
                yield found[1]


def _hashable(arguments: Any) -> Any:
    return frozenset(arguments.items()) if isinstance(arguments, dict) else tuple(arguments)


@pytest.fixture
def recorder(mock: Caller, monkeypatch: pytest.MonkeyPatch) -> _Recorder:
    recorder = _Recorder(mock.project.store._db)
    monkeypatch.setattr(mock.project.store, "_db", recorder)
    return recorder


@pytest.mark.parametrize("action", CONTRACT.actions)
def test_an_action_reads_no_table_whole(action: str, mock: Caller, recorder: _Recorder) -> None:
    """Whatever the database holds: SQLite plans by its indexes alone, since no statistics are kept."""
    shown = [*examples(action), *([with_all_parameters(action)] if "GET" in CONTRACT.actions[action] else [])]
    calls = [(example.body, example.query) for example in shown]
    for body, query in [*calls, *((body, {}) for name, body in _MORE if name == action)]:
        mock.call(action, body, query=query)
    assert recorder.asked
    assert recorder.read_whole() <= _WHOLE.get(action, set())


@pytest.mark.parametrize(("method", "path", "body"), _CONTROL)
def test_an_operation_of_the_control_interface_reads_no_table_whole(
    method: str, path: str, body: Any, mock: Caller, recorder: _Recorder
) -> None:
    content = {} if body is None else {"json": body}
    response = mock.send(method, f"/_mock/v1/projects/{mock.project.id}{path}", **content)
    assert response.status_code in (200, 400)  # no client was sent a button `q`
    assert recorder.read_whole() <= _SMALL


@pytest.mark.parametrize("path", ["/conversations/25554", "/conversations?list=5-5", *_VIEWS])
def test_a_page_reads_no_table_whole(path: str, mock: Caller, recorder: _Recorder) -> None:
    assert mock.send("GET", f"/projects/{mock.project.id}{path}").status_code == 200
    assert recorder.asked
    assert recorder.read_whole() <= _SMALL


@pytest.mark.parametrize("name", sorted(OPTIONAL))
def test_each_search_of_a_field_has_an_index_of_its_own(name: str, mock: Caller, recorder: _Recorder) -> None:
    """Else it would go through all clients that have the value, to find the one in a channel, or the newest."""
    store = mock.project.store
    store.first_client_with(name, "x")
    store.first_client_with(name, "x", "shop_bot")
    store.latest_client_with(name, "x")
    used = [index for each in recorder.asked for index in recorder.indexes(*each) if "by_own" in index]
    assert used == [f"clients_by_own_{name}_and_{order}" for order in ("value", "group", "moment")]


def test_a_table_that_is_read_whole_is_found(recorder: _Recorder) -> None:
    recorder.execute("SELECT * FROM clients WHERE custom_answer = ?", ("Joe",))
    assert recorder.read_whole() == {"clients"}


def test_no_query_numbers_its_places() -> None:
    # Python 3.12.0 and 3.12.1 warn of `?1` beside a list of values.
    queries = Path(store.__file__).parent.glob("*.py")
    assert [file.name for file in queries if re.search(r"\?\d", file.read_text(encoding="utf-8"))] == []
