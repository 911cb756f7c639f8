"""How an API key can be written, so that everything that shows texts from outside can hide it."""

from __future__ import annotations

import re
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

#: Stands for an API key in every text that can be seen.
PLACEHOLDER: Final = "API_KEY"
#: A shorter key, made up for a test server, could be a part of any word: it is found as a word of its own alone.
SHORTEST: Final = 8

# Between two characters of a key may stand so many signs that are none of a key: dashes, blanks, line breaks, colons,
# invisible characters, and what of them JSON escapes by a letter or in more than two digits.
_SEPARATORS: Final = r"(?:\\(?:[bfnrt]|u[0-9A-Fa-f]{4})|[^0-9A-Za-z]){0,8}"
_ESCAPED_SEPARATOR: Final = re.compile(r"\\(?:[bfnrt]|u[0-9a-f]{4})")
_NO_CHARACTERS: Final = bytes(each for each in range(256) if not chr(each).isalnum() or each >= 128)  # of a key

# Ways to write a character of a key by its code: for JSON, in an address, in HTML. What is escaped twice has two
# backslashes, or an escaped percent sign. In UTF-16 a NUL stands between two characters.
# Each begins with one character, so that the search skips to it.
_ESCAPE: Final = re.compile(
    r"\\(?<!\\\\)\\*(?:u00|x)([2-7][0-9a-fA-F])|%(?:25)*([2-7][0-9a-fA-F])"
    r"|&#(?:[xX]0*([2-7][0-9a-fA-F])|0*([0-9]{2,3}));?|\0"
)


class Finder:
    """Finds a key however it is spelled: in the other case, escaped, or in UTF-16.

    Args:
        key: the key.
        shown_as: what stands in its place.
        encoded: whether to find it in Base64 and in hexadecimal too, alone or inside a longer text, and with separators
            between its characters or theirs. This takes several times as long: it is for what is written down, not for
            each call of a client.
    """

    __slots__ = ("_encoded", "_key", "_lower", "_shown_as", "_squeezed")

    def __init__(self, key: str, *, shown_as: str = PLACEHOLDER, encoded: bool = False) -> None:
        self._key = key
        self._shown_as = shown_as
        self._lower = key.lower()
        self._encoded = (key, *_encodings(key.encode())) if encoded and len(key) >= SHORTEST else ()
        self._squeezed = {_squeezed(each.lower()) for each in self._encoded}

    @property
    def is_thorough(self) -> bool:
        """Whether it finds encodings and separators too."""
        return self._encoded != ()

    def hide(self, text: str) -> str:
        """Return a text with the placeholder in place of the key."""
        return hide_all((self,), text)

    def is_in(self, lower: str) -> bool:
        """Return True if the key stands in a text in lower case without escapes."""
        return self._lower in lower

    def may_be_in(self, squeezed: str) -> bool:
        """Return True if the key or an encoding could stand in a text: in its letters and digits alone."""
        return any(each in squeezed for each in self._squeezed)

    def replace_in(self, text: str) -> str:
        """Return a text with the placeholder in place of the key; slow, so for texts alone that have it."""
        encoded = [_SEPARATORS.join(map(re.escape, each)) for each in self._encoded]
        written = "|".join((re.escape(self._key), *encoded))
        pattern = re.compile(rf"(?<!\w){written}(?!\w)" if len(self._key) < SHORTEST else written, re.IGNORECASE)
        return _replaced_where_escaped(pattern, pattern.sub(self._shown_as, text), self._shown_as)

    def hide_bytes(self, content: bytes) -> bytes:
        """Return bytes with the placeholder in place of the key."""
        # Large replies come here: bytes are lower-cased faster than text, and text is searched faster than bytes.
        lower = content.lower().decode("latin-1")
        is_plain = not self.is_in(lower) and not _may_have_escapes(lower)
        if is_plain and not (self.is_thorough and self.may_be_in(_squeezed(lower))):
            return content
        return self.hide(content.decode("latin-1")).encode("latin-1")


def hide_all(finders: Collection[Finder], text: str) -> str:
    """Return a text with the placeholder in place of the keys of some finders."""
    written = forms(text) if finders else [""]
    squeezed = _squeezed(written[-1]) if any(finder.is_thorough for finder in finders) else ""
    for finder in finders:
        if any(map(finder.is_in, written)) or finder.may_be_in(squeezed):
            text = finder.replace_in(text)
    return text


def forms(text: str) -> list[str]:
    """Return a text in lower case, as it is and without escapes."""
    # Once for all keys: a long text full of escapes takes a while.
    lower = text.lower()
    unescaped = _ESCAPE.sub(_meant, text).lower()
    return [lower] if unescaped == lower else [lower, unescaped]


def _squeezed(lower: str) -> str:
    """Return what of a text in lower case can be characters of a key, without what stands between them."""
    if "\\" in lower:
        lower = _ESCAPED_SEPARATOR.sub("", lower)
    return lower.encode(errors="surrogatepass").translate(None, _NO_CHARACTERS).decode()


def _encodings(key: bytes) -> Iterator[str]:
    """Yield a key in hexadecimal, and what of it in Base64 does not depend on the text around it."""
    yield key.hex()
    for encode in (b64encode, urlsafe_b64encode):
        for before in range(3):
            text = encode(bytes(before) + key + bytes(2)).decode()
            yield text[-(-before * 8 // 6) : (before + len(key)) * 8 // 6]


def _may_have_escapes(lower: str) -> bool:
    # Much faster than the pattern.
    return "%" in lower or "\\u00" in lower or "\\x" in lower or "&#" in lower or "\0" in lower


def _meant(escape: re.Match[str]) -> str:
    """Return the character that is written by its code."""
    json_, address, html, decimal = escape.groups()
    if decimal:
        return chr(int(decimal))
    code = json_ or address or html
    return chr(int(code, 16)) if code else ""


def _replaced_where_escaped(pattern: re.Pattern[str], text: str, by: str) -> str:
    """Return a text with another in place of what matches a pattern once escapes are read."""
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
        pieces += (text[end : starts[found.start()]], by)
        end = starts[found.end()]
    return "".join((*pieces, text[end:]))
