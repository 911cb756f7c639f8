"""The API key, and everything of the client that keeps it out of what people see: no other module holds a key."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final, NoReturn

from mavibot_contract.keys import PLACEHOLDER, Finder, forms, hide_all

if TYPE_CHECKING:
    from collections.abc import Iterable

# Where the key belongs in an address.
_SEGMENT: Final = f"/api/{PLACEHOLDER}/"
_SEGMENT_BYTES: Final = _SEGMENT.encode("ascii")
# The platform's keys have 32 characters or more. A short one, made up for a test server, could be any word.
_SHORTEST: Final = 16
# All keys ever seen are hexadecimal. This also recognises a key that no client knows yet, or that of another project.
# Without a digit among so many characters it is a text. It is looked for where such characters begin alone: from each
# of them on, a long text would take a time that grows with the square of its length.
_LIKE_A_KEY: Final = re.compile(r"(?<![0-9A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,}")

# By their first characters in lower case.
_known: Final[dict[str, dict[str, Finder]]] = {}
# From so many known keys on it is faster to look up every part of a text than to search the text for every key.
_MANY: Final = 200


class Key:
    """An API key: it goes into addresses, and is hidden in whatever comes back. No repr, copy or pickle shows it.

    Args:
        text: the key.
    """

    __slots__ = ("_bytes", "_finder", "_is_secret", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._bytes = text.encode("ascii")
        self._is_secret = len(text) >= _SHORTEST
        self._finder = Finder(text)
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
        return self._finder.hide(text) if self._is_secret else text

    def hide_bytes(self, content: bytes) -> bytes:
        """Return bytes with the placeholder in place of this key."""
        return self._finder.hide_bytes(content) if self._is_secret else content


def remember(key: str) -> None:
    """Hide a key in all further errors and log records, for as long as the process lives."""
    if len(key) >= _SHORTEST:
        _known.setdefault(key.lower()[:_SHORTEST], {}).setdefault(key, Finder(key))


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
    if not _known:
        return text
    starts = {start for form in forms(text) for start in _starts_in(form)}
    return hide_all([finder for start in starts for finder in list(_known[start].values())], text)


def _starts_in(form: str) -> Iterable[str]:
    """Return the first characters of known keys that stand in a text in lower case without escapes."""
    if len(_known) < _MANY:
        return [start for start in list(_known) if start in form]  # a copy: another thread may make a client meanwhile
    parts = (form[index : index + _SHORTEST] for index in range(len(form) - _SHORTEST + 1))
    return {part for part in parts if part in _known}
