"""How often a server sees a call that fails, and what the caller gets: by fault and by effect of the action."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any, Literal

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.support import BASE_URL, CONTRACT, KEY, OPERATIONS, Kind, by_method, first_example, good_reply, law
from tests.misbehaving import (
    Behaviour,
    MisbehavingServer,
    answer,
    close_after_reading,
    half_an_answer,
    keep_open,
    reset_after_reading,
    reset_while_reading,
    silence,
    slow_drip,
)

import mavibot_contract
from mavibot import (
    ApiError,
    AsyncMavibot,
    ClientNotFound,
    ConnectionFailed,
    Mavibot,
    RateLimited,
    RejectedRequest,
    Retry,
    RetryPolicy,
    ServerError,
    TimedOut,
    UnexpectedReply,
    UnreadableReply,
    _retry,
)

# One action of each kind: read, write that can be repeated, write that cannot, send.
READ = ("get_variables", {"client_id": 1})
REPEATABLE = ("save_variables", {"client_id": 1, "variables": {"a": "b"}})
UNREPEATABLE = ("create_order", {"client_id": 1})
SEND = ("message", {"client_id": 1, "message": "x"})
ACTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "read": READ,
    "repeatable write": REPEATABLE,
    "write": UNREPEATABLE,
    "send": SEND,
}
HTML = answer(502, b"<html>Bad gateway</html>", kind="text/html")
ONCE, THRICE = 1, 3

# fault -> (error, calls seen of what can be repeated, calls seen of what cannot)
FAULTS: dict[str, tuple[Behaviour, type[Exception], int, int]] = {
    "500": (answer(500), ServerError, THRICE, ONCE),
    "502 in HTML": (HTML, ServerError, THRICE, ONCE),
    "503": (answer(503), ServerError, THRICE, ONCE),
    "504": (answer(504), ServerError, THRICE, ONCE),
    "520": (answer(520), ServerError, THRICE, ONCE),
    "501": (answer(501), ServerError, ONCE, ONCE),
    "408": (answer(408), RejectedRequest, THRICE, ONCE),
    "429 without Retry-After": (answer(429), RateLimited, THRICE, THRICE),
    "429 with Retry-After": (answer(429, b"", "Retry-After: 7"), RateLimited, THRICE, THRICE),
    "429 that asks for an hour": (answer(429, b"", "Retry-After: 3600"), RateLimited, ONCE, ONCE),
    "429 that asks for an hour and for nothing": (
        answer(429, b"", "Retry-After: 3600", "Retry-After: 0"),
        RateLimited,
        ONCE,
        ONCE,
    ),
    "400": (answer(400), RejectedRequest, ONCE, ONCE),
    "404": (answer(404, b'{"status":"client_not_found"}'), ClientNotFound, ONCE, ONCE),
    "reset after the request": (reset_after_reading, ConnectionFailed, THRICE, ONCE),
    "end after the request": (close_after_reading, ConnectionFailed, THRICE, ONCE),
    "half an answer": (half_an_answer, ConnectionFailed, THRICE, ONCE),
    "silence": (silence, TimedOut, THRICE, ONCE),
}


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses between attempts, in seconds, none of which is made."""
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(_retry, "sleep", waited.append)
    monkeypatch.setattr(_retry, "async_sleep", pause)
    return waited


def run(kind: Kind | Literal["aiohttp"], url: str, action: str, arguments: dict[str, Any], **settings: Any) -> Any:
    """Call an action with a client of either kind."""
    if kind == "blocking":
        with Mavibot(KEY, base_url=url, **settings) as bot:
            return getattr(bot, action)(**arguments)
    if kind == "aiohttp":
        settings = {"transport": "aiohttp", **settings}

    async def main() -> Any:
        async with AsyncMavibot(KEY, base_url=url, **settings) as bot:
            return await getattr(bot, action)(**arguments)

    return asyncio.run(main())


