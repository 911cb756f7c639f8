"""Whatever a program passes in, and whatever a server answers, only errors of ours come out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx2
import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st
from tests.client.support import BASE_URL, CONTRACT, KEY, law
from tests.misbehaving import MisbehavingServer, answer

from mavibot import (
    AsyncMavibot,
    ConfigurationError,
    InvalidParameters,
    Mavibot,
    MavibotError,
    RetryPolicy,
    UnexpectedReply,
    UnknownAction,
    models,
)


class Odd:
    """An object that cannot even be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


def deep(levels: int) -> Any:
    """Return lists in each other."""
    value: Any = []
    for _ in range(levels):
        value = [value]
    return value


CYCLIC_LIST: Final[list[Any]] = []
CYCLIC_LIST.append(CYCLIC_LIST)
CYCLIC: Final[dict[str, Any]] = {}
CYCLIC["a"] = CYCLIC

#: Values that no setting and hardly a parameter can have.
ODD: Final[dict[str, Any]] = {
    "-1": -1,
    "5.5": 5.5,
    "nan": float("nan"),
    "inf": float("inf"),
    "10**400": 10**400,
    "10**5000": 10**5000,
    "empty text": "",
    "text": "x",
    "digits": "5",
    "surrogate": "\ud800",
    "nul": "a\0b",
    "long text": "x" * 5000,
    "bytes": b"x",
    "list": [1],
    "tuple": (1, 2),
    "dict": {"a": 1},
    "dict of numbers": {1: 2, "a": 3},
    "set": {1, 2},
    "object": object(),
    "no repr": Odd(),
    "cyclic list": CYCLIC_LIST,
    "cyclic dict": CYCLIC,
    "deep": deep(50_000),
    "end of time": datetime.max.replace(tzinfo=UTC),
    "start of time": datetime.min.replace(tzinfo=UTC),
    "first day": date.min,
    "timedelta": timedelta.max,
    "broken model": models.ButtonSet(buttons=5),  # type: ignore[arg-type]
    "model": models.Button(type_=5),  # type: ignore[arg-type]
    "enum": models.Messenger.TELEGRAM,
}
ODD_VALUES = pytest.mark.parametrize("value", ODD.values(), ids=ODD.keys())
CLIENTS = pytest.mark.parametrize("client", [Mavibot, AsyncMavibot])
SETTINGS = [
    "api_key",
    "base_url",
    "timeout",
    "deadline",
    "retries",
    "on_retry",
    "rate",
    "timezone",
    "user_agent",
    "transport",
]
#: Odd as a value in general, and right for the setting.
RIGHT = {
    ("api_key", "text"),
    ("api_key", "digits"),
    ("user_agent", "text"),
    ("user_agent", "digits"),
    ("user_agent", "long text"),
    ("timeout", "5.5"),
    ("timeout", "enum"),
    ("deadline", "5.5"),
    ("deadline", "enum"),
}


def bot(answer: Any = "ok") -> Mavibot:
    """Return a client whose server gives one answer."""
    content = answer.encode() if isinstance(answer, str) else json.dumps(answer).encode()
    transport = httpx2.MockTransport(lambda _: httpx2.Response(200, content=content))
    return Mavibot(KEY, base_url=BASE_URL, retries=False, timezone="Europe/Moscow", transport=transport)


@CLIENTS
@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("name", ODD.keys())
def test_a_setting_of_a_wrong_kind_is_a_matter_of_configuration(
    client: Callable[..., Any], setting: str, name: str
) -> None:
    settings = {"api_key": KEY, "base_url": BASE_URL, setting: ODD[name]}
    if (setting, name) in RIGHT:
        client(**settings)
        return
    with pytest.raises(ConfigurationError):
        client(**settings)


@pytest.mark.parametrize("setting", ["timeout", "deadline", "retries", "on_retry"])
@pytest.mark.parametrize("name", ODD.keys())
def test_an_option_of_a_wrong_kind_is_a_matter_of_configuration(setting: str, name: str) -> None:
    if (setting, name) in RIGHT:
        return
    with pytest.raises(ConfigurationError):
        bot().with_options(**{setting: ODD[name]})


def test_a_number_without_end_is_not_taken_for_a_key() -> None:
    for value in (10**40, 10**400, 10**5000, -(10**400)):
        with pytest.raises(ConfigurationError, match="got a number of more than 30 digits"):
            Mavibot(KEY, base_url=BASE_URL, timeout=value)


