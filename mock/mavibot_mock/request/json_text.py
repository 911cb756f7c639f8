"""Reads JSON texts whose cost in time and memory is in proportion to their bytes."""

from __future__ import annotations

import re
from typing import Any, Final

import orjson

#: Journal and export show what was sent some levels deeper; and an export must be importable.
_LEVELS_AROUND: Final = 8
#: Parts of a kind that any text may have; a longer one may have more, by its bytes, since a list or
#: object takes 60 to 260 bytes of memory, a text 60 and a field of a form 300, however short it is.
_ANY: Final = 2_500
#: Bytes of a list or object in a long text, on average and at least.
BYTES_OF_A_CONTAINER: Final = 20
_BYTES_OF_A_TEXT: Final = 5
_JSON_TEXT: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
#: How deep the library writes.
_DEEPEST: Final = 254
_ONE_KIND: Final = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"[]{}"))


def load_json(
    text: str | bytes, *, levels: int = _LEVELS_AROUND, bytes_of_a_container: int = BYTES_OF_A_CONTAINER
) -> Any:
    """Return the document of a JSON text.

    Args:
        text: the text.
        levels: how many levels a reply may put around the document.
        bytes_of_a_container: how long a list or object is on average, at least, in a long text.

    Raises:
        ValueError: it is not JSON, has too many parts for its length, or is too deep for such a reply: the writer goes
            less deep than the reader.
    """
    raw = text.encode() if isinstance(text, str) else text
    containers = raw.count(b"{") + raw.count(b"[")
    if containers > _ANY or len(raw) > _ANY * _BYTES_OF_A_TEXT:
        _check_density(raw, containers, bytes_of_a_container)
    document = orjson.loads(raw)
    if containers > _DEEPEST - levels and _depth(raw) > _DEEPEST - levels:
        raise ValueError("is nested too deeply")
    return document


def most_parts(size: int, bytes_of_a_part: int) -> int:
    """Return how many parts of a kind a body or URL may have.

    Args:
        size: its bytes.
        bytes_of_a_part: how long such a part is on average, at least, in a long one.
    """
    return _ANY + size // bytes_of_a_part


def _check_density(raw: bytes, containers: int, bytes_of_a_container: int) -> None:
    most_containers, most_texts = most_parts(len(raw), bytes_of_a_container), most_parts(len(raw), _BYTES_OF_A_TEXT)
    if containers <= most_containers and raw.count(b'"') <= 2 * most_texts:
        return
    # It takes longer to tell brackets inside texts from others than to count all of them.
    texts = 0
    for found in _JSON_TEXT.finditer(raw):
        texts += 1
        begin, end = found.span()
        if end - begin > 2:
            containers -= raw.count(b"{", begin, end) + raw.count(b"[", begin, end)
    if containers > most_containers:
        raise ValueError(f"more than {most_containers} lists and objects are too many for its length")
    if texts > most_texts:
        raise ValueError(f"more than {most_texts} texts are too many for its length")


def _depth(raw: bytes) -> int:
    """Return how deep a JSON text is nested, up to a bound."""
    brackets = bytearray()
    end = 0
    for found in _JSON_TEXT.finditer(raw):
        brackets += raw[end : found.start()].translate(_ONE_KIND, _NO_BRACKETS)
        end = found.end()
    brackets += raw[end:].translate(_ONE_KIND, _NO_BRACKETS)
    depth = 0
    while brackets and depth <= _DEEPEST:
        brackets = brackets.replace(b"[]", b"")
        depth += 1
    return depth
