"""Each recipe does what its page says, against a mock."""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any, Final

import httpx2
import pytest
from starlette.testclient import TestClient

from mavibot import AsyncMavibot, Mavibot
from mavibot_mock import Server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mavibot_mock import Mock

_RECIPES: Final = Path(__file__).parents[2] / "docs" / "recipes"
_NOTICE: Final = {"payment": "p-1", "client_id": 25554, "amount": 4900}


@pytest.fixture(autouse=True)
def recipes(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let recipes be imported by their names, as they import each other."""
    monkeypatch.syspath_prepend(str(_RECIPES))
    yield
    for program in _RECIPES.glob("*.py"):
        sys.modules.pop(program.stem, None)


@pytest.fixture
def bot(mavibot_mock: Mock) -> Iterator[Mavibot]:
    with Mavibot(
        mavibot_mock.api_key, base_url=mavibot_mock.url, transport=mavibot_mock.transport(), retries=False
    ) as bot:
        yield bot


def recipe(name: str) -> Any:
    return importlib.import_module(name)


def test_every_recipe_is_tried() -> None:
    tried = Path(__file__).read_text(encoding="utf-8")
    assert [each.stem for each in _RECIPES.glob("*.py") if f'recipe("{each.stem}")' not in tried] == []


# --- the ledger and the shops ---


def test_the_ledger_tells_failed_from_unknown(bot: Mavibot, mavibot_mock: Mock, tmp_path: Path) -> None:
    ledger = recipe("ledger").Ledger(tmp_path / "calls.db")

    def call() -> None:
        bot.callback(client_id=25554, message="order_paid")

    mavibot_mock.faults.add(next=1, preset="over_limit")
    assert ledger.once("a", call) == "failed"
    assert ledger.once("a", call) == "done"
    mavibot_mock.faults.add(next=1, connection="never", carried_out=True)
    assert ledger.once("b", call) == "unknown"
    assert ledger.once("b", call) == "unknown"
    assert ledger.unknown() == ["b"]
    assert [call["status"] for call in mavibot_mock.journal.calls(action="callback")].count(200) == 1
    assert len(mavibot_mock.journal.calls(action="callback")) == 3


def test_a_call_that_never_ended_is_unknown(tmp_path: Path) -> None:
    ledger = recipe("ledger").Ledger(tmp_path / "calls.db")

    def killed() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.once("a", killed)
    assert ledger.once("a", lambda: pytest.fail("it was made again")) == "unknown"


def _fastapi(bot: Mavibot, ledger: Any) -> Any:
    client = TestClient(recipe("shop_fastapi").create_app(bot, ledger))
    return lambda: client.post("/paid", json=_NOTICE)


def _flask(bot: Mavibot, ledger: Any) -> Any:
    client = recipe("shop_flask").create_app(bot, ledger).test_client()
    return lambda: client.post("/paid", json=_NOTICE)


def _django(bot: Mavibot, ledger: Any) -> Any:
    from django.conf import settings  # noqa: PLC0415 - it is configured before the rest of Django is imported

    if not settings.configured:
        settings.configure(DEFAULT_CHARSET="utf-8")
    from django.test import RequestFactory  # noqa: PLC0415 - as above

    view = recipe("shop_django").paid_view(bot, ledger)
    return lambda: view(RequestFactory().post("/paid", json.dumps(_NOTICE), content_type="application/json"))


@pytest.mark.parametrize("shop", [_fastapi, _flask, _django])
def test_a_shop_reports_a_payment_once(shop: Any, bot: Mavibot, mavibot_mock: Mock, tmp_path: Path) -> None:
    post = shop(bot, recipe("ledger").Ledger(tmp_path / "calls.db"))
    mavibot_mock.faults.add(next=1, preset="over_limit")
    assert [post().status_code for _ in range(3)] == [503, 200, 200]
    mavibot_mock.expect("callback", client_id=25554, message="order_paid", payment="p-1", amount=4900).once()


def test_the_shop_starts_with_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with Server() as server:
        monkeypatch.setenv("MAVIBOT_BASE_URL", server.url)
        monkeypatch.setenv("MAVIBOT_API_KEY", server.api_key)
        with TestClient(recipe("shop_fastapi").app) as client:
            assert client.post("/paid", json=_NOTICE).json() == {"outcome": "done"}
        recipe("shop_flask").from_environment()


# --- without a server of one's own ---


def test_a_form_service_starts_the_bot(bot: Mavibot, mavibot_mock: Mock) -> None:
    forms = recipe("form_service")
    mavibot_mock.seed(
        {
            "channels": [{"id": 1, "messenger": "whatsapp", "group_id": "34810"}],
            "clients": [{"id": 10, "messenger": "whatsapp", "group_id": "34810", "platform_id": "79875146788"}],
        }
    )
    bot.save_variables(client_id=10, variables={"client.phone": "79875146788"})
    address = forms.address(bot).replace("{api_key}", mavibot_mock.api_key)
    with httpx2.Client(transport=mavibot_mock.transport()) as service:
        assert service.post(address, json=forms.SAMPLE).text == "ok"
    mavibot_mock.expect("callback").once()
    assert bot.get_history(client_id=10, limit=1).result[0].text == "form_sent"
    assert forms.try_the_sample(bot) == "ok"


# --- data ---


def test_the_nightly_export_has_everybody(bot: Mavibot, tmp_path: Path) -> None:
    target = tmp_path / "clients.jsonl"
    target.write_text("yesterday's")
    written = recipe("nightly_export").export(bot, target)
    lines = [json.loads(line) for line in target.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == written == sum(1 for _ in bot.iter_clients())
    assert next(each for each in lines if each["id"] == 25554)["variables"]
    assert [file.name for file in tmp_path.iterdir()] == ["clients.jsonl"]


def test_the_crm_hears_no_echo(bot: Mavibot, mavibot_mock: Mock) -> None:
    saved: list[tuple[int, str]] = []
    sync = recipe("crm_sync").Sync(bot, "city", lambda client_id, value: saved.append((client_id, value)))

    async def hook(scope: Any, receive: Any, send: Any) -> None:
        assert scope["type"] == "http"
        sync.event_came((await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    mavibot_mock.webhooks.deliver_to(hook, "/hook")
    sync.crm_changed(25554, "Rome")
    sync.crm_changed(25554, "Rome")
    mavibot_mock.user(25554).says("Hello")
    mavibot_mock.webhooks.settle()
    mavibot_mock.expect("save_variables", client_id=25554).once()
    assert saved == []
    bot.save_variables(client_id=25554, variables={"client.city": "Oslo"})
    mavibot_mock.user(25554).says("I have moved")
    mavibot_mock.webhooks.settle()
    assert saved == [(25554, "Oslo")]


# --- many ---


def test_a_cart_is_reminded_of_once(bot: Mavibot, mavibot_mock: Mock, tmp_path: Path) -> None:
    carts = recipe("abandoned_cart").Carts(tmp_path / "carts.db")
    now = datetime(2030, 1, 1, 12, tzinfo=UTC)
    for client_id in (25554, 5):
        carts.changed(client_id, 4900, now)
    carts.ordered(5)
    assert carts.remind(bot, now + timedelta(minutes=59)) == 0
    assert carts.remind(bot, now + timedelta(hours=1)) == 1
    assert carts.remind(bot, now + timedelta(hours=2)) == 0
    mavibot_mock.expect("callback", client_id=25554, message="cart_left", amount=4900).once()
    mavibot_mock.expect("callback", client_id=5).never()


def test_a_campaign_continues(bot: Mavibot, mavibot_mock: Mock, tmp_path: Path) -> None:
    file = tmp_path / "spring.csv"
    file.write_text("client_id,name\n25554,Anna\n5,Ivan\n58,Olga\n", encoding="utf-8")
    mavibot_mock.faults.add(contains="Ivan", next=1, connection="never", carried_out=True)
    send = recipe("campaign").send
    assert send(bot, file) == {"done": 2, "skipped": 0, "failed": 0, "unknown": 1}
    assert send(bot, file) == {"done": 0, "skipped": 2, "failed": 0, "unknown": 1}
    mavibot_mock.expect("message", client_id=25554, message="Anna, the spring sale has begun").once()
    assert len(mavibot_mock.journal.calls(action="message")) == 3


@pytest.mark.parametrize("is_late", [False, True])
def test_a_block_is_answered_in_time(is_late: bool, mavibot_mock: Mock) -> None:
    async def main() -> None:
        may_end = asyncio.Event()

        async def price_of(_article: str) -> int:
            if is_late:
                await may_end.wait()
            return 4900

        async with AsyncMavibot(
            mavibot_mock.api_key, base_url=mavibot_mock.url, transport=mavibot_mock.async_transport()
        ) as bot:
            app = recipe("block_request").create_app(bot, price_of, "f3a91c", in_time=0.01 if is_late else 60)
            async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url="http://shop") as block:
                assert (await block.post("/price", json={"article": "a"})).status_code == 403
                reply = await block.post(
                    "/price", json={"article": "a", "client_id": 25554}, headers={"X-Secret": "f3a91c"}
                )
            expected = {"state": "wait"} if is_late else {"state": "ready", "price": 4900}
            assert reply.json() == {"data": expected}
            may_end.set()
            others = asyncio.all_tasks() - {asyncio.current_task()}
            await asyncio.gather(*others)

    asyncio.run(main())
    told = mavibot_mock.expect("callback", client_id=25554, message="price_ready", price=4900)
    told.once() if is_late else told.never()


def test_workers_share_one_limit(tmp_path: Path) -> None:
    from pyrate_limiter import Rate  # noqa: PLC0415 - an extra

    work = recipe("one_limit").work
    shared = tmp_path / "limit.db"
    with Server() as server:
        arguments = (server.api_key, server.url, [5, 58, 110], shared, [Rate(4, 500)])
        workers = [Thread(target=work, args=arguments) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        with httpx2.Client() as control:
            calls = control.get(f"{server.url}/_mock/v1/projects/1/journal").json()
    assert len(calls) == 6
