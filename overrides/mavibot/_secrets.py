"""The API key, and everything that keeps it out of what people see. No other module holds or recognises a key."""

from __future__ import annotations

import logging
import re
from typing import Final, NoReturn

#: Stands for an API key in every text that can be seen.
PLACEHOLDER: Final = "API_KEY"

_PLACEHOLDER_BYTES: Final = PLACEHOLDER.encode("ascii")
# Where the key belongs in an address.
_SEGMENT: Final = f"/api/{PLACEHOLDER}/"
_SEGMENT_BYTES: Final = _SEGMENT.encode("ascii")
# The platform's keys have 32 characters or more. A short one, made up for a test server, could be any word.
_SHORTEST: Final = 16
# All keys ever seen are hexadecimal. This also recognises a key that no client knows yet, or that of another project.
# Without a digit among so many characters it is a text.
_LIKE_A_KEY: Final = re.compile(r"(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,}")

_known: Final[set[str]] = set()


class Key:
    """An API key: it goes into addresses, and is hidden in whatever comes back. No repr, copy or pickle shows it.

    Args:
        text: the key.
    """

    __slots__ = ("_bytes", "_is_secret", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._bytes = text.encode("ascii")
        self._is_secret = len(text) >= _SHORTEST
        remember(text)

    def __repr__(self) -> str:
        return "<API key>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an API key cannot be pickled")

    def reveal(self) -> str:
        """Return the key itself."""
        return self._text

    def reveal_in(self, address: str) -> str:
        """Return an address with the key in place of the placeholder."""
        return address.replace(_SEGMENT, f"/api/{self._text}/", 1)

    def reveal_in_head(self, head: bytes) -> bytes:
        """Return the head of a request with the key in place of the placeholder."""
        return head.replace(_SEGMENT_BYTES, b"/api/%b/" % self._bytes, 1)

    def hide(self, text: str) -> str:
        """Return a text with the placeholder in place of this key."""
        return text.replace(self._text, PLACEHOLDER) if self._is_secret else text

    def hide_bytes(self, content: bytes) -> bytes:
        """Return bytes with the placeholder in place of this key."""
        return content.replace(self._bytes, _PLACEHOLDER_BYTES) if self._is_secret else content


def remember(key: str) -> None:
    """Hide a key in all further errors and log records, for as long as the process lives."""
    if len(key) >= _SHORTEST:
        _known.add(key)


def hidden(text: str) -> str:
    """Return a text with the placeholder in place of every key, and of everything that looks like one."""
    return _LIKE_A_KEY.sub(PLACEHOLDER, _without_known_keys(text))


def looks_like_a_key(text: str) -> bool:
    """Return True if a text has the form of the platform's keys."""
    return _LIKE_A_KEY.fullmatch(text) is not None


class _LogFilter(logging.Filter):
    """Hides the known keys in the records of other libraries; a record without one keeps its form."""

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        shown = _without_known_keys(text)
        if shown != text:
            record.msg, record.args = shown, ()
        return True


def hide_in_logs(*loggers: str) -> None:
    """Hide all known keys in what loggers of these names record."""
    for name in loggers:
        logging.getLogger(name).addFilter(_LOG_FILTER)


_LOG_FILTER: Final = _LogFilter()


def _without_known_keys(text: str) -> str:
    # A copy, because another thread may make a client meanwhile.
    for key in tuple(_known):
        text = text.replace(key, PLACEHOLDER)
    return text
