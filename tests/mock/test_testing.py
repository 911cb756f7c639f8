"""`Mock`: a project of its own driven from Python, in process and over a port, by clients of any kind."""

from __future__ import annotations

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, Final, get_args

import httpx2
import pytest
from tests.mock.receiver import Answer, Received, Receiver

from mavibot import AsyncMavibot, ConnectionFailed, Mavibot, RateLimited, RefusedPermission, ServerError, TimedOut
from mavibot_mock import Mock, MockError, Server
from mavibot_mock.control.document import document
from mavibot_mock.server.faults import Wire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_ANNA: Final = 25554
_HOUR: Final = 3600
_NOON: Final = "2026-03-10 12:00:00"
_SEED: Final = """
channels: [{id: 1, messenger: telegram, group_id: shop}]
clients: [{id: 10, messenger: telegram, group_id: shop, platform_id: "200"}]
"""


@pytest.fixture(params=["in process", "port"])
def mock(request: pytest.FixtureRequest) -> Iterator[Mock]:
    """A fresh project of either kind."""
    if request.param == "in process":
        with Mock() as mock:
            yield mock
    else:
        server = request.getfixturevalue("server")
        with Mock(server.url) as mock:
            yield mock


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as server:
        yield server


@pytest.fixture
def bot(mock: Mock) -> Iterator[Mavibot]:
    with Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport(), retries=False) as bot:
        yield bot


def _texts(mock: Mock, client_id: int = _ANNA) -> list[str]:
    """Return the texts of a client's messages, oldest first."""
    return [row["text"] for row in mock.export_state()["messages"] if row["client_id"] == client_id]


# Clients


def test_calls_of_a_blocking_client(mock: Mock, bot: Mavibot) -> None:
    bot.message(client_id=_ANNA, message="Привет")
    bot.message(client_id=_ANNA, message="by GET", method="GET")
    assert _texts(mock)[-2:] == ["Привет", "by GET"]


def test_calls_of_an_asyncio_client(mock: Mock) -> None:
    async def main() -> None:
        transport = mock.async_transport()
        async with AsyncMavibot(mock.api_key, base_url=mock.url, transport=transport) as bot:
            await asyncio.gather(*(bot.message(client_id=_ANNA, message=str(n)) for n in range(20)))

    asyncio.run(main())
    asyncio.run(main())  # an event loop of its own each time
    mock.expect("message", client_id=_ANNA).times(40)


def test_calls_of_many_threads(mock: Mock, bot: Mavibot) -> None:
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda n: bot.message(client_id=_ANNA, message=str(n)), range(40)))
    assert sorted(_texts(mock)[-40:], key=int) == [str(n) for n in range(40)]


def test_projects_are_apart(mock: Mock, bot: Mavibot) -> None:
    with Mock(None if mock.url.endswith(".localhost") else mock.url) as other:
        assert other.url == mock.url
        assert other.api_key != mock.api_key
        bot.message(client_id=_ANNA, message="Hello")
        assert other.journal.count() == 0


def test_a_project_is_gone_when_its_mock_ends(server: Server) -> None:
    before = set(server.platform.projects)
    with Mock(server.url) as mock:
        assert set(server.platform.projects) == before | {mock.project_id}
    assert set(server.platform.projects) == before


def test_a_project_that_was_there_stays(server: Server) -> None:
    with Mock(server.url, project_id=server.project.id) as mock:
        assert mock.api_key == "demo-full"
    assert server.project.id in server.platform.projects


def test_the_address_in_process_leads_nowhere_without_the_transport() -> None:
    with Mock() as mock:
        assert httpx2.URL(mock.url).host.endswith(".localhost")  # this machine, by RFC 6761


# Broken connections


def _timeout(connection: Wire) -> float:
    """Return a timeout that ends only where no answer comes."""
    return 0.3 if connection == "never" else 60


