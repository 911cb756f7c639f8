"""Times as Python has them: written as the API wants them, in the project's zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.client.support import BASE_URL, KEY, law, sent

from mavibot import ConfigurationError, InvalidParameters, Mavibot

HELLO: dict[str, Any] = {"client_id": 1, "message": "x"}
MOSCOW = timezone(timedelta(hours=3))


def sent_by(zone: Any, action: str, **arguments: Any) -> Any:
    """Return what a call carries."""
    requests = []

    def note(request: httpx2.Request) -> httpx2.Response:
        requests.append(request)
        return httpx2.Response(200, json={"status": "success", "result": []})

    with Mavibot(KEY, base_url=BASE_URL, transport=httpx2.MockTransport(note), timezone=zone) as bot:
        getattr(bot, action)(**arguments)
    return sent(requests[0])


def test_a_naive_datetime_is_the_projects_own_time() -> None:
    moment = datetime(2026, 3, 8, 9, 0, 5)
    assert sent_by(None, "message", **HELLO, send_time=moment)["send_time"] == "2026-03-08 09:00:05"
    assert sent_by("Asia/Tokyo", "message", **HELLO, send_time=moment)["send_time"] == "2026-03-08 09:00:05"


@pytest.mark.parametrize("zone", [MOSCOW, ZoneInfo("Europe/Moscow"), "Europe/Moscow"])
def test_an_aware_datetime_is_converted_to_the_projects_zone(zone: Any) -> None:
    moment = datetime(2026, 3, 8, 22, 30, tzinfo=UTC)
    assert sent_by(zone, "callback", **HELLO, send_time=moment)["send_time"] == "2026-03-09 01:30:00"


def test_an_aware_datetime_needs_the_projects_zone() -> None:
    with pytest.raises(InvalidParameters, match=r"send_time: .*timezone="):
        sent_by(None, "message", **HELLO, send_time=datetime(2026, 3, 8, tzinfo=UTC))


def test_a_date_has_no_time_of_day() -> None:
    with pytest.raises(InvalidParameters, match="send_time: a date has no time of day"):
        sent_by(None, "message", **HELLO, send_time=date(2026, 3, 8))


def test_days_are_written_as_the_history_wants_them() -> None:
    query = sent_by(None, "get_history", client_id=1, start_date=date(2026, 3, 8), stop_date=datetime(2026, 4, 1, 12))
    assert (query["start_date"], query["stop_date"]) == ("08.03.2026", "01.04.2026")


def test_the_day_of_an_aware_datetime_is_that_of_the_projects_zone() -> None:
    late = datetime(2026, 3, 8, 23, tzinfo=UTC)
    query = sent_by(MOSCOW, "get_history", client_id=1, start_date=late, stop_date=late)
    assert query["start_date"] == query["stop_date"] == "09.03.2026"


@pytest.mark.parametrize(("shift", "seconds"), [(timedelta(minutes=2), 120), (90, 90), (0.5, 0.5)])
def test_lengths_of_time_are_seconds(shift: Any, seconds: float) -> None:
    assert sent_by(None, "message", **HELLO, time_shift=shift)["time_shift"] == seconds
    assert sent_by(None, "broadcast", message="x", clients=[1], shift=shift)["shift"] == seconds


@pytest.mark.parametrize(
    "wrong",
    [
        {"time_shift": timedelta(seconds=-1)},
        {"time_shift": datetime(2026, 3, 8)},
        {"send_time": timedelta(seconds=1)},
        {"message": datetime(2026, 3, 8)},
        {"send_time": "08.03.2026"},
    ],
)
def test_a_time_in_the_wrong_place_is_named(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidParameters) as caught:
        sent_by(None, "message", **HELLO | wrong)
    assert [problem.field for problem in caught.value.problems] == list(wrong)


def test_an_unknown_zone_is_explained() -> None:
    with pytest.raises(ConfigurationError, match=r"timezone: .*'Moscow'.*'Europe/Moscow'"):
        Mavibot(KEY, base_url=BASE_URL, timezone="Moscow")


@given(moment=st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1), timezones=st.timezones()))
@law(60)
def test_the_moment_survives(moment: datetime) -> None:
    written = sent_by(MOSCOW, "message", **HELLO, send_time=moment)["send_time"]
    read = datetime.strptime(written, "%Y-%m-%d %H:%M:%S").replace(tzinfo=MOSCOW)
    assert read == moment.replace(microsecond=0).astimezone(MOSCOW).replace(microsecond=0)
