"""Moments as replies show them."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any


def seconds(moment: Any, near: float | None = None, zone: tzinfo = UTC) -> float | None:
    """Return a moment of a reply, a number or a text, as Unix seconds, or `None` if it is no moment.

    Args:
        moment: what the reply shows.
        near: when it surely was, within hours; of a text that names no zone that reading is taken which is nearest.
        zone: the project's zone, in which such a text may be; otherwise it is in UTC.
    """
    if isinstance(moment, int | float) and not isinstance(moment, bool):
        return float(moment)
    try:
        found = datetime.fromisoformat(str(moment))
    except ValueError:
        return None
    if found.tzinfo is not None:
        return found.timestamp()
    readings = [found.replace(tzinfo=each).timestamp() for each in (UTC, zone)]
    return readings[0] if near is None else min(readings, key=lambda each: abs(each - near))
