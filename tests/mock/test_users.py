"""`mock.user(…)`: the same person for a test, who writes, presses and looks; failures show the conversation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import pytest

from mavibot import AsyncMavibot, Mavibot
from mavibot_mock import Mock, MockError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mavibot_mock.testing.user import User

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
        _ = zoe.id
    assert zoe.sees() == []
    assert str(zoe) == "a new client, who has done nothing yet"
    with pytest.raises(AssertionError, match="the new client has got no message\na new client, who"):
        _ = zoe.last
    assert zoe.says("/start")["is_new"]
    assert zoe.sees() == ["Welcome! How can we help?"]
    assert [row.id for row in bot.get_clients(limit=1).clients] == [zoe.id]
    assert not mock.user(client_type=1, group_id="example_bot", platform_id="77").says("hi")["is_new"]


def test_a_user_without_messages_has_no_last_one(mock: Mock) -> None:
    with pytest.raises(AssertionError, match="client 58 has got no message"):
        _ = mock.user(58).last


def test_a_user_named_by_its_channel_is_the_client_who_is_there(mock: Mock, bot: Mavibot) -> None:
    maria = mock.user(client_type=1, group_id="bulls_vs_bears_bot", platform_id=571830542)
    bot.message(client_id=58, message="Hello")
    assert maria.sees() == ["Hello"]
    assert (maria.id, maria.last.text) == (58, "Hello")
    assert mock.user(58).sees() == []


def test_a_user_who_was_new_is_new_again_after_a_reset(mock: Mock) -> None:
    zoe = mock.user(client_type=1, group_id="example_bot", platform_id="77")
    assert zoe.says("/start")["is_new"]
    mock.reset()
    assert zoe.sees() == []
    assert zoe.says("/start")["is_new"]
    assert zoe.sees() == ["Welcome! How can we help?"]


@pytest.mark.parametrize(
    ("do", "told"),
    [
        (lambda user: user.says(""), "text: must not be empty where no attachments come with it"),
        (lambda user: user.says("x" * 5_000_000), "text: at most 10000 characters, got 5000000"),
        (lambda user: user.says("menu \ud800"), "text: holds an unpaired surrogate, which no text may; leave it out"),
        (lambda user: user.says(5), "text: must be text, got 5"),
        (lambda user: user.says(b"menu"), "text: must be a value of JSON, got b'menu' (bytes)"),
        (lambda user: user.sends("http://a/\udfff"), "attachments[0]: holds an unpaired surrogate"),
        (lambda user: user.sends(float("nan")), "attachments[0]: must be a value of JSON, got nan (float)"),
        (lambda user: user.presses("\ud800"), "button: holds an unpaired surrogate"),
        (lambda user: user.reports("client_waved"), "event: the contract has no event 'client_waved'; it has: "),
        (lambda user: user.blocks_the_bot(""), "reason: must not be empty"),
    ],
)
def test_what_a_person_cannot_do_is_told_with_the_conversation(
    mock: Mock, bot: Mavibot, do: Callable[[User], object], told: str
) -> None:
    bot.message(client_id=_ANNA, message="Well?", buttons=_BUTTONS)
    with pytest.raises(MockError) as caught:
        do(mock.user(_ANNA))
    assert str(caught.value).startswith(told)
    assert str(caught.value).endswith("  bot: 'Well?' [Prices] [Human]")
    assert mock.user(_ANNA).sees() == ["Well?"]


def test_a_file_may_come_without_a_text(mock: Mock) -> None:
    mock.user(58).sends("https://files.example.com/a.jpg", text="")
    assert str(mock.user(58)).endswith("user: '' https://files.example.com/a.jpg")


def test_a_client_or_channel_that_is_not_there_is_told(mock: Mock) -> None:
    for user in (mock.user(999_999), mock.user(client_type=1, group_id="no_such_bot", platform_id="1")):
        for do in (user.says, user.presses):
            with pytest.raises(MockError, match=r"the project has no client 999999|no such channel") as caught:
                do("menu")
            assert caught.value.status == 404
    with pytest.raises(MockError, match="the project has no client 999999"):
        mock.user(999_999).sees()
    with pytest.raises(MockError, match="group_id: is required"):
        mock.user(client_type=1, platform_id="1").sees()


def test_of_buttons_with_one_caption_the_callback_tells_which(mock: Mock, bot: Mavibot) -> None:
    anna = mock.user(_ANNA)
    same = [{"type": "reply", "text": "Choose", "callback": each} for each in ("prices", "contacts")]
    bot.message(client_id=_ANNA, message="Which?", buttons=same)
    with pytest.raises(AssertionError) as caught:
        anna.presses("Choose")
    told = "button: 'Choose' stands on 2 buttons; name one by its callback: 'prices', 'contacts'"
    assert str(caught.value).startswith(told)
    assert "bot: 'Which?' [Choose] [Choose]" in str(caught.value)
    anna.presses("contacts")
    assert anna.sees() == ["Which?", "Call us: +7 900 000-00-00"]
    bot.message(client_id=_ANNA, message="Any", buttons=[same[0], same[0]])
    anna.presses("Choose")
    assert anna.last.text == "Here are our prices"


@pytest.mark.parametrize(
    "call",
    [
        lambda mock: mock.settings(webhook_url="\ud800"),
        lambda mock: mock.settings(**{"\ud800": 1}),
        lambda mock: mock.journal.calls(action="\ud800"),
        lambda mock: mock.snapshot("\ud800"),
        lambda mock: mock.restore("\ud800"),
        lambda mock: mock.revoke_key("\ud800"),
        lambda mock: mock.user(client_type=1, group_id="\ud800", platform_id="1").sees(),
        lambda mock: mock.user(client_type=1, group_id="example_bot", platform_id="1", name="\ud800").says("x"),
    ],
)
def test_no_text_that_cannot_be_sent_ends_in_an_error_of_python(mock: Mock, call: Callable[[Mock], object]) -> None:
    with pytest.raises(MockError):
        call(mock)


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
            with pytest.raises(MockError, match=r"text: holds .*\nconversation of client 25554:"):
                await anna.says("\ud800")
            zoe = mock.async_user(client_type=1, group_id="example_bot", platform_id="77")
            assert await zoe.sees() == []

    asyncio.run(story())
