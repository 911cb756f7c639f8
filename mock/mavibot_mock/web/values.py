"""How the views show values that came as text."""

from __future__ import annotations

from typing import Final

import orjson

#: Longer texts are cut: a browser is slow with them.
LONGEST: Final = 20_000


def pretty(text: str) -> str:
    """Return JSON with a line for each value; any other text as it is."""
    try:
        return orjson.dumps(orjson.loads(text), option=orjson.OPT_INDENT_2).decode()
    except orjson.JSONDecodeError:
        return text
