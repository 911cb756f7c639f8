"""What is noted of a call, in words: the same on the terminal and to whoever reads a record."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def on_the_way(*, kept_back: str | None, trouble: str | None, abandoned: bool) -> list[str]:
    """Return what kept a call or its reply from passing."""
    return _given(kept_back or trouble, "given up by the caller" if abandoned else None)


def departures(*, refusal: str | None, deviations: Iterable[str], unknown_reply: str | None) -> list[str]:
    """Return where a call and its reply deviate from the contract."""
    return _given(
        refusal and f"breaks the contract: {refusal}",
        *deviations,
        unknown_reply and f"the contract does not know this reply: {unknown_reply}",
    )


def failed(failure: str | None) -> list[str]:
    """Return what a reply with the status 2xx says of a failure."""
    return _given(failure and f"failed: {failure}")


def _given(*notes: str | None) -> list[str]:
    return [note for note in notes if note]
