"""Faults on purpose: which calls they hit, what their callers get, and whether the calls have their effect."""

from __future__ import annotations

import socket
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests.mock.caller import Caller, assert_in_contract
from tests.mock.driver import Driver

from mavibot_mock import Server
from mavibot_mock.control.document import document
from mavibot_mock.server.faults import PRESETS, ConnectionLostError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HELLO = {"client_id": 5, "message": "Привет, мир"}
#: Seconds that no answer takes, and a timeout for reading that ends while there is no answer.
_LONG = 60
_SHORT = httpx2.Timeout(_LONG, read=0.2)
_LOST = {"never": httpx2.ReadTimeout, "reset": httpx2.ReadError, "empty": httpx2.RemoteProtocolError}


def _is_hit(mock: Caller, body: Any = _HELLO, **how: Any) -> bool:
    return mock.call("message", body, **how).status_code == 500


def _texts(mock: Caller) -> int:
    return len(mock.history(5))


@pytest.mark.parametrize(
    ("when", "hits"),
    [
        ({"always": True}, [1, 1, 1, 1, 1, 1]),
        ({"next": 2}, [1, 1, 0, 0, 0, 0]),
        ({"every": 3}, [0, 0, 1, 0, 0, 1]),
        ({"after": 4}, [0, 0, 0, 0, 1, 1]),
    ],
)
def test_when_it_fires(mock: Caller, driver: Driver, when: dict[str, Any], hits: list[int]) -> None:
    added = driver.post("/faults", when=when, what={"preset": "server_error"})
    assert [_is_hit(mock) for _ in hits] == hits
    [listed] = driver.get("/faults")
    assert listed == {**added, "seen": 6, "fired": sum(hits)}
    assert listed["when"] == when


@pytest.mark.parametrize(
    ("where", "is_hit"),
    [
        ({}, True),
        ({"action": "message"}, True),
        ({"action": "callback"}, False),
        ({"key": "demo-full"}, True),
        ({"key": "demo-none"}, False),
        ({"contains": "Привет"}, True),
        ({"contains": "Привет, мир"}, True),
        ({"contains": "Пока"}, False),
        ({"action": "message", "contains": "Пока"}, False),
    ],
)
def test_where_it_fires(mock: Caller, driver: Driver, where: dict[str, str], *, is_hit: bool) -> None:
    driver.post("/faults", where=where, what={"preset": "server_error"})
    assert _is_hit(mock) is is_hit
    assert _is_hit(mock, '{"client_id": 5, "message": "Привет, мир"}'.encode()) is is_hit
    assert _is_hit(mock, None, query=_HELLO) is is_hit
    [listed] = driver.get("/faults")
    assert listed["seen"] == 3 * is_hit
    assert "demo-" not in str(listed)


def test_the_first_that_fires_counts(mock: Caller, driver: Driver) -> None:
    driver.post("/faults", when={"next": 1}, what={"status": 500, "body": "one"})
    driver.post("/faults", when={"next": 1}, what={"status": 502, "body": "two"})
    assert [mock.call("message", _HELLO).text for _ in range(3)] == ["one", "two", "ok"]
    assert [(each["seen"], each["fired"]) for each in driver.get("/faults")] == [(3, 1), (2, 1)]


def test_faults_are_removed(mock: Caller, driver: Driver) -> None:
    for _ in range(3):
        driver.post("/faults", what={"preset": "server_error"})
    assert driver.delete("/faults/2") == {"status": "success"}
    assert [each["number"] for each in driver.get("/faults")] == [1, 3]
    assert driver.refusal("DELETE", "/faults/2", 404) == "there is no fault 2"
    driver.delete("/faults")
    assert driver.get("/faults") == []
    assert not _is_hit(mock)
    assert driver.post("/faults", what={"preset": "server_error"})["number"] == 4


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_are_failures_that_the_contract_knows(mock: Caller, driver: Driver, preset: str) -> None:
    driver.post("/faults", what={"preset": preset})
    response = mock.call("message", _HELLO)
    assert_in_contract("message", "POST", response)
    assert (response.status_code, response.headers["content-type"]) == (
        PRESETS[preset].status,
        PRESETS[preset].content_type,
    )
    assert ("retry-after" in response.headers) is (preset == "over_limit")
    driver.delete("/faults")
    assert _texts(mock) == 0


