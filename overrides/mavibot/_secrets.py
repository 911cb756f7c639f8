"""Keeps API keys out of errors: one given in the wrong place, such as `client_id`, must not be repeated."""

from __future__ import annotations

import re
from typing import Final

#: Stands for an API key in every text that can be seen.
PLACEHOLDER: Final = "API_KEY"

# The platform's keys have 32 characters or more. A short one, made up for a test server, could be any word.
_SHORTEST: Final = 16
# All keys ever seen are hexadecimal: so one is recognised that no client knows yet, or that of another project. Without
# a digit among so many characters it is a text.
_LIKE_A_KEY = re.compile(r"(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,}")

_known: Final[set[str]] = set()


def remember(key: str) -> None:
    """Hide a key in all further errors, for as long as the process lives."""
    if len(key) >= _SHORTEST:
        _known.add(key)


def hidden(text: str) -> str:
    """Return a text with a placeholder in place of every key, and of everything that looks like one."""
    for key in _known:
        text = text.replace(key, PLACEHOLDER)
    return _LIKE_A_KEY.sub(PLACEHOLDER, text)
