"""A server that chooses differently where no source says anything deviates in nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx2
import pytest

import mavibot_contract
from mavibot import Mavibot
from mavibot_conformance.plan import Plan
from mavibot_conformance.results import Results, Verdict
from mavibot_conformance.suite import run
from mavibot_conformance.target.mock import mock_profile
from mavibot_conformance.target.profile import Profile
from mavibot_mock import Mock

_A_PAGE: Final = 3
_ZONE: Final = timedelta(hours=3)
_PLACE: Final = {"client_type", "group", "platform_id"}


def _changed(action: str, data: Any) -> Any:
    """Return the data of a successful reply as another server gives it."""
    match action:
        case "get_variables":
            return {name: value for name, value in data.items() if name not in _PLACE}
        case "get_messages":
            return [{"id": each["id"], "text": each["answer"]} for each in data["messages"]]
        case "clear_history":
            return {"ok": True}
        case "check_whatsapp":
            return data["exists"]
        case "find_all_client_id_by_var":
            return data["client_ids"]
        case "find_client_id_by_phone" | "find_client_id_by_email" | "find_latest_client_id_by_var":
            return {"client": {"id": data["client_id"]}}
        case "send_callback_by_platform_id":
            return {"status": "success"}
        case "get_history":
            rows = [{**row, "message_from_outside": 1 if row["message_from_outside"] else 0} for row in data["result"]]
            return {**data, "result": rows[::-1]}
        case "get_clients":
            return {**data, "clients": [{**row, "created_at": _written(row["created_at"])} for row in data["clients"]]}
    return data


def _written(moment: int) -> str:
    """Return a moment as a text in the project's zone, which does not name it."""
    return (datetime.fromtimestamp(moment, UTC) + _ZONE).strftime("%Y-%m-%d %H:%M:%S")


def _as_documented(action: str, request: httpx2.Request) -> httpx2.Request:
    """Return a call without the parameters that the document does not have; the server passes over their names."""
    url, content = request.url, request.content
    if action == "get_order_state":
        url = url.copy_remove_param("order_id")
    elif action in ("tg_callback", "email_callback", "fb_callback"):
        for name in ("value_user_id", "value_group_id", "value_email", "value_message"):
            url = url.copy_remove_param(name)
    elif action == "create_order" and content[:1] == b"{":
        with suppress(ValueError, RecursionError):
            body = json.loads(content)
            content = json.dumps({name: value for name, value in body.items() if name != "state_id"}).encode()
    headers = {name: value for name, value in request.headers.items() if name != "content-length"}
    return httpx2.Request(request.method, url, headers=headers, content=content)


class _Other(httpx2.BaseTransport):
    """Passes calls on to a mock in this process, and answers as another server would.

    Attributes:
        deleted: the clients that were to be deleted.
    """

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self.deleted: Final[set[int]] = set()
        self._inner: Final = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        action = request.url.path.rpartition("/")[2]
        if not request.url.path.startswith("/api/"):
            return self._inner.handle_request(request)
        if action == "subscribers" and request.method == "GET" and (page := request.url.params.get("page")) is not None:
            return self._page(request, page)
        if action == "delete_clients" and request.content:
            self.deleted.update(map(int, re.findall(rb"\d+", request.content)))
        response = self._inner.handle_request(_as_documented(action, request))
        response.read()
        if not response.headers.get("content-type", "").startswith("application/json"):
            return response
        data = response.json()
        if response.is_success and (not isinstance(data, dict) or data.get("status") in (None, "success")):
            data = _changed(action, data)
        status = 404 if isinstance(data, dict) and data.get("status") == "order not found" else response.status_code
        return _reply(status, data)

    def _page(self, request: httpx2.Request, page: str) -> httpx2.Response:
        """Return a page of few clients, the oldest first; the first page is page 1."""
        if not page.isdecimal():
            return self._inner.handle_request(request)
        if int(page) == 0:
            return _reply(400, {"status": "fail", "message": "page is too small"})
        rows: list[Any] = []
        for number in range(100):
            url = request.url.copy_set_param("page", number)
            response = self._inner.handle_request(httpx2.Request("GET", url, headers=request.headers))
            response.read()
            if not response.is_success:
                return response
            if not (more := response.json()):
                break
            rows += more
        rows.sort(key=lambda row: row["id"])
        first = _A_PAGE * (int(page) - 1)
        return _reply(200, rows[first : first + _A_PAGE])

    def close(self) -> None:
        self._inner.close()


