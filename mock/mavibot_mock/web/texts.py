"""The texts of the pages, one file a language, and which language a reader wants."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Languages by the name that each has in itself; the first is that of readers whose own is not among them.
LANGUAGES: Final = {"en": "English", "ru": "Русский"}

_FOLDER: Final = files("mavibot_mock.web") / "texts"


class Texts:
    """The texts of one language.

    Attributes:
        language: its code, such as `en`.
    """

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language: Final = language
        self._texts: Final = texts

    def __call__(self, name: str, /, **values: Any) -> str:
        """Return a text with values in the places that it has for them.

        Raises:
            KeyError: there is no such text, or a value is missing.
        """
        return self._texts[name].format(**values)


@cache
def texts(language: str) -> Texts:
    """Return the texts of one of the `LANGUAGES`."""
    found: dict[str, str] = yaml.safe_load((_FOLDER / f"{language}.yaml").read_bytes())
    return Texts(language, found)


def wanted_language(chosen: str | None, accepted: str) -> str:
    """Return the language for a reader.

    Args:
        chosen: what the reader chose before, if anything.
        accepted: the browser's header `Accept-Language`.
    """
    if chosen in LANGUAGES:
        return chosen
    ranges = sorted(map(_range, accepted.split(",")), reverse=True)
    return next((name for weight, name in ranges if weight > 0 and name in LANGUAGES), next(iter(LANGUAGES)))


def _range(text: str) -> tuple[float, str]:
    """Return weight and language of a part of `Accept-Language`, such as `ru-RU;q=0.8`."""
    name, _, weight = text.partition(";")
    try:
        return float(weight.strip().removeprefix("q=") or 1), name.strip().partition("-")[0].lower()
    except ValueError:
        return 0.0, ""
