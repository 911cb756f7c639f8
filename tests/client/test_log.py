"""The log of the client: enough to follow a call, nothing that is secret or personal."""

from __future__ import annotations

import logging
import re
from typing import Any

import httpx2
import pytest
from tests.client.support import BASE_URL, KEY

from mavibot import ClientNotFound, ConnectionFailed, Mavibot, RetryPolicy

PERSONAL: dict[str, Any] = {"client_id": 490177, "message": "Dear Anna, your code is 9321"}
AT_ONCE = RetryPolicy(first_delay=0)


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, logger="mavibot")
    return caplog


def bot(*answers: httpx2.Response | Exception) -> Mavibot:
    """Return a client whose server gives these answers in turn."""
    left = list(answers)

    def answer(_: httpx2.Request) -> httpx2.Response:
        given = left.pop(0)
        if isinstance(given, Exception):
            raise given
        return given

    return Mavibot(KEY, base_url=BASE_URL, retries=AT_ONCE, transport=httpx2.MockTransport(answer))


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "mavibot"]


def test_a_call_is_one_line_with_action_status_duration_and_attempt(lines: pytest.LogCaptureFixture) -> None:
    with bot(httpx2.Response(200, text="ok")) as client:
        client.message(**PERSONAL)
    [line] = said(lines)
    assert re.fullmatch(r"message: HTTP 200 in \d+ ms \(attempt 1\)", line)


def test_attempts_and_pauses_can_be_followed(lines: pytest.LogCaptureFixture) -> None:
    with bot(httpx2.Response(503), httpx2.ReadTimeout("late"), httpx2.Response(200, json={})) as client:
        client.get_variables(client_id=1)
    forms = [
        r"get_variables: HTTP 503 in \d+ ms \(attempt 1\)",
        r"get_variables: again in 0.00 s after ServerError",
        r"get_variables: TimedOut after \d+ ms \(attempt 2\)",
        r"get_variables: again in 0.00 s after TimedOut",
        r"get_variables: HTTP 200 in \d+ ms \(attempt 3\)",
    ]
    assert len(said(lines)) == len(forms)
    assert all(re.fullmatch(form, line) for form, line in zip(forms, said(lines), strict=True))


def test_nothing_secret_or_personal_is_logged(lines: pytest.LogCaptureFixture) -> None:
    refused = httpx2.Response(404, json={"status": "client_not_found", "message": "Anna 490177"})
    with bot(refused, httpx2.ReadError("Anna")) as client:
        with pytest.raises(ClientNotFound):
            client.message(**PERSONAL)
        with pytest.raises(ConnectionFailed):
            client.message(**PERSONAL)
    text = "\n".join(said(lines))
    assert text
    assert not re.search(rf"{KEY}|Anna|490177|9321|mavibot\.test", text)


def test_the_log_is_silent_unless_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    with bot(httpx2.Response(503), httpx2.Response(200, json={})) as client:
        client.get_variables(client_id=1)
    assert capsys.readouterr() == ("", "")
