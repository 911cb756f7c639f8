"""Whatever a request holds, it costs time and memory in proportion to its bytes, and others are served meanwhile."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.mock.caller import Caller
from tests.mock.driver import Driver
from tests.mock.receiver import Receiver

from mavibot_mock import Server
from mavibot_mock.control.app import LARGEST_BODY
from mavibot_mock.request.protocol import LONGEST_HEAD, LONGEST_URL
from mavibot_mock.server.demo import FULL_KEY
from mavibot_mock.state.steps import AT_ONCE

if TYPE_CHECKING:
    from collections.abc import Iterator

_ROOT = Path(__file__).resolve().parents[2]
_SIZES = (100_000, 500_000)
_ANY_GROWTH = 1_000_000
_BYTES_A_BYTE = 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that share memory until they write")
@pytest.mark.heavy
@pytest.mark.timeout(300)
def test_memory_grows_with_the_bytes_of_a_request_whatever_it_holds() -> None:
    dear = _dear()
    # How the system hands out its pages adds to a measurement now and then; what a request needs shows each time.
    for _ in range(3):
        dear = dear and dear & _dear()
    assert dear == set()


def _dear() -> set[str]:
    """Return the kinds of requests that take more memory than their bytes allow."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.mock.costs", *map(str, _SIZES)], cwd=_ROOT, capture_output=True, check=True
    )
    costs = json.loads(found.stdout)
    assert len(costs) > 30
    return {
        name
        for name, measured in costs.items()
        if any(growth > _ANY_GROWTH + _BYTES_A_BYTE * length for length, growth in measured)
    }


_LONG_CALLS: dict[str, Any] = {
    "load_clients": [{"platform_id": str(n), "group_id": "", "client_type": 13} for n in range(4 * AT_ONCE)],
    "add_to_list": {"list_id": 1, "clients": []},
    "save_variables": {"client_id": 5, "variables": {f"client.v{n}": n for n in range(4 * AT_ONCE)}},
    "callback": {"client_id": 5, "message": "x", **{f"v{n}": n for n in range(4 * AT_ONCE)}},
    "find_client_id_by_platform_id": {"platform_ids": list(range(4 * AT_ONCE))},
    "find_clients": {"q": {"city": {"_in": [f"x{n}" for n in range(4 * AT_ONCE)]}, "name": "Joe"}},
    "remove_from_list": {"list_id": 1, "clients": list(range(1, 4 * AT_ONCE))},
}


@pytest.mark.parametrize("action", _LONG_CALLS)
def test_long_work_is_done_in_steps_between_which_others_have_their_turn(mock: Caller, action: str) -> None:
    body = _LONG_CALLS[action]
    if action == "add_to_list":
        loaded = mock.call("load_clients", _LONG_CALLS["load_clients"]).json()["items"]
        body = {**body, "clients": [item["id"] for item in loaded]}
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            await asyncio.sleep(0)
            turns += mock.project.is_at_work

    async def call() -> int:
        counter = asyncio.create_task(count())
        async with mock.client() as client:
            response = await client.post(f"/api/{FULL_KEY}/{action}", json=body)
        counter.cancel()
        return response.status_code

    assert mock.run(call()) == 200
    assert turns >= 2
    assert not mock.project.is_at_work


def test_a_project_does_one_thing_at_a_time(mock: Caller) -> None:
    """A call during another's long work sees all of it or nothing, and so does the control interface."""
    variables = {f"client.v{n}": n for n in range(4 * AT_ONCE)}

    async def calls() -> tuple[Any, Any, Any]:
        async with mock.client() as client:
            save = client.post(f"/api/{FULL_KEY}/save_variables", json={"client_id": 5, "variables": variables})
            read = client.get(f"/api/{FULL_KEY}/get_variables", params={"client_id": 5})
            export = client.get("/_mock/v1/projects/1/state", headers={"Host": "localhost"})
            return await asyncio.gather(save, read, export)

    saved, read, export = mock.run(calls())
    assert saved.text == "ok"
    assert sum(name.removeprefix("client.") in read.json() for name in variables) in (0, len(variables))
    [client] = [client for client in export.json()["clients"] if client["id"] == 5]
    assert sum(name.startswith("v") for name in client.get("variables", {})) in (0, len(variables))


def test_long_work_that_fails_changes_nothing(mock: Caller) -> None:
    body = {"clients": [5, 10**9], "variables": {f"client.v{n}": n for n in range(2 * AT_ONCE)}}
    mock.refusal("save_variables", body, status=404)
    assert mock.call("message", {"client_id": 5, "message": "x"}).text == "ok"


