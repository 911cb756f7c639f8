"""The API key, and everything that keeps it out of what people see. No other module holds or recognises a key."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

#: Stands for an API key in every text that can be seen.
PLACEHOLDER: Final = "API_KEY"

# Where the key belongs in an address.
_SEGMENT: Final = f"/api/{PLACEHOLDER}/"
_SEGMENT_BYTES: Final = _SEGMENT.encode("ascii")
# The platform's keys have 32 characters or more. A short one, made up for a test server, could be any word.
_SHORTEST: Final = 16
# All keys ever seen are hexadecimal. This also recognises a key that no client knows yet, or that of another project.
# Without a digit among so many characters it is a text. It is looked for where such characters begin alone: from each
# of them on, a long text would take a time that grows with the square of its length. So it is with backslashes below.
_LIKE_A_KEY: Final = re.compile(r"(?<![0-9A-Fa-f])(?=[A-Fa-f]*[0-9])[0-9A-Fa-f]{32,}")

# Ways to write a character of a key by its code: for JSON, in an address, in HTML. What is escaped twice has two
# backslashes, or an escaped percent sign. In UTF-16 a NUL stands between two characters.
# Each begins with one character, so that the search skips to it.
_ESCAPE: Final = re.compile(
    r"\\(?<!\\\\)\\*(?:u00|x)([2-7][0-9a-fA-F])|%(?:25)*([2-7][0-9a-fA-F])"
    r"|&#(?:[xX]0*([2-7][0-9a-fA-F])|0*([0-9]{2,3}));?|\0"
)
_MARKS: Final = (b"%", b"\\u00", b"\\x", b"&#", b"\0")


class Finder:
    """Finds a key however it is spelled: in the other case, escaped, or in UTF-16.

    Args:
        key: the key.
        is_word: find it between other characters than letters and digits alone.
    """

    __slots__ = ("_is_word", "_key", "_lower", "_lower_bytes")

    def __init__(self, key: str, *, is_word: bool = False) -> None:
        self._key = key
        self._is_word = is_word
        self._lower = key.lower()
        self._lower_bytes = self._lower.encode()

    def hide(self, text: str) -> str:
        """Return a text with the placeholder in place of the key."""
        return hide_all((self,), text)

    def is_in(self, lower: str) -> bool:
        """Return True if the key stands in a text in lower case without escapes."""
        return self._lower in lower

    def replace_in(self, text: str) -> str:
        """Return a text with the placeholder in place of the key; slow, so for texts alone that have it."""
        key = re.escape(self._key)
        pattern = re.compile(rf"(?<!\w){key}(?!\w)" if self._is_word else key, re.IGNORECASE)
        return _replaced_where_escaped(pattern, pattern.sub(PLACEHOLDER, text))

    def hide_bytes(self, content: bytes) -> bytes:
        """Return bytes with the placeholder in place of the key."""
        # Large replies come here, and these searches are much faster than a pattern.
        if self._lower_bytes not in content.lower() and not any(mark in content for mark in _MARKS):
            return content
        return self.hide(content.decode("latin-1")).encode("latin-1")


def hide_all(finders: Collection[Finder], text: str) -> str:
    """Return a text with the placeholder in place of the keys of some finders."""
    forms = _forms(text) if finders else ()
    for finder in finders:
        if any(map(finder.is_in, forms)):
            text = finder.replace_in(text)
    return text


def _forms(text: str) -> list[str]:
    """Return a text in lower case, as it is and without escapes."""
    # Once for all keys: a long text full of escapes takes a while.
    lower = text.lower()
    unescaped = _ESCAPE.sub(_meant, text).lower()
    return [lower] if unescaped == lower else [lower, unescaped]


def _meant(escape: re.Match[str]) -> str:
    """Return the character that is written by its code."""
    json_, address, html, decimal = escape.groups()
    if decimal:
        return chr(int(decimal))
    code = json_ or address or html
    return chr(int(code, 16)) if code else ""


def _replaced_where_escaped(pattern: re.Pattern[str], text: str) -> str:
    """Return a text with the placeholder in place of what matches a pattern once escapes are read."""
    # Where each character of the text without escapes begins in the text, and where the text ends.
    starts: list[int] = []
    end = 0
    for escape in _ESCAPE.finditer(text):
        starts += range(end, escape.start())
        starts += [escape.start()] * len(_meant(escape))
        end = escape.end()
    starts += range(end, len(text) + 1)

    pieces: list[str] = []
    end = 0
    for found in pattern.finditer(_ESCAPE.sub(_meant, text)):
        pieces += (text[end : starts[found.start()]], PLACEHOLDER)
        end = starts[found.end()]
    return "".join((*pieces, text[end:]))


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
    starts = [start for form in _forms(text) for start in _starts_in(form)]
    return hide_all([finder for start in starts for finder in list(_known[start].values())], text)


def _starts_in(form: str) -> Iterable[str]:
    """Return the first characters of known keys that stand in a text in lower case without escapes."""
    if len(_known) < _MANY:
        return [start for start in list(_known) if start in form]  # a copy: another thread may make a client meanwhile
    parts = (form[index : index + _SHORTEST] for index in range(len(form) - _SHORTEST + 1))
    return {part for part in parts if part in _known}
