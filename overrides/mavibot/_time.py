"""Writes datetimes, dates and durations in the notation of the API."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta, tzinfo
from typing import Any, Final

from mavibot.errors import ConfigurationError, Problem, shown

_SECONDS: Final = "seconds"


def time_zone(value: str | tzinfo | None) -> tzinfo | None:
    """Return the project's time zone from its name or as it is.

    Raises:
        ConfigurationError: no zone has this name.
    """
    if value is None or isinstance(value, tzinfo):
        return value
    if not isinstance(value, str):
        raise ConfigurationError("timezone", f"must be a name or a tzinfo, got {shown(value)}")
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - only a zone's name needs it

    try:
        return ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError):  # an OSError: the name is that of a folder of zones
        raise ConfigurationError(
            "timezone", f"no time zone is called {value!r}; use a name such as 'Europe/Moscow' (or install tzdata)"
        ) from None


class TimeProblem(ValueError):
    """A time cannot be written as the API wants it; the text says why."""


def with_times_written(
    notations: Mapping[str, str], parameters: Mapping[str, Any], zone: tzinfo | None
) -> tuple[dict[str, Any], list[Problem]]:
    """Return the parameters with every time as text or number, and the problems of those that cannot be written.

    Args:
        notations: how the times among the parameters are written, by name.
        parameters: parameters by name.
        zone: the project's time zone, if known.
    """
    written: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in parameters.items():
        try:
            written[name] = _written(value, notations[name], zone) if name in notations else value
        except TimeProblem as problem:
            problems.append(Problem(name, str(problem)))
    return written, problems


def _written(value: Any, notation: str, zone: tzinfo | None) -> Any:
    """Return one time in its notation; text and numbers are returned unchanged.

    A naive `datetime` is the project's own time, in the zone that its settings name (GMT+3 unless they name another).
    An aware one is converted to that zone, which therefore must be known.
    """
    if isinstance(value, timedelta) and notation == _SECONDS:
        return value.total_seconds()
    if not isinstance(value, date) or notation == _SECONDS:
        return value
    if not isinstance(value, datetime):
        if "%H" in notation:
            raise TimeProblem("a date has no time of day; pass a datetime")
    elif value.tzinfo is not None and zone is None:
        raise TimeProblem(
            "this datetime has a time zone, and the project's is not known; pass timezone= to the client, "
            "or a datetime without a zone, which is the project's own time"
        )
    try:
        if isinstance(value, datetime) and value.tzinfo is not None:
            value = value.astimezone(zone)
        return value.strftime(notation)
    except (OverflowError, ValueError):
        raise TimeProblem(f"{value} cannot be written as the API wants it") from None