def _reply(status: int, data: Any) -> httpx2.Response:
    headers = {"Content-Type": "application/vnd.platform+json"}
    return httpx2.Response(status, headers=headers, content=json.dumps(data, allow_nan=False))


def _run(mock: Mock, profile: Profile) -> tuple[Results, set[int]]:
    """Return the results of a run, and the clients that it deleted."""
    transport = _Other(mock.transport())
    return run(Plan(mock.url, profile, consent="send", transport=transport)), transport.deleted


def _clients_with_a_past(mock: Mock, key: str, channel: Mapping[str, Any]) -> tuple[int, ...]:
    with Mavibot(key, base_url=mock.url, transport=mock.transport()) as bot:
        made = bot.load_clients(clients=[{**channel, "platform_id": f"77{n}"} for n in range(12)])
        clients = tuple(item.id for item in made.items if isinstance(item.id, int))
        for client_id in clients:
            bot.message(client_id=client_id, message="before")
            bot.save_variables(client_id=client_id, variables={"client.city": "Oslo", "size": "L"})
            bot.create_order(client_id=client_id, name="old")
    return clients


def _accused(results: Results) -> list[tuple[str, str | None, str | None]]:
    return [
        (each.name, each.expected or each.reason, each.got)
        for each in results.outcomes
        if each.verdict in (Verdict.FAIL, Verdict.ERROR)
    ]


@pytest.mark.heavy
def test_other_choices_are_no_deviation() -> None:
    with Mock() as mock:
        results, _ = _run(mock, mock_profile(mock.url, transport=mock.transport()))
    assert _accused(results) == []
    assert sum(each.verdict is Verdict.PASS for each in results.outcomes) > 700


@pytest.mark.heavy
def test_clients_with_a_past_are_kept_where_none_can_be_made() -> None:
    offered = tuple(action for action in mavibot_contract.load().actions if action != "load_clients")
    with Mock() as mock:
        profile = mock_profile(mock.url, transport=mock.transport())
        clients = _clients_with_a_past(mock, profile.keys["full"], profile.channel or {})
        results, deleted = _run(mock, replace(profile, actions=offered, clients=clients))
    assert _accused(results) == []
    assert deleted.isdisjoint(clients)
    assert sum(each.verdict is Verdict.PASS for each in results.outcomes) > 500


class _Reticent(httpx2.BaseTransport):
    """Passes calls on to a mock, shows no callbacks in histories, and answers a search in vain without an id."""

    def __init__(self, inner: httpx2.BaseTransport) -> None:
        self._inner: Final = inner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = self._inner.handle_request(request)
        response.read()
        action = request.url.path.rpartition("/")[2]
        if action.startswith(("find_client_id_by", "find_latest")) and response.status_code == 404:
            return _reply(200, {"status": "success", "client_id": None})
        if action == "get_history" and response.is_success:
            data = response.json()
            return _reply(200, {**data, "result": [row for row in data["result"] if row["message_from_outside"] != 3]})
        return response

    def close(self) -> None:
        self._inner.close()


@pytest.mark.heavy
def test_callbacks_that_leave_no_trace_and_searches_without_an_id_are_no_deviation() -> None:
    with Mock() as mock:
        profile = replace(mock_profile(mock.url, transport=mock.transport()), control=None, webhook=None)
        results = run(Plan(mock.url, profile, consent="send", transport=_Reticent(mock.transport())))
    assert _accused(results) == []
    assert sum("does not show callbacks" in str(each.reason) for each in results.outcomes) > 10
    assert sum(each.verdict is Verdict.PASS for each in results.outcomes) > 600
