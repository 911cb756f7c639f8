"""The project's clock: it runs until a test stops, moves and lets go of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.mock.caller import NOON, Caller
from tests.mock.driver import Driver

from mavibot_mock import Project
from mavibot_mock.state.schedule import LAST_MOMENT, moment_after, period

if TYPE_CHECKING:
    from pathlib import Path


def test_the_clock_runs_by_default(mock: Caller, driver: Driver) -> None:
    shown = {"now": NOON, "time": "2026-03-10T12:00:00+03:00", "stopped": False, "next_due": None}
    assert driver.get("/clock") == shown
    mock.now += 5
    assert driver.get("/clock")["now"] == NOON + 5


def test_a_frozen_clock_stands_and_goes_on_from_there(mock: Caller, driver: Driver) -> None:
    assert driver.post("/clock/freeze")["stopped"] is True
    mock.now += 100
    assert driver.get("/clock")["now"] == NOON
    assert driver.post("/clock/run") == {**driver.get("/clock"), "now": NOON, "stopped": False}
    mock.now += 1
    assert driver.get("/clock")["now"] == NOON + 1


@pytest.mark.parametrize(
    ("to", "now"), [("2026-03-11 12:00:00", NOON + 86400), ("2026-03-09 12:00:00", NOON - 86400), (12.5, 12.5)]
)
def test_the_clock_is_set_forward_and_back(driver: Driver, to: Any, now: float) -> None:
    assert driver.post("/clock/set", to=to)["now"] == now


@pytest.mark.parametrize("freeze", [True, False])
def test_advancing_keeps_a_clock_running_or_stopped(mock: Caller, driver: Driver, *, freeze: bool) -> None:
    if freeze:
        driver.post("/clock/freeze")
    assert driver.advance("1h30m")["stopped"] is freeze
    mock.now += 7
    assert driver.get("/clock")["now"] == NOON + 5400 + (0 if freeze else 7)


def test_actions_follow_the_clock(mock: Caller, driver: Driver) -> None:
    driver.advance("1d")
    mock.call("message", {"client_id": 5, "message": "tomorrow"})
    assert mock.history(5, limit=1)[0]["created_at"] == NOON + 86400


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("advance", {"by": "soon"}, "by: 'soon' is not a duration; write seconds, or text such as 1h30m"),
        ("advance", {"by": ""}, "by: '' is not a duration"),
        ("advance", {"by": -1}, "by: at least 0"),
        ("advance", {"by": "9999999d"}, "by: leads beyond the year 9999"),
        ("advance", {}, "body"),
        ("set", {"to": "2026-02-30 00:00:00"}, "to: '2026-02-30 00:00:00' is not in the calendar"),
        ("set", {"to": -1}, "to: at least 0"),
        ("set", {"to": "1969-12-31 23:59:59"}, "to: '1969-12-31 23:59:59' is outside the years 1970 to 9999"),
        ("set", {"to": "0001-01-01 00:00:00"}, "to: '0001-01-01 00:00:00' is outside the years 1970 to 9999"),
        ("set", {"at": 1}, "body"),
    ],
)
def test_a_wrong_move_is_refused(driver: Driver, path: str, body: dict[str, Any], message: str) -> None:
    assert message in driver.refusal("POST", f"/clock/{path}", **body)


@pytest.mark.parametrize("freeze", [True, False])
def test_a_database_keeps_the_clock(tmp_path: Path, *, freeze: bool) -> None:
    now = NOON
    project = Project(1, clock=lambda: now, folder=tmp_path)
    if freeze:
        project.clock.stop(NOON + 50)
    else:
        project.clock.stop(NOON + 50)
        project.clock.run()
    project.jobs.keep_clock()
    project.close()
    now += 1000
    project = Project(1, clock=lambda: now, folder=tmp_path)
    assert project.clock.is_stopped is freeze
    assert project.now() == NOON + 50 + (0 if freeze else 1000)
    project.close()


def test_the_clock_stays_in_the_calendar(mock: Caller, driver: Driver) -> None:
    assert driver.post("/clock/set", to=LAST_MOMENT)["now"] == LAST_MOMENT
    mock.now += 10**9
    assert driver.get("/clock")["now"] == LAST_MOMENT


@given(d=st.integers(0, 99), h=st.integers(0, 99), m=st.integers(0, 99), s=st.integers(0, 999))
def test_lengths_of_time_add_up(d: int, h: int, m: int, s: int) -> None:
    def after(by: str) -> float:
        return moment_after("by", by, moment=NOON, zone=UTC) - NOON

    assert after(f"{d}d{h}h{m}m{s}s") == ((d * 24 + h) * 60 + m) * 60 + s
    assert after(f"{h}h{s}.5s") == h * 3600 + s + 0.5


_ZONES = (
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/New_York",
)


@given(zone=st.sampled_from(_ZONES), day=st.dates(min_value=date(1975, 1, 1), max_value=date(2037, 12, 30)))
@example(zone="Asia/Beirut", day=date(1999, 3, 28))
@example(zone="Pacific/Apia", day=date(2011, 12, 29))
def test_the_days_of_a_history_follow_each_other_without_a_gap(zone: str, day: date) -> None:
    """Whether a day has 23, 24 or 25 hours, begins at one o'clock, or is left out."""
    following = day + timedelta(days=1)
    begin, end = _days(day, day, zone)
    assert end == _days(following, following, zone)[0]
    assert _days(day, following, zone) == (begin, _days(following, following, zone)[1])
    for moment in (begin, end - 1):
        assert begin == end or datetime.fromtimestamp(moment, ZoneInfo(zone)).date() == day
    assert datetime.fromtimestamp(begin - 1, ZoneInfo(zone)).date() < day


def _days(first: date, last: date, zone: str) -> tuple[float, float]:
    days = {"start_date": f"{first:%d.%m.%Y}", "stop_date": f"{last:%d.%m.%Y}"}
    found = period(days, zone=ZoneInfo(zone))
    assert found is not None
    return found


@given(
    zone=st.sampled_from(_ZONES), at=st.datetimes(datetime(1975, 1, 1), datetime(2037, 1, 1)), days=st.integers(1, 400)
)
def test_days_later_it_is_the_same_time_of_the_day(zone: str, at: datetime, days: int) -> None:
    begin = at.replace(microsecond=0, tzinfo=ZoneInfo(zone)).timestamp()
    wanted = datetime.fromtimestamp(begin, ZoneInfo(zone)).replace(tzinfo=None, fold=0) + timedelta(days=days)
    found = moment_after("by", f"{days}d", moment=begin, zone=ZoneInfo(zone))
    shown = datetime.fromtimestamp(found, ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    # A time that the clocks leave out is shown as the same moment after the change.
    assert shown == wanted or not _exists(wanted, zone)


def _exists(moment: datetime, zone: str) -> bool:
    there = moment.replace(tzinfo=ZoneInfo(zone))
    return datetime.fromtimestamp(there.timestamp(), ZoneInfo(zone)).replace(tzinfo=None, fold=0) == moment


@pytest.mark.parametrize("days", ["9999999", "9" * 49])
def test_no_day_lies_beyond_the_calendar(driver: Driver, days: str) -> None:
    assert driver.refusal("POST", "/clock/advance", by=f"{days}d") == "by: leads beyond the year 9999"


@given(begin=st.floats(0, 4e9), days=st.integers(1, 400))
def test_a_day_of_24_hours_is_exactly_as_long(begin: float, days: int) -> None:
    assert moment_after("by", f"{days}d", moment=begin, zone=UTC) == begin + days * 86_400