def test_the_chosen_actions_are_of_the_kinds_that_they_stand_for() -> None:
    kinds = {name: CONTRACT.operation(action) for name, (action, _) in ACTIONS.items()}
    assert {name: (each.effect, each.idempotent) for name, each in kinds.items()} == {
        "read": ("read", True),
        "repeatable write": ("write", True),
        "write": ("write", False),
        "send": ("send", False),
    }


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
@pytest.mark.parametrize("what", ACTIONS)
@pytest.mark.parametrize("fault", FAULTS)
def test_how_often_the_server_sees_a_call(kind: Kind | Literal["aiohttp"], what: str, fault: str) -> None:
    behaviour, error, repeated, unrepeated = FAULTS[fault]
    action, arguments = ACTIONS[what]
    expected = repeated if CONTRACT.operation(action).idempotent else unrepeated
    with MisbehavingServer(behaviour) as server, pytest.raises(error) as caught:
        run(kind, server.url, action, arguments, timeout=0.3 if fault == "silence" else 60)
    assert server.seen == expected
    assert caught.value.attempts == expected  # type: ignore[attr-defined]
    assert caught.value.action == action  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
@pytest.mark.parametrize("what", ACTIONS)
def test_a_call_that_the_server_never_read_is_in_doubt_all_the_same(kind: Kind | Literal["aiohttp"], what: str) -> None:
    """The client cannot see whether a broken connection was broken before or after the request was read."""
    action, arguments = ACTIONS[what]
    with MisbehavingServer(reset_while_reading) as server, pytest.raises(ConnectionFailed) as caught:
        run(kind, server.url, action, arguments)
    assert caught.value.sent
    assert caught.value.attempts == (THRICE if CONTRACT.operation(action).idempotent else ONCE)


@pytest.mark.parametrize("kind", ["blocking", "asyncio"])
@pytest.mark.parametrize("what", ACTIONS)
@pytest.mark.parametrize("error", [httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout])
def test_what_was_not_sent_is_tried_again_whatever_it_is(
    kind: Kind, what: str, error: Callable[[str], Exception]
) -> None:
    action, arguments = ACTIONS[what]
    tried = []

    def refuse(request: httpx2.Request) -> httpx2.Response:
        tried.append(request)
        raise error("no")

    with pytest.raises(ConnectionFailed) as caught:
        run(kind, BASE_URL, action, arguments, transport=httpx2.MockTransport(refuse))
    assert len(tried) == caught.value.attempts == THRICE
    assert not caught.value.sent


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
@pytest.mark.parametrize("trouble", [answer(503), answer(429), reset_after_reading])
def test_a_read_gets_over_passing_trouble(kind: Kind | Literal["aiohttp"], trouble: Behaviour) -> None:
    with MisbehavingServer(trouble, trouble, answer(200, b'{"a":"b"}')) as server:
        assert run(kind, server.url, *READ) == {"a": "b"}
    assert server.seen == THRICE


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.operation_id)
def test_only_what_the_contract_calls_idempotent_is_repeated_after_a_server_error(
    operation: mavibot_contract.Operation,
) -> None:
    tried = []

    def fail(request: httpx2.Request) -> httpx2.Response:
        tried.append(request)
        return httpx2.Response(500) if len(tried) == 1 else httpx2.Response(200, json=good_reply(operation))

    arguments = first_example(operation) | by_method(operation)
    with Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(fail)) as bot:
        if operation.idempotent:
            getattr(bot, operation.action)(**arguments)
        else:
            with pytest.raises(ServerError):
                getattr(bot, operation.action)(**arguments)
    assert len(tried) == (2 if operation.idempotent else 1)


