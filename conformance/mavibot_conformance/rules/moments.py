"""Moments as replies show them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def seconds(moment: Any) -> float | None:
    """Return a moment of a reply, a number or a text in UTC, as Unix seconds, or `None` if it is no moment."""
    if isinstance(moment, int | float) and not isinstance(moment, bool):
        return float(moment)
    try:
        found = datetime.fromisoformat(str(moment))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
