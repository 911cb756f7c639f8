"""Requests of a block: the mock calls a server as the flow does, and saves what it answers."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tests.mock.receiver import Answer, Receiver

from mavibot.webhooks import parse_block_request
from mavibot_mock import Mock

if TYPE_CHECKING:
    from tests.mock.caller import Caller
    from tests.mock.driver import Driver


def answering(reply: Any, status: int = 200) -> Receiver:
    content = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    return Receiver(lambda _: Answer(status=status, body=content))


@pytest.mark.parametrize("form", [False, True])
def test_a_block_sends_variables_in_its_own_shape(mock: Caller, driver: Driver, *, form: bool) -> None:
    body = {"salebot_client_id": "#{client_id}", "who": "#{name}, #{client.email}", "gone": "#{no_such}", "n": 5}
    with answering({}) as server:
        driver.post(
            "/block_requests",
            url=f"{server.url}?id=#{{client_id}}",
            client_id=5,
            body=body,
            form=form,
            headers={"X-Secret": "s #{tag}"},
        )
    [request] = server.received
    sent = parse_block_request(request.body, request.headers["Content-Type"])
    expected = {"salebot_client_id": "5", "who": "John Smith, john.smith@example.com", "gone": "None", "n": 5}
    assert sent == ({name: str(value) for name, value in expected.items()} if form else expected)
    assert request.path == "/hook?id=5"
    assert request.headers["X-Secret"] == "s spring"
    assert request.headers["Host"] in server.url


def test_what_the_reply_holds_is_saved(mock: Caller, driver: Driver) -> None:
    reply = {"data": {"price": 4900, "items": [{"name": "Мёд"}]}, "ok": True}
    save = [
        "data|price -> client.price",
        "data | items | 0 | name->item",
        "data|items -> client.all",
        "data|weight -> client.weight",
    ]
    with answering(reply, status=201) as server:
        came = driver.post("/block_requests", url=server.url, client_id=5, save=save)
    assert (came["request"], came["status"], came["error"]) == ("", 201, None)
    assert came["missing"] == ["data|weight"]
    found = mock.variables(5)
    assert (found["price"], found["item"], found["all"]) == (4900, "Мёд", '[{"name": "Мёд"}]')
    assert "weight" not in found
    [client] = [each for each in mock.call("get_clients").json()["clients"] if each["id"] == 5]
    assert json.loads(client["custom_answer"]) == reply


@pytest.mark.parametrize("reply", [b"", b"<html>", b"[1]", b'"x"'])
def test_other_replies_save_nothing(mock: Caller, driver: Driver, reply: bytes) -> None:
    with answering(reply) as server:
        came = driver.post("/block_requests", url=server.url, client_id=5, save=["a|b -> client.a"])
    assert (came["saved"], came["missing"], came["reply"]) == ({}, ["a|b"], reply.decode())
    assert "a" not in mock.variables(5)


def test_a_server_that_is_too_slow_is_given_up(driver: Driver) -> None:
    with Receiver() as server:
        server.answer = server.late
        came = driver.post("/block_requests", url=server.url, client_id=5, timeout=0.05)
        server.released.set()
    assert (came["status"], came["error"]) == (None, "no reply within 0.05 seconds")


def test_a_server_that_is_not_there_is_named(driver: Driver) -> None:
    with Receiver() as server:
        url = server.url
    assert driver.post("/block_requests", url=url, client_id=5)["error"].startswith("ConnectError")


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"url": "http://127.0.0.1/", "client_id": 1}, 404, "client_id: the project has no client 1"),
        ({"url": "http://example.com/", "client_id": 5}, 400, "example.com is another machine"),
        ({"url": "ftp://127.0.0.1/", "client_id": 5}, 400, "must begin with http:// or https://"),
        ({"url": "http://127.0.0.1/", "client_id": 5, "save": ["a|b"]}, 400, "save[0]"),
        ({"client_id": 5}, 400, "url: is required"),
    ],
)
def test_what_cannot_be_called_is_refused(driver: Driver, body: dict[str, Any], status: int, message: str) -> None:
    assert message in driver.refusal("POST", "/block_requests", status, **body)


def test_from_a_test() -> None:
    with answering({"data": {"price": 4900}}) as server, Mock() as mock:
        came = mock.inbound.block_request(
            server.url, client_id=25554, body={"client_id": "#{client_id}"}, save=["data|price -> client.price"]
        )
    assert came["saved"] == {"client.price": 4900}
    assert parse_block_request(server.received[0].body) == {"client_id": "25554"}