def test_a_long_body_of_the_control_interface_is_refused(mock: Caller) -> None:
    headers = {"Content-Length": str(LARGEST_BODY + 1), "Host": "localhost"}
    response = mock.send("PUT", "/_mock/v1/projects/1/seed", content=b"{}", headers=headers)
    assert response.status_code == 413
    assert response.json()["message"] == f"body: at most {LARGEST_BODY} bytes"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a0: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{n}: &a [{','.join(['*a'] * 9)}]\n" for n in range(8)), "aliases"),
        ("%TAG !a! x\n" * 99 + "---\nlists: []", "directives"),
        ("a: " + "[" * 99 + "]" * 99, "nested"),
        ("- {}\n" * 9999, "too many lists and mappings"),
        ("a: *b", "leads nowhere"),
    ],
)
def test_what_yaml_may_hold_is_bounded(mock: Caller, text: str, reason: str) -> None:
    before = mock.state()
    headers = {"Content-Type": "application/yaml", "Host": "localhost"}
    response = mock.send("PUT", "/_mock/v1/projects/1/seed", content=text.encode(), headers=headers)
    assert response.status_code == 400
    assert reason in response.json()["message"]
    assert mock.state() == before


def test_events_that_wait_are_bounded_in_bytes(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    driver.post("/webhooks/hold")
    mock.call("save_variables", {"client_id": 5, "variables": {"client.big": "x" * 4_000_000}})
    for _ in range(12):
        mock.call("message", {"client_id": 5, "message": "x"})
    found = driver.get("/webhooks")
    kept = [attempt for attempt in found["attempts"] if attempt["state"] == "held"]
    skipped = [attempt for attempt in found["attempts"] if attempt["state"] == "skipped"]
    assert len(kept) <= found["waiting"] == 8
    assert {attempt["error"] for attempt in skipped} == {"events of 32000000 bytes wait already"}
    assert sum(len(attempt["request"] or "") for attempt in found["attempts"]) <= 36_000_000
    assert receiver.received == []


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def _answers(server: Server, *pieces: bytes) -> bytes:
    """Return all that a server sends until it closes the connection."""
    host, _, port = server.url.removeprefix("http://").partition(":")
    received = bytearray()
    with socket.create_connection((host, int(port))) as connection:
        try:
            for piece in pieces:
                connection.sendall(piece)
        except OSError:
            pass  # it has closed the connection already
        try:
            while data := connection.recv(65_536):
                received += data
        except ConnectionResetError:
            pass
    return bytes(received)


_HOST = b"Host: x\r\n"


def test_a_long_url_is_refused(server: Server) -> None:
    reply = _answers(server, b"GET /livez?" + b"x" * LONGEST_URL + b" HTTP/1.1\r\n" + _HOST + b"\r\n")
    assert reply.startswith(b"HTTP/1.1 414 ")
    assert json.loads(reply.partition(b"\r\n\r\n")[2])["message"].startswith("URL: at most 65536 bytes")


@pytest.mark.parametrize(
    "fields", [b"a: " + b"x" * LONGEST_HEAD + b"\r\n", b"a: x\r\n" * (LONGEST_HEAD // 5)], ids=["long", "many"]
)
def test_long_headers_are_refused(server: Server, fields: bytes) -> None:
    reply = _answers(server, b"GET /livez HTTP/1.1\r\n" + _HOST + fields + b"\r\n")
    assert reply.startswith(b"HTTP/1.1 431 ")
    assert json.loads(reply.partition(b"\r\n\r\n")[2])["message"] == "headers: at most 65536 bytes together"


@pytest.mark.parametrize(
    "head",
    [
        b"GET /livez HTTP/1.1\r\nHost: x\r\na: ",
        b"POST /api/demo-none/message HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\na: ",
    ],
    ids=["before", "after the body"],
)
def test_a_header_without_end_is_not_read_to_its_end(server: Server, head: bytes) -> None:
    reply = _answers(server, head, *[b"x" * 100_000] * 200)
    assert b"HTTP/1.1 200 " not in reply


def _message(text: str) -> bytes:
    body = json.dumps({"client_id": 5, "message": text}).encode()
    head = f"POST /api/{FULL_KEY}/message HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize("count", [1, 3])
def test_the_reply_of_what_was_carried_out_comes_before_the_refusal(server: Server, count: int) -> None:
    texts = [f"carried out {count}.{n}" for n in range(count)]
    reply = _answers(server, b"".join(map(_message, texts)) + b"\x01junk\r\n\r\n")
    statuses = re.findall(rb"HTTP/1\.1 (\d+) ", reply)
    assert statuses == [b"200"] * count + [b"400"]
    kept = [row["text"] for row in server.project.store.history(5, limit=count, period=None)]
    assert kept == texts[::-1]


def test_a_request_that_breaks_off_in_its_body_does_not_take_an_earlier_reply_away(server: Server) -> None:
    broken = b"POST /api/demo-full/message HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    reply = _answers(server, _message("whole") + broken)
    statuses = re.findall(rb"HTTP/1\.1 (\d+) ", reply)
    assert statuses == [b"200", b"400"]


def test_what_is_no_http_is_refused(server: Server) -> None:
    reply = _answers(server, b"\x01\r\n\r\n")
    assert reply.startswith(b"HTTP/1.1 400 ")
    assert json.loads(reply.partition(b"\r\n\r\n")[2]) == {
        "status": "fail",
        "message": "the request is no valid HTTP",
    }