@pytest.mark.parametrize("connection", get_args(Wire))
def test_a_broken_connection_is_the_error_that_a_port_gives(connection: Wire) -> None:
    def error_at(mock: Mock) -> type[Exception] | None:
        mock.faults.add(connection=connection, latency=0.01)
        try:
            with httpx2.Client(transport=mock.transport(), timeout=_timeout(connection)) as client:
                client.get(f"{mock.url}/api/{mock.api_key}/connected_channels")
        except httpx2.TransportError as error:
            return type(error)
        return None

    with Server() as server, Mock(server.url) as over_port, Mock() as in_process:
        assert error_at(in_process) is error_at(over_port)
        [[call], [other]] = (mock.journal.wait_for("connected_channels") for mock in (in_process, over_port))
        assert call["status"] == other["status"]


@pytest.mark.parametrize("connection", ["never", "reset", "empty", "truncated"])
def test_what_the_client_makes_of_it(connection: Wire, mock: Mock) -> None:
    mock.faults.add(action="message", connection=connection)
    with (
        Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport(), timeout=_timeout(connection)) as bot,
        pytest.raises(TimedOut if connection == "never" else ConnectionFailed) as caught,
    ):
        bot.message(client_id=_ANNA, message="Hello")
    assert caught.value.sent
    mock.faults.clear()
    mock.journal.wait_for("message")
    assert mock.journal.count("message") == 1


def test_an_answer_that_takes_longer_than_the_client_waits() -> None:
    with Mock() as mock:
        mock.faults.add(latency=600)
        began = time.monotonic()
        with (
            Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport(), timeout=0.05) as bot,
            pytest.raises(TimedOut),
        ):
            bot.message(client_id=_ANNA, message="late")
        assert time.monotonic() - began < 600
        assert _texts(mock)[-1] == "late"  # as with a connection, the call goes on without its caller
        assert mock.journal.calls()[-1]["fault"] == 1


def test_a_drip_is_awaited_piece_by_piece() -> None:
    with Mock() as mock, httpx2.Client(transport=mock.transport(), timeout=1) as client:
        mock.faults.add(connection="drip", latency=1.2)
        assert client.get(f"{mock.url}/api/{mock.api_key}/connected_channels").json()["project_id"]


def test_an_asyncio_call_that_is_given_up_is_carried_out() -> None:
    async def main(mock: Mock) -> None:
        transport = mock.async_transport()
        async with AsyncMavibot(mock.api_key, base_url=mock.url, transport=transport, deadline=0.05) as bot:
            with pytest.raises(TimedOut):
                await bot.message(client_id=_ANNA, message="late")
        [call] = await asyncio.to_thread(mock.journal.wait_for, "message")
        assert call["fault"] == 1

    with Mock() as mock:
        mock.faults.add(action="message", latency=600)
        asyncio.run(main(mock))
        assert _texts(mock)[-1] == "late"


# Clock


def test_the_clock(mock: Mock, bot: Mavibot) -> None:
    assert mock.clock.freeze()["stopped"] is True
    noon = mock.clock.set(_NOON)["now"]
    assert mock.clock.get()["now"] == noon
    bot.message(client_id=_ANNA, message="in an hour", time_shift=_HOUR)
    bot.message(client_id=_ANNA, message="in two", time_shift=2 * _HOUR)
    assert [job["due"] - noon for job in mock.clock.jobs()] == [_HOUR, 2 * _HOUR]
    assert mock.clock.advance("59m59s")["ran"] == 0
    assert mock.clock.advance(1)["ran"] == 1
    assert _texts(mock)[-1] == "in an hour"
    assert mock.clock.run_until_idle()["now"] == noon + 2 * _HOUR
    assert mock.clock.run()["stopped"] is False


def test_moments_and_lengths_of_the_standard_library() -> None:
    with Mock(settings={"time_zone": "+03:00"}) as mock:
        mock.clock.freeze()
        noon = datetime(2026, 3, 10, 12)
        local = mock.clock.set(noon)["now"]
        assert local == datetime(2026, 3, 10, 9, tzinfo=UTC).timestamp()
        assert mock.clock.set(noon.replace(tzinfo=timezone(timedelta(hours=3))))["now"] == local
        assert mock.clock.advance(timedelta(minutes=1.5))["now"] == local + 90


# Clients, webhooks, faults


