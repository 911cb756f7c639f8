"""How a call deviates from the contract: a note where that is tolerated, a refusal where it is not."""

from __future__ import annotations

import json
from typing import Final

_LONGEST_FIELD: Final = 60
_MOST: Final = 20
_LONGEST: Final = 200
#: Of a reply's headers many programs take 8 KB at most; ASCII needs 6 bytes for one Cyrillic letter.
_MOST_BYTES: Final = 3800
_MOST_REFUSED: Final = 5


class Deviation(str):
    """A deviation from the contract in words.

    Attributes:
        fix: what to send instead, where the text does not tell.
        refusal: what a strict project answers to it.
    """

    fix: str
    refusal: str

    def __new__(cls, field: str, problem: str, outcome: str = "", *, fix: str = "") -> Deviation:
        """Word a deviation; a long name is shortened, so that the problem survives the cut.

        Args:
            field: the parameter, or another part of the call.
            problem: what is unusual.
            outcome: what the mock makes of it, with the punctuation before it.
            fix: what to send instead, where the problem does not tell.
        """
        place = f"{shortened(field)}: {problem}"
        text = super().__new__(cls, place + outcome)
        text.fix = fix
        text.refusal = f"{place}; {fix}" if fix else place
        return text


class Deviations:
    """How one call deviates from the contract: the first deviations in words, and the number of all."""

    def __init__(self) -> None:
        self._first: Final[list[Deviation]] = []
        self._count = 0

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    def note(self, field: str, problem: str, outcome: str = "", *, fix: str = "") -> None:
        """Add a deviation; the arguments are those of `Deviation`."""
        self._count += 1
        if len(self._first) < _MOST:
            self._first.append(Deviation(field, problem, outcome, fix=fix))

    def refusal(self) -> str:
        """Return what a strict project says of the first deviations."""
        return "; ".join(each.refusal for each in self._first[:_MOST_REFUSED])

    def advice(self) -> list[str]:
        """Return the first texts, each with what to send instead."""
        return [each.refusal[:_LONGEST] for each in self._first[:_MOST_REFUSED]]

    def fixes(self) -> tuple[str, ...]:
        """Return what to send instead for the first deviations, in their order; empty where their texts tell."""
        return tuple([each.fix[:_LONGEST] for each in self._first])

    def shown(self) -> list[str]:
        """Return the first texts, none of them long: a careless call can depart from the contract in many ways."""
        kept: list[str] = []
        if not self._first:
            return kept
        size = 0
        for text in self._first:
            short = text[:_LONGEST]
            size += len(json.dumps(short)) + len(", ")
            if size > _MOST_BYTES:
                break
            kept.append(short)
        left = self._count - len(kept)
        return [*kept, f"and {left} more"] if left else kept


def shortened(name: str) -> str:
    """Return a name that the caller chose, short enough for a message."""
    return name if len(name) <= _LONGEST_FIELD else f"{name[:_LONGEST_FIELD]}…"