def test_every_preset_can_be_named() -> None:
    described = document()["components"]["schemas"]["NewFault"]
    assert set(described["properties"]["what"]["properties"]["preset"]["enum"]) == PRESETS.keys()


def test_an_answer_of_ones_own(mock: Caller, driver: Driver) -> None:
    what = {"status": 503, "body": "<html>", "content_type": "text/html", "headers": {"Retry-After": "7"}}
    driver.post("/faults", what=what)
    response = mock.call("message", _HELLO)
    assert (response.status_code, response.text) == (503, "<html>")
    assert (response.headers["content-type"], response.headers["retry-after"]) == ("text/html", "7")
    driver.delete("/faults")
    driver.post("/faults", what={"status": 400, "body": {"status": "fail", "message": "x"}})
    assert mock.call("message", _HELLO).json() == {"status": "fail", "message": "x"}


@pytest.mark.parametrize("carried_out", [True, False])
@pytest.mark.parametrize("what", [{"preset": "server_error"}, {"connection": "reset"}])
def test_whether_the_call_has_its_effect(
    mock: Caller, driver: Driver, what: dict[str, str], *, carried_out: bool
) -> None:
    driver.post("/faults", when={"next": 1}, what=what, carried_out=carried_out)
    with pytest.raises(ConnectionLostError) if "connection" in what else nullcontext():
        assert _is_hit(mock)
    assert _texts(mock) == carried_out


@pytest.mark.parametrize("how", ["never", "reset", "empty", "truncated"])
def test_in_process_a_lost_connection_is_an_exception(mock: Caller, driver: Driver, how: str) -> None:
    driver.post("/faults", what={"connection": how}, where={"action": "message"})
    with pytest.raises(ConnectionLostError) as lost:
        mock.call("message", _HELLO)
    assert lost.value.how == how
    assert _texts(mock) == (how == "truncated")
    entry = next(mock.project.journal.entries())
    assert (entry.fault, entry.status) == (1, 200 if how == "truncated" else None)


def test_the_journal_tells_which_fault_fired(mock: Caller, driver: Driver) -> None:
    driver.post("/faults", when={"every": 2}, what={"preset": "bad_gateway_page"})
    for _ in range(2):
        mock.call("message", _HELLO)
    assert [(each["fault"], each["status"]) for each in driver.get("/journal")] == [(None, 200), (1, 502)]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"where": {}}, "what: is required"),
        ({"what": {}}, "what"),
        ({"what": {"preset": "none"}}, "what.preset: must be one of"),
        ({"what": {"preset": "failure", "status": 500}}, "what.preset: give either"),
        ({"what": {"body": "x"}}, "what.status: is required together with body"),
        ({"what": {"content_type": "x"}}, "what.status: is required together with content_type"),
        ({"what": {"latency": 0}}, "what: one of preset, status, connection, latency is required"),
        ({"what": {"connection": "drip"}}, "what.latency: is required with the connection drip"),
        ({"what": {"latency": 1}, "carried_out": False}, "carried_out: must be true"),
        ({"what": {"status": 500}, "when": {"next": 1, "every": 2}}, "when"),
        ({"what": {"status": 500}, "when": {"next": 0}}, "when.next: at least 1"),
        ({"what": {"status": 500, "headers": {"Content-Length": "5"}}}, "what.headers"),
        ({"what": {"status": 500, "headers": {"X": "a\r\nb"}}}, "what.headers"),
    ],
)
def test_a_wrong_fault_is_refused(driver: Driver, body: dict[str, Any], problem: str) -> None:
    assert problem in driver.refusal("POST", "/faults", **body)
    assert driver.get("/faults") == []


