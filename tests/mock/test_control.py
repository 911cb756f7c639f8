"""The control interface: its document, every operation of it carried out, and who may call it."""

from __future__ import annotations

import asyncio
import signal
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from tests.mock.console import Console, Minted
from tests.mock.receiver import Receiver

from mavibot_mock import Server, serve
from mavibot_mock.control.app import ControlApp
from mavibot_mock.control.document import document
from mavibot_mock.server.platform import Platform

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCUMENT: Final = document()
_METHODS: Final = ("get", "post", "put", "patch", "delete")
_OPERATIONS: Final = [
    pytest.param(path, method, operations[method], id=operations[method]["operationId"])
    for path, operations in _DOCUMENT["paths"].items()
    for method in _METHODS
    if method in operations
]
#: Numbers of the demo project, where the address does not mean the first of a kind.
_NUMBERS: Final = {"clients": 25554, "channels": 24, "deals": 40632}


def test_the_document_is_openapi() -> None:
    OpenAPIV31SpecValidator(_DOCUMENT).validate()


def test_the_document_is_served(console: Console) -> None:
    assert console.call("GET", "/openapi.json") == _DOCUMENT


def test_operations_have_names_of_their_own() -> None:
    names = [operation.id for operation in _OPERATIONS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(("path", "method", "operation"), _OPERATIONS)
def test_an_operation_is_described(path: str, method: str, operation: dict[str, Any]) -> None:
    assert operation["summary"], (path, method)
    assert any(status.startswith("2") for status in operation["responses"])
    for status, response in operation["responses"].items():
        assert "$ref" in response or response["description"]
        assert not status.startswith("2") or response["content"]["application/json"]["schema"]
    if "requestBody" in operation:
        assert "example" in operation["requestBody"]["content"]["application/json"]


@pytest.mark.parametrize(("path", "method", "operation"), _OPERATIONS)
def test_an_operation_works_as_its_example_shows(
    console: Console, path: str, method: str, operation: dict[str, Any]
) -> None:
    minted = console.create()
    with Receiver() as receiver:
        _prepare(minted, receiver.url)
        _carry_out(minted, path, method, operation)


def _carry_out(minted: Minted, path: str, method: str, operation: dict[str, Any]) -> None:
    kind = path.split("/")[3] if path.count("/") > 3 else ""
    address = path.replace("{project_id}", str(minted.id)).replace("{number}", str(_NUMBERS.get(kind, 1)))
    for name in ("name", "action"):
        address = address.replace(f"{{{name}}}", _DOCUMENT["components"]["parameters"][name]["example"])
    required = [each for each in operation.get("parameters", ()) if each.get("required")]
    query = {each["name"]: each["schema"]["examples"][0] for each in required}
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    [success] = [int(status) for status in operation["responses"] if status.startswith("2")]
    minted.console.call(method.upper(), address, content.get("example"), status=success, params=query or None)


def _prepare(minted: Minted, webhook_url: str) -> None:
    """Let the project hold one of everything that an operation can be about."""
    minted.control("PATCH", "/settings", {"webhook_url": webhook_url})
    minted.control("PUT", "/snapshots/full")
    minted.api("message", {"client_id": 5, "message": "now"})
    minted.api("message", {"client_id": 5, "message": "later", "time_shift": 3600})
    minted.control("POST", "/faults", {"where": {"action": "get_clients"}, "what": {"preset": "over_limit"}})


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("GET", "/nothing", 404, "no such address"),
        ("GET", "/projects/9", 404, "no project 9"),
        ("GET", "/projects/0", 400, "project_id: at least 1"),
        ("GET", f"/projects/{10**30}", 400, "project_id: at most"),
        ("GET", "/projects/one", 404, "no such address"),
        ("PUT", "/projects", 405, "use GET or POST"),
        ("GET", "/projects?page=1", 400, "query: has no field `page`"),
        ("GET", "/projects/1/jobs?limit=0", 400, "limit: at least 1"),
        ("GET", "/projects/1/jobs?limit=x", 400, "limit"),
    ],
)
def test_a_wrong_address_is_told(console: Console, method: str, path: str, status: int, message: str) -> None:
    console.create()
    assert message in console.refusal(method, path, status=status)


@pytest.mark.parametrize("content", [b"{", b"", b"\xff", b'{"a": 1} x'])
def test_a_body_that_is_no_json_is_told(console: Console, content: bytes) -> None:
    path = f"/_mock/v1/projects/{console.create().id}/settings"
    response = console.send("PATCH", path, content=content)
    assert response.status_code == 400
    assert response.json()["message"].startswith("body: is not valid JSON")


