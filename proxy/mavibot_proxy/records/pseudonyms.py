"""Pseudonyms: a value always gets the same one, in its own form, and nobody can tell the value from it."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from mavibot_contract.keys import PLACEHOLDER

_EMAIL: Final = re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}")
_PHONE: Final = re.compile(r"\+?[\d\s()-]{7,25}")
_URL: Final = re.compile(r"https?://\S+")
_EXTENSION: Final = re.compile(r"\.[a-z0-9]{1,5}(?=$|[?#])", re.IGNORECASE)
_DATE: Final = re.compile(
    r"((?P<d>\d\d)\.(?P<m>\d\d)\.(?P<y>\d{4})|(?P<Y>\d{4})-(?P<M>\d\d)-(?P<D>\d\d))(?P<time>[ T]\d\d:\d\d(:\d\d)?)?"
)
_DIGIT: Final = re.compile(r"\d")
#: Emails and numbers inside the text of a refusal, which otherwise says what is wrong. An email begins where a word
#: does: looked for from every character, a long word would take a time that grows with the square of its length.
EMAIL_INSIDE: Final = re.compile(r"(?<![^@\s'\"])[^@\s'\"]+@[^@\s'\"]+")
_TELLING: Final = re.compile(rf"{EMAIL_INSIDE.pattern}|\+?\d[\d\s()-]{{5,}}\d")
#: A word that could be a name.
_NAME: Final = re.compile(r"\b[A-ZА-ЯЁ][a-zа-яё]+\b")
#: Words with which servers begin a sentence; not names.
_WORDS: Final = frozenset(
    {
        *("access", "accepted", "action", "api", "authorization", "bad", "bot", "cannot", "client", "created", "deal"),
        *("denied", "error", "fail", "failed", "false", "forbidden", "found", "gateway", "internal", "invalid", "key"),
        *("limit", "list", "message", "method", "missing", "must", "no", "not", "ok", "order", "parameter"),
        *(
            "permission",
            "project",
            "rate",
            "request",
            "required",
            "server",
            "service",
            "state",
            "success",
            "the",
            "this",
        ),
        *("timeout", "token", "too", "true", "unauthorized", "unavailable", "unknown", "user", "value", "wrong", "you"),
    }
)
_BYTES_OF_A_SALT: Final = 16
_MOST_CACHED: Final = 4_096
_SHORTEST_PHONE: Final = 7

#: First letter and number of letters of the alphabets that keep their letters; others get Latin ones.
_ALPHABETS: Final = (("a", 26), ("A", 26), ("а", 32), ("А", 32))


class Pseudonyms:
    """Makes pseudonyms; those of two objects have nothing in common."""

    def __init__(self) -> None:
        self._salt: Final = secrets.token_bytes(_BYTES_OF_A_SALT)
        self._of_text: Final[Callable[[str], str]] = lru_cache(_MOST_CACHED)(self._make)

    def of(self, value: Any) -> Any:
        """Return the pseudonym of a JSON value; of a list or an object, one with pseudonyms of all its values."""
        match value:
            case str():
                return self._of_text(value)
            case bool() | None:
                return value
            case int() | float():
                return self._of_number(value)
            case list():
                return [self.of(each) for each in value]
            case dict():
                return {name: self.of(each) for name, each in value.items()}
            case _:
                raise TypeError(type(value).__name__)

    def in_text(self, text: str) -> str:
        """Return a text that tells what is wrong with pseudonyms for the addresses and long numbers in it."""
        return _TELLING.sub(lambda found: self._of_text(found[0]), text)

    def in_emails(self, text: str) -> str:
        """Return a text with pseudonyms for the e-mail addresses in it."""
        return EMAIL_INSIDE.sub(lambda found: self._of_text(found[0]), text)

    def in_words(self, text: str) -> str:
        """Return a text that tells what is wrong with pseudonyms for its names too: for words with a capital letter."""
        text = self.in_text(text)
        return _NAME.sub(lambda found: found[0] if found[0].lower() in _WORDS else self._of_text(found[0]), text)

    def _make(self, text: str) -> str:
        if not text or text.isspace():
            return text
        if PLACEHOLDER in text:
            return PLACEHOLDER.join(map(self._make, text.split(PLACEHOLDER)))
        if _EMAIL.fullmatch(text):
            return f"{self._letters(text.lower(), 8)}@example.com"
        if found := _DATE.fullmatch(text):
            return self._date(found)
        if _PHONE.fullmatch(text) and sum(map(str.isdigit, text)) >= _SHORTEST_PHONE:
            return self._phone(text)
        if _URL.fullmatch(text):
            extension = _EXTENSION.search(text)
            return f"https://files.example.com/{self._letters(text, 8)}{extension[0] if extension else ''}"
        if text[0] in "[{":
            try:
                return json.dumps(self.of(json.loads(text)), ensure_ascii=False)
            except (ValueError, RecursionError):
                pass
        return self._scrambled(text)

    def _bytes(self, value: str, size: int) -> bytes:
        return hashlib.shake_128(self._salt + value.encode("utf-8", "surrogatepass")).digest(size)

    def _letters(self, value: str, size: int) -> str:
        return "".join(chr(ord("a") + each % 26) for each in self._bytes(value, size))

    def _scrambled(self, text: str) -> str:
        return "".join(map(_like, text, self._bytes(text, len(text))))

    def _phone(self, text: str) -> str:
        """Return a number of the same notation that begins `X000`, as no real one does; all notations get the same."""
        digits = "".join(filter(str.isdigit, text))
        new = iter(digits[0] + "000" + "".join(str(each % 10) for each in self._bytes(digits, len(digits))))
        return _DIGIT.sub(lambda _: next(new), text)

    def _date(self, found: re.Match[str]) -> str:
        first, second, third = self._bytes(found[0], 3)
        day, month, year = f"{1 + first % 28:02}", f"{1 + second % 12:02}", f"{1950 + third % 70}"
        return (f"{day}.{month}.{year}" if found["d"] else f"{year}-{month}-{day}") + (found["time"] or "")

    def _of_number(self, value: float) -> float:
        if isinstance(value, float):
            return round(value * (1 + self._bytes(repr(value), 1)[0] / 256), 2)
        digits = str(abs(value))
        if len(digits) >= _SHORTEST_PHONE:
            new = self._phone(digits)
        else:
            first, *others = self._bytes(digits, len(digits))
            new = str(1 + first % 9) + "".join(str(each % 10) for each in others) if value else "0"
        return int(new) if value >= 0 else -int(new)


def _like(character: str, random: int) -> str:
    """Return a character of the same kind: a letter of the same alphabet and case for a letter, a digit for a digit."""
    if not character.isalnum():
        return character
    if character.isdigit():
        return str(random % 10)
    for first, size in _ALPHABETS:
        if 0 <= ord(character) - ord(first) < size:
            return chr(ord(first) + random % size)
    return chr(ord("A" if character.isupper() else "a") + random % 26)