@ODD_VALUES
@pytest.mark.parametrize("field", ["attempts", "first_delay", "max_delay", "max_retry_after"])
def test_a_policy_of_wrong_kind_is_a_matter_of_configuration(field: str, value: Any) -> None:
    if (type(value) is int and value > 0) if field == "attempts" else value in (5.5, 1):
        assert getattr(RetryPolicy(**{field: value}), field) == value
        return
    with pytest.raises(ConfigurationError, match=field):
        RetryPolicy(**{field: value})


@given(url=st.text(max_size=30), scheme=st.sampled_from(["", "http://", "https://", "https://x:", "http://x/"]))
@law(300)
def test_any_base_url_is_right_or_a_matter_of_configuration(url: str, scheme: str) -> None:
    with (
        suppress(ConfigurationError),
        Mavibot(KEY, base_url=scheme + url, transport=httpx2.MockTransport(_ok)) as client,
    ):
        client.message(client_id=1, message="hello")


def _ok(_: httpx2.Request) -> httpx2.Response:
    return httpx2.Response(200, text="ok")


@ODD_VALUES
def test_no_parameter_raises_another_error(value: Any) -> None:
    client: Any = bot()
    for action in CONTRACT.actions:
        operation = CONTRACT.operation(action)
        names = [*operation.schema["properties"], *(["abc", "method", "variables"] if operation.free_variables else [])]
        for name in names:
            for given_value in (value, [value], {"a": value}):
                with suppress(MavibotError):
                    client.call(action, **{name: given_value})


@ODD_VALUES
def test_no_call_by_name_raises_another_error(value: Any) -> None:
    client = bot()
    if not isinstance(value, str):
        with pytest.raises(UnknownAction):
            client.call(value)
        with pytest.raises(UnknownAction):
            client.request(value)
    with pytest.raises((InvalidParameters, UnknownAction)):
        client.request("new_action", method=value)
    for use in (
        lambda: client.request("new_action", json=value),
        lambda: client.request("new_action", json={"a": value}),
        lambda: client.request("new_action", params=value),
        lambda: client.request("new_action", method="GET", params={"a": value}),
        lambda: client.webhook_url("callback", client_id=value),
        lambda: client.webhook_url("callback", client_id=[value]),
        lambda: client.webhook_url("callback", client_id="x", fixed=value),
        lambda: client.webhook_url("message", client_id="x", fixed={"message": value}),
        lambda: client.forward("callback", value, client_id="x"),
        lambda: client.forward("callback", {"a": value, "x": 1}, client_id="x", message=value),
    ):
        with suppress(MavibotError):
            use()


@pytest.mark.parametrize("value", [float("nan"), object(), CYCLIC, {1: 2}, "\ud800", b"x", deep(100)])
def test_what_cannot_be_sent_is_named(value: Any) -> None:
    with pytest.raises(InvalidParameters) as caught:
        bot().request("new_action", json={"a": [value]})
    assert caught.value.problems[0].field.startswith("json.a[0]")


@ODD_VALUES
def test_no_iterator_raises_another_error(value: Any) -> None:
    client: Any = bot({"status": "success", "clients": [], "result": []})
    days = {"client_id": 1, "start_date": "01.01.2026", "stop_date": "02.01.2026"}
    for method, arguments in (
        *(("iter_clients", {name: value}) for name in ("list", "reverse", "page_size", "start")),
        *(("iter_subscribers", {name: value}) for name in ("tag", "group", "date_from", "client_type", "page")),
        *(("iter_history", days | {name: value}) for name in days),
    ):
        with suppress(MavibotError):
            list(getattr(client, method)(**arguments))


@ODD_VALUES
def test_no_bulk_run_raises_another_error(value: Any, tmp_path: Path) -> None:
    bulk: Any = bot().bulk
    for method, arguments in (
        ("send_callbacks", {"platform_ids": [1], "callback_text": "x"}),
        ("messages", {"items": [(1, "x")]}),
        ("save_variables_for", {"clients": [1], "variables": {"a": 1}}),
    ):
        for name in (*arguments, "chunk_size", "concurrency", "resume", "repeat_unknown", "on_progress"):
            path = {"resume": tmp_path / f"{method}-{name}.jsonl"}
            changed = value if name != "resume" or not isinstance(value, str) else str(tmp_path / value)
            with suppress(MavibotError):
                getattr(bulk, method)(**(arguments | path | {name: changed})).finish()
    items = [(value, "x"), (1, value), (1, {"message": value}), (1, {"message": "x", "buttons": value})]
    with suppress(MavibotError):
        bulk.messages(items, resume=tmp_path / "items.jsonl").finish()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(number=JSON, moment=JSON)
