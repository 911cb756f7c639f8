"""Whether a text came back as it was sent."""

from __future__ import annotations

from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mavibot_conformance.rules.trial import Trial


def expect_kept(t: Trial, found: object, sent: str, what: str) -> None:
    """Fail the rule if a text has become another; note a missed SHOULD if it is merely written in another way.

    The document says what is sent and what is shown, but not that it is shown character for character: a server may
    write it for a page, in HTML's notation, or without the blanks around it.
    """
    is_written_otherwise = isinstance(found, str) and sent.strip() in (found.strip(), unescape(found).strip())
    t.should(found == sent or not is_written_otherwise, f"{what} to be {sent}", found)
    if not is_written_otherwise:
        t.equal(found, sent, what)
