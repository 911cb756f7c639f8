"""The mock on a real port: in a thread and as a process."""

from __future__ import annotations

import json
import signal
import socket
import sys
from contextlib import ExitStack
from typing import Any, Final

import httpx2
import pytest
import uvicorn
from tests.mock.caller import CONTRACT
from tests.running import line_of, rest_of, started

from mavibot_mock import Server, demo_keys

#: Seconds that no machine takes to end the mock.
_LONG: Final = 120


def test_a_server_answers_and_stops() -> None:
    with Server() as server:
        url = f"{server.url}/api/{server.api_key}"
        with httpx2.Client() as client:
            assert client.post(f"{url}/message", json={"client_id": 5, "message": "x"}).text == "ok"
            [row] = client.get(f"{url}/get_history", params={"client_id": 5}).json()["result"]
        assert row["text"] == "x"
        [sent, read] = server.project.journal.entries()
        assert (sent.action, read.action) == ("message", "get_history")
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(url)


def test_servers_share_nothing() -> None:
    with Server() as one, Server() as other:
        assert one.url != other.url
        httpx2.post(f"{one.url}/api/{one.api_key}/message", json={"client_id": 5, "message": "x"})
        reply = httpx2.get(f"{other.url}/api/{other.api_key}/get_history", params={"client_id": 5})
        assert reply.json()["result"] == []


def test_a_taken_port_is_an_error() -> None:
    with Server() as server, pytest.raises(OSError, match="use"):
        Server(port=httpx2.URL(server.url).port or 0).__enter__()


def test_a_server_that_cannot_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    async def startup(*_args: object, **_kwargs: object) -> None:
        raise ImportError("no event loop")

    monkeypatch.setattr(uvicorn.Server, "startup", startup)
    with pytest.raises(RuntimeError, match=r"ended before it answered.+no event loop"):
        Server().__enter__()


def test_head_is_refused_on_the_wire() -> None:
    with Server() as server:
        assert httpx2.head(f"{server.url}/api/{server.api_key}/message").status_code == 405


@pytest.mark.parametrize("ready_json", [True, False])
def test_the_process_says_where_it_answers_and_stops_on_sigterm(*, ready_json: bool) -> None:
    program = f"from mavibot_mock import Server, serve; serve(Server(), ready_json={ready_json})"
    with started([sys.executable, "-c", program]) as process:
        first = line_of(process)
        url = json.loads(first)["url"] if ready_json else first.split(" answers at ")[1].split(". ")[0]
        assert httpx2.get(f"{url}/api/demo-full/connected_channels").json()["project_id"] == 1
        process.send_signal(signal.SIGTERM)
        rest, errors = rest_of(process)
    assert (process.returncode, errors) == (0, "")
    if ready_json:
        ready = json.loads(first)
        permissions = {CONTRACT.operation(action).permission for action in CONTRACT.actions}
        assert ready == {"url": url, "api_key": "demo-full", "project_id": 1, "keys": demo_keys()}
        assert ready["keys"].keys() == {"full", "none", "revoked", *permissions}
        assert rest == ""
    else:
        assert "curl" in rest
        assert "demo-full" in rest


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_it_says_that_it_lives(path: str) -> None:
    with Server() as server:
        response = httpx2.get(server.url + path)
    assert (response.status_code, response.text) == (200, "ok")


@pytest.mark.parametrize(
    "what",
    [
        {"connection": "never"},
        {"connection": "drip", "status": 200, "body": "x" * 99, "latency": 600},
        {"latency": 600},
    ],
)
def test_it_stops_on_sigterm_with_open_connections(what: dict[str, Any]) -> None:
    program = "from mavibot_mock import Server, serve; serve(Server(), ready_json=True)"
    with started([sys.executable, "-c", program]) as process:
        url = httpx2.URL(json.loads(line_of(process))["url"])
        control = f"{url}/_mock/v1/projects/1"
        with httpx2.Client() as client, ExitStack() as connections:
            fault = {"what": what, "where": {"action": "message"}}
            assert client.post(f"{control}/faults", json=fault).status_code == 200
            for request in (
                b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n",
                b"GET /api/demo-full/message?client_id=5&message=x HTTP/1.1\r\nHost: x\r\n\r\n",
                b"POST /api/demo-full/message HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\n{",
                b"GET /_mock/v1/projects/1/journal/wait?n=999&timeout=600 HTTP/1.1\r\nHost: localhost\r\n\r\n",
                b"GET",
            ):
                connection = connections.enter_context(socket.create_connection((url.host, url.port)))
                connection.sendall(request)
            # The fault's call has come where it waits.
            while not client.get(f"{control}/faults").json()[0]["fired"]:
                pass
            process.send_signal(signal.SIGTERM)
            # None of the connections would end for as long as this.
            _, errors = process.communicate(timeout=_LONG)
            assert (process.returncode, errors) == (0, "")
