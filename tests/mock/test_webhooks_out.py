"""The project's webhook receives every message: once, in order, and the log says how it went."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2
import pytest
from tests import misbehaving
from tests.misbehaving import MisbehavingServer, close_after_reading, reset_after_reading
from tests.mock.caller import NOON, Caller
from tests.mock.driver import Driver
from tests.mock.receiver import Answer, Received, Receiver, post_to

from mavibot_mock import Server
from mavibot_mock.actions import history

if TYPE_CHECKING:
    from tests.misbehaving import Behaviour


def say(mock: Caller, *texts: str, client_id: int = 25554) -> None:
    for text in texts:
        mock.call("message", {"client_id": client_id, "message": text})


def settled(driver: Driver) -> list[dict[str, Any]]:
    attempts: list[dict[str, Any]] = driver.post("/webhooks/settle", timeout=600)["attempts"]
    return attempts


def test_an_outgoing_message_is_told_as_the_contract_says(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    mock.call("save_variables", {"client_id": 25554, "variables": {"client.city": "Paris"}})
    say(mock, "Hello")
    settled(driver)
    [event] = receiver.events
    client = event.pop("client")
    assert event == {
        "id": mock.history(25554, limit=1)[0]["id"],
        "message": "Hello",
        "attachments": None,
        "message_id": None,
        "project_id": 1,
        "is_input": 0,
        "delivered": 1,
        "error_message": None,
    }
    assert client["id"] == 25554
    assert client["recepient"] == "700025554"
    assert (client["client_type"], client["group"], client["tag"]) == (1, "example_bot", "utm_spring")
    assert client["created_at"] == 1588248599
    assert client["variables"]["city"] == "Paris"
    assert client["order_variables"]["utm_source"] == "spring"
    [received] = receiver.received
    headers = {name.lower(): value for name, value in received.headers.items()}
    assert (received.method, received.path) == ("POST", "/hook")
    assert (headers["content-type"], headers["host"]) == ("application/json", f"127.0.0.1:{receiver.port}")


def test_created_at_follows_the_setting(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    post_to(mock.project, receiver.url, created_at="text")
    say(mock, "x")
    settled(driver)
    assert receiver.events[0]["client"]["created_at"] == "2020-04-30 15:09:59.000000"  # 12:09:59 in Greenwich


def test_a_callback_is_told_as_input(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    mock.call("callback", {"client_id": 5, "message": "order_paid"})
    settled(driver)
    assert [(event["message"], event["is_input"]) for event in receiver.events] == [("order_paid", 1)]


def test_a_refused_call_tells_nothing(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    mock.refusal("message", {"client_id": 1, "message": "x"}, status=404)
    assert settled(driver) == []
    assert receiver.received == []


def test_what_is_undone_tells_nothing(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    def fail_after_a_message() -> None:
        with mock.project.transaction():
            history.send(mock.project, 5, text="x", now=NOON)
            raise LookupError

    with pytest.raises(LookupError):
        fail_after_a_message()
    say(mock, "later")
    settled(driver)
    assert receiver.texts == ["later"]


def test_events_come_in_order(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    texts = [str(number) for number in range(50)]
    say(mock, *texts)
    attempts = settled(driver)
    assert receiver.texts == texts
    assert [attempt["number"] for attempt in attempts] == list(range(1, 51))


def test_an_attempt_is_logged_exactly(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    receiver.answer = lambda _: Answer(202, "да".encode() + b"x" * 10_000)
    say(mock, "Привет")
    [attempt] = settled(driver)
    assert attempt["request"].encode() == receiver.received[0].body
    assert (attempt["state"], attempt["status"], attempt["url"]) == ("delivered", 202, receiver.url)
    assert attempt["reply"].startswith("даxx")
    assert len(attempt["reply"]) == 4096 - 2
    assert attempt["latency"] > 0
    assert (attempt["error"], attempt["time"], attempt["redelivery_of"]) == (None, NOON, None)
    assert attempt["message_id"] == receiver.events[0]["id"]


@pytest.mark.parametrize(("status", "state"), [(204, "delivered"), (302, "failed"), (404, "failed"), (500, "failed")])
def test_there_is_one_attempt_and_the_next_event_flows(
    mock: Caller, driver: Driver, receiver: Receiver, status: int, state: str
) -> None:
    receiver.answer = lambda _: Answer(status, b"", (("Location", receiver.url),))
    say(mock, "one", "two")
    assert [(attempt["state"], attempt["status"]) for attempt in settled(driver)] == [(state, status)] * 2
    assert receiver.texts == ["one", "two"]


def test_a_receiver_that_is_away_costs_only_its_events(mock: Caller, driver: Driver, closed_port: int) -> None:
    post_to(mock.project, f"http://127.0.0.1:{closed_port}/hook")
    say(mock, "lost")
    [attempt] = settled(driver)
    assert (attempt["state"], attempt["status"], attempt["reply"]) == ("failed", None, None)
    assert attempt["error"].startswith("ConnectionRefusedError")
    with Receiver() as receiver:
        post_to(mock.project, receiver.url)
        say(mock, "there")
        settled(driver)
        assert receiver.texts == ["there"]


def test_a_slow_receiver_does_not_hold_up_the_next_event_for_long(
    mock: Caller, driver: Driver, receiver: Receiver
) -> None:
    def answer(received: Received) -> Answer:
        if received.event["message"] != "slow":
            return Answer()
        mock.put_forward(31)
        return receiver.late(received)

    receiver.answer = answer
    post_to(mock.project, receiver.url, webhook_timeout=30)
    say(mock, "slow", "next")
    slow, following = settled(driver)
    assert (slow["state"], slow["error"]) == ("failed", "no reply within 30 seconds")
    assert following["state"] == "delivered"


@pytest.mark.parametrize(
    ("wire", "outcome"),
    [
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", (200, "ok", "")),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", (204, "", "")),
        (b"HTTP/1.0 200 OK\r\n\r\nuntil the end", (200, "until the end", "")),
        (b"", (None, None, "RemoteProtocolError")),
        (b"HTTP/1.1 20", (None, None, "RemoteProtocolError")),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", (None, None, "RemoteProtocolError")),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\ncut", (None, None, "RemoteProtocolError")),
    ],
)
def test_a_receiver_may_answer_oddly(
    mock: Caller, driver: Driver, receiver: Receiver, wire: bytes, outcome: tuple[int | None, str | None, str]
) -> None:
    def answer(server: MisbehavingServer, connection: socket.socket) -> None:
        server.read(connection)
        connection.sendall(wire)

    with MisbehavingServer(answer) as server:
        post_to(mock.project, server.url)
        say(mock, "one")
        [attempt] = settled(driver)
    assert (attempt["status"], attempt["reply"], (attempt["error"] or "").partition(":")[0]) == outcome
    post_to(mock.project, receiver.url)
    say(mock, "two")
    assert settled(driver)[-1]["state"] == "delivered"


def test_a_receiver_that_hangs_up_is_told_in_words(mock: Caller, driver: Driver) -> None:
    with MisbehavingServer(close_after_reading) as server:
        post_to(mock.project, server.url)
        say(mock, "one")
        [attempt] = settled(driver)
    assert attempt["error"] == "RemoteProtocolError: the receiver closed the connection before it replied"


def test_each_event_has_a_connection_of_its_own(mock: Caller, driver: Driver) -> None:
    """So it does not matter whether and when a receiver closes its connection after a reply without saying so."""
    texts: list[str] = []
    kept = []

    def answer(server: MisbehavingServer, connection: socket.socket) -> None:
        head, body = server.read(connection)
        assert b"connection: close" in head.lower()
        texts.append(json.loads(body)["message"])
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        if texts[-1] == "one":
            kept.append(connection.dup())  # this one stays open

    with MisbehavingServer(answer) as server:
        post_to(mock.project, server.url)
        say(mock, "one", "two", "three")
        attempts = settled(driver)
        say(mock, "four")
        attempts = settled(driver)
    for connection in kept:
        connection.close()
    assert [attempt["state"] for attempt in attempts] == ["delivered"] * 4
    assert texts == ["one", "two", "three", "four"]
    assert server.connections == 4


@pytest.mark.parametrize("ending", [close_after_reading, reset_after_reading])
def test_an_event_that_was_read_is_not_sent_again(mock: Caller, driver: Driver, ending: Behaviour) -> None:
    """However its connection ends without a reply."""
    with MisbehavingServer(misbehaving.answer(200), ending, misbehaving.answer(200)) as server:
        post_to(mock.project, server.url)
        say(mock, "one", "two", "three")
        attempts = settled(driver)
    assert [attempt["state"] for attempt in attempts] == ["delivered", "failed", "delivered"]
    assert server.seen == 3


def test_what_follows_a_reply_is_not_the_reply_to_the_next_event(mock: Caller, driver: Driver) -> None:
    texts: list[str] = []

    def answer(server: MisbehavingServer, connection: socket.socket) -> None:
        _, body = server.read(connection)
        texts.append(json.loads(body)["message"])
        smuggled = b"HTTP/1.1 500 Smuggled\r\nContent-Length: 0\r\n\r\n"
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + smuggled)

    with MisbehavingServer(answer) as server:
        post_to(mock.project, server.url)
        say(mock, "one", "two", "three")
        attempts = settled(driver)
    assert [attempt["status"] for attempt in attempts] == [200, 200, 200]
    assert texts == ["one", "two", "three"]
    assert server.connections == 3


def test_a_flood_of_interim_replies_ends_the_attempt(mock: Caller, driver: Driver) -> None:
    def answer(server: MisbehavingServer, connection: socket.socket) -> None:
        server.read(connection)
        with suppress(OSError):  # the mock closes the connection
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 200_000)

    with MisbehavingServer(answer) as server:
        post_to(mock.project, server.url)
        say(mock, "one")
        [attempt] = settled(driver)
    assert (attempt["state"], attempt["error"]) == ("failed", "RemoteProtocolError: more than 20 interim replies")


def test_the_reply_does_not_wait_for_the_webhook() -> None:
    with Receiver() as receiver, Server() as server, httpx2.Client(base_url=server.url, timeout=60) as client:
        receiver.answer = receiver.late
        post_to(server.project, receiver.url, webhook_timeout=60)
        for _ in range(3):
            reply = client.post(f"/api/{server.api_key}/message", json={"client_id": 5, "message": "x"})
            assert reply.text == "ok"
        assert client.get("/_mock/v1/projects/1/webhooks").json()["waiting"] == 3
        receiver.released.set()
        client.post("/_mock/v1/projects/1/webhooks/settle").raise_for_status()
        assert len(receiver.received) == 3


def test_a_receiver_may_call_back() -> None:
    with Server() as server, httpx2.Client(base_url=server.url, timeout=60) as client:

        def answer(received: Received) -> Answer:
            if received.event["message"] == "question":
                body = {"client_id": 5, "message": "answer"}
                httpx2.post(f"{server.url}/api/{server.api_key}/message", json=body).raise_for_status()
            return Answer()

        with Receiver(answer) as receiver:
            post_to(server.project, receiver.url)
            client.post("/_mock/v1/projects/1/inbound", json={"client_id": 5, "text": "question"}).raise_for_status()
            client.post("/_mock/v1/projects/1/webhooks/wait", json={"count": 2}).raise_for_status()
            assert receiver.texts == ["question", "answer"]


def test_without_an_address_events_are_skipped_and_may_go_later(mock: Caller, driver: Driver) -> None:
    say(mock, "one")
    [skipped] = driver.get("/webhooks", state="skipped")["attempts"]
    assert (skipped["request"], skipped["url"], skipped["error"]) == (None, None, None)
    with Receiver() as receiver:
        post_to(mock.project, receiver.url)
        again = driver.post(f"/webhooks/{skipped['number']}/redeliver")
        assert (again["state"], again["redelivery_of"]) == ("delivered", skipped["number"])
        assert receiver.texts == ["one"]


def test_an_event_is_redelivered_as_it_was(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    say(mock, "one", "two")
    first, _ = settled(driver)
    mock.call("save_variables", {"client_id": 25554, "variables": {"client.city": "Paris"}})
    again = driver.post(f"/webhooks/{first['number']}/redeliver")
    assert (again["number"], again["redelivery_of"], again["state"]) == (3, 1, "delivered")
    assert receiver.received[0].body == receiver.received[2].body
    assert "is not in the log" in driver.refusal("POST", "/webhooks/99/redeliver", 404)


def test_held_events_wait_for_their_release(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    assert driver.post("/webhooks/hold")["holding"] is True
    say(mock, "one", "two")
    assert [attempt["state"] for attempt in settled(driver)] == ["held", "held"]
    assert driver.post("/webhooks/1/redeliver")["state"] == "held"
    assert receiver.received == []
    assert driver.get("/webhooks")["waiting"] == 3
    assert driver.post("/webhooks/release")["holding"] is False
    assert [attempt["state"] for attempt in settled(driver)] == ["delivered"] * 3
    assert receiver.texts == ["one", "two", "one"]


def test_waiting_counts_attempts_that_were_made(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    say(mock, "one", "two")
    attempts = driver.post("/webhooks/wait", count=2)["attempts"]
    assert [json.loads(attempt["request"])["message"] for attempt in attempts] == ["one", "two"]
    assert len(receiver.received) == 2
    message = driver.call("POST", "/webhooks/wait", body={"after": 1, "count": 2, "timeout": 0.01}, status=408)
    assert message["message"] == "1 of 2 attempts were made within 0.01 seconds"
    of_one = {"message_id": attempts[0]["message_id"]}
    assert driver.get("/webhooks", **of_one)["attempts"] == [attempts[0]]
    assert driver.post("/webhooks/wait", **of_one)["attempts"] == [attempts[0]]


def test_settling_takes_only_so_long(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    receiver.answer = receiver.late
    say(mock, "x")
    late = driver.call("POST", "/webhooks/settle", body={"timeout": 0.05}, status=408)
    assert late["message"] == "not everything went out within 0.05 seconds"
    receiver.released.set()
    assert settled(driver)[0]["state"] == "delivered"


def test_the_log_is_bounded(mock: Caller, driver: Driver) -> None:
    with mock.project.transaction():
        for number in range(1500):
            history.send(mock.project, 5, text=str(number), now=NOON)
    attempts = driver.get("/webhooks")["attempts"]
    assert [attempts[0]["number"], attempts[-1]["number"]] == [501, 1500]


def test_what_waits_is_bounded(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    driver.post("/webhooks/hold")
    with mock.project.transaction():
        for number in range(20_001):
            history.send(mock.project, 5, text=str(number), now=NOON)
    found = driver.get("/webhooks")
    assert found["waiting"] == 20_000
    assert (found["attempts"][-1]["state"], found["attempts"][-1]["error"]) == ("skipped", "20000 events wait already")
    assert receiver.received == []


def test_a_reset_forgets_everything(mock: Caller, driver: Driver, receiver: Receiver) -> None:
    driver.post("/webhooks/hold")
    say(mock, "x")
    mock.restore()
    assert driver.get("/webhooks") == {"holding": False, "waiting": 0, "attempts": []}
    assert receiver.received == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/hook",
        "http://192.0.2.1/hook",
        "http://localhost.example.com/hook",
        "http://127.0.0.1@example.com/",
        "http://[2001:db8::1]/",
        "http://0.0.0.0/",
        "ftp://127.0.0.1/",
        "//127.0.0.1/",
        "http:///hook",
        "http://127.0.0.1:port/",
        "hook",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/я",
    ],
)
def test_other_machines_are_refused_at_configuration(mock: Caller, url: str) -> None:
    before = mock.project.settings
    with pytest.raises(ValueError, match="webhook_url: "):
        post_to(mock.project, url)
    assert mock.project.settings == before


@pytest.mark.parametrize(
    "url", ["http://localhost/", "https://127.0.0.2:8443/x", "http://[::1]:80/", "http://a.localhost/"]
)
def test_this_machine_is_allowed(mock: Caller, url: str) -> None:
    post_to(mock.project, url)
    assert mock.project.settings.webhook_url == url


def resolve_to(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(_host: object, port: object, *_args: object, **_kwargs: object) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)


def test_a_name_that_leads_elsewhere_is_refused_at_the_socket(
    mock: Caller, driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    post_to(mock.project, "http://localhost:9/")
    resolve_to("192.0.2.1", monkeypatch)
    say(mock, "x")
    [attempt] = settled(driver)
    assert attempt["state"] == "failed"
    assert "webhook_url: localhost is another machine" in attempt["error"]


def test_a_kept_address_is_refused_at_the_socket(mock: Caller, driver: Driver) -> None:
    kept = replace(mock.project.settings, webhook_url="http://192.0.2.1/")
    mock.project.settings = kept
    say(mock, "x")
    [attempt] = settled(driver)
    assert "--allow-host 192.0.2.1" in attempt["error"]


def test_an_allowed_host_is_reached_by_its_name(
    mock: Caller, driver: Driver, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    mock.project.outbox.allowed_hosts = frozenset({"shop.example"})
    post_to(mock.project, f"http://Shop.example:{receiver.port}/x")
    resolve_to("127.0.0.1", monkeypatch)
    say(mock, "x")
    [attempt] = settled(driver)
    assert attempt["state"] == "delivered"
    headers = {name.lower(): value for name, value in receiver.received[0].headers.items()}
    assert headers["host"] == f"Shop.example:{receiver.port}"


def test_the_environments_proxy_is_not_used(
    mock: Caller, driver: Driver, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    say(mock, "x")
    assert settled(driver)[0]["state"] == "delivered"
    assert len(receiver.received) == 1