def test_clients_do_things(mock: Mock) -> None:
    with Receiver() as receiver:
        assert mock.settings(webhook_url=receiver.url)["webhook_url"] == receiver.url
        anna = mock.user(_ANNA)
        assert anna.says("menu")["answer_id"]
        assert anna.presses("prices")["answer_id"]
        anna.sends("https://files.example.com/a.jpg", text="look")
        anna.reports("client_unsubscribed")
        zoe = mock.user(client_type=1, group_id="example_bot", platform_id=77, name="Zoe", tag="ad", avatar="")
        assert zoe.says("hi")["is_new"] is True
        attempts = mock.webhooks.settle()
        texts = [event["message"] for event in receiver.events if event["is_input"]]
    assert texts == ["menu", "prices", "look", "client_unsubscribed", "hi"]
    assert [attempt["state"] for attempt in attempts] == ["delivered"] * len(receiver.received)


def test_webhooks_are_awaited_held_and_repeated(mock: Mock, bot: Mavibot) -> None:
    def answer(received: Received) -> Answer:
        return Answer(500 if "bad" in received.event["message"] else 200)

    with Receiver(answer) as receiver:
        mock.settings(webhook_url=receiver.url)
        bot.message(client_id=_ANNA, message="bad")
        [failed] = mock.webhooks.wait_for()
        assert (failed["state"], failed["status"]) == ("failed", 500)
        assert mock.webhooks.redeliver(failed["number"])["redelivery_of"] == failed["number"]
        mock.webhooks.hold()
        bot.message(client_id=_ANNA, message="good")
        [held] = mock.webhooks.attempts(state="held")
        assert receiver.texts == ["bad", "bad"]
        mock.webhooks.release()
        [sent] = mock.webhooks.wait_for(1, message_id=held["message_id"], after=2, timeout=10)
        assert sent["state"] == "delivered"
        assert receiver.texts == ["bad", "bad", "good"]


def test_a_webhook_that_does_not_come_fails_the_test(mock: Mock) -> None:
    with pytest.raises(AssertionError, match=r"0 of 1 attempts were made within 0\.01 seconds"):
        mock.webhooks.wait_for(timeout=0.01)


def test_faults(mock: Mock, bot: Mavibot) -> None:
    added = mock.faults.add(action="message", contains="Hello", next=1, preset="server_error")
    with pytest.raises(ServerError):
        bot.message(client_id=_ANNA, message="Hello")
    bot.message(client_id=_ANNA, message="Hello")
    assert mock.faults.list() == [{**added, "seen": 2, "fired": 1}]
    mock.faults.remove(added["number"])
    assert mock.faults.list() == []


def test_a_fault_has_every_field_of_the_document() -> None:
    fault: dict[str, Any] = document()["components"]["schemas"]["NewFault"]["properties"]
    named = {*fault["where"]["properties"], *fault["when"]["properties"], *fault["what"]["properties"], "carried_out"}
    assert set(Mock().faults.add.__annotations__) - {"return"} == named - {"always"}


def test_a_fault_that_makes_no_sense_is_refused_with_the_reason(mock: Mock) -> None:
    with pytest.raises(MockError, match=r"what\.status: is required together with body") as caught:
        mock.faults.add(body="x")
    assert caught.value.status == 400


def test_nothing_reaches_who_is_blocked(mock: Mock, bot: Mavibot) -> None:
    def errors() -> list[str | None]:
        return [row.error_message for row in bot.get_history(client_id=_ANNA, limit=3).result]

    mock.user(_ANNA).blocks_the_bot()
    bot.message(client_id=_ANNA, message="1")
    mock.user(_ANNA).unblocks_the_bot()
    mock.block_channel(24, "The token is wrong")
    bot.message(client_id=_ANNA, message="2")
    mock.unblock_channel(24)
    bot.message(client_id=_ANNA, message="3")
    newest, second, first = errors()
    assert not newest
    assert (first, second) == ("The client has blocked the bot", "The token is wrong")


# Keys, settings, state