@pytest.mark.parametrize("settings", [{}, {"transport": "aiohttp"}])
@pytest.mark.parametrize("broken", [reset_after_reading, close_after_reading])
def test_no_transport_repeats_a_get_on_a_kept_connection(settings: dict[str, Any], broken: Behaviour) -> None:
    """A callback by GET is a message; the second one goes over the connection that the first one left open."""

    async def main(url: str) -> None:
        async with AsyncMavibot(KEY, base_url=url, **settings) as bot:
            await bot.callback(client_id=1, message="x", method="GET")
            with pytest.raises(ConnectionFailed) as caught:
                await bot.callback(client_id=1, message="x", method="GET")
            assert caught.value.sent

    with MisbehavingServer(keep_open(broken), answer(200)) as server:
        asyncio.run(main(server.url))
    assert server.seen == 2


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
def test_a_slow_drip_ends_with_the_deadline(kind: Kind | Literal["aiohttp"]) -> None:
    with MisbehavingServer(slow_drip) as server, pytest.raises(TimedOut) as caught:
        run(kind, server.url, *READ, deadline=0.5)
    assert caught.value.sent
    assert server.seen == ONCE


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
def test_no_attempt_begins_that_the_deadline_does_not_leave_time_for(
    kind: Kind | Literal["aiohttp"], waited: list[float]
) -> None:
    with MisbehavingServer(answer(429, b"", "Retry-After: 30")) as server, pytest.raises(RateLimited):
        run(kind, server.url, *READ, deadline=20)
    assert server.seen == ONCE
    assert waited == []


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
@pytest.mark.parametrize("body", [b'{"a":', b"<html>Welcome</html>", b"\xff\xfe"])
def test_an_unreadable_answer_is_never_repeated(kind: Kind | Literal["aiohttp"], body: bytes) -> None:
    with MisbehavingServer(answer(200, body)) as server:
        with pytest.raises(UnexpectedReply):
            run(kind, server.url, *READ)
        with pytest.raises(UnreadableReply) as caught:
            run(kind, server.url, *UNREPEATABLE)
        assert run(kind, server.url, *SEND).status == body.decode(errors="replace")
    assert server.seen == THRICE
    assert caught.value.accepted


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
def test_retry_after_is_honoured_to_the_second(kind: Kind | Literal["aiohttp"], waited: list[float]) -> None:
    with MisbehavingServer(answer(429, b"", "Retry-After: 7"), answer(200)) as server:
        run(kind, server.url, *SEND)
    assert waited == [7.0]


def test_pauses_are_a_random_part_of_doubling_lengths(waited: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: high if low == 0 else pytest.fail("not full jitter"))
    policy = RetryPolicy(attempts=6, first_delay=0.5, max_delay=3)
    with MisbehavingServer(answer(503)) as server, pytest.raises(ServerError):
        run("blocking", server.url, *READ, retries=policy)
    assert waited == [0.5, 1, 2, 3, 3]
    assert server.seen == policy.attempts


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
def test_each_retry_is_told(kind: Kind | Literal["aiohttp"]) -> None:
    told: list[Retry] = []
    with MisbehavingServer(answer(503), answer(503), answer(200, b"{}")) as server:
        run(kind, server.url, *READ, on_retry=told.append)
    assert [(retry.action, retry.attempt) for retry in told] == [("get_variables", 1), ("get_variables", 2)]
    assert all(isinstance(retry.error, ServerError) and 0 <= retry.delay <= 1 for retry in told)


@pytest.mark.parametrize("kind", ["blocking", "asyncio", "aiohttp"])
def test_retries_can_be_switched_off(kind: Kind | Literal["aiohttp"]) -> None:
    with MisbehavingServer(answer(503)) as server, pytest.raises(ServerError):
        run(kind, server.url, *READ, retries=False)
    assert server.seen == ONCE


def test_options_hold_for_the_copy_alone() -> None:
    with MisbehavingServer(answer(503)) as server, Mavibot(KEY, base_url=server.url) as bot:
        with pytest.raises(ServerError):
            bot.with_options(retries=False).get_variables(client_id=1)
        assert server.seen == ONCE
        with pytest.raises(ServerError):
            bot.get_variables(client_id=1)
        assert server.seen == ONCE + THRICE


