"""Which actions a server has: learnt from how it answers an action that none has."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol

import mavibot_contract
from mavibot_conformance.target.guard import UNKNOWN
from mavibot_conformance.target.profile import FULL

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

#: HTTP statuses that say so themselves; a redirect leads elsewhere.
_STATUSES: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE, HTTPStatus.NOT_IMPLEMENTED)
#: The platform's own words and those of others.
_WORDS: Final = re.compile(
    r"WRONG_ACTION|unknown|no such|not found|not exist|not (yet )?(implemented|supported)|unsupported|invalid action",
    re.IGNORECASE,
)
#: Who says that there is no such action does so within as many characters.
_READ: Final = 10_000
#: What differs between two replies of the same meaning: ids of requests, times, counters.
#: Sought where a word begins alone; from each of its letters on, a long one would take time by its length squared.
_CHANGING: Final = re.compile(r"(?<![\w-])[\w-]*\d[\w-]*")


class Answer(Protocol):
    """A reply to an action; an `Exchange` is one."""

    @property
    def action(self) -> str:
        """The action."""
        ...

    @property
    def key(self) -> str:
        """Name of the key in the profile."""
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

    def lack(self, action: str) -> str:
        """Return why an action that it lacks is not called."""
        return not_offered(action) if action in self.missing else left_out(action)

    def check(self, action: str) -> None:
        """Refuse a call that can say nothing.

        Raises:
            NotOfferedError: the server does not have the action, or it is not among those that were chosen.
        """
        if self.lacks(action):
            raise NotOfferedError(self.lack(action))

    def learn(self, answer: Answer, ask: Callable[[str], Answer]) -> None:
        """Remember an action as missing if it is answered as an unknown one, and the reply says so.

        Args:
            answer: reply to an action that has never succeeded.
            ask: calls an action by GET, without parameters.
        """
        action, says_so = answer.action, _says_so(answer)
        if action not in mavibot_contract.load().actions or not (says_so or action in answer.text[:_READ]):
            return
        if self.is_unknown(answer, ask) and (says_so or UNKNOWN in self.unknown(ask).text):
            self.missing[action] = None

    def is_unknown(self, answer: Answer, ask: Callable[[str], Answer]) -> bool:
        """Return True if an action is answered as an unknown one is.

        Args:
            answer: reply to an action.
            ask: calls an action by GET, without parameters.
        """
        unknown = self.unknown(ask)
        before, name, _advice = unknown.text.partition(UNKNOWN)
        expected, text = _plain(before + answer.action if name else unknown.text), _plain(answer.text)
        return answer.status == unknown.status and (text.startswith(expected) if name else text == expected)

    def unknown(self, ask: Callable[[str], Answer]) -> Answer:
        """Return the reply to an action that no server has, which is asked for once.

        Args:
            ask: calls an action by GET, without parameters.
        """
        self._unknown = self._unknown or ask(UNKNOWN)
        return self._unknown


def not_offered(action: str) -> str:
    """Return why a rule about an action is out of scope."""
    return f"the server does not offer {action}"


def left_out(action: str) -> str:
    """Return why a rule about an action is out of scope that the user does not name among the only ones to call."""
    return f"--actions leaves out {action}"


def _says_so(answer: Answer) -> bool:
    """Return True if a reply may say that there is no such action: that to a bad call may read as an unknown one's."""
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS):
        return False  # that is about the key, or about the time
    if answer.status == HTTPStatus.FORBIDDEN:
        return answer.key == FULL
    is_elsewhere = HTTPStatus.MULTIPLE_CHOICES <= answer.status < HTTPStatus.BAD_REQUEST
    is_page_or_empty = answer.text[:_READ].strip()[:1] in ("", "<")
    return answer.status in _STATUSES or is_elsewhere or is_page_or_empty or bool(_WORDS.search(answer.text[:_READ]))


def _plain(text: str) -> str:
    """Return a reply without what differs from one call to the next."""
    return _CHANGING.sub("0", text[:_READ])
