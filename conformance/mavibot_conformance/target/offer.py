"""Which actions a server has: learnt from how it answers an action that none has."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol

import mavibot_contract
from mavibot_conformance.target.guard import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

#: What an unknown action may be answered with; the words are the platform's.
_STATUSES: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.NOT_IMPLEMENTED)
_WORDS: Final = "WRONG_ACTION"


class Answer(Protocol):
    """A reply to an action; an `Exchange` is one."""

    @property
    def action(self) -> str:
        """The action."""
        ...

    @property
    def status(self) -> int:
        """HTTP status."""
        ...

    @property
    def text(self) -> str:
        """The body."""
        ...


class NotOfferedError(Exception):
    """The server does not have this action; nothing was sent."""


class Offer:
    """What is known of the actions of a server.

    Attributes:
        missing: actions that it was found not to have, in the order in which they were called.
    """

    def __init__(self, actions: Collection[str] = ()) -> None:
        """Know nothing yet.

        Args:
            actions: the only actions that it is to be asked for; empty for all.
        """
        self.missing: Final[dict[str, None]] = {}
        self._chosen: Final = frozenset(actions)
        self._unknown: Answer | None = None

    def lacks(self, action: str) -> bool:
        """Return True if an action of the contract is not to be called here."""
        if action in self.missing:
            return True
        return bool(self._chosen) and action not in self._chosen and action in mavibot_contract.load().actions

    def check(self, action: str) -> None:
        """Refuse a call that can say nothing.

        Raises:
            NotOfferedError: the server does not have the action, or it is not among those that were chosen.
        """
        if self.lacks(action):
            raise NotOfferedError(f"the server does not offer {action}")

    def learn(self, answer: Answer, ask: Callable[[str], Answer]) -> None:
        """Remember an action as missing if it is answered as an unknown one.

        Args:
            answer: reply to an action that has never succeeded.
            ask: calls an action by GET, without parameters.
        """
        if answer.action in mavibot_contract.load().actions and _may_be_unknown(answer):
            self._unknown = self._unknown or ask(UNKNOWN)
            if answer.status == self._unknown.status and _words(answer) == _words(self._unknown):
                self.missing[answer.action] = None


def _may_be_unknown(answer: Answer) -> bool:
    is_page = answer.status == HTTPStatus.OK and answer.text.lstrip().startswith("<")
    return answer.status in _STATUSES or _WORDS in answer.text or is_page


def _words(answer: Answer) -> str:
    """Return a reply up to the name of its action: what follows may be advice about it."""
    return answer.text.partition(answer.action)[0]
