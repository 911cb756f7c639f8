"""A body as a shell takes it."""

from __future__ import annotations

import re
import shlex
from typing import Final

#: What a body repeats, how much of it makes a command unreadable, and how far into a body it is looked for.
_REPEATED: Final = re.compile(r"(.{1,12}?)\1{9,}", re.DOTALL)
_LONG_REPETITION: Final = 500
_LONGEST_SEARCHED: Final = 200_000


def quoted(text: str) -> str:
    """Return a text for a shell; one that repeats itself at length as a command of Python that writes it."""
    pieces, place = [], 0
    for found in _REPEATED.finditer(text[:_LONGEST_SEARCHED]):
        if len(found[0]) >= _LONG_REPETITION:
            pieces += [repr(text[place : found.start()]), f"{found[1]!r} * {len(found[0]) // len(found[1])}"]
            place = found.end()
    if not place:
        return shlex.quote(text)
    pieces.append(repr(text[place:]))
    program = f"import sys; sys.stdout.write({' + '.join(each for each in pieces if each != repr(''))})"
    return f'"$(python3 -c {shlex.quote(program)})"'