def test_keys(mock: Mock) -> None:
    assert mock.keys["full"] == mock.api_key
    reader = mock.add_key("reader", ["clients:read"])
    assert mock.keys["reader"] == reader
    with Mavibot(reader, base_url=mock.url, transport=mock.transport()) as bot:
        bot.get_history(client_id=_ANNA)
        with pytest.raises(RefusedPermission):
            bot.message(client_id=_ANNA, message="Hello")
    mock.seed({"keys": {"first": {}}})
    mock.add_key("second")
    mock.revoke_key("first")
    assert mock.api_key == mock.keys["second"]


def test_settings(mock: Mock) -> None:
    assert mock.settings()["created_at"] == "number"
    assert mock.settings(created_at="text")["created_at"] == "text"
    with pytest.raises(MockError, match="time_zone"):
        mock.settings(time_zone="Mars")
    with Mock(settings={"created_at": "text"}) as other:
        assert other.settings()["created_at"] == "text"


def test_state_comes_back(mock: Mock, bot: Mavibot) -> None:
    whole = mock.export_state()
    bot.message(client_id=_ANNA, message="Hello")
    mock.snapshot("hello")
    mock.reset()
    assert mock.export_state() == whole
    mock.restore("hello")
    assert _texts(mock)[-1] == "Hello"
    mock.import_state(whole)
    assert mock.export_state() == whole
    with pytest.raises(MockError, match="there is no snapshot 'other'"):
        mock.restore("other")