def test_a_body_too_deep_for_a_reply_is_refused(console: Console) -> None:
    minted = console.create()
    statuses = set()
    for depth in (200, *range(240, 256), 900):
        content = '{"what": {"status": 200, "body": ' + "[" * depth + "]" * depth + "}}"
        path = f"/_mock/v1/projects/{minted.id}/faults"
        statuses.add(console.send("POST", path, content=content.encode()).status_code)
        minted.control("GET", "/faults")
    assert statuses == {200, 400}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


def _get(server: Server, **headers: str) -> httpx2.Response:
    return httpx2.get(f"{server.url}/_mock/v1/projects", headers=headers)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:99", "localhost", "LOCALHOST:8080", "mock.localhost", "[::1]:80"]
)
def test_the_machines_own_names_are_served(server: Server, host: str) -> None:
    assert _get(server, Host=host).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "10.0.0.1", ""]
)
def test_a_foreign_host_is_refused(server: Server, host: str) -> None:
    response = _get(server, Host=host)
    assert response.status_code == 403
    assert response.json()["message"].startswith("Host")


def test_a_page_of_the_mock_itself_may_call(server: Server) -> None:
    assert _get(server, Origin=server.url).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1", "http://localhost:1", ""])
def test_a_page_of_another_site_is_refused(server: Server, origin: str) -> None:
    response = _get(server, Origin=origin)
    assert response.status_code == 403
    assert response.json()["message"].startswith("Origin")


@pytest.mark.parametrize(
    ("site", "status"), [("cross-site", 403), ("same-site", 403), ("same-origin", 200), ("none", 200)]
)
def test_what_a_page_loads_without_its_origin_is_told_by_its_site(server: Server, site: str, status: int) -> None:
    response = _get(server, **{"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"})
    assert response.status_code == status
    assert status == 200 or response.json()["message"].startswith("Sec-Fetch-Site")


def test_a_refused_page_changes_nothing(server: Server) -> None:
    url = f"{server.url}/_mock/v1/projects/1/reset"
    epoch = server.project.epoch
    assert httpx2.post(url, headers={"Origin": "https://evil.example"}).status_code == 403
    assert server.project.epoch == epoch
    assert httpx2.post(url).status_code == 200
    assert server.project.epoch > epoch


def test_the_guard_leaves_the_platforms_own_api_alone(server: Server) -> None:
    headers = {"Host": "chatter.mavibot.ai", "Origin": "https://shop.example"}
    assert httpx2.get(f"{server.url}/api/demo-full/connected_channels", headers=headers).status_code == 200


def test_off_loopback_a_token_is_needed() -> None:
    with Server("0.0.0.0") as server:
        assert server.token is not None
        url = server.url.replace("0.0.0.0", "127.0.0.1") + "/_mock/v1/projects"
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": server.token}):
            response = httpx2.get(url, headers=headers)
            assert response.status_code == 401
            assert response.headers["WWW-Authenticate"] == "Bearer"
        right = {"Authorization": f"Bearer {server.token}"}
        assert httpx2.get(url, headers=right).status_code == 200
        assert httpx2.get(url, headers={**right, "Host": "mock.lan"}).status_code == 200
        assert httpx2.get(url, headers={**right, "Origin": "https://evil.example"}).status_code == 403


def test_tokens_are_given_or_cannot_be_guessed() -> None:
    assert Server().token is None
    assert Server(token="given").token == "given"
    one, other = Server("0.0.0.0").token, Server("0.0.0.0").token
    assert one != other
    assert one is not None
    assert len(one) >= 32


def test_a_token_is_printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    # Told to stop before it begins, it ends once it has printed its lines.
    stops_at_once = SimpleNamespace(signal=lambda _number, stop: stop(), SIGINT=signal.SIGINT, SIGTERM=signal.SIGTERM)
    monkeypatch.setattr("mavibot_mock.server.server.signal", stops_at_once)
    serve(Server("0.0.0.0", token="printed"))
    assert "Token: printed\n" in capsys.readouterr().out


def test_without_a_listening_socket_the_calls_own_name_will_do() -> None:
    """In process, a test names the mock as it likes; nobody else reaches it."""
    transport = httpx2.ASGITransport(app=ControlApp(Platform(), worded=lambda _, message: message))

    async def get(name: str, **headers: str) -> int:
        async with httpx2.AsyncClient(transport=transport, base_url=f"http://{name}") as client:
            return (await client.get("/projects", headers=headers)).status_code

    async def run() -> list[int]:
        return [await get("anything"), await get("anything", Host="other")]

    assert asyncio.run(run()) == [200, 403]
