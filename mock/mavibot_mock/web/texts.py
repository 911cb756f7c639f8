"""The texts of the pages, one file per language, and which language a reader wants."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Languages by the name that each has in itself; the first is that of readers whose own is not among them.
LANGUAGES: Final = {"en": "English", "ru": "Русский"}

_FOLDER: Final = files("mavibot_mock.web") / "texts"
#: Where a file of texts has the mock's own messages, by their English wording.
_SAID: Final = "said"
#: A placeholder of a message; the names of fields before a message; what stands between two messages.
_PLACE: Final = re.compile(r"\{(\w+)\}")
_FIELDS: Final = re.compile(r"[^\s:;]+(?:, [^\s:;]+)*: ")
_BETWEEN: Final = "; "
#: Longer messages, and those of more parts, are shown as they are.
_LONGEST: Final = 2000
_MOST_PARTS: Final = 20


class Texts:
    """The texts of one language.

    Attributes:
        language: its code, such as `en`.
    """

    def __init__(self, language: str, texts: Mapping[str, str], said: Mapping[str, str]) -> None:
        """Take the texts of a language.

        Args:
            language: its code.
            texts: each by its name.
            said: messages of the mock by their English wording.
        """
        self.language: Final = language
        self._texts: Final = texts
        self._said: Final = [(_pattern(message), wording) for message, wording in said.items()]

    def __call__(self, name: str, /, **values: Any) -> str:
        """Return a text with values in the places that it has for them.

        Raises:
            KeyError: there is no such text, or a value is missing.
        """
        return self._texts[name].format(**values)

    def said(self, message: str) -> str:
        """Return a message of the mock, such as a refusal, in this language; what is not known stays as it is.

        Args:
            message: one or several messages joined by `; `, each after the field that it is about, if any.
        """
        parts = message.split(_BETWEEN)
        if not self._said or len(message) > _LONGEST or len(parts) > _MOST_PARTS:
            return message
        return _BETWEEN.join(self._worded(parts))

    def _worded(self, parts: Sequence[str]) -> list[str]:
        """Return messages of which each may have been split, since many hold a semicolon themselves."""
        worded = []
        while parts:
            ends = range(len(parts), 0, -1)
            found = ((end, self._wording(_BETWEEN.join(parts[:end]))) for end in ends)
            end, text = next(((end, text) for end, text in found if text is not None), (1, parts[0]))
            worded.append(text)
            parts = parts[end:]
        return worded

    def _wording(self, message: str) -> str | None:
        for pattern, wording in self._said:
            if found := pattern.fullmatch(message):
                return wording.format(**found.groupdict())
        field = _FIELDS.match(message)
        rest = None if field is None else self._wording(message[field.end() :])
        return None if field is None or rest is None else field[0] + rest


def _pattern(message: str) -> re.Pattern[str]:
    """Return what recognizes a message, whatever its placeholders hold."""
    parts = _PLACE.split(message)
    return re.compile(
        "".join(f"(?P<{part}>(?:(?!; ).)+)" if place % 2 else re.escape(part) for place, part in enumerate(parts)),
        re.DOTALL,
    )


@cache
def texts(language: str) -> Texts:
    """Return the texts of one of the `LANGUAGES`."""
    found: dict[str, Any] = yaml.safe_load((_FOLDER / f"{language}.yaml").read_bytes())
    said = found.pop(_SAID, {})
    return Texts(language, found, said)


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