def test_seeds(mock: Mock, tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(_SEED)
    mock.seed(file)
    assert [row["id"] for row in mock.export_state()["clients"]] == [10]
    mock.seed({"lists": [{"id": 7, "name": "Spring"}]})
    mock.reset()
    assert mock.export_state()["lists"] == [{"id": 7, "name": "Spring"}]
    for seed, reason in (("nothing", "no seed 'nothing'"), ({"clients": [{}]}, r"clients\[0\]")):
        with pytest.raises(MockError, match=reason):
            mock.seed(seed)
    file.write_text("{")
    with pytest.raises(ValueError, match=r"shop\.yaml: is not valid YAML or JSON"):
        mock.seed(file)
    with Mock(seed="empty") as other:
        assert other.export_state()["clients"] == []


def test_a_seed_brings_its_own_keys(mock: Mock) -> None:
    value = f"own-{mock.project_id}-{time.monotonic_ns()}"
    mock.seed({"keys": {"own": {"value": value}}})
    assert (mock.api_key, dict(mock.keys)) == (value, {"own": value})


def test_where_no_mock_answers() -> None:
    with pytest.raises(MockError, match=r"no mock answers at http://127\.0\.0\.1:9:") as caught:
        Mock("http://127.0.0.1:9")
    assert caught.value.status is None


def test_where_something_else_answers() -> None:
    with Receiver() as receiver, pytest.raises(MockError, match="no Mavibot mock"):
        Mock(receiver.url)


def test_the_token() -> None:
    with Server(token="secret") as server:
        with pytest.raises(MockError, match="Authorization"):
            Mock(server.url)
        with Mock(server.url, token="secret") as mock:
            assert mock.journal.count() == 0


# Journal and expectations


def test_the_journal(mock: Mock, bot: Mavibot) -> None:
    bot.message(client_id=_ANNA, message="one")
    bot.message(client_id=5, message="two")
    first, second = mock.journal.calls("message")
    assert first["parameters"] == {"client_id": _ANNA, "message": "one"}
    assert mock.journal.calls(client_id=5) == [second]
    assert mock.journal.calls(limit=1, status=200) == [second]
    assert mock.journal.count("message", since=first["number"]) == 1
    assert "bot.message(" in mock.journal.call(first["number"])["python"]
    assert mock.journal.wait_for("message", n=2) == [first, second]
    mock.journal.clear()
    assert mock.journal.count() == 0


def test_no_log_line_holds_a_key(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"), Mock() as mock:
        key = mock.add_key("other")
        mock.faults.add(key=key, preset="over_limit")
        with (
            Mavibot(key, base_url=mock.url, transport=mock.transport(), retries=False) as bot,
            pytest.raises(RateLimited),
        ):
            bot.message(client_id=_ANNA, message="Hello")
        assert caplog.records
        assert all(value not in caplog.text for value in mock.keys.values())


def test_a_call_that_comes_while_the_test_waits(mock: Mock, bot: Mavibot) -> None:
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(mock.journal.wait_for, "message", client_id=_ANNA)
        bot.message(client_id=_ANNA, message="Hello")
        assert waiting.result()[0]["status"] == 200


def test_a_call_that_does_not_come_fails_the_test(mock: Mock, bot: Mavibot) -> None:
    bot.message(client_id=5, message="Hello")
    with pytest.raises(AssertionError, match=r"expected 1 calls with action callback .* nearest calls: 1: message"):
        mock.journal.wait_for("callback", timeout=0.01)


def test_expected_calls(mock: Mock, bot: Mavibot) -> None:
    bot.message(client_id=_ANNA, message="Hello")
    bot.callback(client_id=_ANNA, message="paid", amount=4900, variables={"client.city": "Paris"})
    assert mock.expect("message", client_id=str(_ANNA), message="Hello").once()["status"] == 200
    mock.expect("callback", client_id=_ANNA, amount="4900").once()
    mock.expect("callback", {"client.city": "Paris", "amount": 4900}).once()
    mock.expect("message", client_id=5).never()
    mock.expect("broadcast").never()
    bot.broadcast(clients=[_ANNA, 5], message="News")
    mock.expect("broadcast", clients=[_ANNA, 5]).once()
    assert len(mock.expect("broadcast", client_id=5).times(1)) == 1


def test_calls_that_failed_are_expected_by_their_status(mock: Mock, bot: Mavibot) -> None:
    for preset, status in (("over_limit", 429), ("failure", 200), ("server_error", 500)):
        mock.faults.add(next=1, preset=preset)
        with pytest.raises(Exception, match=r"message"):
            bot.message(client_id=_ANNA, message="Hello")
        mock.expect("message", client_id=_ANNA).never()
        mock.expect("message", client_id=_ANNA, status=status).once()
        mock.faults.clear()
        mock.journal.clear()


def test_what_a_failed_expectation_says() -> None:
    with Mock() as mock, Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport(), retries=False) as bot:
        bot.callback(client_id=5, message="paid")
        bot.message(client_id=5, message="Helo")
        with pytest.raises(AssertionError) as caught:
            mock.expect("message", client_id=_ANNA, message="Hello").once()
        assert str(caught.value).splitlines() == [
            "expected one message to client 25554 with message='Hello'; nearest calls:",
            "  2: message(client_id=5, message='Helo') -> 200",
            "       - client_id=25554",
            "       + client_id=5",
            "       - message='Hello'",
            "       + message='Helo'",
            "  1: callback(client_id=5, message='paid') -> 200",
            "       - client_id=25554",
            "       + client_id=5",
            "       - message='Hello'",
            "       + message='paid'",
        ]
        with pytest.raises(AssertionError, match="expected no message to client 5, got 1:\n  2: message"):
            mock.expect("message", client_id=5).never()
        with pytest.raises(
            AssertionError, match="expected 3 message to client 5, got 1; nearest calls:\n  1: callback"
        ):
            mock.expect("message", client_id=5).times(3)
        with pytest.raises(AssertionError, match="expected one message to client 5 answered with 500; nearest calls:"):
            mock.expect("message", client_id=5, status=500).once()
        with pytest.raises(AssertionError, match="- limit=1\n"):
            mock.expect("callback", limit=1).once()
        mock.journal.clear()
        with pytest.raises(AssertionError, match="expected one message; no call was made"):
            mock.expect("message").once()
        assert mock.api_key not in str(caught.value)


def test_a_slip_in_an_expectation_does_not_pass_for_never(mock: Mock) -> None:
    with pytest.raises(ValueError, match="no action 'mesage'; did you mean 'message'"):
        mock.expect("mesage")
    with pytest.raises(ValueError, match="message has no parameter 'clint_id'"):
        mock.expect("message", clint_id=25554)
    mock.expect("callback", client_id=25554, any_variable="x").never()
