"""Reads and writes moments: `time_shift`, `send_time`, the days of a history, durations, `created_at`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from mavibot_mock.state.errors import InvalidValueError
from mavibot_mock.state.facts import DAY_FORMAT, SEND_TIME_FORMAT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

#: The last moment that there is: near the end of the year 9999 in every zone, Unix seconds.
LAST_MOMENT: Final = 253_402_000_000

#: How `created_at` is written as text.
_CREATED_AT_FORMAT: Final = "%Y-%m-%d %H:%M:%S.%f"

_LENGTH: Final = re.compile(r"(?:(?P<d>\d+)d)?(?:(?P<h>\d+)h)?(?:(?P<m>\d+)m)?(?:(?P<s>\d+(?:\.\d+)?)s)?", re.ASCII)
_UNITS: Final = {"h": 60 * 60, "m": 60, "s": 1}


def due_time(parameters: Mapping[str, Any], *, now: float, zone: tzinfo) -> float:
    """Return when a message or callback goes out, Unix seconds; what lies in the past goes out now.

    What lies beyond the calendar goes out at its end (assumed).

    Raises:
        InvalidValueError: `send_time` names a day that does not exist.
    """
    if "time_shift" in parameters:
        return later(now, float(parameters["time_shift"]))
    if "send_time" in parameters:
        return max(now, _moment("send_time", parameters["send_time"], SEND_TIME_FORMAT, zone))
    return now


def later(moment: float, seconds: float) -> float:
    """Return the moment a number of seconds after another, at most the last one."""
    return min(moment + seconds, LAST_MOMENT)


def period(parameters: Mapping[str, Any], *, zone: tzinfo) -> tuple[float, float] | None:
    """Return begin and end of `start_date` to `stop_date`, both days included; None where they are absent.

    Raises:
        InvalidValueError: one of them names a day that does not exist.
    """
    if "start_date" not in parameters:
        return None
    begin = _moment("start_date", parameters["start_date"], DAY_FORMAT, zone)
    last = _read("stop_date", parameters["stop_date"], DAY_FORMAT)
    try:
        # Not a day after its own begin, which is at one o'clock where midnight is left out.
        end = (last + timedelta(days=1)).replace(tzinfo=zone).timestamp()
    except OverflowError:
        end = float("inf")
    return begin, end


def shown_moment(moment: float, *, form: Literal["number", "text"], zone: tzinfo) -> int | str:
    """Return a moment as the API shows it.

    Args:
        moment: Unix seconds.
        form: whole Unix seconds, or a text in the project's zone.
        zone: the project's zone.
    """
    return int(moment) if form == "number" else datetime.fromtimestamp(moment, zone).strftime(_CREATED_AT_FORMAT)


def moment_of(name: str, value: float | str, *, zone: tzinfo) -> float:
    """Return a moment given in Unix seconds or written as `send_time` is, in Unix seconds.

    Args:
        name: what the error calls it.
        value: the moment.
        zone: the project's zone.

    Raises:
        InvalidValueError: the text is not such a moment, or is one that no clock shows.
    """
    if not isinstance(value, str):
        return float(value)
    moment = _moment(name, value, SEND_TIME_FORMAT, zone)
    if not 0 <= moment <= LAST_MOMENT:
        raise InvalidValueError(name, f"'{value}' is outside the years 1970 to 9999")
    return moment


def moment_after(name: str, by: float | str, *, moment: float, zone: tzinfo) -> float:
    """Return the moment that is a duration after another, Unix seconds; infinity beyond the calendar.

    Args:
        name: what the error calls the duration.
        by: the duration, in seconds or as text such as `1h30m`; units are d, h, m and s. A day ends at the same time of
            the next day, even where the clocks of the zone are changed in between.
        moment: the other moment, Unix seconds.
        zone: the project's zone.

    Raises:
        InvalidValueError: the text is not a duration.
    """
    if not isinstance(by, str):
        return moment + by
    found = _LENGTH.fullmatch(by)
    if not by or found is None:
        raise InvalidValueError(name, f"'{by}' is not a duration; write seconds, or text such as 1h30m")
    amounts = found.groupdict(default="0")
    days = float(amounts.pop("d"))
    begin = _days_after(moment, days, zone) if days else moment
    return begin + sum(float(amount) * _UNITS[unit] for unit, amount in amounts.items())


def _days_after(moment: float, days: float, zone: tzinfo) -> float:
    """Return the same time of a later day, Unix seconds; infinity beyond the calendar."""
    begin = datetime.fromtimestamp(moment, zone)
    try:
        # Without a zone days are those of the calendar, however long.
        end = (begin.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=zone)
        # A moment has finer parts than a datetime: what is due in exactly a day must be due then.
        return moment + (end.astimezone(UTC) - begin.astimezone(UTC)).total_seconds()
    except OverflowError:
        return float("inf")


def _moment(name: str, text: str, form: str, zone: tzinfo) -> float:
    try:
        return _read(name, text, form).replace(tzinfo=zone).timestamp()
    except (OverflowError, ValueError) as error:
        raise InvalidValueError(name, f"'{text}' is not in the calendar") from error


def _read(name: str, text: str, form: str) -> datetime:
    try:
        return datetime.strptime(text, form)
    except ValueError as error:
        raise InvalidValueError(name, f"'{text}' is not in the calendar") from error