@pytest.mark.parametrize("kind", ["blocking", "asyncio"])
@pytest.mark.parametrize(("idempotent", "expected"), [(False, ONCE), (True, THRICE)])
def test_an_action_that_the_contract_does_not_know_is_repeated_only_on_request(
    kind: Kind, idempotent: bool, expected: int
) -> None:
    with MisbehavingServer(answer(503)) as server, pytest.raises(ServerError):
        run_request(kind, server.url, "new_action", json={"a": 1}, idempotent=idempotent)
    assert server.seen == expected


@pytest.mark.parametrize("kind", ["blocking", "asyncio"])
def test_what_the_contract_knows_it_decides_for_raw_requests_too(kind: Kind) -> None:
    with MisbehavingServer(answer(503)) as server, pytest.raises(ServerError):
        run_request(kind, server.url, "message", json={}, idempotent=True)
    assert server.seen == ONCE


def run_request(kind: Kind, url: str, action: str, **arguments: Any) -> Any:
    if kind == "blocking":
        with Mavibot(KEY, base_url=url) as bot:
            return bot.request(action, **arguments)

    async def main() -> Any:
        async with AsyncMavibot(KEY, base_url=url) as bot:
            return await bot.request(action, **arguments)

    return asyncio.run(main())


@given(
    attempts=st.integers(1, 8),
    first=st.floats(0, 10),
    longest=st.floats(0, 10),
    failures=st.integers(1, 8),
)
@law(60)
def test_attempts_and_pauses_keep_the_policy(attempts: int, first: float, longest: float, failures: int) -> None:
    policy = RetryPolicy(attempts=attempts, first_delay=first, max_delay=longest)
    tried, told = [], list[Retry]()

    def fail(request: httpx2.Request) -> httpx2.Response:
        tried.append(request)
        return httpx2.Response(503) if len(tried) <= failures else httpx2.Response(200, json={})

    transport = httpx2.MockTransport(fail)
    with Mavibot(KEY, base_url=BASE_URL, transport=transport, retries=policy, on_retry=told.append) as bot:
        if attempts > failures:
            bot.get_variables(client_id=1)
        else:
            with pytest.raises(ServerError) as caught:
                bot.get_variables(client_id=1)
            assert caught.value.attempts == attempts
    assert len(tried) == min(attempts, failures + 1)
    assert [retry.attempt for retry in told] == list(range(1, len(tried)))
    assert all(retry.delay <= min(longest, first * 2 ** (retry.attempt - 1)) for retry in told)


# --- what an error says is true of all attempts together


@pytest.mark.parametrize("refusal", [400, 401, 404, 429])
def test_a_refusal_after_a_lost_answer_is_not_called_safe(refusal: int) -> None:
    action, parameters = ACTIONS["repeatable write"]
    with (
        MisbehavingServer(reset_after_reading, answer(refusal, b'{"status": "fail"}')) as server,
        Mavibot(KEY, base_url=server.url) as bot,
        pytest.raises(ApiError) as caught,
    ):
        bot.call(action, **parameters)
    assert caught.value.http_status == refusal
    assert caught.value.sent


def test_a_refused_connection_after_a_lost_answer_is_not_called_safe() -> None:
    action, parameters = ACTIONS["repeatable write"]
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(60)

        def serve_once() -> None:
            connection, _ = listening.accept()
            listening.close()
            with connection:
                connection.recv(65536)

        thread = threading.Thread(target=serve_once)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with Mavibot(KEY, base_url=url) as bot, pytest.raises(ConnectionFailed) as caught:
            bot.call(action, **parameters)
        thread.join()
    assert caught.value.attempts == 3
    assert caught.value.sent
    assert "may have carried it out" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "sent"), [(400, False), (401, False), (404, False), (408, True), (429, False), (500, True)]
)
def test_every_error_that_ends_a_call_says_whether_it_may_have_happened(status: int, sent: bool) -> None:
    action, parameters = ACTIONS["send"]
    with (
        MisbehavingServer(answer(status, b'{"status": "fail"}')) as server,
        Mavibot(KEY, base_url=server.url, retries=False) as bot,
        pytest.raises(ApiError) as caught,
    ):
        bot.call(action, **parameters)
    assert caught.value.sent is sent
