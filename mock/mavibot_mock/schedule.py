"""Says when something is due: `time_shift`, `send_time` and the days of a history."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from mavibot_mock.facts import DAY_FORMAT, SEND_TIME_FORMAT
from mavibot_mock.replies import invalid

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

_SECONDS_OF_A_DAY: Final = 24 * 60 * 60


def due_time(parameters: Mapping[str, Any], *, now: float, zone: tzinfo) -> float:
    """Return when a message or callback goes out, Unix seconds; what lies in the past goes out now.

    Raises:
        RefusedError: `send_time` names a day that does not exist.
    """
    if "time_shift" in parameters:
        return now + float(parameters["time_shift"])
    if "send_time" in parameters:
        return max(now, _moment("send_time", parameters["send_time"], SEND_TIME_FORMAT, zone))
    return now


def period(parameters: Mapping[str, Any], *, zone: tzinfo) -> tuple[float, float] | None:
    """Return begin and end of `start_date` to `stop_date`, both days included; None where they are absent.

    Raises:
        RefusedError: one of them names a day that does not exist.
    """
    if "start_date" not in parameters:
        return None
    begin = _moment("start_date", parameters["start_date"], DAY_FORMAT, zone)
    last = _moment("stop_date", parameters["stop_date"], DAY_FORMAT, zone)
    return begin, last + _SECONDS_OF_A_DAY


def _moment(name: str, text: str, form: str, zone: tzinfo) -> float:
    try:
        return datetime.strptime(text, form).replace(tzinfo=zone).timestamp()
    except ValueError as error:
        raise invalid(f"{name}: '{text}' is not in the calendar") from error
