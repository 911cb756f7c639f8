"""A key that is passed by mistake where a value belongs is not repeated by the error, nor by the log."""

from __future__ import annotations

import logging
import math
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from tests.client.support import BASE_URL, KEY

from mavibot import ConfigurationError, InvalidParameters, Mavibot, MavibotError, UnknownAction

#: As the platform makes them; and one of another form, which only its own client can know.
OTHER_FORM = "Key-of-a-gateway.0123456789"
#: The key of another project, which no client here has ever seen.
FOREIGN = "0fedcba9876543210fedcba987654321"

CALLS: dict[str, Callable[[Mavibot, Any], object]] = {
    "value": lambda bot, key: bot.message(client_id=key, message="Hello"),
    "value of another type": lambda bot, key: bot.call("get_clients", limit=key),
    "part of a value": lambda bot, key: bot.message(client_id=f"{BASE_URL}/api/{key}/message", message="Hello"),
    "value that is cut": lambda bot, key: bot.call("get_clients", limit="-" * 35 + key),
    "name": lambda bot, key: bot.call("get_clients", method=None, **{key: 1}),
    "name of a variable": lambda bot, key: bot.callback(client_id=1, message="x", variables={key: math.nan}),
    "name within a list": lambda bot, key: bot.load_clients(clients=[{key: 1}]),
    "method": lambda bot, key: bot.call("message", client_id=1, message="Hello", method=key),
    "action": lambda bot, key: bot.call(key),
    "action without the contract": lambda bot, key: bot.request(key),
    "action of an address": lambda bot, key: bot.webhook_url(key, client_id="id"),
    "place in a payload": lambda bot, key: bot.forward("callback", {"id": 1}, client_id=[key], message="id"),
    "value in a payload": lambda bot, key: bot.forward("callback", {"id": key, "text": "x"}, client_id="id"),
    "fixed value": lambda bot, key: bot.webhook_url("callback", client_phone="phone", fixed={"client_id": key}),
    "time": lambda bot, key: bot.with_options(timeout=key),
    "rate": lambda bot, key: Mavibot(key, base_url=BASE_URL, rate=key),
    "time zone": lambda bot, key: Mavibot(key, base_url=BASE_URL, timezone=key),
}


def told(error: BaseException) -> str:
    """Return all that an error shows, with what led to it."""
    return "".join(traceback.format_exception(error)) + repr(vars(error)) + pickle.dumps(error).decode("latin-1")


@pytest.mark.parametrize("key", [KEY, OTHER_FORM, FOREIGN])
@pytest.mark.parametrize("place", CALLS)
def test_an_error_does_not_repeat_the_key(place: str, key: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    requests: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, text="ok")

    own = KEY if key == FOREIGN else key
    with (
        Mavibot(own, base_url=BASE_URL, transport=httpx2.MockTransport(answer)) as bot,
        pytest.raises((InvalidParameters, UnknownAction, ConfigurationError)) as caught,
    ):
        CALLS[place](bot, key)
    assert not requests
    # Half of it would be a leak as well.
    half = key[: len(key) // 2]
    assert half not in told(caught.value)
    assert half not in caplog.text
    if isinstance(caught.value, UnknownAction):
        assert caught.value.action == "API_KEY"


def test_what_is_no_key_is_shown() -> None:
    with Mavibot(KEY, base_url=BASE_URL) as bot, pytest.raises(MavibotError, match="'2rwewefw'"):
        bot.message(client_id="2rwewefw", message="Hello")


def test_a_short_key_of_a_test_server_hides_no_words() -> None:
    with Mavibot("message", base_url=BASE_URL) as bot, pytest.raises(InvalidParameters, match=r"^message: message: "):
        bot.message(client_id=1, message="")
