"""Replaces API keys in everything that is shown or written."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final
from urllib.parse import quote

import mavibot_contract
from mavibot._secrets import hidden
from mavibot_contract.keys import PLACEHOLDER, SHORTEST, Finder, hide_all

__all__ = ["PLACEHOLDER", "Hiding"]

#: Keys of the last calls that are looked for in every text; callers can make up any number of them.
_MOST_KEYS: Final = 64
#: Names of the contract: what stands in the place of a key by mistake is no secret.
_NAMES: Final = {
    PLACEHOLDER,
    *(mavibot_contract.load().actions),
    *(
        name
        for operations in mavibot_contract.load().actions.values()
        for operation in operations.values()
        for name in operation.schema["properties"]
    ),
}


class Hiding:
    """Knows the keys of the last calls."""

    def __init__(self) -> None:
        self._finders: Final[OrderedDict[str, tuple[Finder, ...]]] = OrderedDict()
        #: A copy that a thread can go through meanwhile.
        self._all: tuple[Finder, ...] = ()

    def remember(self, key: str) -> None:
        """Hide a key from now on, in every spelling and encoding, whatever its length."""
        if key in self._finders:
            self._finders.move_to_end(key)
        elif key and key not in _NAMES and not (len(key) < SHORTEST and key.isdecimal()):
            self._finders[key] = tuple(
                Finder(each, encoded=True) for each in dict.fromkeys([key, key if key.isascii() else quote(key)])
            )
            if len(self._finders) > _MOST_KEYS:
                self._finders.popitem(last=False)
            self._all = tuple(finder for finders in self._finders.values() for finder in finders)

    def data(self, data: Any) -> Any:
        """Return JSON data with the placeholder in place of every key, in names, texts and numbers."""
        match data:
            case str():
                return self.text(data)
            case dict():
                return {self.text(name): self.data(value) for name, value in data.items()}
            case list():
                return [self.data(each) for each in data]
            case bool() | None:
                return data
            case _:
                return data if self.text(str(data)) == str(data) else PLACEHOLDER

    def text(self, text: str) -> str:
        """Return a text with the placeholder in place of every key, and of everything that looks like one."""
        return hidden(hide_all(self._all, text))
