"""Replaces API keys in everything that is shown or written."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from mavibot._secrets import PLACEHOLDER, Finder, hidden

__all__ = ["PLACEHOLDER", "Hiding"]

#: Keys of the last calls that are looked for in every text; callers can make up any number of them.
_MOST_KEYS: Final = 64
#: A shorter key, made up for a test server, could be any word: it is replaced in the address alone.
_SHORTEST: Final = 16


class Hiding:
    """Knows the keys of the last calls."""

    def __init__(self) -> None:
        self._finders: Final[OrderedDict[str, Finder]] = OrderedDict()
        #: A copy that a thread can go through meanwhile.
        self._all: tuple[Finder, ...] = ()

    def remember(self, key: str) -> None:
        """Hide a key from now on."""
        if key in self._finders:
            self._finders.move_to_end(key)
        elif len(key) >= _SHORTEST and key.isascii():
            self._finders[key] = Finder(key)
            if len(self._finders) > _MOST_KEYS:
                self._finders.popitem(last=False)
            self._all = tuple(self._finders.values())

    def text(self, text: str) -> str:
        """Return a text with the placeholder in place of every key, and of everything that looks like one."""
        for finder in self._all:
            text = finder.hide(text)
        return hidden(text)
