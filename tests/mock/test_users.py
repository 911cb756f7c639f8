"""`mock.user(…)`: the same person for a test, who writes, presses and looks; failures show the conversation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest

from mavibot import AsyncMavibot, Mavibot
from mavibot_mock import Mock, MockError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ANNA: Final = 25554
_BUTTONS: Final = [
    {"type": "reply", "text": "Prices", "callback": "prices", "line": 0, "index_in_line": 0},
    {"type": "reply", "text": "Human", "line": 0, "index_in_line": 1},
]


@pytest.fixture
def mock() -> Iterator[Mock]:
    with Mock() as mock:
        yield mock


@pytest.fixture
def bot(mock: Mock) -> Iterator[Mavibot]:
    with Mavibot(mock.api_key, base_url=mock.url, transport=mock.transport(), retries=False) as bot:
        yield bot


def test_a_user_sees_what_has_come_since_the_last_look(mock: Mock, bot: Mavibot) -> None:
    bot.message(client_id=_ANNA, message="One")
    bot.message(client_id=_ANNA, message="Two")
    assert mock.user(_ANNA).sees() == ["One", "Two"]
    assert mock.user(_ANNA).sees() == []
    bot.message(client_id=_ANNA, attachment_url="https://files.example.com/a.jpg", attachment_type="image")
    assert mock.user(_ANNA).sees() == ["https://files.example.com/a.jpg"]
    bot.message(client_id=_ANNA, message="Three")
    mock.reset()
    assert mock.user(_ANNA).sees() == []


def test_a_user_goes_on_with_the_state_of_a_reset_or_a_snapshot(mock: Mock, bot: Mavibot) -> None:
    anna = mock.user(_ANNA)
    mock.snapshot("before")
    for back in (mock.reset, lambda: mock.restore("before")):
        for text in ("One", "Two"):
            bot.message(client_id=_ANNA, message=text)
        assert anna.sees() == ["One", "Two"]
        back()
        assert anna.sees() == []
        bot.message(client_id=_ANNA, message="Again")
        assert anna.sees() == ["Again"]


def test_a_user_does_not_see_what_goes_on_behind(mock: Mock, bot: Mavibot) -> None:
    anna = mock.user(_ANNA)
    bot.callback(client_id=_ANNA, message="order_paid")
    anna.reports("client_started")
    anna.says("no such block")
    anna.blocks_the_bot()
    bot.message(client_id=_ANNA, message="never comes")
    anna.unblocks_the_bot()
    assert anna.sees() == []
    for line in ("callback: 'order_paid'", "event: 'client_started'", "user: 'no such block'", "not delivered: The"):
        assert line in str(anna)


def test_an_event_of_a_client_by_its_id(mock: Mock) -> None:
    came = mock.inbound.event("client_unsubscribed", client_id=_ANNA)
    assert (came["client_id"], came["is_new"]) == (_ANNA, False)
    assert "event: 'client_unsubscribed'" in str(mock.user(_ANNA))
    with pytest.raises(MockError):
        mock.inbound.event("client_unsubscribed", client_id=999_999)


def test_a_press_is_answered_by_the_block_of_its_callback(mock: Mock, bot: Mavibot) -> None:
    anna = mock.user(_ANNA)
    bot.message(client_id=_ANNA, message="Well?", buttons=_BUTTONS)
    assert (anna.last.text, anna.last.buttons) == ("Well?", ["Prices", "Human"])
    anna.presses("Prices")
    assert anna.sees() == ["Well?", "Here are our prices"]
    assert anna.last.files == ["https://files.example.com/price-list.pdf"]


def test_a_button_that_is_not_there_fails_with_the_conversation(mock: Mock, bot: Mavibot) -> None:
    anna = mock.user(_ANNA)
    bot.message(client_id=_ANNA, message="Well?", buttons=_BUTTONS)
    with pytest.raises(AssertionError) as caught:
        anna.presses("Price")
    assert "'Price' is none of the buttons that the client was sent last: 'Prices', 'Human'" in str(caught.value)
    assert "bot: 'Well?' [Prices] [Human]" in str(caught.value)


def test_a_comparison_that_fails_shows_the_conversation(mock: Mock, bot: Mavibot) -> None:
    bot.message(client_id=_ANNA, message="Helo")
    with pytest.raises(AssertionError) as caught:
        assert mock.user(_ANNA).sees() == ["Hello"]
    assert "conversation of client 25554:" in str(caught.value)
    assert "bot: 'Helo'" in str(caught.value)
    with pytest.raises(AssertionError, match="conversation of client 25554:"):
        assert "Hello" in mock.user(_ANNA).sees()


def test_a_new_client_comes_to_be_by_the_first_thing_that_it_does(mock: Mock, bot: Mavibot) -> None:
    zoe = mock.user(client_type=1, group_id="example_bot", platform_id="77", name="Zoe")
    with pytest.raises(MockError, match="first thing"):
        zoe.sees()
    assert zoe.says("/start")["is_new"]
    assert zoe.sees() == ["Welcome! How can we help?"]
    assert [row.id for row in bot.get_clients(limit=1).clients] == [zoe.id]
    assert not mock.user(client_type=1, group_id="example_bot", platform_id="77").says("hi")["is_new"]


def test_a_user_without_messages_has_no_last_one(mock: Mock) -> None:
    with pytest.raises(AssertionError, match="client 58 has got no message"):
        _ = mock.user(58).last


def test_who_is_meant_must_be_said_once(mock: Mock) -> None:
    for wrong in ({}, {"client_id": 5, "client_type": 1}):
        with pytest.raises(ValueError, match="either client_id"):
            mock.user(**wrong)  # type: ignore[arg-type]


def test_a_user_for_asyncio(mock: Mock) -> None:
    async def story() -> None:
        transport = mock.async_transport()
        async with AsyncMavibot(mock.api_key, base_url=mock.url, transport=transport) as bot:
            anna = mock.async_user(_ANNA)
            await bot.message(client_id=_ANNA, message="Well?", buttons=_BUTTONS)
            assert (await anna.last()).buttons == ["Prices", "Human"]
            await anna.presses("Human")
            await anna.says("menu")
            await anna.sends("https://files.example.com/a.jpg", text="look")
            await anna.reports("client_unsubscribed")
            assert await anna.sees() == ["Well?", "What would you like to know?"]
            await anna.blocks_the_bot("No more")
            await bot.message(client_id=anna.id, message="never comes")
            await anna.unblocks_the_bot()
            assert await anna.sees() == []

    asyncio.run(story())