@law(10)
def test_no_page_of_a_server_raises_another_error(number: Any, moment: Any) -> None:
    message = {"id": number, "created_at": moment, "text": "x", "message_id": 1, "message_from_outside": 1}
    others = [message | {"id": each} for each in range(2000)]
    person = {"id": number, "platform_id": "1", "client_type": 1, "group": "x"}
    for use in (
        lambda: list(bot({"status": "success", "clients": [person] * 500}).iter_clients()),
        lambda: list(bot([person] * 500).iter_subscribers()),
        lambda: list(bot({"status": "success", "result": [message, *others[1:]]}).iter_history(client_id=1)),
    ):
        with suppress(MavibotError):
            use()


@pytest.mark.parametrize("number", [[1], {"a": 1}, 1.5, True])
def test_an_item_without_a_readable_id_is_unexpected(number: Any) -> None:
    person = {"id": number, "platform_id": "1", "client_type": 1, "group": "x"}
    with pytest.raises(UnexpectedReply, match="no readable id"):
        list(bot({"status": "success", "clients": [person]}).iter_clients())


def without_a_loop(call: Awaitable[object]) -> None:
    """Run a coroutine as an event loop does that is not one of asyncio, such as trio's."""
    assert isinstance(call, Coroutine)
    try:
        call.send(None)
    except StopIteration:
        return
    finally:
        call.close()


@pytest.mark.parametrize("transport", [None, "aiohttp"])
def test_another_event_loop_than_that_of_asyncio_is_a_matter_of_configuration(transport: Any) -> None:
    client = AsyncMavibot(KEY, base_url=BASE_URL, transport=transport)
    run = client.bulk.messages([(1, "x")])
    for call in (client.message(client_id=1, message="x"), run.finish(), client.close()):
        with pytest.raises(ConfigurationError, match="needs asyncio"):
            without_a_loop(call)


@pytest.mark.parametrize("transport", [None, "aiohttp", httpx2.AsyncHTTPTransport])
@pytest.mark.parametrize("settings", [{}, {"rate": "5/s"}, {"deadline": 5}], ids=str)
def test_under_trio_nothing_is_sent(transport: Any, settings: dict[str, Any]) -> None:
    async def main() -> None:
        client = AsyncMavibot(
            KEY, base_url=server.url, transport=transport() if callable(transport) else transport, **settings
        )
        with pytest.raises(ConfigurationError, match="under trio use Mavibot in a thread"):
            await client.message(client_id=1, message="x")
        with pytest.raises(ConfigurationError, match="under trio use Mavibot in a thread"):
            await client.bulk.messages([(1, "x")]).finish()
        with pytest.raises(ConfigurationError, match="under trio use Mavibot in a thread"):
            await anext(client.iter_clients())

    with MisbehavingServer(answer(200)) as server:
        trio.run(main)
        assert server.connections == 0


def test_what_is_advised_under_trio_works() -> None:
    async def main() -> None:
        with Mavibot(KEY, base_url=server.url) as client:
            reply = await trio.to_thread.run_sync(lambda: client.message(client_id=1, message="x"))
        assert reply.status == "ok"

    with MisbehavingServer(answer(200)) as server:
        trio.run(main)
        assert server.seen == 1


@pytest.mark.parametrize("transport", [None, "aiohttp"])
def test_a_guest_of_the_event_loop_of_asyncio_is_a_matter_of_configuration(transport: Any) -> None:
    async def host() -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        trio.lowlevel.start_guest_run(
            guest, run_sync_soon_threadsafe=loop.call_soon_threadsafe, done_callback=lambda _: ended.set()
        )
        await ended.wait()

    async def guest() -> None:
        client = AsyncMavibot(KEY, base_url=BASE_URL, transport=transport)
        with pytest.raises(ConfigurationError, match="under trio") as caught:
            await client.message(client_id=1, message="x")
        errors.append(caught.value)

    errors: list[ConfigurationError] = []
    asyncio.run(host())
    assert len(errors) == 1


@pytest.mark.parametrize("rate", ["9" * 5000 + "/s", "5/year", "0/s", "1000000000000/s"])
def test_a_rate_that_cannot_be_read_is_a_matter_of_configuration(rate: str) -> None:
    with pytest.raises(ConfigurationError, match="rate"):
        Mavibot(KEY, base_url=BASE_URL, rate=rate)


def test_a_limiter_that_fails_is_a_matter_of_configuration() -> None:
    class Broken:
        def try_acquire(self, *_: Any, **__: Any) -> bool:
            raise ConnectionError("redis is gone")

    with pytest.raises(ConfigurationError, match="nothing was sent: ConnectionError: redis is gone"):
        Mavibot(KEY, base_url=BASE_URL, rate=Broken()).message(client_id=1, message="x")  # type: ignore[arg-type]