class _Wire:
    """A server with one fault, called over a real connection."""

    def __init__(self, server: Server, client: httpx2.Client) -> None:
        self._server = server
        self.client = client

    def address(self, action: str) -> str:
        return f"{self._server.url}/api/{self._server.api_key}/{action}"

    def control(self, path: str) -> str:
        return f"{self._server.url}/_mock/v1/projects/{self._server.project.id}{path}"

    def fault(self, what: dict[str, Any], **more: Any) -> None:
        body = {"what": what, "where": {"action": "message"}, **more}
        assert self.client.post(self.control("/faults"), json=body).status_code == 200

    def send(self, **options: Any) -> httpx2.Response:
        return self.client.post(self.address("message"), json=_HELLO, **options)

    def wait_for_call(self) -> dict[str, Any]:
        """Return the first call of the faulty action, once the server is done with it."""
        [entry] = self.client.get(self.control("/journal/wait"), params={"action": "message", "timeout": _LONG}).json()
        return dict(entry)

    def texts(self) -> int:
        return len(self.client.get(self.address("get_history"), params={"client_id": 5}).json()["result"])


@pytest.fixture
def wire() -> Iterator[_Wire]:
    with Server() as server, httpx2.Client(timeout=_LONG) as client:
        yield _Wire(server, client)


@pytest.mark.parametrize("how", _LOST)
@pytest.mark.parametrize("carried_out", [True, False])
def test_a_lost_connection(wire: _Wire, how: str, *, carried_out: bool) -> None:
    wire.fault({"connection": how}, when={"next": 1}, carried_out=carried_out)
    with pytest.raises(_LOST[how]) as lost:
        wire.send(timeout=_SHORT if how == "never" else _LONG)
    if how == "reset":
        assert "reset" in str(lost.value)
    wire.wait_for_call()
    assert wire.texts() == carried_out
    assert wire.send().text == "ok"


@pytest.mark.parametrize("what", [{}, {"status": 500, "body": {"status": "fail"}}])
def test_a_truncated_answer(wire: _Wire, what: dict[str, Any]) -> None:
    wire.fault({**what, "connection": "truncated"}, when={"next": 1})
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message body"):
        wire.send()
    assert wire.texts() == (not what)


def test_a_slow_drip(wire: _Wire) -> None:
    wire.fault({"status": 200, "body": "0123456789", "connection": "drip", "latency": 0.2}, when={"next": 1})
    began = time.monotonic()
    assert wire.send().text == "0123456789"
    assert time.monotonic() - began > 0.1
    wire.fault({"status": 200, "body": "0123456789", "connection": "drip", "latency": 600}, when={"next": 1})
    with wire.client.stream("POST", wire.address("message"), json=_HELLO) as response:
        assert next(response.iter_raw()) == b"0"


def test_latency(wire: _Wire) -> None:
    wire.fault({"latency": 0.2}, when={"next": 1})
    began = time.monotonic()
    assert wire.send().text == "ok"
    assert time.monotonic() - began >= 0.2
    assert wire.texts() == 1


def test_latency_beyond_the_callers_timeout_loses_the_answer_but_not_the_effect(wire: _Wire) -> None:
    wire.fault({"latency": 600}, when={"next": 1})
    with pytest.raises(httpx2.ReadTimeout):
        wire.send(timeout=_SHORT)
    wire.wait_for_call()
    assert wire.texts() == 1


def test_the_other_connections_go_on(wire: _Wire) -> None:
    wire.fault({"connection": "never"}, when={"next": 1})
    address = httpx2.URL(wire.address("message"), params={"client_id": 5, "message": "x"})
    with socket.create_connection((address.host, address.port or 0), timeout=_LONG) as held:
        held.sendall(b"GET %s HTTP/1.1\r\nHost: mock\r\n\r\n" % address.raw_path)
        entry = wire.wait_for_call()
        assert (entry["fault"], entry["status"]) == (1, None)
        assert wire.send().text == "ok"


def test_a_misspelt_action_is_refused_and_a_new_one_is_not(mock: Caller) -> None:
    body: dict[str, Any] = {"where": {"action": "mesage"}, "what": {"status": 500}}
    refused = mock.send("POST", "/_mock/v1/projects/1/faults", json=body)
    assert refused.json()["message"] == "where.action: the API has no action 'mesage'; did you mean 'message'?"
    body["where"]["action"] = "xyzzy"
    assert mock.send("POST", "/_mock/v1/projects/1/faults", json=body).status_code == 200
